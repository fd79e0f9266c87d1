//! The drawer: what was clicked, the equation it comes from with its real terms, and, for a weight, the
//! field to type another.

use super::PlaneView;
use super::film::Frame;
use super::networks::ends;
use super::stage::Pane;
use crate::labs::gan::plane::explain::{self, Explanation, Line};
use crate::labs::gan::plane::{EXTENT, HEAT_SIDE, Network, Player, Press, WeightAt};
use crate::tabs::parts::caption;
use crate::theme::{size, style};
use crate::widgets::icon::Icon;
use crate::widgets::lines::written;
use eframe::egui::{
    Align, Button, DragValue, Key, Label, Layout, RichText, ScrollArea, TextEdit, Ui,
};

/// What was clicked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Asked {
    /// What D says at the centre of a cell of the heat map.
    Cell(usize),
    /// Where a generated point is pulled.
    Arrow(usize),
    /// A weight or a bias.
    Weight(WeightAt),
    /// What a network lowers.
    Loss(Player),
}

/// The cell of the heat map that a point of the plane lies in.
pub(super) fn cell_at([x, y]: [f32; 2]) -> usize {
    let along = |v: f32| {
        let share = (v + EXTENT) / (2.0 * EXTENT);
        ((share * HEAT_SIDE as f32).max(0.0) as usize).min(HEAT_SIDE - 1)
    };
    along(y) * HEAT_SIDE + along(x)
}

/// The point of the plane that a cell's number was computed at.
pub(super) fn cell_centre(cell: usize) -> [f32; 2] {
    let along = |i: usize| (i as f32 + 0.5) * (2.0 * EXTENT / HEAT_SIDE as f32) - EXTENT;
    [along(cell % HEAT_SIDE), along(cell / HEAT_SIDE)]
}

/// What of the drawer is kept.
#[derive(Debug, Default)]
pub(super) struct Drawer {
    /// The field of the weight takes the keyboard when it is next drawn.
    focus: bool,
    /// What is in the field, and for which weight.
    typed: String,
    typed_for: Option<WeightAt>,
    /// The equations, what of and of which frame, and when they were made, in seconds.
    made: Option<(Asked, u64, f64)>,
    equations: Vec<Explanation>,
}

/// While it plays, equations stay so long, in seconds, that they can be read.
const READABLE_SECS: f64 = 0.25;

impl PlaneView {
    /// Opens the equation of something on `pane`.
    pub(super) fn ask(&mut self, asked: Asked, pane: Pane) {
        self.drawer.focus = matches!(asked, Asked::Weight(_));
        self.drawer.typed_for = None;
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
        Asked::Cell(_) => "What D says here",
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
            refresh(view, ui, asked);
            for equation in &view.drawer.equations {
                show_equation(ui, equation);
            }
            if view.drawer.equations.is_empty() {
                caption(ui, nothing_to_explain(asked));
            }
        });
}

/// Makes the equations of what was asked, where they are not those of the turn on the stage.
fn refresh(view: &mut PlaneView, ui: &Ui, asked: Asked) {
    let Some(frame) = view.film.here() else {
        return;
    };
    let now = ui.input(|input| input.time);
    if let Some((of, number, at)) = view.drawer.made
        && of == asked
    {
        let is_fresh = view.playing.is_playing() && (0.0..READABLE_SECS).contains(&(now - at));
        if number == frame.number || is_fresh {
            return;
        }
    }
    let equations = equations(view, frame, asked);
    view.drawer.made = Some((asked, frame.number, now));
    view.drawer.equations = equations;
}

fn equations(view: &PlaneView, frame: &Frame, asked: Asked) -> Vec<Explanation> {
    let turn = &frame.turn;
    let settings = &frame.settings;
    match asked {
        Asked::Cell(cell) => {
            let shown = turn.heat.get(cell).copied();
            let output = shown
                .map(|shown| explain::output(&turn.state, settings.loss, cell_centre(cell), shown));
            output.into_iter().collect()
        }
        Asked::Arrow(index) => {
            let along = |axis| explain::arrow(turn, settings, index, axis);
            [0, 1].into_iter().filter_map(along).collect()
        }
        Asked::Loss(player) => vec![explain::loss(turn, settings, player)],
        Asked::Weight(at) => {
            let newest = view.film.newest().map(|frame| frame.number);
            let step = view.playing.last[usize::from(at.player == Player::Generator)].as_ref();
            let step = step.filter(|_| newest == Some(frame.number));
            let equation = step.and_then(|step| explain::weight(step, at));
            equation.into_iter().collect()
        }
    }
}

fn nothing_to_explain(asked: Asked) -> &'static str {
    match asked {
        Asked::Weight(_) => {
            "Let the network take a step: then its gradient and what became of it stand here."
        }
        _ => "There is no such point in this turn.",
    }
}

/// An equation, line by line, with its real terms.
pub(in crate::tabs::images) fn show_equation(ui: &mut Ui, equation: &Explanation) {
    ui.add_space(size::GRID);
    ui.label(RichText::new(&equation.title).text_style(style::strong()));
    for line in &equation.lines {
        show_line(ui, line);
    }
    caption(
        ui,
        "Computed again in double precision (f64) from the weights.",
    );
}

fn show_line(ui: &mut Ui, line: &Line) {
    let mono =
        |text: String| Label::new(RichText::new(text).text_style(style::small_mono())).wrap();
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 1.0;
        ui.add_space(size::HALF);
        ui.label(&line.name);
        caption(ui, line.equation.clone());
        ui.add(mono(format!("= {}", line.numbers.replace('-', "−"))));
        ui.add(mono(format!("= {}", number(line.value))));
        if let (Some(shown), Some(difference)) = (line.shown, line.difference()) {
            let words = format!(
                "on the stage {}, difference {:.1e}",
                number(shown),
                difference.abs()
            );
            caption(ui, words.replace("e-", "e−"));
        }
    });
}

/// Six digits that mean something.
fn number(value: f64) -> String {
    let size = value.abs();
    let text = if size == 0.0 || (1e-4..1e6).contains(&size) {
        let digits = if size == 0.0 {
            0.0
        } else {
            (5.0 - size.log10().floor()).clamp(0.0, 9.0)
        };
        format!("{value:.0$}", digits as usize)
    } else {
        format!("{value:.5e}")
    };
    text.replace('-', "−")
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
    let drawer = &mut view.drawer;
    if drawer.typed_for != Some(at) {
        drawer.typed_for = Some(at);
        drawer.typed = format!("{value:.3}").replace('-', "−");
    }
    let mut wanted = None;
    ui.horizontal(|ui| {
        let label = ui.label(RichText::new("Type a number").text_style(style::strong()));
        let field = TextEdit::singleline(&mut drawer.typed).desired_width(88.0);
        let field = ui.add(field).labelled_by(label.id);
        if std::mem::take(&mut drawer.focus) {
            field.request_focus();
        }
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        let parsed = parse(&drawer.typed);
        let hint = "The network uses this number from now on.";
        let set = ui.add_enabled(parsed.is_some(), Button::new("Set"));
        if set.on_hover_text(hint).clicked() || entered {
            wanted = parsed;
        }
        let hint = "Cut this line: its weight becomes zero.";
        if ui.button("Cut").on_hover_text(hint).clicked() {
            drawer.typed = "0".into();
            wanted = Some(0.0);
        }
    });
    if let Some(wanted) = wanted {
        view.press(Press::Edit(at, wanted));
    }
    caption(ui, format!("It is {} now.", written(value)));
}

/// The number that was typed, with any kind of minus and comma.
fn parse(typed: &str) -> Option<f32> {
    let plain = typed.trim().replace('−', "-").replace(',', ".");
    let number = plain.parse::<f32>().ok()?;
    (number.abs() <= 1000.0).then_some(number)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_is_found_again_at_its_centre() {
        for cell in [
            0,
            1,
            HEAT_SIDE - 1,
            HEAT_SIDE,
            1000,
            HEAT_SIDE * HEAT_SIDE - 1,
        ] {
            assert_eq!(cell_at(cell_centre(cell)), cell);
        }
        assert_eq!(cell_at([-9.0, -9.0]), 0);
        assert_eq!(cell_at([EXTENT, EXTENT]), HEAT_SIDE * HEAT_SIDE - 1);
    }

    #[test]
    fn a_number_has_six_digits_that_mean_something() {
        let typed = ["−0,5", " 2 ", "1e-3", "nan", "2000", "x"].map(parse);
        assert_eq!(typed, [Some(-0.5), Some(2.0), Some(1e-3), None, None, None]);
        let shown = [0.0, 0.123_456_78, -12.345_678, 3e-7].map(number);
        assert_eq!(shown, ["0", "0.123457", "−12.3457", "3.00000e−7"]);
    }
}
