//! Where they come from: counts of words that stand near each other become arrows.
//!
//! [`setup`] is what a person chose, [`making`] the job; the stage has a page for each step: the
//! counts and their weights ([`matrix`]), the vectors ([`vectors`]), the popularity trap ([`trap`]).

mod bench;
mod making;
mod matrix;
mod setup;
mod trap;
mod vectors;

use super::views::{Desk, View};
use crate::command::Command;
use crate::files::card::Card;
use crate::jobs::Job;
use crate::labs::embeddings::Neighbour;
use crate::labs::embeddings::origin::{Corner, OriginEvent};
use crate::tabs::{Notice, Progress, StatusItem, TabContext};
use crate::theme;
use crate::widgets::count::grouped;
use crate::widgets::heat_map::HeatMapState;
use eframe::egui::{self, RichText, Ui};
use making::{Counted, Finished, Message};
use serde_json::Value;
use setup::{Setup, Text};
use std::path::PathBuf;
use std::sync::Arc;

/// What the stage shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Page {
    /// How often words stand together.
    #[default]
    Counts,
    /// How much more often than chance.
    Weights,
    /// A few numbers per word.
    Vectors,
    /// The same direction, another length.
    Trap,
}

impl Page {
    const ALL: [(Self, &'static str, &'static str); 4] = [
        (
            Self::Counts,
            "1  Count",
            "How often each word stands near each other one.",
        ),
        (
            Self::Weights,
            "2  Weigh (PPMI)",
            "How much more often than chance: what the, of and and do with everybody is taken away.",
        ),
        (
            Self::Vectors,
            "3  Make vectors",
            "Thousands of columns become a few dozen numbers for each word.",
        ),
        (
            Self::Trap,
            "Popularity trap",
            "Why the direction counts and not the distance.",
        ),
    ];
}

/// Work on its way.
#[derive(Debug)]
struct Making {
    job: Job<Message>,
    label: String,
    fraction: Option<f32>,
    /// Falling as it goes: singular values, or losses.
    curve: Vec<f64>,
    setup: Setup,
    stopping: bool,
}

/// The part of the matrix on the screen.
#[derive(Debug, Default)]
struct Shown {
    /// Typed by a person; empty takes usual ones.
    typed: String,
    /// Which table, which words, of which counts.
    key: Option<(Page, String, u64)>,
    corner: Option<Corner>,
    version: u64,
    heat: HeatMapState,
    /// The word whose company is listed, and the company.
    word: String,
    company: Vec<(String, f64)>,
}

/// Neighbours in the vectors that were made.
#[derive(Debug, Default)]
struct Probe {
    word: String,
    /// The word and the vectors that were asked last.
    asked: Option<(String, u64)>,
    near: Option<Vec<Neighbour>>,
    job: Option<Job<Vec<Neighbour>>>,
}

/// The state of this view.
#[derive(Debug, Default)]
pub(super) struct OriginView {
    setup: Setup,
    /// The path as it is typed.
    path: String,
    page: Page,
    counted: Option<Counted>,
    /// Differs whenever the counts do, or the vectors.
    n_counted: u64,
    n_finished: u64,
    making: Option<Making>,
    finished: Option<Finished>,
    shown: Shown,
    probe: Probe,
    trap: trap::TrapState,
    /// Whether this view was ever shown: until then it makes nothing.
    visited: bool,
    /// The last try came to nothing; the next one waits for the person.
    failed: bool,
}

impl OriginView {
    fn start(&mut self, only_count: bool, cx: &mut TabContext<'_>) {
        let (setup, counted) = (self.setup.clone(), self.counted.clone());
        let wake = Arc::clone(&cx.wake);
        self.failed = false;
        match making::make(setup.clone(), counted, only_count, cx.compute, wake) {
            Ok(job) => {
                self.making = Some(Making {
                    job,
                    label: "Beginning".into(),
                    fraction: None,
                    curve: Vec::new(),
                    setup,
                    stopping: false,
                });
                if !only_count {
                    self.page = Page::Vectors;
                }
            }
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    fn stop(&mut self) {
        if let Some(making) = &mut self.making {
            making.job.stop();
            making.stopping = true;
        }
    }

    fn poll_making(&mut self, cx: &mut TabContext<'_>) {
        let Some(making) = &mut self.making else {
            return;
        };
        for message in making.job.poll() {
            match message {
                Message::Event(event) => making.hear(event),
                Message::Weighing => {
                    making.label = "Weighing the counts".into();
                    making.fraction = None;
                }
                Message::Counted(counted) => {
                    self.counted = Some(counted);
                    self.n_counted += 1;
                }
                Message::Finished(Ok(finished)) => {
                    self.finished = Some(finished);
                    self.n_finished += 1;
                }
                Message::Finished(Err(refusal)) => {
                    self.failed = true;
                    cx.notices.push(Notice::Refused(refusal));
                }
            }
        }
        if !making.job.is_running() {
            let failure = making.job.take_failure();
            self.failed |= failure.is_some() || making.stopping && self.counted.is_none();
            cx.notices.extend(failure.map(Notice::Refused));
            self.making = None;
        }
    }

    fn poll_probe(&mut self, cx: &mut TabContext<'_>) {
        let probe = &mut self.probe;
        if let Some(job) = &mut probe.job {
            let arrived = job.poll().pop();
            if arrived.is_none() && job.is_running() {
                return;
            }
            probe.job = None;
            probe.near = arrived;
        }
        let Some(finished) = &self.finished else {
            return;
        };
        let wanted = (probe.word.trim().to_lowercase(), self.n_finished);
        if probe.asked.as_ref() == Some(&wanted) || wanted.0.is_empty() {
            return;
        }
        let index = finished.space.find(&wanted.0);
        probe.asked = Some(wanted);
        probe.near = None;
        let Some(index) = index else { return };
        let space = finished.space.clone();
        let job = Job::spawn("look around a word", Arc::clone(&cx.wake), move |emit| {
            let mut go_on = |_| std::ops::ControlFlow::Continue(());
            let near = space.around(&space.vector(index), &[index], 12, &mut go_on);
            _ = near.map(emit);
        });
        probe.job = job.ok();
    }
}

impl Making {
    fn hear(&mut self, event: OriginEvent) {
        match event {
            OriginEvent::CountingWords { fraction, n_tokens } => {
                self.label = format!("Counting words: {}", grouped(n_tokens));
                self.fraction = Some(fraction * 0.4);
            }
            OriginEvent::Vocabulary { n_words, .. } => {
                self.label = format!("{} words are kept", grouped(n_words));
            }
            OriginEvent::CountingPairs { fraction, n_pairs } => {
                self.label = format!("Counting pairs: {}", grouped(n_pairs));
                self.fraction = Some(0.4 + fraction * 0.6);
            }
            OriginEvent::Squeezing {
                values,
                n_done,
                n_wanted,
            } => {
                self.label = format!("Squeezing: {n_done} of {n_wanted} axes are exact");
                self.fraction = Some(n_done as f32 / n_wanted.max(1) as f32);
                self.curve = values;
            }
            OriginEvent::Training {
                epoch,
                n_epochs,
                fraction,
                losses,
            } => {
                self.label = format!("Training GloVe: epoch {epoch} of {n_epochs}");
                self.fraction = Some((epoch as f32 + fraction) / n_epochs.max(1) as f32);
                self.curve = losses;
            }
        }
    }
}

impl View<Desk> for OriginView {
    fn poll(&mut self, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.poll_making(cx);
        if !self.visited {
            return;
        }
        if self.counted.is_none() && self.making.is_none() && !self.failed {
            self.start(true, cx);
        }
        self.poll_probe(cx);
    }

    fn title(&self, _desk: &Desk) -> String {
        match (&self.counted, self.page) {
            (Some(counted), Page::Counts | Page::Weights) => {
                format!("Who stands near whom in {}", counted.setup.text_name())
            }
            (_, Page::Trap) => "The popularity trap: same angle, different length".into(),
            _ => "Where word vectors come from".into(),
        }
    }

    fn stage(&mut self, ui: &mut Ui, desk: &mut Desk, _cx: &mut TabContext<'_>) {
        self.visited = true;
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = theme::size::HALF;
            for (page, label, hint) in Page::ALL {
                let chosen = self.page == page;
                let button = egui::Button::selectable(chosen, label).frame_when_inactive(true);
                if ui.add(button).on_hover_text(hint).clicked() {
                    self.page = page;
                }
            }
        });
        ui.add_space(theme::size::HALF);
        if let Some(making) = &self.making {
            let weak = theme::palette(ui.ctx()).text_weak;
            ui.horizontal(|ui| {
                let words = if making.stopping {
                    "Stopping"
                } else {
                    making.label.as_str()
                };
                ui.label(RichText::new(words).small().color(weak));
                let bar = egui::ProgressBar::new(making.fraction.unwrap_or(0.0));
                let bar = ui.add(bar.desired_height(6.0));
                ui.ctx()
                    .accesskit_node_builder(bar.id, |node| node.set_label("Progress of making"));
            });
        }
        match self.page {
            Page::Counts | Page::Weights => matrix::show(self, ui),
            Page::Vectors => vectors::show(self, ui, desk),
            Page::Trap => trap::show(self, ui),
        }
    }

    fn bench(&mut self, ui: &mut Ui, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        bench::show(self, ui, cx);
    }

    fn status(&self, _desk: &Desk) -> Vec<StatusItem> {
        let Some(counted) = &self.counted else {
            return Vec::new();
        };
        vec![StatusItem {
            label: "pairs".into(),
            value: grouped(counted.counts.matrix.n_cells()),
            tooltip: "Cells of the table of words by words that are not 0.".into(),
        }]
    }

    fn progress(&self) -> Option<Progress> {
        let making = self.making.as_ref()?;
        Some(Progress {
            label: making.label.clone(),
            fraction: making.fraction,
        })
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some([
            "Make vectors",
            "Count the text, weigh the counts and make a vector for each word.",
        ])
    }

    fn can(&self, command: Command, _desk: &Desk) -> bool {
        match command {
            Command::Run => self.making.is_none(),
            Command::Stop => self.making.is_some(),
            _ => false,
        }
    }

    fn command(&mut self, command: Command, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        match command {
            Command::Run => self.start(false, cx),
            Command::Stop => self.stop(),
            _ => {}
        }
    }

    fn accepts(&self, card: &Card) -> Option<String> {
        (card.kind == "text").then(|| "make vectors of it".into())
    }

    fn open(&mut self, path: PathBuf, _desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.path = path.to_string_lossy().into_owned();
        self.take_text(Text::File(path), cx);
    }

    fn save(&self) -> Value {
        serde_json::to_value(&self.setup).unwrap_or_default()
    }

    fn restore(&mut self, saved: &Value) {
        if let Ok(setup) = serde_json::from_value::<Setup>(saved.clone()) {
            self.setup = Setup {
                text: Text::Shipped,
                ..setup
            };
        }
    }
}

impl OriginView {
    /// Learns from this text from now on: it is counted at once.
    fn take_text(&mut self, text: Text, cx: &mut TabContext<'_>) {
        self.setup.text = text;
        self.page = Page::Counts;
        self.stop();
        self.making = None;
        self.start(true, cx);
    }
}
