//! P1: rows without proof, GDPR Art. 5(2), 7(1): no time or no source; or neither network address, notice nor confirmation. A list of
//! which no row names a source has one source, and its owner says it for the whole list.

use super::super::finding::Finding;
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let (mut hits, mut times, mut sources, mut circumstances) = (Hits::default(), 0_u64, 0_u64, 0_u64);
    for row in unit.rows() {
        let lacks_time = !row.has_time();
        let lacks_source = row.source_id() == 0 && unit.context.has_sources;
        let lacks_circumstance = row.ip().is_none() && row.confirmed_s().is_none() && row.notified_s().is_none();
        times += u64::from(lacks_time);
        sources += u64::from(lacks_source);
        circumstances += u64::from(lacks_circumstance);
        hits.add_if(lacks_time || lacks_source || lacks_circumstance, &row);
    }
    let lacking = [
        (times, "the time of the sign-up"),
        (sources, "its source"),
        (circumstances, "all of network address, confirmation and notice"),
    ];
    let told: Vec<String> =
        lacking.iter().filter(|(rows, _)| *rows > 0).map(|(rows, what)| format!("{what} ({rows})")).collect();
    Finding::share(hits, unit.len(), format!("lack a part of the proof: {}", told.join(", ")))
}
