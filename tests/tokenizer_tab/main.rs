//! The Tokenizer tab driven as a person would: by label. One file for each panel or thing to do.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests are not inside a #[test]"
)]

mod comparing;
mod encoding;
mod files;
mod keeping;
mod keys;
mod languages;
mod learning;
mod neighbours;
mod pictures;
mod special_tokens;
mod story;
#[path = "../support/bench.rs"]
mod support;
mod training;

use eframe::egui;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use glassbox::labs::tokenizer::{Specials, Tokenizer};
use glassbox::tabs::Tab;
use glassbox::tabs::tokenizer::TokenizerTab;
use glassbox::theme::Theme;
use support::{click, labels, open, refusal, says, until};

type Bench = support::Bench<TokenizerTab>;

/// The tab with GPT-2's vocabulary and `text`.
fn bench(theme: Theme, text: &str) -> Harness<'static, Bench> {
    let mut bench = Bench::new(TokenizerTab::new());
    bench.set_text(text);
    let mut harness = bench.window(theme, [1280.0, 720.0]);
    settle(&mut harness);
    harness
}

/// Draws frames until nothing is on its way.
fn settle(harness: &mut Harness<'_, Bench>) {
    until(harness, |harness| {
        let tab = harness.state();
        tab.ids().is_some() && tab.progress().is_none()
    });
    harness.run_steps(4);
}

fn ids(vocabulary: &str, text: &str) -> Vec<u32> {
    let tokenizer = Tokenizer::open(vocabulary).unwrap();
    tokenizer.encode(text, Specials::AsText)
}
