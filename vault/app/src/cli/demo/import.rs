//! The part of the demonstration in which a list comes in.

use std::fmt::Write as _;
use std::io::{self, Cursor};

use carnet_connectors::formats::{OpenOptions, open};
use carnet_core::intake::Reject;
use carnet_core::model::ProvenanceKind;
use carnet_desk::{ImportReport, NewImport, Watch};

use super::{Stage, Told};
use crate::failure::Failure;

/// How many invented people signed up by themselves.
const SIGNED_UP: u32 = 500;

/// Imports an export of an e-mail provider, and then once more.
pub(super) fn import(stage: &Stage<'_>, told: &mut Told<'_>) -> Result<(), Failure> {
    let (first, rejects) = import_once(stage)?;
    let counts = &first.counts;
    told.step(
        "A list comes in: every column read, every row sealed, what it says about consent kept as its word",
        &format!(
            "{} rows read = {} new + {} merged + {} unchanged + {} suppressed + {} rejected; {} consent events, {} of them refusals",
            counts.read,
            counts.new,
            counts.merged,
            counts.unchanged,
            counts.suppressed,
            counts.rejected,
            counts.consents,
            counts.refusals
        ),
    )?;
    told.step("What could not be taken is told with its place and costs nothing else", &rejects.join("; "))?;
    let (again, _) = import_once(stage)?;
    if again.counts.new > 0 {
        return Err(Failure::invalid("the same list came in twice: please report this"));
    }
    told.step(
        "The same list once more: nobody comes in twice, and whoever was erased stays out",
        &format!("{} unchanged, {} suppressed, 0 new", again.counts.unchanged, again.counts.suppressed),
    )
}

fn import_once(stage: &Stage<'_>) -> Result<(ImportReport, Vec<String>), Failure> {
    let new = NewImport {
        list: "autumn letter".to_owned(),
        kind: ProvenanceKind::Provider,
        origin: "You signed up for our letter on our web page; we moved here from another provider".to_owned(),
        file_name: Some("subscribers.csv".to_owned()),
        purpose: Some(stage.purpose),
        reading: "a demonstration".to_owned(),
    };
    let mut rejects = Rejects::default();
    let mut opened = open(Box::new(Cursor::new(list())), Some("subscribers.csv"), &OpenOptions::default())
        .map_err(|error| Failure::invalid(error.to_string()))?;
    let first = opened.first_mut().ok_or_else(|| Failure::invalid("the invented list is empty"))?;
    let report = stage.owner.import(&stage.controller, &new, first.source.as_mut(), &mut rejects)?;
    while stage.owner.tag_words(&stage.controller)?.is_some() {}
    Ok((report, rejects.0))
}

/// Keeps what is said about rejects; they are invented.
#[derive(Default)]
pub(super) struct Rejects(Vec<String>);

impl Watch for Rejects {
    fn reject(&mut self, reject: &Reject) -> io::Result<()> {
        self.0.push(reject.to_string());
        Ok(())
    }
}

/// What a provider would export: people who signed up, some who have left since, some whom the vault knows already, and
/// rows as they happen.
fn list() -> String {
    let mut list = String::from("Email,First name,Last name,Company,OPTIN_TIME,OPTIN_IP,Status\n");
    let given = ["Anna", "Basil", "Carla", "David", "Edith"];
    let surnames = ["Amsel", "Bouleau", "Cerisier", "Dattier"];
    for number in 0..SIGNED_UP {
        let pick = |names: &[&'static str], by: u32| {
            usize::try_from(by).ok().and_then(|by| names.get(by % names.len()).copied()).unwrap_or_default()
        };
        let (day, hour) = (1 + number % 28, number % 24);
        let status = if number % 25 == 24 { "unsubscribed" } else { "subscribed" };
        // Writing to a String does not fail.
        let _ = writeln!(
            list,
            "reader{number}@letters.example,{},{},,2025-03-{day:02}T{hour:02}:15:00Z,192.0.2.{},{status}",
            pick(&given, number),
            pick(&surnames, number / 5),
            1 + number % 250
        );
    }
    list.push_str(
        "ada.martin@atelier.example,Ada,Martin,Atelier des Tilleuls,2025-04-01T09:00:00Z,192.0.2.7,subscribed\n\
         farid@benali.example,Farid,Benali,Benali Traiteur,2025-04-01T09:00:00Z,192.0.2.8,subscribed\n\
         no.at.sign.example,Gil,Sapin,,2025-04-02T09:00:00Z,192.0.2.9,subscribed\n\
         hanna@letters.example,Hanna,Sapin,2025-04-02T09:00:00Z\n",
    );
    list
}
