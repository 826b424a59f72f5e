//! Files of rejects, as they are written and as they are read again.

use std::io::Cursor;

use carnet_connectors::formats::{OpenOptions, Table, open};
use carnet_core::intake::RejectReason;

use super::super::outlet::{mapping_beside, marked};
use super::*;

/// The documents of some files, as an import has them, and their rejects with lines counted through.
fn read(texts: &[(&str, &[u8])], options: &OpenOptions) -> (Vec<Facts>, Places, Vec<Reject>, usize) {
    let (places, mut facts, mut rejects, mut base, mut good) = (Places::default(), Vec::new(), Vec::new(), 0, 0);
    for (name, bytes) in texts {
        for opened in open(Box::new(Cursor::new(bytes.to_vec())), Some(name), options).unwrap() {
            facts.push(Facts { label: (*name).to_owned(), format: opened.format, table: opened.table });
            places.begin(base);
            let mut last = base;
            for item in opened.source {
                match item {
                    Ok(incoming) => {
                        good += 1;
                        last = last.max(base + incoming.line);
                    }
                    Err(reject) => {
                        last = last.max(base + reject.line);
                        rejects.push(Reject { line: base + reject.line, ..reject });
                    }
                }
            }
            base = last;
        }
    }
    (facts, places, rejects, good)
}

fn kept(path: &Path, texts: &[(&str, &[u8])]) -> Rejected {
    let (facts, places, rejects, _) = read(texts, &OpenOptions::default());
    let mut outlets = Rejects::open(Some(path), &[], &facts, places).unwrap();
    rejects.iter().for_each(|reject| outlets.take(reject).unwrap());
    outlets.finish().unwrap()
}

/// What is in a file of rejects, read with the mapping beside it.
fn again(path: &Path) -> (Table, usize, Vec<Reject>) {
    let options = OpenOptions { mapping: mapping_beside(path).unwrap(), ..OpenOptions::default() };
    let bytes = fs::read(path).unwrap();
    let (mut facts, _, rejects, good) = read(&[("again.csv", &bytes)], &options);
    (facts.remove(0).table.unwrap(), good, rejects)
}

const LIST: &[u8] = "e-mail;nom;statut;inscrit le\nada@example.org;Ada;abonné;2020-01-02\nzeb;Zéb;peut-être;x\n\
    bo@example.org;\"Bo;abonné;x\nc@example.org;C;abonné;x;y;z\nd@example.org;D;non;2020-01-02\n"
    .as_bytes();

#[test]
fn rows_are_kept_as_they_stood_behind_place_and_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.csv");
    let Rejected { files, told, count, .. } = kept(&path, &[("list.csv", LIST)]);
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "\u{feff}reject:file;reject:line;reject:column;reject:reason;e-mail;nom;statut;inscrit le");
    assert!(lines[1].starts_with("list.csv;3;10;") && lines[1].ends_with(";zeb;Zéb;peut-être;x"), "{text}");
    assert_eq!((files.len(), files[0].rejects, count), (1, count, told.len() as u64));
    assert_eq!(lines.len() as u64, count + 1);
    assert!(told.iter().all(|one| !one.reason.contains("zeb")));
}

#[test]
fn uncorrected_they_are_rejected_again_and_corrected_they_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.csv");
    let Rejected { count, .. } = kept(&path, &[("list.csv", LIST)]);
    let (table, good, rejects) = again(&path);
    assert_eq!((good, rejects.len() as u64), (0, count));
    assert_eq!(
        table.mapping,
        marked(&read(&[("list.csv", LIST)], &OpenOptions::default()).0[0].table.as_ref().unwrap().mapping)
    );

    let corrected = fs::read_to_string(&path)
        .unwrap()
        .replace(";zeb;Zéb;peut-être", ";zeb@example.org;Zéb;abonné")
        .replace("\"Bo;", "Bo;")
        .replace("C;abonné;x;y;z", "C;abonné;x")
        .replace(";D;non;", ";D;désabonné;");
    fs::write(&path, corrected).unwrap();
    let (_, good, rejects) = again(&path);
    assert!(rejects.is_empty(), "{rejects:?}");
    assert_eq!(good as u64, count);
}

#[test]
fn what_a_file_name_says_of_all_its_rows_is_kept_with_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.csv");
    let list = b"Email Address,First Name,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,UNSUB_TIME,MEMBER_RATING,LEID,EUID\nzeb,Z,,,,,,2,1,a\n";
    kept(&path, &[("unsubscribed_members_export.csv", list)]);
    let (table, ..) = again(&path);
    assert!(table.mapping.status.is_some(), "{table:?}");
}

#[test]
fn rejects_of_rejects_do_not_grow() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = ["first.csv", "second.csv"].map(|name| folder.path().join(name));
    kept(&first, &[("list.csv", LIST)]);
    let options = OpenOptions { mapping: mapping_beside(&first).unwrap(), ..OpenOptions::default() };
    let bytes = fs::read(&first).unwrap();
    let (facts, places, rejects, _) = read(&[("first.csv", &bytes)], &options);
    let mut outlets = Rejects::open(Some(&second), &[], &facts, places).unwrap();
    rejects.iter().for_each(|reject| outlets.take(reject).unwrap());
    outlets.finish().unwrap();
    let [one, two] = [&first, &second].map(|path| fs::read_to_string(path).unwrap());
    let behind =
        |text: &str| text.lines().skip(1).map(|line| line.rsplit(';').next().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(one.lines().next(), two.lines().next());
    assert_eq!(behind(&one), behind(&two));
    assert!(two.lines().nth(1).unwrap().starts_with("first.csv;2;"), "{two}");
    assert_eq!(again(&second).2.len(), rejects.len());
}

#[test]
fn each_layout_has_a_file_of_its_own_and_files_of_one_layout_share_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.csv");
    let (one, two) = (b"email\nbad\n".as_slice(), b"email,name\nworse,W\n".as_slice());
    let card = b"BEGIN:VCARD\nVERSION:4.0\nFN:Zebulon\n".as_slice();
    let Rejected { files, .. } = kept(&path, &[("a.csv", one), ("b.csv", two), ("c.csv", one), ("d.vcf", card)]);
    let names: Vec<_> = files.iter().map(|file| file.path.file_name().unwrap().to_str().unwrap()).collect();
    assert_eq!(names, ["bad.csv", "bad-2.csv", "bad-3.csv"]);
    assert_eq!(files.iter().map(|file| file.rejects).collect::<Vec<_>>(), [2, 1, 1]);
    assert_eq!(files[2].flag.as_deref(), Some("--format vcard"));
    assert_eq!(fs::read(folder.path().join("bad-3.csv")).unwrap(), card);
    let reasons = fs::read_to_string(folder.path().join("bad-3.csv.reasons.csv")).unwrap();
    assert!(reasons.lines().nth(1).unwrap().starts_with("d.vcf,1,"), "{reasons}");
}

#[test]
fn bytes_that_are_no_text_are_kept_and_do_not_change_how_other_rows_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.csv");
    let list = b"email,name\nada@example.org,\xc3\xa9lodie\nb@example.org,\xff\xfe\nbad,\xc3\xa9l\n";
    kept(&path, &[("list.csv", list)]);
    assert!(memchr::memmem::find(&fs::read(&path).unwrap(), b"b@example.org,\xff\xfe\n").is_some());
    let (_, good, rejects) = again(&path);
    assert_eq!((good, rejects.len()), (0, 2));
    assert!(rejects.iter().any(|reject| reject.reason == RejectReason::NotUtf8));
}

#[test]
fn an_import_cannot_take_its_own_rejects_and_nothing_else_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.csv");
    fs::write(&path, LIST).unwrap();
    let (facts, places, ..) = read(&[("list.csv", LIST)], &OpenOptions::default());
    let inputs = [path.clone()];
    assert!(Rejects::open(Some(&path), &inputs, &facts, places.clone()).is_err());
    let other = folder.path().join("other.txt");
    fs::write(&other, "mine").unwrap();
    assert!(Rejects::open(Some(&other), &inputs, &facts, places.clone()).is_err());
    assert!(Rejects::open(Some(&folder.path().join("none/x")), &inputs, &facts, places).is_err());
    assert_eq!(fs::read(&path).unwrap(), LIST);
    assert_eq!(fs::read_to_string(&other).unwrap(), "mine");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn without_rejects_no_file_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.csv");
    let Rejected { files, .. } =
        kept(&path, &[("a.csv", b"email\na@example.org\n"), ("b.vcf", b"BEGIN:VCARD\nVERSION:4.0\nFN:A\nEND:VCARD\n")]);
    assert!(files.is_empty());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_chunk_that_is_written_again_brings_its_rejects_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bad.csv");
    let (facts, places, rejects, _) = read(&[("list.csv", LIST)], &OpenOptions::default());
    let mut outlets = Rejects::open(Some(&path), &[], &facts, places).unwrap();
    for _ in 0..2 {
        rejects.iter().for_each(|reject| outlets.take(reject).unwrap());
    }
    outlets.chunk_written();
    assert_eq!(outlets.finish().unwrap().count, rejects.len() as u64);
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), rejects.len() + 1);
}
