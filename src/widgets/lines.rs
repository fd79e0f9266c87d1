//! Several quantities over the same steps as lines, with both axes named: losses, probabilities,
//! lengths of gradients. A logarithmic axis shows numbers that fall by orders of magnitude.

mod axes;

use crate::theme;
use axes::Axes;
use eframe::egui::{
    Align2, Color32, FontId, Pos2, Rect, Response, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo,
    pos2, vec2,
};

/// One line.
#[derive(Debug, Clone, Copy)]
pub struct Series<'a> {
    /// What it is: "D".
    pub name: &'a str,
    /// A value for each step; where one is no number the line has a gap.
    pub values: &'a [f32],
    /// Its colour.
    pub color: Color32,
}

/// Lines over the same steps.
#[derive(Debug, Clone, Copy)]
pub struct Lines<'a> {
    /// What AccessKit calls it: "Losses".
    pub name: &'a str,
    /// The name of the vertical axis, with its unit.
    pub y: &'a str,
    /// What is counted along the horizontal axis: "turns".
    pub x: &'a str,
    /// Where the values stand along it, growing.
    pub steps: &'a [f32],
    /// The lines.
    pub series: &'a [Series<'a>],
    /// The scale of the vertical axis.
    pub scale: Scale,
    /// Where a mark stands: the step on the stage.
    pub here: Option<f32>,
}

/// How values become heights.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scale {
    /// From one value to another.
    Fixed(f32, f32),
    /// From 0, or below where values are below, to the largest.
    Linear,
    /// Powers of ten, from the smallest value above 0 to the largest.
    Log,
}

impl Lines<'_> {
    /// Draws them over the width there is, `height` points high.
    pub fn show(self, ui: &mut Ui, height: f32) -> Response {
        self.draw(ui, height, true)
    }

    /// The same without the names above: whoever draws it has told them.
    pub fn show_headless(self, ui: &mut Ui, height: f32) -> Response {
        self.draw(ui, height, false)
    }

    fn draw(self, ui: &mut Ui, height: f32, has_head: bool) -> Response {
        let size = vec2(ui.available_width(), height);
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, self.words()));
        if !ui.is_rect_visible(rect) {
            return response;
        }
        let font = TextStyle::Small.resolve(ui.style());
        if has_head {
            self.paint_head(ui, rect, &font);
        }
        let above = font.size * if has_head { 1.9 } else { 0.6 };
        let plot = Rect::from_min_max(
            rect.min + vec2(font.size * 3.0, above),
            rect.max - vec2(4.0, font.size * 1.5),
        );
        let Some(axes) = Axes::of(&self, plot) else {
            let weak = theme::palette(ui.ctx()).text_weak;
            let words = "appears with the first turns";
            ui.painter()
                .text(plot.center(), Align2::CENTER_CENTER, words, font, weak);
            return response;
        };
        self.paint_axes(ui, &axes, &font);
        for series in self.series {
            paint_line(ui, &axes, self.steps, series);
        }
        if let Some(here) = self.here {
            let stroke = Stroke::new(1.0, theme::palette(ui.ctx()).accent);
            ui.painter().vline(axes.x(here), plot.y_range(), stroke);
        }
        match response.hover_pos() {
            Some(pointer) => self.tell(ui, &axes, pointer, response),
            None => response,
        }
    }

    /// The name of the axis, and the lines' names beside their colours.
    fn paint_head(&self, ui: &Ui, rect: Rect, font: &FontId) {
        let colors = theme::palette(ui.ctx());
        let painter = ui.painter().with_clip_rect(rect);
        let ink = colors.text_weak;
        let shown = painter.text(rect.left_top(), Align2::LEFT_TOP, self.y, font.clone(), ink);
        let mut x = rect.right();
        for series in self.series.iter().rev() {
            if series.name.is_empty() {
                continue;
            }
            let galley = painter.layout_no_wrap(series.name.into(), font.clone(), colors.text);
            let left = x - galley.size().x;
            if left - 18.0 < shown.right() + 8.0 {
                break;
            }
            let y = rect.top() + galley.size().y * 0.5;
            painter.galley(pos2(left, rect.top()), galley, colors.text);
            let swatch = Rect::from_center_size(pos2(left - 10.0, y), vec2(10.0, 3.0));
            painter.rect_filled(swatch, 1.0, series.color);
            x = left - 24.0;
        }
    }

    fn paint_axes(&self, ui: &Ui, axes: &Axes, font: &FontId) {
        let colors = theme::palette(ui.ctx());
        let painter = ui.painter();
        let ink = colors.text_weak;
        let plot = axes.plot;
        for value in axes.ticks(font.size) {
            let y = axes.y(value);
            painter.hline(plot.x_range(), y, Stroke::new(1.0, colors.line));
            let at = pos2(plot.left() - 5.0, y);
            painter.text(
                at,
                Align2::RIGHT_CENTER,
                axes.written(value),
                font.clone(),
                ink,
            );
        }
        let below = plot.bottom() + 2.0;
        let first = written_step(axes.steps[0]);
        painter.text(
            pos2(plot.left(), below),
            Align2::LEFT_TOP,
            first,
            font.clone(),
            ink,
        );
        let last = format!("{} {}", written_step(axes.steps[1]), self.x);
        painter.text(
            pos2(plot.right(), below),
            Align2::RIGHT_TOP,
            last,
            font.clone(),
            ink,
        );
    }

    /// What stands at the step under the pointer.
    fn tell(&self, ui: &Ui, axes: &Axes, pointer: Pos2, response: Response) -> Response {
        let step = axes.step_at(pointer.x);
        let after = self.steps.partition_point(|&at| at < step);
        let i = if after > 0
            && (after == self.steps.len()
                || step - self.steps[after - 1] < self.steps[after] - step)
        {
            after - 1
        } else {
            after
        };
        let x = axes.x(self.steps[i]);
        let stroke = Stroke::new(1.0, theme::palette(ui.ctx()).outline);
        ui.painter().vline(x, axes.plot.y_range(), stroke);
        let told = self.series.iter().filter_map(|series| {
            let value = written(*series.values.get(i)?);
            Some(format!("{}: {value}", series.name))
        });
        let told: Vec<String> = told.collect();
        let words = format!(
            "{} {}\n{}",
            self.x,
            written_step(self.steps[i]),
            told.join("\n")
        );
        response.on_hover_text_at_pointer(words)
    }

    fn words(&self) -> String {
        let last = self.series.iter().filter_map(|series| {
            let value = series.values.last()?;
            Some(format!("{} {}", series.name, written(*value)))
        });
        let last: Vec<String> = last.collect();
        if last.is_empty() {
            format!("{}: nothing yet", self.name)
        } else {
            format!("{}, now {}", self.name, last.join(", "))
        }
    }
}

fn paint_line(ui: &Ui, axes: &Axes, steps: &[f32], series: &Series<'_>) {
    let stroke = Stroke::new(1.5, series.color);
    let painter = ui.painter().with_clip_rect(axes.plot.expand(2.0));
    let points = steps.iter().zip(series.values);
    let mut line: Vec<Pos2> = Vec::new();
    for (&step, &value) in points {
        if value.is_finite() {
            line.push(pos2(axes.x(step), axes.y(value)));
        } else if !line.is_empty() {
            painter.line(std::mem::take(&mut line), stroke);
        }
    }
    match line[..] {
        [] => {}
        [only] => _ = painter.circle_filled(only, 2.5, series.color),
        _ => _ = painter.line(line, stroke),
    }
}

/// A number with three digits that mean something, and a true minus.
#[must_use]
pub fn written(value: f32) -> String {
    let size = value.abs();
    let text = if !value.is_finite() {
        return "no number".into();
    } else if size == 0.0 {
        "0".into()
    } else if !(1e-3..1e5).contains(&size) {
        let power = size.log10().floor() as i32;
        format!(
            "{:.1} × 10{}",
            value / 10_f32.powi(power),
            superscript(power)
        )
    } else {
        let digits = (2.0 - size.log10().floor()).clamp(0.0, 5.0) as usize;
        format!("{value:.digits$}")
    };
    text.replace('-', "−")
}

fn written_step(step: f32) -> String {
    super::count::grouped(step.max(0.0).round() as u64)
}

/// A whole number as an exponent: "⁻³".
fn superscript(n: i32) -> String {
    let raised = |c: char| match c {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        _ => char::from_u32('⁰' as u32 + c.to_digit(10).unwrap_or(0)).unwrap_or('⁰'),
    };
    n.to_string().chars().map(raised).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines<'a>(series: &'a [Series<'a>], scale: Scale) -> Lines<'a> {
        Lines {
            name: "Losses",
            y: "loss",
            x: "turns",
            steps: &[0.0, 10.0, 20.0],
            series,
            scale,
            here: None,
        }
    }

    fn axes(values: &[f32], scale: Scale) -> Axes {
        let plot = Rect::from_min_max(pos2(10.0, 20.0), pos2(110.0, 120.0));
        let series = Series {
            name: "D",
            values,
            color: Color32::BLACK,
        };
        Axes::of(&lines(&[series], scale), plot).unwrap()
    }

    #[test]
    fn a_logarithmic_axis_gives_every_power_of_ten_the_same_room() {
        let axes = axes(&[1e-3, 1e-2, 1.0], Scale::Log);
        assert_eq!([1e-3, 1.0].map(|v| axes.y(v)), [120.0, 20.0]);
        let steps = [1e-3, 1e-2, 1e-1].map(|v| axes.y(v) - axes.y(v * 10.0));
        assert!(steps.iter().all(|step| (step - 100.0 / 3.0).abs() < 1e-3));
        // What cannot be told by a logarithm lies at the bottom.
        assert_eq!(axes.y(0.0), 120.0);
        let shown: Vec<String> = axes
            .ticks(13.0)
            .into_iter()
            .map(|v| axes.written(v))
            .collect();
        assert_eq!(shown, ["10⁻³", "10⁻²", "0.1", "1"]);
    }

    #[test]
    fn a_linear_axis_begins_at_zero_and_has_round_marks() {
        let axes = axes(&[0.7, 1.4, 1.0], Scale::Linear);
        assert_eq!(axes.y(0.0), 120.0);
        let shown: Vec<String> = axes
            .ticks(13.0)
            .into_iter()
            .map(|v| axes.written(v))
            .collect();
        assert_eq!(shown, ["0", "0.5", "1"]);
    }

    #[test]
    fn what_is_no_number_is_left_out_of_the_scale() {
        let axes = axes(&[f32::NAN, 2.0, f32::INFINITY], Scale::Linear);
        assert!((axes.ends[1] - 2.1).abs() < 1e-6);
    }

    #[test]
    fn a_number_is_written_with_three_digits() {
        let shown = [0.0, 0.123_4, 12.34, -1.5, 0.000_012, f32::NAN].map(written);
        assert_eq!(
            shown,
            ["0", "0.123", "12.3", "−1.50", "1.2 × 10⁻⁵", "no number"]
        );
    }

    #[test]
    fn lines_are_told_by_what_they_are_now() {
        let series = [Series {
            name: "D",
            values: &[1.0, 0.693],
            color: Color32::BLACK,
        }];
        let words = lines(&series, Scale::Linear).words();
        assert_eq!(words, "Losses, now D 0.693");
    }
}
