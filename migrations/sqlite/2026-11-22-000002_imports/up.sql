-- Lists come in: what an import is, how far it is, and what it takes to undo it.

-- The words of it (origin apart, which is a provenance) are sealed under the vault's key. `position` counts what of the
-- source was dealt with, `position_tag` is a keyed digest of that, so that only the same source goes on from there.
CREATE TABLE imports (
    controller_id BLOB NOT NULL REFERENCES controllers (id),
    id BLOB NOT NULL CHECK (length(id) = 16),
    list_id BLOB NOT NULL,
    provenance_id BLOB NOT NULL,
    brought_by BLOB NOT NULL,
    state TEXT NOT NULL,
    sealed BLOB NOT NULL,
    position INTEGER NOT NULL,
    position_tag BLOB NOT NULL CHECK (length(position_tag) = 16),
    new_contacts INTEGER NOT NULL,
    merged INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    suppressed INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    consents INTEGER NOT NULL,
    refusals INTEGER NOT NULL,
    undeliverable INTEGER NOT NULL,
    differing INTEGER NOT NULL,
    worded_through BLOB,
    started_us INTEGER NOT NULL,
    changed_us INTEGER NOT NULL,
    PRIMARY KEY (controller_id, id)
) STRICT;
CREATE INDEX imports_by_list ON imports (controller_id, list_id);

-- A contact that an import found in the vault already: whether it joined the list, and its card as it was before.
CREATE TABLE import_changes (
    controller_id BLOB NOT NULL,
    import_id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    joined INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    sealed_before BLOB,
    PRIMARY KEY (controller_id, import_id, contact_id)
) STRICT;
CREATE INDEX import_changes_by_contact ON import_changes (controller_id, contact_id);

-- What a bulk entry did to which contacts, 21 bytes each: what the root in the entry is made of.
CREATE TABLE ledger_bulks (
    controller_id BLOB NOT NULL,
    entry_id BLOB NOT NULL CHECK (length(entry_id) = 16),
    work_id BLOB NOT NULL,
    touched BLOB NOT NULL,
    PRIMARY KEY (controller_id, entry_id)
) STRICT;
CREATE INDEX ledger_bulks_by_work ON ledger_bulks (controller_id, work_id);

-- Tags of imported contacts on their way into contact_emails and contact_tags: sorted, packed, 16 bytes each; before them the
-- first four bytes of each, which tell in most cases that a tag is not there. SQLite alone uses it; on PostgreSQL it stays
-- empty.
CREATE TABLE tag_runs (
    controller_id BLOB NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 16),
    field INTEGER NOT NULL,
    size INTEGER NOT NULL,
    heads BLOB NOT NULL,
    tags BLOB NOT NULL,
    contacts BLOB NOT NULL,
    overlap_tags BLOB NOT NULL,
    PRIMARY KEY (controller_id, id)
) STRICT;
