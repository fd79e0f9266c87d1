//! One face: large, with the nearest training picture, what a judge sees in it, and its z to drag.

use super::FacesView;
use super::known::{Near, Reading, named};
use crate::labs::gan::faces::Kinship;
use crate::tabs::parts::{caption, part};
use crate::theme::{self, size};
use crate::widgets::count::grouped;
use crate::widgets::image_grid::percent;
use crate::widgets::number_bars::NumberBars;
use crate::widgets::picture_sheet::Pixels;
use eframe::egui::{
    self, Align2, Rect, RichText, Role, ScrollArea, Sense, TextStyle, Ui, Vec2, WidgetInfo, pos2,
    vec2,
};

/// The value at the top of a bar; a normal number is beyond it once in 700.
const MOST_Z: f32 = 3.2;
/// Meanings of a number that are told.
const MEANINGS: usize = 4;

pub(super) fn show(view: &mut FacesView, ui: &mut Ui) {
    view.one.picture.update(ui.ctx(), true);
    let area = ui.available_rect_before_wrap();
    let bars = (area.height() * 0.3).clamp(96.0, 200.0);
    let top = area.height() - bars - 44.0;
    let large = top.min(area.width() * 0.45);
    let [face, beside, below] = [
        Rect::from_min_size(area.min, Vec2::splat(large)),
        Rect::from_min_max(
            area.min + vec2(large + size::GROUP, 0.0),
            pos2(area.right(), area.top() + top),
        ),
        area.with_min_y(area.bottom() - bars - 36.0),
    ];
    part(ui, face, |ui| {
        let (rect, response) = ui.allocate_exact_size(Vec2::splat(large), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name(view)));
        view.one.picture.sheet.paint(ui.painter(), rect, 0);
    });
    part(ui, beside, |ui| {
        // In a low window both do not fit under each other.
        ScrollArea::vertical()
            .id_salt("beside the face")
            .show(ui, |ui| {
                nearest(view, ui);
                ui.add_space(size::GRID);
                judge(view, ui);
            });
    });
    part(ui, below, |ui| z(view, ui, bars));
    ui.advance_cursor_after_rect(area);
}

fn name(view: &FacesView) -> String {
    match view.one.seed {
        Some(seed) => format!("The face of seed {seed}"),
        None => "The face of the z below".into(),
    }
}

/// The numbers that the face is made of.
fn z(view: &mut FacesView, ui: &mut Ui, height: f32) {
    let mut changed = None;
    let n = view.one.z.len();
    let bar = ui.data(|data| data.get_temp::<usize>(egui::Id::unique("bar of z")));
    let i = bar.unwrap_or(0).min(n.saturating_sub(1));
    ui.horizontal(|ui| {
        let title = format!("z: the {n} numbers of this face");
        ui.label(RichText::new(title).text_style(theme::style::strong()));
        let hint = "The bar under the arrow keys, as a number to type.";
        if let Some(mut value) = view.one.z.get(i).copied() {
            let label = ui.label(format!("number {}", i + 1)).on_hover_text(hint);
            let field = egui::DragValue::new(&mut value)
                .speed(0.02)
                .range(-MOST_Z..=MOST_Z);
            let field = ui.add(field.max_decimals(2)).labelled_by(label.id);
            if field.on_hover_text(hint).changed() {
                changed = Some((i, value));
            }
        }
        meaning(view, ui, i);
    });
    let bars = NumberBars {
        name: "z",
        values: &view.one.z,
        most: MOST_Z,
    };
    let (dragged, here) = bars.show(ui, vec2(ui.available_width(), height));
    ui.data_mut(|data| data.insert_temp(egui::Id::unique("bar of z"), here));
    let dragged = dragged.map(|dragged| (dragged.i, dragged.value));
    if let Some((i, value)) = dragged.or(changed) {
        let mut z = view.one.z.clone();
        z[i] = value;
        view.show_z(z, None);
    }
}

/// What a number of z changes, once it was asked.
fn meaning(view: &mut FacesView, ui: &mut Ui, i: usize) {
    let has_judge = view.lab.as_ref().is_some_and(|lab| lab.judge().is_some());
    if let Some(found) = view.found.as_ref().filter(|_| has_judge) {
        let meanings = found.directions.meanings(i);
        let said = meanings.iter().take(MEANINGS).map(|meaning| {
            let direction = meaning.direction;
            let word = named(&direction.question_name, &direction.answer_name);
            format!("{word} {}", signed(meaning.correlation))
        });
        let said: Vec<String> = said.collect();
        let words = if said.is_empty() {
            "goes with nothing that the judge knows".to_owned()
        } else {
            format!("goes with {}", said.join(", "))
        };
        let hint = format!(
            "The correlation of this number with how sure the judge is, over {} faces. Below 0.05 it may be chance.",
            grouped(found.directions.n_faces as u64)
        );
        caption(ui, words).on_hover_text(hint);
        return;
    }
    caption(ui, "drag a bar, or use the arrow keys");
    if !has_judge {
        return;
    }
    if let Some(part) = view.surveying {
        caption(ui, format!("looking at many faces: {:.0} %", 100.0 * part));
        return;
    }
    let button = egui::Button::new(RichText::new("What does it change?").small());
    let hint =
        "Draws two thousand faces and asks the judge, to see which attributes go with this number.";
    if ui.add(button).on_hover_text(hint).clicked() {
        view.make_survey();
    }
}

/// A correlation with its sign.
fn signed(x: f32) -> String {
    format!("{}{:.2}", if x < 0.0 { '−' } else { '+' }, x.abs())
}

/// The training pictures nearest to the face: is it a copy?
fn nearest(view: &mut FacesView, ui: &mut Ui) {
    let knows = view
        .lab
        .as_ref()
        .is_some_and(|lab| !lab.questions().is_empty());
    if !knows {
        caption(
            ui,
            "The judge and the album know drawn faces only, not what this generator draws.",
        );
        return;
    }
    ui.label(RichText::new("Is it a copy?").text_style(theme::style::strong()));
    let one = &mut view.one;
    let Some((number, near)) = &one.near else {
        let words = match view.reading {
            Some(part) => format!("Reading the training pictures: {:.0} %", part * 100.0),
            None => "Looking for the nearest training picture…".into(),
        };
        caption(ui, words);
        return;
    };
    let pixels = Pixels {
        side: near.pictures.side,
        n_channels: near.pictures.n_channels,
        bytes: &near.pictures.pixels,
    };
    one.near_sheet.update(ui.ctx(), *number, pixels, true);
    let side = (ui.available_height() * 0.3).clamp(56.0, 144.0);
    let is_old = *number != one.picture.wished;
    ui.add_enabled_ui(!is_old, |ui| {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = size::GRID * 1.5;
            for i in 0..2 {
                let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::hover());
                let by = ["by pixels", "by what the judge sees"][i];
                let words = format!("Nearest training picture {by}: {}", near.captions[i]);
                response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &words));
                one.near_sheet.paint(ui.painter(), rect, i);
                response.on_hover_text(words);
            }
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = size::HALF;
                distances(ui, near);
            });
        });
    });
}

fn distances(ui: &mut Ui, near: &Near) {
    let verdict = match near.nearest.kinship() {
        Kinship::Copy => "A copy, or nearly",
        Kinship::Close => "Close to a training picture",
        Kinship::Own => "No copy",
    };
    ui.label(RichText::new(verdict).text_style(theme::style::strong()));
    let [pixels, features] = [near.nearest.by_pixels, near.nearest.by_features];
    let n = grouped(near.n_searched);
    caption(ui, format!("Left, nearest of {n} by pixels: {:.1} away; training pictures are usually {:.1} from the nearest other.", pixels.distance, pixels.usual))
        .on_hover_text("The root of the mean squared difference of all pixels at 32 × 32, in levels of 0–255.");
    caption(
        ui,
        format!(
            "Right, nearest by what the judge sees: {:.1}; usual {:.1}.",
            features.distance, features.usual
        ),
    )
    .on_hover_text("The distance between the 64 features that the judge makes of each picture.");
}

/// What the judge sees, with how sure it is.
fn judge(view: &FacesView, ui: &mut Ui) {
    ui.label(RichText::new("What a judge sees").text_style(theme::style::strong()))
        .on_hover_text("A small classifier that was trained on real faces and their descriptions.");
    let Some((number, readings)) = &view.one.readings else {
        caption(ui, "Looking at it…");
        return;
    };
    let is_old = *number != view.one.picture.wished;
    ui.add_enabled_ui(!is_old, |ui| {
        let height = (ui.available_height() / readings.len().max(1) as f32).clamp(17.0, 28.0);
        ui.spacing_mut().item_spacing.y = 0.0;
        for reading in readings {
            row(ui, reading, height);
        }
    });
}

/// One attribute: its name, the likeliest value, and how sure the judge is.
fn row(ui: &mut Ui, reading: &Reading, height: f32) {
    let colors = theme::palette(ui.ctx());
    let width = ui.available_width();
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    let attribute = reading.question.replace('_', " ");
    let (word, p) = reading.best();
    response.widget_info(|| {
        let words = format!("{attribute}: {word}, {}", percent(p));
        WidgetInfo::labeled(Role::Image, true, words)
    });
    let painter = ui.painter();
    let small = TextStyle::Small.resolve(ui.style());
    let body = if height < 20.0 {
        small.clone()
    } else {
        TextStyle::Body.resolve(ui.style())
    };
    let mono = theme::style::small_mono().resolve(ui.style());
    let y = rect.center().y;
    let columns = [0.0, 0.27, 0.5, 0.84].map(|share| rect.left() + width * share);
    let left = Align2::LEFT_CENTER;
    painter.text(
        pos2(columns[0], y),
        left,
        &attribute,
        small,
        colors.text_weak,
    );
    painter.text(pos2(columns[1], y), left, word, body, colors.text);
    let track = Rect::from_min_max(pos2(columns[2], y - 4.0), pos2(columns[3] - 8.0, y + 4.0));
    painter.rect_filled(track, 2.0, colors.hover);
    let filled = track.with_max_x(track.left() + track.width() * p.clamp(0.0, 1.0));
    painter.rect_filled(filled, 2.0, colors.accent);
    painter.text(pos2(columns[3], y), left, percent(p), mono, colors.text);
    let all = reading
        .answers
        .iter()
        .map(|(answer, p)| format!("{answer}: {}", percent(*p)));
    response.on_hover_text(all.collect::<Vec<_>>().join("\n"));
}
