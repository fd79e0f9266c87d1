//! How the numbers of a tensor are stored: plain numbers, or blocks of a few that share a scale.
//!
//! A quantized block of ggml holds 32 (or 256) weights of one row. `Q4_1`, for example: an f16 scale
//! `d`, an f16 minimum `m`, then 32 four-bit numbers `q`, two to a byte: 20 bytes for 32 weights,
//! each `d * q + m`.

use serde::Serialize;

/// The number formats Glassbox computes with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[allow(missing_docs)] // Each variant is its own name, as ggml and safetensors write it.
pub enum WeightType {
    F64,
    F32,
    F16,
    BF16,
    I64,
    I32,
    I16,
    I8,
    U8,
    Bool,
    #[serde(rename = "Q4_0")]
    Q4_0,
    #[serde(rename = "Q4_1")]
    Q4_1,
    #[serde(rename = "Q5_0")]
    Q5_0,
    #[serde(rename = "Q5_1")]
    Q5_1,
    #[serde(rename = "Q8_0")]
    Q8_0,
    #[serde(rename = "Q8_1")]
    Q8_1,
    #[serde(rename = "Q2_K")]
    Q2K,
    #[serde(rename = "Q3_K")]
    Q3K,
    #[serde(rename = "Q4_K")]
    Q4K,
    #[serde(rename = "Q5_K")]
    Q5K,
    #[serde(rename = "Q6_K")]
    Q6K,
    #[serde(rename = "Q8_K")]
    Q8K,
}

impl WeightType {
    /// Weights in a block (1 for plain numbers) and bytes that the block takes.
    #[must_use]
    pub const fn block(self) -> (usize, usize) {
        match self {
            Self::F64 | Self::I64 => (1, 8),
            Self::F32 | Self::I32 => (1, 4),
            Self::F16 | Self::BF16 | Self::I16 => (1, 2),
            Self::I8 | Self::U8 | Self::Bool => (1, 1),
            Self::Q4_0 => (32, 2 + 16),
            Self::Q4_1 => (32, 2 + 2 + 16),
            Self::Q5_0 => (32, 2 + 4 + 16),
            Self::Q5_1 => (32, 2 + 2 + 4 + 16),
            Self::Q8_0 => (32, 2 + 32),
            Self::Q8_1 => (32, 2 + 2 + 32),
            Self::Q2K => (256, 16 + 64 + 2 + 2),
            Self::Q3K => (256, 32 + 64 + 12 + 2),
            Self::Q4K => (256, 2 + 2 + 12 + 128),
            Self::Q5K => (256, 2 + 2 + 12 + 32 + 128),
            Self::Q6K => (256, 128 + 64 + 16 + 2),
            Self::Q8K => (256, 4 + 256 + 32),
        }
    }

    /// Weights in a block; 1 for plain numbers.
    #[must_use]
    pub const fn block_len(self) -> usize {
        self.block().0
    }

    /// Bytes of one block; of one number where there are no blocks.
    #[must_use]
    pub const fn block_bytes(self) -> usize {
        self.block().1
    }

    /// Whether weights share scales in blocks.
    #[must_use]
    pub const fn is_quantized(self) -> bool {
        self.block_len() > 1
    }

    /// The name that ggml and safetensors give it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::F64 => "F64",
            Self::F32 => "F32",
            Self::F16 => "F16",
            Self::BF16 => "BF16",
            Self::I64 => "I64",
            Self::I32 => "I32",
            Self::I16 => "I16",
            Self::I8 => "I8",
            Self::U8 => "U8",
            Self::Bool => "BOOL",
            Self::Q4_0 => "Q4_0",
            Self::Q4_1 => "Q4_1",
            Self::Q5_0 => "Q5_0",
            Self::Q5_1 => "Q5_1",
            Self::Q8_0 => "Q8_0",
            Self::Q8_1 => "Q8_1",
            Self::Q2K => "Q2_K",
            Self::Q3K => "Q3_K",
            Self::Q4K => "Q4_K",
            Self::Q5K => "Q5_K",
            Self::Q6K => "Q6_K",
            Self::Q8K => "Q8_K",
        }
    }

    /// The type that a GGUF file means by `id`; else the name of one that Glassbox cannot compute
    /// with, where ggml gives it one.
    ///
    /// # Errors
    /// `Some(name)` for a type known to ggml, `None` for a number that nobody uses.
    pub const fn of_gguf(id: u32) -> Result<Self, Option<&'static str>> {
        Ok(match id {
            0 => Self::F32,
            1 => Self::F16,
            2 => Self::Q4_0,
            3 => Self::Q4_1,
            6 => Self::Q5_0,
            7 => Self::Q5_1,
            8 => Self::Q8_0,
            9 => Self::Q8_1,
            10 => Self::Q2K,
            11 => Self::Q3K,
            12 => Self::Q4K,
            13 => Self::Q5K,
            14 => Self::Q6K,
            15 => Self::Q8K,
            24 => Self::I8,
            25 => Self::I16,
            26 => Self::I32,
            27 => Self::I64,
            28 => Self::F64,
            30 => Self::BF16,
            _ => return Err(unsupported_gguf(id)),
        })
    }

    /// The type that a safetensors header means by `name`.
    #[must_use]
    pub fn of_safetensors(name: &str) -> Option<Self> {
        Some(match name {
            "F64" => Self::F64,
            "F32" => Self::F32,
            "F16" => Self::F16,
            "BF16" => Self::BF16,
            "I64" => Self::I64,
            "I32" => Self::I32,
            "I16" => Self::I16,
            "I8" => Self::I8,
            "U8" => Self::U8,
            "BOOL" => Self::Bool,
            _ => return None,
        })
    }

    /// Bytes of a tensor of `shape` (outermost first); `None` where the product does not fit, or
    /// where rows are not whole blocks.
    #[must_use]
    pub fn n_bytes(self, shape: &[usize]) -> Option<u64> {
        let (len, bytes) = self.block();
        if len > 1 && !shape.last()?.is_multiple_of(len) {
            return None;
        }
        let n = shape
            .iter()
            .try_fold(1u64, |n, &d| n.checked_mul(d as u64))?;
        (n / len as u64).checked_mul(bytes as u64)
    }
}

impl std::fmt::Display for WeightType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

const fn unsupported_gguf(id: u32) -> Option<&'static str> {
    Some(match id {
        4 => "Q4_2 (removed from ggml)",
        5 => "Q4_3 (removed from ggml)",
        16 => "IQ2_XXS",
        17 => "IQ2_XS",
        18 => "IQ3_XXS",
        19 => "IQ1_S",
        20 => "IQ4_NL",
        21 => "IQ3_S",
        22 => "IQ2_S",
        23 => "IQ4_XS",
        29 => "IQ1_M",
        31 => "Q4_0_4_4 (removed from ggml)",
        32 => "Q4_0_4_8 (removed from ggml)",
        33 => "Q4_0_8_8 (removed from ggml)",
        34 => "TQ1_0",
        35 => "TQ2_0",
        36 => "IQ4_NL_4_4 (removed from ggml)",
        37 => "IQ4_NL_4_8 (removed from ggml)",
        38 => "IQ4_NL_8_8 (removed from ggml)",
        39 => "MXFP4",
        40 => "NVFP4",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_of_each_type_takes_the_bytes_that_ggml_gives_it() {
        // ggml-common.h: sizeof(block_q4_0) = 18, block_q4_K = 144, block_q6_K = 210, …
        let sizes = [
            (WeightType::Q4_0, 18),
            (WeightType::Q4_1, 20),
            (WeightType::Q5_0, 22),
            (WeightType::Q5_1, 24),
            (WeightType::Q8_0, 34),
            (WeightType::Q8_1, 36),
            (WeightType::Q2K, 84),
            (WeightType::Q3K, 110),
            (WeightType::Q4K, 144),
            (WeightType::Q5K, 176),
            (WeightType::Q6K, 210),
            (WeightType::Q8K, 292),
        ];
        for (dtype, bytes) in sizes {
            assert_eq!(dtype.block_bytes(), bytes, "{dtype}");
        }
    }

    #[test]
    fn a_product_of_dimensions_that_does_not_fit_in_64_bits_has_no_size() {
        assert_eq!(WeightType::F32.n_bytes(&[1 << 40, 1 << 40]), None);
        assert_eq!(WeightType::F32.n_bytes(&[1 << 31, 1 << 31]), None);
        assert_eq!(WeightType::Q4_1.n_bytes(&[2, 33]), None);
        assert_eq!(WeightType::Q4_1.n_bytes(&[3, 64]), Some(120));
        assert_eq!(WeightType::F16.n_bytes(&[]), Some(2));
    }
}
