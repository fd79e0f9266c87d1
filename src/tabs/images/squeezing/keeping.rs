//! Going on tomorrow: a training is written to disk and opened again, or its network alone. And a picture
//! of one's own joins those that can be squeezed.

use super::SqueezingView;
use super::making::Made;
use super::setup::{Setup, Which};
use crate::files::card::Card;
use crate::jobs::Job;
use crate::labs::autoencoder::{
    Checkpoint, KIND, KIND_KEY, Opened, Pictures, Recipe, State, TRAINING_KIND, open, own_picture,
};
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

/// Pictures of an opened network that the strip shows.
const N_SHOWN: usize = 8;

/// What is being read.
#[derive(Debug, Default)]
pub(super) struct Keeping {
    opening: Option<Job<Result<Kept>>>,
    /// The picture that was dropped.
    own: Option<PathBuf>,
    fitting: Option<Job<(Which, Result<Pictures>)>>,
}

/// What was opened.
#[derive(Debug)]
enum Kept {
    /// A training, to go on with.
    Training(Box<Checkpoint>),
    /// A network alone, and the name of its file.
    Network(Box<Opened>, String),
}

impl Keeping {
    /// Whether a training of another day is being read.
    pub(super) fn is_opening(&self) -> bool {
        self.opening.is_some()
    }

    /// What the picture of one's own is called.
    pub(super) fn own_name(&self) -> Option<String> {
        let name = self.own.as_ref()?.file_name()?;
        Some(name.to_string_lossy().into_owned())
    }
}

/// Whether a file says that it is of this kind.
fn is(card: &Card, kind: &str) -> bool {
    let says = |(key, value): &(String, String)| key == KIND_KEY && value == kind;
    card.metadata.iter().any(says)
}

impl SqueezingView {
    /// Writes the path, while it is asked where to save.
    pub(in crate::tabs::images) fn set_save_path(&mut self, path: &str) {
        self.saving.set_path(path);
    }

    /// What this view would do with a file.
    pub(super) fn accepted(&self, card: &Card) -> Option<String> {
        let is_picture = card.kind == "picture" && card.format != "GIF";
        let has_network = self.here().and_then(Made::here).is_some();
        if is(card, TRAINING_KIND) {
            Some("go on with this training of an autoencoder".into())
        } else if is(card, KIND) {
            Some("squeeze pictures with this autoencoder".into())
        } else if is_picture && has_network {
            Some("squeeze this picture".into())
        } else {
            None
        }
    }

    /// Opens what was accepted.
    pub(super) fn open_kept(&mut self, card: &Card, cx: &mut TabContext<'_>) {
        let path = card.path.clone();
        let is_training = is(card, TRAINING_KIND);
        if !is_training && !is(card, KIND) {
            self.keeping.own = Some(path);
            self.keeping.fitting = None;
            self.made.values_mut().for_each(Made::forget_own);
            self.fit_own(cx);
            return;
        }
        let job = Job::spawn("open an autoencoder", Arc::clone(&cx.wake), move |emit| {
            let kept = if is_training {
                Checkpoint::read(&path).map(|kept| Kept::Training(Box::new(kept)))
            } else {
                let name = path.file_name().unwrap_or_default();
                let name = name.to_string_lossy().into_owned();
                open(&path, N_SHOWN).map(|opened| Kept::Network(Box::new(opened), name))
            };
            _ = emit(kept);
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
            Some(Ok(Kept::Training(checkpoint))) => self.go_on_with(*checkpoint, cx),
            Some(Ok(Kept::Network(opened, name))) => self.use_network(*opened, &name),
            Some(Err(refusal)) => cx.notices.push(Notice::Refused(refusal)),
            None => {}
        }
    }

    /// Puts a network of another day on the stage.
    fn use_network(&mut self, opened: Opened, name: &str) {
        self.training = None;
        let about = opened.squeezer.about();
        let (from, folder) = From::of(&opened.source);
        self.setup = Setup {
            from,
            folder,
            d_code: about.config.d_code,
            ..self.setup.clone()
        };
        self.choose_which(|_| {});
        let recipe = Recipe {
            d_code: about.config.d_code,
            side: about.config.side,
            width: about.config.width,
            ..Recipe::new(opened.source.clone())
        };
        self.n_frames += 1;
        let words = format!("{name}: {}", opened.learned_from);
        let made = Made::opened(recipe, opened, self.n_frames, words);
        self.made.insert(self.setup.which(), made);
    }

    /// Has the picture of one's own made as the network on the stage sees pictures, where it is not yet.
    pub(super) fn fit_own(&mut self, cx: &mut TabContext<'_>) {
        let which = self.setup.which();
        let Some(made) = self.here() else { return };
        let is_there = made.own.is_some() || made.prepared.is_none();
        let (Some(path), Some(frame)) = (&self.keeping.own, made.here()) else {
            return;
        };
        if is_there || self.keeping.fitting.is_some() {
            return;
        }
        let (path, squeezer) = (path.clone(), Arc::clone(&frame.squeezer));
        let job = Job::spawn("open a picture", Arc::clone(&cx.wake), move |emit| {
            _ = emit((which, own_picture(&path, &squeezer)));
        });
        match job {
            Ok(job) => self.keeping.fitting = Some(job),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    /// The picture of one's own joins those of its network, and goes on the stage.
    pub(super) fn poll_own(&mut self, cx: &mut TabContext<'_>) {
        self.fit_own(cx);
        let Some(job) = &mut self.keeping.fitting else {
            return;
        };
        let fitted = job.poll().pop();
        if !job.is_running() {
            cx.notices.extend(job.take_failure().map(Notice::Refused));
            self.keeping.fitting = None;
        }
        match fitted {
            Some((which, Ok(picture))) => {
                let made = self.made.get_mut(&which);
                let joined = made.and_then(|made| made.join(&picture));
                if let Some(i) = joined.filter(|_| which == self.setup.which()) {
                    self.choose(i);
                }
            }
            Some((_, Err(refusal))) => {
                self.keeping.own = None;
                cx.notices.push(Notice::Refused(refusal));
            }
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
        "To go on tomorrow, drop the .checkpoint on the window; drop the .safetensors to use the network as it is. A picture that is dropped is squeezed too.",
    );
}
