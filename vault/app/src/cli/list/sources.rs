//! `carnet list sources`: where the rows of a list say that they come from.

use carnet_desk::{Desk, SourceView};
use serde_json::{Value, json};

use super::show::Names;
use super::{One, said};
use crate::failure::Failure;
use crate::output::{Output, counted, table};

pub(super) fn show(desk: &Desk<'_>, one: &One, output: &Output) -> Result<(), Failure> {
    let (controller, list) = one.find(desk)?;
    let found = desk.list_sources(&controller, list)?;
    let names = Names::of(desk)?;
    let sources: Vec<Value> = found
        .sources
        .iter()
        .map(|one| {
            let sentence = one.sentence.as_ref();
            json!({
                "source": one.value,
                "rows": one.rows,
                "sentence": sentence.map(|(text, _, _)| text),
                "by": sentence.map(|(_, by, _)| names.name(*by)),
                "at": sentence.map(|(_, _, at)| at.to_string()),
            })
        })
        .collect();
    let origins: Vec<Value> =
        found.origins.iter().map(|(import, text)| json!({ "import": import.to_string(), "origin": text })).collect();
    let missing = found.sources.iter().filter(|one| one.rows > 0 && one.sentence.is_none()).count();
    let value = json!({
        "list": list.to_string(), "name": one.name, "sources": sources, "rows_without_source": found.unsaid,
        "origins": origins, "missing": missing,
    });
    output.show(&value, |out| {
        if !found.sources.is_empty() {
            let row = |one: &SourceView| {
                let sentence = one.sentence.as_ref().map_or("(no sentence yet)", |(text, _, _)| text.as_str());
                vec![one.value.clone(), one.rows.to_string(), sentence.to_owned()]
            };
            table(out, &["SOURCE", "ROWS", "FROM WHOM AND HOW"], &found.sources.iter().map(row).collect::<Vec<_>>())?;
            writeln!(out)?;
        }
        writeln!(out, "{} no source; for them the origin counts:", counted(found.unsaid, "row names", "rows name"))?;
        found.origins.iter().try_for_each(|(_, text)| writeln!(out, "  {text}"))?;
        if missing > 0 {
            let missing = counted(u64::try_from(missing).unwrap_or(u64::MAX), "source has", "sources have");
            writeln!(
                out,
                "\n{missing} no sentence, and the list cannot be submitted without. Write one with --source and --sentence."
            )?;
        }
        Ok(())
    })
}

pub(super) fn write(
    desk: &Desk<'_>,
    one: &One,
    (source, sentence): (&str, &str),
    output: &Output,
) -> Result<(), Failure> {
    let (controller, list) = one.find(desk)?;
    desk.describe_source(&controller, list, source, sentence)?;
    said(one, list, ("described", "written down"), output)
}
