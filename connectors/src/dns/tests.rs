use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::JoinHandle;

use carnet_core::gate::Row;

use super::*;

const MX: u16 = 15;

/// What a server says.
#[derive(Clone, Copy)]
enum Reply {
    Mail(&'static str),
    Address([u8; 4]),
    Empty,
    NoName,
    Failure,
    Silence,
}

/// A resolver on this machine that answers by a rule, until it is dropped.
struct Server {
    at: SocketAddr,
    asked: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn start(rule: fn(&str, u16) -> Reply) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let (asked, is_over) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        let at = socket.local_addr().unwrap();
        let (counter, over) = (Arc::clone(&asked), Arc::clone(&is_over));
        let thread = std::thread::spawn(move || {
            let mut bytes = [0_u8; 1_500];
            while !over.load(Ordering::Relaxed) {
                let Ok((length, from)) = socket.recv_from(&mut bytes) else { continue };
                counter.fetch_add(1, Ordering::Relaxed);
                if let Some(reply) = reply(&bytes[..length], rule) {
                    socket.send_to(&reply, from).unwrap();
                }
            }
        });
        Self { at, asked, is_over, thread: Some(thread) }
    }

    fn settings(&self) -> Settings {
        let (each, all) = (Duration::from_millis(300), Duration::from_secs(10));
        Settings { each, all, ..Settings::new(self.at) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap();
    }
}

/// The question comes back with its answer (RFC 1035, 4.1).
fn reply(query: &[u8], rule: fn(&str, u16) -> Reply) -> Option<Vec<u8>> {
    let (mut labels, mut place) = (Vec::new(), 12);
    while query[place] != 0 {
        let end = place + 1 + usize::from(query[place]);
        labels.push(String::from_utf8_lossy(&query[place + 1..end]).to_lowercase());
        place = end;
    }
    let kind = u16::from_be_bytes([query[place + 1], query[place + 2]]);
    let (code, data) = match rule(&labels.join("."), kind) {
        Reply::Mail(exchange) if kind == MX => {
            let labels = exchange.split('.').filter(|label| !label.is_empty());
            let name = labels.flat_map(|label| [&[u8::try_from(label.len()).unwrap()], label.as_bytes()].concat());
            (0, Some([0, 10].into_iter().chain(name).chain([0]).collect()))
        }
        Reply::Address(address) if kind == 1 => (0, Some(address.to_vec())),
        Reply::Mail(_) | Reply::Address(_) | Reply::Empty => (0, None),
        Reply::NoName => (3, None),
        Reply::Failure => (2, None),
        Reply::Silence => return None,
    };
    let mut bytes = query[..2].to_vec();
    bytes.extend([0x81, 0x80 | code, 0, 1, 0, u8::from(data.is_some()), 0, 0, 0, 0]);
    bytes.extend(&query[12..place + 5]);
    if let Some(data) = data {
        let data: Vec<u8> = data;
        bytes.extend([0xc0, 12]);
        bytes.extend(kind.to_be_bytes());
        bytes.extend([0, 1, 0, 0, 0, 60, 0]);
        bytes.push(u8::try_from(data.len()).unwrap());
        bytes.extend(data);
    }
    Some(bytes)
}

/// A list with so many rows of each domain.
fn list(domains: &[&str], rows_each: u64) -> Rows {
    let mut rows = Rows::new();
    for (number, domain) in (0_u64..).zip(domains) {
        for row in 0..rows_each {
            let email = format!("person{row}@{domain}");
            rows.push(&Row { position: number * rows_each + row + 1, email: &email, ..Row::default() });
        }
    }
    rows
}

fn set(domains: &[&str]) -> HashSet<String> {
    domains.iter().map(|domain| (*domain).to_owned()).collect()
}

fn by_name(name: &str, _: u16) -> Reply {
    match name {
        "mailed.example" | "spam.example" => Reply::Mail("mx.example"),
        "null.example" => Reply::Mail("."),
        "address.example" => Reply::Address([192, 0, 2, 1]),
        "empty.example" => Reply::Empty,
        "broken.example" => Reply::Failure,
        "test.lists.example" | "spam.example.lists.example" => Reply::Address([127, 0, 1, 2]),
        "hacked.example.lists.example" => Reply::Address([127, 0, 1, 104]),
        "test.refused.example" => Reply::Address([127, 255, 255, 254]),
        _ if name.ends_with("everything.example") => Reply::Address([127, 0, 1, 2]),
        _ => Reply::NoName,
    }
}

#[test]
fn domains_that_take_no_mail_are_found_and_what_is_not_answered_is_not_known() {
    let server = Server::start(by_name);
    let names =
        ["mailed.example", "null.example", "address.example", "empty.example", "broken.example", "gone.example"];
    let mut knowledge = Knowledge::builtin();
    let outcome = look_up(&list(&names, 3), &server.settings(), &mut knowledge).unwrap();
    assert_eq!(knowledge.dead, Some(set(&["null.example", "empty.example", "gone.example"])));
    assert_eq!(outcome, Outcome { asked: 6, unanswered: 1, dead: 3, blocklisted: None, unfit_zones: 0 });
    assert!(knowledge.blocklisted.is_none(), "no block list was asked");
}

#[test]
fn few_rows_and_mailbox_providers_are_not_asked() {
    let server = Server::start(|_, _| Reply::NoName);
    let mut knowledge = Knowledge::builtin();
    for rows in [list(&["gone.example"], 2), list(&["gmail.com", "mailinator.com"], 5), Rows::new()] {
        let outcome = look_up(&rows, &server.settings(), &mut knowledge).unwrap();
        assert_eq!((outcome.asked, knowledge.dead.as_ref().map(HashSet::len)), (0, Some(0)));
    }
    assert_eq!(server.asked.load(Ordering::Relaxed), 0);
}

#[test]
fn a_silent_resolver_teaches_nothing_and_is_not_waited_for_long() {
    let server = Server::start(|_, _| Reply::Silence);
    let mut knowledge = Knowledge::builtin();
    let names: Vec<String> = (0..200).map(|number| format!("firm{number}.example")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let settings = Settings { all: Duration::from_millis(500), ..server.settings() };
    let began = std::time::Instant::now();
    let error = look_up(&list(&names, 3), &settings, &mut knowledge).unwrap_err();
    assert!(matches!(error, DnsError::Silent { asked: 200, unanswered: 200 }), "{error}");
    assert!(began.elapsed() < Duration::from_secs(5) && knowledge.dead.is_none());
    assert!(!error.to_string().contains("firm"), "domains stay out of errors");
}

#[test]
fn a_block_list_counts_if_it_passes_its_own_test() {
    let server = Server::start(by_name);
    let rows = list(&["spam.example", "mail.spam.example", "hacked.example", "mailed.example"], 3);
    let asked = |zones: &[&str]| {
        let zones = zones.iter().map(|zone| zone.parse().unwrap()).collect();
        let mut knowledge = Knowledge::builtin();
        let outcome = look_up(&rows, &Settings { zones, ..server.settings() }, &mut knowledge).unwrap();
        (knowledge.blocklisted, outcome.unfit_zones)
    };
    assert_eq!(asked(&["lists.example=dbl"]), (Some(set(&["spam.example"])), 0));
    assert_eq!(asked(&["refused.example=dbl"]), (None, 1), "an error code is no listing");
    assert_eq!(asked(&["everything.example=dbl"]), (None, 1), "a list that names INVALID names everything");
    assert_eq!(asked(&["absent.example=dbl"]), (None, 1));
    assert_eq!(asked(&["refused.example=dbl", "lists.example=dbl"]), (Some(set(&["spam.example"])), 1));
}

#[test]
fn it_may_be_asked_from_an_asynchronous_program() {
    let server = Server::start(by_name);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let asked = runtime.block_on(async {
        look_up(&list(&["gone.example"], 3), &server.settings(), &mut Knowledge::builtin()).unwrap().asked
    });
    assert_eq!(asked, 1);
}
