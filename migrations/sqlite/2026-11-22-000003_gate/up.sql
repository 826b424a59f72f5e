-- The gate: what was checked and decided about lists, and which of them may be used until when.

-- Each source that rows of a list name, and the sentence that says from whom and how their addresses came. The words are
-- sealed under the vault's key; the tag is a keyed digest of the source.
CREATE TABLE list_sources (
    controller_id BLOB NOT NULL,
    list_id BLOB NOT NULL,
    tag BLOB NOT NULL CHECK (length(tag) = 16),
    sealed_value BLOB NOT NULL,
    row_count INTEGER NOT NULL,
    sealed_sentence BLOB,
    written_by BLOB,
    written_us INTEGER,
    PRIMARY KEY (controller_id, list_id, tag)
) STRICT, WITHOUT ROWID;

-- What the gate said of a list. `imports` and `members` are how many imports and contacts the list had then: a list that
-- has grown is not the one that was checked. `segments` is how many rows it has in list_segments. All that is clear is bound
-- to the report.
CREATE TABLE list_checks (
    controller_id BLOB NOT NULL,
    list_id BLOB NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 16),
    policy BLOB NOT NULL CHECK (length(policy) = 32),
    inputs BLOB NOT NULL CHECK (length(inputs) = 32),
    verdict TEXT NOT NULL,
    points INTEGER NOT NULL,
    judged INTEGER NOT NULL,
    imports INTEGER NOT NULL,
    members INTEGER NOT NULL,
    changes INTEGER NOT NULL,
    segments INTEGER NOT NULL,
    sealed_report BLOB NOT NULL,
    sealed_learnt BLOB NOT NULL,
    run_by BLOB NOT NULL,
    at_us INTEGER NOT NULL,
    PRIMARY KEY (controller_id, list_id, id)
) STRICT;

-- How often contacts of a list were given other addresses, or more that they are said to have agreed to, or were found to be traps: a
-- check before that is not of the list as it is. None: never.
CREATE TABLE list_changes (
    controller_id BLOB NOT NULL,
    list_id BLOB NOT NULL,
    changes INTEGER NOT NULL,
    PRIMARY KEY (controller_id, list_id)
) STRICT, WITHOUT ROWID;

-- Rows of a list that a check judged together, and which contacts they are of, so that they can be split off: 16 bytes each,
-- none where the segment is the whole list. All that is clear is bound to both sealed values.
CREATE TABLE list_segments (
    controller_id BLOB NOT NULL,
    list_id BLOB NOT NULL,
    check_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    row_count INTEGER NOT NULL,
    quarantined INTEGER NOT NULL,
    sealed_label BLOB NOT NULL,
    sealed_members BLOB NOT NULL,
    PRIMARY KEY (controller_id, list_id, check_id, number)
) STRICT;

-- What people decided, asked and answered. All that is clear is bound to the sealed text.
CREATE TABLE list_decisions (
    controller_id BLOB NOT NULL,
    list_id BLOB NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 16),
    kind TEXT NOT NULL,
    check_id BLOB,
    account_id BLOB NOT NULL,
    code TEXT,
    scope TEXT NOT NULL,
    expires_us INTEGER,
    sealed_text BLOB NOT NULL,
    at_us INTEGER NOT NULL,
    PRIMARY KEY (controller_id, list_id, id)
) STRICT;

-- Until when a list may be used, if nothing ended it. `sealed` holds nothing of its own: it vouches for all that is clear.
CREATE TABLE list_releases (
    controller_id BLOB NOT NULL,
    list_id BLOB NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 16),
    check_id BLOB NOT NULL,
    decision_id BLOB NOT NULL,
    imports INTEGER NOT NULL,
    members INTEGER NOT NULL,
    granted_us INTEGER NOT NULL,
    expires_us INTEGER NOT NULL,
    ended_us INTEGER,
    sealed BLOB NOT NULL,
    PRIMARY KEY (controller_id, list_id, id)
) STRICT;

-- Contacts that were drawn from a blocked list, for whom the owner shows proof. The note is sealed under the contact's key.
CREATE TABLE list_proofs (
    controller_id BLOB NOT NULL,
    list_id BLOB NOT NULL,
    proposal_id BLOB NOT NULL,
    contact_id BLOB NOT NULL,
    state TEXT NOT NULL,
    shown_by BLOB,
    judged_by BLOB,
    sealed_note BLOB NOT NULL,
    changed_us INTEGER NOT NULL,
    PRIMARY KEY (controller_id, list_id, proposal_id, contact_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX list_proofs_by_contact ON list_proofs (controller_id, contact_id);

-- Addresses of lists that an officer condemned, as keyed hashes alone: a list that comes back is known again.
CREATE TABLE condemned_tags (
    controller_id BLOB NOT NULL,
    list_id BLOB NOT NULL,
    overlap_tag BLOB NOT NULL CHECK (length(overlap_tag) = 16),
    condemned_us INTEGER NOT NULL,
    began_us INTEGER NOT NULL,
    PRIMARY KEY (controller_id, list_id, overlap_tag)
) STRICT, WITHOUT ROWID;

-- Addresses that belong to nobody: traps of the vault (controller and export are 16 zero bytes), and canaries of exports. The
-- tag is that of the vault's overlap key; all that is clear is bound to the sealed label.
CREATE TABLE marked_addresses (
    tag BLOB NOT NULL CHECK (length(tag) = 16),
    kind TEXT NOT NULL,
    controller_id BLOB NOT NULL CHECK (length(controller_id) = 16),
    export_id BLOB NOT NULL CHECK (length(export_id) = 16),
    sealed_label BLOB NOT NULL,
    created_us INTEGER NOT NULL,
    PRIMARY KEY (controller_id, tag)
) STRICT, WITHOUT ROWID;
