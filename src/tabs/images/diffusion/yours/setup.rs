//! What a person chose: the pictures, the word, and how it is learned.

use crate::labs::diffusion::About;
use crate::labs::diffusion::lora::{Example, Recipe, Source, new_word};
use crate::refusal::Refusal;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Snapshots of a whole run, besides the one before its first step.
const N_SNAPSHOTS: usize = 5;

/// What the bench says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Setup {
    /// Whether the person's own pictures are learned from, instead of the example.
    pub is_own: bool,
    pub example: Example,
    /// The person's own: files and folders.
    #[serde(skip)]
    pub files: Vec<PathBuf>,
    pub word: String,
    pub n_steps: usize,
    pub rank: usize,
    pub learning_rate: f64,
    pub keeps_prior: bool,
    pub is_described: bool,
    pub mirror: bool,
    pub seed: u64,
}

impl Default for Setup {
    fn default() -> Self {
        let recipe = Recipe::default();
        let example = Example::default();
        Self {
            is_own: false,
            example,
            files: Vec::new(),
            word: example.word().to_owned(),
            n_steps: recipe.n_steps,
            rank: recipe.rank,
            learning_rate: recipe.learning_rate,
            keeps_prior: recipe.keeps_prior,
            is_described: recipe.is_described,
            mirror: recipe.mirror,
            seed: recipe.seed,
        }
    }
}

impl Setup {
    /// An example, with the word that it teaches.
    pub fn choose(&mut self, example: Example) {
        self.is_own = false;
        self.example = example;
        example.word().clone_into(&mut self.word);
        self.is_described = !example.is_sayable();
    }

    /// One more file or folder of the person's own.
    pub fn add(&mut self, path: PathBuf) {
        if !self.is_own && self.word == self.example.word() {
            Recipe::default().word.clone_into(&mut self.word);
        }
        if !self.is_own {
            self.is_described = false; // the judge knows nothing but faces
        }
        self.is_own = true;
        if !self.files.contains(&path) {
            self.files.push(path);
            // In whatever order they arrive, the same pictures teach the same.
            self.files.sort();
        }
    }

    /// What is to be done.
    pub fn recipe(&self) -> Recipe {
        Recipe {
            source: if self.is_own {
                Source::Files(self.files.clone())
            } else {
                Source::Example(self.example)
            },
            word: self.word.trim().to_lowercase(),
            rank: self.rank,
            n_steps: self.n_steps,
            every: (self.n_steps / N_SNAPSHOTS).max(1),
            learning_rate: self.learning_rate,
            keeps_prior: self.keeps_prior,
            is_described: self.is_described,
            mirror: self.mirror,
            seed: self.seed,
            ..Recipe::default()
        }
    }

    /// What has to be settled before anything can be learned.
    pub fn missing(&self, about: Option<&About>) -> Option<String> {
        if self.is_own && self.files.is_empty() {
            return Some("Drop five to twenty pictures on the window, or choose them.".into());
        }
        let attributes = about.map_or(&[][..], |about| &about.attributes);
        let word = new_word(&self.word, attributes).err();
        word.map(|Refusal { evidence, .. }| evidence)
    }
}
