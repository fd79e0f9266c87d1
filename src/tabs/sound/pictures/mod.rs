//! Pictures to sound: any picture taken for a spectrogram, and heard.
//!
//! The [`worker`] looks at pictures and searches for their sounds; the [`stage`] shows a picture beside the
//! one that the sound has, with the place that is heard on both; the [`bench`] says how it is read;
//! [`explain`] tells what a pixel means.

mod bench;
mod explain;
mod stage;
mod worker;

use super::in_use::Playable;
use super::player::Track;
use super::views::{Desk, View};
use crate::command::Command;
use crate::files::card::Card;
use crate::labs::sound::Sound;
use crate::labs::sound::pictures::{Drawn, Heard, Looked, Reading, Search};
use crate::tabs::saving::Saving;
use crate::tabs::{Notice, Progress, StatusItem, TabContext};
use eframe::egui::{Id, TextureHandle, Ui};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use worker::{Answer, Asked, From, Place, Taken, Wish, Worker};

/// The longest stretch of a sound that becomes a picture here, in seconds.
const MOST_SECS: f64 = 10.0;

/// What was found so far.
#[derive(Default)]
struct Found {
    asked: Option<Asked>,
    /// The sounds kept on the way, and after how many steps.
    kept: Vec<(usize, Sound)>,
    curve: Vec<f32>,
    heard: Option<Heard>,
    is_over: bool,
}

/// The state of this view.
#[derive(Default)]
pub(in crate::tabs::sound) struct PicturesView {
    taken: Option<Arc<Taken>>,
    /// How the picture on the stage is read; a person may change it.
    reading: Option<Reading>,
    search: Search,
    worker: Option<Worker>,
    is_taking: bool,
    n_taken: u64,
    asked: Option<Asked>,
    found: Found,
    /// Which of the kept sounds is heard; the newest unless chosen.
    selected: Option<usize>,
    textures: [Option<TextureHandle>; 2],
    /// The pixel that is asked about: row and column.
    pixel: Option<[usize; 2]>,
    saving: Saving,
}

impl std::fmt::Debug for PicturesView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PicturesView").finish_non_exhaustive()
    }
}

impl PicturesView {
    pub(in crate::tabs::sound) fn set_save_path(&mut self, path: &str) {
        self.saving.set_path(path);
    }

    fn wish(&mut self, place: Place, wish: Wish, cx: &mut TabContext<'_>) {
        if self.worker.is_none() {
            match worker::start(cx) {
                Ok(worker) => self.worker = Some(worker),
                Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
            }
        }
        if let Some(worker) = &self.worker {
            worker.wish(place, wish);
        }
    }

    /// Takes a picture from a file or a sound; the one on the stage stays until it is there.
    fn take_from(&mut self, from: From, cx: &mut TabContext<'_>) {
        self.is_taking = true;
        self.wish(Place::Take, Wish::Take(from), cx);
    }

    /// Takes a picture that needs no file.
    fn draw(&mut self, drawn: Drawn) {
        self.put(drawn.name().to_owned(), drawn.picture());
    }

    fn put(&mut self, name: String, looked: Looked) {
        self.n_taken += 1;
        self.reading = Some(looked.reading);
        self.taken = Some(Arc::new(Taken {
            number: self.n_taken,
            name,
            looked,
        }));
        self.found = Found::default();
        self.textures = [None, None];
        self.selected = None;
        self.pixel = None;
    }

    /// Searches for the sound of what is on the stage, where that is something new.
    fn ask(&mut self, cx: &mut TabContext<'_>) {
        let (Some(taken), Some(reading)) = (self.taken.clone(), self.reading) else {
            return;
        };
        let asked = Asked {
            number: taken.number,
            reading,
            search: self.search,
        };
        if self.asked.as_ref() != Some(&asked) {
            self.asked = Some(asked.clone());
            self.wish(Place::Hear, Wish::Hear(taken, asked), cx);
        }
    }

    fn poll_worker(&mut self, cx: &mut TabContext<'_>) {
        let Some(worker) = &mut self.worker else {
            return;
        };
        let answers = worker.job.poll();
        if !worker.job.is_running() {
            cx.notices
                .extend(worker.job.take_failure().map(Notice::Refused));
            self.worker = None;
        }
        for answer in answers {
            match answer {
                Answer::Taken(taken) => {
                    self.is_taking = false;
                    match taken {
                        Ok((name, looked)) => self.put(name, looked),
                        Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
                    }
                }
                Answer::Step(asked, step) => {
                    if let Some(found) = self.found_for(asked) {
                        found.curve.push(step.convergence as f32);
                        found
                            .kept
                            .extend(step.sound.map(|sound| (step.n_steps, sound)));
                    }
                }
                Answer::Heard(asked, heard) => {
                    let mut refused = None;
                    if let Some(found) = self.found_for(asked) {
                        found.is_over = true;
                        match *heard {
                            Ok(heard) => {
                                let n_steps = heard.convergences.len().saturating_sub(1);
                                found.kept.retain(|(n, _)| *n != n_steps);
                                found.kept.push((n_steps, heard.sound.clone()));
                                found.heard = Some(heard);
                            }
                            Err(refusal) => refused = Some(refusal),
                        }
                        self.textures[1] = None;
                    }
                    cx.notices.extend(refused.map(Notice::Refused));
                }
            }
        }
    }

    /// Where the answers to this question go; nowhere, if another was asked since.
    fn found_for(&mut self, asked: Asked) -> Option<&mut Found> {
        if self.asked.as_ref() != Some(&asked) {
            return None;
        }
        if self.found.asked.as_ref() != Some(&asked) {
            self.found = Found {
                asked: Some(asked),
                ..Found::default()
            };
            self.textures[1] = None;
        }
        Some(&mut self.found)
    }

    /// The sound that is heard: after how many steps, and it.
    fn shown(&self) -> Option<&(usize, Sound)> {
        let kept = &self.found.kept;
        let chosen = kept.iter().find(|(n, _)| Some(*n) == self.selected);
        chosen.or(kept.last())
    }

    fn track(&self, kept: &(usize, Sound)) -> Track {
        let number = self.taken.as_ref().map_or(0, |taken| taken.number);
        Track {
            id: Id::unique(("the sound of a picture", number)),
            name: "the picture".into(),
            source: Arc::new(Playable(kept.1.clone())),
        }
    }

    fn is_playing(&self, desk: &Desk) -> bool {
        let shown = self.shown();
        shown.is_some_and(|kept| desk.player.is_playing(self.track(kept).id))
    }

    fn toggle(&mut self, desk: &mut Desk) {
        if let Some(kept) = self.shown() {
            let track = self.track(kept);
            desk.player.toggle(track);
        }
    }

    /// Hears the sound after so many steps, at the same place.
    fn select(&mut self, n_steps: usize, desk: &mut Desk) {
        self.selected = Some(n_steps);
        if let Some(kept) = self.shown() {
            let track = self.track(kept);
            desk.player.replace(track);
        }
    }

    fn is_busy(&self) -> bool {
        let is_found = self.found.is_over && self.found.asked == self.asked;
        self.worker.is_some() && (self.is_taking || self.asked.is_some() && !is_found)
    }

    /// Ends the search; what it found stays, and is not searched for again until something changes.
    fn stop_search(&mut self) {
        self.worker = None;
        self.is_taking = false;
    }
}

impl View<Desk> for PicturesView {
    fn poll(&mut self, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.poll_worker(cx);
        self.saving.poll(cx);
    }

    fn title(&self, _desk: &Desk) -> String {
        match &self.taken {
            Some(taken) => format!("{}, heard", taken.name),
            None => "A picture as a sound".into(),
        }
    }

    fn stage(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.ask(cx);
        self.saving.show(ui, cx);
        stage::show(self, ui, desk, cx);
    }

    fn bench(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        bench::show(self, ui, desk, cx);
    }

    fn has_explain(&self) -> bool {
        self.pixel.is_some() && self.taken.is_some()
    }

    fn explain(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        explain::show(self, ui);
    }

    fn status(&self, _desk: &Desk) -> Vec<StatusItem> {
        vec![StatusItem {
            label: "seed".into(),
            value: self.search.seed.to_string(),
            tooltip: "The random phase that Griffin-Lim begins with.".into(),
        }]
    }

    fn progress(&self) -> Option<Progress> {
        self.worker
            .as_ref()
            .filter(|_| self.is_busy())
            .map(|_| Progress {
                label: "Searching for the sound".into(),
                fraction: Some(self.found.curve.len() as f32 / (self.search.n_steps + 1) as f32),
            })
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some(bench::PLAY)
    }

    fn can(&self, command: Command, desk: &Desk) -> bool {
        match command {
            Command::Run => self.shown().is_some() && desk.player.obstacle().is_none(),
            Command::Stop => self.is_busy() || self.is_playing(desk),
            _ => false,
        }
    }

    fn command(&mut self, command: Command, desk: &mut Desk, _cx: &mut TabContext<'_>) {
        match command {
            Command::Run => self.toggle(desk),
            Command::Stop if self.is_busy() => self.stop_search(),
            Command::Stop => desk.player.pause(),
            _ => {}
        }
    }

    fn accepts(&self, card: &Card) -> Option<String> {
        (card.kind == "picture").then(|| "hear it".into())
    }

    fn open(&mut self, path: PathBuf, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.take_from(From::File(path), cx);
    }

    fn save(&self) -> Value {
        json!({
            "n_steps": self.search.n_steps,
            "momentum": self.search.momentum,
            "seed": self.search.seed,
        })
    }

    fn restore(&mut self, saved: &Value) {
        let search = &mut self.search;
        let n_steps = saved["n_steps"].as_u64().map(|n| n as usize);
        search.n_steps = n_steps
            .filter(|n| bench::STEPS.contains(n))
            .unwrap_or(search.n_steps);
        if let Some(momentum) = saved["momentum"]
            .as_f64()
            .filter(|m| (0.0..1.0).contains(m))
        {
            search.momentum = momentum as f32;
        }
        search.seed = saved["seed"].as_u64().unwrap_or(search.seed);
    }
}
