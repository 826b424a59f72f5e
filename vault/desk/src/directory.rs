//! What has to be declared before a contact can be kept: controllers, purposes, notices, accounts.

use carnet_core::ledger::ObjectRef;
use carnet_core::model::{
    Account, AccountId, Controller, ControllerId, Country, DpvPurpose, EmailAddress, Language, LawfulBasis, Notice,
    Purpose, PurposeId, RoleGrant, Slug, Timestamp,
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
    pub fn add_controller(
        &self,
        name: &str,
        country: Country,
        email: Option<EmailAddress>,
    ) -> Result<Controller, DeskError> {
        self.authorise(Operation::ControllerAdd, &Target::Vault)?;
        let name = name.trim();
        if name.is_empty() || name.chars().any(char::is_control) {
            let hint = "a controller needs the name that subjects are told, on one line";
            return Err(DeskError::Invalid(hint.to_owned()));
        }
        let new = Controller { id: ControllerId::new(), name: name.to_owned(), country, email };
        let created = Timestamp::now();
        let root = self.vault.root();
        let keys = keyring::found_controller(&root, self.vault.id, new.id, created);
        let mut draft = self.draft("controller.add")?.of_controller(new.id);
        draft.touch(new.id);
        self.change(draft, "a controller of that name", |tx| {
            self.vault.hold_root(tx, &root)?;
            tx.controller_insert(&new, created)?;
            for key in &keys {
                tx.controller_key_put(key)?;
            }
            Ok(())
        })?;
        drop(root);
        self.vault.reload_keys()?;
        Ok(new)
    }

    /// The controllers that this account may see.
    ///
    /// # Errors
    /// The store's own failure.
    pub fn list_controllers(&self) -> Result<Vec<Controller>, DeskError> {
        let all = self.vault.store.read(|tx| tx.controller_list())?;
        Ok(all.into_iter().filter(|one| self.may(Operation::ControllerLs, &Target::Controller(one.id))).collect())
    }

    /// Adds a purpose.
    ///
    /// # Errors
    /// [`DeskError::Exists`] when the controller has one of that name.
    pub fn add_purpose(&self, controller: ControllerId, new: NewPurpose) -> Result<Purpose, DeskError> {
        self.authorise(Operation::PurposeAdd, &Target::Controller(controller))?;
        if new.title.trim().is_empty() {
            let hint = "a purpose needs a title that says what for, as subjects are told (Art. 13(1)(c))";
            return Err(DeskError::Invalid(hint.to_owned()));
        }
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
        draft.touch(purpose.id);
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
        name: &str,
        language: Language,
        text: &str,
    ) -> Result<Notice, DeskError> {
        self.authorise(Operation::NoticeAdd, &Target::Controller(controller))?;
        let notice = Notice::new(name, language, text).map_err(|error| DeskError::Invalid(error.to_string()))?;
        let mut draft = self.draft("notice.add")?.of_controller(controller);
        draft.touch(ObjectRef::notice(*notice.hash().as_bytes()));
        self.change(draft, "a notice with this very text", |tx| {
            Ok(tx.notice_insert(controller, &notice, Timestamp::now())?)
        })?;
        Ok(notice)
    }

    /// A controller's notices with the time when each was declared, newest first.
    ///
    /// # Errors
    /// [`DeskError::Denied`].
    pub fn list_notices(&self, controller: ControllerId) -> Result<Vec<(Notice, Timestamp)>, DeskError> {
        self.authorise(Operation::NoticeLs, &Target::Controller(controller))?;
        Ok(self.vault.store.read(|tx| tx.notice_list(controller))?)
    }

    /// Adds an account with its roles.
    ///
    /// # Errors
    /// [`DeskError::Exists`] when the name is taken.
    pub fn add_account(&self, name: Slug, mut roles: Vec<RoleGrant>) -> Result<Account, DeskError> {
        roles.sort_unstable();
        roles.dedup();
        let account = Account { id: AccountId::new(), name, roles, created: Timestamp::now() };
        self.authorise(Operation::AccountAdd, &Target::Appointment { account: account.id, grants: &account.roles })?;
        let mut draft = self.draft("account.add")?;
        draft.touch(account.id);
        for grant in &account.roles {
            if let Some(controller) = grant.controller {
                draft.touch(controller);
            }
        }
        self.change(draft, "an account of that name", |tx| Ok(tx.account_insert(&account)?))?;
        Ok(account)
    }

    /// The accounts by name, as far as this account may see them; nothing is recorded.
    ///
    /// # Errors
    /// The store's own failure.
    pub fn known_accounts(&self) -> Result<Vec<Account>, DeskError> {
        if !self.may(Operation::AccountLs, &Target::Vault) {
            return Ok(vec![self.account.clone()]);
        }
        Ok(self.vault.store.read(|tx| tx.account_list())?)
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
