//! Suggests the mail domain that somebody may have meant: `gmial.com` for `gmail.com`. Suggests and never changes.
//!
//! A domain that is one of those that many people use is what it says, however near it is to another: `gmx.net` is no
//! `gmx.de`. Else it must be one slip away from exactly one of them: a letter left out, put in, replaced, or two swapped
//! (Damerau-Levenshtein distance 1). It is asked for every row, so that most domains are answered by a look at their length
//! and letters.

/// Domains of mailboxes that many people have, and those that are near one of them and real; sorted.
const KNOWN: [&str; 73] = [
    "alice.it",
    "aol.com",
    "aol.de",
    "arcor.de",
    "bbox.fr",
    "bluewin.ch",
    "bluewin.com",
    "btinternet.com",
    "comcast.net",
    "email.com",
    "email.de",
    "fastmail.com",
    "fastmail.fm",
    "free.fr",
    "freenet.de",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.fr",
    "gmx.net",
    "gmx.org",
    "googlemail.com",
    "hey.com",
    "hotmail.be",
    "hotmail.ca",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.de",
    "hotmail.es",
    "hotmail.fr",
    "hotmail.it",
    "icloud.com",
    "laposte.net",
    "libero.it",
    "live.be",
    "live.co.uk",
    "live.com",
    "live.de",
    "live.fr",
    "live.it",
    "live.nl",
    "mac.com",
    "mail.com",
    "mail.de",
    "mail.fr",
    "mail.ru",
    "mailbox.org",
    "me.com",
    "msn.com",
    "neuf.fr",
    "numericable.fr",
    "orange.fr",
    "outlook.be",
    "outlook.com",
    "outlook.de",
    "outlook.es",
    "outlook.fr",
    "posteo.de",
    "posteo.net",
    "proton.me",
    "protonmail.com",
    "sfr.fr",
    "t-online.de",
    "virgilio.it",
    "wanadoo.fr",
    "web.de",
    "yahoo.com",
    "yahoo.de",
    "yahoo.fr",
    "yahoo.it",
    "ymail.com",
];

/// A domain as short as this is near many others by chance.
const SHORTEST: usize = 8;

/// The domain that was probably meant, for one that is a slip away from a well-known one and not known itself.
///
/// `domain` is in lower case, as [`EmailAddress::domain`](crate::model::EmailAddress::domain) gives it.
pub fn suggested_domain(domain: &str) -> Option<&'static str> {
    let bytes = domain.as_bytes();
    // One slip away from the shortest and longest that is suggested.
    if !(SHORTEST - 1..=16).contains(&bytes.len()) || KNOWN.binary_search(&domain).is_ok() {
        return None;
    }
    let mut near = KNOWN.iter().filter(|known| known.len() >= SHORTEST && is_one_slip(bytes, known.as_bytes()));
    let first = near.next()?;
    // Between two of them nobody can choose.
    near.next().is_none().then_some(*first)
}

/// Whether one letter left out, put in or replaced, or two neighbours swapped, makes one of the other.
pub(crate) fn is_one_slip(one: &[u8], other: &[u8]) -> bool {
    if one.len().abs_diff(other.len()) > 1 {
        return false;
    }
    let start = one.iter().zip(other).take_while(|(left, right)| left == right).count();
    let (one, other) = (one.get(start..).unwrap_or_default(), other.get(start..).unwrap_or_default());
    match (one, other) {
        ([], []) => false,
        ([_, left @ ..], right) | (right, [_, left @ ..]) if left == right => true,
        ([a, b, left @ ..], [c, d, right @ ..]) if a == d && b == c && left == right => true,
        ([_, left @ ..], [_, right @ ..]) => left == right,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn slips_of_the_finger_are_found() {
        for (typed, meant) in [
            ("gmial.com", "gmail.com"),
            ("gmai.com", "gmail.com"),
            ("gmaill.com", "gmail.com"),
            ("gmsil.com", "gmail.com"),
            ("gmail.con", "gmail.com"),
            ("gmail.cm", "gmail.com"),
            ("hotmial.com", "hotmail.com"),
            ("hotmail.rf", "hotmail.fr"),
            ("orangee.fr", "orange.fr"),
            ("wanado.fr", "wanadoo.fr"),
            ("laposte.ne", "laposte.net"),
            ("t-onlin.de", "t-online.de"),
            ("outlok.fr", "outlook.fr"),
            ("protonmial.com", "protonmail.com"),
        ] {
            assert_eq!(suggested_domain(typed), Some(meant), "{typed}");
        }
    }

    #[test]
    fn what_is_right_is_left_alone() {
        assert!(KNOWN.is_sorted());
        for domain in KNOWN {
            assert_eq!(suggested_domain(domain), None, "{domain}");
        }
        for domain in
            ["example.org", "mail.example", "gmx.info", "web.dev", "sfr.com", "gm.com", "", "é", "tmail.example.org"]
        {
            assert_eq!(suggested_domain(domain), None, "{domain}");
        }
    }

    #[test]
    fn between_two_nobody_can_choose() {
        // One letter from each of hotmail.de, hotmail.be and hotmail.es.
        assert_eq!(suggested_domain("hotmail.ee"), None);
        assert_eq!(suggested_domain("yahoo.dr"), None, "yahoo.de and yahoo.fr");
    }

    fn distance(one: &[u8], other: &[u8]) -> usize {
        let mut table = vec![vec![0; other.len() + 1]; one.len() + 1];
        for i in 0..=one.len() {
            for j in 0..=other.len() {
                table[i][j] = if i == 0 || j == 0 {
                    i + j
                } else {
                    let cost = usize::from(one[i - 1] != other[j - 1]);
                    let mut best = (table[i - 1][j] + 1).min(table[i][j - 1] + 1).min(table[i - 1][j - 1] + cost);
                    if i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1] {
                        best = best.min(table[i - 2][j - 2] + 1);
                    }
                    best
                };
            }
        }
        table[one.len()][other.len()]
    }

    proptest! {
        #[test]
        fn a_slip_is_the_distance_of_one(one in "[ab.]{0,6}", other in "[ab.]{0,6}") {
            prop_assert_eq!(is_one_slip(one.as_bytes(), other.as_bytes()), distance(one.as_bytes(), other.as_bytes()) == 1);
        }

        #[test]
        fn what_is_suggested_is_known_and_near(domain in "(gmail|hotmail|yahoo|orange)?[a-z.]{0,6}|\\PC{0,12}") {
            if let Some(meant) = suggested_domain(&domain) {
                prop_assert!(KNOWN.contains(&meant) && distance(domain.as_bytes(), meant.as_bytes()) == 1);
            }
        }
    }
}
