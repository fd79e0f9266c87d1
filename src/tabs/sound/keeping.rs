//! Saving: the sound as a WAV file, its picture as a PNG file.

use super::in_use::InUse;
use super::looking::Seen;
use crate::labs::sound::drawn::Drawn;
use crate::labs::sound::{Depth, wav_bytes};
use crate::labs::writing::write_whole;
use crate::tabs::parts::wrapped;
use crate::tabs::saving::{Document, Saving};
use crate::theme::ColorMap;
use eframe::egui::Ui;
use std::path::Path;
use std::sync::Arc;

/// What can be seen, and in which colours.
#[derive(Debug, Clone, Copy)]
pub(super) struct Picture<'a> {
    pub(super) seen: Option<&'a Seen>,
    /// How far below full scale the darkest colour is.
    pub(super) range_db: f64,
    pub(super) colors: ColorMap,
}

/// The two buttons.
pub(super) fn show(
    saving: &mut Saving,
    ui: &mut Ui,
    sound: &InUse,
    selection: Option<[f64; 2]>,
    picture: Picture<'_>,
) {
    wrapped(ui, |ui| {
        let what = if selection.is_some() {
            "Save the selection as WAV…"
        } else {
            "Save as WAV…"
        };
        let hint = "Write the samples as they are played: 32-bit floating point, bit for bit.";
        if ui.button(what).on_hover_text(hint).clicked() {
            saving.ask(of_sound(sound, selection));
        }
        let hint = "Write what the picture shows now, in its colours, and inside the file what it shows and with which settings.";
        if ui.button("Save the picture…").on_hover_text(hint).clicked()
            && let Some(document) = of_picture(sound, picture)
        {
            saving.ask(document);
        }
    });
}

fn stem(name: &str) -> String {
    let path = Path::new(name);
    let stem = path.file_stem().unwrap_or(path.as_os_str());
    stem.to_string_lossy().into_owned()
}

fn of_sound(in_use: &InUse, selection: Option<[f64; 2]>) -> Document {
    let (sound, rate) = (in_use.sound.clone(), in_use.rate_hz());
    let range = match selection {
        Some([from, to]) => (from * rate).round() as usize..(to * rate).round() as usize,
        None => 0..sound.len(),
    };
    Document {
        heading: "Save the sound".into(),
        file_name: format!("{}.wav", stem(sound.name())),
        kind: Some(["WAV", "wav"]),
        write: Arc::new(move |path| {
            let samples = sound.interleaved(range.clone())?;
            let (rate, n) = (sound.sample_rate_hz(), sound.n_channels());
            write_whole(path, &wav_bytes(&samples, rate, n, Depth::Float32)?)
        }),
    }
}

fn of_picture(in_use: &InUse, picture: Picture<'_>) -> Option<Document> {
    let Picture {
        seen,
        range_db,
        colors,
    } = picture;
    let seen = seen?;
    let picture = &seen.picture;
    let [width, height] = [picture.n_columns, picture.n_rows].map(|n| n as u32);
    let share = |&level: &f32| 1.0 + level / range_db as f32;
    let color = |level: &f32| {
        let [r, g, b, _] = colors.at(share(level)).to_array();
        [r, g, b]
    };
    let pixels: Vec<u8> = picture.levels.iter().flat_map(color).collect();
    let (sound, asked) = (in_use.sound.clone(), seen.asked.clone());
    Some(Document {
        heading: "Save the picture".into(),
        file_name: format!("{}.png", stem(in_use.sound.name())),
        kind: Some(["PNG", "png"]),
        write: Arc::new(move |path| {
            let drawn = Drawn {
                sound: &sound,
                settings: &asked.settings,
                secs: asked.secs,
                range_db,
                color_map: colors.name(),
            };
            write_whole(path, &drawn.to_png(&pixels, width, height)?)
        }),
    })
}
