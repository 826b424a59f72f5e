//! Asks DNS whether firms of a list can be written to, and whether block lists name them. Off unless an operator names a resolver.
//!
//! Only firms' domains with several rows are asked, through one resolver: whoever answers learns who is in the list. What gets no answer
//! is not known and never counts against a list. This module asks domains and never a mail server: nobody is contacted about a person.

mod ask;
mod zone;

use std::collections::{BTreeSet, HashSet};
use std::net::SocketAddr;
use std::time::Duration;

use carnet_core::gate::{Knowledge, Rows, registrable};

use ask::{Answer, Asker, Question};
pub use zone::{Zone, ZoneError, ZoneKind};

/// Whom to ask, and how much.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The resolver, best one of the operator's own.
    pub resolver: SocketAddr,
    /// Rows that a domain must have in the list to be asked.
    pub least_rows: u64,
    /// Questions that wait for their answers at once; 0 counts as 1.
    pub at_once: usize,
    /// How long one question may take.
    pub each: Duration,
    /// How long all of it may take.
    pub all: Duration,
    /// Block lists to ask; none unless the operator names them, since their public mirrors forbid commercial use.
    pub zones: Vec<Zone>,
}

impl Settings {
    /// Domains with three rows or more, 16 questions at once, two seconds each, a minute for all, no block lists.
    pub fn new(resolver: SocketAddr) -> Self {
        let (each, all) = (Duration::from_secs(2), Duration::from_secs(60));
        Self { resolver, least_rows: 3, at_once: 16, each, all, zones: Vec::new() }
    }
}

/// What was asked and answered, in numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Domains that were asked.
    pub asked: usize,
    /// Domains of which it is not known whether they take mail.
    pub unanswered: usize,
    /// Domains that take no mail.
    pub dead: usize,
    /// Domains that a block list names; `None` if no block list could be asked.
    pub blocklisted: Option<usize>,
    /// Block lists that failed their self-test or refused to answer.
    pub unfit_zones: usize,
}

/// Why nothing was learnt.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DnsError {
    /// The resolver is silent, or answers less than half of the questions.
    #[error(
        "the resolver left {unanswered} of {asked} questions without an answer; name another one with its port, or leave DNS out"
    )]
    Silent {
        /// Domains that were asked.
        asked: usize,
        /// Domains without an answer.
        unanswered: usize,
    },
    /// The resolver could not be set up.
    #[error("DNS could not be asked")]
    SetUp(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The look-up ended before its answers were in.
    #[error("the DNS look-up was cut short")]
    CutShort,
}

/// Asks about the firms of a list, and puts the answers into [`Knowledge::dead`] and [`Knowledge::blocklisted`].
///
/// Blocks until all is answered or the time is up; safe to call from anywhere, an asynchronous program included. Mailbox providers and
/// throw-away domains are not asked. A list without a firm that is large enough asks nothing and learns that none is dead.
///
/// # Errors
/// [`DnsError`]; the knowledge is then as it was, and the signals that need it say that DNS was not asked.
pub fn look_up(rows: &Rows, settings: &Settings, knowledge: &mut Knowledge) -> Result<Outcome, DnsError> {
    let is_known = |set: &HashSet<String>, domain: &str| set.contains(domain) || set.contains(registrable(domain));
    let mut domains = rows.domains_with(settings.least_rows);
    domains.retain(|domain| !is_known(&knowledge.free, domain) && !is_known(&knowledge.disposable, domain));
    let found = apart(|| ask_all(&domains, settings))?;
    let unanswered = found.mail.iter().filter(|(_, answer)| *answer == Answer::Unknown).count();
    if unanswered * 2 > domains.len() {
        return Err(DnsError::Silent { asked: domains.len(), unanswered });
    }
    let dead: HashSet<String> =
        found.mail.into_iter().filter(|(_, answer)| *answer == Answer::No).map(|(domain, _)| domain).collect();
    let outcome = Outcome {
        asked: domains.len(),
        unanswered,
        dead: dead.len(),
        blocklisted: found.listed.as_ref().map(HashSet::len),
        unfit_zones: found.unfit_zones,
    };
    knowledge.dead = Some(dead);
    if found.listed.is_some() {
        knowledge.blocklisted = found.listed;
    }
    Ok(outcome)
}

/// All answers.
struct Found {
    mail: Vec<(String, Answer)>,
    listed: Option<HashSet<String>>,
    unfit_zones: usize,
}

/// Runs on a thread of its own: a runtime inside a runtime would panic.
fn apart<T: Send>(work: impl FnOnce() -> Result<T, DnsError> + Send) -> Result<T, DnsError> {
    std::thread::scope(|scope| scope.spawn(work).join()).map_err(|_| DnsError::CutShort)?
}

fn ask_all(domains: &[&str], settings: &Settings) -> Result<Found, DnsError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| DnsError::SetUp(error.into()))?;
    runtime.block_on(async {
        let asker = Asker::new(settings)?;
        let mail = asker.ask(domains.iter().map(|domain| Question::Mail((*domain).to_owned())).collect()).await;
        // A block list lists what somebody registered, and is asked for nothing else.
        let firms: BTreeSet<&str> = domains.iter().map(|domain| registrable(domain)).collect();
        let (mut listed, mut unfit_zones): (Option<HashSet<String>>, usize) = (None, 0);
        for zone in &settings.zones {
            if !asker.is_fit(zone).await {
                unfit_zones += 1;
                continue;
            }
            let questions = firms.iter().map(|firm| Question::Listed((*firm).to_owned(), zone.clone())).collect();
            let answers = asker.ask(questions).await;
            let unknown = answers.iter().filter(|(_, answer)| *answer == Answer::Unknown).count();
            // One that refuses in the middle has told too little to say that nobody is on it.
            unfit_zones += usize::from(unknown > 0);
            if unknown * 2 <= answers.len() {
                let named = answers.into_iter().filter(|(_, answer)| *answer == Answer::Yes);
                listed.get_or_insert_default().extend(named.map(|(firm, _)| firm));
            }
        }
        Ok(Found { mail, listed, unfit_zones })
    })
}

#[cfg(test)]
mod tests;
