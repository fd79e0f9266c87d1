//! The stage: what the network draws from noise that stays the same, and the numbers of the training.

use super::film::Frame;
use super::{LearningView, charts, lesson};
use crate::labs::diffusion::captions::Attribute;
use crate::tabs::TabContext;
use crate::tabs::parts::{caption, part};
use crate::theme::{self, size};
use crate::widgets::image_grid::ImageGrid;
use crate::widgets::picture_sheet::Pixels;
use eframe::egui::{Rect, RichText, Ui, Vec2, vec2};

/// Narrower than this, the stage has room for the pictures only.
const ROOM_FOR_CHARTS: f32 = 560.0;

pub(super) fn show(view: &mut LearningView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    view.course.show_saving(ui, cx);
    let Some(frame) = view.course.film.here().cloned() else {
        empty(view, ui, cx);
        return;
    };
    view.course.head(ui, &frame);
    let pictures = &frame.snapshot.pictures;
    let pixels = Pixels {
        side: pictures.side,
        n_channels: pictures.n_channels,
        bytes: &pictures.pixels,
    };
    view.made.update(ui.ctx(), frame.id, pixels, false);
    let area = ui.available_rect_before_wrap();
    if area.width() < ROOM_FOR_CHARTS {
        made(view, ui, &frame, area.size());
        return;
    }
    let left = (area.height() - 20.0).min(area.width() * 0.52).floor();
    let made_area = Rect::from_min_size(area.min, vec2(left, area.height()));
    let side = area.with_min_x(area.left() + left + size::GROUP);
    part(ui, made_area, |ui| {
        let size = ui.available_size();
        made(view, ui, &frame, size);
    });
    let mut clicked = None;
    part(ui, side, |ui| clicked = charts::show(view, ui, &frame));
    if let Some(what) = clicked {
        view.explain_loss(what);
    }
    ui.advance_cursor_after_rect(area);
}

/// What the average of the weights draws.
fn made(view: &LearningView, ui: &mut Ui, frame: &Frame, room: Vec2) {
    let top = ui.cursor().top();
    let title = RichText::new("Out of the same noise").text_style(theme::style::strong());
    ui.label(title).on_hover_text(
        "Every snapshot begins with the same noise and is asked for the same words: what changes is the network. Ten steps of DDIM, guidance 3, drawn by the average of the weights.",
    );
    let grid = ImageGrid {
        name: "Made picture",
        sheet: &view.made,
        n: frame.snapshot.pictures.len(),
        columns: 4,
        verdicts: &[],
        verdict: "",
        chosen: None,
    };
    let left = vec2(room.x, room.y - (ui.cursor().top() - top));
    let done = grid.show(ui, left);
    let attributes = view
        .course
        .prepared
        .as_ref()
        .map(|p| p.attributes.as_slice());
    if let (Some((i, response)), Some(attributes)) = (done.hovered, attributes) {
        let row = frame.snapshot.rows.get(i).map_or(&[][..], Vec::as_slice);
        response.on_hover_text(asked_for(attributes, row));
    }
}

/// What a picture was asked to show.
fn asked_for(attributes: &[Attribute], row: &[u32]) -> String {
    let told = attributes
        .iter()
        .zip(row)
        .filter_map(|(attribute, &value)| {
            let value = attribute.values.get((value as usize).checked_sub(1)?)?;
            let name = attribute.name.replace('_', " ");
            Some(format!("{name}: {}", value.replace('_', " ")))
        });
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        "Nothing was asked for: there are no words for these pictures.".into()
    } else {
        format!("Asked for\n{}", told.join("\n"))
    }
}

fn empty(view: &mut LearningView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    ui.add_space(ui.available_height() * 0.22);
    ui.vertical_centered(|ui| {
        ui.set_max_width(560.0);
        if view.course.is_coming() {
            ui.label(RichText::new("Reading the pictures").text_style(theme::style::subheading()));
            ui.add_space(size::GRID);
            ui.spinner();
            return;
        }
        let title = "Learn to see through noise";
        ui.label(RichText::new(title).text_style(theme::style::subheading()));
        ui.add_space(size::GRID);
        ui.label("A picture is put under noise, a little or a lot, and the network is asked what was there. That is all it ever learns. A network that can do so at every noise level can begin with nothing but noise, and end with a picture that nobody has drawn.");
        ui.add_space(size::GROUP);
        let [label, hint] = lesson::START;
        let button = theme::primary_button(ui.ctx(), label);
        let can = view.setup.source().is_some();
        if ui.add_enabled(can, button).on_hover_text(hint).clicked() {
            view.course.start_anew(&view.setup, cx);
        }
        ui.add_space(size::GRID);
        let side = view.setup.side();
        let name = view.setup.source_name();
        caption(ui, format!("On {name}, at {side} × {side} pixels."));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_told_by_the_words_it_was_asked_for() {
        let attributes = [Attribute {
            name: "hair_color".into(),
            values: vec!["black".into(), "brown".into()],
        }];
        assert_eq!(asked_for(&attributes, &[2]), "Asked for\nhair color: brown");
        assert!(asked_for(&attributes, &[0]).starts_with("Nothing"));
    }
}
