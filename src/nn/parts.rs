//! A result cut into consecutive parts that workers fill at once.

use super::pool;
use std::sync::Mutex;

/// Calls `fill(index, part)` once for each `part_len` numbers of `out` (the last part may be
/// shorter), on whichever worker of the compute pool is free.
pub(super) fn for_parts<T: Send>(
    out: &mut [T],
    part_len: usize,
    fill: impl Fn(usize, &mut [T]) + Sync,
) {
    let parts: Vec<_> = out.chunks_mut(part_len.max(1)).map(Mutex::new).collect();
    pool::for_chunks(parts.len(), 1, |indices| {
        for index in indices {
            // Each part is locked once, by the one worker that was given its index.
            if let Ok(mut part) = parts[index].lock() {
                fill(index, &mut part);
            }
        }
    });
}

/// How many of `n_items` a worker takes at once: everything where there is one worker, and else an
/// eighth of an even share, because workers can be held up, but at least `smallest`.
pub(super) fn share(n_items: usize, smallest: usize) -> usize {
    match pool::threads() {
        1 => n_items.max(1),
        n_threads => n_items.div_ceil(8 * n_threads).max(smallest).max(1),
    }
}
