//! The trust policy (C2SP tlog-policy): which ledger and how many witnesses an auditor asks for.
//!
//! It is the auditor's own file, kept outside the vault; nothing in an export can change it.

use std::collections::BTreeMap;

use super::checkpoint::{Checkpoint, CheckpointError, parse_decimal};
use super::key::{KeyKind, VerifierKey};
use super::note::{Note, NoteError, Verified};

/// Whom to believe: one of these logs, cosigned by a quorum of these witnesses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustPolicy {
    /// Every key, logs and witnesses together.
    keys: Vec<VerifierKey>,
    parties: Vec<Party>,
    /// Which party must have seen the checkpoint; nothing for `quorum none`.
    quorum: Option<usize>,
}

/// A witness, or a group of parties defined before it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Party {
    Witness { name: String, public_key: [u8; 32] },
    Group { threshold: usize, members: Vec<usize> },
}

/// A checkpoint that meets the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// What it states.
    pub checkpoint: Checkpoint,
    /// The policy's names of the witnesses that cosigned it, and when, in seconds since 1970.
    pub witnesses: Vec<(String, u64)>,
}

/// A policy cannot be read, or a checkpoint does not meet it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// A line of the policy that cannot be understood.
    #[error("line {line} of the trust policy: {reason}")]
    Line {
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A policy that names no log.
    #[error("the trust policy names no log; give the ledger's key on a line `log KEY`")]
    NoLog,
    /// A policy without its quorum.
    #[error("the trust policy has no quorum line; write `quorum none` to ask for no witness")]
    NoQuorum,
    /// The checkpoint is malformed or a known key's signature fails.
    #[error(transparent)]
    Forged(CheckpointError),
    /// None of the policy's logs signed it.
    #[error("the checkpoint is not signed by a trusted ledger; compare its key with the one that you were given")]
    UnknownLog,
    /// A trusted log's key signed under another name.
    #[error(transparent)]
    Origin(CheckpointError),
    /// Too few witnesses cosigned it.
    #[error("{have} trusted witnesses cosigned the checkpoint, which is not the quorum that the trust policy asks for")]
    Quorum {
        /// How many did.
        have: usize,
    },
}

impl TrustError {
    /// Whether something was changed, rather than somebody unknown.
    pub fn is_forgery(&self) -> bool {
        matches!(self, Self::Forged(_))
    }
}

impl TrustPolicy {
    /// The policy that asks for this log's signature and no witness.
    ///
    /// # Errors
    /// [`TrustError::NoLog`] when the key is a witness's.
    pub fn of_log(key: VerifierKey) -> Result<Self, TrustError> {
        if key.kind() != KeyKind::Log {
            return Err(TrustError::NoLog);
        }
        Ok(Self { keys: vec![key], parties: Vec::new(), quorum: None })
    }

    /// Reads a policy file.
    ///
    /// # Errors
    /// [`TrustError`] with the first line that is wrong.
    pub fn parse(text: &str) -> Result<Self, TrustError> {
        let mut reading = Reading::default();
        for (line, number) in text.split('\n').zip(1..) {
            reading.line(line).map_err(|reason| TrustError::Line { line: number, reason })?;
        }
        if !reading.keys.iter().any(|key| key.kind() == KeyKind::Log) {
            return Err(TrustError::NoLog);
        }
        let quorum = reading.quorum.ok_or(TrustError::NoQuorum)?;
        Ok(Self { keys: reading.keys, parties: reading.parties, quorum })
    }

    /// Judges a checkpoint by its log's signature and its witnesses.
    ///
    /// # Errors
    /// [`TrustError`] when it is forged or does not meet the policy.
    pub fn judge(&self, note: &Note) -> Result<Judgement, TrustError> {
        let (checkpoint, verified) = self.open(note)?;
        let witnesses: Vec<_> = self.parties.iter().filter_map(|party| party.seen(&verified)).collect();
        if self.is_quorum(&verified) {
            Ok(Judgement { checkpoint, witnesses })
        } else {
            Err(TrustError::Quorum { have: witnesses.len() })
        }
    }

    /// Judges a checkpoint by its log's signature alone, as for an older one kept only for comparison.
    ///
    /// # Errors
    /// [`TrustError`] when it is forged or not by a trusted log.
    pub fn judge_log(&self, note: &Note) -> Result<Checkpoint, TrustError> {
        self.open(note).map(|(checkpoint, _)| checkpoint)
    }

    fn open(&self, note: &Note) -> Result<(Checkpoint, Vec<Verified<'_>>), TrustError> {
        let verified = note.verify(&self.keys).map_err(|error| match error {
            NoteError::NoKnownKey => TrustError::UnknownLog,
            forged => TrustError::Forged(forged.into()),
        })?;
        let checkpoint = Checkpoint::parse(note.text()).map_err(TrustError::Forged)?;
        let mut origin = Err(TrustError::UnknownLog);
        for log in verified.iter().filter(|verified| verified.key.kind() == KeyKind::Log) {
            origin = checkpoint.check_origin(log.key.name()).map_err(TrustError::Origin);
            if origin.is_ok() {
                break;
            }
        }
        origin.map(|()| (checkpoint, verified))
    }

    fn is_quorum(&self, verified: &[Verified<'_>]) -> bool {
        // A group's members stand before it, so that one pass decides them all.
        let mut seen: Vec<bool> = Vec::with_capacity(self.parties.len());
        for party in &self.parties {
            let held = match party {
                Party::Witness { .. } => party.seen(verified).is_some(),
                Party::Group { threshold, members } => {
                    members.iter().filter(|member| seen.get(**member) == Some(&true)).count() >= *threshold
                }
            };
            seen.push(held);
        }
        self.quorum.is_none_or(|party| seen.get(party) == Some(&true))
    }
}

impl Party {
    /// The witness's name and the latest time of its cosignatures, if it cosigned.
    fn seen(&self, verified: &[Verified<'_>]) -> Option<(String, u64)> {
        let Self::Witness { name, public_key } = self else { return None };
        let by_it = verified.iter().filter(|verified| verified.key.public_key() == public_key);
        by_it.filter_map(|verified| verified.time_s).max().map(|time_s| (name.clone(), time_s))
    }
}

/// A policy file while it is read.
#[derive(Default)]
struct Reading {
    keys: Vec<VerifierKey>,
    parties: Vec<Party>,
    names: BTreeMap<String, usize>,
    grouped: Vec<usize>,
    quorum: Option<Option<usize>>,
}

impl Reading {
    fn line(&mut self, line: &str) -> Result<(), String> {
        if line.contains(|c: char| c.is_ascii_control() && c != '\t') {
            return Err("control characters are not allowed".to_owned());
        }
        let words: Vec<&str> = line.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
        match words.as_slice() {
            [] => Ok(()),
            [first, ..] if first.starts_with('#') => Ok(()),
            ["log", key] | ["log", key, _] => self.key(key, KeyKind::Log).map(|_| ()),
            ["witness", name, key] | ["witness", name, key, _] => {
                let public_key = self.key(key, KeyKind::Witness)?;
                self.define(name, Party::Witness { name: (*name).to_owned(), public_key })
            }
            ["group", name, threshold, members @ ..] => self.group(name, threshold, members),
            ["quorum", name] if self.quorum.is_none() => {
                self.quorum = Some(if *name == "none" { None } else { Some(self.find(name)?) });
                Ok(())
            }
            ["quorum", ..] => Err("exactly one quorum line with one name is expected".to_owned()),
            _ => Err("expected log, witness, group or quorum, each with its values".to_owned()),
        }
    }

    fn key(&mut self, text: &str, kind: KeyKind) -> Result<[u8; 32], String> {
        let key: VerifierKey = text.parse().map_err(|error| format!("{error}"))?;
        if key.kind() != kind {
            return Err("a log needs a key of type 0x01, a witness one of type 0x04".to_owned());
        }
        if self.keys.iter().any(|known| known.kind() == kind && known.public_key() == key.public_key()) {
            return Err("the same key stands on an earlier line".to_owned());
        }
        let public_key = *key.public_key();
        self.keys.push(key);
        Ok(public_key)
    }

    fn group(&mut self, name: &str, threshold: &str, members: &[&str]) -> Result<(), String> {
        let members: Vec<usize> = members.iter().map(|member| self.find(member)).collect::<Result<_, _>>()?;
        let threshold = match threshold {
            "any" => 1,
            "all" => members.len(),
            number => parse_decimal(number).and_then(|k| usize::try_from(k).ok()).unwrap_or(0),
        };
        if !(1..=members.len()).contains(&threshold) {
            return Err("a group needs any, all, or a number from 1 to that of its members".to_owned());
        }
        for member in &members {
            // A party in two groups would count twice.
            if self.grouped.contains(member) {
                return Err("a witness or group may be a member only once".to_owned());
            }
            self.grouped.push(*member);
        }
        self.define(name, Party::Group { threshold, members })
    }

    fn define(&mut self, name: &str, party: Party) -> Result<(), String> {
        let taken = self.names.insert(name.to_owned(), self.parties.len()).is_some();
        self.parties.push(party);
        if taken || name == "none" { Err(format!("the name {name:?} is taken")) } else { Ok(()) }
    }

    fn find(&self, name: &str) -> Result<usize, String> {
        self.names.get(name).copied().ok_or_else(|| format!("{name:?} is not defined on an earlier line"))
    }
}
