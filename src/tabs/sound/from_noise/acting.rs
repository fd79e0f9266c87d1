//! What the view does: it makes, hears and plays.

use super::super::views::Desk;
use super::FromNoiseView;
use super::maker::{self, Event, Frame, Task};
use crate::jobs::Job;
use crate::labs::sound::phrases::HOP_LENGTH;
use crate::refusal::Refusal;
use crate::tabs::{Notice, TabContext};
use std::sync::Arc;

impl FromNoiseView {
    /// Begins with a task, on an empty film.
    pub(super) fn begin(&mut self, task: Task, cx: &mut TabContext<'_>) {
        let Some(denoiser) = self.denoiser.clone() else {
            return;
        };
        let mut wish = self.wish.clone();
        if matches!(task, Task::Walk(_)) {
            wish.toward = Some((self.toward.clone(), 0.0));
        }
        match maker::start(denoiser, wish.clone(), task.clone(), cx) {
            Ok(job) => {
                self.made_with = Some((wish, task));
                self.making = Some(job);
                self.clear();
            }
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    pub(super) fn clear(&mut self) {
        self.frames.clear();
        self.thumbs.0.clear();
        self.sounding = None;
        self.film += 1;
        (self.is_whole, self.is_pieced) = (false, false);
        self.span.selection = None;
        self.show(None);
    }

    pub(super) fn add(&mut self, name: String, levels: Vec<f32>) {
        self.frames.push(Frame::new(name, levels));
        if self.selected.is_none() {
            self.show(None);
        }
    }

    /// Takes up a phrase that was kept.
    pub(super) fn take(&mut self, levels: Vec<f32>, is_pieced: bool) {
        self.clear();
        self.made_with = Some((self.wish.clone(), Task::Phrase));
        self.add("the phrase".into(), levels);
        (self.is_whole, self.is_pieced) = (true, is_pieced);
    }

    pub(super) fn hear(&mut self, event: Event, cx: &mut TabContext<'_>) {
        match event {
            Event::Working => {}
            Event::Opened(denoiser) => self.denoiser = Some(denoiser),
            Event::Step(i, n, levels) => self.add(format!("step {} of {n}", i + 1), levels),
            Event::Stop(part, levels) => {
                let name = format!("{:.0} % of the way", 100.0 * part);
                self.add(name, levels);
                if let Some(stop) = self.frames.last_mut() {
                    stop.part = Some(part);
                }
                self.is_whole = true;
            }
            Event::Done(levels) => {
                self.add("the phrase".into(), levels);
                self.is_whole = true;
                let task = self.made_with.as_ref().map(|(_, task)| task);
                self.is_pieced = matches!(task, Some(Task::Part(..) | Task::GoOn(..)));
                if let Some(last) = self.here() {
                    self.find_sound(last, cx);
                }
            }
            Event::Refused(refusal) => self.refuse(refusal, cx),
        }
    }

    pub(super) fn refuse(&mut self, refusal: Refusal, cx: &mut TabContext<'_>) {
        self.is_refused |= self.denoiser.is_none();
        cx.notices.push(Notice::Refused(refusal));
    }

    /// Has the sound of a frame found, if it is not there.
    pub(super) fn find_sound(&mut self, frame: usize, cx: &mut TabContext<'_>) {
        let Some(found) = self.frames.get(frame).filter(|it| it.sound.is_none()) else {
            return;
        };
        let wish = self.made_with.as_ref().map_or(&self.wish, |(wish, _)| wish);
        match maker::sound(Arc::clone(&found.levels), wish, cx) {
            Ok(job) => self.sounding = Some((frame, job)),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    pub(super) fn poll_jobs(&mut self, cx: &mut TabContext<'_>) {
        if self.denoiser.is_none() && self.opening.is_none() && !self.is_refused {
            match maker::open(None, cx) {
                Ok(job) => self.opening = Some(job),
                Err(refusal) => self.refuse(refusal, cx),
            }
        }
        for of in [Self::opening, Self::making] {
            let Some(job) = of(self) else { continue };
            let events = job.poll();
            let (is_over, failure) = (!job.is_running(), job.take_failure());
            for event in events {
                self.hear(event, cx);
            }
            cx.notices.extend(failure.map(Notice::Refused));
            if is_over {
                if self.opening.as_ref().is_some_and(|job| !job.is_running()) {
                    self.opening = None;
                }
                if self.making.as_ref().is_some_and(|job| !job.is_running()) {
                    self.making = None;
                }
            }
        }
    }

    fn opening(&mut self) -> Option<&mut Job<Event>> {
        self.opening.as_mut()
    }

    fn making(&mut self) -> Option<&mut Job<Event>> {
        self.making.as_mut()
    }

    /// Takes a sound that was found, and plays it if it was asked for.
    pub(super) fn poll_sound(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        let Some((frame, job)) = &mut self.sounding else {
            return;
        };
        let frame = *frame;
        let found = job.poll().pop();
        let failure = job.take_failure();
        if job.is_running() && found.is_none() {
            return;
        }
        self.sounding = None;
        cx.notices.extend(failure.map(Notice::Refused));
        match found {
            Some(Ok(sounding)) => {
                if let Some(of) = self.frames.get_mut(frame) {
                    of.sound = Some(Arc::new(sounding));
                }
                if std::mem::take(&mut self.wants_to_hear) {
                    self.play(frame, desk);
                }
            }
            Some(Err(refusal)) => cx.notices.push(Notice::Refused(refusal)),
            None => {}
        }
    }

    pub(super) fn play(&mut self, frame: usize, desk: &mut Desk) {
        let id = self.id(frame);
        let Some(of) = self.frames.get(frame) else {
            return;
        };
        let n_samples = of.width() * HOP_LENGTH;
        if let Some(track) = of.track(id) {
            desk.player
                .play(track, 0.0, self.looping.then_some(0..n_samples));
        }
    }

    /// Plays the frame on the stage, or is silent; its sound is found first where it is not there.
    pub(super) fn press_play(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        let Some(frame) = self.here() else { return };
        if desk.player.is_playing(self.id(frame)) {
            desk.player.pause();
        } else if self.frames[frame].sound.is_some() {
            self.play(frame, desk);
        } else {
            self.wants_to_hear = true;
            self.find_sound(frame, cx);
        }
    }

    pub(super) fn is_making(&self) -> bool {
        self.making.is_some()
    }

    pub(super) fn press_make(&mut self, cx: &mut TabContext<'_>) {
        if let Some(job) = &self.making {
            job.stop();
        } else {
            self.begin(Task::Phrase, cx);
        }
    }
}
