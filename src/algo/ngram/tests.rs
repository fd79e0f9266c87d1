//! The figures that a lecture has on its slides, and what a naive count says.

use super::*;
use std::collections::BTreeMap;

const ALPHA: &str =
    "I have a dog whose name is Alpha. I have two cats, they like playing with Alpha";

fn table(unit: Unit, order: usize, text: &str) -> Table {
    let mut counter = Counter::new(unit, order);
    counter.push(text);
    counter.finish()
}

fn symbols(table: &Table, text: &str) -> Vec<Symbol> {
    let symbols = table.symbols(text);
    assert!(!symbols.contains(&UNKNOWN), "{text}");
    symbols
}

/// P(next | context) without smoothing.
fn p(table: &Table, context: &str, next: &str) -> (u64, u64) {
    let context = symbols(table, context);
    let found = table.next(&context, Smoothing::None, 0);
    let next = table.symbols(next);
    let row = found.rows.iter().find(|row| next == [row.symbol]);
    (row.map_or(0, |row| row.count), found.total)
}

fn moby_dick() -> &'static str {
    include_str!("../../../assets/texts/moby-dick.txt")
}

#[test]
fn the_sentence_of_the_lecture_gives_its_probabilities() {
    let of = |order| table(Unit::Words, order, ALPHA);
    assert_eq!(of(1).n_symbols(), 17);
    assert_eq!(p(&of(1), "", "Alpha"), (2, 17));
    assert_eq!(p(&of(1), "", "cats"), (1, 17));
    assert_eq!(p(&of(2), "I", "have"), (2, 2));
    assert_eq!(p(&of(2), "have", "two"), (1, 2));
    assert_eq!(p(&of(3), "I have", "a"), (1, 2));
    assert_eq!(p(&of(2), "have", "eating"), (0, 2));
}

/// Counted by a few lines of Python with `unicodedata` and `re`, from the same file.
#[test]
fn moby_dick_in_letters_gives_the_counts_of_a_plain_count() {
    let table = table(Unit::Letters, 5, moby_dick());
    let count = |gram: &str| table.count(&symbols(&table, gram));
    assert_eq!([count(" qu"), count("qu")], [716, 1543]);
    assert_eq!(
        ["que", "qui", "qua", "quo"].map(count),
        [775, 307, 260, 201]
    );
    assert_eq!(["aal", "aam", "aan"].map(count), [0, 2, 2]);
    let after_q = table.next(&symbols(&table, " q"), Smoothing::None, 0);
    assert_eq!((after_q.total, after_q.rows.len()), (716, 1));
    assert_eq!(table.n_possible(5), 14_348_907);
    let five = table.orders()[4];
    assert_eq!(
        (table.n_symbols(), five.n_distinct, five.n_once),
        (1_146_626, 84_275, 25_638)
    );
    let (gram, count) = &table.commonest(3, 1)[0];
    assert_eq!((&table.text(gram)[..], *count), (" th", 25_673));
}

#[test]
fn moby_dick_in_words_gives_the_counts_of_a_plain_count() {
    let table = table(Unit::Words, 3, moby_dick());
    assert_eq!((table.n_symbols(), table.n_alphabet()), (212_270, 16_922));
    assert_eq!(table.count(&symbols(&table, "the white whale")), 88);
    let (gram, count) = &table.commonest(3, 1)[0];
    assert_eq!((&table.text(gram)[..], *count), ("the sperm whale", 114));
}

/// Shannon (1951), "Prediction and entropy of printed English", gives F₁ 4.03, F₂ 3.32 and F₃ 3.1
/// bits for 27 letters, from tables of other texts.
#[test]
fn a_letter_of_moby_dick_holds_the_bits_that_shannon_found() {
    let table = table(Unit::Letters, 3, moby_dick());
    let bits: Vec<f64> = table.orders().iter().map(|orders| orders.bits).collect();
    assert!((bits[0] - 4.03).abs() < 0.1 && (bits[1] - 3.32).abs() < 0.01);
    // Shannon's F₃ comes from a table of trigrams within words; ours is lower, as a plain count is.
    for (bits, counted) in bits.iter().zip([4.0944, 3.3201, 2.7154]) {
        assert!((bits - counted).abs() < 1e-4, "{bits} against {counted}");
    }
}

#[test]
fn counts_are_those_of_a_naive_count_however_the_text_comes() {
    let text: String = moby_dick().chars().skip(5_000).take(30_000).collect();
    for unit in [Unit::Letters, Unit::Words] {
        for order in [1, 2, 4, 7] {
            let mut counter = Counter::with_limits(unit, order, usize::MAX, 257);
            let mut rest = &text[..];
            while !rest.is_empty() {
                let end = rest.floor_char_boundary(700);
                let cut = crate::algo::words::last_break(&rest[..end]).unwrap_or(end);
                counter.push(&rest[..cut]);
                rest = &rest[cut..];
            }
            let table = counter.finish();
            let all = symbols(&table, &text);
            assert_eq!(table.n_symbols(), all.len() as u64);
            for n in 1..=order {
                let mut naive: BTreeMap<&[Symbol], u64> = BTreeMap::new();
                all.windows(n)
                    .for_each(|gram| *naive.entry(gram).or_default() += 1);
                let orders = table.orders()[n - 1];
                assert_eq!(orders.n_distinct, naive.len() as u64);
                assert_eq!(orders.total, (all.len() + 1 - n) as u64);
                let once = naive.values().filter(|n| **n == 1).count();
                assert_eq!(orders.n_once, once as u64);
                assert!(naive.iter().all(|(gram, &n)| table.count(gram) == n));
                let mut contexts: BTreeMap<&[Symbol], Vec<(Symbol, u64)>> = BTreeMap::new();
                for (gram, &count) in &naive {
                    let (last, context) = gram.split_last().unwrap();
                    contexts.entry(context).or_default().push((*last, count));
                }
                for (context, found) in contexts.iter().step_by(7) {
                    assert_eq!(&table.continuations(context), found);
                }
                let most = naive
                    .iter()
                    .max_by_key(|(gram, n)| (**n, std::cmp::Reverse(*gram)));
                let (gram, count) = &table.commonest(n, 3)[0];
                assert_eq!((&gram[..], count), most.map(|(g, n)| (*g, n)).unwrap());
            }
        }
    }
}

#[test]
fn smoothed_probabilities_sum_to_one_and_reach_what_was_never_seen() {
    for (unit, order, context) in [
        (Unit::Letters, 3, "qu"),
        (Unit::Letters, 4, "xqz"),
        (Unit::Words, 2, "white"),
        (Unit::Words, 3, "whale white"),
    ] {
        let table = table(unit, order, &moby_dick()[..200_000]);
        let context = symbols(&table, context);
        for smoothing in [
            Smoothing::AddK(1.0),
            Smoothing::AddK(0.01),
            Smoothing::BackOff(0.75),
        ] {
            let next = table.next(&context, smoothing, usize::MAX);
            let sum: f64 = next.rows.iter().map(|row| row.p).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{sum}");
            assert_eq!(next.rows.len(), table.n_alphabet());
            assert!(next.rows.iter().all(|row| row.p > 0.0));
            let unseen = next.rows.iter().filter(|row| row.count == 0);
            assert_eq!(unseen.clone().count(), next.n_unseen);
            assert!((unseen.map(|row| row.p).sum::<f64>() - next.p_unseen).abs() < 1e-12);
        }
    }
    // Laplace by hand: “have” stands twice before something, and there are 14 different words.
    let table = table(Unit::Words, 2, ALPHA);
    let next = table.next(&symbols(&table, "have"), Smoothing::AddK(1.0), 99);
    assert_eq!(table.n_alphabet(), 14);
    assert_eq!(next.rows[0].p, 2.0 / 16.0);
    assert_eq!(next.rows.last().unwrap().p, 1.0 / 16.0);
    // Absolute discounting by hand: (1 − ½) / 2 from the bigram, and ½ · 2 / 2 of what the unigrams say:
    // (1 − ½) / 17 + (½ · 14 / 17) / 14.
    let next = table.next(&symbols(&table, "have"), Smoothing::BackOff(0.5), 99);
    let by_hand = 0.25 + 0.5 * (0.5 / 17.0 + 0.5 / 17.0);
    assert!((next.rows[0].p - by_hand).abs() < 1e-12);
}

#[test]
fn a_word_that_was_never_seen_has_nothing_behind_it_unless_smoothed() {
    let table = table(Unit::Words, 3, ALPHA);
    let context = table.symbols("penguins have");
    assert_eq!(context[0], UNKNOWN);
    let next = |smoothing| table.next(&context, smoothing, 99);
    let none = next(Smoothing::None);
    assert_eq!((none.total, none.rows.len(), none.n_unseen), (0, 0, 14));
    assert!(
        next(Smoothing::AddK(1.0))
            .rows
            .iter()
            .all(|row| row.p == 1.0 / 14.0)
    );
    let shorter = table.next(&context[1..], Smoothing::BackOff(0.5), 99);
    assert_eq!(next(Smoothing::BackOff(0.5)).rows[0].p, shorter.rows[0].p);
    let drawn = table.draw(&context, Smoothing::None, 0.0).unwrap();
    assert_eq!((drawn.n_left_out, drawn.total), (1, 2));
}

#[test]
fn what_is_drawn_follows_the_counts() {
    let table = table(Unit::Letters, 3, moby_dick());
    let context = symbols(&table, "qu");
    let n = 10_000;
    let drawn = |i: i32| table.draw(&context, Smoothing::None, f64::from(i) / f64::from(n));
    let e = symbols(&table, "e")[0];
    let n_e = (0..n)
        .filter(|&i| drawn(i).unwrap().row.symbol == e)
        .count();
    assert!((n_e as f64 / f64::from(n) - 775.0 / 1543.0).abs() < 1e-3);
    // Nothing follows “xqz”: the context is shortened until something does.
    let lost = table
        .draw(&symbols(&table, "qzx"), Smoothing::None, 0.5)
        .unwrap();
    assert!(lost.n_left_out > 0 && lost.total > 0);
    let none = tests::table(Unit::Words, 2, "… — …");
    assert!(none.draw(&[], Smoothing::None, 0.5).is_none());
    assert!(none.commonest(1, 5).is_empty() && none.orders()[0].total == 0);
}

#[test]
fn a_full_table_takes_no_more_and_counts_what_it_took() {
    let mut counter = Counter::with_limits(Unit::Letters, 7, 1_000, 100);
    let text = &moby_dick()[..100_000];
    for part in text.split_inclusive('\n') {
        counter.push(part);
    }
    assert!(counter.is_full());
    let taken = counter.n_symbols();
    let table = counter.finish();
    assert!(taken < 5_000 && table.n_symbols() == taken);
    let naive = symbols(&table, text);
    let whole = &naive[..taken as usize];
    assert_eq!(
        table.count(&whole[..3]),
        whole.windows(3).filter(|w| *w == &whole[..3]).count() as u64
    );
}
