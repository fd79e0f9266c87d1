//! One architecture, one file, in the order of its paper.

/// What a text decoder is made of; read from its file, shown on its card.
#[derive(Debug, Clone, PartialEq)]
pub struct DecoderConfig {
    /// "gpt2" or "llama", as the file says it.
    pub architecture: String,
    /// Blocks.
    pub n_layers: usize,
    /// Query heads.
    pub n_heads: usize,
    /// Key/value heads; equal to `n_heads` without grouped-query attention.
    pub n_kv_heads: usize,
    /// Width of the residual stream.
    pub d_model: usize,
    /// Width of one head.
    pub d_head: usize,
    /// Width inside the MLP.
    pub d_mlp: usize,
    /// The longest text the model was made for, in tokens.
    pub n_ctx: usize,
    /// Tokens in the vocabulary.
    pub vocab_size: usize,
    /// ε of the norms.
    pub norm_epsilon: f64,
    /// Base of the rotary embedding; `None` where positions are learned.
    pub rope_base: Option<f32>,
    /// Whether the head is the transposed token embedding.
    pub tied_head: bool,
}
