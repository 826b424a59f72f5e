//! Loading into PostgreSQL: COPY into the tables themselves, in the binary format.
//!
//! A staging table would write every row twice: what is loaded was looked up before, set by set, and is new. If another
//! writer was first, the unique constraint ends the transaction, and whoever loads looks again.

use carnet_core::model::ControllerId;
use diesel::connection::SimpleConnection as _;
use diesel::pg::PgConnection;
use diesel::prelude::*;

use super::{FoundEmail, FoundSuppression, Load, TagRow};
use crate::schema::{
    consent_events, contact_emails, contact_originals, contact_salts, contact_tag_lists, contact_tags, contacts,
    list_members, suppressions,
};
use crate::{StoreError, tag_lists};

diesel::table! {
    /// Rows of `contact_tags` on their way.
    staged_tags (controller_id, field, tag, contact_id) {
        controller_id -> Binary,
        field -> BigInt,
        tag -> Binary,
        contact_id -> Binary,
    }
}

pub(super) fn load(connection: &mut PgConnection, load: &Load<'_>) -> Result<(), StoreError> {
    copy_contacts(connection, load)?;
    copy_tags(connection, load)?;
    copy_members(connection, load)?;
    copy_originals(connection, load)?;
    copy_events(connection, load)
}

fn copy_contacts(connection: &mut PgConnection, load: &Load<'_>) -> Result<(), StoreError> {
    let controller = load.controller.as_bytes().as_slice();
    let salts: Vec<_> = load
        .contacts
        .iter()
        .map(|one| {
            (
                contact_salts::controller_id.eq(controller),
                contact_salts::contact_id.eq(one.id.as_bytes().as_slice()),
                contact_salts::salt.eq(one.salt.as_bytes().as_slice()),
            )
        })
        .collect();
    diesel::copy_from(contact_salts::table).from_insertable(&salts).execute(connection)?;
    let rows: Vec<_> = load
        .contacts
        .iter()
        .map(|one| {
            (
                contacts::controller_id.eq(controller),
                contacts::id.eq(one.id.as_bytes().as_slice()),
                contacts::provenance_id.eq(load.provenance.as_bytes().as_slice()),
                contacts::key_generation.eq(i64::from(one.card.generation())),
                contacts::revision.eq(1_i64),
                contacts::added_us.eq(load.at.as_us()),
                contacts::changed_us.eq(load.at.as_us()),
                contacts::addressed_us.eq(load.at.as_us()),
                contacts::sealed_card.eq(one.card.as_bytes()),
            )
        })
        .collect();
    diesel::copy_from(contacts::table).from_insertable(&rows).execute(connection)?;
    Ok(())
}

fn copy_tags(connection: &mut PgConnection, load: &Load<'_>) -> Result<(), StoreError> {
    let controller = load.controller.as_bytes().as_slice();
    let mut emails: Vec<_> = load
        .contacts
        .iter()
        .flat_map(|one| {
            one.tags.emails.iter().map(|(tag, overlap)| (tag.as_bytes(), one.id.as_bytes(), overlap.as_bytes()))
        })
        .collect();
    // In the order of the keys, so that neighbours in the tree are written together.
    emails.sort_unstable();
    let emails: Vec<_> = emails
        .iter()
        .map(|(tag, contact, overlap)| {
            (
                contact_emails::controller_id.eq(controller),
                contact_emails::tag.eq(tag.as_slice()),
                contact_emails::contact_id.eq(contact.as_slice()),
                contact_emails::overlap_tag.eq(overlap.as_slice()),
            )
        })
        .collect();
    diesel::copy_from(contact_emails::table).from_insertable(&emails).execute(connection)?;
    let lists: Vec<_> = load
        .contacts
        .iter()
        .map(|one| {
            (
                contact_tag_lists::controller_id.eq(controller),
                contact_tag_lists::contact_id.eq(one.id.as_bytes().as_slice()),
                contact_tag_lists::part.eq(tag_lists::MAIN),
                contact_tag_lists::tags.eq(tag_lists::packed(&one.tags)),
            )
        })
        .collect();
    diesel::copy_from(contact_tag_lists::table).from_insertable(&lists).execute(connection)?;
    Ok(())
}

/// Puts tags of new contacts into their table.
pub(super) fn new_tags(
    connection: &mut PgConnection,
    controller: ControllerId,
    rows: &[TagRow],
) -> Result<(), StoreError> {
    let controller = controller.as_bytes().as_slice();
    let tags: Vec<_> = rows
        .iter()
        .map(|(field, [tag, contact])| {
            (
                contact_tags::controller_id.eq(controller),
                contact_tags::field.eq(*field),
                contact_tags::tag.eq(tag.as_slice()),
                contact_tags::contact_id.eq(contact.as_slice()),
            )
        })
        .collect();
    if !tags.is_empty() {
        diesel::copy_from(contact_tags::table).from_insertable(&tags).execute(connection)?;
    }
    Ok(())
}

/// Puts tags into their table by way of a staging table: a contact may have some of them already, and COPY knows no conflict.
pub(super) fn tags(connection: &mut PgConnection, controller: ControllerId, rows: &[TagRow]) -> Result<(), StoreError> {
    if rows.is_empty() {
        return Ok(());
    }
    connection.batch_execute(
        "CREATE TEMPORARY TABLE IF NOT EXISTS staged_tags (LIKE contact_tags) ON COMMIT DROP; TRUNCATE staged_tags",
    )?;
    let controller = controller.as_bytes().as_slice();
    let staged: Vec<_> = rows
        .iter()
        .map(|(field, [tag, contact])| {
            (
                staged_tags::controller_id.eq(controller),
                staged_tags::field.eq(*field),
                staged_tags::tag.eq(tag.as_slice()),
                staged_tags::contact_id.eq(contact.as_slice()),
            )
        })
        .collect();
    diesel::copy_from(staged_tags::table).from_insertable(&staged).execute(connection)?;
    connection.batch_execute("INSERT INTO contact_tags SELECT * FROM staged_tags ON CONFLICT DO NOTHING")?;
    Ok(())
}

fn copy_members(connection: &mut PgConnection, load: &Load<'_>) -> Result<(), StoreError> {
    let rows: Vec<_> = load
        .contacts
        .iter()
        .map(|one| {
            (
                list_members::controller_id.eq(load.controller.as_bytes().as_slice()),
                list_members::list_id.eq(load.list.as_bytes().as_slice()),
                list_members::contact_id.eq(one.id.as_bytes().as_slice()),
            )
        })
        .collect();
    diesel::copy_from(list_members::table).from_insertable(&rows).execute(connection)?;
    Ok(())
}

fn copy_originals(connection: &mut PgConnection, load: &Load<'_>) -> Result<(), StoreError> {
    let rows: Vec<_> = load
        .contacts
        .iter()
        .filter_map(|one| one.original.as_ref().map(|kept| (one.id, kept)))
        .map(|(contact, kept)| {
            (
                contact_originals::controller_id.eq(load.controller.as_bytes().as_slice()),
                contact_originals::contact_id.eq(contact.as_bytes().to_vec()),
                contact_originals::media_type.eq(&kept.media_type),
                contact_originals::sealed.eq(kept.sealed.as_bytes()),
            )
        })
        .collect();
    if !rows.is_empty() {
        diesel::copy_from(contact_originals::table).from_insertable(&rows).execute(connection)?;
    }
    Ok(())
}

fn copy_events(connection: &mut PgConnection, load: &Load<'_>) -> Result<(), StoreError> {
    let rows: Vec<_> = load
        .contacts
        .iter()
        .flat_map(|one| &one.events)
        .map(|event| {
            (
                consent_events::controller_id.eq(event.controller.as_bytes().as_slice()),
                consent_events::contact_id.eq(event.contact.as_bytes().as_slice()),
                consent_events::id.eq(event.id.as_bytes().as_slice()),
                consent_events::purpose_id.eq(event.purpose.as_bytes().as_slice()),
                consent_events::kind.eq(event.kind.as_str()),
                consent_events::authority.eq(event.authority.as_str()),
                consent_events::at_us.eq(event.at.map(carnet_core::model::Timestamp::as_us)),
                consent_events::recorded_us.eq(event.recorded.as_us()),
                consent_events::notice_hash.eq(event.notice.as_ref().map(|hash| hash.as_bytes().to_vec())),
                consent_events::entry_id.eq(event.entry.as_bytes().as_slice()),
                consent_events::sealed_evidence.eq(event.evidence.as_bytes()),
            )
        })
        .collect();
    if !rows.is_empty() {
        diesel::copy_from(consent_events::table).from_insertable(&rows).execute(connection)?;
    }
    Ok(())
}

pub(super) fn contacts_by_emails(
    connection: &mut PgConnection,
    controller: ControllerId,
    tags: &[[u8; 16]],
) -> Result<Vec<FoundEmail>, StoreError> {
    let wanted: Vec<&[u8]> = tags.iter().map(<[u8; 16]>::as_slice).collect();
    Ok(contact_emails::table
        .filter(contact_emails::controller_id.eq(controller.as_bytes().as_slice()))
        .filter(contact_emails::tag.eq_any(wanted))
        .select((contact_emails::tag, contact_emails::contact_id))
        .load(connection)?)
}

pub(super) fn suppressions_among(
    connection: &mut PgConnection,
    controller: ControllerId,
    tags: &[[u8; 16]],
) -> Result<Vec<FoundSuppression>, StoreError> {
    let wanted: Vec<&[u8]> = tags.iter().map(<[u8; 16]>::as_slice).collect();
    Ok(suppressions::table
        .filter(suppressions::controller_id.eq(controller.as_bytes().as_slice()))
        .filter(suppressions::tag.eq_any(wanted))
        .select((suppressions::tag, suppressions::purpose_id, suppressions::cause, suppressions::at_us))
        .load(connection)?)
}
