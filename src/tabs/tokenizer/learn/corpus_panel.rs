//! The corpus as it is written now: a line for each different word, its count, and its tokens. The
//! newest token wears a ring; the pair that is merged next, or the one under the pointer in the table
//! of pairs, is underlined.

use super::heading_with;
use super::small::Small;
use super::words::{counted, times};
use crate::labs::bpe_learning::Pair;
use crate::theme;
use crate::widgets::token_tag::Tag;
use eframe::egui::{Align2, Rect, Role, ScrollArea, Sense, TextStyle, Ui, WidgetInfo, pos2, vec2};

/// Tokens of one word that are drawn.
const MOST_TAGS: usize = 200;

pub(super) fn show(small: &mut Small, ui: &mut Ui) {
    let look = small.look();
    let n_tokens = counted(look.n_tokens, "token");
    heading_with(ui, "Corpus, rewritten", n_tokens);
    let newest = small
        .stepwise()
        .as_ref()
        .ok()
        .and_then(|s| s.last())
        .map(|m| m.new);
    let next = look.next.as_ref().map(|(best, _)| (best.left, best.right));
    let line = Line {
        newest,
        underlined: small.pointed.or(next),
        count_width: count_width(ui, look.words.iter().map(|&(_, n)| n).max().unwrap_or(1)),
    };
    let height = Tag::height(ui) + 8.0;
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::both()
        .id_salt("words")
        .auto_shrink([false, false])
        .show_rows(ui, height, look.words.len(), |ui, rows| {
            for (ids, count) in &look.words[rows] {
                line.show(small, ui, ids, *count, height);
            }
        });
}

fn count_width(ui: &Ui, most: u64) -> f32 {
    let font = TextStyle::Monospace.resolve(ui.style());
    font.size * 0.62 * (most.max(1).ilog10() + 2) as f32 + 10.0
}

/// How a line of the corpus is drawn.
struct Line {
    newest: Option<u32>,
    underlined: Option<Pair>,
    count_width: f32,
}

impl Line {
    fn show(&self, small: &Small, ui: &mut Ui, ids: &[u32], count: u64, height: f32) {
        let texts: Vec<String> = ids
            .iter()
            .take(MOST_TAGS)
            .map(|&id| small.text(id))
            .collect();
        let gap = 3.0;
        let tags = || ids.iter().zip(&texts).map(|(&id, text)| Tag::new(text, id));
        let width: f32 = tags().map(|tag| tag.width(ui) + gap).sum();
        let width = (self.count_width + width).max(ui.available_width());
        let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
        response.widget_info(|| {
            let words = format!("Word {}, {}", texts.join(" "), times(count));
            WidgetInfo::labeled(Role::Label, true, words)
        });
        if !ui.is_rect_visible(rect) {
            return;
        }
        let colors = theme::palette(ui.ctx());
        ui.painter().text(
            pos2(rect.left() + self.count_width - 10.0, rect.center().y),
            Align2::RIGHT_CENTER,
            format!("{count}×"),
            TextStyle::Monospace.resolve(ui.style()),
            colors.text_weak,
        );
        let mut x = rect.left() + self.count_width;
        let mut places: Vec<Rect> = Vec::with_capacity(texts.len());
        for tag in tags() {
            let tag = Tag {
                newest: Some(tag.id) == self.newest,
                ..tag
            };
            let place = tag.paint(ui, pos2(x, rect.center().y), rect);
            x = place.right() + gap;
            places.push(place);
        }
        let mut i = 0;
        while i + 1 < places.len() {
            if Some((ids[i], ids[i + 1])) != self.underlined {
                i += 1;
                continue;
            }
            let line = Rect::from_min_max(
                pos2(places[i].left() + 1.0, places[i].bottom() + 0.5),
                pos2(places[i + 1].right() - 1.0, places[i].bottom() + 3.5),
            );
            ui.painter().rect_filled(line, 1.5, colors.accent);
            i += 2;
        }
        response.on_hover_text(format!(
            "Stands {} in the corpus, as {} now.",
            times(count),
            counted(ids.len() as u64, "token")
        ));
    }
}
