//! The Tokenizer tab driven as a person would: by label. One file for each panel or thing to do.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
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
mod training;

use eframe::egui;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use glassbox::labs::compute::Compute;
use glassbox::labs::tokenizer::{Specials, Tokenizer};
use glassbox::tabs::tokenizer::TokenizerTab;
use glassbox::tabs::{Notice, Tab, TabContext};
use glassbox::theme::{self, Theme, size};
use std::sync::Arc;

/// The tab in a frame like the app's.
struct Bench {
    tab: TokenizerTab,
    notices: Vec<Notice>,
}

impl Bench {
    fn with_context<T>(
        &mut self,
        act: impl FnOnce(&mut TokenizerTab, &mut TabContext<'_>) -> T,
    ) -> T {
        let mut cx = TabContext {
            wake: Arc::new(|| {}),
            notices: &mut self.notices,
            model_folders: &[],
            compute: Compute::default(),
            motion: false,
        };
        act(&mut self.tab, &mut cx)
    }

    fn show(&mut self, ui: &mut egui::Ui) {
        self.with_context(Tab::poll);
        let colors = theme::palette(ui.ctx());
        let frame = |fill, margin| egui::Frame::new().fill(fill).inner_margin(margin);
        egui::Panel::right("bench")
            .exact_size(size::BENCH)
            .frame(frame(colors.panel, egui::Margin::same(size::MARGIN)))
            .show(ui, |ui| self.with_context(|tab, cx| tab.bench(ui, cx)));
        if self.tab.has_timeline() {
            egui::Panel::bottom("timeline")
                .exact_size(size::TIMELINE)
                .frame(frame(
                    colors.panel,
                    egui::Margin::symmetric(size::MARGIN, 12),
                ))
                .show(ui, |ui| self.with_context(|tab, cx| tab.timeline(ui, cx)));
        }
        egui::CentralPanel::default()
            .frame(frame(colors.stage, egui::Margin::symmetric(24, 12)))
            .show(ui, |ui| {
                ui.heading(self.tab.title());
                self.with_context(|tab, cx| tab.stage(ui, cx));
            });
    }
}

/// The tab with GPT-2's vocabulary and `text`.
fn bench(theme: Theme, text: &str) -> Harness<'static, Bench> {
    let mut bench = Bench {
        tab: TokenizerTab::new(),
        notices: Vec::new(),
    };
    bench.tab.set_text(text);
    let mut harness = Harness::builder()
        .with_size(egui::vec2(1280.0, 720.0))
        .with_context_setup(move |ctx| {
            theme::fonts::install(ctx);
            theme::apply(ctx, theme, false);
        })
        .allow_missing_glyphs()
        .wgpu()
        .build_ui_state(|ui, bench: &mut Bench| bench.show(ui), bench);
    settle(&mut harness);
    harness
}

/// Draws frames until nothing is on its way.
fn settle(harness: &mut Harness<'_, Bench>) {
    loop {
        harness.step();
        for notice in &harness.state().notices {
            if let Notice::Refused(refusal) = notice {
                panic!("refused: {refusal}");
            }
        }
        if harness.state().tab.ids().is_some() && harness.state().tab.progress().is_none() {
            break;
        }
        std::thread::yield_now();
    }
    harness.run_steps(4);
}

fn ids(vocabulary: &str, text: &str) -> Vec<u32> {
    let tokenizer = Tokenizer::open(vocabulary).unwrap();
    tokenizer.encode(text, Specials::AsText)
}

fn labels(harness: &Harness<'_, Bench>, part: &str) -> Vec<String> {
    let nodes = harness.query_all_by_label_contains(part);
    nodes
        .filter_map(|node| node.accesskit_node().label())
        .collect()
}

fn says(harness: &Harness<'_, Bench>, part: &str) -> bool {
    harness.query_all_by_label_contains(part).next().is_some()
}
