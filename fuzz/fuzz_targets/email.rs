//! Any text as an address: what is accepted is its own normal form, is masked when printed, and is searched for in that form.
#![no_main]

use carnet_core::intake::{normalise, suggested_domain};
use carnet_core::model::EmailAddress;
use carnet_fuzz::target;

target!(|text: &str| {
    if let Ok(address) = text.parse::<EmailAddress>() {
        let kept = address.as_str();
        assert_eq!(kept.parse::<EmailAddress>().expect("a normal form is an address").as_str(), kept);
        assert_eq!(kept, format!("{}@{}", address.local_part(), address.domain()));
        assert!(address.domain().is_ascii() && address.domain().contains('.') && kept.len() <= 254 * 4);
        assert!(!kept.contains(|c: char| c.is_control()), "a line can be broken by {kept:?}");
        assert_eq!(format!("{address}").matches('@').count(), 1 + usize::from(kept.starts_with('@')));
        assert_ne!(suggested_domain(address.domain()), Some(address.domain()));
    }
    if let Ok(address) = normalise::email(text) {
        assert_eq!(normalise::email(address.as_str()).expect("a normal form is an address"), address);
    }
});
