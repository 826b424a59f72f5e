//! What people and the gate decide about a list, and the words that they may give as a reason.
//!
//! Reasons are chosen from fixed words, so that decisions can be counted and compared; a text in words of one's own stands
//! beside each of them, sealed.

use super::text_enum::text_enum;

text_enum! {
    /// What was done about a list.
    DecisionKind, "a kind of decision" {
        /// The owner says that it is complete and asks for its check.
        Submit = "submit",
        /// An officer asks the owner.
        Ask = "ask",
        /// The owner answers.
        Answer = "answer",
        /// An officer proposes to release a blocked list, and proofs are drawn.
        Propose = "propose",
        /// A proof that was drawn does not hold.
        Fail = "fail",
        /// It may be used.
        Release = "release",
        /// It may not be used.
        Block = "block",
        /// Some of its rows became a list of their own.
        Split = "split",
        /// It is taken back.
        Withdraw = "withdraw",
        /// Something was learned later that speaks against it.
        Suspend = "suspend",
    }
}

text_enum! {
    /// What of a list a decision is about.
    DecisionScope, "a scope of a decision" {
        /// All of it.
        List = "list",
        /// One of the segments that the gate judged.
        Segment = "segment",
        /// Some of its rows.
        Rows = "rows",
    }
}

text_enum! {
    /// Why, in a word.
    ReasonCode, "a reason for a decision" {
        /// The proof of consent, or of another basis, was seen.
        ProofSeen = "proof-seen",
        /// The people are customers or members of the controller itself.
        OwnRelation = "own-relation",
        /// What the gate saw has a harmless cause.
        FalseAlarm = "false-alarm",
        /// A private address book, which no campaign will use.
        PrivateBook = "private-book",
        /// The gate saw nothing, and policy releases such lists by itself.
        ClearVerdict = "clear-verdict",
        /// Nothing proves that the people agreed or were told (Art. 5(2), 7(1) GDPR).
        NoProof = "no-proof",
        /// Nobody can say where the addresses came from (Art. 14).
        UnclearSource = "unclear-source",
        /// Bought from somebody who was not allowed to sell it.
        Bought = "bought",
        /// Another organisation's list.
        Swapped = "swapped",
        /// Gathered from pages or profiles.
        Scraped = "scraped",
        /// Addresses or proofs were made up.
        Constructed = "constructed",
        /// Collected for something else (Art. 5(1)(b)).
        OtherPurpose = "other-purpose",
        /// Too old to be used (Art. 5(1)(e)).
        Stale = "stale",
        /// People on it have objected (Art. 21).
        Objections = "objections",
    }
}

impl ReasonCode {
    /// Reasons to release a list that a person may give.
    pub const FOR_RELEASE: [Self; 4] = [Self::ProofSeen, Self::OwnRelation, Self::FalseAlarm, Self::PrivateBook];

    /// Reasons to block a list after which its addresses are remembered: it came by a way that no proof can cure.
    pub const CONDEMNS: [Self; 4] = [Self::Bought, Self::Swapped, Self::Scraped, Self::Constructed];

    /// Reasons to block a list.
    pub const FOR_BLOCK: [Self; 9] = [
        Self::NoProof,
        Self::UnclearSource,
        Self::Bought,
        Self::Swapped,
        Self::Scraped,
        Self::Constructed,
        Self::OtherPurpose,
        Self::Stale,
        Self::Objections,
    ];
}

text_enum! {
    /// What was learned about a list after it was released.
    LaterEvidence, "a kind of later evidence" {
        /// A canary of an export was written to by somebody else.
        Canary = "canary",
        /// An address of the list turned out to be a trap.
        Trap = "trap",
        /// Too many people complained.
        Complaints = "complaints",
        /// Too many messages came back.
        Bounces = "bounces",
    }
}

text_enum! {
    /// Where a proof stands that was drawn from a blocked list.
    ProofState, "a state of a proof" {
        /// The owner has shown nothing yet.
        Open = "open",
        /// The owner has shown something, and an officer has not looked at it.
        Proven = "proven",
        /// An officer has taken it.
        Accepted = "accepted",
        /// It does not hold, or there is none.
        Failed = "failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_speaks_for_one_side_and_the_gates_own_is_nobodys_to_give() {
        for code in ReasonCode::ALL {
            let sides = [ReasonCode::FOR_RELEASE.contains(code), ReasonCode::FOR_BLOCK.contains(code)];
            let given = sides.iter().filter(|side| **side).count();
            assert_eq!(given, usize::from(*code != ReasonCode::ClearVerdict), "{code}");
        }
    }
}
