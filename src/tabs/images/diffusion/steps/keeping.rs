//! Keeping a picture: a PNG that carries what it was made with, and such a PNG dropped on the window.

use super::StepsView;
use super::recipe::Recipe;
use crate::files::card::Card;
use crate::jobs::Job;
use crate::labs::diffusion::Denoiser;
use crate::labs::diffusion::noising::bytes;
use crate::labs::diffusion::parameters::{self, Restored};
use crate::labs::gan::faces::png;
use crate::labs::gan::pictures::Pictures;
use crate::labs::writing::write_whole;
use crate::refusal::Result;
use crate::tabs::images::diffusion::Model;
use crate::tabs::images::views::Desk;
use crate::tabs::parts::caption;
use crate::tabs::saving::{Document, Saving};
use crate::tabs::{Notice, TabContext};
use eframe::egui::{Button, Ui};
use std::sync::Arc;

/// Times that a picture is enlarged when it is saved, so that it can be put on a slide.
const ENLARGED: usize = 8;

/// What is being written or read.
#[derive(Debug, Default)]
pub(super) struct Keeping {
    saving: Saving,
    opening: Option<Job<Result<Option<Restored>>>>,
}

impl Keeping {
    pub(super) fn set_path(&mut self, path: &str) {
        self.saving.set_path(path);
    }

    /// The question where to save, while it is asked.
    pub(super) fn show(&mut self, ui: &mut Ui, cx: &mut TabContext<'_>) {
        self.saving.show(ui, cx);
    }
}

/// What this view would do with a file.
pub(super) fn accepts(card: &Card) -> Option<String> {
    if Model::is_one(card) {
        return Some("draw with this network".into());
    }
    let keys = card.metadata.iter();
    let mut keys = keys.filter(|(key, _)| parameters::is_key(key));
    keys.next()
        .map(|_| "make this picture again: its words, seed and settings".into())
}

/// Opens what was accepted: a picture that says what it was made with, or else a network.
pub(super) fn open(view: &mut StepsView, card: &Card, desk: &mut Desk, cx: &mut TabContext<'_>) {
    let path = card.path.clone();
    if Model::is_one(card) {
        desk.model.open(path, cx);
        return;
    }
    let job = Job::spawn("read a picture's text", Arc::clone(&cx.wake), move |emit| {
        _ = emit(parameters::of_file(&path));
    });
    match job {
        Ok(job) => view.keeping.opening = Some(job),
        Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
    }
}

/// Takes what came back from the disk.
pub(super) fn poll(view: &mut StepsView, cx: &mut TabContext<'_>) {
    view.keeping.saving.poll(cx);
    let Some(job) = &mut view.keeping.opening else {
        return;
    };
    let opened = job.poll().pop();
    if !job.is_running() {
        cx.notices.extend(job.take_failure().map(Notice::Refused));
        view.keeping.opening = None;
    }
    match opened {
        Some(Ok(Some(restored))) => restore(view, restored, cx),
        Some(Ok(None)) => {
            let words = "The picture does not say what it was made with.";
            cx.notices.push(Notice::Done(words.into()));
        }
        Some(Err(refusal)) => cx.notices.push(Notice::Refused(refusal)),
        None => {}
    }
}

/// Everything is as it was when the picture was made.
fn restore(view: &mut StepsView, restored: Restored, cx: &mut TabContext<'_>) {
    let Restored {
        parameters,
        mut notes,
    } = restored;
    if let Some(denoiser) = &view.denoiser
        && denoiser.about().name != parameters.model
    {
        let (here, there) = (&denoiser.about().name, &parameters.model);
        notes.push(format!("It was made by “{there}”; here draws “{here}”."));
    }
    if parameters.strength.is_some() {
        notes.push(
            "It began with a picture, which is not in the file: here it begins with noise.".into(),
        );
    }
    view.begin(Recipe::from(parameters));
    view.page = super::pages::Page::Film;
    let words = "Words, seed and settings are those of the picture.";
    let words = std::iter::once(words).chain(notes.iter().map(String::as_str));
    let words: Vec<&str> = words.collect();
    cx.notices.push(Notice::Done(words.join(" ")));
}

/// The part of the bench that saves.
pub(super) fn bench(view: &mut StepsView, ui: &mut Ui, denoiser: &Arc<Denoiser>) {
    let end = view.way().take.end.clone();
    let hint = "The picture, eight times as large, with words, seed and settings inside (also as the Stable Diffusion web UI writes them).";
    let button = ui.add_enabled(end.is_some(), Button::new("Save as PNG…"));
    if button.on_hover_text(hint).clicked()
        && let Some((_, picture)) = end
    {
        let about = denoiser.about();
        let recipe = &view.way().recipe;
        let made_by = recipe.parameters(about);
        let pictures = Pictures {
            side: about.side,
            n_channels: about.n_channels,
            pixels: bytes(&picture),
        };
        view.keeping.saving.ask(Document {
            heading: "Save the picture".into(),
            file_name: format!("picture-{}.png", recipe.seed),
            kind: Some(["PNG", "png"]),
            write: Arc::new(move |path| {
                let png = png(&pictures, ENLARGED)?;
                write_whole(path, &made_by.write_into(&png))
            }),
        });
    }
    let words = if view.way().began_at().is_some() {
        "The file tells words, seed and settings, not that this way left another one."
    } else {
        "Drop such a PNG on the window, and everything is as it was."
    };
    caption(ui, words);
}
