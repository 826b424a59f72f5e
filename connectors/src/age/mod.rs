//! Files that open with the stock `age` tool: the format age v1 (C2SP age.md), the writing half of it.
//!
//! The header wraps a random file key for each recipient; the body is ChaCha20-Poly1305 in chunks of 64 KiB (STREAM). Written
//! here over the primitives that the vault uses already, because the `age` crate brings a second version of most of them. What
//! is written is opened by `age` itself in the tests of the program.
//!
//! | module | owns |
//! | --- | --- |
//! | `recipient` | to whom: a key or a passphrase, and their stanzas |
//! | `header` | the lines before the body |
//! | `stream` | the body |

mod header;
mod recipient;
mod stream;

use std::io::{self, Write};

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

pub use recipient::{Recipient, RecipientError};
pub use stream::Encrypted;

/// The key that opens the body; each recipient gets it wrapped.
type FileKey = Zeroizing<[u8; 16]>;

/// Begins a file that only the recipient opens. What is written into it is encrypted at once;
/// [`finish`](Encrypted::finish) has to follow, or the file is cut short, and `age` says so.
///
/// # Errors
/// What writing the header fails with, and a passphrase that the key derivation does not take.
pub fn encrypted<W: Write>(mut output: W, recipient: &Recipient) -> io::Result<Encrypted<W>> {
    let key: FileKey = Zeroizing::new(random()?);
    let stanza = recipient.stanza(&key).map_err(io::Error::other)?;
    output.write_all(header::header(&key, &stanza).as_bytes())?;
    let nonce: [u8; 16] = random()?;
    output.write_all(&nonce)?;
    Ok(Encrypted::new(output, &derived(&nonce, &*key, b"payload")))
}

fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}

/// HKDF-SHA-256 (RFC 5869) to 32 bytes.
#[expect(clippy::expect_used, reason = "HKDF gives up to 255 blocks, and this is one")]
fn derived(salt: &[u8], key: &[u8], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(salt), key).expand(info, &mut *out).expect("one block of the hash");
    out
}

#[cfg(test)]
mod tests;
