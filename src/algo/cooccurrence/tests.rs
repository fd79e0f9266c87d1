//! Counts and PPMI, by hand and beside scipy.

use super::*;

fn count(n_words: usize, reach: usize, by_distance: bool, text: &[u32]) -> Sparse {
    let mut counter = Counter::new(n_words, Window { reach, by_distance });
    for &word in text {
        counter.push(word);
    }
    counter.finish()
}

fn dense(matrix: &Sparse) -> Vec<Vec<f64>> {
    let n = matrix.n();
    (0..n)
        .map(|i| (0..n).map(|j| matrix.get(i, j)).collect())
        .collect()
}

#[test]
fn the_textbook_example_gives_the_textbook_table() {
    // "I like deep learning. I like NLP. I enjoy flying.", window 1 (Stanford CS224d, lecture 2), the
    // sentences counted apart: I like enjoy deep learning NLP flying .
    let counted = |text: &[u32]| count(8, 1, false, text);
    let sentences = [
        counted(&[0, 1, 3, 4, 7]),
        counted(&[0, 1, 5, 7]),
        counted(&[0, 2, 6, 7]),
    ];
    let sum = |i, j| sentences.iter().map(|s| s.get(i, j)).sum::<f64>();
    let table = [
        [0., 2., 1., 0., 0., 0., 0., 0.],
        [2., 0., 0., 1., 0., 1., 0., 0.],
        [1., 0., 0., 0., 0., 0., 1., 0.],
        [0., 1., 0., 0., 1., 0., 0., 0.],
        [0., 0., 0., 1., 0., 0., 0., 1.],
        [0., 1., 0., 0., 0., 0., 0., 1.],
        [0., 0., 1., 0., 0., 0., 0., 1.],
        [0., 0., 0., 0., 1., 1., 1., 0.],
    ];
    for (i, row) in table.iter().enumerate() {
        assert!(
            row.iter().enumerate().all(|(j, x)| sum(i, j) == *x),
            "row {i}"
        );
    }
}

#[test]
fn by_distance_a_pair_counts_for_one_over_its_distance_on_both_sides() {
    let counts = count(3, 2, true, &[0, 1, 0, 2]);
    // 0·1 next to each other twice; 0·0 two apart, seen from both; 0·2 next; 1·2 two apart.
    let expected = [[1.0, 2.0, 1.0], [2.0, 0.0, 0.5], [1.0, 0.5, 0.0]];
    assert_eq!(dense(&counts), expected);
}

#[test]
fn what_is_sorted_in_between_changes_nothing() {
    let text: Vec<u32> = (0..500_u32).map(|i| i * i % 7).collect();
    let mut counter = Counter::new(
        7,
        Window {
            reach: 3,
            by_distance: false,
        },
    );
    for &word in &text {
        counter.push(word);
        counter.sort_in();
    }
    assert_eq!(counter.finish(), count(7, 3, false, &text));
}

#[test]
fn words_together_as_often_as_chance_has_it_have_no_information() {
    // Each of two words beside each as often as the other.
    let even = Sparse::symmetric(2, &[(0, 0.5), (1, 1.0), (1 << 32 | 1, 0.5)]);
    let plain = Weighting {
        smoothing: 1.0,
        shift: 1.0,
    };
    assert_eq!(ppmi(&even, plain).n_cells(), 0);
    // Only ever beside one another: p(0, 1) = ½ against ¼ by chance, so ln 2.
    let paired = Sparse::symmetric(2, &[(1, 5.0)]);
    let weighted = ppmi(&paired, plain);
    assert!((weighted.get(0, 1) - 2f64.ln()).abs() < 1e-15);
    assert_eq!(
        ppmi(
            &paired,
            Weighting {
                shift: 2.0,
                ..plain
            }
        )
        .n_cells(),
        0
    );
}

#[test]
fn a_matrix_turned_twice_is_itself() {
    let counts = count(5, 2, false, &[0, 1, 2, 3, 4, 0, 3, 3, 1]);
    assert_eq!(counts.transposed(), counts);
    let weighted = ppmi(
        &counts,
        Weighting {
            smoothing: 0.75,
            shift: 1.0,
        },
    );
    assert_ne!(weighted.transposed(), weighted);
    assert_eq!(weighted.transposed().transposed(), weighted);
}
