//! Files in the shape of real exports, with invented people on reserved domains: mapping, contacts and claims as snapshots.

use super::super::CsvOptions;
use super::{read, shown};

macro_rules! corpus {
    ($($test:ident: $file:literal,)+) => {
        $(#[test]
        fn $test() {
            let bytes = include_bytes!(concat!("../../../../corpus/csv/", $file));
            let options = CsvOptions { file_name: Some($file.to_owned()), ..CsvOptions::default() };
            let given = read(bytes, &options);
            assert!(given.contacts.iter().all(|contact| {
                let text = contact.card.to_text();
                carnet_core::model::Card::parse(text).unwrap().value() == contact.card.value()
            }));
            insta::assert_snapshot!($file, shown(&given));
        })+
    };
}

corpus! {
    aweber: "aweber.csv",
    autoresponder: "autoresponder.csv",
    brevo: "brevo.csv",
    google_new: "google-2023.csv",
    google_old: "google-2015.csv",
    hubspot: "hubspot.csv",
    hubspot_suppressions: "hubspot-suppressions.csv",
    listmonk: "listmonk.csv",
    mailchimp_subscribed: "subscribed_members_mailchimp.csv",
    mailchimp_unsubscribed: "unsubscribed_members_mailchimp.csv",
    mailchimp_cleaned: "cleaned_members_mailchimp.csv",
    mailjet: "mailjet.csv",
    mautic: "mautic.csv",
    omnisend: "omnisend.csv",
    outlook: "outlook.csv",
    outlook_french: "outlook-fr.csv",
    outlook_german: "outlook-de.csv",
    french_shop: "boutique.csv",
    german_club: "verein.csv",
    plain_addresses: "addresses.txt",
    damaged: "damaged.csv",
}
