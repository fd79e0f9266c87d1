//! The pages of the stage, and what stands there before anything was trained.

use super::SqueezingView;
use super::studio::Place;
use super::{between, bytes, one, plot};
use crate::tabs::TabContext;
use crate::tabs::parts::{caption, choice};
use crate::theme::{self, size};
use crate::widgets::count::duration;
use crate::widgets::picture_sheet::PictureSheet;
use eframe::egui::{
    self, Align2, Color32, ProgressBar, Rect, Response, RichText, Role, Sense, Stroke, StrokeKind,
    TextStyle, Ui, Vec2, WidgetInfo, pos2, vec2,
};

/// A bar of progress is shown where there is so much room.
const ROOM_FOR_BAR: f32 = 110.0;

/// What the stage shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Page {
    #[default]
    One,
    Map,
    Between,
    Bytes,
}

impl Page {
    pub(super) const ALL: [(Self, &'static str, &'static str); 4] = [
        (
            Self::One,
            "One picture",
            "A picture, its numbers, and the picture that they unfold into. Change a number and see.",
        ),
        (
            Self::Map,
            "Map of the codes",
            "Where thousands of pictures lie by their numbers. Click a point to see it, or a place between them.",
        ),
        (
            Self::Between,
            "Between two",
            "Halfway between two pictures: in their numbers, and in their pixels.",
        ),
        (
            Self::Bytes,
            "Bytes",
            "How small a picture becomes, beside a JPEG that is as far off.",
        ),
    ];

    fn place(self) -> Place {
        match self {
            Self::One => Place::One,
            Self::Map => Place::Map,
            Self::Between => Place::Between,
            Self::Bytes => Place::Bytes,
        }
    }
}

pub(super) fn show(view: &mut SqueezingView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let is_there = view.here().is_some_and(|made| made.here().is_some());
    if !is_there {
        empty(view, ui, cx);
        return;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = size::HALF;
        for (page, label, hint) in Page::ALL {
            if choice(ui, view.page == page, label, hint) {
                view.page = page;
            }
        }
    });
    head(view, ui);
    // A picture has its place on every page but the last.
    view.want(Place::One, cx);
    view.want(view.page.place(), cx);
    ui.add_space(size::HALF);
    match view.page {
        Page::One => one::show(view, ui),
        Page::Map => plot::show(view, ui),
        Page::Between => between::show(view, ui),
        Page::Bytes => bytes::show(view, ui),
    }
}

/// How far the training is, and how well it does.
fn head(view: &SqueezingView, ui: &mut Ui) {
    let Some((made, frame)) = view.here().and_then(|made| Some((made, made.here()?))) else {
        return;
    };
    let mut facts = vec![format!(
        "{:.1} dB on pictures that {}",
        frame.fault.psnr_db,
        if made.is_opened {
            "ship with Glassbox"
        } else {
            "it never learns from"
        }
    )];
    let turn = made.turn.as_ref().filter(|_| view.is_training());
    if made.selected.is_some() {
        facts.push(format!("back at {}", duration(frame.secs)));
    } else if let Some(turn) = turn {
        facts.push(duration(turn.secs));
        facts.extend(
            turn.secs_left
                .map(|left| format!("{} left", duration(left))),
        );
    }
    facts.extend(made.ended.clone());
    ui.horizontal(|ui| {
        let hint = "PSNR, the peak signal-to-noise ratio: 10 · log₁₀(255² / mean squared error). Each 6 dB more halve the error.";
        ui.label(RichText::new(facts.join("  ·  ")).small())
            .on_hover_text(hint);
        let progress = turn.and_then(|turn| turn.progress);
        if let Some(progress) = progress.filter(|_| ui.available_width() > ROOM_FOR_BAR) {
            let bar = ui.add(ProgressBar::new(progress as f32).desired_height(6.0));
            ui.ctx()
                .accesskit_node_builder(bar.id, |node| node.set_label("Progress of the training"));
        }
    });
}

/// What will appear, and the button that makes it appear.
fn empty(view: &mut SqueezingView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let (k, one) = (view.setup.d_code, view.setup.one());
    ui.vertical_centered(|ui| {
        ui.add_space((ui.available_height() * 0.08).max(size::GRID));
        sketch(ui, k);
        ui.add_space(size::GROUP);
        let words = format!(
            "One half of a network, the encoder, squeezes a {one} into {k} numbers. The other half, the decoder, sees nothing but these numbers and draws the {one} again. Both learn from how far it is off."
        );
        ui.set_max_width(560.0);
        ui.label(words);
        ui.add_space(size::GRID);
        if view.is_training() {
            caption(ui, "Reading the pictures…");
            return;
        }
        let many = if one == "face" { "4,000 faces" } else { "the pictures" };
        let label = "Train it now";
        let hint = "Both halves know nothing and begin to learn now.";
        let button = theme::primary_button(ui.ctx(), label);
        let can = view.setup.source().is_some();
        if ui.add_enabled(can, button).on_hover_text(hint).clicked() {
            view.press_run(cx);
        }
        ui.add_space(size::HALF);
        caption(
            ui,
            format!("Nothing of it ships: it learns from {many} here, now. The first {one}s are told apart after seconds, good after a minute or two."),
        );
    });
}

/// A picture, its numbers, a picture: the shape of the network.
fn sketch(ui: &mut Ui, k: usize) {
    let width = ui.available_width().min(520.0);
    let height = 132.0;
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    let words = format!("A picture, narrowing to {k} numbers, widening to a picture");
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &words));
    let colors = theme::palette(ui.ctx());
    let painter = ui.painter();
    let heights = [1.0, 0.72, 0.5, 0.18, 0.5, 0.72, 1.0_f32];
    let pitch = width / heights.len() as f32;
    let font = TextStyle::Small.resolve(ui.style());
    for (i, share) in heights.into_iter().enumerate() {
        let is_code = i == heights.len() / 2;
        let centre = pos2(
            rect.left() + pitch * (i as f32 + 0.5),
            rect.top() + (height - 24.0) * 0.5,
        );
        let bar = Rect::from_center_size(centre, vec2(pitch * 0.34, (height - 32.0) * share));
        let fill = if is_code { colors.accent } else { colors.hover };
        painter.rect(
            bar,
            3.0,
            fill,
            Stroke::new(1.0, colors.outline),
            StrokeKind::Inside,
        );
        let label = match i {
            0 | 6 => "picture".to_owned(),
            3 => format!("{k} numbers"),
            1 => "encoder".to_owned(),
            5 => "decoder".to_owned(),
            _ => continue,
        };
        let at = pos2(centre.x, rect.bottom());
        painter.text(
            at,
            Align2::CENTER_BOTTOM,
            label,
            font.clone(),
            colors.text_weak,
        );
    }
}

/// One picture of a sheet as a square with a name.
pub(super) fn square(
    ui: &mut Ui,
    sheet: &PictureSheet,
    i: usize,
    side: f32,
    name: &str,
    sense: Sense,
) -> Response {
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), sense);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, name));
    if sheet.len() > i {
        sheet.paint(ui.painter(), rect, i);
    } else {
        let fill = theme::palette(ui.ctx()).hover;
        ui.painter().rect_filled(rect, 2.0, fill);
    }
    response
}

/// A frame around what is chosen.
pub(super) fn ring(ui: &Ui, rect: Rect, color: Color32) {
    let stroke = Stroke::new(2.0, color);
    ui.painter()
        .rect_stroke(rect, 2.0, stroke, StrokeKind::Outside);
}

/// Parts below each other in a column of a width.
pub(super) fn column(ui: &mut Ui, width: f32, contents: impl FnOnce(&mut Ui)) {
    let layout = egui::Layout::top_down(egui::Align::Min);
    let size = vec2(width, ui.available_height());
    ui.allocate_ui_with_layout(size, layout, |ui| {
        ui.set_width(width);
        ui.spacing_mut().item_spacing.y = size::HALF;
        contents(ui);
    });
}
