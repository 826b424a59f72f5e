//! The tables as diesel sees them: the same on both engines. Kept level with `migrations/` by a test.

diesel::table! {
    vault (id) {
        id -> BigInt,
        vault_id -> Binary,
        ledger_vkey -> Text,
        created_us -> BigInt,
    }
}

diesel::table! {
    vault_keys (name, generation) {
        name -> Text,
        generation -> BigInt,
        wrapped -> Binary,
    }
}

diesel::table! {
    controllers (id) {
        id -> Binary,
        name -> Text,
        country -> Text,
        email -> Nullable<Text>,
        created_us -> BigInt,
    }
}

diesel::table! {
    controller_keys (controller_id, name, generation) {
        controller_id -> Binary,
        name -> Text,
        generation -> BigInt,
        wrapped -> Binary,
        created_us -> BigInt,
    }
}

diesel::table! {
    key_rotations (controller_id, to_generation) {
        controller_id -> Binary,
        to_generation -> BigInt,
        done_through -> Nullable<Binary>,
        resealed -> BigInt,
        started_us -> BigInt,
        finished_us -> Nullable<BigInt>,
    }
}

diesel::table! {
    accounts (id) {
        id -> Binary,
        name -> Text,
        created_us -> BigInt,
    }
}

diesel::table! {
    account_grants (account_id, controller_id, role) {
        account_id -> Binary,
        controller_id -> Binary,
        role -> Text,
    }
}

diesel::table! {
    purposes (controller_id, id) {
        controller_id -> Binary,
        id -> Binary,
        name -> Text,
        title -> Text,
        dpv_iri -> Text,
        basis -> Text,
        created_us -> BigInt,
    }
}

diesel::table! {
    notices (controller_id, hash) {
        controller_id -> Binary,
        hash -> Binary,
        name -> Text,
        language -> Text,
        body -> Text,
        created_us -> BigInt,
    }
}

diesel::table! {
    provenances (controller_id, id) {
        controller_id -> Binary,
        id -> Binary,
        kind -> Text,
        sealed -> Binary,
        brought_by -> Binary,
        at_us -> BigInt,
    }
}

diesel::table! {
    contacts (controller_id, id) {
        controller_id -> Binary,
        id -> Binary,
        provenance_id -> Binary,
        key_generation -> BigInt,
        revision -> BigInt,
        added_us -> BigInt,
        changed_us -> BigInt,
        addressed_us -> BigInt,
        sealed_card -> Binary,
    }
}

diesel::table! {
    contact_salts (controller_id, contact_id) {
        controller_id -> Binary,
        contact_id -> Binary,
        salt -> Binary,
    }
}

diesel::table! {
    shredded_contacts (controller_id, contact_id) {
        controller_id -> Binary,
        contact_id -> Binary,
        shredded_us -> BigInt,
    }
}

diesel::table! {
    contact_emails (controller_id, tag) {
        controller_id -> Binary,
        tag -> Binary,
        contact_id -> Binary,
        overlap_tag -> Binary,
    }
}

diesel::table! {
    contact_tags (controller_id, field, tag, contact_id) {
        controller_id -> Binary,
        field -> BigInt,
        tag -> Binary,
        contact_id -> Binary,
    }
}

diesel::table! {
    contact_tag_lists (controller_id, contact_id, part) {
        controller_id -> Binary,
        contact_id -> Binary,
        part -> BigInt,
        tags -> Binary,
    }
}

diesel::table! {
    contact_originals (controller_id, contact_id) {
        controller_id -> Binary,
        contact_id -> Binary,
        media_type -> Text,
        sealed -> Binary,
    }
}

diesel::table! {
    consent_events (controller_id, contact_id, id) {
        controller_id -> Binary,
        contact_id -> Binary,
        id -> Binary,
        purpose_id -> Binary,
        kind -> Text,
        authority -> Text,
        at_us -> Nullable<BigInt>,
        recorded_us -> BigInt,
        notice_hash -> Nullable<Binary>,
        entry_id -> Binary,
        sealed_evidence -> Binary,
    }
}

diesel::table! {
    suppressions (controller_id, tag, purpose_id) {
        controller_id -> Binary,
        tag -> Binary,
        purpose_id -> Binary,
        cause -> Text,
        at_us -> BigInt,
    }
}

diesel::table! {
    lists (controller_id, id) {
        controller_id -> Binary,
        id -> Binary,
        name -> Text,
        status -> Text,
        provenance_id -> Binary,
        owner_id -> Binary,
        created_us -> BigInt,
    }
}

diesel::table! {
    list_members (controller_id, list_id, contact_id) {
        controller_id -> Binary,
        list_id -> Binary,
        contact_id -> Binary,
    }
}

diesel::table! {
    list_sources (controller_id, list_id, tag) {
        controller_id -> Binary,
        list_id -> Binary,
        tag -> Binary,
        sealed_value -> Binary,
        row_count -> BigInt,
        sealed_sentence -> Nullable<Binary>,
        written_by -> Nullable<Binary>,
        written_us -> Nullable<BigInt>,
    }
}

diesel::table! {
    list_checks (controller_id, list_id, id) {
        controller_id -> Binary,
        list_id -> Binary,
        id -> Binary,
        policy -> Binary,
        inputs -> Binary,
        verdict -> Text,
        points -> BigInt,
        judged -> BigInt,
        imports -> BigInt,
        members -> BigInt,
        changes -> BigInt,
        segments -> BigInt,
        sealed_report -> Binary,
        sealed_learnt -> Binary,
        run_by -> Binary,
        at_us -> BigInt,
    }
}

diesel::table! {
    list_changes (controller_id, list_id) {
        controller_id -> Binary,
        list_id -> Binary,
        changes -> BigInt,
    }
}

diesel::table! {
    condemned_tags (controller_id, list_id, overlap_tag) {
        controller_id -> Binary,
        list_id -> Binary,
        overlap_tag -> Binary,
        condemned_us -> BigInt,
        began_us -> BigInt,
    }
}

diesel::table! {
    list_segments (controller_id, list_id, check_id, number) {
        controller_id -> Binary,
        list_id -> Binary,
        check_id -> Binary,
        number -> BigInt,
        verdict -> Text,
        row_count -> BigInt,
        quarantined -> BigInt,
        sealed_label -> Binary,
        sealed_members -> Binary,
    }
}

diesel::table! {
    list_decisions (controller_id, list_id, id) {
        controller_id -> Binary,
        list_id -> Binary,
        id -> Binary,
        kind -> Text,
        check_id -> Nullable<Binary>,
        account_id -> Binary,
        code -> Nullable<Text>,
        scope -> Text,
        expires_us -> Nullable<BigInt>,
        sealed_text -> Binary,
        at_us -> BigInt,
    }
}

diesel::table! {
    marked_addresses (controller_id, tag) {
        tag -> Binary,
        kind -> Text,
        controller_id -> Binary,
        export_id -> Binary,
        sealed_label -> Binary,
        created_us -> BigInt,
    }
}

diesel::table! {
    list_releases (controller_id, list_id, id) {
        controller_id -> Binary,
        list_id -> Binary,
        id -> Binary,
        check_id -> Binary,
        decision_id -> Binary,
        imports -> BigInt,
        members -> BigInt,
        granted_us -> BigInt,
        expires_us -> BigInt,
        ended_us -> Nullable<BigInt>,
        sealed -> Binary,
    }
}

diesel::table! {
    list_proofs (controller_id, list_id, proposal_id, contact_id) {
        controller_id -> Binary,
        list_id -> Binary,
        proposal_id -> Binary,
        contact_id -> Binary,
        state -> Text,
        shown_by -> Nullable<Binary>,
        judged_by -> Nullable<Binary>,
        sealed_note -> Binary,
        changed_us -> BigInt,
    }
}

diesel::table! {
    imports (controller_id, id) {
        controller_id -> Binary,
        id -> Binary,
        list_id -> Binary,
        provenance_id -> Binary,
        brought_by -> Binary,
        state -> Text,
        sealed -> Binary,
        position -> BigInt,
        position_tag -> Binary,
        new_contacts -> BigInt,
        merged -> BigInt,
        unchanged -> BigInt,
        suppressed -> BigInt,
        rejected -> BigInt,
        consents -> BigInt,
        refusals -> BigInt,
        undeliverable -> BigInt,
        differing -> BigInt,
        worded_through -> Nullable<Binary>,
        started_us -> BigInt,
        changed_us -> BigInt,
    }
}

diesel::table! {
    import_changes (controller_id, import_id, contact_id) {
        controller_id -> Binary,
        import_id -> Binary,
        contact_id -> Binary,
        joined -> BigInt,
        revision -> BigInt,
        sealed_before -> Nullable<Binary>,
    }
}

diesel::table! {
    tag_runs (controller_id, id) {
        controller_id -> Binary,
        id -> Binary,
        field -> BigInt,
        size -> BigInt,
        heads -> Binary,
        tags -> Binary,
        contacts -> Binary,
        overlap_tags -> Binary,
    }
}

diesel::table! {
    recipients (controller_id, id) {
        controller_id -> Binary,
        id -> Binary,
        name -> Text,
        country -> Text,
        parent_country -> Text,
        created_us -> BigInt,
    }
}

diesel::table! {
    ledger_entries (idx) {
        idx -> BigInt,
        id -> Binary,
        body -> Binary,
        leaf_hash -> Binary,
    }
}

diesel::table! {
    ledger_queue (id) {
        id -> Binary,
        body -> Binary,
    }
}

diesel::table! {
    ledger_nodes (level, idx) {
        level -> BigInt,
        idx -> BigInt,
        hash -> Binary,
    }
}

diesel::table! {
    ledger_head (id) {
        id -> BigInt,
        size -> BigInt,
        frontier -> Binary,
        checkpoint -> Text,
    }
}

diesel::table! {
    ledger_details (controller_id, entry_id) {
        controller_id -> Binary,
        entry_id -> Binary,
        contact_id -> Binary,
        sealed -> Binary,
    }
}

diesel::table! {
    ledger_bulks (controller_id, entry_id) {
        controller_id -> Binary,
        entry_id -> Binary,
        work_id -> Binary,
        touched -> Binary,
    }
}

diesel::table! {
    backup_sites (id) {
        id -> Binary,
        name -> Text,
        country -> Text,
        parent_country -> Text,
        sealed -> Binary,
        created_us -> BigInt,
    }
}

diesel::table! {
    backup_snapshots (site_id, id) {
        site_id -> Binary,
        id -> Binary,
        content -> Text,
        state -> Text,
        taken_us -> BigInt,
        contacts -> BigInt,
        lost -> BigInt,
        bytes -> BigInt,
        added -> BigInt,
        proven_us -> Nullable<BigInt>,
        sealed -> Binary,
    }
}

diesel::table! {
    restorations (id) {
        id -> BigInt,
        began_us -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(contacts, import_changes);
diesel::allow_tables_to_appear_in_same_query!(list_members, lists);
diesel::allow_tables_to_appear_in_same_query!(contacts, list_members);
diesel::allow_tables_to_appear_in_same_query!(list_checks, list_releases);
diesel::allow_tables_to_appear_in_same_query!(condemned_tags, lists);
diesel::allow_tables_to_appear_in_same_query!(list_checks, list_decisions);
diesel::allow_tables_to_appear_in_same_query!(contacts, imports);
diesel::allow_tables_to_appear_in_same_query!(import_changes, imports);
diesel::allow_tables_to_appear_in_same_query!(contact_salts, contacts);
