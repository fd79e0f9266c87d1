//! The vectors that every view of the chapter works with: the set in use, those used before, and the
//! one on its way. [`Sets::number`] changes whenever the set in use does.

#![allow(dead_code, reason = "the views that use the rest follow")]

use crate::jobs::Job;
use crate::labs::embeddings::{Set, Space};
use crate::refusal::Result;
use crate::tabs::{Notice, Progress, TabContext};
use std::path::PathBuf;

/// How many sets are kept to go back to; a large one is only mapped, a small one is small.
const MOST_KEPT: usize = 6;

#[derive(Debug)]
enum Opening {
    Progress(f32),
    Done(Result<Space>),
}

/// The sets of this chapter.
#[derive(Debug, Default)]
pub(super) struct Sets {
    /// The one in use stands last.
    kept: Vec<Space>,
    number: u64,
    opening: Option<(Job<Opening>, String, f32)>,
    /// The shipped set could not be opened: it is not tried again in every frame.
    failed: bool,
}

impl Sets {
    /// The set in use.
    pub(super) fn space(&self) -> Option<&Space> {
        self.kept.last()
    }

    /// A number that differs whenever the set in use does.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The names of all sets that can be used at once, the one in use last.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.kept.iter().map(|space| space.vectors().name())
    }

    /// Uses a set that was used before, by its place among [`Self::names`].
    pub(super) fn use_again(&mut self, i: usize) {
        if i + 1 < self.kept.len() {
            let space = self.kept.remove(i);
            self.take(space);
        }
    }

    /// Uses these vectors from now on.
    pub(super) fn take(&mut self, space: Space) {
        let name = space.vectors().name().to_owned();
        self.kept.retain(|kept| kept.vectors().name() != name);
        self.kept.push(space);
        let too_many = self.kept.len().saturating_sub(MOST_KEPT);
        self.kept.drain(..too_many);
        self.number += 1;
    }

    /// Opens the set that ships, unless there is one or one is on its way. Called by every view that
    /// needs vectors, in every frame.
    pub(super) fn need(&mut self, cx: &mut TabContext<'_>) {
        if self.kept.is_empty() && self.opening.is_none() && !self.failed {
            self.start(Set::Shipped, "the vectors that ship".into(), cx);
        }
    }

    /// Opens a file; what is in use stays until this one works.
    pub(super) fn open(&mut self, path: PathBuf, cx: &mut TabContext<'_>) {
        let name = path.file_name().unwrap_or(path.as_os_str());
        let name = name.to_string_lossy().into_owned();
        self.start(Set::File(path), name, cx);
    }

    fn start(&mut self, set: Set, name: String, cx: &mut TabContext<'_>) {
        let job = Job::spawn("open vectors", cx.wake.clone(), move |emit| {
            let space = Space::open_set(&set, &mut |part| emit(Opening::Progress(part)));
            _ = emit(Opening::Done(space));
        });
        match job {
            Ok(job) => self.opening = Some((job, name, 0.0)),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    /// Takes what a job sent.
    pub(super) fn poll(&mut self, cx: &mut TabContext<'_>) {
        let Some((job, _, fraction)) = &mut self.opening else {
            return;
        };
        let mut done = None;
        for event in job.poll() {
            match event {
                Opening::Progress(part) => *fraction = part,
                Opening::Done(space) => done = Some(space),
            }
        }
        let failure = job.take_failure().map(Err);
        let is_over = !job.is_running();
        let Some(done) = done.or(failure) else {
            if is_over {
                self.opening = None;
            }
            return;
        };
        self.opening = None;
        match done {
            Ok(space) => self.take(space),
            Err(refusal) => {
                self.failed |= self.kept.is_empty();
                cx.notices.push(Notice::Refused(refusal));
            }
        }
    }

    /// Stops opening.
    pub(super) fn stop(&mut self) {
        if let Some((job, ..)) = &self.opening {
            job.stop();
        }
    }

    /// How far opening is.
    pub(super) fn progress(&self) -> Option<Progress> {
        let (_, name, fraction) = self.opening.as_ref()?;
        Some(Progress {
            label: format!("Opening {name}"),
            fraction: Some(*fraction),
        })
    }
}
