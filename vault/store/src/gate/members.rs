//! Who is in a list. For use there is one way: a [`ValidRelease`], which borrows the very transaction that found it.

use std::collections::HashMap;

use carnet_core::keys::Salt;
use carnet_core::model::{ContactId, ControllerId, ListId, Timestamp};
use diesel::prelude::*;

use crate::StoreError;
use crate::consents::{self, ConsentRow};
use crate::contacts::{self as cards, ContactRow, stored_columns};
use crate::erasure::SHREDDED;
use crate::rows::exactly;
use crate::schema::{consent_events, contact_salts, contacts, list_members};
use crate::tx::Tx;

use super::releases::{ListStanding, ReleaseRow};

/// A contact of a list with all that is known of its consent.
#[derive(Debug, Clone)]
pub struct MemberRow {
    /// The contact.
    pub contact: ContactRow,
    /// Its salt.
    pub salt: Salt,
    /// Its consent events, in the order in which the vault learnt of them.
    pub events: Vec<ConsentRow>,
}

/// That a list is released now, in this transaction. Made by [`Tx::list_in_use`] and by nobody else, and gone with the
/// transaction.
///
/// ```no_run
/// # use carnet_core::model::{ControllerId, ListId, Timestamp};
/// # fn used(store: &carnet_store::Store, of: ControllerId, list: ListId) -> Result<(), carnet_store::StoreError> {
/// let first = store.read(|tx| match tx.list_in_use(of, list, Timestamp::now())? {
///     Some(mut release) => release.members(None, 10),
///     None => Ok(Vec::new()),
/// })?;
/// # Ok(())
/// # }
/// ```
///
/// Nobody else can make one:
///
/// ```compile_fail,E0451
/// # use carnet_store::{ListStanding, ReleaseRow, Tx, ValidRelease};
/// # fn forged<'t, 'd>(tx: &'t mut Tx<'d>, standing: ListStanding, release: ReleaseRow) -> ValidRelease<'t, 'd> {
/// ValidRelease { tx, standing, release }
/// # }
/// ```
///
/// It cannot be carried out of the transaction either:
///
/// ```compile_fail
/// # use carnet_core::model::{ControllerId, ListId, Timestamp};
/// # fn smuggled(store: &carnet_store::Store, of: ControllerId, list: ListId) {
/// let kept = store.read(|tx| tx.list_in_use(of, list, Timestamp::now()));
/// # }
/// ```
pub struct ValidRelease<'t, 'd> {
    tx: &'t mut Tx<'d>,
    standing: ListStanding,
    release: ReleaseRow,
}

impl<'t, 'd> ValidRelease<'t, 'd> {
    /// The list.
    pub const fn standing(&self) -> &ListStanding {
        &self.standing
    }

    /// The release, whose seal the caller opens before it believes it.
    pub const fn row(&self) -> &ReleaseRow {
        &self.release
    }

    /// At most `limit` contacts of the released list, in the order of their ids, after `after`.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn members(&mut self, after: Option<ContactId>, limit: u32) -> Result<Vec<MemberRow>, StoreError> {
        self.tx.member_page(self.standing.list.controller, self.standing.list.id, after, limit)
    }

    /// The transaction that found the release, to read what else is known of these contacts.
    pub fn tx(&mut self) -> &mut Tx<'d> {
        self.tx
    }
}

impl<'d> Tx<'d> {
    /// The way to a list's contacts for use, if a release of it is in force at this moment.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn list_in_use<'t>(
        &'t mut self,
        controller: ControllerId,
        list: ListId,
        now: Timestamp,
    ) -> Result<Option<ValidRelease<'t, 'd>>, StoreError> {
        let Some(standing) = self.list_standing(controller, list, now)? else { return Ok(None) };
        let Some(release) = standing.release.clone() else { return Ok(None) };
        Ok(Some(ValidRelease { tx: self, standing, release }))
    }

    /// At most `limit` contacts of a list, released or not, for the gate and for the sources that an owner is asked about:
    /// never for use. In the order of their ids, after `after`.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn list_page_for_check(
        &mut self,
        controller: ControllerId,
        list: ListId,
        after: Option<ContactId>,
        limit: u32,
    ) -> Result<Vec<MemberRow>, StoreError> {
        self.member_page(controller, list, after, limit)
    }

    /// At most `limit` ids of a list's contacts, to draw some of them that have to be proven. After `after`, in order.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn list_ids_for_draw(
        &mut self,
        controller: ControllerId,
        list: ListId,
        after: Option<ContactId>,
        limit: u32,
    ) -> Result<Vec<ContactId>, StoreError> {
        let after = after.map_or([0; 16], |id| *id.as_bytes());
        let rows: Vec<Vec<u8>> = list_members::table
            .filter(list_members::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(list_members::list_id.eq(list.as_bytes().as_slice()))
            .filter(list_members::contact_id.gt(after.as_slice()))
            .order(list_members::contact_id)
            .limit(i64::from(limit))
            .select(list_members::contact_id)
            .load(self.db)?;
        rows.iter().map(|id| Ok(ContactId::from_bytes(exactly(id, "list_members", "contact_id")?))).collect()
    }

    fn member_page(
        &mut self,
        controller: ControllerId,
        list: ListId,
        after: Option<ContactId>,
        limit: u32,
    ) -> Result<Vec<MemberRow>, StoreError> {
        let ids = self.list_ids_for_draw(controller, list, after, limit)?;
        let members = self.members_for_check(controller, &ids)?;
        if members.len() != ids.len() {
            // Whoever is in a list is in the vault: nobody is left out in silence.
            return Err(StoreError::Damaged { table: "list_members", column: "contact_id" });
        }
        Ok(members)
    }

    /// Contacts of a controller with all that is known of their consent, for the gate to compare lists by: never for use. `ids` are sorted,
    /// and so are they; who is not there is left out.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn members_for_check(
        &mut self,
        controller: ControllerId,
        ids: &[ContactId],
    ) -> Result<Vec<MemberRow>, StoreError> {
        let span = self.span(controller, ids)?;
        let known = self.contacts_of(controller, ids, span)?;
        let of = controller.as_bytes().as_slice();
        let of_all = consent_events::table.filter(consent_events::controller_id.eq(of)).order((
            consent_events::contact_id,
            consent_events::recorded_us,
            consent_events::id,
        ));
        let told: Vec<consents::Stored> = match span {
            Some((first, last)) => of_all.filter(consent_events::contact_id.between(first, last)).load(self.db)?,
            None => of_all.filter(consent_events::contact_id.eq_any(bytes(ids))).load(self.db)?,
        };
        let mut events: HashMap<ContactId, Vec<ConsentRow>> = HashMap::with_capacity(ids.len());
        for one in told {
            let event = consents::row(one)?;
            events.entry(event.contact).or_default().push(event);
        }
        let with_events = known.into_iter().map(|(contact, salt)| {
            let events = events.remove(&contact.id).unwrap_or_default();
            MemberRow { contact, salt, events }
        });
        Ok(with_events.collect())
    }

    /// First and last of these contacts, sorted, if most of those between them are among them, as they are in a list that came by one
    /// import: then it is cheaper to read on from the first than to look for each.
    fn span<'i>(&mut self, controller: ControllerId, ids: &'i [ContactId]) -> Result<Option<Span<'i>>, StoreError> {
        let (Some(first), Some(last)) = (ids.first(), ids.last()) else { return Ok(None) };
        let (first, last) = (first.as_bytes().as_slice(), last.as_bytes().as_slice());
        let most = ids.len().saturating_mul(2);
        let between = contact_salts::table
            .filter(contact_salts::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(contact_salts::contact_id.between(first, last))
            .order(contact_salts::contact_id)
            .offset(i64::try_from(most).unwrap_or(i64::MAX))
            .select(contact_salts::contact_id)
            .first::<Vec<u8>>(self.db)
            .optional()?;
        Ok(between.is_none().then_some((first, last)))
    }

    /// Contacts of a controller with their salts, for the gate to compare lists by: never for use. `ids` are sorted, and so are they; who
    /// is not there is left out.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn contacts_for_check(
        &mut self,
        controller: ControllerId,
        ids: &[ContactId],
    ) -> Result<Vec<(ContactRow, Salt)>, StoreError> {
        let span = self.span(controller, ids)?;
        self.contacts_of(controller, ids, span)
    }

    fn contacts_of(
        &mut self,
        controller: ControllerId,
        ids: &[ContactId],
        span: Option<Span<'_>>,
    ) -> Result<Vec<(ContactRow, Salt)>, StoreError> {
        let of = controller.as_bytes().as_slice();
        let cards = stored_columns().filter(contacts::controller_id.eq(of)).order(contacts::id);
        let salts = contact_salts::table
            .filter(contact_salts::controller_id.eq(of))
            .filter(contact_salts::salt.ne(SHREDDED.as_slice()))
            .select((contact_salts::contact_id, contact_salts::salt));
        let mut stored: Vec<cards::Stored>;
        let salts: Vec<(Vec<u8>, Vec<u8>)> = if let Some((first, last)) = span {
            stored = cards.filter(contacts::id.between(first, last)).load(self.db)?;
            salts.filter(contact_salts::contact_id.between(first, last)).load(self.db)?
        } else {
            stored = cards.filter(contacts::id.eq_any(bytes(ids))).load(self.db)?;
            salts.filter(contact_salts::contact_id.eq_any(bytes(ids))).load(self.db)?
        };
        stored.retain(|one| ids.binary_search_by(|id| id.as_bytes().as_slice().cmp(&one.1)).is_ok());
        let mut salts: HashMap<ContactId, Salt> = salts
            .iter()
            .map(|(id, salt)| {
                let id = ContactId::from_bytes(exactly(id, "contact_salts", "contact_id")?);
                Ok((id, Salt::from_bytes(exactly(salt, "contact_salts", "salt")?)))
            })
            .collect::<Result<_, StoreError>>()?;
        let rows = stored.into_iter().map(|one| {
            let contact = cards::row(one)?;
            let damaged = StoreError::Damaged { table: "contact_salts", column: "salt" };
            let salt = salts.remove(&contact.id).ok_or(damaged)?;
            Ok((contact, salt))
        });
        rows.collect()
    }
}

/// The bytes of a first and a last id.
type Span<'i> = (&'i [u8], &'i [u8]);

fn bytes(ids: &[ContactId]) -> Vec<&[u8]> {
    ids.iter().map(|id| id.as_bytes().as_slice()).collect()
}
