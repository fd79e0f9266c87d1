//! What was learned from a whole text: beside GPT-2 on the same text, its longest tokens, all of them.

use super::training::Trained;
use super::whole::Whole;
use super::whole_stage::{ROOM_FOR_COLUMNS, about, curve, vocabulary};
use super::words::{counted, grouped};
use super::{heading, heading_with};
use crate::tabs::parts::{self, caption};
use crate::theme;
use crate::widgets::token_tag::Tag;
use crate::widgets::token_text::visible;
use eframe::egui::{self, Rect, RichText, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

/// Letters of a long token that are shown.
const MOST_LETTERS: usize = 32;

pub(super) fn show(whole: &Whole, trained: &Trained, ui: &mut Ui) {
    caption(ui, about(trained));
    ui.add_space(theme::size::GRID);
    if ui.available_width() < ROOM_FOR_COLUMNS {
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .show(ui, |ui| {
                comparison(whole, trained, ui);
                ui.add_space(theme::size::GROUP);
                let size = vec2(ui.available_width(), 320.0);
                let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
                parts::part(ui, rect, |ui| vocabulary(trained, ui));
                longest(trained, ui);
            });
        return;
    }
    let area = ui.available_rect_before_wrap();
    let gap = theme::size::GROUP;
    let middle = area.left() + area.width() * 0.52;
    parts::part(ui, area.with_max_x(middle), |ui| {
        comparison(whole, trained, ui);
        ui.add_space(theme::size::GRID * 2.0);
        curve(&trained.n_tokens, trained.n_tokens.len() - 1, ui);
    });
    let right = area.with_min_x(middle + gap);
    let below = right.top() + (right.height() * 0.4).min(300.0);
    parts::part(ui, right.with_max_y(below), |ui| longest(trained, ui));
    parts::part(ui, right.with_min_y(below + gap * 0.5), |ui| {
        vocabulary(trained, ui);
    });
}

/// One vocabulary on the text.
struct Side<'a> {
    name: &'a str,
    vocab_size: usize,
    n_tokens: u64,
}

fn comparison(whole: &Whole, trained: &Trained, ui: &mut Ui) {
    heading(ui, "On this text");
    let learned = Side {
        name: "Learned",
        vocab_size: trained.outcome.learned.tokens.len(),
        n_tokens: trained.outcome.n_tokens_after,
    };
    let compared = whole.compared();
    let gpt2 = compared.map(|compared| Side {
        name: "GPT-2",
        vocab_size: compared.vocab_size,
        n_tokens: compared.n_tokens,
    });
    let most = gpt2
        .as_ref()
        .map_or(0, |side| side.n_tokens)
        .max(learned.n_tokens);
    learned.show(ui, trained.n_chars, most, true);
    match (gpt2, compared) {
        (Some(side), Some(compared)) => {
            side.show(ui, trained.n_chars, most, false);
            let n_learned = trained.outcome.learned.merges.len() as u64;
            caption(
                ui,
                format!(
                    "{} of the {} are in GPT-2's vocabulary too. The learned one has seen this very text; GPT-2's has not, and it must serve all others as well.",
                    grouped(compared.n_shared as u64),
                    counted(n_learned, "learned token"),
                ),
            );
        }
        _ if whole.is_comparing() => {
            caption(ui, "GPT-2 is reading the same text…");
        }
        _ => {
            caption(ui, "GPT-2 was not set beside it: it was stopped.");
        }
    }
}

impl Side<'_> {
    /// The name, the characters that one token stands for, and the tokens as a bar.
    fn show(&self, ui: &mut Ui, n_chars: u64, most: u64, ours: bool) {
        let colors = theme::palette(ui.ctx());
        let per_token = n_chars as f64 / self.n_tokens.max(1) as f64;
        ui.add_space(theme::size::HALF);
        ui.horizontal(|ui| {
            let number = RichText::new(format!("{per_token:.2}"));
            ui.label(number.text_style(theme::style::display()));
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                ui.label(RichText::new(self.name).text_style(theme::style::strong()));
                let size = counted(self.vocab_size as u64, "token");
                caption(
                    ui,
                    format!("characters per token, with {size} to choose from"),
                );
            });
        });
        let size = vec2(ui.available_width(), 24.0);
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        let tokens = counted(self.n_tokens, "token");
        response.widget_info(|| {
            let words = format!(
                "{}: {tokens}, {per_token:.2} characters per token",
                self.name
            );
            WidgetInfo::labeled(Role::Meter, true, words)
        });
        let room = 150.0_f32.min(rect.width() * 0.5);
        let track = rect.with_max_x(rect.right() - room).shrink2(vec2(0.0, 5.0));
        let share = self.n_tokens as f32 / most.max(1) as f32;
        let bar: Rect = track.with_max_x(track.left() + track.width() * share);
        let fill = if ours {
            colors.accent
        } else {
            colors.text_weak
        };
        ui.painter().rect_filled(bar, 2.0, fill);
        ui.painter().text(
            pos2(bar.right() + 8.0, rect.center().y),
            egui::Align2::LEFT_CENTER,
            tokens,
            egui::TextStyle::Body.resolve(ui.style()),
            colors.text,
        );
    }
}

fn longest(trained: &Trained, ui: &mut Ui) {
    heading_with(ui, "Longest tokens", "runs of white space aside");
    let learned = &trained.outcome.learned;
    ScrollArea::vertical()
        .id_salt("longest")
        .auto_shrink([false, true])
        .show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = egui::Vec2::splat(theme::size::HALF);
                ui.spacing_mut().interact_size.y = Tag::height(ui);
                for &id in &trained.longest {
                    let bytes = learned
                        .tokens
                        .get(id as usize)
                        .map_or(&[][..], Vec::as_slice);
                    let whole = visible(bytes);
                    let mut text: String = whole.chars().take(MOST_LETTERS).collect();
                    if text.len() < whole.len() {
                        text.push('…');
                    }
                    let about = format!("Token {id}, {}.", counted(bytes.len() as u64, "byte"));
                    Tag::new(&text, id).show(ui).on_hover_text(about);
                }
            });
        });
}
