//! Vectors made from a text.

use super::*;

const TEXT: &str = "The whale swam. The ship sailed. The whale sank the ship; the ship sank.";

fn count_all(settings: &CountSettings) -> Counts {
    let counts = count(Source::Text(TEXT), settings, &mut |_| {
        ControlFlow::Continue(())
    });
    counts.unwrap().unwrap()
}

fn all_words() -> CountSettings {
    CountSettings {
        min_count: 1,
        ..CountSettings::default()
    }
}

#[test]
fn the_vocabulary_begins_with_the_commonest_word_and_leaves_out_the_rare() {
    let counts = count_all(&CountSettings {
        min_count: 2,
        ..CountSettings::default()
    });
    assert_eq!(counts.words, ["the", "ship", "whale", "sank"]);
    assert_eq!(counts.counts, [5, 3, 2, 2]);
    assert_eq!((counts.n_tokens, counts.n_kinds), (14, 6));
}

#[test]
fn a_corner_of_the_matrix_has_the_words_asked_for() {
    let counts = count_all(&all_words());
    let places = ["whale", "ship"].map(|word| counts.index(word).unwrap());
    let corner = counts.corner(&counts.matrix, &places);
    assert_eq!(corner.words, ["whale", "ship"]);
    assert_eq!(corner.cells[1], corner.cells[2]);
    assert_eq!(
        corner.cells[1],
        counts.matrix.get(places[0], places[1]) as f32
    );
}

#[test]
fn squeezed_to_full_width_the_vectors_have_the_products_of_the_matrix() {
    let counts = count_all(&all_words());
    let weighted = weigh(
        &counts,
        Weighting {
            smoothing: 1.0,
            shift: 1.0,
        },
    );
    let width = counts.words.len();
    let settings = SqueezeSettings {
        width,
        power: 1.0,
        seed: 0,
    };
    let vectors = squeeze(&weighted, &settings, &mut |_| ControlFlow::Continue(()));
    assert!(!vectors.stopped);
    // U S (U S)ᵀ = A Aᵀ.
    let row = |i: usize| &vectors.values[i * width..][..width];
    for i in 0..width {
        for j in 0..width {
            let ours: f32 = row(i).iter().zip(row(j)).map(|(a, b)| a * b).sum();
            let theirs: f64 = weighted.row(i).map(|(k, x)| x * weighted.get(j, k)).sum();
            assert!((f64::from(ours) - theirs).abs() < 1e-4, "{ours} {theirs}");
        }
    }
}

#[test]
fn training_lowers_the_loss_and_stops_when_told() {
    let counts = count_all(&all_words());
    let settings = GloveSettings {
        width: 8,
        ..GloveSettings::default()
    };
    let vectors = train(&counts, settings, 60, &mut |_| ControlFlow::Continue(()));
    assert_eq!(vectors.losses.len(), 60);
    assert!(
        vectors.losses[59] < 0.2 * vectors.losses[0],
        "{:?}",
        vectors.losses
    );
    let stopped = train(&counts, settings, 60, &mut |_| ControlFlow::Break(()));
    assert!(stopped.stopped && stopped.losses.len() == 1);
    assert_eq!(stopped.values.len(), counts.words.len() * 8);
    let words = stopped.with_words("mine", &counts).unwrap();
    assert_eq!((words.word(0), words.width()), ("the", 8));
}

#[test]
fn a_text_without_enough_words_is_refused() {
    let refused = count(
        Source::Text("one two three"),
        &CountSettings::default(),
        &mut |_| ControlFlow::Continue(()),
    );
    assert!(refused.unwrap_err().evidence.contains("3 words"));
}

/// Vectors of Moby-Dick as they are made unless something else is asked for.
struct Book {
    counts: Counts,
    vectors: Vectors,
}

impl Book {
    fn read() -> Self {
        let go_on = &mut |_| ControlFlow::Continue(());
        let counts = count(Source::Text(builtin().1), &CountSettings::default(), go_on);
        let counts = counts.unwrap().unwrap();
        let weighted = weigh(&counts, Weighting::default());
        let vectors = squeeze(&weighted, &SqueezeSettings::default(), go_on);
        Self { counts, vectors }
    }

    fn unit(&self, word: &str) -> Vec<f32> {
        let i = self.counts.index(word).unwrap();
        let row = &self.vectors.values[i * self.vectors.width..][..self.vectors.width];
        let length = row.iter().map(|x| x * x).sum::<f32>().sqrt();
        row.iter().map(|x| x / length).collect()
    }

    /// The words nearest to the sum of some, those taken off with `-`, without the words themselves.
    fn nearest(&self, sum: &[&str], n: usize) -> Vec<&str> {
        let mut wanted = vec![0.0; self.vectors.width];
        for term in sum {
            let (sign, word) = term
                .strip_prefix('-')
                .map_or((1.0, *term), |word| (-1.0, word));
            for (wanted, x) in wanted.iter_mut().zip(self.unit(word)) {
                *wanted += sign * x;
            }
        }
        let given = |word: &str| sum.iter().any(|term| term.trim_start_matches('-') == word);
        let words = self
            .counts
            .words
            .iter()
            .map(String::as_str)
            .filter(|word| !given(word));
        let score = |word: &str| -> f32 {
            let unit = self.unit(word);
            unit.iter().zip(&wanted).map(|(a, b)| a * b).sum()
        };
        let mut scored: Vec<(f32, &str)> = words.map(|word| (score(word), word)).collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0));
        scored.into_iter().take(n).map(|(_, word)| word).collect()
    }
}

#[test]
fn one_book_is_enough_for_whales_numbers_and_pronouns_but_not_for_queens() {
    let book = Book::read();
    assert_eq!(
        (book.counts.n_tokens, book.counts.words.len()),
        (212_270, 4133)
    );
    let near = |word: &str, n| book.nearest(&[word], n);
    assert!(
        near("whale", 3).contains(&"sperm"),
        "{:?}",
        near("whale", 3)
    );
    assert!(near("ship", 5).contains(&"pequod"), "{:?}", near("ship", 5));
    assert!(
        near("captain", 3).contains(&"ahab"),
        "{:?}",
        near("captain", 3)
    );
    assert!(
        ["two", "four", "five"]
            .iter()
            .all(|word| near("three", 5).contains(word))
    );
    assert_eq!(book.nearest(&["his", "-he", "i"], 1), ["my"]);
    assert_eq!(book.nearest(&["him", "-he", "i"], 1), ["me"]);
    // The book has few kings and hardly a woman.
    let royal = book.nearest(&["king", "-man", "woman"], 10);
    assert!(!royal.contains(&"queen"), "{royal:?}");
}
