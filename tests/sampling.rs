//! Sampling on GPT-2 small's real logits, as published by Transformer Explainer (MIT): the numbers of
//! candidates that people have seen there.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test ends where it meets what it did not expect, and says what it skips"
)]
mod npz;

use glassbox::algo::sampling::{N_SHOWN, Sampling, Stage, Weighed, choose, weigh};
use proptest::prelude::*;

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

/// `stage` alone, with a value that does something.
fn one(stage: Stage, share: f64, top_k: usize) -> Sampling {
    Sampling {
        temperature: 0.1 + 2.0 * share,
        top_k,
        top_p: share,
        min_p: share,
        typical_p: share,
        repeat_penalty: 1.0 + share,
        order: vec![stage],
        ..Sampling::default()
    }
}

proptest! {
    #[test]
    fn each_stage_keeps_what_its_definition_says(
        // Whole numbers, so that many are equal.
        logits in proptest::collection::vec((-8_i8..8).prop_map(f32::from), 1..200),
        share in 0.01..0.99_f64,
        top_k in 1_usize..250,
    ) {
        let plain = weigh(&logits, &[], &Sampling::plain());
        let best_p = plain.survivors[0].p;
        for stage in Stage::ALL {
            let weighed = weigh(&logits, &[0, 1], &one(stage, share, top_k));
            let kept: Vec<u32> = weighed.survivors.iter().map(|c| c.id).collect();
            let mass: f64 = kept.iter().map(|&id| plain.p_raw(id)).sum();
            // What went and what stayed is everything.
            prop_assert!((weighed.stages[0].discarded_mass + mass - 1.0).abs() < 1e-9);
            match stage {
                Stage::Penalties | Stage::Temperature => prop_assert_eq!(kept.len(), logits.len()),
                Stage::TopK => prop_assert_eq!(kept.len(), top_k.min(logits.len())),
                Stage::TopP => {
                    prop_assert!(mass >= share - 1e-9);
                    let without_last = mass - plain.p_raw(kept[kept.len() - 1]);
                    prop_assert!(without_last < share + 1e-9);
                }
                Stage::MinP => {
                    let is_right = plain.survivors.iter().all(|c| {
                        let margin = c.p - share * best_p;
                        margin.abs() < 1e-9 || kept.contains(&c.id) == (margin > 0.0)
                    });
                    prop_assert!(is_right);
                }
                Stage::Typical => prop_assert!(mass > share - 1e-9),
            }
            if matches!(stage, Stage::TopK | Stage::TopP | Stage::MinP) {
                // A prefix of the ranking, ties by lower id.
                let ranked: Vec<u32> = plain.survivors.iter().map(|c| c.id).collect();
                prop_assert_eq!(&ranked[..kept.len()], &kept[..]);
            }
        }
    }

    #[test]
    fn the_same_logits_and_draw_give_the_same_token_and_greedy_the_best(
        logits in proptest::collection::vec(proptest::num::f32::ANY, 1..100),
        uniform in 0.0..1.0_f64,
    ) {
        let sampling = Sampling::default();
        let (a, b) = (weigh(&logits, &[], &sampling), weigh(&logits, &[], &sampling));
        prop_assert_eq!(choose(&a, uniform), choose(&b, uniform));
        let greedy = choose(&weigh(&logits, &[], &Sampling::greedy()), uniform);
        let value = |id: usize| if logits[id].is_nan() { f32::NEG_INFINITY } else { logits[id] };
        let first_best = (0..logits.len()).rev().max_by(|&a, &b| value(a).partial_cmp(&value(b)).unwrap());
        prop_assert_eq!(greedy as usize, first_best.unwrap());
    }
}
