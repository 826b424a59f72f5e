//! The text of a key file: written and parsed, without any file.
//!
//! ```text
//! carnet-root-key-v1                              carnet-root-key-v1
//! key: <32 bytes, base64>                         argon2id: m=65536,t=3,p=1,salt=<16 bytes, base64>
//! check: <4 bytes, hexadecimal>                   sealed: <60 bytes, base64: nonce, ciphertext, tag>
//!                                                 check: <4 bytes, hexadecimal>
//! ```
//!
//! `check` is the start of the SHA-256 of what precedes it. It is always written, and compared where it stands: a file
//! that was damaged is then not taken for a wrong key or a wrong passphrase. Templates that only fill in `key:` may
//! leave it out.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::passphrase::{Cost, Locked, SALT_BYTES, SEALED_BYTES};
use super::root::RootKey;

const FIRST_LINE: &str = "carnet-root-key-v1";
/// Far more than a key file needs.
pub(super) const MAX_BYTES: usize = 4096;

/// What a key file holds.
pub(super) enum Content {
    Plain(RootKey),
    Locked(Locked),
}

/// Why a text is not a key file's; shown in `KeyFileError::Damaged`.
pub(super) type Flaw = &'static str;

/// The text of a plain key file, in memory that is overwritten when dropped.
pub(super) fn write_plain(key: &RootKey) -> Zeroizing<String> {
    let mut text = start();
    text.push_str("key: ");
    STANDARD.encode_string(key.expose(), &mut text);
    finish(text)
}

/// The text of a key file under a passphrase.
pub(super) fn write_locked(locked: &Locked) -> Zeroizing<String> {
    let Cost { memory_kib, passes, lanes } = locked.cost;
    let mut text = start();
    text.push_str(&format!("argon2id: m={memory_kib},t={passes},p={lanes},salt="));
    STANDARD.encode_string(locked.salt, &mut text);
    text.push_str("\nsealed: ");
    STANDARD.encode_string(locked.sealed, &mut text);
    finish(text)
}

/// The first line, with room for the rest: growing would leave a copy of the key.
fn start() -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(512));
    text.push_str(FIRST_LINE);
    text.push('\n');
    text
}

fn finish(mut text: Zeroizing<String>) -> Zeroizing<String> {
    text.push('\n');
    let check = check(&text);
    text.push_str(&format!("check: {check}\n"));
    text
}

fn check(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()).get(..4).unwrap_or_default())
}

/// Reads a key file's text; line ends may be those of Unix or of Windows.
pub(super) fn parse(bytes: &[u8]) -> Result<Content, Flaw> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not text")?;
    let mut lines = text.lines();
    match lines.next() {
        Some(FIRST_LINE) => {}
        Some(line) if line.starts_with("carnet-root-key-v") => return Err("a newer program wrote it"),
        _ => return Err("its first line is not `carnet-root-key-v1`"),
    }
    let [mut key, mut argon2id, mut sealed, mut given_check] = [None; 4];
    for line in lines.filter(|line| !line.trim().is_empty()) {
        let (name, value) = line.split_once(':').ok_or("a line has no colon")?;
        let slot = match name {
            "key" => &mut key,
            "argon2id" => &mut argon2id,
            "sealed" => &mut sealed,
            "check" => &mut given_check,
            _ => return Err("a line has an unknown name"),
        };
        if slot.replace(value.trim()).is_some() {
            return Err("a line stands twice");
        }
    }
    let content = match (key, argon2id, sealed) {
        (Some(key), None, None) => Content::Plain(RootKey::from_bytes(&*decode(key, "the key is not 32 bytes")?)),
        (None, Some(argon2id), Some(sealed)) => Content::Locked(parse_locked(argon2id, sealed)?),
        _ => return Err("it has neither `key`, nor `argon2id` and `sealed`"),
    };
    match given_check {
        Some(given) if given != written_again(&content) => Err("its check does not match"),
        _ => Ok(content),
    }
}

/// The check that this content would be written with.
///
/// Writing it again makes line ends and spaces count for nothing.
fn written_again(content: &Content) -> String {
    let text = match content {
        Content::Plain(key) => write_plain(key),
        Content::Locked(locked) => write_locked(locked),
    };
    text.rsplit_once(": ").map(|(_, check)| check.trim().to_owned()).unwrap_or_default()
}

fn parse_locked(argon2id: &str, sealed: &str) -> Result<Locked, Flaw> {
    const FLAW: Flaw = "its `argon2id` line is not `m=...,t=...,p=...,salt=...`";
    let mut parts = argon2id.splitn(4, ',');
    let mut part = |name: &str| parts.next().and_then(|part| part.strip_prefix(name)).ok_or(FLAW);
    let number = |text: &str| text.parse().map_err(|_| FLAW);
    let cost = Cost { memory_kib: number(part("m=")?)?, passes: number(part("t=")?)?, lanes: number(part("p=")?)? };
    let salt: Zeroizing<[u8; SALT_BYTES]> = decode(part("salt=")?, "its salt is not 16 bytes")?;
    if !cost.is_allowed() {
        return Err("its `argon2id` line asks for more than 1 GiB, 16 passes or 16 lanes, or for nothing");
    }
    let sealed: Zeroizing<[u8; SEALED_BYTES]> = decode(sealed, "what is sealed in it is not 60 bytes")?;
    Ok(Locked { cost, salt: *salt, sealed: *sealed })
}

fn decode<const N: usize>(base64: &str, flaw: Flaw) -> Result<Zeroizing<[u8; N]>, Flaw> {
    // The decoder wants room for a last group of three.
    let mut room = Zeroizing::new([0; SEALED_BYTES + 3]);
    let count = STANDARD.decode_slice(base64, room.as_mut_slice()).map_err(|_| flaw)?;
    let bytes: &[u8; N] = room.get(..count).and_then(|all| all.try_into().ok()).ok_or(flaw)?;
    Ok(Zeroizing::new(*bytes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CHEAP: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };

    fn flaw(text: &str) -> Flaw {
        parse(text.as_bytes()).err().expect("a flaw")
    }

    #[test]
    fn a_plain_key_is_read_back_with_and_without_check_and_with_other_line_ends() {
        let key = RootKey::generate();
        let text = write_plain(&key);
        let without: String = text.lines().take(2).collect::<Vec<_>>().join("\n");
        for text in [text.as_str(), &without, &text.replace('\n', "\r\n")] {
            assert!(matches!(parse(text.as_bytes()), Ok(Content::Plain(read)) if read == key), "{}", text.len());
        }
    }

    #[test]
    fn a_locked_key_is_read_back() {
        let key = RootKey::generate();
        let locked = Locked::lock(&key, &"x".into(), CHEAP).unwrap();
        match parse(write_locked(&locked).as_bytes()) {
            Ok(Content::Locked(read)) => assert!(read.unlock(&"x".into()).unwrap() == key),
            _ => panic!("not read as a locked key"),
        }
    }

    #[test]
    fn each_flaw_is_named() {
        let line = |rest: &str| format!("carnet-root-key-v1\n{rest}");
        let key = "key: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        assert_eq!(flaw(""), "its first line is not `carnet-root-key-v1`");
        assert_eq!(flaw("carnet-root-key-v2\n"), "a newer program wrote it");
        assert_eq!(flaw(&line("")), "it has neither `key`, nor `argon2id` and `sealed`");
        assert_eq!(flaw(&line("key: AAAA")), "the key is not 32 bytes");
        assert_eq!(flaw(&line(&format!("{key}\n{key}"))), "a line stands twice");
        assert_eq!(flaw(&line(&format!("{key}\ncheck: 00000000"))), "its check does not match");
        assert_eq!(flaw(&line("sealed: AAAA")), "it has neither `key`, nor `argon2id` and `sealed`");
        let hostile = "argon2id: m=4294967295,t=3,p=1,salt=AAAAAAAAAAAAAAAAAAAAAA==\nsealed: AAAA";
        assert!(flaw(&line(hostile)).contains("more than 1 GiB"));
        assert!(flaw(&line("argon2id: m=1,t\nsealed: AAAA")).contains("`argon2id` line is not"));
        assert_eq!(parse(b"\xff\xfe").err(), Some("it is not text"));
    }

    proptest! {
        #[test]
        fn a_changed_character_of_the_key_is_found(at in 24..67_usize, to in "[A-Za-z0-9+/]") {
            let mut text = write_plain(&RootKey::from_bytes(&[0x5A; 32])).to_string();
            prop_assume!(text[at..at + 1] != to);
            text.replace_range(at..at + 1, &to);
            prop_assert!(parse(text.as_bytes()).is_err());
        }

        #[test]
        fn no_text_makes_it_panic(text in "(carnet-root-key-v1\n)?((key|argon2id|sealed|check|m=|[a-z0-9=,+/]{0,70}):? ?[a-zA-Z0-9=,+/ ]{0,90}\n?){0,5}") {
            let _ = parse(text.as_bytes());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(parse(&bytes).is_err());
        }

        #[test]
        fn no_damage_to_a_locked_file_makes_it_panic(at in 0..230_usize, byte in any::<u8>()) {
            let locked = Locked { cost: CHEAP, salt: [1; SALT_BYTES], sealed: [2; SEALED_BYTES] };
            let mut bytes = write_locked(&locked).as_bytes().to_vec();
            let at = at % bytes.len();
            bytes[at] = byte;
            let _ = parse(&bytes);
        }
    }
}
