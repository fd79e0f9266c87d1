//! The stage: on the left what is written, on the right what else was weighed for one token.

use super::super::model_panel;
use super::prompt::{LETTERS, PRESETS};
use super::{Desk, WriteView, branches_panel, candidates_panel, prompt_panel};
use crate::labs::text::{SMALLEST, StopReason};
use crate::tabs::TabContext;
use crate::theme;
use crate::widgets::token_strip::{Chip, TokenStrip, probability_legend};
use eframe::egui::{self, Layout, Rect, RichText, ScrollArea, Ui, UiBuilder, vec2};

/// The share of the stage's width that the candidates take, and its bounds in points.
const CANDIDATES_SHARE: f32 = 0.42;
const CANDIDATES_WIDTH: std::ops::RangeInclusive<f32> = 340.0..=600.0;

/// Narrower than this, the stage shows the text or the candidates, not both.
const ROOM_FOR_BOTH: f32 = 600.0;

pub(super) fn show(tab: &mut WriteView, ui: &mut Ui, desk: &Desk, cx: &mut TabContext<'_>) {
    tab.saving.show(ui, cx);
    if tab.model.is_none() {
        model_panel::waiting(ui, desk);
        return;
    }
    let has_large = desk.model.has_large();
    let area = ui.available_rect_before_wrap();
    if tab.place.is_none() {
        column(ui, area, |ui| text(tab, ui, cx, has_large));
        return;
    }
    if area.width() < ROOM_FOR_BOTH {
        column(ui, area, |ui| either(tab, ui, cx, has_large));
        return;
    }
    let (least, most) = CANDIDATES_WIDTH.into_inner();
    let width = (area.width() * CANDIDATES_SHARE).clamp(least, most);
    let right = area.with_min_x(area.right() - width);
    let left = area.with_max_x(right.left() - theme::size::GROUP);
    column(ui, left, |ui| text(tab, ui, cx, has_large));
    column(ui, right, |ui| candidates_panel::show(tab, ui, cx, false));
}

/// The text while it is written, and the candidates of the token looked at after that.
fn either(tab: &mut WriteView, ui: &mut Ui, cx: &mut TabContext<'_>, has_large: bool) {
    if tab.is_writing() {
        text(tab, ui, cx, has_large);
        return;
    }
    candidates_panel::show(tab, ui, cx, true);
}

fn column(ui: &mut Ui, area: Rect, contents: impl FnOnce(&mut Ui)) {
    let builder = UiBuilder::new()
        .max_rect(area)
        .layout(Layout::top_down(egui::Align::LEFT));
    ui.scope_builder(builder, |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(area.expand(4.0)));
        contents(ui);
    });
}

/// The prompt, and under it what was written.
fn text(tab: &mut WriteView, ui: &mut Ui, cx: &mut TabContext<'_>, has_large: bool) {
    prompt_panel::show(tab, ui);
    if tab.tree.cursor().is_none() {
        ui.add_space(theme::size::GRID * 2.0);
        let sorts = tab
            .model
            .as_ref()
            .is_some_and(|loaded| loaded.name == SMALLEST);
        let (first, words) = if sorts {
            (LETTERS[0], "Show me, with six letters to sort")
        } else {
            (PRESETS[0], "Show me, with a story about my dog Ben")
        };
        if teach(ui, has_large, words) {
            tab.prompt.take(first);
            tab.generate(cx);
        }
        return;
    }
    let branches = branches_panel::rows(tab);
    let branches_height = branches_panel::height(&branches, ui.available_height());
    let chips_height = ui.available_height() - branches_height - 64.0;
    legend(ui);
    written(tab, ui, chips_height.max(80.0));
    ending(tab, ui, cx);
    branches_panel::show(tab, ui, &branches);
}

/// What will be here, before anything is; true when the person asks to see it.
fn teach(ui: &mut Ui, large_is_present: bool, words: &str) -> bool {
    let colors = theme::palette(ui.ctx());
    ui.label(RichText::new("What happens next").text_style(theme::style::subheading()));
    ui.add_space(theme::size::HALF);
    for sentence in [
        "Press Generate: the model writes on from your text, one token (a word, or a piece of one) at a time.",
        "Each token becomes a chip. Its colour, and the line under it, say how probable the model found it.",
        "Click a chip to see the twenty candidates the model weighed there, and pick another one.",
    ] {
        ui.label(RichText::new(sentence).color(colors.text_weak));
    }
    ui.add_space(theme::size::GRID);
    let example: [(&[u8], f64); 5] = [
        (b" fetch", 0.62),
        (b" in", 0.35),
        (b" the", 0.81),
        (b" park", 0.22),
        (b".", 0.48),
    ];
    ui.label(
        RichText::new("An example of the look, not of a model:")
            .text_style(egui::TextStyle::Small)
            .color(colors.text_weak),
    );
    let chips: Vec<Chip<'_>> = example
        .iter()
        .map(|&(bytes, p)| Chip::token(bytes, p))
        .collect();
    ui.push_id("example", |ui| {
        ui.add_enabled_ui(false, |ui| TokenStrip::new(&chips, None).show(ui))
    });
    ui.add_space(theme::size::GRID * 2.0);
    let asked = ui
        .button(words)
        .on_hover_text("Puts this beginning into the prompt and lets the model go on.")
        .clicked();
    if !large_is_present {
        ui.add_space(theme::size::GRID * 2.0);
        ui.label("The model here is small, built in, and tells little stories. For real language, fetch smollm2 (98 MB) once: run models/fetch.sh, then start again.");
    }
    asked
}

/// What the colours of the chips below mean.
fn legend(ui: &mut Ui) {
    let row = vec2(ui.available_width(), 18.0);
    ui.allocate_ui_with_layout(row, Layout::right_to_left(egui::Align::Center), |ui| {
        ui.spacing_mut().item_spacing.x = theme::size::HALF;
        probability_legend(ui);
    });
}

/// The prompt's tokens, quiet, then the written ones.
fn written(tab: &mut WriteView, ui: &mut Ui, height: f32) {
    let path = tab.tree.current_path();
    let loaded = tab.model.clone().filter(|_| tab.is_own_text());
    let prompt_ids = tab.tree.prompt().map_or(&[][..], |prompt| &prompt.ids);
    let prompt_bytes: Vec<(Vec<u8>, bool)> = loaded.map_or_else(Vec::new, |loaded| {
        let ids = prompt_ids.iter();
        ids.map(|&id| (loaded.token_bytes(id), loaded.is_special(id)))
            .collect()
    });
    let mut chips: Vec<Chip<'_>> = prompt_bytes
        .iter()
        .map(|(bytes, special)| Chip::prompt(bytes, *special))
        .collect();
    let n_prompt = chips.len();
    chips.extend(path.iter().map(|&node| {
        let choice = &tab.tree.node(node).choice;
        Chip {
            bytes: &choice.bytes,
            p: Some(choice.p_raw),
            special: choice.special,
            chosen_by_person: choice.chosen_by == crate::labs::text_tree::ChosenBy::You,
            n_alternatives: tab.tree.alternatives(node).len(),
        }
    }));
    let place = path.iter().position(|&node| Some(node) == tab.place);
    let selected = place.map(|i| i + n_prompt);
    let clicked = ScrollArea::vertical()
        .id_salt("written")
        .auto_shrink([false, false])
        .max_height(height)
        .stick_to_bottom(tab.follow || tab.is_writing())
        .show(ui, |ui| {
            ui.add_space(3.0);
            TokenStrip::new(&chips, selected)
                .numbered_from_prompt(n_prompt)
                .show(ui)
        })
        .inner;
    if let Some(node) = clicked.and_then(|i| path.get(i.checked_sub(n_prompt)?)) {
        tab.look_at(*node);
    }
}

/// Why the text ends where it does, and what can be done about it. The sentence gives way to the
/// buttons where there is no room for both.
fn ending(tab: &mut WriteView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let leaf = tab.tree.leaf();
    let stop = leaf.and_then(|leaf| tab.tree.node(leaf).stop.clone());
    let words = if tab.is_writing() {
        match tab.writing.as_ref().and_then(|w| w.reading) {
            Some((done, total)) => format!("Reading the prompt: {done} of {total} tokens"),
            None => "Writing…".into(),
        }
    } else {
        stop.as_ref().map_or_else(String::new, StopReason::sentence)
    };
    let row = vec2(ui.available_width(), theme::size::CONTROL);
    ui.allocate_ui_with_layout(row, Layout::right_to_left(egui::Align::Center), |ui| {
        if !tab.is_writing() && stop.is_some() {
            ending_buttons(tab, ui, cx, stop == Some(StopReason::ContextFull));
        }
        ui.with_layout(Layout::left_to_right(egui::Align::Center), |ui| {
            ui.add(egui::Label::new(words).truncate());
        });
    });
}

fn ending_buttons(tab: &mut WriteView, ui: &mut Ui, cx: &mut TabContext<'_>, is_full: bool) {
    if is_full
        && ui
            .button("Drop the oldest and go on")
            .on_hover_text(
                "The model forgets the oldest quarter of the text and reads the rest again.",
            )
            .clicked()
    {
        tab.drop_oldest_and_go_on(cx);
    }
    if tab.can_reply()
        && ui
            .button("Reply")
            .on_hover_text("Take the answer into the conversation and write your next turn.")
            .clicked()
    {
        tab.reply();
    }
}
