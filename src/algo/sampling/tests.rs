//! Each stage on numbers worked out by hand; `tests/sampling.rs` has GPT-2's real logits.

use super::*;

fn only(stage: Stage) -> Sampling {
    Sampling {
        order: vec![stage],
        temperature: 1.0,
        ..Sampling::default()
    }
}

fn logits_of(p: &[f64]) -> Vec<f32> {
    p.iter().map(|p| p.ln() as f32).collect()
}

fn ids(weighed: &Weighed) -> Vec<u32> {
    weighed.survivors.iter().map(|c| c.id).collect()
}

#[test]
fn p_is_the_softmax_of_the_logits() {
    // softmax(1, 2, 3), from any textbook.
    let weighed = weigh(&[1.0, 2.0, 3.0], &[], &Sampling::plain());
    for (p, expected) in weighed
        .raw
        .iter()
        .zip([0.090_030_57, 0.244_728_47, 0.665_240_96])
    {
        assert!((p - expected).abs() < 1e-8, "{p}");
    }
    assert_eq!(ids(&weighed), [2, 1, 0]);
}

#[test]
fn top_k_keeps_k_and_reports_the_mass_it_cut() {
    let sampling = Sampling {
        top_k: 2,
        ..only(Stage::TopK)
    };
    let weighed = weigh(&logits_of(&[0.1, 0.5, 0.15, 0.25]), &[], &sampling);
    assert_eq!(ids(&weighed), [1, 3]);
    assert!((weighed.stages[0].discarded_mass - 0.25).abs() < 1e-7);
    assert!((weighed.p_sampled(1) - 2.0 / 3.0).abs() < 1e-7);
    assert_eq!(weighed.p_sampled(0), 0.0);
}

#[test]
fn top_p_keeps_the_token_that_crosses_the_share() {
    let p = logits_of(&[0.1, 0.5, 0.15, 0.25]);
    let nucleus = |top_p| {
        ids(&weigh(
            &p,
            &[],
            &Sampling {
                top_p,
                ..only(Stage::TopP)
            },
        ))
    };
    assert_eq!(nucleus(0.49), [1]);
    assert_eq!(nucleus(0.51), [1, 3]);
    assert_eq!(nucleus(0.76), [1, 3, 2]);
    assert_eq!(nucleus(0.0), [1]);
}

#[test]
fn min_p_scales_with_the_best_token() {
    let sampling = Sampling {
        min_p: 0.25,
        ..only(Stage::MinP)
    };
    let weighed = weigh(&logits_of(&[0.1, 0.5, 0.15, 0.25]), &[], &sampling);
    // 0.25 × 0.5 = 0.125: 0.1 falls.
    assert_eq!(ids(&weighed), [1, 3, 2]);
    assert!((weighed.stages[0].discarded_mass - 0.1).abs() < 1e-7);
}

#[test]
fn typical_sampling_can_drop_the_most_probable_token() {
    // Entropy of (.5, .2, .2, .1) is 1.2206 nats; the surprises are .693, 1.609, 1.609, 2.303, so
    // the two of .2 are nearest (.389), then .5 (.527), then .1 (1.082).
    let p = logits_of(&[0.5, 0.2, 0.2, 0.1]);
    let typical = |typical_p| {
        ids(&weigh(
            &p,
            &[],
            &Sampling {
                typical_p,
                ..only(Stage::Typical)
            },
        ))
    };
    assert_eq!(typical(0.3), [1, 2]);
    assert_eq!(typical(0.5), [0, 1, 2]);
    assert_eq!(typical(0.95), [0, 1, 2, 3]);
}

#[test]
fn temperature_divides_the_logits() {
    let sampling = Sampling {
        temperature: 2.0,
        ..only(Stage::Temperature)
    };
    let weighed = weigh(&[0.0, 2.0], &[], &sampling);
    // softmax(0, 1)
    assert!((weighed.p_sampled(1) - 0.731_058_578_630_004_9).abs() < 1e-15);
    assert!((weighed.p_raw(1) - 0.880_797_077_977_882_3).abs() < 1e-15);
}

#[test]
fn a_penalty_makes_recent_tokens_less_likely_whatever_their_sign() {
    let sampling = Sampling {
        repeat_penalty: 2.0,
        repeat_last_n: 2,
        ..only(Stage::Penalties)
    };
    let weighed = weigh(&[4.0, -1.0, 3.0], &[2, 0, 1, 1], &sampling);
    let logit = |id| weighed.survivors.iter().find(|c| c.id == id).unwrap().logit;
    // 0 and 2 lie further back than the last two tokens.
    assert_eq!([logit(0), logit(1), logit(2)], [4.0, -2.0, 3.0]);
    let weighed = weigh(&[4.0, -1.0, 3.0], &[0], &sampling);
    assert_eq!(ids(&weighed), [2, 0, 1]);
}

#[test]
fn greedy_takes_the_lowest_id_of_the_best_even_where_typical_would_drop_it() {
    let sampling = Sampling {
        typical_p: 0.1,
        ..Sampling::greedy()
    };
    let weighed = weigh(&[1.0, 7.0, 7.0, -0.0, 0.0], &[], &sampling);
    assert_eq!(ids(&weighed), [1]);
    assert_eq!(choose(&weighed, 0.999), 1);
}

#[test]
fn the_order_of_the_stages_matters_and_is_kept() {
    let mut sampling = Sampling {
        temperature: 2.0,
        top_p: 0.9,
        top_k: 0,
        min_p: 0.0,
        ..Sampling::default()
    };
    let p = logits_of(&[0.86, 0.08, 0.04, 0.02]);
    let after = weigh(&p, &[], &sampling);
    sampling.order.reverse();
    let before = weigh(&p, &[], &sampling);
    assert_eq!(after.survivors.len(), 2);
    assert_eq!(before.survivors.len(), 3);
    assert_eq!(before.stages[0].stage, Stage::Temperature);
}

#[test]
fn every_logit_there_can_be_is_survived() {
    let nan = f32::NAN;
    let inf = f32::INFINITY;
    let cases: [(&[f32], &[u32]); 6] = [
        (&[nan, 1.0, nan, 2.0], &[3, 1, 0, 2]),
        (&[nan, nan], &[0, 1]),
        (&[-inf, -inf, -inf], &[0, 1, 2]),
        (&[0.0, inf, inf, nan], &[1, 2, 0, 3]),
        (&[-inf, 3.0], &[1, 0]),
        (&[], &[]),
    ];
    for (logits, expected) in cases {
        let weighed = weigh(logits, &[0, 9], &Sampling::plain());
        assert_eq!(ids(&weighed), expected, "{logits:?}");
        let sum: f64 = weighed.survivors.iter().map(|c| c.p).sum();
        assert!(logits.is_empty() || (sum - 1.0).abs() < 1e-12, "{logits:?}");
        assert_eq!(
            weighed.n_not_a_number,
            logits.iter().filter(|l| l.is_nan()).count()
        );
    }
    assert_eq!(
        choose(&weigh(&[-inf, 3.0], &[], &Sampling::plain()), 1.0),
        1
    );
    assert_eq!(choose(&weigh(&[], &[], &Sampling::plain()), 0.5), 0);
}

#[test]
fn a_draw_follows_the_probabilities() {
    let weighed = weigh(&logits_of(&[0.1, 0.6, 0.3]), &[], &Sampling::plain());
    let drawn = [0.0, 0.59, 0.61, 0.89, 0.91, 0.999_999].map(|u| choose(&weighed, u));
    assert_eq!(drawn, [1, 1, 2, 2, 0, 0]);
}

#[test]
fn values_without_meaning_are_refused_by_name() {
    let refused = |sampling: Sampling| sampling.check().unwrap_err().what;
    let default = Sampling::default;
    assert!(default().check().is_ok() && Sampling::greedy().check().is_ok());
    let what = refused(Sampling {
        temperature: f64::NAN,
        ..default()
    });
    assert_eq!(what, "The temperature NaN has no meaning");
    assert!(
        refused(Sampling {
            top_p: 1.5,
            ..default()
        })
        .contains("top-p")
    );
    assert!(
        refused(Sampling {
            repeat_penalty: 0.0,
            ..default()
        })
        .contains("repeat penalty")
    );
}

proptest::proptest! {
    #[test]
    fn any_setting_leaves_a_distribution_and_masses_that_are_shares(
        logits in proptest::collection::vec(proptest::num::f32::ANY, 1..300),
        recent in proptest::collection::vec(0_u32..300, 0..20),
        numbers in proptest::array::uniform5(proptest::num::f64::ANY),
        shares in proptest::array::uniform3(0.0..=1.0_f64),
        wild: bool,
        top_k in 0_usize..400,
        order in proptest::collection::vec(proptest::sample::select(Stage::ALL.to_vec()), 0..8),
    ) {
        let share = |i: usize| if wild { numbers[i] } else { shares[i % 3] };
        let sampling = Sampling {
            temperature: share(0), top_k, top_p: share(1), min_p: share(2), typical_p: share(3),
            repeat_penalty: share(4), repeat_last_n: 5, order,
        };
        let weighed = weigh(&logits, &recent, &sampling);
        let sum: f64 = weighed.survivors.iter().map(|c| c.p).sum();
        assert!((sum - 1.0).abs() < 1e-9);
        assert!(weighed.survivors.windows(2).all(|w| w[0].logit >= w[1].logit));
        for outcome in &weighed.stages {
            assert!((0.0..=1.0 + 1e-9).contains(&outcome.discarded_mass));
            assert_eq!(outcome.survivors.len(), outcome.n_survivors.min(N_SHOWN));
        }
        assert!(weighed.survivors.iter().any(|c| c.id == choose(&weighed, shares[0])));
    }

    #[test]
    fn the_best_first_prefix_agrees_with_a_full_sort(
        logits in proptest::collection::vec(-20.0..20.0_f32, 1..3000),
        top_p in 0.0..1.0_f64,
    ) {
        let sampling = Sampling { top_p, ..only(Stage::TopP) };
        let weighed = weigh(&logits, &[], &sampling);
        let mut sorted: Vec<usize> = (0..logits.len()).collect();
        sorted.sort_by(|&a, &b| logits[b].total_cmp(&logits[a]).then(a.cmp(&b)));
        let mut cumulative = 0.0;
        let nucleus = sorted.iter().take_while(|&&id| {
            let before = cumulative;
            cumulative += weighed.raw[id];
            before < top_p || before == 0.0
        });
        let nucleus: Vec<u32> = nucleus.map(|&id| id as u32).collect();
        // Sums in another order may differ by rounding at the very edge.
        assert!(weighed.survivors.len().abs_diff(nucleus.len()) <= 1);
        let n = nucleus.len().min(weighed.survivors.len());
        assert_eq!(ids(&weighed)[..n], nucleus[..n]);
    }
}
