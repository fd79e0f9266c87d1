//! The stage: the phrase as a picture that plays, and small pictures for the strip.

use super::super::player::{keep_moving, time};
use super::super::views::Desk;
use super::FromNoiseView;
use super::bench::EXAMPLES;
use crate::labs::sound::phrases::{
    HOP_LENGTH, INSTRUMENTS, RANGE_DB, SAMPLE_RATE_HZ, SIDE, height_of, row_hz,
};
use crate::tabs::TabContext;
use crate::tabs::parts::{caption, choice, wrapped};
use crate::theme::{self, size};
use crate::widgets::count::grouped;
use crate::widgets::icon::Icon;
use crate::widgets::spectrogram::Spectrogram;
use crate::widgets::time_span::Touch;
use eframe::egui::{
    self, Color32, ColorImage, Painter, Pos2, Rect, RichText, TextureHandle, TextureOptions, Ui,
    pos2, vec2,
};

/// Frequencies that are written beside the picture.
const TICKS_HZ: [(f64, &str); 6] = [
    (100.0, "100 Hz"),
    (500.0, "500 Hz"),
    (1000.0, "1 kHz"),
    (2000.0, "2 kHz"),
    (5000.0, "5 kHz"),
    (9000.0, "9 kHz"),
];

pub(super) fn show(
    view: &mut FromNoiseView,
    ui: &mut Ui,
    desk: &mut Desk,
    cx: &mut TabContext<'_>,
) {
    let Some(frame) = view.here() else {
        nothing_yet(view, ui, cx);
        return;
    };
    let id = view.id(frame);
    let is_playing = desk.player.is_playing(id);
    let playing = desk
        .player
        .place(id)
        .map(|at| at / f64::from(SAMPLE_RATE_HZ));
    if is_playing {
        keep_moving(ui.ctx());
    }
    line(view, ui, desk, cx, is_playing, playing);
    let ticks = TICKS_HZ.map(|(hz, words)| (height_of(hz), words.to_owned()));
    let shown = &view.frames[frame];
    let db = std::sync::Arc::clone(&shown.db);
    let width = shown.width();
    let widget = Spectrogram {
        name: "The phrase as a spectrogram",
        levels: &db,
        n_columns: width,
        version: view.version,
        covers: [0.0, view.span.total],
        range_db: [-RANGE_DB, 0.0],
        colors: view.colors,
        ticks: &ticks,
        playing,
        asked: None,
        is_painted: false,
    };
    let room = ui.available_size() - vec2(0.0, size::SMALL * 1.8);
    let mut span = view.span.clone();
    let before = span.cursor;
    let out = widget.show(ui, room, &mut span, &mut view.texture);
    view.span = span;
    let seek = match out.touch {
        Some(Touch::Click(_, secs)) => Some(secs),
        _ => (view.span.cursor != before).then_some(view.span.cursor),
    };
    if let Some(secs) = seek {
        view.span.cursor = secs;
        desk.player.seek(id, secs * f64::from(SAMPLE_RATE_HZ));
    }
    below(view, ui, frame, out.hovered, out.plot);
}

fn nothing_yet(view: &mut FromNoiseView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    ui.add_space(size::GROUP);
    if view.is_refused {
        ui.label("The network could not be opened.");
        return;
    }
    ui.label("Words become music here: a network begins with a picture of pure noise and takes the noise out, step by step, until a spectrogram is left that the words describe. Every step can be heard.");
    ui.add_space(size::GRID);
    ui.label("Begin with:");
    ui.add_space(size::GRID);
    wrapped(ui, |ui| {
        for words in EXAMPLES {
            let hint = "Make it from noise.";
            if choice(ui, false, words, hint) {
                words.clone_into(&mut view.wish.caption);
                view.begin(super::Task::Phrase, cx);
            }
        }
    });
    ui.add_space(size::GRID);
    let names: Vec<&str> = INSTRUMENTS.iter().map(|it| it.name).collect();
    caption(
        ui,
        format!(
            "It knows {}; slow, medium and fast; major and minor; chords, arpeggio, melody and riff; for drums rock, dance and shuffle.",
            names.join(", ")
        ),
    );
}

/// What is on the stage, and the button that plays it.
fn line(
    view: &mut FromNoiseView,
    ui: &mut Ui,
    desk: &mut Desk,
    cx: &mut TabContext<'_>,
    is_playing: bool,
    playing: Option<f64>,
) {
    ui.horizontal(|ui| {
        let obstacle = desk.player.obstacle();
        let (icon, name) = if is_playing {
            (Icon::Pause, "Pause the phrase")
        } else {
            (Icon::Run, "Play the phrase")
        };
        let hint = obstacle
            .as_deref()
            .unwrap_or("Hear what is on the stage, whichever step it is.");
        let button = ui.add_enabled_ui(obstacle.is_none(), |ui| icon.button(ui, name, hint));
        let response = button.inner.on_disabled_hover_text(hint);
        if response.clicked() {
            view.press_play(desk, cx);
        }
        let Some(shown) = view.shown() else { return };
        ui.label(RichText::new(&shown.name).text_style(theme::style::strong()));
        let here = playing.unwrap_or(view.span.cursor);
        let words = format!("{} of {}", time(here), time(view.span.total));
        ui.label(RichText::new(words).text_style(egui::TextStyle::Monospace));
        if let Some(sound) = &shown.sound {
            let words = format!("spectral convergence {:.2}", sound.convergence);
            ui.label(RichText::new(words).small()).on_hover_text(
                "How far the spectrogram of what you hear is from this picture: 0 would be no difference. The picture has 128 rows for 2049 frequencies and no phase, so that something must be guessed.",
            );
        } else if view.sounding.is_some() {
            ui.label(RichText::new("its sound is looked for").small());
        }
        if let Some([from, to]) = view.span.selection {
            let words = format!("selected {} to {}", time(from), time(to));
            ui.label(RichText::new(words).small());
            let hint = "Select nothing.";
            if ui.small_button("Clear").on_hover_text(hint).clicked() {
                view.span.selection = None;
            }
        }
    });
}

/// Time, frequency and level under the pointer.
fn below(view: &FromNoiseView, ui: &mut Ui, frame: usize, hovered: Option<Pos2>, plot: Rect) {
    let words = hovered.map_or_else(
        || "Drag over the picture to select a part that is to be made anew.".to_owned(),
        |at| {
            let shown = &view.frames[frame];
            let secs = view.span.secs_at(at.x, plot);
            let column = (secs * f64::from(SAMPLE_RATE_HZ) / HOP_LENGTH as f64) as usize;
            let column = column.min(shown.width().saturating_sub(1));
            let share = (at.y - plot.top()) / plot.height().max(1.0);
            let row = ((share * SIDE as f32).max(0.0) as usize).min(SIDE - 1);
            let db = shown.db[row * shown.width() + column];
            let level = format!("{db:.1}").replace('-', "−");
            format!(
                "{} · {} Hz · {level} dB",
                time(secs),
                grouped(row_hz(row).round())
            )
        },
    );
    caption(ui, words);
}

/// The small pictures of the strip.
#[derive(Default)]
pub(super) struct Thumbs(pub(super) Vec<TextureHandle>);

impl std::fmt::Debug for Thumbs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Thumbs").field(&self.0.len()).finish()
    }
}

/// Makes the small pictures that are missing.
pub(super) fn make_thumbs(view: &mut FromNoiseView, ui: &Ui) {
    for i in view.thumbs.0.len()..view.frames.len() {
        let frame = &view.frames[i];
        let pixels: Vec<Color32> = frame
            .levels
            .iter()
            .map(|level| view.colors.at(f32::midpoint(level.clamp(-1.0, 1.0), 1.0)))
            .collect();
        let image = ColorImage::new([frame.width(), SIDE], pixels);
        let name = format!("phrase {} {i}", view.film);
        let texture = ui.ctx().load_texture(name, image, TextureOptions::LINEAR);
        view.thumbs.0.push(texture);
    }
}

pub(super) fn paint_thumb(painter: &Painter, thumb: &TextureHandle, rect: Rect) {
    let whole = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
    painter.image(thumb.id(), rect, whole, Color32::WHITE);
}
