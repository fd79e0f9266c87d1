//! A matrix that rows of numbers are multiplied with: in f32, or packed in the file's own
//! quantization. A decoder is written once and does not know which.

use candle_core::{Result, Tensor, bail};

/// y = x · Wᵀ, with W (n_out, n_in); its rows double as an embedding.
#[derive(Debug, Clone)]
pub enum Linear {
    /// W as it is, (n_out, n_in).
    F32(Tensor),
}

impl Linear {
    /// (n_out, n_in).
    #[must_use]
    pub fn shape(&self) -> (usize, usize) {
        match self {
            Self::F32(weight) => weight.dims2().unwrap_or_default(),
        }
    }

    /// `x`, (t, n_in) → (t, n_out). Has no gradient.
    ///
    /// # Errors
    /// When the widths differ.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::F32(weight) => x.matmul(&weight.t()?),
        }
    }

    /// The rows of W that `ids` name, (t, n_in).
    ///
    /// # Errors
    /// When an id is beyond the last row.
    pub fn rows(&self, ids: &[u32]) -> Result<Tensor> {
        let n_out = self.shape().0;
        if let Some(id) = ids.iter().find(|&&id| id as usize >= n_out) {
            bail!("token {id} of a vocabulary of {n_out}");
        }
        match self {
            Self::F32(weight) => {
                let ids = Tensor::new(ids, weight.device())?;
                weight.index_select(&ids, 0)
            }
        }
    }
}
