//! The denoiser that the views of diffusion share: the one that ships, or a person's own.

use crate::files::card::Card;
use crate::jobs::Job;
use crate::labs::diffusion::{Denoiser, KIND, KIND_KEY};
use crate::refusal::{Refusal, Result};
use crate::tabs::parts::caption;
use crate::tabs::{Notice, Progress, TabContext};
use crate::theme;
use eframe::egui::{RichText, Ui};
use std::path::PathBuf;
use std::sync::Arc;

/// A model, once a view needed it.
#[derive(Debug, Default)]
pub(in crate::tabs::images) struct Model {
    opening: Option<Job<Result<Arc<Denoiser>>>>,
    denoiser: Option<Arc<Denoiser>>,
    /// The same with a word that a person taught it, while it is to be used everywhere.
    worn: Option<Arc<Denoiser>>,
    /// It could not be opened: said once, and not tried again in every frame.
    refused: Option<String>,
    number: u64,
}

impl Model {
    /// The model, if it is there; else it is being opened from now on.
    pub(in crate::tabs::images) fn need(
        &mut self,
        cx: &mut TabContext<'_>,
    ) -> Option<Arc<Denoiser>> {
        if self.denoiser.is_none() && self.opening.is_none() && self.refused.is_none() {
            self.begin(None, cx);
        }
        self.get().cloned()
    }

    /// The model, if it is there.
    pub(in crate::tabs::images) fn get(&self) -> Option<&Arc<Denoiser>> {
        self.worn.as_ref().or(self.denoiser.as_ref())
    }

    /// The model as it was opened, without what a person taught it.
    pub(in crate::tabs::images) fn base(&self) -> Option<&Arc<Denoiser>> {
        self.denoiser.as_ref()
    }

    /// All views use this one from now on, which was made of the model that was opened; or that again.
    pub(in crate::tabs::images) fn wear(&mut self, worn: Option<Arc<Denoiser>>) {
        self.worn = worn;
        self.number += 1;
    }

    /// Counts the models that were opened: what was made by another number is another model's.
    pub(in crate::tabs::images) fn number(&self) -> u64 {
        self.number
    }

    /// Whether this file is such a model.
    pub(in crate::tabs::images) fn is_one(card: &Card) -> bool {
        let is_denoiser = |(key, value): &(String, String)| key == KIND_KEY && value == KIND;
        card.metadata.iter().any(is_denoiser)
    }

    /// Opens a model of the person's own. The one that is there stays until then.
    pub(in crate::tabs::images) fn open(&mut self, path: PathBuf, cx: &mut TabContext<'_>) {
        self.begin(Some(path), cx);
    }

    fn begin(&mut self, file: Option<PathBuf>, cx: &mut TabContext<'_>) {
        let wake = Arc::clone(&cx.wake);
        let job = Job::spawn("open a denoiser", wake, move |emit| {
            let denoiser = match file {
                Some(path) => Denoiser::open(&path),
                None => Denoiser::bundled(),
            };
            _ = emit(denoiser.map(Arc::new));
        });
        match job {
            Ok(job) => self.opening = Some(job),
            Err(refusal) => self.refuse(refusal, cx),
        }
    }

    /// Takes what arrived. Called every frame.
    pub(in crate::tabs::images) fn poll(&mut self, cx: &mut TabContext<'_>) {
        let Some(job) = &mut self.opening else { return };
        let opened = job.poll().pop();
        if job.is_running() && opened.is_none() {
            return;
        }
        let failure = job.take_failure();
        self.opening = None;
        match opened {
            Some(Ok(denoiser)) => {
                self.denoiser = Some(denoiser);
                self.worn = None;
                self.number += 1;
            }
            Some(Err(refusal)) => self.refuse(refusal, cx),
            None => {
                if let Some(refusal) = failure {
                    self.refuse(refusal, cx);
                }
            }
        }
    }

    fn refuse(&mut self, refusal: Refusal, cx: &mut TabContext<'_>) {
        if self.denoiser.is_none() {
            self.refused = Some(refusal.what.clone());
        }
        cx.notices.push(Notice::Refused(refusal));
    }

    pub(in crate::tabs::images) fn progress(&self) -> Option<Progress> {
        self.opening.as_ref().map(|_| Progress {
            label: "Opening the network".into(),
            fraction: None,
        })
    }

    /// What a stage shows while there is none.
    pub(in crate::tabs::images) fn waiting(&self, ui: &mut Ui) {
        ui.add_space(ui.available_height() * 0.3);
        ui.vertical_centered(|ui| {
            ui.set_max_width(520.0);
            let refused = self.refused.as_deref();
            let words = refused.unwrap_or("The network is being opened");
            ui.label(RichText::new(words).text_style(theme::style::subheading()));
            ui.add_space(theme::size::GRID);
            let more = "A network that sees the picture under noise: from noise alone it makes pictures that nobody took.";
            caption(ui, more);
        });
    }
}
