//! Recovery words: the root key as 24 English words (BIP 39), for paper.

use std::fmt;

use bip39::{Error, Language, Mnemonic};
use zeroize::{Zeroize, Zeroizing};

/// 24 words that stand for a root key.
///
/// Overwritten when dropped, shown only through [`RecoveryWords::reveal`].
pub struct RecoveryWords(Mnemonic);

/// The words in clear: `{}` on one line, `{:#}` numbered, four to a line.
pub struct RevealedWords<'a>(&'a Mnemonic);

/// Why a text is not 24 recovery words. Never repeats a word.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WordsError {
    /// Not 24 words.
    #[error("{found} recovery words were given; there are {WORDS} of them, in order")]
    Count {
        /// How many were given.
        found: usize,
    },
    /// A word that is not in the BIP 39 English list.
    #[error("recovery word {position} is not one of the list; check its spelling on the paper")]
    UnknownWord {
        /// Its place, counted from 1.
        position: usize,
    },
    /// Each word exists, but they do not belong together.
    #[error(
        "the recovery words do not belong together: one is wrong, or two have changed places; compare each with the \
        paper"
    )]
    Checksum,
}

const WORDS: usize = 24;
const ENTROPY_BYTES: usize = 32;

impl RecoveryWords {
    #[expect(clippy::expect_used, reason = "32 bytes is a length that BIP 39 defines")]
    pub(super) fn of_entropy(entropy: &[u8; ENTROPY_BYTES]) -> Self {
        Self(Mnemonic::from_entropy_in(Language::English, entropy).expect("BIP 39 takes 32 bytes"))
    }

    pub(super) fn parse(text: &str) -> Result<Self, WordsError> {
        // Numbers are dropped so that the numbered form can be typed as it stands on the paper.
        let is_number = |word: &&str| word.trim_end_matches(['.', ')', ':']).bytes().all(|byte| byte.is_ascii_digit());
        let words = || text.split_whitespace().filter(|word| !is_number(word));
        let found = words().count();
        if found != WORDS {
            return Err(WordsError::Count { found });
        }
        // Reserved once, so that growing leaves no copy behind; lower case of ASCII keeps the length.
        let mut plain = Zeroizing::new(String::with_capacity(text.len() + WORDS));
        for word in words() {
            plain.push_str(word);
            plain.push(' ');
        }
        plain.make_ascii_lowercase();
        match Mnemonic::parse_in_normalized(Language::English, &plain) {
            Ok(words) => Ok(Self(words)),
            Err(Error::UnknownWord(index)) => Err(WordsError::UnknownWord { position: index + 1 }),
            Err(_) => Err(WordsError::Checksum),
        }
    }

    pub(super) fn entropy(&self) -> Zeroizing<[u8; ENTROPY_BYTES]> {
        let (mut padded, _) = self.0.to_entropy_array();
        let mut entropy = Zeroizing::new([0; ENTROPY_BYTES]);
        for (to, from) in entropy.iter_mut().zip(&padded) {
            *to = *from;
        }
        padded.zeroize();
        entropy
    }

    /// The words, to be shown once to whoever writes them down. Never log them.
    pub const fn reveal(&self) -> RevealedWords<'_> {
        RevealedWords(&self.0)
    }
}

impl fmt::Debug for RecoveryWords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryWords")
    }
}

impl fmt::Debug for RevealedWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RevealedWords")
    }
}

impl fmt::Display for RevealedWords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, word) in (1..).zip(self.0.words()) {
            let last_of_line = number % 4 == 0;
            match (f.alternate(), number) {
                (false, 1) => write!(f, "{word}")?,
                (false, _) => write!(f, " {word}")?,
                (true, WORDS) => write!(f, "{number:>2}. {word}")?,
                (true, _) if last_of_line => writeln!(f, "{number:>2}. {word}")?,
                (true, _) => write!(f, "{number:>2}. {word:<10}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Those of 256 bits in the vectors of BIP 39 (trezor/python-mnemonic).
    const VECTORS: [(&str, &str); 3] = [
        (
            "0000000000000000000000000000000000000000000000000000000000000000",
            "abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon \
             abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon art",
        ),
        (
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            "zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo vote",
        ),
        (
            "68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c",
            "hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel \
             tennis maple dilemma loan word shrug inflict delay length",
        ),
    ];

    fn entropy_of(text: &str) -> Result<String, WordsError> {
        RecoveryWords::parse(text).map(|words| hex::encode(words.entropy().as_slice()))
    }

    #[test]
    fn the_vectors_of_bip_39_hold_both_ways() {
        for (entropy, words) in VECTORS {
            let bytes: [u8; 32] = hex::decode(entropy).unwrap().try_into().unwrap();
            assert_eq!(RecoveryWords::of_entropy(&bytes).reveal().to_string(), words);
            assert_eq!(entropy_of(words).unwrap(), entropy);
        }
    }

    #[test]
    fn case_spacing_and_numbers_do_not_matter() {
        let (entropy, words) = VECTORS[2];
        assert_eq!(entropy_of(&format!("\t {}\n", words.to_uppercase().replace(' ', "  \r\n"))).unwrap(), entropy);
        let revealed = RecoveryWords::parse(words).unwrap();
        let numbered = format!("{:#}", revealed.reveal());
        assert!(numbered.starts_with(" 1. hamster   "), "{numbered}");
        assert_eq!(numbered.lines().count(), 6);
        assert_eq!(entropy_of(&numbered).unwrap(), entropy);
    }

    #[test]
    fn an_unknown_word_is_named_by_its_place_and_not_by_its_text() {
        let (_, words) = VECTORS[2];
        let error = entropy_of(&words.replacen("dutch", "dvtch", 1)).unwrap_err();
        assert_eq!(error, WordsError::UnknownWord { position: 4 });
        assert!(!error.to_string().contains("dvtch"));
        assert_eq!(entropy_of(&words.replacen("dutch", "dütch", 1)), Err(WordsError::UnknownWord { position: 4 }));
    }

    #[test]
    fn swapped_or_missing_words_are_refused() {
        let (_, words) = VECTORS[2];
        assert_eq!(entropy_of(&words.replacen("diagram private", "private diagram", 1)), Err(WordsError::Checksum));
        assert_eq!(entropy_of(&words.replacen("dutch ", "", 1)), Err(WordsError::Count { found: 23 }));
        assert_eq!(entropy_of(""), Err(WordsError::Count { found: 0 }));
    }

    #[test]
    fn debug_shows_no_word() {
        let words = RecoveryWords::of_entropy(&[0; 32]);
        assert_eq!(format!("{words:?} {:?}", words.reveal()), "RecoveryWords RevealedWords");
    }
}
