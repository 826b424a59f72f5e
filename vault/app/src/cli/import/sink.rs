//! A file to which records are appended, one write each, so that a kill leaves whole records behind.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use memchr::memmem;

use crate::failure::Failure;

const SEARCHED_BYTES: usize = 1 << 20;

/// An open file, and what is known of its content.
pub(super) struct Sink {
    path: PathBuf,
    file: File,
    header: String,
    is_new: bool,
    /// Whether nothing, not even the header, is in it.
    is_empty: bool,
    ends_with_line: bool,
    earlier: Earlier,
}

/// Whether records may be there from an earlier run.
enum Earlier {
    No,
    Perhaps,
    /// The next one is here, if it is there.
    At(u64),
}

impl Sink {
    /// Makes a file for its owner alone, or opens one that begins with this header.
    pub(super) fn open(path: &Path, header: &str) -> Result<Self, Failure> {
        let sink = Self::open_any(path)?;
        let mut beginning = Vec::new();
        let length = u64::try_from(header.len()).unwrap_or(u64::MAX);
        (&sink.file).take(length.max(1)).read_to_end(&mut beginning).map_err(|error| Failure::file(path, &error))?;
        if !beginning.is_empty() && (header.is_empty() || beginning != header.as_bytes()) {
            return Err(Failure::invalid(format!(
                "{} is there already and is not a file of rejects of such a list; name another one with --rejects",
                path.display()
            )));
        }
        Ok(Self { header: header.to_owned(), ..sink })
    }

    /// Makes a file for its owner alone, or opens whatever is there.
    pub(super) fn open_any(path: &Path) -> Result<Self, Failure> {
        let failure = |error: &io::Error| match error.kind() {
            ErrorKind::NotFound => {
                Failure::invalid(format!("there is no folder for {}; make it first", path.display()))
            }
            ErrorKind::IsADirectory => Failure::invalid(format!("{} is a folder; name a file", path.display())),
            _ => Failure::file(path, error),
        };
        let mut how = OpenOptions::new();
        how.read(true).append(true).mode(0o600);
        let (file, is_new) = match how.clone().create_new(true).open(path) {
            Ok(file) => (file, true),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                (how.open(path).map_err(|error| failure(&error))?, false)
            }
            Err(error) => return Err(failure(&error)),
        };
        let length = file.metadata().map_err(|error| failure(&error))?.len();
        let mut last = [b'\n'];
        if let Some(place) = length.checked_sub(1) {
            file.read_exact_at(&mut last, place).map_err(|error| failure(&error))?;
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            header: String::new(),
            is_new,
            is_empty: length == 0,
            ends_with_line: last == [b'\n'],
            earlier: Earlier::No,
        })
    }

    /// Whether it was made by this run.
    pub(super) const fn is_new(&self) -> bool {
        self.is_new
    }

    /// From here on, records of an earlier run are passed over as long as they are the same in the same order.
    pub(super) fn go_on(&mut self) {
        self.earlier = Earlier::Perhaps;
    }

    /// Appends a record, which ends with a line end, unless an earlier run has.
    pub(super) fn write(&mut self, record: &[u8]) -> io::Result<()> {
        self.write_new(record).map(drop)
    }

    /// The same; whether it was appended.
    pub(super) fn write_new(&mut self, record: &[u8]) -> io::Result<bool> {
        let known = match self.earlier {
            Earlier::No => None,
            Earlier::Perhaps => self.find(record)?,
            Earlier::At(place) => self.stands_at(record, place)?.then_some(place),
        };
        if let Some(place) = known {
            self.earlier = Earlier::At(place + u64::try_from(record.len()).unwrap_or_default());
            return Ok(false);
        }
        self.earlier = Earlier::No;
        let mut whole = Vec::with_capacity(record.len() + self.header.len() + 1);
        if self.is_empty {
            whole.extend_from_slice(self.header.as_bytes());
        } else if !self.ends_with_line {
            whole.push(b'\n');
        }
        whole.extend_from_slice(record);
        self.file.write_all(&whole)?;
        (self.is_empty, self.ends_with_line) = (false, true);
        Ok(true)
    }

    /// Writes the whole of a file.
    pub(super) fn keep_text(mut self, text: &str) -> io::Result<()> {
        self.file.write_all(text.as_bytes())?;
        self.file.sync_all()
    }

    /// Ends the file; removes it if it was made here and nothing was written. Whether it is gone.
    pub(super) fn finish(self) -> io::Result<bool> {
        if self.is_new && self.is_empty {
            fs::remove_file(&self.path)?;
            return Ok(true);
        }
        self.file.sync_all()?;
        Ok(false)
    }

    fn stands_at(&self, record: &[u8], place: u64) -> io::Result<bool> {
        let mut there = vec![0; record.len()];
        match self.file.read_exact_at(&mut there, place) {
            Ok(()) => Ok(there == record),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Where a record stands, at the beginning of a line.
    fn find(&self, record: &[u8]) -> io::Result<Option<u64>> {
        let wanted = [b"\n", record].concat();
        let finder = memmem::Finder::new(&wanted);
        let mut window = Vec::new();
        let (mut start, mut read) = (0_u64, 0_u64);
        loop {
            let mut piece = vec![0; SEARCHED_BYTES];
            let count = self.file.read_at(&mut piece, read)?;
            if count == 0 {
                return Ok(None);
            }
            window.extend_from_slice(piece.get(..count).unwrap_or_default());
            read += u64::try_from(count).unwrap_or_default();
            if let Some(at) = finder.find(&window) {
                return Ok(Some(start + u64::try_from(at).unwrap_or_default() + 1));
            }
            let passed = window.len().saturating_sub(wanted.len() - 1);
            window.drain(..passed);
            start += u64::try_from(passed).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn written(path: &Path, goes_on: bool, records: &[&str]) {
        let mut sink = Sink::open(path, "head\n").unwrap();
        if goes_on {
            sink.go_on();
        }
        records.iter().for_each(|record| sink.write(record.as_bytes()).unwrap());
        sink.finish().unwrap();
    }

    #[test]
    fn records_of_an_earlier_run_are_not_written_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejects");
        written(&path, false, &["1 a\n", "2 b\n", "3 c\n"]);
        written(&path, true, &["2 b\n", "3 c\n", "4 d\n"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "head\n1 a\n2 b\n3 c\n4 d\n");
        written(&path, true, &["5 e\n", "4 d\n"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "head\n1 a\n2 b\n3 c\n4 d\n5 e\n4 d\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_record_is_found_across_what_is_read_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejects");
        let long = format!("{}\n", "x".repeat(SEARCHED_BYTES - 8));
        written(&path, false, &[&long, "wanted\n"]);
        written(&path, true, &["wanted\n", "new\n"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), format!("head\n{long}wanted\nnew\n"));
    }

    #[test]
    fn a_file_to_which_nothing_was_written_is_gone_and_another_one_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejects");
        written(&path, false, &[]);
        assert!(!path.exists());
        fs::write(&path, "something else").unwrap();
        assert!(Sink::open(&path, "head\n").is_err() && Sink::open(&path, "").is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "something else");
        assert!(Sink::open(&folder.path().join("none/rejects"), "").is_err());
        assert!(Sink::open(folder.path(), "").is_err());
    }

    #[test]
    fn a_line_that_was_left_open_is_closed_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejects");
        fs::write(&path, "head\n1 a").unwrap();
        written(&path, true, &["2 b\n"]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "head\n1 a\n2 b\n");
    }
}
