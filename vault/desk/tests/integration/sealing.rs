//! What is sealed opens where it was sealed and nowhere else, and vouches for the columns beside it.

use carnet_core::model::{
    Authority, CardBuilder, CardEntry, CardPatch, CollectionMethod, ConsentKind, ContactId, Evidence, Timestamp,
};
use carnet_desk::{DeskError, DetailsView, ErrorKind, NewConsent};
use carnet_tests::{TestDatabase, for_each_engine};

use super::house::{Firm, House, card, new_contact};
use super::sql;

#[test]
fn two_equal_cards_are_never_sealed_alike() {
    for_each_engine(|db| {
        let house = House::found(db);
        let operator = house.desk("operator");
        let twin = || CardBuilder::new().uid("urn:x:twin").full_name("Ann").phone("+33 1 99 00 12 34").build().unwrap();
        let id = house.add(twin());
        for _ in 0..5 {
            house.add(twin());
        }
        operator.add_contact(&house.theirs.controller, &new_contact(twin())).unwrap();
        let mut seen = sql::bytes_of(db, "sealed_card", "contacts");
        for _ in 0..2 {
            // There and back: the same card, sealed anew.
            let (note, none) =
                (CardPatch::new().add(CardEntry::Note, "x"), CardPatch::new().remove(CardEntry::Note, "x"));
            operator.edit_contact(&house.ours.controller, id, &note).unwrap();
            operator.edit_contact(&house.ours.controller, id, &none).unwrap();
            seen.extend(sql::bytes_of(
                db,
                "sealed_card",
                &format!("contacts WHERE id = {}", sql::blob(db, id.as_bytes())),
            ));
        }
        // Nonces (bytes 5 to 16) and what follows them: not even the first block of two is the same.
        for range in [5..17, 17..33] {
            let mut parts: Vec<&[u8]> = seen.iter().map(|sealed| &sealed[range.clone()]).collect();
            parts.sort_unstable();
            parts.dedup();
            assert_eq!(parts.len(), seen.len());
        }
    });
}

fn with_history(house: &House, firm: &Firm, email: &str) -> ContactId {
    let operator = house.desk("operator");
    let id = operator.add_contact(&firm.controller, &new_contact(card("Ann", email))).unwrap();
    for (kind, at) in [(ConsentKind::Given, "2026-01-01T10:00:00Z"), (ConsentKind::Withdrawn, "2026-02-01T10:00:00Z")] {
        let evidence = Evidence { method: Some(CollectionMethod::WebForm), ..Evidence::default() };
        let (at, notice) = (Some(at.parse().unwrap()), Some(firm.notice));
        let new = NewConsent { purpose: firm.newsletter, kind, at, authority: Authority::OwnAct, notice, evidence };
        operator.record_consent(&firm.controller, id, &new).unwrap();
    }
    id
}

/// Every reading of the contact is refused as damaged, in words that name nobody.
fn assert_damaged(house: &House, firm: &Firm, id: ContactId, what: &str) {
    let officer = house.desk("officer");
    let history = officer.consent_history(&firm.controller, id).unwrap_err();
    let shown = officer.show_contact(&firm.controller, id).unwrap_err();
    for error in [history, shown] {
        assert_eq!(error.kind(), ErrorKind::Damaged, "{what}: {error}");
        assert!(!format!("{error} {error:?}").to_lowercase().contains("ann@"), "{what}: {error:?}");
    }
}

fn assert_opens(house: &House, firm: &Firm, id: ContactId) {
    let shown = house.desk("officer").show_contact(&firm.controller, id).unwrap();
    assert_eq!(shown.purposes.first().map(|one| one.history.len()), Some(2));
}

fn row(db: &TestDatabase, id: ContactId) -> String {
    sql::blob(db, id.as_bytes())
}

#[test]
fn a_sealed_card_moved_to_another_contact_or_controller_does_not_open() {
    for_each_engine(|db| {
        let house = House::found(db);
        let one = with_history(&house, &house.ours, "ann@example.org");
        let other = with_history(&house, &house.ours, "ann@example.net");
        let foreign = with_history(&house, &house.theirs, "ann@example.org");
        for donor in [other, foreign] {
            sql::keep(db, &["contacts"]);
            // Its whole row but for whose it is, the bound columns included.
            for column in
                ["provenance_id", "key_generation", "revision", "added_us", "changed_us", "addressed_us", "sealed_card"]
            {
                let taken = format!("(SELECT {column} FROM kept_contacts WHERE id = {})", row(db, donor));
                db.query(&format!("UPDATE contacts SET {column} = {taken} WHERE id = {}", row(db, one)));
            }
            assert_damaged(&house, &house.ours, one, "a card of another");
            sql::put_back(db, &["contacts"]);
            assert_opens(&house, &house.ours, one);
        }
        // The whole contact under another controller.
        let theirs = sql::blob(db, house.theirs.controller.id.as_bytes());
        db.query(&format!("UPDATE contacts SET controller_id = {theirs} WHERE id = {}", row(db, one)));
        db.query(&format!("UPDATE contact_salts SET controller_id = {theirs} WHERE contact_id = {}", row(db, one)));
        assert_damaged(&house, &house.theirs, one, "a contact of another controller");
    });
}

#[test]
fn an_older_card_does_not_open_at_the_newer_revision() {
    for_each_engine(|db| {
        let house = House::found(db);
        let id = with_history(&house, &house.ours, "ann@example.org");
        sql::keep(db, &["contacts"]);
        let patch = CardPatch::new().add(CardEntry::Note, "moved away");
        house.desk("operator").edit_contact(&house.ours.controller, id, &patch).unwrap();
        db.query(
            "UPDATE contacts SET sealed_card = (SELECT sealed_card FROM kept_contacts k WHERE k.id = contacts.id)",
        );
        assert_damaged(&house, &house.ours, id, "an older card");
    });
}

#[test]
fn evidence_moved_to_another_event_does_not_open() {
    for_each_engine(|db| {
        let house = House::found(db);
        let one = with_history(&house, &house.ours, "ann@example.org");
        let other = with_history(&house, &house.ours, "ann@example.net");
        let foreign = with_history(&house, &house.theirs, "ann@example.org");
        for (donor, kind) in [(one, "given"), (other, "withdrawn"), (foreign, "withdrawn")] {
            sql::keep(db, &["consent_events"]);
            db.query(&format!(
                "UPDATE consent_events SET sealed_evidence = (SELECT sealed_evidence FROM kept_consent_events
                 WHERE contact_id = {} AND kind = '{kind}') WHERE contact_id = {} AND kind = 'withdrawn'",
                row(db, donor),
                row(db, one)
            ));
            assert_damaged(&house, &house.ours, one, kind);
            sql::put_back(db, &["consent_events"]);
            assert_opens(&house, &house.ours, one);
        }
    });
}

#[test]
fn an_origin_moved_to_another_contact_does_not_open_and_neither_does_one_of_another_kind() {
    for_each_engine(|db| {
        let house = House::found(db);
        let one = with_history(&house, &house.ours, "ann@example.org");
        with_history(&house, &house.ours, "ann@example.net");
        for edit in [
            "sealed = (SELECT k.sealed FROM kept_provenances k WHERE k.id <> provenances.id LIMIT 1)",
            "kind = 'subject-form'",
            "at_us = at_us - 1",
            "brought_by = id",
        ] {
            sql::keep(db, &["provenances"]);
            db.query(&format!("UPDATE provenances SET {edit}"));
            let refused = house.desk("officer").show_contact(&house.ours.controller, one).unwrap_err();
            assert!(matches!(refused, DeskError::Open(_)), "{edit}: {refused}");
            assert_eq!(refused.kind(), ErrorKind::Damaged);
            sql::put_back(db, &["provenances"]);
            assert_opens(&house, &house.ours, one);
        }
    });
}

#[test]
fn details_moved_to_another_entry_are_shown_as_false_and_hide_no_other_entry() {
    for_each_engine(|db| {
        let house = House::found(db);
        let one = with_history(&house, &house.ours, "ann@example.org");
        with_history(&house, &house.ours, "ann@example.net");
        sql::keep(db, &["ledger_details"]);
        let zero = sql::blob(db, &[0; 16]);
        let (of_one, others) = (format!("contact_id = {}", row(db, one)), format!("contact_id <> {zero}"));
        db.query(&format!(
            "UPDATE ledger_details SET sealed = (SELECT k.sealed FROM kept_ledger_details k
             WHERE {others} AND k.entry_id <> ledger_details.entry_id LIMIT 1) WHERE {of_one}"
        ));
        let views = house.desk("officer").audit_tail(100).unwrap();
        let contradicting = |view: &&carnet_desk::LedgerView| view.details == DetailsView::Contradicts;
        assert_eq!(views.iter().filter(contradicting).count(), 3);
        assert!(views.iter().any(|view| matches!(view.details, DetailsView::Opened { .. })));
    });
}

#[test]
fn any_edited_clear_column_of_a_contact_or_of_its_consents_is_refused_on_reading() {
    for_each_engine(|db| {
        let house = House::found(db);
        let id = with_history(&house, &house.ours, "ann@example.org");
        let other = with_history(&house, &house.ours, "ann@example.net");
        let (bytes, purpose) = (sql::blob(db, &[9; 16]), sql::blob(db, house.ours.invoicing.as_bytes()));
        let (hash, earlier) = (sql::blob(db, &[9; 32]), Timestamp::from_us(1_000_000).unwrap().as_us());
        let edits = [
            ("contacts", format!("provenance_id = {bytes}")),
            ("contacts", "key_generation = 2".to_owned()),
            ("contacts", "revision = 2".to_owned()),
            ("contacts", format!("added_us = {earlier}")),
            ("contacts", "changed_us = changed_us + 1".to_owned()),
            ("consent_events", "kind = 'given'".to_owned()),
            ("consent_events", "kind = 'expired'".to_owned()),
            ("consent_events", "authority = 'claim'".to_owned()),
            ("consent_events", format!("at_us = {earlier}")),
            ("consent_events", "at_us = NULL".to_owned()),
            ("consent_events", "recorded_us = recorded_us - 1".to_owned()),
            ("consent_events", format!("purpose_id = {purpose}")),
            ("consent_events", format!("notice_hash = {hash}")),
            ("consent_events", "notice_hash = NULL".to_owned()),
            ("consent_events", format!("entry_id = {bytes}")),
            ("consent_events", format!("id = {bytes}")),
        ];
        for (table, edit) in edits {
            sql::keep(db, &[table]);
            let which = if table == "contacts" { "id" } else { "kind = 'withdrawn' AND contact_id" };
            db.query(&format!("UPDATE {table} SET {edit} WHERE {which} = {}", row(db, id)));
            assert_damaged(&house, &house.ours, id, &edit);
            sql::put_back(db, &[table]);
            assert_opens(&house, &house.ours, id);
        }
        // Another's withdrawal, or one's own given away: refused where it arrives, and named by the audit where it left.
        let given_away =
            format!("contact_id = {} WHERE kind = 'withdrawn' AND contact_id = {}", row(db, other), row(db, id));
        db.query(&format!("UPDATE consent_events SET {given_away}"));
        assert_damaged(&house, &house.ours, other, "a consent of another");
        let report = house.desk("officer").audit_verify(&[]).unwrap();
        assert_eq!(report.problems.len(), 2, "{:?}", report.problems);
    });
}
