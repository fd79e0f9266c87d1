//! Captions are read as they are meant.

use super::*;
use crate::files::faces::bundled;

/// Every attribute that is asked for, as words: "`hair_color=red`".
fn read(caption: &str) -> Vec<String> {
    let attributes = of_faces();
    let parsed = parse(caption, &attributes);
    let asked = parsed.rows.iter().zip(&attributes);
    asked
        .filter(|(row, _)| **row > 0)
        .map(|(row, a)| format!("{}={}", a.name, a.values[*row as usize - 1]))
        .filter(|asked| !asked.ends_with("=no") && !asked.ends_with("=none"))
        .collect()
}

#[test]
fn every_caption_that_ships_is_read_as_the_face_it_describes() {
    let attributes = of_faces();
    for face in bundled().unwrap().faces {
        let parsed = parse(&face.caption, &attributes);
        let rows: Vec<u32> = face.values.iter().map(|&v| u32::from(v) + 1).collect();
        assert_eq!(parsed.rows, rows, "{}", face.caption);
        assert_eq!(parsed.unknown, [""; 0], "{}", face.caption);
        assert_eq!(parsed.overruled, []);
        let again = parse(&in_words(&face.values), &attributes);
        assert_eq!(again.rows, rows, "{}", in_words(&face.values));
    }
}

#[test]
fn a_colour_belongs_to_the_thing_it_stands_with() {
    assert_eq!(
        read("green hair on pink"),
        ["hair_color=green", "background=pink"]
    );
    assert_eq!(read("pink hair, green"), ["hair_color=green"]); // alone: hair, as the first that can
    assert_eq!(read("blue background"), ["background=blue"]);
    assert_eq!(
        read("brown skin, brown hair"),
        ["hair_color=brown", "skin=brown"]
    );
    assert_eq!(read("A BLONDE woman"), ["hair_color=blond"]);
    assert_eq!(
        read("a dark man with dark glasses"),
        ["skin=dark", "eyewear=sunglasses"]
    );
    assert_eq!(read("red-haired"), ["hair_color=red"]);
    assert_eq!(read("the hair is grey"), ["hair_color=grey"]);
    assert_eq!(read("somebody before a white wall"), ["background=white"]);
}

#[test]
fn what_is_not_there_can_be_said_or_left_unsaid() {
    let attributes = of_faces();
    let parsed = parse("a sad face, no glasses or beard", &attributes);
    assert_eq!(parsed.rows, [2, 0, 0, 0, 1, 1, 1, 0]);
    assert_eq!(parsed.absent, [6], "only the flowers were not spoken of");
    assert_eq!(read("without hair"), ["hair=bald"]);
    assert_eq!(read("no flowers, with a beard"), ["beard=yes"]);
}

#[test]
fn of_two_values_the_last_holds_and_it_is_said() {
    let parsed = parse("red and blue hair", &of_faces());
    assert_eq!(parsed.rows[2], 6);
    let overruled = Overruled {
        attribute: 2,
        earlier: 3,
        later: 5,
    };
    assert_eq!(parsed.overruled, [overruled]);
}

#[test]
fn words_that_mean_nothing_are_named_and_each_word_has_its_place() {
    let caption = "a sad ☕ cat with a purple beard, cat";
    let parsed = parse(caption, &of_faces());
    assert_eq!(parsed.unknown, ["cat", "purple"]);
    let words: Vec<&str> = parsed
        .words
        .iter()
        .map(|w| &caption[w.start..w.end])
        .collect();
    assert_eq!(
        words,
        ["a", "sad", "cat", "with", "a", "purple", "beard", "cat"]
    );
    assert_eq!(parsed.words[1].meaning, Some((0, 1)));
    assert_eq!(parsed.words[3].meaning, None);
    assert!(parsed.words[3].is_known && !parsed.words[2].is_known);
}

#[test]
fn an_empty_caption_asks_for_nothing_and_a_megabyte_is_read_to_its_256th_word() {
    for nothing in ["", " \n", "☕ … ?"] {
        assert_eq!(parse(nothing, &of_faces()), parse("", &of_faces()));
    }
    assert_eq!(parse("", &of_faces()).rows, [0; 8]);
    let long = "red hair ".repeat(120_000);
    let parsed = parse(&long, &of_faces());
    assert_eq!((parsed.words.len(), parsed.n_unread), (256, 239_744));
    let one_word = "ß".repeat(1 << 20);
    assert_eq!(parse(&one_word, &of_faces()).words.len(), 1);
    assert_eq!(parse("red", &[]).rows, [0; 0]);
}

#[test]
fn digits_are_asked_for_by_figure_or_by_name() {
    assert_eq!(parse("a 7", &of_digits()).rows, [8]);
    assert_eq!(parse("zero", &of_digits()).rows, [1]);
    assert_eq!(parse("the eleven", &of_digits()).unknown, ["eleven"]);
}
