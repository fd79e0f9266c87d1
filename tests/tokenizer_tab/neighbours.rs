//! The row of a token in its model's table, and the nearest rows.

use super::*;
use glassbox::labs::compute::Compute;
use glassbox::labs::text::{Source, load};
use std::ops::ControlFlow;

#[test]
fn the_neighbours_of_a_token_come_from_its_models_table() {
    let mut harness = bench(Theme::Light, "Ben likes to play.");
    assert!(harness.query_by_label("Neighbours").is_none());
    harness.get_by_label("Read with stories").click();
    harness.run_steps(2);
    settle(&mut harness);
    harness.get_by_label_contains("stories, token 2 ").click();
    harness.run_steps(4);
    harness.get_by_label("Neighbours").click();
    harness.step();
    while labels(&harness, "Neighbour 1: ").is_empty() {
        harness.step();
        std::thread::yield_now();
    }
    harness.run_steps(4);
    assert_eq!(labels(&harness, ", cosine 0.").len(), 16);
    // The built-in model's rows have 160 numbers.
    assert_eq!(labels(&harness, ": 160 numbers, at most ").len(), 1);
    assert!(says(&harness, "stories is the model of this vocabulary."));
    harness.get_by_label("Close").click();
    harness.run_steps(4);
    harness.get_by_label("Step back");
}

#[test]
fn the_model_that_is_loaded_in_text_is_asked_where_it_reads_with_the_same_tokens() {
    let (source, compute) = (Source::Named("stories".into()), Compute::default());
    let loaded = load(&source, &[], compute, &mut |_| ControlFlow::Continue(())).unwrap();
    let mut harness = bench(Theme::Light, "Ben likes to play.");
    harness.state_mut().hear_model(Some(&loaded));
    harness.get_by_label_contains("GPT-2, token 2 ").click();
    harness.run_steps(4);
    assert!(harness.query_by_label("Neighbours").is_none());
    harness.get_by_label("Read with stories").click();
    harness.run_steps(2);
    settle(&mut harness);
    harness.get_by_label_contains("stories, token 2 ").click();
    harness.run_steps(4);
    harness.get_by_label("Neighbours").click();
    harness.step();
    while labels(&harness, "Neighbour 1: ").is_empty() {
        harness.step();
        std::thread::yield_now();
    }
    assert!(says(
        &harness,
        "stories is the model that is loaded in Text."
    ));
}
