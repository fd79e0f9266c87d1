//! Training: a network of diffusion learns in front of a person, and pictures come out of noise.
//!
//! [`setup`] is what a person chose, [`making`] the job, [`film`] what it has made so far, [`trace`] its
//! numbers; [`stage`], [`charts`] and [`bench`] draw, [`keeping`] writes and opens trainings.

mod bench;
mod charts;
mod film;
mod keeping;
mod making;
mod setup;
mod stage;
mod trace;

use crate::command::Command;
use crate::files::card::Card;
use crate::jobs::Job;
use crate::labs::diffusion::training::{Prepared, Recipe, State, Turn};
use crate::tabs::images::views::{Desk, View};
use crate::tabs::{Notice, Progress, StatusItem, TabContext};
use crate::widgets::count::grouped;
use crate::widgets::film_strip::FilmStrip;
use crate::widgets::picture_sheet::PictureSheet;
use eframe::egui::{Rect, Ui, vec2};
use film::Film;
use keeping::Keeping;
use making::{Message, Training};
use serde_json::Value;
use setup::{From, Setup};
use std::path::PathBuf;
use std::sync::Arc;

/// The state of this view.
#[derive(Debug, Default)]
pub(in crate::tabs::images) struct LearningView {
    setup: Setup,
    /// What the training on the stage was started with.
    started: Option<Setup>,
    training: Option<Training>,
    prepared: Option<Prepared>,
    /// The newest step.
    turn: Option<Turn>,
    /// How the last training ended, in a sentence.
    ended: Option<String>,
    /// What was asked for when it began.
    recipe: Option<Recipe>,
    /// Where it ended.
    last: Option<Arc<State>>,
    film: Film,
    /// The textures on the stage.
    made: PictureSheet,
    keeping: Keeping,
    choosing: Option<Job<PathBuf>>,
}

impl LearningView {
    /// Begins a training from nothing. What was on the stage is let go of.
    fn start_anew(&mut self, cx: &mut TabContext<'_>) {
        self.forget();
        self.start(None, cx);
    }

    /// Lets go of what is on the stage.
    fn forget(&mut self) {
        self.training = None;
        self.film.clear();
        self.turn = None;
        self.prepared = None;
        self.last = None;
        self.recipe = None;
    }

    /// Trains as the bench says, from nothing or from a state.
    fn start(&mut self, from: Option<Arc<State>>, cx: &mut TabContext<'_>) {
        self.training = None;
        self.ended = None;
        let begun = from.as_ref().and(self.recipe.clone());
        let recipe = match begun {
            // What it learns from and how large the network is was settled when it began.
            Some(begun) => Some(Recipe {
                settings: self.setup.settings.clone(),
                minutes: self.setup.minutes(),
                snapshot_every_secs: self.setup.snapshot_every,
                ..begun
            }),
            None => self.setup.recipe(),
        };
        let Some(mut recipe) = recipe else { return };
        self.recipe = Some(recipe.clone());
        let is_new = from.is_none() || self.started.is_none();
        if let (Some(state), Some(minutes)) = (&from, recipe.minutes) {
            let behind = state.secs / 60.0;
            if behind >= minutes * 0.999 {
                // It had come to its end: as long again.
                recipe.minutes = Some(behind + minutes);
            }
        }
        match Training::start(recipe, from, cx.compute, Arc::clone(&cx.wake)) {
            Ok(training) => {
                self.training = Some(training);
                if is_new {
                    self.started = Some(self.setup.clone());
                }
            }
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    /// What the run button does: start, pause, or go on.
    fn press_run(&mut self, cx: &mut TabContext<'_>) {
        if let Some(training) = &mut self.training {
            let paused = training.is_paused();
            training.set_paused(!paused);
        } else if let Some(state) = self.last.clone() {
            self.film.show_newest_way();
            self.start(Some(state), cx);
        } else {
            self.start_anew(cx);
        }
    }

    /// Goes on from the snapshot on the stage: as another way, if it is not the newest.
    fn go_on_from_here(&mut self, cx: &mut TabContext<'_>) {
        // The training at work ends: its snapshots belong to the way before.
        self.training = None;
        if let Some(state) = self.film.go_on_from_here() {
            self.turn = None;
            self.last = None;
            self.start(Some(state), cx);
        }
    }

    fn is_training(&self) -> bool {
        let training = self.training.as_ref();
        training.is_some_and(|training| !training.is_paused())
    }

    fn is_paused(&self) -> bool {
        let training = self.training.as_ref();
        training.map_or(self.last.is_some(), Training::is_paused)
    }

    fn poll_training(&mut self, cx: &mut TabContext<'_>) {
        let Some(training) = &mut self.training else {
            return;
        };
        for message in training.job.poll() {
            match message {
                Message::Prepared(prepared) => self.prepared = Some(prepared),
                Message::Turns(turns) => {
                    if let Some(way) = self.film.newest_mut() {
                        for turn in &turns {
                            way.trace.push(turn);
                        }
                    }
                    self.turn = turns.into_iter().last().or(self.turn.take());
                }
                Message::Snapshot(snapshot) => self.film.push(snapshot, None),
                Message::Ended(Ok(outcome)) => {
                    self.last = Some(outcome.state);
                    self.ended = Some(match outcome.trouble {
                        Some(trouble) => format!("Ended: {}.", trouble.what),
                        None => format!("Done after {} steps.", grouped(outcome.n_steps)),
                    });
                }
                Message::Trouble(refusal) | Message::Ended(Err(refusal)) => {
                    cx.notices.push(Notice::Refused(refusal));
                }
            }
        }
        if !training.job.is_running() {
            let failure = training.job.take_failure();
            cx.notices.extend(failure.map(Notice::Refused));
            self.training = None;
        }
    }

    fn poll_choosing(&mut self, cx: &mut TabContext<'_>) {
        let Some(job) = &mut self.choosing else {
            return;
        };
        if let Some(folder) = job.poll().pop() {
            self.setup.folder = folder.to_string_lossy().into_owned();
            self.setup.from = From::Folder;
        }
        if !job.is_running() {
            cx.notices.extend(job.take_failure().map(Notice::Refused));
            self.choosing = None;
        }
    }

    /// Hands changed settings to the training at work.
    fn turn_the_knobs(&self) {
        if let Some(training) = &self.training
            && training.controls.settings() != self.setup.settings
        {
            training.controls.set(self.setup.settings.clone());
        }
    }
}

impl View<Desk> for LearningView {
    fn poll(&mut self, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.poll_training(cx);
        self.poll_choosing(cx);
        keeping::poll(self, cx);
        self.turn_the_knobs();
    }

    fn title(&self, _desk: &Desk) -> String {
        let Some(started) = self.started.as_ref().filter(|_| self.prepared.is_some()) else {
            return "A network learns to see through noise".into();
        };
        let name = started.source_name();
        if let Some(frame) = self.film.selected().and(self.film.here()) {
            let step = grouped(frame.snapshot.step);
            return format!("Diffusion learns {name}: back at step {step}");
        }
        let step = self.turn.as_ref().map_or(0, |turn| turn.step);
        format!("Diffusion learns {name}: step {}", grouped(step))
    }

    fn stage(&mut self, ui: &mut Ui, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        stage::show(self, ui, cx);
    }

    fn bench(&mut self, ui: &mut Ui, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        bench::show(self, ui, cx);
    }

    fn has_timeline(&self) -> bool {
        self.film.newest().is_some()
    }

    fn timeline(&mut self, ui: &mut Ui, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        let frames = self.film.frames();
        let labels: Vec<String> = frames.iter().map(|frame| stage::when(frame)).collect();
        let forks: Vec<bool> = (0..labels.len()).map(|i| self.film.is_fork(i)).collect();
        let mut state = self.film.strip.clone();
        let can_go_on = self.film.can_go_on_from_here();
        let strip = FilmStrip {
            name: "Snapshots of the training",
            n_frames: labels.len(),
            selected: self.film.selected(),
            label: &|i| labels.get(i).cloned().unwrap_or_default(),
            is_branch: &|i| forks.get(i).copied().unwrap_or(false),
            aspect: 1.0,
            go_on: can_go_on.then_some(
                "Train on from this network with the settings on the right. What came after is kept as another way.",
            ),
        };
        let ctx = ui.ctx().clone();
        let film = &mut self.film;
        let did = strip.show(ui, &mut state, &mut |painter, frame, rect| {
            let columns = Film::thumb_columns();
            let side = rect.size() / columns as f32;
            if let Some(sheet) = film.thumb(&ctx, frame) {
                for i in 0..columns * columns {
                    let at = vec2((i % columns) as f32, (i / columns) as f32) * side;
                    sheet.paint(painter, Rect::from_min_size(rect.min + at, side), i);
                }
            }
        });
        self.film.strip = state;
        if did.follow {
            self.film.select(None);
        } else if did.went_to.is_some() {
            self.film.select(did.went_to);
        }
        if did.go_on {
            self.go_on_from_here(cx);
        }
    }

    fn status(&self, _desk: &Desk) -> Vec<StatusItem> {
        let (Some(turn), Some(prepared)) = (&self.turn, &self.prepared) else {
            return Vec::new();
        };
        vec![
            StatusItem {
                label: "training".into(),
                value: format!("{:.0} pictures/s", turn.pictures_per_sec),
                tooltip: "Pictures under noise that the network sees in a second.".into(),
            },
            StatusItem {
                label: "weights".into(),
                value: grouped(prepared.n_weights),
                tooltip: "Numbers to learn.".into(),
            },
        ]
    }

    fn progress(&self) -> Option<Progress> {
        let training = self.training.as_ref();
        training.filter(|training| !training.is_paused())?;
        let done = self.turn.as_ref().and_then(|turn| turn.progress);
        Some(Progress {
            label: "Training a diffusion model".into(),
            fraction: done.map(|done| done as f32),
        })
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some(if self.is_paused() {
            ["Go on", "Train on from where it stands."]
        } else {
            bench::START
        })
    }

    fn can(&self, command: Command, _desk: &Desk) -> bool {
        match command {
            Command::Run => !self.is_training() && self.setup.source().is_some(),
            Command::Stop => self.is_training(),
            _ => false,
        }
    }

    fn command(&mut self, command: Command, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        if matches!(command, Command::Run | Command::Stop) {
            self.press_run(cx);
        }
    }

    fn accepts(&self, card: &Card) -> Option<String> {
        keeping::accepts(card)
    }

    fn open(&mut self, path: PathBuf, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        keeping::open(self, path, cx);
    }

    fn save(&self) -> Value {
        serde_json::to_value(&self.setup).unwrap_or_default()
    }

    fn restore(&mut self, saved: &Value) {
        if let Ok(setup) = serde_json::from_value::<Setup>(saved.clone()) {
            self.setup = setup.checked();
        }
    }
}
