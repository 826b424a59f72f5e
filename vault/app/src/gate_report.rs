//! What the gate says of a list, for people: a verdict, and every reason with its numbers, its rows and what would cure it.

use std::io::{self, Write};

use carnet_core::gate::{ExampleRow, Report, SegmentKind, SegmentReport, SharedRows, SignalReport, Verdict};

use crate::output::counted;

/// What an owner is told of evidence that only compliance may see.
pub(crate) const HELD_BY_COMPLIANCE: &str = "There is more, which compliance holds and does not show.";

/// Writes a report as text.
pub(crate) fn write_text(out: &mut dyn Write, report: &Report) -> io::Result<()> {
    writeln!(out, "Verdict: {}, {}", report.verdict, counted(report.points.into(), "point", "points"))?;
    writeln!(out, "  {}", meaning(report.verdict))?;
    writeln!(out, "  {}", extent(report))?;
    for reason in &report.cannot_judge {
        writeln!(out, "  cannot judge: {reason}")?;
    }
    if report.withheld {
        writeln!(out, "  {HELD_BY_COMPLIANCE}")?;
    }
    for signal in &report.signals {
        writeln!(out)?;
        write_signal(out, signal, report)?;
    }
    if report.segments.len() > 1 {
        writeln!(out, "\nSegments, rows that were judged together:")?;
        for segment in &report.segments {
            writeln!(out, "  {}", segment_line(segment))?;
        }
    }
    if !report.shared.is_empty() {
        writeln!(out, "\nIn other lists too, which alone proves nothing:")?;
        for one in &report.shared {
            writeln!(out, "  {}", shared_line(one))?;
        }
    }
    if !report.not_judged.is_empty() {
        writeln!(out, "\nNot judged:")?;
        for one in &report.not_judged {
            writeln!(out, "  {}: {}", one.id, one.why)?;
        }
    }
    writeln!(
        out,
        "\nPolicy {} ({}), inputs {}",
        report.policy.number,
        short(&report.policy.hash),
        short(&report.inputs)
    )
}

fn write_signal(out: &mut dyn Write, signal: &SignalReport, report: &Report) -> io::Result<()> {
    let points = counted(signal.points.into(), "point", "points");
    writeln!(out, "{}  {} ({points}{})", signal.id, signal.title, place(signal, report))?;
    writeln!(out, "    {}", signal.sentence)?;
    if let Some(line) = measured(signal) {
        writeln!(out, "    {line}")?;
    }
    if !signal.rows.is_empty() {
        let rows: Vec<String> = signal.rows.iter().map(example).collect();
        writeln!(out, "    for instance {}", rows.join("; "))?;
    }
    if !signal.law.is_empty() {
        writeln!(out, "    because   {}", signal.law.join(", "))?;
    }
    writeln!(out, "    cure      {}", signal.cure)
}

pub(crate) fn shared_line(shared: &SharedRows) -> String {
    format!("{} in {}, which has {}", counted(shared.rows, "row", "rows"), shared.label, shared.of)
}

/// What a verdict asks of whom.
pub(crate) const fn meaning(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Clear => "Nothing was found against it. An officer still decides.",
        Verdict::Review => "An officer should look before it is used.",
        Verdict::Block => "It should not be used. It takes two officers and proofs to release it.",
    }
}

/// How much was looked at.
pub(crate) fn extent(report: &Report) -> String {
    let rows = counted(report.rows, "row", "rows");
    let judged = if report.rows_judged == report.rows {
        format!("{rows} judged")
    } else {
        format!("{rows}, {} of them judged as a sample", report.rows_judged)
    };
    let rejected = match report.rejected {
        0 => String::new(),
        number => format!(", {} unreadable", counted(number, "row was", "rows were")),
    };
    let held = match report.rows_quarantined {
        0 => String::new(),
        number => format!(", {} in segments under suspicion", counted(number, "row is", "rows are")),
    };
    format!("{judged}{rejected}{held}")
}

/// What was measured beside what is allowed; nothing for evidence that compliance holds.
pub(crate) fn measured(signal: &SignalReport) -> Option<String> {
    if signal.threshold <= 0.0 && signal.bound <= 0.0 {
        return None;
    }
    let peers = signal.peers.map(|peers| format!(", other lists have {}", number(peers))).unwrap_or_default();
    if signal.bound < signal.threshold {
        // What gave the points stands in the sentence.
        return None;
    }
    let (bound, threshold) = (number(signal.bound), number(signal.threshold));
    Some(format!("measured  at least {bound}, the threshold is {threshold}{peers}"))
}

/// A share or a number, without digits that say nothing.
fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// In which segment a signal is strongest, if there are several.
fn place(signal: &SignalReport, report: &Report) -> String {
    let segment = report.segments.iter().find(|segment| segment.number == signal.segment);
    match segment {
        Some(segment) if segment.kind != SegmentKind::Whole => {
            format!(", segment {}: {}", segment.number, segment.label)
        }
        _ => String::new(),
    }
}

/// An example in a line: where it stands, and what is left of it when it is masked.
pub(crate) fn example(row: &ExampleRow) -> String {
    match (row.email.as_str(), row.name.as_str()) {
        ("", "") => format!("row {}", row.position),
        (email, "") => format!("row {} {email}", row.position),
        (email, name) => format!("row {} {email} ({name})", row.position),
    }
}

/// A segment in a line.
pub(crate) fn segment_line(segment: &SegmentReport) -> String {
    let held = if segment.quarantined { ", to be split off" } else { "" };
    format!(
        "{}: {}, {}, {} points{held}: {}",
        segment.number,
        segment.verdict,
        counted(segment.rows, "row", "rows"),
        segment.points,
        segment.label
    )
}

fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}
