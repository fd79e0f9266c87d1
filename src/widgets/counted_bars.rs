//! Probabilities that come from counts: each row has a name, a bar, its share and how often it was
//! counted. An outline shows what the counts alone say, where something else is filled in.

use crate::theme;
use eframe::egui::{
    Align2, Rect, Response, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct CountedBar {
    /// What may come next.
    pub name: String,
    /// How often it was counted; `None` where nothing was counted.
    pub count: Option<u64>,
    /// Its probability by the counts alone.
    pub before: f64,
    /// Its probability now.
    pub now: f64,
    /// Whether it was drawn.
    pub chosen: bool,
}

/// Rows on one scale.
#[derive(Debug)]
pub struct CountedBars<'a> {
    /// What AccessKit calls a row: "After “qu”".
    pub name: &'a str,
    /// The rows.
    pub bars: &'a [CountedBar],
    /// The height of a row, in points.
    pub row_height: f32,
    /// What a click on a row does, in a sentence; without one, rows are not for clicking.
    pub hint: Option<&'a str>,
}

impl CountedBars<'_> {
    /// Draws them in the width there is and returns the row that was clicked.
    pub fn show(self, ui: &mut Ui) -> Option<usize> {
        let most = self.bars.iter().map(|bar| bar.now.max(bar.before));
        let full = most.fold(0.0, f64::max).max(1e-9);
        let width = ui.available_width();
        let sense = if self.hint.is_some() {
            Sense::click()
        } else {
            Sense::hover()
        };
        let mut clicked = None;
        ui.spacing_mut().item_spacing.y = 0.0;
        for (i, bar) in self.bars.iter().enumerate() {
            let (rect, response) = ui.allocate_exact_size(vec2(width, self.row_height), sense);
            response.widget_info(|| {
                let name = format!("{}: {}, {}", self.name, bar.name, told(bar));
                WidgetInfo::selected(Role::Button, true, bar.chosen, name)
            });
            if ui.is_rect_visible(rect) {
                paint(ui, bar, rect, full, &response);
            }
            if response.clicked() {
                clicked = Some(i);
            }
            response.on_hover_ui(|ui| {
                ui.label(format!("{}: {}", bar.name, told(bar)));
                if let Some(hint) = self.hint {
                    ui.label(hint);
                }
            });
        }
        clicked
    }
}

fn paint(ui: &Ui, bar: &CountedBar, rect: Rect, full: f64, response: &Response) {
    let colors = theme::palette(ui.ctx());
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let mono = theme::style::small_mono().resolve(ui.style());
    let name = if rect.height() < 20.0 {
        mono.clone()
    } else {
        TextStyle::Monospace.resolve(ui.style())
    };
    if response.hovered() || response.has_focus() {
        painter.rect_filled(rect, 4.0, colors.hover);
    }
    let number = mono.size * 4.4;
    let count = mono.size * 5.2;
    let text = (rect.width() * 0.26).clamp(mono.size * 2.4, mono.size * 11.0);
    let track = Rect::from_min_max(
        pos2(rect.left() + text, rect.top() + rect.height() * 0.2),
        pos2(
            rect.right() - number - count,
            rect.bottom() - rect.height() * 0.2,
        ),
    );
    let ink = if bar.count == Some(0) {
        colors.text_weak
    } else {
        colors.text
    };
    let names = painter.with_clip_rect(rect.with_max_x(track.left() - 4.0));
    let at = pos2(rect.left() + 6.0, rect.center().y);
    names.text(at, Align2::LEFT_CENTER, &bar.name, name, ink);
    let to = |p: f64| track.left() + track.width().max(0.0) * (p / full) as f32;
    let fill = if bar.chosen {
        colors.accent
    } else {
        theme::mix(colors.stage, colors.accent, 0.55)
    };
    if bar.now > 0.0 {
        let right = to(bar.now).max(track.left() + 1.0);
        painter.rect_filled(track.with_max_x(right), 2.0, fill);
    }
    if (bar.before - bar.now).abs() > 1e-12 {
        let outline = track.with_max_x(to(bar.before).max(track.left() + 1.0));
        let stroke = Stroke::new(1.5, colors.text);
        painter.rect_stroke(outline, 2.0, stroke, StrokeKind::Inside);
    }
    let at = pos2(rect.right() - count, rect.center().y);
    painter.text(at, Align2::RIGHT_CENTER, share(bar.now), mono.clone(), ink);
    if let Some(n) = bar.count {
        let words = format!("{}×", crate::widgets::count::grouped(n as usize));
        let at = pos2(rect.right() - 6.0, rect.center().y);
        painter.text(at, Align2::RIGHT_CENTER, words, mono, colors.text_weak);
    }
}

/// A probability in percent, with the digits that mean something.
#[must_use]
pub fn share(p: f64) -> String {
    match p * 100.0 {
        0.0 => "0 %".into(),
        p if p < 0.001 => "<0.001 %".into(),
        p if p < 0.1 => format!("{p:.3} %"),
        p if p >= 99.95 => format!("{p:.0} %"),
        p => format!("{p:.1} %"),
    }
}

fn told(bar: &CountedBar) -> String {
    let share = share(bar.now);
    match bar.count {
        Some(n) => format!("{share}, counted {n} times"),
        None => share,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_show_the_digits_that_mean_something() {
        let shown = [0.0, 1e-7, 0.0005, 0.6564, 1.0].map(share);
        assert_eq!(shown, ["0 %", "<0.001 %", "0.050 %", "65.6 %", "100 %"]);
    }
}
