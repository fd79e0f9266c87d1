//! Sampling on GPT-2 small's real logits, as published by Transformer Explainer (MIT): the numbers of
//! candidates that people have seen there.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test ends where it meets what it did not expect, and says what it skips"
)]
mod npz;

use glassbox::algo::sampling::{N_SHOWN, Sampling, Stage, Weighed, weigh};

const EXAMPLES: &str = "../shared/reference/gpt2/transformer_explainer_examples.npz";

/// The logits after "Data visualization empowers users to", all 50,257; `None` says it skips.
fn logits() -> Option<Vec<f32>> {
    if !std::path::Path::new(EXAMPLES).exists() {
        println!("skipped: {EXAMPLES} is not here");
        return None;
    }
    // ` visualize` has −135.913 there.
    let is_it = |values: &[f32]| (values[38350] + 135.913).abs() < 1e-3;
    let mut logits = npz::read(EXAMPLES)
        .into_iter()
        .filter(|(name, _)| name.ends_with("_logits"))
        .map(|(_, (_, values))| values);
    Some(logits.find(|values| is_it(values)).unwrap())
}

/// Temperature first, as Transformer Explainer and `transformers` have it.
fn nucleus(logits: &[f32], temperature: f64) -> Weighed {
    let sampling = Sampling {
        temperature,
        top_p: 0.9,
        top_k: 0,
        min_p: 0.0,
        order: vec![Stage::Temperature, Stage::TopP],
        ..Sampling::default()
    };
    weigh(logits, &[], &sampling)
}

#[test]
fn the_nucleus_of_gpt2_has_the_known_sizes_at_three_temperatures() {
    let Some(logits) = logits() else { return };
    for (temperature, n) in [(0.8, 97), (1.0, 295), (2.0, 5960)] {
        let weighed = nucleus(&logits, temperature);
        let top_p = weighed.after(Stage::TopP).unwrap();
        assert_eq!(top_p.n_survivors, n, "at temperature {temperature}");
        assert_eq!(top_p.survivors.len(), N_SHOWN);
        assert_eq!(weighed.survivors.len(), n);
        let discarded = top_p.discarded_mass;
        assert!((0.0..0.1).contains(&discarded), "{discarded}");
    }
}

#[test]
fn the_probability_of_the_best_token_is_the_published_one() {
    let Some(logits) = logits() else { return };
    let weighed = weigh(&logits, &[], &Sampling::plain());
    assert_eq!(weighed.raw_top[0].id, 38350);
    assert_eq!(weighed.raw_top[1].id, 2251);
    assert_eq!(weighed.raw_top[2].id, 766);
    assert!((weighed.p_raw(38350) - 0.1578).abs() < 5e-5);
    assert_eq!(weighed.survivors.len(), 50257);
}
