//! How near each row is to the sum, and the sum itself.

use super::SheetView;
use super::table::{Columns, ROW, cell};
use crate::labs::embeddings::sheet::Near;
use crate::tabs::embeddings::explain_panel::{Measure, signed};
use crate::theme;
use eframe::egui::{Align2, Rect, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2};

/// How near a row is to the sum: a bar from zero, and the number, which tells where it comes from.
pub(super) fn nearness(view: &mut SheetView, ui: &Ui, place: Rect, name: &str, near: Near) {
    let colors = theme::palette(ui.ctx());
    let id = ui.scope_id().with(("cosine", near.row));
    let response = ui.interact(place, id, Sense::click());
    let struck = if near.is_input { ", in the sum" } else { "" };
    let words = near.cosine.map_or_else(
        || "no direction".to_owned(),
        |cosine| format!("{cosine:.3}"),
    );
    let asked = view.is_asked(near.row);
    response.widget_info(|| {
        let label = format!("Cosine of {name}: {words}{struck}");
        WidgetInfo::selected(Role::Button, true, asked, label)
    });
    let lit = response.hovered() || response.has_focus() || asked;
    let track = Rect::from_min_max(
        pos2(place.left() + 2.0, place.center().y - 5.0),
        pos2(place.right() - 54.0, place.center().y + 5.0),
    );
    let painter = ui.painter();
    painter.rect_filled(track, 2.0, colors.hover);
    let share = near.cosine.unwrap_or(0.0) as f32;
    let filled = track.with_max_x(track.left() + track.width() * share.clamp(0.0, 1.0));
    let strength = if near.is_input { 0.35 } else { 1.0 };
    painter.rect_filled(
        filled,
        2.0,
        theme::mix(colors.stage, colors.accent, strength),
    );
    let shown = near
        .cosine
        .map_or_else(|| "—".into(), |cosine| signed(cosine, 3));
    let font = theme::style::small_mono().resolve(ui.style());
    let right = pos2(place.right() - 4.0, place.center().y);
    let ink = if near.is_input {
        colors.text_weak
    } else {
        colors.text
    };
    let text = painter.text(right, Align2::RIGHT_CENTER, shown, font, ink);
    if near.is_input {
        painter.hline(text.x_range(), text.center().y, Stroke::new(1.0, ink));
    }
    if lit {
        let under = Stroke::new(1.5, colors.accent);
        painter.hline(text.x_range(), text.bottom() + 1.0, under);
    }
    let hint = format!(
        "dot product {} · distance {}\nClick: where this cosine comes from.",
        signed(near.dot, 3),
        signed(near.distance, 3)
    );
    if response.on_hover_text(hint).clicked() && near.cosine.is_some() {
        view.ask(near.row, Measure::Cosine);
    }
}

/// The sum, a row that nobody can write into.
pub(super) fn sum(view: &SheetView, ui: &mut Ui, columns: &Columns, full: f64) {
    let colors = theme::palette(ui.ctx());
    let Some(outcome) = view.outcome() else {
        return;
    };
    let (rect, response) = ui.allocate_exact_size(vec2(columns.width(), ROW), Sense::hover());
    let numbers: Vec<String> = outcome.sum.iter().map(|&n| signed(n, 2)).collect();
    response.widget_info(|| {
        WidgetInfo::labeled(
            Role::Label,
            true,
            format!("The sum: {}", numbers.join(", ")),
        )
    });
    let painter = ui.painter();
    painter.hline(rect.x_range(), rect.top(), Stroke::new(1.5, colors.outline));
    let strong = theme::style::strong().resolve(ui.style());
    let mono = TextStyle::Monospace.resolve(ui.style());
    let left = pos2(cell(rect, columns.name()).left() + 4.0, rect.center().y);
    painter.text(left, Align2::LEFT_CENTER, "sum", strong, colors.text);
    for (axis, (value, words)) in outcome.sum.iter().zip(&numbers).enumerate() {
        let place = cell(rect, columns.value(axis)).shrink2(vec2(0.0, 3.0));
        let share = (value.abs() / full).clamp(0.0, 1.0) as f32;
        let filled = place.with_max_x(place.left() + place.width() * share);
        painter.rect_filled(place, 4.0, colors.panel);
        painter.rect_filled(filled, 4.0, colors.token_fill(axis));
        let at = place.center();
        painter.text(at, Align2::CENTER_CENTER, words, mono.clone(), colors.text);
    }
}
