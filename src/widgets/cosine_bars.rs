//! Tokens with how alike they are to another one, as bars from 0 to 1.

use crate::theme;
use crate::widgets::token_text::visible;
use eframe::egui::{Align2, Rect, Role, Sense, TextStyle, Ui, WidgetInfo, pos2, vec2};

/// A token and the cosine between its row and the other's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CosineBar<'a> {
    /// The token's bytes.
    pub bytes: &'a [u8],
    /// Its id.
    pub id: u32,
    /// -1..=1.
    pub cosine: f32,
}

/// Draws the rows in the width there is, as high as there is room, in two columns.
pub fn cosine_bars(ui: &mut Ui, bars: &[CosineBar<'_>]) {
    let per_column = bars.len().div_ceil(2).max(1);
    let height = (ui.available_height() / per_column as f32).clamp(20.0, 32.0);
    let area = vec2(ui.available_width(), height * per_column as f32);
    let (area, _) = ui.allocate_exact_size(area, Sense::hover());
    let width = area.width() * 0.5;
    for (i, bar) in bars.iter().enumerate() {
        let corner = pos2(
            area.left() + (i / per_column) as f32 * width,
            area.top() + (i % per_column) as f32 * height,
        );
        let rect = Rect::from_min_size(corner, vec2(width - theme::size::GROUP, height));
        row(ui, rect, i, bar);
    }
}

fn row(ui: &Ui, rect: Rect, i: usize, bar: &CosineBar<'_>) {
    let colors = theme::palette(ui.ctx());
    let text = visible(bar.bytes);
    let response = ui.interact(rect, ui.scope_id().with(("cosine", i)), Sense::hover());
    response.widget_info(|| {
        let name = format!("Neighbour {}: {text}, cosine {:.2}", i + 1, bar.cosine);
        WidgetInfo::labeled(Role::Image, true, name)
    });
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let names = TextStyle::Monospace.resolve(ui.style());
    let numbers = theme::style::small_mono().resolve(ui.style());
    let left = pos2(rect.left(), rect.center().y);
    painter.text(left, Align2::LEFT_CENTER, &text, names, colors.text);
    let track = Rect::from_min_max(
        pos2(rect.left() + rect.width() * 0.4, rect.center().y - 6.0),
        pos2(rect.right() - 44.0, rect.center().y + 6.0),
    );
    painter.rect_filled(rect.with_min_x(track.left() - 4.0), 0.0, colors.stage);
    painter.rect_filled(track, 2.0, colors.hover);
    let share = bar.cosine.clamp(0.0, 1.0);
    let filled = track.with_max_x(track.left() + track.width() * share);
    painter.rect_filled(filled, 2.0, colors.hues[1]);
    let right = pos2(track.right() + 8.0, rect.center().y);
    let number = format!("{:.2}", bar.cosine);
    painter.text(right, Align2::LEFT_CENTER, number, numbers, colors.text);
    response.on_hover_text(format!("{text}: token {}", bar.id));
}
