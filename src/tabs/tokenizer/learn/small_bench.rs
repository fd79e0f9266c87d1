//! The bench of the small corpus: Run at the top, then single steps, what to try, the corpus, the rule.

use super::group;
use super::presets::PRESETS;
use super::saving;
use super::small::{N_MERGES, SPEED, Setup, Small, Way};
use crate::tabs::parts::caption;
use crate::tabs::saving::Saving;
use crate::theme;
use crate::widgets::run_button::run_button;
use crate::widgets::text_editor::TextEditor;
use eframe::egui::{self, RichText, ScrollArea, Ui};

/// The ways of cutting a text, as people know them.
pub(super) const SPLITS: [(&str, &str); 4] = [
    (
        "gpt2",
        "GPT-2: words with the space before them, numbers, signs",
    ),
    ("cl100k", "GPT-4 (cl100k): numbers in threes"),
    ("o200k", "GPT-4o (o200k): capitals begin words"),
    ("smollm", "SmolLM2: every digit by itself"),
];

pub(super) fn show(small: &mut Small, saving: &mut Saving, ui: &mut Ui) {
    run(small, ui);
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            presets(small, ui);
            let mut setup = small.setup.clone();
            group(ui, "Corpus (what is learned from)");
            corpus(&mut setup, small, ui);
            group(ui, "Ties (equally common pairs)");
            ties(&mut setup, ui);
            if setup != small.setup {
                small.set_up(setup);
            }
            group(ui, "What was learned");
            keep(small, saving, ui);
            ui.add_space(theme::size::GROUP);
        });
}

/// Save it, or encode with it.
fn keep(small: &mut Small, saving: &mut Saving, ui: &mut Ui) {
    let can = small.can_keep();
    let why_not = if small.n_merges() == 0 {
        "Nothing is learned yet: make a merge first."
    } else {
        "Words end in </w> here, the paper's mark, for which no common file has a place: switch it off first."
    };
    let asked = saving::buttons(can, why_not, ui);
    if let Some((form, what)) = asked.and_then(|form| Some((form, small.to_save()?))) {
        saving.ask(saving::document(form, what));
    }
    let encode = ui
        .add_enabled(can, egui::Button::new("Encode with it"))
        .on_hover_text("See your own text in the tokens that were just learned.")
        .on_disabled_hover_text(why_not);
    if encode.clicked() {
        small.want_to_encode();
    }
}

/// To N merges, one merge, one back, or slowly one after the other.
fn run(small: &mut Small, ui: &mut Ui) {
    let start = format!("Run to {} merges", small.setup.n_merges);
    let moving = small.is_moving();
    let hints = [
        "Merge the commonest pair again and again, until there are so many merges.",
        "Stay at the merge that was reached.",
    ];
    let clicked = run_button(
        ui,
        moving,
        moving || small.can_run(),
        [start.as_str(), "Stop"],
        hints,
    )
    .clicked();
    if clicked && moving {
        small.stop();
    } else if clicked {
        small.run();
    }
    ui.horizontal(|ui| {
        let back = ui
            .add_enabled(small.can_go_back(), egui::Button::new("Back"))
            .on_hover_text("Take the last merge back (←).");
        if back.clicked() {
            small.back();
        }
        let step = ui
            .add_enabled(small.can_step(), egui::Button::new("Step"))
            .on_hover_text("Merge the commonest pair, wherever it stands (→).");
        if step.clicked() {
            small.step();
        }
        let (name, hint) = if small.is_playing() {
            ("Pause", "Stay at this merge (space).")
        } else {
            (
                "Play",
                "One merge after the other, slowly enough to be followed (space).",
            )
        };
        let play = ui
            .add_enabled(small.can_step(), egui::Button::new(name))
            .on_hover_text(hint);
        if play.clicked() && small.is_playing() {
            small.stop();
        } else if play.clicked() {
            small.play();
        }
        let again = ui
            .add_enabled(small.can_go_back(), egui::Button::new("Restart"))
            .on_hover_text("Back to single letters (bytes).");
        if again.clicked() {
            small.go_to(0);
        }
    });
    let mut setup = small.setup.clone();
    ui.horizontal(|ui| {
        let hint = "How many merges Run goes to; every merge is one more token.";
        let label = ui.label("merges").on_hover_text(hint);
        ui.add(egui::DragValue::new(&mut setup.n_merges).range(N_MERGES))
            .labelled_by(label.id)
            .on_hover_text(hint);
        ui.add_space(theme::size::GRID);
        let hint = "How fast Play goes, in merges a second.";
        let label = ui.label("speed").on_hover_text(hint);
        let speed = egui::DragValue::new(&mut setup.speed).range(SPEED);
        ui.add(speed.fixed_decimals(1).speed(0.05).suffix(" a second"))
            .labelled_by(label.id)
            .on_hover_text(hint);
    });
    small.set_up(setup);
}

fn presets(small: &mut Small, ui: &mut Ui) {
    ui.add_space(theme::size::HALF);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::Vec2::splat(theme::size::HALF);
        ui.spacing_mut().button_padding = egui::vec2(8.0, 3.0);
        ui.spacing_mut().interact_size.y = 26.0;
        ui.label(RichText::new("Try:").color(theme::palette(ui.ctx()).text_weak));
        for preset in PRESETS {
            let text = RichText::new(preset.name).text_style(egui::TextStyle::Small);
            if ui.button(text).on_hover_text(preset.hint).clicked() {
                small.set_up(preset.on(&small.setup));
            }
        }
    });
}

fn corpus(setup: &mut Setup, small: &mut Small, ui: &mut Ui) {
    ui.horizontal(|ui| {
        for (way, name, hint) in [
            (
                Way::Words,
                "Words and counts",
                "A word and how often it stands on each line, as in the paper (Sennrich et al. 2016).",
            ),
            (
                Way::Text,
                "A text",
                "A text as it is. It is first cut into pieces; nothing is merged across their borders.",
            ),
        ] {
            if ui
                .add(egui::Button::selectable(setup.way == way, name).frame_when_inactive(true))
                .on_hover_text(hint)
                .clicked()
            {
                setup.way = way;
            }
        }
    });
    let [of_words, of_text] = &mut small.editors;
    let (written, state) = match setup.way {
        Way::Words => (&mut setup.lines, of_words),
        Way::Text => (&mut setup.text, of_text),
    };
    let editor = TextEditor::new("Corpus")
        .rows(5)
        .max_height(132.0)
        .text_style(egui::TextStyle::Monospace);
    editor.show(ui, written, state);
    if let Err(refusal) = small.stepwise() {
        let colors = theme::palette(ui.ctx());
        ui.label(RichText::new(&refusal.what).color(colors.warning));
        caption(ui, &refusal.evidence);
        caption(ui, &refusal.next);
    }
    match setup.way {
        Way::Words => {
            ui.checkbox(&mut setup.end_of_word, "Words end in </w>").on_hover_text(
                "The paper's mark for the end of a word: with it, est at the end of newest and est in estate can become different tokens.",
            );
        }
        Way::Text => splits(&mut setup.split, ui),
    }
}

/// The choice of a way to cut a text.
pub(super) fn splits(split: &mut String, ui: &mut Ui) {
    ui.horizontal(|ui| {
        let hint =
            "How the text is cut into pieces first (pre-tokenization). Merges stay inside a piece.";
        let label = ui.label("cut as").on_hover_text(hint);
        let chosen = split.clone();
        egui::ComboBox::from_id_salt("split")
            .width(180.0)
            .selected_text(&chosen)
            .show_ui(ui, |ui| {
                for (name, about) in SPLITS {
                    if ui.selectable_label(chosen == name, about).clicked() {
                        name.clone_into(split);
                    }
                }
            })
            .response
            .labelled_by(label.id)
            .on_hover_text(hint);
    });
}

fn ties(setup: &mut Setup, ui: &mut Ui) {
    ui.horizontal(|ui| {
        ui.radio_value(&mut setup.first_wins, true, "first in the corpus")
            .on_hover_text("Of equally common pairs the one that comes first is merged: what the paper's own program does.");
        ui.radio_value(&mut setup.first_wins, false, "smaller ids")
            .on_hover_text("Of equally common pairs the one with the smaller left id is merged, then the smaller right id: what Hugging Face's tokenizers does.");
    });
}
