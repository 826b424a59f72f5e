//! Block lists of domains: what they are called, and what their answers mean (RFC 5782).

use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

use super::ask::Answer;

/// Whose answers a zone gives. Each has its own codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZoneKind {
    /// Spamhaus DBL.
    Dbl,
    /// SURBL multi.
    Surbl,
    /// URIBL multi.
    Uribl,
}

/// One block list. `Debug` does not show its name, which may hold an operator's key.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone {
    name: String,
    kind: ZoneKind,
}

/// The text names no block list that is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is no block list; give dbl.spamhaus.org, multi.surbl.org or multi.uribl.com, or your own copy as NAME=dbl, NAME=surbl or NAME=uribl"
)]
pub struct ZoneError;

impl ZoneKind {
    const PUBLIC: [(&'static str, Self); 3] =
        [("dbl.spamhaus.org", Self::Dbl), ("multi.surbl.org", Self::Surbl), ("multi.uribl.com", Self::Uribl)];

    /// What such a list always names: the entry of RFC 5782, section 5, and its own.
    pub(super) const fn test_names(self) -> [&'static str; 2] {
        match self {
            Self::Dbl => ["test", "dbltest.com"],
            Self::Surbl => ["test", "test.surbl.org"],
            Self::Uribl => ["test", "test.uribl.com"],
        }
    }

    /// What an address in an answer means. Codes of an error or a refusal say nothing of the domain, and legitimate domains that
    /// somebody broke into (DBL 102 to 106, SURBL 128) are no reason against a list.
    pub(super) fn meaning(self, code: Ipv4Addr) -> Answer {
        match (self, code.octets()) {
            (Self::Dbl, [127, 0, 1, 2 | 4 | 5 | 6]) => Answer::Yes,
            (Self::Dbl, [127, 0, 1, 102..=106]) => Answer::No,
            (Self::Surbl, [127, 0, 0, bits]) => of_bits(bits, 8 | 16 | 64),
            (Self::Uribl, [127, 0, 0, bits]) => of_bits(bits, 2),
            _ => Answer::Unknown,
        }
    }
}

/// The lowest bit is a refusal, whatever else is set.
const fn of_bits(bits: u8, listed: u8) -> Answer {
    match bits {
        0 => Answer::Unknown,
        _ if bits & 1 == 1 => Answer::Unknown,
        _ if bits & listed != 0 => Answer::Yes,
        _ => Answer::No,
    }
}

impl Zone {
    /// The kind of its answers.
    pub const fn kind(&self) -> ZoneKind {
        self.kind
    }

    /// The name under which this zone is asked for a domain.
    pub(super) fn name_of(&self, domain: &str) -> String {
        format!("{domain}.{}.", self.name)
    }
}

impl FromStr for Zone {
    type Err = ZoneError;

    /// A public name, or an operator's own copy: `dbl.example.org=dbl`.
    fn from_str(text: &str) -> Result<Self, ZoneError> {
        let (name, kind) = match text.rsplit_once('=') {
            Some((name, "dbl")) => (name, ZoneKind::Dbl),
            Some((name, "surbl")) => (name, ZoneKind::Surbl),
            Some((name, "uribl")) => (name, ZoneKind::Uribl),
            Some(_) => return Err(ZoneError),
            None => ZoneKind::PUBLIC.into_iter().find(|(name, _)| *name == text).ok_or(ZoneError)?,
        };
        let name = name.trim_end_matches('.');
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        };
        let is_name = name.len() <= 190 && name.split('.').all(is_label);
        is_name.then(|| Self { name: name.to_owned(), kind }).ok_or(ZoneError)
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({:?})", self.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_errors_and_of_victims_are_no_listings() {
        let meaning = |kind: ZoneKind, code: &str| kind.meaning(code.parse().unwrap());
        for (kind, code, expected) in [
            (ZoneKind::Dbl, "127.0.1.2", Answer::Yes),
            (ZoneKind::Dbl, "127.0.1.6", Answer::Yes),
            (ZoneKind::Dbl, "127.0.1.102", Answer::No),
            (ZoneKind::Dbl, "127.0.1.255", Answer::Unknown),
            (ZoneKind::Dbl, "127.255.255.252", Answer::Unknown),
            (ZoneKind::Dbl, "127.255.255.254", Answer::Unknown),
            (ZoneKind::Dbl, "192.0.2.1", Answer::Unknown),
            (ZoneKind::Surbl, "127.0.0.64", Answer::Yes),
            (ZoneKind::Surbl, "127.0.0.136", Answer::Yes),
            (ZoneKind::Surbl, "127.0.0.128", Answer::No),
            (ZoneKind::Surbl, "127.0.0.1", Answer::Unknown),
            (ZoneKind::Surbl, "127.0.0.65", Answer::Unknown),
            (ZoneKind::Uribl, "127.0.0.2", Answer::Yes),
            (ZoneKind::Uribl, "127.0.0.4", Answer::No),
            (ZoneKind::Uribl, "127.0.0.1", Answer::Unknown),
            (ZoneKind::Uribl, "127.0.0.0", Answer::Unknown),
        ] {
            assert_eq!(meaning(kind, code), expected, "{kind:?} {code}");
        }
    }

    #[test]
    fn zones_are_named_in_public_or_by_their_kind() {
        assert_eq!("multi.surbl.org".parse::<Zone>().unwrap().kind(), ZoneKind::Surbl);
        let own: Zone = "0key0.dbl.example.org.=dbl".parse().unwrap();
        assert_eq!(own.name_of("firm.example"), "firm.example.0key0.dbl.example.org.");
        assert_eq!(format!("{own:?}"), "Zone(Dbl)");
        for text in ["", "example.org", "example.org=zen", "=dbl", "a b.example=dbl", "a..example=dbl"] {
            assert_eq!(text.parse::<Zone>(), Err(ZoneError), "{text}");
        }
    }
}
