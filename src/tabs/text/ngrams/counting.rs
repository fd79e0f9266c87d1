//! The job that counts, and what it counted last.

use super::setup::Setup;
use crate::jobs::Job;
use crate::labs::ngrams::{self, Counted, MAX_ORDER, Source, Unit};
use crate::refusal::{Refusal, Result};
use crate::tabs::{Notice, Progress, TabContext};
use crate::theme;
use crate::widgets::count::grouped;
use eframe::egui::{self, RichText, Ui};
use std::sync::Arc;

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    source: Source,
    unit: Unit,
    order: usize,
}

impl Key {
    fn of(setup: &Setup) -> Self {
        Self {
            source: setup.source.clone(),
            unit: setup.unit,
            // How long a file is, the job finds out: the window does not read the disk.
            order: match setup.source {
                Source::File(_) => setup.n,
                _ => MAX_ORDER,
            },
        }
    }

    /// Whether counts of this serve for what is wanted.
    fn serves(&self, wanted: &Self) -> bool {
        self.source == wanted.source && self.unit == wanted.unit && self.order >= wanted.order
    }
}

#[derive(Debug)]
enum Message {
    Progress(ngrams::Progress),
    Done(Result<Counted>),
}

#[derive(Debug)]
struct Running {
    key: Key,
    job: Job<Message>,
    progress: ngrams::Progress,
}

/// The counts, and the job on its way to others.
#[derive(Debug, Default)]
pub(super) struct Counting {
    running: Option<Running>,
    counted: Option<(u64, Key, Arc<Counted>)>,
    /// What could not be counted.
    failed: Option<(Key, Refusal)>,
    /// What is chosen.
    wanted: Option<Key>,
    n_versions: u64,
}

impl Counting {
    /// The counts of what is chosen, and a number that differs for each.
    pub(super) fn counted(&self) -> Option<(u64, &Arc<Counted>)> {
        let (version, key, counted) = self.counted.as_ref()?;
        let wanted = self.wanted.as_ref()?;
        let is_chosen = (&key.source, key.unit) == (&wanted.source, wanted.unit);
        is_chosen.then_some((*version, counted))
    }

    pub(super) fn next_version(&mut self) -> u64 {
        self.n_versions += 1;
        self.n_versions
    }

    pub(super) fn is_running(&self) -> bool {
        self.running.is_some()
    }

    pub(super) fn forget_failure(&mut self) {
        self.failed = None;
        self.wanted = None;
    }

    pub(super) fn stop(&mut self) {
        if let Some(running) = &self.running {
            running.job.stop();
        }
    }

    /// Begins to count what is chosen, and takes what was counted.
    pub(super) fn poll(&mut self, setup: &Setup, cx: &mut TabContext<'_>) {
        self.hear(cx);
        let key = Key::of(setup);
        self.wanted = Some(key.clone());
        let serves = |key: &Key, of: &Key| of.serves(key);
        let is_there = self
            .counted
            .as_ref()
            .is_some_and(|(_, of, _)| serves(&key, of));
        let is_coming = self
            .running
            .as_ref()
            .is_some_and(|of| serves(&key, &of.key));
        let has_failed = self.failed.as_ref().is_some_and(|(of, _)| serves(&key, of));
        if is_there {
            self.running = None;
        }
        if is_there || is_coming || has_failed {
            return;
        }
        let Key {
            source,
            unit,
            order,
        } = key.clone();
        let job = Job::spawn("count n-grams", Arc::clone(&cx.wake), move |emit| {
            let mut told = |progress| emit(Message::Progress(progress));
            let order = ngrams::order_at_once(&source, order);
            let counted = ngrams::count(&source, unit, order, &mut told);
            _ = emit(Message::Done(counted));
        });
        match job {
            Ok(job) => {
                self.running = Some(Running {
                    key,
                    job,
                    progress: ngrams::Progress {
                        fraction: 0.0,
                        n_symbols: 0,
                    },
                });
            }
            Err(refusal) => self.failed = Some((key, refusal)),
        }
    }

    /// What is counted still, where what was chosen could not be.
    pub(super) fn still_there(&self, setup: &Setup) -> Option<(Source, Unit)> {
        let (failed, _) = self.failed.as_ref()?;
        let (_, there, _) = self.counted.as_ref()?;
        let is_chosen = (&failed.source, failed.unit) == (&setup.source, setup.unit);
        is_chosen.then(|| (there.source.clone(), there.unit))
    }

    fn hear(&mut self, cx: &mut TabContext<'_>) {
        let Some(mut running) = self.running.take() else {
            return;
        };
        for message in running.job.poll() {
            match message {
                Message::Progress(progress) => running.progress = progress,
                Message::Done(Ok(counted)) => {
                    let version = self.next_version();
                    let key = Key {
                        order: counted.table.order(),
                        ..running.key.clone()
                    };
                    self.counted = Some((version, key, Arc::new(counted)));
                }
                Message::Done(Err(refusal)) => {
                    cx.notices.push(Notice::Refused(refusal.clone()));
                    self.failed = Some((running.key.clone(), refusal));
                }
            }
        }
        if running.job.is_running() {
            self.running = Some(running);
        } else if let Some(refusal) = running.job.take_failure() {
            cx.notices.push(Notice::Refused(refusal.clone()));
            self.failed = Some((running.key, refusal));
        }
    }

    fn label(&self) -> Option<(String, f32)> {
        let running = self.running.as_ref()?;
        let n = grouped(running.progress.n_symbols as usize);
        let what = match running.key.unit {
            Unit::Letters => "letters",
            Unit::Words => "words",
        };
        let name = running.key.source.name();
        Some((
            format!("Counting {name}: {n} {what}"),
            running.progress.fraction,
        ))
    }

    pub(super) fn progress(&self) -> Option<Progress> {
        let (label, fraction) = self.label()?;
        Some(Progress {
            label,
            fraction: Some(fraction),
        })
    }

    /// How far it is, where it takes long.
    pub(super) fn show_progress(&self, ui: &mut Ui) {
        let Some((label, fraction)) = self.label() else {
            return;
        };
        let weak = theme::palette(ui.ctx()).text_weak;
        ui.horizontal(|ui| {
            ui.label(RichText::new(label).small().color(weak));
            let bar = ui.add(egui::ProgressBar::new(fraction).desired_height(6.0));
            ui.ctx()
                .accesskit_node_builder(bar.id, |node| node.set_label("Progress of counting"));
        });
    }

    /// The stage before there is anything on it.
    pub(super) fn show_nothing(&self, ui: &mut Ui) {
        let words = match &self.failed {
            Some((_, refusal)) => {
                format!("{}. {} {}", refusal.what, refusal.evidence, refusal.next)
            }
            None => "The counts appear here.".into(),
        };
        super::sentence(ui, words);
    }
}
