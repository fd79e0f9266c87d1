//! Going on tomorrow: a training is written to disk and opened again; a folder of pictures is taken.

use super::LearningView;
use super::setup::{From, Setup};
use crate::files::card::Card;
use crate::jobs::Job;
use crate::labs::diffusion::KIND_KEY;
use crate::labs::diffusion::training::{Checkpoint, Recipe, Source, State, TRAINING_KIND};
use crate::refusal::{Refusal, Result};
use crate::tabs::parts::caption;
use crate::tabs::saving::{Document, Saving};
use crate::tabs::{Notice, TabContext};
use eframe::egui::{Button, Ui};
use std::path::PathBuf;
use std::sync::Arc;

/// What a training's file ends with.
const ENDING: &str = "checkpoint";

/// What is being written or read.
#[derive(Debug, Default)]
pub(super) struct Keeping {
    saving: Saving,
    opening: Option<Job<Result<Checkpoint>>>,
}

impl Keeping {
    /// Whether a training of another day is being read.
    pub(super) fn is_opening(&self) -> bool {
        self.opening.is_some()
    }

    /// The question where to save, while it is asked.
    pub(super) fn show(&mut self, ui: &mut Ui, cx: &mut TabContext<'_>) {
        self.saving.show(ui, cx);
    }
}

/// What this view would do with a file or a folder.
pub(super) fn accepts(card: &Card) -> Option<String> {
    let is_training = |(key, value): &(String, String)| key == KIND_KEY && value == TRAINING_KIND;
    if card.kind.starts_with("folder of ") {
        Some("learn to draw such pictures out of noise".into())
    } else if card.metadata.iter().any(is_training) {
        Some("go on with this training".into())
    } else {
        None
    }
}

/// Opens what was accepted.
pub(super) fn open(view: &mut LearningView, path: PathBuf, cx: &mut TabContext<'_>) {
    // A folder was told from a file when its card was made; only a training's file has an ending.
    if path.extension().is_some_and(|ending| ending == ENDING) {
        let job = Job::spawn("open a training", Arc::clone(&cx.wake), move |emit| {
            _ = emit(Checkpoint::read(&path));
        });
        match job {
            Ok(job) => view.keeping.opening = Some(job),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
        return;
    }
    view.setup.from = From::Folder;
    view.setup.folder = path.to_string_lossy().into_owned();
    if view.film.newest().is_none() && view.training.is_none() {
        view.start_anew(cx);
    } else {
        let words = "The folder is chosen: “Start anew” learns from it.";
        cx.notices.push(Notice::Done(words.into()));
    }
}

/// Takes what came back from the disk.
pub(super) fn poll(view: &mut LearningView, cx: &mut TabContext<'_>) {
    view.keeping.saving.poll(cx);
    let Some(job) = &mut view.keeping.opening else {
        return;
    };
    let opened = job.poll().pop();
    if !job.is_running() {
        cx.notices.extend(job.take_failure().map(Notice::Refused));
        view.keeping.opening = None;
    }
    match opened {
        Some(Ok(checkpoint)) => go_on_with(view, checkpoint, cx),
        Some(Err(refusal)) => cx.notices.push(Notice::Refused(refusal)),
        None => {}
    }
}

/// A training of another day goes on.
fn go_on_with(view: &mut LearningView, checkpoint: Checkpoint, cx: &mut TabContext<'_>) {
    let Checkpoint { recipe, state } = checkpoint;
    let (from, folder) = match &recipe.source {
        Source::Faces | Source::FacesFolder(_) => (From::Faces, String::new()),
        Source::Digits => (From::Digits, String::new()),
        Source::Folder(path) => (From::Folder, path.to_string_lossy().into_owned()),
        Source::Phrases(_) => {
            cx.notices.push(Notice::Refused(not_of_pictures()));
            return;
        }
    };
    view.setup = Setup {
        from,
        folder,
        side: recipe.side,
        seed: recipe.seed,
        settings: recipe.settings.clone(),
        ..view.setup.clone()
    }
    .checked();
    view.forget();
    view.recipe = Some(recipe);
    view.start(Some(Arc::new(state)), cx);
}

fn not_of_pictures() -> Refusal {
    Refusal::unchanged(
        "This training is one of sounds",
        "Its checkpoint says that it learns from spectrograms of phrases.",
        "Go on with it on the command line: `glassbox train sound --resume CHECKPOINT -o PATH`.",
    )
}

/// The part of the bench that writes trainings, and says how they are opened.
pub(super) fn bench(view: &mut LearningView, ui: &mut Ui) {
    let kept = view.what_to_keep();
    let hint = "Write all that going on needs (.checkpoint), and beside it the network for use (.safetensors).";
    let save = ui.add_enabled(kept.is_some(), Button::new("Save the training…"));
    if save.on_hover_text(hint).clicked()
        && let Some((recipe, state)) = kept
    {
        view.keeping.saving.ask(document(recipe, state));
    }
    caption(
        ui,
        "To go on tomorrow, drop the .checkpoint on the window. Drop the .safetensors, and the other views draw with your network.",
    );
}

/// What is written, and how.
fn document(recipe: Recipe, state: Arc<State>) -> Document {
    Document {
        heading: "Save the training".into(),
        file_name: "glassbox-diffusion.checkpoint".into(),
        kind: Some(["training", ENDING]),
        write: Arc::new(move |path| {
            let checkpoint = Checkpoint {
                recipe: recipe.clone(),
                state: State::clone(&state),
            };
            checkpoint.write(&path.with_extension("")).map(drop)
        }),
    }
}

impl LearningView {
    /// Writes the path, while it is asked where to save.
    pub(in crate::tabs::images) fn set_save_path(&mut self, path: &str) {
        self.keeping.saving.set_path(path);
    }

    /// The newest network, with what it was trained by.
    fn what_to_keep(&self) -> Option<(Recipe, Arc<State>)> {
        let newest = || self.film.state_of(self.film.newest()?);
        let state = self.last.clone().or_else(newest)?;
        let recipe = Recipe {
            settings: self.setup.settings.clone(),
            ..self.recipe.clone()?
        };
        Some((recipe, state))
    }
}
