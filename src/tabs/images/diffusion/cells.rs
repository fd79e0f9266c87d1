//! What the stage is made of: titles, pictures that can be clicked, and the words below them.

use crate::theme::{self, size};
use crate::widgets::picture_sheet::PictureSheet;
use eframe::egui::{
    self, Align2, Rect, RichText, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, Vec2, WidgetInfo,
    pos2, vec2,
};

/// Between pictures: room for a sign.
pub(super) const GAP: f32 = 32.0;

/// A title, and a line of numbers beside it.
pub(super) fn title(ui: &mut Ui, words: &str, more: &str) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = size::GRID;
        ui.label(RichText::new(words).text_style(theme::style::strong()));
        let color = theme::palette(ui.ctx()).text_weak;
        let more = RichText::new(more).text_style(theme::style::small_mono());
        ui.add(egui::Label::new(more.color(color)).truncate());
    });
}

/// A picture that can be asked about, pixel by pixel.
pub(super) fn picture(
    ui: &mut Ui,
    (sheet, i): (&PictureSheet, usize),
    rect: Rect,
    name: &str,
    side: usize,
    asked: &mut Option<[usize; 2]>,
) {
    let id = ui
        .scope_id()
        .with(("picture", rect.min.x as i32, rect.min.y as i32));
    let response = ui.interact(rect, id, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    if sheet.len() <= i {
        let hover = theme::palette(ui.ctx()).hover;
        ui.painter().rect_filled(rect, 2.0, hover);
        return;
    }
    sheet.paint(ui.painter(), rect, i);
    ring(ui, rect, response.has_focus(), false);
    let pixel = rect.width() / side as f32;
    if let Some([row, column]) = *asked {
        let corner = rect.min + vec2(column as f32, row as f32) * pixel;
        let mark = Rect::from_min_size(corner, Vec2::splat(pixel)).expand(2.0);
        let colors = theme::palette(ui.ctx());
        let painter = ui.painter().with_clip_rect(rect.expand(2.0));
        for (width, color) in [(4.0, colors.stage), (2.0, colors.accent)] {
            painter.rect_stroke(mark, 1.0, Stroke::new(width, color), StrokeKind::Middle);
        }
    }
    let at = response.interact_pointer_pos();
    if response.clicked() {
        let middle = [side / 2; 2];
        *asked = Some(at.map_or(middle, |at| {
            let share = (at - rect.min) / pixel;
            [share.y, share.x].map(|x| (x.max(0.0) as usize).min(side - 1))
        }));
    }
    response
        .on_hover_cursor(egui::CursorIcon::Crosshair)
        .on_hover_text("Click a pixel: where its numbers come from.");
}

/// The ring of what is chosen.
pub(super) fn ring(ui: &Ui, rect: Rect, is_chosen: bool, is_hovered: bool) {
    let colors = theme::palette(ui.ctx());
    let ring = if is_chosen {
        Stroke::new(3.0, colors.accent)
    } else if is_hovered {
        Stroke::new(2.0, colors.outline)
    } else {
        return;
    };
    ui.painter()
        .rect_stroke(rect, 2.0, ring, StrokeKind::Outside);
}

/// A line of words below a picture, as wide as it is with its gap.
pub(super) fn write_below(ui: &Ui, rect: Rect, words: &str, is_number: bool) {
    let colors = theme::palette(ui.ctx());
    let (style, color) = if is_number {
        (theme::style::small_mono(), colors.text)
    } else {
        (TextStyle::Small, colors.text_weak)
    };
    let at = pos2(rect.left(), rect.bottom() + 3.0);
    let room = Rect::from_min_size(at, vec2(rect.width() + GAP - 6.0, 20.0));
    let painter = ui.painter().with_clip_rect(room.intersect(ui.clip_rect()));
    painter.text(
        at,
        Align2::LEFT_TOP,
        words,
        style.resolve(ui.style()),
        color,
    );
}

/// Draws in a place that is taken already: what comes next is not moved by it.
pub(super) fn beside(ui: &mut Ui, place: Rect, contents: impl FnOnce(&mut Ui)) {
    let builder = egui::UiBuilder::new()
        .max_rect(place)
        .layout(egui::Layout::top_down(egui::Align::LEFT));
    let mut child = ui.new_child(builder);
    child.set_clip_rect(ui.clip_rect().intersect(place.expand(2.0)));
    contents(&mut child);
}

/// A plus or an equals sign after a picture.
pub(super) fn sign(ui: &Ui, rect: Rect, words: &str) {
    let at = pos2(rect.right() + GAP * 0.5, rect.center().y);
    let font = theme::style::subheading().resolve(ui.style());
    let color = theme::palette(ui.ctx()).text;
    ui.painter()
        .text(at, Align2::CENTER_CENTER, words, font, color);
}

/// A ratio with three digits that mean something.
pub(super) fn ratio_in_words(ratio: f64) -> String {
    if (1e-3..1e5).contains(&ratio) {
        let digits = (2.0 - ratio.log10().floor()).clamp(0.0, 5.0) as usize;
        format!("{ratio:.digits$}")
    } else {
        format!("{ratio:.1e}").replace('-', "−")
    }
}

/// A number with a true minus.
pub(super) fn signed(value: f64, digits: usize) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "∞" } else { "−∞" }.into();
    }
    format!("{value:.digits$}").replace('-', "−")
}
