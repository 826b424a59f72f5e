use super::super::sample::rejected;
use super::*;

fn fed(limit: usize, count: u64) -> Rows {
    let mut rows = Rows::with_limit(limit);
    for position in 1..=count {
        let email = format!("Name{position}@Firm{}.example", position % 7);
        rows.push(&Row { position, email: &email, source: "form", ..Row::default() });
    }
    rows
}

#[test]
fn a_row_is_small_and_comes_back() {
    assert!(size_of::<Held>() <= 128, "{}", size_of::<Held>());
    let rows = fed(10_000, 3);
    let row = rows.get(1).unwrap();
    assert_eq!((row.written(), row.local(), row.domain()), ("Name2@Firm2.example", "name2", "firm2.example"));
    assert_eq!((row.source(), row.position(), row.opted_in_s()), ("form", 2, None));
    assert_eq!((rows.at_position(3), rows.at_position(4)), (Some(2), None));
    assert_eq!(rows.distinct_addresses(), 3);
}

#[test]
fn a_long_list_is_thinned_to_whole_blocks() {
    let rows = fed(4_000, 10_000);
    assert_eq!((rows.seen(), rows.len()), (10_000, 3_000));
    let blocks: Vec<u64> = rows.iter().map(|row| (row.position() - 1) / Rows::BLOCK).step_by(1_000).collect();
    assert_eq!(blocks, [0, 4, 8]);
    let row = rows.get(1_000).unwrap();
    assert_eq!((row.written(), row.local()), ("Name4001@Firm4.example", "name4001"));
    assert_eq!(rows.digest(), fed(10_000, 10_000).digest(), "the digest is of the whole list");
}

#[test]
fn what_is_no_address_is_held_as_none() {
    let mut rows = Rows::new();
    rows.push(&Row { position: 1, email: "nobody", ..Row::default() });
    rows.push_rejected(&rejected(b"jean[at]firm.example,Jean"));
    let row = rows.get(0).unwrap();
    assert_eq!((row.written(), row.local(), row.domain_id()), ("nobody", "", 0));
    assert_eq!((rows.rejected(), rows.rejected_with_marks()), (1, 1));
}

#[test]
fn domains_are_counted_in_their_normal_form() {
    let mut rows = Rows::new();
    for (position, email) in (1..).zip(["a@Firm.example", "b@firm.example", "c@other.example", "nobody", "also nobody"])
    {
        rows.push(&Row { position, email, ..Row::default() });
    }
    assert_eq!(rows.domains_with(2), ["firm.example"]);
    assert_eq!(rows.domains_with(1), ["firm.example", "other.example"]);
    assert!(rows.domains_with(3).is_empty());
}
