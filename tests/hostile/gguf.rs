//! GGUF headers.

use super::build::{Gguf, array, text, with_u32};
use super::{refusal, refused_for, tiny};
use glassbox::files::card::Card;
use glassbox::files::hyperparameters::Hyperparameters;
use glassbox::files::weights::WeightFile;
use glassbox::refusal::Result;
use std::fs::File;
use std::io::Write as _;

const F32: u32 = 0;
const U8: u32 = 0;

fn open(bytes: impl Into<Vec<u8>>) -> Result<WeightFile> {
    WeightFile::from_bytes("model.gguf", bytes.into())
}

#[track_caller]
fn refused(words: &str, gguf: &Gguf) {
    refused_for(words, || open(gguf.bytes()));
}

/// One matrix of 8 × 4 numbers, where `offset` says.
fn one_tensor(offset: u64) -> Gguf {
    Gguf::new().tensor("a", &[4, 8], F32, offset).data(128)
}

#[test]
fn the_builder_makes_a_file_that_opens() {
    let file = open(one_tensor(0).u32("general.alignment", 32).bytes()).unwrap();
    assert_eq!(file.tensors[0].shape, [8, 4]);
    assert_eq!(file.f32s(&file.tensors[0]).unwrap(), [0.0; 32]);
}

#[test]
fn an_empty_file_and_a_magic_alone_are_refused() {
    refused_for("empty", || open([]));
    refused_for("incomplete", || open(*b"GGUF"));
    refused_for("incomplete", || open(*b"GGUF\x03\0\0\0"));
}

#[test]
fn versions_that_do_not_exist_and_big_endian_files_are_told_apart() {
    for version in [0, 1, 4, 0x0300_0000, u32::MAX] {
        let words = match version {
            0x0300_0000 => "big-endian",
            _ => "version",
        };
        refused(
            words,
            &Gguf {
                version,
                ..one_tensor(0)
            },
        );
    }
    let mut swapped = one_tensor(0).bytes();
    swapped[..4].reverse();
    refused_for("big-endian", || open(swapped));
}

#[test]
fn an_alignment_is_an_unsigned_power_of_two_from_8_on() {
    for alignment in [0, 1, 3, 4, 48, 1 << 31] {
        refused(
            "alignment",
            &one_tensor(0).u32("general.alignment", alignment),
        );
    }
    let odd = one_tensor(0);
    refused(
        "alignment",
        &odd.clone()
            .key("general.alignment", 5, &32_i32.to_le_bytes()),
    );
    refused("alignment", &odd.text("general.alignment", "32"));
}

#[test]
fn counts_that_no_file_could_hold_are_refused_before_memory_is_set_aside() {
    for n in [1 << 63, u64::MAX, 1 << 32, 1000] {
        refused(
            "tensors",
            &Gguf {
                n_tensors: Some(n),
                ..one_tensor(0)
            },
        );
        refused(
            "keys",
            &Gguf {
                n_keys: Some(n),
                ..one_tensor(0)
            },
        );
    }
}

#[test]
fn a_text_longer_than_the_file_is_refused() {
    for n in [1_u64 << 63, u64::MAX, 1 << 40] {
        refused("claims to be", &Gguf::new().key("a", 8, &n.to_le_bytes()));
    }
    // One byte past the end: the file has `ab` where three are promised.
    let mut bytes = Gguf::new().key("a", 8, &[]).bytes();
    bytes.truncate(24 + 8 + 1 + 4);
    bytes.extend(3_u64.to_le_bytes());
    bytes.extend(b"ab");
    refused_for("incomplete", || open(bytes));
}

#[test]
fn an_array_longer_than_the_file_is_refused() {
    for n in [1_u64 << 62, u64::MAX, 1 << 33, 100] {
        for kind in [0, 4, 8, 9, 10] {
            refused(
                "values in `a`",
                &Gguf::new().key("a", 9, &array(kind, n, &[])),
            );
        }
    }
}

/// An array in an array, `depth` times.
fn nested(depth: usize) -> Vec<u8> {
    let mut value = Vec::new();
    for _ in 0..depth {
        value.extend(array(9, 1, &[]));
    }
    value.extend(array(U8, 1, &[7]));
    value
}

#[test]
fn arrays_in_arrays_are_refused_at_any_depth() {
    refused("deep", &Gguf::new().key("a", 9, &nested(65)));
    refused("deep", &Gguf::new().key("a", 9, &nested(1_000_000)));
    assert!(open(Gguf::new().key("a", 9, &nested(2)).bytes()).is_ok());
}

#[test]
fn a_gigabyte_of_metadata_is_refused_without_being_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("fat.gguf");
    let mut header = Gguf::new().key("a", 9, &array(U8, 1 << 30, &[])).bytes();
    header.truncate(24 + 8 + 1 + 4 + 12);
    let mut file = File::create(&path).unwrap();
    file.write_all(&header).unwrap();
    file.set_len((1 << 30) + 100).unwrap(); // sparse: it takes no room on the disk
    refused_for("1073741824 values", || WeightFile::open(&path));
    refused_for("1073741824 values", || Card::of(&path));
}

#[test]
fn shapes_that_make_no_sense_are_refused() {
    let with = |dims: &[u64]| Gguf::new().tensor("a", dims, F32, 0).data(128);
    refused("multiply to more", &with(&[1 << 32, 1 << 32]));
    refused(
        "multiply to more",
        &with(&[u64::MAX, u64::MAX, u64::MAX, u64::MAX]),
    );
    refused("dimension of zero", &with(&[4, 0]));
    refused("5 dimensions", &with(&[2, 2, 2, 2, 2]));
    let mut countless = Gguf::new().tensor("a", &[], F32, 0).data(128).bytes();
    countless[24 + 8 + 1..][..4].fill(0xff);
    refused_for("4294967295 dimensions", || open(countless));
}

#[test]
fn number_formats_that_do_not_run_here_are_named() {
    let with = |kind| Gguf::new().tensor("a", &[256], kind, 0).data(1024);
    refused("number format 99", &with(99));
    refused("number format 4294967295", &with(u32::MAX));
    for (kind, name) in [(16, "IQ2_XXS"), (20, "IQ4_NL"), (39, "MXFP4"), (4, "Q4_2")] {
        refused(name, &with(kind));
        let refusal = refusal(|| open(with(kind).bytes()));
        assert!(refusal.next.contains("Q4_1"), "{refusal}");
    }
    // Rows of 40 numbers cannot be blocks of 32.
    refused(
        "blocks of 32",
        &Gguf::new().tensor("a", &[40], 3, 0).data(64),
    );
}

#[test]
fn tensors_lie_inside_the_file_on_their_alignment_apart() {
    for offset in [128, 1 << 40, u64::MAX - 31] {
        refused("ends at", &one_tensor(offset));
    }
    refused("multiple of the alignment", &one_tensor(u64::MAX));
    refused("multiple of the alignment", &one_tensor(4));
    let two = |offset| {
        let gguf = Gguf::new().tensor("a", &[32], F32, 0);
        gguf.tensor("b", &[32], F32, offset).data(512)
    };
    refused("overlap", &two(0));
    refused("overlap", &two(96));
    assert!(open(two(128).bytes()).is_ok());
}

#[test]
fn a_key_or_a_name_is_there_once() {
    refused("twice", &Gguf::new().u32("a", 1).u32("a", 1));
    let gguf = Gguf::new().tensor("a", &[8], F32, 0);
    refused("Two tensors", &gguf.tensor("a", &[8], F32, 32).data(64));
}

#[test]
fn names_are_short_readable_and_valid_utf8() {
    for name in [&b"\xff\xfe"[..], b"ab\xc3", b"\xed\xa0\x80"] {
        refused("UTF-8", &Gguf::new().key(name, 4, &[0; 4]));
        refused("UTF-8", &Gguf::new().tensor(name, &[8], F32, 0).data(32));
        refused("UTF-8", &Gguf::new().key("a", 8, &text(name)));
    }
    for name in ["gpt\u{202e}fugg", "a\nb", "\u{1b}[31m", "a\u{200b}b"] {
        refused("real spelling", &Gguf::new().u32(name, 1));
        refused(
            "real spelling",
            &Gguf::new().tensor(name, &[8], F32, 0).data(32),
        );
    }
    let long = vec![b'x'; 10_000_000];
    refused("10.0 MB", &Gguf::new().key(&long, 4, &[0; 4]));
    refused("10.0 MB", &Gguf::new().tensor(&long, &[8], F32, 0).data(32));
    refused("empty", &Gguf::new().u32("", 1));
}

#[test]
fn values_of_unknown_types_are_refused() {
    refused("type 13", &Gguf::new().key("a", 13, &[0; 8]));
    refused("type 13", &Gguf::new().key("a", 9, &array(13, 1, &[0; 8])));
    refused("0 or 1", &Gguf::new().key("a", 7, &[2]));
    refused("0 or 1", &Gguf::new().key("a", 9, &array(7, 1, &[9])));
}

#[test]
fn a_decoders_numbers_must_be_borne_out_by_its_tensors() {
    let absurd = [
        ("llama.block_count", 1_000_000_000),
        ("llama.block_count", 0),
        ("llama.block_count", 3),
        ("llama.block_count", 1),
        ("llama.attention.head_count", 0),
        ("llama.attention.head_count", 7),
        ("llama.attention.head_count_kv", 0),
        ("llama.attention.head_count_kv", 5),
        ("llama.attention.head_count_kv", 3),
        ("llama.embedding_length", u32::MAX),
        ("llama.context_length", 0),
        ("llama.feed_forward_length", u32::MAX),
        ("llama.rope.dimension_count", 3),
    ];
    let sound = tiny::bytes();
    let folder = tempfile::tempdir().unwrap();
    for (key, value) in absurd {
        let bytes = with_u32(&sound, key, value);
        let path = folder.path().join("absurd.gguf");
        std::fs::write(&path, &bytes).unwrap();
        refusal(|| Hyperparameters::of(&open(bytes)?));
        // It can still be looked at: the card says why it cannot run, and promises its vocabulary only.
        let card = Card::of(&path).unwrap();
        assert_eq!(card.usable_as, ["tokenizer"], "{key} = {value}: {card:?}");
        assert!(card.notes.iter().any(|note| note.contains("cannot run")));
    }
    assert!(Hyperparameters::of(&open(sound).unwrap()).is_ok());
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let sound = tiny::bytes();
    let mut cuts: Vec<usize> = (0..1024).collect();
    cuts.extend((1024..sound.len()).step_by(1024));
    cuts.extend([sound.len() - 40_000, sound.len() - 100, sound.len() - 33]);
    for cut in cuts {
        refusal(|| open(&sound[..cut]));
    }
}
