//! V3: errors of data entry in the other list that are repeated here: a letter doubled in a name of which the address has one.

use super::super::finding::Finding;
use super::super::held::View;
use super::super::memory::Theirs;
use super::super::unit::Hits;
use super::pair::Shared;
use crate::intake::level;

pub(super) fn judge(shared: &Shared<'_>) -> Finding {
    let (mut errors, mut repeated) = (0, Hits::default());
    let mut looked = false;
    for (row, theirs) in shared.looked_at() {
        looked = true;
        for is_repeated in self::errors(&row, theirs) {
            errors += 1;
            repeated.add_if(is_repeated, &row);
        }
    }
    if !looked {
        return Finding::NotJudged("nobody has looked at the shared rows of the other list");
    }
    if errors == 0 {
        return Finding::NotJudged("the shared rows of the other list have no errors of data entry");
    }
    let label = &shared.list.label;
    Finding::share(repeated, errors, format!("in {label} are repeated here letter for letter"))
}

/// The errors of a row of the other list: for each, whether it is repeated here.
pub(super) fn errors(row: &View<'_>, theirs: &Theirs) -> Vec<bool> {
    let names = [(&theirs.surname, row.surname()), (&theirs.given, row.given())];
    // Most names have no doubled letter, so that nothing needs to be levelled.
    let doubled = |name: &str| {
        name.chars().zip(name.chars().skip(1)).any(|(one, next)| one.to_lowercase().eq(next.to_lowercase()))
    };
    let mut found = Vec::new();
    for (theirs, here) in names.into_iter().filter(|(theirs, _)| doubled(theirs)) {
        if is_misspelled(theirs, &letters(row.local())) {
            found.push(letters(theirs) == letters(here));
        }
    }
    found
}

fn letters(text: &str) -> String {
    level(text).chars().filter(|c| c.is_alphabetic()).collect()
}

/// Whether a name has a doubled letter where the address has one, and is in the address but for that.
fn is_misspelled(name: &str, address: &str) -> bool {
    let name = letters(name);
    if name.chars().count() < 4 || address.contains(&name) {
        return false;
    }
    let mut before = None;
    for (at, letter) in name.char_indices() {
        if before == Some(letter) {
            let without: String =
                name.char_indices().filter(|(other, _)| *other != at).map(|(_, letter)| letter).collect();
            if address.contains(&without) {
                return true;
            }
        }
        before = Some(letter);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_too_many_is_an_error_and_a_name_that_has_two_is_none() {
        for (name, address, wrong) in [
            ("Dupontt", "jeandupont", true),
            ("Mollier", "jmolier", true),
            ("Muller", "amuller", false),
            ("MÜLLER", "amuller", false),
            ("Dupont", "jdupont", false),
            ("Anna", "ana", true),
            ("Lee", "le", false),
        ] {
            assert_eq!(is_misspelled(name, address), wrong, "{name}");
        }
    }
}
