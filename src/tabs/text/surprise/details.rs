//! Below the texts: the bits along the text, the tokens that surprised most, and what was expected
//! instead of the one that is looked at.

use super::reading::Reading;
use super::totals::visible;
use crate::tabs::parts::{caption, part};
use crate::theme;
use crate::widgets::count::grouped;
use crate::widgets::lines::{Lines, Scale, Series};
use crate::widgets::probability_bars::{Bar, ProbabilityBars};
use crate::widgets::token_strip::percent;
use eframe::egui::{Rect, RichText, ScrollArea, Ui, pos2};

/// Places along the text at which the lines are drawn.
const N_POINTS: usize = 240;

/// The height of a row.
const ROW: f32 = 18.0;

/// The height of the scale under the bars.
const SCALE: f32 = 20.0;

/// Draws the three parts side by side.
pub(super) fn show(
    ui: &mut Ui,
    area: Rect,
    readings: &[Option<Reading>; 2],
    selected: &mut Option<[usize; 2]>,
) {
    let gap = theme::size::GRID * 2.0;
    let width = area.width() - gap * 2.0;
    let shares = [0.36, 0.24, 0.40].map(|share| share * width);
    let mut left = area.left();
    let mut next = |share: f32| {
        let column = Rect::from_min_max(pos2(left, area.top()), pos2(left + share, area.bottom()));
        left += share + gap;
        column
    };
    part(ui, next(shares[0]), |ui| curve(ui, readings, *selected));
    part(ui, next(shares[1]), |ui| most(ui, readings, selected));
    part(ui, next(shares[2]), |ui| expected(ui, readings, *selected));
}

/// The bits so far, along the bytes of the text: the same axis for every vocabulary.
fn curve(ui: &mut Ui, readings: &[Option<Reading>; 2], selected: Option<[usize; 2]>) {
    let colors = theme::palette(ui.ctx());
    let ends = readings.iter().flatten();
    let ends = ends.filter_map(|reading| reading.so_far.last().map(|[bytes, _]| *bytes));
    let end = ends.fold(0.0, f64::max);
    if end <= 0.0 {
        return;
    }
    let at = |i: usize| end * i as f64 / N_POINTS as f64;
    let steps: Vec<f32> = (0..=N_POINTS).map(|i| at(i) as f32).collect();
    let most = readings.iter().flatten().map(|reading| reading.totals.bits);
    // Numbers of five digits would not fit beside the axis.
    let (y, unit) = if most.fold(0.0, f64::max) < 10_000.0 {
        ("bits so far", 1.0)
    } else {
        ("kilobits so far", 1e3)
    };
    let line = |reading: &Reading| -> Vec<f32> {
        let values = (0..=N_POINTS).map(|i| reading.bits_at(at(i)));
        let values = values.map(|bits| bits.map_or(f32::NAN, |bits| (bits / unit) as f32));
        values.collect()
    };
    let lines: Vec<(usize, &Reading, Vec<f32>)> = readings
        .iter()
        .enumerate()
        .filter_map(|(side, reading)| reading.as_ref().map(|r| (side, r, line(r))))
        .collect();
    let series = lines.iter().map(|(side, reading, values)| Series {
        name: &reading.loaded.name,
        values,
        color: [colors.accent, colors.hues[8]][*side],
    });
    let series: Vec<Series<'_>> = series.collect();
    let here = selected.and_then(|[side, i]| readings[side].as_ref()?.so_far.get(i).copied());
    let lines = Lines {
        name: "Bits so far",
        y,
        x: "bytes of the text",
        steps: &steps,
        series: &series,
        scale: Scale::Linear,
        here: here.map(|[bytes, _]| bytes as f32),
    };
    let height = ui.available_height();
    lines.show(ui, height);
}

/// The tokens that surprised most.
fn most(ui: &mut Ui, readings: &[Option<Reading>; 2], selected: &mut Option<[usize; 2]>) {
    let side = selected.map_or(0, |at| at[0]);
    let Some((side, reading)) = of_side(readings, side) else {
        return;
    };
    caption(ui, format!("Most surprising to {}", reading.loaded.name));
    ScrollArea::vertical()
        .id_salt("most surprising")
        .auto_shrink(false)
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            ui.spacing_mut().interact_size.y = ROW;
            ui.spacing_mut().button_padding.y = 0.0;
            for &i in &reading.most {
                let (Some(piece), Some(bits)) = (reading.pieces.get(i), reading.bits(i)) else {
                    continue;
                };
                let words = format!("{bits:5.1} bits  {}", visible(piece));
                let label = RichText::new(words).text_style(theme::style::small_mono());
                let is_selected = *selected == Some([side, i]);
                let hint = format!("Token {}: see what was expected instead.", i + 1);
                if ui
                    .selectable_label(is_selected, label)
                    .on_hover_text(hint)
                    .clicked()
                {
                    *selected = Some([side, i]);
                }
            }
        });
}

/// What was expected instead of the token that is looked at; of the most surprising, before one is chosen.
fn expected(ui: &mut Ui, readings: &[Option<Reading>; 2], selected: Option<[usize; 2]>) {
    let Some((side, reading)) = of_side(readings, selected.map_or(0, |at| at[0])) else {
        return;
    };
    let chosen = selected.filter(|at| at[0] == side).map(|at| at[1]);
    let Some(i) = chosen.or(reading.most.first().copied()) else {
        return;
    };
    let (Some(piece), Some(told)) = (reading.pieces.get(i), reading.told.get(i)) else {
        return;
    };
    let Some(guess) = &told.guess else {
        caption(
            ui,
            "Nothing stands before the first token, so nobody guessed it.",
        );
        return;
    };
    caption(
        ui,
        format!("What {} expected as token {}", reading.loaded.name, i + 1),
    );
    let n_better = grouped(guess.rank);
    let words = format!(
        "“{}” got {}: {:.1} bits; {n_better} tokens seemed more likely. It reckoned with {:.1} bits here.",
        visible(piece),
        percent(guess.p()),
        guess.bits,
        guess.entropy_bits,
    );
    ui.add(eframe::egui::Label::new(RichText::new(words).small()).wrap());
    let mut rows: Vec<(u32, f64)> = guess
        .expected
        .iter()
        .map(|&(id, p)| (id, f64::from(p)))
        .collect();
    let room = ((ui.available_height() - SCALE) / ROW).max(1.0) as usize;
    rows.truncate(room);
    if !rows.iter().any(|&(id, _)| id == told.id) {
        rows.pop();
        rows.push((told.id, guess.p()));
    }
    let bytes: Vec<Vec<u8>> = rows
        .iter()
        .map(|&(id, _)| reading.loaded.token_bytes(id))
        .collect();
    let bars = rows.iter().zip(&bytes).map(|(&(id, p), bytes)| Bar {
        bytes,
        before: p,
        after: Some(p),
        discarded_by: None,
        chosen: id == told.id,
    });
    let bars: Vec<Bar<'_>> = bars.collect();
    ProbabilityBars::new(&bars, ROW).show(ui);
}

/// The reading of this side, or of the other where there is none.
fn of_side(readings: &[Option<Reading>; 2], side: usize) -> Option<(usize, &Reading)> {
    let sides = [side, 1 - side.min(1)];
    sides
        .into_iter()
        .find_map(|side| Some((side, readings.get(side)?.as_ref()?)))
}
