//! Going on tomorrow: a training is written to disk and opened again; a folder of pictures is taken.

use super::{Course, Lesson};
use crate::files::card::Card;
use crate::jobs::Job;
use crate::labs::training::KIND_KEY;
use crate::refusal::Result;
use crate::tabs::images::learned_from::From;
use crate::tabs::parts::caption;
use crate::tabs::saving::{Document, Saving};
use crate::tabs::{Notice, TabContext};
use eframe::egui::{Button, Ui};
use std::sync::Arc;

/// What a training's file ends with.
const ENDING: &str = "checkpoint";

/// What a checkpoint holds.
type Kept<L> = (<L as Lesson>::Recipe, <L as Lesson>::State);

/// What is being written or read.
pub(super) struct Keeping<L: Lesson> {
    saving: Saving,
    opening: Option<Job<Result<Kept<L>>>>,
}

impl<L: Lesson> Default for Keeping<L> {
    fn default() -> Self {
        Self {
            saving: Saving::default(),
            opening: None,
        }
    }
}

impl<L: Lesson> Keeping<L> {
    /// Whether a training of another day is being read.
    pub(super) fn is_opening(&self) -> bool {
        self.opening.is_some()
    }
}

impl<L: Lesson> Course<L> {
    /// What the view would do with a file or a folder.
    pub(in crate::tabs::images) fn accepts(card: &Card) -> Option<String> {
        if card.kind.starts_with("folder of ") {
            Some(L::WORDS.folder.into())
        } else if Self::is_ours(card) {
            Some("go on with this training".into())
        } else {
            None
        }
    }

    fn is_ours(card: &Card) -> bool {
        let is_one = |(key, value): &(String, String)| key == KIND_KEY && value == L::KIND;
        card.metadata.iter().any(is_one)
    }

    /// Opens what was accepted.
    pub(in crate::tabs::images) fn open(
        &mut self,
        card: &Card,
        setup: &mut L::Setup,
        cx: &mut TabContext<'_>,
    ) {
        let path = card.path.clone();
        if Self::is_ours(card) {
            let job = Job::spawn("open a training", Arc::clone(&cx.wake), move |emit| {
                _ = emit(L::read(&path));
            });
            match job {
                Ok(job) => self.keeping.opening = Some(job),
                Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
            }
            return;
        }
        let (from, folder) = L::learned_from(setup);
        *from = From::Folder;
        *folder = path.to_string_lossy().into_owned();
        if self.film.newest().is_none() && self.training.is_none() {
            self.start_anew(setup, cx);
        } else {
            let words = "The folder is chosen: “Start anew” learns from it.";
            cx.notices.push(Notice::Done(words.into()));
        }
    }

    /// Takes what came back from the disk.
    pub(super) fn poll_keeping(&mut self, setup: &mut L::Setup, cx: &mut TabContext<'_>) {
        self.keeping.saving.poll(cx);
        let Some(job) = &mut self.keeping.opening else {
            return;
        };
        let opened = job.poll().pop();
        if !job.is_running() {
            cx.notices.extend(job.take_failure().map(Notice::Refused));
            self.keeping.opening = None;
        }
        match opened {
            Some(Ok((recipe, state))) => {
                *setup = L::chosen(&recipe, setup);
                self.forget();
                self.recipe = Some(recipe);
                self.start(Some(Arc::new(state)), setup, cx);
            }
            Some(Err(refusal)) => cx.notices.push(Notice::Refused(refusal)),
            None => {}
        }
    }

    /// The question where to save, while it is asked.
    pub(in crate::tabs::images) fn show_saving(&mut self, ui: &mut Ui, cx: &mut TabContext<'_>) {
        self.keeping.saving.show(ui, cx);
    }

    /// Writes the path, while it is asked where to save.
    pub(in crate::tabs::images) fn set_save_path(&mut self, path: &str) {
        self.keeping.saving.set_path(path);
    }

    /// The part of the bench that writes trainings, and says how they are opened.
    pub(in crate::tabs::images) fn keep(&mut self, setup: &L::Setup, ui: &mut Ui) {
        let kept = self.what_to_keep(setup);
        let hint = format!(
            "Write all that going on needs (.checkpoint), and beside it {} (.safetensors).",
            L::WORDS.beside
        );
        let save = ui.add_enabled(kept.is_some(), Button::new("Save the training…"));
        if save.on_hover_text(hint).clicked()
            && let Some((recipe, state)) = kept
        {
            self.keeping.saving.ask(Document {
                heading: "Save the training".into(),
                file_name: L::WORDS.file_name.into(),
                kind: Some(["training", ENDING]),
                write: Arc::new(move |path| L::write(&recipe, &state, &path.with_extension(""))),
            });
        }
        caption(ui, L::WORDS.tomorrow);
    }

    /// The newest network, with what it was trained by.
    fn what_to_keep(&self, setup: &L::Setup) -> Option<(L::Recipe, Arc<L::State>)> {
        let newest = || self.film.state_of(self.film.newest()?);
        let state = self.last.clone().or_else(newest)?;
        Some((L::resumed(setup, self.recipe.clone()?), state))
    }
}
