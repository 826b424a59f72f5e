//! What differs from run to run, replaced by what does not: ids, times, keys, hashes, recovery words, folders, users.
//!
//! Ids are numbered in the order in which they first appear, so that a golden file still shows which is which.

use std::path::Path;
use std::process::Command;

/// Replaces what differs, and remembers which ids it has met.
#[derive(Default)]
pub(crate) struct Redactor {
    known: Vec<(String, String)>,
    ids: Vec<String>,
}

impl Redactor {
    /// For a program whose home is this folder, which becomes `~`.
    pub(crate) fn new(folder: &Path) -> Self {
        let mut redactor = Self::default();
        redactor.replace(folder.display().to_string(), "~");
        redactor.replace(format!("[{}]", user()), "[you]");
        redactor
    }

    /// Also replaces this text wherever it stands.
    pub(crate) fn replace(&mut self, text: impl Into<String>, by: &str) {
        self.known.push((text.into(), by.to_owned()));
    }

    /// The text with nothing left in it that another run would print otherwise.
    pub(crate) fn redact(&mut self, text: &str) -> String {
        let text = self.known.iter().fold(text.to_owned(), |text, (known, by)| text.replace(known, by));
        let mut out = String::new();
        let mut rest = text.as_str();
        let mut before = ' ';
        while let Some(next) = rest.chars().next() {
            let (put, taken) = match self.token(rest, before) {
                Some((put, taken)) if taken > 0 => (put, taken),
                _ => (next.to_string(), next.len_utf8()),
            };
            before = rest[..taken].chars().next_back().unwrap_or(' ');
            out.push_str(&put);
            rest = &rest[taken..];
        }
        lines_hidden(&out)
    }

    /// What to print in place of the beginning of `rest`, and how many bytes of it that is.
    fn token(&mut self, rest: &str, before: char) -> Option<(String, usize)> {
        if before.is_ascii_alphanumeric() {
            return None;
        }
        if let Some(key) = rest.strip_prefix("carnet-ledger/") {
            let end = key.find(|c: char| c.is_whitespace() || "\"\\".contains(c)).unwrap_or(key.len());
            if key[..end].contains('+') {
                return Some(("<ledger key>".to_owned(), "carnet-ledger/".len() + end));
            }
        }
        if let Some(id) = rest.get(..36).filter(|id| is_id(id)) {
            let number = self.ids.iter().position(|known| known == id).unwrap_or_else(|| {
                self.ids.push(id.to_owned());
                self.ids.len() - 1
            });
            // As wide as an id, so that tables stay straight.
            return Some((format!("{:-^36}", format!(" id {} ", number + 1)), 36));
        }
        if let Some(length) = time_length(rest) {
            return Some(("<time>".to_owned(), length));
        }
        let key = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        if key == 16 && rest[..key].bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Some(("<key id>".to_owned(), key));
        }
        let hash = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+/=".contains(c))).unwrap_or(rest.len());
        (hash >= 40).then(|| ("<hash>".to_owned(), hash))
    }
}

/// The name of the user who runs the tests, which the ledger keeps.
fn user() -> String {
    let output = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn is_id(text: &str) -> bool {
    text.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
    })
}

/// Times of 2021 were given by a test and stay; all others were taken from the clock.
fn time_length(text: &str) -> Option<usize> {
    let whole = text.get(..19).filter(|whole| !whole.starts_with("2021-"))?;
    let shape = whole.bytes().zip(b"0000-00-00T00:00:00".iter()).all(|(byte, shape)| match shape {
        b'0' => byte.is_ascii_digit(),
        other => byte == *other,
    });
    let fraction = text[19..].bytes().take_while(|byte| *byte == b'.' || byte.is_ascii_digit()).count();
    (shape && text[19 + fraction..].starts_with('Z')).then_some(20 + fraction)
}

/// Without durations, and without recovery words as people get them: numbered, four a line.
fn lines_hidden(text: &str) -> String {
    let is_number = |word: &str| word.strip_suffix('.').is_some_and(|number| number.parse::<u8>().is_ok());
    let hidden = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let numbered = words.len() == 8 && words.iter().step_by(2).all(|word| is_number(word));
        if numbered { "<four recovery words>".to_owned() } else { line.to_owned() }
    };
    // What the gate judged stands under a key of the vault.
    let hidden = |line: &str| match line.split_once("), inputs ") {
        Some((policy, _)) if policy.starts_with("Policy ") => format!("{policy}), inputs <keyed>"),
        _ => hidden(line),
    };
    // How long something took.
    let hidden = |line: &str| match line.split_once(" took ") {
        Some((what, _)) => format!("{what} took <a while>."),
        None => hidden(line),
    };
    text.split('\n').map(hidden).collect::<Vec<_>>().join("\n")
}

#[test]
fn ids_are_numbered_and_keys_times_and_words_hidden() {
    let mut redactor = Redactor::new(Path::new("/home/anne"));
    let id = "01a201e3-de5a-76f6-a32a-1fdb5da998d8";
    let key = format!("carnet-ledger/{id}+a6b33e78+AWE/sz04zHBGSJtd1ypBgzoVzx6yfhUlMw/mpBTTC+E6");
    assert_eq!(
        redactor.redact(&format!(
            "{id} {key} 2026-11-22T06:14:00.54Z 2026-11-22T06:14:00Z /home/anne/data {id}\n 1. a  2. b 3. c 4. d"
        )),
        "--------------- id 1 --------------- <ledger key> <time> <time> ~/data --------------- id 1 ---------------\n\
         <four recovery words>"
    );
    assert_eq!(redactor.redact("2021-11-22T06:14:00Z"), "2021-11-22T06:14:00Z");
}
