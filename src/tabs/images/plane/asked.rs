//! The drawer: what was clicked, the equation it comes from with its real terms, and, for a weight, the
//! field to type another.

use super::PlaneView;
use super::networks::ends;
use super::stage::Pane;
use crate::labs::gan::plane::{Network, Player, Press, WeightAt};
use crate::tabs::parts::caption;
use crate::theme::{size, style};
use crate::widgets::icon::Icon;
use crate::widgets::lines::written;
use eframe::egui::{Align, DragValue, Layout, RichText, ScrollArea, Ui};

/// What was clicked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Asked {
    /// What D says at a place of the plane.
    Point([f32; 2]),
    /// Where a generated point is pulled.
    Arrow(usize),
    /// A weight or a bias.
    Weight(WeightAt),
    /// What a network lowers.
    Loss(Player),
}

/// What of the drawer is kept.
#[derive(Debug, Default)]
pub(super) struct Drawer {
    /// The field of the weight takes the keyboard when it is next drawn.
    focus: bool,
}

impl PlaneView {
    /// Opens the equation of something on `pane`.
    pub(super) fn ask(&mut self, asked: Asked, pane: Pane) {
        self.drawer.focus = matches!(asked, Asked::Weight(_));
        self.asked = Some(asked);
        // Beside the drawer there may be room for one part of the stage only: this one.
        self.pane = pane;
    }
}

pub(super) fn show(view: &mut PlaneView, ui: &mut Ui) {
    let Some(asked) = view.asked else {
        return;
    };
    let title = match asked {
        Asked::Point(_) => "What D says here",
        Asked::Arrow(_) => "Where this point is pulled",
        Asked::Weight(at) if at.input.is_some() => "A weight",
        Asked::Weight(_) => "A bias",
        Asked::Loss(Player::Discriminator) => "The loss of D",
        Asked::Loss(Player::Generator) => "The loss of G",
    };
    let mut close = false;
    ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
        close = Icon::Close
            .button(ui, "Close the equation", "Back to the whole stage.")
            .clicked();
        ui.with_layout(Layout::top_down(Align::LEFT), |ui| {
            ui.label(RichText::new(title).text_style(style::subheading()));
        });
    });
    if close {
        view.asked = None;
        return;
    }
    ScrollArea::vertical()
        .id_salt("equation")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            if let Asked::Weight(at) = asked {
                weight(view, ui, at);
            }
        });
}

/// Which weight, and the field to type another number.
fn weight(view: &mut PlaneView, ui: &mut Ui, at: WeightAt) {
    let Some(frame) = view.film.here().cloned() else {
        return;
    };
    let network = frame.turn.state.of(at.player);
    let mut wanted = at;
    place(ui, network, &mut wanted);
    if wanted != at {
        view.asked = Some(Asked::Weight(wanted));
    }
    let Some(value) = frame.turn.state.weight(at) else {
        caption(ui, "There is no such weight in this network.");
        return;
    };
    ui.add_space(size::GRID);
    let mut typed = value;
    ui.horizontal(|ui| {
        let label = ui.label(RichText::new("Type a number").text_style(style::strong()));
        let field = DragValue::new(&mut typed)
            .speed(0.02)
            .range(-100.0..=100.0)
            .max_decimals(4)
            .update_while_editing(false);
        let field = ui.add(field).labelled_by(label.id);
        if std::mem::take(&mut view.drawer.focus) {
            field.request_focus();
        }
        field.on_hover_text("Click to type, or drag; the network uses it from the next step on.");
        let zero = ui
            .button("0")
            .on_hover_text("Cut this line: set it to zero.");
        if zero.clicked() {
            typed = 0.0;
        }
    });
    if typed.to_bits() != value.to_bits() {
        view.press(Press::Edit(at, typed));
    }
    caption(ui, format!("It is {} now.", written(value)));
}

/// From where to where: each part may be chosen with the keyboard too.
fn place(ui: &mut Ui, network: &Network, at: &mut WeightAt) {
    let [inputs, outputs] = ends(at.player);
    let named = |names: &[&str], i: usize| names.get(i).map(|name| (*name).to_owned());
    let n_layers = network.layers.len();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = size::HALF;
        let number = |ui: &mut Ui, name: &str, value: &mut usize, n: usize| {
            let label = ui.label(name);
            let mut shown = *value + 1;
            let field = DragValue::new(&mut shown).range(1..=n.max(1)).speed(0.1);
            ui.add(field).labelled_by(label.id);
            *value = shown - 1;
        };
        number(ui, "layer", &mut at.layer, n_layers);
        let Some(layer) = network.layers.get(at.layer) else {
            return;
        };
        if let Some(input) = &mut at.input {
            *input = (*input).min(layer.n_in.saturating_sub(1));
            number(ui, "from", input, layer.n_in);
        }
        at.neuron = at.neuron.min(layer.n_out.saturating_sub(1));
        number(ui, "to", &mut at.neuron, layer.n_out);
        let mut is_bias = at.input.is_none();
        let hint = "What is added to the sum of this neuron, whatever comes in.";
        if ui
            .checkbox(&mut is_bias, "bias")
            .on_hover_text(hint)
            .changed()
        {
            at.input = (!is_bias).then_some(0);
        }
    });
    let from = at.input.map(|input| {
        let name = (at.layer == 0).then(|| named(inputs, input)).flatten();
        name.unwrap_or_else(|| format!("neuron {} of layer {}", input + 1, at.layer))
    });
    let to = (at.layer + 1 == n_layers)
        .then(|| named(outputs, at.neuron))
        .flatten()
        .unwrap_or_else(|| format!("neuron {} of layer {}", at.neuron + 1, at.layer + 1));
    let letter = at.player.letter();
    caption(
        ui,
        match from {
            Some(from) => format!("In {letter}: how much {from} counts for {to}."),
            None => format!("In {letter}: what is added for {to}."),
        },
    );
}
