//! The bench: what to try, which vocabulary, which beside it, what is shown, special tokens.

use super::encode::{Below, Encode};
use super::shelf::{KNOWN, label};
use super::view::PRESETS;
use crate::labs::text::{LARGE, is_present};
use crate::tabs::TabContext;
use crate::tabs::parts::{caption, group, wrapped};
use crate::theme;
use eframe::egui::{self, RichText, Ui};

pub(super) fn show(encode: &mut Encode, ui: &mut Ui, cx: &mut TabContext<'_>) {
    egui::ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            presets(encode, ui);
            group(ui, "Vocabulary");
            choose(encode, 0, ui, cx);
            caption(ui, "Your own: drop a tokenizer.json, .tiktoken, .model, vocab.bpe or GGUF file anywhere, or press Ctrl+O.");
            group(ui, "Compare with");
            choose(encode, 1, ui, cx);
            languages(encode, ui);
            group(ui, "Show");
            show_what(encode, ui);
            group(ui, "Special tokens");
            specials(encode, ui);
            ui.add_space(theme::size::GROUP);
        });
}

fn presets(encode: &mut Encode, ui: &mut Ui) {
    wrapped(ui, |ui| {
        ui.label(RichText::new("Try:").color(theme::palette(ui.ctx()).text_weak));
        for preset in PRESETS {
            let text = RichText::new(preset.name).text_style(egui::TextStyle::Small);
            if ui.button(text).on_hover_text(preset.hint).clicked() {
                encode.set_text(preset.text.into());
                encode.close_story();
                encode.below = Below::Story;
            }
        }
    });
}

/// The vocabularies for strip `i`; the second may stay empty.
fn choose(encode: &mut Encode, i: usize, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let current = encode.side(i).map(|side| side.key.clone());
    let files: Vec<String> = encode.shelf.files().map(ToOwned::to_owned).collect();
    let known = KNOWN.iter().map(|&(key, _, hint)| (key.to_owned(), hint));
    let files = files
        .into_iter()
        .map(|key| (key, "A vocabulary from a file of yours."));
    let mut wanted = None;
    wrapped(ui, |ui| {
        if i == 1 {
            let none =
                egui::Button::selectable(current.is_none(), "none").frame_when_inactive(true);
            let none = ui.add(none).on_hover_text("One vocabulary alone.");
            none.widget_info(|| {
                let name = "Compare with none";
                egui::WidgetInfo::selected(egui::Role::Button, true, current.is_none(), name)
            });
            if none.clicked() {
                encode.stand_alone();
            }
        }
        for (key, hint) in known.chain(files) {
            let present = key != LARGE || is_present(LARGE, cx.model_folders);
            let chosen = current.as_ref() == Some(&key);
            let words = label(&key);
            let button = egui::Button::selectable(chosen, &words).frame_when_inactive(true);
            let response = ui
                .add_enabled(present, button)
                .on_hover_text(hint)
                .on_disabled_hover_text(
                    "Not here yet: run models/fetch.sh once (98 MB), then start again.",
                );
            response.widget_info(|| {
                let does = if i == 0 { "Read with" } else { "Compare with" };
                let name = format!("{does} {words}");
                egui::WidgetInfo::selected(egui::Role::Button, present, chosen, name)
            });
            if encode.is_awaiting(i, &key) {
                ui.spinner();
            }
            if response.clicked() && !chosen {
                wanted = Some(key);
            }
        }
    });
    if let Some(key) = wanted {
        encode.choose(i, &key, cx);
    }
}

fn languages(encode: &mut Encode, ui: &mut Ui) {
    let shown = encode.below == Below::Languages;
    wrapped(ui, |ui| {
        let hint = "The same sentence in eight languages, in tokens.";
        if toggle(ui, shown, "What does it cost to be read?", hint) {
            encode.below = if shown {
                Below::Story
            } else {
                Below::Languages
            };
        }
    });
}

/// A button that stays down while its thing is shown; true when it was pressed.
fn toggle(ui: &mut Ui, on: bool, name: &str, hint: &str) -> bool {
    let button = egui::Button::selectable(on, name).frame_when_inactive(true);
    let response = ui.add(button).on_hover_text(hint);
    response.widget_info(|| {
        let name = if name.ends_with('?') {
            name.to_owned()
        } else {
            format!("Show {name}")
        };
        egui::WidgetInfo::selected(egui::Role::Button, true, on, name)
    });
    response.clicked()
}

fn show_what(encode: &mut Encode, ui: &mut Ui) {
    let look = &mut encode.choices.look;
    wrapped(ui, |ui| {
        for (shown, name, hint) in [
            (
                &mut look.ids,
                "ids",
                "The number under each chip: all that a model sees of the text.",
            ),
            (
                &mut look.bytes,
                "bytes",
                "The bytes of each token; a bracket holds those of one character together, across chips.",
            ),
            (
                &mut look.marks,
                "spaces and line ends",
                "A space as ·, a tab as ⇥, a line end as ⏎. A space mostly belongs to the word after it.",
            ),
        ] {
            *shown ^= toggle(ui, *shown, name, hint);
        }
    });
}

fn specials(encode: &mut Encode, ui: &mut Ui) {
    let parse = &mut encode.choices.parse_specials;
    wrapped(ui, |ui| {
        for (value, name, hint) in [
            (
                false,
                "as text",
                "The letters < | e n d … become ordinary tokens.",
            ),
            (
                true,
                "allowed",
                "The text <|endoftext|> becomes the one token of that name.",
            ),
        ] {
            let button = egui::Button::selectable(*parse == value, name).frame_when_inactive(true);
            let response = ui.add(button).on_hover_text(hint);
            response.widget_info(|| {
                let name = format!("Special tokens {name}");
                egui::WidgetInfo::selected(egui::Role::Button, true, *parse == value, name)
            });
            if response.clicked() {
                *parse = value;
            }
        }
    });
    caption(
        ui,
        "A special token is a sign to the model, like the end of a text; what people type must stay text, or they could give the model signs of their own.",
    );
    let Some(side) = encode.main() else {
        return;
    };
    let specials = &side.tokenizer.vocabulary().special_tokens;
    let mut add = None;
    wrapped(ui, |ui| {
        for (id, text) in specials.iter().take(8) {
            let words = RichText::new(text).text_style(theme::style::small_mono());
            let hint = format!("Token {id}. Click to write it at the end of the text.");
            if ui.button(words).on_hover_text(hint).clicked() {
                add = Some(text.clone());
            }
        }
    });
    if specials.len() > 8 {
        caption(ui, format!("… and {} more.", specials.len() - 8));
    }
    if let Some(text) = add {
        encode.choices.text.push_str(&text);
    }
}
