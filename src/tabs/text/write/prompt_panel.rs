//! The prompt editor: a text or a conversation, and what the model really sees of it.

use super::WriteView;
use super::prompt::{Mode, user};
use super::view::tokens;
use crate::labs::text::{LoadedText, Seen};
use crate::theme;
use crate::widgets::text_editor::TextEditor;
use crate::widgets::token_strip::{Chip, TokenStrip};
use eframe::egui::{self, RichText, ScrollArea, TextEdit, Ui};

/// The height of the editor, in points, before it scrolls.
const EDITOR_HEIGHT: f32 = 128.0;

/// In a window lower than this the editor begins with two rows.
const LOW: f32 = 560.0;

/// Narrower than this, the number of tokens is left to the context meter.
const ROOM_FOR_COUNT: f32 = 96.0;

/// Tokens of a long prompt that are drawn as chips.
const MOST_CHIPS: usize = 2000;

pub(super) fn show(tab: &mut WriteView, ui: &mut Ui) {
    head(tab, ui);
    if tab.prompt.show_seen {
        seen(tab, ui);
        return;
    }
    let changed = match tab.prompt.mode {
        Mode::Text => text(tab, ui),
        Mode::Chat => {
            let area = ScrollArea::vertical()
                .id_salt("prompt")
                .max_height(EDITOR_HEIGHT)
                .auto_shrink([false, true]);
            area.show(ui, |ui| chat(tab, ui)).inner
        }
    };
    if changed {
        tab.prompt.changed();
    }
}

/// The mode, the switch, and how many tokens it is.
fn head(tab: &mut WriteView, ui: &mut Ui) {
    let can_chat = tab
        .model
        .as_ref()
        .is_some_and(|loaded| loaded.has_chat_template());
    ui.horizontal(|ui| {
        for (mode, name, hint) in [
            (Mode::Text, "Text", "The model continues the text as it is."),
            (
                Mode::Chat,
                "Chat",
                "The model answers as the assistant of a conversation.",
            ),
        ] {
            let possible = mode == Mode::Text || can_chat;
            let button = egui::Button::selectable(tab.prompt.mode == mode, name);
            let clicked = ui
                .add_enabled(possible, button)
                .on_hover_text(hint)
                .on_disabled_hover_text("This model was not trained to chat: it has no template.")
                .clicked();
            if clicked && tab.prompt.mode != mode {
                tab.prompt.mode = mode;
                tab.prompt.changed();
            }
        }
        ui.checkbox(&mut tab.prompt.show_seen, "What the model really sees")
            .on_hover_text("The prompt as tokens, with the chat template filled in and control tokens coloured.");
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let colors = theme::palette(ui.ctx());
            let words = match tab.prompt.seen() {
                Some(Ok(seen)) => tokens(seen.ids.len()),
                Some(Err(_)) => String::new(),
                None => "counting…".into(),
            };
            if ui.available_width() >= ROOM_FOR_COUNT {
                ui.label(RichText::new(words).color(colors.text_weak));
            }
        });
    });
    if let Some(Err(refusal)) = tab.prompt.seen() {
        let colors = theme::palette(ui.ctx());
        ui.label(RichText::new(&refusal.what).color(colors.warning));
        ui.label(&refusal.next);
    }
}

fn text(tab: &mut WriteView, ui: &mut Ui) -> bool {
    let low = ui.ctx().content_rect().height() < LOW;
    let editor = TextEditor::new("Prompt")
        .hint("Write something for the model to continue…")
        .rows(if low { 2 } else { 4 })
        .max_height(EDITOR_HEIGHT);
    let prompt = &mut tab.prompt;
    let response = editor.show(ui, &mut prompt.text, &mut prompt.editor);
    response.changed()
}

fn chat(tab: &mut WriteView, ui: &mut Ui) -> bool {
    let mut changed = false;
    let mut removed = None;
    for (i, turn) in tab.prompt.turns.iter_mut().enumerate() {
        ui.horizontal_top(|ui| {
            let role = turn.role.clone();
            egui::ComboBox::from_id_salt(("role", i))
                .width(96.0)
                .selected_text(&role)
                .show_ui(ui, |ui| {
                    for name in ["system", "user", "assistant"] {
                        let chosen = ui.selectable_label(role == name, name).clicked();
                        if chosen {
                            turn.role = name.into();
                            changed = true;
                        }
                    }
                })
                .response
                .on_hover_text(
                    "Who says this: the rules (system), you (user) or the model (assistant).",
                );
            let width = (ui.available_width() - 40.0).max(80.0);
            changed |= named(ui, &format!("Turn {} ({role})", i + 1), |ui| {
                ui.add(
                    TextEdit::multiline(&mut turn.content)
                        .desired_rows(1)
                        .hint_text("Say something to the model…")
                        .desired_width(width),
                )
            });
            let remove = ui
                .add(egui::Button::new("×").frame(false))
                .on_hover_text("Remove this turn.");
            remove.widget_info(|| {
                egui::WidgetInfo::labeled(
                    egui::Role::Button,
                    true,
                    format!("Remove turn {}", i + 1),
                )
            });
            if remove.clicked() {
                removed = Some(i);
            }
        });
    }
    if let Some(i) = removed {
        tab.prompt.turns.remove(i);
        changed = true;
    }
    let add = ui
        .button("Add a turn")
        .on_hover_text("One more thing said in this conversation.");
    if add.clicked() {
        tab.prompt.turns.push(user(""));
        changed = true;
    }
    changed
}

/// An editor that AccessKit knows by `name`, without a label on screen. True when it changed.
fn named(ui: &mut Ui, name: &str, editor: impl FnOnce(&mut Ui) -> egui::Response) -> bool {
    let response = editor(ui);
    ui.ctx()
        .accesskit_node_builder(response.id, |node| node.set_label(name));
    response.changed()
}

fn seen(tab: &WriteView, ui: &mut Ui) {
    let (Some(Ok(seen)), Some(loaded)) = (tab.prompt.seen(), tab.model.as_ref()) else {
        return;
    };
    for note in &seen.notes {
        let colors = theme::palette(ui.ctx());
        ui.label(RichText::new(note).color(colors.warning));
    }
    ScrollArea::vertical()
        .id_salt("seen")
        .max_height(EDITOR_HEIGHT)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            ui.push_id("seen", |ui| seen_chips(seen, loaded, ui));
        });
}

fn seen_chips(seen: &Seen, loaded: &LoadedText, ui: &mut Ui) {
    let shown = &seen.ids[..seen.ids.len().min(MOST_CHIPS)];
    let bytes: Vec<(Vec<u8>, bool)> = shown
        .iter()
        .map(|&id| (loaded.token_bytes(id), loaded.is_special(id)))
        .collect();
    let chips: Vec<Chip<'_>> = bytes
        .iter()
        .map(|(bytes, special)| Chip::prompt(bytes, *special))
        .collect();
    TokenStrip::new(&chips, None)
        .numbered_from_prompt(chips.len())
        .show(ui);
    if shown.len() < seen.ids.len() {
        ui.label(format!(
            "… and {} more",
            tokens(seen.ids.len() - shown.len())
        ));
    }
}
