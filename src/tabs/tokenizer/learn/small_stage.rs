//! The stage of the small corpus: the next merge above; below it the corpus as it is written now, the
//! pairs with their counts, and the vocabulary as it grows.

use super::small::{N_PAIRS, Small};
use super::vocabulary_panel::{Entry, Vocabulary};
use super::words::counted;
use super::{corpus_panel, heading_with, now_panel};
use crate::tabs::parts::{self, caption};
use crate::theme;
use crate::widgets::curve::Curve;
use crate::widgets::pair_bars::{Mark, PairRow, pair_bars};
use crate::widgets::timeline::{Step, Timeline};
use crate::widgets::token_text::visible;
use eframe::egui::{Rect, RichText, ScrollArea, Sense, Ui, vec2};
use std::time::Duration;

/// Narrower than this, the three parts stand below each other.
const ROOM_FOR_COLUMNS: f32 = 660.0;

/// The height of a part that stands below another, and of the curve.
const PART_HEIGHT: f32 = 300.0;
const CURVE_HEIGHT: f32 = 120.0;

/// The shares of the width that corpus, pairs and vocabulary have.
const COLUMNS: [f32; 3] = [0.3, 0.3, 0.4];

/// Lower than this, a strip has no room for its caption.
const ROOM_FOR_CAPTION: f32 = 72.0;

/// Lower than this, the whole stage scrolls.
const ROOM_FOR_ALL: f32 = 360.0;

pub(super) fn show(small: &mut Small, ui: &mut Ui) {
    let now = ui.input(|input| input.time);
    if let Some(secs) = small.tick(now) {
        ui.ctx()
            .request_repaint_after(Duration::from_secs_f64(secs));
    }
    if let Err(refusal) = small.stepwise() {
        let refusal = refusal.clone();
        ui.add_space(theme::size::GROUP);
        ui.label(RichText::new(&refusal.what).text_style(theme::style::subheading()));
        ui.label(&refusal.evidence);
        ui.label(&refusal.next);
        return;
    }
    let room = ui.available_size();
    let scroll = ScrollArea::vertical().auto_shrink([false, false]);
    if room.x < ROOM_FOR_COLUMNS {
        scroll.show(ui, |ui| below_each_other(small, ui));
    } else if room.y < ROOM_FOR_ALL {
        scroll.show(ui, |ui| {
            now_panel::show(small, ui);
            let size = vec2(ui.available_width(), PART_HEIGHT);
            let (area, _) = ui.allocate_exact_size(size, Sense::hover());
            side_by_side(small, ui, area);
        });
    } else {
        now_panel::show(small, ui);
        ui.add_space(theme::size::GRID);
        side_by_side(small, ui, ui.available_rect_before_wrap());
    }
}

/// Three columns: the corpus over the curve, the pairs, the vocabulary.
fn side_by_side(small: &mut Small, ui: &mut Ui, area: Rect) {
    let gap = theme::size::GROUP;
    let width = area.width() - 2.0 * gap;
    let part = |i: usize| {
        let before: f32 = COLUMNS[..i].iter().sum();
        let left = area.left() + before * width + i as f32 * gap;
        area.with_min_x(left).with_max_x(left + COLUMNS[i] * width)
    };
    let curve_height = (area.height() * 0.38).clamp(CURVE_HEIGHT, 300.0);
    let left = part(0);
    let below = left.bottom() - curve_height;
    parts::part(ui, left.with_max_y(below - gap * 0.5), |ui| {
        corpus_panel::show(small, ui);
    });
    parts::part(ui, left.with_min_y(below), |ui| {
        curve(small, ui, curve_height);
    });
    parts::part(ui, part(1), |ui| pairs(small, ui));
    parts::part(ui, part(2), |ui| vocabulary(small, ui));
}

fn below_each_other(small: &mut Small, ui: &mut Ui) {
    now_panel::show(small, ui);
    let mut part = |contents: &mut dyn FnMut(&mut Small, &mut Ui)| {
        ui.add_space(theme::size::GRID * 2.0);
        let size = vec2(ui.available_width(), PART_HEIGHT);
        let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
        parts::part(ui, rect, |ui| contents(small, ui));
    };
    part(&mut corpus_panel::show);
    part(&mut pairs);
    part(&mut vocabulary);
    part(&mut |small, ui| curve(small, ui, CURVE_HEIGHT));
}

/// The table of pairs; the one under the pointer is shown in the corpus.
fn pairs(small: &mut Small, ui: &mut Ui) {
    let look = small.look();
    let shown = look.pairs.len().min(N_PAIRS);
    let fact = if shown < look.n_pairs {
        format!("the commonest {shown} of {}", look.n_pairs)
    } else {
        "by count".to_owned()
    };
    heading_with(ui, "Pairs of neighbours", fact);
    let most = look.next.as_ref().map(|(best, _)| best.count);
    let rows: Vec<PairRow> = look
        .pairs
        .iter()
        .map(|pair| {
            let next = look.next.as_ref().is_some_and(|(best, _)| best == pair);
            PairRow {
                left: (pair.left, small.text(pair.left)),
                right: (pair.right, small.text(pair.right)),
                count: pair.count,
                mark: match most {
                    _ if next => Mark::Next,
                    Some(most) if most == pair.count => Mark::Tied,
                    _ => Mark::None,
                },
            }
        })
        .collect();
    if rows.is_empty() {
        caption(ui, "Every word is one token: there is no pair left.");
    }
    let pointed = ScrollArea::vertical()
        .id_salt("pairs")
        .auto_shrink([false, false])
        .show(ui, |ui| pair_bars(ui, &rows))
        .inner;
    let pair = pointed.map(|i| (rows[i].left.0, rows[i].right.0));
    if pair != small.pointed {
        small.pointed = pair;
        ui.ctx().request_repaint();
    }
}

/// The tokens that were learned, the newest first.
fn vocabulary(small: &mut Small, ui: &mut Ui) {
    let Ok(stepwise) = small.stepwise() else {
        return;
    };
    let learner = stepwise.learner();
    let n_single = 256 + usize::from(learner.end_of_word().is_some());
    let merges = learner.merges();
    let bytes = |id: u32| {
        learner
            .tokens()
            .get(id as usize)
            .map_or(&[][..], Vec::as_slice)
    };
    let n_tokens = counted((n_single + merges.len()) as u64, "token");
    heading_with(ui, "Vocabulary", n_tokens);
    let singles = if n_single == 256 {
        "0 to 255: the bytes, of which every text is made".to_owned()
    } else {
        "0 to 255: the bytes; 256: the end of a word".to_owned()
    };
    Vocabulary {
        n_learned: merges.len(),
        singles: &singles,
        newest_ringed: true,
    }
    .show(ui, |i| {
        let merge = &merges[i];
        Entry {
            id: merge.new,
            bytes: bytes(merge.new),
            left: (merge.left, bytes(merge.left)),
            right: (merge.right, bytes(merge.right)),
            count: merge.count,
        }
    });
}

/// How far the corpus shrank with every merge.
fn curve(small: &mut Small, ui: &mut Ui, height: f32) {
    let Ok(stepwise) = small.stepwise() else {
        return;
    };
    let values = stepwise.n_tokens_by_merge();
    let here = stepwise.n_merges();
    let curve = Curve {
        name: "Tokens against merges",
        x: "merges",
        y: "tokens in the corpus",
        values: &values,
        x_end: small.setup.n_merges,
        here: Some(here),
    };
    let height = height.min(ui.available_height());
    if let Some(n_merges) = curve.show(ui, height).filter(|&n| n != here) {
        small.go_to(n_merges);
    }
}

/// Every merge that was reached, as a strip to go back and forth on.
pub(super) fn timeline(small: &mut Small, ui: &mut Ui) {
    let Ok(stepwise) = small.stepwise() else {
        return;
    };
    let reached: Vec<(String, f64)> = stepwise
        .reached()
        .map(|merge| (visible(&stepwise.bytes_of(merge)), merge.count as f64))
        .collect();
    let steps: Vec<Step<'_>> = reached
        .iter()
        .map(|(label, count)| Step {
            label,
            value: *count,
            branches: false,
        })
        .collect();
    if ui.available_height() >= ROOM_FOR_CAPTION {
        ui.small("Merges, by how often the pair stood in the corpus")
            .on_hover_text("Each bar is one merge and carries the token it made. Click one to go to that moment.");
    }
    let selected = small.n_merges().checked_sub(1);
    let strip = Timeline::new("Merges, by count", "×", &steps, selected);
    if let Some(step) = strip.show(ui) {
        small.go_to(step + 1);
    }
}
