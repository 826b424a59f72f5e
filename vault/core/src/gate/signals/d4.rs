//! D4: whether the kinds of domains are those that the vault's lists of the same claim have. Context alone.

use super::super::finding::{Finding, Found, Measured};
use super::super::held::View;
use super::super::knowledge::Knowledge;
use super::super::memory::DomainMix;
use super::super::rows::Rows;
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
fn mix_of<'r>(context: &Context<'_>, rows: impl Iterator<Item = View<'r>>) -> DomainMix {
    mix(rows.filter(|row| row.domain_id() != 0).map(|row| (row.domain(), context.is_free(&row))))
}

impl DomainMix {
    /// The kinds of domains of a list.
    pub fn of(rows: &Rows, knowledge: &Knowledge) -> Self {
        let with_domain = rows.iter().filter(|row| row.domain_id() != 0);
        mix(with_domain.map(|row| (row.domain(), Knowledge::has(&knowledge.free, row.domain()))))
    }

    /// The mean of several; `None` of none.
    pub fn mean(mixes: &[Self]) -> Option<Self> {
        let number = float(u64::try_from(mixes.len()).ok().filter(|number| *number > 0)?);
        let mean = |share: fn(&Self) -> f64| mixes.iter().map(share).sum::<f64>() / number;
        Some(Self {
            free: mean(|mix| mix.free),
            business: mean(|mix| mix.business),
            school: mean(|mix| mix.school),
            public: mean(|mix| mix.public),
        })
    }
}

/// Shares of the kinds, of domains each with whether it is of a mailbox provider.
fn mix<'d>(domains: impl Iterator<Item = (&'d str, bool)>) -> DomainMix {
    let mut counts = [0_u64; 4];
    for (domain, is_free) in domains {
        let kind = match domain {
            _ if is_free => 0,
            domain if is_school(domain) => 2,
            domain if is_public(domain) => 3,
            _ => 1,
        };
        counts.iter_mut().skip(kind).take(1).for_each(|count| *count += 1);
    }
    let [free, business, school, public] = counts;
    let all = counts.iter().sum();
    let of = |count| share(count, all);
    DomainMix { free: of(free), business: of(business), school: of(school), public: of(public) }
}

fn is_school(domain: &str) -> bool {
    const PARTS: [&str; 12] = [
        "edu",
        "ac",
        "univ",
        "uni",
        "ecole",
        "lycee",
        "college",
        "schule",
        "hochschule",
        "scuola",
        "escuela",
        "academie",
    ];
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
