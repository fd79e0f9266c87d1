//! Arithmetic with a few words whose answers are known.

use super::analogies::{Outcome, Questions};
use super::*;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ops::ControlFlow;

/// What gensim says of some vectors.
#[derive(Deserialize)]
struct Gensim {
    nearest: Vec<Expectation>,
    questions: String,
    /// By how many words took part: one letter for each question.
    outcomes: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Expectation {
    terms: Vec<(String, f64)>,
    nearest: Vec<(String, f64)>,
}

/// The random vectors of `tests/data/make_embeddings_fixtures.py`.
#[derive(Deserialize)]
struct Random {
    words: Vec<String>,
    width: usize,
    sixty_fourths: Vec<i32>,
    #[serde(flatten)]
    gensim: Gensim,
}

fn random() -> (Space, Gensim) {
    let text = include_str!("../../../tests/data/embeddings.json");
    let random: Random = serde_json::from_str(text).unwrap();
    let values = random.sixty_fourths.iter().map(|&x| x as f32 / 64.0);
    let space = space_of(&random.words, random.width, values.collect());
    (space, random.gensim)
}

/// The vectors that ship, and `tests/data/make_glove_fixtures.py`.
fn shipped() -> (Space, Gensim) {
    let text = include_str!("../../../tests/data/glove.json");
    let space = Space::new(WordVectors::builtin().unwrap());
    (space, serde_json::from_str(text).unwrap())
}

fn space_of<W: ToString>(words: &[W], width: usize, values: Vec<f32>) -> Space {
    let words = words.iter().map(ToString::to_string).collect();
    Space::new(WordVectors::from_rows("test", words, width, values).unwrap())
}

/// The lecture's table: authority and gender.
fn lecture() -> Space {
    let words = ["man", "woman", "king", "queen", "nothing", "Rome"];
    let values = [1.0, 1.0, 1.0, 2.0, 2.0, 1.0, 2.0, 2.0, 0.0, 0.0, -3.0, 1.0];
    space_of(&words, 2, values.to_vec())
}

fn answer(space: &Space, expression: &str, options: &Options) -> Answer {
    let answer = space.evaluate(expression, options, &mut |_| ControlFlow::Continue(()));
    answer.unwrap()
}

fn mistake(space: &Space, text: &str) -> (String, String) {
    let options = Options::default();
    match space.evaluate(text, &options, &mut |_| ControlFlow::Continue(())) {
        Err(Wrong::Mistake(mistake)) => (text[mistake.at].to_owned(), mistake.what),
        other => panic!("{other:?}"),
    }
}

fn raw(metric: Metric) -> Options {
    Options {
        metric,
        scale: Scale::Raw,
        ..Options::default()
    }
}

#[test]
fn the_lectures_king_less_man_and_woman_is_the_queen() {
    for metric in [Metric::Cosine, Metric::Dot, Metric::Euclid] {
        let answer = answer(&lecture(), "king - man + woman", &raw(metric));
        assert_eq!(answer.vector, [2.0, 2.0]);
        let found = answer.nearest.iter().find(|near| !near.is_input).unwrap();
        assert_eq!(found.word, "queen");
        assert!((found.cosine - 1.0).abs() < 1e-12 && found.dot == 8.0 && found.euclid == 0.0);
        let inputs = answer.nearest.iter().filter(|near| near.is_input).count();
        assert_eq!(inputs, 3);
        let plane = answer.plane.unwrap();
        assert!(plane.error < 1e-12);
        assert_eq!(plane.points.len(), 5);
    }
}

#[test]
fn by_the_lectures_dot_product_the_longer_is_nearer_and_by_the_cosine_it_is_not() {
    let songs = ["short", "long", "other"];
    let space = space_of(&songs, 2, vec![10.0, 10.0, 50.0, 50.0, 5.0, 20.0]);
    let first = |options: &Options| {
        let answer = answer(&space, "short", options);
        let others = answer.nearest.into_iter().filter(|near| !near.is_input);
        others.map(|near| near.word).next().unwrap()
    };
    assert_eq!(first(&raw(Metric::Cosine)), "long");
    assert_eq!(first(&raw(Metric::Dot)), "long");
    assert_eq!(first(&raw(Metric::Euclid)), "other");
    // At length 1 the three agree.
    let unit = |metric| Options {
        metric,
        ..Options::default()
    };
    assert_eq!(first(&unit(Metric::Euclid)), "long");
    assert_eq!(first(&unit(Metric::Dot)), "long");
}

#[test]
fn nearest_words_are_gensims_to_a_millionth() {
    for (space, gensim) in [random(), shipped()] {
        for expectation in &gensim.nearest {
            let terms = expectation.terms.iter();
            let terms: Vec<String> = terms
                .map(|(word, by)| format!("({by}) * \"{word}\""))
                .collect();
            let options = Options {
                top: expectation.nearest.len(),
                ..Options::default()
            };
            let answer = answer(&space, &terms.join(" + "), &options);
            let found = answer.nearest.iter().filter(|near| !near.is_input);
            let found: Vec<&Near> = found.collect();
            assert_eq!(found.len(), expectation.nearest.len());
            for (near, (word, similarity)) in found.iter().zip(&expectation.nearest) {
                assert_eq!(near.word, *word);
                assert!((near.cosine - similarity).abs() < 1e-6, "{word}");
            }
        }
    }
}

#[test]
fn analogies_are_answered_as_gensim_answers_them_question_by_question() {
    for (space, gensim) in [random(), shipped()] {
        let questions = Questions::read(&gensim.questions).unwrap();
        for (limit, outcomes) in &gensim.outcomes {
            let limit = limit.parse().unwrap();
            let mut parts = Vec::new();
            let report = space.analogies(&questions, Some(limit), &mut |part| {
                parts.push(part);
                ControlFlow::Continue(())
            });
            let report = report.unwrap();
            let said = report.outcomes.iter().map(|outcome| match outcome {
                Outcome::Skipped => 's',
                Outcome::Correct => 'c',
                Outcome::Wrong(_) => 'i',
            });
            assert_eq!(said.collect::<String>(), *outcomes, "{limit}");
            assert!(parts.is_sorted() && parts.last() == Some(&1.0));
            let count = report.count(&questions, None);
            assert_eq!(count.total, outcomes.len());
            assert_eq!(count.skipped, outcomes.matches('s').count());
            assert_eq!(count.correct, outcomes.matches('c').count());
        }
    }
}

#[test]
fn questions_are_read_in_sections_and_other_lines_passed_over() {
    let questions = Questions::read(&random().1.questions).unwrap();
    assert_eq!(questions.sections, ["found", "by chance", "letters"]);
    assert_eq!(questions.n_invalid, 2);
    assert_eq!(questions.questions[60].section, 1);
}

#[test]
fn of_two_equally_near_words_the_first_is_the_answer() {
    let words = ["a", "b", "c", "first", "second"];
    let values = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [-1.0, 3.0], [-1.0, 3.0]];
    let space = space_of(&words, 2, values.concat());
    let questions = Questions::read("a b c first\na b c second\n").unwrap();
    let report = space.analogies(&questions, None, &mut |_| ControlFlow::Continue(()));
    let wrong = Outcome::Wrong(Some("first".into()));
    assert_eq!(report.unwrap().outcomes, [Outcome::Correct, wrong]);
}

#[test]
fn ranks_count_with_the_inputs_and_without() {
    let (space, _) = random();
    let text = "w1 - w2 + 0.5 * w3";
    for options in [
        Options::default(),
        raw(Metric::Cosine),
        raw(Metric::Dot),
        raw(Metric::Euclid),
    ] {
        let all = Options {
            top: 1000,
            ..options.clone()
        };
        let all = answer(&space, text, &all).nearest;
        for word in ["w4", "near8", "apple", "w1"] {
            let options = Options {
                expected: Some(word.into()),
                ..options.clone()
            };
            let Some(Expected::Ranked(ranked)) = answer(&space, text, &options).expected else {
                panic!("{word} is known");
            };
            let with = all.iter().position(|near| near.word == word).unwrap() + 1;
            let before = all[..with].iter().filter(|near| !near.is_input).count();
            assert_eq!(ranked.rank_with_inputs, with);
            assert_eq!(ranked.rank, (word != "w1").then_some(before));
        }
    }
}

#[test]
fn a_search_through_every_metric_is_the_definitions() {
    let (space, _) = random();
    let places = 0..space.vectors().len();
    let rows: Vec<Vec<f32>> = places.map(|i| space.vector(i)).collect();
    for metric in [Metric::Cosine, Metric::Dot, Metric::Euclid] {
        let answer = answer(&space, "w1 * 2 - w9", &raw(metric));
        let rows = rows.iter().map(Vec::as_slice);
        let plain = crate::algo::nearest::nearest(&answer.vector, rows, metric, 10);
        for (near, found) in answer.nearest.iter().zip(plain) {
            assert_eq!(near.index, found.index);
        }
    }
}

#[test]
fn an_unknown_word_is_named_and_left_out() {
    let space = lecture();
    let answer = answer(&space, "king - man + wommen + rome", &Options::default());
    assert_eq!(answer.terms.len(), 3);
    // A capital may be forgotten.
    assert_eq!(answer.terms[2].word, "Rome");
    let unknown = &answer.unknown[0];
    assert_eq!(
        (unknown.word.as_str(), unknown.at[0].clone()),
        ("wommen", 13..19)
    );
    assert_eq!(unknown.suggestions, ["woman"]);
    let (at, what) = mistake(&space, "1 * quine + vromage");
    assert!(what.contains("None of these words"), "{what}");
    assert_eq!(at, "quine + vromage");
    let (_, what) = mistake(&space, "quene");
    assert!(what.contains("“quene”"), "{what}");
}

#[test]
fn what_comes_to_nothing_has_no_answer() {
    let space = lecture();
    for (text, at, said) in [
        ("king - KING", "king - KING", "zero vector"),
        ("man + queen - nothing", "nothing", "points nowhere"),
        ("queen - man", "queen - man", "zero vector"),
        ("king / 0", "0", "divides by zero"),
    ] {
        let (found, what) = mistake(&space, text);
        assert!(what.contains(said), "{text}: {what}");
        assert_eq!(found, at, "{text}: {what}");
    }
    let wrong = Wrong::Mistake(Mistake {
        at: 0..0,
        what: "There is nothing here yet.".into(),
    });
    assert_eq!(wrong.refusal("").what, "There is nothing here yet");
}

#[test]
fn a_stop_leaves_no_answer() {
    let space = lecture();
    let stopped = space.evaluate("king", &Options::default(), &mut |_| ControlFlow::Break(()));
    assert_eq!(stopped, Err(Wrong::Stopped));
    let questions = Questions::read("man woman king queen\n").unwrap();
    let report = space.analogies(&questions, None, &mut |_| ControlFlow::Break(()));
    let report = report.unwrap();
    assert!(report.stopped && report.outcomes.is_empty());
}

#[test]
fn words_are_completed_and_near_spellings_found_the_commoner_first() {
    let words = [
        "the", "king", "kings", "Kingdom", "kin", "link", "new_york", "zürich",
    ];
    let space = space_of(&words, 1, vec![1.0; words.len()]);
    assert_eq!(space.complete("kin", 2), ["king", "kings"]);
    assert_eq!(space.complete("KING", 9), ["king", "kings", "Kingdom"]);
    assert_eq!(space.complete("", 9), [""; 0]);
    assert_eq!(space.similar_spelling("kign", 2), ["king", "kin"]);
    assert_eq!(space.similar_spelling("Zurich", 3), ["zürich"]);
    assert_eq!(space.similar_spelling("quite different", 3), [""; 0]);
    assert_eq!(space.find("New York"), Some(6));
    assert_eq!(space.find("THE"), Some(0));
    assert_eq!(space.find("kingdom"), Some(3));
    assert_eq!(space.find("York"), None);
}

#[test]
fn a_text_without_questions_is_refused() {
    for text in [
        "",
        ": section\n",
        "three words only\nor five of them here\n",
    ] {
        let refusal = Questions::read(text).unwrap_err();
        assert!(refusal.what.contains("no question"), "{text:?}");
    }
    assert!(Questions::open(std::path::Path::new("/dev/zero")).is_err());
    assert!(Questions::open(std::path::Path::new("not/there.txt")).is_err());
}
