//! Text in whatever encoding a file came, read as UTF-8.
//!
//! A file that is UTF-8 is passed on byte for byte, so that a place in it that is not can be told to the row. Where nothing but
//! ASCII was met, nothing needs to be decided; the first other byte decides, by what follows it.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How text is written in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, or ASCII, which is a part of it.
    Utf8,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// Windows-1252, which also reads Latin-1.
    Windows1252,
}

impl Encoding {
    /// Its name, as people know it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::Windows1252 => "Windows-1252",
        }
    }
}

impl std::fmt::Display for Encoding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

const CHUNK_BYTES: usize = 64 * 1024;
/// What a place becomes that is no text in UTF-16: a byte that stands nowhere in UTF-8, so that the row is told.
const NO_TEXT: u8 = 0xff;

/// Reads text as UTF-8, without its byte-order mark.
///
/// What is not text in the encoding of the file comes out as bytes that are not UTF-8, in their place.
pub struct Text<R> {
    input: R,
    mode: Mode,
    held: Held,
    ended: bool,
}

enum Mode {
    Beginning,
    /// ASCII so far.
    Undecided,
    Utf8,
    /// With what was decoded and not handed out; without its decoder once that has seen the end.
    Decoded(Encoding, Option<Box<Decoder>>, Held),
}

/// Bytes that wait to be handed out.
#[derive(Default)]
struct Held {
    bytes: Vec<u8>,
    start: usize,
}

impl Held {
    fn rest(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    fn hand_out(&mut self, buffer: &mut [u8], at_most: usize) -> usize {
        let count = buffer.len().min(at_most).min(self.rest().len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), self.rest().get(..count)) {
            to.copy_from_slice(from);
        }
        self.start += count;
        count
    }

    fn forget_handed_out(&mut self) {
        self.bytes.drain(..self.start);
        self.start = 0;
    }
}

impl<R: Read> Text<R> {
    /// Text in an encoding that is found by itself.
    pub fn new(input: R) -> Self {
        Self { input, mode: Mode::Beginning, held: Held::default(), ended: false }
    }

    /// The encoding, as far as it is known by now.
    pub fn encoding(&self) -> Encoding {
        match &self.mode {
            Mode::Decoded(encoding, ..) => *encoding,
            Mode::Beginning | Mode::Undecided | Mode::Utf8 => Encoding::Utf8,
        }
    }

    /// Holds at least this many bytes, or all there are.
    fn hold(&mut self, bytes: usize) -> io::Result<()> {
        while !self.ended && self.held.rest().len() < bytes {
            self.held.forget_handed_out();
            let room = u64::try_from(CHUNK_BYTES).unwrap_or(u64::MAX);
            self.ended = self.input.by_ref().take(room).read_to_end(&mut self.held.bytes)? < CHUNK_BYTES;
        }
        Ok(())
    }

    fn begin(&mut self) -> io::Result<()> {
        self.hold(CHUNK_BYTES)?;
        let (mode, mark) = match self.held.rest() {
            [0xef, 0xbb, 0xbf, ..] => (Mode::Utf8, 3),
            [0xff, 0xfe, ..] => (decoded(Encoding::Utf16Le), 2),
            [0xfe, 0xff, ..] => (decoded(Encoding::Utf16Be), 2),
            bytes => match utf_16_by_its_zeros(bytes) {
                Some(encoding) => (decoded(encoding), 0),
                None => (Mode::Undecided, 0),
            },
        };
        self.mode = mode;
        self.held.start += mark;
        Ok(())
    }

    /// Hands out ASCII. Nothing means that the end is reached, or that the mode was decided.
    fn read_undecided(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.hold(1)?;
        let rest = self.held.rest();
        let plain = rest.iter().position(|byte| !byte.is_ascii()).unwrap_or(rest.len());
        if plain == 0 && !rest.is_empty() {
            self.hold(CHUNK_BYTES)?;
            self.mode = if is_utf8(self.held.rest()) { Mode::Utf8 } else { decoded(Encoding::Windows1252) };
        }
        Ok(self.held.hand_out(buffer, plain))
    }

    fn read_utf8(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.held.rest() {
            [] if self.ended => Ok(0),
            [] => self.input.read(buffer),
            _ => Ok(self.held.hand_out(buffer, usize::MAX)),
        }
    }

    fn read_decoded(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            self.hold(1)?;
            let Mode::Decoded(_, decoder, out) = &mut self.mode else { return Ok(0) };
            if !out.rest().is_empty() {
                return Ok(out.hand_out(buffer, usize::MAX));
            }
            let Some(library) = decoder else { return Ok(0) };
            out.bytes.resize(CHUNK_BYTES, 0);
            let (result, read, written) =
                library.decode_to_utf8_without_replacement(self.held.rest(), &mut out.bytes, self.ended);
            self.held.start += read;
            out.bytes.truncate(written);
            out.start = 0;
            match result {
                DecoderResult::Malformed(..) => out.bytes.push(NO_TEXT),
                DecoderResult::InputEmpty if self.ended => *decoder = None,
                DecoderResult::InputEmpty | DecoderResult::OutputFull => {}
            }
        }
    }
}

impl<R: Read> Read for Text<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if matches!(self.mode, Mode::Beginning) {
            self.begin()?;
        }
        if matches!(self.mode, Mode::Undecided) {
            let bytes = self.read_undecided(buffer)?;
            if bytes > 0 || matches!(self.mode, Mode::Undecided) {
                return Ok(bytes);
            }
        }
        match self.mode {
            Mode::Decoded(..) => self.read_decoded(buffer),
            Mode::Beginning | Mode::Undecided | Mode::Utf8 => self.read_utf8(buffer),
        }
    }
}

fn decoded(encoding: Encoding) -> Mode {
    let library = match encoding {
        Encoding::Utf16Le => UTF_16LE,
        Encoding::Utf16Be => UTF_16BE,
        Encoding::Utf8 | Encoding::Windows1252 => WINDOWS_1252,
    };
    Mode::Decoded(encoding, Some(Box::new(library.new_decoder_without_bom_handling())), Held::default())
}

/// UTF-16 without its mark shows by zero bytes at every other place, because separators and addresses are ASCII.
fn utf_16_by_its_zeros(bytes: &[u8]) -> Option<Encoding> {
    let pairs = bytes.as_chunks::<2>().0;
    let share = |of: fn(&[u8; 2]) -> bool| pairs.iter().filter(|pair| of(pair)).count() * 10 >= pairs.len() * 4;
    let (high, low) =
        (share(|[first, second]| *first == 0 && *second != 0), share(|[first, second]| *first != 0 && *second == 0));
    match (pairs.len() >= 2, high, low) {
        (true, true, false) => Some(Encoding::Utf16Be),
        (true, false, true) => Some(Encoding::Utf16Le),
        _ => None,
    }
}

/// Whether more characters of UTF-8 are met than places where it breaks: a few broken rows do not make a file Windows-1252.
fn is_utf8(bytes: &[u8]) -> bool {
    let (mut characters, mut broken) = (0_usize, 0_usize);
    let mut chunks = bytes.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        characters += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        // The last one may only be cut by the end of what was looked at.
        let cut = chunks.peek().is_none() && is_cut(chunk.invalid());
        broken += usize::from(!chunk.invalid().is_empty() && !cut);
    }
    characters > 0 && characters >= broken || broken == 0
}

/// Whether these bytes could be the beginning of a character.
fn is_cut(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
