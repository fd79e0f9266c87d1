//! A small network as it is: every neuron a disc, every weight a line, its colour the sign, its width
//! the size. A click on a line chooses that weight, a click on a neuron its bias.

#[cfg(test)]
mod tests;

use crate::theme::{self, Palette};
use crate::widgets::fine_lines::add_line;
use crate::widgets::lines::written;
use eframe::egui::{
    Align2, Color32, CursorIcon, Mesh, Pos2, Rect, Response, Role, Sense, Shape, Stroke, TextStyle,
    Ui, Vec2, WidgetInfo, pos2, vec2,
};
use std::sync::Arc;

/// One layer: `n_in` numbers come in, `n_out` go out.
#[derive(Debug, Clone, Copy)]
pub struct DiagramLayer<'a> {
    /// Numbers that come in.
    pub n_in: usize,
    /// Its neurons.
    pub n_out: usize,
    /// Row-major (`n_in`, `n_out`).
    pub weight: &'a [f32],
    /// One for each neuron.
    pub bias: &'a [f32],
}

/// A line or a neuron.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Which layer, from 0.
    pub layer: usize,
    /// The line comes from here; `None` is the neuron itself and means its bias.
    pub input: Option<usize>,
    /// It ends at this neuron.
    pub neuron: usize,
}

/// The drawing.
#[derive(Debug, Clone, Copy)]
pub struct NetworkDiagram<'a> {
    /// What AccessKit calls it: "Discriminator".
    pub name: &'a str,
    /// From the input to the output.
    pub layers: &'a [DiagramLayer<'a>],
    /// The names of the numbers that come in.
    pub inputs: &'a [&'a str],
    /// The names of the numbers that go out.
    pub outputs: &'a [&'a str],
    /// The size of a weight that is drawn at full width.
    pub most: f32,
    /// The one that was chosen.
    pub chosen: Option<Place>,
    /// A number that differs whenever a weight does.
    pub version: u64,
}

/// The lines, kept between frames.
#[derive(Default)]
pub struct DiagramState {
    drawn: Option<(u64, Rect, theme::Theme, u32)>,
    lines: Arc<Mesh>,
}

impl std::fmt::Debug for DiagramState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DiagramState").finish_non_exhaustive()
    }
}

/// A pointer so near to a line, in points, means it.
const NEAR: f32 = 6.0;

/// Weights smaller than this part of the largest are not drawn.
const FAINTEST: f32 = 0.02;

impl NetworkDiagram<'_> {
    /// Draws it in `size`. Returns what was clicked.
    pub fn show(&self, ui: &mut Ui, size: Vec2, state: &mut DiagramState) -> Option<Place> {
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, self.words()));
        if self.layers.is_empty() || !ui.is_rect_visible(rect) {
            return None;
        }
        let colors = theme::palette(ui.ctx());
        let columns = self.columns(ui, rect);
        self.refresh(ui, rect, &columns, colors, state);
        let painter = ui.painter().with_clip_rect(rect.expand(2.0));
        painter.add(Shape::Mesh(Arc::clone(&state.lines)));
        let pointer = response.hover_pos().filter(|at| rect.contains(*at));
        let under = pointer.and_then(|at| self.nearest(&columns, at));
        for place in [self.chosen, under].into_iter().flatten() {
            self.paint_marked(ui, &columns, place);
        }
        self.paint_neurons(ui, &columns, colors);
        self.paint_names(ui, &columns, colors);
        self.answer(under, response)
    }

    fn answer(&self, under: Option<Place>, response: Response) -> Option<Place> {
        let place = under?;
        let clicked = response.clicked();
        let words = format!("{}\nClick to type another.", self.told(place)?);
        response
            .on_hover_cursor(CursorIcon::PointingHand)
            .on_hover_text_at_pointer(words);
        clicked.then_some(place)
    }

    fn words(&self) -> String {
        let first = self.layers.first().map(|layer| layer.n_in);
        let widths = first.into_iter().chain(self.layers.iter().map(|l| l.n_out));
        let widths: Vec<String> = widths.map(|n| n.to_string()).collect();
        let of = |layer: &DiagramLayer<'_>| layer.weight.len() + layer.bias.len();
        let n: usize = self.layers.iter().map(of).sum();
        format!("{}: {} neurons, {n} weights", self.name, widths.join(" → "))
    }

    /// What a place is, with its number.
    fn told(&self, place: Place) -> Option<String> {
        let value = written(self.value(place)?);
        let to = self.neuron_name(place.layer + 1, place.neuron);
        Some(match place.input {
            Some(input) => {
                let from = self.neuron_name(place.layer, input);
                format!("weight from {from} to {to}: {value}")
            }
            None => format!("bias of {to}: {value}"),
        })
    }

    /// The name of a neuron in a column: the inputs are column 0.
    #[must_use]
    pub fn neuron_name(&self, column: usize, neuron: usize) -> String {
        let named = |names: &[&str]| names.get(neuron).map(|name| (*name).to_owned());
        let own = if column == 0 {
            named(self.inputs)
        } else if column == self.layers.len() {
            named(self.outputs)
        } else {
            None
        };
        own.unwrap_or_else(|| format!("neuron {} of layer {column}", neuron + 1))
    }

    fn value(&self, place: Place) -> Option<f32> {
        let layer = self.layers.get(place.layer)?;
        match place.input {
            Some(input) => layer.weight.get(input * layer.n_out + place.neuron),
            None => layer.bias.get(place.neuron),
        }
        .copied()
    }

    /// How strong a number is drawn, −1..=1.
    fn strength(&self, value: f32) -> f32 {
        (value / self.most.max(1e-6)).clamp(-1.0, 1.0)
    }

    /// Where every neuron stands.
    fn columns(&self, ui: &Ui, rect: Rect) -> Vec<Vec<Pos2>> {
        let room = name_room(ui, self.inputs).max(name_room(ui, self.outputs));
        let inner = rect.shrink2(vec2(room + 8.0, 8.0));
        let first = self.layers.first().map(|layer| layer.n_in);
        let counts = first.into_iter().chain(self.layers.iter().map(|l| l.n_out));
        let n_columns = self.layers.len() as f32;
        counts
            .enumerate()
            .map(|(column, n)| {
                let x = inner.left() + inner.width() * column as f32 / n_columns;
                let gap = (inner.height() / n as f32).min(36.0);
                let top = inner.center().y - gap * (n as f32 - 1.0) * 0.5;
                let place = |i: usize| pos2(x, top + gap * i as f32);
                (0..n).map(place).collect()
            })
            .collect()
    }

    /// Every line: its place, its ends and how strong it is.
    fn each_line<'b>(
        &'b self,
        columns: &'b [Vec<Pos2>],
    ) -> impl Iterator<Item = (Place, [Pos2; 2], f32)> + 'b {
        self.layers.iter().enumerate().flat_map(move |(i, layer)| {
            layer.weight.iter().enumerate().filter_map(move |(at, &w)| {
                let (input, neuron) = (at / layer.n_out, at % layer.n_out);
                let ends = [
                    *columns.get(i)?.get(input)?,
                    *columns.get(i + 1)?.get(neuron)?,
                ];
                let place = Place {
                    layer: i,
                    input: Some(input),
                    neuron,
                };
                Some((place, ends, self.strength(w)))
            })
        })
    }

    /// Makes the lines anew when a weight, the place or the theme changed.
    fn refresh(
        &self,
        ui: &Ui,
        rect: Rect,
        columns: &[Vec<Pos2>],
        colors: &Palette,
        state: &mut DiagramState,
    ) {
        let key = (
            self.version,
            rect,
            theme::current(ui.ctx()),
            self.most.to_bits(),
        );
        if state.drawn == Some(key) {
            return;
        }
        state.drawn = Some(key);
        let lines = self.each_line(columns);
        let mut lines: Vec<_> = lines
            .filter(|(_, _, strength)| strength.abs() > FAINTEST)
            .map(|(_, ends, strength)| (ends, strength))
            .collect();
        // The strongest are on top.
        lines.sort_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
        let mut mesh = Mesh::default();
        for (ends, strength) in lines {
            let (width, color) = look(strength, colors);
            add_line(&mut mesh, ends, width, color);
        }
        state.lines = Arc::new(mesh);
    }

    fn paint_marked(&self, ui: &Ui, columns: &[Vec<Pos2>], place: Place) {
        let colors = theme::palette(ui.ctx());
        let at = |column: usize, neuron: usize| columns.get(column)?.get(neuron).copied();
        let Some(to) = at(place.layer + 1, place.neuron) else {
            return;
        };
        let painter = ui.painter();
        match place.input {
            Some(input) => {
                let Some(from) = at(place.layer, input) else {
                    return;
                };
                let (width, color) = look(
                    self.value(place).map_or(0.0, |value| self.strength(value)),
                    colors,
                );
                painter.line_segment([from, to], Stroke::new(width + 4.0, colors.text));
                let inner = theme::mix(colors.stage, color.to_opaque(), 1.0);
                painter.line_segment([from, to], Stroke::new(width + 1.0, inner));
            }
            None => _ = painter.circle_stroke(to, radius(columns) + 4.0, (2.5, colors.text)),
        }
    }

    fn paint_neurons(&self, ui: &Ui, columns: &[Vec<Pos2>], colors: &Palette) {
        let painter = ui.painter();
        let radius = radius(columns);
        let edge = Stroke::new(1.0, colors.outline);
        for (column, neurons) in columns.iter().enumerate() {
            for (i, &at) in neurons.iter().enumerate() {
                let bias = column
                    .checked_sub(1)
                    .and_then(|layer| self.layers.get(layer)?.bias.get(i));
                let fill = bias.map_or(colors.stage, |&b| colors.signed(self.strength(b)));
                painter.circle(at, radius, fill, edge);
            }
        }
    }

    fn paint_names(&self, ui: &Ui, columns: &[Vec<Pos2>], colors: &Palette) {
        let font = TextStyle::Small.resolve(ui.style());
        let radius = radius(columns);
        let ends = [
            (columns.first(), self.inputs, -1.0, Align2::RIGHT_CENTER),
            (columns.last(), self.outputs, 1.0, Align2::LEFT_CENTER),
        ];
        for (column, names, way, anchor) in ends {
            for (&at, name) in column.into_iter().flatten().zip(names) {
                let at = at + vec2(way * (radius + 5.0), 0.0);
                let painter = ui.painter();
                painter.text(at, anchor, name, font.clone(), colors.text);
            }
        }
    }

    /// The neuron under the pointer, else the line; where several are near, a strong one.
    fn nearest(&self, columns: &[Vec<Pos2>], pointer: Pos2) -> Option<Place> {
        let radius = radius(columns) + 3.0;
        for (column, neurons) in columns.iter().enumerate().skip(1) {
            let near = |at: &Pos2| at.distance(pointer) <= radius;
            if let Some(neuron) = neurons.iter().position(near) {
                return Some(Place {
                    layer: column - 1,
                    input: None,
                    neuron,
                });
            }
        }
        let lines = self
            .each_line(columns)
            .filter_map(|(place, ends, strength)| {
                let far = distance(pointer, ends);
                (far <= NEAR).then_some((place, far + 3.0 * (1.0 - strength.abs())))
            });
        let nearest = lines.min_by(|a, b| a.1.total_cmp(&b.1));
        nearest.map(|(place, _)| place)
    }
}

/// Width and colour of a line, for a strength in −1..=1.
fn look(strength: f32, colors: &Palette) -> (f32, Color32) {
    let size = strength.abs();
    let color = colors.signed(strength.signum() * (0.35 + 0.65 * size));
    (0.4 + 3.2 * size, color.gamma_multiply(0.25 + 0.75 * size))
}

/// Of a neuron: what there is room for.
fn radius(columns: &[Vec<Pos2>]) -> f32 {
    let gap = |column: &Vec<Pos2>| match column[..] {
        [a, b, ..] => (b.y - a.y).abs(),
        _ => 36.0,
    };
    let least = columns.iter().map(gap).fold(36.0, f32::min);
    (least * 0.36).clamp(1.5, 8.0)
}

fn name_room(ui: &Ui, names: &[&str]) -> f32 {
    let font = TextStyle::Small.resolve(ui.style());
    let ink = theme::palette(ui.ctx()).text;
    let width = |name: &&str| {
        let galley = ui
            .painter()
            .layout_no_wrap((*name).to_owned(), font.clone(), ink);
        galley.size().x
    };
    names.iter().map(width).fold(0.0, f32::max)
}

/// From a point to a line.
fn distance(point: Pos2, [a, b]: [Pos2; 2]) -> f32 {
    let along = b - a;
    let share = (point - a).dot(along) / along.length_sq().max(1e-6);
    (a + along * share.clamp(0.0, 1.0)).distance(point)
}
