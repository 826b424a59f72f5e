//! Consent events: appended, read, never changed; and suppressions, which outlive the contact.

use carnet_core::keys::{Sealed, Tag};
use carnet_core::model::{
    Authority, ConsentEventId, ConsentKind, ContactId, ControllerId, EntryId, NoticeHash, PurposeId, Timestamp,
};
use diesel::prelude::*;

use crate::StoreError;
use crate::engine::on;
use crate::rows::{exactly, nonzero, sealed, size, time, word};
use crate::schema::{consent_events, suppressions};
use crate::tx::{Tx, WriteTx};

/// One consent event as it is kept. Its clear columns are bound to the sealed evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentRow {
    /// Whose contact it is about.
    pub controller: ControllerId,
    /// Which contact.
    pub contact: ContactId,
    /// The event's id.
    pub id: ConsentEventId,
    /// What was agreed to or refused.
    pub purpose: PurposeId,
    /// What happened.
    pub kind: ConsentKind,
    /// Who says so.
    pub authority: Authority,
    /// When it happened, if the source says so.
    pub at: Option<Timestamp>,
    /// When the vault learnt of it.
    pub recorded: Timestamp,
    /// The notice that the subject was shown.
    pub notice: Option<NoticeHash>,
    /// The ledger entry that recorded it.
    pub entry: EntryId,
    /// The evidence.
    pub evidence: Sealed,
}

/// A standing refusal, by tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuppressionRow {
    /// Whose contacts it holds for.
    pub controller: ControllerId,
    /// The tag of the address.
    pub tag: Tag,
    /// The purpose that was refused; absent for all of them.
    pub purpose: Option<PurposeId>,
    /// Why, in one word: `erasure`, `objected`, `withdrawn`.
    pub cause: String,
    /// Since when.
    pub at: Timestamp,
}

pub(crate) type Stored =
    (Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>, String, String, Option<i64>, i64, Option<Vec<u8>>, Vec<u8>, Vec<u8>);

/// Controller, contact, event, entry.
type StoredIds = (Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>);

impl Tx<'_> {
    /// All that a contact agreed to or refused, in the order in which the vault learnt of it.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn consent_history(
        &mut self,
        controller: ControllerId,
        contact: ContactId,
    ) -> Result<Vec<ConsentRow>, StoreError> {
        let rows: Vec<Stored> = consent_events::table
            .filter(consent_events::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(consent_events::contact_id.eq(contact.as_bytes().as_slice()))
            .order((consent_events::recorded_us, consent_events::id))
            .load(self.db)?;
        rows.into_iter().map(row).collect()
    }

    /// Every consent event with the contact that it is kept for and the entry that recorded it, in no order.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn consent_ids(&mut self) -> Result<Vec<(ControllerId, ContactId, ConsentEventId, EntryId)>, StoreError> {
        const TABLE: &str = "consent_events";
        let rows: Vec<StoredIds> = consent_events::table
            .select((
                consent_events::controller_id,
                consent_events::contact_id,
                consent_events::id,
                consent_events::entry_id,
            ))
            .load(self.db)?;
        rows.iter()
            .map(|(controller, contact, id, entry)| {
                let controller = ControllerId::from_bytes(exactly(controller, TABLE, "controller_id")?);
                let contact = ContactId::from_bytes(exactly(contact, TABLE, "contact_id")?);
                let id = ConsentEventId::from_bytes(exactly(id, TABLE, "id")?);
                Ok((controller, contact, id, EntryId::from_bytes(exactly(entry, TABLE, "entry_id")?)))
            })
            .collect()
    }

    /// What stands against using the addresses of these tags.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn suppressions_of(
        &mut self,
        controller: ControllerId,
        tags: &[Tag],
    ) -> Result<Vec<SuppressionRow>, StoreError> {
        let wanted: Vec<&[u8]> = tags.iter().map(|tag| tag.as_bytes().as_slice()).collect();
        let rows: Vec<(Vec<u8>, Vec<u8>, String, i64)> = suppressions::table
            .filter(suppressions::controller_id.eq(controller.as_bytes().as_slice()))
            .filter(suppressions::tag.eq_any(wanted))
            .order((suppressions::at_us, suppressions::tag, suppressions::purpose_id))
            .select((suppressions::tag, suppressions::purpose_id, suppressions::cause, suppressions::at_us))
            .load(self.db)?;
        rows.into_iter()
            .map(|(tag, purpose, cause, at)| {
                Ok(SuppressionRow {
                    controller,
                    tag: Tag::from_bytes(exactly(&tag, "suppressions", "tag")?),
                    purpose: nonzero(&purpose, "suppressions", "purpose_id")?.map(PurposeId::from_bytes),
                    cause,
                    at: time(at, "suppressions", "at_us")?,
                })
            })
            .collect()
    }
}

impl Tx<'_> {
    /// How many refusals each controller has.
    ///
    /// # Errors
    /// The database's own failure, or [`StoreError::Damaged`].
    pub fn suppression_counts(&mut self) -> Result<Vec<(ControllerId, u64)>, StoreError> {
        let rows: Vec<(Vec<u8>, i64)> = suppressions::table
            .group_by(suppressions::controller_id)
            .select((suppressions::controller_id, diesel::dsl::count_star()))
            .load(self.db)?;
        rows.iter()
            .map(|(controller, number)| {
                let controller = ControllerId::from_bytes(exactly(controller, "suppressions", "controller_id")?);
                Ok((controller, size(*number, "suppressions", "count")?))
            })
            .collect()
    }
}

impl WriteTx<'_> {
    /// Takes back what an entry of an undone import said was agreed to, as far as it is about this contact. Refusals stay.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn consent_take_back(
        &mut self,
        controller: ControllerId,
        contact: ContactId,
        entry: EntryId,
    ) -> Result<u64, StoreError> {
        let agreed = [ConsentKind::Given, ConsentKind::Confirmed].map(|kind| kind.to_string());
        let rows = diesel::delete(
            consent_events::table
                .filter(consent_events::controller_id.eq(controller.as_bytes().as_slice()))
                .filter(consent_events::contact_id.eq(contact.as_bytes().as_slice()))
                .filter(consent_events::entry_id.eq(entry.as_bytes().as_slice()))
                .filter(consent_events::kind.eq_any(agreed)),
        )
        .execute(self.db)?;
        Ok(u64::try_from(rows).unwrap_or(u64::MAX))
    }

    /// Appends one event.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn consent_insert(&mut self, event: &ConsentRow) -> Result<(), StoreError> {
        self.master_hold(event.controller, event.evidence.generation())?;
        diesel::insert_into(consent_events::table)
            .values((
                consent_events::controller_id.eq(event.controller.as_bytes().as_slice()),
                consent_events::contact_id.eq(event.contact.as_bytes().as_slice()),
                consent_events::id.eq(event.id.as_bytes().as_slice()),
                consent_events::purpose_id.eq(event.purpose.as_bytes().as_slice()),
                consent_events::kind.eq(event.kind.to_string()),
                consent_events::authority.eq(event.authority.to_string()),
                consent_events::at_us.eq(event.at.map(Timestamp::as_us)),
                consent_events::recorded_us.eq(event.recorded.as_us()),
                consent_events::notice_hash.eq(event.notice.as_ref().map(|hash| hash.as_bytes().to_vec())),
                consent_events::entry_id.eq(event.entry.as_bytes().as_slice()),
                consent_events::sealed_evidence.eq(event.evidence.as_bytes()),
            ))
            .execute(self.db)?;
        Ok(())
    }

    /// Adds a refusal, or renews one that is older: only a consent after the last of them can lift it.
    ///
    /// The entry of this transaction counts what was added, so that a refusal that is taken away is missed.
    ///
    /// # Errors
    /// The database's own failure.
    pub fn suppression_put(&mut self, row: &SuppressionRow) -> Result<(), StoreError> {
        let purpose = row.purpose.map_or([0; 16], |id| *id.as_bytes());
        let values = (
            suppressions::controller_id.eq(row.controller.as_bytes().as_slice()),
            suppressions::tag.eq(row.tag.as_bytes().as_slice()),
            suppressions::purpose_id.eq(purpose.as_slice()),
            suppressions::cause.eq(&row.cause),
            suppressions::at_us.eq(row.at.as_us()),
        );
        let new = on!(&mut *self.db, connection => diesel::insert_into(suppressions::table)
            .values(values)
            .on_conflict_do_nothing()
            .execute(connection))?;
        if new == 1 {
            self.suppressed += 1;
            return Ok(());
        }
        diesel::update(
            suppressions::table
                .filter(suppressions::controller_id.eq(row.controller.as_bytes().as_slice()))
                .filter(suppressions::tag.eq(row.tag.as_bytes().as_slice()))
                .filter(suppressions::purpose_id.eq(purpose.as_slice()))
                .filter(suppressions::at_us.lt(row.at.as_us())),
        )
        .set((suppressions::cause.eq(&row.cause), suppressions::at_us.eq(row.at.as_us())))
        .execute(self.db)?;
        Ok(())
    }
}

pub(crate) fn row(stored: Stored) -> Result<ConsentRow, StoreError> {
    const TABLE: &str = "consent_events";
    let (controller, contact, id, purpose, kind, authority, at, recorded, notice, entry, evidence) = stored;
    Ok(ConsentRow {
        controller: ControllerId::from_bytes(exactly(&controller, TABLE, "controller_id")?),
        contact: ContactId::from_bytes(exactly(&contact, TABLE, "contact_id")?),
        id: ConsentEventId::from_bytes(exactly(&id, TABLE, "id")?),
        purpose: PurposeId::from_bytes(exactly(&purpose, TABLE, "purpose_id")?),
        kind: word(&kind, TABLE, "kind")?,
        authority: word(&authority, TABLE, "authority")?,
        at: at.map(|us| time(us, TABLE, "at_us")).transpose()?,
        recorded: time(recorded, TABLE, "recorded_us")?,
        notice: notice.map(|hash| exactly(&hash, TABLE, "notice_hash").map(NoticeHash::from_bytes)).transpose()?,
        entry: EntryId::from_bytes(exactly(&entry, TABLE, "entry_id")?),
        evidence: sealed(evidence, TABLE, "sealed_evidence")?,
    })
}
