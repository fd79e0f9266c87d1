//! Text: a language model continues what a person writes, and is opened up down to every number.
//!
//! The views share one frame ([`views`]), one model ([`model_slot`]) and one text ([`text_at_hand`]): in
//! [`write`] the model writes on, token by token; the others look at what came before transformers, inside
//! one, and at what can be done with what it says.

mod attention;
mod cache;
mod choosing;
mod explain_panel;
mod explaining;
mod lens;
mod model_panel;
mod model_slot;
mod ngrams;
mod question;
mod second_model;
mod surgery;
mod surprise;
mod tables;
mod text_at_hand;
mod text_panel;
mod tracing;
mod two_models;
mod views;
mod walk;
mod write;

use crate::command::Command;
use crate::files::card::Card;
use crate::jobs::Job;
use crate::labs::text::LoadedText;
use crate::refusal::Result;
use crate::tabs::{Notice, Progress, StatusItem, Tab, TabContext, parts};
use crate::theme;
use crate::widgets::icon::Icon;
use eframe::egui;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use views::{Desk, View, ViewName};

/// The chapter of text.
#[derive(Debug, Default)]
pub struct TextTab {
    shown: ViewName,
    desk: Desk,
    views: Views,
    /// Files that are being looked at, to see whose they are.
    looking: Vec<Job<(PathBuf, Result<Card>)>>,
}

#[derive(Debug, Default)]
struct Views {
    write: write::WriteView,
    walk: walk::WalkView,
    attention: attention::AttentionView,
    lens: lens::LensView,
    surgery: surgery::SurgeryView,
    surprise: surprise::SurpriseView,
    two_models: two_models::TwoModelsView,
    cache: cache::CacheView,
    ngrams: ngrams::NgramsView,
    choosing: choosing::ChoosingView,
}

impl Views {
    fn get(&self, name: ViewName) -> &dyn View<Desk> {
        match name {
            ViewName::Write => &self.write,
            ViewName::Walk => &self.walk,
            ViewName::Attention => &self.attention,
            ViewName::Lens => &self.lens,
            ViewName::Surgery => &self.surgery,
            ViewName::Surprise => &self.surprise,
            ViewName::TwoModels => &self.two_models,
            ViewName::Cache => &self.cache,
            ViewName::Ngrams => &self.ngrams,
            ViewName::Choosing => &self.choosing,
        }
    }

    fn get_mut(&mut self, name: ViewName) -> &mut dyn View<Desk> {
        match name {
            ViewName::Write => &mut self.write,
            ViewName::Walk => &mut self.walk,
            ViewName::Attention => &mut self.attention,
            ViewName::Lens => &mut self.lens,
            ViewName::Surgery => &mut self.surgery,
            ViewName::Surprise => &mut self.surprise,
            ViewName::TwoModels => &mut self.two_models,
            ViewName::Cache => &mut self.cache,
            ViewName::Ngrams => &mut self.ngrams,
            ViewName::Choosing => &mut self.choosing,
        }
    }
}

impl TextTab {
    /// The chapter. It loads its model at the first poll.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many forward passes the model has made: moving a slider makes none.
    #[must_use]
    pub fn n_forward_passes(&self) -> u64 {
        let loaded = self.desk.model.current();
        loaded.map_or(0, |loaded| loaded.n_passes())
    }

    /// The text written after the prompt.
    #[must_use]
    pub fn text(&self) -> String {
        self.views.write.text()
    }

    /// How many tokens were written after the prompt.
    #[must_use]
    pub fn n_tokens(&self) -> usize {
        self.views.write.n_tokens()
    }

    /// Sets the most tokens of one answer.
    pub fn set_max_tokens(&mut self, max_tokens: usize) {
        self.views.write.set_max_tokens(max_tokens);
    }

    /// Writes a path into the question where to save, while it is asked.
    pub fn set_save_path(&mut self, path: &str) {
        self.views.write.set_save_path(path);
    }

    /// Whether an answer is being written.
    #[must_use]
    pub fn is_writing(&self) -> bool {
        self.views.write.is_writing()
    }

    fn view(&self) -> &dyn View<Desk> {
        self.views.get(self.shown)
    }

    /// Shows a view. What was written is what the others look at.
    fn show(&mut self, name: ViewName) {
        if self.shown == ViewName::Write
            && let Some(loaded) = self.desk.model.current()
            && let Some(ids) = self.views.write.ids()
        {
            self.desk.text.hear_written(loaded, &ids);
        }
        self.shown = name;
    }

    /// Looks at a file, to see whose it is.
    fn look_at(&mut self, path: PathBuf, cx: &mut TabContext<'_>) {
        let job = Job::spawn("look at a file", Arc::clone(&cx.wake), move |emit| {
            let card = Card::of(&path);
            _ = emit((path, card));
        });
        match job {
            Ok(job) => self.looking.push(job),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    /// Gives files that were looked at to whom they belong.
    fn hear_cards(&mut self, cx: &mut TabContext<'_>) {
        for mut job in std::mem::take(&mut self.looking) {
            for (path, card) in job.poll() {
                let card = card.ok();
                let taker = card.and_then(|card| Some((self.taker(&card)?.0, card)));
                match taker {
                    Some((name, card)) if name != ViewName::Write => {
                        let view = self.views.get_mut(name);
                        view.take(&card, &mut self.desk, cx);
                    }
                    // Who cannot read it says why.
                    _ => self.desk.model.open(path, cx),
                }
            }
            cx.notices.extend(job.take_failure().map(Notice::Refused));
            if job.is_running() {
                self.looking.push(job);
            }
        }
    }

    /// The view that takes such a file: the shown one if it does, else a model is the chapter's.
    fn taker(&self, card: &Card) -> Option<(ViewName, String)> {
        let mut names = [self.shown, ViewName::Write].into_iter();
        names.find_map(|name| Some((name, self.views.get(name).accepts(card)?)))
    }
}

impl Tab for TextTab {
    fn name(&self) -> &'static str {
        "Text"
    }

    fn icon(&self) -> Icon {
        Icon::Text
    }

    fn poll(&mut self, cx: &mut TabContext<'_>) {
        self.hear_cards(cx);
        self.desk.poll(cx);
        for name in ViewName::ALL {
            self.views.get_mut(name).poll(&mut self.desk, cx);
        }
        if let Some(wanted) = self.desk.wanted.take() {
            self.show(wanted);
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
                self.show(chosen);
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
        let is_open = self.shown.is_inside() && self.desk.explain.place().is_some();
        is_open || self.view().has_explain()
    }

    fn explain(&mut self, ui: &mut egui::Ui, cx: &mut TabContext<'_>) {
        let view = self.views.get_mut(self.shown);
        if view.has_explain() {
            view.explain(ui, &mut self.desk, cx);
        } else {
            let share = ui.ctx().content_rect().width() * 0.24;
            ui.set_min_width(share.clamp(240.0, 340.0));
            explain_panel::show(ui, &mut self.desk);
        }
    }

    fn status(&self) -> Vec<StatusItem> {
        self.view().status(&self.desk)
    }

    fn loaded_model(&self) -> Option<Arc<LoadedText>> {
        self.desk.model.current().cloned()
    }

    fn progress(&self) -> Option<Progress> {
        let mut names = std::iter::once(self.shown).chain(ViewName::ALL);
        let of_views = || names.find_map(|name| self.views.get(name).progress());
        self.desk.progress().or_else(of_views)
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
        match self.shown {
            ViewName::Surprise | ViewName::TwoModels => {
                let view = self.views.get_mut(self.shown);
                view.open(path, &mut self.desk, cx);
            }
            ViewName::Ngrams => self.look_at(path, cx),
            _ => self.desk.model.open(path, cx),
        }
    }

    fn save(&self) -> Value {
        let views = ViewName::ALL.map(|name| (name.key(), self.views.get(name).save()));
        let mut saved = serde_json::Map::from_iter(views);
        saved.insert("shown".into(), json!(self.shown));
        saved.insert("text".into(), self.desk.text.save());
        saved.into()
    }

    fn restore(&mut self, saved: &Value) {
        if let Ok(shown) = serde_json::from_value(saved["shown"].clone()) {
            self.shown = shown;
        }
        self.desk.text.restore(&saved["text"]);
        for name in ViewName::ALL {
            self.views.get_mut(name).restore(&saved[name.key()]);
        }
    }
}
