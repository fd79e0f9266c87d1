//! The whole text: where it comes from, what was learned from it, and the job that sets GPT-2
//! beside it. The learning itself is [`super::training`].

use super::saving::Vocabulary;
use super::training::{Trained, Training};
use super::words::counted;
use crate::jobs::Job;
use crate::labs::bpe_learning::compare::{Compared, compare, stories};
use crate::labs::bpe_learning::{Recipe, read};
use crate::labs::tokenizer::Tokenizer;
use crate::refusal::Result;
use crate::tabs::{Notice, Progress, TabContext};
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::sync::Arc;

/// How many merges can be asked for.
pub(super) const N_MERGES: RangeInclusive<usize> = 100..=100_000;

/// The sizes that one click chooses.
pub(super) const COMMON_N_MERGES: [usize; 3] = [1000, 8000, 32_000];

/// How long the built-in text is.
const STORIES_BYTES: usize = 2_000_000;

/// Where the text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// Little stories that Glassbox writes by itself.
    Stories,
    /// A file.
    File(PathBuf),
}

impl Source {
    /// What people call it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Stories => "little stories".into(),
            Self::File(path) => path
                .file_name()
                .unwrap_or(path.as_os_str())
                .to_string_lossy()
                .into_owned(),
        }
    }

    pub(super) fn read(&self) -> Result<String> {
        match self {
            Self::Stories => Ok(stories(STORIES_BYTES)),
            Self::File(path) => read(path),
        }
    }
}

/// What to learn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct WholeRecipe {
    pub n_merges: usize,
    pub split: String,
}

impl Default for WholeRecipe {
    fn default() -> Self {
        Self {
            n_merges: 8000,
            split: "gpt2".into(),
        }
    }
}

/// What the comparing job says.
#[derive(Debug)]
enum Beside {
    Bytes(usize),
    Done(Result<Compared>),
}

/// The whole text and what is learned from it.
#[derive(Debug, Default)]
pub(super) struct Whole {
    pub recipe: WholeRecipe,
    /// The path as it is typed.
    pub path: String,
    source: Option<Source>,
    training: Option<Training>,
    trained: Option<Arc<Trained>>,
    comparing: Option<(Job<Beside>, usize)>,
    compared: Option<Compared>,
    choosing: Option<Job<PathBuf>>,
    wanted: Option<Arc<Tokenizer>>,
}

impl Whole {
    /// Learns from this file next.
    pub(super) fn take_file(&mut self, path: PathBuf) {
        self.path = path.to_string_lossy().into_owned();
        self.source = Some(Source::File(path));
    }

    /// Learns from the built-in stories next.
    pub(super) fn take_stories(&mut self) {
        self.path.clear();
        self.source = Some(Source::Stories);
    }

    /// The path that was typed becomes the source.
    pub(super) fn take_typed(&mut self) {
        let path = self.path.trim();
        if !path.is_empty() {
            self.source = Some(Source::File(PathBuf::from(path)));
        }
    }

    /// Opens the system's dialog on a thread of its own.
    pub(super) fn choose(&mut self, cx: &mut TabContext<'_>) {
        let job = Job::spawn("choose a text", cx.wake.clone(), |emit| {
            let dialog = rfd::FileDialog::new().set_title("Choose a text to learn from");
            if let Some(path) = dialog.pick_file() {
                _ = emit(path);
            }
        });
        self.choosing = job.ok();
    }

    /// Starts learning; what was learned before stays until this is done.
    pub(super) fn train(&mut self, cx: &mut TabContext<'_>) {
        let Some(source) = self.source.clone() else {
            return;
        };
        let recipe = Recipe {
            n_merges: self
                .recipe
                .n_merges
                .clamp(*N_MERGES.start(), *N_MERGES.end()),
            split: self.recipe.split.clone(),
            ties_as_tokenizers: true,
        };
        match Training::start(source, recipe, cx) {
            Ok(training) => {
                self.comparing = None;
                self.training = Some(training);
            }
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    /// Stops what runs; what was learned is kept.
    pub(super) fn stop(&mut self) {
        if let Some(training) = &mut self.training {
            training.stop();
        } else if let Some((job, _)) = self.comparing.take() {
            job.stop();
        }
    }

    /// Takes what the jobs sent.
    pub(super) fn poll(&mut self, cx: &mut TabContext<'_>) {
        if let Some(job) = &mut self.choosing {
            let chosen = job.poll();
            if !job.is_running() {
                self.choosing = None;
            }
            if let Some(path) = chosen.into_iter().last() {
                self.take_file(path);
            }
        }
        self.poll_training(cx);
        self.poll_comparing(cx);
    }

    fn poll_training(&mut self, cx: &mut TabContext<'_>) {
        let Some(training) = &mut self.training else {
            return;
        };
        let Some(result) = training.poll() else {
            return;
        };
        self.training = None;
        match result {
            Ok(Some(trained)) => {
                self.trained = Some(Arc::new(trained));
                self.compared = None;
                self.compare(cx);
            }
            Ok(None) => cx.notices.push(Notice::Done(
                "Stopped before the first merge: nothing was learned.".into(),
            )),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    /// Sets GPT-2 beside what was learned, on the same text.
    pub(super) fn compare(&mut self, cx: &mut TabContext<'_>) {
        let Some(trained) = self.trained.clone() else {
            return;
        };
        let job = Job::spawn("compare with GPT-2", cx.wake.clone(), move |emit| {
            let Some(gpt2) = Tokenizer::built_in("gpt2") else {
                return;
            };
            let (text, learned) = (&trained.text, &trained.outcome.learned);
            let done = gpt2
                .map(|gpt2| compare(text, learned, &gpt2, &mut |n| emit(Beside::Bytes(n))))
                .transpose();
            if let Some(done) = done {
                _ = emit(Beside::Done(done));
            }
        });
        self.comparing = job.ok().map(|job| (job, 0));
    }

    fn poll_comparing(&mut self, cx: &mut TabContext<'_>) {
        let Some((job, n_bytes)) = &mut self.comparing else {
            return;
        };
        for event in job.poll() {
            match event {
                Beside::Bytes(n) => *n_bytes = n,
                Beside::Done(Ok(compared)) => self.compared = Some(compared),
                Beside::Done(Err(refusal)) => cx.notices.push(Notice::Refused(refusal)),
            }
        }
        if !job.is_running() {
            cx.notices.extend(job.take_failure().map(Notice::Refused));
            self.comparing = None;
        }
    }

    /// What is learned from next.
    pub(super) fn source(&self) -> Option<&Source> {
        self.source.as_ref()
    }

    /// Learning that is going on.
    pub(super) fn training(&self) -> Option<&Training> {
        self.training.as_ref()
    }

    /// What was learned.
    pub(super) fn trained(&self) -> Option<&Arc<Trained>> {
        self.trained.as_ref()
    }

    /// GPT-2 on the same text.
    pub(super) fn compared(&self) -> Option<&Compared> {
        self.compared.as_ref()
    }

    /// Whether GPT-2 is being set beside it.
    pub(super) fn is_comparing(&self) -> bool {
        self.comparing.is_some()
    }

    /// Whether Train would do something.
    pub(super) fn can_train(&self) -> bool {
        self.source.is_some() && !self.is_at_work()
    }

    /// Whether something runs.
    pub(super) fn is_at_work(&self) -> bool {
        self.training.is_some() || self.comparing.is_some()
    }

    /// The learned vocabulary, to be written to a file.
    pub(super) fn to_save(&self) -> Option<Vocabulary> {
        let outcome = &self.trained.as_ref()?.outcome;
        Some(Arc::new((outcome.learned.clone(), outcome.split)))
    }

    /// The learned vocabulary is to be encoded with.
    pub(super) fn want_to_encode(&mut self) {
        self.wanted = self.trained.as_ref().map(|t| Arc::clone(&t.tokenizer));
    }

    /// The vocabulary to encode with, once.
    pub(super) fn take_wanted(&mut self) -> Option<Arc<Tokenizer>> {
        self.wanted.take()
    }

    /// How far the work is.
    pub(super) fn progress(&self) -> Option<Progress> {
        if let Some(training) = &self.training {
            return Some(training.progress());
        }
        let ((_, n_bytes), trained) = (self.comparing.as_ref()?, self.trained.as_ref()?);
        Some(Progress {
            label: "Setting GPT-2 beside it".into(),
            fraction: Some(*n_bytes as f32 / trained.text.len().max(1) as f32),
        })
    }

    /// What you are looking at.
    pub(super) fn title(&self) -> String {
        match (&self.training, &self.trained) {
            (Some(training), _) => format!("Learning a vocabulary from {}", training.name),
            (None, Some(trained)) => {
                let n_tokens = trained.outcome.learned.tokens.len() as u64;
                format!(
                    "A vocabulary of {} from {}",
                    counted(n_tokens, "token"),
                    trained.name
                )
            }
            (None, None) => "Learning a vocabulary from a whole text".into(),
        }
    }
}
