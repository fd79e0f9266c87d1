//! A U-Net that takes the noise out of pictures (Ronneberger et al. 2015; Ho et al. 2020), told how
//! much noise there is and what is on the picture.
//!
//! The map is halved twice on the way down and doubled twice on the way up, where what each level
//! knew on the way down is laid beside it. The network works on patches of the picture, which are
//! pixels with more channels. Noise level and condition are one vector that scales and shifts the
//! channels in every residual block (`FiLM`, Perez et al. 2018).
//!
//! Letters: b batch, s side of the picture, c its channels, p side of a patch, h = s/p; w, w′, w″ the
//! widths of the three levels; d numbers of the embedding. Maps are channels last.

mod blocks;
mod config;

use crate::nn::pixel_shuffle::{pixel_shuffle, pixel_unshuffle};
use crate::nn::timestep::timestep_embedding;
pub use blocks::Find;
use blocks::{Attention, Block, Layer, Norm, Weights};
use candle_core::{Result, Tensor, bail};
use config::N_LEVELS;
pub use config::{Config, initial};
use std::collections::BTreeMap;

/// A map on the picture's way through, (b, side, side, width of the level).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Site {
    /// Behind the first convolution, (b, h, h, w).
    In,
    /// What a level hands on and keeps for the way up, (b, h/2ⁱ, h/2ⁱ, width i).
    Down(usize),
    /// The smallest map, (b, h/4, h/4, w″).
    Middle,
    /// What a level makes of the level below and of what it kept, (b, h/2ⁱ, h/2ⁱ, width i).
    Up(usize),
}

/// A level on the way down.
#[derive(Debug)]
struct Down {
    block: Block,
    attention: Option<Attention>,
    shrink: Layer,
}

/// A level on the way up.
#[derive(Debug)]
struct Up {
    grow: Layer,
    block: Block,
    attention: Option<Attention>,
}

/// Predicts what a noised picture was before, or its noise: what it was trained for.
#[derive(Debug)]
pub struct UNet {
    config: Config,
    time: [Layer; 2],
    conditions: Vec<Tensor>,
    first: Layer,
    down: Vec<Down>,
    middle: (Block, Attention, Block),
    /// From the smallest map to the widest.
    up: Vec<Up>,
    norm: Norm,
    last: Layer,
    /// All of it once more by name, for those who look at it or lay something beside it.
    tensors: BTreeMap<String, Tensor>,
}

impl UNet {
    /// Over the tensors that `find` gives.
    ///
    /// # Errors
    /// When `find` does, or the shape is not sound.
    pub fn new(config: &Config, find: Find<'_>) -> Result<Self> {
        let mut weights = Weights::found(config, find)?;
        let tensors = weights.all().clone();
        let weights = &mut weights;
        let widths = config.widths;
        let conditions = (0..config.conditions.len())
            .map(|i| weights.take(&format!("condition.{i}.weight")))
            .collect::<Result<_>>()?;
        let attention = |weights: &mut Weights, at: &str, level: usize| {
            let wanted = config.has_attention(level);
            let at = format!("{at}.attention");
            wanted
                .then(|| Attention::new(weights, &at, config.n_heads))
                .transpose()
        };
        let (mut down, mut up) = (Vec::new(), Vec::new());
        for (level, &width) in widths.iter().enumerate().take(N_LEVELS - 1) {
            let at = format!("down.{level}");
            down.push(Down {
                block: Block::new(weights, &format!("{at}.block"), width, width)?,
                attention: attention(weights, &at, level)?,
                shrink: Layer::new(weights, &format!("{at}.shrink"))?,
            });
            let at = format!("up.{level}");
            up.push(Up {
                grow: Layer::new(weights, &format!("{at}.grow"))?,
                block: Block::new(weights, &format!("{at}.block"), 2 * width, width)?,
                attention: attention(weights, &at, level)?,
            });
        }
        up.reverse();
        let last = widths[N_LEVELS - 1];
        Ok(Self {
            time: [
                Layer::new(weights, "time.0")?,
                Layer::new(weights, "time.1")?,
            ],
            conditions,
            first: Layer::new(weights, "in")?,
            down,
            middle: (
                Block::new(weights, "middle.0", last, last)?,
                Attention::new(weights, "middle.attention", config.n_heads)?,
                Block::new(weights, "middle.1", last, last)?,
            ),
            up,
            norm: Norm::new(weights, "out.norm")?,
            last: Layer::new(weights, "out")?,
            tensors,
            config: config.clone(),
        })
    }

    /// The shape.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The tensor of that name, one of [`Config::tensors`].
    #[must_use]
    pub fn tensor(&self, name: &str) -> Option<&Tensor> {
        self.tensors.get(name)
    }

    /// What the network is told of pictures whose attributes have the values `rows`, one for each
    /// attribute, 0 where it is not said: the sum of one learned row for each, (b, d). Two of them can
    /// be mixed, as vectors.
    ///
    /// # Errors
    /// When an attribute is missing, or has no such value.
    pub fn condition(&self, rows: &[Vec<u32>]) -> Result<Tensor> {
        let n_attributes = self.conditions.len();
        let device = self.last.device();
        if let Some(row) = rows.iter().find(|row| row.len() != n_attributes) {
            bail!("{} values for {n_attributes} attributes", row.len());
        }
        let d = self.config.d_embedding;
        let mut sum = Tensor::zeros((rows.len(), d), candle_core::DType::F32, device)?;
        for (i, table) in self.conditions.iter().enumerate() {
            let values: Vec<u32> = rows.iter().map(|row| row[i]).collect();
            let n_values = table.dim(0)?;
            if let Some(value) = values.iter().find(|value| **value as usize >= n_values) {
                bail!("value {value} of {n_values} of attribute {i}");
            }
            sum = (sum + table.index_select(&Tensor::new(values, device)?, 0)?)?;
        }
        Ok(sum)
    }

    /// Of noised pictures `x` (b, s, s, c), their noise levels `level` (b) in 0..=999, which may lie
    /// between whole numbers, and their conditions (b, d): the prediction (b, s, s, c).
    ///
    /// # Errors
    /// When the shapes do not fit the network's.
    pub fn forward(&self, x: &Tensor, level: &Tensor, condition: &Tensor) -> Result<Tensor> {
        self.forward_seen(x, level, condition, &mut |_, _| Ok(()))
    }

    /// [`UNet::forward`] that shows `see` the maps on the way.
    ///
    /// # Errors
    /// As [`UNet::forward`], and when `see` does.
    pub fn forward_seen(
        &self,
        x: &Tensor,
        level: &Tensor,
        condition: &Tensor,
        see: &mut dyn FnMut(Site, &Tensor) -> Result<()>,
    ) -> Result<Tensor> {
        let (side, c) = (self.config.side, self.config.n_channels);
        let b = x.dim(0)?;
        let d = self.config.d_embedding;
        if x.dims() != [b, side, side, c] || condition.dims() != [b, d] || level.dims() != [b] {
            bail!("pictures {x:?}, levels {level:?}, conditions {condition:?}");
        }
        let told = self.embedding(level, condition)?; // (b, d)

        let patches = pixel_unshuffle(x, self.config.patch)?; // (b, h, h, p·p·c)
        let mut x = self.first.conv(&patches, 1)?; // (b, h, h, w)
        see(Site::In, &x)?;
        let mut kept = Vec::new();
        for (i, down) in self.down.iter().enumerate() {
            x = down.block.forward(&x, &told)?;
            if let Some(attention) = &down.attention {
                x = attention.forward(&x)?;
            }
            see(Site::Down(i), &x)?;
            kept.push(x.clone());
            x = down.shrink.conv(&x, 2)?; // half the side, the next width
        }

        let (first, attention, second) = &self.middle;
        x = attention.forward(&first.forward(&x, &told)?)?; // (b, h/4, h/4, w″)
        x = second.forward(&x, &told)?;
        see(Site::Middle, &x)?;

        for ((i, kept), up) in kept.iter().enumerate().rev().zip(&self.up) {
            x = up.grow.conv_doubled(&x)?; // twice the side, this level's width
            x = Tensor::cat(&[&x, kept], 3)?; // twice this level's width
            x = up.block.forward(&x, &told)?;
            if let Some(attention) = &up.attention {
                x = attention.forward(&x)?;
            }
            see(Site::Up(i), &x)?;
        }
        let patches = self.last.conv(&self.norm.silu(&x)?, 1)?; // (b, h, h, p·p·c)
        pixel_shuffle(&patches, self.config.patch) // (b, s, s, c)
    }

    /// Noise level and condition as one vector, after `SiLU`: (b, d).
    fn embedding(&self, level: &Tensor, condition: &Tensor) -> Result<Tensor> {
        let waves = timestep_embedding(level, self.config.d_embedding)?; // (b, d)
        let [first, second] = &self.time;
        let time = second.affine(&first.affine(&waves)?.silu()?)?; // (b, d)
        (time + condition)?.silu()
    }
}

#[cfg(test)]
mod tests;
