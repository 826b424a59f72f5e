//! Repeated texts kept once: names, firms, sources and domains of a list, each by a number.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;

use zeroize::Zeroize as _;

/// The number of a text; 0 is the empty one.
pub(super) type TextId = u32;

/// Texts by number. The numbers follow the order in which texts were first met, so that they depend on the list alone.
pub(super) struct Texts {
    all: String,
    /// Where each text ends.
    ends: Vec<usize>,
    /// Open addressing; 0 is a free place.
    table: Vec<TextId>,
    hasher: RandomState,
}

impl Default for Texts {
    fn default() -> Self {
        Self { all: String::new(), ends: vec![0], table: vec![0; 64], hasher: RandomState::new() }
    }
}

impl Texts {
    /// The number of this text, which it gets now if it has none. Past four thousand million texts all are one.
    pub(super) fn id(&mut self, text: &str) -> TextId {
        if text.is_empty() {
            return 0;
        }
        if self.ends.len() * 4 > self.table.len() * 3 {
            self.grow();
        }
        let place = self.place_of(text);
        match self.table.get(place).copied() {
            Some(0) => {}
            Some(known) => return known,
            None => return 0,
        }
        let id = TextId::try_from(self.ends.len()).unwrap_or_default();
        self.all.push_str(text);
        self.ends.push(self.all.len());
        self.table.iter_mut().skip(place).take(1).for_each(|free| *free = id);
        id
    }

    /// The number of a text that was met before.
    #[cfg(test)]
    pub(super) fn known(&self, text: &str) -> Option<TextId> {
        self.table.get(self.place_of(text)).copied().filter(|id| *id != 0)
    }

    /// The text of a number.
    pub(super) fn get(&self, id: TextId) -> &str {
        let Some(before) = usize::try_from(id).ok().and_then(|id| id.checked_sub(1)) else { return "" };
        match (self.ends.get(before), self.ends.get(before + 1)) {
            (Some(start), Some(end)) => self.all.get(*start..*end).unwrap_or_default(),
            _ => "",
        }
    }

    /// How many there are, the empty one included.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    fn place_of(&self, text: &str) -> usize {
        let mask = self.table.len() - 1;
        let mut place =
            usize::try_from(self.hasher.hash_one(text) & u64::try_from(mask).unwrap_or(u64::MAX)).unwrap_or(0);
        loop {
            match self.table.get(place) {
                Some(0) | None => return place,
                Some(id) if self.get(*id) == text => return place,
                Some(_) => place = (place + 1) & mask,
            }
        }
    }

    fn grow(&mut self) {
        self.table = vec![0; self.table.len() * 2];
        for id in 1..TextId::try_from(self.ends.len()).unwrap_or(TextId::MAX) {
            let place = self.place_of(self.get(id));
            self.table.iter_mut().skip(place).take(1).for_each(|free| *free = id);
        }
    }
}

impl Drop for Texts {
    fn drop(&mut self) {
        self.all.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_one_number_and_comes_back() {
        let mut texts = Texts::default();
        let ids: Vec<TextId> = (0..5_000).map(|number| texts.id(&format!("text {number}"))).collect();
        assert_eq!(ids, (1..=5_000).collect::<Vec<_>>());
        for (number, id) in ids.iter().enumerate() {
            assert_eq!(texts.id(&format!("text {number}")), *id);
            assert_eq!(texts.get(*id), format!("text {number}"));
        }
        assert_eq!((texts.id(""), texts.get(0), texts.known("never"), texts.get(9_999)), (0, "", None, ""));
    }
}
