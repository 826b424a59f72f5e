//! The three vCards in use.

/// A version of vCard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// vCard 2.1 (versit, 1996): read, never written.
    V2_1,
    /// vCard 3.0 (RFC 2426): what most servers still exchange.
    V3,
    /// vCard 4.0 (RFC 6350).
    V4,
}

impl Version {
    /// What a `VERSION` line says. An unknown or missing number is read as 3.0, which has the widest rules.
    pub(super) fn of_value(value: &[u8]) -> Self {
        match value.trim_ascii() {
            b"2.1" => Self::V2_1,
            b"4.0" => Self::V4,
            _ => Self::V3,
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::V2_1 => "2.1",
            Self::V3 => "3.0",
            Self::V4 => "4.0",
        }
    }
}
