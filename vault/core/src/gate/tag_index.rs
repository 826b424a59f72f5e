//! Tags of one list, to be met by millions of others: which of its rows has this tag?

use crate::keys::Tag;

/// Tags that share a slot of the directory, on average.
const PER_SLOT: usize = 4;

/// Tags with the rows that have them. Tags are uniform, so that their first bits say where they stand: a look-up costs one or two
/// cache misses, whatever the number. About 25 bytes for each.
pub struct TagIndex {
    /// Sorted by tag, then row.
    entries: Vec<(Tag, u32)>,
    /// Where the entries of each slot begin, and after the last of them where they end.
    slots: Vec<u32>,
    /// How many of the first 32 bits are left over.
    shift: u32,
}

impl TagIndex {
    /// An index of these tags and rows, in any order. Rows are numbered by the caller; past the 4,294,967,295th entry none is held.
    pub fn new(mut entries: Vec<(Tag, u32)>) -> Self {
        entries.truncate(usize::try_from(u32::MAX).unwrap_or(usize::MAX));
        entries.sort_unstable();
        entries.dedup();
        let bits = (entries.len() / PER_SLOT).max(2).ilog2().min(26);
        let shift = 32 - bits;
        let mut slots = Vec::with_capacity((1 << bits) + 1);
        slots.push(0);
        let mut end = 0;
        for slot in 0..1_u32 << bits {
            end += entries.iter().skip(end).take_while(|(tag, _)| slot_of(tag, shift) == slot).count();
            slots.push(u32::try_from(end).unwrap_or(u32::MAX));
        }
        Self { entries, slots, shift }
    }

    /// The rows that have this tag, in their order.
    pub fn rows(&self, tag: &Tag) -> impl Iterator<Item = u32> + '_ {
        let slot = usize::try_from(slot_of(tag, self.shift)).unwrap_or(usize::MAX);
        let bounds = self.slots.get(slot..).and_then(|slots| slots.first_chunk::<2>()).copied().unwrap_or_default();
        let [start, end] = bounds.map(|bound| usize::try_from(bound).unwrap_or(usize::MAX));
        let tag = *tag;
        let here = self.entries.get(start..end).unwrap_or_default().iter();
        here.skip_while(move |(one, _)| *one < tag).take_while(move |(one, _)| *one == tag).map(|(_, row)| *row)
    }

    /// The tags, sorted, each once.
    pub fn tags(&self) -> Vec<Tag> {
        let mut tags: Vec<Tag> = self.entries.iter().map(|(tag, _)| *tag).collect();
        tags.dedup();
        tags
    }

    /// How many pairs of tag and row there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// The first bits of a tag, as a number.
fn slot_of(tag: &Tag, shift: u32) -> u32 {
    let [one, two, three, four, ..] = *tag.as_bytes();
    u32::from_be_bytes([one, two, three, four]).checked_shr(shift).unwrap_or_default()
}

impl std::fmt::Debug for TagIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TagIndex({} tags)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn tag(bytes: [u8; 3]) -> Tag {
        let mut all = [0; 16];
        all.iter_mut().zip(bytes).for_each(|(place, byte)| *place = byte);
        Tag::from_bytes(all)
    }

    proptest! {
        #[test]
        fn it_answers_like_a_map(
            entries in proptest::collection::vec((any::<[u8; 3]>(), 0_u32..50), 0..400), others in proptest::collection::vec(any::<[u8; 3]>(), 0..50)
        ) {
            let mut known: BTreeMap<Tag, Vec<u32>> = BTreeMap::new();
            for (bytes, row) in &entries {
                known.entry(tag(*bytes)).or_default().push(*row);
            }
            let index = TagIndex::new(entries.iter().map(|(bytes, row)| (tag(*bytes), *row)).collect());
            for bytes in entries.iter().map(|(bytes, _)| bytes).chain(&others) {
                let mut expected = known.get(&tag(*bytes)).cloned().unwrap_or_default();
                expected.sort_unstable();
                expected.dedup();
                prop_assert_eq!(index.rows(&tag(*bytes)).collect::<Vec<_>>(), expected);
            }
            prop_assert_eq!(index.tags(), known.into_keys().collect::<Vec<_>>());
        }
    }

    #[test]
    fn the_first_and_the_last_tag_there_can_be_are_found() {
        let ends = [[0; 16], [0xff; 16]].map(Tag::from_bytes);
        let many = (0..5_000_u32).map(|n| {
            (
                Tag::from_bytes(u128::from(n).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835).to_be_bytes()),
                n + 2,
            )
        });
        let index = TagIndex::new(many.chain(ends.into_iter().zip([5_002, 5_003])).collect());
        assert_eq!(index.rows(&Tag::from_bytes([0xff; 16])).collect::<Vec<_>>(), [5_003]);
        assert_eq!(index.rows(&Tag::from_bytes([0; 16])).collect::<Vec<_>>(), [2, 5_002]);
        assert!(TagIndex::new(Vec::new()).rows(&Tag::from_bytes([7; 16])).next().is_none());
    }
}
