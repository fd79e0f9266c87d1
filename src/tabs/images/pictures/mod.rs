//! On pictures: two networks fight, one draws and one judges, and the pictures become faces.
//!
//! [`setup`] is what a person chose, [`making`] the job, [`film`] what it has made so far, [`trace`]
//! its numbers; [`stage`], [`charts`] and [`bench`] draw.

mod bench;
mod charts;
mod explain;
mod film;
mod keeping;
mod making;
mod presets;
mod setup;
mod stage;
mod trace;

use super::views::{Desk, View};
use crate::command::Command;
use crate::files::card::Card;
use crate::jobs::Job;
use crate::labs::gan::pictures::{Prepared, Recipe, State, Turn};
use crate::tabs::{Notice, Progress, StatusItem, TabContext};
use crate::theme;
use crate::widgets::count::grouped;
use crate::widgets::film_strip::FilmStrip;
use crate::widgets::picture_sheet::PictureSheet;
use eframe::egui::{Rect, Ui, vec2};
use explain::Explaining;
use film::Film;
use keeping::Keeping;
use making::{Message, Training};
use serde_json::Value;
use setup::{From, Setup};
use std::path::PathBuf;
use std::sync::Arc;

/// One of the two networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Network {
    #[default]
    Generator,
    Discriminator,
}

/// The state of this view.
#[derive(Debug, Default)]
pub(super) struct PicturesView {
    setup: Setup,
    /// What the training on the stage was started with.
    started: Option<Setup>,
    training: Option<Training>,
    prepared: Option<Prepared>,
    /// The newest turn.
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
    real: PictureSheet,
    /// The network whose gradients are shown where there is room for one chart.
    gradients_of: Network,
    explaining: Explaining,
    keeping: Keeping,
    choosing: Option<Job<PathBuf>>,
}

impl PicturesView {
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
        self.explaining.close();
    }

    /// Trains as the bench says, from nothing or from a state.
    fn start(&mut self, from: Option<Arc<State>>, cx: &mut TabContext<'_>) {
        self.training = None;
        self.ended = None;
        let chosen = self.setup.recipe();
        let begun = from.as_ref().and(self.recipe.clone());
        let recipe = match (begun, chosen) {
            // What it learns from and how large the networks are was settled when it began.
            (Some(begun), _) => Some(Recipe {
                settings: self.setup.settings.clone(),
                minutes: self.setup.minutes(),
                ..begun
            }),
            (None, chosen) => chosen,
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
                Message::Snapshot { snapshot, variety } => self.film.push(snapshot, variety),
                Message::Saved { step, files } => {
                    let file = files.first().map(|file| file.display().to_string());
                    let words = format!(
                        "Turn {} is kept in {}",
                        grouped(step),
                        file.unwrap_or_default()
                    );
                    cx.notices.push(Notice::Done(words));
                }
                Message::Ended(Ok(outcome)) => {
                    self.last = Some(outcome.state);
                    self.ended = Some(match outcome.trouble {
                        Some(trouble) => format!("Ended: {}.", trouble.what),
                        None => format!("Done after {} turns.", grouped(outcome.n_steps)),
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

impl View<Desk> for PicturesView {
    fn poll(&mut self, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.poll_training(cx);
        self.poll_choosing(cx);
        self.explaining.poll(cx);
        keeping::poll(self, cx);
        self.turn_the_knobs();
    }

    fn title(&self, _desk: &Desk) -> String {
        let Some(started) = self.started.as_ref().filter(|_| self.prepared.is_some()) else {
            return "Two networks that learn to draw".into();
        };
        let name = started.source_name();
        if let Some(frame) = self.film.selected().and(self.film.here()) {
            let step = grouped(frame.snapshot.step);
            return format!("A GAN learns {name}: back at turn {step}");
        }
        let step = self.turn.as_ref().map_or(0, |turn| turn.step);
        format!("A GAN learns {name}: turn {}", grouped(step))
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
        let labels: Vec<String> = self
            .film
            .frames()
            .iter()
            .map(|frame| stage::when(frame))
            .collect();
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
                "Train on from these networks with the settings on the right. What came after is kept as another way.",
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

    fn has_explain(&self) -> bool {
        self.explaining.is_open()
    }

    fn explain(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        self.explaining.show(ui);
    }

    fn status(&self, _desk: &Desk) -> Vec<StatusItem> {
        let (Some(turn), Some(prepared)) = (&self.turn, &self.prepared) else {
            return Vec::new();
        };
        vec![
            StatusItem {
                label: "training".into(),
                value: format!("{:.0} pictures/s", turn.pictures_per_sec),
                tooltip: "Real pictures that the discriminator sees in a second.".into(),
            },
            StatusItem {
                label: "weights".into(),
                value: format!(
                    "G {} + D {}",
                    grouped(prepared.n_weights_g),
                    grouped(prepared.n_weights_d)
                ),
                tooltip: "Numbers to learn of the generator and of the discriminator.".into(),
            },
        ]
    }

    fn progress(&self) -> Option<Progress> {
        self.training
            .as_ref()
            .filter(|training| !training.is_paused())?;
        Some(Progress {
            label: "Training on pictures".into(),
            fraction: self
                .turn
                .as_ref()
                .and_then(|turn| turn.progress)
                .map(|p| p as f32),
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
        if let Ok(setup) = serde_json::from_value(saved.clone()) {
            self.setup = setup;
        }
    }
}

/// Air between the parts of the stage.
const AIR: f32 = theme::size::GROUP;
