//! The next merge in one line, and in words why it is that one.

use super::small::Small;
use super::words::{counted, times};
use crate::labs::bpe_learning::{Pair, PairCount};
use crate::tabs::parts::caption;
use crate::theme;
use crate::widgets::token_tag::Tag;
use crate::widgets::token_text::visible;
use eframe::egui::{RichText, Ui};

/// Pairs that a sentence about a tie names.
const MOST_NAMED: usize = 3;

pub(super) fn show(small: &Small, ui: &mut Ui) {
    if let Some((best, tied)) = &small.look().next {
        next(small, best, ui);
        caption(ui, tie(small, tied));
    } else {
        let heading = RichText::new("Learning is over").text_style(theme::style::subheading());
        ui.label(heading);
        caption(
            ui,
            "No pair of neighbours stands twice: another token would shorten nothing.",
        );
    }
    caption(ui, last(small));
}

/// The two tokens and what they become.
fn next(small: &Small, best: &PairCount, ui: &mut Ui) {
    let text = [best.left, best.right].map(|id| small.text(id));
    let made = visible(&bytes_of_pair(small, (best.left, best.right)));
    let stepwise = small.stepwise().as_ref();
    let new = stepwise.map_or(0, |s| s.learner().tokens().len());
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new("Next merge").text_style(theme::style::subheading()));
        Tag::new(&text[0], best.left).show(ui);
        ui.label("+");
        Tag::new(&text[1], best.right).show(ui);
        ui.label("becomes");
        Tag::new(&made, new as u32).show(ui);
        ui.label(format!("because the pair stands {}", times(best.count)));
    });
}

fn bytes_of_pair(small: &Small, (left, right): Pair) -> Vec<u8> {
    let Ok(stepwise) = small.stepwise() else {
        return Vec::new();
    };
    let tokens = stepwise.learner().tokens();
    [left, right]
        .into_iter()
        .filter_map(|id| tokens.get(id as usize))
        .flatten()
        .copied()
        .collect()
}

/// Who else could have been merged, and the rule that decided.
fn tie(small: &Small, tied: &[Pair]) -> String {
    if tied.is_empty() {
        return "No other pair is as common.".into();
    }
    let named = tied.iter().take(MOST_NAMED);
    let named: Vec<String> = named
        .map(|&(left, right)| format!("{} + {}", small.text(left), small.text(right)))
        .collect();
    let more = match tied.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let rule = small.setup.ties().rule();
    format!(
        "As common: {}{more}. The rule: {}",
        named.join(", "),
        lower_first(rule)
    )
}

fn lower_first(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}

/// What the last merge did.
fn last(small: &Small) -> String {
    let stepwise = small.stepwise().as_ref().ok();
    let Some(merge) = stepwise.and_then(|s| s.last()) else {
        let n_tokens = counted(small.look().n_tokens, "token");
        return format!(
            "Nothing is merged yet: every letter (byte) is a token of its own, {n_tokens} in all."
        );
    };
    format!(
        "Merge {} made {}: the corpus went from {} to {}.",
        small.n_merges(),
        small.text(merge.new),
        super::words::grouped(merge.n_tokens_before),
        counted(merge.n_tokens_after, "token"),
    )
}
