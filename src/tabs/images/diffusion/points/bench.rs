//! The bench: train, what is learned, by which two methods, in how many steps, and the network.

use super::PointsView;
use super::presets;
use super::saving;
use super::setup::{MOST_WAYS, What};
use crate::labs::diffusion::plane::{Shape, moons, spiral};
use crate::tabs::TabContext;
use crate::tabs::images::plane::drawing::Drawn;
use crate::tabs::parts::{caption, choice, group, slider, wrapped};
use crate::theme::{self, size};
use crate::widgets::run_button::run_button;
use eframe::egui::{Button, DragValue, ScrollArea, Slider, Ui};

pub(super) const TRAIN_HINT: &str =
    "Both networks learn from points under noise where they came from, step by step.";

pub(super) fn show(view: &mut PointsView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let hints = [
        TRAIN_HINT,
        "Wait here: everything is kept, and training can go on.",
    ];
    if run_button(ui, view.trains, true, ["Train", "Pause"], hints).clicked() {
        view.trains = !view.trains;
    }
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            presets::show(view, ui);
            group(ui, "What is learned");
            shape(view, ui);
            group(ui, "Left");
            method(view, ui, 0);
            group(ui, "Right");
            method(view, ui, 1);
            group(ui, "From noise to data");
            way(view, ui, cx);
            group(ui, "Training");
            training(view, ui);
            group(ui, "Start");
            start(view, ui);
            group(ui, "Save");
            saving::bench(view, ui);
            ui.add_space(size::GROUP);
        });
}

fn shape(view: &mut PointsView, ui: &mut Ui) {
    wrapped(ui, |ui| {
        for (shape, name, hint) in [
            (spiral(), "Spiral", "One arm that turns nearly twice."),
            (
                moons(),
                "Moons",
                "Two half circles that reach into one another.",
            ),
            (
                Shape::TwoGaussians,
                "Two Gaussians",
                "Two clouds of points.",
            ),
            (
                Shape::FourDisjoint,
                "Four clouds",
                "Four clouds with nothing between them.",
            ),
            (Shape::Ring, "Ring", "Points around a circle."),
        ] {
            let is_on = view.setup.shape == shape && view.drawing.is_none();
            if choice(ui, is_on, name, hint) {
                view.setup.shape = shape;
                view.drawing = None;
            }
        }
        let hint = "Draw your own distribution with the pointer, on the stage.";
        if choice(ui, view.drawing.is_some(), "Draw…", hint) {
            view.begin_drawing();
        }
    });
}

impl PointsView {
    /// Begins to draw, on what was drawn before.
    fn begin_drawing(&mut self) {
        if !self.drawn_before.is_empty() {
            self.setup.shape = Shape::Drawn(self.drawn_before.clone());
        }
        self.drawing = Some(Drawn::of(self.drawn_before.clone()));
        self.asked = None;
        self.pane = super::Pane::Planes;
    }

    /// Takes what was drawn.
    pub(super) fn take_drawing(&mut self) {
        if let Some(drawn) = &self.drawing {
            self.setup.shape = Shape::Drawn(drawn.strokes().to_vec());
            self.drawn_before = drawn.strokes().to_vec();
        }
    }
}

fn method(view: &mut PointsView, ui: &mut Ui, side: usize) {
    ui.push_id(("method", side), |ui| {
        wrapped(ui, |ui| {
            for what in What::ALL {
                let is_shown = side == 0 || view.setup.both;
                let is_on = is_shown && view.setup.what[side] == what;
                if choice(ui, is_on, what.name(), what.hint()) {
                    view.setup.what[side] = what;
                    view.setup.both |= side == 1;
                }
            }
            let hint = "One plane only, larger.";
            if side == 1 && choice(ui, !view.setup.both, "Nothing", hint) {
                view.setup.both = false;
                view.asked = None;
            }
        });
    });
}

fn way(view: &mut PointsView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let setup = &mut view.setup;
    slider(
        ui,
        "steps",
        "In how many steps noise becomes data. The network is the same: few steps are long ones.",
        Slider::new(&mut setup.n_steps, 1..=100).logarithmic(true),
    );
    slider(
        ui,
        "points",
        "How many points of noise are led to the data.",
        Slider::new(&mut setup.n_points, 50..=2000).logarithmic(true),
    );
    slider(
        ui,
        "ways shown",
        "How many points have their ways drawn.",
        Slider::new(&mut setup.n_ways, 0..=MOST_WAYS),
    );
    measure_button(view, ui, cx);
}

/// Begins to measure by the number of steps.
pub(super) fn measure_button(view: &mut PointsView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let hint = "How far what comes out in 1, 2, 4, … 64 steps is from the data, in the last chart under “Curves”.";
    let button = Button::new("Measure by number of steps");
    let button = ui.add_enabled(!view.is_measuring(), button);
    if button.on_hover_text(hint).clicked() {
        view.measure_by_steps(cx);
    }
}

fn training(view: &mut PointsView, ui: &mut Ui) {
    let setup = &mut view.setup;
    slider(
        ui,
        "learning rate",
        "How far each step goes along the gradient (Adam). It can be changed at any time.",
        Slider::new(&mut setup.learning_rate, 1e-4..=3e-2)
            .logarithmic(true)
            .custom_formatter(|rate, _| format!("{rate:.4}")),
    );
    slider(
        ui,
        "batch",
        "Points under noise that a step learns from. A change begins anew.",
        Slider::new(&mut setup.batch, 16..=1024).logarithmic(true),
    );
    ui.horizontal(|ui| {
        theme::dress_sliders(ui);
        ui.spacing_mut().interact_size.x = 44.0;
        let label = ui.label("layers");
        let field = ui.add(DragValue::new(&mut setup.n_layers).range(1..=4).speed(0.05));
        field
            .labelled_by(label.id)
            .on_hover_text("Hidden layers. A change begins anew.");
        ui.add_space(size::GRID);
        let label = ui.label("neurons each");
        let field = ui.add(DragValue::new(&mut setup.width).range(4..=128).speed(0.3));
        field
            .labelled_by(label.id)
            .on_hover_text("Neurons of each hidden layer. A change begins anew.");
    });
}

fn start(view: &mut PointsView, ui: &mut Ui) {
    ui.horizontal(|ui| {
        theme::dress_sliders(ui);
        let hint = "Both networks begin again with new weights, drawn from the seed.";
        if ui.button("Start anew").on_hover_text(hint).clicked() {
            view.start_anew();
        }
        ui.add_space(size::GRID);
        let label = ui.label("seed");
        ui.add(DragValue::new(&mut view.setup.seed).speed(0.1))
            .labelled_by(label.id)
            .on_hover_text("Fixes everything random: the same seed and settings give the same networks and the same points.");
    });
    caption(
        ui,
        "Another shape, method, size or seed begins the training anew.",
    );
}
