//! The stages at which two models are compared, and the simpler ones of them: tokens, heads, what is
//! expected next.

use super::side::Side;
use crate::labs::inside::kv_cache::Size;
use crate::labs::text::LoadedText;
use crate::tabs::parts::caption;
use crate::theme;
use crate::widgets::count::grouped;
use crate::widgets::head_groups::HeadGroups;
use crate::widgets::probability_bars::{Bar, ProbabilityBars};
use crate::widgets::token_strip::{Chip, TokenStrip};
use eframe::egui::{ScrollArea, Ui, vec2};
use serde::{Deserialize, Serialize};

/// A stage of the pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    /// The text cut by each vocabulary.
    #[default]
    Tokens,
    /// How places are told apart.
    Positions,
    /// The norm before attention.
    Norm,
    /// Heads that ask and heads that are asked.
    Heads,
    /// The activation of the MLP.
    Mlp,
    /// What is expected next.
    Next,
    /// What each writes.
    Answers,
}

impl Stage {
    /// The stages, in the order of the pass.
    pub(super) const ALL: [Self; 7] = [
        Self::Tokens,
        Self::Positions,
        Self::Norm,
        Self::Heads,
        Self::Mlp,
        Self::Next,
        Self::Answers,
    ];

    /// What its button says.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Tokens => "Tokens",
            Self::Positions => "Positions",
            Self::Norm => "Norm",
            Self::Heads => "Heads",
            Self::Mlp => "MLP",
            Self::Next => "Next token",
            Self::Answers => "Answers",
        }
    }

    /// What its title says after the models' names.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Tokens => "tokens",
            Self::Positions => "where a token stands",
            Self::Norm => "the norm",
            Self::Heads => "heads and what they share",
            Self::Mlp => "inside the MLP",
            Self::Next => "the next token",
            Self::Answers => "answers",
        }
    }

    /// What there is to see.
    pub(super) fn hint(self) -> &'static str {
        match self {
            Self::Tokens => "The same text as each vocabulary cuts it.",
            Self::Positions => "Learned positions against turned pairs (RoPE).",
            Self::Norm => "Layer norm against RMS norm.",
            Self::Heads => "Every head with keys of its own against grouped queries.",
            Self::Mlp => "GELU against the gate of SwiGLU.",
            Self::Next => "What each expects after the text.",
            Self::Answers => "A base model goes on; a model taught to chat answers.",
        }
    }

    /// What differs, in a sentence.
    pub(super) fn sentence(self) -> &'static str {
        match self {
            Self::Tokens => {
                "Each model learned its vocabulary from its own texts, so the same text becomes other tokens."
            }
            Self::Positions => {
                "GPT-2 adds a learned row of numbers for each position. Llama adds nothing: it turns pairs of each query's and key's numbers, fast pairs first, so that only distances count (RoPE)."
            }
            Self::Norm => {
                "GPT-2 takes the mean away, divides by the standard deviation, multiplies and adds (layer norm). Llama only divides by the root of the mean square and multiplies (RMS norm)."
            }
            Self::Heads => {
                "In GPT-2 every head has keys and values of its own. In Llama's newer models several heads ask the same ones, so that less has to be kept (grouped queries)."
            }
            Self::Mlp => {
                "GPT-2 bends each number by GELU. Llama bends a gate by SiLU and multiplies another product with it (SwiGLU), so its values leave the curve."
            }
            Self::Next => "The same text, read to its end: what each model expects after it.",
            Self::Answers => {
                "A base model goes on with any text as if it stood in what it read. A model taught to chat answers, once its template marks who speaks."
            }
        }
    }

    /// Whether a block and a token are looked at.
    pub(super) fn has_blocks(self) -> bool {
        matches!(self, Self::Norm | Self::Mlp)
    }

    /// The stage after it.
    pub(super) fn next(self) -> Self {
        Self::ALL[(self as usize + 1) % Self::ALL.len()]
    }

    /// The stage before it.
    pub(super) fn before(self) -> Self {
        Self::ALL[(self as usize + Self::ALL.len() - 1) % Self::ALL.len()]
    }
}

/// The text as this model's tokens.
pub(super) fn tokens(ui: &mut Ui, loaded: &LoadedText, side: &Side) {
    let config = &loaded.config;
    let n_bytes: usize = side.pieces.iter().map(|piece| piece.bytes.len()).sum();
    let n = side.pieces.len();
    ui.label(format!(
        "{} tokens of a vocabulary of {}: {:.1} bytes a token",
        grouped(n),
        grouped(config.vocab_size),
        n_bytes as f64 / n.max(1) as f64
    ));
    let head = if config.tied_head {
        "The same table gives the scores at the end."
    } else {
        "Another table gives the scores at the end."
    };
    caption(
        ui,
        format!(
            "Each becomes a row of a table of {} × {} numbers. {head}",
            grouped(config.vocab_size),
            config.d_model
        ),
    );
    ui.add_space(theme::size::GRID);
    let chips = side
        .pieces
        .iter()
        .map(|piece| Chip::prompt(&piece.bytes, piece.special));
    let chips: Vec<Chip<'_>> = chips.collect();
    let name = ("tokens of", &loaded.name);
    ScrollArea::vertical()
        .id_salt(name)
        .auto_shrink(false)
        .show(ui, |ui| {
            TokenStrip::new(&chips, None).show(ui);
        });
}

/// Heads that ask, and heads that are asked.
pub(super) fn heads(ui: &mut Ui, loaded: &LoadedText) {
    let config = &loaded.config;
    let (h, g) = (config.n_heads, config.n_kv_heads);
    let size = Size::of(config);
    let words = if h == g {
        format!(
            "{h} heads a block, {} numbers each; every one has its own keys and values.",
            config.d_head
        )
    } else {
        format!(
            "{h} heads a block, {} numbers each; {} of them share the keys and values of one of {g}.",
            config.d_head,
            h / g.max(1)
        )
    };
    ui.label(words);
    caption(
        ui,
        format!(
            "A token's keys and values take {} bytes in all blocks; with its own for every head it would be {}.",
            grouped(size.bytes(1)),
            grouped(size.bytes_ungrouped(1))
        ),
    );
    ui.add_space(theme::size::GRID * 2.0);
    let height = ui.available_height().min(260.0);
    let width = ui.available_width();
    HeadGroups {
        name: &format!("Heads of {}", loaded.name),
        n_heads: h,
        n_kv_heads: g,
    }
    .show(ui, vec2(width, height));
}

/// What the model expects after the text.
pub(super) fn next(ui: &mut Ui, loaded: &LoadedText, side: &Side) {
    let Some(numbers) = &side.numbers else { return };
    let bytes: Vec<Vec<u8>> = numbers
        .next
        .iter()
        .map(|c| loaded.token_bytes(c.id))
        .collect();
    let bars = numbers
        .next
        .iter()
        .zip(&bytes)
        .map(|(candidate, bytes)| Bar {
            bytes,
            before: candidate.p,
            after: Some(candidate.p),
            discarded_by: None,
            chosen: false,
        });
    let bars: Vec<Bar<'_>> = bars.collect();
    ui.add_space(theme::size::GRID);
    let height = (ui.available_height() - 30.0) / bars.len().max(1) as f32;
    ProbabilityBars::new(&bars, height.clamp(16.0, 30.0)).show(ui);
}
