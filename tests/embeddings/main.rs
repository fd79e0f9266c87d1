//! The chapter of embeddings driven as a person would: by label.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests are not inside a #[test]"
)]

mod arithmetic;
mod own_dimensions;
mod pictures;
#[path = "../support/bench.rs"]
mod support;

use egui_kittest::Harness;
use glassbox::tabs::Tab;
use glassbox::tabs::embeddings::EmbeddingsTab;
use glassbox::theme::Theme;
use support::{labels, open, refusal, says, until};

type Bench = support::Bench<EmbeddingsTab>;

/// Words with the lecture's numbers: king − man + woman comes to queen.
const SMALL_SET: &str = "\
king 0.99 0.99 0.05 0.3
queen 0.99 0.05 0.98 0.3
man 0.01 0.95 0.06 0.4
woman 0.02 0.01 0.999 0.4
prince 0.80 0.90 0.03 0.9
princess 0.80 0.02 0.90 0.9
kingdom 0.95 0.30 0.25 -0.9
apple 0.02 0.05 0.10 -0.8
pear 0.05 0.02 0.15 -0.9
the 0.30 0.40 0.42 0.10
";

/// The tab in a window of its own, with nothing opened yet.
fn window(theme: Theme, tab: EmbeddingsTab, size: [f32; 2]) -> Harness<'static, Bench> {
    Bench::new(tab).window(theme, size)
}

/// The tab with a small set that was dropped on it.
fn with_small_set(theme: Theme) -> Harness<'static, Bench> {
    let mut harness = window(theme, EmbeddingsTab::new(), [1280.0, 720.0]);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.txt");
    std::fs::write(&path, SMALL_SET).unwrap();
    harness.state_mut().kept = Some(folder);
    open(&mut harness, &path);
    settle(&mut harness);
    harness
}

/// Draws frames until nothing is on its way. Nothing may have been refused.
fn settle(harness: &mut Harness<'_, Bench>) {
    harness.run_steps(2);
    until(harness, |harness| {
        let tab = harness.state();
        tab.nearest().is_some() && tab.progress().is_none()
    });
    harness.run_steps(4);
}

/// The nearest words, without those that are struck out.
fn nearest(harness: &Harness<'_, Bench>) -> Vec<String> {
    let nearest = harness.state().nearest().unwrap();
    let left = nearest.into_iter().filter(|(_, struck)| !struck);
    left.map(|(word, _)| word).collect()
}
