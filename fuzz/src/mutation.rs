//! Changes of a file that keep enough of it to be read: bytes, words, lines and whole values, of this file and of others.

/// As much as libFuzzer is told.
const MAX_BYTES: usize = 8192;

/// What readers trip over.
const ODD: [&[u8]; 40] = [
    b"\"",
    b"\\",
    b"'",
    b";",
    b",",
    b":",
    b"=",
    b"^",
    b"~",
    b"/",
    b".",
    b"#",
    b" ",
    b"\t",
    b"\n",
    b"\r",
    b"\r\n",
    b"\0",
    b"\r\n ",
    b"\n\n",
    b"\\n",
    b"\\,",
    b"^n",
    b"~1",
    b"%",
    b"@",
    b"--",
    b"0",
    b"1",
    b"-1",
    b"4294967296",
    b"1e400",
    b"null",
    b"{}",
    b"[]",
    b"\"\"",
    b"\xef\xbb\xbf",
    b"\xe9",
    b"\xc3\xa9",
    b"\xf0\x9f\x99\x82",
];

/// SplitMix64: numbers that look drawn and are the same everywhere.
pub(crate) struct Random(u64);

impl Random {
    /// The numbers of one input.
    pub(crate) fn new(seed: u64, number: u64) -> Self {
        let mut start = Self(seed);
        let start = start.next() ^ number;
        Self(Self(start).next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below the bound; 0 if there is none.
    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    fn pick<'t, T>(&mut self, items: &'t [T]) -> Option<&'t T> {
        items.get(self.below(items.len()))
    }

    /// A length: mostly short.
    fn length(&mut self) -> usize {
        let bound = 1 << self.below(8);
        1 + self.below(bound)
    }
}

/// What a change takes out of a file as one piece.
#[derive(Clone, Copy)]
enum Piece {
    /// A few bytes, wherever they begin.
    Bytes,
    /// What a person would call a word or a number.
    Word,
    /// A line with its end.
    Line,
    /// What stands between quotes or brackets, with them; or a word.
    Value,
    /// Nothing, at some place.
    Gap,
}

/// The file with one to eight changes, mostly few.
pub(crate) fn mutate(file: &[u8], files: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut bytes = file.to_vec();
    let most = 1 << random.below(4);
    let changes = 1 + random.below(most);
    for _ in 0..changes {
        change(&mut bytes, files, random);
        bytes.truncate(MAX_BYTES);
    }
    bytes
}

fn change(bytes: &mut Vec<u8>, files: &[Vec<u8>], random: &mut Random) {
    const SAME_FOR_SAME: [Piece; 4] = [Piece::Bytes, Piece::Word, Piece::Line, Piece::Value];
    let piece = SAME_FOR_SAME[random.below(4)];
    let other = random.pick(files).cloned().unwrap_or_default();
    let (place, with) = match random.below(10) {
        // A piece of this file or of another one in the place of one like it, or beside it.
        0 | 1 => (piece, cut(&other, piece, random)),
        2 => (piece, cut(&bytes.clone(), piece, random)),
        3 => (Piece::Gap, cut(&other, piece, random)),
        4 => (Piece::Gap, cut(&bytes.clone(), piece, random)),
        5 => (piece, Vec::new()),
        6 => (piece, random.pick(&ODD).map(|odd| odd.to_vec()).unwrap_or_default()),
        7 => (Piece::Gap, random.pick(&ODD).map(|odd| odd.to_vec()).unwrap_or_default()),
        8 => {
            let bytes: Vec<u8> = (0..random.length()).map(|_| random.next() as u8).collect();
            (Piece::Bytes, bytes)
        }
        _ => return turn(bytes, random),
    };
    let range = range(bytes, place, random);
    bytes.splice(range, with);
}

/// Turns a bit, the case of a letter, or puts another letter in its place.
fn turn(bytes: &mut [u8], random: &mut Random) {
    let place = random.below(bytes.len());
    let how = random.below(3);
    let drawn = random.next() as u8;
    let Some(byte) = bytes.get_mut(place) else { return };
    *byte = match how {
        0 => *byte ^ (1 << (drawn % 8)),
        1 if byte.is_ascii_alphabetic() => *byte ^ 0x20,
        1 => byte.wrapping_add(1),
        _ => drawn,
    };
}

fn cut(bytes: &[u8], piece: Piece, random: &mut Random) -> Vec<u8> {
    bytes[range(bytes, piece, random)].to_vec()
}

/// Where a piece of this kind is, at a drawn place.
fn range(bytes: &[u8], piece: Piece, random: &mut Random) -> std::ops::Range<usize> {
    let place = random.below(bytes.len() + 1);
    let end_of = |start: usize, is_in: fn(&u8) -> bool| {
        start + bytes[start..].iter().position(|byte| !is_in(byte)).unwrap_or(bytes.len() - start)
    };
    match piece {
        Piece::Gap => place..place,
        Piece::Bytes => place..(place + random.length()).min(bytes.len()),
        Piece::Word => {
            let start = end_of(place, |byte| !is_word(byte));
            start..end_of(start, is_word)
        }
        Piece::Line => {
            let start = bytes[..place].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            start..(end_of(start, |byte| *byte != b'\n') + 1).min(bytes.len())
        }
        Piece::Value => {
            let start = end_of(place, |byte| !matches!(byte, b'"' | b'{' | b'[') && !is_word(byte));
            start..end_of_value(bytes, start).unwrap_or_else(|| end_of(start, is_word))
        }
    }
}

fn is_word(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii() || matches!(byte, b'-' | b'_' | b'.' | b'@' | b'+')
}

/// Where the text or the brackets end that begin here.
fn end_of_value(bytes: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut place = start;
    loop {
        match bytes.get(place)? {
            b'"' => {
                place += 1;
                while *bytes.get(place)? != b'"' {
                    place += if bytes[place] == b'\\' { 2 } else { 1 };
                }
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            _ if depth == 0 => return None,
            _ => {}
        }
        place += 1;
        if depth == 0 {
            return Some(place);
        }
    }
}
