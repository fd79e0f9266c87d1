//! Choosing well: greedy, draws and beam search from the text at hand, on one tree.
//!
//! [`asking`] is the worker; [`layout`] says where each token stands; [`tree_panel`] draws the tree and
//! [`paths_panel`] the paths with the sums of their log-probabilities.

mod asking;
mod bench;
mod layout;
mod paths_panel;
mod tree_panel;

use super::views::{Desk, View};
use crate::command::Command;
use crate::labs::choosing::{Choices, How, Path};
use crate::tabs::parts::part;
use crate::tabs::{Progress, StatusItem, TabContext};
use crate::theme;
use asking::{Asking, Setup};
use eframe::egui::{Color32, RichText, Ui};
use serde_json::Value;

/// The state of this view.
#[derive(Debug, Default)]
pub(super) struct ChoosingView {
    setup: Setup,
    asking: Asking,
    /// The token whose path is added up, and the tree it stands in.
    chosen: Option<(u64, usize)>,
    /// Whether this view was ever shown: until then it asks nothing.
    visited: bool,
}

impl ChoosingView {
    /// The token whose path is added up: the chosen one, or where the best beam ends.
    fn looked_at(&self) -> Option<usize> {
        let (number, choices) = self.asking.choices()?;
        let chosen = self
            .chosen
            .filter(|(of, token)| *of == number && *token < choices.tokens.len());
        let best = || {
            choices
                .path_of(How::Beam(0))
                .or_else(|| choices.paths.first())
        };
        chosen
            .map(|(_, token)| token)
            .or_else(|| Some(best()?.last))
    }
}

/// The colour of a way to choose.
fn ink(ui: &Ui, how: How) -> Color32 {
    let colors = theme::palette(ui.ctx());
    match how {
        How::Greedy => colors.hues[1],
        How::Beam(0) => colors.accent,
        How::Beam(_) => theme::mix(colors.stage, colors.accent, 0.55),
        How::Drawn(i) => colors.hues[[8, 6, 5, 4][i % 4]],
    }
}

/// What a way to choose is called.
fn name(how: How) -> String {
    match how {
        How::Greedy => "Greedy".into(),
        How::Beam(0) => "Beam, best".into(),
        How::Beam(i) => format!("Beam, {}", i + 1),
        How::Drawn(i) => format!("Drawn {}", i + 1),
    }
}

/// A number with a true minus.
fn minus(x: f64, digits: usize) -> String {
    format!("{x:.digits$}").replace('-', "−")
}

/// Whether greedy was short-sighted here, in a sentence.
fn verdict(choices: &Choices) -> Option<String> {
    let greedy = choices.path_of(How::Greedy)?;
    let beam = choices.path_of(How::Beam(0))?;
    let [sum, best] = [greedy.sum, beam.sum].map(|sum| minus(sum, 2));
    if greedy.last == beam.last {
        return Some(format!(
            "Greedy and beam search agree here: their text has a sum of {sum}, and no beam found a better one."
        ));
    }
    let comparable = |path: &Path| path.n_tokens;
    if comparable(greedy) != comparable(beam) {
        return Some(format!(
            "Greedy: {sum} over {} tokens. Beam search: {best} over {}; texts of different length are compared by their sum divided by a power of it.",
            greedy.n_tokens, beam.n_tokens
        ));
    }
    let times = (beam.sum - greedy.sum).exp();
    Some(if times > 1.0 {
        format!(
            "Greedy is short-sighted here: {sum} against {best}. The text that beam search found is {times:.1} times as probable, though it does not take the likeliest token at every step."
        )
    } else {
        format!(
            "Greedy: {sum}; beam search: {best}. Too few beams can lose the text that greedy finds: add some."
        )
    })
}

impl View<Desk> for ChoosingView {
    fn poll(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.asking.hear(cx);
        if self.visited {
            self.asking.ask(&self.setup, desk, cx);
        }
    }

    fn title(&self, _desk: &Desk) -> String {
        "Choosing well: greedy, drawn, or beam search".into()
    }

    fn stage(&mut self, ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        self.visited = true;
        let weak = theme::palette(ui.ctx()).text_weak;
        let Some((number, choices)) = self.asking.choices() else {
            let words = match self.asking.refused() {
                Some(refusal) => format!("{}. {} {}", refusal.what, refusal.evidence, refusal.next),
                None => "The tree of all paths grows here.".into(),
            };
            ui.label(RichText::new(words).color(weak));
            return;
        };
        let said = if self.asking.is_running() {
            "The paths are being walked; every token is a forward pass.".to_owned()
        } else {
            verdict(choices).unwrap_or_default()
        };
        ui.label(RichText::new(said).color(weak));
        ui.add_space(theme::size::HALF);
        let area = ui.available_rect_before_wrap();
        let n_rows = choices.paths.len() as f32;
        let below = (n_rows * 24.0 + 96.0).min(area.height() * 0.5);
        let cut = area.bottom() - below;
        let looked_at = self.looked_at();
        let mut chosen = None;
        part(ui, area.with_max_y(cut - theme::size::GRID), |ui| {
            chosen = tree_panel::show(ui, choices, looked_at, self.setup.show_dropped);
        });
        part(ui, area.with_min_y(cut), |ui| {
            chosen = paths_panel::show(ui, choices, looked_at).or(chosen);
        });
        ui.advance_cursor_after_rect(area);
        self.chosen = chosen.map(|token| (number, token)).or(self.chosen);
    }

    fn bench(&mut self, ui: &mut Ui, desk: &mut Desk, _cx: &mut TabContext<'_>) {
        bench::show(self, ui, desk);
    }

    fn status(&self, _desk: &Desk) -> Vec<StatusItem> {
        let Some((_, choices)) = self.asking.choices() else {
            return Vec::new();
        };
        vec![StatusItem {
            label: "tree".into(),
            value: format!("{} tokens", choices.tokens.len()),
            tooltip: "Tokens that stand in the tree, dropped ones counted.".into(),
        }]
    }

    fn progress(&self) -> Option<Progress> {
        self.asking.is_running().then(|| Progress {
            label: "Walking the paths".into(),
            fraction: Some(self.asking.fraction()),
        })
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some(["Choose", "Walk all the paths again, with other draws."])
    }

    fn can(&self, command: Command, desk: &Desk) -> bool {
        match command {
            Command::Run => !self.asking.is_running() && desk.model.current().is_some(),
            Command::Stop => self.asking.is_running(),
            _ => false,
        }
    }

    fn command(&mut self, command: Command, _desk: &mut Desk, _cx: &mut TabContext<'_>) {
        match command {
            Command::Run => {
                self.setup.seed = crate::labs::text::new_seed(self.setup.seed);
                self.asking.forget();
            }
            Command::Stop => self.asking.stop(),
            _ => {}
        }
    }

    fn save(&self) -> Value {
        serde_json::to_value(&self.setup).unwrap_or_default()
    }

    fn restore(&mut self, saved: &Value) {
        if let Ok(setup) = serde_json::from_value::<Setup>(saved.clone()) {
            self.setup = setup.checked();
        }
    }
}
