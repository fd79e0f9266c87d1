//! Memory for a whole model's weights, in pages of 2 MiB where the system has them.
//!
//! A decoder reads every weight once per token, in order. With 4 KiB pages the processor spends as
//! long finding pages as reading them; with 2 MiB pages one thread reads nearly twice as fast
//! (17–20 against 29–35 GB/s where this was measured). Linux gives large pages to a region that
//! asks (`MADV_HUGEPAGE`), so all matrices of a model lie in few large regions that ask.

#![expect(
    unsafe_code,
    reason = "regions are mapped and shared as raw memory; each slice is owned by one handle"
)]

use crate::refusal::{Refusal, Result};
use std::alloc::Layout;
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, PoisonError};

/// A large page, and the alignment of every region.
const PAGE_BYTES: usize = 2 << 20;

/// A region is at least this large. Untouched pages cost address space, not memory.
const REGION_BYTES: usize = 64 << 20;

/// A cache line, and the alignment of every slice.
const LINE_BYTES: usize = 64;

/// Hands out zeroed slices of large-page memory. Clones share the same regions; a region is freed
/// when the arena and every slice of it are gone.
#[derive(Debug, Clone, Default)]
pub struct Arena {
    current: Arc<Mutex<Option<Growing>>>,
}

/// The region being filled.
#[derive(Debug)]
struct Growing {
    region: Arc<Region>,
    used_bytes: usize,
}

impl Arena {
    /// An empty arena: regions are made as they are needed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `n_bytes` zeroed bytes, aligned to a cache line.
    ///
    /// # Errors
    /// When the system has no more memory.
    pub fn alloc(&self, n_bytes: usize) -> Result<ArenaSlice> {
        let too_large = || {
            Refusal::unchanged(
                "There is not enough memory for this model",
                format!("The system refused {n_bytes} more bytes."),
                "Close other programs, or choose a smaller model.",
            )
        };
        let rounded = n_bytes
            .checked_next_multiple_of(LINE_BYTES)
            .ok_or_else(too_large)?;
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |growing: &Growing| growing.region.layout.size() - growing.used_bytes < rounded;
        if current.as_ref().is_none_or(full) {
            let region = Region::new(rounded.max(REGION_BYTES)).ok_or_else(too_large)?;
            *current = Some(Growing {
                region: Arc::new(region),
                used_bytes: 0,
            });
        }
        let growing = current.as_mut().ok_or_else(too_large)?;
        let start = growing.used_bytes;
        growing.used_bytes += rounded;
        Ok(ArenaSlice {
            region: Arc::clone(&growing.region),
            start,
            n_bytes,
        })
    }
}

/// A slice of an arena, owned by this handle alone.
#[derive(Debug)]
pub struct ArenaSlice {
    region: Arc<Region>,
    start: usize,
    n_bytes: usize,
}

impl Deref for ArenaSlice {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // SAFETY: `start..start + n_bytes` lies in the region (`alloc` checked that it fits), the
        // region lives as long as our `Arc`, its bytes are initialised (zeroed), and nobody else
        // holds this range: `alloc` hands each out once and handles cannot be cloned.
        unsafe {
            std::slice::from_raw_parts(self.region.base.as_ptr().add(self.start), self.n_bytes)
        }
    }
}

impl DerefMut for ArenaSlice {
    fn deref_mut(&mut self) -> &mut [u8] {
        // SAFETY: as in `deref`; and `&mut self` makes this the only access to the range.
        unsafe {
            std::slice::from_raw_parts_mut(self.region.base.as_ptr().add(self.start), self.n_bytes)
        }
    }
}

/// One mapping, aligned to a large page.
#[derive(Debug)]
struct Region {
    base: NonNull<u8>,
    layout: Layout,
}

// SAFETY: a region is plain memory with no tie to a thread; who may touch which bytes is decided by
// the slices, each owned by one handle.
unsafe impl Send for Region {}
// SAFETY: as above; through `&Region` alone no byte can be reached.
unsafe impl Sync for Region {}

#[cfg(target_os = "linux")]
impl Region {
    /// A zeroed region of at least `n_bytes`, or `None` when there is no memory.
    fn new(n_bytes: usize) -> Option<Self> {
        let n_bytes = n_bytes.checked_next_multiple_of(PAGE_BYTES)?;
        let layout = Layout::from_size_align(n_bytes, PAGE_BYTES).ok()?;
        let mapped_bytes = n_bytes.checked_add(PAGE_BYTES)?;
        // SAFETY: a fresh private anonymous mapping touches no memory of ours.
        let mapped = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                mapped_bytes,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if mapped == libc::MAP_FAILED {
            return None;
        }
        let skipped = mapped.align_offset(PAGE_BYTES);
        // SAFETY: `skipped < PAGE_BYTES`, so the aligned region of `n_bytes` and the two ends given
        // back lie in the mapping; no reference to any of it exists yet. The advice only asks for
        // large pages, and its failure changes nothing.
        unsafe {
            let base = mapped.add(skipped);
            if skipped > 0 {
                libc::munmap(mapped, skipped);
            }
            libc::munmap(base.add(n_bytes), PAGE_BYTES - skipped);
            libc::madvise(base, n_bytes, libc::MADV_HUGEPAGE);
            let base = NonNull::new(base.cast())?;
            Some(Self { base, layout })
        }
    }
}

#[cfg(target_os = "linux")]
impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: `new` mapped exactly this range, and the last handle to it is gone.
        unsafe {
            libc::munmap(self.base.as_ptr().cast(), self.layout.size());
        }
    }
}

#[cfg(not(target_os = "linux"))]
impl Region {
    /// A zeroed region of at least `n_bytes`, or `None` when there is no memory.
    fn new(n_bytes: usize) -> Option<Self> {
        let n_bytes = n_bytes.checked_next_multiple_of(PAGE_BYTES)?;
        let layout = Layout::from_size_align(n_bytes, PAGE_BYTES).ok()?;
        // SAFETY: the layout's size is not zero: a region is at least `REGION_BYTES`.
        let base = NonNull::new(unsafe { std::alloc::alloc_zeroed(layout) })?;
        Some(Self { base, layout })
    }
}

#[cfg(not(target_os = "linux"))]
impl Drop for Region {
    fn drop(&mut self) {
        // SAFETY: `new` allocated this region with this layout, and the last handle to it is gone.
        unsafe { std::alloc::dealloc(self.base.as_ptr(), self.layout) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_are_zeroed_aligned_and_apart() {
        let arena = Arena::new();
        let mut slices: Vec<ArenaSlice> = [1, 63, 64, 65, 70 << 20, 5]
            .map(|n| arena.alloc(n).unwrap())
            .into();
        for (i, slice) in slices.iter_mut().enumerate() {
            assert_eq!(slice.as_ptr().addr() % LINE_BYTES, 0);
            assert!(slice.iter().all(|&byte| byte == 0));
            slice.fill(i as u8 + 1);
        }
        drop(arena);
        for (i, slice) in slices.iter().enumerate() {
            assert!(slice.iter().all(|&byte| byte == i as u8 + 1));
        }
    }

    #[test]
    fn more_than_the_system_has_is_refused() {
        assert!(Arena::new().alloc(usize::MAX - 7).is_err());
        assert!(Arena::new().alloc(1 << 60).is_err());
    }
}
