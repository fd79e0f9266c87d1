//! Two vocabularies on one text: where one cuts and the other does not.

use super::Piece;

/// For each token of `own`, whether it ends where no token of `other` does. Both are of one text.
#[must_use]
pub fn lone_cuts(own: &[Piece], other: &[Piece]) -> Vec<bool> {
    let mut others = other.iter().map(|token| token.end).peekable();
    let is_lone = |token: &Piece| {
        while others.next_if(|&end| end < token.end).is_some() {}
        others.peek() != Some(&token.end)
    };
    own.iter().map(is_lone).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Specials, Tokenizer};
    use super::*;

    #[test]
    fn gpt2_and_gpt4_cut_strawberry_and_indentation_at_places_of_their_own() {
        let [gpt2, cl100k] = ["gpt2", "cl100k"].map(|name| Tokenizer::open(name).unwrap());
        let lone = |text| {
            let [own, other] = [&gpt2, &cl100k].map(|t| t.pieces(text, Specials::AsText));
            [lone_cuts(&own, &other), lone_cuts(&other, &own)]
        };
        // st|raw|berry in GPT-2; str|aw|berry in GPT-4 (tiktoken).
        assert_eq!(
            lone("strawberry"),
            [[true, false, false], [true, false, false]]
        );
        let [gpt2_alone, cl100k_alone] = lone("    return x");
        assert_eq!(gpt2_alone.iter().filter(|&&lone| lone).count(), 2);
        assert!(!cl100k_alone.contains(&true));
        assert!(lone("").concat().is_empty());
    }
}
