//! One plane at one moment: the data, the points on their way, the arrows that lead them. What a moment
//! looks like is made once, as one mesh, and then shown in every frame.

use super::layers::Layers;
use crate::labs::diffusion::plane::{Distribution, Look, Shape as Real};
use crate::tabs::images::plane::plot::{Square, inks, paint_frame};
use crate::theme::{self, Palette, Theme};
use crate::widgets::fine_lines::{add_arrow, add_diamond, add_disc, add_line};
use eframe::egui::{Color32, Mesh, Rect, Shape, Ui, pos2};
use std::sync::Arc;

/// An arrow is as long as the way that a point there would go in this part of the time.
pub(super) const ARROW_SECS: f32 = 0.1;
/// No arrow is longer than this, in units of the plane.
const LONGEST: f32 = 0.22;
/// Points of the data that are drawn.
const N_REALS: usize = 600;

/// What is drawn of a moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment<'a> {
    pub(super) look: &'a Look,
    /// Differs whenever the look does.
    pub(super) number: u64,
    pub(super) step: usize,
    pub(super) layers: Layers,
    pub(super) n_ways: usize,
    /// The way of the point that was clicked, and the step that it begins at.
    pub(super) asked: Option<(&'a [[f32; 2]], usize)>,
}

type Key = (u64, usize, Layers, usize, Option<[u32; 2]>, Theme, Square);

/// What is drawn, kept.
#[derive(Default)]
pub(super) struct Plot {
    mesh: Arc<Mesh>,
    mesh_of: Option<Key>,
    reals: Vec<[f32; 2]>,
    reals_of: Option<Real>,
}

impl std::fmt::Debug for Plot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plot").finish_non_exhaustive()
    }
}

impl Plot {
    /// Draws a moment.
    pub(super) fn show(&mut self, ui: &Ui, square: Square, real: &Real, moment: Moment<'_>) {
        let colors = theme::palette(ui.ctx());
        if self.reals_of.as_ref() != Some(real) {
            self.reals = Distribution::of(real).shown(N_REALS);
            self.reals_of = Some(real.clone());
            self.mesh_of = None;
        }
        let asked = moment
            .asked
            .map(|(way, begin)| way[0].map(f32::to_bits).map(|bits| bits ^ begin as u32));
        let key = (
            moment.number,
            moment.step,
            moment.layers,
            moment.n_ways,
            asked,
            theme::current(ui.ctx()),
            square,
        );
        if self.mesh_of != Some(key) {
            self.mesh_of = Some(key);
            self.mesh = Arc::new(self.mesh(square, moment, colors));
        }
        let painter = ui.painter().with_clip_rect(square.rect);
        painter.rect_filled(square.rect, 0.0, colors.stage);
        painter.add(Shape::Mesh(Arc::clone(&self.mesh)));
        paint_frame(ui, square);
    }

    fn mesh(&self, square: Square, moment: Moment<'_>, colors: &Palette) -> Mesh {
        let mut mesh = Mesh::default();
        let [real, made] = inks(colors);
        let radius = (square.scale() * 0.013).clamp(1.6, 3.5);
        let Moment { look, step, .. } = moment;
        if moment.layers.reals {
            let soft = theme::mix(colors.stage, real, 0.5);
            for &point in &self.reals {
                add_disc(&mut mesh, square.place(point), radius * 0.8, soft);
            }
        }
        if moment.layers.arrows {
            add_arrows(&mut mesh, square, look, step, colors.text_weak);
        }
        if moment.layers.ways {
            let n = moment.n_ways.min(look.points.first().map_or(0, Vec::len));
            for i in 0..n {
                let way: Vec<[f32; 2]> = look.points.iter().map(|moment| moment[i]).collect();
                add_way(
                    &mut mesh,
                    square,
                    &way,
                    step,
                    1.3,
                    [made.gamma_multiply(0.7), colors.outline.gamma_multiply(0.6)],
                );
            }
        }
        if moment.layers.made {
            for &point in look.points.get(step).into_iter().flatten() {
                let at = square.place(point);
                add_diamond(&mut mesh, at, radius + 1.4, colors.stage);
                add_diamond(&mut mesh, at, radius + 0.4, made);
            }
        }
        if let Some((way, begin)) = moment.asked {
            let gone = step.saturating_sub(begin);
            let inks = [colors.accent, colors.accent.gamma_multiply(0.6)];
            add_way(&mut mesh, square, way, gone, 2.6, inks);
            for (i, &point) in way.iter().enumerate() {
                let (radius, ink) = if i == gone {
                    (6.0, colors.accent)
                } else {
                    (2.6, colors.accent)
                };
                add_disc(&mut mesh, square.place(point), radius + 1.2, colors.stage);
                add_disc(&mut mesh, square.place(point), radius, ink);
            }
        }
        mesh
    }
}

/// Where a point in every cell is led from this moment on.
fn add_arrows(mesh: &mut Mesh, square: Square, look: &Look, step: usize, ink: Color32) {
    // At the end nothing moves any more: the last step's arrows stay.
    let Some(step) = (look.arrows.len().checked_sub(1)).map(|last| step.min(last)) else {
        return;
    };
    let lasts = (look.times[step] - look.times[step + 1]).max(1e-6) as f32;
    for (&[x, y], &[to_x, to_y]) in look.cells.iter().zip(&look.arrows[step]) {
        let [dx, dy] = [to_x - x, to_y - y].map(|d| d / lasts * ARROW_SECS);
        let length = dx.hypot(dy);
        if !length.is_finite() {
            continue;
        }
        let by = (LONGEST / length.max(1e-9)).min(1.0);
        let ends = [[x, y], [x + dx * by, y + dy * by]];
        let [from, to] = ends.map(|end| square.place(end));
        add_arrow(mesh, from, to, 1.3, ink);
    }
}

/// A way: gone until a step in the one ink, to come in the other.
fn add_way(
    mesh: &mut Mesh,
    square: Square,
    way: &[[f32; 2]],
    step: usize,
    width: f32,
    [gone, to_come]: [Color32; 2],
) {
    for (i, ends) in way.windows(2).enumerate() {
        let ends = [square.place(ends[0]), square.place(ends[1])];
        let ink = if i < step { gone } else { to_come };
        add_line(mesh, ends, width, ink);
    }
}

/// Points in a small square, for the strip.
pub(super) fn thumbnail(mesh: &mut Mesh, place: Rect, points: &[[f32; 2]], ink: Color32) {
    let square = Square { rect: place };
    for &point in points.iter().take(240) {
        let at = square.place(point);
        if !place.contains(at) {
            continue;
        }
        let first = mesh.vertices.len() as u32;
        for (x, y) in [(-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)] {
            mesh.colored_vertex(pos2(at.x + x, at.y + y), ink);
        }
        mesh.add_triangle(first, first + 1, first + 2);
        mesh.add_triangle(first, first + 2, first + 3);
    }
}
