//! Word vectors that are damaged, absurd or malicious, in every format they come in.

use super::{refusal, refused_for};
use glassbox::files::card::Card;
use glassbox::files::word_vectors::WordVectors;
use glassbox::refusal::Result;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn open(path: &Path) -> Result<WordVectors> {
    WordVectors::open(path, &mut |_| ControlFlow::Continue(()))
}

/// A folder with a file called `name` in it.
fn file(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    (folder, path)
}

#[track_caller]
fn refused(words: &str, name: &str, bytes: &[u8]) {
    let (_folder, path) = file(name, bytes);
    refused_for(words, || open(&path));
    // Its card is refused too, or tells what the first bytes tell; either way it ends.
    let _ = Card::of(&path);
}

#[test]
fn glove_text_with_a_missing_number_or_a_ragged_row_is_refused_by_its_line() {
    let row = |word: &str, n: usize| format!("{word}{}\n", " 0.5".repeat(n));
    let good: String = (0..100).map(|i| row(&i.to_string(), 50)).collect();
    for (bad, words) in [
        (row("short", 49), "Line 101: `short` has 49 numbers"),
        (row("long", 51), "Line 101: `long` has 51 numbers"),
        (
            row("word", 49).replace('\n', " x\n"),
            "`x` stands where a number",
        ),
        (
            row("comma", 49).replace('\n', " 0,5\n"),
            "`0,5` stands where a number",
        ),
        ("alone\n".to_owned(), "`alone` has 0 numbers"),
        ("\u{202e}word 1\n".to_owned(), "Line 101"),
    ] {
        refused(words, "set.txt", (good.clone() + &bad).as_bytes());
    }
    // At once, where even the first rows do not agree.
    refused("`b` has 1 numbers", "set.txt", b"a 1 2 3\nb 1\n");
    refused(
        "is not a set of word vectors",
        "set.txt",
        b"The quick brown fox.\n",
    );
}

#[test]
fn nan_and_numbers_beyond_f32_are_loaded_marked_and_near_nothing() {
    let (_folder, path) = file("set.txt", b"a 1 2\nb nan 1\nc 1e999 1\nd 3 4\n");
    let set = open(&path).unwrap();
    assert_eq!(set.norms()[1..], [0.0, 0.0, 5.0]);
    assert!(set.notes()[0].contains("2 rows with NaN or infinity"));
}

#[test]
fn a_line_of_a_gigabyte_is_refused_without_reading_it() {
    for begin in ["the 0.5 -1", "1000000 300\nthe 0.5"] {
        let (_folder, path) = file(
            "set.txt",
            (begin.to_owned() + &" 0.25".repeat(900)).as_bytes(),
        );
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_len(1 << 30).unwrap();
        refused_for("is longer than", || open(&path));
        refused_for("is longer than", || Card::of(&path));
    }
}

#[test]
fn word2vec_with_absurd_counts_is_refused_before_anything_is_set_aside() {
    let body = "a \0\0\u{80}?\0\0\u{80}?";
    for (header, words) in [
        ("9223372036854775808 2", "is incomplete"),
        ("18446744073709551615 65536", "is incomplete"),
        ("2 9223372036854775808", "a word has 1 to 65,536"),
        ("2 4294967297", "a word has 1 to 65,536"),
        ("0 2", "says 0 words"),
        ("1 0", "1 words of 0 numbers"),
        ("3000000 300", "is incomplete"),
    ] {
        refused(words, "set.bin", format!("{header}\n{body}").as_bytes());
    }
    for first in ["-1 2", "99999999999999999999 2"] {
        refused(
            "nothing Glassbox knows",
            "set.bin",
            format!("{first}\n{body}").as_bytes(),
        );
    }
}

#[test]
fn a_word_without_end_is_refused_where_it_begins() {
    let mut bytes = b"1000 2\nfirst ".to_vec();
    bytes.extend([0; 8]);
    bytes.resize(1 << 20, b'x');
    refused("Word 2 has no end", "set.bin", &bytes);
}

#[test]
fn a_download_that_was_cut_is_incomplete_wherever_it_was_cut() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/word_vectors");
    for name in ["gensim.bin", "gensim.txt", "f32.npy", "inside.safetensors"] {
        let whole = std::fs::read(folder.join(name)).unwrap();
        let cut = tempfile::tempdir().unwrap();
        std::fs::copy(folder.join("words.txt"), cut.path().join("words.txt")).unwrap();
        let path = cut.path().join(name);
        // Of text, the last digits may be gone without a trace.
        let sure = whole.len() - if name.ends_with("txt") { 10 } else { 1 };
        for n in (0..=sure).step_by(7).chain([sure]) {
            std::fs::write(&path, &whole[..n]).unwrap();
            refusal(|| open(&path));
        }
    }
}

fn npy(header: &str, n_data: usize) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + n_data, 0);
    bytes
}

fn described(descr: &str, shape: &str) -> String {
    format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n")
}

#[test]
fn numpy_arrays_of_impossible_shapes_and_foreign_numbers_are_refused() {
    for (descr, shape, words) in [
        ("<f4", "(1099511627776,)", "two dimensions"),
        ("<f4", "(1099511627776, 300)", "is incomplete"),
        ("<f4", "(4294967296, 4294967296)", "is incomplete"),
        ("<f8", "(2305843009213693952, 8)", "is incomplete"),
        ("<f4", "()", "two dimensions"),
        ("<f4", "(2, 2, 2)", "two dimensions"),
        ("<f4", "(-1, 2)", "two dimensions"),
        ("<f4", "(2, 99999999999999999999)", "two dimensions"),
        (">f4", "(2, 2)", "little-endian"),
        ("<c8", "(2, 2)", "little-endian"),
        ("|O", "(2, 2)", "little-endian"),
        ("<f4", "(0, 2)", "cannot be used"),
        ("<f4", "(2, 0)", "cannot be used"),
    ] {
        refused(words, "set.npy", &npy(&described(descr, shape), 64));
    }
    refused("lacks descr", "set.npy", &npy("{}", 64));
    refused("lacks descr", "set.npy", &npy("", 64));
    refused(
        "lacks descr",
        "set.npy",
        &npy("{'descr': '<f4', 'shape': (1, 1", 64),
    );
    let mut long = b"\x93NUMPY\x02\x00".to_vec();
    long.extend(70_000_u32.to_le_bytes());
    long.resize(100_000, b' ');
    refused("is the most that makes sense", "set.npy", &long);
    long[8..12].copy_from_slice(&u32::MAX.to_le_bytes());
    refused("is the most that makes sense", "set.npy", &long);
    refused(
        "version 9",
        "set.npy",
        b"\x93NUMPY\x09\x00\x10\x00\x00\x00\x00\x00",
    );
}

#[test]
fn an_array_without_its_words_says_where_they_were_looked_for() {
    let bytes = npy(&described("<f4", "(2, 2)"), 16);
    refused("`set.txt`, `set.json`", "set.npy", &bytes);
    for (list, contents, words) in [
        ("set.txt", "one\n", "2 rows, and there are 1 words"),
        (
            "set.txt",
            "one\ntwo\nthree\n",
            "2 rows, and there are 3 words",
        ),
        ("set.txt", "", "2 rows, and there are 0 words"),
        ("words.json", "{\"a\": 0, \"b\": 0}", "once each"),
        ("words.json", "[1, 2]", "neither a list of words"),
        ("words.json", "[\"a\", ", "neither a list of words"),
    ] {
        let (folder, path) = file("set.npy", &bytes);
        std::fs::write(folder.path().join(list), contents).unwrap();
        refused_for(words, || open(&path));
    }
}

#[test]
fn a_list_of_a_million_empty_words_takes_no_more_than_it_must() {
    let (folder, path) = file("set.npy", &npy(&described("<f4", "(2, 2)"), 16));
    let list = format!("[{}\"\"]", "\"\",".repeat(1_000_000));
    std::fs::write(folder.path().join("set.json"), list).unwrap();
    refused_for("1,000,001 words", || open(&path));
}

#[test]
fn safetensors_that_are_no_set_of_words_are_refused() {
    let tensors = |json: &str, n: usize| {
        let mut bytes = (json.len() as u64).to_le_bytes().to_vec();
        bytes.extend(json.as_bytes());
        bytes.resize(bytes.len() + n, b'\n');
        bytes
    };
    for (json, n, words) in [
        (
            r#"{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"b":{"dtype":"F32","shape":[2,2],"data_offsets":[16,32]}}"#,
            32,
            "there is not just one",
        ),
        (
            r#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#,
            16,
            "there is not just one",
        ),
        (
            r#"{"rows":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"words":{"dtype":"U8","shape":[5],"data_offsets":[16,21]}}"#,
            21,
            "2 rows, and there are 6 words",
        ),
        (
            r#"{"rows":{"dtype":"I8","shape":[2,2],"data_offsets":[0,4]},"scales":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"words":{"dtype":"U8","shape":[1],"data_offsets":[8,9]}}"#,
            9,
            "2 rows and 1 scales",
        ),
        (
            r#"{"rows":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"words":{"dtype":"U8","shape":[1],"data_offsets":[16,17]}}"#,
            17,
            "No row of it has a word",
        ),
        (
            r#"{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]}}"#,
            16,
            "and no words",
        ),
    ] {
        refused(words, "set.safetensors", &tensors(json, n));
    }
}

#[test]
fn paths_that_lead_to_no_file_are_refused_and_odd_names_open() {
    let folder = tempfile::tempdir().unwrap();
    refused_for("is a folder", || open(folder.path()));
    refused_for("is not there", || {
        open(&folder.path().join("x".repeat(200)))
    });
    refusal(|| open(&folder.path().join("x".repeat(300))));
    #[cfg(unix)]
    {
        refused_for("is not a regular file", || open(Path::new("/dev/zero")));
        let link = folder.path().join("link.txt");
        std::os::unix::fs::symlink("nowhere", &link).unwrap();
        refused_for("is a link to something that is not there", || open(&link));
    }
    let long = "x".repeat(200) + ".txt";
    for name in ["word vectors.txt", "🧶 größe.vec", "set", "set.gguf", &long] {
        let path = folder.path().join(name);
        std::fs::write(&path, "a 1 2\nb 3 4\n").unwrap();
        assert_eq!(open(&path).unwrap().len(), 2);
        assert_eq!(Card::of(&path).unwrap().usable_as, ["embeddings"]);
    }
}

#[test]
fn a_sparse_file_of_gigabytes_is_mapped_and_ends_in_a_refusal() {
    let (_folder, path) = file("set.bin", b"3000000 300\n");
    let mut file = std::fs::File::options().append(true).open(&path).unwrap();
    file.write_all(b"a ").unwrap();
    file.set_len(3_700_000_000).unwrap();
    refused_for("Word 2 has no end", || open(&path));
}
