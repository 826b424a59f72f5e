//! Where a sealed value stands, so that it opens nowhere else.

use crate::model::{
    AccountId, CheckId, ConsentEventId, ContactId, ControllerId, DecisionId, EntryId, ExportId, ImportId, ListId,
    ProvenanceId, PurposeId, RecipientId, ReleaseId, SiteId, VaultId,
};

/// Who a sealed value belongs to: one controller, or the vault as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Of one controller.
    Controller(ControllerId),
    /// Of the vault, above all controllers.
    Vault(VaultId),
}

impl From<ControllerId> for Scope {
    fn from(id: ControllerId) -> Self {
        Self::Controller(id)
    }
}

impl From<VaultId> for Scope {
    fn from(id: VaultId) -> Self {
        Self::Vault(id)
    }
}

/// The row that owns a sealed value, by the 16 bytes of its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner([u8; 16]);

impl From<[u8; 16]> for Owner {
    fn from(id: [u8; 16]) -> Self {
        Self(id)
    }
}

macro_rules! owners {
    ($($id:ident),+ $(,)?) => {$(
        impl From<$id> for Owner {
            fn from(id: $id) -> Self {
                Self(*id.as_bytes())
            }
        }
    )+};
}

owners!(
    AccountId,
    CheckId,
    ConsentEventId,
    ContactId,
    ControllerId,
    DecisionId,
    EntryId,
    ExportId,
    ListId,
    ImportId,
    ProvenanceId,
    PurposeId,
    RecipientId,
    ReleaseId,
    SiteId,
    VaultId
);

/// The place of one sealed value: whose it is, its table, row and column.
///
/// Goes into the associated data of the seal. A value that is moved elsewhere, or whose clear neighbours in
/// [`Place::bound`] were changed, does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Controller or vault.
    pub scope: Scope,
    /// The row: the contact, or what else has the value, such as a consent event.
    pub owner: Owner,
    /// The table's name in the schema.
    pub table: &'a str,
    /// The column's name in the schema.
    pub column: &'a str,
    /// Clear columns of the row that must not change unnoticed, always in one order.
    pub bound: &'a [&'a [u8]],
}

impl<'a> Place<'a> {
    /// A place with no bound columns.
    pub fn new(scope: impl Into<Scope>, owner: impl Into<Owner>, table: &'a str, column: &'a str) -> Self {
        Self { scope: scope.into(), owner: owner.into(), table, column, bound: &[] }
    }

    /// The same place, also vouching for these clear columns.
    #[must_use]
    pub const fn bound_to(self, bound: &'a [&'a [u8]]) -> Self {
        Self { bound, ..self }
    }

    /// The associated data: `header`, then this place.
    ///
    /// So encoded that two places never give the same bytes: ids have a fixed length; all else is preceded by its
    /// length, 8 bytes big-endian.
    pub(super) fn associated_data(&self, header: &[u8]) -> Vec<u8> {
        let parts = [self.table.as_bytes(), self.column.as_bytes()];
        let parts = || parts.iter().chain(self.bound);
        let (kind, scope) = match &self.scope {
            Scope::Controller(id) => (1, id.as_bytes()),
            Scope::Vault(id) => (2, id.as_bytes()),
        };
        let mut data = Vec::with_capacity(header.len() + 33 + parts().map(|part| 8 + part.len()).sum::<usize>());
        data.extend_from_slice(header);
        data.push(kind);
        data.extend_from_slice(scope);
        data.extend_from_slice(&self.owner.0);
        for part in parts() {
            data.extend_from_slice(&(part.len() as u64).to_be_bytes());
            data.extend_from_slice(part);
        }
        data
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    type Described = (bool, u8, u8, String, String, Vec<Vec<u8>>);

    fn encoded((of_vault, scope, owner, table, column, bound): &Described) -> Vec<u8> {
        let bound: Vec<&[u8]> = bound.iter().map(Vec::as_slice).collect();
        let id = [*scope; 16];
        let scope = if *of_vault { VaultId::from_bytes(id).into() } else { Scope::from(ControllerId::from_bytes(id)) };
        Place { scope, owner: [*owner; 16].into(), table, column, bound: &bound }.associated_data(&[1])
    }

    fn described() -> impl Strategy<Value = Described> {
        (any::<bool>(), 0..2_u8, 0..2_u8, "[ab]{0,2}", "[ab]{0,2}", vec(vec(0..2_u8, 0..3), 0..3))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn two_places_have_the_same_encoding_only_if_they_are_the_same(a in described(), b in described()) {
            prop_assert_eq!(a == b, encoded(&a) == encoded(&b));
        }
    }

    #[test]
    fn a_byte_moved_from_one_name_to_the_next_changes_the_encoding() {
        let controller = ControllerId::from_bytes([1; 16]);
        let place = |table, column| Place::new(controller, [2; 16], table, column).associated_data(&[]);
        assert_ne!(place("contact", "scard"), place("contacts", "card"));
        let bound = |bound: &[&[u8]]| Place::new(controller, [2; 16], "t", "c").bound_to(bound).associated_data(&[]);
        assert_ne!(bound(&[b"ab", b"c"]), bound(&[b"a", b"bc"]));
        assert_ne!(bound(&[]), bound(&[b""]));
    }
}
