//! Two models in lock-step: the same text at the same stage of both, and what differs there, with the
//! real numbers of each. Space goes on to the next stage, the arrow keys back and forth.

mod answers;
mod mlp;
mod norms;
mod positions;
mod side;
mod stages;

use super::text_panel;
use super::views::{Desk, View, is_text_model};
use crate::command::Command;
use crate::files::card::Card;
use crate::labs::inside::{At, Place, SiteName};
use crate::labs::text::LoadedText;
use crate::tabs::parts::{caption, choice, group, part, slider, wrapped};
use crate::tabs::{Progress, TabContext};
use crate::theme;
use crate::widgets::count::grouped;
use answers::Answers;
use eframe::egui::{Key, Rect, RichText, Slider, Ui, pos2};
use serde_json::{Value, json};
use side::Side;
use stages::Stage;
use std::path::PathBuf;
use std::sync::Arc;

/// The most positions that can be stepped through.
const N_POSITIONS: usize = 128;

/// The view.
#[derive(Debug, Default)]
pub(super) struct TwoModelsView {
    stage: Stage,
    sides: [Side; 2],
    answers: Answers,
    at: Spot,
    /// Whether it was drawn since the last poll.
    is_shown: bool,
}

/// Where in both models is looked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spot {
    /// From the first block, 0, to the last, 100.
    pub(super) depth_percent: usize,
    /// The token of the first model; in the second the one that covers the same byte.
    pub(super) token: usize,
    /// The position, where positions are looked at.
    pub(super) position: usize,
}

impl Default for Spot {
    fn default() -> Self {
        Self {
            depth_percent: 40,
            token: 1,
            position: 5,
        }
    }
}

impl Spot {
    /// The block of a model with so many.
    pub(super) fn block(self, loaded: &LoadedText) -> usize {
        let last = loaded.config.n_layers.saturating_sub(1);
        (self.depth_percent * last + 50) / 100
    }
}

impl View<Desk> for TwoModelsView {
    fn poll(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        for side in &mut self.sides {
            side.poll(cx);
        }
        self.answers.poll(cx);
        if !std::mem::take(&mut self.is_shown) {
            return;
        }
        let models = [desk.model.current(), desk.second.current()];
        for (side, loaded) in self.sides.iter_mut().zip(models) {
            if let Some(loaded) = loaded {
                side.wish(loaded, desk.text.text(), self.at.block(loaded), cx);
            }
        }
    }

    fn title(&self, desk: &Desk) -> String {
        match (desk.model.current(), desk.second.current()) {
            (Some(first), Some(second)) => {
                format!(
                    "{} beside {}: {}",
                    first.name,
                    second.name,
                    self.stage.title()
                )
            }
            _ => format!("Two models: {}", self.stage.title()),
        }
    }

    fn stage(&mut self, ui: &mut Ui, desk: &mut Desk, _cx: &mut TabContext<'_>) {
        self.is_shown = true;
        desk.second.want();
        self.keys(ui);
        wrapped(ui, |ui| {
            for stage in Stage::ALL {
                if choice(ui, stage == self.stage, stage.label(), stage.hint()) {
                    self.stage = stage;
                }
            }
        });
        ui.label(self.stage.sentence());
        ui.add_space(theme::size::GRID);
        let models = [desk.model.current(), desk.second.current()];
        let area = ui.available_rect_before_wrap();
        let gap = theme::size::GRID * 2.0;
        let width = (area.width() - gap) * 0.5;
        let mut clicked = None;
        for (i, loaded) in models.into_iter().enumerate() {
            let left = area.left() + (width + gap) * i as f32;
            let column =
                Rect::from_min_max(pos2(left, area.top()), pos2(left + width, area.bottom()));
            part(ui, column, |ui| match loaded {
                Some(loaded) => {
                    let explained = desk.explain.place().filter(|_| i == 0);
                    clicked = self.column(ui, i, loaded, explained).or(clicked);
                }
                None => _ = caption(ui, "The second model is on its way."),
            });
        }
        // The pass that is explained is the chapter's model's, over the text at hand.
        let is_same_text = self.sides[0].pieces == desk.text.pieces();
        if let Some(place) = clicked.filter(|_| is_same_text) {
            desk.explain_cell(place);
        }
        if desk.explain.place().is_some() {
            desk.want_trace();
        }
    }

    fn bench(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        text_panel::show(ui, desk);
        desk.show_second(ui, cx);
        group(ui, "Where to look");
        if self.stage.has_blocks() {
            slider(
                ui,
                "Depth (percent)",
                "The block looked at, from the first of each model (0) to the last (100).",
                Slider::new(&mut self.at.depth_percent, 0..=100),
            );
            let last = self.sides[0].pieces.len().saturating_sub(1);
            self.at.token = self.at.token.min(last);
            slider(
                ui,
                "Token",
                "The token looked at; the second model's is the one that covers the same letters.",
                Slider::new(&mut self.at.token, 0..=last),
            );
        } else if self.stage == Stage::Positions {
            slider(
                ui,
                "Position",
                "The place in the text, from 0: watch the dials turn.",
                Slider::new(&mut self.at.position, 0..=N_POSITIONS - 1),
            );
        } else {
            caption(ui, "Nothing to choose at this stage.");
        }
    }

    fn progress(&self) -> Option<Progress> {
        let reading = self.sides.iter().find_map(Side::progress);
        reading.or_else(|| self.answers.progress())
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some([
            "Answer",
            "Both models answer the text; one that was taught to chat also as a chat.",
        ])
    }

    fn can(&self, command: Command, desk: &Desk) -> bool {
        match command {
            Command::Run => {
                let are_there = desk.model.current().is_some() && desk.second.current().is_some();
                are_there && !self.answers.is_running() && !desk.text.text().is_empty()
            }
            Command::Stop => self.answers.is_running(),
            _ => false,
        }
    }

    fn command(&mut self, command: Command, desk: &mut Desk, cx: &mut TabContext<'_>) {
        match (command, desk.model.current(), desk.second.current()) {
            (Command::Run, Some(first), Some(second)) => {
                self.stage = Stage::Answers;
                let models = [Arc::clone(first), Arc::clone(second)];
                self.answers.begin(models, desk.text.text(), cx);
            }
            (Command::Stop, ..) => self.answers.stop(),
            _ => {}
        }
    }

    fn accepts(&self, card: &Card) -> Option<String> {
        is_text_model(card).then(|| "compare it as the second model".into())
    }

    fn open(&mut self, path: PathBuf, desk: &mut Desk, cx: &mut TabContext<'_>) {
        desk.second.open(path, cx);
    }

    fn save(&self) -> Value {
        json!({ "stage": self.stage, "depth_percent": self.at.depth_percent })
    }

    fn restore(&mut self, saved: &Value) {
        if let Ok(stage) = serde_json::from_value(saved["stage"].clone()) {
            self.stage = stage;
        }
        let depth = saved["depth_percent"].as_u64().unwrap_or(40);
        self.at.depth_percent = depth.min(100) as usize;
    }
}

impl TwoModelsView {
    /// Space and the arrow keys, where nobody types.
    fn keys(&mut self, ui: &Ui) {
        if ui.memory(|memory| memory.focused().is_some()) {
            return;
        }
        let pressed = |key| ui.input(|input| input.key_pressed(key));
        if pressed(Key::Space) || pressed(Key::ArrowRight) {
            self.stage = self.stage.next();
        } else if pressed(Key::ArrowLeft) {
            self.stage = self.stage.before();
        }
    }

    /// One model at the stage. Returns the number of the first one's pass that was clicked; `explained`
    /// is the one whose equation is open.
    fn column(
        &self,
        ui: &mut Ui,
        i: usize,
        loaded: &LoadedText,
        explained: Option<Place>,
    ) -> Option<Place> {
        let config = &loaded.config;
        ui.label(RichText::new(&loaded.name).text_style(theme::style::strong()));
        let kind = if config.architecture == "gpt2" {
            "GPT-2"
        } else {
            "Llama"
        };
        caption(
            ui,
            format!(
                "{kind}'s architecture: {} blocks, {} numbers wide",
                config.n_layers, config.d_model
            ),
        );
        if self.sides[i].pieces.len() > loaded.n_ctx {
            let n_ctx = grouped(loaded.n_ctx);
            caption(
                ui,
                format!("It sees {n_ctx} tokens at once: the first of the text."),
            );
        }
        let token = self.token_of(i);
        let side = &self.sides[i];
        if let Some(refusal) = &side.refused {
            let warning = theme::palette(ui.ctx()).warning;
            ui.label(RichText::new(&refusal.what).color(warning));
            ui.label(&refusal.evidence);
            ui.label(&refusal.next);
        }
        let block = side.numbers.as_ref().map_or(0, |numbers| numbers.block);
        let [norm, mlp] = [SiteName::Ln1, SiteName::MlpPost].map(|site| At::block(site, block));
        let selected = |at: At| {
            let place = explained.filter(|place| place.at == at && place.row == token);
            place.map(|place| place.column)
        };
        let (at, column) = match self.stage {
            Stage::Norm => (norm, norms::show(ui, side, token, selected(norm))),
            Stage::Mlp => (mlp, mlp::show(ui, side, token, selected(mlp))),
            stage => {
                self.plain(ui, i, loaded, stage);
                return None;
            }
        };
        let column = column.filter(|_| i == 0)?;
        let row = token;
        Some(Place { at, row, column })
    }

    /// One model at a stage whose numbers are not asked for.
    fn plain(&self, ui: &mut Ui, i: usize, loaded: &LoadedText, stage: Stage) {
        let side = &self.sides[i];
        match stage {
            Stage::Tokens => stages::tokens(ui, loaded, side),
            Stage::Positions => positions::show(ui, side, self.at.position, N_POSITIONS),
            Stage::Heads => stages::heads(ui, loaded),
            Stage::Next => stages::next(ui, loaded, side),
            Stage::Answers => self.answers.show(ui, i, loaded),
            Stage::Norm | Stage::Mlp => {}
        }
    }

    /// The token looked at in a model: in the second the one that covers the first byte of the first's.
    fn token_of(&self, i: usize) -> usize {
        if i == 0 {
            return self.at.token;
        }
        let first = self.sides[0].pieces.iter().take(self.at.token);
        let start: usize = first.filter(|p| !p.special).map(|p| p.bytes.len()).sum();
        let mut end = 0;
        let covers = |piece: &super::text_at_hand::Piece| {
            end += if piece.special { 0 } else { piece.bytes.len() };
            end > start
        };
        let pieces = &self.sides[1].pieces;
        pieces
            .iter()
            .position(covers)
            .unwrap_or(pieces.len().saturating_sub(1))
    }
}
