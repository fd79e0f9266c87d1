//! The keys and values of every position a model has read, so that a new token costs one position.
//! All of it is allocated at the start: a step writes in place and copies nothing.

use candle_core::{DType, Device, Result, Tensor, bail};

/// Keys and values of up to `n_ctx` positions in every block.
#[derive(Debug)]
pub struct KvCache {
    /// One of (g, n_ctx, s) for each block.
    keys: Vec<Tensor>,
    values: Vec<Tensor>,
    len: usize,
    n_ctx: usize,
}

impl KvCache {
    /// An empty cache for `n_layers` blocks of `n_kv_heads` heads.
    ///
    /// # Errors
    /// When the device has no room.
    pub fn new(
        n_layers: usize,
        n_kv_heads: usize,
        d_head: usize,
        n_ctx: usize,
        device: &Device,
    ) -> Result<Self> {
        let room = || -> Result<Vec<Tensor>> {
            (0..n_layers)
                .map(|_| Tensor::zeros((n_kv_heads, n_ctx, d_head), DType::F32, device))
                .collect()
        };
        Ok(Self {
            keys: room()?,
            values: room()?,
            len: 0,
            n_ctx,
        })
    }

    /// Positions read so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing was read yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The most positions there is room for.
    #[must_use]
    pub fn n_ctx(&self) -> usize {
        self.n_ctx
    }

    /// Bytes held, used or not.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let all = self.keys.iter().chain(&self.values);
        all.map(|x| x.elem_count() * x.dtype().size_in_bytes())
            .sum()
    }

    /// Forgets everything from position `n` on; longer than the cache changes nothing.
    pub fn truncate(&mut self, n: usize) {
        self.len = self.len.min(n);
    }

    /// Writes `block`'s keys and values, (g, t, s) each, behind what the cache holds. They count
    /// once [`KvCache::advance`] is called: a pass that fails half way leaves the cache as it was.
    ///
    /// # Errors
    /// When there is no room, or the shapes are not the model's.
    pub fn append(&mut self, block: usize, k: &Tensor, v: &Tensor) -> Result<()> {
        let t = k.dim(1)?;
        if self.len + t > self.n_ctx {
            bail!("{} positions and {t} more, of {}", self.len, self.n_ctx);
        }
        self.keys[block].slice_set(&k.contiguous()?, 1, self.len)?;
        self.values[block].slice_set(&v.contiguous()?, 1, self.len)
    }

    /// Counts `t` positions that every block has appended.
    pub fn advance(&mut self, t: usize) {
        self.len = (self.len + t).min(self.n_ctx);
    }

    /// The keys of `block`'s first `n` positions, (g, n, s).
    ///
    /// # Errors
    /// When `n` is more than there is room for.
    pub fn keys(&self, block: usize, n: usize) -> Result<Tensor> {
        self.keys[block].narrow(1, 0, n)
    }

    /// The values of `block`'s first `n` positions, (g, n, s).
    ///
    /// # Errors
    /// When `n` is more than there is room for.
    pub fn values(&self, block: usize, n: usize) -> Result<Tensor> {
        self.values[block].narrow(1, 0, n)
    }
}
