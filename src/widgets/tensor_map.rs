//! A table of numbers as a picture, whatever its size: one field of colour per number where there is room,
//! else one for several, which shows the largest of them. Blue–white–red centred on zero for numbers with
//! a sign, viridis from zero up for magnitudes; the scale stands below it.
//!
//! The pointer names a number. A wheel comes closer where numbers share fields, a drag moves on, a double
//! click shows all again.

mod texture;
mod view;

use crate::theme;
use eframe::egui::{
    self, Align2, Color32, FontId, Pos2, Rect, Response, Sense, Stroke, StrokeKind, TextStyle, Ui,
    WidgetInfo, pos2, vec2,
};
use std::ops::Range;
use view::View;

/// The height of one row at most: few rows stay a strip.
const MOST_ROW_HEIGHT: f32 = 28.0;
/// The width of one column at most.
const MOST_COLUMN_WIDTH: f32 = 64.0;
/// Room for the names of columns above the picture.
const COLUMN_NAMES: f32 = 18.0;
/// Room for the scale below the picture, without its distance.
const LEGEND: f32 = 18.0;
/// Cells at least this large have their number written in them.
const ROOM_FOR_NUMBERS: [f32; 2] = [46.0, 15.0];

/// A rectangle of cells that is lit up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// Its rows.
    pub rows: Range<usize>,
    /// Its columns.
    pub columns: Range<usize>,
}

/// The table and how to draw it.
pub struct TensorMap<'a> {
    /// What it is: "Queries of block 3".
    pub name: &'a str,
    /// Rows and columns.
    pub shape: [usize; 2],
    /// The numbers, row by row.
    pub values: &'a [f32],
    /// Whether the scale has two sides.
    pub is_signed: bool,
    /// Another number whenever the numbers are others.
    pub version: u64,
    /// What a row is called.
    pub row_name: &'a dyn Fn(usize) -> String,
    /// What a column is called.
    pub column_name: &'a dyn Fn(usize) -> String,
    /// The cell that is looked at.
    pub chosen: Option<[usize; 2]>,
    /// Cells that are lit up.
    pub marked: &'a [Marked],
}

/// What the pointer does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pointed {
    /// The cell under it, row and column.
    pub hovered: Option<[usize; 2]>,
    /// The cell it clicked.
    pub clicked: Option<[usize; 2]>,
}

impl TensorMap<'_> {
    /// Draws it, with its scale, in at most this height.
    pub fn show(&self, ui: &mut Ui, height: f32) -> Pointed {
        self.draw(ui, height, false)
    }

    /// The same with the names of its columns above it, as many as stand beside each other.
    pub fn show_named(&self, ui: &mut Ui, height: f32) -> Pointed {
        ui.add_space(COLUMN_NAMES);
        self.draw(ui, height - COLUMN_NAMES, true)
    }

    fn draw(&self, ui: &mut Ui, height: f32, is_named: bool) -> Pointed {
        let [n_rows, n_columns] = self.shape;
        if n_rows == 0 || n_columns == 0 || self.values.len() < n_rows * n_columns {
            return Pointed::default();
        }
        let font = theme::style::small_mono().resolve(ui.style());
        let names = self.names_width(ui, &font);
        let room = vec2(
            (ui.available_width() - names).max(40.0),
            (height - LEGEND - theme::size::HALF).max(16.0),
        );
        let size = vec2(
            room.x.min(n_columns as f32 * MOST_COLUMN_WIDTH),
            room.y.min(n_rows as f32 * MOST_ROW_HEIGHT),
        );
        let whole = vec2(size.x + names, size.y);
        let (rect, response) = ui.allocate_exact_size(whole, Sense::click_and_drag());
        let plot = rect.with_min_x(rect.left() + names);
        response.widget_info(|| {
            let words = format!("Map of {}: {n_rows} × {n_columns} numbers", self.name);
            WidgetInfo::labeled(egui::Role::Image, true, words)
        });
        let id = response.id.with("view");
        let mut view = ui
            .data(|data| data.get_temp::<View>(id))
            .unwrap_or_default();
        view.fit(self.shape);
        view.obey(ui, &response, plot, self.shape);
        let largest = texture::paint(ui, id, self, &view, plot);
        ui.data_mut(|data| data.insert_temp(id, view.clone()));
        let stroke = Stroke::new(1.0, theme::palette(ui.ctx()).line);
        let painter = ui.painter();
        painter.rect_stroke(plot, 0.0, stroke, StrokeKind::Outside);
        self.row_names(ui, rect, plot, &view, &font);
        if is_named {
            self.column_names(ui, plot, &view, &font);
        }
        self.numbers(ui, plot, &view, largest);
        self.lights(ui, plot, &view);
        let pointed = self.point(ui, &response, plot, &view);
        self.legend(ui, plot, &view, largest);
        pointed
    }

    /// Draws it into a small rectangle, with what is lit up and nothing else.
    pub fn thumbnail(&self, ui: &Ui, id: egui::Id, rect: Rect) {
        let [n_rows, n_columns] = self.shape;
        if n_rows == 0 || n_columns == 0 || self.values.len() < n_rows * n_columns {
            return;
        }
        let mut view = View::default();
        view.fit(self.shape);
        texture::paint(ui, id, self, &view, rect);
        self.lights(ui, rect, &view);
    }

    /// The number of a cell.
    #[must_use]
    pub fn value(&self, [row, column]: [usize; 2]) -> f32 {
        let value = self.values.get(row * self.shape[1] + column);
        value.copied().unwrap_or(f32::NAN)
    }

    /// The colour of a number when `largest` is the farthest from zero.
    fn color(&self, value: f32, largest: f32) -> Color32 {
        if !value.is_finite() {
            return Color32::TRANSPARENT;
        }
        let t = value / largest.max(f32::MIN_POSITIVE);
        if self.is_signed {
            theme::diverging(t)
        } else {
            theme::viridis(t)
        }
    }

    /// Whether some numbers lie beyond the scale.
    fn is_beyond(&self, largest: f32) -> bool {
        let step = self.values.len().div_ceil(1 << 16).max(1);
        let mut some = self.values.iter().step_by(step);
        some.any(|x| x.is_finite() && x.abs() > largest)
    }

    fn names_width(&self, ui: &Ui, font: &FontId) -> f32 {
        let n = self.shape[0];
        let painter = ui.painter();
        let step = n.div_ceil(48).max(1);
        let width = |row: usize| {
            let name = (self.row_name)(row);
            let galley = painter.layout_no_wrap(name, font.clone(), Color32::PLACEHOLDER);
            galley.size().x
        };
        let widest = (0..n).step_by(step).map(width).fold(0.0, f32::max);
        (widest + theme::size::GRID).min(104.0)
    }

    /// As many names of rows as stand below each other.
    fn row_names(&self, ui: &Ui, rect: Rect, plot: Rect, view: &View, font: &FontId) {
        let colors = theme::palette(ui.ctx());
        let painter = ui.painter();
        let height = view.cell(plot).y;
        let step = (font.size * 1.15 / height).ceil().max(1.0) as usize;
        for row in view.rows().step_by(step) {
            let place = view.place(plot, row..row + 1, view.columns());
            let is_chosen = self.chosen.is_some_and(|[chosen, _]| chosen == row);
            let ink = if is_chosen {
                colors.text
            } else {
                colors.text_weak
            };
            let room = egui::Rangef::new(rect.left(), plot.left() - theme::size::HALF);
            super::number_table::edge_name(
                &painter.with_clip_rect(rect.expand(6.0)),
                room,
                place.center().y,
                (self.row_name)(row),
                font,
                ink,
            );
        }
    }

    fn column_names(&self, ui: &Ui, plot: Rect, view: &View, font: &FontId) {
        let colors = theme::palette(ui.ctx());
        let width = view.cell(plot).x;
        let step = (font.size * 2.8 / width).ceil().max(1.0) as usize;
        let y = plot.top() - COLUMN_NAMES * 0.5;
        for column in view.columns().step_by(step) {
            let place = view.place(plot, view.rows(), column..column + 1);
            let room = place.left()..=place.left() + width * step as f32 - 4.0;
            let clip = plot.expand2(vec2(0.0, COLUMN_NAMES));
            let clip = clip.intersect(Rect::from_x_y_ranges(room, clip.y_range()));
            let is_chosen = self.chosen.is_some_and(|[_, chosen]| chosen == column);
            let ink = if is_chosen {
                colors.text
            } else {
                colors.text_weak
            };
            let at = pos2(place.left() + 2.0, y);
            let name = (self.column_name)(column);
            let painter = ui.painter().with_clip_rect(clip.intersect(ui.clip_rect()));
            painter.text(at, Align2::LEFT_CENTER, name, font.clone(), ink);
        }
    }

    /// The numbers in their cells, where these are large enough.
    fn numbers(&self, ui: &Ui, plot: Rect, view: &View, largest: f32) {
        let cell = view.cell(plot);
        if cell.x < ROOM_FOR_NUMBERS[0] || cell.y < ROOM_FOR_NUMBERS[1] {
            return;
        }
        let font = theme::style::small_mono().resolve(ui.style());
        let painter = ui.painter().with_clip_rect(plot);
        for row in view.rows() {
            for column in view.columns() {
                let value = self.value([row, column]);
                let place = view.place(plot, row..row + 1, column..column + 1);
                let colors = theme::palette(ui.ctx());
                let ink = if value.is_finite() {
                    colors.text_on(self.color(value, largest))
                } else {
                    colors.text_weak
                };
                let words = super::number_table::written(value, largest);
                painter.text(
                    place.center(),
                    Align2::CENTER_CENTER,
                    words,
                    font.clone(),
                    ink,
                );
            }
        }
    }

    /// What is lit up, and the cell that is looked at.
    fn lights(&self, ui: &Ui, plot: Rect, view: &View) {
        let colors = theme::palette(ui.ctx());
        let painter = ui.painter().with_clip_rect(plot.expand(3.0));
        for marked in self.marked {
            let place = view.place(plot, marked.rows.clone(), marked.columns.clone());
            light(
                &painter,
                at_least(place, 3.0),
                colors.stage,
                colors.warning,
                2.0,
            );
        }
        if let Some([row, column]) = self.chosen {
            let place = view.place(plot, row..row + 1, column..column + 1);
            light(
                &painter,
                at_least(place, 5.0),
                colors.stage,
                colors.accent,
                2.5,
            );
        }
    }

    fn point(&self, ui: &Ui, response: &Response, plot: Rect, view: &View) -> Pointed {
        let at = response.hover_pos().filter(|at| plot.contains(*at));
        let hovered = at.map(|at| view.cell_at(plot, at));
        if let Some(cell @ [row, column]) = hovered {
            let name = format!("{}, {}", (self.row_name)(row), (self.column_name)(column));
            let value = self.value(cell);
            egui::Tooltip::always_open(
                ui.ctx().clone(),
                ui.layer_id(),
                response.id.with("tip"),
                egui::PopupAnchor::Pointer,
            )
            .gap(12.0)
            .show(|ui| {
                ui.set_max_width(320.0);
                ui.label(name);
                ui.monospace(super::number_table::exact(value));
                if view.is_shared(plot) {
                    ui.small("Several numbers share a field; turn the wheel to come closer.");
                }
            });
        }
        Pointed {
            hovered,
            clicked: hovered.filter(|_| response.clicked()),
        }
    }

    /// The scale: which colour is which number.
    fn legend(&self, ui: &mut Ui, plot: Rect, view: &View, largest: f32) {
        let colors = theme::palette(ui.ctx());
        let width = ui.available_width();
        ui.add_space(theme::size::HALF);
        let (row, _) = ui.allocate_exact_size(vec2(width, LEGEND), Sense::hover());
        let font = TextStyle::Small.resolve(ui.style());
        let painter = ui.painter();
        let bar = Rect::from_min_size(pos2(plot.left(), row.center().y - 4.0), vec2(96.0, 8.0));
        let word = |at: Pos2, align, words: String| {
            painter.text(at, align, words, font.clone(), colors.text_weak)
        };
        let least = if self.is_signed { -largest } else { 0.0 };
        // Numbers beyond the ends have the colours of the ends.
        let is_beyond = self.is_beyond(largest);
        let beyond = |sign: &'static str| if is_beyond { sign } else { "" };
        let left = word(
            bar.left_center(),
            Align2::LEFT_CENTER,
            if self.is_signed {
                format!("{}{}", beyond("≤ "), super::number_table::short(least))
            } else {
                "0".to_owned()
            },
        );
        let bar = bar.translate(vec2(left.width() + 6.0, 0.0));
        let n = 32;
        for i in 0..n {
            let t = i as f32 / (n - 1) as f32;
            let value = least + t * (largest - least);
            let x = bar.left() + i as f32 * 3.0;
            let field = Rect::from_min_size(pos2(x, bar.top()), vec2(3.5, 8.0));
            painter.rect_filled(field, 0.0, self.color(value, largest));
        }
        let right = word(
            bar.right_center() + vec2(6.0, 0.0),
            Align2::LEFT_CENTER,
            format!("{}{}", beyond("≥ "), super::number_table::short(largest)),
        );
        let shown = view.told(self.shape);
        word(
            pos2(right.right() + 16.0, row.center().y),
            Align2::LEFT_CENTER,
            shown,
        );
    }
}

fn light(painter: &egui::Painter, place: Rect, halo: Color32, ink: Color32, width: f32) {
    let outer = Stroke::new(width + 2.0, halo);
    painter.rect_stroke(place, 1.0, outer, StrokeKind::Outside);
    painter.rect_stroke(place, 1.0, Stroke::new(width, ink), StrokeKind::Outside);
}

/// Nothing that is lit up is too small to be seen.
fn at_least(place: Rect, size: f32) -> Rect {
    Rect::from_center_size(place.center(), place.size().max(vec2(size, size)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_the_middle_of_a_signed_scale_and_the_dark_end_of_the_other() {
        let name = |i: usize| i.to_string();
        let mut map = TensorMap {
            name: "q",
            shape: [1, 3],
            values: &[-2.0, 0.0, 1.0],
            is_signed: true,
            version: 0,
            row_name: &name,
            column_name: &name,
            chosen: None,
            marked: &[],
        };
        assert_eq!(map.color(0.0, 2.0), theme::diverging(0.0));
        assert_eq!(map.color(-2.0, 2.0), theme::diverging(-1.0));
        map.is_signed = false;
        assert_eq!(map.color(0.0, 2.0), theme::viridis(0.0));
        assert_eq!(map.value([0, 2]), 1.0);
    }
}
