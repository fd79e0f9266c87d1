//! The pointer on the plane: what is under it, and the equation of what was clicked.

use super::PlaneView;
use super::asked::{Asked, cell_at, cell_centre};
use super::film::Frame;
use super::plot::{Square, arrow_end};
use super::stage::Pane;
use crate::labs::gan::plane::Turn;
use crate::theme;
use crate::widgets::lines::written;
use eframe::egui::{CursorIcon, Pos2, Role, Sense, Stroke, Ui, WidgetInfo};

/// A pointer so near to an arrow or its point, in points on the screen, means it.
const NEAR: f32 = 7.0;

pub(super) fn on_the_plane(view: &mut PlaneView, ui: &mut Ui, square: Square, frame: &Frame) {
    let id = ui.scope_id().with("the plane");
    let response = ui.interact(square.rect, id, Sense::click());
    let turn = &frame.turn;
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, words(turn)));
    mark_asked(view, ui, square, turn);
    let Some(at) = response.hover_pos() else {
        return;
    };
    let arrow = view
        .layers
        .arrows
        .then(|| nearest_arrow(turn, square, at))
        .flatten();
    if response.clicked() {
        let asked = match arrow {
            Some(i) => Asked::Arrow(i),
            None => Asked::Cell(cell_at(square.point(at))),
        };
        view.ask(asked, Pane::Plane);
        return;
    }
    let told = match arrow {
        Some(i) => told_of_arrow(turn, i),
        None => told_of_cell(turn, cell_at(square.point(at))),
    };
    response
        .on_hover_cursor(CursorIcon::PointingHand)
        .on_hover_text_at_pointer(told);
}

fn words(turn: &Turn) -> String {
    format!(
        "The plane at turn {}: {} real and {} generated points",
        turn.turn,
        turn.reals.len(),
        turn.fakes.len()
    )
}

/// The arrow under the pointer: near its point or along it.
fn nearest_arrow(turn: &Turn, square: Square, pointer: Pos2) -> Option<usize> {
    let far = |(i, (&from, &pull)): (usize, (&[f32; 2], &[f32; 2]))| {
        let a = square.place(from);
        let b = square.place(arrow_end(from, pull));
        let along = b - a;
        let share = (pointer - a).dot(along) / along.length_sq().max(1e-6);
        let nearest = a + along * share.clamp(0.0, 1.0);
        (i, nearest.distance(pointer))
    };
    let arrows = turn.fakes.iter().zip(&turn.arrows).enumerate().map(far);
    let nearest = arrows.min_by(|a, b| a.1.total_cmp(&b.1));
    nearest.filter(|&(_, far)| far <= NEAR).map(|(i, _)| i)
}

fn told_of_arrow(turn: &Turn, i: usize) -> String {
    let [dx, dy] = turn.arrows.get(i).copied().unwrap_or_default();
    let says = turn.fake_outputs.get(i).copied().unwrap_or_default();
    let says = written(turn.reading.shown(f64::from(says)) as f32);
    format!(
        "generated point {}\n{}: {says}\npulled by {} (minus the gradient of G's loss)\nClick for the equation.",
        i + 1,
        turn.reading.name(),
        written(dx.hypot(dy))
    )
}

fn told_of_cell(turn: &Turn, cell: usize) -> String {
    let [x, y] = cell_centre(cell);
    let output = turn.heat.get(cell).copied().unwrap_or(f32::NAN);
    let says = written(turn.reading.shown(f64::from(output)) as f32);
    format!(
        "x {x:.2}, y {y:.2}\nD, {}: {says}\nClick for the equation.",
        turn.reading.name()
    )
    .replace('-', "−")
}

/// Marks the point or the arrow whose equation is open.
fn mark_asked(view: &PlaneView, ui: &Ui, square: Square, turn: &Turn) {
    let at = match view.asked {
        Some(Asked::Cell(cell)) => cell_centre(cell),
        Some(Asked::Arrow(i)) => match turn.fakes.get(i) {
            Some(&at) => at,
            None => return,
        },
        _ => return,
    };
    let colors = theme::palette(ui.ctx());
    let painter = ui.painter().with_clip_rect(square.rect);
    let at = square.place(at);
    painter.circle_stroke(at, 9.0, Stroke::new(4.5, colors.stage));
    painter.circle_stroke(at, 9.0, Stroke::new(2.5, colors.text));
}
