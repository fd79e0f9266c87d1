//! The numbers of the training: the loss, and the error at every noise level, now and over the steps.

use super::LearningView;
use super::film::Frame;
use super::trace::Trace;
use crate::labs::diffusion::training::N_BANDS;
use crate::tabs::parts::part;
use crate::theme::{self, size};
use crate::widgets::lines::{Lines, Scale, Series, written};
use eframe::egui::{
    Align2, Color32, Rect, RichText, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, WidgetInfo,
    pos2, vec2,
};

/// A number of the training that can be explained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    /// The loss of a step.
    Loss,
    /// The error at a band of noise levels.
    Band(usize),
}

/// Draws all charts in the room there is. Returns what was clicked.
pub(super) fn show(view: &LearningView, ui: &mut Ui, frame: &Frame) -> Option<What> {
    let way = view.course.film.way()?;
    let trace = &way.trace;
    let here = view
        .course
        .film
        .selected()
        .map(|_| frame.snapshot.step as f32);
    let area = ui.available_rect_before_wrap();
    let gap = size::GRID;
    let height = (area.height() - 2.0 * gap) / 3.0;
    let place = |i: usize| {
        let top = area.top() + (height + gap) * i as f32;
        Rect::from_min_size(pos2(area.left(), top), vec2(area.width(), height))
    };
    let asked = view.explaining.band();
    let (mut is_loss, mut band) = (false, None);
    part(ui, place(0), |ui| is_loss = loss(trace, ui, here));
    part(ui, place(1), |ui| bands_over_steps(trace, ui, here));
    part(ui, place(2), |ui| band = bands_now(trace, asked, ui));
    is_loss.then_some(What::Loss).or(band.map(What::Band))
}

/// Returns whether it was clicked.
fn loss(trace: &Trace, ui: &mut Ui, here: Option<f32>) -> bool {
    let series = [Series {
        name: "loss",
        values: &trace.loss,
        color: theme::palette(ui.ctx()).accent,
    }];
    let height = ui.available_height();
    let chart = Lines {
        name: "Loss",
        y: "loss: mean squared error, weighed by noise level",
        x: "steps",
        steps: &trace.steps,
        series: &series,
        scale: Scale::Log,
        here,
    }
    .show(ui, height);
    let id = ui.scope_id().with("where the loss comes from");
    let click = ui.interact(chart.rect, id, Sense::click());
    click.widget_info(|| WidgetInfo::labeled(Role::Button, true, "Where the loss comes from"));
    let clicked = click.clicked();
    click.on_hover_text(
        "What is lowered. It jumps because every step sees other pictures under other noise. A click shows the terms it is the sum of.",
    );
    clicked
}

/// The noise levels of a band: "0–99".
pub(super) fn band_name(i: usize) -> String {
    format!("{}–{}", i * 100, i * 100 + 99)
}

/// From little noise, violet, to nothing else; what would not be seen on the stage is left out.
fn band_color(i: usize, dark: bool) -> Color32 {
    let share = i as f32 / (N_BANDS - 1) as f32;
    let (from, to) = if dark { (0.3, 1.0) } else { (0.0, 0.8) };
    theme::viridis(from + (to - from) * share)
}

fn bands_over_steps(trace: &Trace, ui: &mut Ui, here: Option<f32>) {
    let dark = theme::palette(ui.ctx()).dark;
    let names: Vec<String> = (0..N_BANDS)
        .map(|i| format!("t {}", band_name(i)))
        .collect();
    let series: Vec<Series<'_>> = (0..N_BANDS)
        .map(|i| Series {
            name: if [0, 4, 9].contains(&i) {
                &names[i]
            } else {
                ""
            },
            values: &trace.bands[i],
            color: band_color(i, dark),
        })
        .collect();
    let height = ui.available_height();
    Lines {
        name: "Error by noise level",
        y: "error of x̂₀",
        x: "steps",
        steps: &trace.steps,
        series: &series,
        scale: Scale::Log,
        here,
    }
    .show(ui, height);
}

/// The error of each band now, as bars; `asked` is the one that is explained. Returns the one clicked.
fn bands_now(trace: &Trace, asked: Option<usize>, ui: &mut Ui) -> Option<usize> {
    let colors = theme::palette(ui.ctx());
    let title = RichText::new("Error of x̂₀ now, by noise level t")
        .small()
        .color(colors.text_weak);
    ui.label(title);
    let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::hover());
    let told = |i: usize| {
        let now = trace.now[i].map_or("nothing yet".into(), written);
        format!("t {}: {now}", band_name(i))
    };
    let told: Vec<String> = (0..N_BANDS).map(told).collect();
    let words = format!("Error by noise level now: {}", told.join(", "));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &words));
    let font = TextStyle::Small.resolve(ui.style());
    let plot = Rect::from_min_max(
        rect.min + vec2(font.size * 3.0, font.size * 0.6),
        rect.max - vec2(4.0, font.size * 1.5),
    );
    let most = trace.now.iter().flatten().copied().fold(1e-3_f32, f32::max);
    let painter = ui.painter().clone();
    let mut clicked = None;
    let ink = colors.text_weak;
    for share in [0.0, 1.0] {
        let y = plot.bottom() - plot.height() * share;
        painter.hline(plot.x_range(), y, Stroke::new(1.0, colors.line));
        let at = pos2(plot.left() - 5.0, y);
        let words = written(most * share);
        painter.text(at, Align2::RIGHT_CENTER, words, font.clone(), ink);
    }
    let wide = plot.width() / N_BANDS as f32;
    for (i, now) in trace.now.iter().enumerate() {
        let left = plot.left() + wide * i as f32;
        let top = plot.bottom() - plot.height() * now.unwrap_or(0.0) / most;
        let bar = Rect::from_x_y_ranges(
            (left + wide * 0.15)..=(left + wide * 0.85),
            top.min(plot.bottom() - 1.0)..=plot.bottom(),
        );
        painter.rect_filled(bar, 1.0, band_color(i, colors.dark));
        let whole = Rect::from_x_y_ranges(left..=(left + wide), plot.y_range());
        if asked == Some(i) {
            let stroke = Stroke::new(1.5, colors.accent);
            painter.rect_stroke(whole, 2.0, stroke, StrokeKind::Inside);
        }
        let click = ui.interact(whole, ui.scope_id().with(("band", i)), Sense::click());
        let name = format!("Where the error at t {} comes from", band_name(i));
        click.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        if click.clicked() {
            clicked = Some(i);
        }
        click.on_hover_text(format!("{}. A click shows where it comes from.", told[i]));
        // Every second one: the last would run into the end of the axis.
        if i.is_multiple_of(2) {
            let at = pos2(left, plot.bottom() + 2.0);
            let words = (i * 100).to_string();
            painter.text(at, Align2::CENTER_TOP, words, font.clone(), ink);
        }
    }
    let end = pos2(plot.right(), plot.bottom() + 2.0);
    painter.text(end, Align2::RIGHT_TOP, "1,000", font, ink);
    response.on_hover_text(format!(
        "The mean squared error of the clean picture that the network sees in a picture under noise, where pixels go from −1 to 1. Little noise is easy; from t = 900 on hardly anything is known but the mean of all pictures.\n{}",
        told.join("\n")
    ));
    clicked
}
