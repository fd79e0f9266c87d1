//! The walk: the whole pass as one picture, from the text to the next token, and every number in it.

mod flow;
mod numbers;
mod stage_panel;
mod stages;

use super::views::{Desk, View};
use super::{model_panel, text_panel};
use crate::command::Command;
use crate::labs::inside::Place;
use crate::labs::text::LoadedText;
use crate::tabs::parts::{caption, group, part};
use crate::tabs::{StatusItem, TabContext};
use crate::theme;
use crate::widgets::count::{grouped, megabytes};
use crate::widgets::run_button::run_button;
use crate::widgets::stage_strip::{StageDot, stage_strip};
use eframe::egui::{self, Key, Modifiers, Ui};
use numbers::Numbers;
use serde_json::{Value, json};
use stages::{Part, Stage};

/// The width of the picture of the pass.
const FLOW_WIDTH: f32 = 216.0;

/// Narrower than this, the stage has no room for the picture beside the numbers.
const ROOM_FOR_FLOW: f32 = 460.0;

/// What Run does here.
const STEP: [&str; 2] = ["Step", "Go on to the next stage of the pass (Space)."];

/// The view.
#[derive(Debug, Default)]
pub(super) struct WalkView {
    /// Which stage is looked at.
    at: usize,
    /// Which block is open, and which of its heads.
    block: usize,
    head: usize,
    /// The number that was followed to its stage.
    followed: Option<Place>,
    numbers: Numbers,
    /// The stages of the model in use; none without one.
    stages: Vec<Stage>,
}

impl WalkView {
    /// The stages of this model, block and head.
    fn lay_out(&mut self, loaded: &LoadedText) {
        let config = &loaded.config;
        self.block = self.block.min(config.n_layers.saturating_sub(1));
        self.head = self.head.min(config.n_heads.saturating_sub(1));
        let stages = stages::stages(config, self.block, self.head);
        // Another model has other stages: it stays at the same one.
        if stages.len() != self.stages.len()
            && let Some(here) = self.stages.get(self.at)
        {
            let same = stages.iter().position(|stage| here.is_same(stage));
            self.at = same.unwrap_or(self.at);
        }
        self.stages = stages;
        self.at = self.at.min(self.stages.len().saturating_sub(1));
    }

    /// Goes to a stage by its place in the pass.
    fn go(&mut self, at: usize) {
        self.at = at.min(self.stages.len().saturating_sub(1));
    }

    fn step(&mut self) {
        self.go(self.at + 1);
    }

    fn back(&mut self) {
        self.go(self.at.saturating_sub(1));
    }

    /// Opens a block and stays at the same stage of it; from outside the blocks it begins at its start.
    fn open_block(&mut self, block: usize) {
        let is_inside = |part| matches!(part, Part::Attention | Part::Mlp);
        let here = self.stages.get(self.at).map(|stage| stage.part);
        self.block = block;
        if !here.is_some_and(is_inside) {
            let first = self.stages.iter().position(|stage| is_inside(stage.part));
            self.at = first.unwrap_or(0);
        }
    }

    /// Goes where a number that is explained stands, when it is another one than before.
    fn follow(&mut self, desk: &Desk, loaded: &LoadedText) {
        let place = desk.explain.place();
        if place == self.followed {
            return;
        }
        self.followed = place;
        let Some(at) = place.map(|place| place.at) else {
            return;
        };
        let here = self.stages.get(self.at);
        if here.is_some_and(|stage| stage.at == at) {
            return;
        }
        if at.site.is_in_block() {
            self.block = at.block;
        }
        if let Some(head) = at.head {
            let config = &loaded.config;
            let is_kv = at.site.n_heads(config) < config.n_heads;
            let n_shared = config.n_heads / config.n_kv_heads.max(1);
            let is_here = !is_kv || self.head / n_shared.max(1) != head;
            if is_here {
                self.head = if is_kv { head * n_shared } else { head };
            }
        }
        self.lay_out(loaded);
        if let Some(found) = self.stages.iter().position(|stage| stage.at == at) {
            self.at = found;
        }
    }

    /// Space goes on, the arrows go on and back, where nothing else listens to them.
    fn listen(&mut self, ui: &Ui) {
        let listens = ui.memory(egui::Memory::focused).is_some();
        if listens || ui.ctx().text_edit_focused() {
            return;
        }
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if pressed(Key::Space) || pressed(Key::ArrowRight) {
            self.step();
        } else if pressed(Key::ArrowLeft) {
            self.back();
        }
    }

    fn pickers(&mut self, ui: &mut Ui, loaded: &LoadedText) {
        let config = &loaded.config;
        let last = |n: usize| n.saturating_sub(1);
        let mut block = self.block;
        for (name, hint, value, n) in [
            (
                "block",
                "Which block is open. All of them are built alike; each has weights of its own.",
                &mut block,
                config.n_layers,
            ),
            (
                "head",
                "Which head of the block is looked at. Each looks for something of its own.",
                &mut self.head,
                config.n_heads,
            ),
        ] {
            ui.horizontal(|ui| {
                let size = egui::vec2(96.0, ui.spacing().interact_size.y);
                let layout = egui::Layout::left_to_right(egui::Align::Center);
                let label = ui.allocate_ui_with_layout(size, layout, |ui| {
                    ui.set_min_width(size.x);
                    ui.label(format!("{name} (of {n})")).on_hover_text(hint)
                });
                let label = label.inner;
                theme::dress_sliders(ui);
                ui.spacing_mut().slider_width = 112.0;
                ui.add(egui::Slider::new(value, 0..=last(n)))
                    .labelled_by(label.id)
                    .on_hover_text(hint);
            });
        }
        if block != self.block {
            self.open_block(block);
        }
    }
}

impl View<Desk> for WalkView {
    fn title(&self, desk: &Desk) -> String {
        let (Some(loaded), Some(stage)) = (desk.model.current(), self.stages.get(self.at)) else {
            return "From your text to the next token, stage by stage".into();
        };
        let n = desk.text.ids().len();
        let name = &loaded.name;
        match stage.part {
            Part::Entry => format!("How {name} reads {n} tokens"),
            Part::Attention => format!("{name}, block {}: tokens look at each other", self.block),
            Part::Mlp => format!("{name}, block {}: each token by itself", self.block),
            Part::Exit => format!("What {name} expects after {n} tokens"),
        }
    }

    fn stage(&mut self, ui: &mut Ui, desk: &mut Desk, _cx: &mut TabContext<'_>) {
        desk.want_trace();
        let Some(loaded) = desk.model.current().cloned() else {
            model_panel::waiting(ui, desk);
            return;
        };
        self.lay_out(&loaded);
        self.follow(desk, &loaded);
        self.listen(ui);
        if !text_panel::is_traced(ui, desk) {
            return;
        }
        let area = ui.available_rect_before_wrap();
        let mut right = area;
        if area.width() >= ROOM_FOR_FLOW {
            let left = area.with_max_x(area.left() + FLOW_WIDTH);
            right.min.x = left.right() + theme::size::GRID * 2.0;
            part(ui, left, |ui| flow::show(self, ui, desk));
        }
        let Some(stage) = self.stages.get(self.at).cloned() else {
            return;
        };
        part(ui, right, |ui| stage_panel::show(self, &stage, ui, desk));
    }

    fn bench(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        let ready = desk.trace().is_some() && self.at + 1 < self.stages.len();
        let [label, hint] = STEP;
        if run_button(ui, false, ready, [label; 2], [hint; 2]).clicked() {
            self.step();
        }
        let back = ui.add_enabled(self.at > 0, egui::Button::new("Step back"));
        if back
            .on_hover_text("The stage before this one (←).")
            .clicked()
        {
            self.back();
        }
        egui::ScrollArea::vertical()
            .auto_shrink([false, false])
            .show(ui, |ui| {
                ui.add_space(theme::size::GRID);
                model_panel::choose(ui, desk, cx);
                text_panel::show(ui, desk);
                if let Some(loaded) = desk.model.current().cloned() {
                    group(ui, "Where");
                    self.pickers(ui, &loaded);
                }
                facts(ui, desk);
                group(ui, "Model");
                model_panel::facts(ui, desk);
                ui.add_space(theme::size::GROUP);
            });
    }

    fn has_timeline(&self) -> bool {
        !self.stages.is_empty()
    }

    fn timeline(&mut self, ui: &mut Ui, desk: &mut Desk, _cx: &mut TabContext<'_>) {
        let block = format!("block {}", self.block);
        let dots: Vec<StageDot<'_>> = (self.stages.iter())
            .map(|stage| StageDot {
                label: stage.name,
                group: match stage.part {
                    Part::Entry => "text in",
                    Part::Attention | Part::Mlp => &block,
                    Part::Exit => "next token out",
                },
                is_lit: !desk.explain.lit(stage.at).is_empty(),
            })
            .collect();
        if let Some(at) = stage_strip(ui, "Stages of the pass", &dots, self.at) {
            self.go(at);
        }
    }

    fn status(&self, desk: &Desk) -> Vec<StatusItem> {
        let Some(traced) = desk.traced() else {
            return Vec::new();
        };
        vec![
            StatusItem {
                label: "Pass".into(),
                value: format!("{:.0} ms", traced.millis),
                tooltip: "How long the whole pass took, with all of its numbers kept.".into(),
            },
            StatusItem {
                label: "Kept".into(),
                value: megabytes(traced.trace.n_bytes() as u64),
                tooltip: "Numbers of the pass that are kept in memory.".into(),
            },
        ]
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some(STEP)
    }

    fn can(&self, command: Command, desk: &Desk) -> bool {
        command == Command::Run && desk.trace().is_some() && self.at + 1 < self.stages.len()
    }

    fn command(&mut self, command: Command, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        if command == Command::Run {
            self.step();
        }
    }

    fn save(&self) -> Value {
        json!({ "stage": self.at, "block": self.block, "head": self.head })
    }

    fn restore(&mut self, saved: &Value) {
        let number = |key: &str| saved[key].as_u64().unwrap_or_default() as usize;
        self.at = number("stage");
        self.block = number("block");
        self.head = number("head");
    }
}

/// What the pass cost, and what of it is there.
fn facts(ui: &mut Ui, desk: &Desk) {
    let Some(traced) = desk.traced() else {
        return;
    };
    group(ui, "This pass");
    let trace = &traced.trace;
    let (kept, all) = trace.n_kept();
    let derived = match trace.n_derived() {
        0 => "none was yet".to_owned(),
        1 => "one block was".to_owned(),
        n => format!("{} blocks were", grouped(n)),
    };
    caption(
        ui,
        format!(
            "It took {:.0} ms. {} of its {} tensors are kept, {}; the others are computed again, block by block, when somebody looks: {derived}.",
            traced.millis,
            grouped(kept),
            grouped(all),
            megabytes(trace.n_bytes() as u64)
        ),
    );
    caption(
        ui,
        "Click a number, and see the equation that made it, with its real terms.",
    );
}
