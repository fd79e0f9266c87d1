//! A table of numbers as colours, with the names of its rows and columns: one texture, drawn anew only
//! when the numbers change; the number itself under the pointer, and in the cell where it fits.

use crate::theme;
use eframe::egui::{
    self, Align2, Color32, ColorImage, FontId, Painter, Pos2, Rect, Role, Sense, Stroke, TextStyle,
    TextureHandle, TextureOptions, Ui, Vec2, WidgetInfo, pos2, vec2,
};

/// A cell at least so large shows its number.
const ROOM_FOR_NUMBER: Vec2 = vec2(40.0, 20.0);

/// A square table whose rows and columns have the same names.
#[derive(Debug, Clone, Copy)]
pub struct HeatMap<'a> {
    /// What AccessKit calls it.
    pub name: &'a str,
    /// The names of rows and of columns.
    pub words: &'a [String],
    /// Row-major, none below zero.
    pub cells: &'a [f32],
    /// The unit of a cell: "times together".
    pub unit: &'a str,
    /// Whether a colour stands for the logarithm: counts reach over many powers of ten.
    pub logarithmic: bool,
    /// Digits after the point.
    pub digits: usize,
    /// A number that differs whenever the cells do.
    pub version: u64,
}

/// The picture, kept between frames.
#[derive(Default)]
pub struct HeatMapState {
    drawn: Option<u64>,
    texture: Option<TextureHandle>,
}

impl std::fmt::Debug for HeatMapState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HeatMapState").finish_non_exhaustive()
    }
}

impl HeatMap<'_> {
    /// Draws it in `size`. Returns the cell that was clicked: row and column.
    pub fn show(self, ui: &mut Ui, size: Vec2, state: &mut HeatMapState) -> Option<[usize; 2]> {
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        let n = self.words.len();
        response.widget_info(|| {
            let words = format!("{}, {n} by {n} words", self.name);
            WidgetInfo::labeled(Role::Image, true, words)
        });
        if n == 0 || self.cells.len() != n * n {
            return None;
        }
        let font = TextStyle::Small.resolve(ui.style());
        let (plot, legend) = self.places(ui, rect, &font);
        let most = self.cells.iter().copied().fold(0.0, f32::max);
        self.paint_cells(ui, plot, most, state);
        let cell = plot.size() / n as f32;
        let at = response.hover_pos().filter(|at| plot.contains(*at));
        let at = at.map(|at| self.cell_at(at, plot));
        self.paint_names(ui, plot, &font, at);
        if cell.x >= ROOM_FOR_NUMBER.x && cell.y >= ROOM_FOR_NUMBER.y {
            self.paint_numbers(ui, plot, most);
        }
        self.paint_legend(ui, legend, most, &font);
        let [row, column] = at?;
        let colors = theme::palette(ui.ctx());
        let place = self.place(row, column, plot);
        let painter = ui.painter();
        painter.rect_stroke(
            place,
            0.0,
            Stroke::new(2.0, colors.text),
            egui::StrokeKind::Outside,
        );
        let words = self.told(row, column);
        let clicked = response.clicked();
        response.on_hover_text_at_pointer(words);
        clicked.then_some([row, column])
    }

    /// What is said of a cell.
    fn told(&self, row: usize, column: usize) -> String {
        let (a, b) = (&self.words[row], &self.words[column]);
        let value = self.cells[row * self.words.len() + column];
        let digits = self.digits;
        format!("{a} and {b}: {value:.digits$} {}", self.unit)
    }

    /// Where the cells are, and the legend below them.
    fn places(&self, ui: &Ui, rect: Rect, font: &FontId) -> (Rect, Rect) {
        let colors = theme::palette(ui.ctx());
        let width = |word: &String| {
            let galley = ui
                .painter()
                .layout_no_wrap(word.clone(), font.clone(), colors.text_weak);
            galley.size().x
        };
        let widest = self.words.iter().map(width).fold(0.0, f32::max);
        let room = (widest + 8.0).min(rect.width() * 0.3);
        let legend = font.size * 1.4 + 12.0;
        let area = Rect::from_min_max(
            rect.min + vec2(room, room * 0.75 + 4.0),
            rect.max - vec2(room * 0.5, legend + 8.0),
        );
        let side = area.width().min(area.height()).max(40.0);
        let plot = Rect::from_min_size(area.min, Vec2::splat(side));
        let legend = Rect::from_min_size(
            pos2(plot.left(), plot.bottom() + 8.0),
            vec2(plot.width().min(260.0), legend),
        );
        (plot, legend)
    }

    /// Where a value stands on the scale, 0..=1.
    fn share(&self, value: f32, most: f32) -> f32 {
        if most <= 0.0 {
            0.0
        } else if self.logarithmic {
            value.max(0.0).ln_1p() / most.ln_1p()
        } else {
            value / most
        }
    }

    /// Nothing is the stage itself, so that what is there stands out.
    fn color(&self, value: f32, most: f32, stage: Color32) -> Color32 {
        if value <= 0.0 {
            return stage;
        }
        theme::viridis(self.share(value, most))
    }

    fn paint_cells(&self, ui: &Ui, plot: Rect, most: f32, state: &mut HeatMapState) {
        let colors = theme::palette(ui.ctx());
        let key = self.version << 2 | theme::current(ui.ctx()) as u64;
        if state.drawn != Some(key) {
            state.drawn = Some(key);
            let n = self.words.len();
            let pixel = |&value: &f32| self.color(value, most, colors.hover);
            let image = ColorImage::new([n, n], self.cells.iter().map(pixel).collect());
            let options = TextureOptions::NEAREST;
            if let Some(texture) = &mut state.texture {
                texture.set(image, options);
            } else {
                state.texture = Some(ui.ctx().load_texture("heat map", image, options));
            }
        }
        if let Some(texture) = &state.texture {
            let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
            ui.painter()
                .image(texture.id(), plot, whole, Color32::WHITE);
        }
    }

    fn place(&self, row: usize, column: usize, plot: Rect) -> Rect {
        let cell = plot.size() / self.words.len() as f32;
        let corner = plot.min + vec2(cell.x * column as f32, cell.y * row as f32);
        Rect::from_min_size(corner, cell)
    }

    fn cell_at(&self, at: Pos2, plot: Rect) -> [usize; 2] {
        let n = self.words.len();
        let share = (at - plot.min) / plot.size();
        [share.y, share.x].map(|share| ((share * n as f32) as usize).min(n - 1))
    }

    /// Names left and above, as many as there is room for; those of the cell looked at always.
    fn paint_names(&self, ui: &Ui, plot: Rect, font: &FontId, at: Option<[usize; 2]>) {
        let colors = theme::palette(ui.ctx());
        let painter = ui.painter();
        let cell = plot.width() / self.words.len() as f32;
        let every = (font.size * 1.1 / cell).ceil().max(1.0) as usize;
        for (i, word) in self.words.iter().enumerate() {
            let here = at.is_some_and(|at| at.contains(&i));
            if !i.is_multiple_of(every) && !here {
                continue;
            }
            let ink = |is: bool| if is { colors.text } else { colors.text_weak };
            let middle = (i as f32 + 0.5) * cell;
            let row = at.is_some_and(|[row, _]| row == i);
            let column = at.is_some_and(|[_, column]| column == i);
            let left = pos2(plot.left() - 6.0, plot.top() + middle);
            painter.text(left, Align2::RIGHT_CENTER, word, font.clone(), ink(row));
            let above = pos2(plot.left() + middle, plot.top() - 4.0);
            slanted(painter, above, word, font, ink(column));
        }
    }

    fn paint_numbers(&self, ui: &Ui, plot: Rect, most: f32) {
        let colors = theme::palette(ui.ctx());
        let font = theme::style::small_mono().resolve(ui.style());
        let n = self.words.len();
        for (i, &value) in self.cells.iter().enumerate() {
            if value <= 0.0 {
                continue;
            }
            let place = self.place(i / n, i % n, plot);
            let ink = colors.text_on(self.color(value, most, colors.stage));
            let digits = self.digits;
            let text = format!("{value:.digits$}");
            let painter = ui.painter().with_clip_rect(place);
            painter.text(
                place.center(),
                Align2::CENTER_CENTER,
                text,
                font.clone(),
                ink,
            );
        }
    }

    fn paint_legend(&self, ui: &Ui, rect: Rect, most: f32, font: &FontId) {
        let colors = theme::palette(ui.ctx());
        let painter = ui.painter();
        let n = 48;
        let step = rect.width() / n as f32;
        for i in 0..n {
            let corner = pos2(rect.left() + step * i as f32, rect.top());
            let cell = Rect::from_min_size(corner, vec2(step + 0.5, 8.0));
            painter.rect_filled(cell, 0.0, theme::viridis(i as f32 / (n - 1) as f32));
        }
        let below = rect.top() + 10.0;
        let label = |x: f32, anchor: Align2, text: String| {
            let at = pos2(x, below);
            painter.text(at, anchor, text, font.clone(), colors.text_weak);
        };
        label(rect.left(), Align2::LEFT_TOP, "0".into());
        let digits = self.digits;
        let end = format!("{most:.digits$} {}", self.unit);
        label(rect.right(), Align2::RIGHT_TOP, end);
        if self.logarithmic {
            let half = (most.ln_1p() * 0.35).exp_m1();
            let x = rect.left() + rect.width() * 0.35;
            label(x, Align2::CENTER_TOP, format!("{half:.0}"));
        }
    }
}

/// A word that rises to the right from its lower left corner.
fn slanted(painter: &Painter, at: Pos2, word: &str, font: &FontId, ink: Color32) {
    let galley = painter.layout_no_wrap(word.to_owned(), font.clone(), ink);
    let size = galley.size();
    // The corner that is turned about is the upper left one: it is lifted off the cells.
    let corner = at - vec2(size.y * 0.4, size.y * 0.7);
    let mut shape = egui::epaint::TextShape::new(corner, galley, ink);
    shape.angle = -std::f32::consts::FRAC_PI_4;
    painter.add(shape);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map<'a>(words: &'a [String], cells: &'a [f32]) -> HeatMap<'a> {
        HeatMap {
            name: "Counts",
            words,
            cells,
            unit: "times together",
            logarithmic: true,
            digits: 0,
            version: 1,
        }
    }

    #[test]
    fn a_cell_says_its_row_its_column_and_its_number() {
        let words = ["whale", "sea"].map(String::from);
        let map = map(&words, &[0.0, 12.0, 12.0, 3.0]);
        assert_eq!(map.told(0, 1), "whale and sea: 12 times together");
        let plot = Rect::from_min_size(pos2(100.0, 50.0), vec2(40.0, 40.0));
        assert_eq!(map.cell_at(pos2(139.9, 51.0), plot), [0, 1]);
        assert_eq!(map.place(1, 0, plot).min, pos2(100.0, 70.0));
    }

    #[test]
    fn nothing_is_no_colour_and_the_largest_is_the_lightest() {
        let words = ["whale".to_owned()];
        let map = map(&words, &[4.0]);
        let stage = Color32::WHITE;
        assert_eq!(map.color(0.0, 4.0, stage), stage);
        assert_eq!(map.color(4.0, 4.0, stage), theme::viridis(1.0));
        assert!((map.share(1.0, 3.0) - 0.5).abs() < 1e-6);
    }
}
