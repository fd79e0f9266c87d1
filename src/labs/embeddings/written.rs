//! A weighted sum of words as an expression that reads back as the same sum.

use std::ops::Range;

/// `king - 0.8 * man + woman` of its words and weights. Weights are rounded to three decimals.
pub fn written<'a>(terms: impl IntoIterator<Item = (&'a str, f64)>) -> String {
    let mut out = String::new();
    for (word, weight) in terms {
        let weight = (weight * 1000.0).round() / 1000.0;
        out += match (out.is_empty(), weight < 0.0) {
            (true, false) => "",
            (true, true) => "-",
            (false, false) => " + ",
            (false, true) => " - ",
        };
        if weight.abs() != 1.0 {
            out += &weight.abs().to_string();
            out += " * ";
        }
        out += &quoted(word);
    }
    out
}

/// The word, in quotation marks where an expression needs them.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphabetic() || c.is_ascii_digit() || matches!(c, '_' | '\'');
    let is_word = word.chars().all(plain) && word.contains(|c: char| !c.is_ascii_digit());
    if is_word {
        word.to_owned()
    } else {
        format!("\"{word}\"")
    }
}

/// The expression with another word at each of these places.
#[must_use]
pub fn replaced(expression: &str, places: &[Range<usize>], word: &str) -> String {
    let mut out = expression.to_owned();
    let mut places: Vec<&Range<usize>> = places.iter().collect();
    places.sort_by_key(|place| std::cmp::Reverse(place.start));
    for place in places {
        if out.get(place.clone()).is_some() {
            out.replace_range(place.clone(), &quoted(word));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algo::expression;

    #[test]
    fn what_is_written_reads_back_as_the_same_sum() {
        let sums: [&[(&str, f64)]; 4] = [
            &[("king", 1.0), ("man", -1.0), ("woman", 1.0)],
            &[("a", -0.35), ("x-ray", 2.0), ("'s", 1.0)],
            &[
                ("new york", 0.05),
                ("1984", -1.0),
                ("!", 3.0),
                ("u.s.", 1.0),
            ],
            &[("naïve", 1.0), ("東京", -0.125)],
        ];
        for sum in sums {
            let text = written(sum.iter().copied());
            let read = expression::parse(&text, &mut |_| false).unwrap();
            let read: Vec<(&str, f64)> = read.iter().map(|t| (t.word.as_str(), t.weight)).collect();
            assert_eq!(read, sum, "{text}");
        }
        assert_eq!(
            written([("king", 1.0), ("man", -0.8), ("woman", 0.0)]),
            "king - 0.8 * man + 0 * woman"
        );
    }

    #[test]
    fn a_misspelt_word_is_replaced_wherever_it_stands() {
        let fixed = replaced("qeen - man + qeen", &[0..4, 13..17], "queen");
        assert_eq!(fixed, "queen - man + queen");
        assert_eq!(replaced("a b", &[5..9, 2..3], "c"), "a c");
    }
}
