//! V4: what the other list writes oddly, an address with capitals or a name with a letter too many, stands here letter for
//! letter the same. The errors of V3 count here too: few of each kind are many together, and two firms that know one person
//! may both have the capitals that the person types, and not the same error.

use super::super::finding::Finding;
use super::super::stats::share;
use super::super::unit::Hits;
use super::pair::Shared;
use super::v3::errors;

/// Above this share capitals are the other list's way of writing, and no oddity.
const HABIT: f64 = 0.3;

pub(super) fn judge(shared: &Shared<'_>) -> Finding {
    let (mut odd, mut capitals, mut looked, mut repeated) = (0, 0, 0, Hits::default());
    for (row, theirs) in shared.looked_at() {
        looked += 1;
        for is_repeated in errors(&row, theirs) {
            odd += 1;
            repeated.add_if(is_repeated, &row);
        }
        let theirs = theirs.email.trim();
        if theirs.chars().any(char::is_uppercase) {
            (odd, capitals) = (odd + 1, capitals + 1);
            repeated.add_if(theirs == row.written(), &row);
        }
    }
    if looked == 0 {
        return Finding::NotJudged("nobody has looked at the shared rows of the other list");
    }
    if odd == 0 {
        return Finding::NotJudged("the shared rows of the other list have no odd spellings");
    }
    if share(capitals, looked) > HABIT {
        return Finding::NotJudged("capitals are the other list's way of writing");
    }
    let label = &shared.list.label;
    Finding::share(repeated, odd, format!("in {label} stand here letter for letter the same"))
}
