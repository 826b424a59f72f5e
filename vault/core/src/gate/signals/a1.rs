//! A1: older than three years and nothing heard since: the time that CNIL gives for prospects is over.

use super::super::finding::{Finding, Found, Measured};
use super::super::signal::SignalId;
use super::super::unit::{Hits, Unit};
use crate::model::LawfulBasis;

const YEAR_S: f64 = 365.25 * 86_400.0;

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let Some(rule) = unit.rule(SignalId::A1) else { return Finding::NotJudged("it has no entry in the policy") };
    if matches!(unit.context.claimed.basis, Some(LawfulBasis::Contract | LawfulBasis::LegalObligation)) {
        return Finding::NotJudged("who has a contract or is owed something by law is no prospect");
    }
    #[expect(clippy::cast_possible_truncation, reason = "some years in seconds")]
    let span = (rule.setting("years").min(1_000.0) * YEAR_S) as i64;
    let limit = unit.context.now_s - span;
    let (mut hits, mut timed) = (Hits::default(), 0);
    for row in unit.rows() {
        let Some(at) = row.opted_in_s() else { continue };
        timed += 1;
        let last = [row.confirmed_s(), row.notified_s(), row.active_s()].into_iter().flatten().fold(at, i64::max);
        hits.add_if(last < limit, &row);
    }
    if timed == 0 {
        return Finding::NotJudged("no row has a sign-up time that is one moment");
    }
    let (beyond, sentence) = if unit.context.has_activity {
        (0.0, "signed up more than three years ago, and nothing was heard of them since")
    } else {
        (
            rule.setting("untold"),
            "signed up more than three years ago, and the list does not say when they were last heard of",
        )
    };
    let measured = Measured::Share { of: timed, beyond };
    Finding::Found(Found { measured, hits, sentence: sentence.to_owned(), points_at_least: 0, peers: None })
}
