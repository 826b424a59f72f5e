//! I1: network addresses from which nobody can sign up: multicast, reserved, loopback, unspecified (RFC 6890).
//!
//! Ranges for documentation, shared and private use are left out: logs behind a proxy have them.

use std::net::IpAddr;

use super::super::finding::Finding;
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let (mut hits, mut with) = (Hits::default(), 0);
    for row in unit.rows() {
        let Some(ip) = row.ip() else { continue };
        with += 1;
        hits.add_if(is_impossible(ip), &row);
    }
    if with == 0 {
        return Finding::NotJudged("no row has a network address");
    }
    Finding::share(hits, with, "have a network address that is reserved, multicast or no place on the internet")
}

fn is_impossible(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => matches!(ip.octets(), [0 | 127 | 224..=255, ..]),
        IpAddr::V6(ip) => ip.is_multicast() || ip.is_loopback() || ip.is_unspecified(),
    }
}
