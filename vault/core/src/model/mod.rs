//! What the vault keeps: the words of the law and of the field as types, and the rules of each.
//!
//! Pure data: nothing here reads a clock that it was not given (except [`Timestamp::now`]), a file or a network. Types that
//! hold personal data print a mask or nothing; only what is sealed can be serialised.

pub mod account;
pub mod card;
pub mod card_builder;
pub mod card_error;
pub(crate) mod card_insert;
pub mod card_parts;
pub mod card_patch;
pub mod consent;
pub mod consent_state;
pub mod contact;
pub mod controller;
pub mod country;
pub mod decision;
pub mod domain;
pub mod email;
pub mod evidence;
pub mod export;
pub mod hash;
pub mod id;
pub mod import;
mod json;
pub mod language;
pub mod list;
pub mod notice;
pub mod phone;
pub mod provenance;
pub mod purpose;
pub mod recipient;
pub mod slug;
pub(crate) mod text_enum;
pub mod time;

pub use account::{Account, Role, RoleGrant};
pub use card::{Card, assembled_name};
pub use card_builder::CardBuilder;
pub use card_error::CardError;
pub use card_parts::{
    AddressParts, COLUMNS_MEMBER, CardParts, Context, EmailParts, NamePart, PartialDate, PhoneFeature, PhoneParts,
};
pub use card_patch::{CardEntry, CardPatch};
pub use consent::{Authority, ConsentEvent, ConsentKind, NO_PURPOSE};
pub use consent_state::{ConsentState, PurposeState, Standing, Strictness};
pub use contact::Contact;
pub use controller::Controller;
pub use country::{Country, CountryError};
pub use decision::{DecisionKind, DecisionScope, LaterEvidence, ProofState, ReasonCode};
pub use domain::DomainError;
pub use email::{EmailAddress, EmailError};
pub use evidence::{CollectionMethod, Evidence, EvidenceField, Holder};
pub use export::{MarkKind, Withheld};
pub use hash::{FormHash, HashError, NoticeHash, ScreenshotHash};
pub use id::*;
pub use import::{ImportCounts, ImportState};
pub use language::{Language, LanguageError};
pub use list::{List, ListStatus, ListStepError};
pub use notice::{Notice, NoticeError};
pub use phone::{PhoneError, PhoneNumber};
pub use provenance::{Provenance, ProvenanceKind};
pub use purpose::{BasisFacts, DpvPurpose, DpvPurposeError, LawfulBasis, Purpose};
pub use recipient::Recipient;
pub use slug::{Slug, SlugError};
pub use text_enum::UnknownWord;
pub use time::Timestamp;
