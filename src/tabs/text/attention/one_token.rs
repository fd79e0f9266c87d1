//! One token in every head: the text shaded by one head's attention, and below it all heads of all
//! blocks, a row each.

use super::AttentionView;
use crate::labs::inside::{At, SiteName};
use crate::tabs::parts::caption;
use crate::tabs::text::text_at_hand::Piece;
use crate::tabs::text::views::Desk;
use crate::theme;
use crate::widgets::tensor_map::TensorMap;
use eframe::egui::{
    Align2, Role, ScrollArea, Sense, Stroke, StrokeKind, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

/// The most tokens that are drawn as chips: around the one that looks.
const MOST_CHIPS: usize = 400;

pub(super) fn show(view: &mut AttentionView, ui: &mut Ui, desk: &mut Desk) {
    let pieces = desk.pieces();
    let n = pieces.len();
    let query = view.query(n);
    let version = desk.traced().map_or(0, |traced| traced.version);
    if let Some(refusal) = view.looks.refused() {
        ui.label(&refusal.what);
        return;
    }
    let looks = view.looks.answer_to(&(version, query)).cloned();
    let here = view.block * desk.model.current().map_or(1, |l| l.config.n_heads) + view.head;
    caption(
        ui,
        format!(
            "Click the token that looks. Shaded: what it looks at in head {}.{}.",
            view.block, view.head
        ),
    );
    let shares = looks.as_ref().map(|looks| looks.row(here).to_vec());
    let room = ui.available_height();
    ScrollArea::vertical()
        .id_salt("the text")
        .max_height(room * 0.35)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            if let Some(chosen) = chips(ui, &pieces, query, shares.as_deref()) {
                view.query = Some(chosen);
            }
        });
    ui.add_space(theme::size::GRID);
    let Some(looks) = looks.or_else(|| view.looks.answer().cloned()) else {
        caption(ui, "Asking every head…");
        return;
    };
    caption(
        ui,
        "Every head of every block: a row per head, a column per token. Turn the wheel to come closer, click for the equation.",
    );
    let n_heads = looks.n_heads.max(1);
    let n_keys = looks.n_keys;
    let map = TensorMap {
        name: "What the token looks at in every head",
        shape: [looks.n_layers * n_heads, n_keys],
        values: &looks.weights,
        is_signed: false,
        version: view.looks.version(),
        row_name: &|row| format!("{}.{}", row / n_heads, row % n_heads),
        column_name: &|i| pieces.get(i).map_or_else(String::new, Piece::shown),
        chosen: view.key.filter(|&key| key < n_keys).map(|key| [here, key]),
        marked: &[],
    };
    if let Some([row, key]) = map
        .show_named(ui, (ui.available_height() - theme::size::GRID).max(120.0))
        .clicked
    {
        (view.block, view.head) = (row / n_heads, row % n_heads);
        view.key = Some(key);
        let at = At::head(SiteName::Pattern, view.block, view.head);
        desk.explain_cell(at.place(looks.query, key));
    }
}

/// The text as chips, shaded and underlined by share. Returns the chip that was clicked.
fn chips(ui: &mut Ui, pieces: &[Piece], query: usize, shares: Option<&[f32]>) -> Option<usize> {
    let colors = theme::palette(ui.ctx());
    let font = TextStyle::Monospace.resolve(ui.style());
    let mut clicked = None;
    let first = (query + 1).saturating_sub(MOST_CHIPS);
    let last = (first + MOST_CHIPS).min(pieces.len());
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(3.0, theme::size::HALF);
        for (i, piece) in pieces.iter().enumerate().take(last).skip(first) {
            let share = shares
                .and_then(|shares| shares.get(i))
                .copied()
                .unwrap_or(0.0);
            let ink = if i > query {
                colors.text_weak
            } else {
                colors.text
            };
            let galley = ui
                .painter()
                .layout_no_wrap(piece.shown(), font.clone(), ink);
            let size = galley.size() + vec2(8.0, 10.0);
            let (rect, response) = ui.allocate_exact_size(size, Sense::click());
            let name = format!("{i} {}: {:.1} %", piece.shown(), share * 100.0);
            response.widget_info(|| WidgetInfo::selected(Role::Button, true, i == query, &name));
            let painter = ui.painter();
            let strength = share.sqrt() * if colors.dark { 0.55 } else { 0.45 };
            let fill = theme::mix(colors.stage, colors.accent, strength);
            painter.rect_filled(rect, 4.0, fill);
            let bar = rect.shrink2(vec2(3.0, 0.0));
            let bar = bar.with_min_y(rect.bottom() - 3.0);
            let bar = bar.with_max_x(bar.left() + bar.width() * share);
            painter.rect_filled(bar, 1.0, colors.accent);
            if i == query {
                let stroke = Stroke::new(2.0, colors.text);
                painter.rect_stroke(rect, 4.0, stroke, StrokeKind::Inside);
            } else if response.hovered() {
                let stroke = Stroke::new(1.0, colors.outline);
                painter.rect_stroke(rect, 4.0, stroke, StrokeKind::Inside);
            }
            let at = Align2::CENTER_CENTER
                .anchor_size(pos2(rect.center().x, rect.center().y - 1.0), galley.size());
            painter.galley(at.min, galley, ink);
            if response.on_hover_text(name).clicked() {
                clicked = Some(i);
            }
        }
    });
    clicked
}
