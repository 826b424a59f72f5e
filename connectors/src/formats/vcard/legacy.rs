//! The versions into each other: what vCard 2.1 and 3.0 say in their own way becomes vCard 4.0, and back into 3.0.
//!
//! Everything behind this module sees vCard 4.0 alone: no encodings, no character sets, `PREF` for `TYPE=pref`, photographs
//! as `data:` URIs (RFC 2397).

use super::charset::{decode, unquote_printable};
use super::lines::Line;
use super::property::{Property, is_token};
use super::text::{escape, split, unescape};
use super::version::Version;

/// The year that Apple writes where a birthday has none.
const NO_YEAR: &str = "1604";
const NO_YEAR_PARAM: &str = "X-APPLE-OMIT-YEAR";

/// The property that a line is; `None` if its text is in no known character set.
pub(super) fn upgrade(line: Line<'_>, version: Version) -> Option<Property> {
    let Line { header, value, is_card, .. } = line;
    let mut property = Property { group: header.group, name: header.name, params: header.params, value: String::new() };
    let charset = property.params.take_single("CHARSET");
    let encoding = property.params.single("ENCODING").unwrap_or_default().to_ascii_uppercase();
    let text = |bytes: &[u8]| decode(bytes, charset.as_deref(), version != Version::V4).map(|text| text.into_owned());
    match encoding.as_str() {
        "QUOTED-PRINTABLE" | "Q" => {
            property.params.take("ENCODING");
            property.value = unquote(&property.name, &value, text)?;
        }
        "BASE64" | "B" => {
            property.value = text(&value)?;
            property.value.retain(|c| !c.is_ascii_whitespace());
            upgrade_binary(&mut property);
        }
        _ if is_card => property.value = escape(&text(&value)?).into_owned(),
        _ => {
            if matches!(encoding.as_str(), "7BIT" | "8BIT") {
                property.params.take("ENCODING");
            }
            property.value = text(&value)?;
            if version == Version::V2_1 && has_text_with_commas(&property.name) {
                property.value = escape_commas(&property.value);
            }
        }
    }
    upgrade_params(&mut property);
    upgrade_names(&mut property);
    Some(property)
}

/// Whether a comma separates values in vCard 2.1 too, as its writers use it.
fn is_list(name: &str) -> bool {
    matches!(name, "CATEGORIES" | "NICKNAME")
}

/// In vCard 2.1 commas mean nothing, except where its writers went ahead of it.
fn has_text_with_commas(name: &str) -> bool {
    !is_list(name) && name != "GEO"
}

fn escape_commas(text: &str) -> String {
    let parts: Vec<&str> = split(text, ',').collect();
    parts.join("\\,")
}

/// Decodes quoted-printable part by part, because an encoded separator is text and a bare one separates.
fn unquote(name: &str, value: &[u8], text: impl Fn(&[u8]) -> Option<String>) -> Option<String> {
    let mut out = String::with_capacity(value.len());
    let mut part = Vec::new();
    let mut escaped = false;
    let mut finish = |part: &mut Vec<u8>, separator: &str| {
        let decoded = text(&unquote_printable(part))?;
        out.push_str(&escape(&unescape(&decoded)));
        out.push_str(separator);
        part.clear();
        Some(())
    };
    for byte in value {
        let separator = match byte {
            b';' if !escaped => ";",
            b',' if !escaped && is_list(name) => ",",
            _ => {
                escaped = *byte == b'\\' && !escaped;
                part.push(*byte);
                continue;
            }
        };
        finish(&mut part, separator)?;
    }
    finish(&mut part, "")?;
    Some(out)
}

fn is_base64(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='))
}

fn is_media(name: &str) -> bool {
    matches!(name, "PHOTO" | "LOGO" | "SOUND" | "KEY")
}

/// Base64 as a `data:` URI. What is no base64, or no picture, sound or key, stays as it is with its `ENCODING`.
fn upgrade_binary(property: &mut Property) {
    if !is_media(&property.name) || !is_base64(&property.value) {
        return;
    }
    property.params.take("ENCODING");
    if property.params.single("VALUE").is_some_and(|value| value.eq_ignore_ascii_case("BINARY")) {
        property.params.take("VALUE");
    }
    let media_type = take_media_type(property).unwrap_or_default();
    property.value.insert_str(0, &format!("data:{media_type};base64,"));
}

const MEDIA_TYPES: [(&str, &str, &str); 17] = [
    ("PHOTO", "JPEG", "image/jpeg"),
    ("PHOTO", "PNG", "image/png"),
    ("PHOTO", "GIF", "image/gif"),
    ("PHOTO", "BMP", "image/bmp"),
    ("PHOTO", "TIFF", "image/tiff"),
    ("PHOTO", "WEBP", "image/webp"),
    ("PHOTO", "HEIC", "image/heic"),
    ("SOUND", "BASIC", "audio/basic"),
    ("SOUND", "WAVE", "audio/wave"),
    ("SOUND", "OGG", "audio/ogg"),
    ("SOUND", "MP3", "audio/mpeg"),
    ("SOUND", "AAC", "audio/aac"),
    ("KEY", "PGP", "application/pgp-keys"),
    ("KEY", "X509", "application/pkix-cert"),
    // Read, never written: each stands behind the way that is written.
    ("PHOTO", "JPG", "image/jpeg"),
    ("SOUND", "WAV", "audio/wave"),
    ("SOUND", "PCM", "audio/basic"),
];

/// Pictures have the same types as photographs.
fn media_family(name: &str) -> &str {
    if name == "LOGO" { "PHOTO" } else { name }
}

/// The media type that a `TYPE` value names, which is then not among them any more.
fn take_media_type(property: &mut Property) -> Option<String> {
    let family = media_family(&property.name).to_owned();
    let mut found = None;
    property.params.retain_values("TYPE", |value| {
        if found.is_some() {
            return true;
        }
        found = match value.split_once('/') {
            Some(_) => Some(value.to_ascii_lowercase()),
            None => MEDIA_TYPES
                .iter()
                .find(|(known, word, _)| *known == family && word.eq_ignore_ascii_case(value))
                .map(|(_, _, media_type)| (*media_type).to_owned()),
        };
        found.is_none()
    });
    found
}

fn upgrade_params(property: &mut Property) {
    // RFC 7095 section 3.2 has the group as a parameter; whatever else calls itself so must not be taken for it.
    if let Some(values) = property.params.take("GROUP") {
        match values.as_slice() {
            [group] if property.group.is_none() && is_token(group) => property.group = Some(group.clone()),
            _ => values.into_iter().for_each(|value| property.params.add("X-GROUP", value)),
        }
    }
    let mut preferred = false;
    property.params.retain_values("TYPE", |value| {
        let is_pref = value.eq_ignore_ascii_case("PREF");
        preferred |= is_pref;
        !is_pref
    });
    if preferred && property.params.get("PREF").is_none() {
        property.params.add("PREF", "1");
    }
    match property.params.single("VALUE").map(str::to_ascii_uppercase).as_deref() {
        Some("URL" | "CID" | "CONTENT-ID") => {
            property.params.take("VALUE");
            property.params.add("VALUE", "uri");
        }
        Some("INLINE") => {
            property.params.take("VALUE");
        }
        _ => {}
    }
    if is_media(&property.name)
        && property.params.get("MEDIATYPE").is_none()
        && let Some(media_type) = take_media_type(property)
    {
        property.params.add("MEDIATYPE", media_type);
    }
}

fn is_number(text: &str) -> bool {
    text.trim().parse::<f64>().is_ok()
}

/// Google's exports have the address in lines behind its seven components, where RFC 9554 has the room.
fn take_formatted_address(property: &mut Property) {
    let parts: Vec<&str> = split(&property.value, ';').collect();
    let [components @ .., lines] = parts.as_slice() else { return };
    let lines = unescape(lines);
    let locality = components.get(3).map(|locality| locality.trim()).unwrap_or_default();
    let is_whole = lines.trim().contains('\n') || !locality.is_empty() && lines.contains(locality);
    // A `LABEL` is unescaped once more, as RFC 6350 itself prints it.
    if components.len() == 7 && is_whole && !lines.contains('\\') && property.params.get("LABEL").is_none() {
        let (components, lines) = (components.join(";"), lines.into_owned());
        property.params.add("LABEL", lines);
        property.value = components;
    }
}

fn upgrade_names(property: &mut Property) {
    match property.name.as_str() {
        "X-ADDRESSBOOKSERVER-KIND" if !property.is_qualified() => property.name = "KIND".to_owned(),
        "X-ADDRESSBOOKSERVER-MEMBER" if !property.is_qualified() => property.name = "MEMBER".to_owned(),
        // The form of 3.0, which some write in 4.0, too.
        "GEO" => {
            let place = property.value.split_once(';');
            if let Some((latitude, longitude)) = place.filter(|(one, other)| is_number(one) && is_number(other)) {
                property.value = format!("geo:{},{}", latitude.trim(), longitude.trim());
            }
        }
        "ADR" => take_formatted_address(property),
        "BDAY" | "ANNIVERSARY" if property.params.single(NO_YEAR_PARAM) == Some(NO_YEAR) => {
            let digits: String = property.value.chars().filter(|c| *c != '-').collect();
            if let Some(day) = digits.strip_prefix(NO_YEAR).filter(|day| day.len() == 4) {
                property.value = format!("--{day}");
                property.params.take(NO_YEAR_PARAM);
            }
        }
        _ => {}
    }
}

/// Says in vCard 3.0 what a property says in 4.0. What 3.0 has no word for keeps that of 4.0.
pub(super) fn downgrade(property: &mut Property) {
    if property.params.single("PREF") == Some("1") {
        property.params.take("PREF");
        property.params.add("TYPE", "PREF");
    }
    // Types of an extension may be names, such as that of a service.
    if !property.name.starts_with("X-") {
        property.params.retain_values("TYPE", |value| {
            value.make_ascii_uppercase();
            true
        });
    }
    match property.name.as_str() {
        "PHOTO" | "LOGO" | "SOUND" | "KEY" => downgrade_media(property),
        "KIND" if !property.is_qualified() => property.name = "X-ADDRESSBOOKSERVER-KIND".to_owned(),
        "MEMBER" if !property.is_qualified() => property.name = "X-ADDRESSBOOKSERVER-MEMBER".to_owned(),
        "GEO" => {
            let place = property.value.strip_prefix("geo:").and_then(|place| place.split_once(','));
            if let Some((latitude, longitude)) = place.filter(|(one, other)| is_number(one) && is_number(other)) {
                property.value = format!("{latitude};{longitude}");
            }
        }
        "BDAY" | "ANNIVERSARY" => downgrade_date(property),
        _ => {}
    }
}

fn downgrade_media(property: &mut Property) {
    let data = property.value.strip_prefix("data:").and_then(|data| data.split_once(";base64,"));
    let data = data.filter(|(_, data)| is_base64(data));
    let family = media_family(&property.name).to_owned();
    let word_of = |media_type: &str| {
        let word = MEDIA_TYPES.iter().find(|(known, _, name)| *known == family && *name == media_type);
        let is_type = media_type.contains('/')
            && !media_type.contains(',')
            && media_type.trim() == media_type
            && media_type.to_ascii_lowercase() == media_type;
        word.map(|(_, word, _)| (*word).to_owned()).or_else(|| is_type.then(|| media_type.to_owned()))
    };
    let (word, value) = match data {
        Some((media_type, data)) => match word_of(media_type) {
            None if !media_type.is_empty() => (None, None),
            word => (word, Some(data.to_owned())),
        },
        None => {
            let word = property.params.single("MEDIATYPE").and_then(word_of);
            if word.is_some() {
                property.params.take("MEDIATYPE");
            }
            (word, None)
        }
    };
    if let Some(word) = word {
        // A reader takes the first word that can be a media type.
        let others = property.params.take("TYPE").unwrap_or_default();
        property.params.add("TYPE", word);
        others.into_iter().for_each(|other| property.params.add("TYPE", other));
    }
    match value {
        Some(value) => {
            property.params.add("ENCODING", "b");
            property.value = value;
        }
        None if property.params.get("VALUE").is_none() => property.params.add("VALUE", "uri"),
        None => {}
    }
}

/// vCard 3.0 has dates with hyphens, and none without a year.
fn downgrade_date(property: &mut Property) {
    let digits = |text: &str, length: usize| text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    // What is no date is kept as it was.
    let hyphened = |year: &str, day: &str| {
        let (month, day) = (day.get(..2)?, day.get(2..)?);
        (("01"..="12").contains(&month) && ("01"..="31").contains(&day)).then(|| format!("{year}-{month}-{day}"))
    };
    if let Some(day) = property.value.strip_prefix("--").filter(|day| digits(day, 4)) {
        if let Some(date) = hyphened(NO_YEAR, day) {
            property.value = date;
            property.params.add(NO_YEAR_PARAM, NO_YEAR);
        }
    } else if digits(&property.value, 8)
        && let Some((year, day)) = property.value.split_at_checked(4)
        && let Some(date) = hyphened(year, day)
    {
        property.value = date;
    }
}
