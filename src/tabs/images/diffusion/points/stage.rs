//! The stage: one plane or two side by side, and the curves beside them or in their place.

use super::asked::Asked;
use super::plot::Moment;
use super::{PointsView, charts};
use crate::labs::diffusion::plane::Look;
use crate::tabs::TabContext;
use crate::tabs::images::plane::drawing::Did;
use crate::tabs::images::plane::plot::Square;
use crate::tabs::parts::{caption, part};
use crate::theme::{size, style};
use crate::widgets::count::grouped;
use crate::widgets::lines::written;
use eframe::egui::{
    Button, CursorIcon, Pos2, Rect, RichText, Role, Sense, Ui, WidgetInfo, pos2, vec2,
};
use serde::{Deserialize, Serialize};

/// Narrower than this, one plane is shown at a time.
const ROOM_FOR_TWO: f32 = 560.0;
/// With so much room beside the planes, the curves stand there.
const ROOM_FOR_CHARTS: f32 = 300.0;
/// A pointer so near to a point, in points on the screen, means it.
const NEAR: f32 = 9.0;

/// What the stage shows where there is no room for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) enum Pane {
    #[default]
    Planes,
    Curves,
}

pub(super) fn show(view: &mut PointsView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let area = ui.available_rect_before_wrap();
    let n = shown_sides(view, area.width());
    let gap = size::GROUP;
    let above = 54.0;
    let below = 34.0;
    let side = (area.height() - above - below).max(120.0);
    let planes = (side + 16.0) * n.len() as f32 + gap * (n.len() - 1) as f32;
    let has_charts = area.width() - planes - gap >= ROOM_FOR_CHARTS;
    if has_charts {
        let beside = area.with_min_x(area.left() + planes + gap);
        part(ui, beside, |ui| charts::show(view, ui, cx));
    }
    let rest = if has_charts {
        area.with_max_x(area.left() + planes)
    } else {
        area
    };
    part(ui, rest.with_max_y(area.bottom() - below), |ui| {
        if !has_charts && view.pane == Pane::Curves {
            charts::show(view, ui, cx);
            return;
        }
        let width = (rest.width() - gap * (n.len() - 1) as f32) / n.len() as f32;
        for (place, &i) in n.iter().enumerate() {
            let left = rest.left() + (width + gap) * place as f32;
            let own =
                Rect::from_min_size(pos2(left, rest.top()), vec2(width, area.height() - below));
            part(ui, own, |ui| plane(view, ui, i));
        }
    });
    let bottom = area.with_min_y(area.bottom() - below + 4.0);
    part(ui, bottom, |ui| foot(view, ui, has_charts));
}

/// The planes that there is room for.
fn shown_sides(view: &PointsView, width: f32) -> Vec<usize> {
    if width >= ROOM_FOR_TWO {
        return (0..view.n_sides()).collect();
    }
    let asked = view.asked.map_or(0, Asked::side);
    vec![asked.min(view.n_sides() - 1)]
}

/// What is below the planes: what of them is shown, or what ends a drawing.
fn foot(view: &mut PointsView, ui: &mut Ui, has_charts: bool) {
    if let Some(drawn) = &mut view.drawing {
        let did = drawn.buttons(ui);
        if did != Did::Nothing {
            view.take_drawing();
        }
        if did == Did::Done {
            view.drawing = None;
        }
        return;
    }
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = size::HALF;
        if !has_charts {
            ui.scope(|ui| {
                ui.spacing_mut().button_padding = vec2(10.0, 3.0);
                ui.spacing_mut().interact_size.y = 26.0;
                for (pane, label, hint) in [
                    (Pane::Planes, "Planes", "The points and what leads them."),
                    (
                        Pane::Curves,
                        "Curves",
                        "The loss, and how far what comes out is from the data.",
                    ),
                ] {
                    let button = Button::selectable(view.pane == pane, label);
                    let button = ui.add(button.frame_when_inactive(true));
                    if button.on_hover_text(hint).clicked() {
                        view.pane = pane;
                    }
                }
            });
            ui.add_space(size::GRID * 2.0);
        }
        if has_charts || view.pane == Pane::Planes {
            view.layers.switches(ui);
        }
    });
}

/// One plane with its name and its numbers.
fn plane(view: &mut PointsView, ui: &mut Ui, i: usize) {
    let area = ui.available_rect_before_wrap();
    ui.spacing_mut().item_spacing.y = 0.0;
    let name = RichText::new(view.setup.what[i].name()).text_style(style::strong());
    ui.label(name).on_hover_text(view.setup.what[i].hint());
    caption(ui, facts(view, i)).on_hover_text(
        "JS: the Jensen-Shannon divergence of 4,096 points made in 25 steps from the data, in nats; 0 is equal, ln 2 = 0.69 is nothing in common. As many real points are not at 0 either: that is “at best”.",
    );
    ui.add_space(size::HALF);
    let square = Square::in_area(ui, area.with_min_y(ui.cursor().top()));
    let Some(look) = view.look(i) else {
        ui.add_space(area.height() * 0.3);
        ui.spinner();
        return;
    };
    let step = view.here().min(look.points.len().saturating_sub(1));
    let way = view.drawer.way(i);
    let moment = Moment {
        look: &look,
        number: view.sides[i].number(),
        step,
        layers: view.layers,
        n_ways: view.setup.n_ways,
        asked: way.as_ref().map(|(way, begin)| (way.as_slice(), *begin)),
    };
    view.plots[i].show(ui, square, &view.setup.shape, moment);
    if let Some(drawn) = &mut view.drawing {
        if drawn.show(ui, square) {
            view.take_drawing();
        }
    } else {
        point(view, ui, square, i, &look, step);
    }
}

/// How far the training is, and how good what comes out.
fn facts(view: &PointsView, i: usize) -> String {
    let side = &view.sides[i];
    let n_steps = side.state().map_or(0, |state| state.n_steps);
    if n_steps == 0 {
        return "knows nothing yet".into();
    }
    let mut facts = vec![format!("{} steps", grouped(n_steps))];
    if let Some(measure) = &side.measure {
        let js = written(measure.divergence.js as f32);
        let best = side.best.as_ref();
        let best = best.map(|best| written(best.divergence.js as f32));
        facts.push(match best {
            Some(best) => format!("JS {js} (at best {best})"),
            None => format!("JS {js}"),
        });
        facts.push(format!(
            "{} of {} parts",
            measure.n_covered,
            measure.shares.len()
        ));
    }
    facts.join("  ·  ")
}

/// The pointer on a plane: what is under it, and a click that asks where it goes.
fn point(view: &mut PointsView, ui: &mut Ui, square: Square, i: usize, look: &Look, step: usize) {
    let id = ui.scope_id().with(("plane", i));
    let response = ui.interact(square.rect, id, Sense::click());
    response.widget_info(|| {
        let n = look.points.first().map_or(0, Vec::len);
        let name = view.setup.what[i].name();
        let words = format!("{name}: {n} points at s = {:.2}", look.times[step]);
        WidgetInfo::labeled(Role::Image, true, words)
    });
    let Some(at) = response.hover_pos() else {
        return;
    };
    let near = nearest(look, step, square, at).filter(|_| view.layers.made);
    if response.clicked() {
        let asked = match near {
            Some(index) => Asked::Point { side: i, index },
            None => Asked::Place {
                side: i,
                at: square.point(at),
                step,
            },
        };
        view.ask(asked);
        return;
    }
    let words = if let Some(index) = near {
        let [x, y] = look.points[step][index];
        format!(
            "point {}: x {x:.2}, y {y:.2}\nClick for its way and the equations of it.",
            index + 1
        )
    } else {
        let [x, y] = square.point(at);
        format!(
            "x {x:.2}, y {y:.2}\nClick to put a point here, and to see where it is led and why."
        )
    };
    response
        .on_hover_cursor(CursorIcon::PointingHand)
        .on_hover_text_at_pointer(words.replace('-', "−"));
}

/// The point under the pointer.
fn nearest(look: &Look, step: usize, square: Square, pointer: Pos2) -> Option<usize> {
    let points = look.points.get(step)?.iter().enumerate();
    let far = points.map(|(i, &point)| (i, square.place(point).distance(pointer)));
    let nearest = far.min_by(|a, b| a.1.total_cmp(&b.1));
    nearest.filter(|&(_, far)| far <= NEAR).map(|(i, _)| i)
}
