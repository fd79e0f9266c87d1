//! Before transformers: counts of what follows what, and what they can and cannot do.
//!
//! The stage has a page for each step: the table of counts ([`count_page`]), the next symbol
//! ([`predict_page`]), writing by drawing ([`write_page`]), how large and empty the table is
//! ([`size_page`]), and the transformer at the same place ([`beside_page`]). [`setup`] is what a person
//! chose, [`counting`] the job that counts.

mod bench;
mod beside;
mod beside_page;
mod count_page;
mod counting;
mod predict_page;
mod setup;
mod size_page;
mod write_page;

use super::views::{Desk, View};
use crate::command::Command;
use crate::files::card::Card;
use crate::labs::ngrams::{Next, Smoothing, Source, Symbol, Table, Unit, context_of};
use crate::tabs::{Progress, StatusItem, TabContext};
use crate::theme;
use crate::widgets::count::grouped;
use crate::widgets::heat_map::HeatMapState;
use beside::Beside;
use counting::Counting;
use eframe::egui::{self, RichText, Ui};
use serde_json::Value;
use setup::{Page, Setup};
use std::path::PathBuf;
use write_page::Written;

/// Symbols that never followed and are listed all the same.
const UNSEEN_SHOWN: usize = 27;

/// The state of this view.
#[derive(Debug, Default)]
pub(super) struct NgramsView {
    setup: Setup,
    /// The path as it is typed.
    path: String,
    counting: Counting,
    /// What the stage shows, worked out when something changes.
    shown: Option<Shown>,
    heat: HeatMapState,
    written: Written,
    beside: Beside,
    /// Whether this view was ever shown: until then it counts nothing.
    visited: bool,
}

/// What was asked of the table last, and its answer.
#[derive(Debug)]
struct Shown {
    key: (u64, usize, String, Smoothing),
    /// What an N-gram looks at.
    context: Vec<Symbol>,
    /// By the counts alone.
    plain: Next,
    /// With smoothing.
    next: Next,
    commonest: Vec<(Vec<Symbol>, u64)>,
    /// What follows each last letter of the context: 27 rows of 27.
    cells: Vec<f32>,
    version: u64,
}

impl NgramsView {
    /// Asks the table what is to be shown, where that has changed.
    fn ask(&mut self) {
        let Some((version, counted)) = self.counting.counted() else {
            return;
        };
        let setup = &self.setup;
        let key = (version, setup.n, setup.context.clone(), setup.smoothing());
        if self.shown.as_ref().is_some_and(|shown| shown.key == key) {
            return;
        }
        let (table, n) = (&counted.table, setup.n.min(counted.table.order()));
        let context = context_of(table, &setup.context, n);
        let plain = table.next(&context, Smoothing::None, 0);
        let next = match setup.smoothing() {
            Smoothing::None => plain.clone(),
            smoothing => table.next(&context, smoothing, UNSEEN_SHOWN),
        };
        let before = self.shown.take();
        let same = before.filter(|shown| (shown.key.0, shown.key.1) == (key.0, key.1));
        let (commonest, old) = match same {
            Some(shown) => (
                shown.commonest,
                Some((shown.cells, shown.version, shown.context)),
            ),
            None => (table.commonest(n, 100), None),
        };
        let prefix = |context: &[Symbol]| context[..context.len().saturating_sub(1)].to_vec();
        let (cells, version) = match old {
            Some((cells, version, old)) if prefix(&old) == prefix(&context) => (cells, version),
            _ => (
                squares(table, &prefix(&context), n),
                self.counting.next_version(),
            ),
        };
        self.shown = Some(Shown {
            key,
            context,
            plain,
            next,
            commonest,
            cells,
            version,
        });
    }

    fn take(&mut self, source: Source) {
        self.setup.source = source;
        self.setup.page = Page::Count;
        self.counting.forget_failure();
        self.written.clear();
    }

    /// Goes on writing by `n` symbols.
    fn write(&mut self, n: usize) {
        if let (Some((version, counted)), Some(shown)) = (self.counting.counted(), &self.shown) {
            let setup = &self.setup;
            let start = (
                version,
                setup.n,
                shown.context.clone(),
                setup.smoothing(),
                setup.seed,
            );
            self.written.go_on(&counted.table, start, n);
        }
    }

    /// How many symbols Run writes.
    fn n_at_once(&self) -> usize {
        match self.setup.unit {
            Unit::Letters => 200,
            Unit::Words => 50,
        }
    }
}

/// How often each of 27 letters follows each of 27, after `prefix`; nothing for words and single letters.
fn squares(table: &Table, prefix: &[Symbol], n: usize) -> Vec<f32> {
    if table.unit() == Unit::Words || n < 2 {
        return Vec::new();
    }
    let mut cells = vec![0.0; 27 * 27];
    for row in table.alphabet() {
        let context = [prefix, &[row]].concat();
        for (column, count) in table.continuations(&context) {
            cells[(row as usize - 1) * 27 + column as usize - 1] = count as f32;
        }
    }
    cells
}

/// Symbols as they are shown: a space between letters is seen.
fn visible(table: &Table, symbols: &[Symbol]) -> String {
    let text = table.text(symbols);
    match table.unit() {
        Unit::Letters => text.replace(' ', "␣"),
        Unit::Words => text,
    }
}

impl View<Desk> for NgramsView {
    fn poll(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        if self.visited {
            self.counting.poll(&self.setup, cx);
            if let Some((source, unit)) = self.counting.still_there(&self.setup) {
                (self.setup.source, self.setup.unit) = (source, unit);
            }
            self.ask();
        }
        let context = self.setup.context.as_str();
        let wanted = self.visited && self.setup.page == Page::Beside;
        self.beside.poll(wanted.then_some(context), desk, cx);
    }

    fn title(&self, _desk: &Desk) -> String {
        let name = self.setup.source.name();
        match self.setup.page {
            Page::Count => format!("What follows what in {name}"),
            Page::Predict => "What comes next, by the counts alone".into(),
            Page::Write => "Writing by drawing, as Shannon did in 1948".into(),
            Page::Size => "How large the table is, and how empty".into(),
            Page::Beside => "The same text before a transformer".into(),
        }
    }

    fn stage(&mut self, ui: &mut Ui, desk: &mut Desk, _cx: &mut TabContext<'_>) {
        self.visited = true;
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = theme::size::HALF;
            for page in Page::ALL {
                let button = egui::Button::selectable(self.setup.page == page, page.label());
                let button = ui.add(button.frame_when_inactive(true));
                if button.on_hover_text(page.hint()).clicked() {
                    self.setup.page = page;
                }
            }
        });
        ui.add_space(theme::size::HALF);
        self.counting.show_progress(ui);
        let Some((_, counted)) = self.counting.counted() else {
            self.counting.show_nothing(ui);
            return;
        };
        let Some(shown) = &self.shown else {
            return;
        };
        match self.setup.page {
            Page::Count => {
                let chosen = count_page::show(ui, counted, shown, &mut self.heat);
                self.setup.context = chosen.unwrap_or_else(|| self.setup.context.clone());
            }
            Page::Predict => {
                if let Some(next) = predict_page::show(ui, &counted.table, shown, &self.setup) {
                    self.setup.push(&next);
                }
            }
            Page::Write => write_page::show(ui, &counted.table, &self.setup, &mut self.written),
            Page::Size => size_page::show(ui, &counted.table, shown),
            Page::Beside => {
                beside_page::show(ui, &counted.table, shown, &self.setup, &self.beside, desk);
            }
        }
    }

    fn bench(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        bench::show(self, ui);
    }

    fn has_timeline(&self) -> bool {
        self.setup.page == Page::Write && !self.written.is_empty()
    }

    fn timeline(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        if let Some((_, counted)) = self.counting.counted() {
            write_page::timeline(ui, &counted.table, &mut self.written);
        }
    }

    fn status(&self, _desk: &Desk) -> Vec<StatusItem> {
        let Some((_, counted)) = self.counting.counted() else {
            return Vec::new();
        };
        vec![StatusItem {
            label: "n-grams".into(),
            value: format!("{} MB", grouped(counted.table.n_bytes().div_ceil(1 << 20))),
            tooltip: "Memory of the table of counts.".into(),
        }]
    }

    fn progress(&self) -> Option<Progress> {
        self.counting.progress()
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some([
            "Write",
            "Draw the next letters or words, one after the other.",
        ])
    }

    fn can(&self, command: Command, _desk: &Desk) -> bool {
        match command {
            Command::Run => self.shown.is_some() && !self.counting.is_running(),
            Command::Stop => self.counting.is_running(),
            _ => false,
        }
    }

    fn command(&mut self, command: Command, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        match command {
            Command::Run => {
                self.setup.page = Page::Write;
                self.write(self.n_at_once());
            }
            Command::Stop => self.counting.stop(),
            _ => {}
        }
    }

    fn accepts(&self, card: &Card) -> Option<String> {
        (card.kind == "text").then(|| "count what follows what in it".into())
    }

    fn open(&mut self, path: PathBuf, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        self.path = path.to_string_lossy().into_owned();
        self.take(Source::File(path));
    }

    fn save(&self) -> Value {
        serde_json::to_value(&self.setup).unwrap_or_default()
    }

    fn restore(&mut self, saved: &Value) {
        if let Ok(setup) = serde_json::from_value::<Setup>(saved.clone()) {
            self.setup = setup.checked();
        }
    }
}

/// A sentence under a heading on the stage.
fn sentence(ui: &mut Ui, words: impl Into<String>) {
    let weak = theme::palette(ui.ctx()).text_weak;
    ui.label(RichText::new(words).color(weak));
}
