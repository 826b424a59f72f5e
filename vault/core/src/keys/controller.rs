//! All keys of one controller, loaded and ready.

use super::contact::{ContactKey, Salt};
use super::master::MasterKey;
use super::root::KeyError;
use super::sealed::{OpenError, Sealed};
use super::tags::{IndexKey, SuppressionKey};
use crate::model::{ContactId, ControllerId};

/// A controller's key ring: all generations of its master key, and two tag keys.
#[derive(Debug)]
pub struct ControllerKeys {
    current: MasterKey,
    /// Newest first.
    earlier: Vec<MasterKey>,
    index: IndexKey,
    suppression: SuppressionKey,
}

impl ControllerKeys {
    /// A ring of these keys, given in any order.
    ///
    /// # Errors
    /// [`KeyError::Ring`] if there is no master, if two have the same generation, or if a key is another controller's.
    pub fn new(mut masters: Vec<MasterKey>, index: IndexKey, suppression: SuppressionKey) -> Result<Self, KeyError> {
        let ring = |reason| KeyError::Ring { reason };
        masters.sort_by_key(MasterKey::generation);
        let current = masters.pop().ok_or_else(|| ring("there is none"))?;
        masters.reverse();
        let controller = current.controller();
        if masters.iter().any(|master| master.controller() != controller)
            || index.controller() != controller
            || suppression.controller() != controller
        {
            return Err(ring("one is another controller's"));
        }
        let generations: Vec<u32> = std::iter::once(&current).chain(&masters).map(MasterKey::generation).collect();
        if generations.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(ring("two have the same generation"));
        }
        Ok(Self { current, earlier: masters, index, suppression })
    }

    /// The controller whose keys these are.
    pub const fn controller(&self) -> ControllerId {
        self.current.controller()
    }

    /// The newest master key: the one to seal with.
    pub const fn current(&self) -> &MasterKey {
        &self.current
    }

    /// All master keys, newest first.
    pub fn masters(&self) -> impl Iterator<Item = &MasterKey> {
        std::iter::once(&self.current).chain(&self.earlier)
    }

    /// The master key of this generation, if it is still kept.
    pub fn by_generation(&self, generation: u32) -> Option<&MasterKey> {
        self.masters().find(|master| master.generation() == generation)
    }

    /// The master key that can open `sealed`.
    ///
    /// # Errors
    /// [`OpenError::WrongGeneration`] if its generation is not in the ring.
    pub fn master_for(&self, sealed: &Sealed) -> Result<&MasterKey, OpenError> {
        let generation = sealed.generation();
        self.by_generation(generation).ok_or(OpenError::WrongGeneration { sealed: generation })
    }

    /// The contact's key of the generation that sealed `sealed`.
    ///
    /// # Errors
    /// As [`ControllerKeys::master_for`].
    pub fn contact_key_for(&self, sealed: &Sealed, contact: ContactId, salt: &Salt) -> Result<ContactKey, OpenError> {
        Ok(self.master_for(sealed)?.contact_key(contact, salt))
    }

    /// The key of look-up tags.
    pub const fn index(&self) -> &IndexKey {
        &self.index
    }

    /// The key of suppression tags.
    pub const fn suppression(&self) -> &SuppressionKey {
        &self.suppression
    }
}
