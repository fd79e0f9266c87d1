//! The model of the chapter: the one that answers, and the one that is being loaded behind it.

use crate::jobs::Job;
use crate::labs::text::{LARGE, LoadProgress, LoadedText, Source, is_present, load};
use crate::refusal::{Refusal, Result};
use crate::tabs::{Progress, TabContext};
use std::path::PathBuf;
use std::sync::Arc;

/// What a loading job says.
#[derive(Debug)]
enum Event {
    Progress(LoadProgress),
    Done(Result<Arc<LoadedText>>),
}

/// The model in use and the one on its way. A new one takes over only when it is whole.
#[derive(Debug, Default)]
pub(super) struct ModelSlot {
    current: Option<Arc<LoadedText>>,
    loading: Option<(Source, Job<Event>)>,
    progress: Option<LoadProgress>,
    refused: Option<Refusal>,
    /// Whether the larger model was looked for and is not on this machine.
    lacks_large: bool,
}

impl ModelSlot {
    /// The model that answers now.
    pub(super) fn current(&self) -> Option<&Arc<LoadedText>> {
        self.current.as_ref()
    }

    /// Why the last model asked for was refused.
    pub(super) fn refused(&self) -> Option<&Refusal> {
        self.refused.as_ref()
    }

    /// Loads the model that answers first, where nothing else was asked for yet.
    pub(super) fn begin(&mut self, cx: &mut TabContext<'_>) {
        if self.current.is_none() && self.loading.is_none() && self.refused.is_none() {
            self.lacks_large = !is_present(LARGE, cx.model_folders);
            self.load(Source::Default, cx);
        }
    }

    /// Whether the larger model is on this machine.
    pub(super) fn has_large(&self) -> bool {
        !self.lacks_large
    }

    /// Starts loading; the model in use goes on answering.
    pub(super) fn load(&mut self, source: Source, cx: &mut TabContext<'_>) {
        let (compute, folders) = (cx.compute, cx.model_folders.to_vec());
        let wanted = source.clone();
        let job = Job::spawn("load the text model", cx.wake.clone(), move |emit| {
            let mut progress = |progress| emit(Event::Progress(progress));
            let loaded = load(&wanted, &folders, compute, &mut progress);
            _ = emit(Event::Done(loaded));
        });
        match job {
            Ok(job) => {
                self.refused = None;
                self.progress = None;
                self.loading = Some((source, job));
            }
            Err(refusal) => self.refuse(refusal, cx),
        }
    }

    /// Opens a file as the model.
    pub(super) fn open(&mut self, path: PathBuf, cx: &mut TabContext<'_>) {
        self.load(Source::Path(path), cx);
    }

    /// Takes what the job sent. True when a new model took over.
    pub(super) fn poll(&mut self, cx: &mut TabContext<'_>) -> bool {
        let Some((_, job)) = &mut self.loading else {
            return false;
        };
        let mut done = None;
        for event in job.poll() {
            match event {
                Event::Progress(progress) => self.progress = Some(progress),
                Event::Done(result) => done = Some(result),
            }
        }
        let failure = job.take_failure();
        if done.is_none() && job.is_running() {
            return false;
        }
        self.loading = None;
        match (done, failure) {
            (Some(Ok(loaded)), _) => {
                self.current = Some(loaded);
                true
            }
            (Some(Err(refusal)), _) | (None, Some(refusal)) => {
                self.refuse(refusal, cx);
                false
            }
            (None, None) => false,
        }
    }

    fn refuse(&mut self, refusal: Refusal, cx: &mut TabContext<'_>) {
        cx.notices
            .push(crate::tabs::Notice::Refused(refusal.clone()));
        self.refused = Some(refusal);
    }

    /// How far loading is, while it is.
    pub(super) fn progress(&self) -> Option<Progress> {
        let (source, _) = self.loading.as_ref()?;
        let name = match source {
            Source::Default => "the language model".into(),
            Source::Named(name) => name.clone(),
            Source::Path(path) => path
                .file_name()
                .map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        };
        let label = self.progress.as_ref().map(|p| p.label.clone());
        Some(Progress {
            label: label.unwrap_or_else(|| format!("Loading {name}")),
            fraction: self.progress.as_ref().map(|p| p.fraction),
        })
    }
}
