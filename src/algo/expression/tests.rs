//! What an expression means, and where each mistake is.

use super::*;

fn read(text: &str) -> Result<Vec<(String, f64)>, Mistake> {
    let words = ["x-ray", "and/or", "new york", "twenty-one", "3-d", "1/2"];
    let terms = parse(text, &mut |word| words.contains(&word))?;
    Ok(terms.into_iter().map(|t| (t.word, t.weight)).collect())
}

/// The words and weights as one line.
fn sum(text: &str) -> String {
    let terms = read(text).unwrap().into_iter();
    let terms = terms.map(|(word, weight)| format!("{weight} {word}"));
    terms.collect::<Vec<_>>().join(", ")
}

/// The piece of the text that a mistake points at, and what it says of it.
fn mistake(text: &str) -> (&str, String) {
    let mistake = read(text).unwrap_err();
    (&text[mistake.at], mistake.what)
}

#[test]
fn words_are_weighed_as_arithmetic_says() {
    assert_eq!(sum("king - man + woman"), "1 king, -1 man, 1 woman");
    assert_eq!(
        sum("(paris - france) * 0.5 + italy"),
        "0.5 paris, -0.5 france, 1 italy"
    );
    assert_eq!(sum("2 * (a - (b - c) / 4) * 2"), "4 a, -1 b, 1 c");
    assert_eq!(sum("-a - -b + +c"), "-1 a, 1 b, 1 c");
    assert_eq!(sum("-2 * -a"), "2 a");
    assert_eq!(sum("(1 + 1) * a - 6 / 2 * b"), "2 a, -3 b");
    assert_eq!(sum("a - b - c"), "1 a, -1 b, -1 c");
    assert_eq!(sum("a + b + a"), "2 a, 1 b");
    assert_eq!(sum("a * 2 / 4"), "0.5 a");
    assert_eq!(sum("1e-1 * a + .5 * b"), "0.1 a, 0.5 b");
}

#[test]
fn a_hyphen_is_a_minus_unless_there_is_such_a_word() {
    assert_eq!(sum("king-man+woman"), "1 king, -1 man, 1 woman");
    assert_eq!(sum("x-ray - ray"), "1 x-ray, -1 ray");
    assert_eq!(sum("king-x-ray"), "1 king, -1 x-ray");
    assert_eq!(
        sum("x-ray-twenty-one-twenty"),
        "1 x-ray, -1 twenty-one, -1 twenty"
    );
    assert_eq!(sum("and/or + king/2"), "1 and/or, 0.5 king");
    assert_eq!(sum("1/2*king"), "0.5 king");
    assert_eq!(sum("3-d"), "1 3-d");
}

#[test]
fn quotation_marks_make_a_word_of_anything() {
    assert_eq!(
        sum("\"new york\" - “1984” + \"-\""),
        "1 new york, -1 1984, 1 -"
    );
    assert_eq!(
        sum("don't + u.s. + 1980s + c3po"),
        "1 don't, 1 u.s., 1 1980s, 1 c3po"
    );
}

#[test]
fn the_signs_of_a_printed_page_are_read() {
    assert_eq!(
        sum("king − man + 2 × woman ÷ 4"),
        "1 king, -1 man, 0.5 woman"
    );
    assert_eq!(sum("Köln – Straße·2"), "1 Köln, -2 Straße");
}

#[test]
fn a_term_knows_every_place_where_it_stands() {
    let terms = parse(" a - \"a\" * 3", &mut |_| false).unwrap();
    assert_eq!(terms[0].weight, -2.0);
    assert_eq!(terms[0].at, [1..2, 5..8]);
}

#[test]
fn every_mistake_says_where_it_is() {
    for (text, at, what) in [
        ("(king - man", "(", "never closed"),
        ("king - (man", "(", "never closed"),
        ("king - (", "(", "never closed"),
        ("king - man) + woman", ")", "never opened"),
        (")", ")", "never opened"),
        ("king + ()", "()", "nothing between"),
        ("king - man / 0", "0", "divides by zero"),
        ("king / (1 - 1)", "(1 - 1)", "divides by zero"),
        ("1 / 0 * king", "0", "divides by zero"),
        ("king * man", "king * man", "only a number"),
        ("king / (a - b)", "king / (a - b)", "only a number"),
        ("2 / king", "2 / king", "cannot be divided"),
        ("king + 2", "2", "2 * and a word"),
        ("1984 - king", "1984", "quotation marks"),
        ("1984", "1984", "number alone"),
        ("  (3 * 4) ", "(3 * 4)", "number alone"),
        ("king -", "-", "missing after"),
        ("king - * man", "*", "missing before"),
        ("(king -) + man", "-", "missing after"),
        ("* king", "*", "missing before"),
        ("king man", "man", "between “king” and “man”"),
        ("2 king", "king", "Write * between “2” and “king”"),
        ("king (man)", "(", "Write + or -"),
        ("(king) man", "man", "Write + or -"),
        ("king, man", ",", "means nothing"),
        ("0,8 * king", ",", "0.8"),
        ("[king]", "[", "round brackets"),
        ("king - man = woman", "=", "Leave"),
        ("\"king", "\"king", "never closed"),
        ("\" \" + king", "\" \"", "no word"),
        ("1e999 * king", "1e999", "too large"),
        ("1e300 * 1e300 * king", "1e300 * 1e300", "too large"),
        ("1e300 * (king * 1e300)", "king", "too large"),
        ("king - king", "king - king", "zero vector"),
        (" 0 * king ", "0 * king", "zero vector"),
        ("", "", "nothing here yet"),
        ("  ", "  ", "nothing here yet"),
        ("king \u{7} man", "\u{7}", "means nothing"),
    ] {
        let (found_at, found) = mistake(text);
        assert!(found.contains(what), "{text:?}: {found}");
        assert_eq!(found_at, at, "{text:?}: {found}");
        assert!(found.ends_with('.'), "{text:?}: {found}");
    }
}

#[test]
fn a_megabyte_of_anything_is_answered() {
    let n = 1 << 20;
    let deep = "(".repeat(n / 2) + "a" + &")".repeat(n / 2);
    assert_eq!(sum(&deep), "1 a");
    assert_eq!(mistake(&"(".repeat(n)).0, "(");
    assert_eq!(mistake(&")".repeat(n)).0, ")");
    assert_eq!(sum(&("-".repeat(n) + "a")), "1 a");
    assert_eq!(sum(&("a+".repeat(n / 2) + "a")), format!("{} a", n / 2 + 1));
    assert_eq!(
        sum(&("(".repeat(n / 8) + "a" + &"*-1)".repeat(n / 8))),
        "1 a"
    );
    assert_eq!(
        sum(&("a-".repeat(n / 2) + "b")).len(),
        "-524286 a, -1 b".len()
    );
    let many: Vec<String> = (0..n / 8).map(|i| format!("w{i}")).collect();
    assert_eq!(read(&many.join("-")).unwrap().len(), n / 8);
    let long = "é".repeat(n / 2);
    assert_eq!(sum(&long).len(), n + 2);
    assert!(mistake(&format!("{long} {long}")).1.len() < 300);
}
