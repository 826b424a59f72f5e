//! Which property is which member: the entries that RFC 9555 maps one to one, for reading and for writing alike.

/// How the value of a property is written, and what is read from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ValueKind {
    /// Text.
    Text,
    /// Several texts with commas between them, each an entry of its own.
    List,
    /// A URI, or what its writer thinks is one.
    Link,
    /// A URI. Anything else is no value of this property.
    Uri,
    /// Text, or a URI such as `tel:+33199001234`.
    Phone,
}

/// What a parameter becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    /// A text member.
    Text(&'static str),
    /// A positive number.
    Number(&'static str),
    /// `LEVEL`, in the words of `HOBBY` and `INTEREST`.
    Level,
    /// `LEVEL`, in the words of `EXPERTISE`.
    ExpertLevel,
    /// A time in UTC.
    Utc(&'static str),
    /// A text member of `author`.
    Author(&'static str),
}

/// Which parameters every entry of a kind has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Common {
    /// `TYPE` words that are contexts: (vCard, JSContact).
    pub(super) contexts: &'static [(&'static str, &'static str)],
    /// `TYPE` words that are features: (vCard, JSContact).
    pub(super) features: &'static [(&'static str, &'static str)],
    /// Whether `PREF` is `pref`.
    pub(super) pref: bool,
    /// Whether an `X-ABLabel` of the same group is `label`.
    pub(super) label: bool,
}

/// One property and its member.
#[derive(Debug)]
pub(super) struct Spec {
    pub(super) property: &'static str,
    pub(super) member: &'static str,
    pub(super) field: &'static str,
    pub(super) value: ValueKind,
    /// The entry's `kind`. Without one, the property stands for entries that have none.
    pub(super) kind: Option<&'static str>,
    /// Whether the entry tells by `vCardName` that it is this property and not the other one of its member.
    pub(super) named: bool,
    /// The `@type` that entries of the member have.
    pub(super) type_name: &'static str,
    pub(super) common: Common,
    pub(super) params: &'static [(&'static str, Field)],
}

pub(super) const CONTEXTS: &[(&str, &str)] = &[("home", "private"), ("work", "work")];

pub(super) const ADDRESS_CONTEXTS: &[(&str, &str)] =
    &[("home", "private"), ("work", "work"), ("billing", "billing"), ("delivery", "delivery")];

const FEATURES: &[(&str, &str)] = &[
    ("cell", "mobile"),
    ("voice", "voice"),
    ("text", "text"),
    ("video", "video"),
    ("main-number", "main-number"),
    ("textphone", "textphone"),
    ("fax", "fax"),
    ("pager", "pager"),
];

pub(super) const BARE: Common = Common { contexts: &[], features: &[], pref: false, label: false };
const LABELLED: Common = Common { label: true, ..BARE };
pub(super) const CONTEXTS_ONLY: Common = Common { contexts: CONTEXTS, ..BARE };
const PREFERRED: Common = Common { pref: true, ..CONTEXTS_ONLY };
const FULL: Common = Common { label: true, ..PREFERRED };
const PHONE: Common = Common { features: FEATURES, ..FULL };
pub(super) const ADDRESS: Common = Common { contexts: ADDRESS_CONTEXTS, pref: true, ..BARE };

const MEDIA_TYPE: (&str, Field) = ("MEDIATYPE", Field::Text("mediaType"));
const INDEX: (&str, Field) = ("INDEX", Field::Number("listAs"));

const fn spec(
    property: &'static str,
    member: &'static str,
    field: &'static str,
    value: ValueKind,
    type_name: &'static str,
    common: Common,
    params: &'static [(&'static str, Field)],
) -> Spec {
    Spec { property, member, field, value, kind: None, named: false, type_name, common, params }
}

const fn resource(property: &'static str, member: &'static str, type_name: &'static str) -> Spec {
    spec(property, member, "uri", ValueKind::Uri, type_name, FULL, &[MEDIA_TYPE])
}

const fn directory(property: &'static str, kind: &'static str) -> Spec {
    let spec = spec(property, "directories", "uri", ValueKind::Uri, "Directory", FULL, &[INDEX, MEDIA_TYPE]);
    Spec { kind: Some(kind), ..spec }
}

const fn service(property: &'static str, named: bool) -> Spec {
    let params = &[("SERVICE-TYPE", Field::Text("service")), ("USERNAME", Field::Text("user"))];
    Spec { named, ..spec(property, "onlineServices", "uri", ValueKind::Uri, "OnlineService", FULL, params) }
}

const fn personal(property: &'static str, kind: &'static str, level: &'static [(&'static str, Field)]) -> Spec {
    Spec {
        kind: Some(kind),
        ..spec(property, "personalInfo", "value", ValueKind::Text, "PersonalInfo", LABELLED, level)
    }
}

const NOTE_PARAMS: &[(&str, Field)] =
    &[("CREATED", Field::Utc("created")), ("AUTHOR-NAME", Field::Author("name")), ("AUTHOR", Field::Author("uri"))];

/// All of them. `ADR`, `ORG`, `N` and others that are not one to one have modules of their own.
pub(super) const SPECS: &[Spec] = &[
    spec("EMAIL", "emails", "address", ValueKind::Text, "EmailAddress", FULL, &[]),
    spec("TEL", "phones", "number", ValueKind::Phone, "Phone", PHONE, &[]),
    spec("NICKNAME", "nicknames", "name", ValueKind::List, "Nickname", PREFERRED, &[]),
    Spec { kind: Some("role"), ..spec("ROLE", "titles", "name", ValueKind::Text, "Title", BARE, &[]) },
    spec("TITLE", "titles", "name", ValueKind::Text, "Title", BARE, &[]),
    spec("NOTE", "notes", "note", ValueKind::Text, "Note", BARE, NOTE_PARAMS),
    Spec { kind: Some("contact"), ..resource("CONTACT-URI", "links", "Link") },
    spec("URL", "links", "uri", ValueKind::Link, "Link", FULL, &[MEDIA_TYPE]),
    Spec { kind: Some("photo"), ..resource("PHOTO", "media", "Media") },
    Spec { kind: Some("logo"), ..resource("LOGO", "media", "Media") },
    Spec { kind: Some("sound"), ..resource("SOUND", "media", "Media") },
    resource("KEY", "cryptoKeys", "CryptoKey"),
    Spec { kind: Some("calendar"), ..resource("CALURI", "calendars", "Calendar") },
    Spec { kind: Some("freeBusy"), ..resource("FBURL", "calendars", "Calendar") },
    spec("CALADRURI", "schedulingAddresses", "uri", ValueKind::Uri, "SchedulingAddress", FULL, &[]),
    service("IMPP", true),
    service("SOCIALPROFILE", false),
    // What Apple's programs write for it.
    service("X-SOCIALPROFILE", true),
    spec("LANG", "preferredLanguages", "language", ValueKind::Text, "LanguagePref", PREFERRED, &[]),
    spec("PRONOUNS", "speakToAs/pronouns", "pronouns", ValueKind::Text, "Pronouns", PREFERRED, &[]),
    personal("EXPERTISE", "expertise", &[("LEVEL", Field::ExpertLevel), INDEX]),
    personal("HOBBY", "hobby", &[("LEVEL", Field::Level), INDEX]),
    personal("INTEREST", "interest", &[("LEVEL", Field::Level), INDEX]),
    directory("ORG-DIRECTORY", "directory"),
    directory("SOURCE", "entry"),
    Spec { named: true, ..spec("GEO", "addresses", "coordinates", ValueKind::Uri, "Address", BARE, &[]) },
    Spec { named: true, ..spec("TZ", "addresses", "timeZone", ValueKind::Text, "Address", BARE, &[]) },
];

/// What a property of this name is.
pub(super) fn by_property(name: &str) -> Option<&'static Spec> {
    SPECS.iter().find(|spec| spec.property == name)
}

/// The member in which properties of this name are entries.
pub(super) fn member_of(name: &str) -> Option<&'static str> {
    match name {
        "ADR" => Some("addresses"),
        "ORG" => Some("organizations"),
        "BDAY" | "DEATHDATE" | "ANNIVERSARY" => Some("anniversaries"),
        _ => by_property(name).map(|spec| spec.member),
    }
}

/// The `VALUE` that a property has when it does not say so.
pub(super) fn is_default_value_type(kind: ValueKind, value: &str, value_type: &str) -> bool {
    let expected = match kind {
        ValueKind::Text | ValueKind::List => return is_any(value_type, &["text", "language-tag"]),
        ValueKind::Phone => {
            if is_phone_uri(value) {
                "uri"
            } else {
                "text"
            }
        }
        ValueKind::Link | ValueKind::Uri => "uri",
    };
    value_type.eq_ignore_ascii_case(expected)
}

/// Whether a telephone number is written as a URI.
pub(super) fn is_phone_uri(number: &str) -> bool {
    let scheme = number.split_once(':').map(|(scheme, _)| scheme).unwrap_or_default();
    is_any(scheme, &["tel", "sip", "sips"])
}

/// Whether a `TYPE` of `RELATED` can be a relation: a word that is written as it is read, and not as `PREF`.
pub(super) fn is_relation(word: &str) -> bool {
    !word.is_empty() && word.trim() == word && !word.contains([',', '\r']) && !word.eq_ignore_ascii_case("pref")
}

fn is_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether a value begins with the name of a scheme (RFC 3986 section 3.1).
pub(super) fn is_uri(value: &str) -> bool {
    let Some((scheme, _)) = value.split_once(':') else { return false };
    let scheme = scheme.trim_end_matches('\\');
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
}

/// Words of `LEVEL` for expertise: (vCard, JSContact).
pub(super) const EXPERT_LEVELS: [(&str, &str); 3] = [("beginner", "low"), ("average", "medium"), ("expert", "high")];

/// Words of `LEVEL` for hobbies and interests.
pub(super) const LEVELS: [(&str, &str); 3] = [("low", "low"), ("medium", "medium"), ("high", "high")];
