//! The map: where thousands of pictures lie by their numbers, coloured by what they show.

use super::pages::{column, ring, square};
use super::{AIR, SqueezingView};
use super::{between, bytes, one};
use crate::labs::autoencoder::Attribute;
use crate::labs::autoencoder::map::Map;
use crate::tabs::parts::{caption, choice, part, wrapped};
use crate::theme::{self, size};
use eframe::egui::{
    self, Align2, Color32, Mesh, Pos2, Rect, RichText, Role, Sense, Shape, Stroke, TextStyle, Ui,
    WidgetInfo, pos2, vec2,
};
use std::sync::Arc;

/// Half the width of a point.
const POINT: f32 = 2.2;
/// A click within so many points of a picture means it.
const NEAR: f32 = 7.0;
/// The edge of the map lies so much beyond the outermost points, as a share.
const MARGIN: f32 = 0.06;

/// What is kept of the map between frames, and the textures of all pages.
#[derive(Debug, Default)]
pub(super) struct PlotState {
    /// The attribute that colours the points.
    attribute: usize,
    pub(super) sheets: one::Sheets,
    pub(super) between: between::Sheets,
    pub(super) bytes: bytes::Sheets,
}

/// Where places of the map are on the screen.
#[derive(Debug, Clone, Copy)]
struct Frame {
    rect: Rect,
    middle: [f32; 2],
    /// Points of the screen for one standard deviation.
    scale: f32,
}

impl Frame {
    fn of(rect: Rect, places: &[[f32; 2]]) -> Self {
        let (mut least, mut most) = ([f32::MAX; 2], [f32::MIN; 2]);
        for place in places {
            for i in 0..2 {
                least[i] = least[i].min(place[i]);
                most[i] = most[i].max(place[i]);
            }
        }
        if places.is_empty() {
            (least, most) = ([-1.0; 2], [1.0; 2]);
        }
        let size = [0, 1].map(|i| (most[i] - least[i]).max(1e-3));
        let room = 1.0 - 2.0 * MARGIN;
        Self {
            rect,
            middle: [0, 1].map(|i| least[i].midpoint(most[i])),
            scale: (rect.width() * room / size[0]).min(rect.height() * room / size[1]),
        }
    }

    fn at(&self, place: [f32; 2]) -> Pos2 {
        let [x, y] = [0, 1].map(|i| (place[i] - self.middle[i]) * self.scale);
        self.rect.center() + vec2(x, -y)
    }

    fn place(&self, at: Pos2) -> [f32; 2] {
        let away = at - self.rect.center();
        [
            self.middle[0] + away.x / self.scale,
            self.middle[1] - away.y / self.scale,
        ]
    }
}

pub(super) fn show(view: &mut SqueezingView, ui: &mut Ui) {
    let frame = view.here().and_then(|made| made.here()).map(|f| f.id);
    let map = frame.and_then(|frame| view.asked.map(frame));
    let Some((map, is_now)) = map.map(|(map, is_now)| (Arc::clone(map), is_now)) else {
        caption(ui, "Squeezing two thousand pictures…");
        return;
    };
    let area = ui.available_rect_before_wrap();
    let right = (area.width() * 0.26).clamp(132.0, 260.0);
    let [left, side] = [
        area.with_max_x(area.right() - right - AIR),
        area.with_min_x(area.right() - right),
    ];
    part(ui, left, |ui| {
        colours(view, ui);
        plot(view, ui, &map);
    });
    part(ui, side, |ui| chosen(view, ui, is_now));
    ui.advance_cursor_after_rect(area);
}

fn attributes(view: &SqueezingView) -> Vec<Attribute> {
    let prepared = view.here().and_then(|made| made.prepared.as_ref());
    prepared.map_or(Vec::new(), |prepared| prepared.attributes.clone())
}

/// What colours the points, and what each colour means.
fn colours(view: &mut SqueezingView, ui: &mut Ui) {
    let attributes = attributes(view);
    if attributes.is_empty() {
        caption(ui, "Nothing is known of these pictures; each is a point.");
        return;
    }
    view.plot.attribute = view.plot.attribute.min(attributes.len() - 1);
    wrapped(ui, |ui| {
        for (i, attribute) in attributes.iter().enumerate() {
            let name = attribute.name.replace('_', " ");
            let hint = format!("Colour the points by {name}.");
            if choice(ui, view.plot.attribute == i, &name, &hint) {
                view.plot.attribute = i;
            }
        }
    });
    let colors = theme::palette(ui.ctx());
    let values = &attributes[view.plot.attribute].values;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(size::HALF, 2.0);
        for (i, value) in values.iter().enumerate() {
            let (rect, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
            ui.painter()
                .circle_filled(rect.center(), 4.5, colors.hues[i % 10]);
            caption(ui, value);
            ui.add_space(size::HALF);
        }
    });
}

/// The points; a click chooses one, or a place between them.
fn plot(view: &mut SqueezingView, ui: &mut Ui, map: &Map) {
    let text = ui.text_style_height(&TextStyle::Small);
    let wanted = ui.available_size() - vec2(0.0, text + size::HALF);
    let (rect, response) =
        ui.allocate_exact_size(wanted.max(vec2(80.0, 80.0)), Sense::click_and_drag());
    let frame = Frame::of(rect, &map.places);
    let colors = theme::palette(ui.ctx());
    let words = format!("Map of the codes: {} pictures", map.places.len());
    response.widget_info(|| WidgetInfo::labeled(Role::Canvas, true, &words));
    let painter = ui.painter().with_clip_rect(rect);
    painter.rect_filled(rect, 6.0, colors.panel);
    axes(&painter, &frame, colors.outline, colors.text_weak);
    painter.add(Shape::mesh(points(view, map, &frame, &colors.hues)));
    let near = |at: Pos2| nearest(map, &frame, at);
    if let Some(at) = response.interact_pointer_pos() {
        let is_far = response.dragged() && response.drag_delta() != egui::Vec2::ZERO;
        match near(at).filter(|_| response.clicked()) {
            Some(i) => view.choose(map.chosen[i]),
            None if response.clicked() || is_far => {
                if let Some(code) = view.code() {
                    view.set_code(map.code_at(frame.place(at), &code));
                }
            }
            None => {}
        }
    }
    if let Some(code) = view.code() {
        let at = frame.at(map.place(&code));
        painter.circle_stroke(at, 8.0, Stroke::new(4.0, colors.stage));
        painter.circle_stroke(at, 8.0, Stroke::new(2.5, colors.text));
    }
    let names = if map.is_the_code_itself() {
        "number 1 to the right, number 2 upwards, in standard deviations".to_owned()
    } else {
        format!(
            "the two directions in which the codes differ most (PCA): {:.0} % of all their differences",
            100.0 * map.shown()
        )
    };
    caption(ui, names);
    let hovered = response.hover_pos().and_then(near);
    if let Some(i) = hovered {
        let words = view.words_of(map.chosen[i]);
        let words = format!("number {}: {words}", map.chosen[i]);
        response.on_hover_text_at_pointer(words);
    } else {
        response.on_hover_cursor(egui::CursorIcon::Crosshair);
    }
}

/// Lines through the mean of all codes.
fn axes(painter: &egui::Painter, frame: &Frame, color: Color32, ink: Color32) {
    let zero = frame.at([0.0, 0.0]);
    let stroke = Stroke::new(1.0, color);
    painter.hline(frame.rect.x_range(), zero.y, stroke);
    painter.vline(zero.x, frame.rect.y_range(), stroke);
    let font = egui::FontId::proportional(size::SMALL);
    let at = pos2(frame.rect.right() - 4.0, zero.y - 2.0);
    painter.text(at, Align2::RIGHT_BOTTOM, "mean", font, ink);
}

/// All points as one mesh of small squares.
fn points(view: &SqueezingView, map: &Map, frame: &Frame, hues: &[Color32; 10]) -> Mesh {
    let prepared = view.here().and_then(|made| made.prepared.as_ref());
    let mut mesh = Mesh::default();
    for (&picture, &place) in map.chosen.iter().zip(&map.places) {
        let value = prepared.and_then(|p| p.values.get(picture)?.get(view.plot.attribute));
        let color = hues[value.copied().unwrap_or(1) % 10];
        let at = frame.at(place);
        let square = Rect::from_center_size(at, egui::Vec2::splat(2.0 * POINT));
        mesh.add_colored_rect(square, color);
    }
    mesh
}

/// The point under the pointer.
fn nearest(map: &Map, frame: &Frame, at: Pos2) -> Option<usize> {
    let distances = map.places.iter().map(|&place| frame.at(place).distance(at));
    let nearest = distances.enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
    nearest.filter(|(_, away)| *away <= NEAR).map(|(i, _)| i)
}

/// The picture on the stage, and what its code unfolds into.
fn chosen(view: &mut SqueezingView, ui: &mut Ui, is_now: bool) {
    let mut sheets = std::mem::take(&mut view.plot.sheets);
    let by_hand = view.by_hand.is_some();
    if let Some((number, one)) = view.asked.one() {
        let sheet = sheets.pair(ui, number, one);
        let width = ui.available_width();
        let text = ui.text_style_height(&TextStyle::Small);
        let side = one::fitting(width, (ui.available_height() - 9.0 * text) * 0.5).x;
        column(ui, width, |ui| {
            let name = "What the code at the ring unfolds into";
            let back = square(ui, sheet, 1, side, name, Sense::hover());
            let title = if by_hand {
                "Made from a place"
            } else {
                "What comes back"
            };
            ui.label(RichText::new(title).text_style(theme::style::strong()));
            if by_hand {
                ring(ui, back.rect, theme::palette(ui.ctx()).accent);
                caption(ui, "No picture has this code: the decoder drew it.");
            } else {
                let name = "The picture at the ring";
                square(ui, sheet, 0, side, name, Sense::hover());
                let i = view.chosen();
                caption(ui, format!("The picture, number {i}: {}", view.words_of(i)));
            }
            if view.setup.d_code > 2 && by_hand {
                caption(
                    ui,
                    "Only the two directions of the map were moved; all else of the code is as it was.",
                );
            }
            caption(
                ui,
                "Click a point to see its picture; click or drag between points to see what lies there.",
            );
            if !is_now {
                caption(ui, "The map is of a moment ago.");
            }
        });
    }
    view.plot.sheets = sheets;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_again_where_it_is_drawn() {
        let rect = Rect::from_min_size(pos2(10.0, 20.0), vec2(300.0, 200.0));
        let frame = Frame::of(rect, &[[-2.0, -1.0], [3.0, 4.0], [0.0, 0.0]]);
        for place in [[-2.0, -1.0], [3.0, 4.0], [0.3, -0.2]] {
            let at = frame.at(place);
            assert!(rect.contains(at));
            let back = frame.place(at);
            assert!((back[0] - place[0]).abs() < 1e-4 && (back[1] - place[1]).abs() < 1e-4);
        }
        // Up on the map is up on the screen.
        assert!(frame.at([0.0, 1.0]).y < frame.at([0.0, 0.0]).y);
    }
}
