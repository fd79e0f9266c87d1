//! The stage of the whole text: what will be here, then learning as it goes, then what was learned.

use super::training::{Trained, Training};
use super::vocabulary_panel::{Entry, Vocabulary};
use super::whole::Whole;
use super::words::{counted, grouped, size};
use super::{heading, heading_with, whole_bench, whole_results};
use crate::tabs::TabContext;
use crate::tabs::parts::{self, caption};
use crate::theme;
use crate::widgets::curve::Curve;
use crate::widgets::token_tag::Tag;
use crate::widgets::token_text::visible;
use eframe::egui::{self, RichText, ScrollArea, Ui};

/// Narrower than this, the parts stand below each other.
pub(super) const ROOM_FOR_COLUMNS: f32 = 620.0;

/// Tokens shown while they are learned.
const N_NEWEST: usize = 60;

pub(super) fn show(whole: &mut Whole, ui: &mut Ui, cx: &mut TabContext<'_>) {
    if let Some(training) = whole.training() {
        learning(training, ui);
    } else if let Some(trained) = whole.trained().cloned() {
        whole_results::show(whole, &trained, ui);
    } else {
        empty(whole, ui, cx);
    }
}

/// What will be here, and what makes it appear.
fn empty(whole: &mut Whole, ui: &mut Ui, cx: &mut TabContext<'_>) {
    ui.add_space(ui.available_height() * 0.12);
    ui.vertical_centered(|ui| {
        ui.set_max_width(520.0);
        let ready = whole.source().map(super::whole::Source::name);
        let title = match &ready {
            Some(name) => format!("Ready to learn from {name}"),
            None => "Drop a book here".into(),
        };
        ui.label(RichText::new(title).text_style(theme::style::subheading()));
        ui.add_space(theme::size::GRID);
        for sentence in [
            "The text is cut into words, and the words are counted. Then the commonest pair of neighbouring tokens becomes one token, thousands of times over: this is how the vocabularies of GPT-2 and its descendants were made.",
            "You will see the text shrink with every merge, the newest tokens as they are learned, and how the vocabulary compares with GPT-2's on the same text.",
        ] {
            ui.label(sentence);
            ui.add_space(theme::size::HALF);
        }
        ui.add_space(theme::size::GRID);
        if ready.is_some() {
            let label = format!("Learn {} merges", grouped(whole.recipe.n_merges as u64));
            let button = ui
                .button(label)
                .on_hover_text("Start learning; Stop keeps what was learned.");
            if button.clicked() {
                whole.train(cx);
            }
        } else {
            let width = 260.0;
            let left = (ui.available_width() - width) * 0.5;
            ui.horizontal(|ui| {
                ui.add_space(left);
                ui.push_id("stage", |ui| whole_bench::buttons(whole, ui, cx));
            });
        }
    });
}

/// How far it is, how the text shrinks, what was learned just now.
fn learning(training: &Training, ui: &mut Ui) {
    let progress = training.progress();
    let label = if training.stopping {
        "Stopping; what was learned is kept".to_owned()
    } else {
        progress.label
    };
    ui.label(RichText::new(label).text_style(theme::style::subheading()));
    let bar = egui::ProgressBar::new(progress.fraction.unwrap_or(0.0)).show_percentage();
    let bar = ui.add(bar);
    ui.ctx()
        .accesskit_node_builder(bar.id, |node| node.set_label("Progress of learning"));
    ui.add_space(theme::size::GRID);
    let area = ui.available_rect_before_wrap();
    let gap = theme::size::GROUP;
    let (left, right) = if area.width() < ROOM_FOR_COLUMNS {
        let middle = area.center().y;
        (area.with_max_y(middle), area.with_min_y(middle + gap * 0.5))
    } else {
        let middle = area.left() + area.width() * 0.55;
        (area.with_max_x(middle), area.with_min_x(middle + gap))
    };
    parts::part(ui, left, |ui| {
        curve(&training.n_tokens, training.n_merges_wanted, ui);
    });
    parts::part(ui, right, |ui| newest(training, ui));
}

fn newest(training: &Training, ui: &mut Ui) {
    heading(ui, "Newest tokens");
    let Some(last) = training.merges.last() else {
        caption(ui, "They appear here as soon as the words are counted.");
        return;
    };
    caption(
        ui,
        format!(
            "The last pair stood {} in the text.",
            super::words::times(last.count)
        ),
    );
    let n_merges = training.merges.len();
    let shown = training.merges.iter().enumerate().rev().take(N_NEWEST);
    ScrollArea::vertical()
        .id_salt("newest")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = egui::Vec2::splat(theme::size::HALF);
                ui.spacing_mut().interact_size.y = Tag::height(ui);
                for (i, merge) in shown {
                    Tag {
                        text: &visible(&merge.bytes),
                        id: (256 + i) as u32,
                        newest: i + 1 == n_merges,
                    }
                    .show(ui);
                }
            });
        });
}

/// How the text shrank, in the height there is.
pub(super) fn curve(n_tokens: &[u64], x_end: usize, ui: &mut Ui) {
    let curve = Curve {
        name: "Tokens against merges",
        x: "merges",
        y: "tokens in the text",
        values: n_tokens,
        x_end,
        here: n_tokens.len().checked_sub(1),
    };
    let height = ui.available_height().clamp(120.0, 560.0);
    curve.show(ui, height);
}

/// The learned vocabulary as a list.
pub(super) fn vocabulary(trained: &Trained, ui: &mut Ui) {
    let learned = &trained.outcome.learned;
    let n_tokens = counted(learned.tokens.len() as u64, "token");
    heading_with(ui, "Vocabulary", n_tokens);
    let bytes = |id: u32| {
        learned
            .tokens
            .get(id as usize)
            .map_or(&[][..], Vec::as_slice)
    };
    Vocabulary {
        n_learned: learned.merges.len(),
        singles: "0 to 255: the bytes, of which every text is made",
        newest_ringed: false,
    }
    .show(ui, |i| {
        let (left, right, new) = learned.merges[i];
        Entry {
            id: new,
            bytes: bytes(new),
            left: (left, bytes(left)),
            right: (right, bytes(right)),
            count: learned.counts.get(i).copied().unwrap_or(0),
        }
    });
}

/// What was learned from, in a line.
pub(super) fn about(trained: &Trained) -> String {
    let outcome = &trained.outcome;
    let merges = counted(outcome.learned.merges.len() as u64, "merge");
    let text = size(trained.text.len() as u64);
    let end = if outcome.stopped {
        " You stopped it; what was learned until then is here."
    } else if outcome.exhausted {
        " It ended early: no pair stands twice any more."
    } else {
        ""
    };
    format!(
        "{merges} from {text} of text in {:.1} s.{end}",
        trained.secs
    )
}
