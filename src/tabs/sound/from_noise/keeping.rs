//! Keeping a phrase: as the sound that was heard, as a picture that brings everything back, as numbers.

use super::FromNoiseView;
use crate::files::card::Card;
use crate::jobs::Job;
use crate::labs::diffusion::{KIND, KIND_KEY};
use crate::labs::sound::generation::Wish;
use crate::labs::sound::generation::parameters::{
    Parameters, Restored, is_key, of_file, to_png, within_bounds,
};
use crate::labs::sound::phrases::{HOP_LENGTH, RANGE_DB, RANGE_HZ, SAMPLE_RATE_HZ, SIDE};
use crate::labs::sound::{Depth, wav_bytes};
use crate::labs::writing::write_whole;
use crate::refusal::{Refusal, Result};
use crate::tabs::parts::caption;
use crate::tabs::saving::{Document, Saving};
use crate::tabs::{Notice, TabContext};
use eframe::egui::{Button, Ui};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;

/// What is being written and read.
#[derive(Debug, Default)]
pub(super) struct Keeping {
    pub(super) saving: Saving,
    reading: Option<Job<Result<Option<Restored>>>>,
}

impl Keeping {
    /// Reads a phrase from a picture.
    pub(super) fn read(&mut self, path: PathBuf, cx: &mut TabContext<'_>) {
        let job = Job::spawn("read a phrase", Arc::clone(&cx.wake), move |emit| {
            _ = emit(of_file(&path));
        });
        match job {
            Ok(job) => self.reading = Some(job),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    /// The phrase that was read, once.
    pub(super) fn poll(&mut self, cx: &mut TabContext<'_>) -> Option<Restored> {
        let job = self.reading.as_mut()?;
        let read = job.poll().pop();
        let failure = job.take_failure();
        if job.is_running() && read.is_none() {
            return None;
        }
        self.reading = None;
        cx.notices.extend(failure.map(Notice::Refused));
        match read? {
            Ok(restored) => restored,
            Err(refusal) => {
                cx.notices.push(Notice::Refused(refusal));
                None
            }
        }
    }
}

/// What this view would do with a file.
pub(super) fn accepts(card: &Card) -> Option<String> {
    let said = |key: &str| {
        let mut keys = card.metadata.iter();
        keys.find(|(other, _)| other == key)
            .map(|(_, value)| value.as_str())
    };
    let is_of_music = said("attributes").is_some_and(|it| it.contains("instrument"));
    if said(KIND_KEY) == Some(KIND) && is_of_music {
        return Some("make phrases with this network".into());
    }
    let mut keys = card.metadata.iter();
    keys.any(|(key, _)| is_key(key))
        .then(|| "take up this phrase again: its words, seed and settings".into())
}

/// A wish of another day, with every number within bounds.
pub(super) fn checked(wish: Wish) -> Wish {
    within_bounds(wish)
}

/// The part of the bench that saves.
pub(super) fn bench(view: &mut FromNoiseView, ui: &mut Ui) {
    let shown = view.shown().cloned();
    let made_with = view.made_with.as_ref().map(|(wish, _)| wish.clone());
    let model = view.denoiser.as_ref().map(|it| it.about().name.clone());
    let mut parameters = Parameters {
        model: model.unwrap_or_default(),
        wish: made_with.unwrap_or_else(|| view.wish.clone()),
        is_pieced: view.is_pieced,
    };
    if let (Some(part), Some((_, toward))) = (
        shown.as_ref().and_then(|shown| shown.part),
        &mut parameters.wish.toward,
    ) {
        *toward = part;
    }
    let seed = parameters.wish.seed;
    let sound = shown.as_ref().and_then(|shown| shown.sound.clone());
    let levels = shown.map(|shown| shown.levels);
    let hint = "The samples that are heard, every bit of them (32-bit floating point).";
    let button = ui.add_enabled(sound.is_some(), Button::new("Save as WAV…"));
    if button
        .on_hover_text(hint)
        .on_disabled_hover_text("Play it first.")
        .clicked()
        && let Some(sound) = sound
    {
        ask(
            &mut view.keeping.saving,
            "Save the sound",
            &format!("phrase-{seed}.wav"),
            ["WAV", "wav"],
            move || wav_bytes(&sound.samples, SAMPLE_RATE_HZ, 1, Depth::Float32),
        );
    }
    let hint = "The spectrogram, with words, seed and settings inside.";
    let button = ui.add_enabled(levels.is_some(), Button::new("Save as PNG…"));
    if button.on_hover_text(hint).clicked()
        && let Some(levels) = levels.clone()
    {
        let parameters = parameters.clone();
        ask(
            &mut view.keeping.saving,
            "Save the picture",
            &format!("phrase-{seed}.png"),
            ["PNG", "png"],
            move || to_png(&levels, &parameters),
        );
    }
    let hint = "The levels of all cells in decibels, and how they were made (JSON).";
    let button = ui.add_enabled(levels.is_some(), Button::new("Save the numbers…"));
    if button.on_hover_text(hint).clicked()
        && let Some(levels) = levels
    {
        ask(
            &mut view.keeping.saving,
            "Save the numbers",
            &format!("phrase-{seed}.json"),
            ["JSON", "json"],
            move || numbers(&levels, &parameters),
        );
    }
    let words = if view.is_pieced {
        "The picture keeps this phrase; its words alone do not make it again, for a part of it was kept from another."
    } else {
        "Drop such a PNG on the window, and everything is as it was."
    };
    caption(ui, words);
}

/// Asks where bytes are to go, which are made when that is known.
fn ask(
    saving: &mut Saving,
    heading: &str,
    file_name: &str,
    kind: [&'static str; 2],
    bytes: impl Fn() -> Result<Vec<u8>> + Send + Sync + 'static,
) {
    saving.ask(Document {
        heading: heading.into(),
        file_name: file_name.into(),
        kind: Some(kind),
        write: Arc::new(move |path| write_whole(path, &bytes()?)),
    });
}

/// What was made as JSON.
fn numbers(levels: &[f32], parameters: &Parameters) -> Result<Vec<u8>> {
    let width = (levels.len() / SIDE).max(1);
    let rows = levels.chunks_exact(width).map(|row| {
        let db = row
            .iter()
            .map(|&level| crate::labs::sound::generation::decibels(level));
        db.collect::<Vec<f32>>()
    });
    let document = json!({
        "made_with": parameters,
        "sample_rate_hz": SAMPLE_RATE_HZ,
        "hop_length": HOP_LENGTH,
        "n_mels": SIDE,
        "range_hz": RANGE_HZ,
        "range_db": RANGE_DB,
        "rows_from": "highest",
        "db": rows.collect::<Vec<_>>(),
    });
    serde_json::to_vec(&document).map_err(|error| {
        Refusal::unchanged(
            "The numbers could not be written",
            format!("{error}."),
            "Make the phrase again.",
        )
    })
}
