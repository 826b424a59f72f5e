//! D1: domains that take no mail, if somebody has asked DNS. Of one firm at most three rows count, since one firm may close.

use std::collections::BTreeMap;

use super::super::finding::Finding;
use super::super::signal::SignalId;
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let Some(rule) = unit.rule(SignalId::D1) else { return Finding::NotJudged("it has no entry in the policy") };
    if unit.context.knowledge.dead.is_none() {
        return Finding::NotJudged("DNS was not asked");
    }
    let most = rule.count_setting("rows_for_each_domain");
    let mut of_firm: BTreeMap<u32, u64> = BTreeMap::new();
    let mut hits = Hits::default();
    for row in unit.rows().filter(|row| unit.context.is_dead(row)) {
        let counted = of_firm.entry(row.domain_id()).or_default();
        // A row that names an organisation is of a firm; mailbox providers that closed count in full.
        if row.organisation_id() == 0 || *counted < most {
            *counted += 1;
            hits.add(&row);
        }
    }
    Finding::share(hits, unit.len(), "are at a domain that takes no mail")
}
