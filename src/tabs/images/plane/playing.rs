//! Playing: what a person sets and presses goes to the lab, what it did comes back as turns.

use super::PlaneView;
use super::film::Frame;
use crate::jobs::Job;
use crate::labs::gan::plane::{Controls, Event, LastStep, Press, Settings, Speed, State, run};
use crate::tabs::{Notice, TabContext};
use std::sync::Arc;

/// Turns a second at first: slow enough to see each.
const FIRST_SPEED: f32 = 20.0;

/// The lab at work, or waiting.
#[derive(Debug)]
pub(super) struct Playing {
    controls: Arc<Controls>,
    job: Option<Job<Event>>,
    /// What the lab has, or goes on from.
    state: Option<Arc<State>>,
    /// What the lab was last told.
    told: Arc<Settings>,
    /// It is to play once the start has been shown.
    plays_soon: bool,
    pub(super) speed: f32,
    pub(super) unlimited: bool,
    pub(super) turns_per_sec: f32,
    /// The last step of D and of G, and the number of the frame they led to.
    pub(super) last: [Option<Arc<LastStep>>; 2],
}

impl Default for Playing {
    fn default() -> Self {
        let settings = Settings::default();
        let controls = Controls::new(settings.clone());
        controls.set_speed(Speed::PerSecond(FIRST_SPEED));
        Self {
            controls: Arc::new(controls),
            job: None,
            state: None,
            told: Arc::new(settings),
            plays_soon: false,
            speed: FIRST_SPEED,
            unlimited: false,
            turns_per_sec: 0.0,
            last: [None, None],
        }
    }
}

impl Playing {
    pub(super) fn is_playing(&self) -> bool {
        self.plays_soon || self.controls.is_playing()
    }

    pub(super) fn pause(&mut self) {
        self.plays_soon = false;
        self.controls.play(false);
    }

    /// Leaves what the lab is at, with what it has sent and what was pressed, and goes on from `state`,
    /// or from the start where there is none.
    fn renew(&mut self, settings: &Settings, state: Option<Arc<State>>) {
        let controls = Controls::new(settings.clone());
        let is_playing = self.is_playing();
        self.plays_soon = is_playing && state.is_none();
        controls.play(is_playing && state.is_some());
        self.controls.play(false);
        self.controls = Arc::new(controls);
        self.told = Arc::new(settings.clone());
        self.job = None;
        self.state = state;
        self.last = [None, None];
        self.tell_speed();
    }

    pub(super) fn tell_speed(&mut self) {
        self.controls.set_speed(if self.unlimited {
            Speed::AsFastAsItCan
        } else {
            Speed::PerSecond(self.speed)
        });
    }
}

impl PlaneView {
    /// Takes what the lab sent, and starts it where there is something to do.
    pub(super) fn poll_playing(&mut self, cx: &mut TabContext<'_>) {
        let playing = &mut self.playing;
        let events = playing.job.as_mut().map(Job::poll).unwrap_or_default();
        for event in events {
            self.take(event, cx);
        }
        let playing = &mut self.playing;
        // After the events: those that have come were made under the settings before.
        if *playing.told != self.settings {
            playing.controls.set(self.settings.clone());
            playing.told = Arc::new(self.settings.clone());
        }
        if let Some(job) = playing.job.as_mut().filter(|job| !job.is_running()) {
            if let Some(refusal) = job.take_failure() {
                playing.controls.play(false);
                cx.notices.push(Notice::Refused(refusal));
            }
            playing.job = None;
        }
        if playing.job.is_none() && playing.controls.has_work() {
            let (controls, state) = (Arc::clone(&playing.controls), playing.state.clone());
            let job = Job::spawn("GAN on the plane", Arc::clone(&cx.wake), move |emit| {
                run(state, &controls, emit);
            });
            match job {
                Ok(job) => playing.job = Some(job),
                Err(refusal) => {
                    playing.controls.play(false);
                    cx.notices.push(Notice::Refused(refusal));
                }
            }
        }
    }

    fn take(&mut self, event: Event, cx: &mut TabContext<'_>) {
        match event {
            Event::Working => {}
            Event::Turn {
                turn,
                turns_per_sec,
                last,
            } => {
                if std::mem::take(&mut self.playing.plays_soon) {
                    self.playing.controls.play(true);
                }
                self.playing.turns_per_sec = turns_per_sec;
                self.playing.state = Some(Arc::clone(&turn.state));
                self.playing.last = last;
                let settings = Arc::clone(&self.playing.told);
                self.film.push(Arc::new(*turn), settings);
            }
            Event::Anew { why, .. } => cx.notices.push(Notice::Done(why)),
            Event::Trouble(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    /// Training goes on from what is on the stage: where that is not the newest, a branch begins.
    fn go_on_from_the_stage(&mut self) {
        if self.film.selected().is_none() {
            return;
        }
        if let Some(frame) = self.film.fork() {
            self.go_to(&frame);
        }
    }

    /// Has the lab go on from a frame.
    fn go_to(&mut self, frame: &Frame) {
        self.playing
            .renew(&self.settings, Some(Arc::clone(&frame.turn.state)));
    }

    pub(super) fn play(&mut self) {
        self.go_on_from_the_stage();
        if self.film.frames().is_empty() {
            self.playing.plays_soon = true;
        } else {
            self.playing.controls.play(true);
        }
    }

    pub(super) fn pause(&mut self) {
        self.playing.pause();
    }

    /// One step, one turn or an edit, of what is on the stage.
    pub(super) fn press(&mut self, press: Press) {
        self.go_on_from_the_stage();
        self.playing.controls.press(press);
    }

    /// Both networks start anew, with the film kept as a branch.
    pub(super) fn start_anew(&mut self) {
        self.film.start_anew();
        self.playing.renew(&self.settings, None);
    }

    /// Puts another branch on the stage, to go on with.
    pub(super) fn show_branch(&mut self, place: usize) {
        self.playing.pause();
        self.film.show_branch(place);
        if let Some(frame) = self.film.newest().cloned() {
            self.settings = (*frame.settings).clone();
            self.go_to(&frame);
        }
    }
}
