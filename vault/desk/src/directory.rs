//! What has to be declared before a contact can be kept: controllers, purposes, notices, accounts.

use carnet_core::model::{
    Account, AccountId, Controller, ControllerId, Country, DpvPurpose, Language, LawfulBasis, Notice, Purpose,
    PurposeId, RoleGrant, Slug, Timestamp,
};
use carnet_core::policy::{Operation, Target};

use crate::keyring;
use crate::{Desk, DeskError};

/// A purpose to be declared.
#[derive(Debug, Clone)]
pub struct NewPurpose {
    /// Its handle.
    pub name: Slug,
    /// What it is for, in the controller's words.
    pub title: String,
    /// The term of the W3C vocabulary.
    pub dpv: DpvPurpose,
    /// On which ground of Art. 6(1).
    pub basis: LawfulBasis,
}

impl Desk<'_> {
    /// Adds a controller, with keys of its own.
    ///
    /// # Errors
    /// [`DeskError::Exists`] when the name is taken.
    pub fn add_controller(&self, name: &str, country: Country) -> Result<Controller, DeskError> {
        self.authorise(Operation::ControllerAdd, &Target::Vault)?;
        let new = Controller::new(name, country, Timestamp::now()).map_err(|error| DeskError::Invalid(error.to_string()))?;
        let keys = {
            let root = self.vault.root.read().unwrap_or_else(std::sync::PoisonError::into_inner);
            keyring::found_controller(&root, self.vault.id, new.id, new.created)
        };
        let mut draft = self.draft("controller.add")?.of_controller(new.id);
        draft.touch("controller", new.id);
        self.change(draft, "a controller of that name", |tx| {
            tx.controller_insert(&new)?;
            for key in &keys {
                tx.controller_key_put(key)?;
            }
            Ok(())
        })?;
        self.vault.reload_keys()?;
        Ok(new)
    }

    /// The controllers that this account may see.
    ///
    /// # Errors
    /// The store's own failure.
    pub fn list_controllers(&self) -> Result<Vec<Controller>, DeskError> {
        let all = self.vault.store.read(|tx| tx.controller_list())?;
        Ok(all
            .into_iter()
            .filter(|one| self.may(Operation::ControllerLs, &Target::Controller(one.id)))
            .collect())
    }

    /// Adds a purpose.
    ///
    /// # Errors
    /// [`DeskError::Exists`] when the controller has one of that name.
    pub fn add_purpose(&self, controller: ControllerId, new: NewPurpose) -> Result<Purpose, DeskError> {
        self.authorise(Operation::PurposeAdd, &Target::Controller(controller))?;
        let purpose = Purpose {
            id: PurposeId::new(),
            controller,
            name: new.name,
            title: new.title,
            dpv: new.dpv,
            basis: new.basis,
            created: Timestamp::now(),
        };
        let mut draft = self.draft("purpose.add")?.of_controller(controller);
        draft.touch("purpose", purpose.id);
        self.change(draft, "a purpose of that name", |tx| Ok(tx.purpose_insert(&purpose)?))?;
        Ok(purpose)
    }

    /// A controller's purposes.
    ///
    /// # Errors
    /// [`DeskError::Denied`].
    pub fn list_purposes(&self, controller: ControllerId) -> Result<Vec<Purpose>, DeskError> {
        self.authorise(Operation::PurposeLs, &Target::Controller(controller))?;
        Ok(self.vault.store.read(|tx| tx.purpose_list(controller))?)
    }

    /// Adds a version of a notice; its text is fixed from then on by its hash.
    ///
    /// # Errors
    /// [`DeskError::Exists`] when the controller has this very text.
    pub fn add_notice(
        &self,
        controller: ControllerId,
        name: Slug,
        language: Language,
        text: String,
    ) -> Result<Notice, DeskError> {
        self.authorise(Operation::NoticeAdd, &Target::Controller(controller))?;
        if text.trim().is_empty() {
            return Err(DeskError::Invalid("the notice is empty; give the exact text that people are shown".to_owned()));
        }
        let notice = Notice::new(controller, name, language, text, Timestamp::now());
        let mut draft = self.draft("notice.add")?.of_controller(controller);
        draft.touch("notice", *notice.hash.as_bytes());
        self.change(draft, "a notice with this very text", |tx| Ok(tx.notice_insert(&notice)?))?;
        Ok(notice)
    }

    /// A controller's notices, newest first.
    ///
    /// # Errors
    /// [`DeskError::Denied`].
    pub fn list_notices(&self, controller: ControllerId) -> Result<Vec<Notice>, DeskError> {
        self.authorise(Operation::NoticeLs, &Target::Controller(controller))?;
        Ok(self.vault.store.read(|tx| tx.notice_list(controller))?)
    }

    /// Adds an account with its roles.
    ///
    /// # Errors
    /// [`DeskError::Exists`] when the name is taken.
    pub fn add_account(&self, name: Slug, grants: Vec<RoleGrant>) -> Result<Account, DeskError> {
        let account = Account { id: AccountId::new(), name, grants, created: Timestamp::now() };
        self.authorise(
            Operation::AccountAdd,
            &Target::Appointment { account: account.id, grants: &account.grants },
        )?;
        let mut draft = self.draft("account.add")?;
        draft.touch("account", account.id);
        for grant in &account.grants {
            if let Some(controller) = grant.controller {
                draft.touch("controller", controller);
            }
        }
        self.change(draft, "an account of that name", |tx| Ok(tx.account_insert(&account)?))?;
        Ok(account)
    }

    /// All accounts and their roles.
    ///
    /// # Errors
    /// [`DeskError::Denied`].
    pub fn list_accounts(&self) -> Result<Vec<Account>, DeskError> {
        self.authorise(Operation::AccountLs, &Target::Vault)?;
        Ok(self.vault.store.read(|tx| tx.account_list())?)
    }
}
