//! The drawer that shows where a cosine, a dot product or a distance comes from: the equation with its
//! real terms, computed again, beside the number on the stage.

use crate::labs::embeddings::measures::{Explanation, Part};
use crate::theme;
use crate::widgets::icon::Icon;
use eframe::egui::{Align, Button, Grid, Label, Layout, RichText, ScrollArea, Ui, vec2};
use serde::{Deserialize, Serialize};

/// One of the three ways to say how near two arrows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Measure {
    /// Of the angle.
    #[default]
    Cosine,
    /// Of angle and lengths.
    Dot,
    /// Between the tips.
    Distance,
}

impl Measure {
    pub(super) const ALL: [Self; 3] = [Self::Cosine, Self::Dot, Self::Distance];

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Cosine => "cosine",
            Self::Dot => "dot product",
            Self::Distance => "distance",
        }
    }

    pub(super) fn tooltip(self) -> &'static str {
        match self {
            Self::Cosine => {
                "Of the angle between two arrows: 1 the same direction, 0 a right angle, −1 opposite. Lengths do not count."
            }
            Self::Dot => {
                "The cosine times both lengths: a long arrow wins even where its direction fits less."
            }
            Self::Distance => {
                "From tip to tip (Euclidean): two arrows of one direction are far apart where one is longer."
            }
        }
    }
}

/// A number that was clicked.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    pub(super) measure: Measure,
    /// The number as it stands on the stage.
    pub(super) shown: f64,
    pub(super) explanation: Explanation,
    /// What was done to the vectors before.
    pub(super) before: Option<String>,
}

/// What was done in the drawer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    /// It was closed.
    Closed,
    /// Another measure of the same two arrows was asked for.
    Asked(Measure),
}

/// Draws the drawer.
pub(super) fn show(ui: &mut Ui, asked: &Asked) -> Option<Done> {
    let colors = theme::palette(ui.ctx());
    let found = &asked.explanation;
    let [q, v] = &found.words;
    let mut done = None;
    ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
        let close = Icon::Close.button(ui, "Close the equation", "Back to the whole stage.");
        if close.clicked() {
            done = Some(Done::Closed);
        }
        ui.with_layout(Layout::top_down(Align::LEFT), |ui| {
            let title = format!("Where this {} comes from", asked.measure.label());
            ui.label(RichText::new(title).text_style(theme::style::strong()));
        });
    });
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().button_padding = vec2(8.0, 3.0);
        ui.spacing_mut().interact_size.y = 28.0;
        for measure in Measure::ALL {
            let button = Button::selectable(asked.measure == measure, measure.label());
            let button = ui.add(button.frame_when_inactive(true));
            if button.on_hover_text(measure.tooltip()).clicked() {
                done = Some(Done::Asked(measure));
            }
        }
    });
    ScrollArea::vertical()
        .id_salt("equation")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            line(ui, &format!("q = {q}"));
            line(ui, &format!("v = {v}"));
            if let Some(before) = &asked.before {
                ui.label(RichText::new(before).small().color(colors.text_weak));
            }
            ui.add_space(theme::size::GRID);
            match asked.measure {
                Measure::Distance => distance(ui, found),
                Measure::Dot => products(ui, found),
                Measure::Cosine => {
                    products(ui, found);
                    cosine(ui, found);
                }
            }
            ui.add_space(theme::size::GRID);
            let again = match asked.measure {
                Measure::Cosine => found.cosine.unwrap_or(f64::NAN),
                Measure::Dot => found.dot,
                Measure::Distance => found.distance,
            };
            let difference = (again - asked.shown).abs();
            line(ui, &format!("on the stage   {:.6}", asked.shown));
            line(ui, &format!("computed again {again:.6}"));
            line(ui, &format!("difference     {difference:.1e}"));
            let words = "Computed again in double precision (f64) from the vectors' own numbers.";
            ui.label(RichText::new(words).small().color(colors.text_weak));
        });
    done
}

/// One line of numbers, as long as it must be.
fn line(ui: &mut Ui, text: &str) {
    ui.add(Label::new(RichText::new(text).text_style(theme::style::small_mono())).wrap());
}

fn products(ui: &mut Ui, found: &Explanation) {
    let colors = theme::palette(ui.ctx());
    let mono = |text: String| RichText::new(text).text_style(theme::style::small_mono());
    let weak = |text: &str| RichText::new(text).small().color(colors.text_weak);
    ui.label("The dot product: along every axis, the two numbers multiplied; then the sum.");
    Grid::new("products")
        .num_columns(4)
        .spacing([12.0, 2.0])
        .show(ui, |ui| {
            for head in ["axis", "q", "v", "q × v"] {
                ui.label(weak(head));
            }
            ui.end_row();
            for part in &found.parts {
                ui.label(mono(part.axis.clone()));
                for value in [part.q, part.v, part.product()] {
                    ui.label(mono(signed(value, 4)));
                }
                ui.end_row();
            }
            let (n, sum) = found.rest;
            if n > 0 {
                ui.label(weak(&format!("{n} more")));
                ui.label("");
                ui.label("");
                ui.label(mono(signed(sum, 4)));
                ui.end_row();
            }
            ui.label(mono("q · v".into()).strong());
            ui.label("");
            ui.label("");
            ui.label(mono(signed(found.dot, 4)).strong());
            ui.end_row();
        });
}

fn cosine(ui: &mut Ui, found: &Explanation) {
    let [q, v] = found.lengths;
    ui.add_space(theme::size::GRID);
    ui.label("Divided by both lengths, so that only the direction counts:");
    line(ui, &format!("|q| = √(q · q) = {q:.4}"));
    line(ui, &format!("|v| = √(v · v) = {v:.4}"));
    match found.cosine {
        Some(cosine) => line(
            ui,
            &format!(
                "cos = {} / ({q:.4} × {v:.4}) = {}",
                signed(found.dot, 4),
                signed(cosine, 6)
            ),
        ),
        None => line(
            ui,
            "An arrow without length points nowhere: there is no cosine.",
        ),
    }
}

fn distance(ui: &mut Ui, found: &Explanation) {
    let colors = theme::palette(ui.ctx());
    let [q, v] = found.lengths;
    ui.label(
        "The length of q − v: the differences along every axis, squared, summed, and the root.",
    );
    for part in &found.parts {
        let Part { axis, q, v } = part;
        let squared = (q - v) * (q - v);
        line(
            ui,
            &format!(
                "{axis}: ({} − {})² = {squared:.4}",
                signed(*q, 4),
                signed(*v, 4)
            ),
        );
    }
    if found.rest.0 > 0 {
        let words = format!("and {} axes more", found.rest.0);
        ui.label(RichText::new(words).small().color(colors.text_weak));
    }
    ui.label("The same from lengths and dot product (law of cosines):");
    let dot = signed(found.dot, 4);
    line(
        ui,
        &format!("√({q:.4}² + {v:.4}² − 2 × {dot}) = {:.6}", found.distance),
    );
}

/// A number whose minus is as wide as a digit.
pub(super) fn signed(n: f64, digits: usize) -> String {
    let written = format!("{n:.digits$}");
    let is_zero = written
        .trim_start_matches('-')
        .chars()
        .all(|c| matches!(c, '0' | '.'));
    match written.strip_prefix('-') {
        Some(size) if is_zero => size.to_owned(),
        Some(size) => format!("−{size}"),
        None => written,
    }
}
