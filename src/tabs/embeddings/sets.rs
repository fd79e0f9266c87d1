//! The vectors that every view of the chapter works with: the set in use, those used before, and the
//! one on its way. [`Sets::number`] changes whenever the set in use does.

use crate::jobs::Job;
use crate::labs::embeddings::{Set, Space};
use crate::refusal::Result;
use crate::tabs::{Notice, Progress, TabContext};
use std::path::PathBuf;

/// How many sets are kept to go back to; a large one is only mapped, a small one is small.
const MOST_KEPT: usize = 6;

const SHIPPED: &str = "the vectors that ship";

#[derive(Debug)]
enum Opening {
    Progress(f32),
    Done(Result<Space>),
}

/// A set and the file that it is from, if it is from one.
#[derive(Debug)]
struct Kept {
    space: Space,
    path: Option<PathBuf>,
    ships: bool,
}

/// A set on its way.
#[derive(Debug)]
struct OnItsWay {
    job: Job<Opening>,
    name: String,
    fraction: f32,
    path: Option<PathBuf>,
    /// Whether the person has stopped it: then it is no news that it did not come.
    stopped: bool,
}

/// The sets of this chapter.
#[derive(Debug, Default)]
pub(super) struct Sets {
    /// The one in use stands last.
    kept: Vec<Kept>,
    number: u64,
    opening: Option<OnItsWay>,
    /// The file of last time, opened when vectors are first needed.
    from_last_time: Option<PathBuf>,
    /// The shipped set could not be opened: it is not tried again in every frame.
    failed: bool,
    /// The person asked for the set that ships, which no view has needed so far.
    wants_shipped: bool,
}

impl Sets {
    /// The set in use.
    pub(super) fn space(&self) -> Option<&Space> {
        self.kept.last().map(|kept| &kept.space)
    }

    /// A number that differs whenever the set in use does.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The names of all sets that can be used at once, the one in use last.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.kept.iter().map(|kept| kept.space.vectors().name())
    }

    /// Uses a set that was used before, by its place among [`Self::names`].
    pub(super) fn use_again(&mut self, i: usize) {
        if i + 1 < self.kept.len() {
            self.forget_the_one_on_its_way();
            let kept = self.kept.remove(i);
            self.put(kept);
        }
    }

    /// Whether the set that ships can be asked for with [`Self::use_shipped`]: the person's own came
    /// before it was opened, so it is not among [`Self::names`].
    pub(super) fn lacks_shipped(&self) -> bool {
        !self.failed && !self.kept.is_empty() && !self.kept.iter().any(|kept| kept.ships)
    }

    /// Opens the set that ships with the next [`Self::need`].
    pub(super) fn use_shipped(&mut self) {
        self.wants_shipped = true;
    }

    /// Uses these vectors from now on.
    pub(super) fn take(&mut self, space: Space) {
        self.forget_the_one_on_its_way();
        self.put(Kept {
            space,
            path: None,
            ships: false,
        });
    }

    /// What was asked for before must not come and take the place of what was chosen since.
    fn forget_the_one_on_its_way(&mut self) {
        self.stop();
        self.opening = None;
    }

    fn put(&mut self, kept: Kept) {
        let name = kept.space.vectors().name().to_owned();
        self.kept.retain(|kept| kept.space.vectors().name() != name);
        self.kept.push(kept);
        let too_many = self.kept.len().saturating_sub(MOST_KEPT);
        self.kept.drain(..too_many);
        self.number += 1;
    }

    /// The file of the set in use, to be opened again at the next start.
    pub(super) fn path(&self) -> Option<&PathBuf> {
        match self.kept.last() {
            Some(kept) => kept.path.as_ref(),
            None => self.from_last_time.as_ref(),
        }
    }

    /// Takes back what [`Self::path`] gave.
    pub(super) fn restore(&mut self, path: PathBuf) {
        self.from_last_time = Some(path);
    }

    /// Opens the set that ships, unless there is one or one is on its way. Called by every view that
    /// needs vectors, in every frame.
    pub(super) fn need(&mut self, cx: &mut TabContext<'_>) {
        if std::mem::take(&mut self.wants_shipped) {
            self.start(Set::Shipped, SHIPPED.into(), cx);
        }
        if self.kept.is_empty() && self.opening.is_none() && !self.failed {
            match self.from_last_time.take() {
                Some(path) => self.open(path, cx),
                None => self.start(Set::Shipped, SHIPPED.into(), cx),
            }
        }
    }

    /// Opens a file; what is in use stays until this one works.
    pub(super) fn open(&mut self, path: PathBuf, cx: &mut TabContext<'_>) {
        let name = path.file_name().unwrap_or(path.as_os_str());
        let name = name.to_string_lossy().into_owned();
        self.start(Set::File(path), name, cx);
    }

    fn start(&mut self, set: Set, name: String, cx: &mut TabContext<'_>) {
        let path = match &set {
            Set::Shipped => None,
            Set::File(path) => Some(path.clone()),
        };
        let job = Job::spawn("open vectors", cx.wake.clone(), move |emit| {
            let space = Space::open_set(&set, &mut |part| emit(Opening::Progress(part)));
            _ = emit(Opening::Done(space));
        });
        match job {
            Ok(job) => {
                self.opening = Some(OnItsWay {
                    job,
                    name,
                    fraction: 0.0,
                    path,
                    stopped: false,
                });
            }
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    /// Takes what a job sent.
    pub(super) fn poll(&mut self, cx: &mut TabContext<'_>) {
        let Some(opening) = &mut self.opening else {
            return;
        };
        let mut done = None;
        for event in opening.job.poll() {
            match event {
                Opening::Progress(part) => opening.fraction = part,
                Opening::Done(space) => done = Some(space),
            }
        }
        let failure = opening.job.take_failure().map(Err);
        let is_over = !opening.job.is_running();
        let Some(done) = done.or(failure) else {
            if is_over {
                self.opening = None;
            }
            return;
        };
        let Some(opening) = self.opening.take() else {
            return;
        };
        let path = opening.path;
        match done {
            Ok(space) => {
                let ships = path.is_none();
                self.put(Kept { space, path, ships });
            }
            Err(_) if opening.stopped => {}
            Err(refusal) => {
                // A file of last time that is gone: the vectors that ship are always there.
                self.failed |= self.kept.is_empty() && path.is_none();
                cx.notices.push(Notice::Refused(refusal));
            }
        }
    }

    /// Stops opening.
    pub(super) fn stop(&mut self) {
        if let Some(opening) = &mut self.opening {
            opening.job.stop();
            opening.stopped = true;
        }
    }

    /// How far opening is.
    pub(super) fn progress(&self) -> Option<Progress> {
        let opening = self.opening.as_ref()?;
        Some(Progress {
            label: format!("Opening {}", opening.name),
            fraction: Some(opening.fraction),
        })
    }
}
