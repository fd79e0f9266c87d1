//! Where a verdict comes from: the terms of D's last layer, their sum, the logit, the probability, and
//! what the loss makes of it. Computed again in f64 by a job, beside the number on the stage.

use super::film::Frame;
use super::lesson::Fight;
use super::{PicturesView, stage};
use crate::jobs::{Job, Wake};
use crate::labs::gan::pictures::{LAST_SIDE, State, Term, Verdict, explain};
use crate::refusal::Result;
use crate::tabs::images::course::Course;
use crate::tabs::{Notice, TabContext};
use crate::theme;
use crate::widgets::icon::Icon;
use crate::widgets::picture_sheet::{PictureSheet, Pixels};
use eframe::egui::{
    Align, Grid, Label, Layout, Rect, RichText, ScrollArea, Sense, Ui, Vec2, WidgetInfo, pos2, vec2,
};
use std::sync::Arc;

/// Terms that are listed.
const N_TERMS: usize = 10;

/// A picture on the stage, by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Made(usize),
    Real(usize),
}

/// A verdict that was clicked.
#[derive(Debug)]
struct Asked {
    which: Which,
    frame: u64,
    /// "turn 128, 9 s".
    when: String,
    /// The logit as it stands on the stage.
    shown: f32,
    /// The picture itself, and its size.
    picture: Vec<u8>,
    side: usize,
    n_channels: usize,
    /// Where its verdict comes from; `None` while that is worked out, or where the networks of that
    /// snapshot are no longer kept.
    found: Option<Verdict>,
    is_kept: bool,
}

/// The drawer.
#[derive(Debug, Default)]
pub(super) struct Explaining {
    asked: Option<Asked>,
    job: Option<Job<Result<Verdict>>>,
    sheet: PictureSheet,
    /// Differs for every picture asked about.
    version: u64,
}

impl PicturesView {
    /// Opens the drawer on a picture of a frame; a second click on the same one closes it.
    pub(super) fn explain_verdict(&mut self, frame: &Frame, which: Which) {
        let same = |asked: &Asked| asked.which == which && asked.frame == frame.id;
        if self.explaining.asked.as_ref().is_some_and(same) {
            self.explaining.close();
            return;
        }
        let snapshot = &frame.snapshot;
        let reals = self
            .course
            .prepared
            .as_ref()
            .map(|prepared| &prepared.reals);
        let (pictures, picture, logit) = match which {
            Which::Made(i) => (Some(&snapshot.fakes), Some(i), snapshot.fake_logits.get(i)),
            Which::Real(i) => (
                reals,
                snapshot.reals.get(i).copied(),
                snapshot.real_logits.get(i),
            ),
        };
        let (Some(pictures), Some(&shown)) = (pictures, logit) else {
            return;
        };
        let Some(picture) = picture.and_then(|i| pictures.get(i)) else {
            return;
        };
        let state = self.course.film.state_of(frame);
        let asked = Asked {
            which,
            frame: frame.id,
            when: Course::<Fight>::when(frame),
            shown,
            picture: picture.to_vec(),
            side: pictures.side,
            n_channels: pictures.n_channels,
            found: None,
            is_kept: state.is_some(),
        };
        self.explaining.ask(asked, state);
    }
}

impl Explaining {
    fn ask(&mut self, asked: Asked, state: Option<Arc<State>>) {
        self.version += 1;
        self.job = state.and_then(|state| {
            let picture = asked.picture.clone();
            // The drawer is asked in every frame, so that nobody needs to be woken.
            let quiet: Wake = Arc::new(|| {});
            let work = move |emit: crate::jobs::Emit<'_, Result<Verdict>>| {
                _ = emit(explain(&state, &picture));
            };
            Job::spawn("explain a verdict", quiet, work).ok()
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

    /// The made picture that is asked about.
    pub(super) fn chosen_fake(&self) -> Option<usize> {
        match self.asked.as_ref()?.which {
            Which::Made(i) => Some(i),
            Which::Real(_) => None,
        }
    }

    /// The real picture that is asked about.
    pub(super) fn chosen_real(&self) -> Option<usize> {
        match self.asked.as_ref()?.which {
            Which::Real(i) => Some(i),
            Which::Made(_) => None,
        }
    }

    /// Takes what the job found.
    pub(super) fn poll(&mut self, cx: &mut TabContext<'_>) {
        let Some(job) = &mut self.job else { return };
        match (job.poll().pop(), &mut self.asked) {
            (Some(Ok(verdict)), Some(asked)) => asked.found = Some(verdict),
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
        let Some(asked) = &self.asked else { return };
        if self.job.is_some() {
            ui.ctx().request_repaint();
        }
        let mut close = false;
        ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
            let button = Icon::Close.button(ui, "Close the verdict", "Back to the whole stage.");
            close = button.clicked();
            ui.with_layout(Layout::top_down(Align::LEFT), |ui| {
                let title = RichText::new("Where this verdict comes from");
                ui.label(title.text_style(theme::style::strong()));
            });
        });
        let pixels = Pixels {
            side: asked.side,
            n_channels: asked.n_channels,
            bytes: &asked.picture,
        };
        self.sheet.update(ui.ctx(), self.version, pixels, true);
        ScrollArea::vertical()
            .id_salt("verdict")
            .auto_shrink([false, false])
            .show(ui, |ui| {
                picture(ui, asked, &self.sheet);
                if let Some(verdict) = &asked.found {
                    equation(ui, asked, verdict);
                } else {
                    not_yet(ui, asked);
                }
            });
        if close {
            self.close();
        }
    }
}

/// What is known before the equation is there, or without it.
fn not_yet(ui: &mut Ui, asked: &Asked) {
    let logit = signed(f64::from(asked.shown), 4);
    line(ui, &format!("logit on the stage  {logit}"));
    let p = stage::sigmoid(asked.shown);
    line(ui, &format!("probability σ(logit) {p:.4}"));
    let words = if asked.is_kept {
        "Working it out…"
    } else {
        "The networks of this snapshot are no longer kept: those of all snapshots would take too much memory. The newest one's are."
    };
    weak(ui, words);
}

/// The picture, and beside it where it speaks for “real” and where against.
fn picture(ui: &mut Ui, asked: &Asked, sheet: &PictureSheet) {
    let name = match asked.which {
        Which::Made(i) => format!("Made picture {}", i + 1),
        Which::Real(i) => format!("Real picture {}", i + 1),
    };
    weak(ui, &format!("{name}, at {}", asked.when));
    let side = ((ui.available_width() - 16.0) * 0.5).clamp(64.0, 160.0);
    ui.horizontal(|ui| {
        let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(eframe::egui::Role::Image, true, &name));
        sheet.paint(ui.painter(), rect, 0);
        let Some(verdict) = &asked.found else { return };
        let (rect, response) = ui.allocate_exact_size(Vec2::splat(side), Sense::hover());
        response.widget_info(|| {
            WidgetInfo::labeled(eframe::egui::Role::Image, true, "Where it speaks for real")
        });
        places(ui, rect, verdict);
        response.on_hover_text(
            "The terms of the sum, added up by place. Red speaks for “real”, blue against it.",
        );
    });
    if asked.found.is_some() {
        weak(
            ui,
            "Right: red places speak for “real”, blue ones against it; the number is their part of the logit.",
        );
    }
    ui.add_space(theme::size::HALF);
}

/// The sum of the terms at each place of the picture, as a colour and a number.
fn places(ui: &Ui, rect: Rect, verdict: &Verdict) {
    let sums = by_place(verdict);
    let most = sums.iter().fold(1e-9, |most: f64, sum| most.max(sum.abs()));
    let cell = rect.size() / LAST_SIDE as f32;
    let font = theme::style::small_mono().resolve(ui.style());
    for (i, &sum) in sums.iter().enumerate() {
        let at = vec2((i % LAST_SIDE) as f32, (i / LAST_SIDE) as f32) * cell;
        let place = Rect::from_min_size(rect.min + at, cell);
        let fill = theme::diverging((sum / most) as f32);
        ui.painter().rect_filled(place.shrink(0.5), 0.0, fill);
        if cell.x > 36.0 {
            let ink = theme::palette(ui.ctx()).text_on(fill);
            let at = pos2(place.center().x, place.center().y);
            let digits = if most < 1.0 { 2 } else { 1 };
            let words = signed(sum, digits);
            let center = eframe::egui::Align2::CENTER_CENTER;
            ui.painter().text(at, center, words, font.clone(), ink);
        }
    }
}

/// The parts of the logit by place, row by row.
fn by_place(verdict: &Verdict) -> [f64; LAST_SIDE * LAST_SIDE] {
    let mut sums = [0.0; LAST_SIDE * LAST_SIDE];
    for term in &verdict.terms {
        if let Some(sum) = sums.get_mut(term.row * LAST_SIDE + term.column) {
            *sum += term.product();
        }
    }
    sums
}

fn equation(ui: &mut Ui, asked: &Asked, verdict: &Verdict) {
    ui.spacing_mut().interact_size.y = 18.0;
    ui.label("D's last layer multiplies every feature that it sees with a weight and adds up:");
    let mono = |text: String| RichText::new(text).text_style(theme::style::small_mono());
    Grid::new("terms")
        .num_columns(4)
        .spacing([12.0, 2.0])
        .show(ui, |ui| {
            for head in ["feature, place", "value", "weight", "product"] {
                weak(ui, head);
            }
            ui.end_row();
            for term in verdict.terms.iter().take(N_TERMS) {
                let name = format!(
                    "{} at {},{}",
                    term.channel + 1,
                    term.row + 1,
                    term.column + 1
                );
                ui.label(mono(name));
                for value in [
                    f64::from(term.feature),
                    f64::from(term.weight),
                    term.product(),
                ] {
                    ui.label(mono(signed(value, 4)));
                }
                ui.end_row();
            }
            let rest = verdict.terms.len().saturating_sub(N_TERMS);
            if rest > 0 {
                let sum: f64 = verdict.terms.iter().skip(N_TERMS).map(Term::product).sum();
                weak(ui, &format!("{rest} more"));
                ui.label("");
                ui.label("");
                ui.label(mono(signed(sum, 4)));
                ui.end_row();
            }
            weak(ui, "bias");
            ui.label("");
            ui.label("");
            ui.label(mono(signed(verdict.bias, 4)));
            ui.end_row();
            ui.label(mono("logit".into()).strong());
            ui.label("");
            ui.label("");
            ui.label(mono(signed(verdict.logit, 4)).strong());
            ui.end_row();
        });
    ui.add_space(theme::size::GRID);
    let p = verdict.probability;
    ui.label("The probability of “real”:");
    let logit = signed(verdict.logit, 4);
    line(ui, &format!("σ({logit}) = 1 / (1 + e^−({logit})) = {p:.6}"));
    let (what, loss) = match asked.which {
        Which::Real(_) => ("D wants it high. Its part of D's loss: −ln p", -p.ln()),
        Which::Made(_) => (
            "D wants it low. Its part of D's loss: −ln(1 − p)",
            -(1.0 - p).ln(),
        ),
    };
    ui.label(what);
    line(
        ui,
        &format!("= {loss:.4} nats (where the loss is a logarithm)"),
    );
    ui.add_space(theme::size::GRID);
    let shown = f64::from(asked.shown);
    line(ui, &format!("logit on the stage  {}", signed(shown, 6)));
    line(
        ui,
        &format!("computed again      {}", signed(verdict.logit, 6)),
    );
    line(
        ui,
        &format!("difference          {:.1e}", (verdict.logit - shown).abs()),
    );
    weak(
        ui,
        "The sum is computed again in double precision (f64). Made pictures are judged again as they are shown, in whole levels of 0–255: hence most of the difference.",
    );
}

/// One line of numbers, as long as it must be.
fn line(ui: &mut Ui, text: &str) {
    ui.add(Label::new(RichText::new(text).text_style(theme::style::small_mono())).wrap());
}

fn weak(ui: &mut Ui, text: &str) {
    let color = theme::palette(ui.ctx()).text_weak;
    ui.label(RichText::new(text).small().color(color));
}

/// A number whose minus is as wide as a digit.
fn signed(value: f64, digits: usize) -> String {
    format!("{value:.digits$}").replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_by_place_add_up_to_all_terms() {
        let term = |channel, row, column, feature| Term {
            channel,
            row,
            column,
            feature,
            weight: 0.5,
        };
        let terms = vec![term(0, 0, 0, 2.0), term(1, 0, 0, -1.0), term(0, 3, 2, 4.0)];
        let verdict = Verdict {
            terms,
            bias: 0.0,
            logit: 2.5,
            network: 2.5,
            probability: 0.92,
        };
        let sums = by_place(&verdict);
        assert_eq!((sums[0], sums[14]), (0.5, 2.0));
        assert_eq!(sums.iter().sum::<f64>(), 2.5);
    }
}
