DROP TABLE restorations;
DROP TABLE backup_snapshots;
DROP TABLE backup_sites;
