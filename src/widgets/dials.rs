//! Directions as dials: one for each pair of numbers that a rotary position turns together.

use crate::theme;
use eframe::egui::{
    Align2, FontId, Pos2, Rect, Role, Sense, Stroke, TextStyle, Ui, Vec2, WidgetInfo, pos2, vec2,
};

/// A dial is never smaller across.
const LEAST: f32 = 22.0;

/// One dial.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dial {
    /// Cosine and sine of where its hand points; 0 is to the right, and it turns against the clock.
    pub hand: [f32; 2],
    /// Radians it turns with each position; `None` where nobody knows.
    pub per_position: Option<f64>,
}

/// Dials in rows.
#[derive(Debug, Clone, Copy)]
pub struct Dials<'a> {
    /// What AccessKit calls them.
    pub name: &'a str,
    /// The dials.
    pub dials: &'a [Dial],
}

impl Dials<'_> {
    /// Draws them as large as `size` lets them be.
    pub fn show(self, ui: &mut Ui, size: Vec2) {
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        let n = self.dials.len();
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Image, true, format!("{}: {n} dials", self.name))
        });
        if n == 0 || !ui.is_rect_visible(rect) {
            return;
        }
        let n_columns = columns(n, size);
        let cell = vec2(
            size.x / n_columns as f32,
            size.y / n.div_ceil(n_columns) as f32,
        );
        let font = TextStyle::Small.resolve(ui.style());
        let room = if cell.y > 60.0 { font.size + 2.0 } else { 0.0 };
        let radius = (cell.x.min(cell.y - room) * 0.5 - 3.0).clamp(4.0, 34.0);
        let mut hovered = None;
        for (i, dial) in self.dials.iter().enumerate() {
            let corner = vec2(
                (i % n_columns) as f32 * cell.x,
                (i / n_columns) as f32 * cell.y,
            );
            let place = Rect::from_min_size(rect.min + corner, cell);
            let centre = place.center() - vec2(0.0, room * 0.5);
            let label = (room > 0.0).then_some(&font);
            paint(ui, i, dial, centre, radius, label);
            if response.hover_pos().is_some_and(|at| place.contains(at)) {
                hovered = Some((i, dial));
            }
        }
        if let Some((i, dial)) = hovered {
            response.on_hover_text(told(i, dial));
        }
    }
}

/// How many stand beside each other so that they are as large as they can be.
fn columns(n: usize, size: Vec2) -> usize {
    let across = |n_columns: usize| {
        let rows = n.div_ceil(n_columns) as f32;
        (size.x / n_columns as f32).min(size.y / rows).max(LEAST)
    };
    let all = 1..=n;
    let best = all.max_by(|&a, &b| across(a).total_cmp(&across(b)).then(b.cmp(&a)));
    best.unwrap_or(1)
}

fn paint(ui: &Ui, i: usize, dial: &Dial, centre: Pos2, radius: f32, label: Option<&FontId>) {
    let colors = theme::palette(ui.ctx());
    let painter = ui.painter();
    let [cos, sin] = dial.hand;
    painter.circle(
        centre,
        radius,
        colors.control,
        Stroke::new(1.0, colors.outline),
    );
    let start = pos2(centre.x + radius, centre.y);
    painter.line_segment([centre, start], Stroke::new(1.0, colors.line));
    let hand = vec2(cos, -sin) * (radius - 2.0);
    painter.line_segment([centre, centre + hand], Stroke::new(2.5, colors.accent));
    painter.circle_filled(centre, 2.0, colors.accent);
    if let Some(font) = label {
        let at = pos2(centre.x, centre.y + radius + 1.0);
        painter.text(
            at,
            Align2::CENTER_TOP,
            i.to_string(),
            font.clone(),
            colors.text_weak,
        );
    }
}

fn told(i: usize, dial: &Dial) -> String {
    let [cos, sin] = dial.hand;
    let degrees = sin.atan2(cos).to_degrees().rem_euclid(360.0);
    let now = format!("Pair {i} points to {degrees:.1}°.");
    match dial.per_position {
        Some(radians) if radians > 0.0 => {
            let around = std::f64::consts::TAU / radians;
            format!(
                "{now} It turns by {:.4}° with every position: once around in {around:.0}.",
                radians.to_degrees()
            )
        }
        _ => now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dials_fill_the_room_there_is() {
        assert_eq!(columns(32, vec2(800.0, 400.0)), 8);
        assert_eq!(columns(1, vec2(10.0, 10.0)), 1);
        assert_eq!(columns(4, vec2(400.0, 50.0)), 4);
    }
}
