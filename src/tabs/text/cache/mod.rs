//! The key/value cache: what a model keeps of a text, how much memory that is, and what it saves: the
//! time of every token with it and without it, measured live.

mod kept;
mod racing;

use super::text_panel;
use super::views::{Desk, View};
use crate::command::Command;
use crate::tabs::parts::{caption, group, part, slider};
use crate::tabs::{Progress, StatusItem, TabContext};
use crate::theme;
use eframe::egui::{Slider, Ui};
use kept::Keeping;
use racing::Race;
use serde_json::{Value, json};

/// The height of the race below what is kept.
const RACE: f32 = 216.0;

/// The view.
#[derive(Debug)]
pub(super) struct CacheView {
    keeping: Keeping,
    race: Option<Race>,
    /// How many tokens a race writes.
    n_tokens: usize,
    /// Whether it was drawn since the last poll.
    is_shown: bool,
}

impl Default for CacheView {
    fn default() -> Self {
        Self {
            keeping: Keeping::default(),
            race: None,
            n_tokens: 32,
            is_shown: false,
        }
    }
}

impl View<Desk> for CacheView {
    fn poll(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.keeping.poll(cx);
        if let Some(race) = &mut self.race {
            race.poll(cx);
        }
        if !std::mem::take(&mut self.is_shown) {
            return;
        }
        if let Some(loaded) = desk.model.current() {
            self.keeping.wish(loaded, desk.text.ids(), cx);
        }
    }

    fn title(&self, desk: &Desk) -> String {
        match desk.model.current() {
            Some(loaded) => format!("What {} keeps of a text, and what that saves", loaded.name),
            None => "What a model keeps of a text, and what that saves".into(),
        }
    }

    fn stage(&mut self, ui: &mut Ui, desk: &mut Desk, _cx: &mut TabContext<'_>) {
        self.is_shown = true;
        let Some(loaded) = desk.model.current() else {
            return;
        };
        if desk.text.ids().is_empty() {
            caption(ui, "Write a few words on the right.");
            return;
        }
        let n = desk.text.ids().len();
        kept::formula(ui, loaded, n);
        if n > loaded.n_ctx {
            let n_ctx = loaded.n_ctx;
            caption(
                ui,
                format!(
                    "The text has {n} tokens; the model sees {n_ctx} at once, so its first {n_ctx} are kept."
                ),
            );
        }
        ui.add_space(theme::size::GRID);
        let area = ui.available_rect_before_wrap();
        let below = RACE.min(area.height() * 0.5);
        let (above, below) = area.split_top_bottom_at_y(area.bottom() - below);
        let mut clicked = None;
        part(ui, above, |ui| {
            clicked = self.keeping.show(ui, desk.text.pieces(), &desk.explain);
        });
        part(ui, below, |ui| racing::show(ui, self.race.as_ref()));
        if let Some(place) = clicked {
            desk.explain_cell(place);
        }
        if desk.explain.place().is_some() {
            desk.want_trace();
        }
    }

    fn bench(&mut self, ui: &mut Ui, desk: &mut Desk, _cx: &mut TabContext<'_>) {
        text_panel::show(ui, desk);
        if let Some(loaded) = desk.model.current() {
            self.keeping.bench(ui, loaded);
        }
        group(ui, "Race: with the cache and without");
        slider(
            ui,
            "Tokens to write",
            "How many tokens are written both ways; without the cache each one reads the whole text again.",
            Slider::new(&mut self.n_tokens, 4..=256),
        );
        caption(ui, "Run writes on both ways, always the most likely token.");
    }

    fn status(&self, desk: &Desk) -> Vec<StatusItem> {
        let Some(loaded) = desk.model.current() else {
            return Vec::new();
        };
        vec![StatusItem {
            label: "cache".into(),
            value: kept::memory(kept::size_of(loaded).bytes(desk.text.ids().len())),
            tooltip: "What the keys and values of this text take, in f32.".into(),
        }]
    }

    fn progress(&self) -> Option<Progress> {
        let race = self.race.as_ref().and_then(Race::progress);
        race.or_else(|| self.keeping.progress())
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some([
            "Race",
            "Writes on with the cache and without it, and measures the time of every token.",
        ])
    }

    fn can(&self, command: Command, desk: &Desk) -> bool {
        let is_racing = self.race.as_ref().is_some_and(Race::is_running);
        match command {
            Command::Run => {
                !is_racing && desk.model.current().is_some() && !desk.text.ids().is_empty()
            }
            Command::Stop => is_racing,
            _ => false,
        }
    }

    fn command(&mut self, command: Command, desk: &mut Desk, cx: &mut TabContext<'_>) {
        match (command, desk.model.current()) {
            (Command::Run, Some(loaded)) => {
                let ids = desk.text.ids().to_vec();
                self.race = Some(Race::begin(loaded, ids, self.n_tokens, cx));
            }
            (Command::Stop, _) => {
                if let Some(race) = &mut self.race {
                    race.stop();
                }
            }
            _ => {}
        }
    }

    fn save(&self) -> Value {
        json!({ "n_tokens": self.n_tokens })
    }

    fn restore(&mut self, saved: &Value) {
        if let Some(n) = saved["n_tokens"].as_u64() {
            self.n_tokens = (n as usize).clamp(4, 256);
        }
    }
}
