//! Faces that do not exist: the generator that ships, and its z to play with.
//!
//! [`studio`] is the worker that draws and [`known`] what it found; [`tray`] keeps faces to pick from;
//! the [`pages`] are [`one`] face, a [`push`] of it, a [`walk`] between two, and [`sums`] of faces.

mod bench;
mod known;
mod one;
mod pages;
mod push;
mod studio;
mod sums;
mod tray;
mod walk;

use super::views::{Desk, View};
use crate::command::Command;
use crate::files::card::Card;
use crate::labs::gan::pictures::{KIND, KIND_KEY, Pictures};
use crate::tabs::saving::Saving;
use crate::tabs::{Notice, Progress, StatusItem, TabContext};
use crate::theme;
use crate::widgets::count::grouped;
use crate::widgets::picture_sheet::{PictureSheet, Pixels};
use eframe::egui::{self, Ui};
use known::{FaceLab, Found, Near, Reading};
use pages::Page;
use push::Push;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use studio::{Answer, Place, Studio};
use sums::Sums;
use tray::Tray;
use walk::Walk;

/// The face that is seen first; the tray begins with those after it.
const FIRST_FACE: u64 = 24;

/// Pictures on the stage, and what was asked for them.
#[derive(Debug, Default)]
struct Picture {
    /// The newest wish.
    wished: u64,
    /// What is on the stage, by the number of its wish.
    shown: u64,
    pictures: Option<Pictures>,
    sheet: PictureSheet,
}

/// The face of the first page.
#[derive(Debug, Default)]
struct One {
    /// Where its z comes from; `None` once a number was changed by hand.
    seed: Option<u64>,
    z: Vec<f32>,
    picture: Picture,
    readings: Option<(u64, Vec<Reading>)>,
    near: Option<(u64, Near)>,
    near_sheet: PictureSheet,
}

/// The state of this view.
#[derive(Debug, Default)]
pub(super) struct FacesView {
    page: Page,
    /// A generator of the person's own.
    file: Option<PathBuf>,
    studio: Option<Studio>,
    lab: Option<Arc<FaceLab>>,
    /// The generator could not be opened: said once, and not tried again in every frame.
    refused: Option<String>,
    /// The seed of the newest face, once one was shown, and how far from the mean its z reaches.
    seed: Option<u64>,
    spread: Option<f32>,
    one: One,
    push: Push,
    walk: Walk,
    sums: Sums,
    tray: Tray,
    saving: Saving,
    found: Option<Arc<Found>>,
    surveying: Option<f32>,
    /// How far the training pictures are read.
    reading: Option<f32>,
    n_wishes: u64,
}

impl FacesView {
    /// Writes the path, while it is asked where to save.
    pub(in crate::tabs::images) fn set_save_path(&mut self, path: &str) {
        self.saving.set_path(path);
    }

    /// Wishes for faces at a place.
    fn wish(&mut self, place: Place, zs: Vec<Vec<f32>>) -> u64 {
        self.n_wishes += 1;
        if let Some(studio) = &self.studio {
            studio.draw(place, self.n_wishes, zs);
        }
        self.n_wishes
    }

    /// The seed of the newest face.
    fn seed(&self) -> u64 {
        self.seed.unwrap_or(FIRST_FACE)
    }

    /// Puts the face of a seed on the stage.
    fn show_seed(&mut self, seed: u64) {
        let Some(lab) = &self.lab else { return };
        let spread = self.spread.unwrap_or(1.0);
        let z = lab.z(seed).into_iter().map(|x| x * spread).collect();
        self.seed = Some(seed);
        self.show_z(z, Some(seed));
    }

    /// Puts the face of a z on the stage.
    fn show_z(&mut self, z: Vec<f32>, seed: Option<u64>) {
        self.one.picture.wished = self.wish(Place::Face, vec![z.clone()]);
        self.one.z = z;
        self.one.seed = seed;
    }

    /// One press, a new face.
    fn next_face(&mut self) {
        if self.page != Page::Push {
            self.page = Page::One;
        }
        self.show_seed(self.seed().wrapping_add(1));
    }

    /// Opens the generator when it is first needed.
    fn need(&mut self, cx: &mut TabContext<'_>) {
        if self.studio.is_some() || self.refused.is_some() {
            return;
        }
        match Studio::open(self.file.clone(), cx.compute, Arc::clone(&cx.wake)) {
            Ok(studio) => self.studio = Some(studio),
            Err(refusal) => {
                self.refused = Some(refusal.what.clone());
                cx.notices.push(Notice::Refused(refusal));
            }
        }
    }

    /// The generator is there: the first faces.
    fn begin(&mut self, lab: &Arc<FaceLab>) {
        self.lab = Some(Arc::clone(lab));
        let seed = self.seed();
        self.show_seed(seed);
        let first = (1..=tray::N_FIRST).map(|i| seed.wrapping_add(i));
        self.tray.begin(first, lab);
        self.wish(Place::Tray, self.tray.zs());
        self.walk.ends = [0, 1].map(|i| self.tray.slot(i));
        self.sums.begin(&self.tray);
        self.draw_walk();
        self.draw_sums();
    }

    fn poll_studio(&mut self, cx: &mut TabContext<'_>) {
        let Some(studio) = &mut self.studio else {
            return;
        };
        let arrived = studio.job.poll();
        let failure = studio.job.take_failure();
        let is_over = !studio.job.is_running();
        for answer in arrived {
            self.hear(answer, cx);
        }
        if is_over {
            self.studio = None;
            if let Some(refusal) = failure {
                self.refused = Some(refusal.what.clone());
                cx.notices.push(Notice::Refused(refusal));
            }
        }
    }

    fn hear(&mut self, answer: Answer, cx: &mut TabContext<'_>) {
        match answer {
            Answer::Ready(lab) => self.begin(&lab),
            Answer::Drawn {
                place,
                number,
                pictures,
            } => self.take(place, number, pictures),
            Answer::Read {
                place: Place::Sum,
                number,
                readings,
            } => self.sums.readings = Some((number, readings)),
            Answer::Read {
                place: Place::Pushed,
                number,
                readings,
            } => self.push.readings = Some((number, readings)),
            Answer::Read {
                number, readings, ..
            } => self.one.readings = Some((number, readings)),
            Answer::Near { number, near } => {
                self.reading = None;
                self.one.near = Some((number, near));
            }
            Answer::Reading(part) => self.reading = Some(part),
            Answer::Surveying(part) => self.surveying = Some(part),
            Answer::Surveyed(found) => {
                self.surveying = None;
                self.found = Some(found);
                self.take_means();
                self.begin_push();
            }
            Answer::Trouble(refusal) => {
                self.surveying = None;
                if self.lab.is_none() {
                    self.refused = Some(refusal.what.clone());
                }
                cx.notices.push(Notice::Refused(refusal));
            }
        }
    }

    fn take(&mut self, place: Place, number: u64, pictures: Pictures) {
        let picture = match place {
            Place::Face => &mut self.one.picture,
            Place::Pushed => &mut self.push.picture,
            Place::Pushes => &mut self.push.strip,
            Place::Between => &mut self.walk.between,
            Place::Strip => &mut self.walk.strip,
            Place::Sum => &mut self.sums.sum,
            Place::Terms => &mut self.sums.terms_picture,
            Place::Tray => &mut self.tray.picture,
        };
        picture.shown = number;
        if matches!(place, Place::Face | Place::Sum | Place::Pushed)
            && let Some(studio) = &self.studio
        {
            studio.look(place, number, pictures.clone());
        }
        picture.pictures = Some(pictures);
    }
}

impl Picture {
    /// Gives the graphics card what arrived last.
    fn update(&mut self, ctx: &egui::Context, large: bool) {
        if let Some(pictures) = &self.pictures {
            let pixels = Pixels {
                side: pictures.side,
                n_channels: pictures.n_channels,
                bytes: &pictures.pixels,
            };
            self.sheet.update(ctx, self.shown, pixels, large);
        }
    }
}

impl View<Desk> for FacesView {
    fn poll(&mut self, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.poll_studio(cx);
        self.saving.poll(cx);
    }

    fn title(&self, _desk: &Desk) -> String {
        match (self.page, self.one.seed) {
            (Page::One, Some(seed)) => format!("A face that does not exist: seed {seed}"),
            (Page::One, None) if self.lab.is_some() => "A face that you made".into(),
            (Page::Push, _) => "A face, pushed".into(),
            (Page::Walk, _) => "A walk between two faces".into(),
            (Page::Sums, _) => "Arithmetic with faces".into(),
            _ => "Faces that do not exist".into(),
        }
    }

    fn stage(&mut self, ui: &mut Ui, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.need(cx);
        self.saving.show(ui, cx);
        if self.lab.is_none() {
            pages::waiting(ui, self.refused.as_deref());
            return;
        }
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = theme::size::HALF;
            for (page, label, hint) in Page::ALL {
                let button = egui::Button::selectable(self.page == page, label);
                let button = ui.add(button.frame_when_inactive(true));
                if button.on_hover_text(hint).clicked() {
                    self.page = page;
                }
            }
        });
        ui.add_space(theme::size::HALF);
        match self.page {
            Page::One => one::show(self, ui),
            Page::Push => push::show(self, ui),
            Page::Walk => walk::show(self, ui),
            Page::Sums => sums::show(self, ui),
        }
    }

    fn bench(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        bench::show(self, ui);
    }

    fn status(&self, _desk: &Desk) -> Vec<StatusItem> {
        let Some(lab) = &self.lab else {
            return Vec::new();
        };
        vec![StatusItem {
            label: "generator".into(),
            value: format!("{} weights", grouped(lab.about().n_weights)),
            tooltip:
                "Numbers that the generator learned; they and z are all that a face is made of."
                    .into(),
        }]
    }

    fn progress(&self) -> Option<Progress> {
        let opening = self.studio.is_some() && self.lab.is_none();
        let opening = opening.then(|| Progress {
            label: "Opening the generator".into(),
            fraction: None,
        });
        let surveying = || {
            Some(Progress {
                label: "Looking at many faces".into(),
                fraction: Some(self.surveying?),
            })
        };
        let reading = || {
            Some(Progress {
                label: "Reading the training pictures".into(),
                fraction: Some(self.reading?),
            })
        };
        opening.or_else(reading).or_else(surveying)
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some(bench::NEW_FACE)
    }

    fn can(&self, command: Command, _desk: &Desk) -> bool {
        command == Command::Run && self.lab.is_some()
    }

    fn command(&mut self, command: Command, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        if command == Command::Run {
            self.next_face();
        }
    }

    fn accepts(&self, card: &Card) -> Option<String> {
        let is_generator = |(key, value): &(String, String)| key == KIND_KEY && value == KIND;
        let is = card.metadata.iter().any(is_generator);
        is.then(|| "make pictures with this generator".into())
    }

    fn take(&mut self, card: &Card, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        *self = Self {
            file: Some(card.path.clone()),
            seed: self.seed,
            n_wishes: self.n_wishes,
            ..Self::default()
        };
        self.need(cx);
    }

    fn save(&self) -> Value {
        json!({ "seed": self.seed })
    }

    fn restore(&mut self, saved: &Value) {
        self.seed = saved["seed"].as_u64();
    }
}
