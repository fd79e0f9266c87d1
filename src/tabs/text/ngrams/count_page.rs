//! The table of counts: letter against letter as a map, and the commonest grams.

use super::{Shown, sentence, visible};
use crate::labs::ngrams::{Counted, Ending, Unit};
use crate::tabs::parts::part;
use crate::theme;
use crate::widgets::count::grouped;
use crate::widgets::counted_bars::{CountedBar, CountedBars};
use crate::widgets::heat_map::{HeatMap, HeatMapState};
use eframe::egui::{ScrollArea, Ui, pos2, vec2};

/// Draws it. Returns the context that was chosen by a click.
pub(super) fn show(
    ui: &mut Ui,
    counted: &Counted,
    shown: &Shown,
    heat: &mut HeatMapState,
) -> Option<String> {
    let table = &counted.table;
    let n = shown.key.1.min(table.order());
    let orders = table.orders().get(n - 1).copied().unwrap_or_default();
    let many = match table.unit() {
        Unit::Letters => "letters",
        Unit::Words => "words",
    };
    sentence(
        ui,
        format!(
            "{} {many}; {} different {n}-grams, of which {} stand only once.{}",
            grouped(table.n_symbols() as usize),
            grouped(orders.n_distinct as usize),
            grouped(orders.n_once as usize),
            partly(counted),
        ),
    );
    ui.add_space(theme::size::HALF);
    let area = ui.available_rect_before_wrap();
    let mut chosen = None;
    let mut list = area;
    if !shown.cells.is_empty() {
        let side = (area.height() - 24.0).min(area.width() * 0.62);
        let map = area.with_max_x(area.left() + side + 70.0);
        list.min.x = map.right() + theme::size::GRID * 2.0;
        part(ui, map, |ui| {
            let prefix = &shown.context[..shown.context.len().saturating_sub(1)];
            let after = visible(table, prefix);
            let words = if prefix.is_empty() {
                "Row: a letter. Column: the letter after it.".to_owned()
            } else {
                format!("Row: a letter after “{after}”. Column: the letter after that.")
            };
            sentence(ui, words);
            let names: Vec<String> = table
                .alphabet()
                .map(|symbol| visible(table, &[symbol]))
                .collect();
            let map = HeatMap {
                name: "Letter against letter",
                words: &names,
                cells: &shown.cells,
                unit: "times",
                logarithmic: true,
                digits: 0,
                version: shown.version,
            };
            let size = vec2(ui.available_width(), ui.available_height());
            if let Some([row, column]) = map.show(ui, size, heat) {
                let pair = [row as u32 + 1, column as u32 + 1];
                chosen = Some(table.text(&[prefix, &pair].concat()));
            }
        });
    }
    part(ui, list, |ui| {
        sentence(ui, format!("The commonest {n}-grams"));
        let most: Vec<CountedBar> = shown
            .commonest
            .iter()
            .map(|(gram, count)| {
                let p = *count as f64 / orders.total.max(1) as f64;
                CountedBar {
                    name: visible(table, gram),
                    count: Some(*count),
                    before: p,
                    now: p,
                    chosen: false,
                }
            })
            .collect();
        ScrollArea::vertical()
            .auto_shrink([false, false])
            .show(ui, |ui| {
                ui.set_max_width((ui.available_width() - 12.0).min(560.0));
                let bars = CountedBars {
                    name: "Commonest",
                    bars: &most,
                    row_height: 22.0,
                    hint: Some("Click to ask what follows it."),
                };
                if let Some(i) = bars.show(ui) {
                    chosen = Some(table.text(&shown.commonest[i].0));
                }
            });
    });
    let bottom = pos2(area.left(), area.bottom());
    ui.advance_cursor_after_rect(area.with_max_y(bottom.y));
    chosen
}

/// What a person should know where not all of the text was counted.
fn partly(counted: &Counted) -> String {
    let percent = f64::from(counted.fraction) * 100.0;
    let mut words = match counted.ending {
        Ending::Whole => String::new(),
        Ending::Full => {
            format!(" The table is full: these are the first {percent:.1} % of the text.")
        }
        Ending::Stopped => format!(" Stopped: these are the first {percent:.1} % of the text."),
    };
    if counted.n_not_text > 0 {
        let n = grouped(counted.n_not_text as usize);
        words = format!("{words} {n} places are no UTF-8.");
    }
    words
}
