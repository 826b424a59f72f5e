//! Where the rows of a list say that they come from, and the sentence that its owner writes about each: the one that the
//! first message would carry (Art. 14(2)(f), 14(3)(b)).

use std::collections::BTreeMap;

use carnet_core::intake::level;
use carnet_core::keys::{ControllerKeys, Field, Tag};
use carnet_core::model::{AccountId, Controller, ControllerId, ImportId, ListId, ListStatus, Timestamp};
use carnet_core::policy::Operation;
use carnet_store::{ImportRow, SourceRow, StoreError, Tx};

use super::act::unknown;
use super::close::said;
use super::gate::CheckRow;
use super::scan::Marks;
use super::seal::{opened_sentence, opened_source, sealed_sentence, sealed_source};
use crate::origin::opened_provenance;
use crate::{Desk, DeskError};

/// How many sources a list may name. One that names more has something else in that column.
const SOURCES_MAX: usize = 1000;

/// The sources of a list.
#[derive(Debug, Clone)]
pub struct ListSources {
    /// The sources that its rows name, or that a sentence was written about, the most frequent first.
    pub sources: Vec<SourceView>,
    /// How many rows name none: for them the origins of the imports count.
    pub unsaid: u64,
    /// The origins that were given when contacts were imported, the oldest first; of a list that was split off another, those of
    /// the other until then.
    pub origins: Vec<(ImportId, String)>,
}

/// A source of a list. `Debug` shows no words.
#[derive(Clone)]
pub struct SourceView {
    /// As the first row that names it writes it.
    pub value: String,
    /// How many rows name it.
    pub rows: u64,
    /// From whom and how these addresses came; by whom and when that was written.
    pub sentence: Option<(String, AccountId, Timestamp)>,
}

impl std::fmt::Debug for SourceView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let written = self.sentence.is_some();
        f.debug_struct("SourceView").field("rows", &self.rows).field("written", &written).finish_non_exhaustive()
    }
}

/// The sources that the rows of a list name, counted.
pub(super) struct Named {
    pub(super) sources: BTreeMap<Tag, (String, u64)>,
    /// How many rows name none.
    pub(super) unsaid: u64,
    pub(super) marks: Marks,
}

impl Named {
    /// None yet, of a list with these marks.
    pub(super) const fn new(marks: Marks) -> Self {
        Self { sources: BTreeMap::new(), unsaid: 0, marks }
    }

    /// A row may name several; it counts for each.
    pub(super) fn count(&mut self, keys: &ControllerKeys, row: &CheckRow) -> Result<(), DeskError> {
        let told = row.events.iter().filter_map(|event| event.evidence.source.as_deref());
        let named = told.chain(row.source()).map(str::trim).filter(|value| !value.is_empty());
        let by_tag: BTreeMap<Tag, &str> = named.map(|value| (source_tag(keys, value), value)).collect();
        self.unsaid += u64::from(by_tag.is_empty());
        for (tag, value) in by_tag {
            self.sources.entry(tag).or_insert_with(|| (value.to_owned(), 0)).1 += 1;
        }
        if self.sources.len() > SOURCES_MAX {
            return Err(DeskError::Invalid(format!(
                "the rows of this list name more than {SOURCES_MAX} sources, so that what was taken for a source is \
                 something else; take the import back and map that column to keep"
            )));
        }
        Ok(())
    }
}

/// What was written about sources, and the origins of the imports.
type Written = (BTreeMap<Tag, SourceView>, Vec<(ImportId, String)>);

/// The same source in other letters is the same.
fn source_tag(keys: &ControllerKeys, value: &str) -> Tag {
    let words: Vec<&str> = value.split_whitespace().collect();
    keys.index().tag(Field::Source, &level(&words.join(" ")))
}

impl Desk<'_> {
    /// The sources of a list with how many rows name each, and what was written about them.
    ///
    /// # Errors
    /// [`DeskError::Denied`]; [`DeskError::Invalid`] when it names more sources than any list has.
    pub fn list_sources(&self, controller: &Controller, list: ListId) -> Result<ListSources, DeskError> {
        self.allowed_on(Operation::ListShow, controller, list)?;
        let named = self.named_sources(controller.id, list)?;
        let (known, origins) = self.written_sources(controller.id, list)?;
        let mut sources: Vec<SourceView> = known
            .iter()
            .map(|(tag, view)| {
                let rows = named.sources.get(tag).map_or(0, |(_, rows)| *rows);
                SourceView { rows, ..view.clone() }
            })
            .collect();
        let new = named.sources.iter().filter(|(tag, _)| !known.contains_key(tag));
        sources.extend(new.map(|(_, (value, rows))| SourceView { value: value.clone(), rows: *rows, sentence: None }));
        sources.sort_by(|one, next| next.rows.cmp(&one.rows).then_with(|| one.value.cmp(&next.value)));
        let mut draft = self.draft(Operation::ListShow.name())?.of_controller(controller.id);
        draft.touch(list);
        draft.count("sources", u64::try_from(sources.len()).unwrap_or(u64::MAX));
        self.record_only(draft, [])?;
        Ok(ListSources { sources, unsaid: named.unsaid, origins })
    }

    /// Writes from whom and how the addresses of a source came, in place of what was written before.
    ///
    /// # Errors
    /// [`DeskError::Denied`]; [`DeskError::Invalid`] for an empty sentence, and for a list that is being checked or is
    /// released: then it would be another than was decided on.
    pub fn describe_source(
        &self,
        controller: &Controller,
        list: ListId,
        value: &str,
        sentence: &str,
    ) -> Result<(), DeskError> {
        let value = said(value, "which source")?;
        let sentence = said(sentence, "from whom and how these addresses came")?;
        self.act(Operation::ListDescribe, controller, list, |tx, act| {
            if !matches!(act.standing.list.status, ListStatus::Received | ListStatus::Held) {
                return Err(DeskError::Invalid(format!(
                    "this list is {}; where it comes from is written before it is submitted, or while it is held",
                    act.standing.list.status
                )));
            }
            let tag = source_tag(&*act.ring.controller(controller.id)?, value);
            let known = tx.list_sources(controller.id, list)?.into_iter().find(|row| row.tag == tag);
            let (at, key) = ((controller.id, list, tag), &act.ring.vault);
            let by = (self.account.id, act.now);
            let (kept, rows) = match known {
                Some(row) => (row.value, row.rows),
                None => (sealed_source(key, at, value), 0),
            };
            let sentence_sealed = sealed_sentence(key, at, by, sentence);
            tx.list_source_put(&SourceRow {
                controller: controller.id,
                list,
                tag,
                value: kept,
                rows,
                sentence: Some((sentence_sealed, by.0, by.1)),
            })?;
            act.more.push(("source", value.to_owned()));
            act.more.push(("sentence", sentence.to_owned()));
            Ok(())
        })
    }

    /// Reads the whole list for the sources that its rows name.
    pub(super) fn named_sources(&self, controller: ControllerId, list: ListId) -> Result<Named, DeskError> {
        let marks = self.marks(controller, list)?;
        self.scanned((controller, list), |keys, rows| {
            let mut named = Named::new(marks);
            for row in rows {
                named.count(keys, &row)?;
            }
            Ok(named)
        })
    }

    /// What the list has gained so far.
    pub(super) fn marks(&self, controller: ControllerId, list: ListId) -> Result<Marks, DeskError> {
        self.vault.store.read(|tx| {
            let members = tx.list_size(controller, list)?;
            Ok(Marks::of(tx, (controller, list), members)?)
        })
    }

    /// What was written about sources, and the origins of the imports.
    fn written_sources(&self, controller: ControllerId, list: ListId) -> Result<Written, DeskError> {
        self.vault.with_keys(|ring| {
            let keys = ring.controller(controller)?;
            self.vault.store.read(|tx| {
                let mut written = BTreeMap::new();
                for row in tx.list_sources(controller, list)? {
                    let sentence = opened_sentence(&ring.vault, &row)?;
                    let value = opened_source(&ring.vault, &row)?;
                    written.insert(row.tag, SourceView { value, rows: row.rows, sentence });
                }
                let mut origins = Vec::new();
                let came = imports_until(tx, controller, list)?;
                for import in tx.import_all(controller)?.into_iter().rev().filter(|one| is_among(&came, one)) {
                    let origin = tx.provenance(controller, import.provenance)?;
                    let origin = origin.ok_or(StoreError::NotFound("the origin"))?;
                    origins.push((import.id, opened_provenance(&keys, &origin)?.origin));
                }
                Ok((written, origins))
            })
        })
    }
}

/// Whether contacts of a list came by this import, as [`imports_until`] tells.
pub(super) fn is_among(came: &[(ListId, Option<Timestamp>)], import: &ImportRow) -> bool {
    came.iter().any(|(list, until)| import.list == *list && until.is_none_or(|at| import.started < at))
}

/// The list and those that it was split off, each with the time until which its imports were this list's.
pub(super) fn imports_until(
    tx: &mut Tx<'_>,
    controller: ControllerId,
    list: ListId,
) -> Result<Vec<(ListId, Option<Timestamp>)>, DeskError> {
    let mut came = vec![(list, None)];
    let mut last = tx.list(controller, list)?.ok_or_else(|| unknown(list))?;
    while let Some(origin) = tx.list_split_origin(controller, last.id)? {
        // A list is younger than what it was split off, so that this ends.
        let before = tx.list(controller, origin)?.filter(|one| one.created < last.created);
        let Some(before) = before else { return Err(DeskError::Content("decision")) };
        came.push((before.id, Some(last.created)));
        last = before;
    }
    Ok(came)
}
