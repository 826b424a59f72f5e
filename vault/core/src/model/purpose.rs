//! Why contacts are used (Art. 5(1)(b)), on which lawful basis (Art. 6(1)), and under which public term (W3C DPV).
//!
//! The terms and what each basis asks for are data: `policies/purposes.toml` and `policies/bases.toml`.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;

use serde::Deserialize;

use super::text_enum::text_enum;
use super::{ControllerId, EvidenceField, PurposeId, Slug, Timestamp};

/// One purpose of one controller. Every list and every consent names one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purpose {
    /// Its identifier.
    pub id: PurposeId,
    /// Whose it is.
    pub controller: ControllerId,
    /// Its handle, unique for the controller, such as `newsletter`.
    pub name: Slug,
    /// What it is called where people read it.
    pub title: String,
    /// The public term that it falls under.
    pub dpv: DpvPurpose,
    /// What makes it lawful.
    pub basis: LawfulBasis,
    /// When it was set up.
    pub created: Timestamp,
}

text_enum! {
    /// One of the six lawful bases of Art. 6(1) GDPR.
    #[derive(serde::Serialize, serde::Deserialize)]
    #[serde(rename_all = "kebab-case")]
    LawfulBasis, "a lawful basis" {
        /// Art. 6(1)(a).
        Consent = "consent",
        /// Art. 6(1)(b).
        Contract = "contract",
        /// Art. 6(1)(c).
        LegalObligation = "legal-obligation",
        /// Art. 6(1)(d).
        VitalInterests = "vital-interests",
        /// Art. 6(1)(e).
        PublicTask = "public-task",
        /// Art. 6(1)(f).
        LegitimateInterests = "legitimate-interests",
    }
}

/// What the law attaches to a basis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasisFacts {
    /// Its term in the `eu-gdpr` vocabulary of DPV.
    pub iri: String,
    /// What it is called, by language (`en`, `fr`).
    pub label: BTreeMap<String, String>,
    /// Its place in the law.
    pub legal_reference: String,
    /// Rights of the subject that go with it, as terms such as `A15`.
    pub rights: Vec<String>,
    /// Rights that go with it as well where it serves direct marketing.
    pub rights_direct_marketing: Vec<String>,
    /// What must be on record before a use.
    pub evidence: Vec<EvidenceField>,
    /// Why.
    pub evidence_reason: String,
}

impl LawfulBasis {
    /// What the law attaches to it.
    pub fn facts(self) -> &'static BasisFacts {
        static FACTS: OnceLock<[BasisFacts; LawfulBasis::ALL.len()]> = OnceLock::new();
        let [consent, contract, obligation, vital, public, legitimate] = FACTS.get_or_init(read_bases);
        match self {
            Self::Consent => consent,
            Self::Contract => contract,
            Self::LegalObligation => obligation,
            Self::VitalInterests => vital,
            Self::PublicTask => public,
            Self::LegitimateInterests => legitimate,
        }
    }

    /// Its term in the `eu-gdpr` vocabulary of DPV.
    pub fn iri(self) -> &'static str {
        &self.facts().iri
    }
}

/// A purpose of the W3C Data Privacy Vocabulary that this vault knows.
#[derive(Clone, Copy)]
pub struct DpvPurpose(&'static DpvTerm);

/// What is known of a term.
#[derive(Debug, PartialEq, Eq, Deserialize)]
struct DpvTerm {
    term: String,
    iri: String,
    label: BTreeMap<String, String>,
}

/// The text is no purpose of DPV that this vault knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DpvPurposeError;

impl DpvPurpose {
    /// Every term that is known, in the order of the file.
    pub fn all() -> impl Iterator<Item = Self> {
        terms().iter().map(Self)
    }

    /// The bare term: `DirectMarketing`.
    pub fn term(self) -> &'static str {
        &self.0.term
    }

    /// The full IRI, as it is stored: `https://w3id.org/dpv#DirectMarketing`.
    pub fn iri(self) -> &'static str {
        &self.0.iri
    }

    /// What it is called in a language (`fr`), else in English.
    pub fn label(self, language: &str) -> &'static str {
        let label = self.0.label.get(language).or_else(|| self.0.label.get("en"));
        label.map_or(self.term(), String::as_str)
    }
}

impl FromStr for DpvPurpose {
    type Err = DpvPurposeError;

    /// Reads the bare term, the term with its prefix (`dpv:DirectMarketing`), or the IRI.
    fn from_str(text: &str) -> Result<Self, DpvPurposeError> {
        let bare = text.strip_prefix("dpv:").unwrap_or(text);
        terms().iter().find(|term| term.term == bare || term.iri == text).map(Self).ok_or(DpvPurposeError)
    }
}

impl fmt::Display for DpvPurposeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is not a purpose of the Data Privacy Vocabulary that is known here; expected one of ")?;
        for (index, term) in terms().iter().enumerate() {
            write!(f, "{}{}", if index > 0 { ", " } else { "" }, term.term)?;
        }
        Ok(())
    }
}

impl std::error::Error for DpvPurposeError {}

impl PartialEq for DpvPurpose {
    fn eq(&self, other: &Self) -> bool {
        self.iri() == other.iri()
    }
}

impl Eq for DpvPurpose {}

impl fmt::Display for DpvPurpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.iri())
    }
}

impl fmt::Debug for DpvPurpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DpvPurpose({})", self.term())
    }
}

#[derive(Deserialize)]
struct PurposeTable {
    purpose: Vec<DpvTerm>,
}

#[expect(clippy::expect_used, reason = "the table is part of the program, and a test reads it")]
fn terms() -> &'static [DpvTerm] {
    static TERMS: OnceLock<Vec<DpvTerm>> = OnceLock::new();
    TERMS.get_or_init(|| {
        let table: PurposeTable =
            toml::from_str(include_str!("../../../../policies/purposes.toml")).expect("policies/purposes.toml reads");
        table.purpose
    })
}

#[derive(Deserialize)]
struct BasisTable {
    basis: Vec<BasisRow>,
}

#[derive(Deserialize)]
struct BasisRow {
    basis: String,
    iri: String,
    label: BTreeMap<String, String>,
    legal_reference: String,
    rights: Vec<String>,
    rights_direct_marketing: Vec<String>,
    evidence: Vec<String>,
    evidence_reason: String,
}

#[expect(clippy::expect_used, reason = "the table is part of the program, and a test reads it")]
fn read_bases() -> [BasisFacts; LawfulBasis::ALL.len()] {
    let table: BasisTable =
        toml::from_str(include_str!("../../../../policies/bases.toml")).expect("policies/bases.toml reads");
    let mut rows: BTreeMap<String, BasisRow> = table.basis.into_iter().map(|row| (row.basis.clone(), row)).collect();
    let mut facts = LawfulBasis::ALL.iter().map(|basis| {
        let row = rows.remove(basis.as_str()).expect("policies/bases.toml has each basis");
        BasisFacts {
            iri: row.iri,
            label: row.label,
            legal_reference: row.legal_reference,
            rights: row.rights,
            rights_direct_marketing: row.rights_direct_marketing,
            evidence: row.evidence.iter().map(|field| field.parse().expect("a field of evidence")).collect(),
            evidence_reason: row.evidence_reason,
        }
    });
    std::array::from_fn(|_| facts.next().expect("one for each basis"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_known_term_is_read_in_its_three_forms_and_named_in_two_languages() {
        assert_eq!(DpvPurpose::all().count(), 19);
        for purpose in DpvPurpose::all() {
            assert_eq!(purpose.iri(), format!("https://w3id.org/dpv#{}", purpose.term()));
            for text in [purpose.term(), purpose.iri(), &format!("dpv:{}", purpose.term())] {
                assert_eq!(text.parse::<DpvPurpose>().unwrap(), purpose);
            }
            assert!(!purpose.label("fr").is_empty() && !purpose.label("en").is_empty());
        }
        assert_eq!("DirectMarketing".parse::<DpvPurpose>().unwrap().label("fr"), "Prospection directe");
        assert_eq!("DirectMarketing".parse::<DpvPurpose>().unwrap().label("xx"), "Direct marketing");
    }

    #[test]
    fn an_unknown_term_is_refused_with_the_list_of_those_that_are_known() {
        for text in ["", "directmarketing", "dpv:Spam", "http://w3id.org/dpv#DirectMarketing"] {
            assert_eq!(text.parse::<DpvPurpose>(), Err(DpvPurposeError), "{text:?}");
        }
        assert!(DpvPurposeError.to_string().contains("DirectMarketing, Marketing"));
    }

    #[test]
    fn every_basis_has_its_article_its_rights_and_the_absolute_objection() {
        for (basis, letter) in LawfulBasis::ALL.iter().zip(["a", "b", "c", "d", "e", "f"]) {
            let facts = basis.facts();
            assert_eq!(facts.iri, format!("https://w3id.org/dpv/legal/eu/gdpr#A6-1-{letter}"));
            assert!(facts.legal_reference.starts_with(&format!("Art. 6(1)({letter})")));
            for right in ["A15", "A16", "A18", "A19", "A77"] {
                assert!(facts.rights.iter().any(|known| known == right), "{basis}: {right}");
            }
            assert_eq!(facts.rights_direct_marketing, ["A21"]);
            assert!(!facts.evidence.is_empty() && !facts.evidence_reason.is_empty());
        }
        assert!(LawfulBasis::Consent.facts().evidence.contains(&EvidenceField::Time));
    }

    #[test]
    fn bases_read_back_and_others_are_answered_with_the_six() {
        for basis in LawfulBasis::ALL {
            assert_eq!(basis.to_string().parse::<LawfulBasis>().unwrap(), *basis);
        }
        assert!("profit".parse::<LawfulBasis>().unwrap_err().to_string().contains("legitimate-interests"));
    }
}
