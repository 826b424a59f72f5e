//! What the columns of a file are, by their heads and by a sample of their values.
//!
//! Nothing is guessed of consent: a column of sign-up times is one because its head says so. A column of words that are all
//! words of a status is taken for one even under a head that is not known, because it could hold opt-outs.

use std::collections::HashMap;

use carnet_core::intake::Status;

use super::dates::OrderVotes;
use super::dialect::is_address;
use super::field::{ConsentField, Field};
use super::headers::{self, key};
use super::mapping::{Column, Mapping};
use super::presets::Preset;
use super::words::{Reader, Words, is_nothing};

/// Names for the columns: each once, `column 3` where a head is blank.
pub(super) fn names<'a>(heads: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let mut names: Vec<String> = Vec::new();
    for (head, number) in heads.zip(1_usize..) {
        let head: String = head.trim().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let head = if head.is_empty() { format!("column {number}") } else { head };
        let mut name = head.clone();
        while names.contains(&name) {
            let count = counts.entry(head.clone()).or_insert(1);
            *count += 1;
            name = format!("{head} ({count})");
        }
        names.push(name);
    }
    names
}

/// A sample of the values of each column, those that are not blank.
pub(super) type Sample = Vec<Vec<String>>;

/// Finds the mapping of a file. Without heads, only a column of addresses can be told from others.
pub(super) fn mapping(heads: &[String], has_heads: bool, sample: &Sample, file_name: Option<&str>) -> Mapping {
    let preset = Preset::of_heads(heads).filter(|_| has_heads);
    let words = preset.map(|preset| preset.words.clone()).unwrap_or_default();
    let mut fields: Vec<Option<Field>> = vec![None; heads.len()];
    let claim = |fields: &mut Vec<Option<Field>>, index: usize, field: Field| {
        let taken = !field.may_repeat() && fields.contains(&Some(field));
        fields
            .iter_mut()
            .skip(index)
            .take(1)
            .filter(|known| known.is_none() && !taken)
            .for_each(|known| *known = Some(field));
    };
    if has_heads {
        for (index, head) in heads.iter().enumerate() {
            preset.and_then(|preset| preset.field(head)).iter().for_each(|field| claim(&mut fields, index, *field));
        }
        let is_open = |head: &String| !preset.is_some_and(|preset| preset.keeps(head));
        for (index, head) in heads.iter().enumerate().filter(|(_, head)| is_open(head)) {
            let by_head = headers::field(head).filter(|field| fits(*field, values(sample, index), &words));
            by_head.iter().for_each(|field| claim(&mut fields, index, *field));
        }
    }
    let says_stops = |field: &Option<Field>| {
        matches!(field, Some(Field::Consent(ConsentField::Status | ConsentField::OptedOut | ConsentField::OptedIn)))
    };
    if !fields.iter().any(says_stops) {
        let status = (0..heads.len())
            .find(|index| fields.get(*index) == Some(&None) && is_status(values(sample, *index), &words));
        status.iter().for_each(|index| claim(&mut fields, *index, Field::Consent(ConsentField::Status)));
    }
    if !fields.iter().any(|field| matches!(field, Some(Field::Email(_)))) {
        let addresses = (0..heads.len()).filter(|index| fields.get(*index) == Some(&None)).find(|index| {
            let values = values(sample, *index);
            values.iter().any(|value| is_address(value))
                && values.iter().filter(|value| value.contains('@')).count() * 2 >= values.len()
        });
        addresses.iter().for_each(|index| claim(&mut fields, *index, Field::Email(None)));
    }
    let columns = heads.iter().zip(&fields).enumerate().map(|(index, (name, field))| {
        let is_date = field.is_some_and(Field::is_date);
        let order = is_date.then(|| votes(values(sample, index)).order()).flatten();
        Column { name: name.clone(), field: *field, keep: false, order, zone: None }
    });
    Mapping {
        preset: preset.map(|preset| preset.name.clone()),
        zone: None,
        status: preset.zip(file_name).and_then(|(preset, name)| preset.status_of_file(name)),
        confirmed_after_sign_up: preset.is_some_and(|preset| preset.confirmed_after_sign_up),
        columns: columns.collect(),
        words,
    }
}

/// Finds the order of day and month in columns that somebody has said to be dates.
pub(super) fn settle(mapping: &mut Mapping, sample: &Sample) {
    for (index, column) in mapping.columns.iter_mut().enumerate() {
        if column.order.is_none() && column.field.is_some_and(Field::is_date) {
            column.order = votes(values(sample, index)).order();
        }
    }
}

/// Columns of dates in which only an order would tell the day from the month, and none was found.
pub(super) fn unsettled(mapping: &Mapping, sample: &Sample) -> Vec<String> {
    let unclear = |(index, column): &(usize, &Column)| {
        column.order.is_none()
            && column.field.is_some_and(Field::is_date)
            && votes(values(sample, *index)).is_unsettled()
    };
    mapping.columns.iter().enumerate().filter(unclear).map(|(_, column)| column.name.clone()).collect()
}

fn votes(values: &[String]) -> OrderVotes {
    let mut votes = OrderVotes::default();
    values.iter().for_each(|value| votes.count(value));
    votes
}

fn values(sample: &Sample, index: usize) -> &[String] {
    sample.get(index).map(Vec::as_slice).unwrap_or_default()
}

/// Whether a sample could be of the field that a head speaks of; heads such as "status" or "stop" are used for many things.
fn fits(field: Field, values: &[String], words: &Words) -> bool {
    let mut reader = Reader::new(words);
    let mut values = values.iter().filter(|value| !is_nothing(value)).peekable();
    if values.peek().is_none() {
        return true;
    }
    match field {
        Field::Consent(ConsentField::Status) => values.any(|value| reader.status(value).is_some()),
        Field::Consent(
            ConsentField::OptedIn | ConsentField::OptedOut | ConsentField::Complained | ConsentField::Confirmed,
        )
        | Field::Undeliverable => {
            values.any(|value| reader.yes_or_no(value).is_some() || reader.status(value).is_some() || is_date(value))
        }
        _ => true,
    }
}

fn is_date(value: &str) -> bool {
    super::dates::read(value, None).is_ok()
}

/// Whether all values are words of a status, one of which speaks of subscribing.
fn is_status(values: &[String], words: &Words) -> bool {
    const SPEAKING: [&str; 9] =
        ["subscri", "abonn", "inscri", "optin", "optout", "optedin", "optedout", "angemeldet", "abgemeldet"];
    let mut reader = Reader::new(words);
    let mut known = values.iter().map(|value| reader.status(value));
    let all: Option<Vec<Status>> = known.by_ref().collect();
    all.is_some_and(|all| !all.is_empty())
        && values.iter().any(|value| SPEAKING.iter().any(|word| key(value).contains(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(heads: &[&str], rows: &[&[&str]]) -> Vec<Option<&'static str>> {
        let sample: Sample = (0..heads.len())
            .map(|index| rows.iter().map(|row| row[index].to_owned()).filter(|value| !value.is_empty()).collect())
            .collect();
        let mapping = mapping(&names(heads.iter().copied()), true, &sample, None);
        mapping.columns.iter().map(|column| column.field.map(Field::as_str)).collect()
    }

    #[test]
    fn names_are_each_there_once() {
        assert_eq!(
            names(["a", "", "a", " a ", "a (2)", "b\nc"].into_iter()),
            ["a", "column 2", "a (2)", "a (3)", "a (2) (2)", "b c"]
        );
    }

    #[test]
    fn a_head_that_means_many_things_is_believed_only_with_fitting_values() {
        let heads = ["email", "status", "stop"];
        let customers = [["a@example.org", "Customer", "Lyon"]];
        assert_eq!(found(&heads, &[&customers[0]]), [Some("email"), None, None]);
        let subscribers = [["a@example.org", "unsubscribed", "1"]];
        let expected = [Some("email"), Some("consent.status"), Some("consent.opted-out")];
        assert_eq!(found(&heads, &[&subscribers[0]]), expected);
    }

    #[test]
    fn a_column_that_could_hold_opt_outs_is_found_under_any_head() {
        let rows: [&[&str]; 2] = [&["a@example.org", "Abonné", "x"], &["b@example.org", "Désabonné", "y"]];
        assert_eq!(found(&["wer", "zzz", "q"], &rows), [Some("email"), Some("consent.status"), None]);
    }

    #[test]
    fn one_field_is_one_column_and_the_second_is_kept() {
        let rows: [&[&str]; 1] = [&["a@example.org", "Ada", "Augusta", "b@example.org"]];
        assert_eq!(
            found(&["email", "first name", "Firstname", "Email 2"], &rows),
            [Some("email"), Some("name.given"), None, Some("email")]
        );
    }
}
