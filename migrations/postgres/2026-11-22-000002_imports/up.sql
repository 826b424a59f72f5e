-- Lists come in: what an import is, how far it is, and what it takes to undo it.

-- The words of it (origin apart, which is a provenance) are sealed under the vault's key. `position` counts what of the
-- source was dealt with, `position_tag` is a keyed digest of that, so that only the same source goes on from there.
CREATE TABLE imports (
    controller_id BYTEA NOT NULL REFERENCES controllers (id),
    id BYTEA NOT NULL CHECK (length(id) = 16),
    list_id BYTEA NOT NULL,
    provenance_id BYTEA NOT NULL,
    brought_by BYTEA NOT NULL,
    state TEXT NOT NULL,
    sealed BYTEA NOT NULL,
    position BIGINT NOT NULL,
    position_tag BYTEA NOT NULL CHECK (length(position_tag) = 16),
    new_contacts BIGINT NOT NULL,
    merged BIGINT NOT NULL,
    unchanged BIGINT NOT NULL,
    suppressed BIGINT NOT NULL,
    rejected BIGINT NOT NULL,
    consents BIGINT NOT NULL,
    refusals BIGINT NOT NULL,
    undeliverable BIGINT NOT NULL,
    differing BIGINT NOT NULL,
    worded_through BYTEA,
    started_us BIGINT NOT NULL,
    changed_us BIGINT NOT NULL,
    PRIMARY KEY (controller_id, id)
);
CREATE INDEX imports_by_list ON imports (controller_id, list_id);

-- A contact that an import found in the vault already: whether it joined the list, and its card as it was before.
CREATE TABLE import_changes (
    controller_id BYTEA NOT NULL,
    import_id BYTEA NOT NULL,
    contact_id BYTEA NOT NULL,
    joined BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    sealed_before BYTEA,
    PRIMARY KEY (controller_id, import_id, contact_id)
);
CREATE INDEX import_changes_by_contact ON import_changes (controller_id, contact_id);

-- What a bulk entry did to which contacts, 21 bytes each: what the root in the entry is made of.
CREATE TABLE ledger_bulks (
    controller_id BYTEA NOT NULL,
    entry_id BYTEA NOT NULL CHECK (length(entry_id) = 16),
    work_id BYTEA NOT NULL,
    touched BYTEA NOT NULL,
    PRIMARY KEY (controller_id, entry_id)
);
CREATE INDEX ledger_bulks_by_work ON ledger_bulks (controller_id, work_id);

-- Tags of imported contacts on their way into contact_emails and contact_tags: sorted, packed, 16 bytes each; before them the
-- first four bytes of each, which tell in most cases that a tag is not there. SQLite alone uses it; on PostgreSQL it stays
-- empty.
CREATE TABLE tag_runs (
    controller_id BYTEA NOT NULL,
    id BYTEA NOT NULL CHECK (length(id) = 16),
    field BIGINT NOT NULL,
    size BIGINT NOT NULL,
    heads BYTEA NOT NULL,
    tags BYTEA NOT NULL,
    contacts BYTEA NOT NULL,
    overlap_tags BYTEA NOT NULL,
    PRIMARY KEY (controller_id, id)
);
