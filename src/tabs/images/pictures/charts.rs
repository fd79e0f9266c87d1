//! The numbers of the training as lines: losses, verdicts, and how long the gradients are, layer by
//! layer.

use super::film::Way;
use super::{AIR, Network, PicturesView};
use crate::theme;
use crate::widgets::lines::{Lines, Scale, Series};
use eframe::egui::{Button, Color32, Ui, vec2};

/// As wide as this, the charts stand in two columns.
const ROOM_FOR_TWO: f32 = 600.0;

/// Draws all charts in the room there is.
pub(super) fn show(view: &mut PicturesView, ui: &mut Ui) {
    let area = ui.available_size();
    let air = theme::size::GRID;
    if area.x >= ROOM_FOR_TWO {
        let size = vec2((area.x - AIR) * 0.5, (area.y - air) * 0.5);
        for row in [
            [losses as fn(&PicturesView, &mut Ui, f32), verdicts],
            [gradient_g, gradient_d],
        ] {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = AIR;
                for chart in row {
                    ui.allocate_ui(size, |ui| {
                        ui.set_width(size.x);
                        chart(view, ui, size.y);
                    });
                }
            });
        }
        return;
    }
    let buttons = 28.0;
    let height = ((area.y - buttons - air * 3.0) / 3.0).max(72.0);
    losses(view, ui, height);
    verdicts(view, ui, height);
    ui.horizontal(|ui| {
        ui.spacing_mut().button_padding = vec2(8.0, 2.0);
        ui.spacing_mut().interact_size.y = buttons;
        ui.spacing_mut().item_spacing.x = theme::size::HALF;
        for (network, label, hint) in [
            (
                Network::Generator,
                "Gradient of G",
                "How strongly the generator is told to change, layer by layer.",
            ),
            (
                Network::Discriminator,
                "Gradient of D",
                "How strongly the discriminator is told to change, layer by layer.",
            ),
        ] {
            let chosen = view.gradients_of == network;
            let button = Button::selectable(chosen, label).frame_when_inactive(true);
            if ui.add(button).on_hover_text(hint).clicked() {
                view.gradients_of = network;
            }
        }
    });
    match view.gradients_of {
        Network::Generator => gradient_g(view, ui, height),
        Network::Discriminator => gradient_d(view, ui, height),
    }
}

/// The colour of the discriminator, as on the plane.
fn color_d(ui: &Ui) -> Color32 {
    theme::palette(ui.ctx()).accent
}

/// The colour of the generator.
fn color_g(ui: &Ui) -> Color32 {
    theme::palette(ui.ctx()).hues[8]
}

fn losses(view: &PicturesView, ui: &mut Ui, height: f32) {
    let Some(way) = view.course.film.way() else {
        return;
    };
    let (d, g) = (color_d(ui), color_g(ui));
    let series = [
        Series {
            name: "D",
            values: &way.trace.loss_d,
            color: d,
        },
        Series {
            name: "G",
            values: &way.trace.loss_g,
            color: g,
        },
    ];
    chart(
        view,
        way,
        "Losses",
        "loss",
        &series,
        Scale::Linear,
        ui,
        height,
    );
}

fn verdicts(view: &PicturesView, ui: &mut Ui, height: f32) {
    let Some(way) = view.course.film.way() else {
        return;
    };
    let (d, g) = (color_d(ui), color_g(ui));
    let series = [
        Series {
            name: "real ones",
            values: &way.trace.p_real,
            color: d,
        },
        Series {
            name: "made ones",
            values: &way.trace.p_fake,
            color: g,
        },
    ];
    let scale = Scale::Fixed(0.0, 1.0);
    chart(
        view,
        way,
        "D's verdicts",
        "D says “real”",
        &series,
        scale,
        ui,
        height,
    );
}

fn gradient_g(view: &PicturesView, ui: &mut Ui, height: f32) {
    let Some(way) = view.course.film.way() else {
        return;
    };
    let names = view.course.prepared.as_ref().map(|p| p.layers_g.as_slice());
    gradients(view, way, "G", &way.trace.gradient_g, names, ui, height);
}

fn gradient_d(view: &PicturesView, ui: &mut Ui, height: f32) {
    let Some(way) = view.course.film.way() else {
        return;
    };
    let names = view.course.prepared.as_ref().map(|p| p.layers_d.as_slice());
    gradients(view, way, "D", &way.trace.gradient_d, names, ui, height);
}

fn gradients(
    view: &PicturesView,
    way: &Way,
    network: &str,
    layers: &[Vec<f32>],
    names: Option<&[String]>,
    ui: &mut Ui,
    height: f32,
) {
    let dark = theme::palette(ui.ctx()).dark;
    let n = layers.len();
    let series: Vec<Series<'_>> = (layers.iter().enumerate())
        .map(|(i, values)| Series {
            name: names
                .and_then(|names| names.get(i))
                .map_or("layer", String::as_str),
            values,
            color: layer_color(i, n, dark),
        })
        .collect();
    let name = format!("Gradient of {network} by layer");
    let y = format!("|gradient| of {network}");
    chart(view, way, &name, &y, &series, Scale::Log, ui, height);
}

/// From the first layer, violet, to the last; what would not be seen on the stage is left out.
fn layer_color(i: usize, n: usize, dark: bool) -> Color32 {
    let share = i as f32 / (n.max(2) - 1) as f32;
    let (from, to) = if dark { (0.3, 1.0) } else { (0.0, 0.75) };
    theme::viridis(from + (to - from) * share)
}

#[expect(
    clippy::too_many_arguments,
    reason = "it draws one chart, from all that a chart has"
)]
fn chart(
    view: &PicturesView,
    way: &Way,
    name: &str,
    y: &str,
    series: &[Series<'_>],
    scale: Scale,
    ui: &mut Ui,
    height: f32,
) {
    let here = view.course.film.selected().and(view.course.film.here());
    let lines = Lines {
        name,
        y,
        x: "turns",
        steps: &way.trace.steps,
        series,
        scale,
        here: here.map(|frame| frame.snapshot.step as f32),
    };
    lines.show(ui, height);
}
