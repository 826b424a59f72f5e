//! Key files on a real disk: their modes, their damages, and rotations that are cut off.

use std::fs::Permissions;

use tempfile::{TempDir, tempdir};

use super::*;
use crate::keys::{MasterKey, RootKeyId};
use crate::model::{ControllerId, VaultId};

fn folder() -> (TempDir, PathBuf) {
    let folder = tempdir().unwrap();
    let path = folder.path().join("root.key");
    (folder, path)
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

fn plain(path: &Path) -> RootKey {
    match KeyFile::read(path).unwrap() {
        KeyFile::Plain(key) => key,
        KeyFile::Passphrase(_) => panic!("not a plain key file"),
    }
}

#[test]
fn a_plain_key_file_is_made_with_mode_0600_and_read_back() {
    let (_folder, path) = folder();
    let key = RootKey::generate();
    write_plain(&path, &key).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
    assert!(fs::read_to_string(&path).unwrap().starts_with("carnet-root-key-v1\nkey: "));
    assert!(plain(&path) == key);
    set_mode(&path, 0o400);
    assert!(plain(&path) == key, "stricter than 0600 is as good");
}

#[test]
fn a_key_file_that_others_can_read_or_change_is_refused_with_the_command_that_closes_it() {
    let (_folder, path) = folder();
    write_plain(&path, &RootKey::generate()).unwrap();
    for mode in [0o644, 0o640, 0o604, 0o602, 0o620, 0o610, 0o700, 0o4600] {
        set_mode(&path, mode);
        let error = KeyFile::read(&path).unwrap_err();
        assert!(matches!(&error, KeyFileError::Exposed { mode: seen, .. } if *seen == mode), "{mode:o}: {error}");
        assert!(error.to_string().contains(&format!("chmod 600 '{}'", path.display())), "{error}");
    }
}

#[test]
fn a_quote_in_the_path_is_quoted_for_the_shell() {
    assert_eq!(quoted(Path::new("/srv/it's/root.key")), r"'/srv/it'\''s/root.key'");
}

#[test]
fn a_sealed_key_file_opens_with_its_passphrase_alone() {
    let (_folder, path) = folder();
    let key = RootKey::generate();
    assert!(matches!(write_sealed(&path, &key, &"".into()), Err(KeyFileError::EmptyPassphrase)));
    write_sealed(&path, &key, &"correct horse".into()).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("argon2id: m=65536,t=3,p=1,salt="), "{text}");
    let KeyFile::Passphrase(slot) = KeyFile::read(&path).unwrap() else { panic!("not under a passphrase") };
    assert!(slot.open(&"correct horse".into()).unwrap() == key);
    let error = slot.open(&"wrong horse".into()).unwrap_err();
    assert!(matches!(error, KeyFileError::WrongPassphrase { .. }));
    assert!(error.to_string().contains("carnet key recover"), "{error}");
}

#[test]
fn a_missing_key_file_says_how_to_make_it_again() {
    let (_folder, path) = folder();
    let error = KeyFile::read(&path).unwrap_err();
    assert!(matches!(error, KeyFileError::Missing { .. }));
    assert!(
        error.to_string().contains("recovery words") && error.to_string().contains("carnet key recover"),
        "{error}"
    );
}

#[test]
fn an_existing_file_is_never_overwritten() {
    let (_folder, path) = folder();
    let key = RootKey::generate();
    write_plain(&path, &key).unwrap();
    assert!(matches!(write_plain(&path, &RootKey::generate()), Err(KeyFileError::Exists { .. })));
    assert!(matches!(write_sealed(&path, &RootKey::generate(), &"x".into()), Err(KeyFileError::Exists { .. })));
    assert!(plain(&path) == key);
}

#[test]
fn what_is_no_key_file_is_refused_without_a_panic_and_without_end() {
    let (folder, path) = folder();
    for endless in [folder.path(), Path::new("/dev/zero")] {
        assert!(matches!(KeyFile::read(endless), Err(KeyFileError::Damaged { flaw: "it is not a file", .. })));
    }
    for hostile in [&[][..], &[0xFF; 9000], b"carnet-root-key-v1\n", b"carnet-root-key-v1\nkey: AAAA\n"] {
        fs::write(&path, hostile).unwrap();
        set_mode(&path, 0o600);
        let error = KeyFile::read(&path).unwrap_err();
        assert!(matches!(error, KeyFileError::Damaged { .. }), "{error}");
    }
}

#[test]
fn a_damaged_sealed_file_is_not_taken_for_a_wrong_passphrase() {
    let (_folder, path) = folder();
    write_sealed(&path, &RootKey::generate(), &"x".into()).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    let at = text.find("sealed: ").unwrap() + 20;
    let other = if &text[at..=at] == "A" { "B" } else { "A" };
    fs::write(&path, format!("{}{other}{}", &text[..at], &text[at + 1..])).unwrap();
    assert!(matches!(KeyFile::read(&path), Err(KeyFileError::Damaged { flaw: "its check does not match", .. })));
}

#[test]
fn a_folder_that_does_not_exist_is_an_error_and_nothing_is_left() {
    let (folder, _) = folder();
    let error = write_plain(&folder.path().join("none/root.key"), &RootKey::generate()).unwrap_err();
    assert!(matches!(error, KeyFileError::Io { doing: "create", .. }), "{error}");
}

/// A vault's one wrapped key, and a rotation that stops after so many of its three steps.
fn rotate_until(steps: u8, path: &Path, old: &RootKey, new: &RootKey, wrapped: &mut Vec<u8>) {
    let label = MasterKey::label(VaultId::from_bytes([1; 16]), ControllerId::from_bytes([2; 16]), 1);
    if steps >= 1 {
        stage_plain(path, new).unwrap();
    }
    if steps >= 2 {
        *wrapped = old.rewrap(new, &label, wrapped).unwrap();
    }
    if steps >= 3 {
        promote(path).unwrap();
    }
}

#[test]
fn a_rotation_that_stops_after_any_step_leaves_a_key_file_that_opens_the_vault() {
    for steps in 0..=3 {
        let (_folder, path) = folder();
        let (old, new) = (RootKey::generate(), RootKey::generate());
        let (vault, controller) = (VaultId::from_bytes([1; 16]), ControllerId::from_bytes([2; 16]));
        write_plain(&path, &old).unwrap();
        let mut wrapped = MasterKey::generate(controller, 1).wrap(&old, vault);
        rotate_until(steps, &path, &old, &new, &mut wrapped);

        if let Some(staged) = staged(&path).unwrap() {
            assert!(matches!(stage_plain(&path, &new), Err(KeyFileError::Exists { .. })), "one rotation at a time");
            if plain(&staged).id() == RootKeyId::of_wrapped(&wrapped).unwrap() {
                promote(&path).unwrap();
            } else {
                discard(&path).unwrap();
            }
        }
        assert_eq!(staged(&path).unwrap(), None);
        MasterKey::unwrap(&plain(&path), vault, controller, 1, &wrapped).unwrap();
        assert!(matches!(promote(&path), Err(KeyFileError::NotStaged { .. })));
    }
}

#[test]
fn a_staged_file_that_was_cut_off_never_replaces_a_good_one() {
    let (_folder, path) = folder();
    let key = RootKey::generate();
    write_plain(&path, &key).unwrap();
    stage_plain(&path, &RootKey::generate()).unwrap();
    let cut = staged(&path).unwrap().unwrap();
    fs::write(&cut, "carnet-root-key-v1\nkey: AAAA").unwrap();
    assert!(matches!(promote(&path), Err(KeyFileError::Damaged { .. })));
    assert!(plain(&path) == key);
    discard(&path).unwrap();
    discard(&path).unwrap();
    assert_eq!(staged(&path).unwrap(), None);
}
