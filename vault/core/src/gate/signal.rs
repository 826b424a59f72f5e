//! The names of the signals, their families, and what each of them measures.

use serde::{Deserialize, Serialize};

use crate::model::text_enum::text_enum;

text_enum! {
    /// A measured reason to trust or distrust a list.
    #[derive(Serialize, Deserialize)]
    SignalId, "a signal" {
        /// Proof is missing.
        P1 = "P1",
        /// Consent says yes and nothing else.
        P2 = "P2",
        /// One second of many sign-ups.
        T1 = "T1",
        /// Sign-ups at night.
        T2 = "T2",
        /// Late confirmations.
        T3 = "T3",
        /// Impossible times.
        T4 = "T4",
        /// Impossible network addresses.
        I1 = "I1",
        /// Network addresses that are not people's.
        I2 = "I2",
        /// Addresses against the firm's pattern.
        N1 = "N1",
        /// Several guesses at one person.
        N2 = "N2",
        /// Firms with several patterns.
        N3 = "N3",
        /// Posts in place of people.
        R1 = "R1",
        /// Marks of a copy from web pages.
        R2 = "R2",
        /// Names missing.
        R3 = "R3",
        /// Domains that take no mail.
        D1 = "D1",
        /// Throw-away mailboxes.
        D2 = "D2",
        /// Mistyped providers.
        D3 = "D3",
        /// Kinds of domains.
        D4 = "D4",
        /// Block lists.
        D5 = "D5",
        /// Alphabetical order.
        O1 = "O1",
        /// Written by somebody else.
        O2 = "O2",
        /// Old and silent.
        A1 = "A1",
        /// Never opened.
        A2 = "A2",
        /// Suppressions and objections.
        S1 = "S1",
        /// Own traps.
        C1 = "C1",
        /// Recycled traps.
        C2 = "C2",
        /// Canaries.
        C3 = "C3",
        /// Addresses made for others.
        C4 = "C4",
        /// A known list.
        V1 = "V1",
        /// Condemned lists.
        V2 = "V2",
        /// Copied errors.
        V3 = "V3",
        /// Copied spelling.
        V4 = "V4",
        /// Foreign body.
        V5 = "V5",
        /// Copied order.
        V6 = "V6",
        /// One source is another's list.
        V7 = "V7",
        /// Copied proof.
        V8 = "V8",
    }
}

text_enum! {
    /// What a signal measures, and so what its thresholds are.
    Measure, "a measure" {
        /// A share, 0 to 1, of which the lower bound counts.
        Share = "share",
        /// A number of rows, of minutes, of traits.
        Number = "number",
    }
}

impl SignalId {
    /// The letter of its family: signals of one family tell of one cause, so that only the strongest counts.
    pub fn family(self) -> char {
        self.as_str().chars().next().unwrap_or('?')
    }

    /// What it measures.
    pub const fn measure(self) -> Measure {
        match self {
            Self::T3 | Self::T4 | Self::O2 | Self::C1 | Self::C3 | Self::C4 => Measure::Number,
            _ => Measure::Share,
        }
    }

    /// Whether only compliance may see the rows: an owner who knew them would clean the next file with our help.
    pub const fn is_for_compliance_alone(self) -> bool {
        matches!(self, Self::C1 | Self::C2 | Self::C3 | Self::V2)
    }

    /// Whether it compares the list with another one of the vault.
    pub(super) const fn is_of_pair(self) -> bool {
        matches!(self, Self::V1 | Self::V3 | Self::V4 | Self::V5 | Self::V6 | Self::V7 | Self::V8)
    }

    /// The settings that its entry in the policy has beside the thresholds.
    pub(super) const fn settings(self) -> &'static [&'static str] {
        match self {
            Self::T2 => &["first_hour", "last_hour"],
            Self::T3 => &["clock_skew_s", "impossible_least", "impossible_points", "impossible_share"],
            Self::T4 => &["active_share", "clock_skew_s"],
            Self::I2 => &[
                "few_least",
                "few_share",
                "hosting_share",
                "one_address_least",
                "one_address_share",
                "v6_beside",
                "without_v6",
                "without_v6_beside",
            ],
            Self::N1 => &["known"],
            Self::N3 => &["named_rows", "odd_share"],
            Self::D1 => &["rows_for_each_domain"],
            Self::O2 => &["largest_share", "least_share", "times_chance"],
            Self::A1 => &["untold", "years"],
            Self::V1 => &["rows"],
            Self::V2 => &["untold"],
            Self::V5 => &["apart", "apart_points", "concentration", "rows_for_each_firm"],
            Self::V7 => &["rest_at_most", "rows_for_each_firm"],
            _ => &[],
        }
    }
}
