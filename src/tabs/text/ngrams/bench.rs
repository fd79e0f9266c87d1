//! The bench: what to try, the text, the unit and N, the context, what is done about zeros.

use super::setup::{PRESETS, Page, Zeros};
use super::{NgramsView, sentence};
use crate::labs::ngrams::{MAX_ORDER, Source, Unit};
use crate::tabs::parts::{caption, choice, group, slider, wrapped};
use crate::theme;
use crate::widgets::run_button::run_button;
use eframe::egui::{self, RichText, ScrollArea, Slider, TextEdit, TextStyle, Ui};
use std::path::PathBuf;

pub(super) fn show(view: &mut NgramsView, ui: &mut Ui) {
    run(view, ui);
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            presets(view, ui);
            group(ui, "Context");
            context(view, ui);
            group(ui, "What is counted");
            unit(view, ui);
            text(view, ui);
            group(ui, "A count of zero");
            zeros(view, ui);
            group(ui, "Draws");
            slider(
                ui,
                "seed",
                "The same seed draws the same text.",
                Slider::new(&mut view.setup.seed, 0..=999_999),
            );
            ui.add_space(theme::size::GROUP);
        });
}

fn run(view: &mut NgramsView, ui: &mut Ui) {
    let at_work = view.counting.is_running();
    let can = at_work || view.shown.is_some();
    let hints = [
        "Draw the next letters or words, one after the other.",
        "Stop counting; what was counted until then is kept.",
    ];
    if run_button(ui, at_work, can, ["Write", "Stop"], hints).clicked() {
        if at_work {
            view.counting.stop();
        } else {
            view.setup.page = Page::Write;
            view.write(view.n_at_once());
        }
    }
    if view.setup.page == Page::Write && !at_work {
        wrapped(ui, |ui| {
            let hint = "Draw one more, and see what it was drawn from.";
            if ui.button("Step").on_hover_text(hint).clicked() {
                view.write(1);
            }
            if ui
                .button("Begin anew")
                .on_hover_text("Take what was written away.")
                .clicked()
            {
                view.written.clear();
            }
            let hint = "Other draws: another seed.";
            if ui.button("Another seed").on_hover_text(hint).clicked() {
                view.setup.seed = crate::labs::text::new_seed(view.setup.seed);
                view.write(view.n_at_once());
            }
        });
    }
}

fn presets(view: &mut NgramsView, ui: &mut Ui) {
    ui.add_space(theme::size::GRID);
    wrapped(ui, |ui| {
        ui.label(RichText::new("Try:").color(theme::palette(ui.ctx()).text_weak));
        for preset in &PRESETS {
            let text = RichText::new(preset.label).text_style(TextStyle::Small);
            if ui.button(text).on_hover_text(preset.hint).clicked() {
                preset.apply(&mut view.setup);
                view.counting.forget_failure();
            }
        }
    });
}

fn context(view: &mut NgramsView, ui: &mut Ui) {
    let field = TextEdit::multiline(&mut view.setup.context)
        .desired_rows(2)
        .desired_width(f32::INFINITY)
        .hint_text("the text before…")
        .char_limit(2000);
    let field = ui.add(field);
    ui.ctx()
        .accesskit_node_builder(field.id, |node| node.set_label("Context"));
    let Some((_, counted)) = view.counting.counted() else {
        return;
    };
    if let Some(shown) = &view.shown {
        let seen = super::visible(&counted.table, &shown.context);
        let words = if seen.is_empty() {
            "Looked at: nothing; every letter or word counts alone.".into()
        } else {
            format!("Looked at: “{seen}”")
        };
        caption(ui, words);
    }
}

fn unit(view: &mut NgramsView, ui: &mut Ui) {
    let setup = &mut view.setup;
    ui.horizontal(|ui| {
        for (unit, label, hint) in [
            (
                Unit::Letters,
                "Letters",
                "27 of them: a to z and the space; é counts as e.",
            ),
            (
                Unit::Words,
                "Words",
                "Runs of letters and digits, in small letters.",
            ),
        ] {
            if choice(ui, setup.unit == unit, label, hint) && setup.unit != unit {
                setup.unit = unit;
                let usual = [" q", "the white"];
                if usual.contains(&setup.context.as_str()) {
                    setup.context = usual[usize::from(unit == Unit::Words)].into();
                }
            }
        }
    });
    slider(
        ui,
        "N",
        "How long a sequence is: N − 1 to look at, and the one after it.",
        Slider::new(&mut setup.n, 1..=MAX_ORDER),
    );
}

fn text(view: &mut NgramsView, ui: &mut Ui) {
    let is_shipped = view.setup.source == Source::MobyDick;
    let hint = "Herman Melville, 1851: the text that comes with Glassbox.";
    if choice(ui, is_shipped, "Moby-Dick", hint) && !is_shipped {
        view.take(Source::MobyDick);
    }
    let field = TextEdit::singleline(&mut view.path)
        .desired_width(f32::INFINITY)
        .hint_text("or the path of a text file");
    let field = ui
        .add(field)
        .on_hover_text("A text in UTF-8; Enter takes it. Dropping a file does the same.");
    ui.ctx()
        .accesskit_node_builder(field.id, |node| node.set_label("Path of a text to count"));
    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    if entered && !view.path.trim().is_empty() {
        view.take(Source::File(PathBuf::from(view.path.trim())));
    }
    if !is_shipped {
        sentence(ui, format!("Counted: {}", view.setup.source.name()));
    }
}

fn zeros(view: &mut NgramsView, ui: &mut Ui) {
    let setup = &mut view.setup;
    wrapped(ui, |ui| {
        for (zeros, label, hint) in [
            (
                Zeros::Stay,
                "Stays zero",
                "What was never seen is impossible.",
            ),
            (
                Zeros::AddK,
                "Add k",
                "As if everything had been seen k times more (Laplace: k = 1).",
            ),
            (
                Zeros::BackOff,
                "Back off",
                "Every count gives up a little to what the shorter context says (absolute discounting).",
            ),
        ] {
            if choice(ui, setup.zeros == zeros, label, hint) {
                setup.zeros = zeros;
            }
        }
    });
    match setup.zeros {
        Zeros::Stay => {}
        Zeros::AddK => slider(
            ui,
            "k",
            "How often everything is taken to have been seen besides.",
            Slider::new(&mut setup.k, 0.001..=10.0).logarithmic(true),
        ),
        Zeros::BackOff => slider(
            ui,
            "discount",
            "How much each count that was seen gives up.",
            Slider::new(&mut setup.discount, 0.05..=0.95),
        ),
    }
}
