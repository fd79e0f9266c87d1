//! Numbers around zero as upright bars that can be dragged: the z of a generator. Arrow keys choose a
//! bar (left, right) and change it (up, down).

use crate::theme;
use eframe::egui::{
    self, Align2, EventFilter, Id, Key, Rect, Response, Sense, Stroke, StrokeKind, TextStyle, Ui,
    Vec2, WidgetInfo, pos2, vec2,
};

/// What one press of an arrow key changes, in the numbers' own unit.
const KEY_STEP: f32 = 0.1;
/// A bar is never narrower; there are more rows instead.
const LEAST_WIDTH: f32 = 9.0;

/// Numbers as bars.
#[derive(Debug, Clone, Copy)]
pub struct NumberBars<'a> {
    /// What AccessKit calls them: "z".
    pub name: &'a str,
    /// The numbers.
    pub values: &'a [f32],
    /// The value at the top of a bar; the bottom is its opposite.
    pub most: f32,
}

/// A number that was changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Changed {
    /// Which.
    pub i: usize,
    /// What it is now.
    pub value: f32,
}

impl NumberBars<'_> {
    /// Draws them in `size`. Returns the number that a person changed, and the bar the keys stand on.
    pub fn show(self, ui: &mut Ui, size: Vec2) -> (Option<Changed>, usize) {
        let (rect, response) = ui.allocate_exact_size(size, Sense::click_and_drag());
        let n = self.values.len();
        if n == 0 {
            return (None, 0);
        }
        let places = Places::of(rect, n, TextStyle::Small.resolve(ui.style()).size);
        let at = response.id.with("bar");
        let mut here = ui
            .data(|data| data.get_temp::<usize>(at))
            .unwrap_or(0)
            .min(n - 1);
        let mut changed = None;
        let pointer = response.interact_pointer_pos();
        if let Some(pointer) = pointer {
            if response.drag_started() || response.clicked() || response.double_clicked() {
                response.request_focus();
            }
            let pressed = ui
                .input(|input| input.pointer.press_origin())
                .unwrap_or(pointer);
            here = places.bar_at(pressed);
            if response.double_clicked() {
                changed = Some(Changed {
                    i: here,
                    value: 0.0,
                });
            } else if response.dragged() || response.clicked() {
                let value = places.value_at(here, pointer, self.most);
                changed = Some(Changed { i: here, value });
            }
        }
        if response.has_focus() {
            changed = self.keys(ui, &response, &mut here).or(changed);
        }
        ui.data_mut(|data| data.insert_temp(at, here));
        self.paint(ui, &places, here, &response);
        let value = changed.map_or(self.values[here], |changed| changed.value);
        response.widget_info(|| {
            let words = format!("{}, {n} numbers: number {}", self.name, here + 1);
            WidgetInfo::slider(true, f64::from(value), words)
        });
        if let Some(over) = response.hover_pos().filter(|_| !response.dragged()) {
            let i = places.bar_at(over);
            let value = signed(self.values[i]);
            response.on_hover_text_at_pointer(format!(
                "{} {} = {value}\nDrag it up or down; a double click makes it 0.",
                self.name,
                i + 1
            ));
        }
        (
            changed.filter(|c| c.value.to_bits() != self.values[c.i].to_bits()),
            here,
        )
    }

    /// What the arrow keys do.
    fn keys(&self, ui: &Ui, response: &Response, here: &mut usize) -> Option<Changed> {
        keep_arrows(ui, response.id);
        let pressed = |key| ui.input(|input| input.key_pressed(key));
        let last = self.values.len() - 1;
        if pressed(Key::ArrowLeft) {
            *here = here.saturating_sub(1);
        } else if pressed(Key::ArrowRight) {
            *here = (*here + 1).min(last);
        } else if pressed(Key::Home) {
            *here = 0;
        } else if pressed(Key::End) {
            *here = last;
        }
        let value = self.values[*here];
        let value = if pressed(Key::ArrowUp) {
            value + KEY_STEP
        } else if pressed(Key::ArrowDown) {
            value - KEY_STEP
        } else if pressed(Key::Delete) || pressed(Key::Num0) {
            0.0
        } else {
            return None;
        };
        Some(Changed {
            i: *here,
            value: value.clamp(-self.most, self.most),
        })
    }

    fn paint(&self, ui: &Ui, places: &Places, here: usize, response: &Response) {
        let colors = theme::palette(ui.ctx());
        let painter = ui.painter();
        let font = TextStyle::Small.resolve(ui.style());
        let over = response.hover_pos().map(|at| places.bar_at(at));
        for row in 0..places.n_rows {
            let track = places.row(row);
            painter.rect_filled(track, 3.0, theme::mix(colors.stage, colors.hover, 0.6));
            let zero = Stroke::new(1.0, colors.outline);
            painter.hline(track.x_range(), track.center().y, zero);
            for (value, y) in [(self.most, track.top()), (-self.most, track.bottom())] {
                let anchor = if value > 0.0 {
                    Align2::RIGHT_TOP
                } else {
                    Align2::RIGHT_BOTTOM
                };
                let at = pos2(track.left() - 5.0, y);
                let text = signed_short(value);
                painter.text(at, anchor, text, font.clone(), colors.text_weak);
            }
            let at = pos2(track.left() - 5.0, track.center().y);
            painter.text(
                at,
                Align2::RIGHT_CENTER,
                "0",
                font.clone(),
                colors.text_weak,
            );
        }
        for (i, &value) in self.values.iter().enumerate() {
            let column = places.column(i);
            let focused = response.has_focus() && i == here;
            if focused || over == Some(i) {
                painter.rect_filled(column, 2.0, colors.hover);
            }
            let y = places.y_of(i, value, self.most);
            let middle = column.center();
            let bar = Rect::from_two_pos(
                pos2(column.left() + 1.5, middle.y),
                pos2(column.right() - 1.5, y),
            );
            let shade = 0.55 + 0.45 * (value / self.most).abs().min(1.0);
            painter.rect_filled(bar, 1.0, theme::diverging(shade.copysign(value)));
            if focused {
                let ring = Stroke::new(1.5, colors.accent);
                painter.rect_stroke(column, 2.0, ring, StrokeKind::Inside);
            }
        }
    }
}

/// The arrow keys stay with the bars while they have the focus.
fn keep_arrows(ui: &Ui, id: Id) {
    let filter = EventFilter {
        horizontal_arrows: true,
        vertical_arrows: true,
        ..EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, filter));
}

/// A number with two digits after the point and a true minus.
#[must_use]
pub fn signed(value: f32) -> String {
    format!("{:.2}", value + 0.0).replace('-', "−")
}

fn signed_short(value: f32) -> String {
    format!("{value:.0}").replace('-', "−")
}

/// Where the bars stand: in as many rows as they need.
struct Places {
    area: Rect,
    n: usize,
    n_rows: usize,
    per_row: usize,
}

impl Places {
    fn of(rect: Rect, n: usize, font: f32) -> Self {
        let area = rect.with_min_x(rect.left() + font * 1.9);
        let fit = (area.width() / LEAST_WIDTH).floor().max(1.0) as usize;
        let n_rows = n.div_ceil(fit);
        Self {
            area,
            n,
            n_rows,
            per_row: n.div_ceil(n_rows),
        }
    }

    fn row(&self, row: usize) -> Rect {
        let gap = theme::size::GRID;
        let height = (self.area.height() + gap) / self.n_rows as f32;
        let top = self.area.top() + height * row as f32;
        Rect::from_min_size(
            pos2(self.area.left(), top),
            vec2(self.area.width(), height - gap),
        )
    }

    fn column(&self, i: usize) -> Rect {
        let row = self.row(i / self.per_row);
        let width = row.width() / self.per_row as f32;
        let left = row.left() + width * (i % self.per_row) as f32;
        Rect::from_min_size(pos2(left, row.top()), vec2(width, row.height()))
    }

    fn bar_at(&self, at: egui::Pos2) -> usize {
        let first = self.row(0);
        let pitch = first.height() + theme::size::GRID;
        let row = ((at.y - first.top()) / pitch).max(0.0) as usize;
        let column = (at.x - first.left()) / first.width() * self.per_row as f32;
        let column = (column.max(0.0) as usize).min(self.per_row - 1);
        (row.min(self.n_rows - 1) * self.per_row + column).min(self.n - 1)
    }

    fn value_at(&self, i: usize, at: egui::Pos2, most: f32) -> f32 {
        let row = self.row(i / self.per_row);
        let share = (row.center().y - at.y) / (row.height() * 0.5);
        (share * most).clamp(-most, most)
    }

    fn y_of(&self, i: usize, value: f32, most: f32) -> f32 {
        let row = self.row(i / self.per_row);
        row.center().y - row.height() * 0.5 * (value / most).clamp(-1.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_drawn_at_a_place_is_the_one_pressed_there() {
        let rect = Rect::from_min_size(pos2(10.0, 20.0), vec2(400.0, 160.0));
        let places = Places::of(rect, 64, 13.0);
        assert!(places.n_rows > 1);
        for i in 0..64 {
            assert_eq!(places.bar_at(places.column(i).center()), i);
        }
    }

    #[test]
    fn the_height_of_a_bar_is_the_value_read_there() {
        let rect = Rect::from_min_size(pos2(0.0, 0.0), vec2(800.0, 100.0));
        let places = Places::of(rect, 64, 13.0);
        for value in [-3.0_f32, -0.4, 0.0, 2.2] {
            let at = pos2(0.0, places.y_of(5, value, 3.0));
            assert!((places.value_at(5, at, 3.0) - value).abs() < 1e-5);
        }
    }

    #[test]
    fn a_number_has_a_true_minus_and_no_minus_at_zero() {
        assert_eq!([-1.5, -0.0, 0.25].map(signed), ["−1.50", "0.00", "0.25"]);
    }
}
