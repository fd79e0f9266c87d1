//! The same stage in two architectures: against the formulas of the papers, with the numbers of the pass.

use super::{fixture, open};
use glassbox::labs::inside::compare::{Positions, Side, gelu, look, silu};
use glassbox::labs::text::{EMBEDDED, LoadedText, Source};
use std::path::Path;
use std::sync::Arc;

fn models() -> Vec<Arc<LoadedText>> {
    let mut sources = vec![
        Source::Named(EMBEDDED.into()),
        Source::Path(fixture("gpt2_untied.safetensors")),
    ];
    let llama = Path::new("models/SmolLM2-135M-Instruct.Q4_1.gguf");
    if llama.is_file() {
        sources.push(Source::Path(llama.into()));
    } else {
        println!("skipped: {} is not there", llama.display());
    }
    sources.iter().map(open).collect()
}

/// Relative to the size of what is compared.
fn is_near(a: f32, b: f32) -> bool {
    (a - b).abs() <= 2e-4 * (1.0 + a.abs().max(b.abs()))
}

#[test]
fn a_norm_measures_what_its_formula_divides_by() {
    for loaded in models() {
        let last = loaded.config.n_layers - 1;
        for block in [0, last] {
            let Side { norm, n_tokens, .. } = look(&loaded, &[3, 1, 4, 1, 5], block).unwrap();
            assert_eq!(n_tokens, 5);
            for token in 0..5 {
                let [before, after] = norm.row(token);
                assert_eq!(before.len(), loaded.config.d_model);
                let measured = norm.measured(token);
                let centre = if norm.weights.centred {
                    measured.mean
                } else {
                    0.0
                };
                for (i, (&x, &y)) in before.iter().zip(after).enumerate() {
                    let bias = norm.weights.bias.as_ref().map_or(0.0, |bias| bias[i]);
                    let alone = (f64::from(x) - centre) / measured.scale;
                    let whole = alone as f32 * norm.weights.gain[i] + bias;
                    assert!(
                        is_near(whole, y),
                        "{} {block} {token} {i}: {whole} {y}",
                        loaded.name
                    );
                }
            }
        }
    }
}

#[test]
fn what_went_through_the_activation_lies_on_its_curve() {
    for loaded in models() {
        let Side { mlp, .. } = look(&loaded, &[3, 1, 4], 1).unwrap();
        let function = mlp.function();
        for token in 0..3 {
            for (i, [into, out]) in mlp.dots(token).into_iter().enumerate() {
                let up = mlp.up.as_ref().map_or(1.0, |up| up[token * mlp.width + i]);
                assert!(
                    is_near(function(into) * up, out),
                    "{}: {into} {out}",
                    loaded.name
                );
            }
        }
    }
    // Hendrycks and Gimpel's approximation and the sigmoid at 1 and −1.
    let values = [gelu(1.0), gelu(-1.0), silu(1.0), silu(-1.0)];
    let expected = [0.841_192, -0.158_808, 0.731_059, -0.268_941];
    let mut pairs = values.into_iter().zip(expected);
    assert!(
        pairs.all(|(a, b): (f32, f32)| (a - b).abs() < 1e-6),
        "{values:?}"
    );
}

#[test]
fn learned_positions_are_rows_of_the_file_and_turned_ones_know_distances_alone() {
    for loaded in models() {
        let positions = Positions::of(&loaded).unwrap();
        let alike = positions.alike(7, 16);
        assert!((alike[7] - 1.0).abs() < 1e-5);
        assert!(alike.iter().all(|x| x.abs() <= 1.0 + 1e-5));
        if let Positions::Turned { frequencies } = &positions {
            assert_eq!(frequencies.len(), loaded.config.d_head / 2);
            assert!(
                (frequencies[0] - 1.0).abs() < 1e-12,
                "one radian a position"
            );
            assert!((alike[4] - alike[10]).abs() < 1e-6);
            let farther = positions.alike(9, 16);
            assert!((alike[4] - farther[6]).abs() < 1e-6);
        }
    }
}

#[test]
fn a_block_that_is_not_there_is_refused() {
    let loaded = open(&Source::Named(EMBEDDED.into()));
    assert!(look(&loaded, &[1, 2], loaded.config.n_layers).is_err());
    assert!(look(&loaded, &[], 0).is_err());
    assert!(look(&loaded, &[1, 1024], 0).is_err());
}
