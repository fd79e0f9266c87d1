//! Sampling: from the scores of every token to the one that is written.
//!
//! The model gives each token of its vocabulary a *logit* ℓ. A chain of stages reshapes and trims
//! these, each working on what the stage before it left; then one token is drawn from what remains.
//! Every stage's survivors and the probability it threw away are kept, so that a view can show them.
//! Between stages p is always the softmax over the tokens still there:
//! p(i) = exp(ℓ(i) − max ℓ) / Σ exp(ℓ(j) − max ℓ), in f64.
//!
//! | stage | keeps | source |
//! |---|---|---|
//! | penalties | all; a recent token's ℓ becomes ℓ/r if ℓ > 0, else ℓ·r | CTRL, Keskar et al. 2019; the sign rule is llama.cpp's |
//! | top-k | the k most probable | Fan et al. 2018 |
//! | typical | the smallest set with Σp > `typical_p`, tokens whose surprise −ln p is nearest the entropy H first | Meister et al. 2023 |
//! | top-p | the smallest set of most probable tokens with Σp ≥ `top_p`, the *nucleus* | Holtzman et al. 2020 |
//! | min-p | tokens with p ≥ `min_p` · max p | Nguyen et al. 2024 |
//! | temperature | all; ℓ becomes ℓ/T. T = 0 keeps the best token alone (*greedy*) | Ackley et al. 1985 |
//!
//! The default order and values are llama.cpp's; others put the temperature first, which makes a
//! large difference to the nucleus, so the order can be changed. Equal logits rank by lower id. A
//! logit that is not a number counts as −∞ and is counted in [`Weighed::n_not_a_number`].

mod candidates;

use crate::refusal::{Refusal, Result};
use candidates::Candidates;
use serde::{Deserialize, Serialize};

/// How many of a stage's survivors are kept for a view; the counts and masses are always exact.
pub const N_SHOWN: usize = 64;

/// One step of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Makes tokens of the recent text less likely.
    Penalties,
    /// Keeps the k most probable tokens.
    TopK,
    /// Keeps the tokens about as surprising as one expects on average.
    Typical,
    /// Keeps the nucleus: the fewest tokens that hold a share `top_p` of the probability.
    TopP,
    /// Keeps tokens at least `min_p` times as probable as the best one.
    MinP,
    /// Sharpens (below 1) or flattens (above 1) the distribution.
    Temperature,
}

impl Stage {
    /// Every stage, in the default order (llama.cpp's).
    pub const ALL: [Self; 6] = [
        Self::Penalties,
        Self::TopK,
        Self::Typical,
        Self::TopP,
        Self::MinP,
        Self::Temperature,
    ];

    /// The field's name for it: "top-p".
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Penalties => "penalties",
            Self::TopK => "top-k",
            Self::Typical => "typical",
            Self::TopP => "top-p",
            Self::MinP => "min-p",
            Self::Temperature => "temperature",
        }
    }
}

/// What a person sets. The default is llama.cpp's.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sampling {
    /// Divides the logits; 0 is greedy: always the best token, whatever the trimming stages say.
    pub temperature: f64,
    /// How many tokens top-k keeps; 0 is off.
    pub top_k: usize,
    /// The share of probability that top-p keeps; 1 is off.
    pub top_p: f64,
    /// The share of the best token's probability that a token needs; 0 is off.
    pub min_p: f64,
    /// The share of probability that typical sampling keeps; 1 is off.
    pub typical_p: f64,
    /// Divides a recent token's logit when positive, multiplies it when negative; 1 is off.
    pub repeat_penalty: f64,
    /// How many of the most recent tokens count as recent; 0 is off.
    pub repeat_last_n: usize,
    /// The stages in the order they are applied; one that is absent is not applied.
    pub order: Vec<Stage>,
}

impl Default for Sampling {
    fn default() -> Self {
        Self {
            temperature: 0.8,
            top_k: 40,
            top_p: 0.95,
            min_p: 0.05,
            typical_p: 1.0,
            repeat_penalty: 1.0,
            repeat_last_n: 64,
            order: Stage::ALL.to_vec(),
        }
    }
}

impl Sampling {
    /// Always the most probable token.
    #[must_use]
    pub fn greedy() -> Self {
        Self {
            temperature: 0.0,
            ..Self::default()
        }
    }

    /// The model's own distribution: no penalty, nothing trimmed, temperature 1.
    #[must_use]
    pub fn plain() -> Self {
        Self {
            temperature: 1.0,
            top_k: 0,
            top_p: 1.0,
            min_p: 0.0,
            ..Self::default()
        }
    }

    /// Whether the best token is always taken.
    #[must_use]
    pub fn is_greedy(&self) -> bool {
        self.temperature <= 0.0
    }

    /// Whether `stage` changes anything at these values. When greedy, no trimming stage does.
    #[must_use]
    pub fn is_on(&self, stage: Stage) -> bool {
        let trims = !self.is_greedy();
        self.order.contains(&stage)
            && match stage {
                Stage::Penalties => self.repeat_penalty != 1.0 && self.repeat_last_n > 0,
                Stage::TopK => trims && self.top_k > 0,
                Stage::Typical => trims && self.typical_p < 1.0,
                Stage::TopP => trims && self.top_p < 1.0,
                Stage::MinP => trims && self.min_p > 0.0,
                Stage::Temperature => self.temperature != 1.0,
            }
    }

    /// Refuses values that have no meaning, naming the first.
    ///
    /// # Errors
    /// A number outside its range, or not a number.
    pub fn check(&self) -> Result<()> {
        let share = 0.0..=1.0;
        let values = [
            ("temperature", self.temperature, 0.0..=f64::MAX),
            ("top-p", self.top_p, share.clone()),
            ("min-p", self.min_p, share.clone()),
            ("typical-p", self.typical_p, share),
            (
                "repeat penalty",
                self.repeat_penalty,
                f64::MIN_POSITIVE..=f64::MAX,
            ),
        ];
        for (name, value, range) in values {
            if !range.contains(&value) {
                let end = match *range.end() {
                    end if end < f64::MAX => format!("between 0 and {end}"),
                    _ if *range.start() > 0.0 => "above 0".to_owned(),
                    _ => "0 or more".to_owned(),
                };
                return Err(Refusal::unchanged(
                    format!("The {name} {value} has no meaning"),
                    format!("A {name} is a number {end}."),
                    format!("Choose a {name} {end}."),
                ));
            }
        }
        Ok(())
    }
}

/// One token that may be written.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Its id in the vocabulary.
    pub id: u32,
    /// Its logit at this point of the chain.
    pub logit: f64,
    /// Its probability among the tokens left at this point of the chain.
    pub p: f64,
}

/// What one stage left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StageOutcome {
    /// Which stage.
    pub stage: Stage,
    /// Whether it changed anything at these settings.
    pub is_on: bool,
    /// The best [`N_SHOWN`] of its survivors, best first.
    pub survivors: Vec<Candidate>,
    /// How many tokens survived in all.
    pub n_survivors: usize,
    /// The share of probability it removed, of what stood on entering it: 0.0..1.0.
    pub discarded_mass: f64,
}

/// The whole chain, from the model's distribution to the one that is drawn from.
#[derive(Debug, Clone, PartialEq)]
pub struct Weighed {
    /// The model's own probability of every token, by id, before any stage.
    pub raw: Vec<f64>,
    /// The best [`N_SHOWN`] tokens before any stage, best first.
    pub raw_top: Vec<Candidate>,
    /// Each stage in the order applied.
    pub stages: Vec<StageOutcome>,
    /// Every token that may be drawn, best first; their p sum to 1.
    pub survivors: Vec<Candidate>,
    /// How many logits were not a number.
    pub n_not_a_number: usize,
}

impl Weighed {
    /// The probability with which `id` is drawn: 0 when it did not survive.
    #[must_use]
    pub fn p_sampled(&self, id: u32) -> f64 {
        self.survivors
            .iter()
            .find(|candidate| candidate.id == id)
            .map_or(0.0, |candidate| candidate.p)
    }

    /// The model's own probability of `id`.
    #[must_use]
    pub fn p_raw(&self, id: u32) -> f64 {
        self.raw.get(id as usize).copied().unwrap_or(0.0)
    }

    /// What `stage` left, where it was in the order.
    #[must_use]
    pub fn after(&self, stage: Stage) -> Option<&StageOutcome> {
        self.stages.iter().find(|outcome| outcome.stage == stage)
    }
}

/// Applies the chain of `sampling` to the `logits` of the whole vocabulary. `recent` is the text so
/// far, oldest first. Any value of any setting is survived: at least one token always remains.
#[must_use]
pub fn weigh(logits: &[f32], recent: &[u32], sampling: &Sampling) -> Weighed {
    let n_not_a_number = logits.iter().filter(|logit| logit.is_nan()).count();
    let mut left = Candidates::new(logits);
    let raw = left.iter().map(|candidate| candidate.p).collect();
    let raw_top = left.best(N_SHOWN).to_vec();
    let mut stages = Vec::with_capacity(sampling.order.len());
    for &stage in &sampling.order {
        let is_on = sampling.is_on(stage);
        let discarded_mass = if is_on {
            apply(stage, &mut left, recent, sampling)
        } else {
            0.0
        };
        stages.push(StageOutcome {
            stage,
            is_on,
            survivors: left.best(N_SHOWN).to_vec(),
            n_survivors: left.len(),
            discarded_mass,
        });
    }
    Weighed {
        raw,
        raw_top,
        stages,
        survivors: left.into_sorted(),
        n_not_a_number,
    }
}

/// Draws one survivor: the first at which the cumulative probability exceeds `uniform` (0.0..1.0).
/// An empty vocabulary gives 0.
#[must_use]
pub fn choose(weighed: &Weighed, uniform: f64) -> u32 {
    let mut cumulative = 0.0;
    for candidate in &weighed.survivors {
        cumulative += candidate.p;
        if cumulative > uniform {
            return candidate.id;
        }
    }
    // Rounding can leave the sum a hair below 1: the last token that can be drawn at all.
    let drawable = weighed.survivors.iter().rev().find(|c| c.p > 0.0);
    drawable.map_or(0, |candidate| candidate.id)
}

/// Applies one stage and returns the share of probability it removed.
fn apply(stage: Stage, left: &mut Candidates, recent: &[u32], sampling: &Sampling) -> f64 {
    match stage {
        Stage::Penalties => {
            let first = recent.len().saturating_sub(sampling.repeat_last_n);
            penalize(left, &recent[first..], sampling.repeat_penalty);
            0.0
        }
        Stage::TopK => left.keep_best(sampling.top_k),
        Stage::Typical => left.keep_typical(sampling.typical_p),
        Stage::TopP => left.keep_nucleus(sampling.top_p),
        Stage::MinP => left.keep_above(sampling.min_p),
        Stage::Temperature if sampling.is_greedy() => left.keep_best(1),
        Stage::Temperature => {
            left.map_logits(|candidate| candidate.logit / sampling.temperature);
            0.0
        }
    }
}

/// A positive logit is divided, a negative one multiplied, so that both become less likely. A token
/// that occurs twice is penalized once.
fn penalize(left: &mut Candidates, recent: &[u32], penalty: f64) {
    let mut recent = recent.to_vec();
    recent.sort_unstable();
    left.map_logits(
        |candidate| match (recent.binary_search(&candidate.id), candidate.logit) {
            (Err(_), logit) => logit,
            (Ok(_), logit) if logit > 0.0 => logit / penalty,
            (Ok(_), logit) => logit * penalty,
        },
    );
}

#[cfg(test)]
mod tests;
