//! Any text as a telephone number, read in any country: what is accepted is E.164, and its own normal form everywhere.
#![no_main]

use carnet_core::intake::normalise;
use carnet_core::model::{Country, PhoneNumber};
use carnet_fuzz::target;

const COUNTRIES: [&str; 8] = ["FR", "DE", "IT", "GB", "US", "BR", "AQ", "SM"];

target!(|given: (u8, &str)| {
    let (country, text) = given;
    let region: Option<Country> = COUNTRIES.get(usize::from(country) % 9).map(|code| code.parse().expect("a country"));
    if let Ok(number) = PhoneNumber::parse(text, region) {
        let digits = number.as_str().strip_prefix('+').expect("a number begins with +");
        assert!((7..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()), "{digits}");
        assert_eq!(PhoneNumber::parse(number.as_str(), region).as_ref(), Ok(&number));
        assert_eq!(PhoneNumber::parse(number.as_str(), None).as_ref(), Ok(&number));
        assert!(!number.to_string().contains(&digits[2..digits.len() - 2]));
    }
    if let Ok(number) = normalise::phone(text, region) {
        assert_eq!(normalise::phone(number.as_str(), region).as_ref(), Ok(&number));
    }
});
