//! Where the number of a pixel comes from: what the network says with the words and without, guidance,
//! the noise that this implies, and the sampler's step, each with its real terms. The network is asked
//! again by a job, and what comes out stands beside what is on the stage.

use super::StepsView;
use super::recipe::Recipe;
use super::stage::Which;
use super::terms::{Formula, Terms, by, n};
use super::ways::Kept;
use crate::jobs::Job;
use crate::labs::diffusion::sampling::{Denoise as _, Step, step_noise};
use crate::labs::diffusion::{About, Denoiser, Level, Sampler};
use crate::refusal::Result;
use crate::tabs::parts::{choice, wrapped};
use crate::tabs::{Notice, TabContext};
use crate::theme;
use crate::widgets::icon::Icon;
use eframe::egui::{Align, Label, Layout, Rect, RichText, ScrollArea, Sense, Ui, Vec2, vec2};
use std::sync::Arc;

/// The colours of a pixel.
const CHANNELS: [&str; 3] = ["red", "green", "blue"];

/// What the network says again, for every number of the picture.
#[derive(Debug, Default)]
struct Again {
    with: Vec<f32>,
    without: Vec<f32>,
    /// What Heun's second look sees; empty for the others.
    x0_there: Vec<f32>,
    /// The new noise of the step; empty where none is added.
    noise: Vec<f32>,
}

/// What was clicked.
#[derive(Debug)]
struct Asked {
    which: Which,
    at: [usize; 2],
    kept: Kept,
    n_steps: usize,
    /// What lies there after the step, as the film has it: where the next step is kept.
    after: Option<Arc<Vec<f32>>>,
}

/// The drawer.
#[derive(Debug, Default)]
pub(super) struct Explaining {
    asked: Option<Asked>,
    channel: usize,
    /// What was found, and for which step.
    found: Option<(u64, Again)>,
    job: Option<(u64, Job<Result<Again>>)>,
}

impl Explaining {
    /// Closes the drawer.
    pub(super) fn close(&mut self) {
        self.asked = None;
    }

    pub(super) fn is_open(&self) -> bool {
        self.asked.is_some()
    }

    /// Takes what the job found, and begins one if it is needed and nothing else is computed.
    pub(super) fn poll(
        &mut self,
        denoiser: Option<&Arc<Denoiser>>,
        is_busy: bool,
        cx: &mut TabContext<'_>,
    ) {
        if let Some((id, job)) = &mut self.job {
            match job.poll().pop() {
                Some(Ok(again)) => self.found = Some((*id, again)),
                Some(Err(refusal)) => {
                    cx.notices.push(Notice::Refused(refusal));
                    self.asked = None;
                }
                None => {}
            }
            if !job.is_running() {
                cx.notices.extend(job.take_failure().map(Notice::Refused));
                self.job = None;
            }
        }
        let (Some(asked), Some(denoiser)) = (&self.asked, denoiser) else {
            return;
        };
        let id = asked.kept.id;
        let is_found = self.found.as_ref().is_some_and(|(found, _)| *found == id);
        if is_found || self.job.is_some() || is_busy {
            return;
        }
        let (denoiser, kept, compute) = (Arc::clone(denoiser), asked.kept.clone(), cx.compute);
        let job = Job::spawn("explain a pixel", Arc::clone(&cx.wake), move |emit| {
            compute.set_threads();
            _ = emit(ask_again(&denoiser, &kept.recipe, &kept.step));
        });
        match job {
            Ok(job) => self.job = Some((id, job)),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }
}

/// Asks the network again for everything that one step was made of.
fn ask_again(denoiser: &Denoiser, recipe: &Recipe, step: &Step) -> Result<Again> {
    let condition = recipe.condition(denoiser)?;
    let (from, to) = (step.from, step.to);
    let settings = recipe.settings;
    let clean = |x: &[f32], level: &Level, guidance: f32| {
        let answer = denoiser.predict(x, level, &condition, guidance);
        answer.map(|answer| answer.x0)
    };
    let mut again = Again {
        with: clean(&step.x_t, &from, 1.0)?,
        without: clean(&step.x_t, &from, 0.0)?,
        ..Again::default()
    };
    if settings.sampler.added_noise(&from, &to) > 0.0 {
        again.noise = step_noise(recipe.seed, &from, step.x_t.len());
    }
    if settings.sampler == Sampler::Heun && !to.is_clean() {
        let mut never = |_: &[f32], _: &Level| Ok(Vec::new());
        let guess = Sampler::Euler.step([&from, &to], &step.x_t, &step.x0_pred, &[], &mut never)?;
        again.x0_there = clean(&guess, &to, settings.guidance as f32)?;
        if settings.is_clamped {
            for x in &mut again.x0_there {
                *x = x.clamp(-1.0, 1.0);
            }
        }
    }
    Ok(again)
}

impl StepsView {
    /// Opens the drawer on a pixel; a second click on the same one closes it.
    pub(super) fn ask(&mut self, which: Which, at: [usize; 2], about: &About) {
        let same = |asked: &Asked| asked.at == at && asked.which == which;
        if self.explaining.asked.as_ref().is_some_and(same) {
            self.explaining.close();
            return;
        }
        self.explaining.channel = self.explaining.channel.min(about.n_channels - 1);
        self.put(which, at);
    }

    /// The same pixel of another step, or of what the steps have become.
    pub(super) fn ask_again(&mut self, way: usize) {
        if let Some(asked) = self.explaining.asked.as_ref().filter(|_| way == self.shown) {
            let (which, at) = (asked.which, asked.at);
            self.put(which, at);
        }
    }

    fn put(&mut self, which: Which, at: [usize; 2]) {
        let way = self.way();
        let Some(kept) = way.here().cloned() else {
            return;
        };
        let frame = way.frame().min(way.take.steps.len() - 1);
        let next = way.take.steps.get(frame + 1).map(|next| &next.step);
        let after = match next {
            Some(next) => {
                let follows = next.from == kept.step.to;
                follows.then(|| Arc::new(next.x_t.clone()))
            }
            None => way.take.end.as_ref().map(|(_, end)| Arc::clone(end)),
        };
        let n_steps = way.take.n_steps;
        self.explaining.asked = Some(Asked {
            which,
            at,
            kept,
            n_steps,
            after,
        });
    }

    /// The pixel that is asked about.
    pub(super) fn asked_pixel(&self) -> Option<[usize; 2]> {
        self.explaining.asked.as_ref().map(|asked| asked.at)
    }
}

/// Draws the drawer.
pub(super) fn show(view: &mut StepsView, ui: &mut Ui) {
    let mut close = false;
    ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
        let button = Icon::Close.button(ui, "Close the pixel", "Back to the whole stage.");
        close = button.clicked();
        ui.with_layout(Layout::top_down(Align::LEFT), |ui| {
            let title = RichText::new("Where this pixel comes from");
            ui.label(title.text_style(theme::style::strong()));
        });
    });
    let n_channels = view.denoiser.as_ref().map_or(3, |d| d.about().n_channels);
    let side = view.side;
    let explaining = &mut view.explaining;
    if let Some(asked) = &explaining.asked {
        ScrollArea::vertical()
            .id_salt("pixel")
            .auto_shrink([false, false])
            .show(ui, |ui| {
                heading(ui, asked);
                if n_channels == CHANNELS.len() {
                    wrapped(ui, |ui| {
                        for (i, name) in CHANNELS.into_iter().enumerate() {
                            let hint = "The number of this colour: −1 is none of it, 1 all.";
                            if choice(ui, explaining.channel == i, name, hint) {
                                explaining.channel = i;
                            }
                        }
                    });
                }
                let [row, column] = asked.at;
                let i = (row * side + column) * n_channels + explaining.channel;
                match &explaining.found {
                    Some((id, again)) if *id == asked.kept.id => equations(ui, asked, again, i),
                    _ => weak(
                        ui,
                        "The network is asked again as soon as nothing else is computed…",
                    ),
                }
            });
    }
    if close {
        view.explaining.close();
    }
}

fn heading(ui: &mut Ui, asked: &Asked) {
    let [row, column] = asked.at;
    let step = &asked.kept.step;
    weak(
        ui,
        &format!(
            "Row {}, column {}; step {} of {}: from t {:.0} to {}",
            row + 1,
            column + 1,
            asked.kept.number,
            asked.n_steps,
            step.from.t,
            if step.to.is_clean() {
                "no noise at all".into()
            } else {
                format!("{:.0}", step.to.t)
            }
        ),
    );
}

fn equations(ui: &mut Ui, asked: &Asked, again: &Again, i: usize) {
    ui.spacing_mut().interact_size.y = 18.0;
    ui.spacing_mut().item_spacing.y = 3.0;
    let step = &asked.kept.step;
    let settings = asked.kept.recipe.settings;
    let at = |numbers: &[f32]| numbers.get(i).copied().map_or(0.0, f64::from);
    let g = settings.guidance;
    let (with, without) = (at(&again.with), at(&again.without));
    let mut x0 = without + g * (with - without);
    section(
        ui,
        "The clean picture that the network sees",
        asked.which == Which::Clean,
    );
    line(ui, &format!("with the words     {}", n(with)));
    line(ui, &format!("without them       {}", n(without)));
    section(
        ui,
        "Guidance: what the words change, times so much",
        asked.which == Which::Change,
    );
    line(ui, "x̂₀ = without + g · (with − without)");
    line(
        ui,
        &format!("= {} + {} · {}", n(without), n(g), by(with - without)),
    );
    line(ui, &format!("= {}", n(x0)));
    if settings.is_clamped && x0.abs() > 1.0 {
        x0 = x0.clamp(-1.0, 1.0);
        line(ui, &format!("kept within −1 and 1: {}", n(x0)));
    }
    swatches(ui, step, i);
    let terms = Terms {
        from: step.from,
        to: step.to,
        x_t: at(&step.x_t),
        x0,
        noise: at(&again.noise),
        x0_there: at(&again.x0_there),
    };
    section(
        ui,
        "The noise that this leaves in what lies there",
        asked.which == Which::Noise,
    );
    written(ui, &terms.implied_noise());
    let name = settings.sampler.name();
    section(
        ui,
        &format!("The step of {name}"),
        asked.which == Which::Here,
    );
    levels(ui, &terms);
    let formula = terms.step(settings.sampler);
    written(ui, &formula);
    section(ui, "Beside the stage", false);
    let shown = at(&step.x0_pred);
    line(ui, &format!("x̂₀ on the stage     {}", n(shown)));
    line(ui, &format!("computed again      {}", n(x0)));
    if let Some(after) = &asked.after {
        let after = at(after);
        line(ui, &format!("x′ on the film      {}", n(after)));
        line(ui, &format!("computed again      {}", n(formula.result)));
        let off = (formula.result - after).abs().max((x0 - shown).abs());
        line(ui, &format!("largest difference  {off:.1e}"));
    }
    weak(
        ui,
        "The network is asked again, and all that follows is computed in double precision (f64).",
    );
}

/// What lies there and the clean picture, as the colours of this pixel.
fn swatches(ui: &mut Ui, step: &Step, i: usize) {
    let colors = theme::palette(ui.ctx());
    ui.horizontal(|ui| {
        for (name, numbers) in [("xₜ", &step.x_t), ("x̂₀", &step.x0_pred)] {
            let value = numbers.get(i).copied().unwrap_or(0.0);
            let size = vec2(96.0, 12.0);
            weak(ui, name);
            let (rect, _) = ui.allocate_exact_size(size, Sense::hover());
            ui.painter().rect_filled(rect, 2.0, colors.hover);
            let part = ((value + 1.0) * 0.5).clamp(0.0, 1.0);
            let filled = Rect::from_min_size(rect.min, Vec2::new(size.x * part, size.y));
            ui.painter().rect_filled(filled, 2.0, colors.accent);
        }
    });
}

/// What the letters of the step stand for.
fn levels(ui: &mut Ui, terms: &Terms) {
    let (from, to) = (terms.from, terms.to);
    line(
        ui,
        &format!(
            "ᾱ = {:.5},  ᾱ′ = {:.5}",
            from.alpha_cumprod, to.alpha_cumprod
        ),
    );
    line(
        ui,
        &format!("σ = {},  σ′ = {}", n(from.sigma()), n(to.sigma())),
    );
}

fn written(ui: &mut Ui, formula: &Formula) {
    for letters in &formula.letters {
        line(ui, letters);
    }
    for numbers in &formula.numbers {
        line(ui, numbers);
    }
}

/// The title of a part; that of the picture that was pressed is marked.
fn section(ui: &mut Ui, title: &str, is_asked: bool) {
    ui.add_space(theme::size::GRID);
    let colors = theme::palette(ui.ctx());
    let title = RichText::new(title).strong();
    let title = if is_asked {
        title.color(colors.accent)
    } else {
        title
    };
    ui.label(title);
}

/// One line of numbers, as long as it must be.
fn line(ui: &mut Ui, text: &str) {
    let text = RichText::new(text).text_style(theme::style::small_mono());
    ui.add(Label::new(text).wrap());
}

fn weak(ui: &mut Ui, text: &str) {
    let color = theme::palette(ui.ctx()).text_weak;
    ui.label(RichText::new(text).small().color(color));
}
