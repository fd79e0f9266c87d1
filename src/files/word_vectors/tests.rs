//! Vectors read, and refused with a reason.

use super::*;

fn read(bytes: impl Into<Vec<u8>>) -> Result<WordVectors> {
    let source = Source::from_bytes("set.txt", bytes.into());
    text::read(&source, &mut |_| ControlFlow::Continue(()))
}

fn row(set: &WordVectors, word: &str) -> Vec<f32> {
    let mut out = vec![0.0; set.width()];
    set.row(set.index(word).unwrap(), &mut out);
    out
}

#[test]
fn glove_and_word2vec_and_fasttext_text_are_the_same_but_for_the_first_line() {
    let glove = read("the 0.5 -1 2e-1\nking 1 2 3\n").unwrap();
    let fast_text = read("2 3\nthe 0.5 -1 0.2 \r\nking 1 2 3 \r\n").unwrap();
    for set in [&glove, &fast_text] {
        assert_eq!((set.len(), set.width()), (2, 3));
        assert_eq!(row(set, "the"), [0.5, -1.0, 0.2]);
        assert_eq!(set.word(1), "king");
        assert_eq!(set.norms()[1], 14_f32.sqrt());
        assert_eq!(set.index("King"), None);
        assert!(set.notes().is_empty());
    }
    assert_eq!(
        (glove.format(), fast_text.format()),
        ("GloVe text", "word2vec text")
    );
}

#[test]
fn a_word_may_hold_spaces_as_three_words_of_glove_840b_do() {
    let set = read("a 1 2\n. . . 3 4\nat name@domain.com 5 6\n").unwrap();
    assert_eq!(row(&set, ". . ."), [3.0, 4.0]);
    assert_eq!(row(&set, "at name@domain.com"), [5.0, 6.0]);
}

#[test]
fn a_missing_number_a_ragged_row_and_a_cell_of_text_are_refused_with_their_line() {
    for (text, line, evidence) in [
        (
            "a 1 2\nb 1\n",
            "Line 2",
            "`b` has 1 numbers; the others have 2",
        ),
        ("a 1 2\nb 1 2 3\n", "Line 2", "`b` has 3 numbers"),
        (
            "a 1 2\nb 1 x\n",
            "Line 2",
            "`x` stands where a number of `b`",
        ),
        ("a 1 2\nb 1 \n", "Line 2", "`b` has 1 numbers"),
    ] {
        let refusal = read(text).unwrap_err();
        assert!(refusal.evidence.contains(line), "{refusal}");
        assert!(refusal.evidence.contains(evidence), "{refusal}");
    }
}

#[test]
fn a_file_with_fewer_rows_than_it_promises_is_incomplete() {
    let refusal = read("3 2\na 1 2\nb 1 2\n").unwrap_err();
    assert!(refusal.what.contains("incomplete"), "{refusal}");
    assert!(read("9223372036854775808 2\na 1 2\nb 1 2\n").is_err());
    assert!(read("2 9223372036854775808\na 1 2\nb 1 2\n").is_err());
}

#[test]
fn rows_of_nan_and_words_that_come_twice_are_told_and_point_nowhere() {
    let set = read("a 1 nan\nb 0 0\nc 3 4\nc 5 6\nd inf 1\n").unwrap();
    assert_eq!(set.norms(), [0.0, 0.0, 5.0, 0.0]);
    assert_eq!(row(&set, "c"), [3.0, 4.0]);
    let notes = set.notes().join("\n");
    assert!(
        notes.contains("2 rows with NaN or infinity (`a`, `d`)"),
        "{notes}"
    );
    assert!(notes.contains("1 row of zeros"), "{notes}");
    assert!(
        notes.contains("1 row left out: their word came before"),
        "{notes}"
    );
}

#[test]
fn rows_made_here_must_fill_their_width() {
    let words = || vec!["a".to_owned(), "b".to_owned()];
    let set = WordVectors::from_rows("toy", words(), 2, vec![1.0, 1.0, 1.0, 2.0]).unwrap();
    assert_eq!(row(&set, "b"), [1.0, 2.0]);
    assert!(WordVectors::from_rows("toy", words(), 2, vec![1.0]).is_err());
    assert!(WordVectors::from_rows("toy", vec![], 2, vec![]).is_err());
    assert!(WordVectors::from_rows("toy", words(), 0, vec![]).is_err());
}

#[test]
fn reading_stops_when_asked() {
    let source = Source::from_bytes("set.txt", b"a 1 2\n".as_slice());
    let refusal = text::read(&source, &mut |_| ControlFlow::Break(())).unwrap_err();
    assert!(refusal.what.contains("was stopped"));
}

/// What word2vec writes: words and rows, with or without the line feeds.
fn word2vec(rows: &[(&str, [f32; 3])], line_feeds: bool) -> Vec<u8> {
    let mut bytes = format!("{} 3\n", rows.len()).into_bytes();
    for (word, row) in rows {
        bytes.extend_from_slice(word.as_bytes());
        bytes.push(b' ');
        bytes.extend(row.iter().flat_map(|x| x.to_le_bytes()));
        if line_feeds {
            bytes.push(b'\n');
        }
    }
    bytes
}

fn read_word2vec(bytes: Vec<u8>) -> Result<WordVectors> {
    let go_on: Emit<'_> = &mut |_| ControlFlow::Continue(());
    word2vec::read(Source::from_bytes("set.bin", bytes), go_on)
}

#[test]
fn word2vec_binary_is_read_with_and_without_line_feeds() {
    let rows = [
        ("</s>", [0.0, 0.0, 0.0]),
        ("king", [1.0, -2.0, 2.0]),
        ("king", [9.0; 3]),
    ];
    for line_feeds in [true, false] {
        let set = read_word2vec(word2vec(&rows, line_feeds)).unwrap();
        assert_eq!((set.len(), set.width()), (2, 3));
        assert_eq!(row(&set, "king"), [1.0, -2.0, 2.0]);
        assert_eq!(set.norms(), [0.0, 3.0]);
        assert_eq!(set.notes().len(), 2, "{:?}", set.notes());
    }
}

#[test]
fn word2vec_with_an_impossible_count_or_a_word_without_end_is_refused() {
    let sound = word2vec(&[("a", [1.0; 3]), ("b", [2.0; 3])], true);
    for n_bytes in 0..sound.len() - 1 {
        let refusal = read_word2vec(sound[..n_bytes].to_vec()).unwrap_err();
        assert!(!refusal.next.is_empty(), "{n_bytes}");
    }
    let refusal = read_word2vec(b"9223372036854775808 300\na \0\0\0\0".to_vec()).unwrap_err();
    assert!(refusal.what.contains("incomplete"), "{refusal}");
    let mut endless = b"2 3\n".to_vec();
    endless.resize(1 << 20, b'x');
    let refusal = read_word2vec(endless).unwrap_err();
    assert!(refusal.evidence.contains("Word 1 has no end"), "{refusal}");
    assert!(read_word2vec(b"0 3\n\0".to_vec()).is_err());
    assert!(read_word2vec(b"1 0\na \0".to_vec()).is_err());
}
