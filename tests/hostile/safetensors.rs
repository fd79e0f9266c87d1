//! safetensors headers, and models in several files.

use super::build::{Gguf, entry, safetensors};
use super::{refusal, refused_for};
use glassbox::files::weights::WeightFile;
use glassbox::refusal::Result;
use std::path::Path;

fn open(bytes: Vec<u8>) -> Result<WeightFile> {
    WeightFile::from_bytes("model.safetensors", bytes)
}

#[track_caller]
fn refused(words: &str, tensors: &[String], n: usize) {
    refused_for(words, || {
        open(safetensors(&format!("{{{}}}", tensors.join(",")), n))
    });
}

#[test]
fn a_header_longer_than_makes_sense_is_refused() {
    for n in [100_000_001, u64::MAX, 1 << 40, 33 << 20] {
        let mut bytes = safetensors("{}", 0);
        bytes[..8].copy_from_slice(&n.to_le_bytes());
        refused_for("header claims", || open(bytes));
    }
    let mut bytes = safetensors("{}", 0);
    bytes[0] = 3;
    refused_for("incomplete", || open(bytes));
}

#[test]
fn a_key_that_is_there_twice_is_refused() {
    let a = entry("a", "F32", "[1]", 0, 4);
    refused("there twice", &[a.clone(), a], 4);
    let metadata = r#""__metadata__":{"k":"1","k":"2"}"#.to_owned();
    refused("there twice", &[metadata], 0);
}

#[test]
fn every_byte_of_the_data_belongs_to_exactly_one_tensor() {
    let a = entry("a", "F32", "[2]", 0, 8);
    refused("overlap", &[a.clone(), entry("b", "F32", "[2]", 4, 12)], 12);
    refused("hole", &[a.clone(), entry("b", "F32", "[2]", 12, 20)], 20);
    refused("hole", &[entry("a", "F32", "[2]", 4, 12)], 12);
    refused("ends before", &[entry("a", "F32", "[2]", 8, 0)], 8);
    refused("bytes more", std::slice::from_ref(&a), 9);
    refused("incomplete", std::slice::from_ref(&a), 7);
    refused("needs 8 bytes", &[entry("a", "F32", "[2]", 0, 4)], 4);
    refused(
        "incomplete",
        &[entry("a", "U8", "[18446744073709551615]", 0, u64::MAX)],
        8,
    );
    assert!(open(safetensors(&format!("{{{a}}}"), 8)).is_ok());
}

#[test]
fn a_shape_whose_product_overflows_is_refused() {
    let huge = "[4194305, 4194305, 211106198978564]"; // 2^64 + 4 numbers, which would wrap to 4
    refused("multiply to more", &[entry("a", "F32", huge, 0, 16)], 16);
    refused(
        "more than 8",
        &[entry("a", "F32", "[1,1,1,1,1,1,1,1,1]", 0, 4)],
        4,
    );
    refused("does not hold", &[entry("a", "F32", "[-1]", 0, 4)], 4);
    refused("does not hold", &[entry("a", "F32", "[1.5]", 0, 4)], 4);
}

#[test]
fn empty_tensors_may_share_a_place() {
    let tensors = [
        entry("a", "F32", "[0]", 0, 0),
        entry("b", "F32", "[3, 0]", 0, 0),
        entry("c", "F32", "[1]", 0, 4),
        entry("d", "F32", "[0, 7]", 4, 4),
    ];
    let file = open(safetensors(&format!("{{{}}}", tensors.join(",")), 4)).unwrap();
    assert_eq!(file.tensors.len(), 4);
    assert!(file.f32s(file.get("b").unwrap()).unwrap().is_empty());
    assert_eq!(file.f32s(file.get("c").unwrap()).unwrap(), [0.0]);
}

#[test]
fn headers_that_are_not_what_they_should_be_are_refused() {
    for header in [
        "{",
        "{\"a\":1}",
        "{\"a\":null}",
        "{\"__metadata__\":{\"k\":1}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"extra\":0}}",
        "{\"\\ud800\":{}}",
    ] {
        refused_for("not hold", || open(safetensors(header, 4)));
    }
    refused("F8_E4M3", &[entry("a", "F8_E4M3", "[4]", 0, 4)], 4);
    refused(
        "real spelling",
        &[entry("a\u{202e}b", "F32", "[1]", 0, 4)],
        4,
    );
    refused(
        "real spelling",
        &[entry(&"x".repeat(2000), "F32", "[1]", 0, 4)],
        4,
    );
    let deep = format!("{{\"a\":{}", "[".repeat(1_000_000));
    refusal(|| open(safetensors(&deep, 4)));
    let deep = format!("{{\"a\":{}", "{\"a\":".repeat(1_000_000));
    refusal(|| open(safetensors(&deep, 4)));
}

/// Writes an index and what it names; tensor `a` is in the first file, `b` in the second.
fn sharded(folder: &Path, first: &str, second: &str) -> std::path::PathBuf {
    let a = safetensors(&format!("{{{}}}", entry("a", "F32", "[1]", 0, 4)), 4);
    std::fs::write(folder.join("1.safetensors"), a).unwrap();
    let b = safetensors(&format!("{{{}}}", entry("b", "F32", "[1]", 0, 4)), 4);
    std::fs::write(folder.join("2.safetensors"), b).unwrap();
    let index = serde_json::json!({ "metadata": {}, "weight_map": { "a": first, "b": second } });
    let path = folder.join("model.safetensors.index.json");
    std::fs::write(&path, index.to_string()).unwrap();
    path
}

#[test]
fn shards_are_read_as_one_file_and_a_missing_or_mixed_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let index = sharded(folder.path(), "1.safetensors", "2.safetensors");
    let file = WeightFile::open(&index).unwrap();
    assert_eq!((file.n_shards(), file.tensors.len()), (2, 2));
    let mixed = sharded(folder.path(), "2.safetensors", "1.safetensors");
    refused_for("does not place there", || WeightFile::open(&mixed));
    let index = sharded(folder.path(), "1.safetensors", "2.safetensors");
    std::fs::remove_file(folder.path().join("2.safetensors")).unwrap();
    refused_for("`2.safetensors` is missing", || WeightFile::open(&index));
}

#[test]
fn an_index_names_plain_files_beside_it_and_nothing_else() {
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("secret.safetensors");
    std::fs::write(&secret, safetensors("{}", 0)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let absolute = secret.to_str().unwrap().to_owned();
    let climbing = format!(
        "../{}/secret.safetensors",
        outside.path().file_name().unwrap().to_str().unwrap()
    );
    let names = [
        absolute.as_str(),
        &climbing,
        "..",
        ".",
        "",
        "a/../1.safetensors",
        "C:\\1.safetensors",
        "..\\1.safetensors",
        "/dev/zero",
        "1.safetensors\0",
    ];
    for name in names {
        let index = sharded(folder.path(), name, "2.safetensors");
        refused_for("not the name of a file beside it", || {
            WeightFile::open(&index)
        });
    }
}

#[cfg(unix)]
#[test]
fn an_index_that_leads_to_a_link_a_device_or_a_pipe_is_refused_without_waiting() {
    let outside = tempfile::tempdir().unwrap();
    let secret = outside.path().join("secret.safetensors");
    std::fs::write(&secret, safetensors("{}", 0)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let link = |to: &Path, name: &str| std::os::unix::fs::symlink(to, at(name)).unwrap();
    link(&secret, "link.safetensors");
    link(Path::new("/dev/zero"), "device.safetensors");
    link(&at("nowhere"), "broken.safetensors");
    let pipe = at("pipe.safetensors");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    for (name, words) in [
        ("link.safetensors", "a link to a place outside"),
        ("device.safetensors", "a link to a place outside"),
        ("broken.safetensors", "link"),
        ("pipe.safetensors", "not a regular file"),
    ] {
        if name == "pipe.safetensors" && !made.as_ref().is_ok_and(std::process::ExitStatus::success)
        {
            println!("skipped: mkfifo is not there");
            continue;
        }
        let index = sharded(folder.path(), name, "2.safetensors");
        refused_for(words, || WeightFile::open(&index));
    }
    // A link within the folder is a file like any other.
    link(&at("1.safetensors"), "inside.safetensors");
    let index = sharded(folder.path(), "inside.safetensors", "2.safetensors");
    assert!(WeightFile::open(&index).is_ok());
}

/// One of two GGUF files, with what its keys say.
fn split(number: u16, count: u16, tensor: &str) -> Vec<u8> {
    let gguf = Gguf::new()
        .u16("split.no", number)
        .u16("split.count", count);
    let gguf = gguf.key("split.tensors.count", 5, &2_i32.to_le_bytes());
    gguf.tensor(tensor, &[8], 0, 0).data(32).bytes()
}

#[test]
fn splits_of_gguf_are_read_together_and_missing_reordered_or_mixed_ones_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = [1, 2].map(|i| folder.path().join(format!("m-0000{i}-of-00002.gguf")));
    let write = |a: Vec<u8>, b: Vec<u8>| {
        std::fs::write(&first, a).unwrap();
        std::fs::write(&second, b).unwrap();
    };
    write(split(0, 2, "a"), split(1, 2, "b"));
    assert_eq!(WeightFile::open(&second).unwrap().tensors.len(), 2);
    write(split(1, 2, "b"), split(0, 2, "a"));
    refusal(|| WeightFile::open(&first));
    write(split(0, 2, "a"), split(1, 3, "b"));
    refused_for("file 2 of 3", || WeightFile::open(&first));
    write(split(0, 2, "a"), split(1, 2, "a"));
    refused_for("in two shards", || WeightFile::open(&first));
    write(split(0, 60_000, "a"), split(1, 60_000, "b"));
    refused_for("one of 60000 files", || WeightFile::open(&first));
    write(split(0, 2, "a"), split(1, 2, "b"));
    std::fs::remove_file(&second).unwrap();
    refused_for("is missing", || WeightFile::open(&first));
    let renamed = folder.path().join("model.gguf");
    std::fs::rename(&first, &renamed).unwrap();
    refused_for("others cannot be found", || WeightFile::open(&renamed));
}

#[test]
fn a_header_whose_length_begins_as_a_pickle_or_a_picture_does_is_still_a_header() {
    // 0x0280 = 640 … 0x0580 = 1,408: pickles begin with 0x80 and their version, 2 to 5.
    for length in [640, 896, 1152, 1408, 0xfbff] {
        let mut header = format!("{{{}}}", entry("a", "F32", "[2]", 0, 8));
        header.push_str(&" ".repeat(length - header.len()));
        let file = open(safetensors(&header, 8)).unwrap();
        assert_eq!(file.tensors.len(), 1, "{length}");
    }
}
