//! The same noise and the same words through five samplers: what each sees on its way, and its picture.

use super::StepsView;
use super::maker::{Event, Task, Wish, read};
use super::pages::{Page, PageEvent, PageTask};
use super::recipe::Recipe;
use crate::jobs::Emit;
use crate::labs::diffusion::noising::{bytes, psnr};
use crate::labs::diffusion::sampling::{self, Run, Start, run};
use crate::labs::diffusion::{About, Denoiser, Sampler};
use crate::labs::judge::Reading;
use crate::refusal::Result;
use crate::tabs::parts::caption;
use crate::theme::{self, size};
use crate::widgets::picture_sheet::{PictureSheet, Pixels};
use eframe::egui::{
    Button, Rect, RichText, Role, ScrollArea, Sense, Ui, Vec2, WidgetInfo, pos2, vec2,
};
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::time::Instant;

/// Looks that are taken on the way.
const N_LOOKS: usize = 8;
/// What a sampler is, in a sentence.
const TOLD: [&str; 5] = [
    "draws what may have been before: new noise every step",
    "takes the seen noise off, puts less of it back",
    "a straight line to the next σ",
    "below the next σ, then new noise up to it",
    "Euler, then again with the mean slope: looks twice",
];

/// What one sampler has done so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Sampled {
    /// Clean pictures seen on the way, then the picture itself, as bytes.
    looks: Vec<u8>,
    /// Where it ended.
    end: Vec<f32>,
    secs: f64,
    n_predictions: usize,
    reading: Option<Reading>,
}

/// The page.
#[derive(Debug, Default)]
pub(super) struct Samplers {
    /// What it was made by; `None` before the first time.
    of: Option<Recipe>,
    rows: Vec<Sampled>,
    sheets: Vec<PictureSheet>,
    /// Counts what arrived.
    version: u64,
}

impl Samplers {
    /// Takes what arrived.
    pub(super) fn take(&mut self, i: usize, sampled: Sampled) {
        self.version += 1;
        self.rows
            .resize(self.rows.len().max(i + 1), Sampled::default());
        self.rows[i] = sampled;
    }

    /// Forgets what another network has made.
    pub(super) fn forget(&mut self) {
        self.of = None;
        self.rows.clear();
    }

    fn is_whole(&self) -> bool {
        let done = self.rows.iter().filter(|row| !row.end.is_empty());
        done.count() == Sampler::ALL.len()
    }
}

/// Whether this step's clean picture is looked at.
fn is_looked_at(i: usize, n_steps: usize) -> bool {
    let most = N_LOOKS.min(n_steps);
    (0..most).any(|k| k * n_steps.saturating_sub(1) / (most - 1).max(1) == i)
}

/// Goes the way with each of them.
pub(super) fn work(denoiser: &Denoiser, recipe: &Recipe, emit: Emit<'_, Event>) -> Result<()> {
    let condition = recipe.condition(denoiser)?;
    for (i, sampler) in Sampler::ALL.into_iter().enumerate() {
        let wanted = Run {
            seed: recipe.seed,
            condition: condition.clone(),
            settings: sampling::Settings {
                sampler,
                spacing: sampler.spacing(),
                ..recipe.settings
            },
            start: Start::Noise,
            repaint: None,
        };
        let mut sampled = Sampled::default();
        let started = Instant::now();
        let end = run(denoiser, &wanted, &mut |event| {
            let sampling::Event::Step(step) = event else {
                return ControlFlow::Continue(());
            };
            sampled.n_predictions += sampler.n_predictions(&step.to);
            if !is_looked_at(step.i, step.n_steps) {
                let part = (step.i + 1) as f32 / step.n_steps as f32;
                let n_samplers = Sampler::ALL.len() as f32;
                return emit(Event::Tick((i as f32 + part) / n_samplers));
            }
            sampled.looks.extend(bytes(&step.x0_pred));
            sampled.secs = started.elapsed().as_secs_f64();
            emit(Event::Page(PageEvent::Sampled(i, sampled.clone())))
        })?;
        let Some(end) = end else { return Ok(()) };
        sampled.secs = started.elapsed().as_secs_f64();
        sampled.looks.extend(bytes(&end));
        let readings = read(denoiser.about(), bytes(&end))?;
        sampled.reading = readings.and_then(|mut readings| readings.pop());
        sampled.end = end;
        if emit(Event::Page(PageEvent::Sampled(i, sampled))).is_break() {
            return Ok(());
        }
    }
    Ok(())
}

impl StepsView {
    /// Wishes for the five, unless they are there or on their way.
    fn need_samplers(&mut self) {
        let recipe = self.ways[self.shown].recipe.clone();
        let is_new = self.samplers.of.as_ref() != Some(&recipe);
        if self.maker.is_busy() && !is_new {
            return;
        }
        if is_new || (!self.samplers.is_whole() && !self.is_stopped) {
            self.is_stopped = false;
            self.samplers.rows.clear();
            self.samplers.of = Some(recipe.clone());
            let task = Task::Page(PageTask::Samplers(recipe));
            let is_draft = false;
            self.maker.wish(Wish { task, is_draft });
        }
    }
}

pub(super) fn show(view: &mut StepsView, ui: &mut Ui, about: &About) {
    view.need_samplers();
    let recipe = &view.ways[view.shown].recipe;
    let words = format!(
        "Seed {}, {} steps, guidance {:.1}: the clean picture that each sees on its way, and its picture at the right.",
        recipe.seed, recipe.settings.n_steps, recipe.settings.guidance
    );
    caption(ui, words);
    ui.add_space(size::HALF);
    let samplers = &mut view.samplers;
    samplers
        .sheets
        .resize_with(Sampler::ALL.len(), PictureSheet::default);
    let mut chosen = None;
    let height =
        (ui.available_height() / Sampler::ALL.len() as f32 - size::GRID).clamp(68.0, 180.0);
    ScrollArea::vertical().id_salt("samplers").show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = size::HALF;
        ui.spacing_mut().interact_size.y = 20.0;
        ui.spacing_mut().button_padding.y = 0.0;
        for (i, sampler) in Sampler::ALL.into_iter().enumerate() {
            let row = samplers.rows.get(i).cloned().unwrap_or_default();
            let pixels = Pixels {
                side: about.side,
                n_channels: about.n_channels,
                bytes: &row.looks,
            };
            samplers.sheets[i].update(ui.ctx(), samplers.version, pixels, false);
            ui.horizontal(|ui| {
                ui.set_height(height);
                let name = (ui.available_width() * 0.28).clamp(180.0, 300.0);
                ui.allocate_ui(vec2(name, height), |ui| {
                    ui.set_width(name);
                    ui.vertical(|ui| {
                        ui.spacing_mut().item_spacing.y = 0.0;
                        let name = RichText::new(sampler.name());
                        let name = name.text_style(theme::style::strong());
                        let button = Button::new(name).frame(false);
                        let button = ui.add(button);
                        if button
                            .on_hover_text("Go this sampler's way step by step.")
                            .clicked()
                        {
                            chosen = Some(sampler);
                        }
                        caption(ui, TOLD[i]);
                        let first = samplers.rows.get(1).map_or(&[][..], |row| &row.end);
                        caption(ui, facts(&row, (i != 1).then_some(first)));
                    });
                });
                pictures(
                    ui,
                    height,
                    sampler,
                    &samplers.sheets[i],
                    !row.end.is_empty(),
                );
            });
        }
    });
    if let Some(sampler) = chosen {
        let settings = &mut view.ways[view.shown].recipe.settings;
        settings.sampler = sampler;
        settings.spacing = sampler.spacing();
        view.page = Page::Film;
        view.draw(false, false);
    }
}

/// "25 predictions, 0.61 s; 23 dB from DDIM's".
fn facts(row: &Sampled, ddim: Option<&[f32]>) -> String {
    let mut words = match row.n_predictions {
        0 => return "waits".into(),
        1 => "1 look".into(),
        n => format!("{n} looks"),
    };
    let _ = write!(words, ", {:.2} s", row.secs);
    if let Some(ddim) = ddim.filter(|ddim| !ddim.is_empty() && !row.end.is_empty()) {
        let psnr = psnr(&row.end, ddim);
        let _ = if psnr > 60.0 {
            write!(words, "; DDIM's picture")
        } else {
            write!(words, "; {psnr:.0} dB from DDIM's")
        };
    }
    words
}

/// What was seen on the way, as wide as there is room; the picture last.
fn pictures(ui: &mut Ui, height: f32, sampler: Sampler, sheet: &PictureSheet, is_done: bool) {
    let width = ui.available_width();
    let small = ((width - height - size::GRID * 2.0) / N_LOOKS as f32 - 2.0).min(height);
    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    response.widget_info(|| {
        let state = if is_done { "" } else { ", not there yet" };
        WidgetInfo::labeled(
            Role::Image,
            true,
            format!("{}: its way and its picture{state}", sampler.name()),
        )
    });
    let colors = theme::palette(ui.ctx());
    let n_looks = sheet.len() - usize::from(is_done && !sheet.is_empty());
    for i in 0..n_looks.min(N_LOOKS) {
        let corner = pos2(
            rect.left() + i as f32 * (small + 2.0),
            rect.center().y - small * 0.5,
        );
        sheet.paint(
            ui.painter(),
            Rect::from_min_size(corner, Vec2::splat(small)),
            i,
        );
    }
    let corner = pos2(
        rect.left() + N_LOOKS as f32 * (small + 2.0) + size::GRID,
        rect.top(),
    );
    let place = Rect::from_min_size(corner, Vec2::splat(height));
    ui.painter().rect_filled(place, 2.0, colors.hover);
    if is_done {
        sheet.paint(ui.painter(), place, n_looks);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_step_are_looked_at_and_eight_in_all() {
        for n_steps in [1, 2, 7, 8, 25, 1000] {
            let looks: Vec<usize> = (0..n_steps).filter(|&i| is_looked_at(i, n_steps)).collect();
            assert_eq!(looks.len(), n_steps.min(N_LOOKS), "{n_steps}: {looks:?}");
            assert_eq!((looks[0], looks[looks.len() - 1]), (0, n_steps - 1));
        }
    }
}
