//! The same report as a page that prints well: one file without anything from elsewhere.

use std::fmt::Write as _;

use carnet_core::gate::{Report, SignalReport, Verdict};
use html_escape::encode_text;

use crate::gate_report::{HELD_BY_COMPLIANCE, example, extent, meaning, measured, segment_line, shared_line};
use crate::output::{counted, moment};

const STYLE: &str = "
body { font: 11pt/1.45 Georgia, serif; color: #111; max-width: 46em; margin: 2em auto; padding: 0 1em }
h1 { font-size: 1.6em; margin-bottom: .2em } h2 { font-size: 1.15em; margin: 1.6em 0 .3em; break-after: avoid }
.verdict { display: inline-block; padding: .1em .6em; border: 2px solid; font-family: sans-serif }
.clear { color: #1b5e20 } .review { color: #8a4b00 } .block { color: #9b1c1c }
article { border-left: 3px solid #bbb; padding-left: 1em; margin: 1em 0; break-inside: avoid }
dl { display: grid; grid-template-columns: 8em 1fr; gap: .2em 1em; margin: .4em 0 } dt { color: #555 } dd { margin: 0 }
code { font-size: .92em } footer { margin-top: 2.5em; color: #555; font-size: .85em; overflow-wrap: anywhere }
@media print { body { margin: 0; max-width: none } @page { margin: 18mm } }
";

/// A report about a list of this name as a page of HTML.
pub(crate) fn page(name: &str, report: &Report) -> String {
    let mut page = String::new();
    // Writing to a String does not fail.
    let _ = write_page(&mut page, name, report);
    page
}

fn write_page(page: &mut String, name: &str, report: &Report) -> std::fmt::Result {
    let (name, verdict) = (encode_text(name), report.verdict);
    writeln!(page, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(page, "<meta name=\"viewport\" content=\"width=device-width\">\n<title>Gate: {name}</title>")?;
    writeln!(page, "<style>{STYLE}</style>\n</head>\n<body>\n<h1>{name}</h1>")?;
    let points = counted(report.points.into(), "point", "points");
    writeln!(page, "<p><strong class=\"verdict {}\">{verdict}</strong> {points}</p>", class(verdict))?;
    writeln!(page, "<p>{} {}.</p>", meaning(verdict), encode_text(&extent(report)))?;
    for reason in &report.cannot_judge {
        writeln!(page, "<p>Cannot judge: {}</p>", encode_text(reason))?;
    }
    if report.withheld {
        writeln!(page, "<p>{HELD_BY_COMPLIANCE}</p>")?;
    }
    if !report.signals.is_empty() {
        writeln!(page, "<h2>What speaks against it, by weight</h2>")?;
    }
    for signal in &report.signals {
        write_signal(page, signal)?;
    }
    if report.segments.len() > 1 {
        writeln!(page, "<h2>Segments: rows that were judged together</h2>\n<ul>")?;
        for segment in &report.segments {
            writeln!(page, "<li class=\"{}\">{}</li>", class(segment.verdict), encode_text(&segment_line(segment)))?;
        }
        writeln!(page, "</ul>")?;
    }
    if !report.shared.is_empty() {
        writeln!(page, "<h2>In other lists too, which alone proves nothing</h2>\n<ul>")?;
        for one in &report.shared {
            writeln!(page, "<li>{}</li>", encode_text(&shared_line(one)))?;
        }
        writeln!(page, "</ul>")?;
    }
    if !report.not_judged.is_empty() {
        writeln!(page, "<h2>Not judged</h2>\n<ul>")?;
        for one in &report.not_judged {
            writeln!(page, "<li>{}: {}</li>", one.id, encode_text(&one.why))?;
        }
        writeln!(page, "</ul>")?;
    }
    writeln!(
        page,
        "<footer>Judged {} by policy {} (<code>{}</code>) over inputs <code>{}</code>. The gate proposes; a compliance officer \
         decides.</footer>\n</body>\n</html>",
        moment(report.judged_at),
        report.policy.number,
        encode_text(&report.policy.hash),
        encode_text(&report.inputs),
    )
}

fn write_signal(page: &mut String, signal: &SignalReport) -> std::fmt::Result {
    let points = counted(signal.points.into(), "point", "points");
    writeln!(page, "<article>\n<h3>{}: {} ({points})</h3>", signal.id, encode_text(&signal.title))?;
    writeln!(page, "<p>{}</p>\n<dl>", encode_text(&signal.sentence))?;
    let mut term = |name: &str, text: &str| writeln!(page, "<dt>{name}</dt><dd>{}</dd>", encode_text(text));
    if let Some(line) = measured(signal) {
        term("Measured", line.trim_start_matches("measured").trim())?;
    }
    if !signal.rows.is_empty() {
        let rows: Vec<String> = signal.rows.iter().map(example).collect();
        term("For instance", &rows.join("; "))?;
    }
    if !signal.law.is_empty() {
        term("Because", &signal.law.join(", "))?;
    }
    term("Cure", &signal.cure)?;
    writeln!(page, "</dl>\n</article>")
}

const fn class(verdict: Verdict) -> &'static str {
    verdict.as_str()
}

#[cfg(test)]
mod tests {
    use carnet_core::gate::{Claimed, Row, Rows};
    use carnet_core::model::Timestamp;
    use carnet_desk::ExchangeGate;

    use super::*;

    #[test]
    fn words_of_a_list_are_text_on_the_page() {
        let mut rows = Rows::new();
        let source = "<script>alert(1)</script> & more";
        for position in 1..=60 {
            rows.push(&Row { position, email: "a@example.org", source, ..Row::default() });
        }
        let report = ExchangeGate::builtin().inspect_alone(&rows, Claimed::default(), Timestamp::now()).unwrap();
        let page = page("a <b>list</b>", &report);
        assert!(report.verdict > Verdict::Clear && !report.signals.is_empty());
        assert!(!page.contains("<script>") && !page.contains("<b>") && page.contains("a &lt;b&gt;list"));
        assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
        assert!(!page.contains("http"), "nothing from elsewhere");
    }
}
