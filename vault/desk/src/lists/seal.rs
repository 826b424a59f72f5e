//! Where the sealed words about lists stand, and the clear columns that they vouch for: an edited row no longer opens
//! (docs/decisions/0008-clear-columns-are-bound.md).

use std::collections::BTreeMap;

use carnet_core::gate::{Learnt, Report};
use carnet_core::keys::{ContactKey, Place, Sealed, Tag, VaultKey};
use carnet_core::model::{AccountId, ContactId, ControllerId, ListId, Timestamp};
use carnet_store::{CheckRow, DecisionRow, ProofRow, ReleaseRow, SegmentRow, SourceRow};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::gate::Judgement;
use crate::DeskError;

fn refs(parts: &[Vec<u8>]) -> Vec<&[u8]> {
    parts.iter().map(Vec::as_slice).collect()
}

fn number(value: u64) -> Vec<u8> {
    value.to_be_bytes().to_vec()
}

fn time(at: Option<Timestamp>) -> Vec<u8> {
    at.map_or_else(Vec::new, |at| at.as_us().to_be_bytes().to_vec())
}

fn text(bytes: &[u8], what: &'static str) -> Result<String, DeskError> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| DeskError::Content(what))
}

/// A source, as it was first written.
pub(super) fn sealed_source(key: &VaultKey, at: (ControllerId, ListId, Tag), value: &str) -> Sealed {
    let bound: [&[u8]; 1] = [at.2.as_bytes()];
    key.seal(&Place::new(at.0, at.1, "list_sources", "sealed_value").bound_to(&bound), value.as_bytes())
}

pub(super) fn opened_source(key: &VaultKey, row: &SourceRow) -> Result<String, DeskError> {
    let bound: [&[u8]; 1] = [row.tag.as_bytes()];
    let place = Place::new(row.controller, row.list, "list_sources", "sealed_value").bound_to(&bound);
    text(&key.open(&place, &row.value)?, "source")
}

/// The sentence about a source, bound to who wrote it and when.
pub(super) fn sealed_sentence(
    key: &VaultKey,
    at: (ControllerId, ListId, Tag),
    by: (AccountId, Timestamp),
    sentence: &str,
) -> Sealed {
    let parts = sentence_parts(at.2, by);
    let bound = refs(&parts);
    key.seal(&Place::new(at.0, at.1, "list_sources", "sealed_sentence").bound_to(&bound), sentence.as_bytes())
}

pub(super) fn opened_sentence(
    key: &VaultKey,
    row: &SourceRow,
) -> Result<Option<(String, AccountId, Timestamp)>, DeskError> {
    let Some((sealed, by, at)) = &row.sentence else { return Ok(None) };
    let parts = sentence_parts(row.tag, (*by, *at));
    let bound = refs(&parts);
    let place = Place::new(row.controller, row.list, "list_sources", "sealed_sentence").bound_to(&bound);
    Ok(Some((text(&key.open(&place, sealed)?, "sentence")?, *by, *at)))
}

fn sentence_parts(tag: Tag, (by, at): (AccountId, Timestamp)) -> [Vec<u8>; 3] {
    [tag.as_bytes().to_vec(), by.as_bytes().to_vec(), time(Some(at))]
}

/// What is kept of a check beside its numbers.
pub(crate) struct CheckWords {
    pub(crate) report: Report,
    /// Which contacts the report shows as examples, by their positions.
    pub(super) examples: BTreeMap<u64, ContactId>,
    /// The lists of other controllers that it speaks of.
    pub(super) lists: BTreeMap<String, (ControllerId, ListId)>,
}

/// The report with whom it shows, as it is sealed.
#[derive(Serialize, Deserialize)]
struct KeptReport {
    report: Report,
    examples: BTreeMap<u64, ContactId>,
    lists: BTreeMap<String, (ControllerId, ListId)>,
}

/// Seals report and lessons of a check into it.
///
/// # Errors
/// [`DeskError::Content`] for what cannot be written as JSON.
pub(super) fn seal_check(key: &VaultKey, row: CheckRow, judgement: &Judgement) -> Result<CheckRow, DeskError> {
    let kept = KeptReport {
        report: judgement.report.clone(),
        examples: judgement.examples.clone(),
        lists: judgement.lists.clone(),
    };
    let [report, learnt] = [serde_json::to_vec(&kept), serde_json::to_vec(&judgement.learnt)];
    let parts = check_parts(&row);
    let bound = refs(&parts);
    let sealed = |column, bytes: Result<Vec<u8>, serde_json::Error>| {
        let place = Place::new(row.controller, row.list, "list_checks", column).bound_to(&bound);
        Ok::<_, DeskError>(key.seal(&place, &bytes.map_err(|_| DeskError::Content("check"))?))
    };
    let (report, learnt) = (sealed("sealed_report", report)?, sealed("sealed_learnt", learnt)?);
    Ok(CheckRow { report, learnt, ..row })
}

/// The report of a check.
pub(crate) fn opened_check(key: &VaultKey, row: &CheckRow) -> Result<CheckWords, DeskError> {
    let KeptReport { report, examples, lists } = opened_words(key, row, ("sealed_report", &row.report))?;
    Ok(CheckWords { report, examples, lists })
}

/// What a check taught.
pub(super) fn opened_learnt(key: &VaultKey, row: &CheckRow) -> Result<Learnt, DeskError> {
    opened_words(key, row, ("sealed_learnt", &row.learnt))
}

fn opened_words<T: DeserializeOwned>(
    key: &VaultKey,
    row: &CheckRow,
    (column, sealed): (&'static str, &Sealed),
) -> Result<T, DeskError> {
    let parts = check_parts(row);
    let bound = refs(&parts);
    let bytes = key.open(&Place::new(row.controller, row.list, "list_checks", column).bound_to(&bound), sealed)?;
    serde_json::from_slice(&bytes).map_err(|_| DeskError::Content("check"))
}

fn check_parts(row: &CheckRow) -> [Vec<u8>; 12] {
    [
        row.id.as_bytes().to_vec(),
        row.policy.to_vec(),
        row.inputs.to_vec(),
        row.verdict.as_str().into(),
        number(u64::from(row.points)),
        number(row.judged),
        number(row.imports),
        number(row.members),
        number(row.changes),
        number(u64::from(row.segments)),
        row.run_by.as_bytes().to_vec(),
        time(Some(row.at)),
    ]
}

/// Seals the label of a segment into it; beside it its members, 16 bytes each.
pub(super) fn seal_segment(
    key: &VaultKey,
    row: SegmentRow,
    label: &str,
    members: &[ContactId],
) -> (SegmentRow, Sealed) {
    let parts = segment_parts(&row);
    let bound = refs(&parts);
    let at = |column| Place::new(row.controller, row.list, "list_segments", column).bound_to(&bound);
    let bytes: Vec<u8> = members.iter().flat_map(|id| *id.as_bytes()).collect();
    let (label, members) = (key.seal(&at("sealed_label"), label.as_bytes()), key.seal(&at("sealed_members"), &bytes));
    (SegmentRow { label, ..row }, members)
}

/// The label of a segment.
pub(super) fn opened_segment(key: &VaultKey, row: &SegmentRow) -> Result<String, DeskError> {
    let parts = segment_parts(row);
    let bound = refs(&parts);
    let place = Place::new(row.controller, row.list, "list_segments", "sealed_label").bound_to(&bound);
    text(&key.open(&place, &row.label)?, "segment")
}

/// The contacts of a segment, in the order of their ids; none where it is the whole list.
pub(super) fn opened_members(key: &VaultKey, row: &SegmentRow, members: &Sealed) -> Result<Vec<ContactId>, DeskError> {
    let parts = segment_parts(row);
    let bound = refs(&parts);
    let place = Place::new(row.controller, row.list, "list_segments", "sealed_members").bound_to(&bound);
    let bytes = key.open(&place, members)?;
    let (ids, rest) = bytes.as_chunks::<16>();
    if !rest.is_empty() {
        return Err(DeskError::Content("segment"));
    }
    Ok(ids.iter().copied().map(ContactId::from_bytes).collect())
}

fn segment_parts(row: &SegmentRow) -> [Vec<u8>; 5] {
    [
        row.check.as_bytes().to_vec(),
        number(u64::from(row.number)),
        row.verdict.as_str().into(),
        number(row.rows),
        vec![u8::from(row.quarantined)],
    ]
}

/// Seals the text of a decision into it.
pub(super) fn seal_decision(key: &VaultKey, row: DecisionRow, words: &str) -> DecisionRow {
    let parts = decision_parts(&row);
    let bound = refs(&parts);
    let place = Place::new(row.controller, row.list, "list_decisions", "sealed_text").bound_to(&bound);
    let sealed = key.seal(&place, words.as_bytes());
    DecisionRow { text: sealed, ..row }
}

pub(super) fn opened_decision(key: &VaultKey, row: &DecisionRow) -> Result<String, DeskError> {
    let parts = decision_parts(row);
    let bound = refs(&parts);
    let place = Place::new(row.controller, row.list, "list_decisions", "sealed_text").bound_to(&bound);
    text(&key.open(&place, &row.text)?, "decision")
}

fn decision_parts(row: &DecisionRow) -> [Vec<u8>; 8] {
    [
        row.id.as_bytes().to_vec(),
        row.kind.as_str().into(),
        row.check.map_or_else(Vec::new, |id| id.as_bytes().to_vec()),
        row.account.as_bytes().to_vec(),
        row.code.clone().unwrap_or_default().into_bytes(),
        row.scope.as_str().into(),
        time(row.expires),
        time(Some(row.at)),
    ]
}

/// Seals a release, so that nothing of it can be changed without the vault's key.
pub(super) fn seal_release(key: &VaultKey, row: ReleaseRow) -> ReleaseRow {
    let parts = release_parts(&row);
    let bound = refs(&parts);
    let seal = key.seal(&Place::new(row.controller, row.list, "list_releases", "sealed").bound_to(&bound), b"");
    ReleaseRow { seal, ..row }
}

/// Makes sure that a release is as it was sealed.
pub(super) fn verify_release(key: &VaultKey, row: &ReleaseRow) -> Result<(), DeskError> {
    let parts = release_parts(row);
    let bound = refs(&parts);
    key.open(&Place::new(row.controller, row.list, "list_releases", "sealed").bound_to(&bound), &row.seal)?;
    Ok(())
}

fn release_parts(row: &ReleaseRow) -> [Vec<u8>; 8] {
    [
        row.id.as_bytes().to_vec(),
        row.check.as_bytes().to_vec(),
        row.decision.as_bytes().to_vec(),
        number(row.imports),
        number(row.members),
        time(Some(row.granted)),
        time(Some(row.expires)),
        time(row.ended),
    ]
}

/// The place of a proof's note, in the state that the row has.
pub(crate) fn with_proof_place<T>(row: &ProofRow, work: impl FnOnce(&Place<'_>) -> T) -> T {
    let account = |id: Option<AccountId>| id.map_or_else(Vec::new, |id| id.as_bytes().to_vec());
    let parts = [
        row.list.as_bytes().to_vec(),
        row.proposal.as_bytes().to_vec(),
        row.state.as_str().into(),
        account(row.shown_by),
        account(row.judged_by),
        time(Some(row.changed)),
    ];
    let bound = refs(&parts);
    work(&Place::new(row.controller, row.contact, "list_proofs", "sealed_note").bound_to(&bound))
}

/// Seals the note of a proof into it.
pub(super) fn seal_proof(key: &ContactKey, row: ProofRow, note: &[u8]) -> ProofRow {
    let sealed = with_proof_place(&row, |place| key.seal(place, note));
    ProofRow { note: sealed, ..row }
}

pub(super) fn opened_proof(key: &ContactKey, row: &ProofRow) -> Result<Vec<u8>, DeskError> {
    Ok(with_proof_place(row, |place| key.open(place, &row.note))?.to_vec())
}
