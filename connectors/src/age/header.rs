//! The lines before the body, and the keyed hash that vouches for them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::{FileKey, derived};

const VERSION: &str = "age-encryption.org/v1\n";
const LINE_CHARS: usize = 64;

/// One wrapped file key: its arguments, the kind first, and its body.
pub(super) struct Stanza {
    pub(super) arguments: Vec<String>,
    pub(super) body: Vec<u8>,
}

/// The header for one recipient. A passphrase must stand alone, so that there is never another.
pub(super) fn header(key: &FileKey, stanza: &Stanza) -> String {
    let mut header = VERSION.to_owned();
    header.push_str("-> ");
    header.push_str(&stanza.arguments.join(" "));
    header.push('\n');
    let mut body = STANDARD_NO_PAD.encode(&stanza.body);
    // The last line of a body is shorter than the others, if need be empty.
    while body.len() >= LINE_CHARS {
        let rest = body.split_off(LINE_CHARS);
        header.push_str(&body);
        header.push('\n');
        body = rest;
    }
    header.push_str(&body);
    header.push_str("\n---");
    let mac = mac(key, header.as_bytes());
    header.push(' ');
    header.push_str(&STANDARD_NO_PAD.encode(mac));
    header.push('\n');
    header
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn mac(key: &FileKey, header: &[u8]) -> [u8; 32] {
    let key = derived(b"", key.as_slice(), b"header");
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_slice()).expect("HMAC takes keys of any length");
    mac.update(header);
    mac.finalize().into_bytes().into()
}
