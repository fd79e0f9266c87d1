//! The schedule: how much of the picture is left at each level, as a curve that can be drawn.

use crate::labs::diffusion::{Levels, N_LEVELS, Schedule};
use crate::theme;
use eframe::egui::{
    self, Align2, EventFilter, Key, Pos2, Rect, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo,
    pos2, vec2,
};

/// Points of a drawn curve.
pub(super) const N_POINTS: usize = 6;
/// What a press of an arrow key moves a point by.
const KEY_STEP: f64 = 0.02;

/// Which schedule puts the noise on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Kind {
    #[default]
    Cosine,
    Linear,
    Drawn,
}

impl Kind {
    pub(super) const ALL: [(Self, &'static str, &'static str); 3] = [
        (
            Self::Cosine,
            "Cosine",
            "ᾱ falls as a squared cosine (Nichol and Dhariwal 2021): few levels that are next to clean or next to noise.",
        ),
        (
            Self::Linear,
            "Linear",
            "Each level adds a little more noise than the one before it (Ho, Jain and Abbeel 2020): after half of the levels hardly anything is left.",
        ),
        (
            Self::Drawn,
            "Drawn",
            "Drag the points of the curve. It never rises: noise is only added.",
        ),
    ];

    /// The schedule, where `points` are what was drawn.
    pub(super) fn schedule(self, points: &[[f64; 2]]) -> Schedule {
        match self {
            Self::Cosine => Schedule::Cosine,
            Self::Linear => Schedule::LINEAR,
            Self::Drawn => Schedule::Drawn(points.to_vec()),
        }
    }
}

/// Points to drag, on the curve of these levels.
pub(super) fn points_of(levels: &Levels) -> Vec<[f64; 2]> {
    let point = |i: usize| {
        let x = i as f64 / (N_POINTS - 1) as f64;
        let t = (x * N_LEVELS as f64 - 1.0).max(0.0);
        [x, levels.at(t).alpha_cumprod]
    };
    (0..N_POINTS).map(point).collect()
}

/// What was done with the curve.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Done {
    /// The level that was pressed.
    pub(super) t: Option<f64>,
    /// A point that was moved, and where to.
    pub(super) moved: Option<(usize, [f64; 2])>,
}

/// Draws the curve of `levels`, that of the network's own below it where it is another, and the points.
pub(super) fn curve(
    ui: &mut Ui,
    height: f32,
    levels: &Levels,
    own: Option<&Levels>,
    points: &[[f64; 2]],
    t: f64,
) -> Done {
    let (rect, response) =
        ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click_and_drag());
    let here = levels.at(t).alpha_cumprod;
    response.widget_info(|| {
        let words = format!("The schedule: {here:.3} of the variance is picture at t = {t:.0}");
        WidgetInfo::labeled(Role::Image, true, words)
    });
    let font = TextStyle::Small.resolve(ui.style());
    let plot = Plot(Rect::from_min_max(
        rect.min + vec2(font.size * 2.0, font.size * 1.7),
        rect.max - vec2(10.0, font.size * 1.6),
    ));
    axes(ui, rect, &plot);
    if let Some(own) = own {
        let stroke = Stroke::new(1.5, theme::palette(ui.ctx()).outline);
        line(ui, &plot, own, stroke);
    }
    let colors = theme::palette(ui.ctx());
    line(ui, &plot, levels, Stroke::new(2.0, colors.accent));
    let at = plot.place([t / N_LEVELS as f64, here]);
    let painter = ui.painter();
    painter.vline(at.x, plot.0.y_range(), Stroke::new(1.0, colors.text_weak));
    painter.circle_filled(at, 5.0, colors.text);
    let mut done = Done::default();
    for (i, &point) in points.iter().enumerate() {
        let moved = handle(ui, &plot, i, point);
        done.moved = moved.map(|to| (i, within(points, i, to))).or(done.moved);
    }
    let pressed = response.dragged() || response.clicked();
    if let Some(pointer) = response.interact_pointer_pos().filter(|_| pressed) {
        let [x, _] = plot.value(pointer);
        done.t = Some((x * N_LEVELS as f64).round().min((N_LEVELS - 1) as f64));
    }
    let hint = "ᾱ, the part of the variance that is picture, against the level t. Press to choose a level.";
    response.on_hover_text(hint);
    done
}

/// A point that can be dragged, or moved with the arrow keys.
fn handle(ui: &mut Ui, plot: &Plot, i: usize, point: [f64; 2]) -> Option<[f64; 2]> {
    let at = plot.place(point);
    let area = Rect::from_center_size(at, egui::Vec2::splat(18.0));
    let id = ui.scope_id().with(("point of the schedule", i));
    let response = ui.interact(area, id, Sense::click_and_drag());
    let name = format!("Point {} of the schedule", i + 1);
    response.widget_info(|| WidgetInfo::slider(true, point[1], &name));
    let colors = theme::palette(ui.ctx());
    let lit = response.hovered() || response.has_focus() || response.dragged();
    let painter = ui.painter();
    painter.circle_filled(at, if lit { 7.0 } else { 5.5 }, colors.stage);
    painter.circle_stroke(
        at,
        if lit { 7.0 } else { 5.5 },
        Stroke::new(2.5, colors.accent),
    );
    if response.clicked() {
        response.request_focus();
    }
    let dragged = response.dragged().then(|| response.interact_pointer_pos());
    if let Some(pointer) = dragged.flatten() {
        return Some(plot.value(pointer));
    }
    if !response.has_focus() {
        return None;
    }
    let filter = EventFilter {
        vertical_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
    let [up, down] = [Key::ArrowUp, Key::ArrowDown].map(|key| ui.input(|i| i.key_pressed(key)));
    let step = match (up, down) {
        (true, _) => KEY_STEP,
        (_, true) => -KEY_STEP,
        _ => return None,
    };
    Some([point[0], point[1] + step])
}

/// Where point `i` may go: between its neighbours, which stay a level apart.
fn within(points: &[[f64; 2]], i: usize, [x, y]: [f64; 2]) -> [f64; 2] {
    let before = i.checked_sub(1).and_then(|i| points.get(i));
    let after = points.get(i + 1);
    let x = match (before, after) {
        (None, _) => 0.0,
        (_, None) => 1.0,
        (Some(before), Some(after)) => x.clamp(before[0] + 0.01, after[0] - 0.01),
    };
    let most = before.map_or(1.0, |before| before[1]);
    let least = after.map_or(0.0, |after| after[1]);
    [x, y.clamp(least.min(most), most)]
}

fn axes(ui: &Ui, rect: Rect, plot: &Plot) {
    let colors = theme::palette(ui.ctx());
    let font = TextStyle::Small.resolve(ui.style());
    let painter = ui.painter();
    let write = |at: Pos2, anchor: Align2, text: &str| {
        painter.text(at, anchor, text, font.clone(), colors.text_weak);
    };
    for (value, text) in [(0.0, "0"), (0.5, "½"), (1.0, "1")] {
        let at = plot.place([0.0, value]);
        let stroke = Stroke::new(1.0, colors.line);
        painter.hline(plot.0.x_range(), at.y, stroke);
        write(at - vec2(6.0, 0.0), Align2::RIGHT_CENTER, text);
    }
    write(rect.left_top(), Align2::LEFT_TOP, "ᾱ: how much is picture");
    let below = plot.0.bottom() + 3.0;
    write(pos2(plot.0.left(), below), Align2::LEFT_TOP, "0");
    write(
        pos2(plot.0.right(), below),
        Align2::RIGHT_TOP,
        "999 noise level t",
    );
}

fn line(ui: &Ui, plot: &Plot, levels: &Levels, stroke: Stroke) {
    let values = levels.alphas_cumprod().iter().enumerate().step_by(9);
    let places = values.map(|(i, &value)| plot.place([i as f64 / N_LEVELS as f64, value]));
    ui.painter().line(places.collect(), stroke);
}

/// Where the curve stands; both axes go from 0 to 1.
struct Plot(Rect);

impl Plot {
    fn place(&self, [x, y]: [f64; 2]) -> Pos2 {
        let at = vec2(x as f32, 1.0 - y as f32) * self.0.size();
        self.0.min + at
    }

    fn value(&self, at: Pos2) -> [f64; 2] {
        let share = (at - self.0.min) / self.0.size();
        [share.x, 1.0 - share.y].map(|x| f64::from(x.clamp(0.0, 1.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_drawn_through_its_own_points_is_nearly_the_same() {
        let cosine = Schedule::Cosine.levels();
        let drawn = Kind::Drawn.schedule(&points_of(&cosine)).levels();
        for t in [100.0, 400.0, 800.0] {
            let [a, b] = [&cosine, &drawn].map(|levels| levels.at(t).alpha_cumprod);
            assert!((a - b).abs() < 0.03, "{t}: {a} {b}");
        }
    }

    #[test]
    fn a_point_stays_between_its_neighbours() {
        let points = [[0.0, 1.0], [0.5, 0.6], [1.0, 0.1]];
        assert_eq!(within(&points, 1, [2.0, 3.0]), [0.99, 1.0]);
        assert_eq!(within(&points, 1, [0.4, 0.0]), [0.4, 0.1]);
        assert_eq!(within(&points, 2, [0.3, 0.9]), [1.0, 0.6]);
        let plot = Plot(Rect::from_min_size(pos2(10.0, 20.0), vec2(200.0, 100.0)));
        let [x, y] = plot.value(plot.place([0.25, 0.75]));
        assert!((x - 0.25).abs() < 1e-6 && (y - 0.75).abs() < 1e-6);
    }
}
