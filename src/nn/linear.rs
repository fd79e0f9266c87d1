//! A matrix that rows of numbers are multiplied with: in f32, or packed in the file's own
//! quantization. A decoder is written once and does not know which.

use super::quantized::PackedMatrix;
use super::rows::Rows;
use candle_core::{CpuStorage, CustomOp1, Device, Layout, Result, Shape, Tensor, bail};

/// y = x · Wᵀ, with W `(n_out, n_in)`; its rows double as an embedding.
#[derive(Debug)]
pub enum Linear {
    /// W as it is, `(n_out, n_in)`.
    F32(Tensor),
    /// W in blocks of quantized weights; on the CPU alone.
    Packed(PackedMatrix),
}

impl Linear {
    /// `(n_out, n_in)`.
    #[must_use]
    pub fn shape(&self) -> (usize, usize) {
        match self {
            Self::F32(weight) => weight.dims2().unwrap_or_default(),
            Self::Packed(matrix) => (matrix.n_out(), matrix.k()),
        }
    }

    /// Bytes its weights take: what a decode step reads of it.
    #[must_use]
    pub fn n_bytes(&self) -> usize {
        match self {
            Self::F32(weight) => weight.elem_count() * weight.dtype().size_in_bytes(),
            Self::Packed(matrix) => matrix.n_bytes(),
        }
    }

    /// `x`, `(t, n_in)` → `(t, n_out)`. Has no gradient when packed.
    ///
    /// # Errors
    /// When the widths differ.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::F32(weight) => x.matmul(&weight.t()?),
            Self::Packed(matrix) => x.contiguous()?.apply_op1_no_bwd(&Product(matrix)),
        }
    }

    /// The rows of W that `ids` name, `(t, n_in)`.
    ///
    /// # Errors
    /// When an id is beyond the last row.
    pub fn rows(&self, ids: &[u32]) -> Result<Tensor> {
        let (n_out, n_in) = self.shape();
        if let Some(id) = ids.iter().find(|&&id| id as usize >= n_out) {
            bail!("token {id} of a vocabulary of {n_out}");
        }
        match self {
            Self::F32(weight) => {
                let ids = Tensor::new(ids, weight.device())?;
                weight.index_select(&ids, 0)
            }
            Self::Packed(matrix) => {
                let mut rows = vec![0f32; ids.len() * n_in];
                for (&id, row) in ids.iter().zip(rows.chunks_exact_mut(n_in)) {
                    matrix.row(id as usize, row);
                }
                Tensor::from_vec(rows, (ids.len(), n_in), &Device::Cpu)
            }
        }
    }
}

/// x → x · Wᵀ for a packed W.
struct Product<'a>(&'a PackedMatrix);

impl CustomOp1 for Product<'_> {
    fn name(&self) -> &'static str {
        "packed-product"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let Self(matrix) = self;
        let rows = Rows::of(x, layout)?;
        let (t, n_out) = (rows.n_rows(), matrix.n_out());
        let (Some(x), true) = (rows.dense(), rows.width() == matrix.k()) else {
            bail!("{layout:?} times a matrix of {n_out} by {}", matrix.k());
        };
        let mut y = vec![0f32; t * n_out];
        matrix.matmul(x, t, &mut y);
        Ok((CpuStorage::F32(y), Shape::from((t, n_out))))
    }
}
