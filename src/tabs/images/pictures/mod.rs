//! On pictures: two networks fight, one draws and one judges, and the pictures become faces.
//!
//! [`setup`] is what a person chose, [`lesson`] what is asked of the lab, [`film`] what was made so far,
//! [`trace`] its numbers; [`stage`], [`charts`] and [`bench`] draw.

mod bench;
mod charts;
mod explain;
mod film;
mod lesson;
mod presets;
mod setup;
mod stage;
mod trace;

use super::course::Course;
use super::learned_from::{FolderChoice, From};
use super::views::{Desk, View};
use crate::command::Command;
use crate::files::card::Card;
use crate::tabs::{Progress, StatusItem, TabContext};
use crate::theme;
use crate::widgets::count::grouped;
use crate::widgets::picture_sheet::PictureSheet;
use eframe::egui::Ui;
use explain::Explaining;
use lesson::Fight;
use serde_json::Value;
use setup::Setup;

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
    course: Course<Fight>,
    /// The textures on the stage.
    made: PictureSheet,
    real: PictureSheet,
    /// The network whose gradients are shown where there is room for one chart.
    gradients_of: Network,
    explaining: Explaining,
    choosing: FolderChoice,
}

impl PicturesView {
    /// Writes the path, while it is asked where to save.
    pub(in crate::tabs::images) fn set_save_path(&mut self, path: &str) {
        self.course.set_save_path(path);
    }
}

impl View<Desk> for PicturesView {
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
            None => "Two networks that learn to draw".into(),
            Some(started) => {
                let name = started.source_name();
                format!("A GAN learns {name}: {}", self.course.place())
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
        self.course.progress("Training on pictures")
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
        Course::<Fight>::accepts(card)
    }

    fn take(&mut self, card: &Card, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.course.open(card, &mut self.setup, cx);
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
