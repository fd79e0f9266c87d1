//! The stage: the editor, under it the strips of tokens, and at the bottom how a word got there or
//! what eight languages cost.

use super::encode::{Below, Encode};
use super::{languages_panel, neighbours_panel, story_panel, strip_panel};
use crate::tabs::TabContext;
use crate::theme;
use crate::widgets::text_editor::TextEditor;
use eframe::egui::{self, Rect, Ui, UiBuilder};

/// The editor's height before it scrolls, where there is room and where there is little.
const EDITOR_HEIGHT: [f32; 2] = [120.0, 76.0];
/// The share of the height that the lower part takes, and its least in points.
const LOWER_SHARE: f32 = 0.5;
const LOWER_HEIGHT: f32 = 280.0;

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
    let editor = TextEditor::new("Text")
        .hint("Type or paste a text, or drop a file…")
        .rows(3)
        .max_height(height);
    editor.show(ui, &mut encode.choices.text, &mut encode.editor);
}
