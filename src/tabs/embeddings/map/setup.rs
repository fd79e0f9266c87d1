//! What a person chose for the map.

use crate::labs::embeddings::map::{Method, Settings};
use serde::{Deserialize, Serialize};

/// The fewest and the most words on a map.
pub(super) const N_WORDS: std::ops::RangeInclusive<usize> = 50..=400_000;

/// How the words are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Layout {
    /// Along the directions of most variance.
    #[default]
    Pca,
    /// Neighbours stay together.
    Tsne,
    /// Neighbours stay together, faster.
    Umap,
    /// Along axes between words.
    Own,
}

impl Layout {
    pub(super) const ALL: [Self; 4] = [Self::Pca, Self::Tsne, Self::Umap, Self::Own];

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Pca => "PCA",
            Self::Tsne => "t-SNE",
            Self::Umap => "UMAP",
            Self::Own => "Own axes",
        }
    }

    pub(super) fn hint(self) -> &'static str {
        match self {
            Self::Pca => {
                "Principal component analysis: the flat picture that keeps most of the differences. Exact, and distances on it are real shadows of distances."
            }
            Self::Tsne => {
                "Moves points until neighbours in the whole space are neighbours here. Groups mean something; how far apart they are does not."
            }
            Self::Umap => {
                "As t-SNE, by pulling and pushing along a graph of neighbours. Groups mean something; the distances between them mean little."
            }
            Self::Own => "Two words make an axis: from man to woman, from poor to rich.",
        }
    }

    /// The method that lays out so, if a lab must.
    pub(super) fn method(self) -> Option<Method> {
        match self {
            Self::Pca => Some(Method::Pca),
            Self::Tsne => Some(Method::Tsne),
            Self::Umap => Some(Method::Umap),
            Self::Own => None,
        }
    }
}

/// Two words with a direction from one to the other.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub(super) struct Pair {
    pub from: String,
    pub to: String,
}

impl Pair {
    pub(super) fn new(from: &str, to: &str) -> Self {
        Self {
            from: from.into(),
            to: to.into(),
        }
    }
}

/// Pairs that one click takes.
pub(super) const PAIRS: [[&str; 2]; 4] = [
    ["man", "woman"],
    ["poor", "rich"],
    ["cold", "hot"],
    ["bad", "good"],
];

/// Everything that makes a map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Setup {
    pub layout: Layout,
    pub n_words: usize,
    /// In three dimensions.
    pub solid: bool,
    pub perplexity: f64,
    pub n_neighbors: usize,
    pub min_dist: f64,
    pub seed: u64,
    /// The axes of one's own; the third counts in space.
    pub axes: [Pair; 3],
    /// Whether the colour shows a direction, and which.
    pub colored: bool,
    pub color: Pair,
}

impl Default for Setup {
    fn default() -> Self {
        let usual = Settings::usual(Method::Umap);
        Self {
            layout: Layout::Pca,
            n_words: 5000,
            solid: false,
            perplexity: usual.perplexity,
            n_neighbors: usual.n_neighbors,
            min_dist: usual.min_dist,
            seed: 0,
            axes: [
                Pair::new("man", "woman"),
                Pair::new("poor", "rich"),
                Pair::new("cold", "hot"),
            ],
            colored: false,
            color: Pair::new("man", "woman"),
        }
    }
}

impl Setup {
    /// How many axes the map has.
    pub(super) fn n_dims(&self) -> usize {
        if self.solid { 3 } else { 2 }
    }

    /// What the lab is asked for.
    pub(super) fn settings(&self, method: Method) -> Settings {
        Settings {
            n_dims: self.n_dims(),
            perplexity: self.perplexity,
            n_neighbors: self.n_neighbors,
            min_dist: self.min_dist,
            seed: self.seed,
            ..Settings::usual(method)
        }
    }
}
