//! What several models share: hooks, the KV cache, layers, the optimizer, quantized products.

pub mod activation;
pub mod arena;
pub mod attention;
pub mod batch_norm;
mod column_sums;
mod columns;
pub mod conv;
pub mod dense;
pub mod elementwise;
pub mod fused;
pub mod group_norm;
pub mod hooks;
pub mod intervene;
pub mod kv_cache;
pub mod layers;
pub mod linear;
pub mod lora;
pub mod loss;
pub mod map_attention;
pub mod norm;
mod online_attention;
pub mod optimizer;
mod parts;
pub mod pixel_shuffle;
pub mod pool;
pub mod quantized;
mod register_sums;
pub mod rope;
pub mod row_sums;
mod rows;
mod simd;
mod slices;
pub mod softplus;
pub mod spectral_norm;
pub mod timestep;

use crate::refusal::Refusal;

/// An arithmetic error of candle's as a refusal; it means a fault of ours or a model that lies
/// about its shapes, so the message names the operation.
#[must_use]
pub fn math_refusal(error: &candle_core::Error) -> Refusal {
    Refusal::new(
        "The model could not compute this",
        format!("The arithmetic refused: {error}."),
        "The text so far is kept and the model is still loaded.",
        "Try a shorter text, or load the model again.",
    )
}
