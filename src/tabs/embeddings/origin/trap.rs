//! The popularity trap, drawn: three words by how often each stands near two others.

use super::OriginView;
use crate::labs::embeddings::measures::{cosine, distance};
use crate::labs::embeddings::origin::Trap;
use crate::tabs::parts::caption;
use crate::theme;
use crate::widgets::arrows::{Arrow, Arrows, Kind, Turn};
use eframe::egui::{self, RichText, Ui, vec2};

/// Which example is drawn.
#[derive(Debug, Default)]
pub(super) struct TrapState {
    /// The text's own example instead of the lecture's.
    from_text: bool,
    turn: Turn,
}

pub(super) fn show(view: &mut OriginView, ui: &mut Ui) {
    let found = view
        .counted
        .as_ref()
        .and_then(|counted| counted.trap.clone());
    let state = &mut view.trap;
    ui.horizontal(|ui| {
        for (from_text, label, hint) in [
            (
                false,
                "The lecture's numbers",
                "(10, 10), (50, 50) and (5, 20).",
            ),
            (
                true,
                "From this text",
                "Three words of the text that was counted.",
            ),
        ] {
            let button = egui::Button::selectable(state.from_text == from_text, label);
            let enabled = !from_text || found.is_some();
            let button = ui.add_enabled(enabled, button.frame_when_inactive(true));
            if button.on_hover_text(hint).clicked() {
                state.from_text = from_text;
            }
        }
    });
    let own = found.filter(|_| state.from_text);
    let trap = own.unwrap_or_else(Trap::lecture);
    let area = ui.available_size();
    let beside = area.x > 620.0;
    let side = if beside {
        vec2(area.x * 0.56, area.y - 8.0)
    } else {
        vec2(area.x, area.y * 0.55)
    };
    let layout = if beside {
        egui::Layout::left_to_right(egui::Align::TOP)
    } else {
        egui::Layout::top_down(egui::Align::LEFT)
    };
    ui.with_layout(layout, |ui| {
        drawing(ui, &trap, side, &mut state.turn);
        ui.add_space(theme::size::GROUP);
        ui.vertical(|ui| numbers(ui, &trap));
    });
}

fn drawing(ui: &mut Ui, trap: &Trap, size: egui::Vec2, turn: &mut Turn) {
    let kinds = [Kind::Input, Kind::Answer, Kind::Plain];
    let point = |[x, y]: [f64; 2]| [x as f32, y as f32, 0.0];
    let arrows: Vec<Arrow<'_>> = (0..3)
        .map(|i| Arrow {
            from: [0.0; 3],
            to: point(trap.counts[i]),
            label: &trap.words[i],
            kind: kinds[i],
        })
        .collect();
    let axes = [trap.contexts[0].as_str(), trap.contexts[1].as_str()];
    Arrows {
        name: "Popularity trap",
        axes: &axes,
        arrows: &arrows,
    }
    .show(ui, size, turn);
}

/// The two measures of the two pairs, and which one is fooled.
fn numbers(ui: &mut Ui, trap: &Trap) {
    let colors = theme::palette(ui.ctx());
    let [a, alike, other] = &trap.words;
    let [p, q, r] = trap.counts;
    let count = |x: f64| {
        let text = format!("{x:.1}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    };
    for (word, [x, y]) in trap.words.iter().zip(trap.counts) {
        ui.horizontal(|ui| {
            ui.label(RichText::new(word).text_style(theme::style::strong()));
            let place = format!("({}, {})", count(x), count(y));
            ui.label(RichText::new(place).monospace().color(colors.text_weak));
        });
    }
    ui.add_space(theme::size::GRID);
    egui::Grid::new("trap")
        .num_columns(3)
        .spacing([24.0, 8.0])
        .show(ui, |ui| {
            let head = |ui: &mut Ui, words: &str| {
                ui.label(RichText::new(words).small().color(colors.text_weak));
            };
            head(ui, "");
            head(ui, "distance");
            head(ui, "cosine");
            ui.end_row();
            for (other, to) in [(alike, q), (other, r)] {
                ui.label(format!("{a} – {other}"));
                ui.monospace(format!("{:.1}", distance(&p, &to)));
                ui.monospace(format!("{:.3}", cosine(&p, &to).unwrap_or(0.0)));
                ui.end_row();
            }
        });
    ui.add_space(theme::size::GRID);
    ui.label(format!(
        "By distance {other} is nearer to {a}. But along these two axes {alike} keeps the same company as {a} in the same shares, only more often: its arrow points the same way and is longer."
    ));
    ui.add_space(theme::size::HALF);
    caption(
        ui,
        "Lengths grow with how popular a word is; directions say what company it keeps. This is why word vectors are compared by the cosine.",
    );
}
