-- The ground floor: keys, who acts, what is kept, what was consented, and the ledger of it all.
-- Times are microseconds of UTC since 1970; ids are UUIDv7 in 16 bytes; every primary key starts with the column that a
-- sharded PostgreSQL would distribute the table by, and no constraint spans two such columns.

CREATE TABLE vault (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    vault_id BLOB NOT NULL CHECK (length(vault_id) = 16),
    ledger_vkey TEXT NOT NULL,
    created_us INTEGER NOT NULL
) STRICT;

-- Keys of the whole vault, each wrapped by the root key.
CREATE TABLE vault_keys (
    name TEXT NOT NULL,
    generation INTEGER NOT NULL,
    wrapped BLOB NOT NULL,
    PRIMARY KEY (name, generation)
) STRICT;

CREATE TABLE controllers (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name TEXT NOT NULL UNIQUE,
    country TEXT NOT NULL,
    email TEXT,
    created_us INTEGER NOT NULL
) STRICT;

-- Keys of one controller, each wrapped by the root key. A master key has one row for each generation still in use.
CREATE TABLE controller_keys (
    controller_id BLOB NOT NULL REFERENCES controllers (id),
    name TEXT NOT NULL,
    generation INTEGER NOT NULL,
    wrapped BLOB NOT NULL,
    created_us INTEGER NOT NULL,
    PRIMARY KEY (controller_id, name, generation)
) STRICT;

-- Progress of a master key's rotation: contacts up to `done_through` are sealed under `to_generation`.
CREATE TABLE key_rotations (
    controller_id BLOB NOT NULL REFERENCES controllers (id),
    to_generation INTEGER NOT NULL,
    done_through BLOB,
    resealed INTEGER NOT NULL,
    started_us INTEGER NOT NULL,
    finished_us INTEGER,
    PRIMARY KEY (controller_id, to_generation)
) STRICT;

CREATE TABLE accounts (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    name TEXT NOT NULL UNIQUE,
    created_us INTEGER NOT NULL
) STRICT;

-- A role for one controller; for the whole vault where controller_id is 16 zero bytes.
CREATE TABLE account_grants (
    account_id BLOB NOT NULL REFERENCES accounts (id),
    controller_id BLOB NOT NULL CHECK (length(controller_id) = 16),
    role TEXT NOT NULL,
    PRIMARY KEY (account_id, controller_id, role)
) STRICT;

CREATE TABLE purposes (
    controller_id BLOB NOT NULL REFERENCES controllers (id),
    id BLOB NOT NULL CHECK (length(id) = 16),
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    dpv_iri TEXT NOT NULL,
    basis TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    PRIMARY KEY (controller_id, id),
    UNIQUE (controller_id, name)
) STRICT;

-- A notice is known by the SHA-256 of its exact text, so that no version can be edited afterwards.
CREATE TABLE notices (
    controller_id BLOB NOT NULL REFERENCES controllers (id),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    body TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    PRIMARY KEY (controller_id, hash)
) STRICT;

-- Where contacts came from. The sentence may name people, so it is sealed under the controller's record key.
CREATE TABLE provenances (
    controller_id BLOB NOT NULL REFERENCES controllers (id),
    id BLOB NOT NULL CHECK (length(id) = 16),
    kind TEXT NOT NULL,
    sealed BLOB NOT NULL,
    brought_by BLOB NOT NULL,
    at_us INTEGER NOT NULL,
    PRIMARY KEY (controller_id, id)
) STRICT;

-- Controllers are never deleted, and without one's key no card can be sealed: no foreign key, which PostgreSQL would look up for every row.
-- `addressed_us` is when a contact last gained an e-mail address, or came in.
CREATE TABLE contacts (
    controller_id BLOB NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 16),
    provenance_id BLOB NOT NULL CHECK (length(provenance_id) = 16),
    key_generation INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    added_us INTEGER NOT NULL,
    changed_us INTEGER NOT NULL,
    addressed_us INTEGER NOT NULL,
    sealed_card BLOB NOT NULL,
    PRIMARY KEY (controller_id, id)
) STRICT;

-- The 16 bytes without which a contact cannot be opened. Shredding overwrites them with zeros and leaves the row. Rows
-- are appended, are all of one length and are never deleted, so SQLite never moves one and leaves no copy of a salt in
-- the unused part of a page (docs/decisions/0006-shredding-in-place.md): add no column here that changes its length.
CREATE TABLE contact_salts (
    controller_id BLOB NOT NULL,
    contact_id BLOB NOT NULL CHECK (length(contact_id) = 16),
    salt BLOB NOT NULL CHECK (length(salt) = 16),
    PRIMARY KEY (controller_id, contact_id)
) STRICT;

-- Whose salt was shredded, and when: what accounts for its absence from a backup.
CREATE TABLE shredded_contacts (
    controller_id BLOB NOT NULL,
    contact_id BLOB NOT NULL CHECK (length(contact_id) = 16),
    shredded_us INTEGER NOT NULL,
    PRIMARY KEY (controller_id, contact_id)
) STRICT;

-- One contact for each e-mail address of a controller.
CREATE TABLE contact_emails (
    controller_id BLOB NOT NULL,
    tag BLOB NOT NULL CHECK (length(tag) = 16),
    contact_id BLOB NOT NULL,
    overlap_tag BLOB NOT NULL CHECK (length(overlap_tag) = 16),
    PRIMARY KEY (controller_id, tag)
) STRICT, WITHOUT ROWID;

-- Tags by which a contact is found: phone numbers, words of names and organisations, domains.
CREATE TABLE contact_tags (
    controller_id BLOB NOT NULL,
    field INTEGER NOT NULL,
    tag BLOB NOT NULL CHECK (length(tag) = 16),
    contact_id BLOB NOT NULL,
    PRIMARY KEY (controller_id, field, tag, contact_id)
) STRICT, WITHOUT ROWID;

-- Which tags a contact has, so that they go with it: 17 bytes each, the number of the field and the tag. In the order of
-- the contacts, where indexes of the two tables above by contact would be written at random.
CREATE TABLE contact_tag_lists (
    controller_id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    part INTEGER NOT NULL,
    tags BLOB NOT NULL,
    PRIMARY KEY (controller_id, contact_id, part)
) STRICT, WITHOUT ROWID;

-- A card that came in another format keeps its bytes until somebody edits it.
CREATE TABLE contact_originals (
    controller_id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    media_type TEXT NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (controller_id, contact_id)
) STRICT;

-- What was agreed or refused, one row an event, never changed. The clear columns are bound to the sealed evidence as
-- its associated data, so that an edited row no longer opens.
CREATE TABLE consent_events (
    controller_id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 16),
    purpose_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    authority TEXT NOT NULL,
    at_us INTEGER,
    recorded_us INTEGER NOT NULL,
    notice_hash BLOB,
    entry_id BLOB NOT NULL,
    sealed_evidence BLOB NOT NULL,
    PRIMARY KEY (controller_id, contact_id, id)
) STRICT, WITHOUT ROWID;

-- Who must never be contacted again, by a tag that outlives the contact. purpose_id is 16 zero bytes for every purpose.
CREATE TABLE suppressions (
    controller_id BLOB NOT NULL REFERENCES controllers (id),
    tag BLOB NOT NULL CHECK (length(tag) = 16),
    purpose_id BLOB NOT NULL CHECK (length(purpose_id) = 16),
    cause TEXT NOT NULL,
    at_us INTEGER NOT NULL,
    PRIMARY KEY (controller_id, tag, purpose_id)
) STRICT;

CREATE TABLE lists (
    controller_id BLOB NOT NULL REFERENCES controllers (id),
    id BLOB NOT NULL CHECK (length(id) = 16),
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    provenance_id BLOB NOT NULL,
    owner_id BLOB NOT NULL,
    created_us INTEGER NOT NULL,
    PRIMARY KEY (controller_id, id),
    UNIQUE (controller_id, name)
) STRICT;

-- A controller has few lists, so that a contact is looked for in each of them; an index by contact would be written for
-- every contact of an import.
CREATE TABLE list_members (
    controller_id BLOB NOT NULL,
    list_id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    PRIMARY KEY (controller_id, list_id, contact_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE recipients (
    controller_id BLOB NOT NULL REFERENCES controllers (id),
    id BLOB NOT NULL CHECK (length(id) = 16),
    name TEXT NOT NULL,
    country TEXT NOT NULL,
    parent_country TEXT NOT NULL,
    created_us INTEGER NOT NULL,
    PRIMARY KEY (controller_id, id),
    UNIQUE (controller_id, name)
) STRICT;

-- The ledger: one leaf an entry, in the order of the tree.
CREATE TABLE ledger_entries (
    idx INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    body BLOB NOT NULL,
    leaf_hash BLOB NOT NULL CHECK (length(leaf_hash) = 32)
) STRICT;

-- Entries that are committed and wait for the sequencer to give them an index.
CREATE TABLE ledger_queue (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    body BLOB NOT NULL
) STRICT;

-- Roots of the full subtrees of 256^level leaves.
CREATE TABLE ledger_nodes (
    level INTEGER NOT NULL,
    idx INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, idx)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger_head (
    id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    size INTEGER NOT NULL,
    frontier BLOB NOT NULL,
    checkpoint TEXT NOT NULL
) STRICT;

-- What an entry does not say in clear: sealed under the contact's key, or the vault's where there is no contact
-- (then controller_id and contact_id are 16 zero bytes).
CREATE TABLE ledger_details (
    controller_id BLOB NOT NULL CHECK (length(controller_id) = 16),
    entry_id BLOB NOT NULL CHECK (length(entry_id) = 16),
    contact_id BLOB NOT NULL CHECK (length(contact_id) = 16),
    sealed BLOB NOT NULL,
    PRIMARY KEY (controller_id, entry_id)
) STRICT;
CREATE INDEX ledger_details_by_contact ON ledger_details (controller_id, contact_id);
