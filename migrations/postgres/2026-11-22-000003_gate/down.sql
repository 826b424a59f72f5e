DROP TABLE condemned_tags;
DROP TABLE marked_addresses;
DROP TABLE list_proofs;
DROP TABLE list_releases;
DROP TABLE list_decisions;
DROP TABLE list_segments;
DROP TABLE list_checks;
DROP TABLE list_sources;
