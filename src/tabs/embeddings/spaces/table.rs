//! The embedding table of a language model, taken out as a set of vectors.

use super::SpacesView;
use crate::tabs::TabContext;
use crate::tabs::embeddings::views::{Desk, ViewName};
use crate::tabs::parts::caption;
use crate::theme;
use crate::widgets::count::grouped;
use eframe::egui::{RichText, Ui};

pub(super) fn show(view: &mut SpacesView, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
    ui.add_space(theme::size::GROUP);
    ui.set_max_width(620.0);
    ui.label(
        RichText::new("Every language model begins with a table")
            .text_style(theme::style::subheading()),
    );
    ui.add_space(theme::size::HALF);
    ui.label(
        "Each token has one row of numbers, learned with everything else. It is all the model knows of a token before the sentence comes in: a word vector like GloVe's, but made for the model's own use.",
    );
    ui.add_space(theme::size::GRID);
    let table = view.table.as_ref().filter(|(of, _)| *of == view.source);
    let Some((_, space)) = table else {
        let hint = "Reads the table from the model's file; the model itself is not loaded.";
        let idle = view.working.is_none();
        let button = ui.add_enabled(idle, theme::primary_button(ui.ctx(), "Take the table"));
        if button.on_hover_text(hint).clicked() {
            view.take_table(cx);
        }
        return;
    };
    let vectors = space.vectors();
    ui.label(
        RichText::new(format!(
            "{}: {} tokens, {} numbers each",
            vectors.name(),
            grouped(vectors.len()),
            vectors.width()
        ))
        .text_style(theme::style::strong()),
    );
    caption(
        ui,
        "A token that begins a word is named by the word; one that goes on inside a word has … before it.",
    );
    ui.add_space(theme::size::GRID);
    let space = space.clone();
    ui.horizontal(|ui| {
        for (name, hint, wanted) in [
            (
                "Do arithmetic with it",
                "king − man + woman, with the vectors of this model.",
                ViewName::Arithmetic,
            ),
            (
                "Show on the map",
                "Lay this model's tokens out as points.",
                ViewName::Map,
            ),
        ] {
            if ui.button(name).on_hover_text(hint).clicked() {
                desk.sets.take(space.clone());
                desk.wanted = Some(wanted);
            }
        }
    });
}
