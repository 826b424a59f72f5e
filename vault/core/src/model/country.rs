//! Countries by their code of ISO 3166-1 alpha-2.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A country that ISO 3166-1 has assigned a code to, such as `FR`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

/// The text is not the code of a country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not a country; expected a two-letter code of ISO 3166-1, such as FR or DE (the United Kingdom is GB, Greece is GR)"
)]
pub struct CountryError;

impl Country {
    /// The two capital letters.
    pub fn as_str(&self) -> &str {
        // The bytes come from the table below, so they are ASCII letters.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Country {
    type Err = CountryError;

    fn from_str(text: &str) -> Result<Self, CountryError> {
        let bytes: [u8; 2] = text.as_bytes().try_into().map_err(|_| CountryError)?;
        let code = bytes.map(|byte| byte.to_ascii_uppercase());
        let assigned = ASSIGNED.as_bytes().chunks_exact(3).any(|entry| entry.starts_with(&code));
        if assigned { Ok(Self(code)) } else { Err(CountryError) }
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Country({})", self.as_str())
    }
}

impl Serialize for Country {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Country {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The 249 officially assigned codes, each followed by a space.
const ASSIGNED: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR \
    BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET \
    FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ \
    IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML \
    MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS \
    PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL \
    TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW ";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_assigned_code_is_read_and_there_are_249_in_order() {
        let codes: Vec<&str> = ASSIGNED.split_whitespace().collect();
        assert_eq!(codes.len(), 249);
        assert!(codes.is_sorted());
        assert!(codes.iter().all(|code| code.parse::<Country>().unwrap().as_str() == *code));
    }

    #[test]
    fn small_letters_are_taken_and_unassigned_codes_are_not() {
        assert_eq!("fr".parse::<Country>().unwrap().as_str(), "FR");
        for text in ["", "F", "FRA", "UK", "EL", "EU", "ZZ", "D ", " F", "é"] {
            assert!(text.parse::<Country>().is_err(), "{text:?} was accepted");
        }
    }
}
