//! The tensors of a pass by the names they have on the command line and on screen, and the places of
//! single numbers in them.

use crate::models::DecoderConfig;
use crate::nn::hooks::Site;
use crate::refusal::{Refusal, Result};
use std::fmt;

/// A tensor of the pass, in the order of the pass. `tokens` and `probs` stand at its two ends, where
/// the model itself has no hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SiteName {
    /// The token ids, (positions, 1).
    Tokens,
    /// Token embeddings, (positions, `d_model`).
    Embed,
    /// Position embeddings, (positions, `d_model`); GPT-2 only.
    PosEmbed,
    /// The residual stream entering a block, (positions, `d_model`).
    ResidPre,
    /// After the block's first norm, (positions, `d_model`).
    Ln1,
    /// Queries, after rotation where the model rotates, (positions, `d_head`) of one head.
    Q,
    /// Keys, after rotation where the model rotates, (positions, `d_head`) of one key/value head.
    K,
    /// Values, (positions, `d_head`) of one key/value head.
    V,
    /// Scaled scores before the mask, (queries, keys) of one head.
    Scores,
    /// The softmax of the masked scores, (queries, keys) of one head.
    Pattern,
    /// Values weighted by the pattern, (positions, `d_head`) of one head.
    Z,
    /// What attention adds to the stream, (positions, `d_model`).
    AttnOut,
    /// The residual stream between attention and MLP, (positions, `d_model`).
    ResidMid,
    /// After the block's second norm, (positions, `d_model`).
    Ln2,
    /// Into the MLP's activation, (positions, `d_mlp`); in a gated MLP the `up` branch.
    MlpPre,
    /// The gate before its activation, (positions, `d_mlp`); gated MLPs (Llama) only.
    MlpGate,
    /// After the activation (and gate), (positions, `d_mlp`).
    MlpPost,
    /// What the MLP adds to the stream, (positions, `d_model`).
    MlpOut,
    /// The residual stream leaving a block, (positions, `d_model`).
    ResidPost,
    /// After the final norm, (positions, `d_model`).
    FinalNorm,
    /// One score per token of the vocabulary, (positions, `vocab_size`).
    Logits,
    /// Their softmax, (positions, `vocab_size`).
    Probs,
}

impl SiteName {
    /// All of them, in the order of the pass.
    pub const ALL: [Self; 22] = [
        Self::Tokens,
        Self::Embed,
        Self::PosEmbed,
        Self::ResidPre,
        Self::Ln1,
        Self::Q,
        Self::K,
        Self::V,
        Self::Scores,
        Self::Pattern,
        Self::Z,
        Self::AttnOut,
        Self::ResidMid,
        Self::Ln2,
        Self::MlpPre,
        Self::MlpGate,
        Self::MlpPost,
        Self::MlpOut,
        Self::ResidPost,
        Self::FinalNorm,
        Self::Logits,
        Self::Probs,
    ];

    /// Its name on the command line and on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Tokens => "tokens",
            Self::Probs => "probs",
            other => other.site(0).map_or("", Site::name),
        }
    }

    /// The one of that name.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|site| site.name() == name)
    }

    /// The model's hook of that name in `block`; `None` at the two ends, where it has none.
    #[must_use]
    pub fn site(self, block: usize) -> Option<Site> {
        Some(match self {
            Self::Tokens | Self::Probs => return None,
            Self::Embed => Site::Embed,
            Self::PosEmbed => Site::PosEmbed,
            Self::ResidPre => Site::ResidPre(block),
            Self::Ln1 => Site::Ln1(block),
            Self::Q => Site::Q(block),
            Self::K => Site::K(block),
            Self::V => Site::V(block),
            Self::Scores => Site::Scores(block),
            Self::Pattern => Site::Pattern(block),
            Self::Z => Site::Z(block),
            Self::AttnOut => Site::AttnOut(block),
            Self::ResidMid => Site::ResidMid(block),
            Self::Ln2 => Site::Ln2(block),
            Self::MlpPre => Site::MlpPre(block),
            Self::MlpGate => Site::MlpGate(block),
            Self::MlpPost => Site::MlpPost(block),
            Self::MlpOut => Site::MlpOut(block),
            Self::ResidPost => Site::ResidPost(block),
            Self::FinalNorm => Site::FinalNorm,
            Self::Logits => Site::Logits,
        })
    }

    /// Whether every block has one.
    #[must_use]
    pub fn is_in_block(self) -> bool {
        (Self::ResidPre..=Self::ResidPost).contains(&self)
    }

    /// Whether every head has one.
    #[must_use]
    pub fn has_heads(self) -> bool {
        (Self::Q..=Self::Z).contains(&self)
    }

    /// Whether it is a table of queries by keys, of which there is one for each head.
    #[must_use]
    pub fn is_by_pairs(self) -> bool {
        matches!(self, Self::Scores | Self::Pattern)
    }

    /// Whether its numbers can be negative: drawn on a scale centred on zero, else from zero up.
    #[must_use]
    pub fn is_signed(self) -> bool {
        !matches!(self, Self::Tokens | Self::Pattern | Self::Probs)
    }

    /// Whether a model made of this has it.
    #[must_use]
    pub fn is_in(self, config: &DecoderConfig) -> bool {
        match self {
            Self::PosEmbed => config.architecture == "gpt2",
            Self::MlpGate => config.architecture != "gpt2",
            _ => true,
        }
    }

    /// How many heads a model made of this has at the site: key/value heads for keys and values.
    #[must_use]
    pub fn n_heads(self, config: &DecoderConfig) -> usize {
        match self {
            Self::K | Self::V => config.n_kv_heads,
            _ if self.has_heads() => config.n_heads,
            _ => 0,
        }
    }
}

impl fmt::Display for SiteName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One table of the pass: a site in a block, of one head or of all heads side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct At {
    /// Which site.
    pub site: SiteName,
    /// Which block; 0 at sites outside the blocks.
    pub block: usize,
    /// Which head; `None` at sites without heads, and at q, k, v and z for all heads side by side.
    pub head: Option<usize>,
}

impl At {
    /// A site outside the blocks.
    #[must_use]
    pub fn outside(site: SiteName) -> Self {
        Self {
            site,
            block: 0,
            head: None,
        }
    }

    /// A site of a block; of all its heads side by side where it has heads.
    #[must_use]
    pub fn block(site: SiteName, block: usize) -> Self {
        Self {
            site,
            block,
            head: None,
        }
    }

    /// A site of one head of a block. Keys and values are counted by key/value heads.
    #[must_use]
    pub fn head(site: SiteName, block: usize, head: usize) -> Self {
        Self {
            site,
            block,
            head: Some(head),
        }
    }

    /// The number in this row and column.
    #[must_use]
    pub fn place(self, row: usize, column: usize) -> Place {
        Place {
            at: self,
            row,
            column,
        }
    }

    /// Rows and columns of the table when a model made of this reads `n` tokens.
    ///
    /// # Errors
    /// When the model has no such site, block or head.
    pub fn shape(self, config: &DecoderConfig, n: usize) -> Result<[usize; 2]> {
        self.check(config)?;
        let n_heads = self.site.n_heads(config);
        Ok(match self.site {
            SiteName::Tokens => [n, 1],
            SiteName::Scores | SiteName::Pattern => [n, n],
            SiteName::Q | SiteName::K | SiteName::V | SiteName::Z => match self.head {
                Some(_) => [n, config.d_head],
                None => [n, n_heads * config.d_head],
            },
            SiteName::MlpPre | SiteName::MlpGate | SiteName::MlpPost => [n, config.d_mlp],
            SiteName::Logits | SiteName::Probs => [n, config.vocab_size],
            _ => [n, config.d_model],
        })
    }

    /// Refuses what a model made of this does not have.
    fn check(self, config: &DecoderConfig) -> Result<()> {
        let Self { site, block, head } = self;
        if !site.is_in(config) {
            let instead = if site == SiteName::PosEmbed {
                "It turns queries and keys by their position instead (RoPE)."
            } else {
                "Its MLP has one branch, `mlp_pre`, and no gate."
            };
            return Err(refused(
                format!("This model has no `{site}`"),
                instead,
                "Choose another site.",
            ));
        }
        if site.is_in_block() && block >= config.n_layers {
            return Err(refused(
                format!("This model has no block {block}"),
                format!(
                    "It has {} blocks, 0 to {}.",
                    config.n_layers,
                    config.n_layers.saturating_sub(1)
                ),
                "Choose one of them.",
            ));
        }
        let n_heads = site.n_heads(config);
        match head {
            Some(head) if head >= n_heads => {
                let kind = match site {
                    SiteName::K | SiteName::V if config.n_kv_heads < config.n_heads => {
                        "key/value heads, each shared by a group of query heads"
                    }
                    _ => "heads",
                };
                let evidence = if n_heads == 0 {
                    "That table is not split into heads.".to_owned()
                } else {
                    format!("It has {n_heads} {kind}, 0 to {}.", n_heads - 1)
                };
                Err(refused(
                    format!("`{site}` has no head {head}"),
                    evidence,
                    "Choose one it has, or leave the head out.",
                ))
            }
            None if site.is_by_pairs() => Err(refused(
                format!("`{site}` is a table of one head"),
                format!("Each of the {n_heads} heads has its own, and none was named."),
                "Say which head: `--head 0`.",
            )),
            _ => Ok(()),
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.site)?;
        match self.head {
            Some(head) => write!(f, " of block {}, head {head}", self.block),
            None if self.site.is_in_block() => write!(f, " of block {}", self.block),
            None => Ok(()),
        }
    }
}

/// One number of a pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The table it stands in.
    pub at: At,
    /// Its position in the text (for scores and patterns: the query's).
    pub row: usize,
    /// Which number of that position (for scores and patterns: the key's position).
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, row, column } = self;
        match (at.site, at.head) {
            (SiteName::Tokens, _) => write!(f, "tokens[{row}]"),
            (site, Some(head)) => write!(f, "{site}{}[{row}, {column}]", subscript(head)),
            (site, None) => write!(f, "{site}[{row}, {column}]"),
        }
    }
}

/// A number in small digits below the line.
pub(super) fn subscript(n: usize) -> String {
    let digit = |c: char| char::from_u32(c as u32 - '0' as u32 + '₀' as u32).unwrap_or(c);
    n.to_string().chars().map(digit).collect()
}

/// A refusal to look where nothing is.
pub(super) fn refused(
    what: impl Into<String>,
    evidence: impl Into<String>,
    next: impl Into<String>,
) -> Refusal {
    Refusal::new(
        what,
        evidence,
        "Nothing else was changed; the pass that was looked at is still there.",
        next,
    )
}
