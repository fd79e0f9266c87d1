//! The map, “Where they come from” and “Other spaces” of the embeddings chapter, driven as a person
//! would: by label.

mod map;
mod origin;
mod spaces;
#[path = "../support/bench.rs"]
mod support;

use egui_kittest::Harness;
use glassbox::tabs::Tab;
use glassbox::tabs::embeddings::EmbeddingsTab;
use glassbox::theme::Theme;
use support::{click, labels, until, wait_for};

type Bench = support::Bench<EmbeddingsTab>;

/// The chapter with the view of this name open.
fn open(view: &str) -> Harness<'static, Bench> {
    let mut harness = Bench::new(EmbeddingsTab::new()).window(Theme::Light, [1280.0, 900.0]);
    harness.run_steps(2);
    click(&mut harness, view);
    harness
}

/// Draws frames until nothing is on its way.
fn settle(harness: &mut Harness<'_, Bench>) {
    harness.run_steps(2);
    until(harness, |harness| harness.state().progress().is_none());
    harness.run_steps(2);
}
