//! What scikit-learn, scipy and umap-learn compute of the same points and the same text
//! (`tests/data/make_embedding_fixtures.py`, which makes both in the same way).

use super::cooccurrence::{Counter, SparseOperator, Weighting, Window, ppmi};
use super::neighbours::nearest;
use super::pca::pca;
use super::spread::serially;
use super::svd::Lanczos;
use super::trustworthiness::trustworthiness;
use super::tsne::{Tsne, affinities, exact_divergence, n_neighbours, shares};
use super::umap::{Curve, Umap, memberships};
use serde_json::Value;

const WIDTH: usize = 20;
const N_WORDS: usize = 60;

/// Knuth's MMIX generator: whole numbers, the same in every language.
struct Lcg(u64);

impl Lcg {
    fn below(&mut self, bound: u64) -> i64 {
        let next = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = next.wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % bound) as i64
    }
}

fn points(n: usize) -> Vec<f32> {
    let mut draw = Lcg(2026);
    let mut rows = |range: u64| -> Vec<[i64; WIDTH]> {
        let row = |_| std::array::from_fn(|_| draw.below(range) - range as i64 / 2);
        (0..12).map(row).collect()
    };
    let (centres, along) = (rows(16384), rows(2048));
    let mut values = Vec::new();
    for _ in 0..n {
        let group = draw.below(12).min(draw.below(12)) as usize;
        let far = draw.below(9) - 4;
        for c in 0..WIDTH {
            let spread = (0..4).map(|_| draw.below(1024)).sum::<i64>() - 2046;
            let x = centres[group][c] + far * along[group][c] + 2 * spread;
            values.push((x as f64 / 1024.0) as f32);
        }
    }
    values
}

fn text(n: usize) -> Vec<u32> {
    let mut draw = Lcg(1851);
    let n_words = N_WORDS as u64;
    let mut last = 0;
    let mut next = || {
        last = if draw.below(3) == 0 {
            draw.below(n_words).min(draw.below(n_words))
        } else {
            (last + draw.below(5)) % n_words as i64
        };
        last as u32
    };
    (0..n).map(|_| next()).collect()
}

fn data(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/");
    std::fs::read(format!("{folder}{name}")).unwrap()
}

fn oracles() -> Value {
    serde_json::from_slice(&data("embedding_oracles.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    let items = value.as_array().unwrap();
    items.iter().map(|x| x.as_f64().unwrap()).collect()
}

fn is_near(ours: &[f64], theirs: &[f64], tolerance: f64) -> bool {
    let pairs = || ours.iter().zip(theirs);
    ours.len() == theirs.len() && pairs().all(|(a, b)| (a - b).abs() <= tolerance)
}

/// Near, or near with every sign changed.
fn is_near_up_to_sign(ours: &[f64], theirs: &[f64], tolerance: f64) -> bool {
    let turned: Vec<f64> = ours.iter().map(|x| -x).collect();
    is_near(ours, theirs, tolerance) || is_near(&turned, theirs, tolerance)
}

fn beginning<const D: usize>(values: &[f32]) -> Vec<[f32; D]> {
    let found = pca(values, WIDTH, D, 0, &serially, &mut |_| true).unwrap();
    let place = |row: &[f32]| {
        let mut along = found.project(row);
        std::array::from_fn(|_| along.next().unwrap_or(0.0) as f32)
    };
    values.chunks(WIDTH).map(place).collect()
}

#[test]
fn pca_is_that_of_scikit_learn() {
    let oracles = oracles();
    let values = points(2000);
    let sum: f64 = values.iter().map(|x| f64::from(*x)).sum();
    assert_eq!(sum, oracles["points_checksum"].as_f64().unwrap());
    let found = pca(&values[..200 * WIDTH], WIDTH, 3, 0, &serially, &mut |_| {
        true
    })
    .unwrap();
    let theirs = |key: &str| numbers(&oracles[key]);
    assert!(is_near(
        &found.explained_ratio,
        &theirs("pca_explained_ratio"),
        1e-12
    ));
    let variance = theirs("pca_explained_variance");
    assert!(is_near(&found.explained_variance, &variance, 1e-9));
    for (ours, theirs) in found
        .components
        .iter()
        .zip(oracles["pca_components"].as_array().unwrap())
    {
        assert!(is_near_up_to_sign(ours, &numbers(theirs), 1e-8));
    }
}

#[test]
fn ppmi_and_its_decomposition_are_those_of_numpy_and_scipy() {
    let oracles = oracles();
    let window = Window {
        reach: 4,
        by_distance: true,
    };
    let mut counter = Counter::new(N_WORDS, window);
    for word in text(4000) {
        counter.push(word);
    }
    let counts = counter.finish();
    let sum = |matrix: &super::cooccurrence::Sparse| -> f64 {
        (0..N_WORDS)
            .flat_map(|i| matrix.row(i).map(|(_, x)| x))
            .sum()
    };
    assert!(is_near(
        &[sum(&counts)],
        &numbers(&serde_json::json!([oracles["counts_sum"]])),
        1e-8
    ));
    let weighted = ppmi(
        &counts,
        Weighting {
            smoothing: 0.75,
            shift: 2.0,
        },
    );
    assert!(is_near(
        &[sum(&weighted)],
        &[oracles["ppmi_sum"].as_f64().unwrap()],
        1e-9
    ));
    let row: Vec<f64> = (0..N_WORDS).map(|j| weighted.get(7, j)).collect();
    assert!(is_near(&row, &numbers(&oracles["ppmi_row_7"]), 1e-12));
    let operator = SparseOperator::new(&weighted, &serially);
    let mut lanczos = Lanczos::new(&operator, 0, &serially);
    while lanczos.n_converged(1e-11) < 8 && lanczos.step() {}
    let svd = lanczos.finish(8);
    assert!(is_near(
        &svd.values,
        &numbers(&oracles["svd_values"]),
        1e-10
    ));
    for (k, (left, right)) in svd.left.iter().zip(&svd.right).enumerate() {
        assert!(is_near_up_to_sign(
            left,
            &numbers(&oracles["svd_left"][k]),
            1e-7
        ));
        assert!(is_near_up_to_sign(
            right,
            &numbers(&oracles["svd_right"][k]),
            1e-7
        ));
    }
}

#[test]
fn the_divergence_of_t_sne_is_no_worse_than_scikit_learns() {
    let oracles = oracles();
    let values = points(2000);
    let neighbours = nearest(&values, WIDTH, n_neighbours(30.0), &serially);
    let graph = affinities(&neighbours, &shares(&neighbours, 0..2000, 30.0, &serially));
    let theirs = data("tsne_sklearn.f32");
    let (floats, _) = theirs.as_chunks::<4>();
    let floats: Vec<f32> = floats
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect();
    let (theirs, _) = floats.as_chunks::<2>();
    // Theirs was measured with a tree: near what it is exactly.
    let exact = exact_divergence(&graph, theirs);
    let reported = oracles["tsne_kl"].as_f64().unwrap();
    assert!(
        (exact - reported).abs() < 0.02 * exact,
        "{exact} {reported}"
    );
    let mut tsne = Tsne::<2>::new(graph.clone(), beginning(&values), 0);
    for _ in 0..1000 {
        tsne.step(false, &serially);
    }
    let ours = exact_divergence(&graph, tsne.positions());
    eprintln!("Kullback-Leibler divergence: ours {ours:.4}, scikit-learn {exact:.4}");
    assert!(ours <= exact, "{ours} {exact}");
}

#[test]
fn a_map_by_umap_can_be_trusted_as_far_as_umap_learns() {
    let theirs = oracles()["umap_trust_15"].as_f64().unwrap();
    let values = points(2000);
    let graph = memberships(&nearest(&values, WIDTH, 14, &serially), &serially);
    let mut umap = Umap::<2>::new(&graph, beginning(&values), Curve::fit(0.1), 500, 0);
    while umap.step() {}
    let every_tenth: Vec<usize> = (0..2000).step_by(10).collect();
    let ours = trustworthiness(
        &values,
        WIDTH,
        umap.positions(),
        15,
        &every_tenth,
        &serially,
    );
    let ours = ours.unwrap();
    eprintln!("trustworthiness: ours {ours:.4}, umap-learn {theirs:.4}");
    assert!(ours >= theirs - 0.005, "{ours} {theirs}");
}
