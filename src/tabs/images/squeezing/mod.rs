//! Squeezing: a picture becomes a few numbers, and the numbers become a picture again.
//!
//! [`setup`] is what a person chose, [`making`] the training and the networks it has made, [`studio`] the
//! worker that asks them; the [`pages`] are [`one`] picture, a [`plot`] of all, the way [`between`] two,
//! and [`bytes`] against JPEG's.

mod asking;
mod bench;
mod between;
mod bytes;
mod explain;
mod keeping;
mod making;
mod one;
mod pages;
mod plot;
mod setup;
mod studio;

use super::learned_from::{FolderChoice, From};
use super::views::{Desk, View};
use crate::command::Command;
use crate::files::card::Card;
use crate::tabs::saving::Saving;
use crate::tabs::{Notice, Progress, StatusItem, TabContext};
use crate::theme;
use crate::widgets::count::{duration, grouped};
use crate::widgets::film_strip::FilmStrip;
use asking::Asked;
use eframe::egui::{Rect, Ui, vec2};
use explain::Explaining;
use making::{Made, Message, Training};
use pages::Page;
use plot::PlotState;
use serde_json::{Value, json};
use setup::{Setup, Which};
use std::collections::BTreeMap;
use std::sync::Arc;
use studio::Studio;

/// The state of this view.
#[derive(Debug, Default)]
pub(in crate::tabs::images) struct SqueezingView {
    setup: Setup,
    training: Option<Training>,
    /// Every network that was trained, by what it learned from and by the numbers of its code.
    made: BTreeMap<Which, Made>,
    page: Page,
    /// The picture on the stage, and the one at the end of the way; the first of those that were held
    /// out where nothing was chosen.
    chosen: Option<usize>,
    other: Option<usize>,
    /// The numbers, where they were changed by hand.
    by_hand: Option<Vec<f32>>,
    /// Counts the changes by hand.
    n_changes: u64,
    /// How far the way between two pictures has gone, 0..=1.
    part: Option<f32>,
    studio: Option<Studio>,
    asked: Asked,
    plot: PlotState,
    explaining: Explaining,
    saving: Saving,
    keeping: keeping::Keeping,
    choosing: FolderChoice,
    n_frames: u64,
}

impl SqueezingView {
    /// The network that is chosen, if it was trained.
    fn here(&self) -> Option<&Made> {
        self.made.get(&self.setup.which())
    }

    fn here_mut(&mut self) -> Option<&mut Made> {
        self.made.get_mut(&self.setup.which())
    }

    /// Whether the chosen network is being trained.
    fn is_training(&self) -> bool {
        let which = self.setup.which();
        self.training.as_ref().is_some_and(|t| t.which == which)
    }

    /// The picture on the stage.
    fn chosen(&self) -> usize {
        self.chosen.unwrap_or_else(|| self.held_out(0))
    }

    /// The picture at the end of the way.
    fn other(&self) -> usize {
        self.other.unwrap_or_else(|| self.held_out(5))
    }

    fn held_out(&self, i: usize) -> usize {
        let prepared = self.here().and_then(|made| made.prepared.as_ref());
        let held_out = prepared.and_then(|prepared| prepared.held_out.get(i));
        held_out.copied().unwrap_or(0)
    }

    /// Puts a picture on the stage, with the numbers that the encoder makes of it.
    fn choose(&mut self, picture: usize) {
        self.chosen = Some(picture);
        self.by_hand = None;
        self.explaining.close();
    }

    /// Puts numbers on the stage that a person made.
    fn set_code(&mut self, code: Vec<f32>) {
        self.by_hand = Some(code);
        self.n_changes += 1;
    }

    /// Chooses another network, trained or not.
    fn choose_which(&mut self, change: impl FnOnce(&mut Setup)) {
        let from = self.setup.from;
        change(&mut self.setup);
        if self.setup.from != from {
            self.chosen = None;
            self.other = None;
        }
        self.by_hand = None;
        self.explaining.close();
    }

    /// The networks of another folder are none of this one's.
    fn forget_folder(&mut self) {
        if self.setup.from == From::Folder && self.is_training() {
            self.training = None;
        }
        self.made.retain(|(from, _), _| *from != From::Folder);
    }

    /// What the run button does: start, pause, or go on.
    fn press_run(&mut self, cx: &mut TabContext<'_>) {
        if self.is_training() {
            if let Some(training) = &self.training {
                training.pause();
            }
            return;
        }
        let state = self.here().and_then(|made| made.state.clone());
        let Some(mut recipe) = self.setup.recipe() else {
            return;
        };
        if let Some(made) = self.here().filter(|_| state.is_some()) {
            // What it learns from and where it began was settled then.
            recipe.source = made.recipe.source.clone();
            recipe.seed = made.recipe.seed;
        }
        if let (Some(state), Some(minutes)) = (&state, recipe.minutes) {
            let behind = state.secs / 60.0;
            if behind >= minutes * 0.999 {
                // It had come to its end: as long again.
                recipe.minutes = Some(behind + minutes);
            }
        }
        let which = self.setup.which();
        let started = Training::start(
            recipe.clone(),
            which,
            state.clone(),
            cx.compute,
            Arc::clone(&cx.wake),
        );
        match started {
            Ok(training) => {
                // Another training that is at work ends: its last snapshot is kept.
                self.training = Some(training);
                let made = self
                    .made
                    .entry(which)
                    .or_insert_with(|| Made::new(recipe.clone()));
                if state.is_none() {
                    *made = Made::new(recipe);
                }
                made.selected = None;
                made.ended = None;
            }
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    /// Lets go of the chosen network and trains it from nothing.
    fn start_anew(&mut self, cx: &mut TabContext<'_>) {
        if self.is_training() {
            self.training = None;
        }
        self.made.remove(&self.setup.which());
        self.explaining.close();
        self.press_run(cx);
    }

    fn poll_training(&mut self, cx: &mut TabContext<'_>) {
        let Some(training) = &mut self.training else {
            return;
        };
        let which = training.which;
        let arrived = training.job.poll();
        let is_over = !training.job.is_running();
        let failure = training.job.take_failure();
        for message in arrived {
            let Some(made) = self.made.get_mut(&which) else {
                continue;
            };
            match message {
                Message::Prepared(prepared) => {
                    made.prepared = Some(prepared);
                    made.own = None;
                }
                Message::Turn(turn) => made.turn = Some(turn),
                Message::Snapshot(snapshot) => {
                    self.n_frames += 1;
                    made.push(self.n_frames, snapshot);
                }
                Message::Ended(Ok(outcome)) => {
                    made.ended = Some(match &outcome.trouble {
                        Some(trouble) => format!("Ended: {}.", trouble.what),
                        None if outcome.stopped => {
                            format!("Paused after {} steps.", grouped(outcome.n_steps))
                        }
                        None => format!("Done after {} steps.", grouped(outcome.n_steps)),
                    });
                    made.state = Some(outcome.state);
                }
                Message::Ended(Err(refusal)) => {
                    if made.frames.is_empty() {
                        self.made.remove(&which);
                    }
                    cx.notices.push(Notice::Refused(refusal));
                }
                Message::Trouble(refusal) => cx.notices.push(Notice::Refused(refusal)),
            }
        }
        if is_over {
            cx.notices.extend(failure.map(Notice::Refused));
            self.training = None;
        } else if let Some(training) = &self.training
            && training.controls.settings() != self.setup.settings
        {
            training.controls.set(self.setup.settings.clone());
        }
    }
}

impl View<Desk> for SqueezingView {
    fn poll(&mut self, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.poll_training(cx);
        self.poll_studio(cx);
        self.poll_keeping(cx);
        self.poll_own(cx);
        if let Some(folder) = self.choosing.poll(cx) {
            self.forget_folder();
            self.setup.folder = folder;
        }
        self.saving.poll(cx);
    }

    fn title(&self, _desk: &Desk) -> String {
        let (one, k) = (self.setup.one(), self.setup.d_code);
        match self.here().and_then(Made::here) {
            Some(frame) => format!("A {one} as {k} numbers: step {}", grouped(frame.step)),
            None => format!("A {one} as {k} numbers"),
        }
    }

    fn stage(&mut self, ui: &mut Ui, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.saving.show(ui, cx);
        pages::show(self, ui, cx);
    }

    fn bench(&mut self, ui: &mut Ui, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        bench::show(self, ui, cx);
    }

    fn has_timeline(&self) -> bool {
        self.here().is_some_and(|made| !made.frames.is_empty())
    }

    fn timeline(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        let Some(made) = self.here_mut() else { return };
        let labels = made.frames.iter().map(|frame| {
            let (step, secs) = (grouped(frame.step), duration(frame.secs));
            format!("step {step}, {secs}: {:.1} dB", frame.fault.psnr_db)
        });
        let labels: Vec<String> = labels.collect();
        let strip = FilmStrip {
            name: "Moments of the training",
            n_frames: labels.len(),
            selected: made.selected,
            label: &|i| labels.get(i).cloned().unwrap_or_default(),
            is_branch: &|_| false,
            aspect: 1.0,
            go_on: None,
        };
        let ctx = ui.ctx().clone();
        let mut state = made.strip.clone();
        let frames = &mut made.frames;
        let did = strip.show(ui, &mut state, &mut |painter, i, rect| {
            let Some(frame) = frames.get_mut(i) else {
                return;
            };
            let side = rect.size() * 0.5;
            for i in 0..4 {
                let at = vec2((i % 2) as f32, (i / 2) as f32) * side;
                let rect = Rect::from_min_size(rect.min + at, side);
                frame.thumb(&ctx).paint(painter, rect, i);
            }
        });
        made.strip = state;
        if did.follow {
            made.selected = None;
        } else if did.went_to.is_some() {
            made.selected = did.went_to;
        }
    }

    fn has_explain(&self) -> bool {
        self.explaining.is_open()
    }

    fn explain(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        explain::show(self, ui);
    }

    fn status(&self, _desk: &Desk) -> Vec<StatusItem> {
        let Some(made) = self.here() else {
            return Vec::new();
        };
        let mut items = Vec::new();
        if let (Some(turn), true) = (&made.turn, self.is_training()) {
            items.push(StatusItem {
                label: "training".into(),
                value: format!("{:.0} pictures/s", turn.pictures_per_sec),
                tooltip: "Pictures that the network learns from in a second.".into(),
            });
        }
        if let Some(prepared) = &made.prepared {
            items.push(StatusItem {
                label: "network".into(),
                value: format!("{} weights", grouped(prepared.n_weights)),
                tooltip: "Numbers that the encoder and the decoder learn.".into(),
            });
        }
        items
    }

    fn progress(&self) -> Option<Progress> {
        if self.keeping.is_opening() {
            return Some(Progress {
                label: "Opening the training".into(),
                fraction: None,
            });
        }
        let training = self.training.as_ref()?;
        let turn = self.made.get(&training.which).and_then(|m| m.turn.as_ref());
        Some(Progress {
            label: format!("Training with {} numbers", training.which.1),
            fraction: turn.and_then(|turn| turn.progress).map(|p| p as f32),
        })
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some(bench::run_words(self))
    }

    fn can(&self, command: Command, _desk: &Desk) -> bool {
        command == Command::Run && self.setup.source().is_some()
    }

    fn command(&mut self, command: Command, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        if command == Command::Run {
            self.press_run(cx);
        }
    }

    fn accepts(&self, card: &Card) -> Option<String> {
        self.accepted(card)
    }

    fn take(&mut self, card: &Card, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.open_kept(card, cx);
    }

    fn save(&self) -> Value {
        json!({ "setup": self.setup })
    }

    fn restore(&mut self, saved: &Value) {
        if let Ok(setup) = serde_json::from_value::<Setup>(saved["setup"].clone()) {
            self.setup = setup;
            if self.setup.from == From::Folder {
                self.setup.from = From::Faces;
            }
        }
    }
}

/// Air between the parts of the stage.
const AIR: f32 = theme::size::GRID * 2.0;
