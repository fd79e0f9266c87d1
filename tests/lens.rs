//! The logit lens, scores taken apart, and heads found by measuring, each held against another way to
//! the same numbers: surgery, the pass itself, and the patterns of a trace.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test ends where it meets what it did not expect, and says what it found"
)]

#[path = "support/command.rs"]
mod command;
#[path = "support/gguf.rs"]
mod gguf;
#[path = "support/random_model.rs"]
mod random_model;
mod tiny;

use glassbox::labs::compute::Compute;
use glassbox::labs::inside::contributions::{Source as Part, contributions};
use glassbox::labs::inside::heads::{Habit, MOST_SIDE, glance, measure, ranked};
use glassbox::labs::inside::lens::{Cell, Event, lens, through_depth};
use glassbox::labs::inside::surgery::{self, Operation, Way, operate};
use glassbox::labs::inside::{At, SiteName, Trace};
use glassbox::labs::text::{LoadedText, Source, load};
use random_model::Shape;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

fn go_on<T>(_: T) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn loaded(source: &Source) -> Arc<LoadedText> {
    load(source, &[], Compute::default(), &mut go_on).unwrap()
}

fn from_bytes(bytes: &[u8]) -> Arc<LoadedText> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.gguf");
    std::fs::write(&path, bytes).unwrap();
    loaded(&Source::Path(path))
}

fn fixture(name: &str) -> Arc<LoadedText> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    loaded(&Source::Path(folder.join(name)))
}

/// Both architectures, in f32, f16 and packed, small and random.
fn models() -> Vec<(&'static str, Arc<LoadedText>)> {
    let packed = |kind| from_bytes(&random_model::llama_bytes(Shape::SMALL, kind));
    vec![
        ("gpt2 tied", fixture("gpt2_tied.safetensors")),
        ("gpt2 untied", fixture("gpt2_untied.safetensors")),
        ("gpt2 f16", fixture("gpt2_f16.safetensors")),
        ("llama f32", from_bytes(&tiny::bytes())),
        ("llama q4", packed(gguf::Type::Q4_1)),
        ("llama q8", packed(gguf::Type::Q8_0)),
    ]
}

const IDS: [u32; 7] = [3, 14, 15, 9, 2, 6, 5];

/// The lens over a whole text, by layer and position.
fn table(loaded: &LoadedText, ids: &[u32], n_best: usize) -> Vec<Vec<Cell>> {
    let n_layers = loaded.config.n_layers + 1;
    let mut table = vec![vec![None; ids.len()]; n_layers];
    let whole = lens(loaded, ids, 0..ids.len(), n_best, &mut |event| {
        if let Event::Row {
            layer,
            first,
            cells,
        } = event
        {
            for (i, cell) in cells.into_iter().enumerate() {
                assert!(table[layer][first + i].replace(cell).is_none());
            }
        }
        go_on(())
    });
    assert!(whole.unwrap());
    let rows = table
        .into_iter()
        .map(|row| row.into_iter().map(Option::unwrap));
    rows.map(Iterator::collect).collect()
}

#[test]
fn a_layer_of_the_lens_is_the_model_with_all_later_blocks_switched_off() {
    for (name, loaded) in models() {
        let table = table(&loaded, &IDS, 3);
        let n_layers = loaded.config.n_layers;
        for layer in 0..=n_layers {
            let off: Vec<Operation> = (layer..n_layers)
                .map(|block| Operation {
                    part: surgery::Part::Block(block),
                    position: None,
                    way: Way::Off,
                })
                .collect();
            let outcome = operate(&loaded, &IDS, &off, None, &mut go_on)
                .unwrap()
                .unwrap();
            let logits = &outcome.after;
            let best = (0..logits.len()).max_by(|&a, &b| logits[a].total_cmp(&logits[b]));
            let cell = table[layer].last().unwrap();
            assert_eq!(cell.best[0].id as usize, best.unwrap(), "{name} {layer}");
            assert!((cell.best[0].logit - f64::from(logits[best.unwrap()])).abs() < 1e-4);

            let token = 11;
            let depths = through_depth(&loaded, &IDS, token, &mut go_on)
                .unwrap()
                .unwrap();
            let depth = &depths[layer];
            assert!((depth.logit - f64::from(logits[token as usize])).abs() < 1e-4);
            assert_eq!(depth.best.id, cell.best[0].id);
            let sum: f64 = logits.iter().map(|&x| f64::from(x).exp()).sum();
            assert!((depth.log_p - (depth.logit - sum.ln())).abs() < 1e-4);
        }
    }
}

#[test]
fn what_the_parts_add_is_the_score_within_a_thousandth() {
    for (name, loaded) in models() {
        for (token, against) in [(0, None), (11, None), (20, Some(4))] {
            let parts = contributions(&loaded, &IDS, token, against, &mut go_on);
            let parts = parts.unwrap().unwrap();
            let gap = (parts.sum - parts.logit).abs();
            let size: f64 = parts.parts.iter().map(|(_, value)| value.abs()).sum();
            println!(
                "{name}: {gap:e} of {:.3}, parts of {size:.3} in all",
                parts.logit
            );
            assert!(gap < 1e-3, "{name}: {gap}");
            let n_heads = parts
                .parts
                .iter()
                .filter(|(part, _)| matches!(part, Part::Head { .. }));
            assert_eq!(
                n_heads.count(),
                loaded.config.n_layers * loaded.config.n_heads
            );
        }
    }
}

#[test]
fn the_parts_up_to_a_block_add_up_to_what_the_lens_reads_there() {
    for (name, loaded) in models() {
        let n_layers = loaded.config.n_layers;
        let tokens = [0, 11, 20];
        let apart = tokens.map(|token| {
            let parts = contributions(&loaded, &IDS, token, None, &mut go_on);
            let depths = through_depth(&loaded, &IDS, token, &mut go_on);
            (parts.unwrap().unwrap(), depths.unwrap().unwrap())
        });
        for layer in 0..=n_layers {
            // The last norm divides each layer's stream by its own size: one number for all tokens.
            let ratios: Vec<(f64, f64)> = apart
                .iter()
                .map(|(parts, depths)| {
                    let before = parts.parts.iter().filter(|(part, _)| match part {
                        Part::NormBias | Part::Rounding => false,
                        part => part.block().is_none_or(|block| block < layer),
                    });
                    let bias = parts.parts.iter().find(|(part, _)| *part == Part::NormBias);
                    let own = depths[layer].logit - bias.map_or(0.0, |(_, value)| *value);
                    (own, before.map(|(_, value)| value).sum())
                })
                .collect();
            let (own, sum) = ratios[0];
            for (other, other_sum) in &ratios[1..] {
                let gap = (own * other_sum - other * sum).abs() / (1.0 + own.abs() + other.abs());
                assert!(gap < 2e-3, "{name}, layer {layer}: {gap}");
            }
        }
    }
}

#[test]
fn small_maps_are_the_patterns_and_long_texts_share_their_fields() {
    for (name, loaded) in models() {
        let small = glance(&loaded, &IDS, &mut go_on).unwrap().unwrap();
        assert_eq!(
            small.maps.len(),
            loaded.config.n_layers * loaded.config.n_heads
        );
        let trace = Trace::of(&loaded, &IDS, 1 << 24, &mut go_on)
            .unwrap()
            .unwrap();
        for block in 0..small.n_layers {
            for head in 0..small.n_heads {
                let pattern = trace
                    .values(At::head(SiteName::Pattern, block, head))
                    .unwrap();
                let map = &small.maps[block * small.n_heads + head];
                let pairs = map.iter().zip(pattern.values.iter());
                let gap = pairs.fold(0f32, |most, (a, b)| most.max((a - b).abs()));
                assert!(gap < 1e-4, "{name} {block}.{head}: {gap}");
            }
        }
    }
    let loaded = from_bytes(&tiny::bytes());
    let long: Vec<u32> = (0..100).collect();
    let small = glance(&loaded, &long, &mut go_on).unwrap().unwrap();
    assert_eq!(small.side, MOST_SIDE);
    assert!(
        small
            .maps
            .iter()
            .all(|map| map.len() == MOST_SIDE * MOST_SIDE)
    );
}

#[test]
fn measured_shares_are_shares_and_the_same_seed_measures_the_same() {
    for (name, loaded) in models() {
        let measured = measure(&loaded, 1, &mut go_on).unwrap().unwrap();
        assert_eq!(measured, measure(&loaded, 1, &mut go_on).unwrap().unwrap());
        for head in &measured {
            let in_bounds = head.shares.iter().all(|share| (0.0..=1.0).contains(share));
            assert!(in_bounds, "{name}: {head:?}");
        }
        let best = ranked(&measured, Habit::Previous);
        let shares: Vec<f32> = best
            .iter()
            .map(|head| head.share(Habit::Previous))
            .collect();
        assert!(shares.is_sorted_by(|a, b| a >= b));
    }
}

#[test]
fn a_large_trained_model_has_heads_for_every_habit() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/SmolLM2-135M-Instruct.Q4_1.gguf");
    if !path.exists() {
        println!("skipped: {} is not there", path.display());
        return;
    }
    let loaded = loaded(&Source::Path(path));
    let measured = measure(&loaded, 0, &mut go_on).unwrap().unwrap();
    for habit in Habit::ALL {
        let best = ranked(&measured, habit)[0];
        let share = best.share(habit);
        println!("{}: {}.{} {share:.2}", habit.name(), best.block, best.head);
        // Spread evenly over 25 to 50 tokens it would be less than a twentieth.
        assert!(share > 0.3, "{habit:?}: {best:?}");
    }
    let ids = [504, 3575, 282, 4649, 314];
    let parts = contributions(&loaded, &ids, 7042, None, &mut go_on)
        .unwrap()
        .unwrap();
    println!("{:.4} taken apart: {:.4}", parts.logit, parts.sum);
    assert!((parts.sum - parts.logit).abs() < 1e-3);
}

#[test]
fn whoever_stops_gets_nothing_and_what_is_not_there_is_refused() {
    let loaded = from_bytes(&tiny::bytes());
    let mut stop = |_: f32| ControlFlow::Break(());
    assert!(glance(&loaded, &IDS, &mut stop).unwrap().is_none());
    assert!(measure(&loaded, 0, &mut stop).unwrap().is_none());
    assert!(
        through_depth(&loaded, &IDS, 1, &mut stop)
            .unwrap()
            .is_none()
    );
    assert!(
        contributions(&loaded, &IDS, 1, None, &mut stop)
            .unwrap()
            .is_none()
    );
    assert!(!lens(&loaded, &IDS, 0..7, 1, &mut |_| ControlFlow::Break(())).unwrap());
    assert!(lens(&loaded, &IDS, 3..8, 1, &mut go_on).is_err());
    assert!(lens(&loaded, &[], 0..0, 1, &mut go_on).is_err());
    assert!(through_depth(&loaded, &IDS, 9999, &mut go_on).is_err());
    assert!(contributions(&loaded, &[1; 129], 0, None, &mut go_on).is_err());
}

#[test]
fn the_command_gives_every_layer_and_position_and_takes_a_token_apart() {
    let folder = tempfile::tempdir().unwrap();
    tiny::write(folder.path());
    let run = |arguments: &[&str]| {
        let common = ["lens", "--model", "tiny.gguf", "--json"];
        command::glassbox(folder.path(), &[&common, arguments].concat())
    };
    let document = command::document(&run(&["--prompt", "Hello", "--token", "!"]));
    let layers = document["layers"].as_array().unwrap();
    assert_eq!(layers.len(), 3);
    for row in layers {
        assert_eq!(row.as_array().unwrap().len(), 5);
        for cell in row.as_array().unwrap() {
            assert!(cell["id"].is_u64() && cell["text"].is_string());
            assert!((0.0..=1.0).contains(&cell["p"].as_f64().unwrap()));
        }
    }
    let token = &document["token"];
    assert_eq!(token["text"], "!");
    assert_eq!(token["layers"].as_array().unwrap().len(), 3);
    let parts = token["contributions"].as_array().unwrap();
    let sum: f64 = parts
        .iter()
        .map(|part| part["value"].as_f64().unwrap())
        .sum();
    assert!((sum - token["logit"].as_f64().unwrap()).abs() < 1e-3);
    // One token is a text.
    let document = command::document(&run(&["--ids", "72", "--top", "4"]));
    assert_eq!(document["layers"][2][0]["top"].as_array().unwrap().len(), 4);
    assert!(command::refused(&run(&["--ids", "72", "--token-id", "300"])).contains("259"));
    let long = "a ".repeat(100);
    assert!(command::refused(&run(&["--prompt", &long])).contains("128"));
}
