//! The bench: the text, how it is counted, how counts become vectors.

use super::setup::{Maker, Text};
use super::{OriginView, Page};
use crate::labs::embeddings::origin;
use crate::tabs::TabContext;
use crate::tabs::parts::{caption, choice, group, slider};
use crate::theme::size;
use crate::widgets::count::grouped;
use crate::widgets::run_button::run_button;
use eframe::egui::{self, ScrollArea, Slider, TextEdit, Ui};
use std::path::PathBuf;

pub(super) fn show(view: &mut OriginView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    run(view, ui, cx);
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            group(ui, "Text");
            text(view, ui, cx);
            group(ui, "Count");
            counting(view, ui, cx);
            group(ui, "Make vectors");
            making(view, ui);
            group(ui, "Table on the screen");
            table(view, ui);
            ui.add_space(size::GROUP);
        });
}

fn run(view: &mut OriginView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let at_work = view.making.is_some();
    let hints = [
        "Count the text, weigh the counts and make a vector for each word.",
        "Stop; what is there by then is kept.",
    ];
    if run_button(ui, at_work, true, ["Make vectors", "Stop"], hints).clicked() {
        if at_work {
            view.stop();
        } else {
            view.start(false, cx);
        }
    }
}

fn text(view: &mut OriginView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let (name, _) = origin::builtin();
    let shipped = view.setup.text == Text::Shipped;
    if choice(ui, shipped, name, "The text that comes with Glassbox.") && !shipped {
        view.take_text(Text::Shipped, cx);
    }
    let field = TextEdit::singleline(&mut view.path)
        .desired_width(f32::INFINITY)
        .hint_text("or the path of a text file");
    let field = ui
        .add(field)
        .on_hover_text("A text in UTF-8; Enter takes it. Dropping a file does the same.");
    ui.ctx()
        .accesskit_node_builder(field.id, |node| node.set_label("Path of a text"));
    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    if entered && !view.path.trim().is_empty() {
        let path = PathBuf::from(view.path.trim());
        view.take_text(Text::File(path), cx);
    }
    if let Some(counted) = &view.counted {
        let counts = &counted.counts;
        caption(
            ui,
            format!(
                "{}: {} words, {} different, {} kept.",
                counted.setup.text_name(),
                grouped(counts.n_tokens),
                grouped(counts.n_kinds),
                grouped(counts.words.len())
            ),
        );
        for note in &counts.notes {
            caption(ui, note);
        }
    }
}

fn counting(view: &mut OriginView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let setup = &mut view.setup;
    slider(
        ui,
        "window",
        "How many words to each side count as near: small windows find words of the same kind, large ones words of the same subject.",
        Slider::new(&mut setup.reach, 1..=20),
    );
    ui.checkbox(&mut setup.by_distance, "Nearer words count for more")
        .on_hover_text("A pair counts for 1 / distance, as GloVe counts; otherwise for 1.");
    slider(
        ui,
        "least count",
        "Words that stand less often are left out: too little is known of them.",
        Slider::new(&mut setup.min_count, 1..=50).logarithmic(true),
    );
    slider(
        ui,
        "most words",
        "The vocabulary: so many of the commonest words at most.",
        Slider::new(&mut setup.max_words, 100..=50_000).logarithmic(true),
    );
    let is_old = view
        .counted
        .as_ref()
        .is_some_and(|counted| !counted.serves(&view.setup));
    if is_old && view.making.is_none() {
        let hint = "Count the text anew with what is chosen here.";
        if ui.button("Count again").on_hover_text(hint).clicked() {
            view.start(true, cx);
        }
    }
}

fn making(view: &mut OriginView, ui: &mut Ui) {
    let setup = &mut view.setup;
    ui.horizontal(|ui| {
        for (maker, label, hint) in [
            (
                Maker::Svd,
                "PPMI + SVD",
                "Weigh the counts, and keep the directions in which the rows differ most: exact, in seconds.",
            ),
            (
                Maker::Glove,
                "GloVe",
                "Learn vectors whose products are the logarithms of the counts (Pennington, Socher and Manning 2014).",
            ),
        ] {
            if choice(ui, setup.maker == maker, label, hint) {
                setup.maker = maker;
            }
        }
    });
    slider(
        ui,
        "numbers per word",
        "The width D of the vectors: few are coarse, many remember chance.",
        Slider::new(&mut setup.width, 2..=300).logarithmic(true),
    );
    match setup.maker {
        Maker::Svd => {
            slider(
                ui,
                "smoothing of rare words",
                "The power of context counts: 0.75 makes rare words less surprising, 1 leaves them.",
                Slider::new(&mut setup.smoothing, 0.5..=1.0).max_decimals(2),
            );
            slider(
                ui,
                "power of singular values",
                "1 keeps the table's own products; less lets small differences count for more.",
                Slider::new(&mut setup.power, 0.0..=1.0).max_decimals(2),
            );
        }
        Maker::Glove => slider(
            ui,
            "epochs",
            "How often every cell of the table is looked at.",
            Slider::new(&mut setup.n_epochs, 1..=100).logarithmic(true),
        ),
    }
}

fn table(view: &mut OriginView, ui: &mut Ui) {
    let field = TextEdit::singleline(&mut view.shown.typed)
        .desired_width(f32::INFINITY)
        .hint_text("words, or leave empty");
    let field = ui
        .add(field)
        .on_hover_text("Two words or more, with spaces between, to see them beside each other.");
    ui.ctx()
        .accesskit_node_builder(field.id, |node| node.set_label("Words of the table"));
    if field.changed() && view.page != Page::Weights {
        view.page = Page::Counts;
    }
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().button_padding = egui::vec2(8.0, 3.0);
        for words in [
            "whale ship sea boat captain men",
            "the of and a white whale",
        ] {
            let text = egui::RichText::new(words).small();
            if ui.button(text).on_hover_text("Show these words.").clicked() {
                view.shown.typed = words.into();
            }
        }
    });
}
