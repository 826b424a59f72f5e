//! What the gate knows of the world: mailbox providers, throw-away domains, role words, firms' patterns, DNS results.
//!
//! The lists that ship are text files in `policies/data`, each with its origin, licence and date. What only an operator knows, such as
//! the results of DNS look-ups, is given; without it the signals that need it are not judged.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use sha2::{Digest as _, Sha256};

use super::names::Pattern;
use crate::intake::level;

const FREE: &str = include_str!("../../../../policies/data/free-mail.txt");
const DISPOSABLE: &str = include_str!("../../../../policies/data/disposable.txt");
const ROLES: &str = include_str!("../../../../policies/data/roles.txt");
const EVENTS: &str = include_str!("../../../../policies/data/events.txt");
const YES: &str = include_str!("../../../../policies/data/yes.txt");

/// Facts that signals compare a list with.
#[derive(Clone, Default)]
pub struct Knowledge {
    /// Domains at which anybody may have a mailbox.
    pub free: HashSet<String>,
    /// Domains of throw-away mailboxes.
    pub disposable: HashSet<String>,
    /// Local parts that stand for a post.
    pub roles: HashSet<String>,
    /// Words that speak of a fair or another event.
    pub events: HashSet<String>,
    /// What a consent column holds that only says yes.
    pub yes: HashSet<String>,
    /// Domains that take no mail: no such domain, no MX and no address, or a null MX. `None`: nobody has asked.
    pub dead: Option<HashSet<String>>,
    /// Domains that are on a block list, of those in the list. `None`: nobody has asked.
    pub blocklisted: Option<HashSet<String>>,
    /// Address patterns of firms, by registrable domain, learnt from rows that are proven.
    pub patterns: BTreeMap<String, Pattern>,
    /// Words by which other organisations would be named in a `+tag`: levelled, letters and digits alone.
    pub organisations: BTreeSet<String>,
    /// Networks of hosting firms, as first and last address. Empty: not known.
    pub hosting: Vec<(std::net::IpAddr, std::net::IpAddr)>,
    /// Since when a source or a version of a text existed, in seconds since 1970: by its words as they stand in lists.
    pub existed_since_s: BTreeMap<String, i64>,
}

impl Knowledge {
    /// What ships with the program.
    pub fn builtin() -> Self {
        Self {
            free: lines(FREE),
            disposable: lines(DISPOSABLE),
            roles: lines(ROLES),
            events: lines(EVENTS),
            yes: lines(YES),
            ..Self::default()
        }
    }

    /// The pattern that is known for a firm.
    pub(super) fn pattern_of(&self, domain: &str) -> Option<Pattern> {
        if self.patterns.is_empty() {
            return None;
        }
        self.patterns.get(domain).or_else(|| self.patterns.get(registrable(domain))).copied()
    }

    /// Whether a domain, or the registrable one above it, is in a set.
    pub(super) fn has(set: &HashSet<String>, domain: &str) -> bool {
        set.contains(domain) || set.contains(registrable(domain))
    }

    /// Whether a local part stands for a post, with or without a tag and digits behind it.
    pub(super) fn is_role(&self, local: &str) -> bool {
        let bare = local.split_once('+').map_or(local, |(bare, _)| bare);
        self.roles.contains(bare) || self.roles.contains(bare.trim_end_matches(|c: char| c.is_ascii_digit()))
    }

    /// Whether a text speaks of an event.
    pub(super) fn speaks_of_event(&self, text: &str) -> bool {
        level(text).split(|c: char| !c.is_alphanumeric()).any(|word| self.events.contains(word))
    }

    /// Whether a text only says yes.
    pub(super) fn says_only_yes(&self, text: &str) -> bool {
        let word: String = level(text).chars().filter(|c| c.is_alphanumeric() || *c == '-').collect();
        self.yes.contains(&word)
    }

    /// SHA-256 over all of it, the same for the same facts.
    pub fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new_with_prefix(b"carnet/gate/knowledge/v1\0");
        let sets = [
            Some(&self.free),
            Some(&self.disposable),
            Some(&self.roles),
            Some(&self.events),
            Some(&self.yes),
            self.dead.as_ref(),
            self.blocklisted.as_ref(),
        ];
        for set in sets {
            let sorted: Option<BTreeSet<&str>> = set.map(|set| set.iter().map(String::as_str).collect());
            digest.update([u8::from(sorted.is_some())]);
            sorted.into_iter().flatten().for_each(|word| text(&mut digest, word));
            digest.update([0xff]);
        }
        for (domain, pattern) in &self.patterns {
            text(&mut digest, domain);
            text(&mut digest, &pattern.to_string());
        }
        digest.update([0xff]);
        self.organisations.iter().for_each(|word| text(&mut digest, word));
        digest.update([0xff]);
        self.hosting.iter().for_each(|network| text(&mut digest, &format!("{network:?}")));
        digest.update([0xff]);
        for (word, since) in &self.existed_since_s {
            text(&mut digest, word);
            digest.update(since.to_be_bytes());
        }
        digest.finalize().into()
    }
}

impl std::fmt::Debug for Knowledge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let patterns = self.patterns.len();
        write!(f, "Knowledge({} free, {} disposable, {patterns} patterns)", self.free.len(), self.disposable.len())
    }
}

fn text(digest: &mut Sha256, text: &str) {
    digest.update(text.len().to_be_bytes());
    digest.update(text.as_bytes());
}

/// The name under which somebody registers: `mail.example.co.uk` gives `example.co.uk`.
pub fn registrable(domain: &str) -> &str {
    psl::domain_str(domain).unwrap_or(domain)
}

fn lines(text: &str) -> HashSet<String> {
    let content = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    content.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ships_is_read_and_says_where_it_is_from() {
        let known = Knowledge::builtin();
        for domain in ["gmail.com", "orange.fr", "web.de", "libero.it", "terra.es", "laposte.net"] {
            assert!(Knowledge::has(&known.free, domain), "{domain}");
        }
        assert!(known.disposable.contains("mailinator.com") && known.disposable.len() > 8_000);
        assert!(known.free.is_disjoint(&known.disposable), "a free-mail domain is no throw-away one");
        for role in ["contact", "kontakt", "accueil", "info", "amministrazione", "ventas"] {
            assert!(known.roles.contains(role), "{role}");
        }
        for file in [FREE, DISPOSABLE, ROLES, EVENTS, YES] {
            let head: Vec<&str> = file.lines().take_while(|line| line.starts_with('#')).collect();
            assert!(
                head.iter().any(|line| line.contains("Licence:")) && head.iter().any(|line| line.contains("2026-"))
            );
            let words: Vec<&str> = file.lines().filter(|line| !line.starts_with('#')).collect();
            assert!(words.iter().all(|word| *word == word.trim().to_lowercase() && !word.is_empty()));
            assert_eq!(words.iter().collect::<HashSet<_>>().len(), words.len(), "each once");
        }
    }

    #[test]
    fn events_and_bare_words_are_told_from_others() {
        let known = Knowledge::builtin();
        for text in ["salon-energie-2024", "Messe Köln", "badge-v1", "Feria de Madrid"] {
            assert!(known.speaks_of_event(text), "{text}");
        }
        assert!(!known.speaks_of_event("newsletter") && !known.speaks_of_event("salonnier.example"));
        assert!(known.says_only_yes("OUI") && known.says_only_yes("Sí") && known.says_only_yes("1"));
        assert!(!known.says_only_yes("v1") && !known.says_only_yes("I agree to receive the letter"));
    }

    #[test]
    fn the_digest_follows_the_facts() {
        let known = Knowledge::builtin();
        let mut asked = known.clone();
        asked.dead = Some(HashSet::new());
        assert_eq!(known.digest(), Knowledge::builtin().digest());
        assert_ne!(known.digest(), asked.digest());
    }

    #[test]
    fn the_registrable_domain_is_that_of_the_public_suffix_list() {
        for (domain, expected) in
            [("mail.example.co.uk", "example.co.uk"), ("a.b.firm.example", "firm.example"), ("com", "com"), ("", "")]
        {
            assert_eq!(registrable(domain), expected);
        }
    }
}
