//! GPT-2 out of its files: safetensors as Hugging Face saves it, whose matrices are (in, out), and
//! GGUF as llama.cpp's converter writes it, whose matrices are (out, in). Masks that some files carry
//! (`attn.bias`, `attn.masked_bias`) are not weights and are left where they are.

use super::DecoderConfig;
use super::gpt2::{Gpt2, Weights};
use super::loading::Loader;
use crate::files::hyperparameters::gpt2_prefix;
use crate::files::weights::Format;
use crate::nn::layers::{Matrix, Table};
use crate::nn::math_refusal;
use crate::refusal::{Refusal, Result};
use candle_core::Tensor;

/// Hugging Face's names and GGUF's, outside the blocks and inside.
const NAMES: [(&str, &str); 10] = [
    ("wte", "token_embd"),
    ("wpe", "position_embd"),
    ("ln_f", "output_norm"),
    ("lm_head", "output"),
    ("ln_1", "attn_norm"),
    ("attn.c_attn", "attn_qkv"),
    ("attn.c_proj", "attn_output"),
    ("ln_2", "ffn_norm"),
    ("mlp.c_fc", "ffn_up"),
    ("mlp.c_proj", "ffn_down"),
];

impl Gpt2 {
    /// Loads every weight; each shape is checked before its numbers are read.
    pub(super) fn load(loader: &mut Loader, config: DecoderConfig) -> Result<Self> {
        check_kind(loader)?;
        let prefix = gpt2_prefix(loader.file).unwrap_or_default();
        let device = loader.device;
        Self::new(config, device, &mut InFile { loader, prefix })
    }
}

/// The weights of a file, under the names it has for them.
struct InFile<'a, 'b> {
    loader: &'a mut Loader<'b>,
    prefix: &'static str,
}

impl InFile<'_, '_> {
    fn is_gguf(&self) -> bool {
        matches!(self.loader.file.format, Format::Gguf(_))
    }

    /// The file's own name for `h.3.attn.c_attn.weight`.
    fn name(&self, name: &str) -> String {
        if !self.is_gguf() {
            let prefix = if name.starts_with("lm_head") {
                ""
            } else {
                self.prefix
            };
            return format!("{prefix}{name}");
        }
        let (stem, kind) = name.rsplit_once('.').unwrap_or((name, ""));
        let (block, part) = match stem
            .strip_prefix("h.")
            .and_then(|rest| rest.split_once('.'))
        {
            Some((i, part)) => (format!("blk.{i}."), part),
            None => (String::new(), stem),
        };
        let known = NAMES.iter().find(|(theirs, _)| *theirs == part);
        let part = known.map_or(part, |(_, gguf)| gguf);
        format!("{block}{part}.{kind}")
    }
}

impl Weights for InFile<'_, '_> {
    type Error = Refusal;

    fn tensor(&mut self, name: &str, shape: &[usize]) -> Result<Tensor> {
        let name = self.name(name);
        let flat = self.loader.numbers_of(&name, shape)?;
        Tensor::from_vec(flat, shape, self.loader.device).map_err(|error| math_refusal(&error))
    }

    fn matrix(&mut self, name: &str, n_in: usize, n_out: usize) -> Result<Matrix> {
        let name = self.name(name);
        if self.is_gguf() {
            return self
                .loader
                .linear(&[(name, n_out)], n_in)
                .map(Matrix::Ready);
        }
        let columns = self.loader.numbers_of(&name, &[n_in, n_out])?;
        let rows = transposed(&columns, n_in, n_out);
        self.loader.floats(rows, n_out, n_in).map(Matrix::Ready)
    }

    fn table(&mut self, name: &str, n_rows: usize, width: usize) -> Result<Table> {
        let name = self.name(name);
        self.loader
            .linear(&[(name, n_rows)], width)
            .map(Table::Ready)
    }
}

/// A row-major (rows, columns) matrix as (columns, rows), in blocks that stay in the cache.
fn transposed(from: &[f32], n_rows: usize, n_columns: usize) -> Vec<f32> {
    const BLOCK: usize = 32;
    let mut to = vec![0.0; from.len()];
    for top in (0..n_rows).step_by(BLOCK) {
        for left in (0..n_columns).step_by(BLOCK) {
            for row in top..(top + BLOCK).min(n_rows) {
                for column in left..(left + BLOCK).min(n_columns) {
                    to[column * n_rows + row] = from[row * n_columns + column];
                }
            }
        }
    }
    to
}

/// Refuses relatives of GPT-2 that this decoder would compute wrongly.
fn check_kind(loader: &Loader) -> Result<()> {
    let Some(config) = loader.file.config.as_ref() else {
        return Ok(());
    };
    let activation = config["activation_function"].as_str();
    if let Some(other) =
        activation.filter(|name| !matches!(*name, "gelu_new" | "gelu_pytorch_tanh" | "gelu_fast"))
    {
        return Err(loader.refusal(format!(
            "Its activation is `{other}`; GPT-2 as it is run here has `gelu_new`."
        )));
    }
    if config["scale_attn_weights"].as_bool() == Some(false)
        || config["scale_attn_by_inverse_layer_idx"].as_bool() == Some(true)
    {
        return Err(loader.refusal("Its attention scores are scaled in another way than GPT-2's."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transposed_matrix_has_rows_for_columns() {
        let (n_rows, n_columns) = (45, 70);
        let from: Vec<f32> = (0..n_rows * n_columns).map(|i| i as f32).collect();
        let to = transposed(&from, n_rows, n_columns);
        for row in 0..n_rows {
            for column in 0..n_columns {
                assert_eq!(to[column * n_rows + row], from[row * n_columns + column]);
            }
        }
    }
}
