//! A graph of weighted neighbours that goes both ways: what t-SNE and UMAP lay out.

use super::neighbours::Neighbours;

/// For every point its edges; the same edge stands at both its ends.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Graph {
    /// Where each point's edges begin, and where the last end.
    starts: Vec<usize>,
    edges: Vec<Edge>,
}

/// One end of an edge.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Edge {
    /// The other end.
    pub to: u32,
    /// How much it counts.
    pub weight: f32,
}

impl Graph {
    /// The graph in which i and j are joined if either is a neighbour of the other. `weights` are
    /// those of the neighbours in their order, row after row; `both(w_ij, w_ji)` makes one of the two,
    /// with 0 for what is no neighbour.
    #[must_use]
    pub fn of(neighbours: &Neighbours, weights: &[f32], both: impl Fn(f32, f32) -> f32) -> Self {
        let (n, k) = (neighbours.n_points(), neighbours.k());
        // For every point, those that have it as a neighbour, in their order.
        let mut starts = vec![0; n + 1];
        for neighbour in (0..n).flat_map(|i| neighbours.of(i)) {
            starts[neighbour.index as usize + 1] += 1;
        }
        for i in 0..n {
            starts[i + 1] += starts[i];
        }
        let mut free = starts.clone();
        let mut back = vec![Edge::default(); n * k];
        for i in 0..n {
            for (neighbour, &weight) in neighbours.of(i).iter().zip(&weights[i * k..]) {
                let at = &mut free[neighbour.index as usize];
                back[*at] = Edge {
                    to: i as u32,
                    weight,
                };
                *at += 1;
            }
        }
        let mut graph = Self {
            starts: vec![0],
            edges: Vec::with_capacity(2 * n * k),
        };
        let mut there = Vec::with_capacity(k);
        for i in 0..n {
            there.clear();
            let own = neighbours.of(i).iter().zip(&weights[i * k..]);
            there.extend(own.map(|(own, &weight)| Edge {
                to: own.index,
                weight,
            }));
            there.sort_unstable_by_key(|edge| edge.to);
            // Both lists rise, so one walk along them meets every pair.
            let mut there = there.iter().peekable();
            let mut back = back[starts[i]..starts[i + 1]].iter().peekable();
            loop {
                let next = there
                    .peek()
                    .into_iter()
                    .chain(back.peek())
                    .map(|edge| edge.to)
                    .min();
                let Some(to) = next else { break };
                let weight = |edge: Option<&Edge>| edge.map_or(0.0, |edge| edge.weight);
                let out = weight(there.next_if(|edge| edge.to == to));
                let weight = both(out, weight(back.next_if(|edge| edge.to == to)));
                graph.edges.push(Edge { to, weight });
            }
            graph.starts.push(graph.edges.len());
        }
        graph
    }

    /// How many points there are.
    #[must_use]
    pub fn n_points(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The edges of a point, the other ends rising.
    #[must_use]
    pub fn edges(&self, point: usize) -> &[Edge] {
        &self.edges[self.starts[point]..self.starts[point + 1]]
    }

    /// All edges, each from both its ends.
    pub fn all(&self) -> impl Iterator<Item = (usize, Edge)> {
        (0..self.n_points()).flat_map(|i| self.edges(i).iter().map(move |edge| (i, *edge)))
    }

    /// Multiplies every weight.
    pub fn scale(&mut self, factor: f32) {
        for edge in &mut self.edges {
            edge.weight *= factor;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::neighbours::nearest;
    use super::super::spread::serially;
    use super::*;

    #[test]
    fn an_edge_stands_at_both_its_ends_with_one_weight() {
        // 0 – 1 – – 3: the nearest of 2 is 1, but not the other way round.
        let neighbours = nearest(&[0.0, 1.0, 3.0], 1, 1, &serially);
        let graph = Graph::of(&neighbours, &[0.5, 0.25, 1.0], |a, b| a + b);
        let edge = |to, weight| Edge { to, weight };
        assert_eq!(graph.edges(0), [edge(1, 0.75)]);
        assert_eq!(graph.edges(1), [edge(0, 0.75), edge(2, 1.0)]);
        assert_eq!(graph.edges(2), [edge(1, 1.0)]);
    }
}
