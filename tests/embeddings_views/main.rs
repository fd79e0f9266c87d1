//! The map, “Where they come from” and “Other spaces” of the embeddings chapter, driven as a person
//! would: by label.

#![expect(clippy::panic, reason = "helpers of tests are not inside a #[test]")]

mod map;
mod origin;
mod spaces;

use eframe::egui;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use glassbox::labs::compute::Compute;
use glassbox::tabs::embeddings::EmbeddingsTab;
use glassbox::tabs::{Notice, Tab, TabContext};
use glassbox::theme::{self, Theme, size};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longer than any of this takes, however busy the machine.
const PATIENCE: Duration = Duration::from_mins(5);

/// The tab in a frame like the app's.
pub(crate) struct Bench {
    tab: EmbeddingsTab,
    notices: Vec<Notice>,
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
        egui::CentralPanel::default()
            .frame(frame(colors.stage, egui::Margin::symmetric(24, 12)))
            .show(ui, |ui| {
                ui.heading(self.tab.title());
                self.with_context(|tab, cx| tab.stage(ui, cx));
            });
    }
}

/// The chapter with the view of this name open.
pub(crate) fn open(view: &str) -> Harness<'static, Bench> {
    let bench = Bench {
        tab: EmbeddingsTab::new(),
        notices: Vec::new(),
    };
    let mut harness = Harness::builder()
        .with_size(egui::vec2(1280.0, 900.0))
        .with_context_setup(move |ctx| {
            theme::fonts::install(ctx);
            theme::apply(ctx, Theme::Light, false);
        })
        .allow_missing_glyphs()
        .build_ui_state(|ui, bench: &mut Bench| bench.show(ui), bench);
    harness.run_steps(2);
    harness.get_by_label(view).click();
    harness.run_steps(2);
    harness
}

/// Draws frames until a label that contains `part` is there, and gives the label.
pub(crate) fn wait_for(harness: &mut Harness<'_, Bench>, part: &str) -> String {
    let started = Instant::now();
    loop {
        harness.step();
        for notice in &harness.state().notices {
            if let Notice::Refused(refusal) = notice {
                panic!("refused: {refusal}");
            }
        }
        if let Some(label) = labels(harness, part).pop() {
            return label;
        }
        assert!(started.elapsed() < PATIENCE, "“{part}” never came");
        std::thread::yield_now();
    }
}

/// Draws frames until nothing is on its way.
pub(crate) fn settle(harness: &mut Harness<'_, Bench>) {
    let started = Instant::now();
    harness.run_steps(2);
    while harness.state().tab.progress().is_some() {
        harness.step();
        assert!(started.elapsed() < PATIENCE, "it never came to rest");
        std::thread::yield_now();
    }
    harness.run_steps(2);
}

pub(crate) fn labels(harness: &Harness<'_, Bench>, part: &str) -> Vec<String> {
    let nodes = harness.query_all_by_label_contains(part);
    nodes
        .filter_map(|node| {
            let node = node.accesskit_node();
            node.label().or_else(|| node.value())
        })
        .collect()
}

pub(crate) fn click(harness: &mut Harness<'_, Bench>, label: &str) {
    harness.get_by_label(label).click();
    harness.run_steps(2);
}
