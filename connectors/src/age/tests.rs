//! The reading half, for tests alone: enough of it to see that what was written is what the format asks for. The stock tool
//! reads the same files in the tests of the program.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use chacha20poly1305::aead::Aead as _;
use chacha20poly1305::{ChaCha20Poly1305, KeyInit as _, Nonce};
use secrecy::SecretString;
use x25519_dalek::{PublicKey, StaticSecret};

use super::*;

/// A pair from the page of the `age` tool's own documentation would be known to everybody; this one is made here.
fn pair() -> (StaticSecret, Recipient) {
    let secret = StaticSecret::from(random::<32>().unwrap());
    let public = PublicKey::from(&secret);
    (secret, Recipient::Key(*public.as_bytes()))
}

fn opened(file: &[u8], secret: &StaticSecret) -> Vec<u8> {
    let end = file.windows(4).position(|part| part == b"\n---").unwrap() + 4;
    let header = std::str::from_utf8(&file[..end]).unwrap();
    let lines: Vec<&str> = header.lines().collect();
    assert_eq!((lines[0], lines[3]), ("age-encryption.org/v1", "---"));
    let share = lines[1].strip_prefix("-> X25519 ").unwrap();
    let share = <[u8; 32]>::try_from(STANDARD_NO_PAD.decode(share).unwrap()).unwrap();
    let shared = secret.diffie_hellman(&PublicKey::from(share));
    let salt = [share, *PublicKey::from(secret).as_bytes()].concat();
    let wrapping = derived(&salt, shared.as_bytes(), b"age-encryption.org/v1/X25519");
    let cipher = ChaCha20Poly1305::new((&*wrapping).into());
    let key = cipher.decrypt(&Nonce::default(), &*STANDARD_NO_PAD.decode(lines[2]).unwrap()).unwrap();
    let body = &file[end..];
    let (_, body) = body.split_at(body.iter().position(|byte| *byte == b'\n').unwrap() + 1);
    let (nonce, body) = body.split_at(16);
    let cipher = ChaCha20Poly1305::new((&*derived(nonce, &key, b"payload")).into());
    let chunks: Vec<&[u8]> = body.chunks(64 * 1024 + 16).collect();
    let mut plain = Vec::new();
    for (number, chunk) in chunks.iter().enumerate() {
        let mut nonce = [0; 12];
        nonce[3..11].copy_from_slice(&(number as u64).to_be_bytes());
        nonce[11] = u8::from(number + 1 == chunks.len());
        plain.extend(cipher.decrypt(&Nonce::from(nonce), *chunk).unwrap());
    }
    plain
}

#[test]
fn what_goes_in_comes_out_at_every_length_around_a_chunk() {
    let (secret, recipient) = pair();
    for length in [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000] {
        let plain: Vec<u8> = (0..length).map(|n: u32| (n % 251) as u8).collect();
        let mut file = encrypted(Vec::new(), &recipient).unwrap();
        for part in plain.chunks(1000) {
            file.write_all(part).unwrap();
        }
        let file = file.finish().unwrap();
        assert_eq!(opened(&file, &secret), plain, "{length}");
        let chunks = plain.len().div_ceil(65_536).max(1);
        let header = file.windows(5).position(|part| part == b"\n--- ").unwrap() + 5 + 43 + 1;
        assert_eq!(file.len(), header + 16 + plain.len() + 16 * chunks, "{length}");
    }
}

#[test]
fn two_files_of_the_same_have_nothing_in_common() {
    let (_, recipient) = pair();
    let [one, other] = [(); 2].map(|()| {
        let mut file = encrypted(Vec::new(), &recipient).unwrap();
        file.write_all(b"the same").unwrap();
        file.finish().unwrap()
    });
    assert_ne!(one[one.len() - 24..], other[other.len() - 24..]);
}

#[test]
fn recipients_are_read_as_age_keygen_prints_them() {
    for (text, error) in [
        ("AGE-SECRET-KEY-1QQQSYQCYQ5RQWZQFPG9SCRGWPUGPZYSNZS23V9CCRYDPK8QARC0S", RecipientError::Secret),
        ("age1", RecipientError::NotAKey),
        ("ssh-ed25519 AAAA", RecipientError::NotAKey),
        ("", RecipientError::NotAKey),
    ] {
        assert_eq!(text.parse::<Recipient>().err(), Some(error), "{text}");
    }
    let spelled = bech32::encode::<bech32::Bech32>(bech32::Hrp::parse("age").unwrap(), &[9; 32]).unwrap();
    assert!(matches!(spelled.parse(), Ok(Recipient::Key(key)) if key == [9; 32]));
    let other = bech32::encode::<bech32::Bech32>(bech32::Hrp::parse("bc").unwrap(), &[9; 32]).unwrap();
    assert_eq!(other.parse::<Recipient>().err(), Some(RecipientError::NotAKey));
}

#[test]
fn a_key_that_everybody_has_is_refused() {
    assert!(encrypted(Vec::new(), &Recipient::Key([0; 32])).is_err());
}

#[test]
fn a_passphrase_has_a_stanza_of_its_own_and_no_recipient_shows_anything() {
    let recipient = Recipient::Passphrase(SecretString::from("correct horse"));
    let file = encrypted(Vec::new(), &recipient).unwrap().finish().unwrap();
    let header = String::from_utf8_lossy(&file);
    assert!(header.starts_with("age-encryption.org/v1\n-> scrypt "), "{header}");
    assert!(header.lines().nth(1).unwrap().ends_with(" 18"));
    assert_eq!(format!("{recipient:?}"), "Recipient(scrypt)");
}
