//! The paths under each other, best sum first, and how the sum of one of them comes about.

use super::{ink, minus, name};
use crate::labs::choosing::{Choices, Path};
use crate::theme;
use crate::widgets::token_text::{shown, visible};
use eframe::egui::{
    self, Align2, RichText, Role, ScrollArea, Sense, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

/// The height of a row.
const ROW: f32 = 24.0;

/// Draws them; returns the last token of the path that was clicked.
pub(super) fn show(ui: &mut Ui, choices: &Choices, looked_at: Option<usize>) -> Option<usize> {
    if let Some(token) = looked_at {
        added_up(ui, choices, token);
    }
    ui.add_space(theme::size::HALF);
    let mut paths: Vec<&Path> = choices.paths.iter().collect();
    paths.sort_by(|a, b| b.sum.total_cmp(&a.sum));
    let mut clicked = None;
    heads(ui);
    ScrollArea::vertical()
        .id_salt("paths")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for path in paths {
                if row(ui, choices, path, looked_at == Some(path.last)) {
                    clicked = Some(path.last);
                }
            }
        });
    clicked
}

/// Where the columns of numbers end, from the right.
const COLUMNS: [f32; 3] = [200.0, 100.0, 8.0];

fn heads(ui: &mut Ui) {
    let weak = theme::palette(ui.ctx()).text_weak;
    let font = TextStyle::Small.resolve(ui.style());
    let size = vec2(ui.available_width(), font.size * 1.5);
    let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
    for (words, from_right) in ["sum of ln p", "probability", "ln p a token"]
        .into_iter()
        .zip(COLUMNS)
    {
        let at = pos2(rect.right() - from_right, rect.center().y);
        ui.painter()
            .text(at, Align2::RIGHT_CENTER, words, font.clone(), weak);
    }
}

fn row(ui: &mut Ui, choices: &Choices, path: &Path, is_looked_at: bool) -> bool {
    let colors = theme::palette(ui.ctx());
    let size = vec2(ui.available_width(), ROW);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    let text = choices.text_to(path.last);
    let sum = minus(path.sum, 2);
    response.widget_info(|| {
        let words = format!("{}: {text}, sum {sum}", name(path.how));
        WidgetInfo::selected(Role::Button, true, is_looked_at, words)
    });
    let painter = ui.painter();
    if is_looked_at {
        painter.rect_filled(rect, 4.0, colors.accent_soft);
    } else if response.hovered() || response.has_focus() {
        painter.rect_filled(rect, 4.0, colors.hover);
    }
    let y = rect.center().y;
    let dot = pos2(rect.left() + 10.0, y);
    painter.circle_filled(dot, 5.0, ink(ui, path.how));
    let body = TextStyle::Body.resolve(ui.style());
    let mono = theme::style::small_mono().resolve(ui.style());
    let at = pos2(rect.left() + 22.0, y);
    painter.text(at, Align2::LEFT_CENTER, name(path.how), body, colors.text);
    let words = rect
        .with_min_x(rect.left() + 124.0)
        .with_max_x(rect.right() - COLUMNS[0] - 70.0);
    let clipped = painter.with_clip_rect(words.intersect(ui.clip_rect()));
    let mut line = shown(text.as_bytes(), false);
    if path.has_ended {
        line.push_str(" ⏹");
    }
    clipped.text(
        pos2(words.left(), y),
        Align2::LEFT_CENTER,
        line,
        mono.clone(),
        colors.text,
    );
    let per_token = path.sum / path.n_tokens.max(1) as f64;
    let numbers = [sum, probability(path.sum), minus(per_token, 2)];
    for (number, from_right) in numbers.into_iter().zip(COLUMNS) {
        let at = pos2(rect.right() - from_right, y);
        painter.text(at, Align2::RIGHT_CENTER, number, mono.clone(), colors.text);
    }
    response
        .on_hover_cursor(egui::CursorIcon::PointingHand)
        .on_hover_text("Click to see how its sum comes about.")
        .clicked()
}

/// The probability of a whole text, which is small.
fn probability(sum: f64) -> String {
    let percent = sum.exp() * 100.0;
    match percent {
        p if p >= 0.1 => format!("{p:.2} %"),
        p if p >= 0.0001 => format!("{p:.5} %"),
        p => format!("{p:.1e} %").replace('-', "−"),
    }
}

/// The sum of the logarithms along a path, each with its token.
fn added_up(ui: &mut Ui, choices: &Choices, token: usize) {
    let colors = theme::palette(ui.ctx());
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(5.0, 2.0);
        let small = |words: String| RichText::new(words).text_style(theme::style::small_mono());
        ui.label(RichText::new("Σ ln p =").color(colors.text_weak));
        for (i, place) in choices.tokens_to(token).into_iter().enumerate() {
            let token = &choices.tokens[place];
            if i > 0 {
                ui.label(RichText::new("+").color(colors.text_weak));
            }
            let fill = colors.probability(token.log_p.exp() as f32);
            let word = small(visible(&token.bytes)).background_color(fill);
            ui.label(word.color(colors.text_on(fill)));
            ui.label(small(minus(token.log_p, 2)));
        }
        let sum = choices.tokens[token].sum;
        ui.label(small(format!("= {}", minus(sum, 2))).strong());
        let words = format!("so p = {}", probability(sum));
        ui.label(RichText::new(words).color(colors.text_weak));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_probabilities_can_be_read() {
        assert_eq!(probability(0.5_f64.ln()), "50.00 %");
        assert_eq!(probability(-9.0), "0.01234 %");
        assert_eq!(probability(-20.0), "2.1e−7 %");
    }
}
