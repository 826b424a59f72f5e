//! Values of directories in the forms of cards. What is in no form that is known is left to be kept as it is.

use carnet_core::model::Timestamp;

/// RFC 4517 section 3.3.28: `$` ends a line, `\24` and `\5C` are the signs themselves.
pub(super) fn postal_lines(value: &str) -> String {
    let lines = value.split('$').map(str::trim).filter(|line| !line.is_empty());
    let lines: Vec<String> =
        lines.map(|line| line.replace("\\24", "$").replace("\\5C", "\\").replace("\\5c", "\\")).collect();
    lines.join("\n")
}

/// A time in UTC (RFC 4517 section 3.3.13), or in seconds since 1970 as Thunderbird writes it, as a vCard timestamp.
pub(super) fn stamp(value: &str) -> Option<String> {
    if (9..=10).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds: i64 = value.parse().ok()?;
        let time = Timestamp::from_us(seconds.checked_mul(1_000_000)?).ok()?.to_string();
        let basic: String = time.chars().filter(|c| !matches!(c, '-' | ':')).collect();
        let whole = basic.split_once('.').map_or(basic.trim_end_matches('Z'), |(whole, _)| whole);
        return Some(format!("{whole}Z"));
    }
    let time = value.strip_suffix('Z')?;
    let time =
        time.split_once('.').map_or(time, |(whole, part)| if part.trim_matches('0').is_empty() { whole } else { time });
    let (date, clock) = time.split_at_checked(8).filter(|(date, clock)| {
        clock.len() == 6 && date.bytes().chain(clock.bytes()).all(|byte| byte.is_ascii_digit())
    })?;
    Some(format!("{date}T{clock}Z"))
}

/// A UUID in its usual form (RFC 9562 section 4).
pub(super) fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// One tag. RFC 2798 allows a list with weights, which says more than a tag does.
pub(super) fn is_language(text: &str) -> bool {
    text.split('-').enumerate().all(|(index, part)| {
        let is_long_enough = if index == 0 { (2..=8).contains(&part.len()) } else { (1..=8).contains(&part.len()) };
        is_long_enough && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_an_address_are_put_apart_and_its_signs_are_read() {
        assert_eq!(postal_lines("1 Oak St $ London$$5 \\24 \\5C x"), "1 Oak St\nLondon\n5 $ \\ x");
    }

    #[test]
    fn times_are_those_of_directories_and_of_thunderbird() {
        for (text, time) in [
            ("20240502081530Z", Some("20240502T081530Z")),
            ("20240502081530.0Z", Some("20240502T081530Z")),
            ("1190219211", Some("20070919T162651Z")),
            ("20240502081530.5Z", None),
            ("20240502081530", None),
            ("20240502081530+0200", None),
            ("2024050208Z", None),
            ("0", None),
            ("", None),
        ] {
            assert_eq!(stamp(text).as_deref(), time, "{text}");
        }
    }

    #[test]
    fn identifiers_and_languages_are_what_they_look_like() {
        assert!(
            is_uuid("5AD380fd-b2de-4261-ba99-de1d1db52fbe")
                && !is_uuid("5ad380fd")
                && !is_uuid("{5ad380fd-b2de-4261-ba99-de1d1db52fbe}")
        );
        assert!(
            is_language("fr")
                && is_language("en-GB")
                && !is_language("fr, en;q=0.8")
                && !is_language("f")
                && !is_language("en-")
        );
    }
}
