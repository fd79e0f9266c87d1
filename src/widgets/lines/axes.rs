//! Where the numbers of some lines stand on the screen, and which of them are written beside the axis.

use super::{Lines, Scale, superscript};
use eframe::egui::Rect;

/// Where numbers stand on the screen.
pub(super) struct Axes {
    pub(super) plot: Rect,
    pub(super) steps: [f32; 2],
    /// The ends of the vertical axis; logarithms where it is logarithmic.
    pub(super) ends: [f32; 2],
    log: bool,
}

impl Axes {
    /// `None` where there is nothing to draw.
    pub(super) fn of(lines: &Lines<'_>, plot: Rect) -> Option<Self> {
        let (first, last) = (*lines.steps.first()?, *lines.steps.last()?);
        let values = lines.series.iter().flat_map(|series| series.values);
        let finite = values.copied().filter(|value| value.is_finite());
        let log = lines.scale == Scale::Log;
        let ends = match lines.scale {
            Scale::Fixed(low, high) => [low, high],
            Scale::Linear => {
                let around = |[low, high]: [f32; 2], v: f32| [low.min(v), high.max(v)];
                let [low, high] = finite.fold([0.0, 0.0], around);
                [
                    low - (high - low) * 0.02 * f32::from(low < 0.0),
                    high.max(1e-6) * 1.05,
                ]
            }
            Scale::Log => {
                let positive = finite.filter(|&value| value > 0.0).map(f32::log10);
                let around = |[low, high]: [f32; 2], v: f32| [low.min(v), high.max(v)];
                let [low, high] = positive.fold([f32::INFINITY, f32::NEG_INFINITY], around);
                if low > high {
                    return None;
                }
                [low.floor(), high.ceil().max(low.floor() + 1.0)]
            }
        };
        Some(Self {
            plot,
            steps: [first, last.max(first + 1.0)],
            ends,
            log,
        })
    }

    pub(super) fn x(&self, step: f32) -> f32 {
        let share = (step - self.steps[0]) / (self.steps[1] - self.steps[0]);
        self.plot.left() + self.plot.width() * share.clamp(0.0, 1.0)
    }

    pub(super) fn step_at(&self, x: f32) -> f32 {
        let share = ((x - self.plot.left()) / self.plot.width()).clamp(0.0, 1.0);
        self.steps[0] + share * (self.steps[1] - self.steps[0])
    }

    pub(super) fn y(&self, value: f32) -> f32 {
        let [low, high] = self.ends;
        let value = match self.log {
            true if value > 0.0 => value.log10(),
            true => low,
            false => value,
        };
        let share = (value - low) / (high - low).max(f32::MIN_POSITIVE);
        self.plot.bottom() - self.plot.height() * share.clamp(0.0, 1.0)
    }

    /// Values to write beside the axis: as many as there is room for, in letters so high.
    pub(super) fn ticks(&self, font: f32) -> Vec<f32> {
        let [low, high] = self.ends;
        let room = (self.plot.height() / (font * 1.6)).max(1.0);
        if self.log {
            let every = ((high - low) / room).ceil().max(1.0);
            let n = ((high - low) / every).floor() as i32;
            (0..=n)
                .map(|i| 10_f32.powf(low + i as f32 * every))
                .collect()
        } else {
            let raw = (high - low) / room.min(4.0);
            let power = 10_f32.powf(raw.log10().floor());
            let steps = [1.0, 2.0, 2.5, 5.0, 10.0].map(|step| step * power);
            let step = steps.into_iter().find(|&s| s >= raw * 0.999).unwrap_or(raw);
            // One mark alone gives no scale.
            let step = if high < step { step * 0.5 } else { step };
            let from = (low / step).ceil() as i32;
            let to = (high / step + 1e-3).floor() as i32;
            (from..=to).map(|i| i as f32 * step).collect()
        }
    }

    pub(super) fn written(&self, value: f32) -> String {
        if self.log {
            let power = value.log10().round() as i32;
            return match power {
                -1 => "0.1".into(),
                0 => "1".into(),
                1 => "10".into(),
                _ => format!("10{}", superscript(power)),
            };
        }
        let [low, high] = self.ends;
        let digits = (1.0 - (high - low).log10().floor()).clamp(0.0, 5.0) as usize;
        let text = format!("{:.digits$}", value + 0.0);
        let text = if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.')
        } else {
            &text
        };
        text.replace('-', "−")
    }
}
