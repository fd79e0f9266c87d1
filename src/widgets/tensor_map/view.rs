//! Which part of the table is in sight.

use crate::widgets::count::grouped;
use eframe::egui::{PointerButton, Pos2, Rect, Response, Ui, Vec2, pos2, vec2};
use std::ops::Range;

/// A cell is at least this large when a person comes closest.
const CLOSEST: f32 = 48.0;

/// The rows and columns in sight, in cells; their edges may lie within a cell.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct View {
    shape: [usize; 2],
    /// First row and column.
    from: [f32; 2],
    /// How many rows and columns.
    n: [f32; 2],
}

impl View {
    /// Shows all of a table of another shape.
    pub(super) fn fit(&mut self, shape: [usize; 2]) {
        if self.shape != shape {
            *self = Self {
                shape,
                from: [0.0; 2],
                n: shape.map(|n| n as f32),
            };
        }
    }

    /// Answers the wheel, a drag and a double click.
    pub(super) fn obey(&mut self, ui: &Ui, response: &Response, plot: Rect, shape: [usize; 2]) {
        if response.double_clicked() {
            self.shape = [0, 0];
            self.fit(shape);
        }
        if response.dragged_by(PointerButton::Primary) {
            let by = response.drag_delta() / self.cell(plot);
            self.from[0] -= by.y;
            self.from[1] -= by.x;
            self.stay_inside();
        }
        let Some(at) = response.hover_pos().filter(|at| plot.contains(*at)) else {
            return;
        };
        if !self.is_shared(plot) && !self.is_part() {
            return;
        }
        let turned = ui.input_mut(|input| {
            let turned = input.smooth_scroll_delta().y;
            let zoomed = input.zoom_delta();
            input.smooth_scroll_delta = Vec2::ZERO;
            turned / 240.0 + zoomed.ln()
        });
        if turned != 0.0 {
            self.zoom(turned.exp(), (at - plot.min) / plot.size(), plot);
        }
    }

    /// Comes closer by a factor, where `at` (shares of the plot) stays where it is. What is large enough
    /// already does not grow.
    fn zoom(&mut self, factor: f32, at: Vec2, plot: Rect) {
        for (axis, (share, size)) in [(at.y, plot.height()), (at.x, plot.width())]
            .into_iter()
            .enumerate()
        {
            let all = self.shape[axis] as f32;
            let fewest = (size / CLOSEST).min(all).max(1.0);
            let n = (self.n[axis] / factor).clamp(fewest, all);
            self.from[axis] += share * (self.n[axis] - n);
            self.n[axis] = n;
        }
        self.stay_inside();
    }

    fn stay_inside(&mut self) {
        for axis in 0..2 {
            let most = self.shape[axis] as f32 - self.n[axis];
            self.from[axis] = self.from[axis].clamp(0.0, most.max(0.0));
        }
    }

    /// Whether only a part is in sight.
    fn is_part(&self) -> bool {
        (0..2).any(|axis| self.n[axis] < self.shape[axis] as f32)
    }

    /// Whether a field stands for several numbers.
    pub(super) fn is_shared(&self, plot: Rect) -> bool {
        let cell = self.cell(plot);
        cell.x < 1.0 || cell.y < 1.0
    }

    /// The size of a cell.
    pub(super) fn cell(&self, plot: Rect) -> Vec2 {
        vec2(plot.width() / self.n[1], plot.height() / self.n[0])
    }

    /// The rows in sight, in whole or in part.
    pub(super) fn rows(&self) -> Range<usize> {
        self.range(0)
    }

    /// The columns in sight.
    pub(super) fn columns(&self) -> Range<usize> {
        self.range(1)
    }

    fn range(&self, axis: usize) -> Range<usize> {
        let end = (self.from[axis] + self.n[axis]).ceil() as usize;
        self.from[axis] as usize..end.min(self.shape[axis])
    }

    /// Where these cells are.
    pub(super) fn place(&self, plot: Rect, rows: Range<usize>, columns: Range<usize>) -> Rect {
        let cell = self.cell(plot);
        let at = |row: usize, column: usize| {
            pos2(
                plot.left() + (column as f32 - self.from[1]) * cell.x,
                plot.top() + (row as f32 - self.from[0]) * cell.y,
            )
        };
        Rect::from_min_max(at(rows.start, columns.start), at(rows.end, columns.end))
    }

    /// The cell at a point.
    pub(super) fn cell_at(&self, plot: Rect, at: Pos2) -> [usize; 2] {
        let inside = (at - plot.min) / self.cell(plot);
        let index = |axis: usize, by: f32| {
            let i = (self.from[axis] + by).max(0.0) as usize;
            i.min(self.shape[axis].saturating_sub(1))
        };
        [index(0, inside.y), index(1, inside.x)]
    }

    /// How much of the table is in sight, in words.
    pub(super) fn told(&self, [n_rows, n_columns]: [usize; 2]) -> String {
        if !self.is_part() {
            return format!("{} × {}", grouped(n_rows), grouped(n_columns));
        }
        let (rows, columns) = (self.rows(), self.columns());
        format!(
            "rows {}–{} of {n_rows}, columns {}–{} of {n_columns}",
            rows.start,
            rows.end.saturating_sub(1),
            columns.start,
            columns.end.saturating_sub(1)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot() -> Rect {
        Rect::from_min_size(pos2(10.0, 20.0), vec2(100.0, 40.0))
    }

    #[test]
    fn a_point_lies_in_the_cell_that_is_drawn_there() {
        let mut view = View::default();
        view.fit([4, 1000]);
        assert!(view.is_shared(plot()));
        assert_eq!(view.cell_at(plot(), pos2(109.95, 59.0)), [3, 999]);
        let place = view.place(plot(), 1..2, 500..510);
        assert!(place.contains(pos2(60.5, 35.0)));
        assert_eq!(view.cell_at(plot(), pos2(60.5, 35.0)), [1, 505]);
    }

    #[test]
    fn coming_closer_keeps_what_is_under_the_pointer_and_never_leaves_the_table() {
        let mut view = View::default();
        view.fit([4, 1000]);
        let at = pos2(35.0, 30.0);
        let before = view.cell_at(plot(), at);
        view.zoom(4.0, (at - plot().min) / plot().size(), plot());
        assert_eq!(view.cell_at(plot(), at)[1], before[1]);
        assert_eq!(view.columns().len(), 251);
        view.zoom(1e6, vec2(1.0, 1.0), plot());
        assert_eq!(view.columns(), 435..438);
        view.zoom(1e-6, vec2(0.3, 0.0), plot());
        assert_eq!((view.rows(), view.columns()), (0..4, 0..1000));
    }
}
