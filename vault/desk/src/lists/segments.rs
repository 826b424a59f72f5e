//! Rows that the gate judged together, as they are kept beside a check.

use std::collections::{BTreeMap, BTreeSet};

use carnet_core::keys::VaultKey;
use carnet_core::model::ContactId;
use carnet_store::{CheckRow, SegmentRow, Tx, WriteTx};

use super::decide::unsealed;
use super::gate::{Judgement, Segment};
use super::seal::{opened_segment, seal_segment};
use crate::DeskError;

/// Keeps the segments of a judgement.
pub(super) fn put_segments(
    tx: &mut WriteTx<'_>,
    key: &VaultKey,
    check: &CheckRow,
    judgement: &Judgement,
) -> Result<(), DeskError> {
    let members = members_by_number(&judgement.segments, &judgement.members).ok_or_else(|| {
        DeskError::Invalid("the segments that the gate names do not fit together; nothing was decided".to_owned())
    })?;
    for segment in &judgement.segments {
        let row = SegmentRow {
            controller: check.controller,
            list: check.list,
            check: check.id,
            number: segment.number,
            verdict: segment.verdict,
            rows: segment.rows,
            quarantined: segment.quarantined,
            label: unsealed(key),
        };
        let of_segment = members.get(&segment.number).copied().unwrap_or_default();
        let (row, sealed) = seal_segment(key, row, &segment.key, of_segment);
        tx.list_segment_insert(&row, &sealed)?;
    }
    Ok(())
}

/// The members of each segment that is not the whole list; nothing unless each number is one segment's and each contact once in it.
fn members_by_number<'m>(
    segments: &[Segment],
    members: &'m [(u32, Vec<ContactId>)],
) -> Option<BTreeMap<u32, &'m [ContactId]>> {
    let numbers: BTreeSet<u32> = segments.iter().map(|one| one.number).collect();
    let by_number: BTreeMap<u32, &[ContactId]> =
        members.iter().map(|(number, ids)| (*number, ids.as_slice())).collect();
    let fits = numbers.len() == segments.len()
        && by_number.len() == members.len()
        && by_number.iter().all(|(number, ids)| numbers.contains(number) && ids.is_sorted_by(|one, next| one < next));
    Some(by_number).filter(|_| fits)
}

/// The segments of a check, as many as it had.
pub(super) fn segments_of(tx: &mut Tx<'_>, check: &CheckRow) -> Result<Vec<SegmentRow>, DeskError> {
    let rows = tx.list_segments(check.controller, check.list, check.id)?;
    let whole = u32::try_from(rows.len()).is_ok_and(|found| found == check.segments);
    Some(rows).filter(|_| whole).ok_or(DeskError::Content("segment"))
}

/// The same with their labels.
pub(super) fn opened_segments(tx: &mut Tx<'_>, key: &VaultKey, check: &CheckRow) -> Result<Vec<Segment>, DeskError> {
    let rows = segments_of(tx, check)?;
    rows.into_iter()
        .map(|row| {
            Ok(Segment {
                number: row.number,
                key: opened_segment(key, &row)?,
                rows: row.rows,
                verdict: row.verdict,
                quarantined: row.quarantined,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use carnet_core::gate::Verdict;

    use super::*;

    fn fits(numbers: &[u32], members: &[(u32, &[u8])]) -> Option<usize> {
        let segment = |number: &u32| Segment {
            number: *number,
            key: "source".to_owned(),
            rows: 1,
            verdict: Verdict::Clear,
            quarantined: false,
        };
        let segments: Vec<Segment> = numbers.iter().map(segment).collect();
        let ids = |ids: &[u8]| ids.iter().map(|id| ContactId::from_bytes([*id; 16])).collect();
        let members: Vec<(u32, Vec<ContactId>)> = members.iter().map(|(number, of)| (*number, ids(of))).collect();
        members_by_number(&segments, &members).map(|found| found.len())
    }

    #[test]
    fn segments_fit_together_or_are_not_kept() {
        assert_eq!(fits(&[0], &[]), Some(0));
        assert_eq!(fits(&[0, 1, 4], &[(1, &[3, 7]), (4, &[3])]), Some(2));
        // A number twice, a member twice, an order that is none, members of no segment.
        assert_eq!(fits(&[0, 0], &[]), None);
        assert_eq!(fits(&[0, 1], &[(1, &[3, 3])]), None);
        assert_eq!(fits(&[0, 1], &[(1, &[7, 3])]), None);
        assert_eq!(fits(&[0, 1], &[(2, &[3])]), None);
        assert_eq!(fits(&[0, 1], &[(1, &[3]), (1, &[7])]), None);
    }
}
