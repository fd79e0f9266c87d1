//! From noise: words become a spectrogram, step by step, and any step can be heard.
//!
//! The [`maker`] makes and sounds phrases; the [`stage`] shows the one that was chosen, and the film strip all
//! of them; the [`bench`] asks, and [`acting`] does it; [`keeping`] writes what was made, and takes it up again.

mod acting;
mod bench;
mod keeping;
mod maker;
mod stage;

use super::views::{Desk, View};
use crate::command::Command;
use crate::files::card::Card;
use crate::jobs::Job;
use crate::labs::diffusion::Denoiser;
use crate::labs::sound::generation::Wish;
use crate::labs::sound::phrases::{HOP_LENGTH, SAMPLE_RATE_HZ, Sounding};
use crate::refusal::Result;
use crate::tabs::{Notice, Progress, StatusItem, TabContext};
use crate::theme::ColorMap;
use crate::widgets::film_strip::{FilmState, FilmStrip};
use crate::widgets::spectrogram::SpectrogramState;
use crate::widgets::time_span::TimeSpan;
use eframe::egui::{Id, Ui};
use keeping::Keeping;
use maker::{Event, Frame, Task};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

/// Phrases of a walk.
const WALK_STOPS: usize = 5;

/// The state of this view.
#[derive(Debug)]
pub(in crate::tabs::sound) struct FromNoiseView {
    wish: Wish,
    /// Where a walk goes.
    toward: String,
    looping: bool,
    colors: ColorMap,
    denoiser: Option<Arc<Denoiser>>,
    opening: Option<Job<Event>>,
    /// The model could not be opened: said once.
    is_refused: bool,
    making: Option<Job<Event>>,
    /// What the frames were asked with.
    made_with: Option<(Wish, Task)>,
    frames: Vec<Frame>,
    /// The frame on the stage; the newest where none.
    selected: Option<usize>,
    /// Counts the films: what plays belongs to one.
    film: u64,
    /// Whether the last frame is a whole phrase.
    is_whole: bool,
    /// Whether a part of it was made anew, or it goes on: the wish alone does not make it again.
    is_pieced: bool,
    sounding: Option<(usize, Job<Result<Sounding>>)>,
    /// Play it as soon as it is there.
    wants_to_hear: bool,
    span: TimeSpan,
    texture: SpectrogramState,
    version: u64,
    strip: FilmState,
    thumbs: stage::Thumbs,
    keeping: Keeping,
}

impl Default for FromNoiseView {
    fn default() -> Self {
        Self {
            wish: Wish::default(),
            toward: String::new(),
            looping: true,
            colors: ColorMap::Magma,
            denoiser: None,
            opening: None,
            is_refused: false,
            making: None,
            made_with: None,
            frames: Vec::new(),
            selected: None,
            film: 0,
            is_whole: false,
            is_pieced: false,
            sounding: None,
            wants_to_hear: false,
            span: TimeSpan::all(1.0),
            texture: SpectrogramState::default(),
            version: 0,
            strip: FilmState::default(),
            thumbs: stage::Thumbs::default(),
            keeping: Keeping::default(),
        }
    }
}

impl FromNoiseView {
    pub(in crate::tabs::sound) fn set_save_path(&mut self, path: &str) {
        self.keeping.saving.set_path(path);
    }

    /// The number of the frame on the stage.
    fn here(&self) -> Option<usize> {
        let last = self.frames.len().checked_sub(1)?;
        Some(self.selected.map_or(last, |frame| frame.min(last)))
    }

    fn shown(&self) -> Option<&Frame> {
        self.frames.get(self.here()?)
    }

    /// What the player knows a frame by.
    fn id(&self, frame: usize) -> Id {
        Id::unique(("from noise", self.film, frame))
    }

    /// Puts another frame on the stage.
    fn show(&mut self, frame: Option<usize>) {
        self.selected = frame;
        self.version += 1;
        let width = self.shown().map_or(0, Frame::width);
        let total = (width * HOP_LENGTH) as f64 / f64::from(SAMPLE_RATE_HZ);
        if (self.span.total - total).abs() > 1e-6 {
            self.span = TimeSpan::all(total);
        }
    }
}

impl View<Desk> for FromNoiseView {
    fn poll(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        // The network is opened when somebody looks: see `stage`.
        if self.opening.is_some() || self.making.is_some() {
            self.poll_jobs(cx);
        }
        self.poll_sound(desk, cx);
        self.keeping.saving.poll(cx);
        if let Some(restored) = self.keeping.poll(cx) {
            self.wish = restored.parameters.wish;
            let (here, there) = (self.denoiser.as_ref(), &restored.parameters.model);
            let mut words = "Words, seed and settings are those of the phrase.".to_owned();
            if let Some(denoiser) = here.filter(|it| it.about().name != *there) {
                let here = &denoiser.about().name;
                _ = write!(words, " It was made by “{there}”; here “{here}” makes.");
            }
            if let Some((caption, _)) = &self.wish.toward {
                self.toward.clone_from(caption);
            }
            self.take(restored.levels, restored.parameters.is_pieced);
            cx.notices.push(Notice::Done(words));
        }
    }

    fn title(&self, _desk: &Desk) -> String {
        match &self.made_with {
            Some((wish, _)) if !wish.caption.is_empty() => format!("“{}”", wish.caption),
            _ => "Music out of noise".into(),
        }
    }

    fn stage(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.poll_jobs(cx);
        self.keeping.saving.show(ui, cx);
        stage::show(self, ui, desk, cx);
    }

    fn bench(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        bench::show(self, ui, desk, cx);
    }

    fn has_timeline(&self) -> bool {
        !self.frames.is_empty()
    }

    fn timeline(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        stage::make_thumbs(self, ui);
        let (frames, thumbs) = (&self.frames, &self.thumbs);
        let strip = FilmStrip {
            name: "Steps from noise to the phrase",
            n_frames: frames.len(),
            selected: self.selected,
            label: &|i| frames.get(i).map_or_else(String::new, |it| it.name.clone()),
            is_branch: &|_| false,
            aspect: 1.0,
            go_on: None,
        };
        let did = strip.show(ui, &mut self.strip, &mut |painter, i, rect| {
            if let Some(thumb) = thumbs.0.get(i) {
                stage::paint_thumb(painter, thumb, rect);
            }
        });
        if did.follow {
            self.show(None);
        } else if did.went_to.is_some() {
            self.show(did.went_to);
        }
    }

    fn status(&self, _desk: &Desk) -> Vec<StatusItem> {
        let about = self.denoiser.as_ref().map(|it| it.about());
        let item = about.map(|about| StatusItem {
            label: "model".into(),
            value: about.name.clone(),
            tooltip: format!("{} weights, {}.", about.n_weights, about.source),
        });
        item.into_iter().collect()
    }

    fn progress(&self) -> Option<Progress> {
        if self.opening.is_some() {
            return Some(Progress {
                label: "Opening the network".into(),
                fraction: None,
            });
        }
        let (_, task) = self.made_with.as_ref().filter(|_| self.is_making())?;
        let n = match task {
            Task::Walk(n) => *n,
            _ => self.wish.settings.n_steps + 1,
        };
        Some(Progress {
            label: "Making a phrase".into(),
            fraction: Some(self.frames.len() as f32 / n.max(1) as f32),
        })
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some(bench::MAKE)
    }

    fn can(&self, command: Command, desk: &Desk) -> bool {
        match command {
            Command::Run => self.denoiser.is_some() && !self.is_making(),
            Command::Stop => {
                let playing = self
                    .here()
                    .is_some_and(|it| desk.player.is_playing(self.id(it)));
                self.is_making() || playing
            }
            _ => false,
        }
    }

    fn command(&mut self, command: Command, desk: &mut Desk, cx: &mut TabContext<'_>) {
        match command {
            Command::Run => self.press_make(cx),
            Command::Stop => match &self.making {
                Some(job) => job.stop(),
                None => desk.player.pause(),
            },
            _ => {}
        }
    }

    fn accepts(&self, card: &Card) -> Option<String> {
        keeping::accepts(card)
    }

    fn open(&mut self, path: PathBuf, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        if path
            .extension()
            .is_some_and(|ending| ending == "safetensors")
        {
            match maker::open(Some(path), cx) {
                Ok(job) => self.opening = Some(job),
                Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
            }
        } else {
            self.keeping.read(path, cx);
        }
    }

    fn save(&self) -> Value {
        json!({
            "wish": self.wish,
            "toward": self.toward,
            "looping": self.looping,
            "colors": self.colors,
        })
    }

    fn restore(&mut self, saved: &Value) {
        if let Ok(wish) = serde_json::from_value(saved["wish"].clone()) {
            self.wish = keeping::checked(wish);
        }
        if let Ok(colors) = serde_json::from_value(saved["colors"].clone()) {
            self.colors = colors;
        }
        saved["toward"]
            .as_str()
            .unwrap_or_default()
            .clone_into(&mut self.toward);
        self.looping = saved["looping"].as_bool().unwrap_or(true);
    }
}
