//! Diffusion on the plane: noise becomes a shape, point by point, and everything that leads it there can
//! be seen: an arrow at every place and moment, the ways of single points, diffusion beside flow matching.
//!
//! [`side`] trains one of the two networks and looks at it, [`setup`] is what a person chose; [`stage`]
//! arranges [`plot`] and [`charts`], [`strip`] is the way from noise to data, [`asked`] the equation of
//! what was clicked.

mod asked;
mod bench;
mod charts;
mod layers;
mod plot;
mod presets;
mod saving;
mod setup;
mod side;
mod stage;
mod strip;

use crate::command::Command;
use crate::labs::diffusion::plane::Look;
use crate::tabs::images::plane::drawing::Drawn;
use crate::tabs::images::views::{Desk, View};
use crate::tabs::saving::Saving;
use crate::tabs::{Progress, StatusItem, TabContext};
use crate::widgets::film_strip::FilmState;
use asked::Asked;
use eframe::egui::Ui;
use layers::Layers;
use plot::Plot;
use serde_json::{Value, json};
use setup::Setup;
use side::Side;
use stage::Pane;
use std::sync::Arc;

/// The state of this view.
#[derive(Debug, Default)]
pub(in crate::tabs::images) struct PointsView {
    setup: Setup,
    /// The left one and the right one.
    sides: [Side; 2],
    /// Whether they learn.
    trains: bool,
    /// The step of the way that is on the stage; `None` is its end.
    step: Option<usize>,
    layers: Layers,
    pane: Pane,
    plots: [Plot; 2],
    strip: FilmState,
    /// What is drawn by hand, while it is.
    drawing: Option<Drawn>,
    /// What was drawn last, for the next time.
    drawn_before: Vec<Vec<[f32; 2]>>,
    asked: Option<Asked>,
    drawer: asked::Drawer,
    saving: Saving,
    /// Whether this view was ever shown: until then it makes nothing.
    shown: bool,
}

impl PointsView {
    /// The sides that are shown: one, or both.
    fn n_sides(&self) -> usize {
        if self.setup.both { 2 } else { 1 }
    }

    /// The step of the way that is on the stage.
    fn here(&self) -> usize {
        let last = self.setup.n_steps;
        self.step.map_or(last, |step| step.min(last))
    }

    /// The moment on the stage, from 1 (noise) to 0 (data).
    fn time(&self) -> f64 {
        1.0 - self.here() as f64 / self.setup.n_steps.max(1) as f64
    }

    /// What there is to see of a side.
    fn look(&self, side: usize) -> Option<Arc<Look>> {
        self.sides.get(side)?.look()
    }

    /// Both networks start anew, from the seed.
    fn start_anew(&mut self) {
        self.sides.iter_mut().for_each(Side::start_anew);
    }

    /// Measures what comes out in few steps and in many.
    fn measure_by_steps(&mut self, cx: &mut TabContext<'_>) {
        let n = self.n_sides();
        for side in self.sides.iter_mut().take(n) {
            side.measure_by_steps(cx);
        }
        self.pane = Pane::Curves;
    }

    fn is_measuring(&self) -> bool {
        self.sides.iter().any(Side::is_measuring)
    }
}

impl View<Desk> for PointsView {
    fn poll(&mut self, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.saving.poll(cx);
        if !self.shown {
            return;
        }
        let wanted = self.setup.wanted();
        let n = self.n_sides();
        for (i, side) in self.sides.iter_mut().enumerate() {
            if i >= n {
                side.rest();
                continue;
            }
            let settings = self.setup.settings(i);
            if !side.poll(&settings, self.setup.seed, self.trains, wanted, cx) {
                self.trains = false;
            }
        }
    }

    fn title(&self, _desk: &Desk) -> String {
        let n = self.setup.n_steps;
        match self.here() {
            0 => "Points: nothing but noise (s = 1)".into(),
            here if here == n => "Points: from noise to data (s = 0)".into(),
            here => format!("Points: step {here} of {n} (s = {:.2})", self.time()),
        }
    }

    fn stage(&mut self, ui: &mut Ui, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.shown = true;
        self.saving.show(ui, cx);
        stage::show(self, ui, cx);
    }

    fn bench(&mut self, ui: &mut Ui, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        bench::show(self, ui, cx);
    }

    fn has_timeline(&self) -> bool {
        true
    }

    fn timeline(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        strip::show(self, ui);
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
            value: self.setup.seed.to_string(),
            tooltip:
                "Fixes the weights at the start, every batch and the noise that becomes points."
                    .into(),
        }];
        let sides = self.sides.iter().take(self.n_sides());
        let rates: Vec<String> = sides
            .filter(|side| self.trains && side.steps_per_sec > 0.0)
            .map(|side| format!("{:.0}", side.steps_per_sec))
            .collect();
        if !rates.is_empty() {
            items.push(StatusItem {
                label: "training".into(),
                value: format!("{} steps/s", rates.join(" + ")),
                tooltip: "Steps of training in a second lately, left and right.".into(),
            });
        }
        items
    }

    fn progress(&self) -> Option<Progress> {
        let mut sides = self.sides.iter().filter(|side| side.is_measuring());
        let fraction = sides.next()?.measured_part();
        Some(Progress {
            label: "Measuring by number of steps".into(),
            fraction: Some(fraction),
        })
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some(["Train", bench::TRAIN_HINT])
    }

    fn can(&self, command: Command, _desk: &Desk) -> bool {
        match command {
            Command::Run => !self.trains,
            Command::Stop => self.trains || self.is_measuring(),
            _ => false,
        }
    }

    fn command(&mut self, command: Command, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        match command {
            Command::Run => self.trains = true,
            Command::Stop => {
                self.trains = false;
                self.sides.iter_mut().for_each(Side::stop_measuring);
            }
            _ => {}
        }
    }

    fn save(&self) -> Value {
        json!({
            "setup": self.setup,
            "layers": self.layers,
            "drawn": self.drawn_before,
        })
    }

    fn restore(&mut self, saved: &Value) {
        if let Ok(setup) = serde_json::from_value::<Setup>(saved["setup"].clone()) {
            self.setup = setup.checked();
        }
        if let Ok(layers) = serde_json::from_value(saved["layers"].clone()) {
            self.layers = layers;
        }
        if let Ok(drawn) = serde_json::from_value(saved["drawn"].clone()) {
            self.drawn_before = drawn;
        }
    }
}
