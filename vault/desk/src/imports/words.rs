//! Words of names, organisations and domains of imported contacts: tagged after the import, so that they never slow it down.

use carnet_core::intake::card_words;
use carnet_core::keys::{Field, Tag};
use carnet_core::model::{ContactId, Controller};
use carnet_core::policy::{Operation, Target};
use carnet_store::{ImportRow, Tx};

use super::Stop;
use crate::contacts::opened_with_salt;
use crate::{Desk, DeskError};

/// How many contacts are tagged in one transaction.
const STEP_CONTACTS: u32 = 4096;
/// Through here everything is tagged.
const LAST: ContactId = ContactId::from_bytes([0xff; 16]);

impl Desk<'_> {
    /// How many imports of a controller brought contacts that are not all found by words of their names yet.
    ///
    /// # Errors
    /// [`DeskError::Denied`].
    pub fn imports_without_words(&self, controller: &Controller) -> Result<u64, DeskError> {
        self.authorise(Operation::ListLs, &Target::Controller(controller.id))?;
        let waiting = self.vault.store.read(|tx| waiting(tx, controller))?;
        Ok(u64::try_from(waiting.len()).unwrap_or(u64::MAX))
    }

    /// Makes some more imported contacts found by words of their names: how many, or nothing when none are left.
    ///
    /// # Errors
    /// [`DeskError::Open`] when a contact does not open.
    pub fn tag_words(&self, controller: &Controller) -> Result<Option<u64>, DeskError> {
        self.authorise(Operation::ListImport, &Target::Controller(controller.id))?;
        self.vault.with_keys(|ring| {
            let keys = ring.controller(controller.id)?;
            let mut draft = self.draft("import.words")?.of_controller(controller.id);
            let done = self.vault.store.write(|tx| {
                let Some(import) = waiting(tx, controller)?.pop() else { return Err(Stop::Done) };
                let page =
                    tx.contact_page_of(controller.id, import.provenance, import.worded_through, STEP_CONTACTS)?;
                let mut tags: Vec<(ContactId, Field, Tag)> = Vec::new();
                for (row, salt) in &page {
                    let card = opened_with_salt(&keys, row, salt)?;
                    let words = card_words(&card);
                    tags.extend(words.iter().map(|word| (row.id, Field::Word, keys.index().tag(Field::Word, word))));
                }
                tx.contact_tags_add(controller.id, &tags)?;
                let through = page.last().map_or(LAST, |(row, _)| row.id);
                tx.import_worded(controller.id, import.id, through)?;
                draft.touch(import.id);
                let tagged = u64::try_from(page.len()).unwrap_or(u64::MAX);
                draft.count("contacts", tagged);
                Ok((self.record_for_vault(draft)?, tagged))
            });
            match done {
                Ok(tagged) => {
                    self.vault.store.settle_tags(controller.id, tagged == 0)?;
                    Ok(Some(tagged))
                }
                Err(Stop::Done) => Ok(None),
                Err(Stop::Failed(error)) => Err(error),
            }
        })
    }
}

/// Imports whose contacts are not all tagged yet, the oldest last. Those of an unfinished one wait for its end.
fn waiting(tx: &mut Tx<'_>, controller: &Controller) -> Result<Vec<ImportRow>, DeskError> {
    let mut all = tx.import_all(controller.id)?;
    all.retain(|import| import.state.has_ended() && import.worded_through != Some(LAST));
    Ok(all)
}
