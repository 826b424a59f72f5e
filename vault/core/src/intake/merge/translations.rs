//! What a card says in other languages (`localizations`, RFC 9553 section 2.7.1): pointers into the card, each with a value.

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::{Merged, Merging, OWN, members, object_of};
use crate::model::{Card, CardError, Country};

/// The member.
pub(super) const MEMBER: &str = "localizations";

/// Adds translations of what both cards have alike. Others are about something else, and are counted once a language.
pub(super) fn merge(merged: &Card, incoming: &Card, region: Option<Country>) -> Result<Merged, CardError> {
    let mut merging = Merging::of(merged, incoming, region)?;
    let theirs = members(incoming.to_text())?.into_iter().find(|(name, _)| name == MEMBER);
    let Some((_, theirs)) = theirs.filter(|(_, raw)| raw.get().starts_with('{')) else { return merging.finish() };
    let none = Map::new();
    let ours = merged.value().get(MEMBER);
    let languages = match ours {
        None => &none,
        Some(Value::Object(languages)) => languages,
        Some(_) => return merging.finish(),
    };
    let our_raw = merging.ours.get(MEMBER).copied();
    let our_patches = our_raw.map_or_else(|| Ok(Vec::new()), |raw| members(raw.get()))?;
    let mut new = Vec::new();
    for (language, patch) in members(theirs.get())?.into_iter().filter(|(_, patch)| patch.get().starts_with('{')) {
        let place = our_patches.iter().find(|(known, _)| *known == language).map(|(_, raw)| *raw);
        let fitting = merging.fitting(languages.get(&language), patch)?;
        match place {
            Some(place) if place.get().starts_with('{') => {
                fitting.iter().for_each(|(pointer, raw)| merging.insertions.add(place.get(), pointer, raw.get()));
            }
            Some(_) => {}
            None if fitting.is_empty() => {}
            None => new.push((language, object_of(fitting.iter().map(|(name, raw)| (name.as_str(), raw.get()))))),
        }
    }
    match our_raw {
        Some(raw) => new.iter().for_each(|(language, patch)| merging.insertions.add(raw.get(), language, patch)),
        None if new.is_empty() => {}
        None => {
            let whole = object_of(new.iter().map(|(language, patch)| (language.as_str(), patch.as_str())));
            merging.insertions.add(merged.to_text(), MEMBER, &whole);
        }
    }
    merging.finish()
}

impl Merging<'_> {
    /// The pointers of one language that can be added. Counts one if there are others.
    fn fitting<'r>(
        &mut self,
        ours: Option<&Value>,
        patch: &'r RawValue,
    ) -> Result<Vec<(String, &'r RawValue)>, CardError> {
        let none = Map::new();
        let ours = ours.and_then(Value::as_object).unwrap_or(&none);
        let mut fitting: Vec<(String, &RawValue)> = Vec::new();
        let mut left_out = false;
        for (pointer, raw) in members(patch.get())? {
            if let Some(known) = ours.get(&pointer) {
                left_out |= serde_json::from_str::<Value>(raw.get()).is_ok_and(|value| value != *known);
            } else if self.is_alike(&pointer)
                && !ours.keys().chain(fitting.iter().map(|(known, _)| known)).any(|known| overlap(known, &pointer))
            {
                fitting.push((pointer, raw));
            } else {
                left_out = true;
            }
        }
        self.differing += u32::from(left_out);
        Ok(fitting)
    }

    /// Whether both cards have the member alike into which a pointer leads.
    fn is_alike(&self, pointer: &str) -> bool {
        let member = pointer.split('/').next().unwrap_or_default().replace("~1", "/").replace("~0", "~");
        let ours = self.existing.value().get(&member);
        !OWN.contains(&member.as_str()) && ours.is_some() && ours == self.incoming.value().get(&member)
    }
}

/// Whether one pointer leads into what the other replaces (forbidden by section 1.4.6).
fn overlap(one: &str, other: &str) -> bool {
    let within = |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('/'));
    one == other || within(one, other) || within(other, one)
}
