//! Going on tomorrow: a training is written to disk and opened again.

use super::SqueezingView;
use super::making::Made;
use super::setup::Setup;
use crate::files::card::Card;
use crate::jobs::Job;
use crate::labs::autoencoder::{Checkpoint, KIND_KEY, State, TRAINING_KIND};
use crate::refusal::Result;
use crate::tabs::images::learned_from::From;
use crate::tabs::parts::caption;
use crate::tabs::saving::Document;
use crate::tabs::{Notice, TabContext};
use eframe::egui::{Button, Ui};
use std::path::PathBuf;
use std::sync::Arc;

/// What a training's file ends with.
const ENDING: &str = "checkpoint";

/// What is being read.
#[derive(Debug, Default)]
pub(super) struct Keeping {
    opening: Option<Job<Result<Checkpoint>>>,
}

impl Keeping {
    /// Whether a training of another day is being read.
    pub(super) fn is_opening(&self) -> bool {
        self.opening.is_some()
    }
}

/// What this view would do with a file.
pub(super) fn accepts(card: &Card) -> Option<String> {
    let is_training = |(key, value): &(String, String)| key == KIND_KEY && value == TRAINING_KIND;
    let is = card.metadata.iter().any(is_training);
    is.then(|| "go on with this training of an autoencoder".into())
}

impl SqueezingView {
    /// Writes the path, while it is asked where to save.
    pub(in crate::tabs::images) fn set_save_path(&mut self, path: &str) {
        self.saving.set_path(path);
    }

    /// Opens a training.
    pub(super) fn open_kept(&mut self, path: PathBuf, cx: &mut TabContext<'_>) {
        let job = Job::spawn("open a training", Arc::clone(&cx.wake), move |emit| {
            _ = emit(Checkpoint::read(&path));
        });
        match job {
            Ok(job) => self.keeping.opening = Some(job),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    /// Takes what came back from the disk.
    pub(super) fn poll_keeping(&mut self, cx: &mut TabContext<'_>) {
        let Some(job) = &mut self.keeping.opening else {
            return;
        };
        let opened = job.poll().pop();
        if !job.is_running() {
            cx.notices.extend(job.take_failure().map(Notice::Refused));
            self.keeping.opening = None;
        }
        match opened {
            Some(Ok(checkpoint)) => self.go_on_with(checkpoint, cx),
            Some(Err(refusal)) => cx.notices.push(Notice::Refused(refusal)),
            None => {}
        }
    }

    /// A training of another day goes on.
    fn go_on_with(&mut self, checkpoint: Checkpoint, cx: &mut TabContext<'_>) {
        let Checkpoint { recipe, state } = checkpoint;
        let (from, folder) = From::of(&recipe.source);
        self.training = None;
        self.setup = Setup {
            from,
            folder,
            d_code: recipe.d_code,
            seed: recipe.seed,
            settings: recipe.settings.clone(),
            ..self.setup.clone()
        };
        let mut made = Made::new(recipe);
        made.state = Some(Arc::new(state));
        self.made.insert(self.setup.which(), made);
        self.press_run(cx);
    }
}

/// The part of the bench that writes trainings, and says how they are opened.
pub(super) fn bench(view: &mut SqueezingView, ui: &mut Ui) {
    let made = view.here();
    let kept = made.and_then(|made| {
        let squeezer = Arc::clone(&made.newest()?.squeezer);
        Some((
            made.recipe.clone(),
            Arc::clone(made.state.as_ref()?),
            squeezer,
        ))
    });
    let hint = "Write all that going on needs (.checkpoint), and beside it the network alone (.safetensors).";
    let button = ui.add_enabled(kept.is_some(), Button::new("Save the training…"));
    if button.on_hover_text(hint).clicked()
        && let Some((recipe, state, squeezer)) = kept
    {
        view.saving.ask(Document {
            heading: "Save the training".into(),
            file_name: format!("glassbox-autoencoder-{}.checkpoint", recipe.d_code),
            kind: Some(["training", ENDING]),
            write: Arc::new(move |path| {
                let checkpoint = Checkpoint {
                    recipe: recipe.clone(),
                    state: State::clone(&state),
                };
                let out = path.with_extension("");
                checkpoint.write(&squeezer, &out).map(drop)
            }),
        });
    }
    caption(
        ui,
        "To go on tomorrow, drop the .checkpoint on the window, or choose it with “Open…”.",
    );
}
