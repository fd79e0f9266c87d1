//! The stage: one trial beside the truth, the same moment of both as waves, and how the search went.

use super::super::player::{keep_moving, time};
use super::super::views::Desk;
use super::{PhaseView, bench};
use crate::labs::sound::made::Made;
use crate::labs::sound::phase::{Phase, Trial};
use crate::tabs::TabContext;
use crate::tabs::parts::{caption, choice, wrapped};
use crate::theme::{self, ColorMap, size, style};
use crate::widgets::lines::{Lines, Scale, Series};
use crate::widgets::spectrogram::Spectrogram;
use crate::widgets::time_span::{TimeSpan, Touch};
use crate::widgets::waveform::Waveform;
use eframe::egui::{self, RichText, Ui, vec2};

/// Levels from the darkest colour to the lightest.
pub(super) const RANGE_DB: [f32; 2] = [-90.0, 0.0];
/// How much of the waves is shown.
const WAVE_SECS: f64 = 0.02;
/// A stage no higher than this has no room for waves.
const LOW: f32 = 300.0;
/// Points of a wave.
const WAVE_COLUMNS: usize = 400;

pub(super) fn show(view: &mut PhaseView, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
    if desk.sound.is_none() {
        nothing_yet(view, ui, cx);
        return;
    }
    let (Some(shown), Some(truth)) = (view.shown().cloned(), view.truth().cloned()) else {
        caption(ui, "Taking the phase away…");
        return;
    };
    head(view, ui, desk, &shown);
    let height = ui.available_height();
    let line = ui.text_style_height(&egui::TextStyle::Small) + ui.spacing().item_spacing.y;
    // The times below a picture and the words over it take room too; a projector has little.
    let has_waves = height > LOW;
    let curve = (height * 0.26).clamp(64.0, 200.0);
    let waves = if has_waves {
        (height * 0.18).clamp(56.0, 120.0)
    } else {
        0.0
    };
    let words = if has_waves { 4.0 } else { 2.0 } * line;
    let pictures = (height - curve - waves - words - size::GRID * 2.0).max(72.0);
    let place = desk.player.place(view.track(&shown).id);
    let playing = place.map(|at| at / f64::from(shown.sound.sample_rate_hz()));
    if view.is_playing(desk) {
        keep_moving(ui.ctx());
    }
    pair(view, ui, desk, [&shown, &truth], pictures, playing);
    if has_waves {
        pair_of_waves(view, ui, [&shown, &truth], waves, playing);
    }
    ui.add_space(size::GRID);
    convergence(view, ui, &shown, curve);
}

fn nothing_yet(view: &mut PhaseView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    ui.add_space(size::GROUP);
    ui.label("A spectrogram says how strong each frequency is, and not where its waves begin: their phase. Half of what the transform computed is missing, and without it there is no sound.");
    ui.add_space(size::GRID);
    ui.label("Take the phase from a sound, and hear what can be found again:");
    ui.add_space(size::GRID);
    wrapped(ui, |ui| {
        for made in Made::ALL {
            if choice(ui, false, &format!("Try: {}", made.name()), made.teaches()) {
                view.make(made, cx);
            }
        }
    });
    ui.add_space(size::GRID);
    caption(ui, "Or drop a WAV, FLAC, MP3 or Ogg file on the window.");
}

/// Which trial is on the stage, to be heard, and how near it came.
fn head(view: &mut PhaseView, ui: &mut Ui, desk: &mut Desk, shown: &Trial) {
    ui.horizontal(|ui| {
        let track = view.track(shown);
        desk.player.button(ui, &track);
        let name = RichText::new(shown.phase.name()).text_style(style::subheading());
        ui.label(name);
        let words = format!("convergence {:.4}", shown.convergence);
        let text = RichText::new(words).text_style(egui::TextStyle::Monospace);
        let hint = "How far its own spectrogram is from the one it was made for: 0 fits perfectly. Click to see where the number comes from.";
        if ui.button(text).on_hover_text(hint).clicked() {
            view.is_explaining = !view.is_explaining;
        }
    });
    caption(ui, shown.phase.teaches());
}

/// Frequencies that are named on the left.
fn ticks(shown: &Trial) -> Vec<(f32, String)> {
    let (Some(top), Some(bottom)) = (shown.picture.hz.first(), shown.picture.hz.last()) else {
        return Vec::new();
    };
    let (low, high) = (bottom[0], top[1]);
    let share = |hz: f64| ((hz / low).ln() / (high / low).ln()) as f32;
    let named = [100.0, 300.0, 1000.0, 3000.0, 10_000.0];
    let inside = named.into_iter().filter(|hz| (low..high).contains(hz));
    let words = |hz: f64| match hz {
        1000.0.. => format!("{} kHz", hz / 1000.0),
        _ => format!("{hz} Hz"),
    };
    inside.map(|hz| (share(hz), words(hz))).collect()
}

/// Both spectrograms, which are zoomed together.
fn pair(
    view: &mut PhaseView,
    ui: &mut Ui,
    desk: &mut Desk,
    trials: [&Trial; 2],
    height: f32,
    playing: Option<f64>,
) {
    let mut span = view
        .span
        .clone()
        .unwrap_or_else(|| TimeSpan::all(trials[0].sound.secs()));
    let before = span.cursor;
    let ticks = ticks(trials[0]);
    let width = (ui.available_width() - size::GRID) * 0.5;
    let version = view.version;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = size::GRID;
        for (i, trial) in trials.into_iter().enumerate() {
            ui.vertical(|ui| {
                ui.set_width(width);
                let words = if i == 0 {
                    format!("Its spectrogram: {}", trial.phase.name().to_lowercase())
                } else {
                    "The spectrogram it was made for".into()
                };
                caption(ui, words.clone());
                let picture = &trial.picture;
                let widget = Spectrogram {
                    name: &words,
                    levels: &picture.levels,
                    n_columns: picture.n_columns,
                    version: version * 16 + number_of(trial.phase),
                    covers: picture.secs,
                    range_db: RANGE_DB,
                    colors: ColorMap::default(),
                    ticks: &ticks,
                    playing: playing.filter(|_| i == 0),
                    asked: None,
                    is_painted: false,
                };
                let shown = widget.show(ui, vec2(width, height), &mut span, &mut view.textures[i]);
                if let Some(Touch::Click(_, secs)) = shown.touch {
                    span.cursor = secs;
                }
            });
        }
    });
    if span.cursor != before {
        let frame = span.cursor * f64::from(trials[0].sound.sample_rate_hz());
        desk.player.seek(view.track(trials[0]).id, frame);
    }
    view.span = Some(span);
}

/// Another number for every phase, for the texture.
fn number_of(phase: Phase) -> u64 {
    match phase {
        Phase::True => 0,
        Phase::Zero => 1,
        Phase::Random => 2,
        Phase::After(n) => 3 + n as u64,
    }
}

/// A few waves of both at the cursor: the same frequencies, in another place.
fn pair_of_waves(
    view: &PhaseView,
    ui: &mut Ui,
    trials: [&Trial; 2],
    height: f32,
    playing: Option<f64>,
) {
    let cursor = view.span.as_ref().map_or(0.0, |span| span.cursor);
    let total = trials[1].sound.secs();
    let middle = if cursor > 0.0 { cursor } else { total * 0.5 };
    let middle = playing.unwrap_or(middle);
    let from = (middle - WAVE_SECS * 0.5).clamp(0.0, (total - WAVE_SECS).max(0.0));
    caption(
        ui,
        format!(
            "{:.0} ms of both from {}: made for the same magnitudes, and yet another wave.",
            WAVE_SECS * 1000.0,
            time(from)
        ),
    );
    let width = (ui.available_width() - size::GRID) * 0.5;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = size::GRID;
        for (trial, name) in trials.into_iter().zip(["Its wave", "The true wave"]) {
            let columns = wave(trial, from);
            let wave = Waveform {
                name,
                columns: &columns,
                covers: [from, from + WAVE_SECS],
                loudest: columns
                    .iter()
                    .flatten()
                    .fold(0.0f32, |most, x| most.max(x.abs())),
                playing: None,
            };
            let mut span = TimeSpan::all(total);
            span.show_part([from, from + WAVE_SECS]);
            span.cursor = -1.0;
            wave.show(ui, vec2(width, height), &mut span);
        }
    });
}

/// The samples from `from` on, as columns that touch one another.
fn wave(trial: &Trial, from: f64) -> Vec<[f32; 2]> {
    let rate = f64::from(trial.sound.sample_rate_hz());
    let first = (from * rate) as usize;
    let n = (WAVE_SECS * rate) as usize + 2;
    // In memory: a trial is short.
    let samples = trial.sound.mono(first..first + n).unwrap_or_default();
    let at = |column: usize| {
        let place = column as f64 / WAVE_COLUMNS as f64 * WAVE_SECS * rate;
        let (i, share) = (place as usize, place.fract() as f32);
        let get = |i: usize| samples.get(i).copied().unwrap_or(0.0);
        get(i) * (1.0 - share) + get(i + 1) * share
    };
    let between = |column| {
        let (a, b) = (at(column), at(column + 1));
        [a.min(b), a.max(b)]
    };
    (0..WAVE_COLUMNS).map(between).collect()
}

/// The convergence after every step.
fn convergence(view: &PhaseView, ui: &mut Ui, shown: &Trial, height: f32) {
    let colors = theme::palette(ui.ctx());
    let steps: Vec<f32> = (0..view.tried.curve.len()).map(|n| n as f32).collect();
    let series = [Series {
        name: "",
        values: &view.tried.curve,
        color: colors.hues[1],
    }];
    let here = match shown.phase {
        Phase::Random => Some(0.0),
        Phase::After(n) => Some(n as f32),
        Phase::True | Phase::Zero => None,
    };
    let lines = Lines {
        name: "Spectral convergence",
        y: "spectral convergence, ‖|c| − S‖ / ‖S‖",
        x: "steps of Griffin-Lim",
        steps: &steps,
        series: &series,
        scale: Scale::Log,
        here,
    };
    let words = bench::momentum_words(view.chosen.settings.momentum);
    lines.show(ui, height).on_hover_text(words);
}
