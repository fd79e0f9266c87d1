//! Paint: a hand changes the picture, and the sound follows.
//!
//! The [`worker`] keeps the canvas; the [`stage`] is where a hand paints; the [`bench`] has the tools.

mod bench;
mod stage;
mod tools;
mod worker;

use super::in_use::InUse;
use super::looking::Looking;
use super::settings::Chosen;
use super::views::{Desk, View};
use crate::command::Command;
use crate::labs::sound::painting::Stroke;
use crate::tabs::saving::Saving;
use crate::tabs::{Notice, Progress, StatusItem, TabContext};
use crate::widgets::spectrogram::SpectrogramState;
use crate::widgets::time_span::TimeSpan;
use eframe::egui::{Id, Ui};
use serde_json::{Value, json};
use std::time::Instant;
use tools::{Hand, Tools};
use worker::{Order, Painted, Worker};

/// The state of this view.
#[derive(Debug)]
pub(in crate::tabs::sound) struct PaintView {
    tools: Tools,
    hand: Hand,
    chosen: Chosen,
    looking: Looking,
    texture: SpectrogramState,
    /// The sound that the span is of.
    sound: u64,
    span: TimeSpan,
    /// The sound that the canvas is of, and the version it has left on the desk.
    canvas: Option<(u64, u64)>,
    worker: Option<Worker>,
    /// Orders whose outcome is not here yet.
    n_waiting: usize,
    /// Steps that can be taken back and done again.
    steps: [usize; 2],
    /// From the lifted hand to the sound on its way to the output, in milliseconds.
    millis: Option<f64>,
    saving: Saving,
}

impl Default for PaintView {
    fn default() -> Self {
        Self {
            tools: Tools::default(),
            hand: Hand::default(),
            chosen: Chosen::default(),
            looking: Looking::default(),
            texture: SpectrogramState::default(),
            sound: 0,
            span: TimeSpan::all(0.0),
            canvas: None,
            worker: None,
            n_waiting: 0,
            steps: [0, 0],
            millis: None,
            saving: Saving::default(),
        }
    }
}

impl PaintView {
    pub(in crate::tabs::sound) fn set_save_path(&mut self, path: &str) {
        self.saving.set_path(path);
    }

    /// Another sound is shown from its beginning.
    fn meet(&mut self, sound: &InUse) {
        let total = sound.sound.secs();
        if self.sound != sound.number {
            self.span = TimeSpan::all(total);
            self.sound = sound.number;
            self.steps = [0, 0];
            self.hand = Hand::default();
        } else if self.span.total != total {
            self.span = TimeSpan::all(total);
        }
    }

    /// Gives an order to the canvas of the sound on the desk. Every order has one answer.
    fn order(&mut self, order: Order, desk: &Desk, cx: &mut TabContext<'_>) {
        let Some(sound) = &desk.sound else { return };
        if self.worker.is_none() {
            match Worker::start(cx) {
                Ok(worker) => self.worker = Some(worker),
                Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
            }
            self.canvas = None;
        }
        let Some(worker) = &self.worker else { return };
        let is_current = self.canvas.is_some_and(|(number, version)| {
            number == sound.number && (version == sound.version || self.n_waiting > 0)
        });
        if !is_current && worker.order(Order::Take(sound.clone())) {
            self.n_waiting += 1;
            self.canvas = Some((sound.number, sound.version));
        }
        if worker.order(order) {
            self.n_waiting += 1;
        }
    }

    fn paint(&mut self, stroke: Stroke, desk: &Desk, cx: &mut TabContext<'_>) {
        self.order(Order::Paint(stroke, Instant::now()), desk, cx);
    }

    fn poll_worker(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        let Some(worker) = &mut self.worker else {
            return;
        };
        let arrived = worker.job.poll();
        let is_over = !worker.job.is_running();
        let failure = worker.job.take_failure();
        self.n_waiting = self.n_waiting.saturating_sub(arrived.len());
        for painted in arrived {
            match painted {
                Ok(Some(painted)) => self.take(painted, desk, cx),
                Ok(None) => {}
                Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
            }
        }
        if is_over {
            cx.notices.extend(failure.map(Notice::Refused));
            self.worker = None;
            self.n_waiting = 0;
        }
    }

    /// Puts on the desk what was painted, and lets it be heard.
    fn take(&mut self, painted: Painted, desk: &mut Desk, cx: &mut TabContext<'_>) {
        let is_here = |it: &InUse| it.number == painted.number;
        if !desk.sound.as_ref().is_some_and(is_here) {
            return;
        }
        self.steps = painted.steps;
        desk.change(painted.opened);
        let Some(sound) = desk.sound.clone() else {
            return;
        };
        if painted.is_cut && sound.version == 1 {
            let told = "Only the first minute is painted on; the rest was left out.";
            cx.notices.push(Notice::Done(told.into()));
        }
        self.canvas = Some((sound.number, sound.version));
        if desk.player.is_playing(sound.id()) {
            desk.player.replace(sound.track());
        } else if painted.since.is_some() && self.tools.is_heard && desk.player.obstacle().is_none()
        {
            let part = sound.part(painted.changed, Id::unique("what was painted"));
            desk.player.play(part, 0.0, None);
        }
        self.millis = painted.since.map(|it| it.elapsed().as_secs_f64() * 1000.0);
    }
}

impl View<Desk> for PaintView {
    fn poll(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.poll_worker(desk, cx);
        self.looking.poll(cx);
        self.saving.poll(cx);
        if let Some(sound) = desk.sound.clone() {
            self.meet(&sound);
            self.looking
                .ask(&sound, &self.chosen, self.span.visible, cx);
        }
    }

    fn title(&self, desk: &Desk) -> String {
        match &desk.sound {
            Some(sound) => format!("Paint on {}", sound.sound.name()),
            None => "Paint on a sound".into(),
        }
    }

    fn stage(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.saving.show(ui, cx);
        stage::show(self, ui, desk, cx);
    }

    fn bench(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        bench::show(self, ui, desk, cx);
    }

    fn status(&self, _desk: &Desk) -> Vec<StatusItem> {
        let item = |millis: f64| {
            StatusItem {
            label: "paint to sound".into(),
            value: format!("{millis:.0} ms"),
            tooltip: "From the lifted hand to the new samples on their way to the output. The output itself holds about 40 ms more.".into(),
        }
        };
        self.millis.map(item).into_iter().collect()
    }

    fn progress(&self) -> Option<Progress> {
        (self.n_waiting > 0).then(|| Progress {
            label: "Painting".into(),
            fraction: None,
        })
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some(bench::PLAY)
    }

    fn can(&self, command: Command, desk: &Desk) -> bool {
        match command {
            Command::Run => desk.sound.is_some() && desk.player.obstacle().is_none(),
            Command::Undo => self.steps[0] > 0,
            Command::Redo => self.steps[1] > 0,
            _ => false,
        }
    }

    fn command(&mut self, command: Command, desk: &mut Desk, cx: &mut TabContext<'_>) {
        match command {
            Command::Run => {
                if let Some(sound) = desk.sound.clone() {
                    desk.player.toggle(sound.track());
                }
            }
            Command::Undo => self.order(Order::Undo, desk, cx),
            Command::Redo => self.order(Order::Redo, desk, cx),
            _ => {}
        }
    }

    fn save(&self) -> Value {
        json!({ "tools": self.tools })
    }

    fn restore(&mut self, saved: &Value) {
        if let Ok(tools) = serde_json::from_value::<Tools>(saved["tools"].clone()) {
            self.tools = tools.checked();
        }
    }
}
