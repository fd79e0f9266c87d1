//! Shannon's way to write: what was drawn so far, and what each symbol was drawn from.

use super::setup::Setup;
use super::{sentence, visible};
use crate::labs::ngrams::{Drawn, Smoothing, Symbol, Table, Unit, Writer};
use crate::theme;
use crate::widgets::count::grouped;
use crate::widgets::counted_bars::{CountedBar, CountedBars, share};
use crate::widgets::timeline::{Step, Timeline};
use eframe::egui::{self, Label, RichText, ScrollArea, Sense, Ui};

/// No more is written than can be looked at.
const MOST_SYMBOLS: usize = 2_000;

/// Rows of what a symbol was drawn from.
const ROWS: usize = 8;

/// What writing depends on: the counts, N, the start, the smoothing and the seed.
type Start = (u64, usize, Vec<Symbol>, Smoothing, u64);

/// What was written, and what it was begun with.
#[derive(Debug, Default)]
pub(super) struct Written {
    start: Option<Start>,
    writer: Option<Writer>,
    drawn: Vec<Drawn>,
    /// The symbol that is looked at; the last one unless chosen.
    chosen: Option<usize>,
}

impl Written {
    pub(super) fn is_empty(&self) -> bool {
        self.drawn.is_empty()
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Goes on by `n` symbols; begins anew where something has changed.
    pub(super) fn go_on(&mut self, table: &Table, start: Start, n: usize) {
        if self.start.as_ref() != Some(&start) {
            let (_, order, context, smoothing, seed) = &start;
            let writer = Writer::new(context, *order, *smoothing, *seed);
            *self = Self {
                writer: Some(writer),
                start: Some(start),
                ..Self::default()
            };
        }
        let room = MOST_SYMBOLS.saturating_sub(self.drawn.len());
        if let Some(writer) = &mut self.writer {
            let steps = (0..n.min(room)).map_while(|_| writer.step(table));
            self.drawn.extend(steps);
        }
        self.chosen = None;
    }

    fn looked_at(&self) -> Option<usize> {
        let last = self.drawn.len().checked_sub(1)?;
        Some(self.chosen.unwrap_or(last).min(last))
    }

    fn begun_with(&self) -> &[Symbol] {
        self.start.as_ref().map_or(&[], |start| &start.2)
    }
}

pub(super) fn show(ui: &mut Ui, table: &Table, setup: &Setup, written: &mut Written) {
    let [one, many] = setup.unit_words();
    let Some(at) = written.looked_at() else {
        sentence(
            ui,
            format!(
                "Take the last {} {many}, look up what followed them in the text, draw one by its probability, move on by one {one}. Press Write, or Step.",
                setup.n - 1
            ),
        );
        return;
    };
    ScrollArea::vertical()
        .id_salt("written")
        .auto_shrink([false, true])
        .max_height(ui.available_height() * 0.5)
        .stick_to_bottom(true)
        .show(ui, |ui| text(ui, table, written, at));
    ui.add_space(theme::size::GRID);
    let Some(drawn) = written.drawn.get(at) else {
        return;
    };
    ui.label(RichText::new(drawn_from(table, drawn)).monospace());
    if drawn.n_left_out > 0 {
        sentence(
            ui,
            format!(
                "The whole context was never seen with something behind it, so {} of it had to be left out.",
                drawn.n_left_out
            ),
        );
    }
    ui.add_space(theme::size::HALF);
    let smoothing = written
        .start
        .as_ref()
        .map_or(Smoothing::None, |start| start.3);
    let next = table.next(&drawn.context, smoothing, ROWS);
    let is_it = |symbol| symbol == drawn.row.symbol;
    let mut rows: Vec<_> = next.rows.iter().take(ROWS).copied().collect();
    if !rows.iter().any(|row| is_it(row.symbol)) {
        rows.pop();
        rows.push(drawn.row);
    }
    let bars: Vec<CountedBar> = rows
        .into_iter()
        .map(|row| CountedBar {
            name: visible(table, &[row.symbol]),
            count: Some(row.count),
            before: row.p,
            now: row.p,
            chosen: is_it(row.symbol),
        })
        .collect();
    ui.scope(|ui| {
        ui.set_max_width(ui.available_width().min(640.0));
        let bars = CountedBars {
            name: "Drawn from",
            bars: &bars,
            row_height: 22.0,
            hint: None,
        };
        bars.show(ui);
    });
}

/// Every symbol, the likelier the darker behind it; a click looks at one.
fn text(ui: &mut Ui, table: &Table, written: &mut Written, at: usize) {
    let colors = theme::palette(ui.ctx());
    let mut chosen = None;
    ui.horizontal_wrapped(|ui| {
        let gap = if table.unit() == Unit::Words {
            5.0
        } else {
            0.0
        };
        ui.spacing_mut().item_spacing = egui::vec2(gap, 3.0);
        let start = visible(table, written.begun_with());
        if !start.is_empty() {
            ui.label(RichText::new(start).monospace().color(colors.text_weak));
        }
        for (i, drawn) in written.drawn.iter().enumerate() {
            let name = table.text(&[drawn.row.symbol]);
            let word = RichText::new(&name).monospace();
            let word = if i == at {
                word.background_color(colors.accent).color(colors.on_accent)
            } else {
                let fill = colors.probability(drawn.row.p as f32);
                word.background_color(fill).color(colors.text_on(fill))
            };
            let label = ui.add(Label::new(word).sense(Sense::click()).selectable(false));
            label.widget_info(|| {
                let name = format!("Symbol {}: {name}", i + 1);
                egui::WidgetInfo::selected(egui::Role::Button, true, i == at, name)
            });
            if label.clicked() {
                chosen = Some(i);
            }
        }
    });
    written.chosen = chosen.or(written.chosen);
}

/// What was drawn, with its real numbers.
fn drawn_from(table: &Table, drawn: &Drawn) -> String {
    let next = visible(table, &[drawn.row.symbol]);
    let context = visible(table, &drawn.context);
    let given = if context.is_empty() {
        next
    } else {
        format!("{next} | {context}")
    };
    let (count, total) = (drawn.row.count as usize, drawn.total as usize);
    let p = share(drawn.row.p);
    format!(
        "P({given}) = {p}   counted {} of {}",
        grouped(count),
        grouped(total)
    )
}

/// The strip of steps: how surprising each was.
pub(super) fn timeline(ui: &mut Ui, table: &Table, written: &mut Written) {
    let names: Vec<String> = written
        .drawn
        .iter()
        .map(|drawn| visible(table, &[drawn.row.symbol]))
        .collect();
    let steps: Vec<Step<'_>> = written
        .drawn
        .iter()
        .zip(&names)
        .map(|(drawn, label)| Step {
            label,
            value: -drawn.row.p.log2(),
            branches: drawn.n_left_out > 0,
        })
        .collect();
    let strip = Timeline::new("Drawn, surprise", "bits", &steps, written.looked_at());
    if let Some(step) = strip.show(ui) {
        written.chosen = Some(step);
    }
}
