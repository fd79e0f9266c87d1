//! Where a number of a changed weight comes from: W + s·A·B, with the numbers themselves.

use super::YoursView;
use super::charts::plain;
use crate::labs::diffusion::Denoiser;
use crate::labs::diffusion::lora::{Adapter, Entry};
use crate::theme;
use crate::widgets::count::grouped;
use crate::widgets::icon::Icon;
use eframe::egui::{
    Align, DragValue, Grid, Layout, Rect, RichText, Role, ScrollArea, Sense, Stroke, StrokeKind,
    Ui, WidgetInfo, vec2,
};

/// Blocks of the map, along each side at most.
const BLOCKS: usize = 48;
/// Terms of the sum that are listed.
const N_TERMS: usize = 12;

/// The drawer.
#[derive(Debug, Default)]
pub(super) struct Explaining {
    /// The weight that is looked at.
    name: Option<String>,
    /// Row and column of the number.
    place: [usize; 2],
    found: Option<Found>,
}

/// What is shown of one number, and what it was worked out for.
#[derive(Debug)]
struct Found {
    name: String,
    step: usize,
    scale: f64,
    place: [usize; 2],
    entry: Entry,
    map: Map,
}

/// A·B in blocks: of each block the number that is furthest from 0, and where it stands.
#[derive(Debug, Clone)]
struct Map {
    size: [usize; 2],
    cells: Vec<(f32, [usize; 2])>,
}

impl Explaining {
    pub fn is_open(&self) -> bool {
        self.name.is_some()
    }

    /// The weight that is looked at.
    pub fn name(&self) -> Option<&String> {
        self.name.as_ref()
    }

    /// Opens the drawer on a weight, at the number that was changed most; a second click closes it.
    pub fn toggle(&mut self, name: &str) {
        self.found = None;
        self.name = (self.name.as_deref() != Some(name)).then(|| name.to_owned());
    }

    /// Works out what is shown, if it is not there already.
    fn find(&mut self, adapter: &Adapter, base: &Denoiser, scale: f64) -> Option<&Found> {
        let name = self.name.clone()?;
        let old = self
            .found
            .take()
            .filter(|found| found.name == name && found.step == adapter.step);
        let map = match &old {
            Some(found) => found.map.clone(),
            None => Map::of(&adapter.pair(&name)?.product(), adapter.pair(&name)?.size),
        };
        if old.is_none() {
            self.place = map.furthest();
        }
        let [rows, columns] = adapter.pair(&name)?.size;
        self.place[0] = self.place[0].min(rows - 1);
        self.place[1] = self.place[1].min(columns - 1);
        let same = |found: &Found| found.place == self.place && found.scale == scale;
        let entry = match old.filter(same) {
            Some(found) => found.entry,
            None => adapter.entry(base, &name, self.place, scale)?,
        };
        self.found = Some(Found {
            name,
            step: adapter.step,
            scale,
            place: self.place,
            entry,
            map,
        });
        self.found.as_ref()
    }
}

impl Map {
    fn of(product: &[f32], [rows, columns]: [usize; 2]) -> Self {
        let size = [rows.min(BLOCKS), columns.min(BLOCKS)];
        let mut cells = vec![(0.0_f32, [0, 0]); size[0] * size[1]];
        for (i, &value) in product.iter().enumerate() {
            let place = [i / columns, i % columns];
            let block = place[0] * size[0] / rows * size[1] + place[1] * size[1] / columns;
            if value.abs() >= cells[block].0.abs() {
                cells[block] = (value, place);
            }
        }
        Self { size, cells }
    }

    fn furthest(&self) -> [usize; 2] {
        let furthest = self
            .cells
            .iter()
            .max_by(|a, b| a.0.abs().total_cmp(&b.0.abs()));
        furthest.map_or([0, 0], |(_, place)| *place)
    }
}

pub(super) fn show(view: &mut YoursView, ui: &mut Ui) {
    let (scale, base) = (view.scale, view.base.clone());
    let Some((adapter, base)) = view.adapter().cloned().zip(base) else {
        return;
    };
    let Some(name) = view.explaining.name.clone() else {
        return;
    };
    let mut close = false;
    ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
        let button = Icon::Close.button(ui, "Close the weight", "Back to the whole stage.");
        close = button.clicked();
        ui.with_layout(Layout::top_down(Align::LEFT), |ui| {
            let title = RichText::new("Where a changed weight comes from");
            ui.label(title.text_style(theme::style::strong()));
        });
    });
    let mut place = view.explaining.place;
    if let Some(found) = view.explaining.find(&adapter, &base, scale) {
        place = found.place;
        ScrollArea::vertical()
            .id_salt("weight")
            .auto_shrink([false, false])
            .show(ui, |ui| {
                drawer(ui, &adapter, &name, found, &mut place);
            });
    }
    view.explaining.place = place;
    if close {
        view.explaining.name = None;
    }
}

fn drawer(ui: &mut Ui, adapter: &Adapter, name: &str, found: &Found, place: &mut [usize; 2]) {
    let size = adapter.pair(name).map_or([1, 1], |pair| pair.size);
    let [rows, columns] = size;
    weak(
        ui,
        &format!(
            "{}: W has {} × {} numbers. A·B, of rank {}, is as large, and is learned as {} numbers.",
            plain(name),
            grouped(rows),
            grouped(columns),
            adapter.rank,
            grouped(adapter.rank * (rows + columns))
        ),
    );
    ui.add_space(theme::size::HALF);
    map(ui, found, size, place);
    ui.horizontal(|ui| {
        let hints = [
            ("row", rows, "Which number that goes in it multiplies."),
            (
                "column",
                columns,
                "Which number that comes out it is added to.",
            ),
        ];
        for (value, (name, most, hint)) in place.iter_mut().zip(hints) {
            let mut shown = *value + 1;
            let label = ui.label(name).on_hover_text(hint);
            ui.add(DragValue::new(&mut shown).range(1..=most))
                .labelled_by(label.id)
                .on_hover_text(hint);
            *value = shown - 1;
        }
    });
    ui.add_space(theme::size::GRID);
    equation(ui, found);
}

/// A·B as colours; a click chooses a number.
fn map(ui: &mut Ui, found: &Found, size: [usize; 2], place: &mut [usize; 2]) {
    let side = ui.available_width().min(280.0);
    let (rect, response) = ui.allocate_exact_size(vec2(side, side * 0.75), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "A·B as colours"));
    let [rows, columns] = found.map.size;
    let cell = rect.size() / vec2(columns as f32, rows as f32);
    let most = found
        .map
        .cells
        .iter()
        .fold(1e-12, |most: f32, (value, _)| most.max(value.abs()));
    for (i, (value, _)) in found.map.cells.iter().enumerate() {
        let at = vec2((i % columns) as f32, (i / columns) as f32) * cell;
        let place = Rect::from_min_size(rect.min + at, cell);
        let fill = theme::diverging(value / most);
        ui.painter().rect_filled(place, 0.0, fill);
    }
    let block = [
        found.place[0] * rows / size[0],
        found.place[1] * columns / size[1],
    ];
    let at = vec2(block[1] as f32, block[0] as f32) * cell;
    let chosen = Rect::from_min_size(rect.min + at, cell).expand(2.0);
    let ink = theme::palette(ui.ctx()).text;
    ui.painter()
        .rect_stroke(chosen, 0.0, Stroke::new(2.0, ink), StrokeKind::Outside);
    if response.clicked()
        && let Some(at) = response.interact_pointer_pos()
    {
        let at = (at - rect.min) / cell;
        let (row, column) = (
            (at.y as usize).min(rows - 1),
            (at.x as usize).min(columns - 1),
        );
        *place = found.map.cells[row * columns + column].1;
    }
    response.on_hover_text(
        "A·B: blue lowers the weight, red raises it. Each block shows the number of it that is furthest from 0; a click chooses that number.",
    );
    weak(
        ui,
        &format!(
            "A·B, rows of W downwards: from {} (blue) through 0 to {} (red).",
            signed(-f64::from(most), 3),
            signed(f64::from(most), 3)
        ),
    );
}

fn equation(ui: &mut Ui, found: &Found) {
    let entry = &found.entry;
    ui.spacing_mut().interact_size.y = 18.0;
    ui.label("The row of A times the column of B:");
    let mono = |text: String| RichText::new(text).text_style(theme::style::small_mono());
    Grid::new("terms of a weight")
        .num_columns(4)
        .spacing([12.0, 2.0])
        .show(ui, |ui| {
            for head in ["", "A", "B", "product"] {
                weak(ui, head);
            }
            ui.end_row();
            let terms = entry
                .a
                .iter()
                .zip(&entry.b)
                .map(|(&a, &b)| [a.into(), b.into()]);
            let terms: Vec<[f64; 2]> = terms.collect();
            for (i, [a, b]) in terms.iter().take(N_TERMS).enumerate() {
                weak(ui, &(i + 1).to_string());
                for value in [*a, *b, a * b] {
                    ui.label(mono(signed(value, 5)));
                }
                ui.end_row();
            }
            if terms.len() > N_TERMS {
                let rest = terms[N_TERMS..].iter().map(|[a, b]| a * b);
                weak(ui, &format!("{} more", terms.len() - N_TERMS));
                ui.label("");
                ui.label("");
                ui.label(mono(signed(rest.sum(), 5)));
                ui.end_row();
            }
            ui.label(mono("sum".into()).strong());
            ui.label("");
            ui.label("");
            ui.label(mono(signed(entry.product, 5)).strong());
            ui.end_row();
        });
    ui.add_space(theme::size::GRID);
    ui.label("The weight that the network computes with:");
    ui.label(mono("W + s · (A·B)".into()));
    let numbers = format!(
        "= {} + {:.2} · ({})",
        signed(f64::from(entry.weight), 5),
        found.scale,
        signed(entry.product, 5)
    );
    ui.label(mono(numbers));
    ui.label(mono(format!("= {}", signed(entry.sum, 6))).strong());
    let apart = (entry.sum - f64::from(entry.used)).abs();
    weak(
        ui,
        &format!(
            "The network's own number is {}, {apart:.1e} away: it is kept with 24 binary digits.",
            signed(f64::from(entry.used), 6)
        ),
    );
    ui.add_space(theme::size::GRID);
    weak(
        ui,
        "In the paper (Hu et al. 2022) weights stand the other way round, and the same product is written W + s·B·A. A begins random, B as 0, so that learning begins at the model as it was.",
    );
}

fn weak(ui: &mut Ui, words: &str) {
    let color = theme::palette(ui.ctx()).text_weak;
    ui.label(RichText::new(words).small().color(color));
}

/// A number with its sign, a true minus.
fn signed(value: f64, digits: usize) -> String {
    format!("{value:+.digits$}").replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_shows_its_number_furthest_from_nothing() {
        let product: Vec<f32> = (0..100 * 96).map(|i| i as f32 * 1e-3).collect();
        let map = Map::of(&product, [100, 96]);
        assert_eq!(map.size, [48, 48]);
        assert_eq!(map.furthest(), [99, 95]);
        assert_eq!(map.cells[0].1, [2, 1]);
        assert_eq!(Map::of(&[1.0, -2.0], [1, 2]).furthest(), [0, 1]);
    }
}
