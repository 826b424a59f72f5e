//! What the vault knows of a list's rows: overlaps, stops, condemned addresses, canaries and traps, as data.
//!
//! The desk makes it from tags; the gate asks no store. Rows are named by their position in the source, as in
//! [`Row::position`](super::Row). A list of the same controller, and a re-import of an export of its own, never score, whatever is
//! handed over here.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::row::Row;

/// Everything that is known, in any order.
#[derive(Clone, Default)]
pub struct Memory {
    /// Rows on this controller's suppression list, or that objected to it.
    pub suppressed: Option<Vec<u64>>,
    /// Rows that condemned lists had.
    pub condemned: Option<Condemned>,
    /// Rows that are traps; `None` if nobody could or may say.
    pub traps: Option<Vec<TrapHit>>,
    /// Rows that are canaries of exports; `None` if nobody could or may say.
    pub canaries: Option<Vec<CanaryHit>>,
    /// Lists of the vault that share rows.
    pub lists: Vec<OtherList>,
    /// What kinds of domains the vault's lists of the same claim have; `None` if there are none to compare with.
    pub peers: Option<DomainMix>,
}

/// What condemned lists say.
#[derive(Clone, Default)]
pub struct Condemned {
    /// Rows that they had.
    pub rows: Vec<u64>,
    /// The largest share of such rows in an honest list of the same claim, 0 to 1; `None` if the vault has none.
    pub worst_honest_share: Option<f64>,
}

/// A row is a trap.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TrapHit {
    /// The row.
    pub row: u64,
    /// Whose trap.
    pub kind: TrapKind,
}

/// Which kind of trap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrapKind {
    /// An address that was only ever published on a hidden page of the operator.
    Own,
    /// A mailbox that was abandoned and came back as a trap, known from a partner.
    Recycled,
}

/// A row is a canary.
#[derive(Clone, PartialEq, Eq)]
pub struct CanaryHit {
    /// The row.
    pub row: u64,
    /// The export that it was made for, by its id.
    pub export: String,
    /// Whether the export was of the same controller, so that its canaries only come home.
    pub is_own: bool,
}

/// A list of the vault that shares rows with the one under check.
#[derive(Clone)]
pub struct OtherList {
    /// What an officer may be shown of it: a name where policy allows, else words such as "another controller's list".
    pub label: String,
    /// Whether it is of the same controller, or of one under the same joint agreement.
    pub is_same_controller: bool,
    /// How many rows it has.
    pub rows: u64,
    /// The rows that are in both, matched exactly.
    pub pairs: Vec<Pair>,
}

/// One row that is in both.
#[derive(Clone)]
pub struct Pair {
    /// Here.
    pub row: u64,
    /// Its place there, from any origin; only the order counts.
    pub there: u64,
    /// What the other list says, for pairs of lists with more than 20 rows in common. `None`: nobody has looked.
    pub theirs: Option<Theirs>,
}

/// A row as the other list writes it.
#[derive(Clone, Default)]
pub struct Theirs {
    /// The address as written.
    pub email: String,
    /// Given name.
    pub given: String,
    /// Surname.
    pub surname: String,
    /// When the subject signed up there, in seconds since 1970.
    pub opted_in_s: Option<i64>,
    /// The network address of that.
    pub ip: Option<IpAddr>,
}

impl Theirs {
    /// A row of the other list.
    pub fn of(row: &Row<'_>) -> Self {
        let [email, given, surname] = [row.email, row.given, row.surname].map(str::to_owned);
        let opted_in_s = row.opted_in_at.map(|at| at.as_us().div_euclid(1_000_000));
        Self { email, given, surname, opted_in_s, ip: row.ip.map(|ip| ip.to_canonical()) }
    }
}

/// Shares of four kinds of domains among the rows of lists, 0 to 1 each.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DomainMix {
    /// Mailbox providers.
    pub free: f64,
    /// Firms and everybody else.
    pub business: f64,
    /// Schools and universities.
    pub school: f64,
    /// Public bodies.
    pub public: f64,
}

impl Memory {
    /// What may score: lists of others.
    pub(super) fn others(&self) -> impl Iterator<Item = &OtherList> {
        self.lists.iter().filter(|list| !list.is_same_controller)
    }

    /// The same: canaries of exports of others; `None` if nobody could or may say.
    pub(super) fn others_canaries(&self) -> Option<impl Iterator<Item = &CanaryHit>> {
        self.canaries.as_ref().map(|hits| hits.iter().filter(|hit| !hit.is_own))
    }

    /// Traps of one kind; `None` if nobody could or may say.
    pub(super) fn traps_of(&self, kind: TrapKind) -> Option<impl Iterator<Item = &TrapHit>> {
        self.traps.as_ref().map(|hits| hits.iter().filter(move |hit| hit.kind == kind))
    }

    /// SHA-256 over all of it, in the order in which it is here.
    pub fn digest(&self) -> [u8; 32] {
        let mut digest = Sha256::new_with_prefix(b"carnet/gate/memory/v1\0");
        numbers(&mut digest, self.suppressed.as_deref());
        numbers(&mut digest, self.condemned.as_ref().map(|condemned| condemned.rows.as_slice()));
        let worst = self.condemned.as_ref().and_then(|condemned| condemned.worst_honest_share);
        digest.update(worst.map_or(u64::MAX, f64::to_bits).to_be_bytes());
        digest.update([u8::from(self.traps.is_some()), u8::from(self.canaries.is_some())]);
        for trap in self.traps.iter().flatten() {
            digest.update([1, u8::from(trap.kind == TrapKind::Own)]);
            digest.update(trap.row.to_be_bytes());
        }
        for canary in self.canaries.iter().flatten() {
            digest.update([2, u8::from(canary.is_own)]);
            digest.update(canary.row.to_be_bytes());
            text(&mut digest, &canary.export);
        }
        for list in &self.lists {
            digest.update([3, u8::from(list.is_same_controller)]);
            digest.update(list.rows.to_be_bytes());
            text(&mut digest, &list.label);
            for pair in &list.pairs {
                digest.update([4, u8::from(pair.theirs.is_some())]);
                digest.update(pair.row.to_be_bytes());
                digest.update(pair.there.to_be_bytes());
                if let Some(theirs) = &pair.theirs {
                    [&theirs.email, &theirs.given, &theirs.surname]
                        .into_iter()
                        .for_each(|said| text(&mut digest, said));
                    digest.update(theirs.opted_in_s.unwrap_or(i64::MAX).to_be_bytes());
                    text(&mut digest, &theirs.ip.map(|ip| ip.to_string()).unwrap_or_default());
                }
            }
        }
        if let Some(mix) = self.peers {
            [mix.free, mix.business, mix.school, mix.public]
                .into_iter()
                .for_each(|share| digest.update(share.to_bits().to_be_bytes()));
        }
        digest.finalize().into()
    }
}

fn numbers(digest: &mut Sha256, numbers: Option<&[u64]>) {
    digest.update([u8::from(numbers.is_some())]);
    let numbers = numbers.unwrap_or_default();
    digest.update(numbers.len().to_be_bytes());
    numbers.iter().for_each(|number| digest.update(number.to_be_bytes()));
}

fn text(digest: &mut Sha256, text: &str) {
    digest.update(text.len().to_be_bytes());
    digest.update(text.as_bytes());
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Memory({} lists share rows)", self.lists.len())
    }
}
