//! A matrix that rows of numbers are multiplied with: in f32, or packed in the file's own
//! quantization. A decoder is written once and does not know which.

use super::dense::DenseMatrix;
use super::quantized::PackedMatrix;
use super::rows::Rows;
use candle_core::{CpuStorage, CustomOp1, Device, Layout, Result, Shape, Tensor, bail};

/// y = x · Wᵀ, with W `(n_out, n_in)`; its rows double as an embedding.
#[derive(Debug)]
pub enum Linear {
    /// W as it is, `(n_out, n_in)`.
    F32(Tensor),
    /// W in f32, laid out for speed; on the CPU alone.
    Dense(DenseMatrix),
    /// W in blocks of quantized weights; on the CPU alone.
    Packed(PackedMatrix),
}

impl Linear {
    /// `(n_out, n_in)`.
    #[must_use]
    pub fn shape(&self) -> (usize, usize) {
        match self {
            Self::F32(weight) => weight.dims2().unwrap_or_default(),
            Self::Dense(matrix) => (matrix.n_out(), matrix.k()),
            Self::Packed(matrix) => (matrix.n_out(), matrix.k()),
        }
    }

    /// Bytes its weights take: what a decode step reads of it.
    #[must_use]
    pub fn n_bytes(&self) -> usize {
        match self {
            Self::F32(weight) => weight.elem_count() * weight.dtype().size_in_bytes(),
            Self::Dense(matrix) => matrix.n_bytes(),
            Self::Packed(matrix) => matrix.n_bytes(),
        }
    }

    /// `x`, `(t, n_in)` → `(t, n_out)`. Has no gradient unless it is a plain tensor.
    ///
    /// # Errors
    /// When the widths differ.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::F32(weight) => x.matmul(&weight.t()?),
            Self::Dense(matrix) => x.contiguous()?.apply_op1_no_bwd(&Product(matrix)),
            Self::Packed(matrix) => x.contiguous()?.apply_op1_no_bwd(&Product(matrix)),
        }
    }

    /// `x`, one row of `n_in`, as the product reads it: rounded where W is packed, else as it is.
    #[must_use]
    pub fn as_seen(&self, x: &[f32]) -> Vec<f32> {
        match self {
            Self::F32(_) | Self::Dense(_) => x.to_vec(),
            Self::Packed(matrix) => matrix.as_seen(x),
        }
    }

    /// Whether W is kept in blocks of quantized weights.
    #[must_use]
    pub fn is_packed(&self) -> bool {
        matches!(self, Self::Packed(_))
    }

    /// Row `row` of W, as it is multiplied with, (`n_in`).
    ///
    /// # Errors
    /// When there is no such row.
    pub fn row(&self, row: usize) -> Result<Vec<f32>> {
        self.rows(&[row as u32])?.flatten_all()?.to_vec1()
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
            Self::Dense(matrix) => copied(ids, n_in, |id, row| matrix.row(id, row)),
            Self::Packed(matrix) => copied(ids, n_in, |id, row| matrix.row(id, row)),
        }
    }
}

/// The rows that `ids` name, one below the other, as `row(id, out)` copies each.
fn copied(ids: &[u32], width: usize, row: impl Fn(usize, &mut [f32])) -> Result<Tensor> {
    let mut rows = vec![0f32; ids.len() * width];
    for (&id, out) in ids.iter().zip(rows.chunks_exact_mut(width)) {
        row(id as usize, out);
    }
    Tensor::from_vec(rows, (ids.len(), width), &Device::Cpu)
}

/// What multiplies rows on the CPU.
trait Multiply {
    fn n_out(&self) -> usize;
    fn k(&self) -> usize;
    fn matmul(&self, x: &[f32], t: usize, y: &mut [f32]);
}

impl Multiply for DenseMatrix {
    fn n_out(&self) -> usize {
        self.n_out()
    }

    fn k(&self) -> usize {
        self.k()
    }

    fn matmul(&self, x: &[f32], t: usize, y: &mut [f32]) {
        self.matmul(x, t, y);
    }
}

impl Multiply for PackedMatrix {
    fn n_out(&self) -> usize {
        self.n_out()
    }

    fn k(&self) -> usize {
        self.k()
    }

    fn matmul(&self, x: &[f32], t: usize, y: &mut [f32]) {
        self.matmul(x, t, y);
    }
}

/// x → x · Wᵀ for a W laid out for the CPU.
struct Product<'a, M>(&'a M);

impl<M: Multiply> CustomOp1 for Product<'_, M> {
    fn name(&self) -> &'static str {
        "product"
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
