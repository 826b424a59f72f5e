//! The exports of programs and providers that are known by the heads of their columns.
//!
//! Each is a file of data beside this one, which says where its heads come from. A preset says what a column is; it never says
//! that anybody has agreed.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use carnet_core::intake::Status;
use serde::Deserialize;

use super::field::Field;
use super::headers::key;
use super::words::Words;

const FILES: [&str; 13] = [
    include_str!("data/presets/aweber.toml"),
    include_str!("data/presets/autoresponder.toml"),
    include_str!("data/presets/brevo.toml"),
    include_str!("data/presets/carnet.toml"),
    include_str!("data/presets/google.toml"),
    include_str!("data/presets/hubspot.toml"),
    include_str!("data/presets/hubspot-suppressions.toml"),
    include_str!("data/presets/listmonk.toml"),
    include_str!("data/presets/mailchimp.toml"),
    include_str!("data/presets/mailjet.toml"),
    include_str!("data/presets/mautic.toml"),
    include_str!("data/presets/omnisend.toml"),
    include_str!("data/presets/outlook.toml"),
];

// The texts are part of the program; a test reads each whole.
static PRESETS: LazyLock<Vec<Preset>> =
    LazyLock::new(|| FILES.iter().filter_map(|text| toml::from_str(text).ok()).collect());

/// An export that is known.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Preset {
    /// Its word in mappings.
    pub(super) name: String,
    /// Its name for people.
    pub(super) title: String,
    /// Sets of heads; a file that has all of one is such an export.
    heads: Vec<Vec<String>>,
    /// Whether a confirmation counts only if it is later than a sign-up.
    #[serde(default)]
    pub(super) confirmed_after_sign_up: bool,
    /// Heads and what they are: `#` stands for a number, `*` at the end for anything.
    fields: BTreeMap<String, Field>,
    /// Heads of columns that are kept in the card, though their words would name a field elsewhere.
    #[serde(default)]
    keep: Vec<String>,
    /// What the provider's words mean.
    #[serde(default)]
    pub(super) words: Words,
    /// What all rows of a file are whose name begins so.
    #[serde(default)]
    files: BTreeMap<String, Status>,
}

impl Preset {
    /// The preset of a name.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.name == name)
    }

    /// The preset that most of these heads belong to.
    pub(super) fn of_heads(heads: &[String]) -> Option<&'static Self> {
        let keys: HashSet<String> = heads.iter().map(|head| key(head)).collect();
        let matched = |preset: &&Preset| {
            let sets = preset.heads.iter().filter(|set| set.iter().all(|head| keys.contains(&key(head))));
            sets.map(Vec::len).max().unwrap_or_default()
        };
        PRESETS.iter().filter(|preset| matched(preset) > 0).max_by_key(matched)
    }

    /// What a column is.
    pub(super) fn field(&self, head: &str) -> Option<Field> {
        let exact = self.fields.iter().find(|(known, _)| !known.contains(['#', '*']) && key(known) == key(head));
        let pattern = || self.fields.iter().find(|(known, _)| known.contains(['#', '*']) && fits(known, head));
        exact.or_else(pattern).map(|(_, field)| *field)
    }

    /// Whether a column is known and no field.
    pub(super) fn keeps(&self, head: &str) -> bool {
        self.keep.iter().any(|kept| key(kept) == key(head))
    }

    /// What all rows of a file are, by its name.
    pub(super) fn status_of_file(&self, name: &str) -> Option<Status> {
        let name = key(name);
        self.files.iter().find(|(start, _)| name.starts_with(&key(start))).map(|(_, status)| *status)
    }
}

fn fits(pattern: &str, head: &str) -> bool {
    let head = key(head);
    match pattern.strip_suffix('*') {
        Some(start) => head.starts_with(&key(start)),
        None => {
            let bare: String = head.chars().filter(|c| !c.is_ascii_digit()).collect();
            bare.len() < head.len() && bare == key(pattern)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_is_read_whole_and_is_found_by_each_of_its_own_heads() {
        for text in FILES {
            let preset: Preset = toml::from_str(text).unwrap_or_else(|error| panic!("{error}"));
            assert!(!preset.title.is_empty() && text.starts_with("# Header:"), "{}", preset.name);
            for set in &preset.heads {
                assert_eq!(Preset::of_heads(set).map(|found| found.name.as_str()), Some(preset.name.as_str()));
            }
            for (head, field) in &preset.fields {
                let met = head.replace('#', "2").replace('*', " anything");
                assert_eq!(preset.field(&met), Some(*field), "{}: {head}", preset.name);
            }
            assert!(Preset::named(&preset.name).is_some());
        }
        assert_eq!(PRESETS.len(), FILES.len());
    }

    #[test]
    fn an_ordinary_list_is_no_preset() {
        let heads = ["email", "first name", "last name", "phone", "status", "opt-in date", "ip", "source"];
        assert!(Preset::of_heads(&heads.map(str::to_owned)).is_none());
    }

    #[test]
    fn the_files_of_a_mailchimp_archive_say_their_status() {
        let preset = Preset::named("mailchimp").unwrap();
        assert_eq!(preset.status_of_file("unsubscribed_members_export_1.csv"), Some(Status::Unsubscribed));
        assert_eq!(preset.status_of_file("Cleaned_Email_Marketing_Audience.csv"), Some(Status::Bounced));
        assert_eq!(preset.status_of_file("members.csv"), None);
    }
}
