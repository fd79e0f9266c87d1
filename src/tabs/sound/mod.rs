//! Sound: a spectrogram is a picture you can hear.
//!
//! The views share one frame ([`views`]), one sound ([`in_use`]) and one [`player`]: [`see`] shows the
//! sound as a wave and as a spectrogram, in [`paint`] a hand changes it, [`phase`] finds what a spectrogram
//! leaves out, [`pictures`] makes pictures heard, and [`from_noise`] makes music out of noise.

mod from_noise;
mod in_use;
mod keeping;
mod looking;
mod paint;
mod phase;
mod pictures;
mod player;
mod see;
mod settings;
mod views;

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

/// The chapter of sound.
#[derive(Debug, Default)]
pub struct SoundTab {
    shown: ViewName,
    desk: Desk,
    views: Views,
    /// Files that arrived: what each is, and so which view takes it, is known soon.
    looking: Vec<Job<(PathBuf, Result<Card>)>>,
}

#[derive(Debug, Default)]
struct Views {
    see: see::SeeView,
    paint: paint::PaintView,
    phase: phase::PhaseView,
    pictures: pictures::PicturesView,
    from_noise: from_noise::FromNoiseView,
}

impl Views {
    fn get(&self, name: ViewName) -> &dyn View<Desk> {
        match name {
            ViewName::See => &self.see,
            ViewName::Paint => &self.paint,
            ViewName::Phase => &self.phase,
            ViewName::Pictures => &self.pictures,
            ViewName::FromNoise => &self.from_noise,
        }
    }

    fn get_mut(&mut self, name: ViewName) -> &mut dyn View<Desk> {
        match name {
            ViewName::See => &mut self.see,
            ViewName::Paint => &mut self.paint,
            ViewName::Phase => &mut self.phase,
            ViewName::Pictures => &mut self.pictures,
            ViewName::FromNoise => &mut self.from_noise,
        }
    }
}

impl SoundTab {
    /// The chapter.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes a path into the question where to save, while it is asked.
    pub fn set_save_path(&mut self, path: &str) {
        self.views.see.set_save_path(path);
        self.views.paint.set_save_path(path);
        self.views.phase.set_save_path(path);
        self.views.pictures.set_save_path(path);
        self.views.from_noise.set_save_path(path);
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
        for (path, card) in looked {
            match card {
                Ok(card) => {
                    if let Some((name, _)) = self.taker(&card) {
                        self.shown = name;
                        self.views.get_mut(name).open(path, &mut self.desk, cx);
                    }
                }
                Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
            }
        }
    }

    /// The view that takes such a file: the one whose phrase or network it is, else the shown one if it
    /// does, else the first that does.
    fn taker(&self, card: &Card) -> Option<(ViewName, String)> {
        let first = [ViewName::FromNoise, self.shown];
        let mut names = first.into_iter().chain(ViewName::ALL);
        names.find_map(|name| Some((name, self.views.get(name).accepts(card)?)))
    }
}

impl Tab for SoundTab {
    fn name(&self) -> &'static str {
        "Sound"
    }

    fn icon(&self) -> Icon {
        Icon::Wave
    }

    fn poll(&mut self, cx: &mut TabContext<'_>) {
        self.poll_looking(cx);
        self.desk.player.poll(cx);
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
        self.desk.player.want();
        let mut area = ui.available_rect_before_wrap();
        if self.has_explain() {
            // Air between the stage and the drawer beside it.
            area.max.x -= theme::size::GRID * 2.0;
        }
        parts::part(ui, area, |ui| {
            if let Some(chosen) = views::choose(ui, self.shown) {
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
        looking.or_else(|| names.find_map(|name| self.views.get(name).progress()))
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
            let card = Card::of(&path);
            _ = emit((path, card));
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
        saved.insert("player".into(), self.desk.player.save());
        saved.into()
    }

    fn restore(&mut self, saved: &Value) {
        if let Ok(shown) = serde_json::from_value(saved["shown"].clone()) {
            self.shown = shown;
        }
        self.desk.player.restore(&saved["player"]);
        for name in ViewName::ALL {
            let key = serde_json::to_value(name).unwrap_or_default();
            let key = key.as_str().unwrap_or_default();
            self.views.get_mut(name).restore(&saved[key]);
        }
    }
}
