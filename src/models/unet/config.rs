//! The shape of a U-Net, the names of its weights, and what they begin with.

use crate::nn::layers::Parameters;
use crate::nn::lora::matrix;
use crate::rng::Rng;
use candle_core::{Device, Result, Tensor};
use serde::{Deserialize, Serialize};

/// Halvings of the map, and one more level than that has widths.
pub(super) const N_LEVELS: usize = 3;
/// Side of every kernel but those of 1 × 1.
const KERNEL: usize = 3;
/// Groups of channels that are normed together.
pub(super) const N_GROUPS: usize = 8;

/// The shape of a [`UNet`](super::UNet).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Pixels along a side of a picture.
    pub side: usize,
    /// Pixels along a side of the patches that the network takes for its pixels; 1 for none.
    pub patch: usize,
    /// 3 for red, green and blue, 1 for grey.
    pub n_channels: usize,
    /// Channels of the maps, from the widest map to the one of a quarter of its side.
    pub widths: [usize; N_LEVELS],
    /// Maps of this side and less have attention; the smallest always has.
    pub attention_side: usize,
    /// Heads of each attention.
    pub n_heads: usize,
    /// Numbers that say the noise level and the condition.
    pub d_embedding: usize,
    /// How many values each attribute of a condition has; the first is "not said".
    pub conditions: Vec<usize>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            side: 64,
            patch: 4,
            n_channels: 3,
            widths: [80, 144, 144],
            attention_side: 8,
            n_heads: 4,
            d_embedding: 192,
            conditions: Vec::new(),
        }
    }
}

/// Names of tensors with their shapes.
type Tensors = Vec<(String, Vec<usize>)>;

impl Config {
    /// Whether a network of this shape can be made, and is not larger than anything sensible.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let smallest = 1 << (N_LEVELS - 1);
        let n_values: Option<usize> =
            (self.conditions.iter()).try_fold(0, |sum: usize, n| sum.checked_add(*n));
        let well_cut = |width: &usize| {
            (1..=512).contains(width)
                && width.is_multiple_of(N_GROUPS)
                && width.is_multiple_of(self.n_heads)
        };
        (4..=256).contains(&self.side)
            && [1, 2, 4, 8].contains(&self.patch)
            && self.side.is_multiple_of(self.patch * smallest)
            && [1, 3].contains(&self.n_channels)
            && (1..=16).contains(&self.n_heads)
            && self.widths.iter().all(well_cut)
            && (2..=1024).contains(&self.d_embedding)
            && self.d_embedding.is_multiple_of(2)
            && self.conditions.iter().all(|n_values| *n_values > 0)
            && n_values.is_some_and(|n| n <= 1 << 16)
    }

    /// Side of the maps of `level`: 0 is the widest.
    #[must_use]
    pub fn map_side(&self, level: usize) -> usize {
        (self.side / self.patch) >> level
    }

    /// Whether the maps of `level` have attention.
    #[must_use]
    pub fn has_attention(&self, level: usize) -> bool {
        level + 1 == N_LEVELS || self.map_side(level) <= self.attention_side
    }

    /// Numbers of a pixel of the widest map before the first layer and after the last.
    #[must_use]
    pub fn n_patch_channels(&self) -> usize {
        self.patch * self.patch * self.n_channels
    }

    /// Every tensor with its shape, in the order of the picture's way through.
    #[must_use]
    pub fn tensors(&self) -> Tensors {
        let mut to = Tensors::new();
        let (widths, d) = (self.widths, self.d_embedding);
        for layer in ["time.0", "time.1"] {
            affine(&mut to, layer, d, d);
        }
        for (i, n_values) in self.conditions.iter().enumerate() {
            to.push((format!("condition.{i}.weight"), vec![*n_values, d]));
        }
        conv(&mut to, "in", self.n_patch_channels(), widths[0]);
        for level in 0..N_LEVELS - 1 {
            let at = format!("down.{level}");
            self.level(&mut to, &at, level, widths[level]);
            let shrink = format!("{at}.shrink");
            conv(&mut to, &shrink, widths[level], widths[level + 1]);
        }
        let last = widths[N_LEVELS - 1];
        self.block(&mut to, "middle.0", last, last);
        attention(&mut to, "middle.attention", last);
        self.block(&mut to, "middle.1", last, last);
        for level in (0..N_LEVELS - 1).rev() {
            let at = format!("up.{level}");
            let grow = format!("{at}.grow");
            conv(&mut to, &grow, widths[level + 1], widths[level]);
            self.level(&mut to, &at, level, 2 * widths[level]);
        }
        norm(&mut to, "out.norm", widths[0]);
        conv(&mut to, "out", widths[0], self.n_patch_channels());
        to
    }

    /// The weights that an adapter of low rank ([`crate::nn::lora`]) may change, each with its rows and
    /// columns as a matrix: the kernels of the convolutions and the matrices of attention.
    #[must_use]
    pub fn adaptable(&self) -> Vec<(String, [usize; 2])> {
        let is_one = |name: &str, shape: &[usize]| {
            shape.len() == 4 || (shape.len() == 2 && name.contains("attention"))
        };
        let tensors = self.tensors().into_iter();
        let chosen = tensors.filter(|(name, shape)| is_one(name, shape));
        chosen
            .map(|(name, shape)| {
                let (rows, columns) = matrix(&shape);
                (name, [rows, columns])
            })
            .collect()
    }

    /// How many numbers there are to learn.
    #[must_use]
    pub fn n_weights(&self) -> usize {
        let tensors = self.tensors();
        let sizes = tensors
            .iter()
            .map(|(_, shape)| shape.iter().product::<usize>());
        sizes.sum()
    }

    /// The residual block of a level, and its attention where it has one.
    fn level(&self, to: &mut Tensors, at: &str, level: usize, from: usize) {
        self.block(to, &format!("{at}.block"), from, self.widths[level]);
        if self.has_attention(level) {
            attention(to, &format!("{at}.attention"), self.widths[level]);
        }
    }

    /// A residual block.
    fn block(&self, to: &mut Tensors, at: &str, from: usize, width: usize) {
        norm(to, &format!("{at}.norm.0"), from);
        conv(to, &format!("{at}.conv.0"), from, width);
        affine(to, &format!("{at}.film"), self.d_embedding, 2 * width);
        norm(to, &format!("{at}.norm.1"), width);
        conv(to, &format!("{at}.conv.1"), width, width);
        if from != width {
            affine(to, &format!("{at}.skip"), from, width);
        }
    }
}

fn norm(to: &mut Tensors, at: &str, width: usize) {
    for part in ["gain", "bias"] {
        to.push((format!("{at}.{part}"), vec![width]));
    }
}

fn conv(to: &mut Tensors, at: &str, from: usize, width: usize) {
    to.push((format!("{at}.weight"), vec![KERNEL, KERNEL, from, width]));
    to.push((format!("{at}.bias"), vec![width]));
}

fn affine(to: &mut Tensors, at: &str, from: usize, width: usize) {
    to.push((format!("{at}.weight"), vec![from, width]));
    to.push((format!("{at}.bias"), vec![width]));
}

fn attention(to: &mut Tensors, at: &str, width: usize) {
    norm(to, &format!("{at}.norm"), width);
    affine(to, &format!("{at}.qkv"), width, 3 * width);
    affine(to, &format!("{at}.z"), width, width);
}

/// What is added to something else, and biases.
const STARTS_AT_0: [&str; 3] = [".bias", "conv.1.weight", "attention.z.weight"];

/// Standard deviation of a condition's rows at the beginning: eight of them together have about 1.
const STD_OF_ROWS: f64 = 0.35;

/// Random weights to begin with: normal with variance 1/(numbers that are summed); gains 1, biases 0.
/// What a block adds to its input, and the picture itself, begin as 0 (Dhariwal & Nichol 2021). The
/// same stream gives the same weights.
///
/// # Errors
/// When the device has no room.
pub fn initial(config: &Config, rng: &mut Rng, device: &Device) -> Result<Parameters> {
    let mut parameters = Parameters::default();
    for (name, shape) in config.tensors() {
        let n = shape.iter().product();
        let ends_with = |tail: &str| name.ends_with(tail);
        let values = if ends_with(".gain") {
            vec![1.0; n]
        } else if STARTS_AT_0.iter().any(|tail| ends_with(tail)) || name == "out.weight" {
            vec![0.0; n]
        } else if name.starts_with("condition.") {
            rng.normals(n, 0.0, STD_OF_ROWS)
        } else {
            let n_summed = n / shape.last().copied().unwrap_or(1).max(1);
            rng.normals(n, 0.0, 1.0 / (n_summed as f64).sqrt())
        };
        parameters.add(name, &Tensor::from_vec(values, shape, device)?)?;
    }
    Ok(parameters)
}
