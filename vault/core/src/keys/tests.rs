//! What holds for every key that seals, tried through the public face of the room.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::model::{ContactId, ControllerId, VaultId};

const CONTROLLER: ControllerId = ControllerId::from_bytes([1; 16]);
const CONTACT: ContactId = ContactId::from_bytes([2; 16]);
const BOUND: &[&[u8]] = &[b"newsletter", b"given"];

fn place() -> Place<'static> {
    Place::new(CONTROLLER, CONTACT, "contact", "card").bound_to(BOUND)
}

fn ring(generations: &[u32]) -> ControllerKeys {
    let masters = generations.iter().map(|generation| MasterKey::generate(CONTROLLER, *generation)).collect();
    ControllerKeys::new(masters, IndexKey::generate(CONTROLLER), SuppressionKey::generate(CONTROLLER)).unwrap()
}

fn contact_key() -> ContactKey {
    MasterKey::generate(CONTROLLER, 1).contact_key(CONTACT, &Salt::random())
}

proptest! {
    #[test]
    fn what_is_sealed_opens_to_the_same_bytes(plaintext in vec(any::<u8>(), 0..2_000)) {
        let key = contact_key();
        let sealed = key.seal(&place(), &plaintext);
        prop_assert_eq!(sealed.as_bytes().len(), plaintext.len() + Sealed::OVERHEAD_BYTES);
        let stored = Sealed::parse(sealed.into_bytes()).unwrap();
        let opened = key.open(&place(), &stored).unwrap();
        prop_assert_eq!(opened.as_slice(), plaintext);
    }

    #[test]
    fn any_flipped_bit_is_found(plaintext in vec(any::<u8>(), 0..60), at in any::<prop::sample::Index>()) {
        let key = contact_key();
        let mut bytes = key.seal(&place(), &plaintext).into_bytes();
        let bit = at.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(Sealed::parse(bytes).and_then(|sealed| key.open(&place(), &sealed)).is_err());
    }

    #[test]
    fn any_cut_or_added_byte_is_found(plaintext in vec(any::<u8>(), 0..60), at in any::<prop::sample::Index>()) {
        let key = contact_key();
        let bytes = key.seal(&place(), &plaintext).into_bytes();
        let cut = bytes[..at.index(bytes.len())].to_vec();
        prop_assert!(Sealed::parse(cut).and_then(|sealed| key.open(&place(), &sealed)).is_err());
        let longer = Sealed::parse([bytes, vec![0]].concat()).unwrap();
        prop_assert_eq!(key.open(&place(), &longer), Err(OpenError::Tampered));
    }

    #[test]
    fn arbitrary_bytes_never_open_and_never_panic(bytes in vec(any::<u8>(), 0..100)) {
        let key = contact_key();
        prop_assert!(Sealed::parse(bytes).and_then(|sealed| key.open(&place(), &sealed)).is_err());
    }
}

#[test]
fn ten_thousand_seals_of_one_value_are_all_different_and_share_no_nonce() {
    let key = contact_key();
    let seal_some = || (0..2_500).map(|_| key.seal(&place(), b"same").into_bytes()).collect::<Vec<_>>();
    let sealed: Vec<Vec<u8>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(seal_some)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let nonces: std::collections::HashSet<&[u8]> = sealed.iter().map(|bytes| &bytes[5..17]).collect();
    let texts: std::collections::HashSet<&[u8]> = sealed.iter().map(|bytes| &bytes[17..]).collect();
    assert_eq!((nonces.len(), texts.len()), (10_000, 10_000));
}

#[test]
fn a_value_moved_to_any_other_place_does_not_open() {
    let key = contact_key();
    let sealed = key.seal(&place(), b"Ana Example");
    let moved = [
        Place { scope: ControllerId::from_bytes([9; 16]).into(), ..place() },
        Place { scope: VaultId::from_bytes([1; 16]).into(), ..place() },
        Place { owner: ContactId::from_bytes([9; 16]).into(), ..place() },
        Place { table: "consent", ..place() },
        Place { column: "note", ..place() },
        place().bound_to(&[]),
        place().bound_to(&[b"newsletter", b"withdrawn"]),
        place().bound_to(&[b"newsletterg", b"iven"]),
    ];
    for place in moved {
        assert_eq!(key.open(&place, &sealed), Err(OpenError::Tampered), "{place:?}");
    }
    assert!(key.open(&place(), &sealed).is_ok());
}

#[test]
fn without_its_own_salt_master_contact_or_controller_a_contact_does_not_open() {
    let root = RootKey::generate();
    let vault = VaultId::from_bytes([7; 16]);
    let (master, salt) = (MasterKey::generate(CONTROLLER, 1), Salt::random());
    let sealed = master.contact_key(CONTACT, &salt).seal(&place(), b"Ana Example");

    let again = MasterKey::unwrap(&root, vault, CONTROLLER, 1, &master.wrap(&root, vault)).unwrap();
    let salt_again = Salt::from_bytes(*salt.as_bytes());
    assert_eq!(again.contact_key(CONTACT, &salt_again).open(&place(), &sealed).unwrap().as_slice(), b"Ana Example");

    // The same 32 bytes as another controller's master: only the derivation's context differs.
    let label = MasterKey::label(vault, CONTROLLER, 1);
    let bytes = root.unwrap(&label, &master.wrap(&root, vault)).unwrap();
    let other_controller = ControllerId::from_bytes([9; 16]);
    let relabelled = root.wrap(&MasterKey::label(vault, other_controller, 1), &bytes);
    let twin = MasterKey::unwrap(&root, vault, other_controller, 1, &relabelled).unwrap();

    for wrong in [
        master.contact_key(CONTACT, &Salt::random()),
        master.contact_key(ContactId::from_bytes([9; 16]), &salt),
        MasterKey::generate(CONTROLLER, 1).contact_key(CONTACT, &salt),
        twin.contact_key(CONTACT, &salt),
    ] {
        assert_eq!(wrong.open(&place(), &sealed), Err(OpenError::Tampered));
    }
}

#[test]
fn a_value_names_its_generation_and_the_ring_finds_the_key_for_it() {
    let (old, salt) = (MasterKey::generate(CONTROLLER, 1), Salt::random());
    let sealed = old.contact_key(CONTACT, &salt).seal(&place(), b"Ana Example");
    let masters = vec![MasterKey::generate(CONTROLLER, 2), old, MasterKey::generate(CONTROLLER, 3)];
    let keys =
        ControllerKeys::new(masters, IndexKey::generate(CONTROLLER), SuppressionKey::generate(CONTROLLER)).unwrap();

    assert_eq!(keys.current().generation(), 3);
    assert_eq!(keys.masters().map(MasterKey::generation).collect::<Vec<_>>(), [3, 2, 1]);
    let newest = keys.current().contact_key(CONTACT, &salt);
    assert_eq!(newest.open(&place(), &sealed), Err(OpenError::WrongGeneration { sealed: 1 }));
    let opened = keys.contact_key_for(&sealed, CONTACT, &salt).unwrap().open(&place(), &sealed).unwrap();
    let sealed_again = newest.seal(&place(), &opened);
    assert_eq!(sealed_again.generation(), 3);

    let missing = ring(&[1, 2]).contact_key_for(&sealed_again, CONTACT, &salt);
    assert_eq!(missing.unwrap_err(), OpenError::WrongGeneration { sealed: 3 });
}

#[test]
fn a_generation_rewritten_in_the_header_does_not_open() {
    let keys = ring(&[1, 2]);
    let salt = Salt::random();
    let mut bytes = keys.current().contact_key(CONTACT, &salt).seal(&place(), b"Ana Example").into_bytes();
    bytes[4] = 1;
    let sealed = Sealed::parse(bytes).unwrap();
    let key = keys.contact_key_for(&sealed, CONTACT, &salt).unwrap();
    assert_eq!(key.open(&place(), &sealed), Err(OpenError::Tampered));
}

#[test]
fn keys_that_do_not_go_together_make_no_ring() {
    let other = ControllerId::from_bytes([9; 16]);
    let ring = |masters, index, suppression| {
        ControllerKeys::new(masters, IndexKey::generate(index), SuppressionKey::generate(suppression)).err()
    };
    let master = |controller, generation| MasterKey::generate(controller, generation);
    let reason = |reason| Some(KeyError::Ring { reason });
    assert_eq!(ring(vec![], CONTROLLER, CONTROLLER), reason("there is none"));
    let twice = vec![master(CONTROLLER, 1), master(CONTROLLER, 2), master(CONTROLLER, 1)];
    assert_eq!(ring(twice, CONTROLLER, CONTROLLER), reason("two have the same generation"));
    let foreign = reason("one is another controller's");
    assert_eq!(ring(vec![master(CONTROLLER, 1), master(other, 2)], CONTROLLER, CONTROLLER), foreign);
    assert_eq!(ring(vec![master(CONTROLLER, 1)], other, CONTROLLER), foreign);
    assert_eq!(ring(vec![master(CONTROLLER, 1)], CONTROLLER, other), foreign);
}

#[test]
fn record_and_vault_keys_seal_for_their_places_and_not_for_each_other() {
    let root = RootKey::generate();
    let vault = VaultId::from_bytes([7; 16]);
    let master = MasterKey::generate(CONTROLLER, 1);
    let (record, vault_key) = (master.record_key(), VaultKey::generate(vault, 1));
    let here = Place::new(vault, [3; 16], "account", "name");
    let sealed = vault_key.seal(&here, b"Officer");
    let again = VaultKey::unwrap(&root, vault, 1, &vault_key.wrap(&root)).unwrap();
    assert_eq!(again.open(&here, &sealed).unwrap().as_slice(), b"Officer");
    assert_eq!(record.open(&here, &sealed), Err(OpenError::Tampered));
    assert_eq!(master.record_key().open(&here, &record.seal(&here, b"x")).unwrap().as_slice(), b"x");
    let newer = VaultKey::generate(vault, 2);
    assert_eq!(newer.open(&here, &sealed), Err(OpenError::WrongGeneration { sealed: 1 }));
    assert!(VaultKey::unwrap(&root, vault, 2, &vault_key.wrap(&root)).is_err());
}

#[test]
fn debug_of_every_key_shows_its_name_and_generation_and_nothing_else() {
    let keys = ring(&[1, 2]);
    let vault = VaultId::from_bytes([7; 16]);
    let shown = [
        (format!("{:?}", RootKey::generate()), "RootKey"),
        (format!("{:?}", keys.current()), "MasterKey(generation 2)"),
        (format!("{:?}", keys.current().record_key()), "RecordKey(generation 2)"),
        (format!("{:?}", keys.current().contact_key(CONTACT, &Salt::random())), "ContactKey(generation 2)"),
        (format!("{:?}", VaultKey::generate(vault, 4)), "VaultKey(generation 4)"),
        (format!("{:?}", keys.index()), "IndexKey"),
        (format!("{:?}", keys.suppression()), "SuppressionKey"),
        (format!("{:?}", OverlapKey::generate(vault)), "OverlapKey"),
        (format!("{:?}", Salt::random()), "Salt"),
    ];
    for (debug, expected) in shown {
        assert_eq!(debug, expected);
    }
    let ring = "ControllerKeys { current: MasterKey(generation 2), earlier: [MasterKey(generation 1)], \
                index: IndexKey, suppression: SuppressionKey }";
    assert_eq!(format!("{keys:?}"), ring);
}
