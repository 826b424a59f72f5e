//! Where the rows of a list say that they come from, and the sentence that its owner wrote about each.

use carnet_core::keys::{Sealed, Tag};
use carnet_core::model::{AccountId, ControllerId, ListId, Timestamp};
use diesel::prelude::*;

use crate::StoreError;
use crate::engine::on;
use crate::rows::{count, exactly, sealed, size, time};
use crate::schema::list_sources;
use crate::tx::{Tx, WriteTx};

const TABLE: &str = "list_sources";

/// A source of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRow {
    /// Whose list.
    pub controller: ControllerId,
    /// Which list.
    pub list: ListId,
    /// A keyed digest of the source.
    pub tag: Tag,
    /// The source as it was first written.
    pub value: Sealed,
    /// How many rows named it when the list was submitted; 0 before.
    pub rows: u64,
    /// The sentence, who wrote it, and when.
    pub sentence: Option<(Sealed, AccountId, Timestamp)>,
}

type Stored = (Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, i64, Option<Vec<u8>>, Option<Vec<u8>>, Option<i64>);

impl Tx<'_> {
    /// The sources of a list that something is known of, in the order of their tags.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn list_sources(&mut self, controller: ControllerId, list: ListId) -> Result<Vec<SourceRow>, StoreError> {
        let rows: Vec<Stored> = list_sources::table
            .filter(list_sources::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(list_sources::list_id.eq(list.as_bytes().as_slice()))
            .order(list_sources::tag)
            .load(self.db)?;
        rows.into_iter().map(row).collect()
    }
}

impl WriteTx<'_> {
    /// Keeps a source with its sentence, in place of what was known of it.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn list_source_put(&mut self, new: &SourceRow) -> Result<(), StoreError> {
        let (sentence, by, at) = match &new.sentence {
            Some((text, by, at)) => (Some(text.as_bytes().to_vec()), Some(by.as_bytes().to_vec()), Some(at.as_us())),
            None => (None, None, None),
        };
        let ids = (
            list_sources::controller_id.eq(new.controller.as_bytes().as_slice()),
            list_sources::list_id.eq(new.list.as_bytes().as_slice()),
            list_sources::tag.eq(new.tag.as_bytes().as_slice()),
        );
        let values = (
            list_sources::sealed_value.eq(new.value.as_bytes()),
            list_sources::row_count.eq(count(new.rows)?),
            list_sources::sealed_sentence.eq(sentence),
            list_sources::written_by.eq(by),
            list_sources::written_us.eq(at),
        );
        on!(&mut *self.db, connection => diesel::insert_into(list_sources::table)
            .values((ids, values.clone()))
            .on_conflict((list_sources::controller_id, list_sources::list_id, list_sources::tag))
            .do_update()
            .set(values)
            .execute(connection))?;
        Ok(())
    }
}

fn row((controller, list, tag, value, rows, sentence, by, at): Stored) -> Result<SourceRow, StoreError> {
    let damaged = StoreError::Damaged { table: TABLE, column: "sealed_sentence" };
    let sentence = match (sentence, by, at) {
        (None, None, None) => None,
        (Some(text), Some(by), Some(at)) => Some((
            sealed(text, TABLE, "sealed_sentence")?,
            AccountId::from_bytes(exactly(&by, TABLE, "written_by")?),
            time(at, TABLE, "written_us")?,
        )),
        _ => return Err(damaged),
    };
    Ok(SourceRow {
        controller: ControllerId::from_bytes(exactly(&controller, TABLE, "controller_id")?),
        list: ListId::from_bytes(exactly(&list, TABLE, "list_id")?),
        tag: Tag::from_bytes(exactly(&tag, TABLE, "tag")?),
        value: sealed(value, TABLE, "sealed_value")?,
        rows: size(rows, TABLE, "row_count")?,
        sentence,
    })
}
