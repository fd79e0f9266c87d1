//! What the benches of all trainings have in common: run and pause, going on from a snapshot, the ways.

use super::{Course, Lesson};
use crate::tabs::TabContext;
use crate::tabs::images::ways::Shot;
use crate::tabs::parts::{caption, choice, group};
use crate::widgets::count::grouped;
use crate::widgets::run_button::run_button;
use eframe::egui::{Button, Ui, vec2};

impl<L: Lesson> Course<L> {
    /// The run button, and what stands below it.
    pub(in crate::tabs::images) fn run_bench(
        &mut self,
        setup: &L::Setup,
        ui: &mut Ui,
        cx: &mut TabContext<'_>,
    ) {
        let (running, paused) = (self.is_training(), self.is_paused());
        let [start, start_hint] = if paused {
            [
                "Go on",
                "Train on from where it stands, with the settings below.",
            ]
        } else {
            L::WORDS.start
        };
        let pause_hint = format!(
            "Wait after the current {}. Nothing is lost: go on at any time.",
            L::WORDS.step
        );
        let enabled = running || L::recipe(setup).is_some();
        let hints = [start_hint, &pause_hint];
        if run_button(ui, running, enabled, [start, "Pause"], hints).clicked() {
            self.press_run(setup, cx);
        }
        self.go_on_button(setup, ui, cx);
        if running || paused {
            let started = self.started.as_ref();
            let is_another = started.is_some_and(|started| L::is_another(started, setup));
            ui.horizontal(|ui| {
                ui.spacing_mut().button_padding = vec2(8.0, 3.0);
                ui.spacing_mut().interact_size.y = 28.0;
                let hint =
                    "Let go of what was learned and begin again with everything chosen below.";
                if ui.button("Start anew").on_hover_text(hint).clicked() {
                    self.start_anew(setup, cx);
                }
                if is_another {
                    caption(ui, "needed for what was changed");
                }
            });
        }
    }

    /// While an earlier snapshot is on the stage: another way can begin there.
    fn go_on_button(&mut self, setup: &L::Setup, ui: &mut Ui, cx: &mut TabContext<'_>) {
        let Some(frame) = self.film.selected().and(self.film.here()) else {
            return;
        };
        let step = grouped(frame.snapshot.step());
        let label = format!("Go on from {} {step}", L::WORDS.step);
        let can = self.film.can_go_on_from_here();
        let hint = format!(
            "Train on from {} with the settings below; what came after is kept as another way.",
            L::WORDS.this
        );
        let missing = format!(
            "{} no longer kept: those of all snapshots would take too much memory.",
            L::WORDS.gone
        );
        let button = ui.add_enabled(can, Button::new(label)).on_hover_text(hint);
        if button.on_disabled_hover_text(missing).clicked() {
            self.go_on_from_here(setup, cx);
        }
    }

    /// The ways that were taken, where there are several.
    pub(in crate::tabs::images) fn ways_bench(&mut self, ui: &mut Ui) {
        let (names, shown) = self.film.ways();
        if names.is_empty() {
            return;
        }
        group(ui, "Ways taken");
        for (i, name) in names.iter().enumerate() {
            let hint = "Put the film of this way on the strip below.";
            if choice(ui, i == shown, name, hint) && i != shown {
                self.film.show_way(i);
            }
        }
    }
}
