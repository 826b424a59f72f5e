//! Any bytes as text: the same however they come, and what the encoding that was found says they are.
#![no_main]

use std::io::Read;

use carnet_connectors::formats::bytes::{Encoding, Text};
use carnet_fuzz::{Pieces, target};

target!(|bytes: &[u8]| {
    let (text, encoding) = read(bytes, usize::MAX);
    assert_eq!(read(bytes, 1), (text.clone(), encoding));
    assert_eq!(read(bytes, 64), (text.clone(), encoding));
    let unmarked = |mark: &[u8]| bytes.strip_prefix(mark).unwrap_or(bytes).to_vec();
    let (library, bytes) = match encoding {
        Encoding::Utf8 => {
            assert_eq!(text, unmarked(b"\xef\xbb\xbf"), "UTF-8 is passed on byte for byte");
            return;
        }
        Encoding::Utf16Le => (encoding_rs::UTF_16LE, unmarked(b"\xff\xfe")),
        Encoding::Utf16Be => (encoding_rs::UTF_16BE, unmarked(b"\xfe\xff")),
        Encoding::Windows1252 => (encoding_rs::WINDOWS_1252, bytes.to_vec()),
    };
    let (expected, is_broken) = library.decode_without_bom_handling(&bytes);
    if is_broken {
        assert!(std::str::from_utf8(&text).is_err(), "what is no text was passed over");
    } else {
        assert_eq!(text, expected.as_bytes());
    }
});

fn read(bytes: &[u8], most: usize) -> (Vec<u8>, Encoding) {
    let mut text = Text::new(Pieces::new(bytes, most));
    let mut out = Vec::new();
    text.read_to_end(&mut out).expect("reading from memory does not fail");
    assert!(out.len() <= bytes.len() * 3);
    (out, text.encoding())
}
