//! t-SNE beside scikit-learn's.

use super::super::neighbours::{Neighbours, nearest};
use super::super::spread::serially;
use super::*;

/// Three round clouds in five dimensions, `n` points each, far apart.
fn clouds(n: usize) -> Vec<f32> {
    let mut rng = Rng::new(5, "test");
    let centre = |cloud: usize, c: usize| if c == cloud { 20.0 } else { 0.0 };
    let coordinates = (0..3 * n).flat_map(|i| (0..5).map(move |c| centre(i / n, c)));
    coordinates.map(|x| (x + rng.normal()) as f32).collect()
}

fn beginning<const D: usize>(values: &[f32]) -> Vec<[f32; D]> {
    values
        .chunks(5)
        .map(|row| std::array::from_fn(|c| row[c]))
        .collect()
}

fn graph_of(neighbours: &Neighbours, perplexity: f64) -> Graph {
    let all = 0..neighbours.n_points();
    affinities(neighbours, &shares(neighbours, all, perplexity, &serially))
}

fn graph(values: &[f32], perplexity: f64) -> Graph {
    let neighbours = nearest(values, 5, n_neighbours(perplexity), &serially);
    graph_of(&neighbours, perplexity)
}

#[test]
fn shares_have_the_entropy_of_the_perplexity_and_add_up_to_one() {
    let values = clouds(50);
    let neighbours = nearest(&values, 5, n_neighbours(10.0), &serially);
    let first = shares(&neighbours, 0..1, 10.0, &serially);
    let entropy: f32 = first.iter().map(|p| -p * p.max(1e-30).ln()).sum();
    assert!((entropy - 10_f32.ln()).abs() < 1e-4);
    let graph = graph_of(&neighbours, 10.0);
    let whole: f64 = graph.all().map(|(_, edge)| f64::from(edge.weight)).sum();
    assert!((whole - 1.0).abs() < 1e-5);
    // As many equal neighbours as the perplexity have its entropy whatever the width: their shares are
    // equal. Four corners of a square with a fifth point in the middle.
    let cross = nearest(
        &[0.0, 0.0, 1.0, 0.0, -1.0, 0.0, 0.0, 1.0, 0.0, -1.0],
        2,
        4,
        &serially,
    );
    let graph = graph_of(&cross, 4.0);
    let middle = graph.edges(0);
    assert!(
        middle
            .iter()
            .all(|edge| (edge.weight / middle[0].weight - 1.0).abs() < 1e-5)
    );
}

#[test]
fn the_tree_pushes_as_all_pairs_do() {
    fn check<const D: usize>() {
        let mut rng = Rng::new(1, "test");
        let mut positions: Vec<[f32; D]> = (0..3000)
            .map(|_| std::array::from_fn(|_| 10.0 * rng.normal() as f32))
            .collect();
        positions[7] = positions[8];
        let (mut error, mut size) = (0.0, 0.0);
        let pushes = Tree::new(&positions).pushes(&serially);
        for (i, a) in positions.iter().enumerate().step_by(10) {
            let (mut force, mut weight) = ([0.0; D], -1.0);
            for b in &positions {
                let apart: [f64; D] = std::array::from_fn(|c| f64::from(a[c]) - f64::from(b[c]));
                let w = 1.0 / (1.0 + apart.iter().map(|x| x * x).sum::<f64>());
                weight += w;
                (0..D).for_each(|c| force[c] += w * w * apart[c]);
            }
            assert!(
                (pushes[i].weight / weight - 1.0).abs() < 0.02,
                "{} {weight}",
                pushes[i].weight
            );
            for (ours, exact) in pushes[i].force.iter().zip(force) {
                error += (f64::from(*ours) - exact).powi(2);
                size += exact.powi(2);
            }
        }
        assert!((error / size).sqrt() < 0.04, "{}", (error / size).sqrt());
    }
    check::<2>();
    check::<3>();
}

#[test]
fn points_in_one_place_do_not_make_an_endless_tree() {
    let pushes = Tree::new(&[[1.5, 2.5]; 100]).pushes(&serially);
    assert!(
        pushes
            .iter()
            .all(|push| push.force.iter().all(|x| x.abs() < 1e-4)
                && (push.weight - 99.0).abs() < 1e-3)
    );
    assert!(Tree::<2>::new(&[]).pushes(&serially).is_empty());
}

#[test]
fn clouds_stay_together_and_come_apart_from_one_another() {
    fn check<const D: usize>() {
        let n = 60;
        let values = clouds(n);
        let mut tsne = Tsne::<D>::new(graph(&values, 15.0), beginning(&values), 0);
        let first = tsne.step(true, &serially).unwrap();
        for _ in 0..600 {
            tsne.step(false, &serially);
        }
        let last = tsne.step(true, &serially).unwrap();
        assert!(last < 0.5 * first, "{first} {last}");
        let exact = exact_divergence(&graph(&values, 15.0), tsne.positions());
        assert!((exact - last).abs() < 0.01 * exact, "{exact} {last}");
        let apart = |i: usize, j: usize| {
            let (a, b) = (tsne.positions()[i], tsne.positions()[j]);
            (0..D).map(|c| (a[c] - b[c]).powi(2)).sum::<f32>()
        };
        for i in 0..3 * n {
            let others = (0..3 * n).filter(|j| *j != i);
            let nearest = others.min_by(|a, b| apart(i, *a).total_cmp(&apart(i, *b)));
            assert_eq!(nearest.unwrap() / n, i / n, "point {i}");
        }
    }
    check::<2>();
    check::<3>();
}

#[test]
fn the_same_beginning_gives_the_same_map_however_rows_are_shared_out() {
    let values = clouds(40);
    let backwards = |n: usize, chunk: usize, work: &(dyn Fn(std::ops::Range<usize>) + Sync)| {
        let starts: Vec<usize> = (0..n).step_by(chunk).collect();
        starts
            .into_iter()
            .rev()
            .for_each(|start| work(start..n.min(start + chunk)));
    };
    let run = |spread: &Spread| {
        let mut tsne = Tsne::<2>::new(graph(&values, 10.0), beginning(&values), 3);
        for _ in 0..50 {
            tsne.step(false, spread);
        }
        tsne.positions().to_vec()
    };
    assert_eq!(run(&serially), run(&backwards));
}
