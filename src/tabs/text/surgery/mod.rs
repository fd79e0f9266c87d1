//! Surgery: parts of the model switched off, scaled, or made to say what they said about another text;
//! a real forward pass follows every cut, and the next token's candidates show before and after.

mod bench;
mod grid;
mod outcome;

use super::question::Question;
use super::views::{Desk, Handed, View};
use super::{model_panel, text_panel};
use crate::labs::inside::surgery::{Operation, Outcome, Part, Way, operate};
use crate::labs::inside::sweep::{Sweep, sweep};
use crate::labs::text::{LoadedText, read_raw};
use crate::tabs::{Progress, TabContext};
use eframe::egui::Ui;
use serde_json::{Value, json};
use std::sync::Arc;

/// What a click on a part does to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Kind {
    #[default]
    Off,
    Scale,
    Patch,
}

/// A cut through which pass, with which other text.
type CutKey = (u64, Vec<Operation>, Option<Vec<u32>>);

/// The view.
#[derive(Debug)]
pub(super) struct SurgeryView {
    is_shown: bool,
    operations: Vec<Operation>,
    kind: Kind,
    factor: f32,
    /// The position that is operated on; `None` for all of them.
    position: Option<usize>,
    /// The text that is patched from, and its tokens.
    other: String,
    other_ids: Option<Vec<u32>>,
    /// The neuron that is written of.
    neuron: [usize; 2],
    outcome: Question<CutKey, Outcome>,
    /// Whether every part is to be switched off in turn.
    sweeps: bool,
    swept: Question<u64, Sweep>,
    /// The model that the operations are of.
    reader: Option<Arc<LoadedText>>,
    /// The pass that they were last held against.
    version: u64,
}

impl Default for SurgeryView {
    fn default() -> Self {
        Self {
            is_shown: false,
            operations: Vec::new(),
            kind: Kind::default(),
            factor: 0.5,
            position: None,
            other: "The capital of Germany is".into(),
            other_ids: None,
            neuron: [0, 0],
            outcome: Question::new("Operating"),
            sweeps: false,
            swept: Question::new("Switching every part off in turn"),
            reader: None,
            version: 0,
        }
    }
}

impl SurgeryView {
    fn way(&self) -> Way {
        match self.kind {
            Kind::Off => Way::Off,
            Kind::Scale => Way::Scale(self.factor),
            Kind::Patch => Way::Patch,
        }
    }

    /// What is done to a part at the position that is looked at.
    fn done_to(&self, part: Part) -> Option<&Operation> {
        let mut all = self.operations.iter();
        all.find(|o| o.part == part && o.position == self.position)
    }

    /// Does it to a part, or undoes what was done to it.
    fn toggle(&mut self, part: Part) {
        let (position, way) = (self.position, self.way());
        let was = self.operations.len();
        self.operations
            .retain(|o| !(o.part == part && o.position == position));
        if self.operations.len() == was {
            self.operations.push(Operation {
                part,
                position,
                way,
            });
        }
    }

    /// Operations of the chosen kind follow the slider.
    fn rescale(&mut self) {
        for operation in &mut self.operations {
            if let Way::Scale(factor) = &mut operation.way {
                *factor = self.factor;
            }
        }
    }

    /// Another model or a shorter text has fewer parts.
    fn forget_what_is_not_there(&mut self, loaded: &Arc<LoadedText>, n: usize, version: u64) {
        let is_same = self.reader.as_ref().is_some_and(|r| Arc::ptr_eq(r, loaded));
        if !is_same {
            self.operations.clear();
            self.other_ids = None;
            self.sweeps = false;
            self.swept.forget();
            self.outcome.forget();
            self.reader = Some(Arc::clone(loaded));
        }
        if self.version == version {
            return;
        }
        self.version = version;
        self.position = self.position.filter(|&at| at < n);
        let is_there = |o: &Operation| o.position.is_none_or(|at| at < n);
        self.operations.retain(is_there);
    }
}

impl View<Desk> for SurgeryView {
    fn poll(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.outcome.poll();
        self.swept.poll();
        let Some(traced) = desk.traced().filter(|_| std::mem::take(&mut self.is_shown)) else {
            return;
        };
        let (version, trace) = (traced.version, Arc::clone(&traced.trace));
        let n = trace.n_positions();
        self.forget_what_is_not_there(trace.loaded(), n, version);
        if let Some(Handed::Cut(part)) = desk.handed {
            desk.handed = None;
            self.kind = Kind::Off;
            self.position = None;
            if self.done_to(part).is_none() {
                self.toggle(part);
            }
        }
        let patches = self.operations.iter().any(|o| o.way == Way::Patch);
        if patches && self.other_ids.is_none() {
            let seen = read_raw(trace.loaded(), &self.other);
            self.other_ids = Some(seen.map_or_else(|_| Vec::new(), |seen| seen.ids));
        }
        let other = self.other_ids.clone().filter(|_| patches);
        // Where the text for them is still on its way, they wait.
        let in_text = |o: &&Operation| o.position.is_none_or(|at| at < n);
        let operations: Vec<Operation> = self.operations.iter().filter(in_text).copied().collect();
        let key = (version, operations.clone(), other.clone());
        let read = Arc::clone(&trace);
        self.outcome.ask(key, cx, move |go| {
            let other = other.as_deref();
            operate(read.loaded(), read.ids(), &operations, other, go)
        });
        if self.sweeps {
            self.swept.ask(version, cx, move |go| {
                sweep(trace.loaded(), trace.ids(), None, go)
            });
        }
    }

    fn title(&self, desk: &Desk) -> String {
        let name = desk
            .model
            .current()
            .map_or("the model", |loaded| &loaded.name);
        match self.operations.len() {
            0 => format!("Switch parts of {name} off and see what it says"),
            1 => format!("{name} with {}", bench::in_words(&self.operations[0])),
            n => format!("{name} with {n} parts changed"),
        }
    }

    fn stage(&mut self, ui: &mut Ui, desk: &mut Desk, _cx: &mut TabContext<'_>) {
        desk.want_trace();
        self.is_shown = true;
        let Some(loaded) = desk.model.current().cloned() else {
            model_panel::waiting(ui, desk);
            return;
        };
        if !text_panel::is_traced(ui, desk) {
            return;
        }
        grid::show(self, ui, &loaded);
        outcome::show(self, ui, desk, &loaded);
    }

    fn bench(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        bench::show(self, ui, desk, cx);
    }

    fn progress(&self) -> Option<Progress> {
        self.outcome.progress().or_else(|| self.swept.progress())
    }

    fn save(&self) -> Value {
        json!({ "other": self.other })
    }

    fn restore(&mut self, saved: &Value) {
        if let Some(other) = saved["other"].as_str() {
            other.clone_into(&mut self.other);
        }
    }
}
