//! What the words in a cell mean: a status, yes, no, or nothing.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::LazyLock;

use carnet_core::intake::Status;
use serde::{Deserialize, Serialize};

use super::headers::key;

const TABLE: &str = include_str!("data/words.toml");

#[derive(Deserialize, Default)]
struct Table {
    nothing: Vec<String>,
    yes: Vec<String>,
    no: Vec<String>,
    status: BTreeMap<String, Vec<String>>,
}

struct Known {
    nothing: HashSet<String>,
    yes_or_no: HashMap<String, bool>,
    status: HashMap<String, Status>,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    // The text is part of the program; a test reads it whole.
    let table: Table = toml::from_str(TABLE).unwrap_or_default();
    let yes = table.yes.iter().map(|word| (key(word), true));
    let no = table.no.iter().map(|word| (key(word), false));
    let status = table.status.iter().filter_map(|(status, words)| Some((status.parse::<Status>().ok()?, words)));
    Known {
        nothing: table.nothing.iter().map(|word| word.to_lowercase()).collect(),
        yes_or_no: yes.chain(no).collect(),
        status: status.flat_map(|(status, words)| words.iter().map(move |word| (key(word), status))).collect(),
    }
});

/// Words of a file that mean something else than, or are not among, those that are known.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Words {
    /// Words of a status.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub status: BTreeMap<String, Status>,
    /// Words that mean yes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub yes: Vec<String>,
    /// Words that mean no.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub no: Vec<String>,
}

impl Words {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.status.is_empty() && self.yes.is_empty() && self.no.is_empty()
    }
}

/// Reads cells with the words of a file, and then those that are known.
#[derive(Debug, Default)]
pub(super) struct Reader {
    status: HashMap<String, Status>,
    yes_or_no: HashMap<String, bool>,
    last: Option<(String, Option<Status>)>,
}

impl Reader {
    pub(super) fn new(words: &Words) -> Self {
        let yes = words.yes.iter().map(|word| (key(word), true));
        let no = words.no.iter().map(|word| (key(word), false));
        Self {
            status: words.status.iter().map(|(word, status)| (key(word), *status)).collect(),
            yes_or_no: yes.chain(no).collect(),
            last: None,
        }
    }

    /// A status; most cells of a column are like the one before.
    pub(super) fn status(&mut self, text: &str) -> Option<Status> {
        if let Some((last, status)) = &self.last
            && last == text
        {
            return *status;
        }
        let key = key(text);
        let status = self.status.get(&key).or_else(|| KNOWN.status.get(&key)).copied();
        self.last = Some((text.to_owned(), status));
        status
    }

    pub(super) fn yes_or_no(&self, text: &str) -> Option<bool> {
        match text {
            "1" if self.yes_or_no.is_empty() => Some(true),
            "0" if self.yes_or_no.is_empty() => Some(false),
            _ => {
                let key = key(text);
                self.yes_or_no.get(&key).or_else(|| KNOWN.yes_or_no.get(&key)).copied()
            }
        }
    }
}

/// Whether a cell says in a word that there is nothing in it. Not for names: `Null` is one.
pub(super) fn is_nothing(text: &str) -> bool {
    const LONGEST: usize = 19;
    let first = text.as_bytes().first();
    first.is_none_or(|first| b"nN-\\#0uUiI".contains(first))
        && text.len() <= LONGEST
        && (text.is_empty() || KNOWN.nothing.contains(&text.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_table_is_read_and_means_one_thing() {
        let table: Table = toml::from_str(TABLE).unwrap();
        let mut reader = Reader::new(&Words::default());
        for (status, words) in &table.status {
            let status: Status = status.parse().unwrap();
            words.iter().for_each(|word| assert_eq!(reader.status(word), Some(status), "{word}"));
        }
        table.yes.iter().for_each(|word| assert_eq!(reader.yes_or_no(word), Some(true), "{word}"));
        table.no.iter().for_each(|word| assert_eq!(reader.yes_or_no(word), Some(false), "{word}"));
        table.nothing.iter().for_each(|word| assert!(is_nothing(word), "{word}"));
        assert_eq!(table.status.len(), Status::ALL.len());
    }

    #[test]
    fn what_is_not_known_is_not_guessed_and_a_file_may_say_it() {
        let mut reader = Reader::new(&Words::default());
        assert_eq!((reader.status("Customer"), reader.status(" DÉSABONNÉ ")), (None, Some(Status::Unsubscribed)));
        assert_eq!(reader.yes_or_no("perhaps"), None);
        let words = Words {
            status: [("Customer".to_owned(), Status::NeverOptedIn), ("active".to_owned(), Status::Pending)].into(),
            yes: vec!["tak".to_owned()],
            no: Vec::new(),
        };
        let mut reader = Reader::new(&words);
        assert_eq!(reader.status("customer"), Some(Status::NeverOptedIn));
        assert_eq!(reader.status("ACTIVE"), Some(Status::Pending), "the file's own word counts");
        assert_eq!((reader.yes_or_no("Tak"), reader.yes_or_no("oui")), (Some(true), Some(true)));
        assert!(!is_nothing("Noemi") && !is_nothing("0612345678"));
    }
}
