//! The bench: which model, and examples.

use super::contextual::{EXAMPLES, example};
use super::{Page, SpacesView};
use crate::labs::text::{EMBEDDED, LARGE, Source};
use crate::tabs::TabContext;
use crate::tabs::embeddings::set_panel;
use crate::tabs::embeddings::views::Desk;
use crate::tabs::parts::{caption, group, wrapped};
use crate::theme::size;
use crate::widgets::run_button::run_button;
use eframe::egui::{self, ScrollArea, TextEdit, Ui};

pub(super) fn show(view: &mut SpacesView, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
    if view.page == Page::Contextual {
        run(view, ui, cx);
    }
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            match view.page {
                Page::Contextual => {
                    examples(view, ui, cx);
                    group(ui, "Model");
                    model(view, ui);
                    group(ui, "What to look for");
                    caption(
                        ui,
                        "A static vector has one meaning for “bank”. Inside a model the vector starts there and turns, block by block, to what the sentence makes of it. Two sentences with the same sense keep the line high.",
                    );
                }
                Page::Sentences => {
                    group(ui, "Vectors");
                    set_panel::show(ui, desk);
                }
                Page::Table => {
                    group(ui, "Model");
                    model(view, ui);
                }
            }
            ui.add_space(size::GROUP);
        });
}

fn run(view: &mut SpacesView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let at_work = view.working.is_some();
    let hints = [
        "Read both sentences with the model and compare the word's vectors.",
        "Stop; what was there before stays.",
    ];
    if run_button(ui, at_work, true, ["Compare", "Stop"], hints).clicked() {
        match &view.working {
            Some(working) => working.job.stop(),
            None => view.compare(cx),
        }
    }
}

fn examples(view: &mut SpacesView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    group(ui, "Try");
    let mut wanted = None;
    wrapped(ui, |ui| {
        for (i, [word, first, second]) in EXAMPLES.into_iter().enumerate() {
            let n_before = EXAMPLES[..i]
                .iter()
                .filter(|other| other[0] == word)
                .count();
            let name = match n_before {
                0 => word.to_owned(),
                _ => format!("{word}, one sense"),
            };
            let hint = format!("{first} {second}");
            if ui.button(name).on_hover_text(hint).clicked() {
                wanted = Some(i);
            }
        }
    });
    if let Some(i) = wanted {
        view.question = example(i);
        if view.working.is_none() {
            view.compare(cx);
        }
    }
}

fn model(view: &mut SpacesView, ui: &mut Ui) {
    let mut chosen = None;
    ui.horizontal(|ui| {
        for (name, label, hint) in [
            (
                LARGE,
                "SmolLM2",
                "135 million weights, 30 blocks; “glassbox models fetch smollm2” brings it.",
            ),
            (
                EMBEDDED,
                "stories",
                "The small model inside the program: it knows little stories only.",
            ),
        ] {
            let source = Source::Named(name.into());
            let is_it = view.source == source || named(view) == Some(name);
            let button = egui::Button::selectable(is_it, label).frame_when_inactive(true);
            if ui.add(button).on_hover_text(hint).clicked() {
                chosen = Some(source);
            }
        }
    });
    let field = TextEdit::singleline(&mut view.path)
        .desired_width(f32::INFINITY)
        .hint_text("or the path of a model");
    let field = ui
        .add(field)
        .on_hover_text("A GGUF or safetensors file; Enter takes it. Dropping one does the same.");
    ui.ctx()
        .accesskit_node_builder(field.id, |node| node.set_label("Path of a model"));
    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    if entered && !view.path.trim().is_empty() {
        chosen = Some(Source::of(view.path.trim()));
    }
    if let Some(source) = chosen {
        view.choose(source);
    }
    if let Some((_, loaded)) = &view.loaded {
        for line in &loaded.provenance {
            caption(ui, line);
        }
    }
}

/// The name of the model that is loaded in place of the default one.
fn named(view: &SpacesView) -> Option<&str> {
    let is_default = view.source == Source::Default;
    let loaded = view.loaded.as_ref().filter(|_| is_default);
    loaded.map(|(_, loaded)| loaded.name.as_str())
}
