//! The bench: play, the sound, how its picture is made, and what it is played on.

use super::super::in_use::InUse;
use super::super::keeping;
use super::super::settings::{Chosen, LENGTHS, MELS, OVERLAPS, Scale, TOPS_HZ};
use super::super::views::Desk;
use super::{RANGES_DB, SeeView};
use crate::jobs::speaker::Phase;
use crate::labs::sound::Window;
use crate::labs::sound::made::Made;
use crate::labs::sound::shipped::SHIPPED;
use crate::tabs::TabContext;
use crate::tabs::parts::{caption, choice, group, slider, wrapped};
use crate::theme::{ColorMap, size};
use crate::widgets::run_button::run_button;
use eframe::egui::{ScrollArea, Slider, Ui};

/// What the run button says and does.
pub(super) const PLAY: [&str; 2] = [
    "Play",
    "Hear it from the cursor on; the selection, where there is one.",
];

pub(super) fn show(view: &mut SeeView, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
    let obstacle = desk.player.obstacle();
    let phase = desk.sound.as_ref().map(InUse::id);
    let phase = phase.and_then(|id| desk.player.phase(id));
    let is_playing = matches!(phase, Some(Phase::Playing | Phase::Waiting));
    let can = desk.sound.is_some() && (obstacle.is_none() || is_playing);
    let hint = match (&obstacle, &desk.sound) {
        (Some(obstacle), _) => obstacle.as_str(),
        (None, None) => "There is nothing to play yet: open, drop or record a sound.",
        _ => PLAY[1],
    };
    let hints = [hint, "Be silent; it goes on from here."];
    if run_button(ui, is_playing, can, [PLAY[0], "Pause"], hints).clicked() {
        view.press_play(desk);
    }
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            looping(view, ui, desk);
            group(ui, "Sound");
            sounds(view, ui, desk, cx);
            group(ui, "Picture");
            picture(view, ui, desk);
            group(ui, "Hearing");
            desk.player.controls(ui);
            if let Some(sound) = &desk.sound {
                group(ui, "Keeping");
                let seen = view.looking.seen(sound).cloned();
                let picture = keeping::Picture {
                    seen: seen.as_deref(),
                    range_db: view.range_db,
                    colors: view.colors,
                };
                let selection = view.span.selection;
                keeping::show(&mut view.saving, ui, sound, selection, picture);
            }
            ui.add_space(size::GROUP);
        });
}

/// Other sounds: computed, or from the microphone.
fn sounds(view: &mut SeeView, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
    wrapped(ui, |ui| {
        for made in Made::ALL {
            let name = desk.sound.as_ref().map(|it| it.sound.name());
            let is_here = name == Some(made.name());
            if choice(ui, is_here, made.name(), made.teaches()) {
                view.opening.make(made, 0, cx);
            }
        }
    });
    wrapped(ui, |ui| {
        for shipped in SHIPPED {
            let name = desk.sound.as_ref().map(|it| it.sound.name());
            let is_here = name == Some(shipped.name);
            if choice(ui, is_here, shipped.name, shipped.teaches) {
                view.opening.ship(shipped, cx);
            }
        }
    });
    view.recorder.show(ui, desk, cx);
    caption(ui, "Or drop a WAV, FLAC, MP3 or Ogg file on the window.");
}

fn looping(view: &mut SeeView, ui: &mut Ui, desk: &mut Desk) {
    let words = if view.span.selection.is_some() {
        "Loop the selection"
    } else {
        "Loop"
    };
    let toggle = ui.checkbox(&mut view.looping, words);
    let hint = "Play it again and again. Drag over the wave or the picture to select a part.";
    if toggle.on_hover_text(hint).changed() {
        view.renew_loop(desk);
    }
}

fn picture(view: &mut SeeView, ui: &mut Ui, desk: &Desk) {
    let rate = desk.sound.as_ref().map_or(48_000.0, InUse::rate_hz);
    let chosen = &mut view.chosen;
    ui.label("Frequency");
    wrapped(ui, |ui| {
        for (scale, label, hint) in Scale::ALL {
            if choice(ui, chosen.scale == scale, label, hint) {
                chosen.scale = scale;
            }
        }
    });
    if chosen.scale == Scale::Mel {
        let mels = Slider::new(&mut chosen.n_mels, MELS);
        let hint = "How many filters, each a row. Models of sound often learn from 80 or 128.";
        slider(ui, "Mel bands", hint, mels);
    }
    let top = Slider::new(&mut chosen.max_hz, TOPS_HZ)
        .logarithmic(true)
        .suffix(" Hz")
        .fixed_decimals(0);
    let hint = "The highest frequency shown; never more than half the sample rate, above which there is nothing.";
    slider(ui, "Up to", hint, top);
    length(chosen, ui, rate);
    hop(chosen, ui, rate);
    ui.label("Window shape");
    wrapped(ui, |ui| {
        for window in Window::ALL {
            let formula = window.formula();
            let hint = format!("Sample n of N is multiplied with {formula}, where x = 2πn/N.");
            if choice(ui, chosen.window == window, window.name(), &hint) {
                chosen.window = window;
            }
        }
    });
    let range = Slider::new(&mut view.range_db, RANGES_DB)
        .suffix(" dB")
        .fixed_decimals(0);
    let hint = "How far below full scale the darkest colour is: more shows what is quiet, less what is loud.";
    slider(ui, "Range", hint, range);
    ui.label("Colours");
    wrapped(ui, |ui| {
        for map in ColorMap::ALL {
            let hint =
                "The colours from quiet to loud; the legend beside the picture has the levels.";
            if choice(ui, view.colors == map, map.name(), hint) {
                view.colors = map;
            }
        }
    });
}

fn millis(samples: usize, rate: f64) -> f64 {
    samples as f64 / rate * 1000.0
}

/// The window's length, in samples and in milliseconds.
fn length(chosen: &mut Chosen, ui: &mut Ui, rate: f64) {
    let mut at = LENGTHS
        .iter()
        .position(|&it| it == chosen.win_length)
        .unwrap_or(0);
    let lengths = Slider::new(&mut at, 0..=LENGTHS.len() - 1)
        .custom_formatter(|at, _| LENGTHS[(at as usize).min(LENGTHS.len() - 1)].to_string())
        .custom_parser(|text| {
            let n: usize = text.trim().parse().ok()?;
            Some(LENGTHS.iter().position(|&it| it >= n)? as f64)
        });
    let hint = "How much sound one column hears: long tells frequencies apart, short tells moments apart. Never both.";
    slider(ui, "Window length (samples)", hint, lengths);
    chosen.win_length = LENGTHS[at];
    let words = format!(
        "= {:.1} ms; a frequency every {:.1} Hz",
        millis(chosen.win_length, rate),
        rate / chosen.win_length as f64
    );
    caption(ui, words);
}

/// The hop, in samples and in milliseconds.
fn hop(chosen: &mut Chosen, ui: &mut Ui, rate: f64) {
    let win_length = chosen.win_length;
    // Longer to the right: the largest overlap is the shortest hop.
    let hops = OVERLAPS.map(|overlap| win_length / overlap);
    let place = |overlap: usize| OVERLAPS.iter().rev().position(|&it| it == overlap);
    let mut at = place(chosen.overlap).unwrap_or(0);
    let last = OVERLAPS.len() - 1;
    let slide = Slider::new(&mut at, 0..=last)
        .custom_formatter(move |at, _| hops[last - (at as usize).min(last)].to_string())
        .custom_parser(move |text| {
            let n: usize = text.trim().parse().ok()?;
            Some(hops.iter().rev().position(|&it| it >= n)? as f64)
        });
    let hint = "How far apart the columns are. A shorter hop draws time more finely, though each column hears as much as before.";
    slider(ui, "Hop (samples)", hint, slide);
    chosen.overlap = OVERLAPS[last - at.min(last)];
    let words = format!(
        "= {:.1} ms; {} of them to a window's length",
        millis(chosen.hop_length(), rate),
        chosen.overlap
    );
    caption(ui, words);
}
