//! I2: the shape of the network addresses: people come by IPv6 too, not from hosting firms, and not all from one place.

use std::collections::BTreeMap;
use std::net::IpAddr;

use super::super::finding::Finding;
use super::super::signal::SignalId;
use super::super::stats::{count, share, wilson_low};
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let Some(rule) = unit.rule(SignalId::I2) else { return Finding::NotJudged("it has no entry in the policy") };
    let mut addresses: BTreeMap<IpAddr, u64> = BTreeMap::new();
    for ip in unit.rows().filter_map(|row| row.ip()) {
        *addresses.entry(ip.to_canonical()).or_default() += 1;
    }
    let rows: u64 = addresses.values().sum();
    if rows == 0 {
        return Finding::NotJudged("no row has a network address");
    }
    let v6 = addresses.keys().filter(|ip| ip.is_ipv6()).count();
    let v4 = count(addresses.len() - v6);
    let hosted: u64 = addresses.iter().filter(|(ip, _)| is_hosting(unit, **ip)).map(|(_, rows)| rows).sum();
    let fullest = addresses.iter().max_by_key(|(ip, rows)| (**rows, std::cmp::Reverse(**ip)));
    let z = unit.context.policy.segments().confidence_z;
    let above = |hits: u64, setting: &str| wilson_low(hits, rows, z) > rule.setting(setting);
    let beside = || v4 >= rule.count_setting("without_v6_beside") && rest_has_v6(unit, rule.setting("v6_beside"));
    let most = fullest.filter(|(_, rows)| **rows >= rule.count_setting("one_address_least"));
    let sentence = if v6 == 0 && (v4 >= rule.count_setting("without_v6") || beside()) {
        format!("{v4} different IPv4 addresses and no IPv6 one; of people's sign-ups about one in five comes by IPv6.")
    } else if above(hosted, "hosting_share") {
        format!("{hosted} of {rows} network addresses belong to hosting firms, where no people live.")
    } else if let Some((_, most)) = most.filter(|(_, most)| above(**most, "one_address_share") && !unit.is_event()) {
        format!("{most} of {rows} sign-ups came from one network address.")
    } else if rows >= rule.count_setting("few_least")
        && share(v4 + count(v6), rows) < rule.setting("few_share")
        && !unit.is_event()
    {
        format!("{rows} sign-ups came from {} network addresses.", v4 + count(v6))
    } else {
        let sentence = format!("{v4} different IPv4 and {v6} different IPv6 addresses; nothing about them is odd.");
        return Finding::number(0.0, 0.0, Hits::default(), sentence);
    };
    let mut hits = Hits::default();
    unit.rows().filter(|row| row.ip().is_some()).for_each(|row| hits.add(&row));
    Finding::number(1.0, 1.0, hits, sentence)
}

fn is_hosting(unit: &Unit<'_>, ip: IpAddr) -> bool {
    unit.context.knowledge.hosting.iter().any(|(first, last)| {
        first.is_ipv4() == ip.is_ipv4() && last.is_ipv4() == ip.is_ipv4() && (*first..=*last).contains(&ip)
    })
}

/// Whether the other rows of the list show that its forms can be reached by IPv6.
fn rest_has_v6(unit: &Unit<'_>, least_share: f64) -> bool {
    let (mut v6, mut all) = (0, 0);
    for ip in unit.context.rows.iter().filter_map(|row| row.ip()) {
        all += 1;
        v6 += u64::from(ip.to_canonical().is_ipv6());
    }
    // The unit's own rows have none, so that they only lower the share.
    v6 > 0 && share(v6, all) > least_share
}
