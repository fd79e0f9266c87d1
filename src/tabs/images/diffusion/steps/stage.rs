//! One way on the stage: the picture as it lies there, what the network sees in it, and what a judge
//! sees in that.

use super::ways::Way;
use super::{StepsView, readings};
use crate::labs::diffusion::About;
use crate::labs::diffusion::noising::bytes;
use crate::labs::diffusion::sampling::Step;
use crate::tabs::parts::{caption, part};
use crate::theme::{self, size};
use crate::widgets::picture_sheet::{PictureSheet, Pixels};
use eframe::egui::{
    self, Pos2, Rect, RichText, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo,
    pos2, vec2,
};
use std::collections::BTreeMap;

/// Noise of so many standard deviations is shown as black or white.
pub(super) const DEVIATIONS: f32 = 3.0;
/// The pictures, and what they are called.
const WHATS: [(Which, &str); 4] = [
    (Which::Here, "What lies there: xₜ"),
    (Which::Noise, "The noise it sees: ε̂"),
    (Which::Clean, "The picture it sees: x̂₀"),
    (Which::Change, "What words change"),
];
/// Smaller than this the stage is scrolled.
const LEAST: Vec2 = vec2(600.0, 330.0);

/// Pictures on the graphics card.
#[derive(Debug, Default)]
pub(super) struct Sheets {
    /// What lies there, the noise and the clean picture that are seen in it: of the frame on the stage.
    large: PictureSheet,
    difference: PictureSheet,
    /// The strongest change of a pixel in it.
    most: f32,
    /// The same three of every frame of the strip.
    thumbs: BTreeMap<u64, PictureSheet>,
}

/// A picture on the stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// What lies there.
    Here,
    /// The noise that is seen in it.
    Noise,
    /// The clean picture that is seen in it.
    Clean,
    /// What the words change in that.
    Change,
}

impl Sheets {
    /// Lets go of what no way has any more.
    pub(super) fn keep(&mut self, is_there: impl Fn(u64) -> bool) {
        self.thumbs.retain(|id, _| is_there(*id));
    }

    fn update(&mut self, ctx: &egui::Context, way: &Way, about: &About) {
        let (Some(id), Some(kept)) = (way.take.id(way.frame()), way.here()) else {
            return;
        };
        if self.large.version() == Some(id) {
            return;
        }
        let end = way.take.end.as_ref().filter(|_| way.shows_picture());
        let end = end.map(|(_, picture)| picture.as_slice());
        let rows = rows(&kept.step, end);
        let pixels = Pixels {
            side: about.side,
            n_channels: about.n_channels,
            bytes: &rows,
        };
        self.large.update(ctx, id, pixels, true);
        let change = by_pixel(&kept.step.difference, about.n_channels);
        self.most = change.iter().fold(0.0, |most: f32, x| most.max(x.abs()));
        let most = self.most.max(1e-6);
        let colors = change.iter().flat_map(|x| {
            let color = theme::diverging(x / most);
            [color.r(), color.g(), color.b()]
        });
        let colors: Vec<u8> = colors.collect();
        let pixels = Pixels {
            side: about.side,
            n_channels: 3,
            bytes: &colors,
        };
        self.difference.update(ctx, id, pixels, true);
    }
}

/// What lies there, the noise and the clean picture, as bytes.
fn rows(step: &Step, end: Option<&[f32]>) -> Vec<u8> {
    let noise: Vec<f32> = step.noise_pred.iter().map(|x| x / DEVIATIONS).collect();
    let rows = [end.unwrap_or(&step.x_t), &noise, &step.x0_pred];
    rows.into_iter().flat_map(bytes).collect()
}

/// The mean over the channels of each pixel.
fn by_pixel(numbers: &[f32], n_channels: usize) -> Vec<f32> {
    let pixels = numbers.chunks_exact(n_channels.max(1));
    pixels
        .map(|pixel| pixel.iter().sum::<f32>() / n_channels as f32)
        .collect()
}

/// Draws the three rows of a frame below each other.
pub(super) fn paint_frame(
    sheets: &mut Sheets,
    way: &Way,
    about: &About,
    painter: &egui::Painter,
    frame: usize,
    rect: Rect,
) {
    let (Some(id), Some(kept)) = (
        way.take.id(frame),
        way.take.steps.get(frame).or(way.take.steps.last()),
    ) else {
        return;
    };
    let end = way.take.end.as_ref();
    let end = end.filter(|_| frame >= way.take.steps.len());
    let sheet = sheets.thumbs.entry(id).or_default();
    if sheet.version() != Some(id) {
        let rows = rows(&kept.step, end.map(|(_, picture)| picture.as_slice()));
        let pixels = Pixels {
            side: about.side,
            n_channels: about.n_channels,
            bytes: &rows,
        };
        sheet.update(painter.ctx(), id, pixels, false);
    }
    let side = (rect.height() / 3.0).min(rect.width() + 1.0);
    let top = rect.center().y - side * 1.5;
    // The finished picture has no noise to see.
    let n_rows = if end.is_some() { 1 } else { 3 };
    for row in 0..n_rows {
        let corner = pos2(rect.left(), top + side * row as f32);
        let place = Rect::from_min_size(corner, vec2(rect.width(), side - 1.0));
        sheet.paint(painter, place, row);
    }
}

pub(super) fn show(view: &mut StepsView, ui: &mut Ui, about: &About) {
    let space = ui.available_size();
    if space.x < LEAST.x && view.explaining.is_open() {
        view.sheets.update(ui.ctx(), &view.ways[view.shown], about);
        ScrollArea::vertical()
            .id_salt("four")
            .show(ui, |ui| four(view, ui, about));
        return;
    }
    let size = space.max(LEAST);
    if size == space {
        let area = ui.available_rect_before_wrap();
        draw(view, ui, area, space.y, about);
        ui.advance_cursor_after_rect(area);
        return;
    }
    ScrollArea::both().id_salt("steps").show(ui, |ui| {
        let (area, _) = ui.allocate_exact_size(size, Sense::hover());
        draw(view, ui, area, space.y, about);
    });
}

/// The pictures, two by two: beside the drawer there is no room for more.
fn four(view: &mut StepsView, ui: &mut Ui, about: &About) {
    let mut pressed = None;
    let side = (ui.available_width() - size::GRID) * 0.5;
    ui.spacing_mut().item_spacing = vec2(size::GRID, 2.0);
    for row in WHATS.chunks(2) {
        ui.horizontal_top(|ui| {
            for &(which, name) in row {
                ui.vertical(|ui| {
                    pressed = pressed.or(picture(view, ui, which, side, name));
                    ui.label(RichText::new(name).small().strong());
                    caption(ui, scale_of(view, which));
                });
            }
        });
    }
    if let Some((which, at)) = pressed {
        view.ask(which, at, about);
    }
}

/// `seen` is the height of what can be seen without scrolling.
fn draw(view: &mut StepsView, ui: &mut Ui, area: Rect, seen: f32, about: &About) {
    let way = &view.ways[view.shown];
    view.sheets.update(ui.ctx(), way, about);
    let large = (seen - 44.0).clamp(120.0, area.width() * 0.4);
    let left = Rect::from_min_size(area.min, vec2(large, area.height()));
    let right = area.with_min_x(area.left() + large + size::GROUP);
    let mut pressed = None;
    part(ui, left, |ui| {
        let name = if way.shows_picture() {
            "The picture"
        } else {
            "What lies there: xₜ"
        };
        pressed = picture(view, ui, Which::Here, large, name);
        ui.label(RichText::new(name).text_style(theme::style::strong()));
        caption(ui, told(&view.ways[view.shown]));
    });
    let gap = size::GRID * 1.5;
    let small = ((right.width() - 2.0 * gap) / 3.0).min(area.height() * 0.42);
    let mut y = area.top();
    for (i, &(which, name)) in WHATS[1..].iter().enumerate() {
        let corner = pos2(right.left() + (small + gap) * i as f32, y);
        let place = Rect::from_min_size(corner, vec2(small + gap * 0.5, small + 44.0));
        part(ui, place, |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            pressed = pressed.or(picture(view, ui, which, small, name));
            ui.label(RichText::new(name).small().strong());
            caption(ui, scale_of(view, which));
        });
    }
    y += small + 52.0;
    let place = Rect::from_min_size(pos2(right.left(), y), vec2(right.width(), 40.0));
    part(ui, place, |ui| numbers(view, ui));
    y += 48.0;
    part(ui, right.with_min_y(y), |ui| {
        readings::show(view, ui, about);
    });
    if let Some((which, at)) = pressed {
        view.ask(which, at, about);
    }
}

/// What is on the stage, in numbers that everybody can read.
fn told(way: &Way) -> String {
    let Some(kept) = way.here() else {
        return "Nothing yet.".into();
    };
    if way.shows_picture() {
        let n = way.take.n_steps;
        let steps = if n == 1 { "step" } else { "steps" };
        return format!("after {n} {steps}, in {:.2} s", way.take.secs);
    }
    let from = kept.step.from;
    format!(
        "step {} of {}: {:.0} % picture, {:.0} % noise",
        kept.number,
        way.take.n_steps,
        100.0 * from.alpha_cumprod,
        100.0 * (1.0 - from.alpha_cumprod)
    )
}

/// What black, white or the colours of a picture are.
fn scale_of(view: &StepsView, which: Which) -> String {
    match which {
        Which::Noise => format!("black −{DEVIATIONS:.0}, white +{DEVIATIONS:.0}"),
        Which::Clean => "all noise off at once".into(),
        Which::Here => String::new(),
        Which::Change if view.sheets.most == 0.0 => "not known at guidance 0, 1".into(),
        Which::Change => format!("blue −{0:.2}, red +{0:.2}", view.sheets.most),
    }
}

/// A picture, and the pixel that was pressed: row and column.
fn picture(
    view: &StepsView,
    ui: &mut Ui,
    which: Which,
    side: f32,
    name: &str,
) -> Option<(Which, [usize; 2])> {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    let colors = theme::palette(ui.ctx());
    ui.painter().rect_filled(rect, 2.0, colors.hover);
    match which {
        Which::Here => view.sheets.large.paint(ui.painter(), rect, 0),
        Which::Noise => view.sheets.large.paint(ui.painter(), rect, 1),
        Which::Clean => view.sheets.large.paint(ui.painter(), rect, 2),
        Which::Change if view.sheets.most > 0.0 => {
            view.sheets.difference.paint(ui.painter(), rect, 0);
        }
        Which::Change => {}
    }
    let n = view.side;
    let asked = view.asked_pixel().filter(|_| n > 0);
    let cell = side / n.max(1) as f32;
    let square = |[row, column]: [usize; 2]| {
        let corner = rect.min + vec2(column as f32, row as f32) * cell;
        Rect::from_min_size(corner, Vec2::splat(cell))
    };
    if let Some(at) = asked {
        let ring = Stroke::new(2.0, colors.accent);
        let square = square(at).expand(1.0);
        ui.painter()
            .rect_stroke(square, 0.0, ring, StrokeKind::Outside);
    }
    let place = |at: Pos2| {
        let at = (at - rect.min) / cell;
        [at.y, at.x].map(|x| (x.max(0.0) as usize).min(n.saturating_sub(1)))
    };
    if let Some(at) = response.hover_pos().filter(|_| n > 0) {
        let ring = Stroke::new(1.0, colors.text);
        ui.painter()
            .rect_stroke(square(place(at)), 0.0, ring, StrokeKind::Outside);
    }
    let response = response.on_hover_text("Press a pixel to see where its numbers come from.");
    if !response.clicked() || n == 0 {
        return None;
    }
    let centre = rect.center();
    Some((
        which,
        place(response.interact_pointer_pos().unwrap_or(centre)),
    ))
}

/// What the step is, in four numbers.
fn numbers(view: &StepsView, ui: &mut Ui) {
    let way = &view.ways[view.shown];
    let Some(kept) = way.here() else { return };
    let step = &kept.step;
    let is_clamped = kept.recipe.settings.is_clamped;
    let beyond = format!("{:.1} %", 100.0 * step.beyond);
    let figures = [
        (
            "noise level t",
            format!("{:.0}", step.from.t),
            "How far from the picture, 0 to 999: what the network is told beside the picture (timestep).",
        ),
        (
            "noise σ",
            three(step.from.sigma()),
            "The noise beside a picture of full strength: √((1 − ᾱ) / ᾱ).",
        ),
        (
            "signal to noise",
            format!("{:.1} dB", step.from.snr_db()).replace('-', "−"),
            "10 log₁₀(ᾱ / (1 − ᾱ)): 0 dB where there is as much of one as of the other.",
        ),
        (
            if is_clamped {
                "beyond, kept in"
            } else {
                "beyond"
            },
            beyond,
            "Numbers of the clean picture beyond black and white: strong guidance drives them there. “Keep within black and white” cuts them off before the step.",
        ),
    ];
    let width = ui.available_width() / figures.len() as f32;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for (name, value, hint) in figures {
            let size = vec2(width, 40.0);
            let layout = egui::Layout::top_down(egui::Align::LEFT);
            ui.allocate_ui_with_layout(size, layout, |ui| {
                ui.set_width(width);
                ui.spacing_mut().item_spacing.y = 0.0;
                caption(ui, name).on_hover_text(hint);
                ui.label(RichText::new(value).monospace())
                    .on_hover_text(hint);
            });
        }
    });
}

/// A number with three digits that mean something.
fn three(x: f64) -> String {
    match x.abs() {
        least if least >= 100.0 => format!("{x:.0}"),
        least if least >= 10.0 => format!("{x:.1}"),
        least if least >= 1.0 => format!("{x:.2}"),
        _ => format!("{x:.3}"),
    }
}
