//! Loading into SQLite: one statement a table, its rows packed into a few bound values and taken apart in SQL.
//!
//! Binding costs more than inserting: a row bound value by value takes about ten times as long as one cut out of a packed
//! value. Rows of B-trees with random keys come in the order of the keys, so that neighbours share a page.

use carnet_core::model::{ConsentKind, ControllerId, PurposeId};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Nullable, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};

use super::{FoundEmail, FoundSuppression, Load, LoadedContact, TagRow, runs};
use crate::{ConsentRow, StoreError, tag_lists};

/// Numbers rows from 0 to `?1` - 1.
const ROWS: &str = "WITH RECURSIVE rows(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM rows WHERE i + 1 < ?1) ";
/// Digits of an offset into packed values of varying length: enough for a chunk of 10 GB.
const OFFSET_DIGITS: usize = 10;
/// Sign and digits of a time in microseconds.
const TIME_DIGITS: usize = 20;

/// Values of one column, of varying length, one behind the other; and where each begins.
#[derive(Default)]
struct Packed {
    bytes: Vec<u8>,
    offsets: Vec<u8>,
    rows: i64,
}

impl Packed {
    fn of<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut packed = Self::default();
        packed.mark();
        for value in values {
            packed.bytes.extend_from_slice(value);
            packed.rows += 1;
            packed.mark();
        }
        packed
    }

    fn mark(&mut self) {
        let offset = format!("{:0OFFSET_DIGITS$}", self.bytes.len());
        self.offsets.extend_from_slice(offset.as_bytes());
    }
}

/// The value of row `i` of a packed column, from the parameters that hold its bytes and its offsets.
fn cut(bytes: u8, offsets: u8) -> String {
    let at = |row: &str| format!("CAST(substr(?{offsets}, ({row}) * {OFFSET_DIGITS} + 1, {OFFSET_DIGITS}) AS INTEGER)");
    format!("substr(?{bytes}, {} + 1, {} - {})", at("i"), at("i + 1"), at("i"))
}

/// 16 bytes of row `i` in a value of `stride` bytes a row, from `from`.
fn id(parameter: u8, stride: usize, from: usize) -> String {
    format!("substr(?{parameter}, i * {stride} + {}, 16)", from + 1)
}

pub(super) fn load(connection: &mut SqliteConnection, load: &Load<'_>) -> Result<(), StoreError> {
    let ids: Vec<u8> = load.contacts.iter().flat_map(|contact| *contact.id.as_bytes()).collect();
    salts(connection, load, &ids)?;
    contacts(connection, load, &ids)?;
    emails(connection, load)?;
    tag_lists(connection, load, &ids)?;
    members(connection, load, &ids)?;
    originals(connection, load)?;
    events(connection, load)
}

fn rows(contacts: &[&LoadedContact]) -> i64 {
    i64::try_from(contacts.len()).unwrap_or(i64::MAX)
}

fn salts(connection: &mut SqliteConnection, load: &Load<'_>, ids: &[u8]) -> Result<(), StoreError> {
    let salts: Vec<u8> = load.contacts.iter().flat_map(|contact| *contact.salt.as_bytes()).collect();
    let insert = format!(
        "{ROWS} INSERT INTO contact_salts (controller_id, contact_id, salt) SELECT ?2, {}, {} FROM rows",
        id(3, 16, 0),
        id(4, 16, 0)
    );
    diesel::sql_query(insert)
        .bind::<BigInt, _>(rows(load.contacts))
        .bind::<Binary, _>(load.controller.as_bytes().as_slice())
        .bind::<Binary, _>(ids)
        .bind::<Binary, _>(salts.as_slice())
        .execute(connection)?;
    Ok(())
}

fn contacts(connection: &mut SqliteConnection, load: &Load<'_>, ids: &[u8]) -> Result<(), StoreError> {
    let Some(first) = load.contacts.first() else { return Ok(()) };
    let cards = Packed::of(load.contacts.iter().map(|contact| contact.card.as_bytes()));
    let insert = format!(
        "{ROWS} INSERT INTO contacts (controller_id, id, provenance_id, key_generation, revision, added_us, changed_us, \
         addressed_us, sealed_card) SELECT ?2, {}, ?4, ?5, 1, ?6, ?6, ?6, {} FROM rows",
        id(3, 16, 0),
        cut(7, 8)
    );
    diesel::sql_query(insert)
        .bind::<BigInt, _>(cards.rows)
        .bind::<Binary, _>(load.controller.as_bytes().as_slice())
        .bind::<Binary, _>(ids)
        .bind::<Binary, _>(load.provenance.as_bytes().as_slice())
        .bind::<BigInt, _>(i64::from(first.card.generation()))
        .bind::<BigInt, _>(load.at.as_us())
        .bind::<Binary, _>(&cards.bytes)
        .bind::<Binary, _>(&cards.offsets)
        .execute(connection)?;
    Ok(())
}

fn emails(connection: &mut SqliteConnection, load: &Load<'_>) -> Result<(), StoreError> {
    let mut found: Vec<[[u8; 16]; 3]> = load
        .contacts
        .iter()
        .flat_map(|one| one.tags.emails.iter().map(|(tag, all)| [*tag.as_bytes(), *one.id.as_bytes(), *all.as_bytes()]))
        .collect();
    found.sort_unstable();
    if runs::take_emails(connection, load, &found)? {
        Ok(())
    } else {
        insert_emails(connection, load.controller, &found, false)
    }
}

fn tag_lists(connection: &mut SqliteConnection, load: &Load<'_>, ids: &[u8]) -> Result<(), StoreError> {
    let lists: Vec<Vec<u8>> = load.contacts.iter().map(|one| tag_lists::packed(&one.tags)).collect();
    let lists = Packed::of(lists.iter().map(Vec::as_slice));
    let insert = format!(
        "{ROWS} INSERT INTO contact_tag_lists (controller_id, contact_id, part, tags) SELECT ?2, {}, ?4, {} FROM rows",
        id(3, 16, 0),
        cut(5, 6)
    );
    diesel::sql_query(insert)
        .bind::<BigInt, _>(lists.rows)
        .bind::<Binary, _>(load.controller.as_bytes().as_slice())
        .bind::<Binary, _>(ids)
        .bind::<BigInt, _>(tag_lists::MAIN)
        .bind::<Binary, _>(&lists.bytes)
        .bind::<Binary, _>(&lists.offsets)
        .execute(connection)?;
    Ok(())
}

/// Puts addresses into their tree; `known` says that they may be there already, as the same contact's.
pub(super) fn insert_emails(
    connection: &mut SqliteConnection,
    controller: ControllerId,
    rows: &[[[u8; 16]; 3]],
    known: bool,
) -> Result<(), StoreError> {
    let conflict = if known { "ON CONFLICT DO NOTHING" } else { "" };
    if rows.is_empty() {
        return Ok(());
    }
    let insert = format!(
        "{ROWS} INSERT INTO contact_emails (controller_id, tag, contact_id, overlap_tag) SELECT ?2, {}, {}, {} FROM rows \
         WHERE true {conflict}",
        id(3, 48, 0),
        id(3, 48, 16),
        id(3, 48, 32)
    );
    diesel::sql_query(insert)
        .bind::<BigInt, _>(i64::try_from(rows.len()).unwrap_or(i64::MAX))
        .bind::<Binary, _>(controller.as_bytes().as_slice())
        .bind::<Binary, _>(rows.as_flattened().as_flattened())
        .execute(connection)?;
    Ok(())
}

pub(super) fn tags(
    connection: &mut SqliteConnection,
    controller: ControllerId,
    rows: &[TagRow],
) -> Result<(), StoreError> {
    for of_field in rows.chunk_by(|one, next| one.0 == next.0) {
        let Some((field, _)) = of_field.first() else { continue };
        if !runs::take_others(connection, controller, *field, of_field)? {
            insert_tags(connection, controller, *field, of_field)?;
        }
    }
    Ok(())
}

/// Puts tags of one field into their tree.
pub(super) fn insert_tags(
    connection: &mut SqliteConnection,
    controller: ControllerId,
    field: i64,
    rows: &[TagRow],
) -> Result<(), StoreError> {
    // Rows are numbered from 0, so that there is always one.
    if rows.is_empty() {
        return Ok(());
    }
    let insert = format!(
        "{ROWS} INSERT INTO contact_tags (controller_id, field, tag, contact_id) SELECT ?2, ?3, {}, {} FROM rows WHERE true \
         ON CONFLICT DO NOTHING",
        id(4, 32, 0),
        id(4, 32, 16)
    );
    let packed: Vec<[[u8; 16]; 2]> = rows.iter().map(|(_, row)| *row).collect();
    diesel::sql_query(insert)
        .bind::<BigInt, _>(i64::try_from(packed.len()).unwrap_or(i64::MAX))
        .bind::<Binary, _>(controller.as_bytes().as_slice())
        .bind::<BigInt, _>(field)
        .bind::<Binary, _>(packed.as_flattened().as_flattened())
        .execute(connection)?;
    Ok(())
}

fn members(connection: &mut SqliteConnection, load: &Load<'_>, ids: &[u8]) -> Result<(), StoreError> {
    let insert = format!(
        "{ROWS} INSERT INTO list_members (controller_id, list_id, contact_id) SELECT ?2, ?3, {} FROM rows",
        id(4, 16, 0)
    );
    diesel::sql_query(insert)
        .bind::<BigInt, _>(rows(load.contacts))
        .bind::<Binary, _>(load.controller.as_bytes().as_slice())
        .bind::<Binary, _>(load.list.as_bytes().as_slice())
        .bind::<Binary, _>(ids)
        .execute(connection)?;
    Ok(())
}

fn originals(connection: &mut SqliteConnection, load: &Load<'_>) -> Result<(), StoreError> {
    let mut kept: Vec<_> = load
        .contacts
        .iter()
        .filter_map(|one| one.original.as_ref().map(|kept| (&kept.media_type, one.id, kept)))
        .collect();
    kept.sort_unstable_by(|one, next| (one.0, one.1).cmp(&(next.0, next.1)));
    let insert = format!(
        "{ROWS} INSERT INTO contact_originals (controller_id, contact_id, media_type, sealed) SELECT ?2, {}, ?4, {} FROM rows",
        id(3, 16, 0),
        cut(5, 6)
    );
    for of_type in kept.chunk_by(|one, next| one.0 == next.0) {
        let Some((media_type, ..)) = of_type.first() else { continue };
        let ids: Vec<u8> = of_type.iter().flat_map(|(_, contact, _)| *contact.as_bytes()).collect();
        let sealed = Packed::of(of_type.iter().map(|(_, _, kept)| kept.sealed.as_bytes()));
        diesel::sql_query(&insert)
            .bind::<BigInt, _>(sealed.rows)
            .bind::<Binary, _>(load.controller.as_bytes().as_slice())
            .bind::<Binary, _>(&ids)
            .bind::<Text, _>(media_type)
            .bind::<Binary, _>(&sealed.bytes)
            .bind::<Binary, _>(&sealed.offsets)
            .execute(connection)?;
    }
    Ok(())
}

/// Everything that is bound once for many events; the rest is packed.
type Shared<'a> = (ConsentKind, PurposeId, Option<Vec<u8>>, bool);

fn shared(event: &ConsentRow) -> Shared<'_> {
    (event.kind, event.purpose, event.notice.as_ref().map(|hash| hash.as_bytes().to_vec()), event.at.is_some())
}

fn events(connection: &mut SqliteConnection, load: &Load<'_>) -> Result<(), StoreError> {
    let mut events: Vec<&ConsentRow> = load.contacts.iter().flat_map(|contact| &contact.events).collect();
    let kind = |event: &ConsentRow| event.kind.as_str();
    events.sort_by_cached_key(|event| {
        let (_, purpose, notice, timed) = shared(event);
        (kind(event), purpose, notice, timed, event.contact, event.id)
    });
    let insert = format!(
        "{ROWS} INSERT INTO consent_events (controller_id, contact_id, id, purpose_id, kind, authority, at_us, recorded_us, \
         notice_hash, entry_id, sealed_evidence) SELECT ?2, {}, {}, ?4, ?5, ?6, \
         CASE WHEN length(?7) > 0 THEN CAST(substr(?7, i * {TIME_DIGITS} + 1, {TIME_DIGITS}) AS INTEGER) END, ?8, ?9, ?10, {} \
         FROM rows",
        id(3, 32, 0),
        id(3, 32, 16),
        cut(11, 12)
    );
    for alike in events.chunk_by(|one, next| shared(one) == shared(next)) {
        let Some(first) = alike.first() else { continue };
        let ids: Vec<u8> =
            alike.iter().flat_map(|event| [*event.contact.as_bytes(), *event.id.as_bytes()]).flatten().collect();
        let times: String =
            alike.iter().filter_map(|event| event.at).map(|at| format!("{:+0TIME_DIGITS$}", at.as_us())).collect();
        let evidence = Packed::of(alike.iter().map(|event| event.evidence.as_bytes()));
        diesel::sql_query(&insert)
            .bind::<BigInt, _>(evidence.rows)
            .bind::<Binary, _>(load.controller.as_bytes().as_slice())
            .bind::<Binary, _>(&ids)
            .bind::<Binary, _>(first.purpose.as_bytes().as_slice())
            .bind::<Text, _>(first.kind.as_str())
            .bind::<Text, _>(first.authority.as_str())
            .bind::<Binary, _>(times.as_bytes())
            .bind::<BigInt, _>(first.recorded.as_us())
            .bind::<Nullable<Binary>, _>(first.notice.as_ref().map(|hash| hash.as_bytes().to_vec()))
            .bind::<Binary, _>(first.entry.as_bytes().as_slice())
            .bind::<Binary, _>(&evidence.bytes)
            .bind::<Binary, _>(&evidence.offsets)
            .execute(connection)?;
    }
    Ok(())
}

pub(super) fn contacts_by_emails(
    connection: &mut SqliteConnection,
    controller: ControllerId,
    tags: &[[u8; 16]],
) -> Result<Vec<FoundEmail>, StoreError> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Binary)]
        tag: Vec<u8>,
        #[diesel(sql_type = Binary)]
        contact_id: Vec<u8>,
    }
    let found: Vec<Found> = among(connection, controller, tags, ("contact_emails", "tag, contact_id"))?;
    Ok(found.into_iter().map(|row| (row.tag, row.contact_id)).collect())
}

pub(super) fn suppressions_among(
    connection: &mut SqliteConnection,
    controller: ControllerId,
    tags: &[[u8; 16]],
) -> Result<Vec<FoundSuppression>, StoreError> {
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = Binary)]
        tag: Vec<u8>,
        #[diesel(sql_type = Binary)]
        purpose_id: Vec<u8>,
        #[diesel(sql_type = Text)]
        cause: String,
        #[diesel(sql_type = BigInt)]
        at_us: i64,
    }
    let found: Vec<Found> = among(connection, controller, tags, ("suppressions", "tag, purpose_id, cause, at_us"))?;
    Ok(found.into_iter().map(|row| (row.tag, row.purpose_id, row.cause, row.at_us)).collect())
}

/// The rows of a table that have one of these tags, of which there is one at least.
fn among<T: QueryableByName<Sqlite> + 'static>(
    connection: &mut SqliteConnection,
    controller: ControllerId,
    tags: &[[u8; 16]],
    (table, columns): (&str, &str),
) -> Result<Vec<T>, StoreError> {
    // CROSS JOIN keeps SQLite from walking through the whole table to compare it with the tags.
    let select = format!(
        "{ROWS} SELECT {columns} FROM rows CROSS JOIN {table} AS known ON known.controller_id = ?2 AND known.tag = {}",
        id(3, 16, 0)
    );
    Ok(diesel::sql_query(select)
        .bind::<BigInt, _>(i64::try_from(tags.len()).unwrap_or(i64::MAX))
        .bind::<Binary, _>(controller.as_bytes().as_slice())
        .bind::<Binary, _>(tags.as_flattened())
        .load(connection)?)
}
