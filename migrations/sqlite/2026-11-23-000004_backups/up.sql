-- Backups: where they are kept, and what is known of each.

-- Folder and password are sealed under the vault's key, which vouches for all that is clear.
CREATE TABLE backup_sites (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name TEXT NOT NULL UNIQUE,
    country TEXT NOT NULL,
    parent_country TEXT NOT NULL,
    sealed BLOB NOT NULL,
    created_us INTEGER NOT NULL
) STRICT;

-- A snapshot of one half of the vault at a site: its rows, or the keyring. `contacts` counts what it holds, cards or salts;
-- `lost` counts salts that are gone though nobody was erased. `sealed` holds why it failed, if it did, and vouches for all that
-- is clear.
CREATE TABLE backup_snapshots (
    site_id BLOB NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 32),
    content TEXT NOT NULL,
    state TEXT NOT NULL,
    taken_us INTEGER NOT NULL,
    contacts INTEGER NOT NULL,
    lost INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    added INTEGER NOT NULL,
    proven_us INTEGER,
    sealed BLOB NOT NULL,
    PRIMARY KEY (site_id, id)
) STRICT;

-- A restore that has not ended: nobody may open the vault before it has.
CREATE TABLE restorations (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    began_us INTEGER NOT NULL
) STRICT;
