//! P(next | context): the counts after a context, divided by their sum; and what smoothing makes of it.

use super::setup::Setup;
use super::{Shown, sentence, visible};
use crate::labs::ngrams::{Next, Smoothing, Table, UNKNOWN, Unit};
use crate::theme;
use crate::widgets::count::grouped;
use crate::widgets::counted_bars::{CountedBar, CountedBars, share};
use eframe::egui::{RichText, ScrollArea, Ui};

/// Rows at most.
const MOST_ROWS: usize = 60;

/// Draws it. Returns what was clicked, to go on with.
pub(super) fn show(ui: &mut Ui, table: &Table, shown: &Shown, setup: &Setup) -> Option<String> {
    let next = &shown.next;
    let equation = equation(table, shown);
    let style = match equation.chars().count() {
        0..60 => theme::style::subheading(),
        _ => theme::style::small_mono(),
    };
    ui.label(RichText::new(equation).text_style(style));
    sentence(ui, said(table, shown, setup));
    ui.add_space(theme::size::GRID);
    let bars = bars(table, shown);
    let name = format!("After “{}”", visible(table, &next.context));
    let mut clicked = None;
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            ui.set_max_width((ui.available_width() - 12.0).min(720.0));
            let room = ui.available_height() / bars.len().max(1) as f32;
            let bars_here = CountedBars {
                name: &name,
                bars: &bars,
                row_height: room.clamp(19.0, 34.0).floor(),
                hint: Some("Click to write it behind the context."),
            };
            clicked = bars_here.show(ui);
        });
    clicked.map(|i| table.name(next.rows[i].symbol).to_owned())
}

/// One row for each that may come next.
pub(super) fn bars(table: &Table, shown: &Shown) -> Vec<CountedBar> {
    let plain = |symbol| {
        let rows = shown.plain.rows.iter();
        let row = rows.clone().find(|row| row.symbol == symbol);
        row.map_or(0.0, |row| row.p)
    };
    let rows = shown.next.rows.iter().take(MOST_ROWS);
    rows.map(|row| CountedBar {
        name: visible(table, &[row.symbol]),
        count: Some(row.count),
        before: plain(row.symbol),
        now: row.p,
        chosen: false,
    })
    .collect()
}

/// The first row's probability with its real numbers.
fn equation(table: &Table, shown: &Shown) -> String {
    let Next {
        context,
        total,
        rows,
        ..
    } = &shown.next;
    let context = visible(table, context);
    let Some(row) = rows.first() else {
        return format!("P(next | {context}) = 0 / 0");
    };
    let next = visible(table, &[row.symbol]);
    let given = if context.is_empty() {
        format!("P({next})")
    } else {
        format!("P({next} | {context})")
    };
    let (count, total) = (grouped(row.count as usize), grouped(*total as usize));
    let p = share(row.p);
    match shown.key.3 {
        Smoothing::None => format!("{given} = {count} / {total} = {p}"),
        Smoothing::AddK(k) => {
            let n = grouped(table.n_alphabet());
            format!("{given} = ({count} + {k}) / ({total} + {k}·{n}) = {p}")
        }
        Smoothing::BackOff(discount) => {
            let kinds = shown.plain.rows.len();
            if shown.plain.total == 0 {
                format!("{given} = {p}, from a shorter context")
            } else {
                format!(
                    "{given} = ({count} − {discount}) / {total} + {discount}·{kinds} / {total} · P({next} | shorter) = {p}"
                )
            }
        }
    }
}

/// The same in a sentence, and what it means.
fn said(table: &Table, shown: &Shown, setup: &Setup) -> String {
    let next = &shown.next;
    let [one, many] = setup.unit_words();
    let unseen = grouped(next.n_unseen);
    let context = visible(table, &next.context);
    if shown.plain.total == 0 {
        let why = if next.context.contains(&UNKNOWN) {
            format!("The text does not have all of these {many} (? stands for one it has not)")
        } else {
            format!("“{context}” is nowhere in the text with something behind it")
        };
        return match shown.key.3 {
            Smoothing::None => {
                format!("{why}: 0 of 0. The counts have nothing to say; try smoothing.")
            }
            Smoothing::AddK(_) => {
                format!("{why}. Adding the same to everything makes all {many} alike.")
            }
            Smoothing::BackOff(_) => format!("{why}. So the shorter context speaks."),
        };
    }
    let times = grouped(next.total as usize);
    let stands = if next.context.is_empty() {
        format!("There are {times} {many}.")
    } else {
        format!("“{context}” stands {times} times with a {one} behind it.")
    };
    let zeros = match shown.key.3 {
        Smoothing::None => format!("{unseen} {many} never follow: their probability is 0."),
        _ => format!(
            "{unseen} {many} never follow; smoothing gives them {} together. Outlines: the counts alone.",
            share(next.p_unseen)
        ),
    };
    let unit = if table.unit() == Unit::Words {
        " The N-gram sees no more of your text than this."
    } else {
        ""
    };
    format!("{stands} {zeros}{unit}")
}
