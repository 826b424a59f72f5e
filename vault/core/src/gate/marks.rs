//! Marks that an address keeps when it was copied from a page by a program, in place of being typed by its owner.

/// Whether a text has one: `mailto:`, an escape of JavaScript or of a URL, a written-out sign, the name of a picture.
pub(super) fn is_scraped(text: &str) -> bool {
    if !text.is_ascii() {
        return is_marked(&text.to_lowercase());
    }
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        is_marked(&text.to_ascii_lowercase())
    } else {
        is_marked(text)
    }
}

fn is_marked(text: &str) -> bool {
    const ANYWHERE: [&str; 13] = [
        "mailto:",
        "[at]",
        "(at)",
        "{at}",
        "[arobase]",
        "(arobase)",
        "[dot]",
        "(dot)",
        "%20",
        "%40",
        "&#64;",
        "&#x40;",
        "\\u003",
    ];
    const PICTURES: [&str; 6] = [".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp"];
    const ESCAPES: [&str; 4] = ["u003e", "u003c", "u0022", "u002f"];
    if ANYWHERE.iter().any(|mark| text.contains(mark)) || ESCAPES.iter().any(|mark| text.starts_with(mark)) {
        return true;
    }
    let first = text.split([',', ';', '\t', '"', ' ']).next().unwrap_or(text);
    first.contains('@') && (first.ends_with('.') || PICTURES.iter().any(|end| first.ends_with(end)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_crawler_leaves_is_seen_and_what_people_type_is_not() {
        for text in [
            "mailto:jean@firm.example",
            "u003ejean@firm.example",
            "jean[at]firm.example",
            "%20jean@firm.example",
            "jean@firm.example.",
            concat!("logo@2x", ".png"),
            "JEAN(AT)firm.example",
        ] {
            assert!(is_scraped(text), "{text}");
        }
        for text in
            ["jean@firm.example", "Jean.Dupont+news@firm.example", "u003@firm.example", "müller@firm.example", ""]
        {
            assert!(!is_scraped(text), "{text}");
        }
    }
}
