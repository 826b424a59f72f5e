//! Every encoding, and files that are not quite one of them.

use proptest::prelude::*;

use super::*;

fn read(bytes: &[u8]) -> (Encoding, Vec<u8>) {
    let mut text = Text::new(bytes);
    let mut out = Vec::new();
    text.read_to_end(&mut out).unwrap();
    (text.encoding(), out)
}

fn utf_16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(to_bytes).collect()
}

const TEXT: &str = "nom;ville\r\nZoé Ünal;Łódź 😀\r\n";

#[test]
fn utf_8_comes_out_as_it_is_less_its_mark() {
    assert_eq!(read(TEXT.as_bytes()), (Encoding::Utf8, TEXT.as_bytes().to_vec()));
    assert_eq!(read(format!("\u{feff}{TEXT}").as_bytes()), (Encoding::Utf8, TEXT.as_bytes().to_vec()));
    assert_eq!(read(b""), (Encoding::Utf8, vec![]));
    assert_eq!(read(b"a"), (Encoding::Utf8, b"a".to_vec()));
}

#[test]
fn utf_16_is_read_with_and_without_its_mark() {
    for (to_bytes, encoding) in
        [(u16::to_le_bytes as fn(u16) -> [u8; 2], Encoding::Utf16Le), (u16::to_be_bytes, Encoding::Utf16Be)]
    {
        for text in [TEXT.to_owned(), format!("\u{feff}{TEXT}")] {
            assert_eq!(read(&utf_16(&text, to_bytes)), (encoding, TEXT.as_bytes().to_vec()), "{encoding}");
        }
    }
}

#[test]
fn windows_1252_is_read_where_utf_8_breaks() {
    let mut bytes = b"nom;ville;prix\r\nZo\xe9;Orl\xe9ans;3 \x80\r\n".to_vec();
    let expected = "nom;ville;prix\r\nZoé;Orléans;3 €\r\n";
    assert_eq!(read(&bytes), (Encoding::Windows1252, expected.as_bytes().to_vec()));
    let padding = "a;b;c\r\n".repeat(60_000);
    bytes.splice(0..0, padding.bytes());
    assert_eq!(read(&bytes), (Encoding::Windows1252, format!("{padding}{expected}").into_bytes()));
}

#[test]
fn a_broken_place_in_utf_8_stays_in_its_place() {
    let mut bytes = "Zoé\nÉlodie\nJosé\n".as_bytes().to_vec();
    bytes.extend(b"Ren\xe9\n");
    assert_eq!(read(&bytes), (Encoding::Utf8, bytes.clone()));
}

#[test]
fn a_broken_place_in_utf_16_comes_out_as_what_is_not_utf_8() {
    let mut bytes = utf_16("\u{feff}a;b\nc;", u16::to_le_bytes);
    bytes.extend([0x00, 0xd8]);
    bytes.extend(utf_16("d\n", u16::to_le_bytes));
    assert_eq!(read(&bytes), (Encoding::Utf16Le, b"a;b\nc;\xffd\n".to_vec()));
    bytes.push(0x61);
    assert!(read(&bytes).1.ends_with(b"d\n\xff"));
}

#[test]
fn a_character_that_is_cut_by_the_end_of_a_chunk_is_whole() {
    for pad in CHUNK_BYTES - 3..CHUNK_BYTES + 1 {
        let text = format!("é{}é€😀", "a".repeat(pad));
        assert_eq!(read(text.as_bytes()), (Encoding::Utf8, text.into_bytes()));
        let text = format!("{}€{}", "a".repeat(pad), "a".repeat(CHUNK_BYTES));
        assert_eq!(read(text.as_bytes()), (Encoding::Utf8, text.into_bytes()));
    }
}

/// Hands out one byte at a time.
struct Slow<'a>(&'a [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(1);
        self.0.read(&mut buffer[..count])
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_alike_however_they_arrive(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let (encoding, whole) = read(&bytes);
        let mut slow = Text::new(Slow(&bytes));
        let mut out = Vec::new();
        let mut byte = [0];
        while slow.read(&mut byte).unwrap() > 0 {
            out.push(byte[0]);
        }
        prop_assert_eq!((slow.encoding(), out), (encoding, whole));
    }

    #[test]
    fn any_text_in_utf_8_is_passed_on(text in "\\PC{0,200}") {
        prop_assume!(!text.starts_with('\u{feff}'));
        prop_assert_eq!(read(text.as_bytes()).1, text.into_bytes());
    }
}
