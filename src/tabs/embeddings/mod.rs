//! Embeddings: words as arrows, and arithmetic with meaning.
//!
//! Five views share one set of vectors ([`views`]): [`arithmetic`] adds and subtracts words, [`map`]
//! shows them as points, [`sheet`] has a person invent the axes, [`origin`] makes vectors from a text,
//! [`spaces`] takes them out of language models.

mod arithmetic;
mod explain_panel;
mod history;
mod latest;
mod map;
mod origin;
mod set_panel;
mod sets;
mod sheet;
mod spaces;
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

/// The chapter of embeddings.
#[derive(Debug, Default)]
pub struct EmbeddingsTab {
    shown: ViewName,
    desk: Desk,
    views: Views,
    /// A file that arrived: what it is, and so which view takes it, is known soon.
    looking: Option<Job<(PathBuf, Result<Card>)>>,
}

#[derive(Debug, Default)]
struct Views {
    arithmetic: arithmetic::Arithmetic,
    map: map::MapView,
    sheet: sheet::SheetView,
    origin: origin::OriginView,
    spaces: spaces::SpacesView,
}

impl Views {
    fn get(&self, name: ViewName) -> &dyn View<Desk> {
        match name {
            ViewName::Arithmetic => &self.arithmetic,
            ViewName::Map => &self.map,
            ViewName::OwnDimensions => &self.sheet,
            ViewName::Origin => &self.origin,
            ViewName::Spaces => &self.spaces,
        }
    }

    fn get_mut(&mut self, name: ViewName) -> &mut dyn View<Desk> {
        match name {
            ViewName::Arithmetic => &mut self.arithmetic,
            ViewName::Map => &mut self.map,
            ViewName::OwnDimensions => &mut self.sheet,
            ViewName::Origin => &mut self.origin,
            ViewName::Spaces => &mut self.spaces,
        }
    }
}

impl EmbeddingsTab {
    /// The chapter. It opens the vectors that ship when it is first shown.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The words nearest to the answer of the arithmetic, and whether each is struck out; `None` while
    /// it is being found.
    #[must_use]
    pub fn nearest(&self) -> Option<Vec<(String, bool)>> {
        let is_settled = self.desk.sets.space().is_some()
            && self.desk.sets.progress().is_none()
            && self.views.arithmetic.is_settled();
        is_settled.then(|| self.views.arithmetic.nearest())
    }

    /// Writes a path into the question where to save, while it is asked.
    pub fn set_save_path(&mut self, path: &str) {
        self.views.arithmetic.set_save_path(path);
    }

    fn view(&self) -> &dyn View<Desk> {
        self.views.get(self.shown)
    }

    /// Opens a file in the view that takes it, once it is known what it is.
    fn poll_looking(&mut self, cx: &mut TabContext<'_>) {
        let Some(job) = &mut self.looking else {
            return;
        };
        let looked = job.poll().pop();
        if job.is_running() && looked.is_none() {
            return;
        }
        cx.notices.extend(job.take_failure().map(Notice::Refused));
        self.looking = None;
        match looked {
            Some((path, Ok(card))) => {
                if let Some((name, _)) = self.taker(&card) {
                    self.shown = name;
                    self.views.get_mut(name).open(path, &mut self.desk, cx);
                }
            }
            Some((_, Err(refusal))) => cx.notices.push(Notice::Refused(refusal)),
            None => {}
        }
    }

    /// The view that takes such a file: the shown one if it does, else the first that does.
    fn taker(&self, card: &Card) -> Option<(ViewName, String)> {
        let mut names = std::iter::once(self.shown).chain(ViewName::ALL);
        names.find_map(|name| Some((name, self.views.get(name).accepts(card)?)))
    }
}

impl Tab for EmbeddingsTab {
    fn name(&self) -> &'static str {
        "Embeddings"
    }

    fn icon(&self) -> Icon {
        Icon::Arrows
    }

    fn poll(&mut self, cx: &mut TabContext<'_>) {
        self.poll_looking(cx);
        self.desk.sets.poll(cx);
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
        let looking = self.looking.as_ref().map(|_| Progress {
            label: "Looking at the file".into(),
            fraction: None,
        });
        let mut names = std::iter::once(self.shown).chain(ViewName::ALL);
        let at_work = || names.find_map(|name| self.views.get(name).progress());
        looking
            .or_else(|| self.desk.sets.progress())
            .or_else(at_work)
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
            Ok(job) => self.looking = Some(job),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    fn save(&self) -> Value {
        json!({
            "shown": self.shown,
            "vectors": self.desk.sets.path(),
            "arithmetic": self.views.arithmetic.save(),
            "map": self.views.map.save(),
            "origin": self.views.origin.save(),
            "spaces": self.views.spaces.save(),
            "own_dimensions": self.views.sheet.save(),
        })
    }

    fn restore(&mut self, saved: &Value) {
        if let Ok(shown) = serde_json::from_value(saved["shown"].clone()) {
            self.shown = shown;
        }
        if let Ok(path) = serde_json::from_value(saved["vectors"].clone()) {
            self.desk.sets.restore(path);
        }
        self.views.arithmetic.restore(&saved["arithmetic"]);
        self.views.sheet.restore(&saved["own_dimensions"]);
        self.views.map.restore(&saved["map"]);
        self.views.origin.restore(&saved["origin"]);
        self.views.spaces.restore(&saved["spaces"]);
    }
}
