//! Content hashes: SHA-256 of public texts and files, never of personal data: those get keyed tags.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

/// The text is not a SHA-256 hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a SHA-256 hash; expected 64 hexadecimal digits")]
pub struct HashError;

macro_rules! hash_types {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 32]);

        impl $name {
            /// The hash of these exact bytes.
            pub fn of(content: &[u8]) -> Self {
                Self(Sha256::digest(content).into())
            }

            /// A hash that was computed elsewhere.
            pub const fn from_bytes(bytes: [u8; 32]) -> Self {
                Self(bytes)
            }

            /// The 32 bytes.
            pub const fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = HashError;

            fn from_str(text: &str) -> Result<Self, HashError> {
                let mut bytes = [0_u8; 32];
                hex::decode_to_slice(text, &mut bytes).map_err(|_| HashError)?;
                Ok(Self(bytes))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

hash_types! {
    /// The version of a notice: SHA-256 of its exact UTF-8 text.
    NoticeHash;
    /// The version of a form: SHA-256 of its exact bytes, as published with a time.
    FormHash;
    /// A screenshot of a form as it was shown: SHA-256 of the image file.
    ScreenshotHash;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_the_empty_text_is_the_published_one_and_reads_back() {
        let hash = NoticeHash::of(b"");
        assert_eq!(hash.to_string(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(hash.to_string().parse::<NoticeHash>().unwrap(), hash);
        assert_eq!(hash.to_string().to_uppercase().parse::<NoticeHash>().unwrap(), hash);
    }

    #[test]
    fn anything_but_sixty_four_hexadecimal_digits_is_refused() {
        for text in ["", "e3b0", &"g".repeat(64), &"0".repeat(65)] {
            assert_eq!(text.parse::<NoticeHash>(), Err(HashError));
        }
    }
}
