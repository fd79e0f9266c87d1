//! The film strip: every trial as a small picture, each to be heard.

use super::super::views::Desk;
use super::PhaseView;
use super::stage::RANGE_DB;
use crate::labs::sound::phase::Trial;
use crate::theme::{self, ColorMap, size};
use eframe::egui::{
    Color32, ColorImage, Context, Rect, RichText, Role, Sense, Stroke, StrokeKind, TextureHandle,
    TextureOptions, Ui, WidgetInfo, pos2, vec2,
};

pub(super) fn show(view: &mut PhaseView, ui: &mut Ui, desk: &mut Desk) {
    for shown in &mut view.tried.trials {
        if shown.thumbnail.is_none() {
            shown.thumbnail = Some(thumbnail(ui.ctx(), &shown.trial));
        }
    }
    let n = view
        .tried
        .trials
        .len()
        .max(view.chosen.settings.marks.len() + 3);
    let width = (ui.available_width() - size::GRID * n as f32) / n as f32;
    let height = ui.available_height();
    let on_stage = view.shown().map(|trial| trial.phase);
    let mut chosen = None;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = size::GRID;
        for shown in &view.tried.trials {
            let trial = &shown.trial;
            ui.vertical(|ui| {
                ui.set_width(width);
                ui.spacing_mut().item_spacing.y = 2.0;
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = size::HALF;
                    let played = desk.player.button(ui, &view.track(trial));
                    if played.clicked() {
                        chosen = Some(trial.phase);
                    }
                    let name = RichText::new(trial.phase.short_name()).small();
                    ui.add(eframe::egui::Label::new(name).truncate());
                });
                let left = height - ui.min_rect().height() - size::HALF;
                let room = vec2(width, left.max(16.0));
                let is_here = on_stage == Some(trial.phase);
                if tile(ui, trial, shown.thumbnail.as_ref(), room, is_here) {
                    chosen = Some(trial.phase);
                }
            });
        }
    });
    if chosen.is_some() {
        view.selected = chosen;
    }
}

/// A picture that can be put on the stage. Whether it was pressed.
fn tile(
    ui: &mut Ui,
    trial: &Trial,
    picture: Option<&TextureHandle>,
    room: eframe::egui::Vec2,
    is_here: bool,
) -> bool {
    let colors = theme::palette(ui.ctx());
    let (rect, response) = ui.allocate_exact_size(room, Sense::click());
    let name = format!("Show: {}", trial.phase.name());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_here, &name));
    if let Some(picture) = picture {
        let whole = Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0));
        ui.painter()
            .image(picture.id(), rect, whole, Color32::WHITE);
    }
    let ring = if is_here || response.has_focus() {
        Stroke::new(2.0, colors.accent)
    } else {
        Stroke::new(1.0, colors.line)
    };
    ui.painter()
        .rect_stroke(rect, 2.0, ring, StrokeKind::Inside);
    let hint = format!(
        "{} Spectral convergence {:.4}.",
        trial.phase.teaches(),
        trial.convergence
    );
    response.on_hover_text(hint).clicked()
}

fn thumbnail(ctx: &Context, trial: &Trial) -> TextureHandle {
    let [low, high] = RANGE_DB;
    let map = ColorMap::default();
    let color = |&level: &f32| map.at(((level - low) / (high - low)).clamp(0.0, 1.0));
    let picture = &trial.picture;
    let pixels = picture.levels.iter().map(color).collect();
    let image = ColorImage::new([picture.n_columns, picture.n_rows], pixels);
    ctx.load_texture("a trial of phases", image, TextureOptions::LINEAR)
}
