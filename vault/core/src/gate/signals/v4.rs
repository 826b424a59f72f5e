//! V4: addresses that the other list writes oddly, with capitals here and there, stand here letter for letter the same.

use super::super::finding::Finding;
use super::super::stats::share;
use super::super::unit::Hits;
use super::pair::Shared;

/// Above this share capitals are the other list's way of writing, and no oddity.
const HABIT: f64 = 0.3;

pub(super) fn judge(shared: &Shared<'_>) -> Finding {
    let (mut odd, mut looked, mut repeated) = (0, 0, Hits::default());
    for (row, theirs) in shared.looked_at() {
        looked += 1;
        let theirs = theirs.email.trim();
        if theirs.chars().any(char::is_uppercase) {
            odd += 1;
            repeated.add_if(theirs == row.written(), &row);
        }
    }
    if looked == 0 {
        return Finding::NotJudged("nobody has looked at the shared rows of the other list");
    }
    if odd == 0 {
        return Finding::NotJudged("the shared rows of the other list have no odd spellings");
    }
    if share(odd, looked) > HABIT {
        return Finding::NotJudged("capitals are the other list's way of writing");
    }
    let label = &shared.list.label;
    Finding::share(repeated, odd, format!("odd spellings in {label} stand here letter for letter the same"))
}
