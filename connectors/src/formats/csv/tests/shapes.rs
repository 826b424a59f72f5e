//! Layouts that nobody prepared for.

use carnet_core::intake::{RejectReason, Source, ValueFault, WarningKind};
use carnet_core::model::{COLUMNS_MEMBER, ConsentKind};

use super::super::{CsvOptions, Mapping, MappingError};
use super::{read, read_text};

#[test]
fn a_header_without_rows_and_nothing_at_all_give_nothing() {
    let header = read_text("email,name\r\n");
    assert_eq!((header.contacts.len(), header.rejects.len(), header.reader.mapping().columns.len()), (0, 0, 2));
    for text in ["", "\n\n", "\u{feff}", ",,,\n,,,\n"] {
        let given = read_text(text);
        assert_eq!((given.contacts.len(), given.rejects.len()), (0, 0), "{text:?}");
    }
}

#[test]
fn what_no_field_is_known_for_is_kept_in_the_card() {
    let given = read_text("email,Shoe size,,Shoe size\na@example.org,42,x,43\n");
    let value = given.contacts[0].card.value();
    assert_eq!(value[COLUMNS_MEMBER], serde_json::json!({"Shoe size": "42", "column 3": "x", "Shoe size (2)": "43"}));
    let unmapped: Vec<_> = given.reader.mapping().unmapped().collect();
    assert_eq!(unmapped, ["Shoe size", "column 3", "Shoe size (2)"]);
}

#[test]
fn being_in_a_file_is_no_claim() {
    let given = read_text("email,status\na@example.org,subscribed\nb@example.org,confirmed\n");
    assert!(given.contacts.iter().all(|contact| contact.claims.is_empty()));
}

#[test]
fn a_no_under_a_head_that_is_not_known_is_no_yes() {
    let text = "email,Data di iscrizione,Consenso al trattamento dati,Non scrivere (disiscritto)\n\
                a@example.org,2024-07-01T10:00:00Z,Sì,\nb@example.org,2024-07-01T10:00:00Z,NO,\n\
                c@example.org,2024-07-01T10:00:00Z,,12/03/2025\nd@example.org,2024-07-01T10:00:00Z,,no\n";
    let given = read_text(text);
    let claims: Vec<usize> = given.contacts.iter().map(|contact| contact.claims.len()).collect();
    assert_eq!(claims, [1, 0, 0, 1]);
    let doubted: Vec<_> =
        given.reader.warnings().into_iter().filter(|one| one.kind == WarningKind::ConsentDoubted).collect();
    assert_eq!(doubted.iter().map(|one| (one.count, one.first_line)).collect::<Vec<_>>(), [(1, 3), (1, 4)]);
    let kept = &given.contacts[1].card.value()[COLUMNS_MEMBER];
    assert_eq!(kept["Consenso al trattamento dati"], "NO");
    assert_eq!(kept["Data di iscrizione"], "2024-07-01T10:00:00Z", "a time that proves no yes is not lost");
}

#[test]
fn a_stop_under_a_head_that_is_not_known_is_heard_and_what_somebody_keeps_is_not_doubted() {
    let claims = |text: &str, maps: &[&str]| {
        let overrides = maps.iter().map(|map| map.parse().unwrap()).collect();
        let given = read(text.as_bytes(), &CsvOptions { overrides, ..CsvOptions::default() });
        given.contacts.iter().map(|contact| contact.claims.len()).collect::<Vec<_>>()
    };
    let rows = "email,Opt-in date,Consenso al trattamento\na@example.org,2024-07-01T10:00:00Z,disiscritto\n\
                b@example.org,2024-07-01T10:00:00Z,Sì\nc@example.org,2024-07-01T10:00:00Z,no\n";
    assert_eq!(claims(rows, &[]), [0, 1, 0]);
    assert_eq!(claims(rows, &["Consenso al trattamento=keep"]), [1, 1, 1]);
    let links = "email,Opt-in date,Unsubscribe URL,Newsletter opens\na@example.org,2024-07-01T10:00:00Z,https://example.org/u,0\n";
    assert_eq!(claims(links, &[]), [1]);
}

#[test]
fn not_opted_in_is_counted_and_is_neither_yes_nor_no() {
    let given = read_text("email,Nieuwsbrief\na@example.org,ja\nb@example.org,nee\n");
    let claims: Vec<usize> = given.contacts.iter().map(|contact| contact.claims.len()).collect();
    assert_eq!(claims, [1, 0]);
    assert!(given.reader.warnings().iter().any(|one| (one.kind, one.count) == (WarningKind::NotOptedIn, 1)));
}

#[test]
fn a_status_that_is_not_known_is_a_reject_with_its_place() {
    let given = read_text("email,name,status\na@example.org,A,subscribed\nb@example.org,B,on holiday\n");
    let reject = &given.rejects[0];
    assert_eq!((reject.line, reject.column), (3, 17));
    assert!(matches!(&reject.reason, RejectReason::Value { field, fault: ValueFault::Status } if &**field == "status"));
    assert_eq!(reject.raw.as_deref(), Some(&b"b@example.org,B,on holiday"[..]));
    assert_eq!(given.contacts.len(), 1);
}

#[test]
fn rows_without_any_address_or_number_are_rejects() {
    let given = read_text("email,first name,phone\n,Ada,\nnobody,Bo,\nx,Cy,+33 1 99 00 12 34\n,Di,+33 1 99 00 12 35\n");
    let reasons: Vec<_> = given.rejects.iter().map(|reject| reject.reason.clone()).collect();
    assert_eq!(reasons[0], RejectReason::NoContact);
    assert!(reasons[1..].iter().all(|reason| matches!(reason, RejectReason::Value { .. })) && reasons.len() == 3);
    assert_eq!(given.contacts[0].card.phones().collect::<Vec<_>>(), ["+33 1 99 00 12 35"]);
}

#[test]
fn the_order_of_day_and_month_is_that_of_the_column() {
    let text = |second: &str| {
        format!("email,opt-in date\na@example.org,03/04/2024 10:00 +0000\nb@example.org,{second}/2024 10:00 +0000\n")
    };
    let at = |text: &str| {
        let given = read_text(text);
        given.contacts[0].claims[0].at.map(|at| at.to_string())
    };
    assert_eq!(at(&text("25/12")).as_deref(), Some("2024-04-03T10:00:00Z"));
    assert_eq!(at(&text("12/25")).as_deref(), Some("2024-03-04T10:00:00Z"));
    assert_eq!(at(&text("05/06")), None);
    let unclear = read_text(&text("05/06"));
    assert_eq!(unclear.reader.unsettled(), ["opt-in date"]);
    assert_eq!(unclear.reader.warnings()[0].kind, WarningKind::DateAmbiguous);
}

#[test]
fn a_zone_that_somebody_says_makes_moments_of_times() {
    let text = "email,opt-in date\na@example.org,2024-07-01 10:00:00\n";
    let options = CsvOptions { zone: Some("Europe/Paris".parse().unwrap()), ..CsvOptions::default() };
    let claim = &read(text.as_bytes(), &options).contacts[0].claims[0];
    assert_eq!((claim.kind, claim.at.unwrap().to_string().as_str()), (ConsentKind::Given, "2024-07-01T08:00:00Z"));
    assert_eq!(read_text(text).contacts[0].claims[0].at, None);
}

#[test]
fn a_saved_mapping_gives_the_same_contacts_again() {
    let text = "Mél;Quand;Truc\na@example.org;01/02/2024;x\n";
    let overrides = vec!["Quand=consent.given-at".parse().unwrap(), "Truc=note".parse().unwrap()];
    let first = read(text.as_bytes(), &CsvOptions { overrides, ..CsvOptions::default() });
    let saved = first.reader.mapping().to_text().unwrap();
    let mapping = Some(Mapping::from_text(&saved).unwrap());
    let again = read(text.as_bytes(), &CsvOptions { mapping: mapping.clone(), ..CsvOptions::default() });
    assert!(again.contacts == first.contacts && again.reader.mapping() == first.reader.mapping());
    assert_eq!(again.contacts[0].card.notes().collect::<Vec<_>>(), ["x"]);
    let options = CsvOptions { mapping, ..CsvOptions::default() };
    let other = super::super::CsvReader::new(&b"Mail\na@example.org\n"[..], &options);
    assert!(matches!(other, Err(MappingError::NoSuchColumn { .. })));
}

#[test]
fn a_file_without_heads_is_read_by_its_addresses() {
    let given = read_text("Ada;ada@example.org;12\nBo;bo@example.org;13\n");
    let names: Vec<_> = given.reader.mapping().columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!((names, given.reader.has_header()), (vec!["column 1", "column 2", "column 3"], false));
    assert_eq!(given.contacts.len(), 2);
    assert_eq!(given.contacts[0].card.main_email(), Some("ada@example.org"));
}

#[test]
fn formulas_are_kept_as_text_and_never_taken_apart() {
    let given = read_text("email,name,phone\na@example.org,\"=HYPERLINK(\"\"x\"\")\",\"=\"\"+33199001234\"\"\"\n");
    let card = &given.contacts[0].card;
    assert_eq!(card.full_name().as_deref(), Some("=HYPERLINK(\"x\")"));
    assert_eq!(card.phones().collect::<Vec<_>>(), ["+33199001234"]);
}

#[test]
fn a_row_that_is_broken_before_the_heads_hides_nothing() {
    let given = read_text("\"open\"x,y\nemail,name\na@example.org,A\n");
    assert_eq!((given.contacts.len(), given.rejects.len()), (1, 1));
}

#[test]
fn a_confirmation_is_compared_with_its_sign_up_even_without_a_zone() {
    let text = |confirmed: &str| {
        format!("Email Address,LEID,EUID,OPTIN_TIME,CONFIRM_TIME\na@example.org,1,x,2023-02-01 09:15:00,{confirmed}\n")
    };
    let kinds = |text: &str| read_text(text).contacts[0].claims.iter().map(|claim| claim.kind).collect::<Vec<_>>();
    assert_eq!(kinds(&text("2023-02-01 09:17:00")), [ConsentKind::Given, ConsentKind::Confirmed]);
    assert_eq!(kinds(&text("2023-02-01 09:15:00")), [ConsentKind::Given]);
    assert_eq!(kinds(&text("")), [ConsentKind::Given]);
}

#[test]
fn what_no_claim_takes_with_it_stays_in_the_card() {
    let given = read_text(
        "email,status,opt-in date,list,unsubscribe reason\na@example.org,archived,2024-01-01T00:00:00Z,L1,bored\n",
    );
    let contact = &given.contacts[0];
    assert!(contact.claims.is_empty());
    let kept = serde_json::json!({
        "status": "archived", "opt-in date": "2024-01-01T00:00:00Z", "list": "L1", "unsubscribe reason": "bored"
    });
    assert_eq!(contact.card.value()[COLUMNS_MEMBER], kept);
    let kept = |text: &str| read_text(text).contacts[0].card.value().get(COLUMNS_MEMBER).cloned();
    assert_eq!(kept("email,newsletter\na@example.org,no\n"), Some(serde_json::json!({"newsletter": "no"})));
    for taken in [
        "email,newsletter\na@example.org,yes\n",
        "email,status\na@example.org,unsubscribed\n",
        "email,status\na@example.org,bounced\n",
    ] {
        assert_eq!(kept(taken), None, "{taken}");
    }
}

#[test]
fn titles_above_the_heads_are_told_and_left_out() {
    let given = read_text("Adhérents 2024;;\n;;\nNom;Prénom;Mail\nTest;Luc;luc@example.org\n");
    assert_eq!(
        given.rejects.iter().map(|reject| (reject.line, &reject.reason)).collect::<Vec<_>>(),
        [(1, &RejectReason::NoContact)]
    );
    assert_eq!(given.contacts[0].card.given(), Some("Luc"));
    let no_titles = read_text("Ada;x;ada@example.org\nNom;Prénom;Mail\n");
    assert_eq!((no_titles.contacts.len(), no_titles.rejects.len()), (1, 1));
}

#[test]
fn a_network_address_that_is_none_is_not_lost() {
    let given = read_text("email,ip\na@example.org,localhost\n");
    assert_eq!(given.contacts[0].card.value()[COLUMNS_MEMBER], serde_json::json!({"ip": "localhost"}));
    assert_eq!(given.reader.warnings()[0].kind, WarningKind::IpUnreadable);
}

#[test]
fn when_people_were_informed_and_last_active_is_read_and_nothing_is_lost() {
    let given = read_text(
        "email,optin_at,notice_at,LAST_OPEN,Dernier clic\n\
         a@example.org,2024-01-01T10:00:00Z,2024-01-05T10:00:00Z,2025-02-01T10:00:00Z,2025-03-01T10:00:00Z\n\
         b@example.org,,2024-01-05T10:00:00Z,never,\n",
    );
    let fields: Vec<_> = given.reader.mapping().columns.iter().map(|column| column.field.unwrap().as_str()).collect();
    assert_eq!(fields, ["email", "consent.given-at", "consent.notified-at", "last-activity-at", "last-activity-at"]);
    let text = |at: Option<carnet_core::model::Timestamp>| at.map(|at| at.to_string());
    let [one, other] = &given.contacts[..] else { panic!("two contacts") };
    assert_eq!(text(one.notified_at).as_deref(), Some("2024-01-05T10:00:00Z"));
    assert_eq!(one.claims[0].evidence.notified_at, one.notified_at);
    assert_eq!(text(one.last_activity_at).as_deref(), Some("2025-03-01T10:00:00Z"), "the latest of several");
    let kept = |contact: &carnet_core::intake::Incoming| contact.card.value()[COLUMNS_MEMBER].clone();
    let opened = serde_json::json!({"LAST_OPEN": "2025-02-01T10:00:00Z", "Dernier clic": "2025-03-01T10:00:00Z"});
    assert_eq!(kept(one), opened);
    assert_eq!((text(other.notified_at).as_deref(), other.last_activity_at), (Some("2024-01-05T10:00:00Z"), None));
    assert_eq!(kept(other), serde_json::json!({"notice_at": "2024-01-05T10:00:00Z", "LAST_OPEN": "never"}));
}
