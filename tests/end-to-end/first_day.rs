//! The first day with a vault, as the README tells it: every command once, on both engines, for people and for programs.

use std::fs;

use carnet_tests::{Program, TestDatabase, for_each_engine};

use crate::transcript::Transcript;

const NOTICE: &str = "We write to you once a month. You can say no in every letter.\n";
const CARD: &str = r#"{"@type":"Card","version":"1.0","name":{"full":"Bruno Keller"},"emails":{"e":{"address":"bruno@keller.example"}}}"#;
/// The second of four has no end, the fourth has the address of a contact that is there.
const CARDS: &str = concat!(
    r#"{"@type":"Card","version":"1.0","name":{"full":"Chiara Conti"},"emails":{"e":{"address":"chiara@conti.example"}}}"#,
    "\n",
    r#"{"@type":"Card","version":"1.0","name":{"full":"Nobody"#,
    "\n",
    r#"{"@type":"Card","version":"1.0","name":{"full":"Dorian Petit"},"emails":{"e":{"address":"dorian@petit.example"}}}"#,
    "\n",
    r#"{"@type":"Card","version":"1.0","name":{"full":"Bruno Keller"},"emails":{"e":{"address":"Bruno@Keller.Example"}}}"#,
    "\n",
);
const MORE: &str = r#"[
  {"@type":"Card","version":"1.0","name":{"full":"Elif Aydin"},"phones":{"p":{"number":"+33 1 99 00 00 03"}}},
  {"@type":"Card","version":"1.0","name":{"full":"Farid Benali"},"emails":{"e":{"address":"farid@benali.example"}}}
]"#;

#[test]
fn a_first_day_reads_the_same_on_both_engines() {
    for_each_engine(|db| {
        let program = Program::new();
        let mut told = Transcript::for_people(&program).on(db);
        whole_day(&program, db, &mut told);
        insta::assert_snapshot!("first_day", told.text());
    });
}

#[test]
fn a_first_day_is_one_json_value_a_command() {
    for_each_engine(|db| {
        let program = Program::new();
        let mut told = Transcript::for_programs(&program).on(db);
        whole_day(&program, db, &mut told);
        insta::assert_snapshot!("first_day_json", told.text());
    });
}

fn whole_day(program: &Program, db: &TestDatabase, told: &mut Transcript<'_>) {
    for (name, text) in [("notice.txt", NOTICE), ("bruno.json", CARD), ("cards.ndjson", CARDS), ("more.json", MORE)] {
        fs::write(program.folder().join(name), text).unwrap();
    }
    declare(db, told);
    add(told);
    consent(told);
    look_and_change(told);
    account_for(program, told);
}

fn declare(db: &TestDatabase, told: &mut Transcript<'_>) {
    told.heading("A vault, and what it is for");
    told.run(&format!("init --database {}", db.url())).succeeded();
    told.run("controller add 'Association des Tilleuls' --country FR --email privacy@tilleuls.example").succeeded();
    told.run("controller ls").succeeded();
    told.run("purpose add newsletter --title 'Monthly letter' --dpv DirectMarketing --basis consent").succeeded();
    told.run("purpose ls").succeeded();
    told.run("notice add 'Sign-up form' --language en --file notice.txt").succeeded();
    told.run("notice ls").succeeded();
    told.run("account add officer --role compliance").exited(2);
    told.run("account add officer --role compliance --reason 'hired in May'").succeeded();
    told.run("account add anne --role 'operator:Association des Tilleuls' --reason 'hired in May'").succeeded();
    told.run("account ls").succeeded();
}

fn add(told: &mut Transcript<'_>) {
    told.heading("Contacts: from fields, a card, a list with mistakes in it, an array on standard input");
    told.run(
        "contact add --given Ada --surname Martin --email ada@atelier.example --phone '+33 1 99 00 00 01' \
         --org 'Atelier des Tilleuls' --title Bookbinder --note 'met at the fair' --language fr --way subject-form \
         --origin 'You signed up at our stand on the autumn fair'",
    )
    .succeeded();
    told.run("contact add --card bruno.json --origin 'Your card, given to us in May'").succeeded();
    told.run("contact add --card cards.ndjson --way file --origin 'The list of members'").exited(2);
    told.run_with_input("contact add --card - --origin 'The list of members' --as anne", MORE).succeeded();
}

fn consent(told: &mut Transcript<'_>) {
    told.heading("Consent: given with all its evidence, withdrawn, given again");
    let unknown = "0".repeat(64);
    let record = "consent record ada@atelier.example -p newsletter --reason 'her form' --own-act";
    told.run(&format!("{record} -k given --notice {unknown}")).exited(5);
    let notices = told.unwritten("notice ls --json").json();
    let hash = notices[0]["hash"].as_str().unwrap();
    told.run(&format!(
        "{record} -k given --at 2021-03-01T10:00:00Z --notice {hash} --method web-form --source 'sign-up page' \
         --wording 'Yes, write to me once a month' --wording-version 3 --form-url https://tilleuls.example/letter \
         --ip-address 192.0.2.7 --affirmative-act true --requested-at 2021-03-01T10:00:00Z \
         --valid-until 2031-03-01T10:00:00Z --confirmed-at 2021-03-01T10:05:00Z --collector 'Association des Tilleuls' --holder 'Forms of Europe:DE' \
         --named-recipient 'Letters of Europe' --language en \
         --withdrawal-method 'a link in every letter' --notes none"
    ))
    .succeeded();
    told.run(&format!("{record} -k withdrawn --at 2021-04-01T10:00:00Z --method message-link")).succeeded();
    told.run(&format!("{record} -k given --at 2021-05-01T10:00:00Z --method in-person --affirmative-act true"))
        .succeeded();
    told.run("consent history ada@atelier.example --reason 'she asked'").succeeded();
}

fn look_and_change(told: &mut Transcript<'_>) {
    told.heading("Looking, changing, erasing");
    told.run("contact show ada@atelier.example").exited(2);
    told.run("contact show ada@atelier.example --reason 'she asked what we have'").succeeded();
    for query in ["ada@atelier.example", "'01 99 00 00 01'", "tilleuls", "'bruno keller'", "@petit.example", "nobody"] {
        told.run(&format!("contact find {query} --reason 'looking for somebody'")).succeeded();
    }
    told.run(
        "contact edit bruno@keller.example --name 'Bruno Keller-Roth' --add-email bruno@roth.example \
         --add-phone '+49 30 23125 001' --org 'Keller Optik' --reason 'he married'",
    )
    .succeeded();
    told.run("contact show bruno@roth.example --reason 'to check'").succeeded();
    let erase = "contact erase farid@benali.example --reason 'he asked'";
    told.run(&format!("{erase} --yes")).exited(4);
    told.run(&format!("{erase} --as officer")).exited(2);
    told.run(&format!("{erase} --as officer --yes")).succeeded();
    told.run("contact add --email farid@benali.example --origin 'A list that we were sent'").exited(6);
    told.run("contact show farid@benali.example --reason 'is he gone'").exited(5);
}

fn account_for(program: &Program, told: &mut Transcript<'_>) {
    told.heading("Accounting for it all");
    told.run("status").succeeded();
    told.run("key rotate -c 'Association des Tilleuls' --reason 'once a year'").succeeded();
    told.run("key rotate --root --reason 'once a year'").succeeded();
    told.run("audit tail -n 6").succeeded();
    told.run("audit verify").succeeded();
    told.run("audit checkpoint").succeeded();
    told.run("audit export ledger --reason 'the yearly audit'").succeeded();
    let key = told.unwritten("status --json").json()["ledger"]["key"].as_str().unwrap().to_owned();
    told.run(&format!("audit verify --offline ledger --key {key}")).succeeded();
    let entries = told.unwritten("audit tail -n 40 --json").json();
    let mut consents = entries.as_array().unwrap().iter().filter(|one| one["entry"]["event"] == "consent.record");
    let entry = consents.next_back().unwrap()["entry"]["id"].as_str().unwrap();
    told.run(&format!("audit prove {entry} --out ada.tlog-proof")).succeeded();
    let verify = format!("audit verify --proof ada.tlog-proof --key {key} --entry");
    told.run(&format!("{verify} ada.json")).succeeded();
    fs::write(program.folder().join("other.json"), "{}").unwrap();
    told.run(&format!("{verify} other.json")).exited(1);
}
