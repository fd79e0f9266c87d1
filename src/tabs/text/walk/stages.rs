//! The stages of a pass, in their order: what each is called, what it does, and where its numbers are.

use crate::labs::inside::{At, DecoderConfig, SiteName};

/// What a stage belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// From the text to the stream.
    Entry,
    /// What the tokens ask of each other.
    Attention,
    /// What each token works out alone.
    Mlp,
    /// From the stream to the next token.
    Exit,
}

/// One stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stage {
    /// Its numbers.
    pub(super) at: At,
    /// Whether the future is hidden in them.
    pub(super) is_masked: bool,
    /// What it belongs to.
    pub(super) part: Part,
    /// A plain word.
    pub(super) name: &'static str,
    /// What happens.
    pub(super) sentence: String,
}

impl Stage {
    /// Whether it is this stage of another pass.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let key = |stage: &Self| (stage.at.site, stage.at.head.is_some(), stage.is_masked);
        key(self) == key(other)
    }

    /// Whether its result is the stream itself, which all else is added to.
    pub(super) fn is_stream(&self) -> bool {
        matches!(
            self.at.site,
            SiteName::ResidPre | SiteName::ResidMid | SiteName::ResidPost
        )
    }
}

/// All stages of a pass that goes through `block`, and in it through `head`.
pub(super) fn stages(config: &DecoderConfig, block: usize, head: usize) -> Vec<Stage> {
    let turns = config.rope_base.is_some();
    let kv_head = head * config.n_kv_heads / config.n_heads.max(1);
    let mut all = entry(config, turns);
    all.extend(attention(config, turns, [block, head, kv_head]));
    all.extend(mlp(config, turns, block));
    all.extend(exit(config, turns));
    all
}

fn stage(part: Part, name: &'static str, at: At, sentence: impl Into<String>) -> Stage {
    Stage {
        at,
        is_masked: false,
        part,
        name,
        sentence: sentence.into(),
    }
}

fn entry(config: &DecoderConfig, turns: bool) -> Vec<Stage> {
    let (d, v) = (config.d_model, config.vocab_size);
    let of = |name, site, sentence: String| stage(Part::Entry, name, At::outside(site), sentence);
    let no_position = if turns {
        " Where a token stands is not added here: queries and keys are turned by it later (RoPE)."
    } else {
        ""
    };
    let mut all = vec![
        of(
            "Tokens",
            SiteName::Tokens,
            format!(
                "The text is cut into tokens, and each is known by its number among {v}. Of the letters in it the model sees nothing."
            ),
        ),
        of(
            "Embedding",
            SiteName::Embed,
            format!(
                "Each token's number picks its row of {d} numbers from a table: what the model knows of that token alone.{no_position}"
            ),
        ),
    ];
    if !turns {
        all.push(of(
            "Position",
            SiteName::PosEmbed,
            format!("Each place in the text has a row of {d} numbers too. It is added to the token's, so that order matters."),
        ));
    }
    all
}

fn attention(
    config: &DecoderConfig,
    turns: bool,
    [block, head, kv_head]: [usize; 3],
) -> Vec<Stage> {
    let of = |name, at, sentence: String| stage(Part::Attention, name, at, sentence);
    let (s, h) = (config.d_head, config.n_heads);
    let turned = if turns {
        " Its pairs of numbers are turned by an angle that grows with the position (RoPE)."
    } else {
        ""
    };
    let shared = if config.n_kv_heads < h {
        format!(
            " {} heads share it (grouped queries).",
            h / config.n_kv_heads.max(1)
        )
    } else {
        String::new()
    };
    let root = (s as f64).sqrt();
    let mut masked = of(
        "Mask",
        At::head(SiteName::Scores, block, head),
        "What comes later is hidden: a token may look at itself and at what stands before it, never ahead. Those scores become −∞.".into(),
    );
    masked.is_masked = true;
    vec![
        of(
            "Stream",
            At::block(SiteName::ResidPre, block),
            if block == 0 {
                "What enters the first block: one row of numbers for each token. Every block reads this stream and adds to it.".into()
            } else {
                format!("What enters block {block}: the embedding and all that the blocks before have added to it.")
            },
        ),
        of("Norm", At::block(SiteName::Ln1, block), norm(turns)),
        of(
            "Queries",
            At::head(SiteName::Q, block, head),
            format!("Head {head} makes of each token a query of {s} numbers: what it looks for.{turned}"),
        ),
        of(
            "Keys",
            At::head(SiteName::K, block, kv_head),
            format!("It makes of each token a key of {s} numbers as well: what the token offers to be found by.{turned}{shared}"),
        ),
        of(
            "Values",
            At::head(SiteName::V, block, kv_head),
            format!("And a value of {s} numbers: what the token passes on to whoever looks at it.{shared}"),
        ),
        of(
            "Scores",
            At::head(SiteName::Scores, block, head),
            format!("Each query times each key, divided by √{s} = {root:.1}: how well what one token looks for (row) fits what another offers (column)."),
        ),
        masked,
        of(
            "Softmax",
            At::head(SiteName::Pattern, block, head),
            "The scores of each row become shares that are positive and add up to 1: how much each token attends to those before it.".into(),
        ),
        of(
            "Weighted values",
            At::head(SiteName::Z, block, head),
            "Each token takes the values of all tokens by these shares: that much of what it found goes on.".into(),
        ),
        of(
            "Heads joined",
            At::block(SiteName::Z, block),
            format!("All {h} heads have done the same, each in its own way; their results stand side by side, {} numbers for each token.", h * s),
        ),
        of(
            "Output",
            At::block(SiteName::AttnOut, block),
            format!("A matrix turns what the heads found into {} numbers for each token: what attention has to add.", config.d_model),
        ),
        of(
            "Added",
            At::block(SiteName::ResidMid, block),
            "It is added to the stream. Nothing is overwritten: what was there before can still be read.".into(),
        ),
    ]
}

fn mlp(config: &DecoderConfig, turns: bool, block: usize) -> Vec<Stage> {
    let of =
        |name, site, sentence: String| stage(Part::Mlp, name, At::block(site, block), sentence);
    let (d, m) = (config.d_model, config.d_mlp);
    let mut all = vec![of("Norm", SiteName::Ln2, norm(turns))];
    if turns {
        all.push(of(
            "Gate",
            SiteName::MlpGate,
            format!("A first matrix asks {m} questions of each token: the gates, which decide how much of each answer passes."),
        ));
        all.push(of(
            "MLP in",
            SiteName::MlpPre,
            format!("A second matrix makes {m} answers of the same numbers."),
        ));
        all.push(of(
            "Activation",
            SiteName::MlpPost,
            "Each gate goes through a curve that lets large numbers pass and stops negative ones (SiLU), and multiplies its answer (SwiGLU).".into(),
        ));
    } else {
        all.push(of(
            "MLP in",
            SiteName::MlpPre,
            format!("A matrix makes {m} numbers of each token's {d}: {m} neurons, each with a question of its own."),
        ));
        all.push(of(
            "Activation",
            SiteName::MlpPost,
            "Each goes through a curve that lets positive numbers pass and stops negative ones (GELU): a neuron fires or is silent.".into(),
        ));
    }
    all.push(of(
        "MLP out",
        SiteName::MlpOut,
        format!("A last matrix turns what fired into {d} numbers for each token. No token sees another here: each works on what it has gathered."),
    ));
    all.push(of(
        "Added",
        SiteName::ResidPost,
        if block + 1 < config.n_layers {
            format!(
                "It is added to the stream, which goes on into block {}.",
                block + 1
            )
        } else {
            "It is added to the stream, which leaves the last block.".into()
        },
    ));
    all
}

fn exit(config: &DecoderConfig, turns: bool) -> Vec<Stage> {
    let of = |name, site, sentence: String| stage(Part::Exit, name, At::outside(site), sentence);
    let v = config.vocab_size;
    vec![
        of(
            "Final norm",
            SiteName::FinalNorm,
            format!("Behind the last of {} blocks: {}", config.n_layers, norm(turns)),
        ),
        of(
            "Logits",
            SiteName::Logits,
            format!("Each token's numbers times the row of every token of the vocabulary: {v} scores for what may come next."),
        ),
        of(
            "Probabilities",
            SiteName::Probs,
            "The softmax of the scores: what may come after each token, and how probable the model finds it. The last row is the next token.".into(),
        ),
    ]
}

fn norm(turns: bool) -> String {
    if turns {
        "Each token's numbers are divided by their typical size (RMSNorm) and weighted, so that all tokens speak equally loud.".into()
    } else {
        "Each token's numbers are centred, divided by their spread and weighted (LayerNorm), so that all tokens speak equally loud.".into()
    }
}
