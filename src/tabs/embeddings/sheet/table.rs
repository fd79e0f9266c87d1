//! The table: a row per thing, its weight in the sum, its numbers, and how near it is to the sum; the
//! sum below; what it all comes to above.

use super::SheetView;
use super::nearness::{nearness, sum};
use crate::labs::embeddings::sheet::{Meaning, Near, Sheet};
use crate::tabs::embeddings::explain_panel::signed;
use crate::theme;
use crate::widgets::icon::Icon;
use eframe::egui::{
    self, Align2, DragValue, Rect, Response, RichText, Role, Sense, Stroke, TextEdit, TextStyle,
    Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

/// The widths of the columns, and the height of a row.
const WEIGHT: f32 = 52.0;
const NAME: [f32; 2] = [84.0, 184.0];
const VALUE: f32 = 74.0;
const NEARNESS: f32 = 104.0;
const REMOVE: f32 = 24.0;
const GAP: f32 = 6.0;
pub(super) const ROW: f32 = 34.0;

/// How fast a number moves under the pointer, per point.
const SPEED: f64 = 0.01;

/// How wide the table wants to be.
pub(super) fn width(ui: &Ui, sheet: &Sheet) -> f32 {
    Columns::of(ui, sheet).width()
}

pub(super) fn show(view: &mut SheetView, ui: &mut Ui) {
    headline(view, ui);
    let mut sheet = view.sheet().clone();
    let mut changed = None;
    let columns = Columns::of(ui, &sheet);
    egui::ScrollArea::horizontal()
        .id_salt("columns")
        .auto_shrink([false, true])
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing = vec2(0.0, 2.0);
            head(ui, &columns, &mut sheet, &mut changed);
            let full = full_bar(&sheet);
            let mut removed = None;
            for row in 0..sheet.rows.len() {
                if table_row(view, ui, &columns, &mut sheet, (row, full), &mut changed) {
                    removed = Some(row);
                }
            }
            if let Some(row) = removed {
                sheet.rows.remove(row);
                changed = Some(format!("remove {row}"));
            }
            sum(view, ui, &columns, full);
        });
    if let Some(name) = changed {
        view.change(sheet, &name);
    }
}

/// What the arithmetic comes to, in one line that everybody reads.
fn headline(view: &SheetView, ui: &mut Ui) {
    let colors = theme::palette(ui.ctx());
    let sheet = view.sheet();
    let weak = |words: String| RichText::new(words).small().color(colors.text_weak);
    let Some(outcome) = view.outcome() else {
        ui.label(RichText::new("Give a row a weight").text_style(theme::style::subheading()));
        ui.label(weak(
            "1 adds it, −1 takes it away; the sum is one more arrow.".into(),
        ));
        ui.add_space(theme::size::GRID);
        return;
    };
    let name = |near: Near| sheet.rows.get(near.row).map_or("", |row| row.name.as_str());
    let expression = sheet.expression();
    let found = view.answer().map_or("nothing", name);
    let words = match view.meaning {
        Meaning::Analogy => format!("{expression} ≈ {found}"),
        Meaning::Taste => format!("You like {expression}. Next: {found}"),
    };
    ui.label(RichText::new(words).text_style(theme::style::subheading()));
    let inputs = match (view.answer(), outcome.nearest()) {
        (_, Some(nearest)) if nearest.is_input => format!(
            "The nearest row of all is {}, but it is in the sum; rows in the sum are struck out.",
            name(nearest)
        ),
        (Some(_), _) => {
            "Rows in the sum are struck out; here the answer would be the same with them.".into()
        }
        _ => "The sum has no direction, or every row is in it.".into(),
    };
    ui.label(weak(inputs));
    ui.add_space(theme::size::GRID);
}

/// Where the columns are, from the left edge.
pub(super) struct Columns {
    name: f32,
    n_axes: usize,
}

impl Columns {
    fn of(ui: &Ui, sheet: &Sheet) -> Self {
        let font = TextStyle::Body.resolve(ui.style());
        let names = sheet.rows.iter().map(|row| {
            let text = row.name.clone();
            let galley = ui
                .painter()
                .layout_no_wrap(text, font.clone(), egui::Color32::WHITE);
            galley.size().x + 14.0
        });
        Self {
            name: names.fold(NAME[0], f32::max).min(NAME[1]),
            n_axes: sheet.axes.len(),
        }
    }

    pub(super) fn width(&self) -> f32 {
        self.nearness().1 + GAP + REMOVE
    }

    pub(super) fn name(&self) -> (f32, f32) {
        (WEIGHT + GAP, WEIGHT + GAP + self.name)
    }

    pub(super) fn value(&self, axis: usize) -> (f32, f32) {
        let left = self.name().1 + GAP + axis as f32 * (VALUE + GAP);
        (left, left + VALUE)
    }

    fn nearness(&self) -> (f32, f32) {
        let left = self.value(self.n_axes).0;
        (left, left + NEARNESS)
    }
}

/// A cell of a row.
pub(super) fn cell(row: Rect, (left, right): (f32, f32)) -> Rect {
    Rect::from_x_y_ranges(row.left() + left..=row.left() + right, row.y_range())
}

/// Draws one widget in a cell.
fn inside<R>(ui: &mut Ui, cell: Rect, contents: impl FnOnce(&mut Ui) -> R) -> R {
    let layout = egui::Layout::left_to_right(egui::Align::Center);
    let builder = UiBuilder::new().max_rect(cell).layout(layout);
    ui.scope_builder(builder, contents).inner
}

fn named(ui: &Ui, response: &Response, name: &str) {
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_label(name.to_owned()));
}

/// The names of the axes, which can be changed.
fn head(ui: &mut Ui, columns: &Columns, sheet: &mut Sheet, changed: &mut Option<String>) {
    let colors = theme::palette(ui.ctx());
    let (row, _) = ui.allocate_exact_size(vec2(columns.width(), ROW), Sense::hover());
    let font = TextStyle::Small.resolve(ui.style());
    let paint = |at: (f32, f32), words: &str| {
        let left = pos2(cell(row, at).left() + 2.0, row.center().y);
        let painter = ui.painter();
        painter.text(
            left,
            Align2::LEFT_CENTER,
            words,
            font.clone(),
            colors.text_weak,
        );
    };
    paint((0.0, WEIGHT), "weight");
    paint(columns.nearness(), "cosine to the sum");
    for axis in 0..sheet.axes.len() {
        let place = cell(row, columns.value(axis));
        let name = &mut sheet.axes[axis];
        let edit = TextEdit::singleline(name)
            .id_salt(("axis", axis))
            .font(TextStyle::Small)
            .char_limit(40)
            .margin(egui::Margin::symmetric(2, 4))
            .align(Align2::LEFT_CENTER)
            .min_size(place.size())
            .frame(egui::Frame::NONE)
            .desired_width(VALUE);
        let response = inside(ui, place, |ui| ui.add(edit));
        named(ui, &response, &format!("Axis {}", axis + 1));
        if response.changed() {
            *changed = Some(format!("axis {axis}"));
        }
        response.on_hover_text("The name of this axis; click to change it.");
    }
    ui.painter()
        .hline(row.x_range(), row.bottom(), Stroke::new(1.0, colors.line));
}

/// The number that fills a cell: the largest of the table.
fn full_bar(sheet: &Sheet) -> f64 {
    let values = sheet.rows.iter().flat_map(|row| &row.values);
    let most = values.fold(0.0_f64, |most, value| most.max(value.abs()));
    if most > 0.0 { most } else { 1.0 }
}

/// One thing. Returns whether it is to go.
fn table_row(
    view: &mut SheetView,
    ui: &mut Ui,
    columns: &Columns,
    sheet: &mut Sheet,
    (row, full): (usize, f64),
    changed: &mut Option<String>,
) -> bool {
    let colors = theme::palette(ui.ctx());
    let (rect, response) = ui.allocate_exact_size(vec2(columns.width(), ROW), Sense::hover());
    let name = sheet.rows[row].name.clone();
    if view.answer().is_some_and(|near| near.row == row) {
        ui.painter().rect_filled(rect, 6.0, colors.accent_soft);
    }
    let weight = &mut sheet.rows[row].weight;
    let in_sum = *weight != 0.0;
    let place = cell(rect, (0.0, WEIGHT));
    if number(
        ui,
        place,
        weight,
        (0.05, 1),
        in_sum,
        &format!("Weight of {name}"),
    ) {
        *changed = Some(format!("weight {row}"));
    }
    let edit = TextEdit::singleline(&mut sheet.rows[row].name)
        .id_salt(("name", row))
        .char_limit(60)
        .margin(egui::Margin::symmetric(4, 4))
        .align(Align2::LEFT_CENTER)
        .min_size(vec2(columns.name, ROW))
        .frame(egui::Frame::NONE)
        .desired_width(columns.name);
    let edited = inside(ui, cell(rect, columns.name()), |ui| ui.add(edit));
    named(ui, &edited, &format!("Name of row {}", row + 1));
    if edited.changed() {
        *changed = Some(format!("name {row}"));
    }
    for axis in 0..columns.n_axes {
        let place = cell(rect, columns.value(axis)).shrink2(vec2(0.0, 3.0));
        let value = &mut sheet.rows[row].values[axis];
        let share = (value.abs() / full).clamp(0.0, 1.0) as f32;
        let filled = place.with_max_x(place.left() + place.width() * share);
        ui.painter().rect_filled(place, 4.0, colors.panel);
        ui.painter()
            .rect_filled(filled, 4.0, colors.token_fill(axis));
        let label = format!("{name}, {}", sheet.axes[axis]);
        if number(ui, place, value, (SPEED, 2), true, &label) {
            *changed = Some(format!("cell {row} {axis}"));
        }
    }
    if let Some(near) = view.near(row) {
        nearness(view, ui, cell(rect, columns.nearness()), &name, near);
    }
    let remove = Rect::from_center_size(
        pos2(rect.right() - REMOVE * 0.5, rect.center().y),
        egui::Vec2::splat(REMOVE),
    );
    let pressed = ui.interact(remove, ui.scope_id().with(("remove", row)), Sense::click());
    pressed.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Remove {name}")));
    if response.contains_pointer() || pressed.has_focus() {
        let ink = if pressed.hovered() || pressed.has_focus() {
            colors.text
        } else {
            colors.text_weak
        };
        Icon::Close.paint(ui.painter(), remove, 14.0, ink);
    }
    pressed
        .on_hover_text("Take this row out of the table.")
        .clicked()
}

/// A number that is dragged, or clicked and typed.
fn number(
    ui: &mut Ui,
    place: Rect,
    value: &mut f64,
    (speed, decimals): (f64, usize),
    strong: bool,
    name: &str,
) -> bool {
    let colors = theme::palette(ui.ctx());
    let response = inside(ui, place, |ui| {
        let clear = egui::Color32::TRANSPARENT;
        let widgets = &mut ui.visuals_mut().widgets;
        widgets.inactive.weak_bg_fill = clear;
        widgets.inactive.bg_stroke = Stroke::NONE;
        widgets.hovered.weak_bg_fill = clear;
        if !strong {
            widgets.inactive.fg_stroke.color = colors.text_weak;
        }
        ui.spacing_mut().interact_size = place.size();
        ui.spacing_mut().button_padding = vec2(4.0, 2.0);
        let drag = DragValue::new(value)
            .speed(speed)
            .range(-1000.0..=1000.0)
            .min_decimals(decimals)
            .max_decimals(3)
            .custom_formatter(move |n, _| {
                let shown = (n * 1000.0).round() / 1000.0;
                let digits = if (shown * 100.0).fract().abs() > 1e-6 {
                    3
                } else {
                    decimals
                };
                signed(shown, digits)
            })
            .custom_parser(|text| text.trim().replace(',', ".").replace('−', "-").parse().ok());
        ui.add(drag)
    });
    named(ui, &response, name);
    let changed = response.changed();
    response.on_hover_text("Drag it, or click and type.");
    changed
}
