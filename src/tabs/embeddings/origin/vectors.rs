//! The vectors made of the counts: how the work goes, and what lies near what in the end.

use super::setup::Maker;
use super::{Making, OriginView};
use crate::tabs::embeddings::views::{Desk, ViewName};
use crate::tabs::parts::caption;
use crate::theme;
use crate::widgets::cosine_bars::{CosineBar, cosine_bars};
use crate::widgets::count::grouped;
use crate::widgets::fall::Fall;
use eframe::egui::{self, RichText, TextEdit, Ui};

pub(super) fn show(view: &mut OriginView, ui: &mut Ui, desk: &mut Desk) {
    let area = ui.available_size();
    if let Some(making) = view.making.as_ref().filter(|m| !m.curve.is_empty()) {
        let maker = making.setup.maker;
        curve(
            ui,
            maker,
            &making.curve,
            expected(making),
            area.y.min(420.0),
        );
        return;
    }
    let Some(finished) = view.finished.clone() else {
        empty(ui, view.making.is_some());
        return;
    };
    let vectors = finished.space.vectors();
    let words = format!(
        "{} words became {} numbers each{}.",
        grouped(vectors.len()),
        vectors.width(),
        if finished.stopped {
            "; it was stopped before the end"
        } else {
            ""
        }
    );
    ui.horizontal(|ui| {
        ui.label(words);
        let hint = "Do arithmetic with the vectors just made, and see them on the map.";
        if ui.button("Use these vectors").on_hover_text(hint).clicked() {
            desk.sets.take(finished.space.clone());
            desk.wanted = Some(ViewName::Arithmetic);
        }
        let hint = "Lay these words out on the map.";
        if ui.button("Show on the map").on_hover_text(hint).clicked() {
            desk.sets.take(finished.space.clone());
            desk.wanted = Some(ViewName::Map);
        }
    });
    let (values, maker) = match finished.setup.maker {
        Maker::Svd => (&finished.singular_values, Maker::Svd),
        Maker::Glove => (&finished.losses, Maker::Glove),
    };
    curve(ui, maker, values, values.len(), area.y * 0.36);
    ui.add_space(theme::size::GRID);
    probe(view, ui);
}

fn expected(making: &Making) -> usize {
    match making.setup.maker {
        Maker::Svd => making.setup.width,
        Maker::Glove => making.setup.n_epochs,
    }
}

fn curve(ui: &mut Ui, maker: Maker, values: &[f64], n_expected: usize, height: f32) {
    let fall = match maker {
        Maker::Svd => Fall {
            name: "Singular values",
            x: "axes",
            y: "singular value: how much of the table each new axis holds",
            values,
            n_expected,
        },
        Maker::Glove => Fall {
            name: "Loss",
            x: "epochs",
            y: "mean loss of a cell",
            values,
            n_expected,
        },
    };
    fall.show(ui, height);
}

fn empty(ui: &mut Ui, is_making: bool) {
    ui.add_space(ui.available_height() * 0.25);
    ui.vertical_centered(|ui| {
        ui.set_max_width(520.0);
        let title = if is_making {
            "The counts come first"
        } else {
            "From thousands of columns to a few numbers"
        };
        ui.label(RichText::new(title).text_style(theme::style::subheading()));
        ui.add_space(theme::size::GRID);
        ui.label("The SVD finds the few directions in which the rows of the weighed table differ most, and keeps only those. GloVe starts from random numbers and turns them until the product of two words' vectors is the logarithm of how often they stand together.");
        ui.add_space(theme::size::HALF);
        caption(ui, "Press “Make vectors” on the right: it takes seconds.");
    });
}

/// What lies near a word in the vectors just made.
fn probe(view: &mut OriginView, ui: &mut Ui) {
    if view.probe.word.is_empty()
        && let Some(counted) = &view.counted
    {
        let usual = ["whale", "sea", "king", "day"];
        let known = usual
            .iter()
            .find(|word| counted.counts.index(word).is_some());
        let last = counted.counts.words.get(70).or(counted.counts.words.last());
        view.probe.word = known.map_or_else(
            || last.cloned().unwrap_or_default(),
            |word| (*word).to_owned(),
        );
    }
    ui.horizontal(|ui| {
        ui.label(RichText::new("Nearest to").text_style(theme::style::strong()));
        let field = TextEdit::singleline(&mut view.probe.word).desired_width(160.0);
        let field = ui
            .add(field)
            .on_hover_text("A word of the text: its neighbours in the vectors just made.");
        ui.ctx()
            .accesskit_node_builder(field.id, |node| node.set_label("Word to look around"));
    });
    match &view.probe.near {
        Some(near) => {
            let bars: Vec<CosineBar<'_>> = near
                .iter()
                .map(|near| CosineBar {
                    bytes: near.word.as_bytes(),
                    id: near.index as u32,
                    cosine: near.cosine as f32,
                })
                .collect();
            egui::ScrollArea::vertical()
                .id_salt("near")
                .show(ui, |ui| cosine_bars(ui, &bars));
        }
        None if view.probe.job.is_some() => {
            ui.spinner();
        }
        None => {
            caption(ui, "The text has no such word, or too rarely.");
        }
    }
}
