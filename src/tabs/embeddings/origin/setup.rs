//! What a person chose for making vectors.

use crate::labs::embeddings::origin::{
    CountSettings, GloveSettings, SqueezeSettings, Weighting, Window,
};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Where the text comes from.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) enum Text {
    /// The one that ships.
    #[default]
    Shipped,
    /// A file.
    File(PathBuf),
}

/// What makes numbers of the counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Maker {
    /// PPMI and a truncated SVD.
    #[default]
    Svd,
    /// GloVe.
    Glove,
}

/// Everything that makes vectors of a text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Setup {
    pub text: Text,
    pub max_words: usize,
    pub min_count: u64,
    pub reach: usize,
    pub by_distance: bool,
    pub smoothing: f64,
    pub maker: Maker,
    pub width: usize,
    pub power: f64,
    pub n_epochs: usize,
    pub seed: u64,
}

impl Default for Setup {
    fn default() -> Self {
        let counting = CountSettings::default();
        Self {
            text: Text::Shipped,
            max_words: counting.max_words,
            min_count: counting.min_count,
            reach: counting.window.reach,
            by_distance: counting.window.by_distance,
            smoothing: 0.75,
            maker: Maker::Svd,
            width: 50,
            power: SqueezeSettings::default().power,
            n_epochs: 25,
            seed: 0,
        }
    }
}

impl Setup {
    pub(super) fn counting(&self) -> CountSettings {
        CountSettings {
            max_words: self.max_words,
            min_count: self.min_count,
            window: Window {
                reach: self.reach,
                by_distance: self.by_distance,
            },
        }
    }

    pub(super) fn weighting(&self) -> Weighting {
        Weighting {
            smoothing: self.smoothing,
            shift: 1.0,
        }
    }

    pub(super) fn squeezing(&self) -> SqueezeSettings {
        SqueezeSettings {
            width: self.width,
            power: self.power,
            seed: self.seed,
        }
    }

    pub(super) fn glove(&self) -> GloveSettings {
        GloveSettings {
            width: self.width,
            seed: self.seed,
            ..GloveSettings::default()
        }
    }

    /// What people call the text.
    pub(super) fn text_name(&self) -> String {
        match &self.text {
            Text::Shipped => crate::labs::embeddings::origin::builtin().0.into(),
            Text::File(path) => {
                let name = path.file_name().unwrap_or(path.as_os_str());
                name.to_string_lossy().into_owned()
            }
        }
    }
}
