//! From a picture to another: begin with a picture under noise instead of noise alone, paint a part of
//! it anew, walk from one noise to another, lead a picture to its own noise and back.
//!
//! The [`worker`] goes the ways; an [`outcome`] is what became of one. The pages stand in [`pages`],
//! [`wishes`] are what they ask for, [`repaint`] has the mask, [`explain`] tells where a pixel comes from, [`keeping`] saves.

mod bench;
mod explain;
mod keeping;
mod outcome;
mod pages;
mod repaint;
mod stage;
mod strips;
mod wishes;
mod worker;

use crate::command::Command;
use crate::files::card::Card;
use crate::labs::diffusion::Denoiser;
use crate::labs::diffusion::originals::Original;
use crate::labs::diffusion::sampling::Settings;
use crate::tabs::images::diffusion::Model;
use crate::tabs::images::views::{Desk, View};
use crate::tabs::saving::Saving;
use crate::tabs::{Notice, Progress, StatusItem, TabContext};
use crate::widgets::picture_sheet::PictureSheet;
use eframe::egui::Ui;
use outcome::Outcome;
use pages::Page;
use repaint::Mask;
use serde_json::{Value, json};
use std::sync::Arc;
use worker::{Answer, Chosen, Place, Wish, Worker};

/// Strengths that are shown beside each other.
const STRENGTHS: [f64; 6] = [0.4, 0.7, 0.84, 0.92, 0.96, 1.0];
/// Pictures of a walk, both ends included.
const N_WALK: usize = 7;
/// Pictures that ship.
const N_PICTURES: usize = 4000;

/// The state of this view.
#[derive(Debug)]
pub(in crate::tabs::images) struct FromPictureView {
    worker: Option<Worker>,
    is_wanted: bool,
    is_shown: bool,
    denoiser: Option<Arc<Denoiser>>,
    model: u64,
    page: Page,
    chosen: Chosen,
    original: Option<Arc<Original>>,
    original_sheet: PictureSheet,
    n_originals: u64,
    caption: String,
    settings: Settings,
    seed: u64,
    strength: f64,
    mask: Mask,
    /// The second seed of a walk, and how far it has gone.
    other: u64,
    part: f64,
    n_refinements: usize,
    /// What became of each page's wishes.
    outcomes: [Outcome; Page::ALL.len()],
    n_asked: u64,
    asked_pixel: Option<[usize; 2]>,
    channel: usize,
    /// The kept step that is explained.
    explained: usize,
    saving: Saving,
}

impl Default for FromPictureView {
    fn default() -> Self {
        Self {
            worker: None,
            is_wanted: false,
            is_shown: false,
            denoiser: None,
            model: 0,
            page: Page::default(),
            chosen: Chosen::Number(0),
            original: None,
            original_sheet: PictureSheet::default(),
            n_originals: 0,
            caption: String::new(),
            settings: Settings::default(),
            seed: 1,
            strength: 0.92,
            mask: Mask::default(),
            other: 2,
            part: 0.5,
            n_refinements: 2,
            outcomes: Default::default(),
            n_asked: 0,
            asked_pixel: None,
            channel: 0,
            explained: 0,
            saving: Saving::default(),
        }
    }
}

impl FromPictureView {
    /// Writes a path into the question where to save, while it is asked.
    pub(in crate::tabs::images) fn set_save_path(&mut self, path: &str) {
        self.saving.set_path(path);
    }

    /// The worker begins when the network is there, and again when it is another one.
    fn begin(&mut self, model: &Model, cx: &mut TabContext<'_>) {
        let Some(denoiser) = model.get() else { return };
        if self.model == model.number() && self.worker.is_some() {
            return;
        }
        self.employ(cx);
        if self.model != model.number() {
            self.model = model.number();
            self.denoiser = Some(Arc::clone(denoiser));
            self.original = None;
            self.mask.clear();
            self.choose(self.chosen.clone());
        }
    }

    /// A new worker; the one that was there ends.
    fn employ(&mut self, cx: &mut TabContext<'_>) {
        let work = |_, wish, is_stale: &dyn Fn() -> bool, emit: crate::jobs::Emit<'_, Answer>| {
            worker::work(wish, is_stale, emit)
        };
        match Worker::spawn("from a picture to another", cx, work) {
            Ok(worker) => self.worker = Some(worker),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    fn wish(&self, place: Place, wish: Wish) {
        if let Some(worker) = &self.worker {
            worker.wish(place, wish);
        }
    }

    fn choose(&mut self, chosen: Chosen) {
        self.chosen = chosen.clone();
        if let Some(denoiser) = &self.denoiser {
            let wish = Wish::Picture(Arc::clone(denoiser), chosen);
            self.wish(Place::Picture, wish);
        }
    }

    /// A picture is there.
    fn take(&mut self, original: Original) {
        let side = self.side();
        self.mask.fit(side);
        self.caption.clone_from(&original.caption);
        if self.outcomes.iter().all(Outcome::is_new) && !self.caption.is_empty() {
            self.caption += bench::FIRST_WORDS;
        }
        self.original = Some(Arc::new(original));
        self.n_originals += 1;
        self.asked_pixel = None;
        self.change();
    }

    fn outcome(&self) -> &Outcome {
        &self.outcomes[self.page as usize]
    }

    /// Something that all pages depend on is another: all is to be drawn anew, the shown page first.
    fn change(&mut self) {
        for outcome in &mut self.outcomes {
            outcome.is_old = true;
        }
        self.refresh();
    }

    /// Draws the shown page, if what is there is old.
    fn refresh(&mut self) {
        if !self.outcome().is_old || self.original.is_none() {
            return;
        }
        self.draw_main();
        self.draw_row();
    }

    /// Another page; what was begun on this one and is not done is begun again when it is shown.
    fn turn_to(&mut self, page: Page) {
        let outcome = &mut self.outcomes[self.page as usize];
        outcome.is_old |= outcome.is_busy();
        self.page = page;
        self.asked_pixel = None;
        self.refresh();
    }

    /// Ends what is being drawn; what is there stays.
    fn stop(&mut self, cx: &mut TabContext<'_>) {
        for outcome in &mut self.outcomes {
            outcome.stop();
        }
        self.worker = None;
        self.employ(cx);
    }

    /// Draws with other noise.
    fn next_noise(&mut self) {
        self.seed = self.seed.wrapping_add(1);
        if self.page == Page::Walk {
            self.seed = self.seed.wrapping_add(1);
            self.other = self.other.wrapping_add(2);
        }
        self.change();
    }

    /// Pixels along a side of the model's pictures.
    fn side(&self) -> usize {
        self.denoiser.as_ref().map_or(1, |d| d.about().side)
    }

    fn n_channels(&self) -> usize {
        self.denoiser.as_ref().map_or(3, |d| d.about().n_channels)
    }
}

impl View<Desk> for FromPictureView {
    fn poll(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        if self.is_wanted {
            self.begin(&desk.model, cx);
        }
        self.saving.poll(cx);
        self.is_shown = false;
        let Some(worker) = &mut self.worker else {
            return;
        };
        let arrived = worker.job.poll();
        let failure = worker.job.take_failure();
        for answer in arrived {
            match answer {
                Answer::Picture(original) => self.take(original),
                Answer::Trouble(refusal) => {
                    self.outcomes.iter_mut().for_each(Outcome::stop);
                    cx.notices.push(Notice::Refused(refusal));
                }
                answer => {
                    for outcome in &mut self.outcomes {
                        outcome.hear(&answer);
                    }
                    if matches!(answer, Answer::Main { .. }) {
                        self.resume_row();
                    }
                }
            }
        }
        if let Some(refusal) = failure {
            self.outcomes.iter_mut().for_each(Outcome::stop);
            self.worker = None;
            cx.notices.push(Notice::Refused(refusal));
        }
    }

    fn title(&self, _desk: &Desk) -> String {
        let name = self.original.as_ref().map_or("a picture", |o| &o.name);
        match self.page {
            Page::Strength => format!("From {name} to another picture"),
            Page::Repaint => format!("A part of {name}, painted anew"),
            Page::Walk => format!("A walk from seed {} to seed {}", self.seed, self.other),
            Page::Back => format!("From {name} to its noise, and back"),
        }
    }

    fn stage(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.is_wanted = true;
        self.is_shown = true;
        self.saving.show(ui, cx);
        if desk.model.need(cx).is_none() || self.original.is_none() {
            desk.model.waiting(ui);
            return;
        }
        stage::show(self, ui);
    }

    fn bench(&mut self, ui: &mut Ui, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        bench::show(self, ui, cx);
    }

    fn has_explain(&self) -> bool {
        self.asked_pixel.is_some() && !self.outcome().frames.is_empty()
    }

    fn explain(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        explain::show(self, ui);
    }

    fn status(&self, _desk: &Desk) -> Vec<StatusItem> {
        vec![StatusItem {
            label: "seed".into(),
            value: self.seed.to_string(),
            tooltip: "All chance begins here: the same seed draws the same picture.".into(),
        }]
    }

    fn progress(&self) -> Option<Progress> {
        if self.is_wanted && self.worker.is_some() && self.original.is_none() {
            return Some(Progress {
                label: "Unpacking the faces".into(),
                fraction: None,
            });
        }
        let outcome = self.outcome();
        outcome.is_busy().then(|| Progress {
            label: "Drawing".into(),
            fraction: Some(outcome.fraction()),
        })
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some(bench::OTHER_NOISE)
    }

    fn can(&self, command: Command, _desk: &Desk) -> bool {
        let is_busy = self.outcome().is_busy();
        match command {
            Command::Run => self.original.is_some() && !is_busy,
            Command::Stop => is_busy,
            _ => false,
        }
    }

    fn command(&mut self, command: Command, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        match command {
            Command::Run => self.next_noise(),
            Command::Stop => self.stop(cx),
            _ => {}
        }
    }

    fn accepts(&self, card: &Card) -> Option<String> {
        let is_picture = card.kind == "picture" && card.format != "GIF";
        (self.is_shown && is_picture).then(|| "begin with this picture".into())
    }

    fn take(&mut self, card: &Card, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.is_wanted = true;
        desk.model.need(cx);
        self.choose(Chosen::File(card.path.clone()));
    }

    fn save(&self) -> Value {
        let face = match self.chosen {
            Chosen::Number(i) => Some(i),
            Chosen::File(_) => None,
        };
        json!({
            "page": self.page,
            "face": face,
            "seed": self.seed,
            "other": self.other,
            "strength": self.strength,
            "settings": self.settings,
        })
    }

    fn restore(&mut self, saved: &Value) {
        self.page = serde_json::from_value(saved["page"].clone()).unwrap_or_default();
        if let Some(face) = saved["face"].as_u64() {
            self.chosen = Chosen::Number(face as usize % N_PICTURES);
        }
        self.seed = saved["seed"].as_u64().unwrap_or(self.seed);
        self.other = saved["other"].as_u64().unwrap_or(self.other);
        let strength = saved["strength"].as_f64().unwrap_or(self.strength);
        self.strength = strength.clamp(0.0, 1.0);
        if let Ok(settings) = serde_json::from_value::<Settings>(saved["settings"].clone()) {
            self.settings.guidance = settings.guidance.clamp(0.0, 15.0);
            self.settings.n_steps = settings.n_steps.clamp(1, 1000);
        }
    }
}
