//! Pushing a face: for every attribute the way of z that the judge says leads to it, as a slider.

use super::known::{Reading, named};
use super::studio::Place;
use super::tray::Slot;
use super::{FacesView, Picture};
use crate::labs::gan::faces::{Direction, moved};
use crate::tabs::parts::{caption, part};
use crate::theme::{self, size};
use crate::widgets::count::grouped;
use crate::widgets::image_grid::{ImageGrid, percent};
use eframe::egui::{
    self, Button, ComboBox, Rect, RichText, Role, Sense, Slider, Ui, Vec2, WidgetInfo, pos2, vec2,
};

/// How far a slider goes, in standard deviations of a number of z.
const FARTHEST: f32 = 6.0;
/// Faces of the strip, from one end of a slider to the other.
const N_STRIP: usize = 9;
/// What a face is pushed towards at first.
const FIRST: (&str, &str) = ("eyewear", "sunglasses");

/// The slider of one attribute.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Row {
    answer: usize,
    amount: f32,
}

/// The state of the pushing.
#[derive(Debug, Default)]
pub(super) struct Push {
    /// The z that is pushed: that of the first page.
    base: Vec<f32>,
    rows: Vec<Row>,
    /// The row whose faces stand in the strip.
    active: usize,
    pub(super) picture: Picture,
    pub(super) strip: Picture,
    pub(super) readings: Option<(u64, Vec<Reading>)>,
}

impl FacesView {
    /// The direction of a row.
    fn direction(&self, row: usize) -> Option<&Direction> {
        let answer = self.push.rows.get(row)?.answer;
        let all = &self.found.as_ref()?.directions.all;
        let is = |d: &&Direction| d.question == row && d.answer == answer;
        all.iter().find(is)
    }

    /// The face with every row's push, `amount` in place of one row's.
    fn z_of_push(&self, instead: Option<(usize, f32)>) -> Vec<f32> {
        let mut way = vec![0.0; self.push.base.len()];
        for (i, row) in self.push.rows.iter().enumerate() {
            let amount = match instead {
                Some((j, amount)) if i == j => amount,
                _ => row.amount,
            };
            let Some(direction) = self.direction(i).filter(|_| amount != 0.0) else {
                continue;
            };
            for (way, unit) in way.iter_mut().zip(&direction.unit) {
                *way += amount * unit;
            }
        }
        moved(&self.push.base, &way, 1.0)
    }

    /// Wishes for the pushed face, and for those along the marked row.
    pub(super) fn draw_push(&mut self) {
        // The survey may have been asked for elsewhere, before anything was to be pushed.
        if self.found.is_none() || self.push.base.is_empty() {
            return;
        }
        self.push.picture.wished = self.wish(Place::Pushed, vec![self.z_of_push(None)]);
        let amounts = (0..N_STRIP).map(amount_of);
        let zs = amounts.map(|amount| self.z_of_push(Some((self.push.active, amount))));
        let zs = zs.collect();
        self.push.strip.wished = self.wish(Place::Pushes, zs);
    }

    /// The directions are known: a slider for each attribute.
    pub(super) fn begin_push(&mut self) {
        let Some(lab) = &self.lab else { return };
        let questions = lab.questions();
        self.push.rows = vec![Row::default(); questions.len()];
        for (row, question) in self.push.rows.iter_mut().zip(questions) {
            // "None" is rarely what somebody wants more of.
            let is_none = |answer: &String| matches!(answer.as_str(), "none" | "no");
            row.answer = question
                .answers
                .iter()
                .position(|answer| !is_none(answer))
                .unwrap_or(0);
        }
        if let Some(i) = questions.iter().position(|q| q.name == FIRST.0) {
            let answers = &questions[i].answers;
            self.push.rows[i].answer = answers.iter().position(|a| a == FIRST.1).unwrap_or(0);
            self.push.active = i;
        }
        self.draw_push();
    }

    /// The pushed face, to be kept.
    pub(super) fn face_of_push(&self) -> Option<Slot> {
        let name = match self.one.seed {
            Some(seed) => format!("seed {seed}, pushed"),
            None => "made by hand, pushed".into(),
        };
        let z = self.z_of_push(None);
        (!z.is_empty()).then_some(Slot { name, z })
    }
}

/// How far the `i`th face of the strip is pushed.
fn amount_of(i: usize) -> f32 {
    FARTHEST * (2.0 * i as f32 / (N_STRIP - 1) as f32 - 1.0)
}

pub(super) fn show(view: &mut FacesView, ui: &mut Ui) {
    if view.lab.as_ref().is_none_or(|lab| lab.judge().is_none()) {
        caption(
            ui,
            "The judge knows drawn faces only, and so no way that leads to one of theirs.",
        );
        return;
    }
    if view.push.base != view.one.z {
        view.push.base.clone_from(&view.one.z);
        view.draw_push();
    }
    if view.found.is_none() {
        view.make_survey();
        waiting(view, ui);
        return;
    }
    view.push.picture.update(ui.ctx(), true);
    view.push.strip.update(ui.ctx(), false);
    let area = ui.available_rect_before_wrap();
    let strip = (area.width() / N_STRIP as f32).min(area.height() * 0.2);
    let top = area.height() - strip - 76.0;
    let large = top.min(area.width() * 0.42);
    let face = Rect::from_min_size(area.min, Vec2::splat(large));
    let right = pos2(area.right(), area.top() + top);
    let beside = Rect::from_min_max(area.min + vec2(large + size::GROUP, 0.0), right);
    let below = area.with_min_y(area.top() + top + size::GRID);
    part(ui, face, |ui| {
        let (rect, response) = ui.allocate_exact_size(Vec2::splat(large), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "The face that was pushed"));
        view.push.picture.sheet.paint(ui.painter(), rect, 0);
    });
    part(ui, beside, |ui| rows(view, ui));
    part(ui, below, |ui| along(view, ui, strip));
    ui.advance_cursor_after_rect(area);
}

fn waiting(view: &FacesView, ui: &mut Ui) {
    ui.add_space(ui.available_height() * 0.25);
    ui.vertical_centered(|ui| {
        ui.set_max_width(480.0);
        // The worker does one thing after the other.
        let (title, part) = match (view.reading, view.surveying) {
            (Some(part), _) => ("First the training pictures are read", part),
            (None, part) => (
                "Two thousand faces are drawn and shown to the judge",
                part.unwrap_or(0.0),
            ),
        };
        ui.label(RichText::new(title).text_style(theme::style::subheading()));
        ui.add_space(size::GRID);
        let bar = egui::ProgressBar::new(part).desired_height(6.0);
        let bar = ui.add(bar);
        ui.ctx()
            .accesskit_node_builder(bar.id, |node| node.set_label("Progress of the survey"));
        caption(ui, "Nobody decided what the numbers of z mean. From what the judge says it is found which way of z makes which answer likelier.");
    });
}

/// A line for every attribute: which answer, how far, and what the judge now says.
fn rows(view: &mut FacesView, ui: &mut Ui) {
    let Some(lab) = view.lab.clone() else { return };
    let questions = lab.questions();
    let height = (ui.available_height() / (questions.len() + 1) as f32).clamp(26.0, 40.0);
    let width = ui.available_width();
    // The longest answer, "sunglasses", sets the width of the second column.
    let [name, answers, said] = [width * 0.17, 132.0, 52.0];
    let before = view.push.rows.clone();
    ui.spacing_mut().item_spacing.y = 0.0;
    for (i, question) in questions.iter().enumerate() {
        ui.horizontal(|ui| {
            ui.set_min_height(height);
            let attribute = question.name.replace('_', " ");
            let cell = |ui: &mut Ui, width: f32, words: RichText| {
                let layout = egui::Layout::left_to_right(egui::Align::Center);
                ui.allocate_ui_with_layout(vec2(width, height), layout, |ui| {
                    ui.set_width(width);
                    ui.label(words)
                })
                .inner
            };
            let strong = i == view.push.active;
            let words = RichText::new(&attribute).small();
            let words = if strong { words.strong() } else { words };
            cell(ui, name, words);
            let row = &mut view.push.rows[i];
            let combo = ComboBox::from_id_salt(("pushed towards", i)).width(answers);
            let chosen = question.answers.get(row.answer).map_or("", String::as_str);
            let combo = combo.selected_text(chosen).show_ui(ui, |ui| {
                for (a, answer) in question.answers.iter().enumerate() {
                    ui.selectable_value(&mut row.answer, a, answer);
                }
            });
            ui.ctx().accesskit_node_builder(combo.response.id, |node| {
                node.set_label(format!("{attribute}: towards"));
            });
            let word = named(&question.name, chosen);
            let amount = &mut view.push.rows[i].amount;
            ui.spacing_mut().slider_width = (width - name - answers - said - 112.0).max(60.0);
            theme::dress_sliders(ui);
            let slider = Slider::new(amount, -FARTHEST..=FARTHEST).fixed_decimals(1);
            let slider = ui.add(slider).on_hover_text(format!(
                "Less or more of {word}: z moves along the judge's direction, in standard deviations of one of its numbers, and keeps its length."
            ));
            ui.ctx().accesskit_node_builder(slider.id, |node| {
                node.set_label(format!("Push towards {word}"));
            });
            if slider.dragged() || slider.has_focus() {
                view.push.active = i;
            }
            let readings = view.push.readings.as_ref();
            let p = readings
                .and_then(|(_, readings)| readings.get(i)?.answers.get(view.push.rows[i].answer));
            let words = p.map_or_else(String::new, |(_, p)| percent(*p));
            let words = RichText::new(words).monospace().small();
            let is_old = readings.is_some_and(|(number, _)| *number != view.push.picture.wished);
            let words = if is_old { words.weak() } else { words };
            let said = cell(ui, said, words);
            said.on_hover_text(format!("How sure the judge is that it sees: {word}"));
        });
    }
    let changed = (0..before.len()).find(|&i| before[i] != view.push.rows[i]);
    if let Some(i) = changed {
        view.push.active = i;
        view.draw_push();
    }
    let pushed = view.push.rows.iter().any(|row| row.amount != 0.0);
    let hint = "All sliders to 0: the face as it was.";
    let button = ui.add_enabled(pushed, Button::new("Take the pushes back"));
    if button.on_hover_text(hint).clicked() {
        for row in &mut view.push.rows {
            row.amount = 0.0;
        }
        view.draw_push();
    }
}

/// The faces along the marked row's slider.
fn along(view: &mut FacesView, ui: &mut Ui, side: f32) {
    let Some(found) = view.found.clone() else {
        return;
    };
    let Some(direction) = view.direction(view.push.active) else {
        return;
    };
    let word = named(&direction.question_name, &direction.answer_name);
    let told = format!(
        "Less and more of {word}. {} of {} faces have it; this one way of z explains {} of how sure the judge is, the rest is on no straight line.",
        percent(direction.share as f32),
        grouped(found.directions.n_faces as u64),
        percent(direction.explained as f32),
    );
    ui.label(
        RichText::new(format!("From −{FARTHEST} to +{FARTHEST}: {word}"))
            .text_style(theme::style::strong()),
    );
    caption(ui, told).on_hover_text("The direction is the mean of z · (p − mean p) over these faces: for numbers drawn from the normal distribution, the slope of the best linear prediction of p (Stein 1981).");
    let row = view.push.rows[view.push.active];
    let nearest = (0..N_STRIP).min_by(|&a, &b| {
        let off = |i: usize| (amount_of(i) - row.amount).abs();
        off(a).total_cmp(&off(b))
    });
    let grid = ImageGrid {
        name: "Pushed face",
        sheet: &view.push.strip.sheet,
        n: N_STRIP,
        columns: N_STRIP,
        verdicts: &[],
        verdict: "",
        chosen: nearest,
    };
    let done = grid.show(ui, vec2(side * N_STRIP as f32, side));
    if let Some(i) = done.clicked {
        let active = view.push.active;
        view.push.rows[active].amount = amount_of(i);
        view.draw_push();
    }
}
