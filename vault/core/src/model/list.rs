//! Lists, and the only steps that a list's status may take.
//!
//! The rule here says what is possible, and which steps only an officer may take; whether this account may take one now is
//! for policy.

use super::text_enum::text_enum;
use super::{AccountId, ControllerId, ListId, ProvenanceId, Timestamp};

text_enum! {
    /// Where a list stands with the gate and the officer.
    ListStatus, "a status of a list" {
        /// Still coming in.
        Received = "received",
        /// Submitted: waits for the gate, or the gate is looking.
        Checking = "checking",
        /// Waits for an officer's decision.
        Held = "held",
        /// May be used.
        Released = "released",
        /// May not be used.
        Blocked = "blocked",
        /// Taken back; it will not be used again.
        Withdrawn = "withdrawn",
    }
}

/// A step that no list may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a {from} list cannot become {to}; it can become {}", Possible(*.from))]
pub struct ListStepError {
    /// The status that the list has.
    pub from: ListStatus,
    /// The status that it was to take.
    pub to: ListStatus,
}

struct Possible(ListStatus);

impl std::fmt::Display for Possible {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let steps: Vec<&str> = self.0.next().iter().map(|status| status.as_str()).collect();
        f.write_str(&if steps.is_empty() { "nothing else".to_owned() } else { steps.join(" or ") })
    }
}

impl ListStatus {
    /// What a list of this status can become.
    ///
    /// Whatever was decided is looked at again only by an officer's hand ([`needs_officer`](Self::needs_officer)), except
    /// towards less use: a released list can be held or blocked by what the gate learns later, and an import into it
    /// takes it back to where it began. A check may be begun again, since one that was cut short has left nothing. From
    /// blocked no step leads to held, for that would let one officer undo what takes two. What is left of a list when a segment
    /// is split off is checked again, unless officers have blocked it; the gate never releases it by itself.
    pub const fn next(self) -> &'static [Self] {
        match self {
            Self::Received => &[Self::Checking, Self::Withdrawn],
            Self::Checking => {
                &[Self::Received, Self::Checking, Self::Held, Self::Released, Self::Blocked, Self::Withdrawn]
            }
            Self::Held => &[Self::Checking, Self::Released, Self::Blocked, Self::Withdrawn],
            Self::Released => &[Self::Received, Self::Checking, Self::Held, Self::Blocked, Self::Withdrawn],
            Self::Blocked => &[Self::Checking, Self::Released, Self::Withdrawn],
            Self::Withdrawn => &[],
        }
    }

    /// The status after a step.
    ///
    /// # Errors
    /// [`ListStepError`], which names the steps that there are.
    pub fn step(self, to: Self) -> Result<Self, ListStepError> {
        if self.next().contains(&to) { Ok(to) } else { Err(ListStepError { from: self, to }) }
    }

    /// Whether only an officer may take this step: every one that gives back a use which the gate or an officer denied.
    ///
    /// From [`Checking`](Self::Checking) a clear verdict may release by itself, if policy says so; but not what is left of a held list that
    /// its owner has split, which comes there without an officer.
    pub const fn needs_officer(self, to: Self) -> bool {
        matches!((self, to), (Self::Held | Self::Blocked, Self::Released | Self::Checking))
    }

    /// Whether contacts may be used through such a list.
    pub const fn allows_use(self) -> bool {
        matches!(self, Self::Released)
    }
}

/// A named set of contacts of one controller, with one origin and one status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// Its identifier.
    pub id: ListId,
    /// Whose it is.
    pub controller: ControllerId,
    /// What people call it; unique for the controller.
    pub name: String,
    /// Where it came from first.
    pub provenance: ProvenanceId,
    /// The account that brought it in.
    pub owner: AccountId,
    /// Where it stands.
    pub status: ListStatus,
    /// When it began to come in.
    pub created: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_are_these_and_no_others() {
        let mut steps = Vec::new();
        for from in ListStatus::ALL {
            for to in ListStatus::ALL {
                if from.step(*to).is_ok() {
                    steps.push(format!("{from}>{to}{}", if from.needs_officer(*to) { "*" } else { "" }));
                }
            }
        }
        let expected = "received>checking received>withdrawn checking>received checking>checking checking>held \
                        checking>released checking>blocked checking>withdrawn held>checking* held>released* held>blocked \
                        held>withdrawn released>received released>checking released>held released>blocked \
                        released>withdrawn blocked>checking* blocked>released* blocked>withdrawn";
        assert_eq!(steps.join(" "), expected);
    }

    #[test]
    fn what_was_denied_comes_back_into_use_by_an_officer_alone() {
        // Walk every way that needs no officer: from held or blocked, none arrives at released.
        for start in [ListStatus::Held, ListStatus::Blocked] {
            let mut reached = vec![start];
            let mut index = 0;
            while index < reached.len() {
                let from = reached[index];
                for to in from.next().iter().filter(|to| !from.needs_officer(**to)) {
                    if !reached.contains(to) {
                        reached.push(*to);
                    }
                }
                index += 1;
            }
            assert!(!reached.iter().any(|status| status.allows_use()), "{start}: {reached:?}");
        }
    }

    #[test]
    fn a_refused_step_names_those_that_there_are() {
        let error = ListStatus::Received.step(ListStatus::Released).unwrap_err();
        assert_eq!(error.to_string(), "a received list cannot become released; it can become checking or withdrawn");
        let error = ListStatus::Withdrawn.step(ListStatus::Held).unwrap_err();
        assert!(error.to_string().ends_with("nothing else"), "{error}");
    }
}
