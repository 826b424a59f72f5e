//! Questions to a resolver, many at once, within a time.

use std::collections::HashMap;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError as DnsAnswer, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::{RData, RecordType};
use tokio::task::{Id, JoinSet};
use tokio::time::{Instant, timeout_at};

use super::{DnsError, Settings, Zone};

/// Answers that are kept for the run.
const CACHED: u64 = 16_384;

/// An answer to a question of yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Yes,
    No,
    /// None came, or one that says nothing.
    Unknown,
}

/// What is asked of a domain.
#[derive(Clone)]
pub(super) enum Question {
    /// Does it take mail?
    Mail(String),
    /// Is it on this list?
    Listed(String, Zone),
}

impl Question {
    fn domain(&self) -> &str {
        match self {
            Self::Mail(domain) | Self::Listed(domain, _) => domain,
        }
    }
}

/// A resolver, and until when it may be asked.
pub(super) struct Asker {
    resolver: TokioResolver,
    at_once: usize,
    until: Instant,
}

impl Asker {
    pub(super) fn new(settings: &Settings) -> Result<Self, DnsError> {
        let connection = |mut connection: ConnectionConfig| {
            connection.port = settings.resolver.port();
            connection
        };
        let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(connection).to_vec();
        let server = NameServerConfig::new(settings.resolver.ip(), true, connections);
        let config = ResolverConfig::from_name_servers(vec![server]);
        let mut builder = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        let options = builder.options_mut();
        (options.timeout, options.attempts, options.cache_size) = (settings.each, 2, CACHED);
        options.use_hosts_file = ResolveHosts::Never;
        let resolver = builder.build().map_err(|error| DnsError::SetUp(error.into()))?;
        let now = Instant::now();
        let until = now.checked_add(settings.all).unwrap_or(now);
        Ok(Self { resolver, at_once: settings.at_once.max(1), until })
    }

    /// The answer to each question, in the order of questions. What is not answered in time is unknown.
    pub(super) async fn ask(&self, questions: Vec<Question>) -> Vec<(String, Answer)> {
        let mut answers: Vec<(String, Answer)> =
            questions.iter().map(|question| (question.domain().to_owned(), Answer::Unknown)).collect();
        let mut places: HashMap<Id, usize> = HashMap::new();
        let mut waiting: JoinSet<Answer> = JoinSet::new();
        let mut left = questions.into_iter().enumerate();
        loop {
            while waiting.len() < self.at_once {
                let Some((place, question)) = left.next() else { break };
                let resolver = self.resolver.clone();
                let task = waiting.spawn(async move { answer(&resolver, &question).await });
                places.insert(task.id(), place);
            }
            let Ok(Some(done)) = timeout_at(self.until, waiting.join_next_with_id()).await else { break };
            let Ok((id, answer)) = done else { continue };
            let place = places.remove(&id).and_then(|place| answers.get_mut(place));
            place.into_iter().for_each(|(_, known)| *known = answer);
        }
        answers
    }

    /// Whether a block list names what it must and does not name what it must not (RFC 5782, section 5).
    pub(super) async fn is_fit(&self, zone: &Zone) -> bool {
        let [first, second] = zone.kind().test_names();
        let questions = [first, second, "invalid"].map(|name| Question::Listed(name.to_owned(), zone.clone()));
        let answers: Vec<Answer> = self.ask(questions.to_vec()).await.into_iter().map(|(_, answer)| answer).collect();
        matches!(answers.as_slice(), [Answer::Yes, _, Answer::No] | [_, Answer::Yes, Answer::No])
    }
}

async fn answer(resolver: &TokioResolver, question: &Question) -> Answer {
    match question {
        Question::Mail(domain) => takes_mail(resolver, &format!("{domain}.")).await,
        Question::Listed(domain, zone) => match found(resolver, &zone.name_of(domain), RecordType::A).await {
            Found::Records(records) => {
                let codes = records.iter().filter_map(|record| match record {
                    RData::A(code) => Some(zone.kind().meaning(code.0)),
                    _ => None,
                });
                codes
                    .max_by_key(|answer| match answer {
                        // Beside an error no other code is to be trusted.
                        Answer::Unknown => 2,
                        Answer::Yes => 1,
                        Answer::No => 0,
                    })
                    .unwrap_or(Answer::Unknown)
            }
            Found::NoName | Found::NoRecords => Answer::No,
            Found::Nothing => Answer::Unknown,
        },
    }
}

/// A domain takes mail if it has an MX that is not the null MX (RFC 7505), or none at all and an address (RFC 5321, 5.1).
async fn takes_mail(resolver: &TokioResolver, domain: &str) -> Answer {
    match found(resolver, domain, RecordType::MX).await {
        Found::Records(records) => {
            let mut exchanges = records.iter().filter_map(|record| match record {
                RData::MX(mx) => Some(&mx.exchange),
                _ => None,
            });
            return if exchanges.any(|exchange| !exchange.is_root()) { Answer::Yes } else { Answer::No };
        }
        Found::NoName => return Answer::No,
        Found::NoRecords => {}
        Found::Nothing => return Answer::Unknown,
    }
    let mut is_sure = true;
    for kind in [RecordType::A, RecordType::AAAA] {
        match found(resolver, domain, kind).await {
            Found::Records(_) => return Answer::Yes,
            Found::NoName | Found::NoRecords => {}
            Found::Nothing => is_sure = false,
        }
    }
    if is_sure { Answer::No } else { Answer::Unknown }
}

/// What a resolver says of a name.
enum Found {
    /// Records of the kind that was asked for.
    Records(Vec<RData>),
    /// There is no such name.
    NoName,
    /// The name has none of this kind.
    NoRecords,
    /// No answer, or an error.
    Nothing,
}

async fn found(resolver: &TokioResolver, name: &str, kind: RecordType) -> Found {
    match resolver.lookup(name, kind).await {
        Ok(answer) => {
            let records = answer.answers().iter().map(|record| &record.data);
            let records: Vec<RData> = records.filter(|data| data.record_type() == kind).cloned().collect();
            if records.is_empty() { Found::NoRecords } else { Found::Records(records) }
        }
        Err(error) => of_error(&error),
    }
}

fn of_error(error: &NetError) -> Found {
    if error.is_nx_domain() {
        Found::NoName
    } else if matches!(error, NetError::Dns(DnsAnswer::NoRecordsFound(none)) if none.response_code == ResponseCode::NoError)
    {
        Found::NoRecords
    } else {
        Found::Nothing
    }
}
