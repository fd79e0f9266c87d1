//! What happens: learning begins, stops and goes on; what the jobs send becomes the state.

use super::YoursView;
use super::learning::{Message, Wish, learn};
use super::setup::Setup;
use crate::labs::diffusion::Denoiser;
use crate::labs::diffusion::lora::{Adapter, Asked, Recipe, Snapshot, State, asked};
use crate::tabs::images::views::Desk;
use crate::tabs::{Notice, TabContext};
use crate::widgets::count::grouped;
use std::sync::Arc;

impl YoursView {
    /// Lets go of what is on the stage.
    pub(super) fn forget(&mut self) {
        *self = Self {
            setup: self.setup.clone(),
            base: self.base.take(),
            is_worn: self.is_worn,
            number: self.number + 1,
            keeping: std::mem::take(&mut self.keeping),
            ..Self::default()
        };
    }

    /// What the run button does: start, stop, or go on.
    pub(super) fn press_run(&mut self, desk: &Desk, cx: &mut TabContext<'_>) {
        if let Some(job) = &self.job {
            job.stop();
            self.stopping = true;
        } else if self.can_go_on() {
            self.start(self.last.clone(), desk, cx);
        } else {
            self.start_anew(desk, cx);
        }
    }

    pub(super) fn start_anew(&mut self, desk: &Desk, cx: &mut TabContext<'_>) {
        self.forget();
        self.start(None, desk, cx);
    }

    pub(super) fn start(&mut self, from: Option<Arc<State>>, desk: &Desk, cx: &mut TabContext<'_>) {
        let Some(base) = desk.model.base().cloned() else {
            return;
        };
        let recipe = match (&from, &self.recipe) {
            // What it learns was settled when it began; how long it learns may change.
            (Some(_), Some(begun)) => Recipe {
                n_steps: self.setup.n_steps,
                ..begun.clone()
            },
            _ => self.setup.recipe(),
        };
        if from.is_none() {
            self.started = Some(self.setup.clone());
        }
        self.ended = None;
        self.stopping = false;
        self.selected = None;
        self.recipe = Some(recipe.clone());
        self.base = Some(Arc::clone(&base));
        match learn(base, recipe, from, cx.compute, Arc::clone(&cx.wake)) {
            Ok(job) => self.job = Some(job),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    /// Whether it was stopped before its last step, and nothing else was chosen since.
    pub(super) fn can_go_on(&self) -> bool {
        let Some(state) = &self.last else {
            return false;
        };
        let same = self.started.as_ref().is_some_and(|started| {
            let now = Setup {
                n_steps: started.n_steps,
                ..self.setup.clone()
            };
            now == *started
        });
        same && state.adapter.step < self.setup.n_steps
    }

    pub(super) fn is_running(&self) -> bool {
        self.job.is_some()
    }

    pub(super) fn poll_job(&mut self, cx: &mut TabContext<'_>) {
        let Some(mut job) = self.job.take() else {
            return;
        };
        for message in job.poll() {
            self.hear(message, cx);
        }
        if job.is_running() {
            self.job = Some(job);
            return;
        }
        cx.notices.extend(job.take_failure().map(Notice::Refused));
        self.drawing = None;
        self.stopping = false;
    }

    pub(super) fn hear(&mut self, message: Message, cx: &mut TabContext<'_>) {
        match message {
            Message::Alive => {}
            Message::Prepared(prepared) => {
                if prepared.n_steps_before == 0 {
                    self.losses = Default::default();
                    self.snapshots.clear();
                }
                self.prepared = Some(prepared);
            }
            Message::Drawing(done, of) => self.drawing = Some((done, of)),
            Message::Prior(pictures) => {
                self.drawing = None;
                self.prior = Some(pictures);
            }
            Message::Turns(turns) => {
                for turn in &turns {
                    self.losses[0].push(turn.loss);
                    self.losses[1].extend(turn.prior_loss);
                }
                self.turn = turns.last().copied().or(self.turn);
            }
            Message::Snapshot(snapshot) => {
                self.snapshots.retain(|kept| kept.step != snapshot.step);
                self.snapshots.push(snapshot);
            }
            Message::Ended(Ok(outcome)) => {
                let step = outcome.state.adapter.step;
                self.ended = Some(match &outcome.trouble {
                    Some(trouble) => format!("Ended: {}.", trouble.what),
                    None if outcome.stopped => format!("Stopped after {} steps.", grouped(step)),
                    None => format!("Done after {} steps.", grouped(step)),
                });
                cx.notices.extend(outcome.trouble.map(Notice::Refused));
                self.last = (step > 0).then_some(outcome.state);
            }
            Message::Ended(Err(refusal)) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    /// The snapshot at hand.
    pub(super) fn snapshot(&self) -> Option<&Snapshot> {
        match self.selected {
            Some(i) => self.snapshots.get(i),
            None => self.snapshots.last(),
        }
    }

    /// What was learned, as far as the snapshot at hand.
    pub(super) fn adapter(&self) -> Option<&Adapter> {
        match self.snapshot() {
            Some(snapshot) => Some(&snapshot.state.adapter),
            None => self.opened.as_ref().map(|(adapter, _)| adapter),
        }
    }

    /// What each picture of a column was asked to show.
    pub(super) fn asked(&self) -> &[Asked] {
        match (&self.prepared, &self.opened) {
            (Some(prepared), _) => &prepared.asked,
            (None, Some((_, asked))) => asked,
            (None, None) => &[],
        }
    }

    /// Asks for the pictures at the chosen scale, where no snapshot shows them already.
    pub(super) fn wish_live(&mut self, cx: &mut TabContext<'_>) {
        let Some(base) = self.base.clone() else {
            return;
        };
        let Some(adapter) = self.adapter() else {
            return;
        };
        let is_shown = self.scale == 1.0 && !self.snapshots.is_empty();
        if is_shown && !self.is_worn {
            return;
        }
        let wish = Wish {
            step: adapter.step,
            scale: self.scale,
        };
        let what = (adapter.clone(), self.asked().to_vec());
        let wished = self
            .live
            .wish(wish, &base, what, cx.compute, Arc::clone(&cx.wake));
        cx.notices.extend(wished.err().map(Notice::Refused));
    }

    /// Lends the other views the model with the word, or takes it back.
    pub(super) fn lend(&mut self, desk: &mut Desk) {
        if !self.is_worn {
            if self.worn.take().is_some() {
                desk.model.wear(None);
            }
            return;
        }
        if let (Some(model), Some(wish)) = (&self.live.model, self.live.wished())
            && self.worn != Some(wish)
            && !self.live.is_drawing()
        {
            self.worn = Some(wish);
            desk.model.wear(Some(Arc::clone(model)));
        }
    }

    /// How far each weight was changed, once for every snapshot that is looked at.
    pub(super) fn measure(&mut self) {
        let Some((adapter, base)) = self.adapter().zip(self.base.as_ref()) else {
            self.changes = None;
            return;
        };
        if self
            .changes
            .as_ref()
            .is_none_or(|(step, _)| *step != adapter.step)
        {
            let changes = adapter.changes(base).unwrap_or_default();
            self.changes = Some((adapter.step, changes));
        }
    }
}

/// What a snapshot of a word that was opened shows.
pub(super) fn asked_of(base: &Denoiser, adapter: &Adapter) -> Vec<Asked> {
    let recipe = Recipe {
        word: adapter.word.clone(),
        ..Recipe::default()
    };
    asked(base, &recipe)
}
