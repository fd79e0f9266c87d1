//! From noise to a picture that words describe: every step, and what the network sees in it.
//!
//! A [`recipe`] is what a picture is made by; the [`ways`] hold what came of it, step by step, and the
//! [`maker`] computes, as [`acting`] decides. The [`pages`] are the film of one way ([`stage`]), its [`words`], five
//! [`samplers`] beside each other, and a [`grid`] of captions by seeds. [`explain`] tells where a pixel
//! comes from, [`keeping`] writes pictures that bring all of it back.

mod acting;
mod bench;
mod explain;
mod grid;
mod keeping;
mod maker;
mod pages;
mod readings;
mod recipe;
mod samplers;
mod stage;
mod terms;
mod ways;
mod words;

use crate::command::Command;
use crate::files::card::Card;
use crate::labs::diffusion::{About, Denoiser};
use crate::tabs::images::views::{Desk, View};
use crate::tabs::{Progress, StatusItem, TabContext};
use crate::theme;
use crate::widgets::count::grouped;
use crate::widgets::film_strip::{FilmState, FilmStrip};
use eframe::egui::{self, Ui};
use explain::Explaining;
use keeping::Keeping;
use maker::Maker;
use pages::Page;
use recipe::Recipe;
use serde_json::{Value, json};
use stage::Sheets;
use std::sync::Arc;
use ways::Way;

/// Width of what stands before the strip.
const STRIP_CONTROLS: f32 = 212.0;

/// The state of this view.
#[derive(Debug)]
pub(in crate::tabs::images) struct StepsView {
    page: Page,
    denoiser: Option<Arc<Denoiser>>,
    /// The model that everything was made by.
    model: u64,
    /// Pixels along a side of its pictures.
    side: usize,
    maker: Maker,
    /// Never empty.
    ways: Vec<Way>,
    /// The way on the stage.
    shown: usize,
    strip: FilmState,
    sheets: Sheets,
    samplers: samplers::Samplers,
    grid: grid::Grid,
    words: words::Words,
    explaining: Explaining,
    keeping: Keeping,
    /// A draft is on the stage, and the whole way is still to be gone.
    owes: bool,
    /// A person stopped it: nothing begins by itself.
    is_stopped: bool,
    n_ids: u64,
}

impl Default for StepsView {
    fn default() -> Self {
        Self {
            page: Page::default(),
            denoiser: None,
            model: 0,
            side: 0,
            maker: Maker::default(),
            ways: vec![Way::new(Recipe::default())],
            shown: 0,
            strip: FilmState::default(),
            sheets: Sheets::default(),
            samplers: samplers::Samplers::default(),
            grid: grid::Grid::default(),
            words: words::Words::default(),
            explaining: Explaining::default(),
            keeping: Keeping::default(),
            owes: false,
            is_stopped: false,
            n_ids: 0,
        }
    }
}

impl StepsView {
    /// Writes the path, while it is asked where to save.
    pub(in crate::tabs::images) fn set_save_path(&mut self, path: &str) {
        self.keeping.set_path(path);
    }

    fn way(&self) -> &Way {
        &self.ways[self.shown]
    }

    fn way_mut(&mut self) -> &mut Way {
        &mut self.ways[self.shown]
    }
}

impl View<Desk> for StepsView {
    fn poll(&mut self, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        let denoiser = self.denoiser.clone();
        for event in self.maker.poll(denoiser.as_ref(), cx) {
            self.hear(event, cx);
        }
        let is_busy = self.maker.is_busy();
        self.explaining.poll(denoiser.as_ref(), is_busy, cx);
        keeping::poll(self, cx);
    }

    fn title(&self, _desk: &Desk) -> String {
        let way = self.way();
        match self.page {
            Page::Words => "What the words are to the network".into(),
            Page::Samplers => "One noise, five ways to a picture".into(),
            Page::Grid => "Eight captions, eight seeds".into(),
            Page::Film if way.shows_picture() => {
                format!("From noise to a picture: seed {}", way.recipe.seed)
            }
            Page::Film => match way.here() {
                Some(kept) => format!("Step {} of {}", kept.number, way.take.n_steps),
                None => "From noise to a picture".into(),
            },
        }
    }

    fn stage(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.keeping.show(ui, cx);
        let Some(denoiser) = self.need(desk, cx) else {
            desk.model.waiting(ui);
            return;
        };
        self.pay(ui);
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = theme::size::HALF;
            for (page, label, hint) in Page::ALL {
                let button = egui::Button::selectable(self.page == page, label);
                let button = ui.add(button.frame_when_inactive(true));
                if button.on_hover_text(hint).clicked() {
                    self.page = page;
                    self.explaining.close();
                }
            }
        });
        ui.add_space(theme::size::HALF);
        let about: &About = denoiser.about();
        match self.page {
            Page::Film => stage::show(self, ui, about),
            Page::Words => words::show(self, ui, &denoiser),
            Page::Samplers => samplers::show(self, ui, about),
            Page::Grid => grid::show(self, ui, about),
        }
    }

    fn bench(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        bench::show(self, ui);
    }

    fn has_timeline(&self) -> bool {
        matches!(self.page, Page::Film | Page::Words) && self.denoiser.is_some()
    }

    fn timeline(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        let Some(denoiser) = self.denoiser.clone() else {
            return;
        };
        let way = &self.ways[self.shown];
        let take = &way.take;
        let label = |frame: usize| match take.steps.get(frame) {
            Some(kept) => format!("step {}, t {:.0}", kept.number, kept.step.from.t),
            None => "the picture".into(),
        };
        let fork = way.first_own_frame();
        let strip = ui.available_size() - egui::vec2(STRIP_CONTROLS, 0.0);
        let aspect = (strip.x / take.n_frames().max(1) as f32 - 2.0) / strip.y;
        let strip = FilmStrip {
            name: "Steps from noise to the picture",
            n_frames: take.n_frames(),
            selected: way.selected,
            label: &label,
            is_branch: &|frame| fork == Some(frame),
            // As narrow as all frames need, down to half.
            aspect: aspect.clamp(1.0 / 6.0, 1.0 / 3.0),
            go_on: Some(
                "Another way from this step on: change words, guidance or seed, and only what comes after is made anew.",
            ),
        };
        let sheets = &mut self.sheets;
        let did = strip.show(ui, &mut self.strip, &mut |painter, frame, rect| {
            stage::paint_frame(sheets, way, denoiser.about(), painter, frame, rect);
        });
        let way = self.way_mut();
        if did.follow {
            way.selected = None;
        } else if let Some(frame) = did.went_to {
            way.selected = Some(frame);
        }
        if did.follow || did.went_to.is_some() {
            self.ask_again(self.shown);
        }
        if did.go_on {
            self.branch();
        }
    }

    fn has_explain(&self) -> bool {
        self.page == Page::Film && self.explaining.is_open()
    }

    fn explain(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        explain::show(self, ui);
    }

    fn status(&self, _desk: &Desk) -> Vec<StatusItem> {
        let Some(denoiser) = &self.denoiser else {
            return Vec::new();
        };
        let mut items = vec![
            StatusItem {
                label: "seed".into(),
                value: self.way().recipe.seed.to_string(),
                tooltip: "The start of everything random: the same seed, words and settings make the same picture.".into(),
            },
            StatusItem {
                label: "network".into(),
                value: format!("{} weights", grouped(denoiser.about().n_weights)),
                tooltip: "Numbers that the network learned; they, the noise and the words are all that a picture is made of.".into(),
            },
        ];
        let take = &self.way().take;
        let n_own = take.steps.len() - self.way().prefix().len();
        if take.secs > 0.0 && n_own > 1 {
            items.push(StatusItem {
                label: "steps".into(),
                value: format!("{:.0} a second", n_own as f64 / take.secs),
                tooltip:
                    "With guidance the network is asked twice a step: with the words and without."
                        .into(),
            });
        }
        items
    }

    fn progress(&self) -> Option<Progress> {
        let fraction = self.maker.way_in_work().or(self.maker.part())?;
        Some(Progress {
            label: "Taking noise away".into(),
            fraction: Some(fraction),
        })
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some(bench::words(self))
    }

    fn can(&self, command: Command, desk: &Desk) -> bool {
        match command {
            Command::Run => desk.model.get().is_some() && !self.maker.is_busy(),
            Command::Stop => self.maker.is_busy(),
            _ => false,
        }
    }

    fn command(&mut self, command: Command, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        if matches!(command, Command::Run | Command::Stop) {
            self.press_run();
        }
    }

    fn accepts(&self, card: &Card) -> Option<String> {
        keeping::accepts(card)
    }

    fn take(&mut self, card: &Card, desk: &mut Desk, cx: &mut TabContext<'_>) {
        keeping::open(self, card, desk, cx);
    }

    fn save(&self) -> Value {
        json!({ "recipe": self.way().recipe })
    }

    fn restore(&mut self, saved: &Value) {
        if let Ok(recipe) = serde_json::from_value(saved["recipe"].clone()) {
            self.begin(recipe);
        }
    }
}
