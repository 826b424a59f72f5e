//! Packages good and bad, made here byte by byte.

use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};
use proptest::prelude::*;

use super::*;

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

struct Entry<'a> {
    path: &'a str,
    content: &'a [u8],
    method: u16,
    flags: u16,
}

fn file<'a>(path: &'a str, content: &'a [u8]) -> Entry<'a> {
    Entry { path, content, method: 8, flags: 0 }
}

/// A ZIP archive (APPNOTE 4.3), as plain as they come.
fn archive(entries: &[Entry<'_>]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let packed = if entry.method == 8 {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
            encoder.write_all(entry.content).unwrap();
            encoder.finish().unwrap()
        } else {
            entry.content.to_vec()
        };
        let mut crc = flate2::Crc::new();
        crc.update(entry.content);
        let mut common = Vec::new();
        for field in [20, entry.flags, entry.method, 0, 0] {
            common.extend(u16::to_le_bytes(field));
        }
        for field in [crc.sum(), packed.len() as u32, entry.content.len() as u32] {
            common.extend(field.to_le_bytes());
        }
        common.extend((entry.path.len() as u16).to_le_bytes());
        common.extend(0_u16.to_le_bytes());
        let offset = out.len() as u32;
        out.extend(ZIP);
        out.extend(&common);
        out.extend(entry.path.as_bytes());
        out.extend(&packed);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend(offset.to_le_bytes());
        directory.extend(entry.path.as_bytes());
    }
    let (start, size, count) = (out.len() as u32, directory.len() as u32, entries.len() as u16);
    out.extend(directory);
    out.extend(EMPTY_ZIP);
    out.extend([0; 4]);
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend(size.to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0; 2]);
    out
}

fn open(bytes: &[u8], limits: Limits) -> Result<Vec<Document>, PackageError> {
    Package::from_file(Cursor::new(bytes.to_vec()), limits).map(Package::into_documents)
}

type Contents = Vec<(Option<String>, Vec<u8>)>;

fn read_all(package: Package) -> Result<Contents, PackageError> {
    let read = |mut document: Document| {
        let mut content = Vec::new();
        document.read_to_end(&mut content).map_err(own_error)?;
        Ok((document.name().map(str::to_owned), content))
    };
    package.into_documents().into_iter().map(read).collect()
}

/// What is in a file, which is the same if it comes as a stream.
fn contents(bytes: &[u8], limits: Limits) -> Result<Contents, PackageError> {
    let from_file = Package::from_file(Cursor::new(bytes.to_vec()), limits).and_then(read_all);
    let from_stream = Package::from_stream(Cursor::new(bytes.to_vec()), limits).and_then(read_all);
    assert_eq!(from_file.as_ref().ok(), from_stream.as_ref().ok());
    from_file
}

fn refusal(bytes: &[u8], limits: Limits) -> PackageError {
    contents(bytes, limits).unwrap_err()
}

const LIST: &[u8] = b"email,name\nada@example.org,Ada\n";

#[test]
fn plain_gzip_and_zip_give_the_same_text() {
    assert_eq!(contents(LIST, Limits::default()).unwrap(), [(None, LIST.to_vec())]);
    assert_eq!(contents(&gzip(LIST), Limits::default()).unwrap(), [(None, LIST.to_vec())]);
    let twice = [gzip(LIST), gzip(b"more\n")].concat();
    assert_eq!(contents(&twice, Limits::default()).unwrap()[0].1, [LIST, b"more\n"].concat());
    let stored = Entry { method: 0, ..file("b.csv", LIST) };
    let zipped = archive(&[file("a.csv", LIST), stored]);
    let expected = [(Some("a.csv".to_owned()), LIST.to_vec()), (Some("b.csv".to_owned()), LIST.to_vec())];
    assert_eq!(contents(&zipped, Limits::default()).unwrap(), expected);
    assert_eq!(contents(b"", Limits::default()).unwrap(), [(None, vec![])]);
}

#[test]
fn documents_of_an_archive_can_be_read_side_by_side() {
    let long: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
    let zipped = archive(&[file("a", &long), file("b", &long)]);
    let mut documents = open(&zipped, Limits::default()).unwrap();
    let mut out: [Vec<u8>; 2] = Default::default();
    let mut buffer = [0; 1000];
    loop {
        let mut bytes = 0;
        for (document, out) in documents.iter_mut().zip(&mut out) {
            let count = document.read(&mut buffer).unwrap();
            out.extend(&buffer[..count]);
            bytes += count;
        }
        if bytes == 0 {
            break;
        }
    }
    assert!(out.iter().all(|out| *out == long));
    let progress = documents[0].progress();
    assert_eq!(Some(progress.read_bytes()), progress.total_bytes());
}

#[test]
fn a_name_is_shown_without_its_path_and_is_never_one() {
    let names: Vec<_> = [
        "../../etc/passwd.csv",
        "/root/a.csv",
        "C:\\lists\\b.csv",
        "folder/",
        "__MACOSX/._a.csv",
        ".DS_Store",
        "x/\u{1b}[31mc.csv",
    ]
    .map(|path| file(path, LIST))
    .into();
    let shown = contents(&archive(&names), Limits::default()).unwrap();
    let shown: Vec<_> = shown.iter().map(|(name, _)| name.as_deref().unwrap()).collect();
    assert_eq!(shown, ["passwd.csv", "a.csv", "b.csv", "[31mc.csv"]);
}

#[test]
fn bombs_are_stopped_by_what_comes_out_and_by_how_much_more_it_is() {
    let zeros = vec![b'0'; 4 << 20];
    let limits = Limits { free_bytes: 1 << 20, ..Limits::default() };
    for bomb in [gzip(&zeros), archive(&[file("a.csv", &zeros)])] {
        assert!(matches!(refusal(&bomb, limits), PackageError::Ratio { limit: 200 }));
        let limits = Limits { max_bytes: 1 << 20, ..Limits::default() };
        assert!(matches!(refusal(&bomb, limits), PackageError::TooLarge { .. }));
        assert_eq!(contents(&bomb, Limits::default()).unwrap()[0].1.len(), zeros.len(), "small enough to be a text");
    }
    let many = archive(&[file("a", &zeros), file("b", &zeros)]);
    let limits = Limits { max_bytes: 6 << 20, ..Limits::default() };
    assert!(matches!(refusal(&many, limits), PackageError::TooLarge { .. }), "all entries together");
}

#[test]
fn too_many_entries_nesting_encryption_and_other_compressions_are_refused() {
    let limits = Limits { max_entries: 2, ..Limits::default() };
    let three: Vec<_> = ["a", "b", "c"].map(|path| file(path, LIST)).into();
    assert!(matches!(refusal(&archive(&three), limits), PackageError::Entries { limit: 2 }));
    for inner in [gzip(LIST), archive(&[file("a.csv", LIST)])] {
        assert!(matches!(refusal(&gzip(&inner), Limits::default()), PackageError::Nested));
        assert!(matches!(refusal(&archive(&[file("x", &inner)]), Limits::default()), PackageError::Nested));
    }
    let encrypted = Entry { flags: 1, ..file("a.csv", LIST) };
    assert!(matches!(refusal(&archive(&[encrypted]), Limits::default()), PackageError::Encrypted));
    let bzip2 = Entry { method: 12, ..file("a.csv", LIST) };
    assert!(matches!(refusal(&archive(&[bzip2]), Limits::default()), PackageError::Compression));
    assert!(matches!(refusal(&archive(&[]), Limits::default()), PackageError::Empty));
    assert!(matches!(refusal(&archive(&[file("folder/", b"")]), Limits::default()), PackageError::Empty));
}

#[test]
fn what_is_damaged_or_cut_says_so() {
    let packed = gzip(LIST);
    assert!(matches!(refusal(&packed[..packed.len() - 12], Limits::default()), PackageError::CutShort));
    let mut wrong = packed;
    let place = wrong.len() - 6;
    wrong[place] ^= 1;
    assert!(matches!(refusal(&wrong, Limits::default()), PackageError::Damaged));
    let zipped = archive(&[file("a.csv", LIST)]);
    assert!(matches!(refusal(&zipped[..zipped.len() - 30], Limits::default()), PackageError::Damaged));
    let mut wrong = archive(&[Entry { method: 0, ..file("a.csv", LIST) }]);
    let place = wrong.windows(3).position(|three| three == b"Ada").unwrap();
    wrong[place] = b'E';
    assert!(matches!(refusal(&wrong, Limits::default()), PackageError::Damaged));
}

#[test]
fn workbooks_and_other_formats_are_named() {
    let workbook = archive(&[file("[Content_Types].xml", b"<Types/>"), file("xl/workbook.xml", b"<workbook/>")]);
    assert!(matches!(refusal(&workbook, Limits::default()), PackageError::Workbook));
    assert!(matches!(refusal(b"\xd0\xcf\x11\xe0 old", Limits::default()), PackageError::Workbook));
    assert!(matches!(refusal(b"%PDF-1.7", Limits::default()), PackageError::NotText));
    assert!(matches!(refusal(&gzip(b"%PDF-1.7"), Limits::default()), PackageError::NotText));
}

#[test]
fn a_large_archive_from_a_stream_is_refused_and_from_a_file_is_read() {
    let zipped = archive(&[Entry { method: 0, ..file("a.csv", &LIST.repeat(100)) }]);
    let limits = Limits { max_held_bytes: 1_000, ..Limits::default() };
    let refused = Package::from_stream(Cursor::new(zipped.clone()), limits).unwrap_err();
    assert!(matches!(refused, PackageError::Streamed { limit: 1_000 }));
    assert!(Package::from_file(Cursor::new(zipped), limits).is_ok());
}

proptest! {
    #[test]
    fn any_bytes_are_answered(mut bytes in proptest::collection::vec(any::<u8>(), 0..80), kind in 0_usize..4) {
        let magic: &[u8] = [b"".as_slice(), GZIP, ZIP, EMPTY_ZIP][kind];
        bytes.splice(0..0, magic.iter().copied());
        let _ = contents(&bytes, Limits::default());
    }

    #[test]
    fn any_damage_is_answered(at in 0_usize..10_000, bit in 0..8, zip in any::<bool>()) {
        let mut bytes = if zip { archive(&[file("a.csv", LIST), file("b.csv", LIST)]) } else { gzip(LIST) };
        let place = at % bytes.len();
        bytes[place] ^= 1_u8 << bit;
        let _ = contents(&bytes, Limits::default());
    }
}
