//! Many processes at one vault.

use carnet_tests::for_each_engine;

use crate::given::{Given, card};
use crate::shell::words;

const PROCESSES: usize = 8;
const CONTACTS_EACH: usize = 25;

#[test]
fn eight_processes_add_contacts_while_another_verifies_and_finds() {
    for_each_engine(|db| {
        let given = Given::vault_on(db).ready();
        let add = words("contact add --card - --origin 'a list of ours' --json");
        let adders: Vec<_> = (0..PROCESSES)
            .map(|process| {
                let numbers = process * CONTACTS_EACH..(process + 1) * CONTACTS_EACH;
                let cards: String = numbers.map(|number| card(number, "Everybody")).collect();
                given.program.start_with_input(&add, cards)
            })
            .collect();
        for _ in 0..5 {
            assert_eq!(given.ok("audit verify").stderr, "");
            given.ok("contact find everybody");
        }
        for adder in adders {
            let outcome = adder.finish().succeeded();
            assert_eq!(outcome.json()["added"].as_array().unwrap().len(), CONTACTS_EACH);
            assert_eq!(outcome.stderr, "");
        }
        assert_eq!(given.count(), (PROCESSES * CONTACTS_EACH) as u64);
        given.ok("audit verify");
        for number in 0..PROCESSES {
            let mail = format!("person{}@many.example", number * CONTACTS_EACH);
            assert_eq!(given.ok(&format!("contact find {mail} --json")).json()["found"].as_array().unwrap().len(), 1);
        }
    });
}

#[test]
fn one_of_ten_processes_gets_an_address_and_the_others_are_told_who_has_it() {
    for_each_engine(|db| {
        let given = Given::vault_on(db).ready();
        let add = "contact add --name 'Ada Martin' --email ada@atelier.example --origin 'at the fair'";
        let runs: Vec<_> = (0..10).map(|_| given.start(add)).collect();
        let mut codes: Vec<_> = runs.into_iter().map(|run| run.finish().code).collect();
        codes.sort_unstable();
        assert_eq!(codes, [&[Some(0)][..], &[Some(6); 9]].concat());
        assert_eq!(given.count(), 1);
        given.ok("audit verify");
    });
}
