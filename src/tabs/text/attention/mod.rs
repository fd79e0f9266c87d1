//! Attention: who looks at whom. Every head of the model at a glance, one of them large, its weights
//! as lines over the text, and all that one token looks at.

mod all_heads;
mod bench;
mod lines;
mod one_head;
mod one_token;
mod pair;

use super::question::Question;
use super::text_at_hand::Piece;
use super::views::{Desk, Handed, View};
use super::{model_panel, text_panel};
use crate::labs::inside::heads::{self, Glance, Habit, Looks, Measured};
use crate::labs::text::LoadedText;
use crate::tabs::parts::{Choice, choose_view};
use crate::tabs::{Progress, TabContext};
use eframe::egui::Ui;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// What the stage shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Page {
    /// Every head, small.
    #[default]
    All,
    /// One head, large.
    One,
    /// One head as lines over the text.
    Lines,
    /// All that one token looks at.
    Token,
}

impl Page {
    const ALL: [(Self, &'static str, &'static str); 4] = [
        (
            Self::All,
            "All heads",
            "The pattern of every head of every block: a row per token that looks, a column per token looked at.",
        ),
        (
            Self::One,
            "One head",
            "One head large: its pattern, the scores before the softmax, and the sum behind a pair.",
        ),
        (
            Self::Lines,
            "Lines",
            "The same head as lines, from each token to the tokens it looks at.",
        ),
        (
            Self::Token,
            "One token",
            "Where one token looks, in every head of every block.",
        ),
    ];
}

/// A model, the same only if it is the very same one.
#[derive(Debug, Clone)]
struct ModelKey(Arc<LoadedText>);

impl PartialEq for ModelKey {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The view.
#[derive(Debug)]
pub(super) struct AttentionView {
    page: Page,
    block: usize,
    head: usize,
    /// The token that looks, by its position; the last one where none was chosen.
    query: Option<usize>,
    /// The token that is looked at.
    key: Option<usize>,
    /// Whether One head shows the scores before the softmax.
    shows_scores: bool,
    /// The habit whose heads are framed.
    habit: Option<Habit>,
    /// Whether it was drawn in this frame.
    is_shown: bool,
    glance: Question<u64, Glance>,
    measured: Question<ModelKey, Vec<Measured>>,
    looks: Question<(u64, usize), Looks>,
    all_heads: all_heads::Drawn,
}

impl Default for AttentionView {
    fn default() -> Self {
        Self {
            page: Page::default(),
            block: 0,
            head: 0,
            query: None,
            key: None,
            shows_scores: false,
            habit: None,
            is_shown: false,
            glance: Question::new("Drawing every head"),
            measured: Question::new("Measuring heads"),
            looks: Question::new("Following one token"),
            all_heads: all_heads::Drawn::default(),
        }
    }
}

impl AttentionView {
    /// The position that looks, in a text of `n` tokens.
    fn query(&self, n: usize) -> usize {
        let last = n.saturating_sub(1);
        self.query.map_or(last, |query| query.min(last))
    }

    /// Looks at a head, large.
    fn open_head(&mut self, block: usize, head: usize) {
        (self.block, self.head) = (block, head);
        if self.page == Page::All {
            self.page = Page::One;
        }
    }

    /// What a head was measured to do.
    fn measured_of(&self, block: usize, head: usize) -> Option<&Measured> {
        let mut all = self.measured.answer()?.iter();
        all.find(|measured| (measured.block, measured.head) == (block, head))
    }
}

impl View<Desk> for AttentionView {
    fn poll(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.glance.poll();
        self.measured.poll();
        self.looks.poll();
        let Some(loaded) = desk.model.current() else {
            return;
        };
        if let Some(Handed::Look(block, head)) = desk.handed {
            desk.handed = None;
            self.open_head(block, head);
        }
        let config = &loaded.config;
        self.block = self.block.min(config.n_layers.saturating_sub(1));
        self.head = self.head.min(config.n_heads.saturating_sub(1));
        let Some(traced) = desk.traced().filter(|_| std::mem::take(&mut self.is_shown)) else {
            return;
        };
        let (version, trace) = (traced.version, Arc::clone(&traced.trace));
        let model = Arc::clone(loaded);
        if self.habit.is_some() {
            let measured = Arc::clone(&model);
            let key = ModelKey(Arc::clone(&model));
            self.measured
                .ask(key, cx, move |go| heads::measure(&measured, 0, go));
        }
        match self.page {
            Page::All => self.glance.ask(version, cx, move |go| {
                heads::glance(trace.loaded(), trace.ids(), go)
            }),
            Page::Token => {
                let query = self.query(trace.n_positions());
                self.looks.ask((version, query), cx, move |go| {
                    heads::looks(&trace, query, go)
                });
            }
            Page::One | Page::Lines => {}
        }
    }

    fn title(&self, desk: &Desk) -> String {
        let name = desk
            .model
            .current()
            .map_or("the model", |loaded| &loaded.name);
        let (block, head) = (self.block, self.head);
        match self.page {
            Page::All => format!("Who looks at whom in {name}: every head"),
            Page::One | Page::Lines => format!("Who looks at whom in {name}: head {block}.{head}"),
            Page::Token => {
                let pieces = desk.pieces();
                let piece = pieces.get(self.query(pieces.len()));
                let token = piece.map_or_else(String::new, Piece::shown);
                format!("Where “{token}” looks, in every head of {name}")
            }
        }
    }

    fn stage(&mut self, ui: &mut Ui, desk: &mut Desk, _cx: &mut TabContext<'_>) {
        desk.want_trace();
        self.is_shown = true;
        if desk.model.current().is_none() {
            model_panel::waiting(ui, desk);
            return;
        }
        let pages = Page::ALL.map(|(page, label, tooltip)| Choice {
            label,
            tooltip,
            is_shown: page == self.page,
        });
        if let Some(chosen) = choose_view(ui, &pages) {
            self.page = Page::ALL[chosen].0;
        }
        if !text_panel::is_traced(ui, desk) {
            return;
        }
        match self.page {
            Page::All => all_heads::show(self, ui, desk),
            Page::One => one_head::show(self, ui, desk),
            Page::Lines => lines::show(self, ui, desk),
            Page::Token => one_token::show(self, ui, desk),
        }
    }

    fn bench(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        bench::show(self, ui, desk, cx);
    }

    fn progress(&self) -> Option<Progress> {
        let glance = self.glance.progress();
        let measured = || self.measured.progress();
        glance.or_else(measured).or_else(|| self.looks.progress())
    }

    fn save(&self) -> Value {
        json!({ "page": self.page, "block": self.block, "head": self.head })
    }

    fn restore(&mut self, saved: &Value) {
        if let Ok(page) = serde_json::from_value(saved["page"].clone()) {
            self.page = page;
        }
        let number = |key: &str| saved[key].as_u64().unwrap_or_default() as usize;
        self.block = number("block");
        self.head = number("head");
    }
}
