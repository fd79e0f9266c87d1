//! A strip of steps: one bar per step, as high as its value; click, drag or use the arrow keys to
//! go to a step.

use crate::theme;
use crate::widgets::token_strip::keep_horizontal_arrows;
use eframe::egui::{Align2, Key, Rect, Sense, TextStyle, Ui, WidgetInfo, pos2, vec2};

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct Step<'a> {
    /// What is written under it where there is room.
    pub label: &'a str,
    /// How high its bar is, in the strip's unit.
    pub value: f64,
    /// Whether other ways were tried from here.
    pub branches: bool,
}

/// The strip.
#[derive(Debug)]
pub struct Timeline<'a> {
    name: &'a str,
    unit: &'a str,
    steps: &'a [Step<'a>],
    selected: Option<usize>,
}

impl<'a> Timeline<'a> {
    /// A strip called `name` whose values are in `unit`.
    #[must_use]
    pub fn new(
        name: &'a str,
        unit: &'a str,
        steps: &'a [Step<'a>],
        selected: Option<usize>,
    ) -> Self {
        Self {
            name,
            unit,
            steps,
            selected,
        }
    }

    /// Draws it in the space there is; returns the step gone to, if the person went to one.
    pub fn show(self, ui: &mut Ui) -> Option<usize> {
        let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
        let n = self.steps.len();
        response.widget_info(|| {
            let at = self.selected.map_or(0, |s| s + 1);
            WidgetInfo::slider(true, at as f64, format!("{}, {n} steps", self.name))
        });
        if n == 0 {
            return None;
        }
        let plot = rect.with_min_x(rect.left() + self.scale_width(ui));
        self.paint(ui, rect, plot);
        if response.has_focus() {
            let colors = theme::palette(ui.ctx());
            let stroke = eframe::egui::Stroke::new(1.0, colors.accent);
            ui.painter()
                .rect_stroke(rect, 4.0, stroke, eframe::egui::StrokeKind::Inside);
            keep_horizontal_arrows(ui, response.id);
            if let Some(step) = self.step_by_key(ui) {
                return Some(step);
            }
        }
        if response.clicked() {
            response.request_focus();
        }
        let pointer = response.interact_pointer_pos()?;
        let at = (pointer.x - plot.left()) / plot.width() * n as f32;
        let step = (at.max(0.0) as usize).min(n - 1);
        (self.selected != Some(step)).then_some(step)
    }

    fn step_by_key(&self, ui: &Ui) -> Option<usize> {
        let last = self.steps.len() - 1;
        let at = self.selected;
        ui.input(|input| {
            if input.key_pressed(Key::ArrowLeft) {
                Some(at.map_or(last, |at| at.saturating_sub(1)))
            } else if input.key_pressed(Key::ArrowRight) {
                Some(at.map_or(0, |at| (at + 1).min(last)))
            } else if input.key_pressed(Key::Home) {
                Some(0)
            } else if input.key_pressed(Key::End) {
                Some(last)
            } else {
                None
            }
        })
    }

    /// Room for the numbers of the scale.
    fn scale_width(&self, ui: &Ui) -> f32 {
        let font = TextStyle::Small.resolve(ui.style());
        let text = format!("{} {}", scale_end(self.steps), self.unit);
        let color = theme::palette(ui.ctx()).text_weak;
        let galley = ui.painter().layout_no_wrap(text, font, color);
        (galley.size().x + 10.0).max(44.0)
    }

    fn paint(&self, ui: &Ui, rect: Rect, plot: Rect) {
        let colors = theme::palette(ui.ctx());
        let painter = ui.painter().with_clip_rect(rect);
        let font = TextStyle::Small.resolve(ui.style());
        let label_height = font.size * 1.7;
        let floor = plot.bottom() - label_height;
        let top = plot.top() + font.size * 0.6;
        let full = scale_end(self.steps);
        for (share, text) in [
            (0.0, "0".to_owned()),
            (1.0, format!("{full} {}", self.unit)),
        ] {
            let y = floor - share * (floor - top);
            let line = eframe::egui::Stroke::new(1.0, colors.line);
            painter.hline(plot.left()..=plot.right(), y, line);
            let at = pos2(plot.left() - 6.0, y);
            painter.text(
                at,
                Align2::RIGHT_CENTER,
                text,
                font.clone(),
                colors.text_weak,
            );
        }
        let width = plot.width() / self.steps.len() as f32;
        let bar_width = (width * 0.7).clamp(1.0, 28.0);
        for (i, step) in self.steps.iter().enumerate() {
            let x = plot.left() + width * (i as f32 + 0.5);
            let height = ((step.value / full) as f32).clamp(0.0, 1.0) * (floor - top);
            let bar = Rect::from_min_max(
                pos2(x - bar_width * 0.5, floor - height.max(1.0)),
                pos2(x + bar_width * 0.5, floor),
            );
            let here = self.selected == Some(i);
            if here {
                let column = Rect::from_min_max(
                    pos2(x - width.max(4.0) * 0.5, plot.top()),
                    pos2(x + width.max(4.0) * 0.5, plot.bottom()),
                );
                painter.rect_filled(column, 3.0, colors.hover);
            }
            let color = if here {
                colors.accent
            } else {
                colors.text_weak
            };
            painter.rect_filled(bar, 1.0, color);
            if step.branches {
                painter.circle_filled(pos2(x, floor + 3.0), 2.0, colors.accent);
            }
            if width > 22.0 && !here {
                paint_label(ui, step, x, width, plot, false);
            }
        }
        if let Some((i, step)) = self.selected.and_then(|i| Some((i, self.steps.get(i)?))) {
            let x = plot.left() + width * (i as f32 + 0.5);
            paint_label(ui, step, x, width, plot, true);
        }
    }
}

/// The label under a step, where it fits; that of the step gone to always.
fn paint_label(ui: &Ui, step: &Step<'_>, x: f32, width: f32, plot: Rect, here: bool) {
    let colors = theme::palette(ui.ctx());
    let font = TextStyle::Small.resolve(ui.style());
    let room = if here { 160.0 } else { width };
    let clip = Rect::from_center_size(pos2(x, plot.center().y), vec2(room, plot.height()));
    let painter = ui.painter().with_clip_rect(clip);
    let galley = painter.layout_no_wrap(step.label.into(), font, colors.text);
    let fits = galley.size().x <= room;
    if !fits && !here {
        return;
    }
    let half = galley.size().x * 0.5;
    let left = (x - half).clamp(plot.left(), (plot.right() - 2.0 * half).max(plot.left()));
    let y = plot.bottom() - galley.size().y;
    if here {
        let behind = Rect::from_min_size(pos2(left, y), galley.size()).expand2(vec2(4.0, 0.0));
        let painter = ui.painter().with_clip_rect(plot);
        painter.rect_filled(behind, 3.0, colors.hover);
    }
    let color = if here { colors.text } else { colors.text_weak };
    ui.painter()
        .with_clip_rect(plot)
        .galley_with_override_text_color(pos2(left, y), galley, color);
}

/// A round number at or above the largest value.
fn scale_end(steps: &[Step<'_>]) -> f64 {
    let largest = steps.iter().map(|step| step.value).fold(0.0, f64::max);
    let round = [
        1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 12.0, 15.0, 20.0, 30.0, 50.0, 100.0,
    ];
    round
        .into_iter()
        .find(|&r| largest <= r)
        .unwrap_or_else(|| largest.ceil())
}
