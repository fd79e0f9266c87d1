//! Tokens as chips, in reading order, wrapped like text.
//!
//! A chip's colour and the length of the line under it both say how probable its token was, so that
//! neither has to be trusted alone. Each chip in sight can be focused and has a name for AccessKit.

use crate::theme;
use crate::widgets::token_text::visible;
use eframe::egui::{
    self, Align2, Rect, Response, Role, Sense, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

/// One token to draw.
#[derive(Debug, Clone, PartialEq)]
pub struct Chip<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// How probable it was, 0..=1; `None` for a token nobody predicted (the prompt's).
    pub p: Option<f64>,
    /// Whether it is a control token.
    pub special: bool,
    /// Whether the person chose it.
    pub chosen_by_person: bool,
    /// How many other tokens were tried in its place.
    pub n_alternatives: usize,
}

impl<'a> Chip<'a> {
    /// A token of the prompt.
    #[must_use]
    pub fn prompt(bytes: &'a [u8], special: bool) -> Self {
        Self {
            bytes,
            p: None,
            special,
            chosen_by_person: false,
            n_alternatives: 0,
        }
    }

    /// A token of text that was chosen with probability `p`.
    #[must_use]
    pub fn token(bytes: &'a [u8], p: f64) -> Self {
        Self {
            p: Some(p),
            ..Self::prompt(bytes, false)
        }
    }
}

/// Chips that wrap at the width there is.
#[derive(Debug)]
pub struct TokenStrip<'a> {
    chips: &'a [Chip<'a>],
    selected: Option<usize>,
    n_prompt: usize,
}

impl<'a> TokenStrip<'a> {
    /// A strip of `chips`; `selected` is drawn as such.
    #[must_use]
    pub fn new(chips: &'a [Chip<'a>], selected: Option<usize>) -> Self {
        Self {
            chips,
            selected,
            n_prompt: 0,
        }
    }

    /// The first `n` chips are the prompt's; the others are numbered from 1.
    #[must_use]
    pub fn numbered_from_prompt(self, n: usize) -> Self {
        Self {
            n_prompt: n,
            ..self
        }
    }

    /// Draws it and returns the chip that was clicked, if one was.
    pub fn show(self, ui: &mut Ui) -> Option<usize> {
        let font = TextStyle::Monospace.resolve(ui.style());
        let places = self.lay_out(ui, &font);
        let height = places.last().map_or(0.0, Rect::bottom);
        let (area, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
        let mut clicked = None;
        let scope = ui.scope_id();
        let id_of = |i: usize| scope.with(("chip", i));
        for (i, (chip, place)) in self.chips.iter().zip(&places).enumerate() {
            let rect = place.translate(area.min.to_vec2());
            if !ui.is_rect_visible(rect) {
                continue;
            }
            let response = ui.interact(rect, id_of(i), Sense::click());
            let selected = self.selected == Some(i);
            response
                .widget_info(|| WidgetInfo::selected(Role::Button, true, selected, self.name(i)));
            paint(ui, chip, rect, &response, selected, &font);
            if response.clicked() {
                response.request_focus();
                clicked = Some(i);
            }
            if response.has_focus() {
                keep_horizontal_arrows(ui, response.id);
                if let Some(next) = neighbour(ui, i, self.chips.len()) {
                    ui.memory_mut(|memory| memory.request_focus(id_of(next)));
                    clicked = Some(next);
                }
            }
            response.on_hover_ui(|ui| hover(ui, chip));
        }
        clicked
    }

    /// Where each chip stands, from (0, 0). A line end in a token ends the line of chips too.
    fn lay_out(&self, ui: &Ui, font: &egui::FontId) -> Vec<Rect> {
        let gap = ui.spacing().item_spacing.x * 0.5;
        let height = font.size * 1.9;
        let width = ui.available_width();
        let mut at = pos2(0.0, 0.0);
        let place = |chip: &Chip<'_>| {
            let text = visible(chip.bytes);
            let color = egui::Color32::PLACEHOLDER;
            let galley = ui.painter().layout_no_wrap(text, font.clone(), color);
            let size = vec2((galley.size().x + 10.0).max(16.0), height);
            if at.x > 0.0 && at.x + size.x > width {
                at = pos2(0.0, at.y + height + gap);
            }
            let rect = Rect::from_min_size(at, size);
            at.x += size.x + gap;
            if chip.bytes.contains(&b'\n') {
                at = pos2(0.0, at.y + height + gap);
            }
            rect
        };
        self.chips.iter().map(place).collect()
    }

    /// What a screen reader says, and tests look for.
    fn name(&self, i: usize) -> String {
        let chip = &self.chips[i];
        let text = visible(chip.bytes);
        match chip.p {
            Some(p) => format!(
                "Token {} {text}, {}",
                i + 1 - self.n_prompt.min(i),
                percent(p)
            ),
            None => format!("Prompt token {} {text}", i + 1),
        }
    }
}

/// What the colours of chips mean: from improbable to probable, with the unit.
pub fn probability_legend(ui: &mut Ui) {
    let colors = theme::palette(ui.ctx());
    let small = |text: &str| {
        egui::RichText::new(text)
            .text_style(TextStyle::Small)
            .color(colors.text_weak)
    };
    ui.label(small("100 %"));
    let (rect, response) = ui.allocate_exact_size(vec2(72.0, 10.0), Sense::hover());
    let step = rect.width() / 24.0;
    for i in 0..24 {
        let left = rect.left() + step * i as f32;
        let cell = Rect::from_min_max(
            pos2(left, rect.top()),
            pos2(left + step + 0.5, rect.bottom()),
        );
        let fill = colors.probability(i as f32 / 23.0);
        ui.painter().rect_filled(cell, 0.0, fill);
    }
    response.on_hover_text("The colour of a chip: how probable the model found the token.");
    ui.label(small("0 %"));
}

/// Keeps the left and right arrow keys for the widget that has the focus; else they would move it on.
pub(super) fn keep_horizontal_arrows(ui: &Ui, id: egui::Id) {
    let keep = egui::EventFilter {
        horizontal_arrows: true,
        ..egui::EventFilter::default()
    };
    ui.memory_mut(|memory| memory.set_focus_lock_filter(id, keep));
}

/// The chip that an arrow key goes to from chip `i` of `n`. The key is used up: the next chip, which
/// has the focus then, must not take it again.
pub(super) fn neighbour(ui: &Ui, i: usize, n: usize) -> Option<usize> {
    ui.input_mut(|input| {
        if input.consume_key(egui::Modifiers::NONE, egui::Key::ArrowLeft) {
            i.checked_sub(1)
        } else if input.consume_key(egui::Modifiers::NONE, egui::Key::ArrowRight) {
            Some(i + 1).filter(|&next| next < n)
        } else {
            None
        }
    })
}

/// A probability as people read it: "12.3 %", "0.04 %", "< 0.01 %".
#[must_use]
pub fn percent(p: f64) -> String {
    match p * 100.0 {
        v if (99.95..100.0).contains(&v) => "> 99.9 %".into(),
        v if v >= 1.0 => format!("{v:.1} %"),
        v if v >= 0.01 => format!("{v:.2} %"),
        v if v > 0.0 => "< 0.01 %".into(),
        _ => "0 %".into(),
    }
}

fn paint(
    ui: &Ui,
    chip: &Chip<'_>,
    rect: Rect,
    response: &Response,
    selected: bool,
    font: &egui::FontId,
) {
    let colors = theme::palette(ui.ctx());
    let painter = ui.painter();
    let rounding = 4.0;
    let fill = match chip.p {
        _ if chip.special => colors.accent_soft,
        Some(p) => colors.probability(p as f32),
        None => colors.hover,
    };
    painter.rect_filled(rect, rounding, fill);
    if response.hovered() || response.has_focus() || selected {
        let width = if selected { 2.5 } else { 1.5 };
        let stroke = egui::Stroke::new(width, colors.accent);
        painter.rect_stroke(rect, rounding, stroke, egui::StrokeKind::Outside);
    }
    let color = match chip.p {
        _ if chip.special => colors.accent,
        Some(_) => colors.text,
        None => colors.text_weak,
    };
    painter.text(
        rect.center() - vec2(0.0, 2.0),
        Align2::CENTER_CENTER,
        visible(chip.bytes),
        font.clone(),
        color,
    );
    if let Some(p) = chip.p {
        let track = Rect::from_min_max(
            pos2(rect.left() + 4.0, rect.bottom() - 6.0),
            pos2(rect.right() - 4.0, rect.bottom() - 3.0),
        );
        painter.rect_filled(track, 1.5, colors.stage);
        let bar = track.with_max_x(track.left() + (track.width() * p as f32).max(1.0));
        painter.rect_filled(bar, 1.5, colors.text_weak);
    }
    mark_corners(ui, chip, rect, colors);
}

/// A dot where the person chose, a fork where other tokens were tried.
fn mark_corners(ui: &Ui, chip: &Chip<'_>, rect: Rect, colors: &theme::Palette) {
    let painter = ui.painter();
    if chip.chosen_by_person {
        painter.circle_filled(rect.right_top() + vec2(-3.0, 3.0), 3.0, colors.accent);
    }
    if chip.n_alternatives > 0 {
        let corner = rect.left_top() + vec2(2.0, 2.0);
        let stroke = egui::Stroke::new(1.5, colors.accent);
        painter.line_segment([corner, corner + vec2(5.0, 0.0)], stroke);
        painter.line_segment([corner, corner + vec2(0.0, 5.0)], stroke);
    }
}

fn hover(ui: &mut Ui, chip: &Chip<'_>) {
    let text = visible(chip.bytes);
    ui.label(egui::RichText::new(text).monospace().strong());
    match chip.p {
        Some(p) => ui.label(format!(
            "The model gave it {}. Click to see what else it weighed.",
            percent(p)
        )),
        None => ui.label("A token of the prompt."),
    };
    if std::str::from_utf8(chip.bytes).is_err() {
        ui.label("Only part of a character: its other bytes are in the tokens beside it.");
    }
    if chip.special {
        ui.label("A control token: the model was trained to use it as a sign, not as text.");
    }
    if chip.chosen_by_person {
        ui.label("You chose it.");
    }
    if chip.n_alternatives > 0 {
        ui.label(format!("Other tokens tried here: {}.", chip.n_alternatives));
    }
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_probability_shows_the_digits_that_mean_something() {
        let shown = [1.0, 0.9999, 0.1234, 0.0042, 0.000_01, 0.0].map(percent);
        assert_eq!(
            shown,
            ["100.0 %", "> 99.9 %", "12.3 %", "0.42 %", "< 0.01 %", "0 %"]
        );
    }
}
