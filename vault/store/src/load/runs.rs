//! Runs: tags of many new contacts, sorted and packed, that wait on SQLite to be put into the B-trees of tags.
//!
//! Tags are random, so a chunk of an import touches nearly every page of these trees, and each touched page goes to the
//! log and to the file whole: that was more than half of the time of an import. A run is one row. When many wait, they go
//! into the trees together and in the order of the keys, each page once.
//!
//! A tag in a run counts like one in the trees: whoever looks for tags looks here too, and whoever changes the tags of a
//! contact settles the runs first.

use carnet_core::model::{ContactId, ControllerId, TagRunId};
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use diesel::sqlite::SqliteConnection;

use super::{Load, TagRow, sqlite};
use crate::StoreError;
use crate::schema::tag_runs;

const TABLE: &str = "tag_runs";
/// The field of e-mail addresses; others are named as in `contact_tags`.
const EMAIL: i64 = 1;
/// Fewer rows than this are put into the trees at once.
const ROWS_MIN: usize = 512;
/// When more rows of a field wait than this, a load should be followed by settling them. Looking through the runs costs a
/// chunk less than looking its tags up in a tree of some million rows, until about so many wait.
pub(crate) const WAITING_MAX: i64 = 6_000_000;
/// The trees are filled in sixteen parts, each in a transaction of its own: what one transaction changes of pages that were
/// there, SQLite holds in memory.
pub(crate) const LAST_SLICE: u8 = 15;

/// A run by its id, and the field of its tags.
pub(crate) type Run = (Vec<u8>, i64);

/// An address in a run: its tag, its contact, and the tag that the gate compares lists by.
type EmailRow = [[u8; 16]; 3];

/// Takes the addresses of a load, sorted; false if they are few and go into the tree.
pub(super) fn take_emails(
    connection: &mut SqliteConnection,
    load: &Load<'_>,
    rows: &[EmailRow],
) -> Result<bool, StoreError> {
    if rows.len() < ROWS_MIN {
        return Ok(false);
    }
    if rows.is_sorted_by(|one, next| one.first() < next.first()) {
        let column = |index: usize| rows.iter().filter_map(|row| row.get(index)).flatten().copied().collect();
        insert(connection, load.controller, EMAIL, [column(0), column(1), column(2)])?;
        Ok(true)
    } else {
        // Two of them are one address.
        Err(StoreError::Conflict)
    }
}

/// Takes other tags of a load, sorted; false if they are few and go into the tree.
pub(super) fn take_others(
    connection: &mut SqliteConnection,
    controller: ControllerId,
    field: i64,
    rows: &[TagRow],
) -> Result<bool, StoreError> {
    if rows.len() < ROWS_MIN {
        return Ok(false);
    }
    let tags = rows.iter().flat_map(|(_, [tag, _])| *tag).collect();
    let contacts = rows.iter().flat_map(|(_, [_, contact])| *contact).collect();
    insert(connection, controller, field, [tags, contacts, Vec::new()])?;
    Ok(true)
}

fn insert(
    connection: &mut SqliteConnection,
    controller: ControllerId,
    field: i64,
    [tags, contacts, overlaps]: [Vec<u8>; 3],
) -> Result<(), StoreError> {
    diesel::insert_into(tag_runs::table)
        .values((
            tag_runs::controller_id.eq(controller.as_bytes().as_slice()),
            tag_runs::id.eq(TagRunId::new().as_bytes().as_slice()),
            tag_runs::field.eq(field),
            tag_runs::size.eq(i64::try_from(tags.len() / 16).unwrap_or(i64::MAX)),
            tag_runs::heads.eq(heads_of(&tags)),
            tag_runs::tags.eq(tags),
            tag_runs::contacts.eq(contacts),
            tag_runs::overlap_tags.eq(overlaps),
        ))
        .execute(connection)?;
    Ok(())
}

/// The first bytes of each tag: a quarter of the bytes to read, and enough to tell that none of some thousand other tags is
/// there.
fn heads_of(tags: &[u8]) -> Vec<u8> {
    tags.as_chunks::<16>().0.iter().flat_map(head_of).collect()
}

fn head_of([one, two, three, four, ..]: &[u8; 16]) -> [u8; 4] {
    [*one, *two, *three, *four]
}

/// Which contacts have these tags, as far as runs know. The tags are sorted.
pub(crate) fn find(
    connection: &mut SqliteConnection,
    controller: ControllerId,
    field: i64,
    wanted: &[[u8; 16]],
) -> Result<Vec<([u8; 16], ContactId)>, StoreError> {
    let runs: Vec<Vec<u8>> = tag_runs::table
        .filter(tag_runs::controller_id.eq(controller.as_bytes().as_slice()))
        .filter(tag_runs::field.eq(field))
        .order(tag_runs::id)
        .select(tag_runs::id)
        .load(connection)?;
    let mut found = Vec::new();
    if runs.is_empty() {
        return Ok(found);
    }
    let sought = Wanted::new(wanted);
    for run in runs {
        let one = tag_runs::table
            .filter(tag_runs::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(tag_runs::id.eq(&run));
        let heads: Vec<u8> = one.select(tag_runs::heads).first(connection)?;
        if !sought.any_begins_like(heads.as_chunks().0) {
            continue;
        }
        let tags: Vec<u8> = one.select(tag_runs::tags).first(connection)?;
        let places = places_of(tags.as_chunks().0, wanted);
        if places.is_empty() {
            continue;
        }
        let contacts: Vec<u8> = one.select(tag_runs::contacts).first(connection)?;
        let contacts = contacts.as_chunks::<16>().0;
        for (tag, place) in places {
            let contact = contacts.get(place).ok_or(StoreError::Damaged { table: TABLE, column: "contacts" })?;
            found.push((tag, ContactId::from_bytes(*contact)));
        }
    }
    Ok(found)
}

/// The tags that are looked for, as they are met with the beginnings of one run after another.
struct Wanted<'a> {
    /// In their order.
    tags: &'a [[u8; 16]],
    /// A bit for each value of the first bits of a tag, set where one begins so: an import asks every run that waits, and to
    /// walk two sorted rows beside each other costs a wrong guess of the processor at every step.
    sieve: Vec<u64>,
}

/// Of so many first bits: 64 kB, which stay near the processor, and one in 64 passes by chance where a chunk is looked for.
const SIEVE_BITS: u32 = 19;

impl<'a> Wanted<'a> {
    fn new(tags: &'a [[u8; 16]]) -> Self {
        let mut sieve = vec![0_u64; 1 << (SIEVE_BITS - 6)];
        for tag in tags {
            let (word, bit) = place_in_sieve(head_of(tag));
            if let Some(word) = sieve.get_mut(word) {
                *word |= bit;
            }
        }
        Self { tags, sieve }
    }

    /// Whether one of them begins like one of a run, which is sorted too.
    fn any_begins_like(&self, heads: &[[u8; 4]]) -> bool {
        if are_few(self.tags, heads) {
            return self.tags.iter().any(|tag| heads.binary_search(&head_of(tag)).is_ok());
        }
        heads.iter().any(|head| {
            let (word, bit) = place_in_sieve(*head);
            self.sieve.get(word).is_some_and(|word| word & bit != 0)
                && self.tags.binary_search_by_key(head, head_of).is_ok()
        })
    }
}

/// The word of the sieve and its bit.
fn place_in_sieve(head: [u8; 4]) -> (usize, u64) {
    let place = u32::from_be_bytes(head) >> (32 - SIEVE_BITS);
    (usize::try_from(place >> 6).unwrap_or(usize::MAX), 1 << (place & 63))
}

/// Where the wanted tags stand among the tags of a run; both are sorted.
fn places_of(tags: &[[u8; 16]], wanted: &[[u8; 16]]) -> Vec<([u8; 16], usize)> {
    let few = are_few(wanted, tags);
    let mut places = Vec::new();
    let mut from = 0;
    for tag in wanted {
        from += passed_over(tags.get(from..).unwrap_or_default(), tag, few);
        // One number may belong to several contacts.
        places.extend(
            (from..)
                .zip(tags.get(from..).unwrap_or_default())
                .take_while(|(_, one)| *one == tag)
                .map(|(at, one)| (*one, at)),
        );
    }
    places
}

/// Whether most of a run is passed over between two of the wanted tags.
fn are_few<T>(wanted: &[[u8; 16]], run: &[T]) -> bool {
    wanted.len() < run.len() / 64
}

/// How many of a sorted run come before something: counted, or, where few are looked for, found by halves.
fn passed_over<T: Ord>(run: &[T], sought: &T, few: bool) -> usize {
    if few { run.partition_point(|one| one < sought) } else { run.iter().take_while(|one| *one < sought).count() }
}

/// How many rows of the fullest field wait.
pub(crate) fn waiting(connection: &mut SqliteConnection, controller: ControllerId) -> Result<i64, StoreError> {
    let sums: Vec<Option<i64>> = tag_runs::table
        .filter(tag_runs::controller_id.eq(controller.as_bytes().as_slice()))
        .group_by(tag_runs::field)
        .select(diesel::dsl::sql::<diesel::sql_types::Nullable<BigInt>>("sum(size)"))
        .load(connection)?;
    Ok(sums.into_iter().flatten().max().unwrap_or_default())
}

/// The runs that wait.
pub(crate) fn all(connection: &mut SqliteConnection, controller: ControllerId) -> Result<Vec<Run>, StoreError> {
    Ok(tag_runs::table
        .filter(tag_runs::controller_id.eq(controller.as_bytes().as_slice()))
        .order((tag_runs::field, tag_runs::id))
        .select((tag_runs::id, tag_runs::field))
        .load(connection)?)
}

/// Puts all that waits into the trees.
pub(crate) fn settle(connection: &mut SqliteConnection, controller: ControllerId) -> Result<(), StoreError> {
    let runs = all(connection, controller)?;
    if runs.is_empty() {
        return Ok(());
    }
    (0..=LAST_SLICE).try_for_each(|slice| settle_slice(connection, controller, &runs, slice))?;
    forget(connection, controller, &runs)
}

/// Puts those rows of these runs whose tags begin with this half byte into the trees, where they may be already. Others may
/// settle the same runs at the same time, and have forgotten them by now.
pub(crate) fn settle_slice(
    connection: &mut SqliteConnection,
    controller: ControllerId,
    runs: &[Run],
    slice: u8,
) -> Result<(), StoreError> {
    for of_field in runs.chunk_by(|one, next| one.1 == next.1) {
        let mut rows: Vec<EmailRow> = Vec::new();
        for (run, _) in of_field {
            read_slice(connection, controller, run, slice, &mut rows)?;
        }
        rows.sort_unstable();
        match of_field.first() {
            Some((_, EMAIL)) => sqlite::insert_emails(connection, controller, &rows, true)?,
            Some((_, field)) => {
                let rows: Vec<TagRow> = rows.iter().map(|[tag, contact, _]| (*field, [*tag, *contact])).collect();
                sqlite::insert_tags(connection, controller, *field, &rows)?;
            }
            None => {}
        }
    }
    Ok(())
}

fn read_slice(
    connection: &mut SqliteConnection,
    controller: ControllerId,
    run: &[u8],
    slice: u8,
    rows: &mut Vec<EmailRow>,
) -> Result<(), StoreError> {
    let found: Option<(Vec<u8>, Vec<u8>, Vec<u8>)> = tag_runs::table
        .filter(tag_runs::controller_id.eq(controller.as_bytes().as_slice()))
        .filter(tag_runs::id.eq(run))
        .select((tag_runs::tags, tag_runs::contacts, tag_runs::overlap_tags))
        .first(connection)
        .optional()?;
    let Some((tags, contacts, overlaps)) = found else { return Ok(()) };
    let damaged = StoreError::Damaged { table: TABLE, column: "contacts" };
    if contacts.len() != tags.len() || !(overlaps.is_empty() || overlaps.len() == tags.len()) {
        return Err(damaged);
    }
    let tags = tags.as_chunks::<16>().0;
    let half = |tag: &[u8; 16]| tag.first().copied().unwrap_or_default() >> 4;
    let from = tags.partition_point(|tag| half(tag) < slice);
    let to = tags.partition_point(|tag| half(tag) <= slice);
    let column = |bytes: &[u8], row: usize| bytes.as_chunks::<16>().0.get(row).copied().unwrap_or_default();
    for (row, tag) in tags.iter().enumerate().take(to).skip(from) {
        rows.push([*tag, column(&contacts, row), column(&overlaps, row)]);
    }
    Ok(())
}

/// Forgets these runs, once all of them is in the trees. Runs that have come since wait on.
///
/// Their bytes are tags, keyed hashes that stand in the trees too, so they are not overwritten where that would be a page
/// more to write.
pub(crate) fn forget(
    connection: &mut SqliteConnection,
    controller: ControllerId,
    runs: &[Run],
) -> Result<(), StoreError> {
    connection.batch_execute("PRAGMA secure_delete = FAST")?;
    let of = || tag_runs::table.filter(tag_runs::controller_id.eq(controller.as_bytes().as_slice()));
    let forgotten: QueryResult<()> = runs
        .iter()
        .try_for_each(|(run, _)| diesel::delete(of().filter(tag_runs::id.eq(run))).execute(connection).map(drop));
    connection.batch_execute("PRAGMA secure_delete = ON")?;
    Ok(forgotten?)
}
