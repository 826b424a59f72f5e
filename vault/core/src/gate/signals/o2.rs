//! O2: a smaller part of the list has another kind of proof, another spelling and other columns than the larger part.

use super::super::finding::Finding;
use super::super::segment::{Mask, Styles};
use super::super::signal::SignalId;
use super::super::stats::{count, float, share};
use super::super::unit::{Hits, Unit};

pub(super) fn judge(unit: &Unit<'_>) -> Finding {
    let Some(rule) = unit.rule(SignalId::O2) else { return Finding::NotJudged("it has no entry in the policy") };
    let (context, traits) = (unit.context, &unit.context.traits);
    let all = count(context.rows.len());
    let (Some(usual_mask), Some(usual_style)) = (traits.mask, traits.style) else {
        return Finding::NotJudged("there are no rows");
    };
    let largest = rule.setting("largest_share");
    if share(unit.len(), all) >= largest || share(traits.rows, all) < largest {
        return Finding::NotJudged("it is no smaller part beside a larger one");
    }
    if share(unit.len(), all) < rule.setting("least_share") {
        return Finding::NotJudged("it is too small a part of the list");
    }
    let mut styles = Styles::new(context.rows);
    let (mut other_mask, mut other_style, mut phone, mut firm, mut hits) = (0, 0, 0, 0, Hits::default());
    for row in unit.rows() {
        let style = styles.of(context.rows, &row);
        other_mask += u64::from(Mask::of(&row) != usual_mask);
        // Where a name is missing or has no case, nobody can say how it would be spelled.
        other_style += u64::from(style != usual_style && style.has_name() && usual_style.has_name());
        phone += u64::from(row.has_phone());
        firm += u64::from(row.organisation_id() != 0);
        hits.add(&row);
    }
    let mostly = |rows: u64| share(rows, unit.len()) > 0.9;
    let differs = |here: u64, usual: u64| (share(here, unit.len()) - share(usual, traits.rows)).abs() > 0.7;
    let found = [
        (mostly(other_mask), "kind of proof"),
        (mostly(other_style), "spelling of names"),
        (differs(phone, traits.with_phone) || differs(firm, traits.with_firm), "filled columns"),
    ];
    // In a large list somebody differs in both by chance: as often as those differ in one who do not differ in the other.
    let alone = |rows: u64| share(rows, rows + traits.rows);
    let by_chance = alone(traits.other_mask) * alone(traits.other_style) * float(all);
    let is_chance = float(unit.len()) < by_chance * rule.setting("times_chance");
    let [(mask, _), (style, _), (columns, _)] = found;
    if mask && style && !columns && is_chance {
        return Finding::NotJudged("so many rows differ in both kind of proof and spelling by chance");
    }
    let named: Vec<&str> = found.iter().filter(|(differs, _)| *differs).map(|(_, name)| *name).collect();
    let number = float(count(named.len()));
    let sentence = if named.is_empty() {
        "These rows are written like the larger part of the list.".to_owned()
    } else {
        format!("These {} rows differ from the larger part of the list in {}.", unit.len(), named.join(" and "))
    };
    Finding::number(number, number, hits, sentence)
}
