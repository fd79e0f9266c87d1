//! The tree of Barnes and Hut (1986): space halved along every axis again and again, each cell with
//! its points' centre. A cell that looks small from where one stands counts as that many points at
//! its centre.
//!
//! Points are sorted along Morton's curve, on which each cell of each size is one stretch. Nodes lie
//! in the order of a walk that visits a cell before its parts; each knows where to go on when its
//! parts are passed over, so a walk needs no stack.

use super::super::spread::{Spread, fill};

/// A cell counts as one when its side is at most this part of the distance to its centre.
const ANGLE: f32 = 0.5;

/// A cell of so few points is not halved further.
const LEAF: usize = 8;

/// Halvings along each axis at most.
const BITS: u32 = 20;

/// Points that are computed together.
const CHUNK: usize = 64;

/// A tree over points in D dimensions.
pub(super) struct Tree<const D: usize> {
    nodes: Vec<Node<D>>,
    /// The points along the curve, and which they are.
    points: Vec<[f32; D]>,
    order: Vec<u32>,
}

/// A cell.
#[derive(Debug, Clone, Copy)]
struct Node<const D: usize> {
    centre: [f32; D],
    n_points: f32,
    /// From this squared distance on, the cell counts as one.
    far_squared: f32,
    /// The node after all parts of this one.
    next: u32,
    /// For a leaf: its points. Empty otherwise.
    first: u32,
    end: u32,
}

/// What all other points do to one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Push<const D: usize> {
    /// `Σ w² (y_i − y_j)`.
    pub force: [f32; D],
    /// Σ w: the point's part of Z.
    pub weight: f64,
}

impl<const D: usize> Tree<D> {
    pub fn new(positions: &[[f32; D]]) -> Self {
        let (low, side) = cube(positions);
        let cells = (1_u64 << BITS) as f32;
        let key = |point: &[f32; D]| {
            let cell = |c: usize| ((point[c] - low[c]) / side * cells) as u64;
            let cell: [u64; D] = std::array::from_fn(|c| cell(c).min((1 << BITS) - 1));
            interleave(cell)
        };
        let mut sorted: Vec<(u64, u32)> = positions.iter().map(key).zip(0..).collect();
        sorted.sort_unstable();
        let order: Vec<u32> = sorted.iter().map(|(_, i)| *i).collect();
        let mut tree = Self {
            nodes: Vec::with_capacity(positions.len()),
            points: order.iter().map(|i| positions[*i as usize]).collect(),
            order,
        };
        tree.build(&sorted, 0, 0, side);
        tree
    }

    /// Adds the cell of `keys`, which begin with point `first`, all alike down to `level`.
    fn build(&mut self, keys: &[(u64, u32)], first: usize, level: u32, side: f32) {
        let (mut level, mut side) = (level, side);
        let part = |key: u64, level: u32| key >> (D as u32 * (BITS - 1 - level)) & ((1 << D) - 1);
        // A cell with all its points in one part is that part.
        while let (Some((a, _)), Some((b, _))) = (keys.first(), keys.last())
            && level < BITS
            && part(*a, level) == part(*b, level)
        {
            level += 1;
            side /= 2.0;
        }
        let points = &self.points[first..first + keys.len()];
        let sum = |c: usize| points.iter().map(|point| f64::from(point[c])).sum::<f64>();
        let centre = std::array::from_fn(|c| (sum(c) / points.len().max(1) as f64) as f32);
        let at = self.nodes.len();
        let is_leaf = keys.len() <= LEAF || level == BITS;
        let own = if is_leaf { keys.len() } else { 0 };
        self.nodes.push(Node {
            centre,
            n_points: keys.len() as f32,
            far_squared: (side / ANGLE).powi(2),
            next: 0,
            first: first as u32,
            end: (first + own) as u32,
        });
        if !is_leaf {
            let mut start = 0;
            while start < keys.len() {
                let here = part(keys[start].0, level);
                let length = keys[start..].partition_point(|(key, _)| part(*key, level) == here);
                let keys = &keys[start..start + length];
                self.build(keys, first + start, level + 1, side / 2.0);
                start += length;
            }
        }
        self.nodes[at].next = self.nodes.len() as u32;
    }

    /// What is done to each point, in the order the points were given.
    pub fn pushes(&self, spread: &Spread) -> Vec<Push<D>> {
        let none = Push {
            force: [0.0; D],
            weight: 0.0,
        };
        let mut along_curve = vec![none; self.points.len()];
        fill(spread, &mut along_curve, 1, CHUNK, |first, pushes| {
            for (push, point) in pushes.iter_mut().zip(&self.points[first..]) {
                *push = self.push(*point);
            }
        });
        let mut pushes = vec![none; self.points.len()];
        for (push, i) in along_curve.iter().zip(&self.order) {
            pushes[*i as usize] = *push;
        }
        pushes
    }

    fn push(&self, here: [f32; D]) -> Push<D> {
        let mut force = [0.0; D];
        let mut weight = 0.0;
        let mut add = |there: [f32; D], square: f32, n_points: f32| {
            let w = 1.0 / (1.0 + square);
            weight += n_points * w;
            for c in 0..D {
                force[c] += n_points * w * w * (here[c] - there[c]);
            }
        };
        let square = |there: [f32; D]| (0..D).map(|c| (here[c] - there[c]).powi(2)).sum::<f32>();
        let mut at = 0;
        while let Some(node) = self.nodes.get(at) {
            let apart = square(node.centre);
            if apart > node.far_squared {
                add(node.centre, apart, node.n_points);
                at = node.next as usize;
            } else {
                for there in &self.points[node.first as usize..node.end as usize] {
                    add(*there, square(*there), 1.0);
                }
                at += 1;
            }
        }
        Push {
            force,
            // The point itself was met too, with w = 1.
            weight: f64::from(weight) - 1.0,
        }
    }
}

/// The lowest corner and the side of a cube that holds all points.
fn cube<const D: usize>(positions: &[[f32; D]]) -> ([f32; D], f32) {
    let mut low = [f32::INFINITY; D];
    let mut high = [f32::NEG_INFINITY; D];
    for point in positions {
        for c in 0..D {
            low[c] = low[c].min(point[c]);
            high[c] = high[c].max(point[c]);
        }
    }
    let side = (0..D).map(|c| high[c] - low[c]).fold(0.0, f32::max);
    (low, side.max(f32::MIN_POSITIVE))
}

/// Morton's number: the bits of the coordinates in turn, the highest first.
fn interleave<const D: usize>(cell: [u64; D]) -> u64 {
    let mut key = 0;
    for bit in (0..BITS).rev() {
        for x in cell {
            key = key << 1 | (x >> bit & 1);
        }
    }
    key
}
