//! What the tab does: it takes what its jobs sent, and answers what the person asks for.

use super::prompt::Mode;
use super::weighing::Weighing;
use super::{Desk, WriteView, Writing, Wrote};
use crate::jobs::Job;
use crate::labs::text::{Event, Overflow, Seen, StopReason, generate, look_again};
use crate::labs::text_tree::{Choice, ChosenBy, NodeId};
use crate::tabs::{Notice, TabContext};
use std::sync::Arc;

impl WriteView {
    pub(super) fn poll_all(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        let current = desk.model.current();
        let heard = (self.model.as_ref(), current);
        let is_same = match heard {
            (None, None) => true,
            (Some(own), Some(current)) => Arc::ptr_eq(own, current),
            _ => false,
        };
        if !is_same {
            self.model = current.cloned();
            self.changed_model();
        }
        self.poll_prompt(cx);
        self.poll_writing(cx);
        self.poll_looking(cx);
        self.saving.poll(cx);
        self.weigh_place();
    }

    /// Another model reads the same words as other tokens, and writes texts of its own.
    fn changed_model(&mut self) {
        self.stop();
        self.writing = None;
        self.looking = None;
        self.counting = None;
        self.prompt.changed();
        self.place = None;
        self.finished = None;
    }

    fn poll_prompt(&mut self, cx: &mut TabContext<'_>) {
        if let Some(job) = &mut self.counting {
            if let Some(seen) = job.poll().pop() {
                self.prompt.set_seen(seen);
            }
            if !job.is_running() || self.prompt.seen().is_some() {
                self.counting = None;
            }
        }
        if let Some(loaded) = self.model.as_ref()
            && self.prompt.seen().is_none()
            && self.counting.is_none()
        {
            if self.prompt.is_long() {
                let (loaded, prompt) = (Arc::clone(loaded), self.prompt.clone());
                let job = Job::spawn("read the prompt", cx.wake.clone(), move |emit| {
                    _ = emit(prompt.read(&loaded));
                });
                self.counting = job.ok();
            } else {
                let seen = self.prompt.read(loaded);
                self.prompt.set_seen(seen);
            }
        }
        if self.generate_when_read && self.prompt.seen().is_some() {
            self.generate_when_read = false;
            self.generate(cx);
        }
    }

    fn poll_writing(&mut self, cx: &mut TabContext<'_>) {
        let Some(writing) = &mut self.writing else {
            return;
        };
        let events = writing.job.poll();
        let failure = writing.job.take_failure();
        let running = writing.job.is_running();
        let (loaded, settings) = (Arc::clone(&writing.loaded), Arc::clone(&writing.settings));
        let mut ended = (!running).then_some(Ok(None));
        for event in events {
            match event {
                Wrote::Event(Event::Reading { n_done, n_total }) => {
                    writing.reading = Some((n_done, n_total));
                }
                Wrote::Event(Event::Dropped { .. }) => {}
                Wrote::Event(Event::Token(token)) => {
                    writing.reading = None;
                    let choice = Choice {
                        id: token.id,
                        bytes: token.bytes,
                        special: token.special,
                        p_raw: token.p_raw,
                        p_sampled: token.p_sampled,
                        nucleus_size: token.nucleus_size,
                        chosen_by: ChosenBy::Model,
                        n_dropped: token.n_dropped,
                        settings: Arc::clone(&settings),
                    };
                    let node = self.tree.push(choice, Some(token.logits));
                    if self.follow {
                        self.place = node;
                    }
                }
                Wrote::Done(result) => ended = Some(result.map(Some)),
            }
        }
        if let Some(refusal) = failure {
            ended = Some(Err(refusal));
        }
        match ended {
            None => return,
            Some(Ok(finished)) => {
                let stop = finished
                    .as_ref()
                    .map_or(StopReason::You, |f| f.stop.clone());
                self.tree.set_stop(stop);
                self.finished = finished;
            }
            Some(Err(refusal)) => cx.notices.push(Notice::Refused(refusal)),
        }
        drop(loaded);
        self.writing = None;
    }

    fn poll_looking(&mut self, cx: &mut TabContext<'_>) {
        let Some((node, job)) = &mut self.looking else {
            return;
        };
        let node = *node;
        match job.poll().pop().flatten() {
            Some(Ok(Some(logits))) => self.tree.keep_logits(node, logits),
            Some(Err(refusal)) => cx.notices.push(Notice::Refused(refusal)),
            Some(Ok(None)) => {}
            None if job.is_running() => return,
            None => cx.notices.extend(job.take_failure().map(Notice::Refused)),
        }
        self.looking = None;
    }

    /// Weighs the place looked at, when it, its scores or a slider changed. No forward pass.
    pub(super) fn weigh_place(&mut self) {
        let Some(place) = self.place else {
            self.weighing = None;
            return;
        };
        let sampling = &self.controls.sampling;
        if let Some(weighing) = &self.weighing
            && weighing.node == place
            && weighing.sampling == *sampling
        {
            return;
        }
        self.weighing = self.tree.logits(place).map(|logits| {
            let node = self.tree.node(place);
            let before = self.tree.ids_through(node.prompt_idx, node.parent);
            Weighing::new(place, Arc::clone(logits), before, sampling.clone())
        });
    }

    /// Writes a new text from the prompt. The same prompt, settings and seed give the same text.
    pub(super) fn generate(&mut self, cx: &mut TabContext<'_>) {
        let Some(loaded) = self.model.clone() else {
            return;
        };
        let seen: Seen = match self.prompt.seen() {
            Some(Ok(seen)) => seen.clone(),
            Some(Err(refusal)) => {
                cx.notices.push(Notice::Refused(refusal.clone()));
                return;
            }
            None => {
                self.generate_when_read = true;
                return;
            }
        };
        let request = self.controls.request(seen.ids.clone(), 0, 0);
        if let Err(refusal) = crate::labs::text::check(&loaded, &request) {
            cx.notices.push(Notice::Refused(refusal));
            return;
        }
        self.tree.begin_change();
        self.tree.start(&seen.text, &seen.ids, &loaded.name);
        self.write(cx);
    }

    /// Writes on from the text shown.
    pub(super) fn write_on(&mut self, cx: &mut TabContext<'_>) {
        if self.tree.leaf().is_some() && self.is_own_text() {
            self.tree.begin_change();
            self.write(cx);
        }
    }

    fn write(&mut self, cx: &mut TabContext<'_>) {
        let (Some(loaded), Some(cursor)) = (self.model.clone(), self.tree.cursor()) else {
            return;
        };
        let ids = self.tree.ids_through(cursor.prompt_idx, cursor.leaf);
        let leaf = cursor.leaf.map(|leaf| self.tree.node(leaf));
        let n_written = leaf.map_or(0, |leaf| leaf.depth + 1);
        let n_dropped = leaf.map_or(0, |leaf| leaf.choice.n_dropped);
        let request = self.controls.request(ids, n_written, n_dropped);
        let settings = self.controls.settings();
        let model = Arc::clone(&loaded);
        let job = Job::spawn("write", cx.wake.clone(), move |emit| {
            let finished = generate(&model, &request, &mut |event| emit(Wrote::Event(event)));
            _ = emit(Wrote::Done(finished));
        });
        self.follow = true;
        match job {
            Ok(job) => {
                self.writing = Some(Writing {
                    job,
                    loaded,
                    settings,
                    reading: None,
                });
            }
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    pub(super) fn stop(&mut self) {
        self.generate_when_read = false;
        if let Some(writing) = &self.writing {
            writing.job.stop();
        }
        if let Some((_, job)) = &self.looking {
            job.stop();
        }
    }

    /// Looks at a token of the tree.
    pub(super) fn look_at(&mut self, node: NodeId) {
        self.place = Some(node);
        self.follow = false;
    }

    /// Writes candidate `id` where the place looked at is: a new branch, and the model goes on.
    pub(super) fn pick(&mut self, id: u32, cx: &mut TabContext<'_>) {
        let (Some(place), Some(weighing), Some(loaded)) =
            (self.place, &self.weighing, self.model.clone())
        else {
            return;
        };
        if self.tree.node(place).choice.id == id || !self.is_own(place) {
            return;
        }
        let choice = Choice {
            id,
            bytes: loaded.token_bytes(id),
            special: loaded.is_special(id),
            p_raw: weighing.weighed.p_raw(id),
            p_sampled: weighing.weighed.p_sampled(id),
            nucleus_size: weighing.weighed.survivors.len(),
            chosen_by: ChosenBy::You,
            n_dropped: self.tree.node(place).choice.n_dropped,
            settings: self.controls.settings(),
        };
        let logits = self.tree.logits(place).cloned();
        self.stop();
        self.writing = None;
        self.tree.begin_change();
        self.tree.step_before(place);
        self.place = self.tree.push(choice, logits);
        if loaded.ends_text(id) {
            self.tree.set_stop(StopReason::EndOfText);
            return;
        }
        self.write(cx);
        self.follow = false;
    }

    /// Shows another text of the tree.
    pub(super) fn show_text(&mut self, leaf: NodeId) {
        self.stop();
        self.writing = None;
        self.tree.begin_change();
        self.tree.go_to(leaf);
        self.place = Some(leaf);
        self.finished = None;
    }

    pub(super) fn undo(&mut self) {
        self.tree.undo();
        self.after_travel();
    }

    pub(super) fn redo(&mut self) {
        self.tree.redo();
        self.after_travel();
    }

    fn after_travel(&mut self) {
        self.place = self.tree.leaf();
        self.finished = None;
    }

    /// Asks the model for the scores at the place again, by a real forward pass.
    pub(super) fn ask_again(&mut self, cx: &mut TabContext<'_>) {
        let (Some(place), Some(loaded)) = (self.place, self.model.clone()) else {
            return;
        };
        let ids = self.tree.context_of(place);
        let job = Job::spawn("look again", cx.wake.clone(), move |emit| {
            let looked = look_again(&loaded, &ids, &mut |_| emit(None));
            _ = emit(Some(looked));
        });
        match job {
            Ok(job) => self.looking = Some((place, job)),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    /// Takes the answer into the conversation, so that the person can reply.
    pub(super) fn reply(&mut self) {
        let text = self.text();
        self.prompt.answer(text.trim().to_owned());
    }

    /// Whether the text shown can be replied to.
    pub(super) fn can_reply(&self) -> bool {
        self.prompt.mode == Mode::Chat && self.tree.leaf().is_some() && !self.is_writing()
    }

    /// Chooses to drop the oldest tokens from now on, and goes on.
    pub(super) fn drop_oldest_and_go_on(&mut self, cx: &mut TabContext<'_>) {
        self.controls.overflow = Overflow::DropOldest;
        self.write_on(cx);
    }

    /// Whether the text shown was written by the model that is loaded.
    pub(super) fn is_own_text(&self) -> bool {
        let name = self.model.as_ref().map(|loaded| loaded.name.as_str());
        self.tree
            .prompt()
            .is_some_and(|p| Some(p.model.as_str()) == name)
    }

    /// Whether a token was written by the model that is loaded.
    pub(super) fn is_own(&self, node: NodeId) -> bool {
        let prompt_idx = self.tree.node(node).prompt_idx;
        let name = self.model.as_ref().map(|loaded| loaded.name.as_str());
        Some(self.tree.prompts()[prompt_idx].model.as_str()) == name
    }
}
