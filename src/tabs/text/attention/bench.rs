//! The controls of attention: the text, which head, and what heads may look for.

use super::all_heads::framed;
use super::{AttentionView, Page};
use crate::labs::inside::heads::Habit;
use crate::labs::inside::surgery::Part;
use crate::labs::text::LoadedText;
use crate::tabs::TabContext;
use crate::tabs::parts::{caption, choice, group, slider, wrapped};
use crate::tabs::text::text_at_hand::TextAtHand;
use crate::tabs::text::views::Desk;
use crate::tabs::text::{model_panel, text_panel};
use crate::theme;
use eframe::egui::{RichText, ScrollArea, Slider, Ui};
use std::sync::Arc;

/// A text in which the same words come twice.
const REPEATED: &str = "The blue door opened slowly. The blue door opened";

pub(super) fn show(
    view: &mut AttentionView,
    ui: &mut Ui,
    desk: &mut Desk,
    cx: &mut TabContext<'_>,
) {
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            text_panel::show(ui, desk);
            which(view, ui, desk);
            habits(view, ui, desk);
            group(ui, "Model");
            model_panel::show(ui, desk, cx);
            ui.add_space(theme::size::GROUP);
        });
}

fn which(view: &mut AttentionView, ui: &mut Ui, desk: &mut Desk) {
    let Some(loaded) = desk.model.current().cloned() else {
        return;
    };
    group(ui, "Head");
    let config = &loaded.config;
    let last = |n: usize| n.saturating_sub(1);
    slider(
        ui,
        "block",
        "Which block the head stands in. Early blocks look at places, later ones at meaning.",
        Slider::new(&mut view.block, 0..=last(config.n_layers)),
    );
    slider(
        ui,
        "head",
        "Which head of the block. Each looks for something of its own.",
        Slider::new(&mut view.head, 0..=last(config.n_heads)),
    );
    let (block, head) = (view.block, view.head);
    let hint = "See what the model says without this head.";
    let is_cut = ui.button("Switch it off").on_hover_text(hint).clicked();
    if config.n_kv_heads < config.n_heads {
        let n_shared = config.n_heads / config.n_kv_heads.max(1);
        let first = view.head / n_shared * n_shared;
        caption(
            ui,
            format!(
                "Heads {first} to {} share one head of keys and values (grouped queries).",
                first + n_shared - 1
            ),
        );
    }
    if is_cut {
        desk.cut(Part::Head { block, head });
    }
}

/// What to look for, and which heads were measured to do it.
fn habits(view: &mut AttentionView, ui: &mut Ui, desk: &mut Desk) {
    group(ui, "Find heads that look at");
    let mut wanted = view.habit;
    wrapped(ui, |ui| {
        for habit in Habit::ALL {
            if choice(ui, view.habit == Some(habit), habit.name(), what(habit)) {
                wanted = (view.habit != Some(habit)).then_some(habit);
            }
        }
    });
    if wanted != view.habit && wanted.is_some() {
        // What comes twice is seen in a text where something does.
        let needs = matches!(wanted, Some(Habit::Duplicate | Habit::Induction));
        let is_offered = |loaded: &Arc<LoadedText>| {
            let mut presets = TextAtHand::presets(loaded).iter();
            presets.any(|preset| preset.text == REPEATED)
        };
        let has_words = desk.model.current().is_some_and(is_offered);
        if needs && has_words && desk.text.text() != REPEATED {
            desk.text.take(REPEATED);
        }
    }
    view.habit = wanted;
    let Some(habit) = view.habit else {
        caption(
            ui,
            "A head’s habit is found by measuring: the model reads random words twice over, and the share of attention is averaged.",
        );
        return;
    };
    caption(ui, what(habit));
    let Some(measured) = view.measured.answer().cloned() else {
        caption(ui, "Measuring every head…");
        return;
    };
    let found = framed(&measured, habit);
    if found.is_empty() {
        caption(
            ui,
            "No head of this model gives that a fifth of its attention.",
        );
    }
    wrapped(ui, |ui| {
        for head in found {
            let share = head.share(habit) * 100.0;
            let is_open = (view.block, view.head) == (head.block, head.head);
            let words = format!("Head {}.{} · {share:.0} %", head.block, head.head);
            let hint = "Look at this head. The share is its attention on random words said twice.";
            let button = eframe::egui::Button::selectable(is_open, RichText::new(words).small());
            if ui
                .add(button.frame_when_inactive(true))
                .on_hover_text(hint)
                .clicked()
            {
                view.open_head(head.block, head.head);
                if view.page == Page::Token {
                    view.page = Page::One;
                }
            }
        }
    });
}

/// What a habit is, and what to look for.
fn what(habit: Habit) -> &'static str {
    match habit {
        Habit::Previous => {
            "The token just before: a bright line right below the diagonal. It is how a word knows its neighbour."
        }
        Habit::First => {
            "The very first token: a bright first column. Heads rest there when they have nothing to say."
        }
        Habit::Own => "The token itself: a bright diagonal.",
        Habit::Duplicate => {
            "An earlier place of the same token: a second diagonal, where the text repeats itself."
        }
        Habit::Induction => {
            "What came after the same token’s earlier place: how a model continues what it has seen once (an induction head)."
        }
    }
}
