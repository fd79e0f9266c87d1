//! What the dots look like: their size, their colour, and which stand out.

use super::picture::{self, Dot};
use super::{Scatter, ScatterState};
use crate::theme::{self, mix};
use eframe::egui::{Align2, Color32, Painter, Rect, TextStyle, Ui, Vec2, pos2, vec2};
use std::sync::Arc;

/// Shades told apart by a scale, and by the fog in space.
const N_SHADES: usize = 64;
const N_FOGS: usize = 12;

/// Width of the legend's scale in screen points.
const LEGEND_WIDTH: f32 = 176.0;

/// Points that matter now: they stand out, and the others fade.
#[derive(Debug, Clone, Copy, Default)]
pub struct Emphasis<'a> {
    /// The one that was clicked.
    pub chosen: Option<usize>,
    /// Its neighbours, the nearest first.
    pub lit: &'a [u32],
    /// What a search found.
    pub found: &'a [u32],
    /// What a lasso holds.
    pub selected: &'a [u32],
}

impl<'a> Emphasis<'a> {
    pub(super) fn sets(&self) -> [&'a [u32]; 3] {
        [self.lit, self.found, self.selected]
    }

    /// Whether any point stands out.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.chosen.is_some() || self.sets().iter().any(|set| !set.is_empty())
    }
}

/// How a value becomes a colour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ShadeScale {
    /// Viridis between two values.
    Magnitude {
        /// The darkest.
        from: f32,
        /// The lightest.
        to: f32,
    },
    /// Blue to red, pale at zero.
    Signed {
        /// The value at either end.
        most: f32,
    },
}

/// Colours by a value of each point.
#[derive(Debug, Clone, Copy)]
pub struct Shade<'a> {
    /// The value of each point.
    pub values: &'a [f32],
    /// How it becomes a colour.
    pub scale: ShadeScale,
    /// What the value is.
    pub title: &'a str,
    /// What stands at the ends of the legend: "man", "woman".
    pub ends: [&'a str; 2],
}

impl Shade<'_> {
    /// Where value `i` stands on the scale, 0..=1.
    fn share(&self, i: usize) -> f32 {
        let value = self.values.get(i).copied().unwrap_or(f32::NAN);
        let share = match self.scale {
            ShadeScale::Magnitude { from, to } => (value - from) / (to - from).max(1e-12),
            ShadeScale::Signed { most } => value / most.max(1e-12) * 0.5 + 0.5,
        };
        if share.is_nan() {
            0.5
        } else {
            share.clamp(0.0, 1.0)
        }
    }

    /// The colour at a share; the pale middle is darkened enough to be seen on the stage.
    fn color(&self, share: f32, colors: &theme::Palette) -> Color32 {
        match self.scale {
            ShadeScale::Magnitude { .. } => theme::viridis(share),
            ShadeScale::Signed { .. } => {
                let signed = share * 2.0 - 1.0;
                let pale = 0.38 * (1.0 - signed.abs());
                mix(theme::diverging(signed), colors.outline, pale)
            }
        }
    }
}

impl Scatter<'_> {
    /// The radius of an ordinary dot in screen points: smaller the more there are.
    pub(super) fn radius(&self, size: Vec2, zoom: f32) -> f32 {
        let room = (size.x * size.y / self.positions.len().max(1) as f32).sqrt();
        ((room * 0.16).clamp(1.3, 4.5) * zoom.max(0.2).powf(0.25)).clamp(1.1, 6.0)
    }

    /// Paints every dot and hands the picture over.
    pub(super) fn paint_dots(
        &self,
        ui: &Ui,
        state: &mut ScatterState,
        size: [usize; 2],
        pixels_per_point: f32,
    ) {
        let colors = theme::palette(ui.ctx());
        let ppp = pixels_per_point;
        let window = vec2(size[0] as f32, size[1] as f32) / ppp;
        let radius = self.radius(window, state.camera.zoom) * ppp;
        let inks = self.inks(colors, self.emphasis.is_any());
        if state.shaded != Some(self.version) {
            state.shaded = Some(self.version);
            state.shades = (0..self.positions.len())
                .map(|i| self.shade_of(i))
                .collect();
        }
        let image = Arc::make_mut(&mut state.image);
        picture::clear(image, size);
        let (places, near, shades) = (&state.places, &state.near, &state.shades);
        let thickness = |near: f32| if self.solid { fog(near) } else { N_FOGS - 1 };
        let dot = |i: usize| {
            let near = near.get(i).copied().unwrap_or(1.0);
            let [x, y] = places[i];
            Dot {
                at: [x * ppp, y * ppp],
                radius: radius * near,
                color: inks[thickness(near) * N_SHADES + usize::from(shades[i])],
            }
        };
        // On a flat map the most important lie on top, in space the nearest.
        if self.solid {
            let order = by_nearness(near);
            let dots = order.iter().map(|&i| dot(i as usize));
            picture::paint(image, &mut state.stamps, dots);
        } else {
            picture::paint(image, &mut state.stamps, (0..places.len()).rev().map(dot));
        }
        let plain = self.inks(colors, false);
        let ring = |i: usize, grow: f32, color: Color32| Dot {
            radius: dot(i).radius * 1.25 + grow * ppp,
            color,
            ..dot(i)
        };
        let marked = self.marked(colors);
        let dots = marked.iter().flat_map(|&(i, edge)| {
            let own = plain[(N_FOGS - 1) * N_SHADES + usize::from(shades[i])];
            [
                ring(i, 3.0, colors.stage),
                ring(i, 2.0, edge),
                ring(i, 0.5, own),
            ]
        });
        picture::paint(image, &mut state.stamps, dots);
        state.hand_over(ui);
    }

    /// The points that stand out, with the colour of their ring, the most important last.
    fn marked(&self, colors: &theme::Palette) -> Vec<(usize, Color32)> {
        let n = self.positions.len();
        let set = |set: &[u32], edge: Color32| {
            let points = set.iter().rev().map(|&i| i as usize);
            points
                .filter(|&i| i < n)
                .map(|i| (i, edge))
                .collect::<Vec<_>>()
        };
        let mut marked = set(self.emphasis.selected, colors.text_weak);
        marked.extend(set(self.emphasis.found, colors.accent));
        marked.extend(set(self.emphasis.lit, colors.text));
        let chosen = self.emphasis.chosen.filter(|&i| i < n);
        marked.extend(chosen.map(|i| (i, colors.accent)));
        marked
    }

    fn shade_of(&self, i: usize) -> u8 {
        let share = self.shade.as_ref().map_or(0.0, |shade| shade.share(i));
        (share * (N_SHADES - 1) as f32).round() as u8
    }

    /// Every colour a dot may have: shades, in each thickness of the fog.
    fn inks(&self, colors: &theme::Palette, faded: bool) -> Vec<Color32> {
        let mut inks = Vec::with_capacity(N_FOGS * N_SHADES);
        for fog in 0..N_FOGS {
            let far = 1.0 - fog as f32 / (N_FOGS - 1) as f32;
            for shade in 0..N_SHADES {
                let share = shade as f32 / (N_SHADES - 1) as f32;
                let own = match &self.shade {
                    Some(by) => by.color(share, colors),
                    None => mix(colors.hues[1], colors.text, 0.12),
                };
                let fade = if faded { 0.68 } else { 0.0 };
                inks.push(mix(own, colors.stage, fade + (1.0 - fade) * far * 0.7));
            }
        }
        inks
    }
}

/// How thick the fog is before a point: 0 thickest.
fn fog(near: f32) -> usize {
    let share = ((near - 0.75) / 0.55).clamp(0.0, 1.0);
    (share * (N_FOGS - 1) as f32 + 0.5) as usize
}

/// The points from the farthest to the nearest, by counting.
fn by_nearness(near: &[f32]) -> Vec<u32> {
    const N_BINS: usize = 1024;
    let bin = |near: f32| ((near * 400.0) as usize).min(N_BINS - 1);
    let mut starts = [0_u32; N_BINS + 1];
    for &near in near {
        starts[bin(near) + 1] += 1;
    }
    for i in 1..starts.len() {
        starts[i] += starts[i - 1];
    }
    let mut order = vec![0; near.len()];
    for (&near, i) in near.iter().zip(0_u32..) {
        let at = &mut starts[bin(near)];
        order[*at as usize] = i;
        *at += 1;
    }
    order
}

/// Where the legend stands: at the top right, in a window at `rect`.
pub(super) fn legend_area(rect: Rect) -> Rect {
    let size = vec2(LEGEND_WIDTH + 16.0, 52.0);
    Rect::from_min_size(pos2(rect.right() - size.x, rect.top()), size)
}

/// The scale of colours with what its ends mean.
pub(super) fn paint_legend(ui: &Ui, painter: &Painter, rect: Rect, shade: &Shade<'_>) {
    let colors = theme::palette(ui.ctx());
    let font = TextStyle::Small.resolve(ui.style());
    let area = legend_area(rect);
    painter.rect_filled(area, 4.0, colors.stage.gamma_multiply(0.85));
    let area = area.shrink2(vec2(8.0, 2.0));
    painter.text(
        area.left_top(),
        Align2::LEFT_TOP,
        shade.title,
        font.clone(),
        colors.text,
    );
    let bar = Rect::from_min_size(
        area.left_top() + vec2(0.0, font.size * 1.45),
        vec2(area.width(), 8.0),
    );
    let n = 48;
    let step = bar.width() / n as f32;
    for i in 0..n {
        let left = bar.left() + step * i as f32;
        let cell = Rect::from_min_size(pos2(left, bar.top()), vec2(step + 0.5, bar.height()));
        let fill = shade.color(i as f32 / (n - 1) as f32, colors);
        painter.rect_filled(cell, 0.0, fill);
    }
    let below = bar.bottom() + 2.0;
    let ink = colors.text_weak;
    let [from, to] = shade.ends;
    painter.text(
        pos2(bar.left(), below),
        Align2::LEFT_TOP,
        from,
        font.clone(),
        ink,
    );
    painter.text(pos2(bar.right(), below), Align2::RIGHT_TOP, to, font, ink);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_painted_from_the_farthest_to_the_nearest() {
        let near = [1.0, 0.8, 1.6, 0.7, 1.2];
        assert_eq!(by_nearness(&near), [3, 1, 0, 4, 2]);
        assert_eq!(fog(1.4), N_FOGS - 1);
        assert_eq!(fog(0.6), 0);
    }

    #[test]
    fn a_value_stands_where_its_scale_says() {
        let shade = Shade {
            values: &[-2.0, 0.0, 1.0, f32::NAN],
            scale: ShadeScale::Signed { most: 2.0 },
            title: "",
            ends: ["", ""],
        };
        let shares: Vec<f32> = (0..4).map(|i| shade.share(i)).collect();
        assert_eq!(shares, [0.0, 0.5, 0.75, 0.5]);
        let scale = ShadeScale::Magnitude { from: 0.0, to: 4.0 };
        assert_eq!(Shade { scale, ..shade }.share(2), 0.25);
    }
}
