//! What downloads and file systems do to files.

use super::{refusal, refused_for, tiny};
use glassbox::files::card::Card;
use glassbox::files::vocabulary::Vocabulary;
use glassbox::files::weights::WeightFile;
use std::path::Path;

const POINTER: &str = "version https://git-lfs.github.com/spec/v1\noid sha256:b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53\nsize 98362432\n";
const LOGIN: &str =
    "<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>…</body></html>";

#[test]
fn a_git_lfs_pointer_and_a_login_page_are_told_for_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.gguf");
    for (contents, words, next) in [
        (POINTER, "a Git LFS pointer", "git lfs pull"),
        (LOGIN, "a web page", "signed in"),
    ] {
        std::fs::write(&path, contents).unwrap();
        refused_for(words, || WeightFile::open(&path));
        refused_for(words, || Vocabulary::open(&path));
        assert!(refusal(|| Card::of(&path)).next.contains(next));
    }
}

#[test]
fn names_with_spaces_and_pictures_open_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let long = "x".repeat(200) + ".gguf";
    for name in ["a model.gguf", "🦙 größe.gguf", "model", "model.txt", &long] {
        let path = folder.path().join(name);
        std::fs::write(&path, tiny::bytes()).unwrap();
        let card = Card::of(&path).unwrap();
        assert_eq!(
            card.usable_as,
            ["text", "tokenizer"],
            "{name}: {:?}",
            card.notes
        );
    }
}

#[cfg(unix)]
#[test]
fn a_name_that_would_turn_a_terminal_round_is_shown_by_its_codes() {
    use std::os::unix::ffi::OsStrExt as _;
    let folder = tempfile::tempdir().unwrap();
    for name in ["a\u{202e}fugg", "a\u{1b}[31mred", "a\nb"] {
        let path = folder.path().join(name);
        std::fs::write(&path, "GGUF").unwrap();
        refusal(|| Card::of(&path)); // which looks for such characters
    }
    let path = folder
        .path()
        .join(std::ffi::OsStr::from_bytes(b"\xff\xfe.gguf"));
    refusal(|| Card::of(&path));
}

#[test]
fn what_is_not_there_or_no_file_is_refused_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.gguf");
    refused_for("not there", || Card::of(&missing));
    refused_for("a folder", || Card::of(folder.path()));
    let name_of_300 = folder.path().join("x".repeat(300));
    refusal(|| Card::of(&name_of_300));
    refusal(|| Card::of(&folder.path().join("x/".repeat(3000))));
    refusal(|| Card::of(Path::new("")));
    refusal(|| Card::of(Path::new("a\0b")));
}

#[cfg(unix)]
#[test]
fn links_devices_and_pipes_are_refused_without_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let link = |to: &str, name: &str| {
        let path = folder.path().join(name);
        std::os::unix::fs::symlink(to, &path).unwrap();
        path
    };
    let broken = link("nowhere.gguf", "broken.gguf");
    refused_for("a link to something that is not there", || {
        WeightFile::open(&broken)
    });
    let circle = link("circle.gguf", "circle.gguf");
    refusal(|| WeightFile::open(&circle));
    let device = link("/dev/zero", "device.gguf");
    for path in [&device, Path::new("/dev/zero"), Path::new("/dev/null")] {
        refused_for("not a regular file", || WeightFile::open(path));
        refused_for("not a regular file", || Vocabulary::open(path));
        refused_for("not a regular file", || Card::of(path));
    }
    let pipe = folder.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    if !made.is_ok_and(|status| status.success()) {
        println!("skipped: mkfifo is not there");
        return;
    }
    refused_for("not a regular file", || WeightFile::open(&pipe));
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = tiny::write(folder.path());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::File::open(&path).is_ok() {
        println!("skipped: this user may read everything");
        return;
    }
    refused_for("may not be read", || WeightFile::open(&path));
}
