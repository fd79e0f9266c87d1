//! The worker that holds the generator and the judge: it draws what was wished for last, and looks at
//! a face once nothing is left to draw. The window never waits for it.

use super::known::{FaceLab, Found, Near, Reading};
use crate::jobs::{Emit, Job, Wake};
use crate::labs::compute::Compute;
use crate::labs::gan::faces::{Album, survey};
use crate::labs::gan::pictures::Pictures;
use crate::refusal::{Refusal, Result};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Faces of a survey.
const N_SURVEYED: usize = 2048;

/// Where pictures are wanted. Those that come first here are drawn first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// The large face of the first page.
    Face,
    /// The large face of a walk.
    Between,
    /// The answer of the arithmetic.
    Sum,
    /// The terms of the arithmetic.
    Terms,
    /// The face that was pushed.
    Pushed,
    /// The faces along a walk.
    Strip,
    /// The faces along a push.
    Pushes,
    /// The tray.
    Tray,
}

/// What the worker sends.
#[derive(Debug)]
pub(super) enum Answer {
    /// The generator is there.
    Ready(Arc<FaceLab>),
    /// Faces, in the order of the z they were wished with.
    Drawn {
        place: Place,
        number: u64,
        pictures: Pictures,
    },
    /// What the judge sees in a face.
    Read {
        place: Place,
        number: u64,
        readings: Vec<Reading>,
    },
    /// The training pictures nearest to a face.
    Near {
        number: u64,
        near: Near,
    },
    /// The training pictures are being read, to compare with: how far that is, 0..=1.
    Reading(f32),
    /// How far the survey is, 0..=1.
    Surveying(f32),
    /// Many faces, and what the judge sees in them.
    Surveyed(Arc<Found>),
    Trouble(Refusal),
}

/// What is to be done.
#[derive(Debug, Default)]
struct Wishes {
    draw: BTreeMap<Place, (u64, Vec<Vec<f32>>)>,
    look: BTreeMap<Place, (u64, Pictures)>,
    survey: bool,
    ended: bool,
}

#[derive(Debug)]
enum Task {
    Draw(Place, u64, Vec<Vec<f32>>),
    Look(Place, u64, Pictures),
    Survey,
}

#[derive(Debug, Default)]
struct Board {
    wishes: Mutex<Wishes>,
    changed: Condvar,
}

impl Board {
    fn with<T>(&self, act: impl FnOnce(&mut Wishes) -> T) -> T {
        let mut wishes = self.wishes.lock().unwrap_or_else(PoisonError::into_inner);
        let out = act(&mut wishes);
        self.changed.notify_all();
        out
    }

    /// The most urgent wish; waits for one. `None` at the end.
    fn next(&self) -> Option<Task> {
        let wishes = self.wishes.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = |wishes: &mut Wishes| {
            let nothing = wishes.draw.is_empty() && wishes.look.is_empty() && !wishes.survey;
            nothing && !wishes.ended
        };
        let waited = self.changed.wait_while(wishes, idle);
        let mut wishes = waited.unwrap_or_else(PoisonError::into_inner);
        if wishes.ended {
            return None;
        }
        if let Some((place, (number, zs))) = wishes.draw.pop_first() {
            return Some(Task::Draw(place, number, zs));
        }
        if let Some((place, (number, picture))) = wishes.look.pop_first() {
            return Some(Task::Look(place, number, picture));
        }
        wishes.survey = false;
        Some(Task::Survey)
    }

    /// Whether something is more urgent than what takes long.
    fn is_urgent(&self) -> bool {
        self.with(|wishes| wishes.ended || !wishes.draw.is_empty())
    }
}

/// The worker. Dropping it ends it.
#[derive(Debug)]
pub(super) struct Studio {
    pub(super) job: Job<Answer>,
    board: Arc<Board>,
}

impl Studio {
    /// Opens the generator that ships, or one from a file.
    pub(super) fn open(file: Option<PathBuf>, compute: Compute, wake: Wake) -> Result<Self> {
        let board = Arc::new(Board::default());
        let shared = Arc::clone(&board);
        let job = Job::spawn("draw faces", wake, move |emit| {
            compute.set_threads();
            let lab = match FaceLab::open(file) {
                Ok(lab) => Arc::new(lab),
                Err(refusal) => {
                    _ = emit(Answer::Trouble(refusal));
                    return;
                }
            };
            if emit(Answer::Ready(Arc::clone(&lab))).is_break() {
                return;
            }
            let mut worker = Worker {
                lab: &lab,
                board: &shared,
                emit,
                album: None,
            };
            worker.work();
        })?;
        Ok(Self { job, board })
    }

    /// Wishes for faces of these z. A wish for the same place that is still open is forgotten.
    pub(super) fn draw(&self, place: Place, number: u64, zs: Vec<Vec<f32>>) {
        self.board
            .with(|wishes| wishes.draw.insert(place, (number, zs)));
    }

    /// Wishes to know what the judge sees in a face, and on the first page what is nearest to it.
    pub(super) fn look(&self, place: Place, number: u64, picture: Pictures) {
        self.board
            .with(|wishes| wishes.look.insert(place, (number, picture)));
    }

    /// Wishes for a survey.
    pub(super) fn survey(&self) {
        self.board.with(|wishes| wishes.survey = true);
    }
}

impl Drop for Studio {
    fn drop(&mut self) {
        self.board.with(|wishes| wishes.ended = true);
    }
}

/// What the worker's thread holds.
struct Worker<'a, 'b> {
    lab: &'a FaceLab,
    board: &'a Board,
    emit: Emit<'b, Answer>,
    /// The training pictures, once they were needed.
    album: Option<Album>,
}

impl Worker<'_, '_> {
    fn work(&mut self) {
        while let Some(task) = self.board.next() {
            let done = match task {
                Task::Draw(place, number, zs) => self.draw(place, number, &zs),
                Task::Look(place, number, picture) => self.look(place, number, &picture),
                Task::Survey => self.survey(),
            };
            let flow = match done {
                Ok(flow) => flow,
                Err(refusal) => (self.emit)(Answer::Trouble(refusal)),
            };
            if flow.is_break() {
                return;
            }
        }
    }

    fn draw(&mut self, place: Place, number: u64, zs: &[Vec<f32>]) -> Result<ControlFlow<()>> {
        let pictures = self.lab.draw(zs)?;
        Ok((self.emit)(Answer::Drawn {
            place,
            number,
            pictures,
        }))
    }

    /// Draws what was wished for since something long began. Breaks at the end.
    fn serve(&mut self) -> Result<ControlFlow<()>> {
        while let Some((place, (number, zs))) = self.board.with(|wishes| wishes.draw.pop_first()) {
            if self.draw(place, number, &zs)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(if self.board.with(|wishes| wishes.ended) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        })
    }

    /// What the judge sees in a face, then what is nearest to it, unless something else is wished for.
    fn look(&mut self, place: Place, number: u64, picture: &Pictures) -> Result<ControlFlow<()>> {
        let readings = self.lab.read(picture)?.pop().unwrap_or_default();
        let read = Answer::Read {
            place,
            number,
            readings,
        };
        if (self.emit)(read).is_break() {
            return Ok(ControlFlow::Break(()));
        }
        let Some(judge) = self.lab.judge().filter(|_| place == Place::Face) else {
            return Ok(ControlFlow::Continue(()));
        };
        if self.album.is_none() {
            let mut trouble = Ok(());
            let album = Album::open(judge, &mut |part| {
                (self.emit)(Answer::Reading(part))?;
                match self.serve() {
                    Ok(flow) => flow,
                    Err(refusal) => {
                        trouble = Err(refusal);
                        ControlFlow::Break(())
                    }
                }
            })?;
            trouble?;
            let Some(album) = album else {
                return Ok(ControlFlow::Break(()));
            };
            self.album = Some(album);
        }
        if self.board.is_urgent() {
            return Ok(ControlFlow::Continue(()));
        }
        let Some(album) = &self.album else {
            return Ok(ControlFlow::Continue(()));
        };
        let go_on = &mut || ControlFlow::Continue(());
        let looked = judge.look(picture, go_on)?.unwrap_or_default();
        let nearest = album.nearest(picture, &looked.features)?;
        let of = [nearest.by_pixels.index, nearest.by_features.index];
        let bytes = of.iter().filter_map(|&i| album.pictures.get(i));
        let near = Near {
            nearest,
            pictures: Pictures {
                side: album.pictures.side,
                n_channels: album.pictures.n_channels,
                pixels: bytes.flatten().copied().collect(),
            },
            captions: of.map(|i| album.captions.get(i).cloned().unwrap_or_default()),
            n_searched: album.pictures.len(),
        };
        Ok((self.emit)(Answer::Near { number, near }))
    }

    /// Draws many faces and has them judged; what is wished for meanwhile is drawn in between.
    fn survey(&mut self) -> Result<ControlFlow<()>> {
        let lab = self.lab;
        let Some(judge) = lab.judge() else {
            return Ok(ControlFlow::Continue(()));
        };
        let mut trouble = Ok(());
        let survey = survey(lab.faces(), judge, N_SURVEYED, &mut |part| {
            (self.emit)(Answer::Surveying(part))?;
            self.serve().unwrap_or_else(|refusal| {
                trouble = Err(refusal);
                ControlFlow::Break(())
            })
        })?;
        trouble?;
        let Some(survey) = survey else {
            return Ok(ControlFlow::Break(()));
        };
        let directions = survey.directions(judge.questions());
        let found = Found { survey, directions };
        Ok((self.emit)(Answer::Surveyed(Arc::new(found))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_wish_for_a_place_is_the_one_that_counts_and_looking_waits() {
        let board = Board::default();
        let nothing = Pictures {
            side: 1,
            n_channels: 1,
            pixels: Vec::new(),
        };
        board.with(|wishes| {
            wishes.look.insert(Place::Face, (1, nothing));
            wishes.draw.insert(Place::Strip, (2, Vec::new()));
            wishes.draw.insert(Place::Face, (3, Vec::new()));
            wishes.draw.insert(Place::Face, (4, Vec::new()));
        });
        let order: Vec<u64> = (0..3)
            .filter_map(|_| match board.next()? {
                Task::Draw(_, number, _) | Task::Look(_, number, _) => Some(number),
                Task::Survey => None,
            })
            .collect();
        assert_eq!(order, [4, 2, 1]);
        board.with(|wishes| wishes.ended = true);
        assert!(board.next().is_none());
    }
}
