DROP TABLE tag_runs;
DROP TABLE ledger_bulks;
DROP TABLE import_changes;
DROP TABLE imports;
