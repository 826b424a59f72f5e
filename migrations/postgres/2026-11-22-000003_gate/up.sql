-- The gate: what was checked and decided about lists, and which of them may be used until when.

-- Each source that rows of a list name, and the sentence that says from whom and how their addresses came. The words are
-- sealed under the vault's key; the tag is a keyed digest of the source.
CREATE TABLE list_sources (
    controller_id BYTEA NOT NULL,
    list_id BYTEA NOT NULL,
    tag BYTEA NOT NULL CHECK (length(tag) = 16),
    sealed_value BYTEA NOT NULL,
    row_count BIGINT NOT NULL,
    sealed_sentence BYTEA,
    written_by BYTEA,
    written_us BIGINT,
    PRIMARY KEY (controller_id, list_id, tag)
);

-- What the gate said of a list. `imports` and `members` are how many imports and contacts the list had then: a list that
-- has grown is not the one that was checked. `segments` is how many rows it has in list_segments. All that is clear is bound
-- to the report.
CREATE TABLE list_checks (
    controller_id BYTEA NOT NULL,
    list_id BYTEA NOT NULL,
    id BYTEA NOT NULL CHECK (length(id) = 16),
    policy BYTEA NOT NULL CHECK (length(policy) = 32),
    inputs BYTEA NOT NULL CHECK (length(inputs) = 32),
    verdict TEXT NOT NULL,
    points BIGINT NOT NULL,
    judged BIGINT NOT NULL,
    imports BIGINT NOT NULL,
    members BIGINT NOT NULL,
    changes BIGINT NOT NULL,
    segments BIGINT NOT NULL,
    sealed_report BYTEA NOT NULL,
    sealed_learnt BYTEA NOT NULL,
    run_by BYTEA NOT NULL,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (controller_id, list_id, id)
);

-- How often contacts of a list were given other addresses, or more that they are said to have agreed to, or were found to be traps: a
-- check before that is not of the list as it is. None: never.
CREATE TABLE list_changes (
    controller_id BYTEA NOT NULL,
    list_id BYTEA NOT NULL,
    changes BIGINT NOT NULL,
    PRIMARY KEY (controller_id, list_id)
);

-- Rows of a list that a check judged together, and which contacts they are of, so that they can be split off: 16 bytes each,
-- none where the segment is the whole list. All that is clear is bound to both sealed values.
CREATE TABLE list_segments (
    controller_id BYTEA NOT NULL,
    list_id BYTEA NOT NULL,
    check_id BYTEA NOT NULL,
    number BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    row_count BIGINT NOT NULL,
    quarantined BIGINT NOT NULL,
    sealed_label BYTEA NOT NULL,
    sealed_members BYTEA NOT NULL,
    PRIMARY KEY (controller_id, list_id, check_id, number)
);

-- What people decided, asked and answered. All that is clear is bound to the sealed text.
CREATE TABLE list_decisions (
    controller_id BYTEA NOT NULL,
    list_id BYTEA NOT NULL,
    id BYTEA NOT NULL CHECK (length(id) = 16),
    kind TEXT NOT NULL,
    check_id BYTEA,
    account_id BYTEA NOT NULL,
    code TEXT,
    scope TEXT NOT NULL,
    expires_us BIGINT,
    sealed_text BYTEA NOT NULL,
    at_us BIGINT NOT NULL,
    PRIMARY KEY (controller_id, list_id, id)
);

-- Until when a list may be used, if nothing ended it. `sealed` holds nothing of its own: it vouches for all that is clear.
CREATE TABLE list_releases (
    controller_id BYTEA NOT NULL,
    list_id BYTEA NOT NULL,
    id BYTEA NOT NULL CHECK (length(id) = 16),
    check_id BYTEA NOT NULL,
    decision_id BYTEA NOT NULL,
    imports BIGINT NOT NULL,
    members BIGINT NOT NULL,
    granted_us BIGINT NOT NULL,
    expires_us BIGINT NOT NULL,
    ended_us BIGINT,
    sealed BYTEA NOT NULL,
    PRIMARY KEY (controller_id, list_id, id)
);

-- Contacts that were drawn from a blocked list, for whom the owner shows proof. The note is sealed under the contact's key.
CREATE TABLE list_proofs (
    controller_id BYTEA NOT NULL,
    list_id BYTEA NOT NULL,
    proposal_id BYTEA NOT NULL,
    contact_id BYTEA NOT NULL,
    state TEXT NOT NULL,
    shown_by BYTEA,
    judged_by BYTEA,
    sealed_note BYTEA NOT NULL,
    changed_us BIGINT NOT NULL,
    PRIMARY KEY (controller_id, list_id, proposal_id, contact_id)
);
CREATE INDEX list_proofs_by_contact ON list_proofs (controller_id, contact_id);

-- Addresses of lists that an officer condemned, as keyed hashes alone: a list that comes back is known again.
CREATE TABLE condemned_tags (
    controller_id BYTEA NOT NULL,
    list_id BYTEA NOT NULL,
    overlap_tag BYTEA NOT NULL CHECK (length(overlap_tag) = 16),
    condemned_us BIGINT NOT NULL,
    began_us BIGINT NOT NULL,
    PRIMARY KEY (controller_id, list_id, overlap_tag)
);

-- Addresses that belong to nobody: traps of the vault (controller and export are 16 zero bytes), and canaries of exports. The
-- tag is that of the vault's overlap key; all that is clear is bound to the sealed label.
CREATE TABLE marked_addresses (
    tag BYTEA NOT NULL CHECK (length(tag) = 16),
    kind TEXT NOT NULL,
    controller_id BYTEA NOT NULL CHECK (length(controller_id) = 16),
    export_id BYTEA NOT NULL CHECK (length(export_id) = 16),
    sealed_label BYTEA NOT NULL,
    created_us BIGINT NOT NULL,
    PRIMARY KEY (controller_id, tag)
);
