//! Files over the window: an overlay names each one and says what will happen before it is let go.
//! The whole window is the target, because no system tells where in it the pointer is.

use super::App;
use super::files::{Files, file_name};
use crate::files::card::Card;
use crate::jobs::Job;
use crate::refusal::Result;
use crate::theme::{self, size, style};
use crate::widgets::icon::Icon;
use eframe::egui::{
    Align2, Area, Context, CornerRadius, Frame, Id, Margin, Order, RichText, Sense, Stroke, Vec2,
};
use std::path::PathBuf;

/// Beyond this many files the overlay counts the rest.
const MAX_NAMED: usize = 8;

/// What hangs over the window now.
#[derive(Default)]
pub(super) struct Drop {
    hovered: Vec<Hovered>,
}

/// One file over the window and what is known of it so far.
struct Hovered {
    path: Option<PathBuf>,
    look: Option<Job<Result<Card>>>,
    found: Option<Result<Card>>,
}

impl Drop {
    /// Whether every file over the window is known.
    pub(super) fn is_idle(&self) -> bool {
        self.hovered.iter().all(|file| file.look.is_none())
    }

    /// Sees what hovers, looks at new files on threads, and opens what was let go.
    pub(super) fn poll(&mut self, ctx: &Context, files: &mut Files) {
        let (hovered, dropped) = ctx.input(|input| {
            let paths: Vec<_> = input
                .raw
                .hovered_files
                .iter()
                .map(|file| file.path.clone())
                .collect();
            (paths, input.raw.dropped_files.clone())
        });
        for file in dropped {
            files.open_dropped(file.as_ref());
        }
        if !self.hovered.iter().map(|file| &file.path).eq(&hovered) {
            self.hovered = hovered
                .into_iter()
                .enumerate()
                .map(|(i, path)| Hovered {
                    look: path
                        .as_ref()
                        .filter(|_| i < MAX_NAMED)
                        .and_then(|path| files.look(path)),
                    path,
                    found: None,
                })
                .collect();
        }
        for file in &mut self.hovered {
            if let Some(job) = &mut file.look
                && let Some(found) = job.poll().pop()
            {
                file.found = Some(found);
                file.look = None;
            } else if let Some(refusal) = file.look.as_mut().and_then(Job::take_failure) {
                file.found = Some(Err(refusal));
                file.look = None;
            }
        }
    }
}

impl App {
    /// Draws the overlay while files hang over the window.
    pub(super) fn show_drop_overlay(&self, ctx: &Context) {
        if self.drop.hovered.is_empty() {
            return;
        }
        let colors = theme::palette(ctx);
        let window = ctx.content_rect();
        Area::new(Id::unique("drop overlay"))
            .order(Order::Tooltip)
            .anchor(Align2::LEFT_TOP, Vec2::ZERO)
            .interactable(false)
            .show(ctx, |ui| {
                ui.allocate_exact_size(window.size(), Sense::hover());
                let veil = colors.stage.gamma_multiply(0.94);
                ui.painter().rect_filled(window, 0.0, veil);
                ui.painter().rect_stroke(
                    window.shrink(size::GRID * 1.5),
                    CornerRadius::same(size::CARD_RADIUS),
                    Stroke::new(3.0, colors.accent),
                    eframe::egui::StrokeKind::Inside,
                );
            });
        Area::new(Id::unique("drop list"))
            .order(Order::Tooltip)
            .anchor(Align2::CENTER_CENTER, Vec2::ZERO)
            .interactable(false)
            .show(ctx, |ui| {
                ui.set_max_width((window.width() - 96.0).min(640.0));
                ui.spacing_mut().item_spacing.y = size::GRID * 1.5;
                ui.vertical_centered(|ui| {
                    let (picture, _) = ui.allocate_exact_size(Vec2::splat(48.0), Sense::hover());
                    Icon::Open.paint(ui.painter(), picture, 44.0, colors.accent);
                    ui.label(RichText::new("Let go to open").text_style(style::display()));
                });
                ui.add_space(size::GRID);
                for file in self.drop.hovered.iter().take(MAX_NAMED) {
                    self.show_hovered(ui, file);
                }
                let more = self.drop.hovered.len().saturating_sub(MAX_NAMED);
                if more > 0 {
                    ui.weak(format!("and {more} more"));
                }
            });
    }

    fn show_hovered(&self, ui: &mut eframe::egui::Ui, file: &Hovered) {
        let colors = theme::palette(ui.ctx());
        Frame::new()
            .fill(colors.panel)
            .corner_radius(CornerRadius::same(size::CARD_RADIUS))
            .inner_margin(Margin::symmetric(size::MARGIN, 12))
            .show(ui, |ui| {
                ui.set_width(ui.available_width());
                ui.spacing_mut().item_spacing.y = size::HALF;
                let name = file
                    .path
                    .as_deref()
                    .map_or_else(|| "A file".into(), file_name);
                ui.label(RichText::new(name).text_style(style::strong()));
                match &file.found {
                    None if file.path.is_none() => {
                        ui.weak("What it is shows once it is here.");
                    }
                    None => {
                        ui.weak("Looking at it…");
                    }
                    Some(Err(refusal)) => {
                        ui.colored_label(colors.error, &refusal.what);
                        ui.weak(&refusal.evidence);
                    }
                    Some(Ok(card)) => {
                        ui.weak(format!("{} · {}", card.kind, card.format));
                        match self.will_happen(card) {
                            Some(deed) => ui.label(RichText::new(deed).color(colors.accent)),
                            None => {
                                ui.label("Glassbox will show what it is; no chapter can use it.")
                            }
                        };
                    }
                }
            });
    }

    /// What letting go of this file does, when a chapter takes it.
    fn will_happen(&self, card: &Card) -> Option<String> {
        let tab = self.tabs.get(self.taker(card)?)?;
        Some(format!("{} will {}.", tab.name(), tab.accepts(card)?))
    }
}
