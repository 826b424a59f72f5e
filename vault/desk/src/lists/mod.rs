//! Lists before the officer: where they come from, what the gate says, what is decided, and the one way to use them.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `act` | an act on a list: held, asked of the policy with what it stands at now, recorded, all in one transaction |
//! | `seal` | where the sealed words of all this stand, and what they vouch for |
//! | `scan` | the rows of a list one after the other, for the gate and for the sources |
//! | `sources` | where rows say that they come from, and the sentence that the owner writes about each |
//! | `submit` | the owner says that a list is complete |
//! | `survey`, `recall` | what is collected of a list for the gate, and what the vault remembers of it |
//! | `gate`, `exchange`, `check` | what judges a list, the gate that looks for shared ones, and what a judgement does |
//! | `replay` | the last check made again, to compare |
//! | `condemn` | what is remembered of condemned lists |
//! | `segments` | rows that were judged together, as they are kept |
//! | `preview` | the gate's view of a list that is not in the vault |
//! | `decide` | decisions as they are kept |
//! | `release` | released by an officer; a blocked one by two, after proofs |
//! | `proofs` | what was drawn from a blocked list, shown by the owner, judged by an officer |
//! | `close` | blocked, withdrawn, suspended by later evidence |
//! | `split` | a segment made a list of its own |
//! | `ask` | questions and answers |
//! | `in_use` | the contacts of a released list |
//! | `show` | what a list stands at, and why |

mod act;
mod ask;
mod check;
mod close;
mod condemn;
mod decide;
mod exchange;
mod gate;
mod in_use;
mod preview;
mod proofs;
mod recall;
mod release;
mod replay;
mod scan;
mod seal;
mod segments;
mod show;
mod sources;
mod split;
mod submit;
mod survey;

pub(crate) use close::{ENDED_RELEASE, changed_among, changed_in_lists, check_name, end_release, end_this_release};
pub(crate) use in_use::{Member, Use};
pub(crate) use scan::{ACTIVITY_MEMBER, NOTIFIED_MEMBER, SOURCE_MEMBER};
pub(crate) use seal::{opened_check, with_proof_place};

pub use check::ListCheck;
pub use exchange::{Ask, ExchangeGate};
pub use gate::{CheckRow, Gate, Judgement, Others, Segment};
pub use in_use::{ListInUse, UsedContact};
pub use preview::Preview;
pub use proofs::ProofView;
pub use recall::Recall;
pub use release::{NewRelease, ReleaseOutcome};
pub use replay::Replay;
pub use show::{CheckView, DecisionView, ListSummary, ListView, ReleaseView};
pub use sources::{ListSources, SourceView};
pub use split::ListSplit;
pub use submit::Submitted;
pub use survey::Survey;
