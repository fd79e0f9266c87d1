//! The exact nearest neighbours of all points, with the fastest products there are here.

use super::{Emit, End, MapEvent, Stage, say, spread};
use crate::algo::neighbours::{Neighbours, Search};
use crate::nn::arena::Arena;
use crate::nn::dense::DenseMatrix;

/// Products that are kept at once.
const PRODUCTS: usize = 1 << 21;

pub(super) fn find(values: &[f32], width: usize, k: usize, emit: Emit) -> Result<Neighbours, End> {
    let mut search = Search::new(values, width, k);
    let n = search.n_points();
    let all = DenseMatrix::pack(&Arena::new(), width, &[search.points()])?;
    let n_at_once = (PRODUCTS / n).clamp(8, 128);
    let mut products = vec![0.0; n_at_once * n];
    let mut rows = Vec::new();
    while search.n_done() < n {
        let fraction = Some(search.n_done() as f32 / n as f32);
        say(
            emit,
            MapEvent::Progress {
                stage: Stage::Neighbors,
                fraction,
            },
        )?;
        rows.clear();
        let next = search.points()[search.n_done() * width..].chunks_exact(width);
        rows.extend(next.take(n_at_once).flatten());
        let n_rows = rows.len() / width;
        let products = &mut products[..n_rows * n];
        all.matmul(&rows, n_rows, products);
        search.take(products, &spread);
    }
    Ok(search.finish())
}
