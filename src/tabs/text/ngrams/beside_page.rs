//! The N-gram and the transformer at the same place: what each looks at, and what each expects.

use super::beside::Beside;
use super::setup::Setup;
use super::{Shown, predict_page, sentence, visible};
use crate::labs::ngrams::{Expected, Table, Unit};
use crate::tabs::parts::part;
use crate::tabs::text::views::Desk;
use crate::theme;
use crate::widgets::count::grouped;
use crate::widgets::counted_bars::{CountedBar, CountedBars};
use crate::widgets::token_text;
use eframe::egui::text::LayoutJob;
use eframe::egui::{RichText, Role, Sense, TextFormat, TextStyle, Ui, WidgetInfo, vec2};

/// Rows on each side.
const ROWS: usize = 12;

pub(super) fn show(
    ui: &mut Ui,
    table: &Table,
    shown: &Shown,
    setup: &Setup,
    beside: &Beside,
    desk: &Desk,
) {
    let area = ui.available_rect_before_wrap();
    let gap = theme::size::GROUP;
    let middle = area.center().x;
    part(ui, area.with_max_x(middle - gap * 0.5), |ui| {
        ngram(ui, table, shown, setup);
    });
    part(ui, area.with_min_x(middle + gap * 0.5), |ui| {
        transformer(ui, table, setup, beside, desk);
    });
    ui.advance_cursor_after_rect(area);
}

fn ngram(ui: &mut Ui, table: &Table, shown: &Shown, setup: &Setup) {
    let [one, many] = setup.unit_words();
    let n = shown.key.1;
    heading(ui, &format!("{n}-grams of {}", setup.source.name()));
    let seen = visible(table, &shown.next.context);
    both(ui, "Sees: ", &format!("…{seen}"));
    let what = if n == 2 { one } else { many };
    sentence(ui, format!("the last {} {what}, and nothing before", n - 1));
    ui.add_space(theme::size::GRID);
    let mut bars = predict_page::bars(table, shown);
    bars.truncate(ROWS);
    if bars.is_empty() {
        sentence(
            ui,
            "0 of 0: it was never seen. The counts have nothing to say.",
        );
    }
    rows(ui, "The n-gram expects", &bars);
}

fn transformer(ui: &mut Ui, table: &Table, setup: &Setup, beside: &Beside, desk: &Desk) {
    let Some(loaded) = desk.model.current() else {
        heading(ui, "A transformer");
        sentence(ui, "No model is loaded yet.");
        return;
    };
    heading(ui, &loaded.name);
    both(
        ui,
        "Sees: ",
        &token_text::shown(setup.context.as_bytes(), false),
    );
    match beside.answer(desk, &setup.context) {
        None => sentence(ui, "reading…"),
        Some(Err(refusal)) => sentence(ui, format!("{}. {}", refusal.what, refusal.next)),
        Some(Ok(expected)) => {
            let s = if expected.n_tokens == 1 { "" } else { "s" };
            let n = grouped(expected.n_tokens);
            sentence(ui, format!("all of it: {n} token{s}, read just now"));
            ui.add_space(theme::size::GRID);
            rows(ui, "The transformer expects", &expects(table, expected));
            ui.add_space(theme::size::GRID);
            sentence(
                ui,
                match table.unit() {
                    Unit::Letters => {
                        "It writes tokens, not letters: each bar is the sum over all tokens that begin with this letter; anything that is no letter counts as the space."
                    }
                    Unit::Words => "It writes tokens: words, or parts of words.",
                },
            );
        }
    }
}

/// The transformer's expectation in the same unit.
fn expects(table: &Table, expected: &Expected) -> Vec<CountedBar> {
    let bar = |name: String, p: f64| CountedBar {
        name,
        count: None,
        before: p,
        now: p,
        chosen: false,
    };
    if table.unit() == Unit::Words {
        let tokens = expected.tokens.iter().take(ROWS);
        return tokens
            .map(|(bytes, p)| bar(token_text::visible(bytes), *p))
            .collect();
    }
    let mut letters: Vec<(u32, f64)> = (1..).zip(expected.letters).collect();
    letters.sort_by(|a, b| b.1.total_cmp(&a.1));
    letters.truncate(ROWS);
    let letters = letters.into_iter();
    letters
        .map(|(symbol, p)| bar(visible(table, &[symbol]), p))
        .collect()
}

fn rows(ui: &mut Ui, name: &str, bars: &[CountedBar]) {
    let bars = CountedBars {
        name,
        bars,
        row_height: 24.0,
        hint: None,
    };
    ui.scope(|ui| bars.show(ui));
}

fn heading(ui: &mut Ui, words: &str) {
    ui.label(RichText::new(words).text_style(theme::style::subheading()));
}

/// A word in grey and what it is about, on as many lines as it takes, three at most.
fn both(ui: &mut Ui, label: &str, what: &str) {
    let colors = theme::palette(ui.ctx());
    let mut job = LayoutJob::default();
    let body = TextStyle::Body.resolve(ui.style());
    let mono = TextStyle::Monospace.resolve(ui.style());
    job.append(label, 0.0, TextFormat::simple(body, colors.text_weak));
    job.append(what, 0.0, TextFormat::simple(mono, colors.text));
    job.wrap.max_width = ui.available_width();
    job.wrap.max_rows = 3;
    let galley = ui.painter().layout_job(job);
    // Both sides take the same room, so that their bars stand side by side.
    let height = galley.size().y.max(theme::size::BODY * 4.2);
    let size = vec2(ui.available_width(), height);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{label}{what}")));
    ui.painter().galley(rect.min, galley, colors.text);
}
