//! Lists before the officer, at the terminal: described, submitted, asked about, decided on.

use std::fs;

use carnet_tests::{TestDatabase, for_each_engine};

use crate::given::Given;
use crate::transcript::Transcript;

const LIST: &str = "email,first name,last name,source\n\
    ada@atelier.example,Ada,Martin,Autumn fair\n\
    bruno@keller.example,Bruno,Keller,autumn  fair\n\
    chiara@conti.example,Chiara,Conti,Our shop\n\
    dorian@petit.example,Dorian,Petit,\n";

const IMPORT: &str = "import list.csv --list News --origin 'You signed up on our site' --purpose newsletter";

fn given(db: &TestDatabase) -> Given {
    let given = Given::vault_on(db).ready();
    fs::write(given.program.folder().join("list.csv"), LIST).unwrap();
    fs::write(given.program.folder().join("form.txt"), "the form").unwrap();
    given
}

fn whole_way(told: &mut Transcript<'_>) {
    told.unwritten(&format!("{IMPORT} --as operator"));
    told.heading("A list came in; its owner says where it comes from");
    told.run("list ls").succeeded();
    told.run("list show News --as operator").exited(2);
    told.run("list show News --as operator --reason 'where it stands'").succeeded();
    told.run("list submit News --as operator").exited(2);
    told.run("list sources News --as operator --reason 'to submit it'").succeeded();
    told.run("list sources News --as operator --source 'Autumn Fair'").exited(2);
    told.run("list sources News --as operator --source 'Autumn Fair' --sentence 'You left your card at our stand'")
        .succeeded();
    told.run("list sources News --as operator --source 'Our shop' --sentence 'You bought something from us'")
        .succeeded();
    told.run("list submit News --as operator").succeeded();
    told.run("list submit News --as operator").exited(2);
    told.heading("Looked at by the gate, and closed, whoever asks");
    told.run("list ls --as auditor").succeeded();
    told.run("list report News --as operator --reason 'what is missing'").succeeded();
    told.run("list report News --as auditor --reason 'to see it'").exited(4);
    told.run("list check News --as operator --reason 'once more'").exited(4);
    told.run("list check News --as officer --reason 'once more'").succeeded();
    told.run("list release News --code proof-seen --as operator --reason 'I know them'").exited(4);
    told.run("export News --purpose newsletter --to out.age --recipient Us --encrypt-passphrase-file form.txt --as operator --reason 'now'").exited(4);
    told.run("list release Nothing --code proof-seen --as officer --reason 'I know them'").exited(5);
    told.heading("Split along what the gate has found, and nowhere else");
    told.run("list split News --segment 2 --into Apart --as operator").exited(2);
    told.run("list split News --segment 2 --into Apart --as operator --reason 'the rest is ours'").exited(5);
    told.run("list split News --segment 2 --into Apart --as auditor --reason 'the rest is ours'").exited(4);
    told.heading("Asked and answered");
    told.run("list answer News 'In folder B' --as operator").exited(2);
    told.run("list ask News 'Where are the forms?' --as operator").exited(4);
    told.run("list ask News 'Where are the forms?' --as officer").succeeded();
    told.run("list answer News 'In folder B' --as operator").succeeded();
    told.heading("Later evidence, by whoever learns of it");
    told.run("list evidence News --kind rumours 'somebody said so' --as operator").exited(2);
    told.run("list evidence News --kind complaints '3 of 4 complained' --as operator").succeeded();
    told.heading("Blocked, which is final for its owner");
    told.run("list block News --code bought --as officer").exited(2);
    told.run("list block News --code no-reason --as officer --reason 'no form'").exited(2);
    told.run("list block News --code proof-seen --as officer --reason 'no form'").exited(2);
    told.run("list block News --code no-proof --as officer --reason 'no form in folder B'").succeeded();
    told.run("list withdraw News --as operator --reason 'a mistake'").exited(4);
    told.run("list proofs News --as officer --reason 'what is missing'").succeeded();
    told.run(
        "list proofs News --contact 01a201e3-de5a-76f6-a32a-1fdb5da998d8 --note form --file form.txt --as operator",
    )
    .exited(2);
    told.run("list show News --as officer --reason 'what was said'").succeeded();
    told.run("list withdraw News --as officer --reason 'never to be used'").succeeded();
    told.run("list ls").succeeded();
}

#[test]
fn the_way_of_a_list_reads_the_same_on_both_engines() {
    for_each_engine(|db| {
        let given = given(db);
        let mut told = Transcript::for_people(&given.program).on(db);
        whole_way(&mut told);
        insta::assert_snapshot!("lists", told.text());
        given.ok("audit verify");
    });
}

#[test]
fn the_way_of_a_list_is_one_json_value_a_command() {
    for_each_engine(|db| {
        let given = given(db);
        let mut told = Transcript::for_programs(&given.program).on(db);
        whole_way(&mut told);
        insta::assert_snapshot!("lists_json", told.text());
    });
}
