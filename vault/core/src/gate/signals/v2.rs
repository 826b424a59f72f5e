//! V2: more rows of condemned lists than the worst honest list of the same claim has. The share alone proves nothing: lists of
//! one trade know the same people. Where the vault has no honest list to compare with, the policy says how many an honest one may have.

use super::super::finding::{Finding, Found, Measured};
use super::super::signal::SignalId;
use super::super::stats::count;
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let Some(condemned) = &unit.context.memory.condemned else {
        return Finding::NotJudged("there are no condemned lists to compare with");
    };
    let Some(rule) = unit.rule(SignalId::V2) else { return Finding::NotJudged("it has no entry in the policy") };
    let worst = condemned.worst_honest_share.unwrap_or_else(|| rule.setting("untold"));
    let mut hits = Hits::default();
    unit.rows().for_each(|row| hits.add_if(unit.context.is_condemned(&row), &row));
    let mut of = unit.len();
    if unit.is_whole {
        (hits.count, of) = (count(condemned.rows.len()), unit.context.rows.seen());
    }
    let sentence = match condemned.worst_honest_share {
        Some(worst) => format!("were in condemned lists; of the worst honest list of this kind {:.1} %", worst * 100.0),
        None => format!("were in condemned lists; {:.1} % is what an honest one may have", worst * 100.0),
    };
    let measured = Measured::Share { of, beyond: worst };
    Finding::Found(Found { measured, hits, sentence, points_at_least: 0, peers: condemned.worst_honest_share })
}
