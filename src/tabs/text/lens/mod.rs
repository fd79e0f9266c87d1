//! The lens: what every block would say if the model ended there, and which parts push a token up or
//! down.

mod adding_up;
mod depth;
mod reading;
mod table;

use super::question::Question;
use super::text_at_hand::Piece;
use super::views::{Desk, View};
use super::{model_panel, text_panel};
use crate::labs::inside::contributions::{Contributions, Source, contributions};
use crate::labs::inside::lens::{Depth, through_depth};
use crate::labs::inside::surgery::Part;
use crate::labs::text::LoadedText;
use crate::tabs::parts::{caption, choice, group};
use crate::tabs::{Progress, TabContext};
use crate::theme;
use crate::widgets::token_text::visible;
use eframe::egui::{ScrollArea, TextEdit, Ui};
use reading::Reading;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// What the stage shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Page {
    /// The best token of every layer at every position.
    #[default]
    Table,
    /// One token through the depth, and its score taken apart.
    Token,
}

/// A token's way: through which pass, behind which position, and compared with which.
type WayKey = (u64, usize, u32, Option<u32>);

/// A token through the depth, and its score as a sum.
#[derive(Debug)]
struct Way {
    depths: Vec<Depth>,
    parts: Contributions,
}

/// The view.
#[derive(Debug)]
pub(super) struct LensView {
    page: Page,
    is_shown: bool,
    reading: Reading,
    /// The position looked at; the last where none was chosen.
    position: Option<usize>,
    /// The token followed; the model's own best where none was chosen.
    token: Option<u32>,
    /// What was typed to be followed.
    typed: String,
    /// Whether it is compared with the best other token.
    compares: bool,
    order: adding_up::Order,
    /// The part of the score that was clicked.
    part: Option<Source>,
    way: Question<WayKey, Way>,
}

impl Default for LensView {
    fn default() -> Self {
        Self {
            page: Page::default(),
            is_shown: false,
            reading: Reading::default(),
            position: None,
            token: None,
            typed: String::new(),
            compares: false,
            order: adding_up::Order::default(),
            part: None,
            way: Question::new("Following a token through the depth"),
        }
    }
}

impl LensView {
    fn position(&self, n: usize) -> usize {
        let last = n.saturating_sub(1);
        self.position.map_or(last, |position| position.min(last))
    }

    /// The token that is followed at the chosen position, and the one it is compared with.
    fn followed(&self, n: usize) -> Option<(u32, Option<u32>)> {
        let best = self.reading.answer_at(self.position(n))?;
        let token = self.token.or_else(|| best.first().map(|best| best.id))?;
        let other = best.iter().map(|best| best.id).find(|&id| id != token);
        Some((token, other.filter(|_| self.compares)))
    }
}

impl View<Desk> for LensView {
    fn poll(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.reading.poll();
        self.way.poll();
        let Some(traced) = desk.traced().filter(|_| std::mem::take(&mut self.is_shown)) else {
            return;
        };
        let (version, trace) = (traced.version, Arc::clone(&traced.trace));
        let n = trace.n_positions();
        let position = self.position(n);
        self.reading.ask(version, &trace, position, cx);
        if self.page == Page::Token
            && let Some((token, against)) = self.followed(n)
        {
            let key = (version, position, token, against);
            self.way.ask(key, cx, move |go| {
                let ids = &trace.ids()[..=position];
                let loaded = trace.loaded();
                let mut half = |done: f32| go(done * 0.5);
                let Some(depths) = through_depth(loaded, ids, token, &mut half)? else {
                    return Ok(None);
                };
                let mut half = |done: f32| go(0.5 + done * 0.5);
                let parts = contributions(loaded, ids, token, against, &mut half)?;
                Ok(parts.map(|parts| Way { depths, parts }))
            });
        }
    }

    fn title(&self, desk: &Desk) -> String {
        let name = desk
            .model
            .current()
            .map_or("the model", |loaded| &loaded.name);
        match self.page {
            Page::Table => format!("What every block of {name} would say next"),
            Page::Token => format!("What pushes a token up or down in {name}"),
        }
    }

    fn stage(&mut self, ui: &mut Ui, desk: &mut Desk, _cx: &mut TabContext<'_>) {
        desk.want_trace();
        self.is_shown = true;
        let Some(loaded) = desk.model.current().cloned() else {
            model_panel::waiting(ui, desk);
            return;
        };
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = theme::size::HALF;
            for (page, label, hint) in [
                (
                    Page::Table,
                    "Every block",
                    "The token that the model would predict if it ended after this block (logit lens).",
                ),
                (
                    Page::Token,
                    "One token",
                    "One token’s rank through the depth, and its score as a sum over every part of the model.",
                ),
            ] {
                if choice(ui, self.page == page, label, hint) {
                    self.page = page;
                }
            }
        });
        ui.add_space(theme::size::HALF);
        if !text_panel::is_traced(ui, desk) {
            return;
        }
        match self.page {
            Page::Table => table::show(self, ui, desk, &loaded),
            Page::Token => one_token(self, ui, desk, &loaded),
        }
    }

    fn bench(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .show(ui, |ui| {
                text_panel::show(ui, desk);
                self.follow(ui, desk);
                group(ui, "Model");
                model_panel::show(ui, desk, cx);
                ui.add_space(theme::size::GROUP);
            });
    }

    fn progress(&self) -> Option<Progress> {
        self.reading.progress().or_else(|| self.way.progress())
    }

    fn save(&self) -> Value {
        json!({ "page": self.page, "order": self.order, "compares": self.compares })
    }

    fn restore(&mut self, saved: &Value) {
        if let Ok(page) = serde_json::from_value(saved["page"].clone()) {
            self.page = page;
        }
        if let Ok(order) = serde_json::from_value(saved["order"].clone()) {
            self.order = order;
        }
        self.compares = saved["compares"].as_bool().unwrap_or_default();
    }
}

impl LensView {
    /// Which token is followed, and how.
    fn follow(&mut self, ui: &mut Ui, desk: &mut Desk) {
        let Some(loaded) = desk.model.current().cloned() else {
            return;
        };
        group(ui, "Token to follow");
        let label = ui.label("the next token is").on_hover_text(
            "Type a word, with the space before it if it has one. Its first token is followed; empty is the model’s own best.",
        );
        let typed = ui.add(
            TextEdit::singleline(&mut self.typed)
                .hint_text("the model’s best")
                .desired_width(f32::INFINITY),
        );
        if typed.labelled_by(label.id).changed() {
            self.token = first_token(&loaded, &self.typed);
            self.page = Page::Token;
        }
        let n = desk.pieces().len();
        let position = self.position(n);
        let pieces = desk.pieces();
        let behind = pieces.get(position).map_or_else(String::new, Piece::shown);
        caption(
            ui,
            format!("Behind token {position} “{behind}”; click a cell of the table for another."),
        );
        if let Some((token, _)) = self.followed(n) {
            caption(
                ui,
                format!("Followed: “{}”", visible(&loaded.token_bytes(token))),
            );
        }
        if self.token.is_some() || self.position.is_some() {
            let button = ui.button("Back to the last token’s best");
            if button
                .on_hover_text("Follow what the model itself finds best behind the whole text.")
                .clicked()
            {
                self.token = None;
                self.position = None;
                self.typed.clear();
            }
        }
        if self.page == Page::Token {
            group(ui, "Contributions");
            ui.checkbox(&mut self.compares, "against the best other token")
                .on_hover_text(
                    "Scores are only compared with each other: what pushes this token and the other one alike falls away.",
                );
            adding_up::orders(ui, &mut self.order);
            self.hand_on(ui, desk);
        }
    }
}

impl LensView {
    /// What can be done with the part that was clicked.
    fn hand_on(&self, ui: &mut Ui, desk: &mut Desk) {
        let (part, head) = match self.part {
            Some(Source::Head { block, head }) => (Part::Head { block, head }, Some((block, head))),
            Some(Source::Mlp(block)) => (Part::Mlp(block), None),
            _ => {
                caption(ui, "Click a bar to go on with its part.");
                return;
            }
        };
        let name = part.name();
        ui.horizontal(|ui| {
            if let Some((block, head)) = head {
                let look = ui.button(format!("Look at {name}"));
                if look.on_hover_text("See where it looks.").clicked() {
                    desk.look_at_head(block, head);
                }
            }
            let cut = ui.button(format!("Switch {name} off"));
            let hint = "See what the model says without it: not always the score less this part.";
            if cut.on_hover_text(hint).clicked() {
                desk.cut(part);
            }
        });
    }
}

/// The first token of what was typed; none of nothing.
fn first_token(loaded: &LoadedText, typed: &str) -> Option<u32> {
    if typed.is_empty() {
        return None;
    }
    let seen = crate::labs::text::read_raw(loaded, typed).ok()?;
    let first = seen.ids.iter().find(|&&id| !loaded.is_special(id));
    let id = first.or(seen.ids.first()).copied()?;
    ((id as usize) < loaded.config.vocab_size).then_some(id)
}

fn one_token(view: &mut LensView, ui: &mut Ui, desk: &mut Desk, loaded: &LoadedText) {
    if let Some(refusal) = view.way.refused() {
        ui.label(&refusal.what);
        caption(ui, &refusal.evidence);
        return;
    }
    let Some(way) = view.way.answer().cloned() else {
        caption(ui, "Reading every layer…");
        return;
    };
    let position = view.position(desk.pieces().len());
    depth::show(&way.depths, way.parts.token, ui, loaded);
    ui.add_space(theme::size::GRID);
    if let Some(part) = adding_up::show(&way.parts, view.order, position, ui, desk, loaded) {
        view.part = Some(part);
    }
}
