-- Backups: where they are kept, and what is known of each.

-- Folder and password are sealed under the vault's key, which vouches for all that is clear.
CREATE TABLE backup_sites (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name TEXT NOT NULL UNIQUE,
    country TEXT NOT NULL,
    parent_country TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    created_us BIGINT NOT NULL
);

-- A snapshot of one half of the vault at a site: its rows, or the keyring. `contacts` counts what it holds, cards or salts;
-- `lost` counts salts that are gone though nobody was erased. `sealed` holds why it failed, if it did, and vouches for all that
-- is clear.
CREATE TABLE backup_snapshots (
    site_id BYTEA NOT NULL,
    id BYTEA NOT NULL CHECK (length(id) = 32),
    content TEXT NOT NULL,
    state TEXT NOT NULL,
    taken_us BIGINT NOT NULL,
    contacts BIGINT NOT NULL,
    lost BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    added BIGINT NOT NULL,
    proven_us BIGINT,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (site_id, id)
);

-- A restore that has not ended: nobody may open the vault before it has.
CREATE TABLE restorations (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    began_us BIGINT NOT NULL
);
