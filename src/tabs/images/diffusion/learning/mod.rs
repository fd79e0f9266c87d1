//! Training: a network of diffusion learns in front of a person, and pictures come out of noise.
//!
//! [`setup`] is what a person chose, [`lesson`] what is asked of the lab, [`film`] what was made so far,
//! [`trace`] its numbers; [`stage`], [`charts`] and [`bench`] draw.

mod bench;
mod charts;
mod explain;
mod film;
mod lesson;
mod setup;
mod stage;
mod trace;

use crate::command::Command;
use crate::files::card::Card;
use crate::tabs::images::course::Course;
use crate::tabs::images::learned_from::{FolderChoice, From};
use crate::tabs::images::views::{Desk, View};
use crate::tabs::{Progress, StatusItem, TabContext};
use crate::widgets::count::grouped;
use crate::widgets::picture_sheet::PictureSheet;
use eframe::egui::Ui;
use explain::Explaining;
use lesson::Noise;
use serde_json::Value;
use setup::Setup;

/// The state of this view.
#[derive(Debug, Default)]
pub(in crate::tabs::images) struct LearningView {
    setup: Setup,
    course: Course<Noise>,
    /// The textures on the stage.
    made: PictureSheet,
    choosing: FolderChoice,
    explaining: Explaining,
}

impl LearningView {
    /// Writes the path, while it is asked where to save.
    pub(in crate::tabs::images) fn set_save_path(&mut self, path: &str) {
        self.course.set_save_path(path);
    }
}

impl View<Desk> for LearningView {
    fn poll(&mut self, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        let n_forgotten = self.course.n_forgotten();
        self.course.poll(&mut self.setup, cx);
        self.explaining.poll(cx);
        if self.course.n_forgotten() != n_forgotten {
            self.explaining.close();
        }
        if let Some(folder) = self.choosing.poll(cx) {
            (self.setup.from, self.setup.folder) = (From::Folder, folder);
        }
    }

    fn title(&self, _desk: &Desk) -> String {
        match self.course.started() {
            None => "A network learns to see through noise".into(),
            Some(started) => {
                let name = started.source_name();
                format!("Diffusion learns {name}: {}", self.course.place())
            }
        }
    }

    fn stage(&mut self, ui: &mut Ui, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        stage::show(self, ui, cx);
    }

    fn bench(&mut self, ui: &mut Ui, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        bench::show(self, ui, cx);
    }

    fn has_timeline(&self) -> bool {
        self.course.film.newest().is_some()
    }

    fn timeline(&mut self, ui: &mut Ui, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.course.timeline(&self.setup, ui, cx);
    }

    fn has_explain(&self) -> bool {
        self.explaining.is_open()
    }

    fn explain(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        self.explaining.show(ui);
    }

    fn status(&self, _desk: &Desk) -> Vec<StatusItem> {
        let (Some(turn), Some(prepared)) = (&self.course.turn, &self.course.prepared) else {
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
        self.course.progress("Training a diffusion model")
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some(self.course.run_words())
    }

    fn can(&self, command: Command, _desk: &Desk) -> bool {
        self.course.can(command, &self.setup)
    }

    fn command(&mut self, command: Command, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.course.command(command, &self.setup, cx);
    }

    fn accepts(&self, card: &Card) -> Option<String> {
        Course::<Noise>::accepts(card)
    }

    fn take(&mut self, card: &Card, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.course.open(card, &mut self.setup, cx);
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
