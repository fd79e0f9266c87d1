//! A table of numbers as a spreadsheet: the names of the rows and the columns stay in sight, and only the
//! cells in sight are drawn, whatever the table's size.

use crate::theme;
use eframe::egui::{
    self, Align2, Color32, FontId, Rect, ScrollArea, Sense, Stroke, StrokeKind, Ui, Vec2,
    WidgetInfo, pos2, vec2,
};
use std::ops::Range;

/// The height of a row.
const ROW: f32 = 22.0;
/// Room for the names of the rows, at most.
const MOST_NAME: f32 = 120.0;
/// Room at the edges of a cell.
const PADDING: f32 = 8.0;

/// The table and what stands at its edges.
pub struct NumberTable<'a> {
    /// What it is: "Queries of block 3".
    pub name: &'a str,
    /// Rows and columns.
    pub shape: [usize; 2],
    /// The numbers, row by row.
    pub values: &'a [f32],
    /// The number farthest from zero, which decides how many decimals are shown.
    pub largest: f32,
    /// What a row is called.
    pub row_name: &'a dyn Fn(usize) -> String,
    /// What a column is called.
    pub column_name: &'a dyn Fn(usize) -> String,
    /// The cell that is looked at.
    pub chosen: Option<[usize; 2]>,
    /// Whether a cell is lit up.
    pub is_marked: &'a dyn Fn([usize; 2]) -> bool,
    /// A cell to bring into sight.
    pub bring: Option<[usize; 2]>,
}

/// Lengths that are the same for every cell.
struct Measure {
    font: FontId,
    name: f32,
    column: f32,
}

impl NumberTable<'_> {
    /// Draws it in the room there is; the cell that was clicked.
    pub fn show(&self, ui: &mut Ui) -> Option<[usize; 2]> {
        let [n_rows, n_columns] = self.shape;
        if n_rows == 0 || n_columns == 0 || self.values.len() < n_rows * n_columns {
            return None;
        }
        let measure = self.measure(ui);
        let whole = ui.available_rect_before_wrap();
        let cells = Rect::from_min_max(whole.min + vec2(measure.name, ROW), whole.max);
        let builder = egui::UiBuilder::new().id_salt(self.name).max_rect(cells);
        let mut inside = ui.new_child(builder);
        let mut area = ScrollArea::both()
            .id_salt("cells")
            .auto_shrink([false, false]);
        if let Some(offset) = self.offset_to_bring(&measure, cells.size()) {
            area = area.scroll_offset(offset);
        }
        let shown = area.show_viewport(&mut inside, |ui, view| {
            ui.set_min_size(vec2(n_columns as f32 * measure.column, n_rows as f32 * ROW));
            self.cells(ui, view, &measure)
        });
        let offset = shown.state.clamped_offset();
        self.edges(ui, whole, offset, &measure);
        ui.allocate_rect(whole, Sense::hover());
        shown.inner
    }

    fn measure(&self, ui: &Ui) -> Measure {
        let font = theme::style::small_mono().resolve(ui.style());
        let width = |words: String| {
            let galley = ui.painter();
            let galley = galley.layout_no_wrap(words, font.clone(), Color32::PLACEHOLDER);
            galley.size().x
        };
        let step = self.shape[0].div_ceil(48).max(1);
        let names = (0..self.shape[0]).step_by(step);
        let name = names.map(|row| width((self.row_name)(row)));
        let name = name.fold(0.0, f32::max).min(MOST_NAME);
        let number = width(written(-self.largest, self.largest));
        // Of many columns those at the end have the longest names, if they are numbers.
        let ends = [0, self.shape[1] / 2, self.shape[1] - 1];
        let title = ends.map(|column| width((self.column_name)(column)));
        let title = title.into_iter().fold(0.0, f32::max).min(MOST_NAME);
        Measure {
            name: name + 2.0 * PADDING,
            column: number.max(title) + 2.0 * PADDING,
            font,
        }
    }

    /// Where to scroll so that a cell comes to the middle.
    fn offset_to_bring(&self, measure: &Measure, room: Vec2) -> Option<Vec2> {
        let [row, column] = self.bring?;
        let all = vec2(
            self.shape[1] as f32 * measure.column,
            self.shape[0] as f32 * ROW,
        );
        let middle = vec2(
            (column as f32 + 0.5) * measure.column,
            (row as f32 + 0.5) * ROW,
        );
        let most = (all - room).max(Vec2::ZERO);
        Some((middle - room * 0.5).clamp(Vec2::ZERO, most))
    }

    fn cells(&self, ui: &Ui, view: Rect, measure: &Measure) -> Option<[usize; 2]> {
        let origin = ui.min_rect().min;
        let mut clicked = None;
        for row in seen(view.y_range(), ROW, self.shape[0]) {
            for column in seen(view.x_range(), measure.column, self.shape[1]) {
                let at = origin + vec2(column as f32 * measure.column, row as f32 * ROW);
                let place = Rect::from_min_size(at, vec2(measure.column, ROW));
                if self.cell(ui, place, [row, column], &measure.font) {
                    clicked = Some([row, column]);
                }
            }
        }
        clicked
    }

    /// One number; whether it was clicked.
    fn cell(&self, ui: &Ui, place: Rect, cell @ [row, column]: [usize; 2], font: &FontId) -> bool {
        let colors = theme::palette(ui.ctx());
        let value = self.values[row * self.shape[1] + column];
        let response = ui.interact(place, ui.scope_id().with(cell), Sense::click());
        let title = || {
            let (row, column) = ((self.row_name)(row), (self.column_name)(column));
            format!("{row}, {column}: {}", exact(value))
        };
        response.widget_info(|| {
            let words = format!("{}, {}", self.name, title());
            WidgetInfo::labeled(egui::Role::Button, true, words)
        });
        let is_chosen = self.chosen == Some(cell);
        let fill = if is_chosen {
            Some(colors.accent_soft)
        } else if response.hovered() {
            Some(colors.hover)
        } else {
            None
        };
        let painter = ui.painter();
        if let Some(fill) = fill {
            painter.rect_filled(place, 0.0, fill);
        }
        if (self.is_marked)(cell) {
            let stroke = Stroke::new(2.0, colors.warning);
            painter.rect_stroke(place.shrink(1.0), 2.0, stroke, StrokeKind::Inside);
        }
        if is_chosen || response.has_focus() {
            let stroke = Stroke::new(2.0, colors.accent);
            painter.rect_stroke(place.shrink(1.0), 2.0, stroke, StrokeKind::Inside);
        }
        let at = place.right_center() - vec2(PADDING, 0.0);
        let words = written(value, self.largest);
        painter.text(at, Align2::RIGHT_CENTER, words, font.clone(), colors.text);
        let response = response.on_hover_cursor(egui::CursorIcon::PointingHand);
        let is_clicked = response.clicked();
        response.on_hover_ui(|ui| {
            ui.label(title());
        });
        is_clicked
    }

    /// The names of the rows and columns in sight.
    fn edges(&self, ui: &Ui, whole: Rect, offset: Vec2, measure: &Measure) {
        let colors = theme::palette(ui.ctx());
        let line = Stroke::new(1.0, colors.line);
        let top = Rect::from_min_max(
            whole.min + vec2(measure.name, 0.0),
            pos2(whole.right(), whole.top() + ROW),
        );
        let left = Rect::from_min_max(
            whole.min + vec2(0.0, ROW),
            pos2(whole.left() + measure.name, whole.bottom()),
        );
        let name = |clip: Rect, at: egui::Pos2, words: String, is_chosen: bool| {
            let ink = if is_chosen {
                colors.text
            } else {
                colors.text_weak
            };
            let painter = ui.painter().with_clip_rect(clip);
            painter.text(at, Align2::RIGHT_CENTER, words, measure.font.clone(), ink);
        };
        let view = Rect::from_min_size(offset.to_pos2(), vec2(top.width(), left.height()));
        for column in seen(view.x_range(), measure.column, self.shape[1]) {
            let right = top.left() + (column + 1) as f32 * measure.column - offset.x - PADDING;
            let is_chosen = self.chosen.is_some_and(|[_, chosen]| chosen == column);
            let words = (self.column_name)(column);
            name(top, pos2(right, top.center().y), words, is_chosen);
        }
        let room = egui::Rangef::new(left.left(), left.right() - PADDING);
        let painter = ui.painter().with_clip_rect(left);
        for row in seen(view.y_range(), ROW, self.shape[0]) {
            let y = left.top() + (row as f32 + 0.5) * ROW - offset.y;
            let is_chosen = self.chosen.is_some_and(|[chosen, _]| chosen == row);
            let ink = if is_chosen {
                colors.text
            } else {
                colors.text_weak
            };
            edge_name(&painter, room, y, (self.row_name)(row), &measure.font, ink);
        }
        // The lines end where the numbers do.
        let right = top.left() + self.shape[1] as f32 * measure.column;
        let bottom = left.top() + self.shape[0] as f32 * ROW;
        let across = egui::Rangef::new(whole.left(), right.min(whole.right()));
        let down = egui::Rangef::new(whole.top(), bottom.min(whole.bottom()));
        ui.painter().hline(across, top.bottom(), line);
        ui.painter().vline(left.right(), down, line);
    }
}

/// The name of a row at the edge of a table: at the right of its room, or, where it is too long, from the
/// left as far as it fits.
pub(super) fn edge_name(
    painter: &egui::Painter,
    room: egui::Rangef,
    y: f32,
    name: String,
    font: &FontId,
    ink: Color32,
) {
    let galley = painter.layout_no_wrap(name, font.clone(), ink);
    let left = room.min.max(room.max - galley.size().x);
    let at = pos2(left, y - galley.size().y * 0.5);
    let clip = Rect::from_x_y_ranges(room, painter.clip_rect().y_range());
    let clip = clip.intersect(painter.clip_rect());
    painter.with_clip_rect(clip).galley(at, galley, ink);
}

/// Which of `n` equal steps lie in sight.
fn seen(view: egui::Rangef, step: f32, n: usize) -> Range<usize> {
    let first = (view.min / step).floor().max(0.0) as usize;
    let end = (view.max / step).ceil().max(0.0) as usize;
    first.min(n)..end.min(n)
}

/// A number as it stands in a table whose farthest from zero is `largest`: all with the same decimals, as
/// many as tell its numbers apart.
#[must_use]
pub fn written(value: f32, largest: f32) -> String {
    let digits = match largest.abs() {
        x if x < 0.01 => 6,
        x if x < 1.0 => 4,
        x if x < 100.0 => 3,
        x if x < 10_000.0 => 1,
        _ => 0,
    };
    if value.is_infinite() {
        return with_minus(if value < 0.0 { "-∞" } else { "∞" }.into());
    }
    with_minus(format!("{value:.digits$}"))
}

/// A number with all the digits it has.
#[must_use]
pub fn exact(value: f32) -> String {
    if value.is_infinite() {
        return written(value, 1.0);
    }
    with_minus(value.to_string())
}

/// A number for the end of a scale: three digits that mean something.
#[must_use]
pub fn short(value: f32) -> String {
    let words = match value.abs() {
        0.0 => "0".to_owned(),
        x if x < 0.001 => format!("{value:.1e}"),
        x if x < 1.0 => format!("{value:.3}"),
        x if x < 10.0 => format!("{value:.2}"),
        x if x < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    };
    with_minus(words)
}

/// A true minus, and none before zero.
fn with_minus(words: String) -> String {
    let is_zero = words.chars().all(|c| matches!(c, '-' | '0' | '.'));
    let words = if is_zero {
        words.replace('-', "")
    } else {
        words
    };
    words.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_table_have_the_same_decimals_and_a_true_minus() {
        assert_eq!([-1.5, 0.25].map(|x| written(x, 1.5)), ["−1.500", "0.250"]);
        assert_eq!(written(-0.0, 0.5), "0.0000");
        assert_eq!(written(1234.56, 2000.0), "1234.6");
        assert_eq!([-0.1, f32::NEG_INFINITY].map(exact), ["−0.1", "−∞"]);
        assert_eq!([0.0, -0.25, 31.26].map(short), ["0", "−0.250", "31.3"]);
    }

    #[test]
    fn of_fifty_thousand_columns_only_those_in_sight_are_drawn() {
        let view = egui::Rangef::new(70_000.0, 70_700.0);
        assert_eq!(seen(view, 70.0, 49_152), 1000..1010);
        assert_eq!(seen(egui::Rangef::new(-20.0, 50.0), 70.0, 49_152), 0..1);
        assert_eq!(seen(egui::Rangef::new(0.0, 500.0), 22.0, 3), 0..3);
    }
}
