//! The bench: run and stop, looks to try, the pictures, the word, how it is learned, how much of it is
//! used.

use super::{YoursView, keeping};
use crate::labs::diffusion::lora::{Example, RANKS};
use crate::tabs::TabContext;
use crate::tabs::images::views::Desk;
use crate::tabs::parts::{caption, choice, group, slider, wrapped};
use crate::theme::{self, size};
use crate::widgets::run_button::run_button;
use eframe::egui::{self, Button, RichText, ScrollArea, Slider, TextEdit, Ui};
use std::path::Path;

/// What starting is called, and what it does.
pub(super) const START: [&str; 2] = [
    "Start learning",
    "The network learns the new word from the pictures chosen below.",
];
/// The same after a stop.
pub(super) const GO_ON: [&str; 2] = ["Go on", "Learn on from where it stopped, bit for bit."];
/// Files that are listed by name.
const N_NAMES: usize = 6;

pub(super) fn show(view: &mut YoursView, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
    run(view, ui, desk, cx);
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            group(ui, "Try");
            examples(view, ui);
            group(ui, "Or pictures of yours");
            own(view, ui, cx);
            word(view, ui, desk);
            group(ui, "How much of it");
            scale(view, ui);
            group(ui, "How it learns");
            settings(view, ui);
            group(ui, "Keep");
            keeping::bench(view, ui);
            ui.add_space(size::GROUP);
        });
}

fn run(view: &mut YoursView, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
    let running = view.is_running();
    let [start, start_hint] = if view.can_go_on() { GO_ON } else { START };
    let about = desk.model.base().map(|base| base.about());
    let missing = view.setup.missing(about);
    let enabled = if running {
        !view.stopping
    } else {
        about.is_some() && missing.is_none()
    };
    let hints = [
        start_hint,
        "Stop after the current step. Nothing is lost: go on at any time.",
    ];
    if run_button(ui, running, enabled, [start, "Stop"], hints).clicked() {
        view.press_run(desk, cx);
    }
    if let Some(missing) = missing.filter(|_| !running) {
        caption(ui, missing);
    }
    if !running && view.can_go_on() {
        let hint = "Let go of what was learned and begin again.";
        if ui.button("Start anew").on_hover_text(hint).clicked() {
            view.start_anew(desk, cx);
        }
    }
}

fn examples(view: &mut YoursView, ui: &mut Ui) {
    wrapped(ui, |ui| {
        for example in Example::ALL {
            let chosen = !view.setup.is_own && view.setup.example == example;
            let word = example.word();
            let label = word[..1].to_uppercase() + &word[1..];
            if choice(ui, chosen, &label, example.words()) {
                view.setup.choose(example);
            }
        }
    });
    if !view.setup.is_own {
        caption(ui, sentence(view.setup.example.words()));
    }
}

/// A phrase as a sentence.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(char::to_uppercase);
    let first: String = first.into_iter().flatten().collect();
    format!("{first}{}.", letters.as_str())
}

fn own(view: &mut YoursView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let free = !view.keeping.is_choosing();
    wrapped(ui, |ui| {
        for (label, hint, is_folder) in [
            (
                "Pictures…",
                "Choose PNG or JPEG files; dropping them on the window does the same.",
                false,
            ),
            ("A folder…", "Choose a folder of pictures.", true),
        ] {
            let button = ui.add_enabled(free, Button::new(label)).on_hover_text(hint);
            if button.clicked() {
                view.keeping.choose(is_folder, cx);
            }
        }
        let is_own = view.setup.is_own && !view.setup.files.is_empty();
        if is_own
            && ui
                .button("None of them")
                .on_hover_text("Choose anew.")
                .clicked()
        {
            view.setup.files.clear();
        }
    });
    let files = &view.setup.files;
    if !view.setup.is_own || files.is_empty() {
        caption(
            ui,
            "Five to twenty that have one thing in common: drop them on the window.",
        );
        return;
    }
    let names = files.iter().take(N_NAMES).map(|path| name_of(path));
    let mut names: Vec<String> = names.collect();
    if files.len() > N_NAMES {
        names.push(format!("{} more", files.len() - N_NAMES));
    }
    caption(ui, names.join(", "));
    let left_out = view.prepared.as_ref().map(|prepared| &prepared.left_out);
    for reason in left_out.into_iter().flatten().take(N_NAMES) {
        caption(ui, format!("Left out: {reason}"));
    }
}

/// The last part of a path, or the path where it has none.
fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

fn word(view: &mut YoursView, ui: &mut Ui, desk: &Desk) {
    ui.add_space(size::GRID);
    ui.horizontal(|ui| {
        let hint = "A word that the model does not know yet. In captions it stands for what these pictures have in common.";
        let label = ui.label("the new word").on_hover_text(hint);
        let field = TextEdit::singleline(&mut view.setup.word)
            .desired_width(ui.available_width())
            .char_limit(32);
        ui.add(field).labelled_by(label.id).on_hover_text(hint);
    });
    let about = desk.model.base().map(|base| base.about());
    if let Some(refused) = view.setup.missing(about).filter(|_| view.is_running()) {
        let color = theme::palette(ui.ctx()).text_weak;
        ui.label(RichText::new(refused).small().color(color));
    }
}

fn scale(view: &mut YoursView, ui: &mut Ui) {
    let can = view.adapter().is_some();
    ui.add_enabled_ui(can, |ui| {
        slider(
            ui,
            "scale s of the adapter",
            "The network computes with W + s·A·B: 0 is the model as it was, 1 what was learned, more exaggerates it.",
            Slider::new(&mut view.scale, 0.0..=2.0)
                .step_by(0.05)
                .max_decimals(2),
        );
        ui.checkbox(&mut view.is_worn, "Use the word in the other views")
            .on_hover_text("“Step by step” and the others then draw with this adapter at this scale, and their captions know the word.");
    });
    if !can {
        caption(ui, "Once something is learned.");
    }
}

fn settings(view: &mut YoursView, ui: &mut Ui) {
    let setup = &mut view.setup;
    ui.checkbox(&mut setup.keeps_prior, "Keep what it knew (prior preservation)")
        .on_hover_text("Half of each step are pictures that the model drew before it learned, without the word. Without them everything it draws drifts towards the new pictures (Ruiz et al. 2023).");
    ui.checkbox(&mut setup.is_described, "Tell what the judge sees on them")
        .on_hover_text("What captions can say already, hair, skin, background, is told with the word, so that the word comes to mean only what is new.");
    ui.checkbox(&mut setup.mirror, "See half of them in a mirror")
        .on_hover_text("For pictures where left and right do not matter.");
    slider(
        ui,
        "steps",
        "A snapshot is drawn after every fifth part of them.",
        Slider::new(&mut setup.n_steps, 50..=2000).step_by(50.0),
    );
    slider(
        ui,
        "rank r (columns of A)",
        "Each changed weight gets r · (rows + columns) numbers: more can learn more, and forget more.",
        Slider::new(&mut setup.rank, RANKS).logarithmic(true),
    );
    let rate = Slider::new(&mut setup.learning_rate, 1e-4..=2e-2).logarithmic(true);
    slider(
        ui,
        "learning rate",
        "How far one step moves the adapter's numbers (AdamW).",
        rate.custom_formatter(|value, _| format!("{value:.4}")),
    );
    ui.horizontal(|ui| {
        let hint = "The same seed learns the same, bit for bit, and draws from the same noise.";
        let label = ui.label("seed").on_hover_text(hint);
        ui.add(egui::DragValue::new(&mut setup.seed))
            .labelled_by(label.id)
            .on_hover_text(hint);
    });
    if view.is_running() {
        caption(ui, "What is changed here acts on the next start.");
    }
}
