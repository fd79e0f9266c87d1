//! Where a loss comes from: the pictures of the step after a snapshot, what the network made of each, what
//! each adds, and the sum, computed again in f64 beside what the training computes.

use super::LearningView;
use super::charts::{What, band_name};
use super::lesson::Noise;
use crate::jobs::{Job, Wake};
use crate::labs::diffusion::Prediction;
use crate::labs::diffusion::training::{Explained, Look, Recipe, State, explain};
use crate::refusal::Result;
use crate::tabs::images::course::{Course, Lesson as _};
use crate::tabs::images::diffusion::equations::{compared, heading, line, mono, number};
use crate::tabs::parts::caption;
use crate::tabs::{Notice, TabContext};
use crate::theme::{self, size, style};
use crate::widgets::count::grouped;
use crate::widgets::icon::Icon;
use crate::widgets::picture_sheet::{PictureSheet, Pixels};
use eframe::egui::{
    Align, Layout, Rect, RichText, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, UiBuilder,
    Vec2, WidgetInfo, vec2,
};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Side of a picture in the list.
const THUMB: f32 = 30.0;
/// What the three pictures of a row are.
const KINDS: [&str; 3] = ["under noise", "as the network sees it", "as it is"];

/// What stands in the drawer while there is nothing to show.
const WORKING: &str = "Working it out…";
const GONE: &str = "The network of this snapshot is no longer kept: those of all snapshots would take too much memory. The newest one's is.";

/// What was clicked.
#[derive(Debug)]
struct Asked {
    /// A band of noise levels, or the whole loss.
    band: Option<usize>,
    frame: u64,
    /// "step 128, 9 s".
    when: String,
    /// `None` while it is worked out, or where the network of that snapshot is no longer kept.
    found: Option<Explained>,
    is_kept: bool,
    /// The picture whose numbers are shown.
    chosen: Option<usize>,
}

/// The drawer.
#[derive(Debug, Default)]
pub(super) struct Explaining {
    asked: Option<Asked>,
    job: Option<Job<Result<Option<Explained>>>>,
    sheet: PictureSheet,
    /// Differs for everything that was asked.
    version: u64,
}

impl LearningView {
    /// Opens the drawer on the loss, or on the error at a band of noise levels, of the frame on the stage.
    /// A second click on the same closes it.
    pub(super) fn explain_loss(&mut self, what: What) {
        let band = match what {
            What::Loss => None,
            What::Band(band) => Some(band),
        };
        let (Some(frame), Some(recipe)) = (self.course.film.here(), &self.course.recipe) else {
            return;
        };
        let same = |asked: &Asked| asked.band == band && asked.frame == frame.id;
        if self.explaining.asked.as_ref().is_some_and(same) {
            self.explaining.close();
            return;
        }
        let state = self.course.film.state_of(frame);
        let asked = Asked {
            band,
            frame: frame.id,
            when: Course::<Noise>::when(frame),
            found: None,
            is_kept: state.is_some(),
            chosen: None,
        };
        let recipe = Noise::resumed(&self.setup, recipe.clone());
        self.explaining.ask(asked, recipe, state);
    }
}

impl Explaining {
    fn ask(&mut self, mut asked: Asked, recipe: Recipe, state: Option<Arc<State>>) {
        let before = self.asked.take().filter(|old| old.frame == asked.frame);
        if let Some(found) = before.and_then(|old| old.found) {
            asked.found = Some(found);
            self.asked = Some(asked);
            return;
        }
        self.version += 1;
        self.job = state.and_then(|state| {
            // The drawer is asked in every frame, so that nobody needs to be woken.
            let quiet: Wake = Arc::new(|| {});
            Job::spawn("explain a loss", quiet, move |emit| {
                let found = explain(&recipe, &state, &mut || ControlFlow::Continue(()));
                _ = emit(found);
            })
            .ok()
        });
        self.asked = Some(asked);
    }

    /// Closes the drawer.
    pub(super) fn close(&mut self) {
        self.asked = None;
        self.job = None;
    }

    pub(super) fn is_open(&self) -> bool {
        self.asked.is_some()
    }

    /// The band that is asked about.
    pub(super) fn band(&self) -> Option<usize> {
        self.asked.as_ref()?.band
    }

    /// Takes what the job found.
    pub(super) fn poll(&mut self, cx: &mut TabContext<'_>) {
        let Some(job) = &mut self.job else { return };
        match (job.poll().pop(), &mut self.asked) {
            (Some(Ok(found)), Some(asked)) => asked.found = found,
            (Some(Err(refusal)), _) => cx.notices.push(Notice::Refused(refusal)),
            _ => {}
        }
        if !job.is_running() {
            cx.notices.extend(job.take_failure().map(Notice::Refused));
            self.job = None;
        }
    }

    /// Draws the drawer.
    pub(super) fn show(&mut self, ui: &mut Ui) {
        let Some(asked) = &mut self.asked else { return };
        if self.job.is_some() {
            ui.ctx().request_repaint();
        }
        let title = match asked.band {
            None => "Where the loss comes from".to_owned(),
            Some(band) => format!("The error at t {}", band_name(band)),
        };
        let mut close = false;
        ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
            let button = Icon::Close.button(ui, "Close the loss", "Back to the whole stage.");
            close = button.clicked();
            ui.with_layout(Layout::top_down(Align::LEFT), |ui| {
                ui.label(RichText::new(title).text_style(style::subheading()));
            });
        });
        ScrollArea::vertical()
            .id_salt("loss")
            .auto_shrink([false, false])
            .show(ui, |ui| match &asked.found {
                Some(found) => {
                    caption(ui, format!("At {}.", asked.when));
                    take(&mut self.sheet, ui, self.version, found);
                    equation(ui, asked.band, &mut asked.chosen, found, &self.sheet);
                }
                None => {
                    caption(ui, if asked.is_kept { WORKING } else { GONE });
                }
            });
        if close {
            self.close();
        }
    }
}

/// Gives the graphics card the pictures, three of each.
fn take(sheet: &mut PictureSheet, ui: &Ui, version: u64, found: &Explained) {
    if sheet.version() == Some(version) {
        return;
    }
    let bytes: Vec<u8> = found
        .looks
        .iter()
        .flat_map(|look| look.pictures.iter().flatten().copied())
        .collect();
    let pixels = Pixels {
        side: found.side,
        n_channels: found.n_channels,
        bytes: &bytes,
    };
    sheet.update(ui.ctx(), version, pixels, true);
}

/// The formula with its terms.
fn equation(
    ui: &mut Ui,
    band: Option<usize>,
    chosen: &mut Option<usize>,
    found: &Explained,
    sheet: &PictureSheet,
) {
    let n = found.looks.len();
    let (what, letters) = match found.prediction {
        Prediction::X0 => ("the clean picture", "x̂₀ − x₀"),
        Prediction::Epsilon => ("the noise", "ε̂ − ε"),
        Prediction::V => ("v, noise and picture mixed", "v̂ − v"),
    };
    caption(
        ui,
        format!(
            "Step {}: {n} pictures, each under noise of a level of its own. The network of this snapshot says what {what} is.",
            grouped(found.step)
        ),
    );
    let looks = found.looks.iter().enumerate();
    let shown: Vec<(usize, &Look)> = looks
        .filter(|(_, look)| band.is_none_or(|band| look.band() == band))
        .collect();
    if band.is_none() {
        line(ui, &format!("loss = 1/{n} · Σ w(t)/w̄ · mean ({letters})²"));
    } else {
        line(ui, "error = mean of mean (x̂₀ − x₀)² over its pictures");
    }
    let most = |(_, a): &&(usize, &Look), (_, b): &&(usize, &Look)| {
        found.share(a).total_cmp(&found.share(b))
    };
    let open = chosen
        .filter(|i| shown.iter().any(|(j, _)| j == i))
        .or_else(|| shown.iter().max_by(most).map(|(i, _)| *i));
    rows(ui, &shown, open, chosen, found, sheet);
    if let Some(look) = open.and_then(|i| found.looks.get(i)) {
        numbers(ui, look, letters, found);
    }
    heading(ui, "Added up");
    match band {
        None => {
            caption(ui, format!("the {n} terms, in f64"));
            compared(ui, found.loss(), f64::from(found.trained));
            caption(
                ui,
                "“On the stage” is what the training computes in f32 and the chart shows for this step.",
            );
        }
        Some(band) => {
            let error = found.error_of(band);
            match error {
                Some(error) => line(ui, &format!("mean = {}", number(error))),
                None => {
                    caption(ui, "This step has no picture at these levels.");
                }
            }
            caption(
                ui,
                "The bar is the mean over about the last twenty steps: a single step sees few pictures of a level.",
            );
        }
    }
}

/// A row for each picture: what it looks like, its level, its error, what it adds.
fn rows(
    ui: &mut Ui,
    shown: &[(usize, &Look)],
    open: Option<usize>,
    chosen: &mut Option<usize>,
    found: &Explained,
    sheet: &PictureSheet,
) {
    ui.add_space(size::HALF);
    let width = ui.available_width();
    let columns = [3.0 * (THUMB + 3.0) + 6.0, 44.0, 62.0, 70.0];
    let place = |ui: &mut Ui, rect: Rect, column: usize, words: &str| {
        let left: f32 = columns.iter().take(column).sum();
        let cell = Rect::from_min_size(
            rect.min + vec2(left, 0.0),
            vec2(columns[column], rect.height()),
        );
        let mut cell = ui.new_child(
            UiBuilder::new()
                .max_rect(cell)
                .layout(Layout::left_to_right(Align::Center)),
        );
        mono(&mut cell, words);
    };
    let (head, _) = ui.allocate_exact_size(vec2(width, 18.0), Sense::hover());
    for (column, words) in ["x_t, x̂₀, x₀", "t", "error²", "adds"]
        .into_iter()
        .enumerate()
    {
        place(ui, head, column, words);
    }
    for &(i, look) in shown {
        let (rect, response) = ui.allocate_exact_size(vec2(width, THUMB + 4.0), Sense::click());
        let is_open = open == Some(i);
        let words = format!("Picture at t {}", look.t);
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_open, &words));
        for (k, kind) in KINDS.iter().enumerate() {
            let at = rect.min + vec2(2.0 + k as f32 * (THUMB + 3.0), 2.0);
            let picture = Rect::from_min_size(at, Vec2::splat(THUMB));
            sheet.paint(ui.painter(), picture, 3 * i + k);
            let id = ui.scope_id().with(("kind", i, k));
            ui.interact(picture, id, Sense::hover())
                .on_hover_text(*kind);
        }
        place(ui, rect, 1, &look.t.to_string());
        place(ui, rect, 2, &number(look.square));
        place(ui, rect, 3, &number(found.share(look)));
        if is_open {
            let stroke = Stroke::new(1.5, theme::palette(ui.ctx()).accent);
            ui.painter()
                .rect_stroke(rect, 3.0, stroke, StrokeKind::Inside);
        }
        if response.clicked() {
            *chosen = Some(i);
        }
    }
}

/// The terms of one picture: its largest errors, their mean, and what they count.
fn numbers(ui: &mut Ui, look: &Look, letters: &str, found: &Explained) {
    heading(ui, &format!("The picture at t {}", look.t));
    let n_numbers = found.side * found.side * found.n_channels;
    caption(
        ui,
        format!(
            "({letters})² of its {} numbers, the largest first:",
            grouped(n_numbers)
        ),
    );
    for term in &look.numbers {
        let colour = match found.n_channels {
            3 => [" red", " green", " blue"][term.channel.min(2)],
            _ => "",
        };
        line(
            ui,
            &format!(
                "row {}, column {}{colour}: ({} − {})² = {}",
                term.row + 1,
                term.column + 1,
                number(term.predicted),
                bracketed(term.right),
                number(term.square())
            ),
        );
    }
    line(ui, &format!("mean of all = {}", number(look.square)));
    let n = found.looks.len();
    line(
        ui,
        &format!(
            "it adds {} · {} / {n} = {}",
            number(look.weight),
            number(look.square),
            number(found.share(look))
        ),
    );
    caption(
        ui,
        "w(t)/w̄: levels at which errors are large anyhow count less, so that all pull alike; over all levels it is 1 on the average.",
    );
}

/// A number behind a minus.
fn bracketed(value: f64) -> String {
    let words = number(value);
    if value < 0.0 {
        format!("({words})")
    } else {
        words
    }
}
