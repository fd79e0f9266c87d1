//! The missing half: a spectrogram heard with the true phase, with none, with any, and with the phase that
//! Griffin-Lim finds, step after step.
//!
//! The [`worker`] tries the phases; the [`stage`] shows one beside the truth; the [`strip`] has them all,
//! each to be heard; the [`bench`] changes what is tried; [`explain`] tells where a convergence comes from.

mod bench;
mod explain;
mod stage;
mod strip;
mod worker;

use super::in_use::Playable;
use super::player::Track;
use super::views::{Desk, View};
use crate::command::Command;
use crate::jobs::Job;
use crate::labs::sound::made::Made;
use crate::labs::sound::opening::{Opened, of_sound};
use crate::labs::sound::phase::{Event, MOST_SECS, Phase, Settings, Trial};
use crate::refusal::Result;
use crate::tabs::saving::Saving;
use crate::tabs::{Notice, Progress, StatusItem, TabContext};
use crate::widgets::spectrogram::SpectrogramState;
use crate::widgets::time_span::TimeSpan;
use eframe::egui::{Id, TextureHandle, Ui};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use worker::{Answer, Asked, What, Worker};

/// What a person chose.
#[derive(Debug, Clone, PartialEq)]
struct Chosen {
    /// Where the stretch begins, in seconds.
    from: f64,
    /// How long it is.
    secs: f64,
    settings: Settings,
}

impl Default for Chosen {
    fn default() -> Self {
        Self {
            from: 0.0,
            secs: 4.0,
            settings: Settings::default(),
        }
    }
}

/// A trial that arrived.
struct Shown {
    trial: Trial,
    thumbnail: Option<TextureHandle>,
}

/// What was tried on one stretch of one sound.
#[derive(Default)]
struct Tried {
    asked: Option<Asked>,
    /// The sound's name.
    name: String,
    trials: Vec<Shown>,
    /// The convergence after each step, from none on.
    curve: Vec<f32>,
    is_over: bool,
}

/// The state of this view.
#[derive(Default)]
pub(in crate::tabs::sound) struct PhaseView {
    chosen: Chosen,
    worker: Option<Worker>,
    /// What was asked last.
    asked: Option<Asked>,
    tried: Tried,
    /// The trial on the stage.
    selected: Option<Phase>,
    /// What both pictures show.
    span: Option<TimeSpan>,
    textures: [SpectrogramState; 2],
    /// Counts what is drawn.
    version: u64,
    is_explaining: bool,
    making: Option<Job<Result<Opened>>>,
    saving: Saving,
}

impl std::fmt::Debug for PhaseView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PhaseView").finish_non_exhaustive()
    }
}

impl PhaseView {
    pub(in crate::tabs::sound) fn set_save_path(&mut self, path: &str) {
        self.saving.set_path(path);
    }

    /// Computes a sound that needs no file, and puts it on the desk.
    fn make(&mut self, made: Made, cx: &mut TabContext<'_>) {
        let job = Job::spawn("make a sound", Arc::clone(&cx.wake), move |emit| {
            _ = emit(of_sound(made.sound(0)));
        });
        match job {
            Ok(job) => self.making = Some(job),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    fn poll_making(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        let Some(job) = &mut self.making else { return };
        for made in job.poll() {
            match made {
                Ok(opened) => {
                    desk.player.pause();
                    desk.take(opened);
                }
                Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
            }
        }
        if !job.is_running() {
            cx.notices.extend(job.take_failure().map(Notice::Refused));
            self.making = None;
        }
    }

    /// Tries the phases of what is chosen, where that is something new. Called while the view is shown.
    fn ask(&mut self, desk: &Desk, cx: &mut TabContext<'_>) {
        let Some(sound) = &desk.sound else { return };
        let total = sound.sound.secs();
        let from = self.chosen.from.clamp(0.0, (total - 0.1).max(0.0));
        let to = (from + self.chosen.secs.min(MOST_SECS)).min(total);
        let asked = Asked {
            number: sound.number,
            secs: [from, to],
            settings: self.chosen.settings.clone(),
        };
        let is_there = (to * sound.rate_hz()) as usize <= sound.sound.len() + 1;
        if self.asked.as_ref() == Some(&asked) || !is_there {
            return;
        }
        if self.worker.is_none() {
            match worker::start(cx) {
                Ok(worker) => self.worker = Some(worker),
                Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
            }
        }
        let Some(worker) = &self.worker else { return };
        worker.wish((), (sound.sound.clone(), asked.clone()));
        self.asked = Some(asked);
    }

    fn poll_worker(&mut self, cx: &mut TabContext<'_>) {
        let Some(worker) = &mut self.worker else {
            return;
        };
        let answers = worker.job.poll();
        if !worker.job.is_running() {
            cx.notices
                .extend(worker.job.take_failure().map(Notice::Refused));
            self.worker = None;
        }
        for answer in answers {
            self.take(answer, cx);
        }
    }

    fn take(&mut self, answer: Answer, cx: &mut TabContext<'_>) {
        if self.asked.as_ref() != Some(&answer.asked) {
            return; // something else has been asked for since
        }
        if self.tried.asked.as_ref() != Some(&answer.asked) {
            let is_same_stretch = (self.tried.asked.as_ref())
                .is_some_and(|it| it.number == answer.asked.number && it.secs == answer.asked.secs);
            if !is_same_stretch {
                let [from, to] = answer.asked.secs;
                self.span = Some(TimeSpan::all(to - from));
            }
            self.tried = Tried {
                asked: Some(answer.asked),
                name: answer.name,
                ..Tried::default()
            };
        }
        self.version += 1;
        match answer.what {
            What::Event(Event::Trial(trial)) => self.tried.trials.push(Shown {
                trial: *trial,
                thumbnail: None,
            }),
            What::Event(Event::Convergence { value, .. }) => self.tried.curve.push(value as f32),
            What::Ended(Ok(())) => self.tried.is_over = true,
            What::Ended(Err(refusal)) => {
                self.tried.is_over = true;
                cx.notices.push(Notice::Refused(refusal));
            }
        }
    }

    /// The trial on the stage: the chosen one, else the newest.
    fn shown(&self) -> Option<&Trial> {
        let trials = &self.tried.trials;
        let chosen = trials
            .iter()
            .find(|it| Some(it.trial.phase) == self.selected);
        chosen.or(trials.last()).map(|it| &it.trial)
    }

    /// The sound as it was.
    fn truth(&self) -> Option<&Trial> {
        let mut trials = self.tried.trials.iter();
        trials
            .find(|it| it.trial.phase == Phase::True)
            .map(|it| &it.trial)
    }

    /// A trial, to be played.
    fn track(&self, trial: &Trial) -> Track {
        let asked = self.tried.asked.as_ref();
        let number = asked.map_or(0, |asked| asked.number);
        Track {
            id: Id::unique(("a trial of phases", number, trial.phase.name())),
            name: trial.phase.name(),
            source: Arc::new(Playable(trial.sound.clone())),
        }
    }

    fn is_playing(&self, desk: &Desk) -> bool {
        let shown = self.shown();
        shown.is_some_and(|trial| desk.player.is_playing(self.track(trial).id))
    }

    fn toggle(&mut self, desk: &mut Desk) {
        if let Some(trial) = self.shown() {
            let track = self.track(trial);
            desk.player.toggle(track);
        }
    }

    fn is_busy(&self) -> bool {
        self.worker.is_some()
            && self.asked.is_some()
            && !(self.tried.is_over && self.tried.asked == self.asked)
    }

    /// Ends the search; what it found stays, and is not searched for again until something changes.
    fn stop_search(&mut self) {
        self.worker = None;
    }
}

impl View<Desk> for PhaseView {
    fn poll(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.poll_making(desk, cx);
        self.poll_worker(cx);
        self.saving.poll(cx);
    }

    fn title(&self, desk: &Desk) -> String {
        match &desk.sound {
            Some(sound) => format!("{}, without its phase", sound.sound.name()),
            None => "What a spectrogram leaves out".into(),
        }
    }

    fn stage(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.ask(desk, cx);
        self.saving.show(ui, cx);
        stage::show(self, ui, desk, cx);
    }

    fn bench(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        bench::show(self, ui, desk, cx);
    }

    fn has_timeline(&self) -> bool {
        !self.tried.trials.is_empty()
    }

    fn timeline(&mut self, ui: &mut Ui, desk: &mut Desk, _cx: &mut TabContext<'_>) {
        strip::show(self, ui, desk);
    }

    fn has_explain(&self) -> bool {
        self.is_explaining && self.shown().is_some()
    }

    fn explain(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        explain::show(self, ui);
    }

    fn status(&self, _desk: &Desk) -> Vec<StatusItem> {
        vec![StatusItem {
            label: "seed".into(),
            value: self.chosen.settings.seed.to_string(),
            tooltip: "The random phase that Griffin-Lim begins with.".into(),
        }]
    }

    fn progress(&self) -> Option<Progress> {
        let last = self.chosen.settings.marks.last().copied().unwrap_or(0);
        self.worker
            .as_ref()
            .filter(|_| self.is_busy())
            .map(|_| Progress {
                label: "Looking for the phase".into(),
                fraction: Some(self.tried.curve.len() as f32 / (last + 1) as f32),
            })
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some(bench::PLAY)
    }

    fn can(&self, command: Command, desk: &Desk) -> bool {
        match command {
            Command::Run => self.shown().is_some() && desk.player.obstacle().is_none(),
            Command::Stop => self.is_busy() || self.is_playing(desk),
            _ => false,
        }
    }

    fn command(&mut self, command: Command, desk: &mut Desk, _cx: &mut TabContext<'_>) {
        match command {
            Command::Run => self.toggle(desk),
            Command::Stop if self.is_busy() => self.stop_search(),
            Command::Stop => desk.player.pause(),
            _ => {}
        }
    }

    fn open(&mut self, _path: PathBuf, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}

    fn save(&self) -> Value {
        let settings = &self.chosen.settings;
        json!({
            "secs": self.chosen.secs,
            "n_fft": settings.n_fft,
            "momentum": settings.momentum,
            "seed": settings.seed,
        })
    }

    fn restore(&mut self, saved: &Value) {
        let settings = &mut self.chosen.settings;
        if let Some(n_fft) = saved["n_fft"].as_u64().map(|n| n as usize)
            && bench::LENGTHS.contains(&n_fft)
        {
            settings.n_fft = n_fft;
            settings.hop_length = n_fft / 4;
        }
        if let Some(momentum) = saved["momentum"]
            .as_f64()
            .filter(|m| (0.0..1.0).contains(m))
        {
            settings.momentum = momentum as f32;
        }
        settings.seed = saved["seed"].as_u64().unwrap_or(settings.seed);
        let secs = saved["secs"].as_f64();
        self.chosen.secs = secs.map_or(self.chosen.secs, |secs| secs.clamp(0.5, MOST_SECS));
    }
}
