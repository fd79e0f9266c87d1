//! Drawing a distribution with the pointer.

use super::PlaneView;
use super::plot::{Square, inks};
use crate::labs::gan::plane::Shape;
use crate::theme;
use eframe::egui::{Button, CursorIcon, Role, Sense, Stroke, Ui, WidgetInfo, vec2};

/// A stroke is at most so many points long.
const MOST_POINTS: usize = 400;

/// Strokes of a drawing, at most.
const MOST_STROKES: usize = 40;

/// Points of a stroke are at least so far apart, in units of the plane.
const FINEST: f32 = 0.02;

/// What is being drawn.
#[derive(Debug, Default)]
pub(super) struct Drawn {
    strokes: Vec<Vec<[f32; 2]>>,
    /// Whether the pointer is down.
    down: bool,
}

impl PlaneView {
    /// Begins to draw, on what was drawn before.
    pub(super) fn begin_drawing(&mut self) {
        let strokes = match &self.settings.shape {
            Shape::Drawn(strokes) => strokes.clone(),
            _ => self.drawn_before.clone(),
        };
        if !strokes.is_empty() {
            self.settings.shape = Shape::Drawn(strokes.clone());
        }
        self.drawing = Some(Drawn {
            strokes,
            down: false,
        });
    }

    /// Takes what was drawn.
    fn take_drawing(&mut self) {
        if let Some(drawn) = &self.drawing {
            self.settings.shape = Shape::Drawn(drawn.strokes.clone());
            self.drawn_before.clone_from(&drawn.strokes);
        }
    }
}

/// The strokes, and the pointer that draws them.
pub(super) fn on_the_plane(view: &mut PlaneView, ui: &mut Ui, square: Square) {
    let id = ui.scope_id().with("draw a distribution");
    let response = ui.interact(square.rect, id, Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Draw a distribution here"));
    let colors = theme::palette(ui.ctx());
    let Some(drawn) = &mut view.drawing else {
        return;
    };
    let at = response.interact_pointer_pos();
    let pressed = response.is_pointer_button_down_on();
    let mut ended = false;
    if let Some(at) = at.filter(|_| pressed) {
        let point = square.point(at).map(|x| x.clamp(-1.0, 1.0));
        if !drawn.down && drawn.strokes.len() < MOST_STROKES {
            drawn.strokes.push(vec![point]);
            drawn.down = true;
        } else if let Some(stroke) = drawn.strokes.last_mut().filter(|_| drawn.down) {
            let far = stroke
                .last()
                .is_none_or(|last| (last[0] - point[0]).hypot(last[1] - point[1]) >= FINEST);
            if far && stroke.len() < MOST_POINTS {
                stroke.push(point);
            }
        }
    } else if drawn.down {
        drawn.down = false;
        ended = true;
    }
    let [real, _] = inks(colors);
    let painter = ui.painter().with_clip_rect(square.rect);
    let width = square.scale() * 0.1;
    for stroke in &drawn.strokes {
        let points: Vec<_> = stroke.iter().map(|&point| square.place(point)).collect();
        let soft = real.gamma_multiply(0.45);
        if let [only] = points[..] {
            painter.circle_filled(only, width, soft);
        }
        painter.line(points, Stroke::new(width, soft));
    }
    if drawn.strokes.is_empty() {
        let words = "Draw here: lines, dots, a letter…";
        let font = theme::style::subheading().resolve(ui.style());
        let place = eframe::egui::Align2::CENTER_CENTER;
        painter.text(square.rect.center(), place, words, font, colors.text);
    }
    response.on_hover_cursor(CursorIcon::Crosshair);
    if ended {
        view.take_drawing();
    }
}

/// What ends the drawing.
pub(super) fn buttons(view: &mut PlaneView, ui: &mut Ui) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().interact_size.y = 28.0;
        ui.spacing_mut().button_padding = vec2(12.0, 3.0);
        let done = Button::new("Done drawing");
        let hint = "Real points are drawn from your strokes from now on.";
        if ui.add(done).on_hover_text(hint).clicked() {
            view.take_drawing();
            view.drawing = None;
        }
        let hint = "Take the last stroke away.";
        let n = view.drawing.as_ref().map_or(0, |drawn| drawn.strokes.len());
        let undo = ui.add_enabled(n > 0, Button::new("Undo stroke"));
        if undo.on_hover_text(hint).clicked() {
            if let Some(drawn) = &mut view.drawing {
                drawn.strokes.pop();
            }
            view.take_drawing();
        }
        let clear = ui.add_enabled(n > 0, Button::new("Clear"));
        if clear.on_hover_text("Begin with an empty plane.").clicked() {
            if let Some(drawn) = &mut view.drawing {
                drawn.strokes.clear();
            }
            view.take_drawing();
        }
    });
}
