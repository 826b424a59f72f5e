//! The system's random source, the only one that keys, nonces and salts come from.

/// Fills an array with random bytes.
///
/// Ends the process when the operating system has none to give: no key or nonce made without it would be safe, and
/// nothing that a caller could do instead would be.
#[expect(clippy::expect_used, reason = "without entropy nothing safe can follow")]
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
