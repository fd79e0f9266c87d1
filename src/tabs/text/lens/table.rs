//! The table of the lens: a column per position, a row per layer, the model's own answer on top.

use super::{LensView, Page};
use crate::labs::inside::lens::Cell;
use crate::labs::text::LoadedText;
use crate::tabs::parts::caption;
use crate::tabs::text::text_at_hand::Piece;
use crate::tabs::text::views::Desk;
use crate::theme;
use crate::widgets::token_text::visible;
use eframe::egui::{
    self, Align2, Color32, Pos2, Rect, Response, Role, ScrollArea, Sense, Stroke, StrokeKind,
    TextStyle, Ui, Vec2, WidgetInfo, pos2, vec2,
};
use std::fmt::Write as _;
use std::ops::Range;

/// The width of a column at least.
const COLUMN: f32 = 84.0;
/// The height of a row at least.
const ROW: f32 = 16.0;
/// Where the names of the layers stand.
const NAMES: f32 = 68.0;

pub(super) fn show(view: &mut LensView, ui: &mut Ui, desk: &mut Desk, loaded: &LoadedText) {
    if let Some(refusal) = view.reading.refused() {
        ui.label(&refusal.what);
        caption(ui, &refusal.evidence);
        return;
    }
    let pieces = desk.pieces();
    let positions = view.reading.positions();
    let n_rows = view.reading.n_layers();
    if positions.is_empty() || n_rows == 0 || pieces.len() < positions.end {
        caption(ui, "Reading every layer…");
        return;
    }
    caption(
        ui,
        "Each cell: what this layer would say behind the token on top; deeper is surer. Click one to follow its token.",
    );
    let size = ui.available_size();
    let row = ((size.y - 32.0) / (n_rows as f32 + 1.0)).clamp(ROW, 30.0);
    let n_columns = positions.len() as f32;
    let column = ((size.x - NAMES) / n_columns).clamp(COLUMN, 160.0);
    let chosen = view.position(pieces.len());
    let version = (view.reading.positions(), desk.traced().map(|t| t.version));
    ScrollArea::both()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            let size = vec2(
                NAMES + column * n_columns,
                row * (n_rows as f32 + 1.0) + 4.0,
            );
            let (rect, response) = ui.allocate_exact_size(size, Sense::click());
            response.widget_info(|| {
                let n = positions.len();
                let words = format!("Logit lens: {n_rows} layers, {n} positions");
                WidgetInfo::labeled(Role::Image, true, words)
            });
            let grid = Grid {
                rect,
                positions: positions.clone(),
                n_rows,
                cell: vec2(column, row),
            };
            paint(view, ui, &grid, &pieces, loaded);
            if positions.contains(&chosen) {
                mark(ui, &grid, chosen, (version, chosen));
            }
            if let Some(at) = response.hover_pos() {
                point(view, ui, response, grid.under(at), &grid, &pieces, loaded);
            }
        });
}

/// Where the cells are.
struct Grid {
    rect: Rect,
    positions: Range<usize>,
    n_rows: usize,
    cell: Vec2,
}

impl Grid {
    fn spot(&self, layer: usize, position: usize) -> Rect {
        let x = NAMES + (position - self.positions.start) as f32 * self.cell.x;
        let y = self.cell.y * (self.n_rows - layer) as f32;
        Rect::from_min_size(self.rect.min + vec2(x, y), self.cell)
    }

    /// The positions between two places from left to right.
    fn between(&self, x: egui::Rangef) -> Range<usize> {
        let last = self.positions.len() - 1;
        let column = |x: f32| {
            let at = (x - self.rect.left() - NAMES) / self.cell.x;
            (at.max(0.0) as usize).min(last)
        };
        let first = self.positions.start;
        first + column(x.min)..first + column(x.max) + 1
    }

    /// The layer and the position under a place.
    fn under(&self, at: Pos2) -> Option<(usize, usize)> {
        let from_top = ((at.y - self.rect.top()) / self.cell.y) as usize;
        let is_cell = at.x >= self.rect.left() + NAMES && (1..=self.n_rows).contains(&from_top);
        let position = self.between(egui::Rangef::point(at.x)).start;
        is_cell.then_some((self.n_rows - from_top, position))
    }
}

fn paint(view: &LensView, ui: &Ui, grid: &Grid, pieces: &[Piece], loaded: &LoadedText) {
    let clip = ui.clip_rect();
    let seen = grid.between(clip.x_range());
    for position in seen.clone() {
        for layer in 0..grid.n_rows {
            let place = grid.spot(layer, position);
            if place.intersects(clip) {
                cell(ui, place, view.reading.cell(layer, position), loaded);
            }
        }
    }
    // What was read stays on top.
    let top = grid.rect.top().max(clip.top());
    let strip = Rect::from_x_y_ranges(grid.rect.x_range(), top..=top + grid.cell.y);
    let stage = theme::palette(ui.ctx()).stage;
    ui.painter().rect_filled(strip, 0.0, stage);
    for position in seen {
        let columns = grid.spot(0, position).x_range();
        let place = Rect::from_x_y_ranges(columns, strip.y_range());
        head(ui, place, pieces.get(position));
    }
    names(ui, grid.rect, grid.cell.y, grid.n_rows);
}

/// Frames the chosen column, and brings it into sight when it is another one.
fn mark<K>(ui: &Ui, grid: &Grid, chosen: usize, key: K)
where
    K: PartialEq + Clone + Send + Sync + 'static,
{
    let whole = grid
        .spot(grid.n_rows - 1, chosen)
        .union(grid.spot(0, chosen));
    let stroke = Stroke::new(2.0, theme::palette(ui.ctx()).accent);
    ui.painter()
        .rect_stroke(whole, 2.0, stroke, StrokeKind::Inside);
    let id = ui.scope_id().with("brought");
    let brought = ui.data(|data| data.get_temp::<K>(id));
    if brought.as_ref() != Some(&key) {
        ui.data_mut(|data| data.insert_temp(id, key));
        // Sideways alone: the end of a text that is wider than the stage is what matters.
        let top = grid.rect.top();
        ui.scroll_to_rect(Rect::from_x_y_ranges(whole.x_range(), top..=top), None);
    }
}

fn point(
    view: &mut LensView,
    ui: &Ui,
    response: Response,
    under: Option<(usize, usize)>,
    grid: &Grid,
    pieces: &[Piece],
    loaded: &LoadedText,
) {
    let Some((layer, position)) = under else {
        return;
    };
    let Some(pointed) = view.reading.cell(layer, position).cloned() else {
        return;
    };
    let stroke = Stroke::new(1.5, theme::palette(ui.ctx()).text);
    let place = grid.spot(layer, position);
    ui.painter()
        .rect_stroke(place, 2.0, stroke, StrokeKind::Inside);
    let name = pieces.get(position).map_or_else(String::new, Piece::shown);
    let words = told(&pointed, layer, grid.n_rows, &name, loaded);
    if response.on_hover_text_at_pointer(words).clicked() {
        view.position = Some(position);
        view.token = pointed.best.first().map(|best| best.id);
        view.typed.clear();
        view.page = Page::Token;
    }
}

/// The token that was read, above its column.
fn head(ui: &Ui, place: Rect, piece: Option<&Piece>) {
    let colors = theme::palette(ui.ctx());
    let words = piece.map_or_else(String::new, Piece::shown);
    let font = theme::style::small_mono().resolve(ui.style());
    let painter = ui.painter().with_clip_rect(place.intersect(ui.clip_rect()));
    painter.text(
        place.left_center() + vec2(6.0, 0.0),
        Align2::LEFT_CENTER,
        words,
        font,
        colors.text,
    );
}

fn cell(ui: &Ui, place: Rect, cell: Option<&Cell>, loaded: &LoadedText) {
    let colors = theme::palette(ui.ctx());
    let inner = place.shrink(1.0);
    let Some((cell, best)) = cell.and_then(|cell| Some((cell, cell.best.first()?))) else {
        ui.painter().rect_filled(inner, 2.0, colors.panel);
        return;
    };
    let _ = cell;
    let strength = best.p as f32 * if colors.dark { 0.6 } else { 0.5 };
    let fill = theme::mix(colors.panel, colors.accent, strength);
    let painter = ui.painter().with_clip_rect(inner.intersect(ui.clip_rect()));
    painter.rect_filled(inner, 2.0, fill);
    // Probability is also a length.
    let bar = inner.with_min_y(inner.bottom() - 2.0);
    let bar = bar.with_max_x(bar.left() + bar.width() * best.p as f32);
    painter.rect_filled(bar, 0.0, colors.accent);
    let font = theme::style::small_mono().resolve(ui.style());
    let galley = painter.layout_no_wrap(
        visible(&loaded.token_bytes(best.id)),
        font,
        Color32::PLACEHOLDER,
    );
    let at = pos2(
        inner.left() + 5.0,
        inner.center().y - galley.size().y * 0.5 - 1.0,
    );
    painter.galley(at, galley, colors.text);
}

fn names(ui: &Ui, rect: Rect, row: f32, n_rows: usize) {
    let colors = theme::palette(ui.ctx());
    let clip = ui.clip_rect();
    let font = TextStyle::Small.resolve(ui.style());
    // They stay in sight when the table is moved sideways.
    let left = rect.left().max(clip.left());
    let strip = Rect::from_min_max(
        pos2(left, rect.top()),
        pos2(left + NAMES - 4.0, rect.bottom()),
    );
    ui.painter().rect_filled(strip, 0.0, colors.stage);
    for layer in 0..n_rows {
        let y = rect.top() + row * ((n_rows - layer) as f32 + 0.5);
        let name = if layer == 0 {
            "tokens".to_owned()
        } else {
            format!("block {}", layer - 1)
        };
        let at = pos2(strip.right() - 2.0, y);
        let painter = ui.painter();
        painter.text(
            at,
            Align2::RIGHT_CENTER,
            name,
            font.clone(),
            colors.text_weak,
        );
    }
}

fn told(cell: &Cell, layer: usize, n_rows: usize, token: &str, loaded: &LoadedText) -> String {
    let mut words = match layer {
        0 => format!("The embedding of “{token}” alone would go on with"),
        layer if layer + 1 == n_rows => format!("The model’s own answer behind “{token}”"),
        layer => format!(
            "If the model ended after block {}, behind “{token}”",
            layer - 1
        ),
    };
    for best in &cell.best {
        let text = visible(&loaded.token_bytes(best.id));
        let _ = write!(words, "\n{:>6.1} %  “{text}”", best.p * 100.0);
    }
    let _ = write!(
        words,
        "\nUndecided among about {:.0} tokens ({:.1} bits)",
        cell.entropy_bits.exp2(),
        cell.entropy_bits
    );
    words
}
