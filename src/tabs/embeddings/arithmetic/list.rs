//! The nearest words as bars, the words of the question struck out among them, and three measures
//! beside each other. A number that is clicked tells where it comes from.

use super::Arithmetic;
use crate::labs::embeddings::Near;
use crate::tabs::embeddings::explain_panel::{Measure, signed};
use crate::tabs::embeddings::views::Desk;
use crate::tabs::parts::caption;
use crate::theme;
use eframe::egui::{Align2, Rect, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2};

const ROW: f32 = 25.0;
const RANK: f32 = 30.0;
const NUMBER: f32 = 66.0;

/// The number beside a word.
pub(super) fn number(near: &Near, measure: Measure) -> f64 {
    match measure {
        Measure::Cosine => near.cosine,
        Measure::Dot => near.dot,
        Measure::Distance => near.euclid,
    }
}

pub(super) fn show(view: &mut Arithmetic, ui: &mut Ui, desk: &Desk) {
    let Some(answer) = view.answer() else {
        return;
    };
    let rows: Vec<Near> = answer.nearest.clone();
    let strike = view.question.strike;
    let columns = Columns::of(ui.available_width());
    let mut asked = None;
    ui.scope(|ui| {
        if view.mistake().is_some() {
            ui.set_opacity(0.5);
        }
        ui.spacing_mut().item_spacing.y = 0.0;
        if let Some(measure) = head(ui, &columns, view.question.measure) {
            let question = super::Question {
                measure,
                ..view.question.clone()
            };
            view.ask(question, "measure");
        }
        let mut rank = 0;
        for near in &rows {
            let struck = strike && near.is_input;
            rank += usize::from(!struck);
            let place = (!struck).then_some(rank);
            let is_open = view
                .equation
                .as_ref()
                .is_some_and(|open| open.index == near.index && open.near.word == near.word);
            if let Some(measure) = row(ui, &columns, near, place, (view.question.measure, is_open))
            {
                asked = Some((near.clone(), measure));
            }
        }
    });
    if let Some((near, measure)) = asked {
        view.explain_near(&near, measure, desk);
    }
    ui.add_space(theme::size::HALF);
    caption(ui, sentence(view.question.raw));
}

/// Why the three numbers differ.
fn sentence(raw: bool) -> &'static str {
    if raw {
        "Cosine looks at directions alone. The dot product also grows with length, so common words with long vectors win; distance favours vectors as long as the sum."
    } else {
        "Every vector has length 1 here, so all three agree on the order. Keep the lengths of the file (on the right) and they part: only the cosine looks at directions alone."
    }
}

/// Where the columns are, from the left edge.
struct Columns {
    word: f32,
    bar: f32,
    numbers: f32,
    width: f32,
}

impl Columns {
    fn of(width: f32) -> Self {
        let numbers = (width - 3.0 * NUMBER).max(RANK + 120.0);
        let word = RANK;
        let bar = (word + (numbers - word) * 0.58).min(numbers - 40.0);
        Self {
            word,
            bar,
            numbers,
            width: numbers + 3.0 * NUMBER,
        }
    }
}

/// The names of the columns; the measures order the words when they are clicked.
fn head(ui: &mut Ui, columns: &Columns, by: Measure) -> Option<Measure> {
    let colors = theme::palette(ui.ctx());
    let (rect, _) = ui.allocate_exact_size(vec2(columns.width, ROW), Sense::hover());
    let font = TextStyle::Small.resolve(ui.style());
    let at = pos2(rect.left() + columns.word, rect.center().y);
    let weak = colors.text_weak;
    ui.painter()
        .text(at, Align2::LEFT_CENTER, "nearest words", font.clone(), weak);
    let mut chosen = None;
    for (i, measure) in Measure::ALL.into_iter().enumerate() {
        let left = rect.left() + columns.numbers + i as f32 * NUMBER;
        let cell = Rect::from_min_size(pos2(left, rect.top()), vec2(NUMBER, ROW));
        let response = ui.interact(cell, ui.scope_id().with(("by", i)), Sense::click());
        let is_chosen = measure == by;
        response.widget_info(|| {
            let name = format!("Order by {}", measure.label());
            WidgetInfo::selected(Role::Button, true, is_chosen, name)
        });
        let words = match measure {
            Measure::Dot => "dot",
            other => other.label(),
        };
        let ink = if is_chosen || response.hovered() || response.has_focus() {
            colors.text
        } else {
            weak
        };
        let right = pos2(cell.right(), cell.center().y);
        let shown = ui
            .painter()
            .text(right, Align2::RIGHT_CENTER, words, font.clone(), ink);
        if is_chosen {
            let under = Stroke::new(2.0, colors.accent);
            ui.painter()
                .hline(shown.x_range(), cell.bottom() - 2.0, under);
        }
        if response.on_hover_text(measure.tooltip()).clicked() {
            chosen = Some(measure);
        }
    }
    ui.painter()
        .hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, colors.line));
    chosen
}

/// One word. Returns the measure whose number was clicked; the word itself stands for the measure
/// that orders.
fn row(
    ui: &mut Ui,
    columns: &Columns,
    near: &Near,
    rank: Option<usize>,
    (by, is_open): (Measure, bool),
) -> Option<Measure> {
    let colors = theme::palette(ui.ctx());
    let (rect, response) = ui.allocate_exact_size(vec2(columns.width, ROW), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, is_open, name(near, rank)));
    if !ui.is_rect_visible(rect) {
        return None;
    }
    let lit = response.hovered() || response.has_focus();
    if is_open || lit {
        let fill = if is_open {
            colors.accent_soft
        } else {
            colors.hover
        };
        ui.painter().rect_filled(rect, 4.0, fill);
    }
    paint(ui, rect, columns, near, rank);
    let clicked = response.clicked();
    let at = response.interact_pointer_pos();
    response.on_hover_text("Click a number: where it comes from.");
    let column = at.map(|at| ((at.x - rect.left() - columns.numbers) / NUMBER).floor());
    clicked.then_some(match column {
        Some(0.0) => Measure::Cosine,
        Some(1.0) => Measure::Dot,
        Some(2.0) => Measure::Distance,
        _ => by,
    })
}

fn paint(ui: &Ui, rect: Rect, columns: &Columns, near: &Near, rank: Option<usize>) {
    let colors = theme::palette(ui.ctx());
    let painter = ui.painter();
    let middle = rect.center().y;
    let struck = rank.is_none();
    let ink = if struck {
        colors.text_weak
    } else {
        colors.text
    };
    let mono = TextStyle::Monospace.resolve(ui.style());
    let small = theme::style::small_mono().resolve(ui.style());
    if let Some(rank) = rank {
        let at = pos2(rect.left() + columns.word - 10.0, middle);
        let weak = colors.text_weak;
        painter.text(at, Align2::RIGHT_CENTER, rank, small.clone(), weak);
    }
    let words = rect
        .with_min_x(rect.left() + columns.word)
        .with_max_x(rect.left() + columns.bar - 6.0);
    let inside = painter.with_clip_rect(words.intersect(ui.clip_rect()));
    let at = pos2(words.left(), middle);
    let written = inside.text(at, Align2::LEFT_CENTER, &near.word, mono, ink);
    if struck {
        let line = Stroke::new(1.5, ink);
        inside.hline(written.x_range(), middle, line);
    }
    let track = Rect::from_min_max(
        pos2(rect.left() + columns.bar, middle - 6.0),
        pos2(rect.left() + columns.numbers - 4.0, middle + 6.0),
    );
    painter.rect_filled(track, 2.0, colors.hover);
    let share = near.cosine.clamp(0.0, 1.0) as f32;
    let filled = track.with_max_x(track.left() + track.width() * share);
    let strength = match rank {
        Some(1) => 1.0,
        Some(_) => 0.6,
        None => 0.25,
    };
    let fill = theme::mix(colors.stage, colors.accent, strength);
    painter.rect_filled(filled, 2.0, fill);
    for (i, measure) in Measure::ALL.into_iter().enumerate() {
        let right = rect.left() + columns.numbers + (i + 1) as f32 * NUMBER;
        let text = signed(number(near, measure), 3);
        painter.text(
            pos2(right, middle),
            Align2::RIGHT_CENTER,
            text,
            small.clone(),
            ink,
        );
    }
}

/// What a screen reader says.
fn name(near: &Near, rank: Option<usize>) -> String {
    let place = rank.map_or_else(
        || "Struck out, a word of the question: ".to_owned(),
        |rank| format!("Number {rank}: "),
    );
    let [cosine, dot, distance] = Measure::ALL.map(|measure| signed(number(near, measure), 3));
    format!(
        "{place}{}, cosine {cosine}, dot product {dot}, distance {distance}",
        near.word
    )
}
