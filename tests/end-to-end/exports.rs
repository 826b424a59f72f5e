//! Lists go out, at the terminal: what is asked for, what is refused, and that a refusal leaves no file.

use std::fs;
use std::process::Command;

use carnet_tests::{TestDatabase, for_each_engine};

use crate::given::Given;

fn given(db: &TestDatabase) -> Given {
    let given = Given::vault_on(db).ready();
    let list = "email,first name,last name\nada@atelier.example,Ada,Martin\n";
    fs::write(given.program.folder().join("list.csv"), list).unwrap();
    given.ok("import list.csv --list News --origin 'You signed up on our site' --purpose newsletter --as operator");
    given
}

/// The public half of a pair that the stock tool makes.
fn public_key(given: &Given) -> String {
    let path = given.program.folder().join("key.txt");
    let made = Command::new("age-keygen").arg("-o").arg(&path).output().expect("age is installed");
    assert!(made.status.success());
    let text = fs::read_to_string(path).unwrap();
    text.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap().to_owned()
}

#[test]
fn a_list_that_is_not_released_leaves_no_file_behind() {
    for_each_engine(|db| {
        let given = given(db);
        let key = public_key(&given);
        let export = |rest: &str| format!("export News --purpose newsletter --recipient Mailer --to out.age {rest}");
        for account in ["owner", "operator", "officer", "auditor"] {
            let refused = given.run(&export(&format!("--age-recipient {key} --as {account}")));
            let told = refused.exited(4).stderr.clone();
            assert!(account == "auditor" || told.contains("unless it is released"), "{account}: {told}");
        }
        given.run(&export("")).exited(2);
        let secret = given.run(&export("--age-recipient AGE-SECRET-KEY-1QQQQQQQQ"));
        assert!(secret.exited(2).stderr.contains("secret key"));
        given.run(&export(&format!("--age-recipient {key} --format xlsx"))).exited(2);
        given.run(&export(&format!("--age-recipient {key} --country Freedonia"))).exited(2);
        given.run(&export(&format!("--age-recipient {key}")).replace("newsletter", "raffle")).exited(5);
        given.run(&export(&format!("--age-recipient {key}")).replace("News", "Nothing")).exited(5);
        fs::write(given.program.folder().join("out.age"), "mine").unwrap();
        given.run(&export(&format!("--age-recipient {key}"))).exited(6);
        assert_eq!(fs::read_to_string(given.program.folder().join("out.age")).unwrap(), "mine");
        let left = fs::read_dir(given.program.folder()).unwrap().map(|entry| entry.unwrap().file_name());
        let odd: Vec<_> = left.filter(|name| name.to_string_lossy().contains("unfinished")).collect();
        assert!(odd.is_empty(), "{odd:?}");
        given.ok("audit verify");
    });
}

#[test]
fn traps_are_for_officers_alone() {
    for_each_engine(|db| {
        let given = given(db);
        for account in ["owner", "operator", "auditor"] {
            given.run(&format!("trap add j@trap.example --kind own --as {account}")).exited(4);
            given.run(&format!("trap ls --as {account}")).exited(4);
        }
        given.ok("trap add j@trap.example --kind own --as officer");
        given.ok("trap add old@trap.example --kind recycled --as officer");
        given.run("trap add J@trap.example --kind own --as officer").exited(6);
        given.run("trap add nobody --kind own --as officer").exited(2);
        given.ok("trap rm old@trap.example --as officer");
        given.run("trap rm old@trap.example --as officer").exited(2);
        let listed = given.ok("trap ls --as officer --json").json();
        assert_eq!(listed["traps"].as_array().unwrap().len(), 1);
        assert_eq!(listed["traps"][0]["kind"], "trap-own");
        assert!(given.ok("trap ls --as officer").stdout.contains("j@trap.example"));
        given.ok("audit verify");
    });
}

#[test]
fn a_domain_for_tracing_addresses_that_is_none_is_named() {
    let given = Given::vault();
    let path = given.program.data().join("carnet.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}canary_domains = [\"no domain\"]\n")).unwrap();
    let refused = given.run("status").exited(2);
    assert!(refused.stderr.contains("canary_domains"), "{}", refused.stderr);
}
