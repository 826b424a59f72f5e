//! Where contacts came from: what Art. 14(2)(f) and 15(1)(g) make a controller able to say.

use std::fmt;

use super::evidence::Holder;
use super::text_enum::text_enum;
use super::{ControllerId, ProvenanceId, Timestamp};

text_enum! {
    /// By which way contacts came.
    ProvenanceKind, "a kind of provenance" {
        /// The subject filled in a form.
        SubjectForm = "subject-form",
        /// A file was imported.
        File = "file",
        /// An e-mail or address-book provider was read.
        Provider = "provider",
        /// A server of the controller was read: CardDAV, IMAP, LDAP.
        Server = "server",
        /// Somebody typed it.
        ManualEntry = "manual-entry",
        /// Another organisation handed it over.
        ThirdParty = "third-party",
        /// It was published.
        PublicSource = "public-source",
    }
}

impl ProvenanceKind {
    /// The data source of DPV 2.3 that it falls under.
    ///
    /// A file says nothing of who made it, so it is only known not to be public.
    pub const fn dpv_iri(self) -> &'static str {
        match self {
            Self::SubjectForm => "https://w3id.org/dpv#DataSubjectDataSource",
            Self::File => "https://w3id.org/dpv#NonPublicDataSource",
            Self::Provider | Self::Server | Self::ManualEntry => "https://w3id.org/dpv#DataControllerDataSource",
            Self::ThirdParty => "https://w3id.org/dpv#ThirdPartyDataSource",
            Self::PublicSource => "https://w3id.org/dpv#PublicDataSource",
        }
    }

    /// Whether the subject is known to have given the data to the controller, so that Art. 13 applies and not Art. 14.
    pub const fn is_from_subject(self) -> bool {
        matches!(self, Self::SubjectForm)
    }
}

/// Where some contacts of one controller came from. Many contacts share one: a file, a connection, a form.
///
/// `Debug` leaves out the words, which may name people.
#[derive(Clone, PartialEq, Eq)]
pub struct Provenance {
    /// Its identifier.
    pub id: ProvenanceId,
    /// Whose contacts.
    pub controller: ControllerId,
    /// By which way.
    pub kind: ProvenanceKind,
    /// The origin in a sentence, as the subject would be told.
    pub origin: String,
    /// Name of the file, if it was one; never a path.
    pub file_name: Option<String>,
    /// Who brought it, in words: a person, an account, a partner.
    pub brought_by: Option<String>,
    /// When it came.
    pub at: Timestamp,
    /// Who held the contacts before. `None`: not known; empty: nobody.
    pub holders: Option<Vec<Holder>>,
}

impl fmt::Debug for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Provenance");
        shown.field("id", &self.id).field("controller", &self.controller).field("kind", &self.kind);
        shown.field("at", &self.at).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_data_source_and_reads_back() {
        for kind in ProvenanceKind::ALL {
            assert!(kind.dpv_iri().starts_with("https://w3id.org/dpv#") && kind.dpv_iri().ends_with("DataSource"));
            assert_eq!(kind.as_str().parse::<ProvenanceKind>().unwrap(), *kind);
        }
        assert!(ProvenanceKind::SubjectForm.is_from_subject() && !ProvenanceKind::File.is_from_subject());
    }

    #[test]
    fn debug_names_nobody() {
        let provenance = Provenance {
            id: ProvenanceId::new(),
            controller: ControllerId::new(),
            kind: ProvenanceKind::File,
            origin: "stand of Zebulon".to_owned(),
            file_name: Some("zebulon.csv".to_owned()),
            brought_by: Some("Zebulon".to_owned()),
            at: Timestamp::now(),
            holders: None,
        };
        assert!(!format!("{provenance:?}").to_lowercase().contains("zebulon"));
    }
}
