//! Signed notes (C2SP signed-note v1.0.0): a text, a blank line, and signature lines.
//!
//! It owns the form and the rule of what counts as verified; what the text means belongs to [`super::checkpoint`].

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::key::{KeyKind, NoteSigner, VerifierKey, check_name};

/// The largest note that is read, in bytes; room for a hundred of the largest registered signatures.
pub const MAX_NOTE_BYTES: usize = 1 << 20;

/// The most signature lines that are read; each known one costs a verification.
const MAX_SIGNATURES: usize = 128;

/// A note cannot be read or believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// More bytes or signatures than any honest note has.
    #[error("the note is too large; a checkpoint is a few hundred bytes")]
    TooLarge,
    /// Not text, a control character, no final newline or no signature.
    #[error("not a signed note; expected text, an empty line and signature lines")]
    Form,
    /// A line after the blank one is not a signature.
    #[error("signature line {0} is malformed")]
    SignatureLine(usize),
    /// A known key's signature fails: the text or the signature was changed.
    #[error("the signature of {name} fails; the text or the signature was changed")]
    BadSignature {
        /// The key's name.
        name: String,
    },
    /// No signature is by a key that was asked for.
    #[error("no signature is by a known key; compare the key with the one that the vault's owner published")]
    NoKnownKey,
}

/// One signature line, checked or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    name: String,
    key_id: [u8; 4],
    bytes: Vec<u8>,
}

impl NoteSignature {
    /// Parses `— name base64`, without its newline.
    fn parse(line: &str) -> Option<Self> {
        let (name, encoded) = line.strip_prefix("\u{2014} ")?.split_once(' ')?;
        check_name(name).ok()?;
        let decoded = STANDARD.decode(encoded).ok()?;
        let (key_id, bytes) = decoded.split_first_chunk::<4>()?;
        if bytes.is_empty() {
            return None;
        }
        Some(Self { name: name.to_owned(), key_id: *key_id, bytes: bytes.to_vec() })
    }

    /// The name of the key that claims to have signed.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = self.key_id.to_vec();
        bytes.extend(&self.bytes);
        writeln!(f, "\u{2014} {} {}", self.name, STANDARD.encode(bytes))
    }
}

/// A signature that was checked and holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified<'k> {
    /// The key that made it.
    pub key: &'k VerifierKey,
    /// When a witness made it, in seconds since 1970; nothing for a log's signature.
    pub time_s: Option<u64>,
}

/// A text and its signatures; printed byte for byte as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl Note {
    /// A note with one signature, of the kind that a log makes.
    ///
    /// # Errors
    /// [`NoteError::Form`] when the text has a control character or no final newline.
    pub fn sign(text: &str, signer: &NoteSigner) -> Result<Self, NoteError> {
        check_text(text)?;
        let mut note = Self { text: text.to_owned(), signatures: Vec::new() };
        note.push(signer, KeyKind::Log, signer.sign_text(text));
        Ok(note)
    }

    /// Adds a witness's cosignature, made at this time in seconds since 1970.
    ///
    /// The witness must have checked the note and its consistency with the last one that it cosigned.
    pub fn cosign(&mut self, witness: &NoteSigner, time_s: u64) {
        let bytes = witness.cosign_text(&self.text, time_s);
        self.push(witness, KeyKind::Witness, bytes);
    }

    fn push(&mut self, signer: &NoteSigner, kind: KeyKind, bytes: Vec<u8>) {
        let key_id = signer.verifier_key(kind).id();
        self.signatures.push(NoteSignature { name: signer.name().to_owned(), key_id, bytes });
    }

    /// Adds the signature lines that a witness answered with; they are not checked here.
    ///
    /// # Errors
    /// [`NoteError`] when a line is malformed or there are too many; the note is then unchanged.
    pub fn add_lines(&mut self, lines: &str) -> Result<(), NoteError> {
        let added = parse_lines(lines)?;
        if self.signatures.len() + added.len() > MAX_SIGNATURES {
            return Err(NoteError::TooLarge);
        }
        self.signatures.extend(added);
        Ok(())
    }

    /// Reads a note; its signatures are not yet checked.
    ///
    /// # Errors
    /// [`NoteError`] unless it has exactly the form of a signed note.
    pub fn parse(bytes: &[u8]) -> Result<Self, NoteError> {
        if bytes.len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLarge);
        }
        let whole = std::str::from_utf8(bytes).map_err(|_| NoteError::Form)?;
        check_text(whole)?;
        let (text, lines) = whole.rsplit_once("\n\n").ok_or(NoteError::Form)?;
        let signatures = parse_lines(lines)?;
        Ok(Self { text: format!("{text}\n"), signatures })
    }

    /// The signed text, with its final newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signatures, checked or not.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Checks every signature by a known key, and answers those in the note's order; unknown ones are passed over.
    ///
    /// # Errors
    /// [`NoteError::BadSignature`] when one of a known key fails, [`NoteError::NoKnownKey`] when there is none.
    pub fn verify<'k>(&self, keys: &'k [VerifierKey]) -> Result<Vec<Verified<'k>>, NoteError> {
        let mut verified = Vec::new();
        for signature in &self.signatures {
            let same = |key: &&VerifierKey| key.name() == signature.name && key.id() == signature.key_id;
            // Ids are 4 bytes: two different keys may share one, so a signature needs to hold under only one of them.
            let mut known = keys.iter().filter(same).peekable();
            if known.peek().is_none() {
                continue;
            }
            let held = known.find_map(|key| Some(Verified { key, time_s: key.check(&self.text, &signature.bytes)? }));
            verified.push(held.ok_or_else(|| NoteError::BadSignature { name: signature.name.clone() })?);
        }
        if verified.is_empty() { Err(NoteError::NoKnownKey) } else { Ok(verified) }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| signature.fmt(f))
    }
}

fn check_text(text: &str) -> Result<(), NoteError> {
    let control = text.bytes().any(|byte| byte < 0x20 && byte != b'\n');
    if control || !text.ends_with('\n') { Err(NoteError::Form) } else { Ok(()) }
}

fn parse_lines(lines: &str) -> Result<Vec<NoteSignature>, NoteError> {
    let lines = lines.strip_suffix('\n').ok_or(NoteError::Form)?;
    if lines.split('\n').count() > MAX_SIGNATURES {
        return Err(NoteError::TooLarge);
    }
    let numbered = lines.split('\n').enumerate();
    numbered.map(|(number, line)| NoteSignature::parse(line).ok_or(NoteError::SignatureLine(number + 1))).collect()
}
