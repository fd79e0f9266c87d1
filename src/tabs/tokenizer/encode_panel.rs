//! The stage: the editor, under it the strips of tokens, and at the bottom how a word got there or
//! what eight languages cost.

use super::encode::{Below, Encode};
use super::view::grouped;
use super::{languages_panel, neighbours_panel, story_panel, strip_panel};
use crate::tabs::TabContext;
use crate::theme;
use eframe::egui::{self, Rect, RichText, ScrollArea, TextEdit, Ui, UiBuilder};

/// The editor's height before it scrolls, where there is room and where there is little.
const EDITOR_HEIGHT: [f32; 2] = [120.0, 76.0];
/// The share of the height that the lower part takes, and its least in points.
const LOWER_SHARE: f32 = 0.5;
const LOWER_HEIGHT: f32 = 280.0;
/// A longer text is shown by its beginning: an editor lays out all of its text.
const MOST_EDITED: usize = 512 << 10;

pub(super) fn show(encode: &mut Encode, ui: &mut Ui, cx: &mut TabContext<'_>) {
    encode.is_shown(cx);
    let area = ui.available_rect_before_wrap();
    let has_lower = encode.story().is_some() || encode.below == Below::Languages;
    let tight = has_lower && area.height() < 640.0;
    editor(encode, ui, EDITOR_HEIGHT[usize::from(tight)]);
    encode.follow(cx);
    ui.add_space(theme::size::GRID);
    let rest = ui.available_rect_before_wrap().intersect(area);
    if !has_lower {
        part(ui, rest, |ui| strip_panel::show(encode, ui));
        return;
    }
    let height = (area.height() * LOWER_SHARE).max(LOWER_HEIGHT);
    let lower = rest.with_min_y((rest.bottom() - height).max(rest.top() + 100.0));
    let upper = rest.with_max_y(lower.top() - theme::size::GRID);
    part(ui, upper, |ui| strip_panel::show(encode, ui));
    let line = theme::palette(ui.ctx()).line;
    ui.painter()
        .hline(rest.x_range(), lower.top(), egui::Stroke::new(1.0, line));
    let lower = lower.with_min_y(lower.top() + theme::size::GRID);
    part(ui, lower, |ui| match encode.below {
        Below::Story => story_panel::show(encode, ui),
        Below::Neighbours => neighbours_panel::show(encode, ui),
        Below::Languages => languages_panel::show(encode, ui),
    });
}

/// Draws inside `area` and nowhere else.
pub(super) fn part(ui: &mut Ui, area: Rect, contents: impl FnOnce(&mut Ui)) {
    let builder = UiBuilder::new()
        .max_rect(area)
        .layout(egui::Layout::top_down(egui::Align::LEFT));
    ui.scope_builder(builder, |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(area.expand(4.0)));
        contents(ui);
    });
}

fn editor(encode: &mut Encode, ui: &mut Ui, height: f32) {
    let text = &mut encode.choices.text;
    if text.len() > MOST_EDITED {
        long_text(text, ui);
        return;
    }
    ScrollArea::vertical()
        .id_salt("text")
        .max_height(height)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            let editor = TextEdit::multiline(text)
                .hint_text("Type or paste a text, or drop a file…")
                .desired_rows(3)
                .desired_width(f32::INFINITY);
            let response = ui.add(editor);
            ui.ctx()
                .accesskit_node_builder(response.id, |node| node.set_label("Text"));
        });
}

fn long_text(text: &mut String, ui: &mut Ui) {
    let colors = theme::palette(ui.ctx());
    ui.horizontal(|ui| {
        ui.label(format!(
            "A long text: {} bytes. It begins:",
            grouped(text.len())
        ));
        let remove = ui
            .button("Remove it")
            .on_hover_text("Empty the editor, to write another text.");
        if remove.clicked() {
            text.clear();
        }
    });
    let beginning: String = text.chars().take(240).collect();
    ui.label(RichText::new(beginning).color(colors.text_weak));
}
