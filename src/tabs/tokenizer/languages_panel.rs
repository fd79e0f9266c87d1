//! What does it cost to be read? One sentence in eight languages, in tokens.

use super::encode::{Below, Encode};
use super::shelf::label;
use crate::labs::tokenizer::LANGUAGES;
use crate::theme;
use crate::widgets::count_bars::{CountBar, CountBars, legend};
use crate::widgets::icon::Icon;
use eframe::egui::{self, RichText, ScrollArea, Ui};

pub(super) fn show(encode: &mut Encode, ui: &mut Ui) {
    let colors = theme::palette(ui.ctx());
    let mut close = false;
    let sides: Vec<_> = (0..2).filter_map(|i| encode.side(i)).collect();
    let names: Vec<String> = sides.iter().map(|side| label(&side.key)).collect();
    ui.horizontal(|ui| {
        let title = "What does it cost to be read?";
        ui.label(RichText::new(title).text_style(theme::style::strong()));
        ui.label(RichText::new("One sentence, in tokens.").color(colors.text_weak))
            .on_hover_text("The first sentence of the Universal Declaration of Human Rights. People pay, and models remember, by the token.");
        for (i, name) in names.iter().enumerate() {
            legend(ui, i, name);
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            close = Icon::Close
                .button(ui, "Close", "Give the room back to the tokens.")
                .clicked();
        });
    });
    let bars: Vec<CountBar<'_>> = LANGUAGES
        .iter()
        .enumerate()
        .map(|(i, language)| CountBar {
            name: language.name,
            detail: language.sentence,
            counts: sides.iter().map(|side| side.languages[i]).collect(),
        })
        .collect();
    let clicked = ScrollArea::vertical()
        .id_salt("languages")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            CountBars {
                bars: &bars,
                series: &names,
                unit: "tokens",
            }
            .show(ui)
        })
        .inner;
    if let Some(i) = clicked {
        encode.set_text(LANGUAGES[i].sentence.into());
    }
    if close {
        encode.below = Below::Story;
    }
}
