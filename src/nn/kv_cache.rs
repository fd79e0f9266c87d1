//! The keys and values of every position a model has read, so that a new token costs one position.
//! All of it is allocated at the start: a step writes in place and copies nothing.
//!
//! On the CPU, keys lie as [`super::attention`] reads them: sixteen positions side by side for each
//! of a head's numbers, so that one vector holds the scores of sixteen positions.

use super::rows::{f32s, f32s_mut};
use candle_core::{
    CpuStorage, DType, Device, InplaceOp2, Layout, Result, Shape, Storage, Tensor, bail,
};

/// Positions that lie side by side in a tile of keys.
pub const TILE: usize = 16;

/// Keys and values of up to `n_ctx` positions in every block.
/// Letters: g key/value heads, s head width.
#[derive(Debug)]
pub struct KvCache {
    /// One for each block: `(g, ⌈n_ctx / 16⌉, s, 16)` on the CPU, `(g, n_ctx, s)` elsewhere.
    keys: Vec<Tensor>,
    /// One for each block: `(g, n_ctx, s)`.
    values: Vec<Tensor>,
    len: usize,
    n_ctx: usize,
}

impl KvCache {
    /// An empty cache for `n_layers` blocks of `n_kv_heads` heads. Memory that is never written is
    /// never taken, where the system hands out pages on first use.
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
        let rows = (n_kv_heads, n_ctx, d_head);
        let tiles = (n_kv_heads, n_ctx.div_ceil(TILE), d_head, TILE);
        let zeros = |shape: Shape| {
            let tensor = Tensor::zeros(shape, DType::F32, device)?;
            in_small_pages(&tensor);
            Ok(tensor)
        };
        let keys = |_| match device {
            Device::Cpu => zeros(tiles.into()),
            _ => zeros(rows.into()),
        };
        Ok(Self {
            keys: (0..n_layers).map(keys).collect::<Result<_>>()?,
            values: (0..n_layers)
                .map(|_| zeros(rows.into()))
                .collect::<Result<_>>()?,
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

    /// Bytes set aside, used or not.
    #[must_use]
    pub fn n_bytes(&self) -> usize {
        let all = self.keys.iter().chain(&self.values);
        all.map(|x| x.elem_count() * x.dtype().size_in_bytes())
            .sum()
    }

    /// Another cache that holds the same and goes on by itself.
    ///
    /// # Errors
    /// When the device has no room.
    pub fn fork(&self) -> Result<Self> {
        let copies = |tensors: &[Tensor]| tensors.iter().map(Tensor::copy).collect::<Result<_>>();
        Ok(Self {
            keys: copies(&self.keys)?,
            values: copies(&self.values)?,
            len: self.len,
            n_ctx: self.n_ctx,
        })
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
        let (keys, values) = (&self.keys[block], &self.values[block]);
        let (g, _, s) = values.dims3()?;
        let t = k.dim(1)?;
        if self.len + t > self.n_ctx {
            bail!("{} positions and {t} more, of {}", self.len, self.n_ctx);
        }
        if k.dims() != [g, t, s] || v.dims() != [g, t, s] {
            bail!("keys {k:?} and values {v:?} in a cache of {values:?}");
        }
        if keys.device().is_cpu() {
            let at = Append { past: self.len };
            keys.inplace_op2(k, &at)?;
            values.inplace_op2(v, &at)
        } else {
            keys.slice_set(&k.contiguous()?, 1, self.len)?;
            values.slice_set(&v.contiguous()?, 1, self.len)
        }
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
        let keys = &self.keys[block];
        let Ok((g, _, s, _)) = keys.dims4() else {
            return keys.narrow(1, 0, n);
        };
        let n_tiles = n.div_ceil(TILE);
        let tiles = keys.narrow(1, 0, n_tiles)?.transpose(2, 3)?; // (g, n_tiles, 16, s)
        tiles.reshape((g, n_tiles * TILE, s))?.narrow(1, 0, n)
    }

    /// The values of `block`'s first `n` positions, (g, n, s).
    ///
    /// # Errors
    /// When `n` is more than there is room for.
    pub fn values(&self, block: usize, n: usize) -> Result<Tensor> {
        self.values[block].narrow(1, 0, n)
    }

    /// `block`'s keys and values as they lie, with room for positions not yet read.
    pub(super) fn storage(&self, block: usize) -> (&Tensor, &Tensor) {
        (&self.keys[block], &self.values[block])
    }
}

/// Writes (g, t, s) at position `past`, as tiles when the room has four dimensions.
struct Append {
    past: usize,
}

impl InplaceOp2 for Append {
    fn name(&self) -> &'static str {
        "kv-append"
    }

    fn cpu_fwd(
        &self,
        room: &mut CpuStorage,
        room_layout: &Layout,
        x: &CpuStorage,
        x_layout: &Layout,
    ) -> Result<()> {
        let (room, x) = (f32s_mut(room)?, f32s(x)?);
        let (g, t, s) = x_layout.shape().dims3()?;
        let &[head_stride, t_stride, 1] = x_layout.stride() else {
            bail!("a head's numbers must lie side by side: {x_layout:?}");
        };
        let tiled = room_layout.dims().len() == 4;
        let per_head = room.len() / g;
        for (head, room) in room.chunks_exact_mut(per_head).enumerate() {
            for i in 0..t {
                let start = x_layout.start_offset() + head * head_stride + i * t_stride;
                let x = &x[start..start + s];
                let position = self.past + i;
                if tiled {
                    let tile = &mut room[position / TILE * s * TILE..][..s * TILE];
                    for (column, &x) in tile.chunks_exact_mut(TILE).zip(x) {
                        column[position % TILE] = x;
                    }
                } else {
                    room[position * s..][..s].copy_from_slice(x);
                }
            }
        }
        Ok(())
    }
}

/// Asks for pages of 4 KiB where the allocator may have asked for 2 MiB: each head of each layer begins
/// a stretch of its own, and the first word of a text would make every one of them take a large page.
/// For SmolLM2 that is 370 MB to clear before the first token, for a text that fills one.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "advice about pages is given by address")]
fn in_small_pages(tensor: &Tensor) {
    const PAGE_BYTES: usize = 4096;
    let (storage, _) = tensor.storage_and_layout();
    if let Storage::Cpu(CpuStorage::F32(numbers)) = &*storage {
        let range = numbers.as_ptr_range();
        let start = range.start.addr().next_multiple_of(PAGE_BYTES);
        let n_bytes = (range.end.addr() / PAGE_BYTES * PAGE_BYTES).saturating_sub(start);
        let base = range.start.with_addr(start).cast_mut().cast();
        // SAFETY: whole pages inside memory that is ours; the advice changes no byte of it. Where it is
        // not taken, the pages stay as they were, which is slower and nothing else.
        _ = unsafe { libc::madvise(base, n_bytes, libc::MADV_NOHUGEPAGE) };
    }
}

#[cfg(not(target_os = "linux"))]
fn in_small_pages(_: &Tensor) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_appended_is_read_back_and_truncation_forgets_the_rest() -> Result<()> {
        let device = Device::Cpu;
        let (g, s) = (2, 6);
        let x = Tensor::arange(0f32, (g * 40 * s) as f32, &device)?.reshape((g, 40, s))?;
        let y = x.affine(-1.0, 0.0)?;
        let mut cache = KvCache::new(1, g, s, 45, &device)?;
        for (past, t) in [(0, 13), (13, 1), (14, 26)] {
            cache.append(0, &x.narrow(1, past, t)?, &y.narrow(1, past, t)?)?;
            cache.advance(t);
        }
        assert_eq!(cache.len(), 40);
        assert_eq!(cache.keys(0, 40)?.to_vec3::<f32>()?, x.to_vec3::<f32>()?);
        assert_eq!(cache.values(0, 40)?.to_vec3::<f32>()?, y.to_vec3::<f32>()?);

        cache.truncate(3);
        cache.append(0, &y.narrow(1, 0, 1)?, &x.narrow(1, 0, 1)?)?;
        let keys = cache.keys(0, 4)?;
        let kept = x.narrow(1, 0, 3)?;
        let expected = Tensor::cat(&[kept, y.narrow(1, 0, 1)?], 1)?;
        assert_eq!(keys.to_vec3::<f32>()?, expected.to_vec3::<f32>()?);
        cache.advance(3);
        assert!(cache.append(0, &x, &y).is_err());
        Ok(())
    }
}
