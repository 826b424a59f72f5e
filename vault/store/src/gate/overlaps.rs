//! Which contacts of other controllers have an address of a list. The tags of the whole vault are read once, in the order in which
//! they are stored, beside an index of the list's own: no index of these tags is kept, which every import would pay for.

use std::collections::HashSet;

use carnet_core::gate::TagIndex;
use carnet_core::keys::Tag;
use carnet_core::model::{ContactId, ControllerId, ListId};
use diesel::connection::DefaultLoadingMode;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::pg::{Pg, PgRowByRowLoadingMode, PgValue};
use diesel::prelude::*;
use diesel::sql_types::Binary;
use diesel::sqlite::{Sqlite, SqliteConnection};

use crate::StoreError;
use crate::engine::Db;
use crate::rows::exactly;
use crate::schema::{contact_emails, list_members, tag_runs};
use crate::tx::Tx;

/// A row of a list, and a contact of another controller that has its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Overlap {
    /// Whose contact.
    pub controller: ControllerId,
    /// The contact.
    pub contact: ContactId,
    /// The row, by the number that it has in the index.
    pub row: u32,
}

/// Sixteen bytes, read without a copy on the heap.
#[derive(FromSqlRow)]
struct Sixteen([u8; 16]);

impl FromSql<Binary, Sqlite> for Sixteen {
    fn from_sql(mut value: <Sqlite as diesel::backend::Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(value.read_blob().try_into()?))
    }
}

impl FromSql<Binary, Pg> for Sixteen {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(value.as_bytes().try_into()?))
    }
}

type Met = (Sixteen, Sixteen, Sixteen);

impl Tx<'_> {
    /// The contacts of all controllers, or of all but one, that have an address of these, in their order.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn overlaps(&mut self, except: Option<ControllerId>, wanted: &TagIndex) -> Result<Vec<Overlap>, StoreError> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        // No controller has an id of zeros.
        let except = except.map_or([0; 16], |id| *id.as_bytes());
        let mut found = Vec::new();
        let mut meet = |(controller, contact, tag): ([u8; 16], [u8; 16], [u8; 16])| {
            let (controller, contact) = (ControllerId::from_bytes(controller), ContactId::from_bytes(contact));
            let rows = wanted.rows(&Tag::from_bytes(tag));
            found.extend(rows.map(|row| Overlap { controller, contact, row }));
        };
        let query = contact_emails::table.filter(contact_emails::controller_id.ne(except.as_slice())).select((
            contact_emails::controller_id,
            contact_emails::contact_id,
            contact_emails::overlap_tag,
        ));
        match &mut *self.db {
            Db::Sqlite(connection) => {
                for met in query.load_iter::<Met, DefaultLoadingMode>(connection)? {
                    let (controller, contact, tag) = met?;
                    meet((controller.0, contact.0, tag.0));
                }
                meet_runs(connection, &except, &mut meet)?;
            }
            Db::Postgres(connection) => {
                for met in query.load_iter::<Met, PgRowByRowLoadingMode>(connection)? {
                    let (controller, contact, tag) = met?;
                    meet((controller.0, contact.0, tag.0));
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Which of these contacts, sorted, are in a list, in their order.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn list_holds(
        &mut self,
        controller: ControllerId,
        list: ListId,
        contacts: &[ContactId],
    ) -> Result<Vec<ContactId>, StoreError> {
        const AT_ONCE: usize = 500;
        const TABLE: &str = "list_members";
        let members = list_members::table
            .filter(list_members::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(list_members::list_id.eq(list.as_bytes().as_slice()));
        let mut held = HashSet::new();
        for some in contacts.chunks(AT_ONCE) {
            let some: Vec<&[u8]> = some.iter().map(|id| id.as_bytes().as_slice()).collect();
            let query = members.filter(list_members::contact_id.eq_any(some)).select(list_members::contact_id);
            for id in query.load::<Vec<u8>>(self.db)? {
                held.insert(ContactId::from_bytes(exactly(&id, TABLE, "contact_id")?));
            }
        }
        Ok(contacts.iter().filter(|id| held.contains(id)).copied().collect())
    }
}

/// The same for addresses that wait for their place in the table.
fn meet_runs(
    connection: &mut SqliteConnection,
    except: &[u8],
    meet: &mut impl FnMut(([u8; 16], [u8; 16], [u8; 16])),
) -> Result<(), StoreError> {
    const TABLE: &str = "tag_runs";
    const EMAIL: i64 = 1;
    let of_others = tag_runs::controller_id.ne(except);
    let runs: Vec<(Vec<u8>, Vec<u8>)> = tag_runs::table
        .filter(of_others)
        .filter(tag_runs::field.eq(EMAIL))
        .select((tag_runs::controller_id, tag_runs::id))
        .load(connection)?;
    for (controller, id) in runs {
        let (contacts, tags): (Vec<u8>, Vec<u8>) = tag_runs::table
            .find((&controller, &id))
            .select((tag_runs::contacts, tag_runs::overlap_tags))
            .first(connection)?;
        let controller = exactly(&controller, TABLE, "controller_id")?;
        let (contacts, tags) = (contacts.as_chunks::<16>().0, tags.as_chunks::<16>().0);
        contacts.iter().zip(tags).for_each(|(contact, tag)| meet((controller, *contact, *tag)));
    }
    Ok(())
}
