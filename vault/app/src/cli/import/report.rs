//! What came of an import, for people and for programs: numbers, never content.

use std::io::{self, Write};

use carnet_connectors::formats::csv::{Column, Field};
use carnet_core::intake::Warning;
use carnet_core::model::{Controller, ImportCounts, ImportState};
use carnet_desk::{Desk, ImportReport, NewImport, Suggestion};
use serde_json::{Map, Value, json};

use super::files::Facts;
use super::rejects::{Rejected, RejectsFile, Told};
use crate::failure::Failure;
use crate::gate_report;
use crate::output::{Output, counted};

/// How many mistyped domains people are shown.
const SUGGESTIONS: usize = 10;

/// All that is told of an import that has just run.
pub(super) struct Report<'r> {
    pub(super) outcome: &'r ImportReport,
    pub(super) new: &'r NewImport,
    pub(super) controller: &'r Controller,
    pub(super) facts: &'r [Facts],
    /// What could not be taken, in this run.
    pub(super) rejected: Rejected,
    /// Whether somebody stopped it.
    pub(super) was_stopped: bool,
}

impl Report<'_> {
    pub(super) fn show(&self, desk: &Desk<'_>, output: &Output) -> Result<(), Failure> {
        let status = match self.outcome.place {
            None => None,
            Some((import, _)) => {
                desk.imports(self.controller)?.into_iter().find(|one| one.id == import).map(|one| one.list.2)
            }
        };
        let status = status.map(|status| status.to_string());
        output.show(&self.value(status.as_deref()), |out| {
            self.reading(out)?;
            self.outcome(out, status.as_deref())?;
            numbers(out, &self.outcome.counts)?;
            self.remarks(out)?;
            self.rejects(out)?;
            if let Some(report) = &self.outcome.gate {
                writeln!(out, "\nWhat the gate would say of this list by itself:")?;
                gate_report::write_text(out, report)?;
            }
            self.next(out)
        })
    }

    fn value(&self, status: Option<&str>) -> Value {
        let outcome = self.outcome;
        let mut value = counts_value(&outcome.counts);
        let (import, list) = outcome.place.unzip();
        let warning = |one: &Warning| json!({ "column": one.field, "kind": one.kind.as_str(), "meaning": one.kind.sentence(), "count": one.count, "first_line": one.first_line });
        let suggestion = |one: &Suggestion| json!({ "domain": one.domain, "instead": one.instead, "count": one.count });
        let told =
            |one: &Told| json!({ "file": one.file, "line": one.line, "column": one.column, "reason": one.reason });
        let kept = |one: &RejectsFile| json!({ "file": one.path.display().to_string(), "rejects": one.rejects });
        let more = json!({
            "import": import.map(|id| id.to_string()),
            "list": list.map(|id| id.to_string()),
            "list_name": self.new.list,
            "state": if import.is_some() { outcome.state.as_str() } else { "rehearsed" },
            "status": status,
            "warnings": outcome.warnings.iter().map(warning).collect::<Vec<_>>(),
            "suggestions": outcome.suggestions.iter().map(suggestion).collect::<Vec<_>>(),
            "rejects": self.rejected.told.iter().map(told).collect::<Vec<_>>(),
            "read_to_end": !self.rejected.cut && !self.was_stopped,
            "rejects_files": self.rejected.files.iter().map(kept).collect::<Vec<_>>(),
            "gate": outcome.gate,
            "mapping": self.facts.iter().map(mapping_value).collect::<Vec<_>>(),
        });
        if let Value::Object(more) = more {
            value.extend(more);
        }
        Value::Object(value)
    }

    fn reading(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut before = None;
        for one in self.facts {
            writeln!(out, "{}: {}", one.label, one.layout())?;
            let Some(table) = one.table.as_ref() else { continue };
            if before == Some(&table.mapping) {
                writeln!(out, "  columns as before")?;
                continue;
            }
            before = Some(&table.mapping);
            for line in table.mapping.to_string().lines() {
                writeln!(out, "  {line}")?;
            }
            if !table.unsettled.is_empty() {
                let columns = table.unsettled.join(", ");
                writeln!(
                    out,
                    "  day and month could be either way round in: {columns}. Save the mapping with --save-claims, say order = \
                     \"day-first\" or \"month-first\" there, and give it with --claims."
                )?;
            }
        }
        writeln!(out)
    }

    fn outcome(&self, out: &mut dyn Write, status: Option<&str>) -> io::Result<()> {
        let list = &self.new.list;
        match (self.outcome.place, self.outcome.state) {
            (None, _) if self.was_stopped => {
                writeln!(out, "Stopped before the end; nothing was written. An import into {list} would give, so far:")
            }
            (None, _) => writeln!(out, "Rehearsed: nothing was written. An import into {list} would give:"),
            (Some((import, _)), ImportState::Finished | ImportState::Cut) => {
                let status = status.unwrap_or("unknown");
                writeln!(out, "Imported into {list}, which is {status}. Import {import}:")
            }
            (Some((import, _)), _) => writeln!(out, "Stopped before the end. Import {import} into {list}, so far:"),
        }
    }

    fn remarks(&self, out: &mut dyn Write) -> io::Result<()> {
        let outcome = self.outcome;
        if !outcome.warnings.is_empty() {
            writeln!(out, "\nNot taken as it stands:")?;
            for warning in &outcome.warnings {
                writeln!(out, "  {warning}")?;
            }
        }
        if !outcome.suggestions.is_empty() {
            writeln!(out, "\nDomains that look mistyped; the addresses were taken as they are:")?;
            for one in outcome.suggestions.iter().take(SUGGESTIONS) {
                let times = counted(one.count, "address", "addresses");
                writeln!(out, "  {} ({times}): perhaps {}", one.domain, one.instead)?;
            }
            let more = outcome.suggestions.len().saturating_sub(SUGGESTIONS);
            if more > 0 {
                writeln!(out, "  and {more} more, all of them in --json")?;
            }
        }
        Ok(())
    }

    fn rejects(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.rejected.count == 0 {
            return Ok(());
        }
        writeln!(
            out,
            "\n{} rejected:",
            if self.rejected.count == 1 { "One was".to_owned() } else { format!("{} were", self.rejected.count) }
        )?;
        for one in &self.rejected.told {
            writeln!(out, "  {}, line {}, column {}: {}", one.file, one.line, one.column, one.reason)?;
        }
        let told = u64::try_from(self.rejected.told.len()).unwrap_or(u64::MAX);
        if self.rejected.count > told {
            writeln!(out, "  and {} more", self.rejected.count - told)?;
        }
        for one in &self.rejected.files {
            let (path, flag) =
                (one.path.display(), one.flag.as_deref().map(|flag| format!(" {flag}")).unwrap_or_default());
            writeln!(out, "Kept in {path}: correct them there and import that file in the same way{flag}.")?;
        }
        if self.rejected.files.is_empty() {
            writeln!(out, "They were kept nowhere. --rejects FILE keeps them, to be corrected and imported.")?;
        }
        if self.rejected.cut {
            writeln!(
                out,
                "A file could not be read to its end. Get it whole and import it again: who is known by now is not added twice."
            )?;
        }
        Ok(())
    }

    fn next(&self, out: &mut dyn Write) -> io::Result<()> {
        let Some((import, _)) = self.outcome.place else {
            return writeln!(
                out,
                "\nThe same command without --dry-run imports. --map and --claims change what a column is."
            );
        };
        if self.outcome.state == ImportState::Unfinished {
            return writeln!(
                out,
                "\nWhat is written stays. The same command with the same files goes on from here; `carnet import undo {import}` \
                 takes it back."
            );
        }
        writeln!(out, "\n`carnet import show {import}` shows this again, `carnet import undo {import}` takes it back.")
    }
}

/// The six numbers that add up, and what else is counted.
pub(super) fn numbers(out: &mut dyn Write, counts: &ImportCounts) -> io::Result<()> {
    let rows = [
        ("read", counts.read, "contacts and rejects of the source: the sum of the next five"),
        ("new", counts.new, "became a contact"),
        ("merged", counts.merged, "known already, and something was added"),
        ("unchanged", counts.unchanged, "known already, and nothing was added"),
        ("suppressed", counts.suppressed, "erased or objecting: stayed out"),
        ("rejected", counts.rejected, "could not be taken as they are"),
    ];
    let width = counts.read.to_string().len();
    for (word, number, meaning) in rows {
        writeln!(out, "  {word:<14}{number:>width$}  {meaning}")?;
    }
    let others = [
        ("consents", counts.consents, "consent events recorded, each as the source's claim"),
        ("refusals", counts.refusals, "of these withdrawn or objected"),
        ("undeliverable", counts.undeliverable, "contacts whose messages come back, says the source"),
        (
            "differing",
            counts.differing,
            "merged contacts with another name or other single value, which stays in the vault",
        ),
    ];
    for (word, number, meaning) in others.into_iter().filter(|(_, number, _)| *number > 0) {
        writeln!(out, "  {word:<14}{number:>width$}  {meaning}")?;
    }
    Ok(())
}

/// The same for programs.
pub(super) fn counts_value(counts: &ImportCounts) -> Map<String, Value> {
    counts.named().into_iter().map(|(name, number)| (name.to_owned(), number.into())).collect()
}

fn mapping_value(one: &Facts) -> Value {
    let Some(table) = &one.table else { return json!({ "file": one.label, "format": one.format.as_str() }) };
    let columns = table.mapping.columns.iter();
    let column = |one: &Column| json!({ "column": one.name, "field": one.field.map_or("keep", Field::as_str) });
    json!({
        "file": one.label,
        "format": one.format.as_str(),
        "encoding": table.encoding.as_str(),
        "separator": char::from(table.dialect.separator).to_string(),
        "header": table.has_header,
        "preset": table.mapping.preset,
        "status": table.mapping.status.map(|status| status.to_string()),
        "columns": columns.map(column).collect::<Vec<_>>(),
        "unsettled": table.unsettled,
    })
}
