//! Inside a pass: every table against transformers (`tests/data/make_inside_fixtures.py`) and minGPT, every
//! number against its equation.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test ends where it meets what it did not expect, and says what it skips"
)]

#[path = "support/gguf.rs"]
mod gguf;
mod npz;
#[path = "support/random_model.rs"]
mod random_model;

use gguf::Type;
use glassbox::files::weights::WeightFile;
use glassbox::labs::compute::Compute;
use glassbox::labs::inside::explain::{Explanation, explain};
use glassbox::labs::inside::{At, BUDGET_BYTES, Place, SiteName, Trace};
use glassbox::labs::text::{LoadedText, Source, load};
use glassbox::rng::Rng;
use random_model::Shape;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const FIXTURES: [&str; 4] = [
    "inside_gpt2_narrow",
    "inside_gpt2_wide",
    "inside_llama_grouped",
    "inside_llama_single",
];

/// Small, with grouped heads, and rows that do not end with a block of weights' scale.
const SMALL: Shape = Shape {
    n_layers: 2,
    n_heads: 6,
    n_kv_heads: 2,
    d_model: 96,
    d_mlp: 160,
    vocab_size: 300,
    n_ctx: 64,
};

fn open(path: PathBuf) -> Arc<LoadedText> {
    let mut go_on = |_| ControlFlow::Continue(());
    load(&Source::Path(path), &[], Compute::default(), &mut go_on).unwrap()
}

fn fixture_path(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    folder.join(format!("{name}.safetensors"))
}

/// A fixture's model, its text, and what transformers computed: hidden states and attentions.
fn fixture(name: &str) -> (Arc<LoadedText>, Vec<u32>, Vec<f32>, Vec<f32>) {
    let file = WeightFile::open(&fixture_path(name)).unwrap();
    let numbers = |tensor: &str| file.f32s(file.get(tensor).unwrap()).unwrap();
    let ids = numbers("ids").iter().map(|&id| id as u32).collect();
    let loaded = open(fixture_path(name));
    (loaded, ids, numbers("hidden"), numbers("attentions"))
}

/// A Llama of random weights as llama.cpp's converter would write it.
fn random_llama(kind: Type) -> Arc<LoadedText> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("llama.gguf");
    std::fs::write(&path, random_model::llama_bytes(SMALL, kind)).unwrap();
    open(path)
}

fn traced(loaded: &Arc<LoadedText>, ids: &[u32], budget_bytes: usize) -> Trace {
    let mut go_on = |_| ControlFlow::Continue(());
    let trace = Trace::of(loaded, ids, budget_bytes, &mut go_on);
    trace.unwrap().unwrap()
}

fn values(trace: &Trace, at: At) -> Vec<f32> {
    trace.values(at).unwrap().values.to_vec()
}

fn worst(ours: &[f32], theirs: &[f32]) -> f32 {
    assert_eq!(ours.len(), theirs.len());
    let gaps = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs());
    gaps.fold(0.0, f32::max)
}

/// Every table that a trace of this model has, one head at a time.
fn tables(trace: &Trace) -> Vec<At> {
    let config = trace.config();
    let mut tables = Vec::new();
    for site in trace.sites() {
        let n_blocks = if site.is_in_block() {
            config.n_layers
        } else {
            1
        };
        for block in 0..n_blocks {
            match site.n_heads(config) {
                0 => tables.push(At::block(site, block)),
                n => tables.extend((0..n).map(|head| At::head(site, block, head))),
            }
        }
    }
    tables
}

#[test]
fn hidden_states_and_attentions_are_those_of_transformers() {
    for name in FIXTURES {
        let (loaded, ids, hidden, attentions) = fixture(name);
        let trace = traced(&loaded, &ids, BUDGET_BYTES);
        let config = trace.config();
        let (n, d, n_layers) = (ids.len(), config.d_model, config.n_layers);
        let mut most = [0f32; 2];
        for (i, theirs) in hidden.chunks_exact(n * d).enumerate() {
            let at = match i {
                _ if i < n_layers => At::block(SiteName::ResidPre, i),
                _ => At::outside(SiteName::FinalNorm),
            };
            most[0] = most[0].max(worst(&values(&trace, at), theirs));
        }
        for (i, theirs) in attentions.chunks_exact(n * n).enumerate() {
            let (block, head) = (i / config.n_heads, i % config.n_heads);
            let at = At::head(SiteName::Pattern, block, head);
            most[1] = most[1].max(worst(&values(&trace, at), theirs));
        }
        println!("{name}: hidden {:e}, attentions {:e}", most[0], most[1]);
        assert!(most[0] < 1e-4 && most[1] < 1e-4, "{name}: {most:?}");
    }
}

#[test]
fn every_table_of_a_trained_model_is_what_min_gpt_computed() {
    let folder = PathBuf::from("../shared/reference/gpt2");
    if !folder.is_dir() {
        println!("skipped: ../shared/reference/gpt2 is not there");
        return;
    }
    let loaded = open(folder.join("gpt_nano_sort.safetensors"));
    let theirs = npz::read("../shared/reference/gpt2/gpt_nano_sort_partials.npz");
    let whole = [
        (At::outside(SiteName::Embed), "tok_emb"),
        (At::block(SiteName::ResidPre, 0), "x"),
        (At::block(SiteName::Ln1, 0), "ln1"),
        (At::block(SiteName::Z, 0), "y"),
        (At::block(SiteName::AttnOut, 0), "yProj"),
        (At::block(SiteName::ResidMid, 0), "attnResid"),
        (At::block(SiteName::Ln2, 0), "ln2"),
        (At::block(SiteName::MlpPre, 0), "fc"),
        (At::block(SiteName::MlpPost, 0), "gelu"),
        (At::block(SiteName::MlpOut, 0), "mlp"),
        (At::block(SiteName::ResidPost, 0), "mlpResid"),
        (At::block(SiteName::ResidPost, 1), "block1"),
        (At::block(SiteName::ResidPost, 2), "block2"),
        (At::outside(SiteName::FinalNorm), "ln_f"),
        (At::outside(SiteName::Logits), "lm_head"),
    ];
    let by_head = [
        (SiteName::Q, "q"),
        (SiteName::K, "k"),
        (SiteName::V, "v"),
        (SiteName::Scores, "att"),
        (SiteName::Pattern, "attSm"),
    ];
    let idx = &theirs["idx"].1;
    for text in 0..3 {
        let ids: Vec<u32> = idx[text * 11..][..11].iter().map(|&id| id as u32).collect();
        let trace = traced(&loaded, &ids, BUDGET_BYTES);
        let of_text = |name: &str| {
            let all = &theirs[name].1;
            all[text * all.len() / 3..(text + 1) * all.len() / 3].to_vec()
        };
        let holds = |at: At, ours: &[f32], theirs: &[f32]| {
            let size = theirs
                .iter()
                .filter(|x| x.is_finite())
                .fold(1f32, |m, x| m.max(x.abs()));
            for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
                // Theirs are masked already.
                let gap = if b.is_infinite() { 0.0 } else { (a - b).abs() };
                assert!(
                    gap <= 1e-5 * size,
                    "{at}, number {i} of text {text}: {a} {b}"
                );
            }
        };
        for (at, name) in whole {
            holds(at, &values(&trace, at), &of_text(name));
        }
        for (site, name) in by_head {
            let all = of_text(name);
            for (head, theirs) in all.chunks_exact(all.len() / 3).enumerate() {
                let at = At::head(site, 0, head);
                let ours = values(&trace, at);
                if site == SiteName::Scores {
                    for (i, (ours, theirs)) in ours.chunks(11).zip(theirs.chunks(11)).enumerate() {
                        holds(at, &ours[..=i], &theirs[..=i]);
                    }
                } else {
                    holds(at, &ours, theirs);
                }
            }
        }
        let positions = &theirs["pos_emb"].1;
        holds(
            At::outside(SiteName::PosEmbed),
            &values(&trace, At::outside(SiteName::PosEmbed)),
            positions,
        );
    }
}

#[test]
fn gpt2_itself_attends_and_predicts_as_transformer_explainer_has_it() {
    let weights = std::env::var_os("GLASSBOX_GPT2").map(PathBuf::from);
    let theirs = "../shared/reference/gpt2/transformer_explainer_examples.npz";
    let Some(path) = weights.filter(|_| Path::new(theirs).is_file()) else {
        println!(
            "skipped: GLASSBOX_GPT2 names no file of GPT-2's weights, or {theirs} is not there"
        );
        return;
    };
    let loaded = open(path);
    let theirs = npz::read(theirs);
    let prompts: [&[u32]; 3] = [
        &[6601, 32704, 795, 30132, 2985, 284],
        &[8001, 9542, 9345, 318, 25449, 262],
        &[1722, 262, 40663, 373, 13885, 262],
    ];
    for (i, ids) in prompts.into_iter().enumerate() {
        let trace = traced(&loaded, ids, BUDGET_BYTES);
        let of = |name: &str| &theirs[&format!("ex{i}_{name}")].1;
        let last = trace.rows(At::outside(SiteName::Logits), 5..6).unwrap();
        assert!(worst(&last.values, of("logits")) < 1e-2, "prompt {i}");
        for index in 0..144 {
            let (block, head) = (index / 12, index % 12);
            let pattern = values(&trace, At::head(SiteName::Pattern, block, head));
            let gap = worst(&pattern, &of("attn_softmax")[index * 36..][..36]);
            assert!(gap < 1e-4, "prompt {i}, block {block}, head {head}: {gap}");
            let scores = values(&trace, At::head(SiteName::Scores, block, head));
            let theirs = &of("attn_raw_qk")[index * 36..][..36];
            for (at, (ours, theirs)) in scores.iter().zip(theirs).enumerate() {
                let is_seen = at % 6 <= at / 6;
                assert!(
                    !is_seen || (ours - theirs / 8.0).abs() < 1e-2,
                    "prompt {i}: {at}"
                );
            }
        }
    }
}

/// Explains `n` numbers of every site, at random; the largest difference as a part of what is allowed.
fn numbers_agree(name: &str, trace: &Trace, n: usize) {
    let mut rng = Rng::new(8, "places to explain");
    let mut most = (0.0, String::new());
    let tables = tables(trace);
    for site in trace.sites() {
        let of_site: Vec<At> = tables
            .iter()
            .copied()
            .filter(|at| at.site == site)
            .collect();
        for _ in 0..n {
            let at = of_site[rng.below(of_site.len())];
            let [n_rows, n_columns] = trace.shape(at).unwrap();
            let place = at.place(rng.below(n_rows), rng.below(n_columns));
            let explanation = explain(trace, place).unwrap();
            assert!(
                explanation.agrees(),
                "{name}: {place} is {}, recomputed {}: {:e} apart, {:e} allowed",
                explanation.value,
                explanation.recomputed,
                explanation.difference,
                explanation.tolerance
            );
            let ratio = explanation.difference / explanation.tolerance;
            if ratio > most.0 {
                most = (ratio, format!("{at} at {place}"));
            }
            holds_together(trace, &explanation);
        }
    }
    println!(
        "{name}: at most {:.2} of what rounding allows, {}",
        most.0, most.1
    );
}

/// An explanation must say how, and its factors must be the numbers that stand where it says.
fn holds_together(trace: &Trace, explanation: &Explanation) {
    let place = explanation.place;
    assert!(!explanation.sentence.is_empty() && !explanation.formula.is_empty());
    assert!(!explanation.worked.is_empty());
    let size = explanation
        .terms
        .iter()
        .map(|t| t.value.abs())
        .fold(0.0, f64::max);
    let all = size.max(f64::from(explanation.value).abs());
    let n = explanation.terms.len().max(8) as f64;
    assert!(
        explanation.tolerance < 1e-4 * n * all + 1e-29,
        "{place}: a bound that says nothing: {:e} of {all}",
        explanation.tolerance
    );
    for term in explanation.terms.iter().take(3) {
        let product: f64 = term.factors.iter().map(|f| f.value).product();
        assert!((product - term.value).abs() <= 1e-12 * product.abs());
        for factor in &term.factors {
            let Some(from) = factor.place else { continue };
            let there = f64::from(trace.value(from).unwrap());
            // Activations before packed weights are rounded to 1/16,319 of the largest of 32.
            let row = trace.rows(from.at, from.row..from.row + 1).unwrap();
            let largest = row.values.iter().fold(0f32, |m, x| m.max(x.abs()));
            let step = f64::from(largest) / 16_319.0;
            assert!(
                (factor.value - there).abs() <= step,
                "{place} from {from}: {} {there}",
                factor.value
            );
        }
    }
    for region in &explanation.inputs {
        let [n_rows, n_columns] = trace.shape(region.at).unwrap();
        assert!(
            region.rows.end <= n_rows && region.columns.end <= n_columns,
            "{place}: {region:?}"
        );
    }
}

#[test]
fn any_number_of_a_gpt2_or_llama_in_floats_is_its_equation_within_rounding() {
    for name in FIXTURES {
        let (loaded, ids, ..) = fixture(name);
        numbers_agree(name, &traced(&loaded, &ids, BUDGET_BYTES), 60);
    }
}

#[test]
fn any_number_of_a_model_of_quantized_weights_is_its_equation_within_rounding() {
    let ids: Vec<u32> = (0..40).map(|i| (i * 37 + 5) % 300).collect();
    for kind in [Type::F32, Type::Q4_0, Type::Q4_1, Type::Q8_0] {
        let loaded = random_llama(kind);
        numbers_agree(
            &format!("{kind:?}"),
            &traced(&loaded, &ids, BUDGET_BYTES),
            40,
        );
    }
}

#[test]
fn any_number_of_the_models_that_ship_is_its_equation_within_rounding() {
    let mut models = vec![("stories", load_named("stories").unwrap())];
    match load_named("smollm2") {
        Some(model) => models.push(("smollm2", model)),
        None => println!("skipped: smollm2 is not there"),
    }
    for (name, loaded) in models {
        let tokenizer = loaded.tokenizer.as_ref().unwrap();
        let ids = tokenizer.encode(
            "Once upon a time there was a little cat. The cat liked",
            glassbox::labs::tokenizer::Specials::AsText,
        );
        numbers_agree(name, &traced(&loaded, &ids, BUDGET_BYTES), 12);
    }
}

fn load_named(name: &str) -> Option<Arc<LoadedText>> {
    let mut go_on = |_| ControlFlow::Continue(());
    let folders = glassbox::files::manifest::folders();
    let source = Source::Named(name.into());
    load(&source, &folders, Compute::default(), &mut go_on).ok()
}

#[test]
fn what_was_not_kept_is_derived_the_same_bit_for_bit() {
    for name in FIXTURES {
        let (loaded, ids, ..) = fixture(name);
        let rich = traced(&loaded, &ids, BUDGET_BYTES);
        let (kept, all) = rich.n_kept();
        assert!(kept > all / 2 && kept < all, "{kept} of {all}");
        for budget in [0, 6000] {
            let poor = traced(&loaded, &ids, budget);
            assert!(poor.n_bytes() < rich.n_bytes() / 2);
            for at in tables(&rich) {
                assert_eq!(values(&poor, at), values(&rich, at), "{name}: {at}");
            }
            assert!(poor.n_derived() > 0);
        }
        assert_eq!(rich.n_derived(), 0);
    }
}

#[test]
fn rows_are_the_rows_of_the_whole_and_heads_lie_side_by_side() {
    let (loaded, ids, ..) = fixture("inside_llama_grouped");
    let trace = traced(&loaded, &ids, BUDGET_BYTES);
    for at in tables(&trace) {
        let whole = trace.values(at).unwrap();
        let some = trace.rows(at, 3..5).unwrap();
        assert_eq!(some.row(0), whole.row(3), "{at}");
        assert_eq!(some.row(1), whole.row(4), "{at}");
    }
    let [all, third] = [None, Some(2)].map(|head| {
        let at = At {
            site: SiteName::Q,
            block: 1,
            head,
        };
        trace.values(at).unwrap()
    });
    assert_eq!(all.shape, [12, 36]);
    assert_eq!(&all.row(7)[12..18], third.row(7));
    // A number is the same one, asked for in either way.
    let joined = explain(&trace, At::block(SiteName::Q, 1).place(7, 14)).unwrap();
    assert_eq!(joined.place, At::head(SiteName::Q, 1, 2).place(7, 2));
    assert_eq!(joined.value, third.row(7)[2]);
}

#[test]
fn patterns_and_probabilities_add_up_to_one_and_the_future_is_hidden() {
    let (loaded, ids, ..) = fixture("inside_gpt2_wide");
    let trace = traced(&loaded, &ids, BUDGET_BYTES);
    let at = At::head(SiteName::Pattern, 1, 4);
    let pattern = trace.values(at).unwrap();
    for i in 0..ids.len() {
        assert!((pattern.row(i).iter().sum::<f32>() - 1.0).abs() < 1e-5);
        assert!(pattern.row(i)[i + 1..].iter().all(|&p| p == 0.0));
    }
    let hidden = explain(&trace, at.place(2, 9)).unwrap();
    assert_eq!((hidden.value, hidden.recomputed), (0.0, 0.0));
    assert!(hidden.sentence.contains("mask"));
    let probs = trace.values(At::outside(SiteName::Probs)).unwrap();
    let sum: f32 = probs.row(5).iter().sum();
    assert!((sum - 1.0).abs() < 1e-5);
}

#[test]
fn one_token_is_enough_and_a_stop_leaves_no_trace() {
    let (loaded, ids, ..) = fixture("inside_gpt2_narrow");
    let trace = traced(&loaded, &ids[..1], BUDGET_BYTES);
    let pattern = values(&trace, At::head(SiteName::Pattern, 0, 0));
    assert_eq!(pattern, [1.0]);
    numbers_agree("one token", &trace, 5);
    let stopped = Trace::of(&loaded, &ids, BUDGET_BYTES, &mut |done| {
        if done > 0.5 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    assert!(stopped.unwrap().is_none());
}

#[test]
fn what_is_not_there_is_refused_with_what_is() {
    let (loaded, ids, ..) = fixture("inside_llama_grouped");
    let trace = traced(&loaded, &ids, BUDGET_BYTES);
    let refused = |at: At| trace.values(at).unwrap_err();
    for (at, evidence) in [
        (At::outside(SiteName::PosEmbed), "RoPE"),
        (At::block(SiteName::Ln1, 3), "3 blocks, 0 to 2"),
        (At::head(SiteName::Q, 0, 6), "6 heads, 0 to 5"),
        (At::head(SiteName::K, 0, 2), "2 key/value heads"),
        (At::head(SiteName::Ln1, 0, 0), "not split into heads"),
        (At::block(SiteName::Scores, 0), "6 heads"),
    ] {
        let refusal = refused(at);
        assert!(refusal.evidence.contains(evidence), "{at}: {refusal}");
    }
    for place in [
        At::block(SiteName::Ln1, 0).place(12, 0),
        At::block(SiteName::Ln1, 0).place(0, 36),
    ] {
        let refusal = explain(&trace, place).unwrap_err();
        assert!(refusal.evidence.contains("0 to"), "{refusal}");
    }
    let (gpt2, ..) = fixture("inside_gpt2_narrow");
    let gate = traced(&gpt2, &[1, 2], 0).values(At::block(SiteName::MlpGate, 0));
    assert!(gate.unwrap_err().evidence.contains("no gate"));
    for ids in [&[][..], &[53], &[0; 21]] {
        let mut go_on = |_| ControlFlow::Continue(());
        let refusal = Trace::of(&gpt2, ids, 0, &mut go_on).unwrap_err();
        assert!(
            !refusal.evidence.is_empty() && !refusal.next.is_empty(),
            "{refusal}"
        );
    }
}

#[test]
fn a_place_is_read_as_it_is_written() {
    for site in SiteName::ALL {
        assert_eq!(SiteName::of(site.name()), Some(site));
    }
    assert_eq!(SiteName::of("nonsense"), None);
    let place: Place = At::head(SiteName::Q, 3, 12).place(5, 7);
    assert_eq!(place.to_string(), "q₁₂[5, 7]");
}
