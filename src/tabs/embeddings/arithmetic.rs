//! Arithmetic with words: one line, its nearest words, and the parallelogram. State and answers are
//! here; the parts draw: [`line`] the expression, [`terms`] its weights, [`list`] the nearest words,
//! [`plane`] the drawing, [`bench`] the controls.

mod asking;
mod bench;
mod completion;
mod export;
mod line;
mod list;
mod plane;
mod question;
mod terms;
mod verdict;

use super::explain_panel::{self, Asked, Done, Measure};
use super::history::History;
use super::latest::Latest;
use super::views::{Desk, View};
use crate::command::Command;
use crate::files::card::Card;
use crate::labs::embeddings::measures::Explanation;
use crate::labs::embeddings::{Answer, Mistake, Near, Plane, Unknown, replaced, written};
use crate::tabs::parts::part;
use crate::tabs::saving::Saving;
use crate::tabs::{Notice, Progress, StatusItem, TabContext};
use crate::theme;
use asking::{Found, Trouble, evaluate};
use completion::Completion;
use eframe::egui::{Rect, ScrollArea, Sense, Ui, vec2};
use question::Question;
use serde_json::Value;
use std::path::PathBuf;

/// Narrower than this, the drawing stands below the list.
const ROOM_FOR_BOTH: f32 = 700.0;

/// Lower than this, the stage below the answer scrolls as a whole.
const ROOM_FOR_ALL: f32 = 340.0;

/// A question of one set.
type Key = (u64, Question);

/// The last answer and the question that it answers.
#[derive(Debug)]
struct Answered {
    question: Question,
    answer: Answer,
}

/// A number that was clicked, and where it comes from.
#[derive(Debug)]
struct Equation {
    index: usize,
    measure: Measure,
    near: Near,
    explanation: Explanation,
}

/// The expression and what it comes to.
#[derive(Debug, Default)]
pub(super) struct Arithmetic {
    question: Question,
    history: History<Question>,
    searching: Latest<Key, Found>,
    answered: Option<Answered>,
    /// What is wrong with which expression.
    trouble: Option<(String, Trouble)>,
    /// The words of the expression and their weights, as the sliders have them.
    terms: Vec<(String, f64)>,
    /// The plane that stands still while a weight is dragged.
    held: Option<Plane>,
    completion: Completion,
    equation: Option<Equation>,
    saving: Saving,
    was_shown: bool,
}

impl Arithmetic {
    /// Puts another question. Changes of one `name`, one after the other, are undone together.
    fn ask(&mut self, question: Question, name: &str) {
        if self.history.change(&mut self.question, question, name) {
            self.trouble = None;
        }
    }

    /// Another question altogether.
    fn ask_anew(&mut self, question: Question) {
        self.history.close_step();
        self.completion.close();
        self.equation = None;
        self.held = None;
        self.ask(question, "another question");
        self.history.close_step();
    }

    /// Gives term `i` another weight and writes the expression anew.
    fn weigh(&mut self, i: usize, weight: f64) {
        let Some(term) = self.terms.get_mut(i) else {
            return;
        };
        term.1 = (weight * 100.0).round() / 100.0;
        if self.held.is_none() {
            self.held = self.plane().cloned();
        }
        let terms = self
            .terms
            .iter()
            .map(|(word, weight)| (word.as_str(), *weight));
        let question = Question {
            expression: written(terms),
            ..self.question.clone()
        };
        self.ask(question, &format!("weight {i}"));
    }

    /// The drag is over: the plane may turn.
    fn let_go(&mut self) {
        self.held = None;
        self.history.close_step();
    }

    /// Writes another word in the place of one that the set does not have.
    fn replace(&mut self, places: &[std::ops::Range<usize>], word: &str) {
        let question = Question {
            expression: replaced(&self.question.expression, places, word),
            ..self.question.clone()
        };
        self.ask_anew(question);
    }

    /// The answer to show: the last one, even while the next is on its way.
    fn answer(&self) -> Option<&Answer> {
        self.answered.as_ref().map(|answered| &answered.answer)
    }

    /// Whether the answer shown is to the expression that is written.
    fn is_current(&self) -> bool {
        let shown = self.answered.as_ref().map(|answered| &answered.question);
        shown.is_some_and(|question| question.expression == self.question.expression)
    }

    /// What is wrong with the expression that is written.
    fn mistake(&self) -> Option<&Mistake> {
        self.trouble().map(|(mistake, _)| mistake)
    }

    fn trouble(&self) -> Option<&Trouble> {
        let (expression, trouble) = self.trouble.as_ref()?;
        (*expression == self.question.expression).then_some(trouble)
    }

    /// The words of the expression that the set does not have.
    fn unknown(&self) -> &[Unknown] {
        match (self.trouble(), self.answer()) {
            (Some((_, unknown)), _) => unknown,
            (None, Some(answer)) if self.is_current() => &answer.unknown,
            _ => &[],
        }
    }

    fn plane(&self) -> Option<&Plane> {
        let newest = self.answer().and_then(|answer| answer.plane.as_ref());
        self.held.as_ref().or(newest)
    }

    /// The word that the arithmetic comes to, with the inputs struck out or not.
    fn found(&self) -> Option<&Near> {
        let mut near = self.answer()?.nearest.iter();
        near.find(|near| !(self.question.strike && near.is_input))
    }

    /// Opens the equation of a number beside a word.
    fn explain_near(&mut self, near: &Near, measure: Measure, desk: &Desk) {
        let (Some(answered), Some(space)) = (&self.answered, desk.sets.space()) else {
            return;
        };
        let scale = answered.question.scale();
        self.equation = Some(Equation {
            index: near.index,
            measure,
            near: near.clone(),
            explanation: space.explain(&answered.answer, near.index, scale),
        });
    }

    /// Takes what was found and sees to it that the newest question is answered.
    fn follow(&mut self, desk: &Desk, cx: &mut TabContext<'_>) {
        let space = desk.sets.space();
        let wanted = space.map(|_| (desk.sets.number(), self.question.clone()));
        let space = space.cloned();
        let arrived = self.searching.follow(wanted, cx, move |key, emit| {
            evaluate(space.as_ref()?, &key.1, emit)
        });
        if let Some(((generation, question), found)) = arrived
            && generation == desk.sets.number()
        {
            self.take(question, found, desk, cx);
        }
        self.completion.follow(desk, cx);
    }

    fn take(&mut self, question: Question, found: Found, desk: &Desk, cx: &mut TabContext<'_>) {
        match found {
            Found::Answer(answer) => {
                let answer = *answer;
                let is_newest = question.expression == self.question.expression;
                if is_newest {
                    let terms = answer.terms.iter();
                    self.terms = terms.map(|term| (term.word.clone(), term.weight)).collect();
                }
                self.answered = Some(Answered { question, answer });
                self.equation_again(desk);
            }
            Found::Trouble(trouble) => self.trouble = Some((question.expression, trouble)),
            Found::Refused(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    /// The open equation with the numbers of the new answer; closed where its word is gone.
    fn equation_again(&mut self, desk: &Desk) {
        let Some(open) = self.equation.take() else {
            return;
        };
        let near = self.answer().and_then(|answer| {
            let mut near = answer.nearest.iter();
            near.find(|near| near.index == open.index && near.word == open.near.word)
        });
        if let Some(near) = near.cloned() {
            self.explain_near(&near, open.measure, desk);
        }
    }

    /// The words that are shown as nearest, and whether each is struck out.
    pub(super) fn nearest(&self) -> Vec<(String, bool)> {
        let near = self.answer().map_or(&[][..], |answer| &answer.nearest);
        near.iter()
            .map(|near| (near.word.clone(), near.is_input && self.question.strike))
            .collect()
    }

    /// Whether the answer shown is to the question that is asked now.
    pub(super) fn is_settled(&self) -> bool {
        !self.searching.is_working() && !self.completion.is_working()
    }

    pub(super) fn set_save_path(&mut self, path: &str) {
        self.saving.set_path(path);
    }
}

impl View<Desk> for Arithmetic {
    fn poll(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        if self.was_shown {
            self.follow(desk, cx);
        }
        self.saving.poll(cx);
    }

    fn title(&self, _desk: &Desk) -> String {
        "Arithmetic with words".into()
    }

    fn stage(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.was_shown = true;
        desk.sets.need(cx);
        self.saving.show(ui, cx);
        line::show(self, ui);
        verdict::show(self, ui);
        let room = ui.available_size();
        let is_narrow = room.x < ROOM_FOR_BOTH;
        if !is_narrow && room.y >= ROOM_FOR_ALL {
            terms::show(self, ui);
            let area = ui.available_rect_before_wrap();
            self.side_by_side(ui, area, desk);
        } else {
            ScrollArea::vertical()
                .auto_shrink([false, false])
                .show(ui, |ui| {
                    terms::show(self, ui);
                    if is_narrow {
                        list::show(self, ui, desk);
                        ui.add_space(theme::size::GROUP);
                        plane::show(self, ui, vec2(room.x, room.x.min(420.0)));
                    } else {
                        let size = vec2(ui.available_width(), ROOM_FOR_ALL);
                        let (area, _) = ui.allocate_exact_size(size, Sense::hover());
                        self.side_by_side(ui, area, desk);
                    }
                });
        }
        self.follow(desk, cx);
    }

    fn bench(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        bench::show(self, ui, desk, cx);
    }

    fn has_explain(&self) -> bool {
        self.equation.is_some()
    }

    fn explain(&mut self, ui: &mut Ui, desk: &mut Desk, _cx: &mut TabContext<'_>) {
        let Some(open) = &self.equation else {
            return;
        };
        let asked = Asked {
            measure: open.measure,
            shown: list::number(&open.near, open.measure),
            explanation: open.explanation.clone(),
            before: self.lengths(),
        };
        let near = open.near.clone();
        match explain_panel::show(ui, &asked) {
            Some(Done::Closed) => self.equation = None,
            Some(Done::Asked(measure)) => self.explain_near(&near, measure, desk),
            None => {}
        }
    }

    fn status(&self, desk: &Desk) -> Vec<StatusItem> {
        bench::status(desk)
    }

    fn progress(&self) -> Option<Progress> {
        let fraction = self.searching.fraction()?;
        Some(Progress {
            label: "Searching all words".into(),
            fraction: Some(fraction),
        })
    }

    fn can(&self, command: Command, desk: &Desk) -> bool {
        match command {
            Command::Undo => self.history.can_undo(),
            Command::Redo => self.history.can_redo(),
            Command::Stop => desk.sets.progress().is_some() || self.searching.fraction().is_some(),
            Command::ExportJson => self.answered.is_some(),
            _ => false,
        }
    }

    fn command(&mut self, command: Command, desk: &mut Desk, _cx: &mut TabContext<'_>) {
        match command {
            Command::Undo => self.history.undo(&mut self.question),
            Command::Redo => self.history.redo(&mut self.question),
            Command::Stop => {
                self.searching.stop();
                desk.sets.stop();
            }
            Command::ExportJson => self.save_answer(desk),
            _ => {}
        }
    }

    fn accepts(&self, card: &Card) -> Option<String> {
        let takes = card.kind == "word vectors";
        takes.then(|| "do arithmetic with its word vectors".into())
    }

    fn open(&mut self, path: PathBuf, desk: &mut Desk, cx: &mut TabContext<'_>) {
        desk.sets.open(path, cx);
    }

    fn save(&self) -> Value {
        serde_json::to_value(&self.question).unwrap_or_default()
    }

    fn restore(&mut self, saved: &Value) {
        if let Ok(question) = serde_json::from_value(saved.clone()) {
            self.question = question;
        }
    }
}

impl Arithmetic {
    /// The list and, right of it, the drawing.
    fn side_by_side(&mut self, ui: &mut Ui, area: Rect, desk: &Desk) {
        let gap = theme::size::GROUP;
        let width = (area.width() - gap) * 0.54;
        let left = area.with_max_x(area.left() + width);
        let right = area.with_min_x(left.right() + gap);
        part(ui, left, |ui| {
            ScrollArea::vertical()
                .id_salt("nearest")
                .auto_shrink([false, false])
                .show(ui, |ui| list::show(self, ui, desk));
        });
        part(ui, right, |ui| {
            let size = ui.available_size();
            plane::show(self, ui, size);
        });
    }
}
