//! The bench: play and step, what is real, the loss, and how each network is built and trained. All of
//! it may be changed while it runs.

use super::PlaneView;
use super::networks::PLAYERS;
use super::{presets, saving, shelf};
use crate::labs::gan::Loss;
use crate::labs::gan::plane::{Noise, Optimizer, Player, Press, Settings, Shape, Training};
use crate::tabs::parts::{caption, choice, group, wrapped};
use crate::theme::{self, size};
use crate::widgets::run_button::run_button;
use eframe::egui::{Button, DragValue, ScrollArea, Slider, Ui};

pub(super) fn show(view: &mut PlaneView, ui: &mut Ui) {
    play(view, ui);
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            presets::show(view, ui);
            group(ui, "What is real");
            shape(view, ui);
            group(ui, "Loss (what is lowered)");
            loss(&mut view.settings, ui);
            for player in PLAYERS {
                network(&mut view.settings, player, ui);
            }
            group(ui, "Samples");
            samples(&mut view.settings, ui);
            group(ui, "Start");
            start(view, ui);
            shelf::branches(view, ui);
            saving::buttons(view, ui);
            ui.add_space(size::GROUP);
        });
}

fn play(view: &mut PlaneView, ui: &mut Ui) {
    let is_playing = view.playing.is_playing();
    let looks_back = view.film.selected().is_some();
    let words = if looks_back {
        ["Play from here", "Pause"]
    } else {
        ["Play", "Pause"]
    };
    let hints = [
        "Let both networks take turns, one after the other, from what is on the stage.",
        "Stay where it is; everything is kept.",
    ];
    if run_button(ui, is_playing, true, words, hints).clicked() {
        if is_playing {
            view.pause();
        } else {
            view.play();
        }
    }
    ui.columns(3, |columns| {
        for (column, (label, hint, press)) in columns.iter_mut().zip([
            (
                "Step D",
                "One step of the discriminator: it learns to tell the real points from the generated ones.",
                Press::Step(Player::Discriminator),
            ),
            (
                "Step G",
                "One step of the generator: it moves its points to where the discriminator believes them.",
                Press::Step(Player::Generator),
            ),
            (
                "Step both",
                "One turn: the discriminator's steps, then the generator's.",
                Press::Turn,
            ),
        ]) {
            column.spacing_mut().button_padding.x = 4.0;
            let wide = eframe::egui::vec2(column.available_width(), size::CONTROL);
            let button = column
                .add_enabled_ui(!is_playing, |ui| ui.add_sized(wide, Button::new(label)))
                .inner;
            if button.on_hover_text(hint).clicked() {
                view.press(press);
            }
        }
    });
    speed(view, ui);
}

fn speed(view: &mut PlaneView, ui: &mut Ui) {
    let playing = &mut view.playing;
    let before = (playing.speed, playing.unlimited);
    ui.horizontal(|ui| {
        theme::dress_sliders(ui);
        ui.spacing_mut().slider_width = 116.0;
        let slider = Slider::new(&mut playing.speed, 0.5..=200.0)
            .logarithmic(true)
            .max_decimals(1)
            .text("turns/s");
        let slider = ui.add_enabled(!playing.unlimited, slider);
        slider.on_hover_text("How many turns a second are played.");
    });
    let hint = "Take turns as fast as this computer can; at most 60 a second are shown.";
    ui.checkbox(&mut playing.unlimited, "as fast as it can")
        .on_hover_text(hint);
    if before != (playing.speed, playing.unlimited) {
        playing.tell_speed();
    }
}

fn shape(view: &mut PlaneView, ui: &mut Ui) {
    wrapped(ui, |ui| {
        for shape in Shape::READY {
            let hint = match shape {
                Shape::Line => "Points along a line.",
                Shape::TwoGaussians => "Two clouds of points.",
                Shape::Ring => "Points around a circle.",
                _ => "Four clouds with nothing between them: easy to drop one (mode collapse).",
            };
            if choice(ui, view.settings.shape == shape, shape.name(), hint) {
                view.settings.shape = shape;
                view.drawing = None;
            }
        }
        let is_drawn = matches!(view.settings.shape, Shape::Drawn(_)) || view.drawing.is_some();
        let hint = "Draw your own distribution with the pointer, on the stage.";
        if choice(ui, is_drawn, "Draw…", hint) {
            view.begin_drawing();
        }
    });
}

fn loss(settings: &mut Settings, ui: &mut Ui) {
    wrapped(ui, |ui| {
        for loss in Loss::PLANE {
            if choice(ui, settings.loss == loss, loss.name(), loss.words()) {
                settings.loss = loss;
            }
        }
    });
    let [d, g] = settings.loss.formulas();
    ui.spacing_mut().item_spacing.y = size::HALF;
    caption(ui, format!("D lowers {d}"));
    caption(ui, format!("G lowers {g}"));
    ui.spacing_mut().item_spacing.y = size::GRID;
    ui.add_space(size::HALF);
    if settings.loss == Loss::WassersteinPenalty {
        slider(
            ui,
            "penalty λ",
            "How strongly the critic's slope is held at 1.",
            Slider::new(&mut settings.penalty, 0.0..=10.0).max_decimals(1),
        );
    }
    if settings.loss.has_labels() {
        slider(
            ui,
            "label smoothing",
            "Real points are labelled 1 less this: the discriminator never becomes quite sure.",
            Slider::new(&mut settings.label_smoothing, 0.0..=0.5).max_decimals(2),
        );
    }
    slider(
        ui,
        "noise on D's inputs",
        "Standard deviation of the noise added to every point that D sees in training, in units of the plane: real and generated points then overlap, and D cannot be too good.",
        Slider::new(&mut settings.input_noise, 0.0..=0.5).max_decimals(2),
    );
}

fn network(settings: &mut Settings, player: Player, ui: &mut Ui) {
    let title = match player {
        Player::Discriminator => "Discriminator (D)",
        Player::Generator => "Generator (G)",
    };
    group(ui, title);
    let Training {
        n_layers,
        width,
        optimizer,
        learning_rate,
        n_steps,
    } = match player {
        Player::Discriminator => &mut settings.d,
        Player::Generator => &mut settings.g,
    };
    let letter = player.letter();
    slider(
        ui,
        &format!("learning rate of {letter}"),
        "How far each step goes along the gradient.",
        Slider::new(learning_rate, 1e-5..=1.0)
            .logarithmic(true)
            .smallest_positive(1e-5)
            .custom_formatter(|x, _| rate(x)),
    );
    slider(
        ui,
        &format!("steps of {letter} per turn"),
        "How often it may learn before it is the other's turn.",
        Slider::new(n_steps, 0..=10),
    );
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = size::HALF;
        ui.spacing_mut().button_padding = eframe::egui::vec2(8.0, 3.0);
        ui.spacing_mut().interact_size.y = 28.0;
        for wanted in Optimizer::ALL {
            let hint = match wanted {
                Optimizer::Sgd => "Plain gradient descent: w ← w − rate × gradient (SGD).",
                Optimizer::Adam => "Each weight has a step size of its own, from its gradients so far (Adam, β₁ 0.5).",
            };
            ui.push_id((letter, wanted.name()), |ui| {
                if choice(ui, *optimizer == wanted, wanted.name(), hint) {
                    *optimizer = wanted;
                }
            });
        }
    });
    ui.horizontal(|ui| {
        theme::dress_sliders(ui);
        let starts = "A change starts this network anew.";
        whole(
            ui,
            "layers",
            letter,
            n_layers,
            1..=5,
            &format!("Hidden layers. {starts}"),
        );
        ui.add_space(size::GRID);
        whole(
            ui,
            "neurons each",
            letter,
            width,
            1..=64,
            &format!("Neurons of each hidden layer. {starts}"),
        );
    });
}

/// A learning rate as people write it.
fn rate(x: f64) -> String {
    if x <= 0.0 {
        "0".into()
    } else if x >= 1e-3 {
        let digits = (1.0 - x.log10().floor()).clamp(0.0, 5.0) as usize;
        let text = format!("{x:.digits$}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        format!("{x:.0e}").replace("e-", "e−")
    }
}

/// A whole number to drag or type.
fn whole(
    ui: &mut Ui,
    name: &str,
    of: &str,
    value: &mut usize,
    range: std::ops::RangeInclusive<usize>,
    hint: &str,
) {
    ui.spacing_mut().interact_size.x = 44.0;
    let label = ui.label(name);
    let field = ui.add(DragValue::new(value).range(range).speed(0.1));
    ui.ctx().accesskit_node_builder(field.id, |node| {
        node.set_label(format!("{name} of {of}"));
    });
    field.union(label).on_hover_text(hint);
}

fn samples(settings: &mut Settings, ui: &mut Ui) {
    slider(
        ui,
        "batch",
        "Points in a step, real and generated each: more give a steadier gradient.",
        Slider::new(&mut settings.batch, 8..=512).logarithmic(true),
    );
    ui.label("The generator's input z");
    wrapped(ui, |ui| {
        for noise in Noise::ALL {
            let hint = match noise {
                Noise::Uniform => "Both numbers are equally likely anywhere from −1 to 1.",
                Noise::Gaussian => "Both numbers are drawn from a normal distribution.",
            };
            if choice(ui, settings.noise == noise, noise.name(), hint) {
                settings.noise = noise;
            }
        }
    });
}

fn start(view: &mut PlaneView, ui: &mut Ui) {
    ui.horizontal(|ui| {
        theme::dress_sliders(ui);
        let hint = "Both networks start with new weights, drawn from the seed; what was is kept as a branch.";
        if ui.button("Start anew").on_hover_text(hint).clicked() {
            view.start_anew();
        }
        ui.add_space(size::GRID);
        let label = ui.label("seed");
        let field = ui.add(DragValue::new(&mut view.settings.seed).speed(0.1));
        field.labelled_by(label.id).on_hover_text(
            "Fixes everything random. The same seed and settings give the same training, number by number.",
        );
    });
}

/// A slider with its name above.
pub(super) fn slider(ui: &mut Ui, name: &str, hint: &str, slider: Slider<'_>) {
    ui.scope(|ui| {
        theme::dress_sliders(ui);
        ui.spacing_mut().slider_width = ui.available_width() - 88.0;
        ui.spacing_mut().item_spacing.y = 0.0;
        let label = ui.label(name).on_hover_text(hint);
        ui.add(slider).labelled_by(label.id).on_hover_text(hint);
    });
}
