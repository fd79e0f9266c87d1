//! What it comes to, in one line that everybody reads, and what became of the word expected.

use super::Arithmetic;
use crate::labs::embeddings::{Expected, Near};
use crate::tabs::embeddings::explain_panel::signed;
use crate::theme;
use crate::widgets::count::grouped;
use eframe::egui::{Align, Layout, ProgressBar, RichText, Ui, vec2};

pub(super) fn show(view: &mut Arithmetic, ui: &mut Ui) {
    searching(view, ui);
    let view = &*view;
    let colors = theme::palette(ui.ctx());
    ui.add_space(theme::size::HALF);
    let Some(found) = view.found() else {
        ui.horizontal(|ui| {
            if !view.is_settled() {
                ui.spinner();
                ui.label("Searching…");
            }
        });
        return;
    };
    // What was found for the line as it was stays in sight, faded, while the line has a mistake.
    let is_old = view.mistake().is_some() || !view.is_current();
    ui.scope(|ui| {
        if is_old && view.mistake().is_some() {
            ui.set_opacity(0.5);
        }
        ui.allocate_ui_with_layout(
            vec2(ui.available_width(), 32.0),
            Layout::left_to_right(Align::Center),
            |ui| {
                ui.set_min_height(32.0);
                let words = format!("≈ {}", found.word);
                ui.label(RichText::new(words).text_style(eframe::egui::TextStyle::Heading));
                ui.add_space(theme::size::GRID);
                let about = RichText::new(about_inputs(view, found)).color(colors.text_weak);
                ui.add(eframe::egui::Label::new(about).wrap());
            },
        );
        if let Some((words, is_hit)) = expected(view) {
            let color = if is_hit { colors.good } else { colors.warning };
            ui.label(RichText::new(words).color(color));
        }
    });
    ui.add_space(theme::size::HALF);
}

/// How far a search is that takes its time, and a way to end it.
fn searching(view: &mut Arithmetic, ui: &mut Ui) {
    let Some(fraction) = view.searching.fraction() else {
        return;
    };
    let mut stop = false;
    ui.horizontal(|ui| {
        ui.label("Searching all words");
        let bar = ProgressBar::new(fraction)
            .desired_width(240.0)
            .desired_height(8.0)
            .fill(theme::palette(ui.ctx()).accent);
        ui.add(bar);
        stop = ui
            .button("Stop searching")
            .on_hover_text("Stop; the answer before stays.")
            .clicked();
    });
    if stop {
        view.searching.stop();
    }
}

/// What the answer would be if the words of the expression were not out of the running.
fn about_inputs(view: &Arithmetic, found: &Near) -> String {
    let nearest = view.answer().and_then(|answer| answer.nearest.first());
    let cosine = |near: &Near| signed(near.cosine, 3);
    match nearest {
        Some(nearest) if view.question.strike && nearest.is_input => format!(
            "cosine {}. Struck out: the nearest of all is the input {} itself, {}.",
            cosine(found),
            nearest.word,
            cosine(nearest)
        ),
        Some(_) if view.question.strike => format!(
            "cosine {}: nearest even with the inputs in the running.",
            cosine(found)
        ),
        Some(nearest) if nearest.is_input => format!(
            "cosine {}: a word of the question. Strike the inputs out to see what it adds.",
            cosine(found)
        ),
        _ => format!("cosine {}.", cosine(found)),
    }
}

/// The rank of the word that was expected, and whether it is the answer.
fn expected(view: &Arithmetic) -> Option<(String, bool)> {
    let answer = view.answer()?;
    match answer.expected.as_ref()? {
        Expected::Unknown(unknown) => {
            let near = if unknown.suggestions.is_empty() {
                String::new()
            } else {
                format!(" Spelled like it: {}.", unknown.suggestions.join(", "))
            };
            let word = &unknown.word;
            Some((
                format!("You expected {word}, which is not in this set.{near}"),
                false,
            ))
        }
        Expected::Ranked(ranked) => {
            let word = &ranked.near.word;
            let cosine = signed(ranked.near.cosine, 3);
            let with = grouped(ranked.rank_with_inputs);
            let Some(rank) = ranked.rank else {
                let words = format!(
                    "You expected {word}, a word of the question itself: number {with} of all words, cosine {cosine}."
                );
                return Some((words, false));
            };
            let of = grouped(answer.n_searched);
            let place = if rank == 1 {
                "a hit: number 1".to_owned()
            } else {
                format!("a miss: number {}", grouped(rank))
            };
            let with_inputs = if ranked.rank_with_inputs == rank {
                String::new()
            } else {
                format!(", number {with} with the inputs")
            };
            let words = format!(
                "You expected {word}: {place} of {of} words{with_inputs}, cosine {cosine}."
            );
            Some((words, rank == 1))
        }
    }
}
