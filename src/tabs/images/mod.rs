//! Images: how a machine learns to make pictures: by two networks that fight (GAN), by taking noise
//! away (diffusion), by squeezing them into a few numbers (autoencoder).
//!
//! The views share one frame ([`views`]): [`plane`] has two networks fight over points on a plane, where
//! everything they do can be seen; [`pictures`] has them learn to make pictures; [`faces`] plays with
//! what one of them has learned. [`diffusion`] and [`squeezing`] hold the rest.

mod course;
mod diffusion;
mod faces;
mod gate;
mod learned_from;
mod pictures;
mod plane;
mod squeezing;
mod views;
mod ways;

use crate::command::Command;
use crate::files::card::Card;
use crate::jobs::Job;
use crate::refusal::Result;
use crate::tabs::{Notice, Progress, StatusItem, Tab, TabContext, parts};
use crate::theme;
use crate::widgets::icon::Icon;
use eframe::egui;
use serde_json::{Value, json};
use std::path::PathBuf;
use views::{Desk, View, ViewName};

/// The chapter of images.
#[derive(Debug, Default)]
pub struct ImagesTab {
    shown: ViewName,
    desk: Desk,
    views: Views,
    /// Files that arrived: what each is, and so which view takes it, is known soon.
    looking: Vec<Job<Result<Card>>>,
}

#[derive(Debug, Default)]
struct Views {
    plane: plane::PlaneView,
    pictures: pictures::PicturesView,
    faces: faces::FacesView,
    noise: diffusion::NoiseView,
    steps: diffusion::StepsView,
    from_picture: diffusion::FromPictureView,
    learning: diffusion::LearningView,
    points: diffusion::PointsView,
    yours: diffusion::YoursView,
    squeezing: squeezing::SqueezingView,
}

impl Views {
    fn get(&self, name: ViewName) -> &dyn View<Desk> {
        match name {
            ViewName::Plane => &self.plane,
            ViewName::Pictures => &self.pictures,
            ViewName::Faces => &self.faces,
            ViewName::Noise => &self.noise,
            ViewName::Steps => &self.steps,
            ViewName::FromPicture => &self.from_picture,
            ViewName::Learning => &self.learning,
            ViewName::Points => &self.points,
            ViewName::Yours => &self.yours,
            ViewName::Squeezing => &self.squeezing,
        }
    }

    fn get_mut(&mut self, name: ViewName) -> &mut dyn View<Desk> {
        match name {
            ViewName::Plane => &mut self.plane,
            ViewName::Pictures => &mut self.pictures,
            ViewName::Faces => &mut self.faces,
            ViewName::Noise => &mut self.noise,
            ViewName::Steps => &mut self.steps,
            ViewName::FromPicture => &mut self.from_picture,
            ViewName::Learning => &mut self.learning,
            ViewName::Points => &mut self.points,
            ViewName::Yours => &mut self.yours,
            ViewName::Squeezing => &mut self.squeezing,
        }
    }
}

impl ImagesTab {
    /// The chapter.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes a path into the question where to save, while it is asked.
    pub fn set_save_path(&mut self, path: &str) {
        self.views.plane.set_save_path(path);
        self.views.pictures.set_save_path(path);
        self.views.faces.set_save_path(path);
        self.views.learning.set_save_path(path);
        self.views.points.set_save_path(path);
        self.views.from_picture.set_save_path(path);
        self.views.squeezing.set_save_path(path);
        self.views.steps.set_save_path(path);
        self.views.yours.set_save_path(path);
    }

    fn view(&self) -> &dyn View<Desk> {
        self.views.get(self.shown)
    }

    /// Opens files in the view that takes them, once it is known what they are.
    fn poll_looking(&mut self, cx: &mut TabContext<'_>) {
        let mut looked = Vec::new();
        for job in &mut self.looking {
            looked.extend(job.poll());
            cx.notices.extend(job.take_failure().map(Notice::Refused));
        }
        self.looking.retain(Job::is_running);
        for card in looked {
            match card {
                Ok(card) => {
                    if let Some((name, _)) = self.taker(&card) {
                        self.shown = name;
                        self.views.get_mut(name).take(&card, &mut self.desk, cx);
                    }
                }
                Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
            }
        }
    }

    /// The view that takes such a file: the shown one if it does, else the first that does.
    fn taker(&self, card: &Card) -> Option<(ViewName, String)> {
        let mut names = std::iter::once(self.shown).chain(ViewName::ALL);
        names.find_map(|name| Some((name, self.views.get(name).accepts(card)?)))
    }
}

impl Tab for ImagesTab {
    fn name(&self) -> &'static str {
        "Images"
    }

    fn icon(&self) -> Icon {
        Icon::Pictures
    }

    fn poll(&mut self, cx: &mut TabContext<'_>) {
        self.poll_looking(cx);
        self.desk.model.poll(cx);
        for name in ViewName::ALL {
            self.views.get_mut(name).poll(&mut self.desk, cx);
        }
        if let Some(wanted) = self.desk.wanted.take() {
            self.shown = wanted;
        }
    }

    fn title(&self) -> String {
        self.view().title(&self.desk)
    }

    fn stage(&mut self, ui: &mut egui::Ui, cx: &mut TabContext<'_>) {
        let mut area = ui.available_rect_before_wrap();
        if self.has_explain() {
            // Air between the stage and the drawer beside it.
            area.max.x -= theme::size::GRID * 2.0;
        }
        parts::part(ui, area, |ui| {
            if let Some(chosen) = views::choose(ui, self.shown, &mut self.desk) {
                self.shown = chosen;
            }
            let view = self.views.get_mut(self.shown);
            view.stage(ui, &mut self.desk, cx);
        });
    }

    fn bench(&mut self, ui: &mut egui::Ui, cx: &mut TabContext<'_>) {
        let view = self.views.get_mut(self.shown);
        view.bench(ui, &mut self.desk, cx);
    }

    fn has_timeline(&self) -> bool {
        self.view().has_timeline()
    }

    fn timeline(&mut self, ui: &mut egui::Ui, cx: &mut TabContext<'_>) {
        let view = self.views.get_mut(self.shown);
        view.timeline(ui, &mut self.desk, cx);
    }

    fn has_explain(&self) -> bool {
        self.view().has_explain()
    }

    fn explain(&mut self, ui: &mut egui::Ui, cx: &mut TabContext<'_>) {
        let view = self.views.get_mut(self.shown);
        view.explain(ui, &mut self.desk, cx);
    }

    fn status(&self) -> Vec<StatusItem> {
        self.view().status(&self.desk)
    }

    fn progress(&self) -> Option<Progress> {
        let looking = self.looking.first().map(|_| Progress {
            label: "Looking at the file".into(),
            fraction: None,
        });
        let mut names = std::iter::once(self.shown).chain(ViewName::ALL);
        let at_work = || names.find_map(|name| self.views.get(name).progress());
        let opening = || self.desk.model.progress();
        looking.or_else(at_work).or_else(opening)
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        self.view().run_words()
    }

    fn can(&self, command: Command) -> bool {
        self.view().can(command, &self.desk)
    }

    fn command(&mut self, command: Command, cx: &mut TabContext<'_>) {
        if self.can(command) {
            let view = self.views.get_mut(self.shown);
            view.command(command, &mut self.desk, cx);
        }
    }

    fn accepts(&self, card: &Card) -> Option<String> {
        self.taker(card).map(|(_, phrase)| phrase)
    }

    fn open(&mut self, path: PathBuf, cx: &mut TabContext<'_>) {
        let job = Job::spawn("look at a file", cx.wake.clone(), move |emit| {
            _ = emit(Card::of(&path));
        });
        match job {
            Ok(job) => self.looking.push(job),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    fn save(&self) -> Value {
        let views = ViewName::ALL.map(|name| {
            let key = serde_json::to_value(name).unwrap_or_default();
            let key = key.as_str().unwrap_or_default().to_owned();
            (key, self.views.get(name).save())
        });
        let mut saved = serde_json::Map::from_iter(views);
        saved.insert("shown".into(), json!(self.shown));
        saved.into()
    }

    fn restore(&mut self, saved: &Value) {
        if let Ok(shown) = serde_json::from_value(saved["shown"].clone()) {
            self.shown = shown;
        }
        for name in ViewName::ALL {
            let key = serde_json::to_value(name).unwrap_or_default();
            let key = key.as_str().unwrap_or_default();
            self.views.get_mut(name).restore(&saved[key]);
        }
    }
}
