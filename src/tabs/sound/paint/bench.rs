//! The bench: play, the tool in the hand, and what is done to all of it.

use super::super::keeping;
use super::super::views::Desk;
use super::PaintView;
use super::tools::{Tool, ranges};
use super::worker::Order;
use crate::jobs::speaker::Phase;
use crate::labs::sound::painting::Stroke;
use crate::tabs::TabContext;
use crate::tabs::parts::{caption, choice, group, slider, wrapped};
use crate::theme::size;
use crate::widgets::run_button::run_button;
use eframe::egui::{DragValue, ScrollArea, Slider, Ui};

/// What the run button says and does.
pub(super) const PLAY: [&str; 2] = ["Play", "Hear it as it is now, from the beginning."];

pub(super) fn show(view: &mut PaintView, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
    let Some(sound) = desk.sound.clone() else {
        caption(
            ui,
            "There is nothing to paint on yet: choose a sound in “See and hear”.",
        );
        return;
    };
    let obstacle = desk.player.obstacle();
    let is_playing = matches!(
        desk.player.phase(sound.id()),
        Some(Phase::Playing | Phase::Waiting)
    );
    let can = obstacle.is_none() || is_playing;
    let hint = obstacle.as_deref().unwrap_or(PLAY[1]);
    let hints = [hint, "Be silent; it goes on from here."];
    if run_button(ui, is_playing, can, [PLAY[0], "Pause"], hints).clicked() {
        desk.player.toggle(sound.track());
    }
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            steps(view, ui, desk, cx);
            group(ui, "Tool");
            tool(view, ui);
            if view.tools.tool == Tool::Select {
                selection(view, ui, desk, cx);
            }
            group(ui, "All of it");
            all_of_it(view, ui, desk, cx);
            group(ui, "Hearing");
            ui.checkbox(&mut view.tools.is_heard, "Hear each stroke")
                .on_hover_text("Play what was painted as soon as the hand is lifted.");
            desk.player.controls(ui);
            group(ui, "Keeping");
            let seen = view.looking.seen(&sound).cloned();
            let picture = keeping::Picture {
                seen: seen.as_deref(),
                range_db: super::stage::RANGE_DB,
                colors: super::stage::COLORS,
            };
            keeping::show(&mut view.saving, ui, &sound, None, picture);
            ui.add_space(size::GROUP);
        });
}

fn steps(view: &mut PaintView, ui: &mut Ui, desk: &Desk, cx: &mut TabContext<'_>) {
    ui.horizontal(|ui| {
        let [undo, redo] = view.steps;
        for (label, n, hint, order) in [
            ("Undo", undo, "Take the last step back.", Order::Undo),
            ("Redo", redo, "Do again what was taken back.", Order::Redo),
        ] {
            let button = ui.add_enabled(n > 0, eframe::egui::Button::new(label));
            if button.on_hover_text(hint).clicked() {
                view.order(order, desk, cx);
            }
        }
    });
}

fn tool(view: &mut PaintView, ui: &mut Ui) {
    let tools = &mut view.tools;
    wrapped(ui, |ui| {
        for (tool, label, hint) in Tool::ALL {
            if choice(ui, tools.tool == tool, label, hint) {
                tools.tool = tool;
            }
        }
    });
    let (_, _, hint) = Tool::ALL[tools.tool as usize];
    caption(ui, hint);
    let is_brush = matches!(tools.tool, Tool::Brush | Tool::Eraser | Tool::Noise);
    if is_brush {
        let wide = Slider::new(&mut tools.millis, ranges::MILLIS)
            .logarithmic(true)
            .fixed_decimals(0)
            .suffix(" ms");
        slider(
            ui,
            "Width, each side",
            "How far the brush reaches in time.",
            wide,
        );
    }
    if is_brush || tools.tool == Tool::Notch {
        let high = Slider::new(&mut tools.octaves, ranges::OCTAVES)
            .logarithmic(true)
            .fixed_decimals(2)
            .suffix(" oct");
        let hint = "How far it reaches up and down: an octave is twice the frequency.";
        slider(ui, "Height, each side", hint, high);
    }
    if matches!(tools.tool, Tool::Brush | Tool::Noise | Tool::Melody) {
        let level = Slider::new(&mut tools.db, ranges::DB)
            .fixed_decimals(0)
            .suffix(" dB");
        let hint = "How loud: 0 dB is a sine of full scale, 6 dB less is half of it.";
        slider(ui, "Level", hint, level);
    }
}

/// What is done to a rectangle.
fn selection(view: &mut PaintView, ui: &mut Ui, desk: &Desk, cx: &mut TabContext<'_>) {
    let Some((secs, hz)) = view.hand.rectangle else {
        return;
    };
    let words = format!(
        "{:.2} to {:.2} s, {:.0} to {:.0} Hz",
        secs[0], secs[1], hz[0], hz[1]
    );
    caption(ui, words);
    ui.horizontal(|ui| {
        let label = ui.label("later by");
        let by = DragValue::new(&mut view.tools.by_secs)
            .range(ranges::BY_SECS)
            .speed(0.02)
            .suffix(" s");
        ui.add(by).labelled_by(label.id);
        let hint = "Move what lies in the rectangle to another time, over what is there.";
        if ui.button("Move").on_hover_text(hint).clicked() {
            let by = view.tools.by_secs;
            view.paint(Stroke::Move { secs, hz, by }, desk, cx);
            view.hand.rectangle = Some((secs.map(|it| it + by), hz));
        }
    });
    let hint = "Silence in the rectangle, and in nothing else.";
    if ui.button("Erase it").on_hover_text(hint).clicked() {
        let [low, high] = hz.map(|it| it.max(1.0).log2());
        let notch = Stroke::Notch {
            secs,
            hz: f64::midpoint(low, high).exp2(),
            octaves: (high - low) * 0.5,
        };
        view.paint(notch, desk, cx);
    }
}

/// Longer and higher, by the phase vocoder.
fn all_of_it(view: &mut PaintView, ui: &mut Ui, desk: &Desk, cx: &mut TabContext<'_>) {
    let rows = [
        (
            "Stretch",
            "Make all of it so many times as long, at the same pitch.",
            &mut view.tools.stretch,
            ranges::STRETCH,
            " ×",
        ),
        (
            "Shift pitch",
            "Make all of it so many semitones higher, as long as before: 12 are an octave.",
            &mut view.tools.semitones,
            ranges::SEMITONES,
            " semitones",
        ),
    ];
    let mut pressed = None;
    for (i, (name, hint, value, range, suffix)) in rows.into_iter().enumerate() {
        ui.horizontal(|ui| {
            if ui.button(name).on_hover_text(hint).clicked() {
                pressed = Some(i);
            }
            let field = DragValue::new(value)
                .range(range)
                .speed(0.02)
                .suffix(suffix);
            ui.add(field).on_hover_text(hint);
        });
    }
    match pressed {
        Some(0) => view.order(Order::Stretch(view.tools.stretch), desk, cx),
        Some(_) => view.order(Order::Pitch(view.tools.semitones), desk, cx),
        None => {}
    }
}
