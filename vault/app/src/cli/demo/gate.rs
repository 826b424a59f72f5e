//! The part of the demonstration in which lists are checked for exchange: an honest one, one of which a part was swapped between
//! firms, and one into which scraped addresses were mixed. The officer decides; what is released leaves encrypted.

use std::io::{Cursor, Read as _};
use std::path::Path;

use carnet_connectors::age::Recipient;
use carnet_connectors::formats::{ExportFormat, OpenOptions, open};
use carnet_core::gate::{Report, SignalReport, Verdict};
use carnet_core::model::{Controller, ListId, ProvenanceKind, PurposeId, ReasonCode, Timestamp};
use carnet_desk::{Desk, DeskError, NewExport, NewImport, NewPurpose, NewRelease, ReleaseOutcome};
use secrecy::SecretString;

use super::import::Rejects;
use super::{Stage, Told};
use crate::cli::export::{Order, deliver};
use crate::failure::Failure;
use crate::output::counted;
use crate::session::parsed;

/// An invented list of the labelled ones in `tests/data/gate`, whose README says what each is.
struct Sample {
    name: &'static str,
    bytes: &'static [u8],
    /// From whom and how its addresses came, as its owner says it.
    sentence: &'static str,
}

macro_rules! sample {
    ($name:literal, $file:literal, $sentence:literal) => {
        Sample {
            name: $name,
            bytes: include_bytes!(concat!("../../../../../tests/data/gate/", $file, ".csv.gz")),
            sentence: $sentence,
        }
    };
}

/// The day on which the lists were made.
const MADE: &str = "2026-06-01T09:00:00Z";
const WEEK_US: i64 = 7 * 86_400 * 1_000_000;

impl Sample {
    /// The list as it would be had it been made today: its times moved by whole weeks, so that it does not grow old.
    fn today(&self) -> Result<String, Failure> {
        let mut text = String::new();
        flate2::read::GzDecoder::new(self.bytes).read_to_string(&mut text)?;
        let made: Timestamp = parsed(MADE, "time")?;
        let weeks = (Timestamp::now().as_us() - made.as_us()).div_euclid(WEEK_US);
        let moved = |cell: &str| {
            let at = cell.parse::<Timestamp>().ok().filter(|_| cell.ends_with('Z'))?;
            Some(Timestamp::from_us(at.as_us() + weeks * WEEK_US).ok()?.to_string())
        };
        let line = |line: &str| {
            let cells = line.split(',').map(|cell| moved(cell).unwrap_or_else(|| cell.to_owned()));
            cells.collect::<Vec<_>>().join(",")
        };
        Ok(text.lines().map(line).collect::<Vec<_>>().join("\n"))
    }
}

/// A list that another controller has brought into the vault long ago.
const THEIRS: Sample = sample!("gardeners", "vault/jardin-laroche21", "You signed up on our page");
const HONEST: Sample = sample!("readers", "lists/L0018", "You signed up on our page and confirmed it by e-mail");
const SWAPPED: Sample = sample!("partners", "lists/L0044", "You took part in our competition");
const MIXED: Sample = sample!("prospects", "lists/L0016", "You asked for our catalogue");

/// Brings the lists in, has them checked and decided on, and exports the honest one.
pub(super) fn gate(stage: &Stage<'_>, scratch: &Path, told: &mut Told<'_>) -> Result<(), Failure> {
    let theirs = their_controller(&stage.owner)?;
    import(&stage.owner, (&theirs.0, theirs.1), &THEIRS)?;
    let ours = (&stage.controller, stage.purpose);
    // All come in before any is checked: what a list adds to people of another one asks for a new check of that.
    let (honest, swapped, mixed) = (
        import(&stage.owner, ours, &HONEST)?,
        import(&stage.owner, ours, &SWAPPED)?,
        import(&stage.owner, ours, &MIXED)?,
    );
    for (list, sample) in [(honest, &HONEST), (swapped, &SWAPPED), (mixed, &MIXED)] {
        describe(&stage.owner, &stage.controller, list, sample.sentence)?;
        stage.owner.submit_list(&stage.controller, list, None)?;
        stage.owner.check_list(&stage.controller, list)?;
    }
    told.step(
        "Three lists more; for every source the owner says from whom and how, or the list is not even looked at",
        "readers, partners, prospects: imported, described, submitted to the gate",
    )?;
    if stage.owner.use_list(&stage.controller, honest, None).is_ok() {
        return Err(broken("a list was used that nobody has released"));
    }
    let clear = report_of(&stage.officer, &stage.controller, honest)?;
    if clear.verdict != Verdict::Clear {
        return Err(broken("the honest list is not clear"));
    }
    told.step(
        "The gate looks at each for lists that were bought, swapped, scraped or made up",
        &format!("readers: {}, {}. Held all the same: an officer decides", clear.verdict, points(clear.points)),
    )?;
    against(stage, ("partners", swapped), ReasonCode::Swapped, told)?;
    against(stage, ("prospects", mixed), ReasonCode::Scraped, told)?;
    release(stage, honest, told)?;
    export(stage, honest, scratch, told)
}

fn their_controller(owner: &Desk<'_>) -> Result<(Controller, PurposeId), Failure> {
    let controller = owner.add_controller("Jardin Laroche", parsed("FR", "country")?, None)?;
    let purpose = NewPurpose {
        name: parsed("letter", "purpose")?,
        title: "Letter to gardeners".to_owned(),
        dpv: parsed("DirectMarketing", "dpv")?,
        basis: parsed("consent", "basis")?,
    };
    let purpose = owner.add_purpose(controller.id, purpose)?;
    Ok((controller, purpose.id))
}

fn import(owner: &Desk<'_>, of: (&Controller, PurposeId), sample: &Sample) -> Result<ListId, Failure> {
    let name = format!("{}.csv", sample.name);
    let mut opened = open(Box::new(Cursor::new(sample.today()?)), Some(&name), &OpenOptions::default())
        .map_err(|error| Failure::invalid(error.to_string()))?;
    let first = opened.first_mut().ok_or_else(|| broken("an invented list is empty"))?;
    let new = NewImport {
        list: sample.name.to_owned(),
        kind: ProvenanceKind::File,
        origin: sample.sentence.to_owned(),
        file_name: Some(name),
        purpose: Some(of.1),
        reading: "a demonstration".to_owned(),
    };
    let report = owner.import(of.0, &new, first.source.as_mut(), &mut Rejects::default())?;
    report.place.map(|(_, list)| list).ok_or_else(|| broken("an import has no place"))
}

fn describe(owner: &Desk<'_>, controller: &Controller, list: ListId, sentence: &str) -> Result<(), Failure> {
    match owner.submit_list(controller, list, None) {
        Err(DeskError::NoSentence { .. }) => {}
        _ => return Err(broken("a list was submitted of which nobody has said where it comes from")),
    }
    for source in owner.list_sources(controller, list)?.sources {
        owner.describe_source(controller, list, &source.value, sentence)?;
    }
    Ok(())
}

fn report_of(officer: &Desk<'_>, controller: &Controller, list: ListId) -> Result<Report, Failure> {
    let view = officer.show_list(controller, list)?;
    view.check.map(|check| check.report).ok_or_else(|| broken("the gate has not looked"))
}

/// Shows what speaks against a list, and has the officer block it.
fn against(
    stage: &Stage<'_>,
    (name, list): (&str, ListId),
    code: ReasonCode,
    told: &mut Told<'_>,
) -> Result<(), Failure> {
    let report = report_of(&stage.officer, &stage.controller, list)?;
    if report.verdict == Verdict::Clear {
        return Err(broken("a list that is not honest is clear"));
    }
    stage.officer.block_list(&stage.controller, list, code)?;
    let reasons: Vec<String> = report.signals.iter().take(3).map(reason).collect();
    told.step(
        &format!("{name}: {}, {}; the officer blocks it, {code}", report.verdict, points(report.points)),
        &reasons.join("\n      "),
    )
}

fn reason(signal: &SignalReport) -> String {
    format!("{}: {}", signal.id, signal.sentence)
}

fn release(stage: &Stage<'_>, list: ListId, told: &mut Told<'_>) -> Result<(), Failure> {
    if stage.owner.release_list(&stage.controller, list, &new_release()).is_ok() {
        return Err(broken("an owner released a list"));
    }
    match stage.officer.release_list(&stage.controller, list, &new_release())? {
        ReleaseOutcome::Released { until, .. } => told.step(
            "readers: released by the officer, never by its owner, and for a limited time",
            &format!("until {}", crate::output::moment(until)),
        ),
        ReleaseOutcome::Proposed { .. } => Err(broken("the honest list is blocked")),
    }
}

const fn new_release() -> NewRelease {
    NewRelease { code: ReasonCode::ProofSeen, until: None }
}

fn export(stage: &Stage<'_>, list: ListId, scratch: &Path, told: &mut Told<'_>) -> Result<(), Failure> {
    let to = scratch.join("readers.csv.age");
    let passphrase: String = (0..4).map(|_| carnet_core::model::ListId::new().to_string()).collect();
    let order = Order {
        new: NewExport {
            purpose: stage.purpose,
            recipient: "Imprimerie du Port".to_owned(),
            country: Some(parsed("FR", "country")?),
            format: ExportFormat::Csv.as_str(),
            canary_domains: vec!["cercle-lecteurs.example".to_owned(), "atelier-bleu.example".to_owned()],
        },
        purpose: "newsletter",
        format: ExportFormat::Csv,
        to: &to,
        encryption: &Recipient::Passphrase(SecretString::from(passphrase)),
        force: false,
    };
    let done = deliver(&stage.owner, (&stage.controller, list), &order, &mut |_, _| {})?;
    told.step(
        "It leaves encrypted, with a manifest; who may not be written to stays, by reason",
        &format!(
            "{} of {} to Imprimerie du Port, in a file that the stock `age` opens; {} withheld",
            counted(done.report.left, "contact", "contacts"),
            done.report.members,
            done.report.withheld.values().sum::<u64>(),
        ),
    )
}

fn points(number: u32) -> String {
    counted(number.into(), "point", "points")
}

fn broken(what: &str) -> Failure {
    Failure::invalid(format!("{what}: please report this"))
}
