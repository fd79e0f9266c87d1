//! Make it yours: a new word, learned from a handful of pictures while one watches.
//!
//! [`setup`] is what a person chose, [`learning`] the jobs, [`running`] what happens; [`strip`],
//! [`given`], [`charts`] and [`bench`] draw, [`explain`] shows where a number of a changed weight comes
//! from, [`keeping`] saves and opens what was learned.

mod bench;
mod charts;
mod explain;
mod given;
mod keeping;
mod learning;
mod running;
mod setup;
mod strip;

use crate::command::Command;
use crate::files::card::Card;
use crate::jobs::Job;
use crate::labs::diffusion::Denoiser;
use crate::labs::diffusion::lora::{
    Adapter, Asked, Change, Prepared, Recipe, Snapshot, State, Turn,
};
use crate::labs::gan::pictures::Pictures;
use crate::tabs::images::views::{Desk, View};
use crate::tabs::{Notice, Progress, StatusItem, TabContext};
use crate::widgets::count::grouped;
use crate::widgets::picture_sheet::PictureSheet;
use eframe::egui::Ui;
use explain::Explaining;
use keeping::Keeping;
use learning::{Live, Message, Wish};
use serde_json::Value;
use setup::Setup;
use std::sync::Arc;

/// The state of this view.
#[derive(Debug)]
pub(in crate::tabs::images) struct YoursView {
    setup: Setup,
    /// What the learning on the stage was started with.
    started: Option<Setup>,
    recipe: Option<Recipe>,
    /// The model that learns, as it was before.
    base: Option<Arc<Denoiser>>,
    job: Option<Job<Message>>,
    stopping: bool,
    prepared: Option<Prepared>,
    prior: Option<Arc<Pictures>>,
    /// So many of the model's own pictures are drawn, of so many.
    drawing: Option<(usize, usize)>,
    turn: Option<Turn>,
    /// Losses of every step: of the word's pictures, of the model's own.
    losses: [Vec<f32>; 2],
    snapshots: Vec<Snapshot>,
    /// The snapshot at hand; the newest, unless one was chosen.
    selected: Option<usize>,
    /// Where it ended.
    last: Option<Arc<State>>,
    ended: Option<String>,
    /// A word of another day, and what a snapshot of it shows.
    opened: Option<(Adapter, Vec<Asked>)>,
    /// How much of what was learned is used.
    scale: f64,
    live: Live,
    /// Whether the other views use the word too.
    is_worn: bool,
    worn: Option<Wish>,
    /// How far each weight was changed by the snapshot of this step.
    changes: Option<(usize, Vec<Change>)>,
    explaining: Explaining,
    keeping: Keeping,
    own_sheet: PictureSheet,
    prior_sheet: PictureSheet,
    live_sheet: PictureSheet,
    sheets: Vec<PictureSheet>,
    /// Differs for every learning that was begun, so that textures are made anew.
    number: u64,
}

impl Default for YoursView {
    fn default() -> Self {
        Self {
            setup: Setup::default(),
            started: None,
            recipe: None,
            base: None,
            job: None,
            stopping: false,
            prepared: None,
            prior: None,
            drawing: None,
            turn: None,
            losses: Default::default(),
            snapshots: Vec::new(),
            selected: None,
            last: None,
            ended: None,
            opened: None,
            scale: 1.0,
            live: Live::default(),
            is_worn: false,
            worn: None,
            changes: None,
            explaining: Explaining::default(),
            keeping: Keeping::default(),
            own_sheet: PictureSheet::default(),
            prior_sheet: PictureSheet::default(),
            live_sheet: PictureSheet::default(),
            sheets: Vec::new(),
            number: 0,
        }
    }
}

impl View<Desk> for YoursView {
    fn poll(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.poll_job(cx);
        keeping::poll(self, desk, cx);
        for refusal in self.live.poll() {
            cx.notices.push(Notice::Refused(refusal));
        }
        self.wish_live(cx);
        self.lend(desk);
        self.measure();
    }

    fn title(&self, _desk: &Desk) -> String {
        let Some(adapter) = self.adapter() else {
            return "Teach the network a word of your own".into();
        };
        let word = &adapter.word;
        match (self.selected, self.turn) {
            (Some(_), _) => format!("Learning “{word}”: back at step {}", grouped(adapter.step)),
            // The newest snapshot is of an earlier step than the learning is at.
            (None, Some(turn)) => format!("Learning “{word}”: step {}", grouped(turn.step)),
            (None, None) => format!("Learning “{word}”: step {}", grouped(adapter.step)),
        }
    }

    fn stage(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        if desk.model.need(cx).is_none() {
            desk.model.waiting(ui);
            return;
        }
        strip::show(self, ui, desk, cx);
    }

    fn bench(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        bench::show(self, ui, desk, cx);
    }

    fn has_explain(&self) -> bool {
        self.explaining.is_open() && self.adapter().is_some()
    }

    fn explain(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        explain::show(self, ui);
    }

    fn status(&self, _desk: &Desk) -> Vec<StatusItem> {
        let (Some(turn), Some(prepared)) = (&self.turn, &self.prepared) else {
            return Vec::new();
        };
        let behind = prepared.n_steps_before;
        let millis = turn.secs_left * 1000.0;
        let left = self.recipe.as_ref().map_or(0, |recipe| recipe.n_steps);
        let left = left.saturating_sub(turn.step);
        let mut items = vec![StatusItem {
            label: "learned".into(),
            value: format!("{} numbers", grouped(prepared.n_weights)),
            tooltip: "Numbers of the adapter: A and B of every changed weight, and the word's row."
                .into(),
        }];
        if left > 0 && turn.step > behind {
            items.push(StatusItem {
                label: "step".into(),
                value: format!("{:.0} ms", millis / left as f64),
                tooltip: "Mean time of a step of this run.".into(),
            });
        }
        items
    }

    fn progress(&self) -> Option<Progress> {
        self.job.as_ref()?;
        let drawing = self.drawing.map(|(done, of)| Progress {
            label: "Drawing what it is to keep".into(),
            fraction: Some(done as f32 / of.max(1) as f32),
        });
        Some(drawing.unwrap_or_else(|| Progress {
            label: "Learning a word".into(),
            fraction: self.turn.as_ref().map(|turn| turn.progress as f32),
        }))
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some(if self.can_go_on() {
            bench::GO_ON
        } else {
            bench::START
        })
    }

    fn can(&self, command: Command, desk: &Desk) -> bool {
        let about = desk.model.base().map(|base| base.about());
        match command {
            Command::Run => {
                !self.is_running() && about.is_some() && self.setup.missing(about).is_none()
            }
            Command::Stop => self.is_running() && !self.stopping,
            _ => false,
        }
    }

    fn command(&mut self, command: Command, desk: &mut Desk, cx: &mut TabContext<'_>) {
        if matches!(command, Command::Run | Command::Stop) {
            self.press_run(desk, cx);
        }
    }

    fn accepts(&self, card: &Card) -> Option<String> {
        keeping::accepts(card)
    }

    fn take(&mut self, card: &Card, desk: &mut Desk, cx: &mut TabContext<'_>) {
        keeping::open(self, card, desk, cx);
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
