//! The race: every token written with the cache and without it, its time both ways, and whether it is the
//! same token.

use crate::jobs::Job;
use crate::labs::inside::kv_cache::{Event, Step, race};
use crate::labs::text::LoadedText;
use crate::refusal::{Refusal, Result};
use crate::tabs::parts::{caption, part};
use crate::tabs::{Notice, Progress, TabContext};
use crate::theme;
use crate::widgets::count::grouped;
use crate::widgets::lines::{Lines, Scale, Series};
use eframe::egui::{Rect, RichText, ScrollArea, Ui, vec2};
use std::ops::ControlFlow;
use std::sync::Arc;

/// What the job says.
#[derive(Debug)]
enum Said {
    Event(Event),
    Done(Result<bool>),
}

/// A race that runs or has ended.
#[derive(Debug)]
pub(super) struct Race {
    loaded: Arc<LoadedText>,
    n_tokens: usize,
    steps: Vec<Step>,
    /// Tokens read of a text, and how many it has.
    reading: Option<[usize; 2]>,
    refused: Option<Refusal>,
    job: Option<Job<Said>>,
}

impl Race {
    /// Starts it.
    pub(super) fn begin(
        loaded: &Arc<LoadedText>,
        ids: Vec<u32>,
        n_tokens: usize,
        cx: &mut TabContext<'_>,
    ) -> Self {
        let (compute, model) = (cx.compute, Arc::clone(loaded));
        let job = Job::spawn(
            "race with and without the cache",
            cx.wake.clone(),
            move |emit| {
                compute.set_threads();
                let mut tell = |event| -> ControlFlow<()> { emit(Said::Event(event)) };
                let done = race(&model, &ids, n_tokens, &mut tell);
                _ = emit(Said::Done(done));
            },
        );
        let (job, refused) = match job {
            Ok(job) => (Some(job), None),
            Err(refusal) => (None, Some(refusal)),
        };
        Self {
            loaded: Arc::clone(loaded),
            n_tokens,
            steps: Vec::new(),
            reading: None,
            refused,
            job,
        }
    }

    /// Whether it is still at work.
    pub(super) fn is_running(&self) -> bool {
        self.job.is_some()
    }

    /// Ends it; what was measured stays.
    pub(super) fn stop(&mut self) {
        self.job = None;
    }

    /// Takes what the job sent.
    pub(super) fn poll(&mut self, cx: &mut TabContext<'_>) {
        let Some(job) = &mut self.job else { return };
        let events = job.poll();
        let is_over = !job.is_running();
        cx.notices.extend(job.take_failure().map(Notice::Refused));
        for event in events {
            match event {
                Said::Event(Event::Step(step)) => self.steps.push(step),
                Said::Event(Event::Reading { n_done, n_total }) => {
                    self.reading = Some([n_done, n_total]);
                }
                Said::Done(Ok(_)) => {}
                Said::Done(Err(refusal)) => self.refused = Some(refusal),
            }
        }
        if is_over {
            self.job = None;
            self.reading = None;
        }
    }

    /// How far it is, while it runs.
    pub(super) fn progress(&self) -> Option<Progress> {
        self.job.as_ref()?;
        let n = self.steps.len();
        Some(Progress {
            label: format!("Token {} of {}", n + 1, self.n_tokens),
            fraction: Some(n as f32 / self.n_tokens.max(1) as f32),
        })
    }
}

/// Draws it: the times as lines, the sums and what was written beside them.
pub(super) fn show(ui: &mut Ui, race: Option<&Race>) {
    let Some(race) = race else {
        caption(
            ui,
            "Press Race: the model writes on, once with the cache and once without it, and every token's time is measured.",
        );
        return;
    };
    if let Some(refusal) = &race.refused {
        let warning = theme::palette(ui.ctx()).warning;
        ui.label(RichText::new(&refusal.what).color(warning));
        ui.label(&refusal.evidence);
        ui.label(&refusal.next);
        return;
    }
    let area = ui.available_rect_before_wrap();
    let left = area.width() * 0.55;
    let (lines, beside) = area.split_left_right_at_x(area.left() + left);
    part(ui, lines, |ui| times(ui, race));
    let beside = Rect::from_min_max(beside.min + vec2(theme::size::GRID * 2.0, 0.0), beside.max);
    part(ui, beside, |ui| sums(ui, race));
}

fn times(ui: &mut Ui, race: &Race) {
    let colors = theme::palette(ui.ctx());
    let steps: Vec<f32> = race.steps.iter().map(|s| s.n_before as f32).collect();
    let with: Vec<f32> = race.steps.iter().map(|s| s.with_millis as f32).collect();
    let without: Vec<f32> = race.steps.iter().map(|s| s.without_millis as f32).collect();
    let lines = Lines {
        name: "Time of a token",
        y: "milliseconds a token",
        x: "tokens in the text",
        steps: &steps,
        series: &[
            Series {
                name: "without the cache",
                values: &without,
                color: colors.hues[8],
            },
            Series {
                name: "with it",
                values: &with,
                color: colors.accent,
            },
        ],
        scale: Scale::Linear,
        here: None,
    };
    let height = ui.available_height();
    lines.show(ui, height);
}

fn sums(ui: &mut Ui, race: &Race) {
    let steps = &race.steps;
    if steps.is_empty() {
        caption(
            ui,
            "The first token is on its way: both ways read the whole text.",
        );
        return;
    }
    let sum = |of: fn(&Step) -> f64| steps.iter().map(of).sum::<f64>() / 1e3;
    let [with, without] = [sum(|s| s.with_millis), sum(|s| s.without_millis)];
    ui.label(
        RichText::new(format!(
            "With the cache {with:.2} s, without {without:.2} s: {:.1} times as long",
            without / with.max(1e-9)
        ))
        .text_style(theme::style::strong()),
    );
    let n_same = steps.iter().filter(|s| s.id == s.id_without).count();
    let n_with: usize = steps.iter().map(|s| s.n_read_with).sum();
    let n_without: usize = steps.iter().map(|s| s.n_before).sum();
    let difference = steps.iter().map(|s| s.difference).fold(0.0, f32::max);
    let same = if n_same == steps.len() {
        format!("All {n_same} tokens are the same either way.")
    } else {
        format!(
            "{n_same} of {} tokens are the same either way.",
            steps.len()
        )
    };
    let (n_with, n_without) = (grouped(n_with), grouped(n_without));
    ui.label(format!(
        "{same} Read: {n_with} tokens with the cache, {n_without} without."
    ));
    let words = if difference > 0.0 {
        format!(
            "The scores differ by at most {difference:.1e}: the same sums, rounded in another order."
        )
    } else {
        "The scores are the same to the last bit.".into()
    };
    caption(ui, words);
    let bytes: Vec<u8> = steps
        .iter()
        .flat_map(|s| race.loaded.token_bytes(s.id))
        .collect();
    let written = String::from_utf8_lossy(&bytes);
    ScrollArea::vertical()
        .id_salt("written in the race")
        .auto_shrink(false)
        .show(ui, |ui| {
            ui.label(format!("…{written}"));
        });
}
