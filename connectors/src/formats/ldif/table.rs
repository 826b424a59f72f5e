//! Which attribute is what: RFC 4519, RFC 4524, RFC 2798 (inetOrgPerson), RFC 2079 (labeledURI), RFC 4523 (certificates),
//! RFC 4530 (entryUUID), Active Directory's schema, and the names that Thunderbird and its forebears write and read
//! (`ldap_2.servers.default.attrmap` of its preferences).

/// Where an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Work,
    Home,
}

/// What becomes of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// A property of its own, with these `TYPE` words.
    Property(&'static str, &'static [&'static str]),
    /// A link, with these `TYPE` words.
    Link(&'static [&'static str]),
    /// A link with a label behind it.
    LabelledLink,
    /// The name in one line; the lowest rank is it.
    FullName(u8),
    /// A component of `N`, by its position.
    Name(usize),
    Organization,
    Unit,
    /// A component of `ADR`, by its position.
    Address(Place, usize),
    /// A country by its code or its name.
    Country(Place),
    /// An address in lines, with `$` between them (RFC 4517 section 3.3.28).
    Lines(Place),
    /// Year, month or day of birth, by its position.
    Birth(usize),
    /// A time.
    Stamp(&'static str),
    /// A UUID, which identifies the card.
    Uuid,
    /// A language.
    Language,
    /// Bytes of this media type.
    Binary(&'static str, &'static str),
    /// A class of objects.
    Class,
    /// What must not travel.
    Credential,
}

use Target::{
    Address, Binary, Birth, Class, Country, Credential, FullName, Language, Lines, Link, Name, Organization, Property,
    Stamp, Unit, Uuid,
};

/// Attributes in lower case.
const TARGETS: &[(&[&str], Target)] = &[
    (&["displayname"], FullName(0)),
    (&["cn", "commonname"], FullName(1)),
    (&["sn", "surname"], Name(0)),
    (&["givenname", "gn"], Name(1)),
    (&["middlename"], Name(2)),
    (&["personaltitle"], Name(3)),
    (&["generationqualifier"], Name(6)),
    (&["mozillanickname", "xmozillanickname"], Property("NICKNAME", &[])),
    (&["mail", "rfc822mailbox", "email", "emailaddress"], Property("EMAIL", &[])),
    (&["mozillasecondemail", "xmozillasecondemail"], Property("EMAIL", &[])),
    (&["telephonenumber"], Property("TEL", &["work", "voice"])),
    (&["homephone", "hometelephonenumber"], Property("TEL", &["home", "voice"])),
    (&["mobile", "mobiletelephonenumber", "cellphone", "carphone"], Property("TEL", &["cell"])),
    (&["facsimiletelephonenumber", "fax"], Property("TEL", &["fax"])),
    (&["pager", "pagertelephonenumber", "pagerphone"], Property("TEL", &["pager"])),
    (&["title"], Property("TITLE", &[])),
    (&["description"], Property("NOTE", &[])),
    (&["o", "organizationname", "company"], Organization),
    (&["ou", "organizationalunitname", "department", "orgunit"], Unit),
    (&["postofficebox"], Address(Place::Work, 0)),
    (&["mozillaworkstreet2"], Address(Place::Work, 1)),
    (&["street", "streetaddress"], Address(Place::Work, 2)),
    (&["l", "localityname", "locality"], Address(Place::Work, 3)),
    (&["st", "stateorprovincename", "region"], Address(Place::Work, 4)),
    (&["postalcode", "zip"], Address(Place::Work, 5)),
    (&["c", "countryname", "co", "friendlycountryname"], Country(Place::Work)),
    (&["postaladdress"], Lines(Place::Work)),
    (&["mozillahomestreet2"], Address(Place::Home, 1)),
    (&["mozillahomestreet"], Address(Place::Home, 2)),
    (&["mozillahomelocalityname"], Address(Place::Home, 3)),
    (&["mozillahomestate"], Address(Place::Home, 4)),
    (&["mozillahomepostalcode"], Address(Place::Home, 5)),
    (&["mozillahomecountryname"], Country(Place::Home)),
    (&["homepostaladdress"], Lines(Place::Home)),
    (&["labeleduri"], Target::LabelledLink),
    (&["url", "wwwhomepage"], Link(&[])),
    (&["mozillaworkurl", "workurl"], Link(&["work"])),
    (&["mozillahomeurl", "homeurl"], Link(&["home"])),
    (&["birthyear"], Birth(0)),
    (&["birthmonth"], Birth(1)),
    (&["birthday"], Birth(2)),
    (&["createtimestamp", "whencreated"], Stamp("CREATED")),
    (&["modifytimestamp", "whenchanged"], Stamp("REV")),
    (&["entryuuid"], Uuid),
    (&["preferredlanguage"], Language),
    (&["jpegphoto", "thumbnailphoto"], Binary("PHOTO", "image/jpeg")),
    (&["usercertificate"], Binary("KEY", "application/pkix-cert")),
    (&["objectclass"], Class),
    (
        &[
            "userpassword",
            "authpassword",
            "unicodepwd",
            "sambantpassword",
            "sambalmpassword",
            "krbprincipalkey",
            "ms-mcs-admpwd",
        ],
        Credential,
    ),
];

/// What becomes of an attribute of this name, given in lower case. `None`: it is kept as it is.
pub(super) fn target(name: &str) -> Option<Target> {
    TARGETS.iter().find(|(names, _)| names.contains(&name)).map(|(_, target)| *target)
}

/// Classes of people, in lower case.
const PEOPLE: &[&str] = &[
    "person",
    "organizationalperson",
    "inetorgperson",
    "residentialperson",
    "newpilotperson",
    "pilotperson",
    "mozillaabpersonalpha",
    "mozillaabpersonobsolete",
    "mozillaorgperson",
    "evolutionperson",
    "officeperson",
    "contact",
    "user",
];

/// Classes of other things, in lower case, as far as they come with an address or a number of their own.
const OTHERS: &[&str] = &[
    "groupofnames",
    "groupofuniquenames",
    "groupofurls",
    "groupofmembers",
    "group",
    "posixgroup",
    "rfc822mailgroup",
    "mailgroup",
    "nismailalias",
    "mozillaablist",
    "organization",
    "organizationalunit",
    "organizationalrole",
    "applicationprocess",
    "computer",
    "device",
    "room",
    "domain",
    "locality",
    "country",
];

/// Whether the class, given in lower case, is one of people.
pub(super) fn is_person_class(class: &str) -> bool {
    PEOPLE.contains(&class)
}

/// Whether the class, given in lower case, is one of groups, units or things.
pub(super) fn is_other_class(class: &str) -> bool {
    OTHERS.contains(&class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_attribute_is_named_twice_and_all_are_in_lower_case() {
        let names: Vec<&str> = TARGETS.iter().flat_map(|(names, _)| names.iter().copied()).collect();
        let unique: std::collections::BTreeSet<&str> = names.iter().copied().collect();
        assert_eq!(unique.len(), names.len());
        assert!(names.iter().chain(PEOPLE).chain(OTHERS).all(|name| name.to_lowercase() == **name));
        assert!(PEOPLE.iter().all(|class| !OTHERS.contains(class)));
    }
}
