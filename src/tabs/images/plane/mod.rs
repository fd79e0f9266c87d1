//! Two small networks fight over points on a plane, and everything they do can be seen.
//!
//! [`playing`] talks with the lab, [`film`] keeps what came before; [`stage`] arranges what is seen:
//! [`plot`] the plane, [`networks`], [`curves`]; [`asked`] is the equation of what was clicked.

pub(in crate::tabs::images) mod asked;
mod bench;
mod curves;
pub(in crate::tabs::images) mod drawing;
mod film;
pub(in crate::tabs::images) mod layers;
mod networks;
mod playing;
pub(in crate::tabs::images) mod plot;
mod pointing;
mod presets;
mod saving;
mod shelf;
mod stage;

use super::views::{Desk, View};
use crate::command::Command;
use crate::labs::gan::plane::Settings;
use crate::tabs::saving::Saving;
use crate::tabs::{StatusItem, TabContext};
use crate::widgets::network_diagram::DiagramState;
use asked::{Asked, Drawer};
use eframe::egui::Ui;
use film::Film;
use layers::Layers;
use playing::Playing;
use plot::Drawing;
use serde_json::{Value, json};
use stage::Pane;

/// The state of this view.
#[derive(Debug, Default)]
pub(super) struct PlaneView {
    /// What is set, told to the lab in the next poll.
    settings: Settings,
    playing: Playing,
    film: Film,
    layers: Layers,
    pane: Pane,
    /// What the stage has drawn, kept.
    drawing_of_turn: Drawing,
    diagrams: [DiagramState; 2],
    strip: shelf::Strip,
    /// What is drawn by hand, while it is.
    drawing: Option<drawing::Drawn>,
    /// What was drawn last, for the next time.
    drawn_before: Vec<Vec<[f32; 2]>>,
    /// The preset whose words are shown.
    preset: Option<usize>,
    /// What was clicked, and its equation.
    asked: Option<Asked>,
    drawer: Drawer,
    saving: Saving,
    /// Whether this view was ever shown: until then it makes nothing.
    shown: bool,
}

impl View<Desk> for PlaneView {
    fn poll(&mut self, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.saving.poll(cx);
        if self.shown {
            self.poll_playing(cx);
        }
    }

    fn title(&self, _desk: &Desk) -> String {
        match self.film.here() {
            Some(frame) => format!("Two networks fight: {}", shelf::label(frame)),
            None => "Two networks fight over points".into(),
        }
    }

    fn stage(&mut self, ui: &mut Ui, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.shown = true;
        stage::show(self, ui);
        self.saving.show(ui, cx);
    }

    fn bench(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        bench::show(self, ui);
    }

    fn has_timeline(&self) -> bool {
        true
    }

    fn timeline(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        shelf::timeline(self, ui);
    }

    fn has_explain(&self) -> bool {
        self.asked.is_some()
    }

    fn explain(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        asked::show(self, ui);
    }

    fn status(&self, _desk: &Desk) -> Vec<StatusItem> {
        let mut items = vec![StatusItem {
            label: "seed".into(),
            value: self.settings.seed.to_string(),
            tooltip: "Fixes everything random in this training.".into(),
        }];
        if self.playing.is_playing() && self.playing.turns_per_sec > 0.0 {
            items.push(StatusItem {
                label: "training".into(),
                value: format!("{:.0} turns/s", self.playing.turns_per_sec),
                tooltip: "Turns done in a second lately.".into(),
            });
        }
        items
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some([
            "Play",
            "Let both networks take turns, one after the other, from what is on the stage.",
        ])
    }

    fn can(&self, command: Command, _desk: &Desk) -> bool {
        match command {
            Command::Run => !self.playing.is_playing(),
            Command::Stop => self.playing.is_playing(),
            Command::ExportJson => self.film.here().is_some(),
            _ => false,
        }
    }

    fn command(&mut self, command: Command, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        match command {
            Command::Run => self.play(),
            Command::Stop => self.pause(),
            Command::ExportJson => self.save_numbers(),
            _ => {}
        }
    }

    fn save(&self) -> Value {
        json!({
            "settings": self.settings,
            "layers": self.layers,
            "speed": self.playing.speed,
            "unlimited": self.playing.unlimited,
            "drawn": self.drawn_before,
        })
    }

    fn restore(&mut self, saved: &Value) {
        if let Ok(settings) = serde_json::from_value::<Settings>(saved["settings"].clone()) {
            self.settings = settings.checked();
        }
        if let Ok(layers) = serde_json::from_value(saved["layers"].clone()) {
            self.layers = layers;
        }
        if let Ok(speed) = serde_json::from_value::<f32>(saved["speed"].clone()) {
            self.playing.speed = speed.clamp(0.5, 200.0);
        }
        if let Ok(unlimited) = serde_json::from_value(saved["unlimited"].clone()) {
            self.playing.unlimited = unlimited;
        }
        if let Ok(drawn) = serde_json::from_value(saved["drawn"].clone()) {
            self.drawn_before = drawn;
        }
        self.playing.tell_speed();
    }
}
