//! Other spaces: the arrows inside a language model, one word in two sentences, whole sentences.
//!
//! [`contextual`] draws the word layer by layer, [`sentences`] the sentences, [`table`] the model's own
//! vectors; the state and its jobs are here.

mod bench;
mod contextual;
mod sentences;
mod table;

use super::views::{Desk, View};
use crate::command::Command;
use crate::files::card::Card;
use crate::jobs::Job;
use crate::labs::embeddings::Space;
use crate::labs::embeddings::spaces::{Contextual, Question, compare, embedding_table};
use crate::labs::text::{LoadedText, Source, load};
use crate::refusal::{Refusal, Result};
use crate::tabs::{Notice, Progress, TabContext};
use crate::theme;
use eframe::egui::{self, Ui};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;

/// What the stage shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Page {
    /// One word in two sentences.
    #[default]
    Contextual,
    /// Sentences by averaged vectors.
    Sentences,
    /// The embedding table of a model.
    Table,
}

impl Page {
    const ALL: [(Self, &'static str, &'static str); 3] = [
        (
            Self::Contextual,
            "One word, two sentences",
            "Its vector inside a language model, layer by layer.",
        ),
        (
            Self::Sentences,
            "Sentences",
            "The mean of the words' vectors stands for the sentence.",
        ),
        (
            Self::Table,
            "A model's own table",
            "The vectors that a language model starts from, as a set of their own.",
        ),
    ];
}

/// What a job says.
#[derive(Debug)]
enum Message {
    Progress(String, f32),
    Loaded(Arc<LoadedText>),
    Compared(Question, Box<Contextual>),
    Table(Space),
    Refused(Refusal),
}

#[derive(Debug)]
struct Working {
    job: Job<Message>,
    label: String,
    fraction: f32,
}

/// The state of this view.
#[derive(Debug)]
pub(super) struct SpacesView {
    page: Page,
    source: Source,
    /// The path as it is typed.
    path: String,
    loaded: Option<(Source, Arc<LoadedText>)>,
    question: Question,
    compared: Option<(Question, Contextual)>,
    /// Asked already, with an answer or without.
    asked: Option<(Source, Question)>,
    working: Option<Working>,
    table: Option<(Source, Space)>,
    sentences: sentences::SentencesState,
    visited: bool,
}

impl Default for SpacesView {
    fn default() -> Self {
        Self {
            page: Page::default(),
            source: Source::Default,
            path: String::new(),
            loaded: None,
            question: contextual::example(0),
            compared: None,
            asked: None,
            working: None,
            table: None,
            sentences: sentences::SentencesState::default(),
            visited: false,
        }
    }
}

impl SpacesView {
    fn spawn(
        &mut self,
        name: &str,
        cx: &mut TabContext<'_>,
        work: impl FnOnce(crate::jobs::Emit<'_, Message>) -> Result<()> + Send + 'static,
    ) {
        let job = Job::spawn(name, Arc::clone(&cx.wake), move |emit| {
            if let Err(refusal) = work(emit) {
                _ = emit(Message::Refused(refusal));
            }
        });
        match job {
            Ok(job) => {
                self.working = Some(Working {
                    job,
                    label: "Beginning".into(),
                    fraction: 0.0,
                });
            }
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    /// Loads the model if it must, and compares.
    fn compare(&mut self, cx: &mut TabContext<'_>) {
        let (source, question) = (self.source.clone(), self.question.clone());
        self.asked = Some((source.clone(), question.clone()));
        let loaded = self.loaded.as_ref().filter(|(of, _)| *of == source);
        let loaded = loaded.map(|(_, loaded)| Arc::clone(loaded));
        let (folders, compute) = (cx.model_folders.to_vec(), cx.compute);
        self.spawn("compare a word", cx, move |emit| {
            let loaded = match loaded {
                Some(loaded) => loaded,
                None => load(&source, &folders, compute, &mut |progress| {
                    emit(Message::Progress(progress.label, progress.fraction))
                })?,
            };
            if emit(Message::Loaded(Arc::clone(&loaded))).is_break() {
                return Ok(());
            }
            let found = compare(&loaded, &question, &mut |part| {
                emit(Message::Progress("Reading the sentences".into(), part))
            })?;
            if let Some(found) = found {
                _ = emit(Message::Compared(question, Box::new(found)));
            }
            Ok(())
        });
    }

    /// Takes the table out of the model.
    fn take_table(&mut self, cx: &mut TabContext<'_>) {
        let source = self.source.clone();
        let folders = cx.model_folders.to_vec();
        self.spawn("read a table", cx, move |emit| {
            let space = embedding_table(&source, &folders, &mut |part| {
                emit(Message::Progress("Reading the table".into(), part))
            })?;
            _ = emit(Message::Table(space));
            Ok(())
        });
    }

    fn poll_work(&mut self, cx: &mut TabContext<'_>) {
        let Some(working) = &mut self.working else {
            return;
        };
        for message in working.job.poll() {
            match message {
                Message::Progress(label, fraction) => {
                    working.label = label;
                    working.fraction = fraction;
                }
                Message::Loaded(loaded) => self.loaded = Some((self.source.clone(), loaded)),
                Message::Compared(question, found) => self.compared = Some((question, *found)),
                Message::Table(space) => self.table = Some((self.source.clone(), space)),
                Message::Refused(refusal) => cx.notices.push(Notice::Refused(refusal)),
            }
        }
        if !working.job.is_running() {
            let failure = working.job.take_failure();
            cx.notices.extend(failure.map(Notice::Refused));
            self.working = None;
        }
    }

    fn choose(&mut self, source: Source) {
        if let Some(working) = self.working.take() {
            working.job.stop();
        }
        self.source = source;
    }
}

impl View<Desk> for SpacesView {
    fn poll(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.poll_work(cx);
        if !self.visited {
            return;
        }
        let asked = (self.source.clone(), self.question.clone());
        let is_first = self.asked.is_none() || self.asked.as_ref().is_some_and(|a| a.0 != asked.0);
        if self.page == Page::Contextual && is_first && self.working.is_none() {
            self.compare(cx);
        }
        self.sentences.poll(desk, cx);
    }

    fn title(&self, _desk: &Desk) -> String {
        match self.page {
            Page::Contextual => match &self.loaded {
                Some((_, loaded)) => {
                    format!(
                        "“{}” in two sentences, inside {}",
                        self.question.word, loaded.name
                    )
                }
                None => format!("“{}” in two sentences", self.question.word),
            },
            Page::Sentences => "Sentences by the mean of their words".into(),
            Page::Table => "The vectors a language model starts from".into(),
        }
    }

    fn stage(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.visited = true;
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = theme::size::HALF;
            for (page, label, hint) in Page::ALL {
                let button = egui::Button::selectable(self.page == page, label);
                let button = ui.add(button.frame_when_inactive(true));
                if button.on_hover_text(hint).clicked() {
                    self.page = page;
                }
            }
        });
        ui.add_space(theme::size::GRID);
        if let Some(working) = &self.working {
            let weak = theme::palette(ui.ctx()).text_weak;
            ui.horizontal(|ui| {
                ui.label(egui::RichText::new(&working.label).small().color(weak));
                let bar = ui.add(egui::ProgressBar::new(working.fraction).desired_height(6.0));
                ui.ctx()
                    .accesskit_node_builder(bar.id, |node| node.set_label("Progress of the model"));
            });
        }
        match self.page {
            Page::Contextual => contextual::show(self, ui, cx),
            Page::Sentences => {
                desk.sets.need(cx);
                sentences::show(&mut self.sentences, ui, desk);
            }
            Page::Table => table::show(self, ui, desk, cx),
        }
    }

    fn bench(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        bench::show(self, ui, desk, cx);
    }

    fn progress(&self) -> Option<Progress> {
        let working = self.working.as_ref()?;
        Some(Progress {
            label: working.label.clone(),
            fraction: Some(working.fraction),
        })
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some(["Compare", "Read both sentences with the model."])
    }

    fn can(&self, command: Command, _desk: &Desk) -> bool {
        match command {
            Command::Run => self.working.is_none() && self.page == Page::Contextual,
            Command::Stop => self.working.is_some(),
            _ => false,
        }
    }

    fn command(&mut self, command: Command, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        match (command, &self.working) {
            (Command::Run, _) => self.compare(cx),
            (Command::Stop, Some(working)) => working.job.stop(),
            _ => {}
        }
    }

    fn accepts(&self, card: &Card) -> Option<String> {
        (card.kind == "language model").then(|| "look at the vectors inside it".into())
    }

    fn open(&mut self, path: PathBuf, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        self.path = path.to_string_lossy().into_owned();
        self.choose(Source::Path(path));
    }

    fn save(&self) -> Value {
        json!({ "word": self.question.word, "sentences": self.question.sentences })
    }

    fn restore(&mut self, saved: &Value) {
        let word = serde_json::from_value(saved["word"].clone());
        let sentences = serde_json::from_value(saved["sentences"].clone());
        if let (Ok(word), Ok(sentences)) = (word, sentences) {
            self.question = Question { word, sentences };
        }
    }
}
