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
    let members = members_by_number(judgement).ok_or_else(|| {
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
fn members_by_number(judgement: &Judgement) -> Option<BTreeMap<u32, &[ContactId]>> {
    let numbers: BTreeSet<u32> = judgement.segments.iter().map(|one| one.number).collect();
    let members: BTreeMap<u32, &[ContactId]> =
        judgement.members.iter().map(|(number, ids)| (*number, ids.as_slice())).collect();
    let fits = numbers.len() == judgement.segments.len()
        && members.len() == judgement.members.len()
        && members.iter().all(|(number, ids)| numbers.contains(number) && ids.is_sorted_by(|one, next| one < next));
    Some(members).filter(|_| fits)
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
    use carnet_core::model::Verdict;

    use super::*;

    fn judgement(numbers: &[u32], members: &[(u32, &[u8])]) -> Judgement {
        let segment = |number: &u32| Segment {
            number: *number,
            key: "source".to_owned(),
            rows: 1,
            verdict: Verdict::Clear,
            quarantined: false,
        };
        let ids = |ids: &[u8]| ids.iter().map(|id| ContactId::from_bytes([*id; 16])).collect();
        Judgement {
            policy: [1; 32],
            inputs: [2; 32],
            verdict: Verdict::Clear,
            points: 0,
            judged: 1,
            segments: numbers.iter().map(segment).collect(),
            members: members.iter().map(|(number, of)| (*number, ids(of))).collect(),
            report: Vec::new(),
        }
    }

    #[test]
    fn segments_fit_together_or_are_not_kept() {
        let fits = |numbers: &[u32], members: &[(u32, &[u8])]| {
            members_by_number(&judgement(numbers, members)).map(|found| found.len())
        };
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
