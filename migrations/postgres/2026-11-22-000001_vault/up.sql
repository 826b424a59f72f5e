-- The ground floor: keys, who acts, what is kept, what was consented, and the ledger of it all.
-- Times are microseconds of UTC since 1970; ids are UUIDv7 in 16 bytes; every primary key starts with the column that a
-- sharded PostgreSQL would distribute the table by, and no constraint spans two such columns.

CREATE TABLE vault (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    vault_id BYTEA NOT NULL CHECK (length(vault_id) = 16),
    ledger_vkey TEXT NOT NULL,
    created_us BIGINT NOT NULL
);

-- Keys of the whole vault, each wrapped by the root key.
CREATE TABLE vault_keys (
    name TEXT NOT NULL,
    generation BIGINT NOT NULL,
    wrapped BYTEA NOT NULL,
    PRIMARY KEY (name, generation)
);

CREATE TABLE controllers (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name TEXT NOT NULL UNIQUE,
    country TEXT NOT NULL,
    email TEXT,
    created_us BIGINT NOT NULL
);

-- Keys of one controller, each wrapped by the root key. A master key has one row for each generation still in use.
CREATE TABLE controller_keys (
    controller_id BYTEA NOT NULL REFERENCES controllers (id),
    name TEXT NOT NULL,
    generation BIGINT NOT NULL,
    wrapped BYTEA NOT NULL,
    created_us BIGINT NOT NULL,
    PRIMARY KEY (controller_id, name, generation)
);

-- Progress of a master key's rotation: contacts up to `done_through` are sealed under `to_generation`.
CREATE TABLE key_rotations (
    controller_id BYTEA NOT NULL REFERENCES controllers (id),
    to_generation BIGINT NOT NULL,
    done_through BYTEA,
    resealed BIGINT NOT NULL,
    started_us BIGINT NOT NULL,
    finished_us BIGINT,
    PRIMARY KEY (controller_id, to_generation)
);

CREATE TABLE accounts (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name TEXT NOT NULL UNIQUE,
    created_us BIGINT NOT NULL
);

-- A role for one controller; for the whole vault where controller_id is 16 zero bytes.
CREATE TABLE account_grants (
    account_id BYTEA NOT NULL REFERENCES accounts (id),
    controller_id BYTEA NOT NULL CHECK (length(controller_id) = 16),
    role TEXT NOT NULL,
    PRIMARY KEY (account_id, controller_id, role)
);

CREATE TABLE purposes (
    controller_id BYTEA NOT NULL REFERENCES controllers (id),
    id BYTEA NOT NULL CHECK (length(id) = 16),
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    dpv_iri TEXT NOT NULL,
    basis TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    PRIMARY KEY (controller_id, id),
    UNIQUE (controller_id, name)
);

-- A notice is known by the SHA-256 of its exact text, so that no version can be edited afterwards.
CREATE TABLE notices (
    controller_id BYTEA NOT NULL REFERENCES controllers (id),
    hash BYTEA NOT NULL CHECK (length(hash) = 32),
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    body TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    PRIMARY KEY (controller_id, hash)
);

-- Where contacts came from. The sentence may name people, so it is sealed under the controller's record key.
CREATE TABLE provenances (
    controller_id BYTEA NOT NULL REFERENCES controllers (id),
    id BYTEA NOT NULL CHECK (length(id) = 16),
    kind TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    brought_by BYTEA NOT NULL,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (controller_id, id)
);

-- Controllers are never deleted, and without one's key no card can be sealed: no foreign key, which PostgreSQL would look up for every row.
-- `addressed_us` is when a contact last gained an e-mail address, or came in.
CREATE TABLE contacts (
    controller_id BYTEA NOT NULL,
    id BYTEA NOT NULL CHECK (length(id) = 16),
    provenance_id BYTEA NOT NULL CHECK (length(provenance_id) = 16),
    key_generation BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    added_us BIGINT NOT NULL,
    changed_us BIGINT NOT NULL,
    addressed_us BIGINT NOT NULL,
    sealed_card BYTEA NOT NULL,
    PRIMARY KEY (controller_id, id)
);

-- The 16 bytes without which a contact cannot be opened. Shredding overwrites them with zeros and leaves the row. Rows
-- are appended, are all of one length and are never deleted, so SQLite never moves one and leaves no copy of a salt in
-- the unused part of a page (docs/decisions/0006-shredding-in-place.md): add no column here that changes its length.
CREATE TABLE contact_salts (
    controller_id BYTEA NOT NULL,
    contact_id BYTEA NOT NULL CHECK (length(contact_id) = 16),
    salt BYTEA NOT NULL CHECK (length(salt) = 16),
    PRIMARY KEY (controller_id, contact_id)
);

-- Whose salt was shredded, and when: what accounts for its absence from a backup.
CREATE TABLE shredded_contacts (
    controller_id BYTEA NOT NULL,
    contact_id BYTEA NOT NULL CHECK (length(contact_id) = 16),
    shredded_us BIGINT NOT NULL,
    PRIMARY KEY (controller_id, contact_id)
);

-- One contact for each e-mail address of a controller.
CREATE TABLE contact_emails (
    controller_id BYTEA NOT NULL,
    tag BYTEA NOT NULL CHECK (length(tag) = 16),
    contact_id BYTEA NOT NULL,
    overlap_tag BYTEA NOT NULL CHECK (length(overlap_tag) = 16),
    PRIMARY KEY (controller_id, tag)
);

-- Tags by which a contact is found: phone numbers, words of names and organisations, domains.
CREATE TABLE contact_tags (
    controller_id BYTEA NOT NULL,
    field BIGINT NOT NULL,
    tag BYTEA NOT NULL CHECK (length(tag) = 16),
    contact_id BYTEA NOT NULL,
    PRIMARY KEY (controller_id, field, tag, contact_id)
);

-- Which tags a contact has, so that they go with it: 17 bytes each, the number of the field and the tag. In the order of
-- the contacts, where indexes of the two tables above by contact would be written at random.
CREATE TABLE contact_tag_lists (
    controller_id BYTEA NOT NULL,
    contact_id BYTEA NOT NULL,
    part BIGINT NOT NULL,
    tags BYTEA NOT NULL,
    PRIMARY KEY (controller_id, contact_id, part)
);

-- A card that came in another format keeps its bytes until somebody edits it.
CREATE TABLE contact_originals (
    controller_id BYTEA NOT NULL,
    contact_id BYTEA NOT NULL,
    media_type TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (controller_id, contact_id)
);

-- What was agreed or refused, one row an event, never changed. The clear columns are bound to the sealed evidence as
-- its associated data, so that an edited row no longer opens.
CREATE TABLE consent_events (
    controller_id BYTEA NOT NULL,
    contact_id BYTEA NOT NULL,
    id BYTEA NOT NULL CHECK (length(id) = 16),
    purpose_id BYTEA NOT NULL,
    kind TEXT NOT NULL,
    authority TEXT NOT NULL,
    at_us BIGINT,
    recorded_us BIGINT NOT NULL,
    notice_hash BYTEA,
    entry_id BYTEA NOT NULL,
    sealed_evidence BYTEA NOT NULL,
    PRIMARY KEY (controller_id, contact_id, id)
);

-- Who must never be contacted again, by a tag that outlives the contact. purpose_id is 16 zero bytes for every purpose.
CREATE TABLE suppressions (
    controller_id BYTEA NOT NULL REFERENCES controllers (id),
    tag BYTEA NOT NULL CHECK (length(tag) = 16),
    purpose_id BYTEA NOT NULL CHECK (length(purpose_id) = 16),
    cause TEXT NOT NULL,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (controller_id, tag, purpose_id)
);

CREATE TABLE lists (
    controller_id BYTEA NOT NULL REFERENCES controllers (id),
    id BYTEA NOT NULL CHECK (length(id) = 16),
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    provenance_id BYTEA NOT NULL,
    owner_id BYTEA NOT NULL,
    created_us BIGINT NOT NULL,
    PRIMARY KEY (controller_id, id),
    UNIQUE (controller_id, name)
);

-- A controller has few lists, so that a contact is looked for in each of them; an index by contact would be written for
-- every contact of an import.
CREATE TABLE list_members (
    controller_id BYTEA NOT NULL,
    list_id BYTEA NOT NULL,
    contact_id BYTEA NOT NULL,
    PRIMARY KEY (controller_id, list_id, contact_id)
);

CREATE TABLE recipients (
    controller_id BYTEA NOT NULL REFERENCES controllers (id),
    id BYTEA NOT NULL CHECK (length(id) = 16),
    name TEXT NOT NULL,
    country TEXT NOT NULL,
    parent_country TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    PRIMARY KEY (controller_id, id),
    UNIQUE (controller_id, name)
);

-- The ledger: one leaf an entry, in the order of the tree.
CREATE TABLE ledger_entries (
    idx BIGINT NOT NULL PRIMARY KEY,
    id BYTEA NOT NULL UNIQUE CHECK (length(id) = 16),
    body BYTEA NOT NULL,
    leaf_hash BYTEA NOT NULL CHECK (length(leaf_hash) = 32)
);

-- Entries that are committed and wait for the sequencer to give them an index.
CREATE TABLE ledger_queue (
    id BYTEA NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    body BYTEA NOT NULL
);

-- Roots of the full subtrees of 256^level leaves.
CREATE TABLE ledger_nodes (
    level BIGINT NOT NULL,
    idx BIGINT NOT NULL,
    hash BYTEA NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, idx)
);

CREATE TABLE ledger_head (
    id BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    size BIGINT NOT NULL,
    frontier BYTEA NOT NULL,
    checkpoint TEXT NOT NULL
);

-- What an entry does not say in clear: sealed under the contact's key, or the vault's where there is no contact
-- (then controller_id and contact_id are 16 zero bytes).
CREATE TABLE ledger_details (
    controller_id BYTEA NOT NULL CHECK (length(controller_id) = 16),
    entry_id BYTEA NOT NULL CHECK (length(entry_id) = 16),
    contact_id BYTEA NOT NULL CHECK (length(contact_id) = 16),
    sealed BYTEA NOT NULL,
    PRIMARY KEY (controller_id, entry_id)
);
CREATE INDEX ledger_details_by_contact ON ledger_details (controller_id, contact_id);
