//! D4: whether the kinds of domains are those that the vault's lists of the same claim have. Context alone.

use super::super::finding::{Finding, Found, Measured};
use super::super::memory::DomainMix;
use super::super::stats::{float, jensen_shannon, share};
use super::super::unit::{Context, Hits, Unit};

/// Rows below which a mixture says nothing.
const LEAST: u64 = 100;

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let Some(peers) = unit.context.memory.peers else {
        return Finding::NotJudged("the vault has no lists of this kind to compare with");
    };
    if unit.len() < LEAST {
        return Finding::NotJudged("too few rows to tell a mixture");
    }
    let mix = mix_of(unit.context, unit.rows());
    let as_array = |mix: DomainMix| [mix.free, mix.business, mix.school, mix.public];
    let distance = jensen_shannon(&as_array(mix), &as_array(peers));
    // By chance, two samples of four kinds differ by about the root of kinds over rows.
    let bound = (distance - (4.0 / float(unit.len())).sqrt() / 2.0).max(0.0);
    let sentence = format!(
        "{:.0} % of the rows are at mailbox providers and {:.0} % at firms; in lists of this kind {:.0} % and {:.0} %.",
        mix.free * 100.0,
        mix.business * 100.0,
        peers.free * 100.0,
        peers.business * 100.0
    );
    let measured = Measured::Number { value: distance, bound };
    Finding::Found(Found { measured, hits: Hits::default(), sentence, points_at_least: 0, peers: None })
}

/// The kinds of domains of some rows.
pub(in super::super) fn mix_of<'r>(
    context: &Context<'_>,
    rows: impl Iterator<Item = super::super::rows::View<'r>>,
) -> DomainMix {
    let mut counts = [0_u64; 4];
    for row in rows.filter(|row| row.domain_id() != 0) {
        let domain = row.domain();
        let kind = if context.is_free(&row) {
            0
        } else if is_school(domain) {
            2
        } else if is_public(domain) {
            3
        } else {
            1
        };
        counts.iter_mut().skip(kind).take(1).for_each(|count| *count += 1);
    }
    let [free, business, school, public] = counts;
    let all = free + business + school + public;
    DomainMix { free: share(free, all), business: share(business, all), school: share(school, all), public: share(public, all) }
}

fn is_school(domain: &str) -> bool {
    const PARTS: [&str; 12] =
        ["edu", "ac", "univ", "uni", "ecole", "lycee", "college", "schule", "hochschule", "scuola", "escuela", "academie"];
    labels(domain).any(|label| PARTS.contains(&label))
}

fn is_public(domain: &str) -> bool {
    const PARTS: [&str; 11] =
        ["gouv", "gov", "mairie", "ville", "stadt", "gemeinde", "bund", "comune", "regione", "ayuntamiento", "europa"];
    labels(domain).any(|label| PARTS.contains(&label))
}

/// The words of a domain, its last label left out unless it is one of the two that say something.
fn labels(domain: &str) -> impl Iterator<Item = &str> {
    domain.split(['.', '-'])
}
