//! The stage: what G draws from z that stay the same, what D says of it and of real pictures, and the
//! numbers of the training.

use super::explain::Which;
use super::film::Frame;
use super::presets::PRESETS;
use super::{AIR, PicturesView, charts, lesson};
use crate::labs::gan::pictures::Variety;
use crate::labs::judge::Coverage;
use crate::tabs::TabContext;
use crate::tabs::parts::{caption, part};
use crate::theme;
use crate::widgets::image_grid::{GridResponse, ImageGrid, percent, verdict_legend};
use crate::widgets::picture_sheet::Pixels;
use eframe::egui::{self, Rect, RichText, Ui, Vec2, vec2};
use std::sync::Arc;

/// Narrower than this, the stage has room for the made pictures only.
const ROOM_FOR_CHARTS: f32 = 600.0;
/// A real picture is never larger on the stage.
const MOST_REAL: f32 = 72.0;
/// Real pictures in a row.
const REAL_COLUMNS: usize = 8;
/// Higher than this, the stage has room for words and for a second row of real pictures.
const ROOM_FOR_WORDS: f32 = 560.0;

pub(super) fn show(view: &mut PicturesView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    view.course.show_saving(ui, cx);
    let Some(frame) = view.course.film.here().cloned() else {
        empty(view, ui, cx);
        return;
    };
    head(view, ui, &frame);
    take_pictures(view, ui, &frame);
    let area = ui.available_rect_before_wrap();
    if area.width() < ROOM_FOR_CHARTS {
        made(view, ui, &frame, area.size());
        return;
    }
    let left = (area.height() * 1.12).min(area.width() * 0.58).floor();
    let [made_area, side] = [
        Rect::from_min_size(area.min, vec2(left, area.height())),
        area.with_min_x(area.left() + left + AIR),
    ];
    part(ui, made_area, |ui| {
        let size = ui.available_size();
        made(view, ui, &frame, size);
    });
    part(ui, side, |ui| {
        real(view, ui, &frame);
        ui.add_space(theme::size::GRID);
        charts::show(view, ui);
    });
    ui.advance_cursor_after_rect(area);
}

/// How far it is, and what to look at.
fn head(view: &PicturesView, ui: &mut Ui, frame: &Frame) {
    let colors = theme::palette(ui.ctx());
    view.course.head(ui, frame);
    // In a low window these words stand on the bench only.
    let preset = PRESETS.iter().find(|preset| preset.is(&view.setup));
    if let Some(preset) = preset.filter(|_| ui.available_height() > ROOM_FOR_WORDS) {
        let words = RichText::new(preset.look_at).color(colors.text_weak);
        ui.add(egui::Label::new(words).wrap());
        ui.add_space(theme::size::HALF);
    }
}

/// Gives the graphics card the pictures of this frame, if it has others.
fn take_pictures(view: &mut PicturesView, ui: &Ui, frame: &Frame) {
    let fakes = &frame.snapshot.fakes;
    let pixels = Pixels {
        side: fakes.side,
        n_channels: fakes.n_channels,
        bytes: &fakes.pixels,
    };
    view.made.update(ui.ctx(), frame.id, pixels, false);
    let Some(prepared) = &view.course.prepared else {
        return;
    };
    // The real pictures that are judged are the same in all snapshots of a training.
    let version = Arc::as_ptr(&prepared.reals) as u64;
    if view.real.version() != Some(version) {
        let of = &prepared.reals;
        let chosen = frame.snapshot.reals.iter();
        let bytes: Vec<u8> = chosen
            .filter_map(|&i| of.get(i))
            .flatten()
            .copied()
            .collect();
        let pixels = Pixels {
            side: of.side,
            n_channels: of.n_channels,
            bytes: &bytes,
        };
        view.real.update(ui.ctx(), version, pixels, false);
    }
}

/// What G draws.
fn made(view: &mut PicturesView, ui: &mut Ui, frame: &Frame, size: Vec2) {
    let top = ui.cursor().top();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(theme::size::GRID, 2.0);
        ui.label(RichText::new("Made by G").text_style(theme::style::strong()));
        verdict_legend(ui, "D says “real” (tick: 50 %)");
        if let Some(variety) = &frame.variety {
            varied(ui, variety);
        }
    });
    let room = vec2(size.x, size.y - (ui.cursor().top() - top));
    let verdicts: Vec<f32> = frame
        .snapshot
        .fake_logits
        .iter()
        .map(|&logit| sigmoid(logit))
        .collect();
    let mut grid = ImageGrid {
        name: "Made picture",
        sheet: &view.made,
        n: frame.snapshot.fakes.len(),
        columns: 8,
        verdicts: &verdicts,
        verdict: "real",
        chosen: view.explaining.chosen_fake(),
    };
    // Where the stage is low and wide, longer rows leave more room for each picture.
    let sides = [8, 10, 11, 13, 16, 22, 32].map(|columns| ImageGrid { columns, ..grid });
    let best = sides
        .into_iter()
        .max_by(|a, b| a.side(ui, room).total_cmp(&b.side(ui, room)));
    if let Some(best) = best.filter(|best| best.side(ui, room) > grid.side(ui, room) * 1.15) {
        grid = best;
    }
    let done = grid.show(ui, room);
    answer(
        view,
        done,
        &verdicts,
        &frame.snapshot.fake_logits,
        frame,
        Which::Made,
    );
}

/// How much of what there is the made pictures show.
fn varied(ui: &mut Ui, variety: &Variety) {
    let words = format!("variety {:.0} %", variety.spread * 100.0);
    caption(ui, words).on_hover_text(
        "How different the made pictures are from each other, pixel by pixel, where real pictures are 100 %. When it falls, the generator draws one picture again and again (mode collapse).",
    );
    // Digits are asked one thing; of faces the colour of the hair has most kinds.
    let told = |kinds: &&Coverage| matches!(kinds.question.as_str(), "digit" | "hair_color");
    let Some(kinds) = variety.kinds.iter().find(told) else {
        return;
    };
    let n = kinds.counts.len();
    let seen = n - kinds.missing().count();
    let what = match kinds.question.as_str() {
        "digit" => "digits",
        _ => "hair",
    };
    let each = |kinds: &Coverage| {
        let counts = kinds.counts.iter().map(|(kind, n)| format!("{kind} {n}"));
        let counts: Vec<String> = counts.collect();
        format!(
            "{}: {}",
            kinds.question.replace('_', " "),
            counts.join(", ")
        )
    };
    let all: Vec<String> = variety.kinds.iter().map(each).collect();
    caption(ui, format!("{what} {seen} of {n}")).on_hover_text(format!(
        "What a judge takes the made pictures for. What is missing for long is a mode that the generator dropped.\n{}",
        all.join("\n")
    ));
}

/// Real pictures, judged too.
fn real(view: &mut PicturesView, ui: &mut Ui, frame: &Frame) {
    let snapshot = &frame.snapshot;
    let rows = 1 + usize::from(ui.available_height() > ROOM_FOR_WORDS);
    let n = snapshot.real_logits.len().min(view.real.len());
    let n = n.min(rows * REAL_COLUMNS);
    if n == 0 {
        return;
    }
    ui.label(RichText::new("Real pictures").text_style(theme::style::strong()));
    let verdicts: Vec<f32> = snapshot
        .real_logits
        .iter()
        .map(|&logit| sigmoid(logit))
        .collect();
    let most = MOST_REAL * REAL_COLUMNS as f32;
    let room = vec2(ui.available_width().min(most), ui.available_height() * 0.3);
    let grid = ImageGrid {
        name: "Real picture",
        sheet: &view.real,
        n,
        columns: REAL_COLUMNS,
        verdicts: &verdicts,
        verdict: "real",
        chosen: view.explaining.chosen_real(),
    };
    let done = grid.show(ui, room);
    answer(
        view,
        done,
        &verdicts,
        &snapshot.real_logits,
        frame,
        Which::Real,
    );
}

/// A hover tells of a picture; a click opens where its verdict comes from.
fn answer(
    view: &mut PicturesView,
    done: GridResponse,
    verdicts: &[f32],
    logits: &[f32],
    frame: &Frame,
    which: impl Fn(usize) -> Which,
) {
    if let Some((i, response)) = done.hovered
        && let (Some(&p), Some(&logit)) = (verdicts.get(i), logits.get(i))
    {
        let words = format!(
            "D says: real with {} (logit {}).\nClick to see where this verdict comes from.",
            percent(p),
            format!("{logit:+.2}").replace('-', "−")
        );
        response.on_hover_text(words);
    }
    if let Some(i) = done.clicked {
        view.explain_verdict(frame, which(i));
    }
}

/// The probability that a logit stands for.
pub(super) fn sigmoid(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}

fn empty(view: &mut PicturesView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    ui.add_space(ui.available_height() * 0.22);
    ui.vertical_centered(|ui| {
        ui.set_max_width(560.0);
        if view.course.is_coming() {
            ui.label(RichText::new("Reading the pictures").text_style(theme::style::subheading()));
            ui.add_space(theme::size::GRID);
            ui.spinner();
            return;
        }
        let title = "From noise to pictures, in front of you";
        ui.label(RichText::new(title).text_style(theme::style::subheading()));
        ui.add_space(theme::size::GRID);
        ui.label("The generator (G) makes pictures out of random numbers z. The discriminator (D) sees real pictures and made ones and says for each how likely it is real. D learns to tell them apart, G learns to be taken for real: neither is ever shown how to draw.");
        ui.add_space(theme::size::GROUP);
        let [label, hint] = lesson::START;
        let button = theme::primary_button(ui.ctx(), label);
        let can = view.setup.source().is_some();
        if ui.add_enabled(can, button).on_hover_text(hint).clicked() {
            view.course.start_anew(&view.setup, cx);
        }
        ui.add_space(theme::size::GRID);
        let words = format!(
            "On {}, at {} × {} pixels. Ten seconds show a change.",
            view.setup.source_name(),
            view.setup.side(),
            view.setup.side()
        );
        caption(ui, words);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logit_of_nought_is_even_odds() {
        assert_eq!(sigmoid(0.0), 0.5);
        assert!(sigmoid(9.0) > 0.999 && sigmoid(-9.0) < 0.001);
    }
}
