//! How surprised models are by a text: every token coloured by its bits, two models at once, what each
//! had expected instead.

mod details;
mod reading;
mod totals;

use super::views::{Desk, View};
use super::{text_panel, views};
use crate::command::Command;
use crate::files::card::Card;
use crate::tabs::parts::{caption, choice, group, part, wrapped};
use crate::tabs::{Progress, StatusItem, TabContext};
use crate::theme;
use crate::widgets::surprise_text::{SurpriseText, legend};
use crate::widgets::timeline::{Step, Timeline};
use eframe::egui::{self, Rect, RichText, ScrollArea, Ui, pos2};
use reading::Reading;
use serde_json::{Value, json};
use std::path::PathBuf;

/// The height of the part below the texts.
const BELOW: f32 = 250.0;

/// Texts with something unexpected in them.
const TEXTS: [[&str; 2]; 3] = [
    [
        "A wrong capital",
        "The capital of France is Paris. The capital of Italy is Berlin.",
    ],
    [
        "One odd word",
        "She opened the door, took off her coat and hung the elephant on the hook.",
    ],
    [
        "Words shuffled",
        "off the She and on hook the coat the took opened her hung door it.",
    ],
];

/// A timeline of more tokens would be a hedge.
const MOST_STEPS: usize = 2_000;

/// The view.
#[derive(Debug)]
pub(super) struct SurpriseView {
    /// The chapter's model, and the second one beside it.
    readings: [Option<Reading>; 2],
    /// Whether a second model reads, too.
    is_double: bool,
    /// The reading and the token that is looked at.
    selected: Option<[usize; 2]>,
    /// From how many bits on a colour is the deepest.
    most_bits: f32,
    /// Whether it was drawn since the last poll.
    is_shown: bool,
    /// Whether Run was pressed: what was stopped begins again.
    again: bool,
    /// The text at which Stop was pressed: nothing new begins at it.
    stopped_at: Option<String>,
}

impl Default for SurpriseView {
    fn default() -> Self {
        Self {
            readings: [None, None],
            is_double: true,
            selected: None,
            most_bits: 12.0,
            is_shown: false,
            again: false,
            stopped_at: None,
        }
    }
}

impl View<Desk> for SurpriseView {
    fn poll(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        for reading in self.readings.iter_mut().flatten() {
            reading.poll(cx);
        }
        if !std::mem::take(&mut self.is_shown) {
            return;
        }
        let again = std::mem::take(&mut self.again);
        let second = desk.second.current().filter(|_| self.is_double);
        let text = desk.text.text();
        if again || self.stopped_at.as_deref() != Some(text) {
            self.stopped_at = None;
        }
        for (i, loaded) in [desk.model.current(), second].into_iter().enumerate() {
            let is_first_busy =
                i == 1 && self.readings[0].as_ref().is_some_and(Reading::is_running);
            let reading = &mut self.readings[i];
            let Some(loaded) = loaded.filter(|_| !text.is_empty()) else {
                *reading = None;
                continue;
            };
            let is_kept = reading.as_ref().is_some_and(|reading| {
                reading.is_of(loaded, text)
                    && !(again && !reading.is_whole && !reading.is_running())
            });
            if is_kept || self.stopped_at.is_some() {
                continue;
            }
            // One after the other: two at once would take each other's time.
            *reading = (!is_first_busy).then(|| Reading::begin(loaded, text, cx));
            self.selected = self.selected.filter(|at| at[0] != i);
        }
    }

    fn title(&self, desk: &Desk) -> String {
        let second = desk.second.current().filter(|_| self.is_double);
        match (desk.model.current(), second) {
            (Some(first), Some(second)) => format!(
                "How unexpected every token is to {} and to {}",
                first.name, second.name
            ),
            (Some(first), None) => format!("How unexpected every token is to {}", first.name),
            _ => "How unexpected every token is".into(),
        }
    }

    fn stage(&mut self, ui: &mut Ui, desk: &mut Desk, _cx: &mut TabContext<'_>) {
        self.is_shown = true;
        if self.is_double {
            desk.second.want();
        }
        if self.readings.iter().all(Option::is_none) {
            caption(
                ui,
                "Write or paste a text on the right: it is read at once.",
            );
            return;
        }
        totals::show(ui, &self.readings);
        ui.add_space(theme::size::GRID);
        let area = ui.available_rect_before_wrap();
        let below = BELOW.min(area.height() * 0.5);
        let (above, below) = area.split_top_bottom_at_y(area.bottom() - below);
        self.texts(ui, above);
        let gap = theme::size::GRID;
        let below = Rect::from_min_max(below.min + egui::vec2(0.0, gap), below.max);
        details::show(ui, below, &self.readings, &mut self.selected);
    }

    fn bench(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        text_panel::show(ui, desk);
        let loaded = desk.model.current();
        let has_words = loaded.is_some_and(|loaded| loaded.tokenizer.is_some());
        wrapped(ui, |ui| {
            for [name, text] in TEXTS.into_iter().filter(|_| has_words) {
                let name = RichText::new(name).small();
                if ui.button(name).on_hover_text(text).clicked() {
                    desk.text.take(text);
                }
            }
        });
        group(ui, "Models");
        wrapped(ui, |ui| {
            let one = "Only the model of the chapter reads.";
            if choice(ui, !self.is_double, "One", one) {
                self.is_double = false;
            }
            let two = "A second model reads the same text: where do they differ?";
            if choice(ui, self.is_double, "Two at once", two) {
                self.is_double = true;
            }
        });
        if self.is_double {
            desk.show_second(ui, cx);
        }
        group(ui, "Colours");
        crate::tabs::parts::slider(
            ui,
            "Deepest from (bits)",
            "From how many bits of surprise on the colour is the deepest.",
            egui::Slider::new(&mut self.most_bits, 2.0..=20.0).step_by(1.0),
        );
    }

    fn has_timeline(&self) -> bool {
        let first = self.readings[0].as_ref();
        first.is_some_and(|reading| !reading.told.is_empty() && reading.pieces.len() <= MOST_STEPS)
    }

    fn timeline(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        let side = self.selected.map_or(0, |at| at[0]);
        let Some(reading) = &self.readings[side] else {
            return;
        };
        let words: Vec<String> = reading.pieces.iter().map(totals::visible).collect();
        let steps = words.iter().enumerate().map(|(i, label)| Step {
            label,
            value: reading.bits(i).unwrap_or(0.0),
            branches: false,
        });
        let steps: Vec<Step<'_>> = steps.collect();
        let selected = self.selected.map(|at| at[1]);
        let strip = Timeline::new("Tokens, by surprise", "bits", &steps, selected);
        if let Some(step) = strip.show(ui) {
            self.selected = Some([side, step]);
        }
    }

    fn status(&self, _desk: &Desk) -> Vec<StatusItem> {
        let item = |reading: &Reading| {
            let perplexity = reading.totals.perplexity()?;
            Some(StatusItem {
                label: format!("perplexity, {}", reading.loaded.name),
                value: format!("{perplexity:.1}"),
                tooltip: "As if the model had to guess among that many equally likely tokens each time: two to the power of the mean surprise.".into(),
            })
        };
        self.readings.iter().flatten().filter_map(item).collect()
    }

    fn progress(&self) -> Option<Progress> {
        self.readings.iter().flatten().find_map(Reading::progress)
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some([
            "Read on",
            "Reads a text anew that was stopped before its end.",
        ])
    }

    fn can(&self, command: Command, _desk: &Desk) -> bool {
        let mut readings = self.readings.iter().flatten();
        match command {
            Command::Stop => readings.any(Reading::is_running),
            Command::Run => {
                let is_cut = |reading: &Reading| !reading.is_running() && !reading.is_whole;
                self.stopped_at.is_some() || readings.any(is_cut)
            }
            _ => false,
        }
    }

    fn command(&mut self, command: Command, desk: &mut Desk, _cx: &mut TabContext<'_>) {
        match command {
            Command::Stop => {
                self.stopped_at = Some(desk.text.text().to_owned());
                for reading in self.readings.iter_mut().flatten() {
                    reading.stop();
                }
            }
            Command::Run => self.again = true,
            _ => {}
        }
    }

    fn accepts(&self, card: &Card) -> Option<String> {
        views::is_text_model(card).then(|| "compare it as the second model".into())
    }

    fn open(&mut self, path: PathBuf, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.is_double = true;
        desk.second.open(path, cx);
    }

    fn save(&self) -> Value {
        json!({ "is_double": self.is_double, "most_bits": self.most_bits })
    }

    fn restore(&mut self, saved: &Value) {
        self.is_double = saved["is_double"].as_bool().unwrap_or(true);
        let most = saved["most_bits"].as_f64().unwrap_or(12.0) as f32;
        self.most_bits = most.clamp(2.0, 20.0);
    }
}

impl SurpriseView {
    /// The coloured texts, side by side.
    fn texts(&mut self, ui: &mut Ui, area: Rect) {
        let n = if self.is_double { 2 } else { 1 };
        let gap = theme::size::GRID * 2.0;
        let width = (area.width() - gap * (n - 1) as f32) / n as f32;
        let mut left = area.left();
        let mut clicked = None;
        for (side, reading) in self.readings.iter_mut().enumerate() {
            let Some(reading) = reading else { continue };
            let column =
                Rect::from_min_max(pos2(left, area.top()), pos2(left + width, area.bottom()));
            left += width + gap;
            let selected = self.selected.filter(|at| at[0] == side).map(|at| at[1]);
            let most_bits = self.most_bits;
            part(ui, column, |ui| {
                ui.horizontal(|ui| {
                    let name = RichText::new(&reading.loaded.name);
                    ui.label(name.text_style(theme::style::strong()));
                    if side == 0 {
                        legend(ui, most_bits);
                    }
                });
                if let Some(refusal) = &reading.refused {
                    let warning = theme::palette(ui.ctx()).warning;
                    ui.label(RichText::new(&refusal.what).color(warning));
                    ui.label(&refusal.evidence);
                    ui.label(&refusal.next);
                }
                let id = ("surprise of a text", side);
                ScrollArea::vertical()
                    .id_salt(id)
                    .auto_shrink(false)
                    .show(ui, |ui| {
                        if let Some(i) = text(ui, reading, selected, most_bits) {
                            clicked = Some([side, i]);
                        }
                    });
            });
        }
        self.selected = clicked.or(self.selected);
    }
}

fn text(
    ui: &mut Ui,
    reading: &mut Reading,
    selected: Option<usize>,
    most_bits: f32,
) -> Option<usize> {
    let mut places = std::mem::take(&mut reading.places);
    let text = SurpriseText {
        name: &reading.loaded.name,
        pieces: &reading.pieces,
        bits: &|i| reading.bits(i),
        most_bits,
        selected,
        version: reading.version,
    };
    let clicked = text.show(ui, &mut places);
    reading.places = places;
    clicked
}
