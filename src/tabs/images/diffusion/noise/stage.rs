//! The stage: the picture, its noise and both together; below them what the network makes of it, and
//! how far that is off; at the bottom the same from several levels.

use super::NoiseView;
use super::shown::Shown;
use super::worker::STRIP;
use crate::labs::diffusion::Level;
use crate::labs::diffusion::noising::Once;
use crate::tabs::images::diffusion::cells::{
    GAP, beside, picture, ratio_in_words, ring, sign, signed, title, write_below,
};
use crate::tabs::images::diffusion::inks;
use crate::tabs::parts::caption;
use crate::theme::{self, size};
use crate::widgets::picture_sheet::{PictureSheet, Pixels};
use eframe::egui::{
    self, Align2, Rect, RichText, Role, ScrollArea, Sense, Slider, Ui, Vec2, WidgetInfo, pos2, vec2,
};

/// Room for the slider, the two titles and the words below pictures, and the strip without its pictures.
const WORDS: f32 = 284.0;
/// A picture is never smaller; then the stage scrolls.
const LEAST: f32 = 84.0;

/// Where everything stands on the stage.
struct Places {
    left: f32,
    /// The side of a large picture, and of one on the strip.
    side: f32,
    stop: f32,
    width: f32,
}

impl Places {
    fn of(area: Vec2) -> Self {
        let stop = ((area.x * 0.8 - 8.0 * 7.0) / 8.0).clamp(40.0, 88.0);
        let down = (area.y - WORDS - stop) * 0.5;
        let across = (area.x - 3.0 * GAP) * 0.25;
        Self {
            left: 0.0,
            side: down.min(across).max(LEAST).floor(),
            stop,
            width: area.x,
        }
    }

    fn column(&self, i: usize) -> f32 {
        self.left + i as f32 * (self.side + GAP)
    }
}

pub(super) fn show(view: &mut NoiseView, ui: &mut Ui) {
    let area = ui.available_size();
    ScrollArea::vertical()
        .id_salt("noise on a picture")
        .show(ui, |ui| {
            let mut places = Places::of(area);
            places.left = ui.max_rect().left();
            update_for(view, ui, places.side);
            slider(view, ui);
            adding(view, ui, &places);
            ui.add_space(size::GRID);
            removing(view, ui, &places);
            ui.add_space(size::GRID);
            strip(view, ui, &places);
        });
}

/// The level, over the whole width.
pub(super) fn slider(view: &mut NoiseView, ui: &mut Ui) {
    ui.horizontal(|ui| {
        theme::dress_sliders(ui);
        let hint =
            "0: hardly any noise. 999: hardly anything else. The network is told this number.";
        let label = ui.label("noise level (timestep) t").on_hover_text(hint);
        ui.spacing_mut().slider_width = (ui.available_width() - 88.0).max(120.0);
        let mut t = view.t;
        let slider = Slider::new(&mut t, 0.0..=999.0).integer();
        let slider = ui.add(slider).labelled_by(label.id).on_hover_text(hint);
        if slider.changed() {
            view.set_t(t);
        }
    });
}

/// The picture, the noise, and both together.
fn adding(view: &mut NoiseView, ui: &mut Ui, places: &Places) {
    let Some(noised) = &view.noised else { return };
    let level = noised.level;
    let (signal, noise) = (level.signal(), level.noise());
    let formula = format!("xₜ = √ᾱ·x₀ + √(1−ᾱ)·ε = {signal:.4}·x₀ + {noise:.4}·ε");
    title(ui, "Adding noise", &formula);
    let (row, _) = ui.allocate_exact_size(vec2(places.width, places.side + 20.0), Sense::hover());
    let below = [
        format!("the picture x₀ × {signal:.3}"),
        format!("noise ε × {noise:.3}"),
        format!("the picture under noise xₜ, t = {:.0}", view.t),
    ];
    let side = view.side();
    let sheet = std::mem::take(&mut view.sheets[0]);
    for (i, words) in below.iter().enumerate() {
        let rect = picture_rect(places, row, i);
        picture(ui, (&sheet, i), rect, words, side, &mut view.asked_pixel);
        let short = [
            format!("x₀ × {signal:.3}"),
            format!("ε × {noise:.3}"),
            format!("xₜ, t = {:.0}", view.t),
        ];
        write_below(ui, rect, &short[i], false);
        if i < 2 {
            sign(ui, rect, ["+", "="][i]);
        }
    }
    view.sheets[0] = sheet;
    let rest = Rect::from_min_max(
        pos2(places.column(3), row.top()),
        pos2(places.left + places.width, row.bottom() + size::GROUP),
    );
    if rest.width() > 190.0 {
        beside(ui, rest, |ui| numbers(ui, view.t, &level));
    }
}

/// What the level is, in numbers.
fn numbers(ui: &mut Ui, t: f64, level: &Level) {
    ui.spacing_mut().interact_size.y = size::BODY;
    let ratio = level.alpha_cumprod / (1.0 - level.alpha_cumprod);
    let lines = [
        (
            "noise level t",
            format!("{t:.0} of 999"),
            "Which of the 1000 levels.",
        ),
        (
            "picture √ᾱ",
            format!("{:.4}", level.signal()),
            "What the picture is multiplied with.",
        ),
        (
            "noise √(1−ᾱ)",
            format!("{:.4}", level.noise()),
            "What the noise is multiplied with. The squares of both add up to 1.",
        ),
        (
            "signal to noise ᾱ/(1−ᾱ)",
            ratio_in_words(ratio),
            "How much stronger the picture is than the noise, as variances (SNR).",
        ),
        (
            "in decibels",
            signed(level.snr_db(), 1) + " dB",
            "Ten times the logarithm of that ratio: 0 where both are equal.",
        ),
    ];
    egui::Grid::new("numbers of the level")
        .num_columns(2)
        .spacing([12.0, 3.0])
        .show(ui, |ui| {
            for (name, value, hint) in lines {
                caption(ui, name).on_hover_text(hint);
                let value = RichText::new(value).text_style(theme::style::small_mono());
                ui.label(value).on_hover_text(hint);
                ui.end_row();
            }
        });
}

/// What the network says.
fn removing(view: &mut NoiseView, ui: &mut Ui, places: &Places) {
    let shown = view.shown.take();
    let told = match &shown {
        Some(shown) => told(view, &shown.once),
        None => "the network looks at xₜ".into(),
    };
    title(ui, "Removing it once", &told);
    let (row, _) = ui.allocate_exact_size(vec2(places.width, places.side + 38.0), Sense::hover());
    let below = shown.as_ref().map(words_of).unwrap_or_default();
    let side = view.side();
    let sheet = std::mem::take(&mut view.sheets[1]);
    for (i, [words, number]) in below.iter().enumerate() {
        let rect = picture_rect(places, row, i);
        let name = format!("{words}, {number}");
        picture(ui, (&sheet, i), rect, &name, side, &mut view.asked_pixel);
        write_below(ui, rect, words, false);
        write_below(ui, rect.translate(vec2(0.0, 18.0)), number, true);
    }
    view.sheets[1] = sheet;
    let rest = Rect::from_min_max(
        pos2(places.column(4) - GAP + size::GRID, row.top()),
        pos2(places.left + places.width, row.bottom()),
    );
    if let Some(shown) = shown.as_ref().filter(|_| rest.width() > 96.0) {
        beside(ui, rest, |ui| legend(ui, shown));
    }
    view.shown = shown;
}

/// What the network was told.
fn told(view: &NoiseView, once: &Once) -> String {
    let mut told = format!("the network sees xₜ, is told t = {:.0}", once.told.t);
    told += if view.has_words {
        " and the words"
    } else {
        " and nothing else"
    };
    told
}

fn words_of(shown: &Shown) -> [[String; 2]; 4] {
    let once = &shown.once;
    let psnr = once.x0_psnr_db;
    [
        [
            "the picture it sees x̂₀".into(),
            format!("PSNR {} dB", signed(psnr, 1)),
        ],
        ["the noise it sees ε̂".into(), "follows from x̂₀".into()],
        [
            "error x̂₀ − x₀".into(),
            format!("MSE {}", ratio_in_words(shown.x0_mse)),
        ],
        [
            "error ε̂ − ε".into(),
            format!("MSE {}", ratio_in_words(once.noise_mse)),
        ],
    ]
}

/// What the colours of the errors mean.
fn legend(ui: &mut Ui, shown: &Shown) {
    let [picture, noise] = shown.reaches;
    for (name, reach) in [("x̂₀ − x₀", picture), ("ε̂ − ε", noise)] {
        caption(ui, name);
        let width = ui.available_width().min(112.0);
        let (rect, _) = ui.allocate_exact_size(vec2(width, 12.0), Sense::hover());
        let n = 32;
        for i in 0..n {
            let place = Rect::from_min_size(
                rect.min + vec2(rect.width() * i as f32 / n as f32, 0.0),
                vec2(rect.width() / n as f32 + 0.5, rect.height()),
            );
            let value = (i as f32 + 0.5) / n as f32 * 2.0 - 1.0;
            ui.painter()
                .rect_filled(place, 0.0, theme::diverging(value));
        }
        let (rect, _) = ui.allocate_exact_size(vec2(width, 16.0), Sense::hover());
        let color = theme::palette(ui.ctx()).text_weak;
        let font = theme::style::small_mono().resolve(ui.style());
        for (at, anchor, text) in [
            (rect.left_top(), Align2::LEFT_TOP, format!("−{reach}")),
            (rect.right_top(), Align2::RIGHT_TOP, format!("+{reach}")),
        ] {
            ui.painter().text(at, anchor, text, font.clone(), color);
        }
    }
}

/// The noise taken off once, from several levels.
fn strip(view: &mut NoiseView, ui: &mut Ui, places: &Places) {
    title(
        ui,
        "The same from other levels",
        "x̂₀, and how near it is (PSNR in dB)",
    );
    let height = places.stop + 22.0;
    let (row, _) = ui.allocate_exact_size(vec2(places.width, height), Sense::hover());
    let font = theme::style::small_mono().resolve(ui.style());
    let colors = theme::palette(ui.ctx());
    let pitch = places.stop + size::GRID;
    let mut wanted = None;
    for (i, t) in STRIP.into_iter().enumerate() {
        let at = row.min + vec2(pitch * i as f32, 0.0);
        let rect = Rect::from_min_size(at, Vec2::splat(places.stop));
        let psnr = view.strip.1.get(i).map(|stop| signed(stop.psnr_db, 1));
        let here = (view.t - t).abs() < 0.5;
        let response = ui.interact(rect, ui.scope_id().with(("stop", i)), Sense::click());
        response.widget_info(|| {
            let psnr = psnr.as_deref().unwrap_or("not yet");
            let words = format!("From t = {t:.0}: {psnr} dB");
            WidgetInfo::selected(Role::Button, true, here, words)
        });
        view.sheets[2].paint(ui.painter(), rect, i);
        if psnr.is_none() {
            ui.painter().rect_filled(rect, 2.0, colors.hover);
        }
        ring(ui, rect, here || response.has_focus(), response.hovered());
        let words = match psnr {
            Some(psnr) if places.stop > 64.0 => format!("{t:.0}: {psnr}"),
            _ => format!("t {t:.0}"),
        };
        let at = pos2(rect.center().x, rect.bottom() + 3.0);
        ui.painter()
            .text(at, Align2::CENTER_TOP, words, font.clone(), colors.text);
        if response.on_hover_text("Click: this level.").clicked() {
            wanted = Some(t);
        }
    }
    let why = "From far up many pictures could lie under the same noise. The network answers with their mean: mush. Hence many small steps.";
    let rest = row.with_min_x(row.left() + pitch * STRIP.len() as f32 + size::HALF);
    if rest.width() > 150.0 {
        beside(ui, rest.with_max_y(rest.bottom() + 8.0), |ui| {
            _ = caption(ui, why);
        });
    } else {
        caption(ui, why);
    }
    if let Some(t) = wanted {
        view.set_t(t);
    }
}

fn picture_rect(places: &Places, row: Rect, i: usize) -> Rect {
    let at = pos2(places.column(i), row.top());
    Rect::from_min_size(at, Vec2::splat(places.side))
}

/// Gives the graphics card what is new, for large pictures of this side.
pub(super) fn update_for(view: &mut NoiseView, ui: &Ui, side_on_stage: f32) {
    let (Some(denoiser), Some(original)) = (&view.denoiser, &view.original) else {
        return;
    };
    let (side, channels) = (denoiser.about().side, denoiser.about().n_channels);
    let ctx = ui.ctx();
    let is_large = |points: f32| points * ctx.pixels_per_point() > 4.0 * side as f32;
    let update =
        |sheet: &mut PictureSheet, version: u64, large: bool, bytes: &dyn Fn() -> Vec<u8>| {
            let version = version * 2 + u64::from(large);
            if sheet.version() != Some(version) {
                let pixels = Pixels {
                    side,
                    n_channels: 3,
                    bytes: &bytes(),
                };
                sheet.update(ctx, version, pixels, large);
            }
        };
    let large = is_large(side_on_stage);
    let [adding, removing, strip] = &mut view.sheets;
    if let Some(noised) = &view.noised {
        update(adding, view.n_asked, large, &|| {
            [
                inks::picture(&original.numbers, channels),
                inks::noise(&noised.noise, channels),
                inks::picture(&noised.x_t, channels),
            ]
            .concat()
        });
    }
    if let Some(shown) = &view.shown {
        update(removing, shown.number, large, &|| {
            let Shown {
                once,
                errors,
                reaches,
                ..
            } = shown;
            let [picture, noise] = *reaches;
            [
                inks::picture(&once.x0_pred, channels),
                inks::noise(&once.noise_pred, channels),
                inks::signed(&errors[0], picture),
                inks::signed(&errors[1], noise),
            ]
            .concat()
        });
    }
    let (number, stops) = &view.strip;
    let version = number * (STRIP.len() as u64 + 1) + stops.len() as u64;
    update(strip, version, false, &|| {
        let pictures = stops
            .iter()
            .map(|stop| inks::picture(&stop.x0_pred, channels));
        pictures.collect::<Vec<_>>().concat()
    });
}
