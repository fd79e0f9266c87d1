//! The square that everything happens on: the discriminator as a heat map, the generator's grid, the
//! points, and the arrows that say where they are pulled.
//!
//! What a turn looks like is made once, as one texture and one mesh, and then shown in every frame.

use super::layers::Layers;
use crate::labs::gan::Reading;
use crate::labs::gan::plane::{EXTENT, GRID_SIDE, HEAT_SIDE, Turn};
use crate::theme::{self, Palette, Theme};
use crate::widgets::fine_lines::{add_arrow, add_diamond, add_disc, add_line};
use eframe::egui::{
    Align2, Color32, ColorImage, Mesh, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, TextStyle,
    TextureHandle, TextureOptions, Ui, pos2, vec2,
};
use std::sync::Arc;

/// How strongly the heat map is coloured, so that points stand out on it.
const HEAT_STRENGTH: f32 = 0.62;

/// A pull of length 1 (loss per unit of the plane) is drawn so long, in units of the plane.
pub(super) const ARROW_UNIT: f32 = 0.05;

/// No arrow is longer than this, in units of the plane.
pub(super) const LONGEST_ARROW: f32 = 0.25;

/// Between the square and the numbers beside it.
const EDGE: f32 = 4.0;

/// Where the plane stands on the screen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::tabs::images) struct Square {
    pub(in crate::tabs::images) rect: Rect,
}

impl Square {
    /// The largest square at the top left of `area`, with room for the numbers beside it.
    pub(in crate::tabs::images) fn in_area(ui: &Ui, area: Rect) -> Self {
        let font = TextStyle::Small.resolve(ui.style());
        let [left, below] = [font.size * 1.5 + EDGE, font.size * 1.3 + EDGE];
        let side = (area.width() - left).min(area.height() - below).max(80.0);
        let corner = pos2(area.left() + left, area.top());
        Self {
            rect: Rect::from_min_size(corner, vec2(side, side)),
        }
    }

    pub(in crate::tabs::images) fn place(self, [x, y]: [f32; 2]) -> Pos2 {
        let scale = self.scale();
        self.rect.center() + vec2(x * scale, -y * scale)
    }

    pub(in crate::tabs::images) fn point(self, at: Pos2) -> [f32; 2] {
        let from = (at - self.rect.center()) / self.scale();
        [from.x, -from.y]
    }

    /// Points on the screen in a unit of the plane.
    pub(in crate::tabs::images) fn scale(self) -> f32 {
        self.rect.width() / (2.0 * EXTENT)
    }
}

/// The colours of real and generated points, as they stand on the heat map.
pub(in crate::tabs::images) fn inks(colors: &Palette) -> [Color32; 2] {
    [colors.signed(-1.0), colors.signed(1.0)]
}

/// The colour of the heat map where D leans so, −1 fake to 1 real.
pub(super) fn heat_color(colors: &Palette, leaning: f32) -> Color32 {
    colors.signed(-leaning * HEAT_STRENGTH)
}

/// What is drawn of a turn, made once.
#[derive(Default)]
pub(super) struct Drawing {
    heat: Option<TextureHandle>,
    heat_of: Option<(u64, Theme)>,
    lines: Arc<Mesh>,
    lines_of: Option<(u64, Theme, Square, Layers)>,
}

impl std::fmt::Debug for Drawing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Drawing").finish_non_exhaustive()
    }
}

impl Drawing {
    /// Draws a turn; `number` differs whenever the turn does.
    pub(super) fn show(
        &mut self,
        ui: &Ui,
        square: Square,
        turn: &Turn,
        number: u64,
        layers: Layers,
    ) {
        let colors = theme::palette(ui.ctx());
        let painter = ui.painter().with_clip_rect(square.rect);
        painter.rect_filled(square.rect, 0.0, colors.stage);
        if layers.heat {
            self.paint_heat(ui, &painter, square, turn, number);
        }
        let key = (number, theme::current(ui.ctx()), square, layers);
        if self.lines_of != Some(key) {
            self.lines_of = Some(key);
            self.lines = Arc::new(mesh_of(turn, square, layers, colors));
        }
        painter.add(Shape::Mesh(Arc::clone(&self.lines)));
        paint_frame(ui, square);
    }

    fn paint_heat(&mut self, ui: &Ui, painter: &Painter, square: Square, turn: &Turn, number: u64) {
        let key = (number, theme::current(ui.ctx()));
        if self.heat_of != Some(key) {
            self.heat_of = Some(key);
            let image = heat_image(turn, theme::palette(ui.ctx()));
            let options = TextureOptions::LINEAR;
            if let Some(texture) = &mut self.heat {
                texture.set(image, options);
            } else {
                self.heat = Some(ui.ctx().load_texture("discriminator", image, options));
            }
        }
        if let Some(texture) = &self.heat {
            let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            painter.image(texture.id(), square.rect, whole, Color32::WHITE);
        }
    }
}

/// The heat map, one pixel for each cell, the highest row first.
pub(super) fn heat_image(turn: &Turn, colors: &Palette) -> ColorImage {
    let rows = turn.heat.chunks(HEAT_SIDE).rev();
    let leaning = leanings(turn);
    let pixels = rows
        .flatten()
        .map(|&output| heat_color(colors, leaning(output)));
    let mut pixels: Vec<Color32> = pixels.collect();
    pixels.resize(HEAT_SIDE * HEAT_SIDE, colors.stage);
    ColorImage::new([HEAT_SIDE, HEAT_SIDE], pixels)
}

/// How D leans at each output; what it is measured in is found once.
fn leanings(turn: &Turn) -> impl Fn(f32) -> f32 + '_ {
    let greatest = (turn.reading == Reading::Score).then(|| turn.greatest_distance());
    move |output| match greatest {
        Some(greatest) => ((output - turn.boundary) / greatest).clamp(-1.0, 1.0),
        None => turn.leaning(output),
    }
}

/// Everything but the heat map.
pub(super) fn mesh_of(turn: &Turn, square: Square, layers: Layers, colors: &Palette) -> Mesh {
    let mut mesh = Mesh::default();
    let radius = (square.scale() * 0.017).clamp(2.0, 4.5);
    let [real, fake] = inks(colors);
    if layers.grid {
        add_grid(&mut mesh, turn, square, colors.text.gamma_multiply(0.45));
    }
    if layers.reals {
        for &point in &turn.reals {
            let at = square.place(point);
            add_disc(&mut mesh, at, radius + 1.0, colors.stage);
            add_disc(&mut mesh, at, radius, real);
        }
    }
    if layers.fakes {
        for &point in &turn.fakes {
            let at = square.place(point);
            add_diamond(&mut mesh, at, radius + 2.0, colors.stage);
            add_diamond(&mut mesh, at, radius + 0.8, fake);
        }
    }
    if layers.arrows {
        for (&from, &pull) in turn.fakes.iter().zip(&turn.arrows) {
            let [from, to] = [from, arrow_end(from, pull)].map(|end| square.place(end));
            add_arrow(&mut mesh, from, to, 1.6, colors.text);
        }
    }
    mesh
}

/// Where the arrow of a pull ends.
pub(super) fn arrow_end([x, y]: [f32; 2], [dx, dy]: [f32; 2]) -> [f32; 2] {
    let length = dx.hypot(dy) * ARROW_UNIT;
    if !length.is_finite() {
        return [x, y];
    }
    let by = ARROW_UNIT * (LONGEST_ARROW / length.max(1e-12)).min(1.0);
    [x + dx * by, y + dy * by]
}

/// The pull of an arrow that is so long on the screen, in points.
pub(super) fn pull_of_length(square: Square, points: f32) -> f32 {
    points / square.scale() / ARROW_UNIT
}

fn add_grid(mesh: &mut Mesh, turn: &Turn, square: Square, color: Color32) {
    let side = GRID_SIDE + 1;
    let at = |row: usize, column: usize| turn.grid.get(row * side + column).copied();
    let mut add = |a: Option<[f32; 2]>, b: Option<[f32; 2]>| {
        if let (Some(a), Some(b)) = (a, b) {
            add_line(mesh, [square.place(a), square.place(b)], 1.0, color);
        }
    };
    for row in 0..side {
        for column in 0..side {
            if column + 1 < side {
                add(at(row, column), at(row, column + 1));
            }
            if row + 1 < side {
                add(at(row, column), at(row + 1, column));
            }
        }
    }
}

/// The edge of the plane and the numbers along it.
pub(in crate::tabs::images) fn paint_frame(ui: &Ui, square: Square) {
    let colors = theme::palette(ui.ctx());
    let painter = ui.painter();
    let edge = Stroke::new(1.0, colors.outline);
    painter.rect_stroke(square.rect, 0.0, edge, StrokeKind::Inside);
    let font = TextStyle::Small.resolve(ui.style());
    for value in [-1.0_f32, 0.0, 1.0] {
        let words = format!("{value:.0}").replace('-', "−");
        let at = square.place([value, value]);
        let tick = |from: Pos2, to: Pos2| _ = painter.line_segment([from, to], edge);
        let bottom = square.rect.bottom();
        tick(pos2(at.x, bottom), pos2(at.x, bottom - 4.0));
        let below = pos2(at.x, bottom + 2.0);
        let ink = colors.text_weak;
        painter.text(below, Align2::CENTER_TOP, &words, font.clone(), ink);
        let left = square.rect.left();
        tick(pos2(left, at.y), pos2(left + 4.0, at.y));
        let beside = pos2(left - EDGE, at.y);
        painter.text(beside, Align2::RIGHT_CENTER, &words, font.clone(), ink);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_on_the_plane_is_drawn_where_the_pointer_finds_it_again() {
        let square = Square {
            rect: Rect::from_min_size(pos2(30.0, 10.0), vec2(240.0, 240.0)),
        };
        let near = |a: Pos2, b: Pos2| a.distance(b) < 1e-3;
        assert!(near(square.place([-EXTENT, EXTENT]), pos2(30.0, 10.0)));
        assert!(near(square.place([0.0, 0.0]), pos2(150.0, 130.0)));
        let [x, y] = square.point(square.place([0.3, -0.7]));
        assert!((x - 0.3).abs() < 1e-5 && (y + 0.7).abs() < 1e-5);
    }

    #[test]
    fn an_arrow_is_as_long_as_the_pull_until_it_would_cover_the_plane() {
        let [x, y] = arrow_end([0.5, 0.5], [1.0, 0.0]);
        assert!((x - 0.5 - ARROW_UNIT).abs() < 1e-6 && (y - 0.5).abs() < 1e-6);
        let [x, y] = arrow_end([0.0, 0.0], [3e4, 4e4]);
        assert!((x.hypot(y) - LONGEST_ARROW).abs() < 1e-4);
        assert_eq!(arrow_end([0.1, 0.2], [f32::NAN, 0.0]), [0.1, 0.2]);
    }
}
