//! The words of a caption: how each is read, as switches, and as the vector that the network is told.

use super::recipe::{can_be_open, caption_of};
use super::{StepsView, readings};
use crate::labs::diffusion::Denoiser;
use crate::labs::diffusion::captions::{Attribute, Parsed, in_words, of_faces};
use crate::refusal::Result;
use crate::tabs::parts::caption;
use crate::theme::{self, size};
use crate::widgets::count::signed;
use eframe::egui::{
    self, Align2, Button, CornerRadius, Rect, RichText, Role, ScrollArea, Sense, Stroke,
    StrokeKind, TextStyle, Ui, WidgetInfo, pos2, vec2,
};
use std::sync::Arc;

/// Words that are shown one by one.
const MOST_WORDS: usize = 60;

/// What the words are as numbers, for the caption that was looked at last.
#[derive(Debug, Default)]
pub(super) struct Words {
    of: Option<(u64, Vec<u32>, Vec<f32>)>,
    /// For each attribute its part of the vector: its row minus that of saying nothing.
    parts: Vec<Vec<f32>>,
    nothing: Vec<f32>,
}

/// Captions to try: label, hint, caption.
pub(super) fn presets(attributes: &[Attribute]) -> Vec<(String, String, String)> {
    if attributes != of_faces() {
        let first = attributes.first().map_or(&[][..], |a| &a.values);
        let preset = |word: &String| (word.clone(), format!("Ask for {word}."), word.clone());
        return first.iter().take(10).map(preset).collect();
    }
    let presets = [
        (
            "Curls and glasses",
            "a smiling face with curly red hair and glasses, tan skin, blue background",
        ),
        (
            "Mohawk",
            "a surprised face with a green mohawk, pale skin, purple background",
        ),
        (
            "Bun and flowers",
            "a smiling face with a pink bun and flowers, brown skin, white background",
        ),
        (
            "Grey beard",
            "a sad face with short grey hair, glasses and a beard, peach skin, yellow background",
        ),
        ("Nothing said", ""),
    ];
    let hint = |text: &str| match text {
        "" => "No words at all: the network draws whatever its noise suggests.".to_owned(),
        text => text.to_owned(),
    };
    let preset = |(label, text): &(&str, &str)| (label.to_string(), hint(text), text.to_string());
    presets.iter().map(preset).collect()
}

/// A caption for a network that knows other things than faces.
pub(super) fn some_caption(attributes: &[Attribute]) -> String {
    let values = attributes.iter().filter_map(|a| a.values.first().cloned());
    values.collect::<Vec<_>>().join(", ")
}

/// What a second caption may be.
pub(super) fn another_caption(attributes: &[Attribute]) -> String {
    if attributes == of_faces() {
        return in_words(&[1, 1, 5, 4, 0, 0, 0, 2]);
    }
    let last = attributes.iter().filter_map(|a| a.values.last().cloned());
    last.collect::<Vec<_>>().join(", ")
}

pub(super) fn show(view: &mut StepsView, ui: &mut Ui, denoiser: &Arc<Denoiser>) {
    let attributes = &denoiser.about().attributes;
    let parsed = view.way().recipe.parsed(attributes);
    if attributes.is_empty() {
        caption(ui, "This network learned no words: it draws what it likes.");
        return;
    }
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .id_salt("words")
        .show(ui, |ui| {
            strong(ui, "The caption, word by word");
            chips(ui, &view.way().recipe.caption, &parsed, attributes);
            ui.add_space(size::GRID);
            let changed = switches(view, ui, &parsed, attributes);
            if let Some(rows) = changed {
                let before = view.way().recipe.clone();
                view.way_mut().recipe.caption = caption_of(&rows, attributes);
                view.changed(&before, false);
            }
            ui.add_space(size::GRID);
            vector(view, ui, denoiser, &parsed);
        });
}

fn strong(ui: &mut Ui, words: &str) -> egui::Response {
    ui.label(RichText::new(words).text_style(theme::style::strong()))
}

/// Each word with what it means.
fn chips(ui: &mut Ui, text: &str, parsed: &Parsed, attributes: &[Attribute]) {
    if parsed.words.is_empty() {
        caption(
            ui,
            "Nothing is said: the network draws whatever its noise suggests.",
        );
        return;
    }
    let colors = theme::palette(ui.ctx());
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::Vec2::splat(size::HALF);
        for (i, word) in parsed.words.iter().take(MOST_WORDS).enumerate() {
            let letters = &text[word.start..word.end];
            let meaning = word.meaning.and_then(|(attribute, value)| {
                let a = attributes.get(attribute)?;
                Some((attribute, format!("{}: {}", named(a), a.values.get(value)?)))
            });
            let below = match (&meaning, word.is_known) {
                (Some((_, words)), _) => words.as_str(),
                (None, true) => "–",
                (None, false) => "unknown",
            };
            let small = TextStyle::Small.resolve(ui.style());
            let body = TextStyle::Body.resolve(ui.style());
            let painter = ui.painter();
            let ink = if word.is_known {
                colors.text
            } else {
                colors.warning
            };
            let weak = if word.is_known {
                colors.text_weak
            } else {
                colors.warning
            };
            let above = painter.layout_no_wrap(letters.to_owned(), body, ink);
            let below_it = painter.layout_no_wrap(below.to_owned(), small, weak);
            let width = above.size().x.max(below_it.size().x) + 14.0;
            let height = above.size().y + below_it.size().y + 8.0;
            let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
            response.widget_info(|| {
                let words = format!("Word {}: {letters}, {below}", i + 1);
                WidgetInfo::labeled(Role::Label, true, words)
            });
            let painter = ui.painter();
            let corners = CornerRadius::same(size::RADIUS);
            let fill = meaning
                .as_ref()
                .map_or(colors.hover, |(i, _)| colors.token_fill(*i));
            painter.rect_filled(rect, corners, fill);
            if !word.is_known {
                let line = Stroke::new(1.5, colors.warning);
                painter.rect_stroke(rect, corners, line, StrokeKind::Inside);
            }
            let at = |width: f32, y: f32| pos2(rect.center().x - width * 0.5, y);
            let y = rect.top() + 3.0;
            let under = y + above.size().y + 1.0;
            painter.galley(at(above.size().x, y), above, ink);
            painter.galley(at(below_it.size().x, under), below_it, weak);
            response.on_hover_text(match (word.meaning, word.is_known) {
                (Some(_), _) => "This word asks for something that the network learned.",
                (None, true) => "Understood, and asks for nothing by itself.",
                (None, false) => "The network never learned this word: it changes nothing.",
            });
        }
    });
    let more = parsed.words.len().saturating_sub(MOST_WORDS);
    if more > 0 {
        caption(ui, format!("and {more} more words"));
    }
    if !parsed.absent.is_empty() {
        let names = parsed.absent.iter().filter_map(|i| attributes.get(*i));
        let names: Vec<String> = names.map(named).collect();
        caption(
            ui,
            format!(
                "Not spoken of, and so taken to be absent: {}.",
                names.join(", ")
            ),
        );
    }
}

/// "hair color".
fn named(attribute: &Attribute) -> String {
    attribute.name.replace('_', " ")
}

/// What the caption asks for, as switches; the rows if one was pressed.
fn switches(
    view: &StepsView,
    ui: &mut Ui,
    parsed: &Parsed,
    attributes: &[Attribute],
) -> Option<Vec<u32>> {
    let mut changed = None;
    let hint = "The same seed: press one, and only what it asks for should change in the picture.";
    strong(ui, "As switches, and what the judge sees").on_hover_text(hint);
    let seen = readings::of(view.way(), attributes);
    ui.spacing_mut().item_spacing.y = size::HALF;
    ui.spacing_mut().interact_size.y = 24.0;
    for (i, attribute) in attributes.iter().enumerate() {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 3.0;
            ui.spacing_mut().button_padding = vec2(7.0, 1.0);
            let ink = theme::palette(ui.ctx()).text_weak;
            let (rect, _) = ui.allocate_exact_size(vec2(84.0, 24.0), Sense::hover());
            let font = TextStyle::Small.resolve(ui.style());
            let left = Align2::LEFT_CENTER;
            let name = named(attribute);
            ui.painter().text(rect.left_center(), left, name, font, ink);
            let row = parsed.rows.get(i).copied().unwrap_or(0);
            for (value, word) in attribute.values.iter().enumerate() {
                let is = row as usize == value + 1;
                let button = Button::selectable(is, RichText::new(word).small());
                let button = ui.add(button.frame_when_inactive(true));
                ui.ctx().accesskit_node_builder(button.id, |node| {
                    node.set_label(format!("{}: {word}", named(attribute)));
                });
                let hint = if is && can_be_open(attribute) {
                    "Press it again to leave it open."
                } else {
                    "Ask for it, with the same noise."
                };
                if button.on_hover_text(hint).clicked() {
                    let mut rows = parsed.rows.clone();
                    let value = value as u32 + 1;
                    rows[i] = if is && can_be_open(attribute) {
                        0
                    } else {
                        value
                    };
                    changed = Some(rows);
                }
            }
            if let Some(seen) = seen.get(i) {
                let width = ui.available_width();
                if width > 150.0 {
                    ui.add_space(width - 210.0_f32.min(width));
                    judged(ui, seen);
                }
            }
        });
    }
    changed
}

/// "sees red ▇▇▇ 98 %".
fn judged(ui: &mut Ui, seen: &readings::Seen) {
    let size = vec2(ui.available_width(), 24.0);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    readings::verdict(ui, rect, seen);
}

/// The vector: a row of colours for each attribute, and their sum.
fn vector(view: &mut StepsView, ui: &mut Ui, denoiser: &Arc<Denoiser>, parsed: &Parsed) {
    let attributes = &denoiser.about().attributes;
    let Ok(condition) = view.way().recipe.condition(denoiser) else {
        return;
    };
    let words = &mut view.words;
    let of = (view.model, parsed.rows.clone(), condition);
    if words.of.as_ref() != Some(&of) {
        let parts = words.look_up(denoiser, &of.1);
        words.of = parts.is_ok().then_some(of);
    }
    let Some((_, _, sum)) = &words.of else { return };
    let d = sum.len();
    let hint = "Every value has a learned row of numbers. The network is told their sum, in every layer, at every step.";
    strong(ui, &format!("As the {d} numbers that the network is told")).on_hover_text(hint);
    let parts = words.parts.iter().flatten();
    let all = parts
        .chain(sum)
        .fold(1e-6, |most: f32, x| most.max(x.abs()));
    for (attribute, part) in attributes.iter().zip(&words.parts) {
        strip(ui, &named(attribute), part, all, 10.0);
    }
    strip(ui, "nothing said", &words.nothing, all, 10.0);
    ui.add_space(2.0);
    strip(ui, "the sum", sum, all, 18.0);
    let colors = theme::palette(ui.ctx());
    let words = format!(
        "Blue −{0}, the colour of the stage 0, red +{0}. A row of 0: nothing is said about that.",
        signed(f64::from(all))
    );
    ui.label(RichText::new(words).small().color(colors.text_weak));
}

impl Words {
    fn look_up(&mut self, denoiser: &Denoiser, rows: &[u32]) -> Result<()> {
        self.nothing = denoiser.no_condition()?;
        self.parts.clear();
        for (i, row) in rows.iter().enumerate() {
            let mut alone = vec![0; rows.len()];
            alone[i] = *row;
            let alone = denoiser.condition(&alone)?;
            let part = alone.iter().zip(&self.nothing).map(|(a, b)| a - b);
            self.parts.push(part.collect());
        }
        Ok(())
    }
}

/// Numbers as colours in one row, with a name before them; the number under the pointer is told.
fn strip(ui: &mut Ui, name: &str, numbers: &[f32], most: f32, height: f32) {
    let size = vec2(ui.available_width(), height + 2.0);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| {
        let largest = numbers.iter().fold(0.0, |most: f32, x| most.max(x.abs()));
        let words = format!("{name}: {} numbers up to {largest:.2}", numbers.len());
        WidgetInfo::labeled(Role::Image, true, words)
    });
    ui.spacing_mut().item_spacing.y = 1.0;
    let colors = theme::palette(ui.ctx());
    let painter = ui.painter();
    let font = TextStyle::Small.resolve(ui.style());
    let left = Align2::LEFT_CENTER;
    painter.text(rect.left_center(), left, name, font, colors.text_weak);
    let cells = rect
        .with_min_x(rect.left() + 92.0)
        .with_max_y(rect.bottom() - 2.0);
    painter.rect_filled(cells, 0.0, colors.hover);
    let width = cells.width() / numbers.len().max(1) as f32;
    for (i, number) in numbers.iter().enumerate() {
        let x = cells.left() + width * i as f32;
        let cell = Rect::from_min_max(pos2(x, cells.top()), pos2(x + width, cells.bottom()));
        painter.rect_filled(cell, 0.0, colors.signed(number / most));
    }
    if let Some(at) = response.hover_pos().filter(|at| cells.contains(*at)) {
        let i = ((at.x - cells.left()) / width) as usize;
        if let Some(number) = numbers.get(i) {
            let words = format!("{name}, number {}: {}", i + 1, signed(f64::from(*number)));
            response.on_hover_text(words);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::diffusion::captions::parse;

    #[test]
    fn the_captions_to_try_are_understood() {
        let faces = of_faces();
        let second = another_caption(&faces);
        let presets = presets(&faces).into_iter().map(|(_, _, text)| text);
        for text in presets.chain([second]) {
            let parsed = parse(&text, &faces);
            assert!(parsed.unknown.is_empty(), "{text}");
        }
    }
}
