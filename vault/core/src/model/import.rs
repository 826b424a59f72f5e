//! Imports: how far one is, and what became of the contacts of its source.

use std::ops::AddAssign;

use super::text_enum::text_enum;

text_enum! {
    /// How far an import is.
    ImportState, "a state of an import" {
        /// Begun, and neither finished nor undone: the same import goes on.
        Unfinished = "unfinished",
        /// The source was read to its end.
        Finished = "finished",
        /// The source said itself that it is not whole. What it held up to there is in.
        Cut = "cut",
        /// Taken back.
        Undone = "undone",
    }
}

impl ImportState {
    /// Whether all that there is of the source was dealt with.
    pub const fn has_ended(self) -> bool {
        matches!(self, Self::Finished | Self::Cut)
    }
}

/// How many contacts of a source became what. `read` is the sum of the next five.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImportCounts {
    /// Contacts and rejects of the source.
    pub read: u64,
    /// Became a contact.
    pub new: u64,
    /// Known already, or met earlier in the same source, and something was added.
    pub merged: u64,
    /// Known already, and nothing was added.
    pub unchanged: u64,
    /// Erased or objecting: stayed out.
    pub suppressed: u64,
    /// Could not be read, or must not be taken as they are.
    pub rejected: u64,
    /// Consent events recorded, each on the source's word alone.
    pub consents: u64,
    /// Refusals among them: withdrawn or objected.
    pub refusals: u64,
    /// Contacts of which the source says that messages do not arrive.
    pub undeliverable: u64,
    /// Merged contacts that have another name or other single value in the vault, which stays.
    pub differing: u64,
}

impl ImportCounts {
    /// Whether every contact read is accounted for.
    pub const fn adds_up(&self) -> bool {
        self.read == self.new + self.merged + self.unchanged + self.suppressed + self.rejected
    }

    /// Each number with the word that ledger, report and `--json` have for it.
    pub const fn named(&self) -> [(&'static str, u64); 10] {
        [
            ("read", self.read),
            ("new", self.new),
            ("merged", self.merged),
            ("unchanged", self.unchanged),
            ("suppressed", self.suppressed),
            ("rejected", self.rejected),
            ("consents", self.consents),
            ("refusals", self.refusals),
            ("undeliverable", self.undeliverable),
            ("differing", self.differing),
        ]
    }
}

impl AddAssign for ImportCounts {
    fn add_assign(&mut self, other: Self) {
        self.read += other.read;
        self.new += other.new;
        self.merged += other.merged;
        self.unchanged += other.unchanged;
        self.suppressed += other.suppressed;
        self.rejected += other.rejected;
        self.consents += other.consents;
        self.refusals += other.refusals;
        self.undeliverable += other.undeliverable;
        self.differing += other.differing;
    }
}
