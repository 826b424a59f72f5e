//! Properties to lines: order of the parts, quotes, folding (RFC 6350 section 3.2 and 3.3, RFC 6868).

use super::property::Property;

const MAX_LINE_BYTES: usize = 75;

/// Appends one property, folded, with its CRLF.
pub(super) fn push_line(out: &mut String, property: &Property) {
    let mut line = String::with_capacity(property.value.len() + 64);
    if let Some(group) = &property.group {
        line.push_str(group);
        line.push('.');
    }
    // Apple's programs write and look for this one in mixed case.
    line.push_str(if property.name == "X-ABLABEL" { "X-ABLabel" } else { &property.name });
    for (name, values) in property.params.iter() {
        line.push(';');
        line.push_str(name);
        for (index, value) in values.iter().enumerate() {
            line.push(if index == 0 { '=' } else { ',' });
            push_param_value(&mut line, name, value);
        }
    }
    line.push(':');
    push_value(&mut line, &property.value);
    push_folded(out, &line);
}

/// Values are escaped already; a line end in one would end the property, so it is escaped whatever happens.
fn push_value(line: &mut String, value: &str) {
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {
                chars.next_if_eq(&'\n');
                line.push_str("\\n");
            }
            '\n' => line.push_str("\\n"),
            c => line.push(c),
        }
    }
}

fn push_param_value(line: &mut String, name: &str, value: &str) {
    let is_quoted = matches!(name, "JSPTR" | "JSCOMPS") || value.contains([':', ';', ',']) || value.trim() != value;
    if is_quoted {
        line.push('"');
    }
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '^' => line.push_str("^^"),
            '"' => line.push_str("^'"),
            '\n' => line.push_str("^n"),
            '\r' => {
                chars.next_if_eq(&'\n');
                line.push_str("^n");
            }
            c => line.push(c),
        }
    }
    if is_quoted {
        line.push('"');
    }
}

/// Folds between characters, so that each line is text by itself.
fn push_folded(out: &mut String, line: &str) {
    let mut rest = line;
    let mut room = MAX_LINE_BYTES;
    while rest.len() > room {
        let (part, behind) = rest.split_at(rest.floor_char_boundary(room));
        out.push_str(part);
        out.push_str("\r\n ");
        rest = behind;
        room = MAX_LINE_BYTES - 1;
    }
    out.push_str(rest);
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(property: &Property) -> String {
        let mut out = String::new();
        push_line(&mut out, property);
        out
    }

    #[test]
    fn parameters_are_quoted_where_they_must_be() {
        let mut property = Property::new("ADR", ";;x");
        property.group = Some("item1".to_owned());
        property.params.add("TYPE", "home");
        property.params.add("TYPE", "pref");
        property.params.add("LABEL", "a, \"b\"\nc^");
        assert_eq!(line(&property), "item1.ADR;TYPE=home,pref;LABEL=\"a, ^'b^'^nc^^\":;;x\r\n");
    }

    #[test]
    fn no_value_ends_a_line() {
        assert_eq!(line(&Property::new("NOTE", "a\r\nEND:VCARD\rb\n")), "NOTE:a\\nEND:VCARD\\nb\\n\r\n");
    }

    proptest! {
        #[test]
        fn folded_lines_are_short_whole_text_and_unfold_to_the_same(value in "[a-zé漢🙂 ]{0,400}") {
            let folded = line(&Property::new("NOTE", value.clone()));
            prop_assert!(folded.split("\r\n").all(|line| line.len() <= MAX_LINE_BYTES));
            prop_assert_eq!(folded.replace("\r\n ", ""), format!("NOTE:{value}\r\n"));
        }
    }
}
