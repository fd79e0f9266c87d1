//! The stage: the wave over the spectrogram, and what is under the pointer.

use super::super::player::{keep_moving, time};
use super::super::views::Desk;
use super::SeeView;
use crate::theme::{self, size};
use crate::widgets::icon::Icon;
use crate::widgets::spectrogram::{Spectrogram, plot_in};
use crate::widgets::time_span::Touch;
use crate::widgets::waveform::Waveform;
use eframe::egui::{self, Rect, RichText, Ui, vec2};

/// The wave's share of the height.
const WAVE_SHARE: f32 = 0.22;

pub(super) fn show(view: &mut SeeView, ui: &mut Ui, desk: &mut Desk) {
    let Some(sound) = desk.sound.clone() else {
        // One is on its way.
        return;
    };
    let playing = SeeView::playing(desk).filter(|_| desk.player.is_playing(sound.id()));
    if let Some(secs) = playing {
        view.span.follow(secs);
        keep_moving(ui.ctx());
    }
    line_of_times(view, ui, desk, playing);
    let room = ui.available_size() - vec2(0.0, size::SMALL * 1.8);
    let wave_height = (room.y * WAVE_SHARE).max(48.0);
    if let Some(seen) = view.looking.seen(&sound).cloned() {
        let wave = Waveform {
            name: "The wave",
            columns: &seen.wave,
            covers: seen.asked.secs,
            loudest: seen.loudest,
            playing,
        };
        let mut span = view.span.clone();
        let touch = wave.show(ui, vec2(room.x, wave_height), &mut span);
        let has_moved = span.cursor != view.span.cursor;
        view.span = span;
        touched(view, touch, desk, |view, _, secs, desk| {
            view.go_to(secs, desk);
        });
        if has_moved {
            view.go_to(view.span.cursor, desk);
        }
    } else {
        ui.allocate_space(vec2(room.x, wave_height));
    }
    ui.add_space(size::GRID);
    spectrogram(
        view,
        ui,
        desk,
        room.y - wave_height - size::GRID * 2.0,
        playing,
    );
}

/// Where one is, what is selected, and how to see all again.
fn line_of_times(view: &mut SeeView, ui: &mut Ui, desk: &mut Desk, playing: Option<f64>) {
    ui.horizontal(|ui| {
        let here = playing.unwrap_or(view.span.cursor);
        let words = format!("{} of {}", time(here), time(view.span.total));
        ui.label(RichText::new(words).text_style(egui::TextStyle::Monospace));
        ui.add_space(size::GRID);
        if let Some([from, to]) = view.span.selection {
            let words = format!("selected {} to {}", time(from), time(to));
            ui.label(RichText::new(words).small());
            let clear = ui.small_button("Clear").on_hover_text("Select nothing.");
            if clear.clicked() {
                view.span.selection = None;
                view.renew_loop(desk);
            }
            let zoom = ui
                .small_button("Zoom to it")
                .on_hover_text("Let the selection fill the width.");
            if zoom.clicked() {
                view.span.show_part([from, to]);
            }
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let all = ui
                .add_enabled(!view.span.is_whole(), egui::Button::new("All of it").small())
                .on_hover_text("See the whole sound. The wheel zooms in where the pointer is; with Shift it scrolls.");
            if all.clicked() {
                view.span.show_all();
            }
            for (icon, name, factor) in [
                (Icon::Less, "Zoom out", 0.5),
                (Icon::Plus, "Zoom in", 2.0),
            ] {
                if icon.button(ui, name, "Around the cursor; the wheel does it around the pointer.").clicked() {
                    let around = playing.unwrap_or(view.span.cursor);
                    view.span.zoom(factor, around);
                }
            }
        });
    });
}

/// Answers what a hand did on the wave or on the picture.
fn touched(
    view: &mut SeeView,
    touch: Option<Touch>,
    desk: &mut Desk,
    clicked: impl FnOnce(&mut SeeView, egui::Pos2, f64, &mut Desk),
) {
    match touch {
        Some(Touch::Click(at, secs)) => clicked(view, at, secs, desk),
        Some(Touch::Selected) => {
            if let Some([from, _]) = view.span.selection {
                view.go_to(from, desk);
            }
            view.renew_loop(desk);
        }
        None => {}
    }
}

fn spectrogram(
    view: &mut SeeView,
    ui: &mut Ui,
    desk: &mut Desk,
    height: f32,
    playing: Option<f64>,
) {
    let Some(sound) = desk.sound.clone() else {
        return;
    };
    let full = vec2(ui.available_width(), height.max(80.0));
    let scale = ui.ctx().pixels_per_point();
    let plot = plot_in(Rect::from_min_size(egui::Pos2::ZERO, full)).size() * scale;
    view.looking.set_room(plot);
    let rate = sound.rate_hz();
    let ticks = view.chosen.ticks(rate, height / size::GROUP);
    let seen = view.looking.seen(&sound).cloned();
    let picture = seen.as_ref().map(|it| &it.picture);
    let asked = view.explaining.place(&view.chosen, rate);
    let widget = Spectrogram {
        name: "The spectrogram",
        levels: picture.map_or(&[], |it| &it.levels),
        n_columns: picture.map_or(0, |it| it.n_columns),
        version: view.looking.version(),
        covers: picture.map_or([0.0, 1.0], |it| it.secs),
        range_db: [-view.range_db as f32, 0.0],
        colors: view.colors,
        ticks: &ticks,
        playing,
        asked: asked.map(|(secs, hz)| (secs, view.chosen.share(hz, rate) as f32)),
        is_painted: false,
    };
    let before = view.span.cursor;
    let mut span = view.span.clone();
    let shown = widget.show(ui, full, &mut span, &mut view.texture);
    view.span = span;
    let place = |at: egui::Pos2, view: &SeeView| {
        let share = f64::from((shown.plot.bottom() - at.y) / shown.plot.height());
        (view.span.secs_at(at.x, shown.plot), share)
    };
    if view.span.cursor != before {
        view.go_to(view.span.cursor, desk);
    }
    touched(view, shown.touch, desk, |view, at, secs, _| {
        let (_, share) = place(at, view);
        let Some(seen) = view.looking.seen(&sound).cloned() else {
            return;
        };
        if let Some(cell) = seen.cell_at(secs, share) {
            view.explaining.open(cell, &seen, &sound, view.chosen);
        }
    });
    let hovered = shown.hovered.map(|at| place(at, view));
    hover_line(view, ui, desk, hovered);
}

/// Time, frequency and level under the pointer.
fn hover_line(view: &SeeView, ui: &mut Ui, desk: &Desk, hovered: Option<(f64, f64)>) {
    let colors = theme::palette(ui.ctx());
    let words = hovered.and_then(|(secs, share)| {
        let sound = desk.sound.as_ref()?;
        let rate = sound.rate_hz();
        let hz = view.chosen.at(share, rate);
        let seen = view.looking.seen(sound)?;
        let [row, column] = seen.cell_at(secs, share)?;
        let level = format!("{:.1}", seen.picture.level(row, column)).replace('-', "−");
        let note = note_of(hz).map_or(String::new(), |note| format!(" ({note})"));
        Some(format!("{secs:.3} s   {hz:.0} Hz{note}   {level} dB"))
    });
    let (words, style) = match words {
        Some(words) => (words, theme::style::small_mono()),
        None => (
            "Point at the picture to read it, click a cell to see where its number comes from, drag to select.".into(),
            egui::TextStyle::Small,
        ),
    };
    ui.label(
        RichText::new(words)
            .text_style(style)
            .color(colors.text_weak),
    );
}

/// The nearest note of a piano tuned to A = 440 Hz.
fn note_of(hz: f64) -> Option<String> {
    const NAMES: [&str; 12] = [
        "C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B",
    ];
    let semitones = 12.0 * (hz / 440.0).log2();
    let nearest = semitones.round();
    // The keys of a piano: A0 to C8.
    if !(-48.0..=39.0).contains(&nearest) {
        return None;
    }
    let key = nearest as i32 + 69;
    let cents = ((semitones - nearest) * 100.0).round();
    let cents = if cents == 0.0 {
        String::new()
    } else {
        format!(" {cents:+.0} cents").replace('-', "−")
    };
    let octave = key / 12 - 1;
    Some(format!("{}{octave}{cents}", NAMES[(key % 12) as usize]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frequency_is_told_as_the_note_it_is() {
        assert_eq!(note_of(440.0).unwrap(), "A4");
        assert_eq!(note_of(261.6256).unwrap(), "C4");
        assert_eq!(note_of(27.5).unwrap(), "A0");
        assert_eq!(note_of(4186.009).unwrap(), "C8");
        assert_eq!(note_of(450.0).unwrap(), "A4 +39 cents");
        assert_eq!(note_of(10.0), None);
        assert_eq!(note_of(0.0), None);
    }
}
