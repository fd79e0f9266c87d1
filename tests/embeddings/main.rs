//! The chapter of embeddings driven as a person would: by label.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests are not inside a #[test]"
)]

mod arithmetic;
mod own_dimensions;
mod pictures;

use eframe::egui;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use glassbox::labs::compute::Compute;
use glassbox::tabs::embeddings::EmbeddingsTab;
use glassbox::tabs::{Notice, Tab, TabContext};
use glassbox::theme::{self, Theme, size};
use std::path::Path;
use std::sync::Arc;

/// The tab in a frame like the app's.
struct Bench {
    tab: EmbeddingsTab,
    notices: Vec<Notice>,
    /// Where the small set is, as long as the test runs.
    kept: Option<tempfile::TempDir>,
}

impl Bench {
    fn with_context<T>(
        &mut self,
        act: impl FnOnce(&mut EmbeddingsTab, &mut TabContext<'_>) -> T,
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
                if self.tab.has_explain() {
                    egui::Panel::right("explain")
                        .default_size(360.0)
                        .show(ui, |ui| self.with_context(|tab, cx| tab.explain(ui, cx)));
                }
                self.with_context(|tab, cx| tab.stage(ui, cx));
            });
    }
}

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
fn window(theme: Theme, tab: EmbeddingsTab, size: egui::Vec2) -> Harness<'static, Bench> {
    let bench = Bench {
        tab,
        notices: Vec::new(),
        kept: None,
    };
    Harness::builder()
        .with_size(size)
        .with_context_setup(move |ctx| {
            theme::fonts::install(ctx);
            theme::apply(ctx, theme, false);
        })
        .allow_missing_glyphs()
        .wgpu()
        .build_ui_state(|ui, bench: &mut Bench| bench.show(ui), bench)
}

/// The tab with a small set that was dropped on it.
fn with_small_set(theme: Theme) -> Harness<'static, Bench> {
    let mut harness = window(theme, EmbeddingsTab::new(), egui::vec2(1280.0, 720.0));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.txt");
    std::fs::write(&path, SMALL_SET).unwrap();
    harness.state_mut().kept = Some(folder);
    open(&mut harness, &path);
    settle(&mut harness);
    harness
}

fn open(harness: &mut Harness<'_, Bench>, path: &Path) {
    let path = path.to_owned();
    harness
        .state_mut()
        .with_context(|tab, cx| tab.open(path, cx));
    harness.step();
}

/// Draws frames until nothing is on its way. Nothing may have been refused.
fn settle(harness: &mut Harness<'_, Bench>) {
    harness.run_steps(2);
    loop {
        harness.step();
        for notice in &harness.state().notices {
            if let Notice::Refused(refusal) = notice {
                panic!("refused: {refusal}");
            }
        }
        let tab = &harness.state().tab;
        if tab.nearest().is_some() && tab.progress().is_none() {
            break;
        }
        std::thread::yield_now();
    }
    harness.run_steps(4);
}

/// The nearest words, without those that are struck out.
fn nearest(harness: &Harness<'_, Bench>) -> Vec<String> {
    let nearest = harness.state().tab.nearest().unwrap();
    let left = nearest.into_iter().filter(|(_, struck)| !struck);
    left.map(|(word, _)| word).collect()
}

fn labels(harness: &Harness<'_, Bench>, part: &str) -> Vec<String> {
    let nodes = harness.query_all_by_label_contains(part);
    nodes
        .filter_map(|node| {
            let node = node.accesskit_node();
            node.label().or_else(|| node.value())
        })
        .collect()
}

fn says(harness: &Harness<'_, Bench>, part: &str) -> bool {
    harness.query_all_by_label_contains(part).next().is_some()
}
