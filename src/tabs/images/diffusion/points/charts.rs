//! The numbers: the loss, how far what comes out is from the data, how much of it is reached, and how
//! few steps will do.

use super::side::{MEASURED_STEPS, Side};
use super::{PointsView, bench};
use crate::tabs::TabContext;
use crate::tabs::parts::{caption, part};
use crate::theme::{self, size};
use crate::widgets::count::grouped;
use crate::widgets::lines::{Lines, Scale, Series};
use eframe::egui::{Align2, Color32, Label, Rect, RichText, Ui, vec2};

/// Narrower than this, the charts stand below each other.
const ROOM_FOR_TWO: f32 = 560.0;

/// A chart of something over the steps of training, or over something else.
struct Chart<'a> {
    title: &'a str,
    hint: &'a str,
    x: &'a str,
    scale: Scale,
    of: fn(&Side) -> (Vec<f32>, Vec<f32>),
}

const CHARTS: [Chart<'static>; 4] = [
    Chart {
        title: "Loss (mean squared error)",
        hint: "What each network lowers. It never comes to 0: at one place and moment there are many points that it could have come from. The losses of two methods are of different things and cannot be compared.",
        x: "steps of training",
        scale: Scale::Linear,
        of: |side| (side.curves.steps.clone(), side.curves.loss.clone()),
    },
    Chart {
        title: "JS to the data, nats",
        hint: "How far 4,096 points, made in 25 steps, are from the data (Jensen-Shannon divergence); the scale is of powers of ten.",
        x: "steps of training",
        scale: Scale::Log,
        of: |side| (side.curves.measured.clone(), side.curves.js.clone()),
    },
    Chart {
        title: "Parts reached",
        hint: "How many parts of the data get at least a quarter of the points they should.",
        x: "steps of training",
        scale: Scale::Fixed(0.0, 8.0),
        of: |side| (side.curves.measured.clone(), side.curves.covered.clone()),
    },
    Chart {
        title: "JS by steps of the way, 2ⁿ",
        hint: "How far what comes out is from the data when noise becomes data in 1, 2, 4, … 64 steps: n = 0 is one step, n = 6 are 64. A method whose ways are straight needs few.",
        x: "n",
        scale: Scale::Log,
        of: |side| {
            let js = |m: &crate::labs::diffusion::plane::Measure| m.divergence.js as f32;
            let js: Vec<f32> = side.by_steps.iter().map(js).collect();
            let at = MEASURED_STEPS.iter().map(|&n| (n as f32).log2());
            (at.take(js.len()).collect(), js)
        },
    },
];

pub(super) fn show(view: &mut PointsView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let colors = theme::palette(ui.ctx());
    let inks = [colors.accent, colors.hues[8]];
    let area = ui.available_rect_before_wrap();
    let columns = if area.width() >= ROOM_FOR_TWO { 2 } else { 1 };
    let rows = CHARTS.len() / columns;
    let gap = vec2(size::GROUP, size::GRID);
    let cell = vec2(
        (area.width() - gap.x * (columns - 1) as f32) / columns as f32,
        (area.height() - gap.y * (rows - 1) as f32) / rows as f32,
    );
    for (i, chart) in CHARTS.iter().enumerate() {
        let at = vec2((i % columns) as f32, (i / columns) as f32);
        let place = Rect::from_min_size(area.min + (cell + gap) * at, cell);
        part(ui, place, |ui| chart.show(view, ui, inks, cx));
    }
}

impl Chart<'_> {
    fn show(
        &self,
        view: &mut PointsView,
        ui: &mut Ui,
        inks: [Color32; 2],
        cx: &mut TabContext<'_>,
    ) {
        ui.spacing_mut().item_spacing.y = 0.0;
        let weak = theme::palette(ui.ctx()).text_weak;
        let title = RichText::new(self.title).small().color(weak);
        ui.add(Label::new(title).truncate())
            .on_hover_text(self.hint);
        let area = ui.available_rect_before_wrap();
        let n = view.n_sides();
        let is_last = self.x == "n";
        if is_last && view.sides.iter().all(|side| side.by_steps.is_empty()) {
            ui.add_space(size::GRID);
            bench::measure_button(view, ui, cx);
            caption(ui, "In how few steps do points come to the data?");
            return;
        }
        let curves: Vec<_> = view.sides.iter().take(n).map(self.of).collect();
        // Both lines need the same steps: those of the one that went further, the other by the nearest.
        let steps: Vec<f32> = merged(curves.iter().map(|(steps, _)| steps.as_slice()));
        let values: Vec<Vec<f32>> = curves
            .iter()
            .map(|(at, values)| along(&steps, at, values))
            .collect();
        let series: Vec<Series<'_>> = values
            .iter()
            .enumerate()
            .map(|(i, values)| Series {
                name: view.setup.what[i].name(),
                values,
                color: inks[i],
            })
            .collect();
        let lines = Lines {
            name: self.title,
            y: "",
            x: self.x,
            steps: &steps,
            series: &series,
            scale: self.scale,
            here: None,
        };
        lines.show(ui, area.height().max(40.0));
        if is_last {
            let at = view.sides[0].by_steps_at;
            let words = format!("measured after {} steps of training", grouped(at));
            let font = eframe::egui::TextStyle::Small.resolve(ui.style());
            let place = area.right_bottom() - vec2(0.0, font.size * 3.2);
            ui.painter()
                .text(place, Align2::RIGHT_BOTTOM, words, font, weak);
        }
    }
}

/// All steps of several lines, in order.
fn merged<'a>(lines: impl Iterator<Item = &'a [f32]>) -> Vec<f32> {
    let mut steps: Vec<f32> = lines.flatten().copied().collect();
    steps.sort_by(f32::total_cmp);
    steps.dedup();
    steps
}

/// The values of a line at steps of several: between two of its own on the straight line between them,
/// none before its first and after its last.
fn along(steps: &[f32], own: &[f32], values: &[f32]) -> Vec<f32> {
    let at = |&step: &f32| {
        let after = own.partition_point(|&x| x < step);
        let (Some(&right), Some(&to)) = (own.get(after), values.get(after)) else {
            return f32::NAN;
        };
        if right <= step {
            return to;
        }
        let Some(before) = after.checked_sub(1) else {
            return f32::NAN;
        };
        let (left, from) = (own[before], values[before]);
        from + (to - from) * (step - left) / (right - left)
    };
    steps.iter().map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_lines_share_their_steps_and_keep_their_values() {
        let (a, b) = ([0.0, 10.0, 20.0], [5.0, 10.0]);
        let steps = merged([&a[..], &b[..]].into_iter());
        assert_eq!(steps, [0.0, 5.0, 10.0, 20.0]);
        assert_eq!(along(&steps, &a, &[1.0, 2.0, 4.0]), [1.0, 1.5, 2.0, 4.0]);
        let short = along(&steps, &b, &[7.0, 8.0]);
        assert!(short[0].is_nan() && short[3].is_nan());
        assert_eq!(short[1..3], [7.0, 8.0]);
    }
}
