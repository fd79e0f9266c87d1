//! Arithmetic with words: one line, its nearest words, and the parallelogram. State and answers are
//! here; the parts draw: [`line`] the expression, [`terms`] its weights, [`list`] the nearest words,
//! [`plane`] the drawing, [`bench`] the controls.

mod bench;
mod completion;
mod line;
mod list;
mod plane;
mod question;
mod terms;
mod verdict;

use super::explain_panel::{self, Asked, Done, Measure};
use super::history::History;
use super::latest::Latest;
use super::saving::Saving;
use super::views::{Desk, View, part};
use crate::command::Command;
use crate::files::card::Card;
use crate::labs::embeddings::measures::Explanation;
use crate::labs::embeddings::{
    Answer, Mistake, Near, Plane, Space, Unknown, Wrong, replaced, written,
};
use crate::refusal::Refusal;
use crate::tabs::{Notice, Progress, StatusItem, TabContext};
use crate::theme;
use completion::Completion;
use eframe::egui::{ScrollArea, Ui, vec2};
use question::Question;
use serde_json::Value;
use std::path::PathBuf;

/// Narrower than this, the drawing stands below the list.
const ROOM_FOR_BOTH: f32 = 700.0;

/// So many spellings are offered for a word that the set does not have.
const N_SPELLINGS: usize = 5;

/// A question of one set.
type Key = (u64, Question);

/// What is wrong with an expression, and the words of it that the set does not have where it has none.
type Trouble = (Mistake, Vec<Unknown>);

/// What became of a question.
#[derive(Debug)]
enum Found {
    Answer(Box<Answer>),
    Trouble(Trouble),
    /// The vectors are no longer what was checked.
    Refused(Refusal),
}

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

    /// The answer as a table, cells between tabs.
    fn table(&self) -> Option<String> {
        let answered = self.answered.as_ref()?;
        let mut out = format!(
            "{}\nrank\tword\tcosine\tdot\tdistance\tinput\n",
            answered.question.expression
        );
        let mut rank = 0;
        for near in &answered.answer.nearest {
            let strike = self.question.strike && near.is_input;
            rank += usize::from(!strike);
            let place = if strike {
                String::new()
            } else {
                rank.to_string()
            };
            let numbers = [near.cosine, near.dot, near.euclid].map(|n| format!("{n:.6}"));
            let input = if near.is_input { "yes" } else { "no" };
            out += &[
                place.as_str(),
                &near.word,
                &numbers[0],
                &numbers[1],
                &numbers[2],
                input,
            ]
            .join("\t");
            out.push('\n');
        }
        Some(out)
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

/// Runs on a job's thread.
fn evaluate(
    space: &Space,
    question: &Question,
    emit: &mut dyn FnMut(f32) -> std::ops::ControlFlow<()>,
) -> Option<Found> {
    let expression = &question.expression;
    match space.evaluate(expression, &question.options(), emit) {
        Ok(answer) => Some(Found::Answer(Box::new(answer))),
        Err(Wrong::Mistake(mistake)) => {
            let unknown = unknown_words(space, expression, &mistake);
            Some(Found::Trouble((mistake, unknown)))
        }
        Err(Wrong::Refused(refusal)) => Some(Found::Refused(refusal)),
        Err(Wrong::Stopped) => None,
    }
}

/// The words where the mistake is, when none of them is in the set: the mistake is then that.
fn unknown_words(space: &Space, expression: &str, mistake: &Mistake) -> Vec<Unknown> {
    let is_letter = |c: char| c.is_alphanumeric() || matches!(c, '_' | '\'');
    let Some(part) = expression.get(mistake.at.clone()) else {
        return Vec::new();
    };
    let mut unknown: Vec<Unknown> = Vec::new();
    let words = part.split(|c| !is_letter(c));
    for word in words.filter(|word| word.contains(char::is_alphabetic)) {
        if space.find(word).is_some() {
            return Vec::new();
        }
        let start = mistake.at.start + (word.as_ptr() as usize - part.as_ptr() as usize);
        let at = start..start + word.len();
        match unknown.iter_mut().find(|known| known.word == word) {
            Some(known) => known.at.push(at),
            None => unknown.push(Unknown {
                word: word.to_owned(),
                at: vec![at],
                suggestions: space.similar_spelling(word, N_SPELLINGS),
            }),
        }
    }
    unknown
}

impl View for Arithmetic {
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
        if ui.available_width() < ROOM_FOR_BOTH {
            let width = ui.available_width();
            ScrollArea::vertical()
                .auto_shrink([false, false])
                .show(ui, |ui| {
                    terms::show(self, ui);
                    list::show(self, ui, desk);
                    ui.add_space(theme::size::GROUP);
                    plane::show(self, ui, vec2(width, width.min(420.0)));
                });
        } else {
            terms::show(self, ui);
            let area = ui.available_rect_before_wrap();
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
    /// Asks where to save the answer.
    fn save_answer(&mut self, desk: &Desk) {
        let (Some(answered), Some(space)) = (&self.answered, desk.sets.space()) else {
            return;
        };
        let nearest = answered.answer.nearest.iter().map(|near| {
            serde_json::json!({
                "word": near.word, "cosine": near.cosine, "dot": near.dot,
                "distance": near.euclid, "input": near.is_input,
            })
        });
        let terms = answered.answer.terms.iter().map(|term| {
            serde_json::json!({ "word": term.word, "weight": term.weight, "length": term.length })
        });
        let json = serde_json::json!({
            "expression": answered.question.expression,
            "vectors": space.vectors().name(),
            "source": space.vectors().source(),
            "lengths": if answered.question.raw { "as in the file" } else { "1" },
            "terms": terms.collect::<Vec<_>>(),
            "nearest": nearest.collect::<Vec<_>>(),
            "words_searched": answered.answer.n_searched,
        });
        let text = serde_json::to_string_pretty(&json).unwrap_or_default();
        self.saving.ask("glassbox-arithmetic.json", text);
    }
}
