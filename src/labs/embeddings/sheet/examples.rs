//! The tables that lectures begin with. Royalty, masculinity and femininity are Adrian Colyer's "The
//! amazing power of word vectors" (2016); the songs' numbers are one listener's opinion, and there to
//! be disagreed with.

use super::{Row, Sheet};

/// A table to begin with, and what it shows.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// What the button says.
    pub name: &'static str,
    /// What there is to see.
    pub hint: &'static str,
    axes: &'static [&'static str],
    /// Name, weight, numbers.
    rows: &'static [(&'static str, f64, &'static [f64])],
    /// What the sum means here.
    pub meaning: Meaning,
}

/// What adding rows up means in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// An analogy: what is to woman as king is to man?
    Analogy,
    /// A taste: what is like all that a person likes?
    Taste,
}

/// The tables, the best known first.
pub const EXAMPLES: [Example; 4] = [
    Example {
        name: "king − man + woman",
        hint: "Three properties are enough: take the man out of the king, put a woman in, and the row that points the same way is queen.",
        axes: &["royalty", "masculinity", "femininity"],
        rows: &[
            ("king", 1.0, &[0.99, 0.99, 0.05]),
            ("queen", 0.0, &[0.99, 0.05, 0.98]),
            ("man", -1.0, &[0.01, 0.95, 0.06]),
            ("woman", 1.0, &[0.02, 0.01, 0.999]),
            ("princess", 0.0, &[0.98, 0.02, 0.94]),
            ("prince", 0.0, &[0.97, 0.94, 0.03]),
        ],
        meaning: Meaning::Analogy,
    },
    Example {
        name: "two axes",
        hint: "The same with two whole numbers each, so that it can be drawn on squared paper: king − man + woman is queen exactly.",
        axes: &["authority", "gender"],
        rows: &[
            ("man", -1.0, &[1.0, 1.0]),
            ("woman", 1.0, &[1.0, 2.0]),
            ("king", 1.0, &[2.0, 1.0]),
            ("queen", 0.0, &[2.0, 2.0]),
        ],
        meaning: Meaning::Analogy,
    },
    Example {
        name: "songs",
        hint: "How a recommendation works: give the songs that you like a weight, and the row nearest to their sum is the song to play next.",
        axes: &["rock", "classical", "EDM"],
        rows: &[
            ("Here Comes the Sun", 1.0, &[0.85, 0.15, 0.02]),
            ("Bohemian Rhapsody", 1.0, &[0.80, 0.55, 0.03]),
            ("Für Elise", 0.0, &[0.01, 0.99, 0.01]),
            ("Levels", 0.0, &[0.05, 0.02, 0.98]),
            ("Stairway to Heaven", 0.0, &[0.92, 0.35, 0.01]),
            ("Ride of the Valkyries", 0.0, &[0.12, 0.97, 0.02]),
            ("One More Time", 0.0, &[0.12, 0.01, 0.90]),
            ("Smells Like Teen Spirit", 0.0, &[0.98, 0.01, 0.05]),
            ("Blue Monday", 0.0, &[0.45, 0.02, 0.80]),
        ],
        meaning: Meaning::Taste,
    },
    Example {
        name: "animals",
        hint: "What does a wolf lose when it becomes a dog, and what is a cat with that put back?",
        axes: &["size", "wildness", "barks", "purrs"],
        rows: &[
            ("wolf", 1.0, &[0.60, 0.95, 0.70, 0.00]),
            ("dog", -1.0, &[0.45, 0.10, 0.95, 0.00]),
            ("cat", 1.0, &[0.20, 0.15, 0.00, 0.95]),
            ("lion", 0.0, &[0.85, 0.95, 0.00, 0.35]),
            ("lynx", 0.0, &[0.40, 0.95, 0.00, 0.75]),
            ("mouse", 0.0, &[0.02, 0.60, 0.00, 0.00]),
        ],
        meaning: Meaning::Analogy,
    },
];

impl Example {
    /// The table.
    #[must_use]
    pub fn sheet(&self) -> Sheet {
        Sheet {
            axes: self.axes.iter().map(|&axis| axis.to_owned()).collect(),
            rows: self
                .rows
                .iter()
                .map(|&(name, weight, values)| Row {
                    name: name.to_owned(),
                    weight,
                    values: values.to_vec(),
                })
                .collect(),
        }
    }
}
