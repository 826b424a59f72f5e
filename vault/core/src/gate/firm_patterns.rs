//! What a released list teaches: how firms make addresses, read from rows that are proven. N1 compares later lists with it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::held::View;
use super::knowledge::{Knowledge, registrable};
use super::names::{Pattern, Writings};
use super::rows::Rows;
use super::text::TextId;

/// People of a firm whose addresses must agree before anything is learnt of it.
const LEAST: usize = 3;
/// One in so many may have an address that does not agree: people marry, and two may share a name.
const ODD_ONE_IN: usize = 5;

/// The addresses of a firm's people, by the pattern they follow; `None` is what follows from the name by none.
type Firm<'r> = BTreeMap<Option<Pattern>, BTreeSet<&'r str>>;

/// The address patterns of firms that proven rows of a list show, by registrable domain.
///
/// Proven is a row with time and source of a sign-up, and its network address or confirmation: the person has typed that address. A
/// firm is learnt of from three people on, if at most a fifth of its people has an address that does not agree. Each address
/// counts once; mailbox providers, throw-away domains and addresses of posts teach nothing. Of a list longer than [`Rows::LIMIT`] the
/// rows that are held teach.
pub fn learnt_patterns(rows: &Rows, knowledge: &Knowledge) -> BTreeMap<String, Pattern> {
    let mut firms: HashMap<TextId, Option<&str>> = HashMap::new();
    let mut found: BTreeMap<&str, Firm<'_>> = BTreeMap::new();
    let mut writings = Writings::default();
    for row in rows.iter().filter(teaches) {
        let Some(firm) = *firms.entry(row.domain_id()).or_insert_with(|| firm(row.domain(), knowledge)) else {
            continue;
        };
        if knowledge.is_role(row.local()) {
            continue;
        }
        let pattern = writings.pattern(row.local(), (row.given_id(), row.given()), (row.surname_id(), row.surname()));
        found.entry(firm).or_default().entry(pattern).or_default().insert(row.local());
    }
    found.into_iter().filter_map(|(firm, people)| Some((firm.to_owned(), agreed(&people)?))).collect()
}

/// Whether a row is proven, and names its person by more than initials: of `A. Example` nobody can tell `f.last` from `first.last`.
fn teaches(row: &View<'_>) -> bool {
    let is_proven = row.has_time() && row.source_id() != 0 && (row.ip().is_some() || row.confirmed_s().is_some());
    let is_whole = |name: &str| name.chars().filter(|c| c.is_alphabetic()).count() >= 2;
    is_proven && is_whole(row.given()) && is_whole(row.surname())
}

fn firm<'d>(domain: &'d str, knowledge: &Knowledge) -> Option<&'d str> {
    let is_firm = !domain.is_empty()
        && !Knowledge::has(&knowledge.free, domain)
        && !Knowledge::has(&knowledge.disposable, domain);
    is_firm.then(|| registrable(domain))
}

/// The pattern that enough people agree on, if few do not.
fn agreed(people: &Firm<'_>) -> Option<Pattern> {
    let all: usize = people.values().map(BTreeSet::len).sum();
    let (pattern, agreeing) = people
        .iter()
        .filter_map(|(pattern, people)| Some(((*pattern)?, people.len())))
        .max_by_key(|(_, people)| *people)?;
    let odd = all - agreeing;
    (agreeing >= LEAST && odd * ODD_ONE_IN <= all).then_some(pattern)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::sample::{Person, rows, subscribers};

    /// Subscribers who work at one firm, with addresses made by `local`.
    fn staff(count: usize, local: fn(usize, &str, &str) -> String) -> Vec<Person> {
        let mut people = subscribers(count);
        for (number, person) in people.iter_mut().enumerate() {
            let (given, surname) = (person.given.to_lowercase(), person.surname.to_lowercase());
            person.email = format!("{}@firm.example", local(number, &given, &surname));
        }
        people
    }

    fn learnt(people: &[Person]) -> Option<String> {
        let learnt = learnt_patterns(&rows(people), &Knowledge::builtin());
        learnt.get("firm.example").map(ToString::to_string)
    }

    fn initial(_: usize, given: &str, surname: &str) -> String {
        format!("{given}_{surname}")
    }

    #[test]
    fn three_people_who_agree_teach_and_two_do_not() {
        assert_eq!(learnt(&staff(3, initial)).as_deref(), Some("first_last"));
        assert_eq!(learnt(&staff(2, initial)), None);
        let repeated = [staff(2, initial), staff(2, initial)].concat();
        assert_eq!(learnt(&repeated), None, "one address counts once");
    }

    #[test]
    fn a_fifth_may_differ_and_no_more() {
        let mixed = |number: usize, given: &str, surname: &str| match number {
            0 => format!("{surname}.{given}"),
            1 => "kitty75".to_owned(),
            _ => format!("{given}.{surname}"),
        };
        assert_eq!(learnt(&staff(10, mixed)).as_deref(), Some("first.last"));
        assert_eq!(learnt(&staff(9, mixed)), None, "two of nine");
    }

    #[test]
    fn only_proven_rows_of_named_people_at_firms_teach() {
        for (spoil, why) in [
            ((|person| person.opted_in_s = None) as fn(&mut Person), "no time"),
            (|person| person.source.clear(), "no source"),
            (|person| (person.ip, person.confirmed_s) = (None, None), "neither network address nor confirmation"),
            (|person| person.given.truncate(1), "an initial is no name"),
            (|person| person.email = person.email.replace("firm.example", "gmail.com"), "a mailbox provider"),
        ] {
            let mut people = staff(6, initial);
            people.iter_mut().for_each(spoil);
            assert!(learnt_patterns(&rows(&people), &Knowledge::builtin()).is_empty(), "{why}");
        }
        let confirmed_alone = |person: &mut Person| person.ip = None;
        let mut people = staff(6, initial);
        people.iter_mut().for_each(confirmed_alone);
        assert!(learnt(&people).is_some());
    }

    #[test]
    fn posts_and_subdomains_are_the_firms_own() {
        let mut people = staff(6, initial);
        people[0].email = "contact@firm.example".to_owned();
        people[1].email = "accueil@firm.example".to_owned();
        people[2].email = people[2].email.replace("@", "@mail.");
        assert_eq!(learnt(&people).as_deref(), Some("first_last"));
    }

    #[test]
    fn what_was_learnt_speaks_against_a_guess() {
        use crate::gate::sample::World;
        use crate::gate::signal::SignalId;
        let mut world = World::new();
        world.knowledge.patterns = learnt_patterns(&rows(&staff(40, initial)), &world.knowledge);
        assert_eq!(world.points(SignalId::N1, &staff(40, initial)), 0);
        assert_eq!(world.points(SignalId::N1, &staff(40, |_, given, surname| format!("{given}.{surname}"))), 8);
    }
}
