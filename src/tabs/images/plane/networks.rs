//! Both networks as they are, with their weights.

use super::PlaneView;
use super::asked::Asked;
use super::film::Frame;
use super::stage::Pane;
use crate::labs::gan::plane::{Network, Player, WeightAt};
use crate::tabs::parts::caption;
use crate::theme::{self, size, style};
use crate::widgets::count::grouped;
use crate::widgets::lines::written;
use crate::widgets::network_diagram::{DiagramLayer, NetworkDiagram, Place};
use eframe::egui::{
    Align, Align2, Button, Layout, Rect, RichText, Sense, TextStyle, Ui, pos2, vec2,
};

/// Both players, the discriminator first, as on the stage.
pub(super) const PLAYERS: [Player; 2] = [Player::Discriminator, Player::Generator];

/// What goes in and what comes out.
pub(super) fn ends(player: Player) -> [&'static [&'static str]; 2] {
    match player {
        Player::Discriminator => [&["x", "y"], &["D"]],
        Player::Generator => [&["z₁", "z₂"], &["x", "y"]],
    }
}

pub(super) fn show(view: &mut PlaneView, ui: &mut Ui) {
    let Some(frame) = view.film.here().cloned() else {
        return;
    };
    let legend = 44.0;
    let head = 24.0;
    let height = (ui.available_height() - legend) * 0.5 - head - size::GRID;
    let height = height.max(60.0);
    let most = most(&frame);
    ui.spacing_mut().item_spacing.y = size::HALF;
    for player in PLAYERS {
        network(view, ui, &frame, player, most, height);
    }
    legend_of_weights(ui, most);
}

/// A round number that few weights are above.
fn most(frame: &Frame) -> f32 {
    let state = &frame.turn.state;
    let sizes = state.d.weights().chain(state.g.weights()).map(f32::abs);
    let mut sizes: Vec<f32> = sizes.filter(|w| w.is_finite()).collect();
    let high = sizes.len().saturating_sub(1 + sizes.len() / 50);
    let most = if sizes.is_empty() {
        1.0
    } else {
        sizes
            .select_nth_unstable_by(high, f32::total_cmp)
            .1
            .max(0.05)
    };
    let power = 10_f32.powf(most.log10().floor());
    let steps = [1.0, 2.0, 3.0, 5.0, 10.0].map(|step| step * power);
    steps.into_iter().find(|&s| s >= most).unwrap_or(most)
}

fn network(
    view: &mut PlaneView,
    ui: &mut Ui,
    frame: &Frame,
    player: Player,
    most: f32,
    height: f32,
) {
    let network = frame.turn.state.of(player);
    let name = match player {
        Player::Discriminator => "Discriminator",
        Player::Generator => "Generator",
    };
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = 20.0;
        ui.label(RichText::new(name).text_style(style::strong()));
        caption(ui, shape_words(network));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().button_padding = vec2(8.0, 1.0);
            let words = RichText::new("Type a weight…").small();
            let hint = format!(
                "Choose a weight of {} and type another number.",
                player.name()
            );
            let button = ui.add(Button::new(words).min_size(vec2(0.0, 22.0)));
            if button.on_hover_text(hint).clicked() {
                let first = WeightAt {
                    player,
                    layer: 0,
                    input: Some(0),
                    neuron: 0,
                };
                view.ask(Asked::Weight(first), Pane::Networks);
            }
        });
    });
    let layers: Vec<DiagramLayer<'_>> = (network.layers.iter())
        .map(|layer| DiagramLayer {
            n_in: layer.n_in,
            n_out: layer.n_out,
            weight: &layer.weight,
            bias: &layer.bias,
        })
        .collect();
    let [inputs, outputs] = ends(player);
    let chosen = match view.asked {
        Some(Asked::Weight(at)) if at.player == player => Some(Place {
            layer: at.layer,
            input: at.input,
            neuron: at.neuron,
        }),
        _ => None,
    };
    let diagram = NetworkDiagram {
        name,
        layers: &layers,
        inputs,
        outputs,
        most,
        chosen,
        version: frame.number,
    };
    let state = &mut view.diagrams[usize::from(player == Player::Generator)];
    let size = vec2(ui.available_width(), height);
    if let Some(place) = diagram.show(ui, size, state) {
        let at = WeightAt {
            player,
            layer: place.layer,
            input: place.input,
            neuron: place.neuron,
        };
        view.ask(Asked::Weight(at), Pane::Networks);
    }
}

/// "2 → 32 → 32 → 1, 1,185 weights"
fn shape_words(network: &Network) -> String {
    let first = network.layers.first().map(|layer| layer.n_in);
    let widths = first
        .into_iter()
        .chain(network.layers.iter().map(|l| l.n_out));
    let widths: Vec<String> = widths.map(|n| n.to_string()).collect();
    let n = grouped(network.n_weights());
    format!("{}, {n} weights", widths.join(" → "))
}

/// What the colours and widths of the lines mean.
fn legend_of_weights(ui: &mut Ui, most: f32) {
    let font = TextStyle::Small.resolve(ui.style());
    let wide = vec2(ui.available_width(), 30.0);
    let (rect, response) = ui.allocate_exact_size(wide, Sense::hover());
    let colors = theme::palette(ui.ctx());
    let painter = ui.painter();
    let bar = Rect::from_min_size(
        rect.min + vec2(0.0, 2.0),
        vec2(rect.width().min(320.0), 6.0),
    );
    let n = 52;
    let step = bar.width() / n as f32;
    for i in 0..n {
        let value = 2.0 * (i as f32 + 0.5) / n as f32 - 1.0;
        let thick = 1.0 + 5.0 * value.abs();
        let middle = pos2(bar.left() + step * (i as f32 + 0.5), bar.center().y);
        let cell = Rect::from_center_size(middle, vec2(step + 0.5, thick));
        painter.rect_filled(cell, 0.0, colors.signed(value));
    }
    let most = written(most);
    for (x, anchor, words) in [
        (bar.left(), Align2::LEFT_TOP, format!("−{most} or less")),
        (bar.center().x, Align2::CENTER_TOP, "weight 0".to_owned()),
        (bar.right(), Align2::RIGHT_TOP, format!("{most} or more")),
    ] {
        let at = pos2(x, rect.top() + 10.0);
        painter.text(at, anchor, words, font.clone(), colors.text_weak);
    }
    let hint = "A line is a weight: its colour is the sign, its width the size. A neuron's colour is its bias.";
    response.on_hover_text(hint);
}
