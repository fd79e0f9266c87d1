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
pub(in crate::tabs::images) struct Drawn {
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
        self.drawing = Some(Drawn::of(strokes));
    }

    /// Takes what was drawn.
    fn take_drawing(&mut self) {
        if let Some(drawn) = &self.drawing {
            self.settings.shape = Shape::Drawn(drawn.strokes.clone());
            self.drawn_before.clone_from(&drawn.strokes);
        }
    }
}

/// What a press below the drawing asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::tabs::images) enum Did {
    Nothing,
    /// The strokes are others now.
    Changed,
    /// They are as they should be.
    Done,
}

/// The strokes, and the pointer that draws them.
pub(super) fn on_the_plane(view: &mut PlaneView, ui: &mut Ui, square: Square) {
    let ended = view.drawing.as_mut().map(|drawn| drawn.show(ui, square));
    if ended == Some(true) {
        view.take_drawing();
    }
}

/// What ends the drawing.
pub(super) fn buttons(view: &mut PlaneView, ui: &mut Ui) {
    let did = view.drawing.as_mut().map(|drawn| drawn.buttons(ui));
    if did.is_some_and(|did| did != Did::Nothing) {
        view.take_drawing();
    }
    if did == Some(Did::Done) {
        view.drawing = None;
    }
}

impl Drawn {
    /// Drawing goes on from these strokes.
    pub(in crate::tabs::images) fn of(strokes: Vec<Vec<[f32; 2]>>) -> Self {
        Self {
            strokes,
            down: false,
        }
    }

    /// What was drawn so far.
    pub(in crate::tabs::images) fn strokes(&self) -> &[Vec<[f32; 2]>] {
        &self.strokes
    }

    /// The strokes, and the pointer that draws them. Whether one has just ended.
    pub(in crate::tabs::images) fn show(&mut self, ui: &mut Ui, square: Square) -> bool {
        let id = ui.scope_id().with("draw a distribution");
        let response = ui.interact(square.rect, id, Sense::click_and_drag());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "Draw a distribution here"));
        let at = response.interact_pointer_pos();
        let pressed = response.is_pointer_button_down_on();
        let ended = self.follow(at.filter(|_| pressed).map(|at| square.point(at)));
        self.paint(ui, square);
        response.on_hover_cursor(CursorIcon::Crosshair);
        ended
    }

    /// Draws on to where the pointer is, while it is down. Whether a stroke has just ended.
    fn follow(&mut self, at: Option<[f32; 2]>) -> bool {
        let Some(point) = at.map(|point| point.map(|x| x.clamp(-1.0, 1.0))) else {
            return std::mem::take(&mut self.down);
        };
        if !self.down && self.strokes.len() < MOST_STROKES {
            self.strokes.push(vec![point]);
            self.down = true;
        } else if let Some(stroke) = self.strokes.last_mut().filter(|_| self.down) {
            let far = stroke
                .last()
                .is_none_or(|last| (last[0] - point[0]).hypot(last[1] - point[1]) >= FINEST);
            if far && stroke.len() < MOST_POINTS {
                stroke.push(point);
            }
        }
        false
    }

    fn paint(&self, ui: &Ui, square: Square) {
        let colors = theme::palette(ui.ctx());
        let [real, _] = inks(colors);
        let painter = ui.painter().with_clip_rect(square.rect);
        let width = square.scale() * 0.1;
        for stroke in &self.strokes {
            let points: Vec<_> = stroke.iter().map(|&point| square.place(point)).collect();
            let soft = real.gamma_multiply(0.45);
            if let [only] = points[..] {
                painter.circle_filled(only, width, soft);
            }
            painter.line(points, Stroke::new(width, soft));
        }
        if self.strokes.is_empty() {
            let words = "Draw here: lines, dots, a letter…";
            let font = theme::style::subheading().resolve(ui.style());
            let place = eframe::egui::Align2::CENTER_CENTER;
            painter.text(square.rect.center(), place, words, font, colors.text);
        }
    }

    /// What ends the drawing, and what takes strokes away.
    pub(in crate::tabs::images) fn buttons(&mut self, ui: &mut Ui) -> Did {
        let mut did = Did::Nothing;
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().interact_size.y = 28.0;
            ui.spacing_mut().button_padding = vec2(12.0, 3.0);
            let done = Button::new("Done drawing");
            let hint = "Real points are drawn from your strokes from now on.";
            if ui.add(done).on_hover_text(hint).clicked() {
                did = Did::Done;
            }
            let is_some = !self.strokes.is_empty();
            let undo = ui.add_enabled(is_some, Button::new("Undo stroke"));
            if undo.on_hover_text("Take the last stroke away.").clicked() {
                self.strokes.pop();
                did = Did::Changed;
            }
            let clear = ui.add_enabled(is_some, Button::new("Clear"));
            if clear.on_hover_text("Begin with an empty plane.").clicked() {
                self.strokes.clear();
                did = Did::Changed;
            }
        });
        did
    }
}
