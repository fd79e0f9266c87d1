//! Sounds on their way to the desk: from files, and those that are computed.

use super::super::views::Desk;
use crate::jobs::Job;
use crate::labs::sound::made::Made;
use crate::labs::sound::opening::{Opened, of_sound, open};
use crate::labs::sound::shipped::Shipped;
use crate::refusal::Result;
use crate::tabs::{Notice, Progress, TabContext};
use std::path::PathBuf;
use std::sync::Arc;

/// What a file has become.
#[derive(Debug)]
enum Event {
    /// It was read so far.
    Grown(Opened),
    /// It was read to its end, or why it was not.
    Ended(Result<Opened>),
}

/// The sound that is being opened.
#[derive(Debug, Default)]
pub(super) struct Opening {
    job: Option<Job<Event>>,
    /// The number on the desk of what this job has brought so far.
    number: Option<u64>,
    fraction: Option<f32>,
    has_begun: bool,
}

impl Opening {
    /// Opens a file. What is on the desk stays until the beginning of this one is there.
    pub(super) fn open(&mut self, path: PathBuf, cx: &mut TabContext<'_>) {
        self.start(cx, move |emit| {
            let ended = open(&path, &mut |opened| emit(Event::Grown(opened)));
            _ = emit(Event::Ended(ended));
        });
    }

    /// Computes a sound that needs no file.
    pub(super) fn make(&mut self, made: Made, seed: u64, cx: &mut TabContext<'_>) {
        self.start(cx, move |emit| {
            _ = emit(Event::Ended(of_sound(made.sound(seed))));
        });
    }

    /// Puts a first sound on an empty desk, once: one that shows what a spectrogram says.
    pub(super) fn begin(&mut self, desk: &Desk, cx: &mut TabContext<'_>) {
        if !self.has_begun && desk.sound.is_none() && self.job.is_none() {
            self.make(Made::Vowels, 0, cx);
        }
        self.has_begun = true;
    }

    /// Opens a sound that ships.
    pub(super) fn ship(&mut self, shipped: Shipped, cx: &mut TabContext<'_>) {
        self.start(cx, move |emit| {
            _ = emit(Event::Ended(shipped.sound().and_then(of_sound)));
        });
    }

    fn start(
        &mut self,
        cx: &mut TabContext<'_>,
        work: impl FnOnce(crate::jobs::Emit<'_, Event>) + Send + 'static,
    ) {
        match Job::spawn("open a sound", Arc::clone(&cx.wake), work) {
            Ok(job) => {
                // One that was still being read is left as it is.
                self.job = Some(job);
                self.number = None;
                self.fraction = None;
            }
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    pub(super) fn poll(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        let Some(job) = &mut self.job else { return };
        let events = job.poll();
        let is_over = !job.is_running();
        cx.notices.extend(job.take_failure().map(Notice::Refused));
        for event in events {
            match event {
                Event::Grown(opened) => {
                    let (there, all) = (opened.sound.len(), opened.sound.expected_len());
                    self.fraction = Some(there as f32 / all.max(1) as f32);
                    self.put(opened, desk);
                }
                Event::Ended(Ok(opened)) => {
                    for note in opened.sound.notes() {
                        cx.notices.push(Notice::Done(note));
                    }
                    self.put(opened, desk);
                }
                Event::Ended(Err(refusal)) => cx.notices.push(Notice::Refused(refusal)),
            }
        }
        if is_over {
            self.job = None;
        }
    }

    /// Puts what was read on the desk, or in the place of what of it was there.
    fn put(&mut self, opened: Opened, desk: &mut Desk) {
        match (self.number, &desk.sound) {
            (None, _) => {
                desk.player.pause();
                desk.take(opened);
                self.number = desk.sound.as_ref().map(|it| it.number);
            }
            (Some(number), Some(sound)) if sound.number == number => desk.grow(opened),
            // Another sound was put on the desk meanwhile.
            _ => {}
        }
    }

    pub(super) fn progress(&self) -> Option<Progress> {
        self.job.as_ref().map(|_| Progress {
            label: "Reading the sound".into(),
            fraction: self.fraction,
        })
    }
}
