//! The stage: the picture, what it began from and what became of it, and the steps of the way.

use super::outcome::Outcome;
use super::pages::Page;
use super::strips::{film, small_row};
use super::wishes::place_on_walk;
use super::worker::{Frame, MOST_FRAMES};
use super::{FromPictureView, N_WALK, STRENGTHS, repaint};
use crate::labs::diffusion::noising::psnr;
use crate::tabs::images::diffusion::cells::{
    GAP, picture, ratio_in_words, sign, signed, title, write_below,
};
use crate::tabs::images::diffusion::inks;
use crate::tabs::parts::caption;
use crate::theme::{self, size};
use crate::widgets::picture_sheet::{PictureSheet, Pixels};
use eframe::egui::{self, Context, Rect, ScrollArea, Sense, Slider, Ui, Vec2, vec2};

/// A large picture is never smaller; then the stage scrolls.
const LEAST: f32 = 96.0;
/// A picture on the strip of steps, at most.
const MOST_STEP: f32 = 60.0;

pub(super) fn show(view: &mut FromPictureView, ui: &mut Ui) {
    let mut wanted = None;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = size::HALF;
        for (page, label, hint) in Page::ALL {
            let button = egui::Button::selectable(view.page == page, label);
            let button = ui.add(button.frame_when_inactive(true));
            if button.on_hover_text(hint).clicked() {
                wanted = Some(page);
            }
        }
    });
    if let Some(page) = wanted {
        view.turn_to(page);
    }
    ui.add_space(size::HALF);
    let area = ui.available_size();
    ScrollArea::vertical()
        .id_salt("from a picture")
        .show(ui, |ui| {
            let step = ((area.x - 40.0) / MOST_FRAMES as f32 - size::HALF).clamp(20.0, MOST_STEP);
            update(view, ui.ctx());
            match view.page {
                Page::Strength => strength(view, ui, area, step),
                Page::Repaint => repainting(view, ui, area, step),
                Page::Walk => walk(view, ui, area),
                Page::Back => back(view, ui, area, step),
            }
        });
}

/// The side of large pictures, `n` in a row, where `rest` points of the height are taken.
fn side(area: Vec2, n: usize, rest: f32) -> f32 {
    let across = (area.x - GAP * (n as f32 - 1.0)) / n as f32;
    across.min(area.y - rest).max(LEAST).floor()
}

/// A row of large pictures with words below each.
fn row(view: &mut FromPictureView, ui: &mut Ui, side: f32, cells: &[Cell<'_>]) {
    let size = vec2(ui.available_width(), side + 24.0);
    let (area, _) = ui.allocate_exact_size(size, Sense::hover());
    let n_pixels = view.side();
    for (i, cell) in cells.iter().enumerate() {
        let at = area.min + vec2(i as f32 * (side + GAP), 0.0);
        let rect = Rect::from_min_size(at, Vec2::splat(side));
        let asked = &mut view.asked_pixel;
        picture(
            ui,
            (cell.sheet, cell.i),
            rect,
            &cell.words[0],
            n_pixels,
            asked,
        );
        write_below(ui, rect, &cell.words[1], false);
        if i + 1 < cells.len() {
            sign(ui, rect, "→");
        }
    }
}

/// A picture of a row.
struct Cell<'a> {
    sheet: &'a PictureSheet,
    i: usize,
    /// In full, and as short as there is room for.
    words: [String; 2],
}

/// The picture, the same under noise, and what became of it.
fn strength(view: &mut FromPictureView, ui: &mut Ui, area: Vec2, step: f32) {
    let small = ((area.x * 0.86) / STRENGTHS.len() as f32 - size::GRID).clamp(40.0, 76.0);
    let side = side(area, 3, 170.0 + 2.0 * step + small);
    let words = [twice("the picture"), began(view), ended(view)];
    with_sheets(view, |view, original, sheets| {
        let sheets = [(original, 0), (&sheets[0], 0), (&sheets[0], 1)];
        row(view, ui, side, &cells(sheets, words));
    });
    strength_slider(view, ui);
    film(view, ui, step);
    ui.add_space(size::GRID);
    title(
        ui,
        "By strength",
        "how much of the picture becomes noise first",
    );
    let words = STRENGTHS.map(|s| format!("{:.0} %", 100.0 * s));
    let here = STRENGTHS
        .iter()
        .position(|s| (s - view.strength).abs() < 0.005);
    if let Some(i) = small_row(view, ui, small, &words, "Strength", here) {
        view.strength = STRENGTHS[i];
        view.draw_main();
    }
}

/// What the run began with, in words.
fn began(view: &FromPictureView) -> [String; 2] {
    match view.outcome().frames.first() {
        Some(Frame { from, .. }) => [
            format!(
                "under noise, t = {:.0}: {} % of the variance is picture",
                from.t,
                ratio_in_words(100.0 * from.alpha_cumprod)
            ),
            format!(
                "t = {:.0}: {} % picture",
                from.t,
                ratio_in_words(100.0 * from.alpha_cumprod)
            ),
        ],
        None => twice("without noise"),
    }
}

fn twice(words: &str) -> [String; 2] {
    [words, words].map(str::to_owned)
}

fn cells<const N: usize>(
    sheets: [(&PictureSheet, usize); N],
    words: [[String; 2]; N],
) -> Vec<Cell<'_>> {
    let pairs = sheets.into_iter().zip(words);
    pairs
        .map(|((sheet, i), words)| Cell { sheet, i, words })
        .collect()
}

/// What became of it: in full, and as short as there is room for.
fn ended(view: &FromPictureView) -> [String; 2] {
    let outcome = view.outcome();
    let (Some(original), Some(picture)) = (&view.original, &outcome.picture) else {
        return twice("what the network sees so far");
    };
    let near = signed(psnr(picture, &original.numbers), 1);
    match view.page {
        Page::Walk => twice("the picture of this noise"),
        Page::Strength => [
            format!("the new picture, {near} dB near the picture"),
            format!("new, {near} dB near (PSNR)"),
        ],
        Page::Repaint => {
            let outside = psnr_outside(picture, &original.numbers, view.mask.numbers());
            let outside = signed(outside, 1);
            [
                format!(
                    "the new picture, {near} dB near the picture, {outside} dB outside the mask"
                ),
                format!("new, {near} dB near (PSNR), outside the mask {outside} dB"),
            ]
        }
        Page::Back => {
            let is_same = original.caption == view.caption;
            let words = if is_same { "the same" } else { "other" };
            [
                format!("and back, with {words} words"),
                format!("and back, {words} words"),
            ]
        }
    }
}

/// How near two pictures are where nothing was painted over.
fn psnr_outside(a: &[f32], b: &[f32], mask: &[f32]) -> f64 {
    let channels = a.len() / mask.len().max(1);
    let stays = |i: &usize| mask.get(i / channels.max(1)).is_some_and(|&m| m <= 0.0);
    let places: Vec<usize> = (0..a.len().min(b.len())).filter(stays).collect();
    let [a, b] = [a, b].map(|x| places.iter().map(|&i| x[i]).collect::<Vec<f32>>());
    psnr(&a, &b)
}

fn strength_slider(view: &mut FromPictureView, ui: &mut Ui) {
    ui.horizontal(|ui| {
        theme::dress_sliders(ui);
        let hint = "0: the picture stays as it is. 1: nothing of it is left, and only the words count (denoising strength).";
        let label = ui.label("strength").on_hover_text(hint);
        ui.spacing_mut().slider_width = (ui.available_width() - 88.0).max(120.0);
        let slider = Slider::new(&mut view.strength, 0.0..=1.0).max_decimals(2);
        if ui.add(slider).labelled_by(label.id).on_hover_text(hint).changed() {
            view.draw_main();
        }
    });
}

/// The mask, and what became of the part below it.
fn repainting(view: &mut FromPictureView, ui: &mut Ui, area: Vec2, step: f32) {
    let side = side(area, 2, 150.0 + 2.0 * step);
    let size = vec2(ui.available_width(), side + 24.0);
    let (place, _) = ui.allocate_exact_size(size, Sense::hover());
    let [left, right] =
        [0.0, side + GAP].map(|x| Rect::from_min_size(place.min + vec2(x, 0.0), Vec2::splat(side)));
    repaint::canvas(view, ui, left);
    sign(ui, left, "→");
    let n_pixels = view.side();
    let [words, short] = ended(view);
    with_sheets(view, |view, _, sheets| {
        let asked = &mut view.asked_pixel;
        picture(ui, (&sheets[0], 1), right, &words, n_pixels, asked);
    });
    write_below(ui, right, &short, false);
    repaint::tools(view, ui);
    strength_slider(view, ui);
    film(view, ui, step);
}

/// From one noise to another.
fn walk(view: &mut FromPictureView, ui: &mut Ui, area: Vec2) {
    let small = ((area.x + size::GRID) / N_WALK as f32 - size::GRID).clamp(40.0, 120.0);
    let side = side(area, 2, 156.0 + small);
    let began = format!("noise, {:.0} % of the way", 100.0 * view.part);
    let words = [twice(&began), ended(view)];
    with_sheets(view, |view, _, sheets| {
        let sheets = [(&sheets[0], 0), (&sheets[0], 1)];
        row(view, ui, side, &cells(sheets, words));
    });
    ui.horizontal(|ui| {
        theme::dress_sliders(ui);
        let hint = "Drag: every noise on the way is a picture.";
        let label = ui.label("how far").on_hover_text(hint);
        ui.spacing_mut().slider_width = (ui.available_width() - 88.0).max(120.0);
        let slider = Slider::new(&mut view.part, 0.0..=1.0).max_decimals(2);
        if ui
            .add(slider)
            .labelled_by(label.id)
            .on_hover_text(hint)
            .changed()
        {
            view.draw_main();
        }
    });
    let ends = format!(
        "from seed {} to seed {}, the same words all the way",
        view.seed, view.other
    );
    title(ui, "The way", &ends);
    let words: Vec<String> = (0..N_WALK)
        .map(|i| format!("{:.0} %", 100.0 * place_on_walk(i)))
        .collect();
    let here = (0..N_WALK).find(|&i| (place_on_walk(i) - view.part).abs() < 0.005);
    if let Some(i) = small_row(view, ui, small, &words, "Step of the walk", here) {
        view.part = place_on_walk(i);
        view.draw_main();
    }
    caption(
        ui,
        "Noise in between is mixed along the sphere on which noise lies (slerp): it stays as long as noise is.",
    );
}

/// To the noise and back.
fn back(view: &mut FromPictureView, ui: &mut Ui, area: Vec2, step: f32) {
    let side = side(area, 3, 146.0 + 2.0 * step);
    let noise = match &view.outcome().noise {
        Some(noise) => {
            let [mean, deviation] = moments(noise);
            format!(
                "its noise: mean {}, deviation {}",
                signed(mean, 2),
                signed(deviation, 2)
            )
        }
        None => "its noise".into(),
    };
    let words = [twice("the picture"), twice(&noise), ended(view)];
    with_sheets(view, |view, original, sheets| {
        let sheets = [(original, 0), (&sheets[2], 0), (&sheets[0], 1)];
        row(view, ui, side, &cells(sheets, words));
    });
    let near = match (&view.original, &view.outcome().picture) {
        (Some(original), Some(picture)) => {
            format!(
                "{} dB between the picture and what came back (PSNR)",
                signed(psnr(picture, &original.numbers), 1)
            )
        }
        _ => "every step is gone up, then down again".into(),
    };
    title(ui, "There and back", &near);
    film(view, ui, step);
    caption(
        ui,
        "DDIM without noise can be gone in both directions. With the same words the picture comes back; with others the same noise becomes the same person, changed. A breath of noise is put on first (σ 0.1): only where there is some has the network learned to see it.",
    );
}

/// Mean and standard deviation.
fn moments(numbers: &[f32]) -> [f64; 2] {
    let n = numbers.len().max(1) as f64;
    let mean = numbers.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
    let squares = numbers.iter().map(|&x| (f64::from(x) - mean).powi(2));
    [mean, (squares.sum::<f64>() / n).sqrt()]
}

/// Lends the sheets of the page, so that what is drawn may change the view.
fn with_sheets<T>(
    view: &mut FromPictureView,
    draw: impl FnOnce(&mut FromPictureView, &PictureSheet, &[PictureSheet; 3]) -> T,
) -> T {
    let page = view.page as usize;
    let original = std::mem::take(&mut view.original_sheet);
    let sheets = std::mem::take(&mut view.outcomes[page].sheets);
    let out = draw(view, &original, &sheets);
    view.original_sheet = original;
    view.outcomes[page].sheets = sheets;
    out
}

/// Gives the graphics card what is new: of the original, the large pictures, the steps, and the small
/// pictures or, on the way to the noise, the noise and the steps up.
fn update(view: &mut FromPictureView, ctx: &Context) {
    let (n_pixels, channels) = (view.side(), view.n_channels());
    let show =
        |sheet: &mut PictureSheet, version: u64, large: bool, bytes: &dyn Fn() -> Vec<u8>| {
            if sheet.version() != Some(version) {
                let pixels = Pixels {
                    side: n_pixels,
                    n_channels: 3,
                    bytes: &bytes(),
                };
                sheet.update(ctx, version, pixels, large);
            }
        };
    let all = |pictures: &mut dyn Iterator<Item = &[f32]>| -> Vec<u8> {
        let bytes = pictures.map(|numbers| inks::picture(numbers, channels));
        bytes.collect::<Vec<_>>().concat()
    };
    let Some(original) = view.original.clone() else {
        return;
    };
    let version = view.n_originals;
    show(&mut view.original_sheet, version, true, &|| {
        inks::picture(&original.numbers, channels)
    });
    let outcome = &mut view.outcomes[view.page as usize];
    let Outcome {
        frames,
        up,
        noise,
        picture,
        row,
        version,
        sheets: [large, steps, third],
        ..
    } = outcome;
    let none = vec![0.0; original.numbers.len()];
    let last = frames.last().map(|frame| &frame.x0_pred);
    let ends = [
        frames.first().map_or(&original.numbers, |frame| &frame.x_t),
        picture.as_ref().or(last).unwrap_or(&none),
    ];
    show(large, *version, true, &|| {
        all(&mut ends.iter().map(|x| x.as_slice()))
    });
    if view.page == Page::Back {
        let down = || frames.iter().map(|frame| frame.x_t.as_slice());
        show(steps, *version, false, &|| all(&mut down()));
        let noise = noise.as_ref().unwrap_or(&none);
        show(third, *version, false, &|| {
            // Noise is told by its own scale, steps by that of pictures.
            let mut bytes = inks::noise(noise, channels);
            bytes.extend(all(&mut up.iter().map(|frame| frame.x_t.as_slice())));
            bytes
        });
        return;
    }
    let x_t = || frames.iter().map(|frame| frame.x_t.as_slice());
    let x0 = || frames.iter().map(|frame| frame.x0_pred.as_slice());
    show(steps, *version, false, &|| all(&mut x_t().chain(x0())));
    let small = || {
        row.iter()
            .map(|place| place.as_ref().unwrap_or(&none).as_slice())
    };
    show(third, *version, false, &|| all(&mut small()));
}
