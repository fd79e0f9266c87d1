//! Noise on a picture, as much as a person likes, and taken off again in one go.
//!
//! The [`worker`] asks the network; the [`stage`] shows the picture, its noise and what the network
//! makes of it, with [`strip`](stage) over several levels; [`explain`] tells where a pixel comes from.
//! The [`schedule`] can be drawn, and so can the picture ([`painting`]).

mod bench;
mod explain;
mod painting;
mod schedule;
mod shown;
mod stage;
mod worker;

use crate::command::Command;
use crate::files::card::Card;
use crate::labs::diffusion::noising::{Noised, noised_at};
use crate::labs::diffusion::originals::Original;
use crate::labs::diffusion::{Denoiser, Levels, N_LEVELS, Schedule};
use crate::tabs::images::diffusion::Model;
use crate::tabs::images::views::{Desk, View};
use crate::tabs::{Notice, Progress, StatusItem, TabContext};
use crate::widgets::picture_sheet::PictureSheet;
use eframe::egui::Ui;
use painting::Painting;
use schedule::Kind;
use serde_json::{Value, json};
use shown::Shown;
use std::sync::Arc;
use worker::{Answer, Asked, Chosen, Place, STRIP, Stop, Wish, Worker};

/// The level that is seen first: the picture can be guessed, and the network does.
const FIRST_T: f64 = 400.0;

/// The state of this view.
#[derive(Debug)]
pub(in crate::tabs::images) struct NoiseView {
    worker: Option<Worker>,
    /// Whether a person has looked at this view: before, nothing is read.
    is_wanted: bool,
    /// Whether it is on the screen.
    is_shown: bool,
    denoiser: Option<Arc<Denoiser>>,
    /// The number of the model that everything here was made with.
    model: u64,
    chosen: Chosen,
    original: Option<Arc<Original>>,
    painting: Option<Painting>,
    t: f64,
    seed: u64,
    kind: Kind,
    points: Vec<[f64; 2]>,
    levels: Arc<Levels>,
    has_words: bool,
    caption: String,
    noised: Option<Noised>,
    /// What was asked last, and what the network said last.
    n_asked: u64,
    shown: Option<Shown>,
    /// The newest question of the strip, and its answers so far.
    strip: (u64, Vec<Stop>),
    sheets: [PictureSheet; 3],
    asked_pixel: Option<[usize; 2]>,
    channel: usize,
}

impl Default for NoiseView {
    fn default() -> Self {
        Self {
            worker: None,
            is_wanted: false,
            is_shown: false,
            denoiser: None,
            model: 0,
            chosen: Chosen::Number(0),
            original: None,
            painting: None,
            t: FIRST_T,
            seed: 1,
            kind: Kind::default(),
            points: Vec::new(),
            levels: Arc::new(Schedule::Cosine.levels()),
            has_words: false,
            caption: String::new(),
            noised: None,
            n_asked: 0,
            shown: None,
            strip: (0, Vec::new()),
            sheets: Default::default(),
            asked_pixel: None,
            channel: 0,
        }
    }
}

impl NoiseView {
    /// The worker begins when the network is there, and again when it is another one.
    fn begin(&mut self, model: &Model, cx: &mut TabContext<'_>) {
        let Some(denoiser) = model.get() else { return };
        if self.model == model.number() && self.worker.is_some() {
            return;
        }
        let work = |_, wish, is_stale: &dyn Fn() -> bool, emit: crate::jobs::Emit<'_, Answer>| {
            worker::work(wish, is_stale, emit)
        };
        match Worker::spawn("take noise off", cx, work) {
            Ok(worker) => self.worker = Some(worker),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
        self.model = model.number();
        self.denoiser = Some(Arc::clone(denoiser));
        self.painting = None;
        self.original = None;
        self.shown = None;
        self.asked_pixel = None;
        if self.kind == Kind::Cosine && denoiser.about().schedule == Schedule::LINEAR {
            self.kind = Kind::Linear;
        }
        self.levels = Arc::new(self.kind.schedule(&self.points).levels());
        self.choose(self.chosen.clone());
    }

    /// Wishes for a picture.
    fn choose(&mut self, chosen: Chosen) {
        self.chosen = chosen.clone();
        if let (Some(worker), Some(denoiser)) = (&self.worker, &self.denoiser) {
            worker.wish(Place::Picture, Wish::Picture(Arc::clone(denoiser), chosen));
        }
    }

    /// A picture is there.
    fn take(&mut self, original: Original) {
        let before = self.original.as_ref().map(|before| before.caption.as_str());
        if before.is_none_or(|before| before == self.caption) || !self.has_words {
            self.caption.clone_from(&original.caption);
        }
        self.painting = None;
        self.original = Some(Arc::new(original));
        self.renew();
    }

    /// Puts the noise on, and asks the network everything anew.
    fn renew(&mut self) {
        self.renew_level();
        self.strip = (self.n_asked, Vec::new());
        self.wish_strip();
    }

    /// Puts the noise on, and asks the network at this level.
    fn renew_level(&mut self) {
        self.n_asked += 1;
        let Some(asked) = self.asked(self.n_asked) else {
            return;
        };
        let level = asked.levels.at(asked.t);
        self.noised = Some(noised_at(level, &asked.picture.numbers, asked.seed));
        if let Some(worker) = &self.worker {
            worker.wish(Place::Once, Wish::Once(asked));
        }
    }

    /// Asks for what is still missing of the strip.
    fn wish_strip(&self) {
        let (number, stops) = &self.strip;
        if stops.len() < STRIP.len()
            && let (Some(asked), Some(worker)) = (self.asked(*number), &self.worker)
        {
            worker.wish(Place::Strip, Wish::Strip(asked, stops.len()));
        }
    }

    fn asked(&self, number: u64) -> Option<Asked> {
        Some(Asked {
            number,
            denoiser: Arc::clone(self.denoiser.as_ref()?),
            picture: Arc::clone(self.original.as_ref()?),
            levels: Arc::clone(&self.levels),
            t: self.t,
            seed: self.seed,
            words: self.has_words.then(|| self.caption.clone()),
        })
    }

    fn set_t(&mut self, t: f64) {
        self.t = t.clamp(0.0, (N_LEVELS - 1) as f64);
        self.renew_level();
    }

    fn set_schedule(&mut self, kind: Kind) {
        if kind == Kind::Drawn && self.points.is_empty() {
            self.points = schedule::points_of(&self.levels);
        }
        self.kind = kind;
        self.levels = Arc::new(kind.schedule(&self.points).levels());
        self.renew();
    }

    /// Draws other noise.
    fn next_noise(&mut self) {
        self.seed = self.seed.wrapping_add(1);
        self.renew();
    }

    fn hear(&mut self, answer: Answer, cx: &mut TabContext<'_>) {
        match answer {
            Answer::Picture(original) => self.take(original),
            Answer::Once {
                number,
                once,
                picture,
            } => {
                let n_channels = self.denoiser.as_ref().map_or(3, |d| d.about().n_channels);
                self.shown = Some(Shown::new(number, *once, picture, n_channels));
                self.wish_strip();
            }
            Answer::Strip { number, i, stop } => {
                if number == self.strip.0 && i == self.strip.1.len() {
                    self.strip.1.push(stop);
                }
            }
            Answer::Trouble(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    /// Pixels along a side of the model's pictures.
    fn side(&self) -> usize {
        self.denoiser.as_ref().map_or(1, |d| d.about().side)
    }

    /// Whether this schedule is the one that the network learned with.
    fn has_own_schedule(&self) -> bool {
        let own = self.denoiser.as_ref().map(|d| &d.about().schedule);
        own == Some(&self.kind.schedule(&self.points))
    }
}

impl View<Desk> for NoiseView {
    fn poll(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        if self.is_wanted {
            self.begin(&desk.model, cx);
        }
        self.is_shown = false;
        let Some(worker) = &mut self.worker else {
            return;
        };
        let arrived = worker.job.poll();
        let failure = worker.job.take_failure();
        for answer in arrived {
            self.hear(answer, cx);
        }
        if let Some(refusal) = failure {
            cx.notices.push(Notice::Refused(refusal));
        }
    }

    fn title(&self, _desk: &Desk) -> String {
        match &self.original {
            Some(original) => format!("Noise on {}", original.name),
            None => "Noise on a picture".into(),
        }
    }

    fn stage(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.is_wanted = true;
        self.is_shown = true;
        if desk.model.need(cx).is_none() || self.original.is_none() {
            desk.model.waiting(ui);
            return;
        }
        if self.painting.is_some() {
            painting::show(self, ui);
        } else {
            stage::show(self, ui);
        }
    }

    fn bench(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        bench::show(self, ui);
    }

    fn has_explain(&self) -> bool {
        self.asked_pixel.is_some() && self.painting.is_none() && self.shown.is_some()
    }

    fn explain(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        explain::show(self, ui);
    }

    fn status(&self, _desk: &Desk) -> Vec<StatusItem> {
        vec![StatusItem {
            label: "seed".into(),
            value: self.seed.to_string(),
            tooltip: "The noise is drawn from this number: the same seed, the same noise.".into(),
        }]
    }

    fn progress(&self) -> Option<Progress> {
        if self.is_wanted && self.worker.is_some() && self.original.is_none() {
            return Some(Progress {
                label: "Unpacking the faces".into(),
                fraction: None,
            });
        }
        let done = self.strip.1.len();
        let is_busy = self.original.is_some() && done < STRIP.len();
        is_busy.then(|| Progress {
            label: "Taking the noise off".into(),
            fraction: Some(done as f32 / STRIP.len() as f32),
        })
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some(bench::OTHER_NOISE)
    }

    fn can(&self, command: Command, _desk: &Desk) -> bool {
        command == Command::Run && self.original.is_some()
    }

    fn command(&mut self, command: Command, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        if command == Command::Run {
            self.next_noise();
        }
    }

    fn accepts(&self, card: &Card) -> Option<String> {
        if Model::is_one(card) {
            return Some("take noise off with this network".into());
        }
        // A picture that says what it was made with is made again, unless one looks at noise.
        let says = |(key, _): &(String, String)| key == "parameters" || key == "glassbox";
        let is_ours = card.kind == "picture" && card.format != "GIF";
        let is_for_noise = self.is_shown || !card.metadata.iter().any(says);
        (is_ours && is_for_noise).then(|| "put noise on it".into())
    }

    fn take(&mut self, card: &Card, desk: &mut Desk, cx: &mut TabContext<'_>) {
        if Model::is_one(card) {
            desk.model.open(card.path.clone(), cx);
            return;
        }
        self.is_wanted = true;
        desk.model.need(cx);
        self.choose(Chosen::File(card.path.clone()));
    }

    fn save(&self) -> Value {
        let face = match self.chosen {
            Chosen::Number(i) => Some(i),
            Chosen::File(_) => None,
        };
        json!({
            "t": self.t,
            "seed": self.seed,
            "face": face,
            "schedule": self.kind.schedule(&self.points),
            "has_words": self.has_words,
        })
    }

    fn restore(&mut self, saved: &Value) {
        if let Some(t) = saved["t"].as_f64() {
            self.t = t.clamp(0.0, (N_LEVELS - 1) as f64);
        }
        self.seed = saved["seed"].as_u64().unwrap_or(self.seed);
        if let Some(face) = saved["face"].as_u64() {
            self.chosen = Chosen::Number(face as usize % bench::N_PICTURES);
        }
        self.has_words = saved["has_words"].as_bool().unwrap_or_default();
        match serde_json::from_value(saved["schedule"].clone()) {
            Ok(Schedule::Linear { .. }) => self.kind = Kind::Linear,
            Ok(Schedule::Drawn(points)) if points.len() == schedule::N_POINTS => {
                self.kind = Kind::Drawn;
                self.points = points;
            }
            _ => {}
        }
    }
}
