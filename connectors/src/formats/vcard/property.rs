//! One line of a vCard, taken apart: group, name, parameters, value.

/// A property whose value is text, still escaped, on one line.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::formats) struct Property {
    pub(in crate::formats) group: Option<String>,
    /// In upper case.
    pub(in crate::formats) name: String,
    pub(in crate::formats) params: Params,
    pub(in crate::formats) value: String,
}

impl Property {
    pub(in crate::formats) fn new(name: &str, value: impl Into<String>) -> Self {
        Self { group: None, name: name.to_owned(), params: Params::default(), value: value.into() }
    }

    /// Whether it has a group or any parameter.
    pub(super) fn is_qualified(&self) -> bool {
        self.group.is_some() || !self.params.is_empty()
    }
}

/// Names of parameters of one property; RFC 6350 and all that came after it have thirty.
const MAX_PARAMS: usize = 1_000;

/// Parameters in their order, each name once, in upper case. There are few, so they are searched one by one.
#[derive(Clone, Default, PartialEq, Eq)]
pub(in crate::formats) struct Params(Vec<(String, Vec<String>)>);

impl Params {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &[String])> {
        self.0.iter().map(|(name, values)| (name.as_str(), values.as_slice()))
    }

    pub(super) fn get(&self, name: &str) -> Option<&[String]> {
        self.iter().find(|(known, _)| *known == name).map(|(_, values)| values)
    }

    /// The value of a parameter that has exactly one.
    pub(super) fn single(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            [value] => Some(value),
            _ => None,
        }
    }

    pub(in crate::formats) fn add(&mut self, name: &str, value: impl Into<String>) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, values)) => values.push(value.into()),
            None => self.0.push((name.to_owned(), vec![value.into()])),
        }
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Vec<String>> {
        let index = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(index).1)
    }

    /// Takes a parameter that has exactly one value, and leaves any other.
    pub(super) fn take_single(&mut self, name: &str) -> Option<String> {
        self.single(name)?;
        self.take(name)?.pop()
    }

    /// Keeps the values that are wanted, and the parameter if any value is left.
    pub(super) fn retain_values(&mut self, name: &str, wanted: impl FnMut(&mut String) -> bool) {
        if let Some((_, values)) = self.0.iter_mut().find(|(known, _)| known == name) {
            values.retain_mut(wanted);
        }
        self.0.retain(|(known, values)| known != name || !values.is_empty());
    }

    pub(super) fn into_iter(self) -> impl Iterator<Item = (String, Vec<String>)> {
        self.0.into_iter()
    }
}

/// What stands before the colon.
pub(super) struct Header {
    pub(super) group: Option<String>,
    pub(super) name: String,
    pub(super) params: Params,
}

/// Where the header ends: at the first colon outside quotes, or at the first of all if the quotes do not close.
pub(super) fn colon(line: &[u8]) -> Option<usize> {
    let mut quoted = false;
    line.iter()
        .position(|byte| {
            quoted ^= *byte == b'"';
            *byte == b':' && !quoted
        })
        .or_else(|| line.iter().position(|byte| *byte == b':'))
}

/// Whether a part of a header has a colon outside quotes; `quoted` goes on from part to part. While there is none, the header
/// may go on in the next line.
pub(super) fn has_unquoted_colon(part: &[u8], quoted: &mut bool) -> bool {
    part.iter().any(|byte| {
        *quoted ^= *byte == b'"';
        *byte == b':' && !*quoted
    })
}

/// Reads a header; `None` if it is none.
pub(super) fn parse_header(text: &str) -> Option<Header> {
    let mut parts = split_unquoted(text, ';');
    let name = parts.next()?.trim();
    let (group, name) = match name.rsplit_once('.') {
        Some((group, name)) => (Some(group), name),
        None => (None, name),
    };
    if !is_token(name) || group.is_some_and(|group| !is_token(group)) {
        return None;
    }
    let mut params = Params::default();
    for part in parts {
        match part.split_once('=') {
            Some((name, values)) => add_values(&mut params, &name.trim().to_ascii_uppercase(), values),
            None => add_bare(&mut params, part.trim()),
        }
        if params.0.len() > MAX_PARAMS {
            return None;
        }
    }
    Some(Header { group: group.map(str::to_owned), name: name.to_ascii_uppercase(), params })
}

/// Whether something can be written as a name. Wider than RFC 6350, which allows letters, digits and hyphens, because old
/// telephones write more and it must come out again.
pub(super) fn is_token(text: &str) -> bool {
    let special = |c: char| c.is_control() || c.is_whitespace() || matches!(c, ';' | ':' | '=' | ',' | '"' | '.');
    !text.is_empty() && !text.contains(special)
}

/// Whether something can be written as the name of a parameter: wider still, for the same reason.
pub(super) fn is_param_name(text: &str) -> bool {
    !text.is_empty()
        && text.trim() == text
        && !text.contains(|c: char| c.is_control() || matches!(c, ';' | ':' | '=' | '"'))
}

fn add_values(params: &mut Params, name: &str, values: &str) {
    if name.is_empty() {
        return;
    }
    for value in split_unquoted(values, ',') {
        let value = match value.trim().strip_prefix('"') {
            Some(quoted) => quoted.strip_suffix('"').unwrap_or(quoted),
            None => value,
        };
        // RFC 6350 itself prints TYPE="voice,home".
        if name == "TYPE" {
            types(value).for_each(|word| params.add(name, decode_carets(word)));
        } else {
            params.add(name, decode_carets(value));
        }
    }
}

/// A parameter that is only a value, as vCard 2.1 has them.
fn add_bare(params: &mut Params, value: &str) {
    match value.to_ascii_uppercase().as_str() {
        "QUOTED-PRINTABLE" | "BASE64" | "8BIT" | "7BIT" => params.add("ENCODING", value),
        "INLINE" | "URL" | "URI" | "CID" | "CONTENT-ID" => params.add("VALUE", value),
        _ => types(value).for_each(|word| params.add("TYPE", word)),
    }
}

fn types(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty())
}

fn split_unquoted(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let closed = text.bytes().filter(|byte| *byte == b'"').count() % 2 == 0;
    text.split(move |c| {
        quoted ^= c == '"' && closed;
        c == separator && !quoted
    })
}

/// RFC 6868: line ends, quotes and carets in parameter values.
fn decode_carets(text: &str) -> String {
    if !text.contains('^') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '^' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('\'') => out.push('"'),
            Some('^') => out.push('^'),
            Some(c) => out.extend(['^', c]),
            None => out.push('^'),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A parameter and its values.
    type Param = (String, Vec<String>);

    fn header(text: &str) -> (Option<String>, String, Vec<Param>) {
        let Header { group, name, params } = parse_header(text).unwrap();
        (group, name, params.0)
    }

    fn param(name: &str, values: &[&str]) -> Param {
        (name.to_owned(), values.iter().map(|value| (*value).to_owned()).collect())
    }

    #[test]
    fn headers_of_every_version_are_taken_apart() {
        assert_eq!(
            header("item1.tel; type=HOME;TYPE=\"voice,cell\";pref"),
            (Some("item1".into()), "TEL".into(), vec![param("TYPE", &["HOME", "voice", "cell", "pref"])])
        );
        assert_eq!(header("TEL;,HOME, voice;").2, [param("TYPE", &["HOME", "voice"])]);
        assert_eq!(
            header("NOTE;ENCODING=QUOTED-PRINTABLE;BASE64;URL;X-A=1,\"b;c,d\",^'^n^^^x").2,
            [
                param("ENCODING", &["QUOTED-PRINTABLE", "BASE64"]),
                param("VALUE", &["URL"]),
                param("X-A", &["1", "b;c,d", "\"\n^^x"]),
            ]
        );
    }

    #[test]
    fn a_colon_in_quotes_does_not_end_the_header_unless_the_quotes_never_close() {
        assert_eq!(colon(b"ADR;LABEL=\"a:b\":x"), Some(15));
        assert_eq!(colon(b"ADR;LABEL=\"a:b"), Some(12));
        assert_eq!(colon(b"no colon"), None);
    }

    #[test]
    fn a_sentence_is_no_header() {
        for text in ["and then some", "", ".TEL", "a b.TEL", "=C3"] {
            assert!(parse_header(text).is_none(), "{text:?}");
        }
    }
}
