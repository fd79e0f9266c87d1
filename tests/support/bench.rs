//! A chapter in a frame like the app's, driven as a person would: by label.
//!
//! ```ignore
//! #[path = "support/bench.rs"]
//! mod support;
//!
//! use support::{Bench, click, says, until, wait_for};
//!
//! #[test]
//! fn a_step_moves_the_points() {
//!     let mut harness = Bench::new(ImagesTab::new()).window(Theme::Light, [1280.0, 720.0]);
//!     click(&mut harness, "Step");
//!     wait_for(&mut harness, "Turn 1");
//!     until(&mut harness, |harness| harness.state().progress().is_none());
//!     assert!(says(&harness, "Turn 1"));
//! }
//! ```
//!
//! `harness.state()` is the [`Bench`], and through it the tab. Whatever waits here fails when the
//! tab refuses something; a test of a refusal asks for it with [`refusal`].

#![allow(dead_code, reason = "not every test asks for all of it")]
#![allow(clippy::panic, reason = "helpers of tests are not inside a #[test]")]

use eframe::egui;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use glassbox::labs::compute::Compute;
use glassbox::refusal::Refusal;
use glassbox::tabs::{Notice, Tab, TabContext};
use glassbox::theme::{self, Theme, size};
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Longer than any of this takes, however busy the machine.
const PATIENCE: Duration = Duration::from_mins(5);

/// A tab, and what the app would keep for it.
pub struct Bench<T> {
    pub tab: T,
    /// What the tab said in the corner of the window; nobody clears it.
    pub notices: Vec<Notice>,
    /// Where model files are looked for.
    pub model_folders: Vec<PathBuf>,
    /// A folder that the tab reads, as long as the test runs.
    pub kept: Option<tempfile::TempDir>,
}

impl<T: Tab + 'static> Bench<T> {
    pub fn new(tab: T) -> Self {
        Self {
            tab,
            notices: Vec::new(),
            model_folders: Vec::new(),
            kept: None,
        }
    }

    /// Does what needs the app's help: `with_context(|tab, cx| tab.command(command, cx))`.
    pub fn with_context<R>(&mut self, act: impl FnOnce(&mut T, &mut TabContext<'_>) -> R) -> R {
        let mut cx = TabContext {
            wake: Arc::new(|| {}),
            notices: &mut self.notices,
            model_folders: &self.model_folders,
            compute: Compute::default(),
            motion: false,
        };
        act(&mut self.tab, &mut cx)
    }

    /// The tab in a window of its own.
    pub fn window(self, theme: Theme, size: impl Into<egui::Vec2>) -> Harness<'static, Self> {
        Harness::builder()
            .with_size(size)
            .with_context_setup(move |ctx| {
                theme::fonts::install(ctx);
                theme::apply(ctx, theme, false);
            })
            .allow_missing_glyphs()
            .build_ui_state(|ui, bench: &mut Self| bench.show(ui), self)
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
            let margin = egui::Margin::symmetric(size::MARGIN, 12);
            egui::Panel::bottom("timeline")
                .exact_size(size::TIMELINE)
                .frame(frame(colors.panel, margin))
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

    fn fail_if_refused(&self) {
        for notice in &self.notices {
            if let Notice::Refused(refusal) = notice {
                panic!("refused: {refusal}");
            }
        }
    }
}

impl<T> Deref for Bench<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.tab
    }
}

impl<T> DerefMut for Bench<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.tab
    }
}

/// Draws frames until it is `done`; the jobs decide how many that takes. Nothing may be refused.
pub fn until<T: Tab + 'static>(
    harness: &mut Harness<'_, Bench<T>>,
    done: impl Fn(&Harness<'_, Bench<T>>) -> bool,
) {
    let started = Instant::now();
    loop {
        harness.step();
        harness.state().fail_if_refused();
        if done(harness) {
            return;
        }
        assert!(started.elapsed() < PATIENCE, "it never came");
        std::thread::yield_now();
    }
}

/// Draws frames until a label that contains `part` is there, and gives the label.
pub fn wait_for<T: Tab + 'static>(harness: &mut Harness<'_, Bench<T>>, part: &str) -> String {
    until(harness, |harness| says(harness, part));
    labels(harness, part).pop().unwrap_or_default()
}

/// Draws frames until something is refused, and takes the refusal away.
pub fn refusal<T: Tab + 'static>(harness: &mut Harness<'_, Bench<T>>) -> Refusal {
    let started = Instant::now();
    loop {
        let notices = &mut harness.state_mut().notices;
        let refused = |notice: &Notice| matches!(notice, Notice::Refused(_));
        if let Some(at) = notices.iter().position(refused)
            && let Notice::Refused(refusal) = notices.remove(at)
        {
            assert!(!refusal.next.is_empty(), "what to do next is not said");
            return refusal;
        }
        assert!(started.elapsed() < PATIENCE, "nothing was refused");
        harness.step();
        std::thread::yield_now();
    }
}

/// Opens a file as one that was dropped on the tab.
pub fn open<T: Tab + 'static>(harness: &mut Harness<'_, Bench<T>>, path: &Path) {
    let path = path.to_owned();
    harness
        .state_mut()
        .with_context(|tab, cx| tab.open(path, cx));
    harness.step();
}

/// Clicks what has this label, and draws what comes of it.
pub fn click<T: Tab + 'static>(harness: &mut Harness<'_, Bench<T>>, label: &str) {
    harness.get_by_label(label).click();
    harness.run_steps(2);
}

/// Everything on screen whose words contain `part`, in the order of the screen.
pub fn labels<T: Tab + 'static>(harness: &Harness<'_, Bench<T>>, part: &str) -> Vec<String> {
    let nodes = harness.query_all_by_label_contains(part);
    nodes
        .filter_map(|node| {
            let node = node.accesskit_node();
            node.label().or_else(|| node.value())
        })
        .collect()
}

/// Whether something on screen contains these words.
pub fn says<T: Tab + 'static>(harness: &Harness<'_, Bench<T>>, part: &str) -> bool {
    harness.query_all_by_label_contains(part).next().is_some()
}
