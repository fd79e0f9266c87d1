//! The drawer of a number: the equation that made it, with its real terms, and the way on to each.

use super::views::Desk;
use crate::labs::inside::explain::{Explanation, written};
use crate::labs::inside::{Place, SiteName};
use crate::tabs::parts::{caption, group};
use crate::theme;
use crate::widgets::number_table::exact;
use crate::widgets::term_bars::{TermBar, term_bars};
use eframe::egui::{self, Grid, RichText, ScrollArea, Ui};

/// Terms that are shown at first; a long sum has hundreds.
const FIRST: usize = 12;
/// Terms that are shown where more are asked for.
const MORE: usize = 100;

/// Draws it.
pub(super) fn show(ui: &mut Ui, desk: &mut Desk) {
    ui.horizontal(|ui| {
        let can_go_back = desk.explain.can_go_back();
        let back = ui.add_enabled(can_go_back, egui::Button::new("Back"));
        if back.on_hover_text("The number before this one.").clicked() {
            desk.explain.back();
        }
        let close = ui.button("Close");
        if close.on_hover_text("Put the equation away.").clicked() {
            desk.explain.close();
        }
    });
    if let Some(refusal) = desk.explain.refused() {
        ui.label(RichText::new(&refusal.what).text_style(theme::style::strong()));
        ui.label(&refusal.evidence);
        caption(ui, &refusal.next);
        return;
    }
    let Some(found) = desk.explain.explanation().cloned() else {
        caption(ui, "Computing it again…");
        return;
    };
    let mut chosen = None;
    // Each number has a place of its own to have scrolled to: a new one begins at its top.
    let scroll = ScrollArea::vertical().id_salt(("explain", found.place));
    scroll.show(ui, |ui| {
        title(ui, desk, found.place);
        ui.label(&found.sentence);
        check(ui, &found);
        equation(ui, &found);
        chosen = terms(ui, &found);
    });
    if let Some(place) = chosen {
        desk.explain_cell(place);
    }
}

/// Which number it is: its table, its position with the token that stands there, its column.
fn title(ui: &mut Ui, desk: &Desk, place: Place) {
    let pieces = desk.pieces();
    let position = |row: usize| match pieces.get(row) {
        Some(piece) => format!("position {row} “{}”", piece.shown()),
        None => format!("position {row}"),
    };
    ui.label(RichText::new(place.at.to_string()).text_style(theme::style::subheading()));
    let words = match place.at.site {
        SiteName::Tokens => position(place.row),
        SiteName::Scores | SiteName::Pattern => {
            format!("from {} to {}", position(place.row), position(place.column))
        }
        SiteName::Logits | SiteName::Probs => {
            format!("behind {}, token {}", position(place.row), place.column)
        }
        _ => format!("{}, number {}", position(place.row), place.column),
    };
    caption(ui, words);
    ui.add_space(theme::size::HALF);
}

/// The model's number beside the equation's.
fn check(ui: &mut Ui, found: &Explanation) {
    ui.add_space(theme::size::GRID);
    let grid = Grid::new("explained").num_columns(2).min_row_height(0.0);
    grid.spacing([16.0, theme::size::HALF]).show(ui, |ui| {
        let mut row = |name: &str, value: String, hint: &str| {
            ui.label(name).on_hover_text(hint);
            ui.monospace(value).on_hover_text(hint);
            ui.end_row();
        };
        row(
            "the model’s",
            exact(found.value),
            "The number as the pass has it, in 32 bits.",
        );
        row(
            "recomputed",
            format!("{:.9}", Shown(found.recomputed)),
            "The equation below, from the numbers that went in, in 64 bits.",
        );
        row(
            "difference",
            format!("{:.1e}", found.difference).replace('-', "−"),
            "What the model's 32 bits cost.",
        );
    });
    let words = if found.agrees() {
        "They agree: rounding to 32 bits may bring them"
    } else {
        "They do not agree: rounding to 32 bits may bring them only"
    };
    let allowed = format!("{:.1e}", found.tolerance).replace('-', "−");
    caption(ui, format!("{words} {allowed} apart."));
}

/// A number with a true minus.
struct Shown(f64);

impl std::fmt::Display for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = f.precision().unwrap_or(6);
        let text = if self.0 != 0.0 && self.0.abs() < 1e-4 {
            format!("{:.1$e}", self.0, digits)
        } else {
            format!("{:.1$}", self.0, digits)
        };
        f.write_str(&text.replace('-', "−"))
    }
}

/// The equation with names and with numbers, and the numbers on its way.
fn equation(ui: &mut Ui, found: &Explanation) {
    group(ui, "Equation");
    let mono = |text: &str| RichText::new(text).text_style(theme::style::small_mono());
    ui.label(mono(&found.formula));
    ui.add_space(theme::size::HALF);
    ui.label(mono(&found.worked));
    for quantity in &found.quantities {
        let value = written(quantity.value);
        let line = match quantity.formula.as_str() {
            "" => format!("{} = {value}", quantity.name),
            formula => format!("{} = {formula} = {value}", quantity.name),
        };
        ui.label(mono(&line));
    }
}

/// The largest terms as bars. Returns where a clicked one comes from.
fn terms(ui: &mut Ui, found: &Explanation) -> Option<Place> {
    let n = found.terms.len();
    if n == 0 {
        return None;
    }
    let id = ui.scope_id().with("more terms");
    let is_long = ui.data(|data| data.get_temp::<bool>(id)).unwrap_or(false);
    let n_shown = if is_long { MORE } else { FIRST };
    group(
        ui,
        &match (found.share_of, n) {
            (Some(_), _) => format!("A share of {n} powers"),
            (None, 1) => "Made of".to_owned(),
            (None, _) if n > n_shown => format!("The largest of {n} terms"),
            (None, _) => format!("The sum of {n} terms"),
        },
    );
    let (mut order, mut n_others, mut rest) = found.largest(n_shown);
    if let Some(share) = found.share_of.filter(|share| !order.contains(share)) {
        order.insert(0, share);
        n_others -= 1;
        rest -= found.terms.get(share).map_or(0.0, |term| term.value);
    }
    let terms = order.iter().filter_map(|&i| Some((i, found.terms.get(i)?)));
    let bars: Vec<TermBar> = terms
        .map(|(i, term)| TermBar {
            name: term.name.clone(),
            number: written(term.value),
            value: term.value,
            is_link: term.source.is_some(),
            is_chosen: found.share_of == Some(i),
        })
        .collect();
    let most = bars.iter().map(|bar| bar.value.abs()).fold(0.0, f64::max);
    let clicked = term_bars(ui, &bars, most);
    if n_others > 0 {
        caption(
            ui,
            format!("{n_others} smaller terms add up to {}", written(rest)),
        );
    }
    if n > FIRST {
        let label = if is_long { "Fewer terms" } else { "More terms" };
        if ui
            .button(label)
            .on_hover_text("How many terms are shown.")
            .clicked()
        {
            ui.data_mut(|data| data.insert_temp(id, !is_long));
        }
    }
    if bars.iter().any(|bar| bar.is_link) {
        caption(ui, "A click on a term shows where it comes from.");
    }
    order
        .get(clicked?)
        .and_then(|&i| found.terms.get(i)?.source)
}
