//! Counts as bars under each other, one colour for each series, each with its number and how many
//! times the first row's it is.

use crate::theme;
use crate::widgets::token_text::in_visual_order;
use eframe::egui::{
    self, Align2, Rect, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

/// One row: a name, what it stands for, and a count for each series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountBar<'a> {
    /// What is counted.
    pub name: &'a str,
    /// More about it, as far as there is room; whole under the pointer.
    pub detail: &'a str,
    /// One count for each series.
    pub counts: Vec<usize>,
}

/// Rows of bars.
#[derive(Debug)]
pub struct CountBars<'a> {
    /// The rows; the first is what the others are compared with.
    pub bars: &'a [CountBar<'a>],
    /// What each series is called.
    pub series: &'a [String],
    /// What is counted.
    pub unit: &'a str,
}

/// The colour of the `i`th series.
fn series_color(colors: &theme::Palette, i: usize) -> egui::Color32 {
    colors.hues[i * 3 % 10]
}

/// The name of the `i`th series beside its colour.
pub fn legend(ui: &mut Ui, i: usize, name: &str) {
    let side = ui.text_style_height(&TextStyle::Small) * 0.7;
    let (rect, _) = ui.allocate_exact_size(vec2(side, side), Sense::hover());
    let color = series_color(theme::palette(ui.ctx()), i);
    ui.painter().rect_filled(rect, 2.0, color);
    ui.small(name);
}

impl CountBars<'_> {
    /// Draws the rows in the width there is; returns the one that was clicked.
    pub fn show(self, ui: &mut Ui) -> Option<usize> {
        let n_series = self.series.len().max(1);
        let room = ui.available_height() / self.bars.len().max(1) as f32;
        let bar = if n_series > 1 { 12.0 } else { 18.0 };
        let least = bar * n_series as f32 + 5.0;
        let height = room.clamp(least, least + 12.0);
        ui.spacing_mut().item_spacing.y = 0.0;
        let most = self.bars.iter().flat_map(|row| &row.counts).max();
        let most = most.copied().unwrap_or(1).max(1);
        let mut clicked = None;
        for (i, row) in self.bars.iter().enumerate() {
            let size = vec2(ui.available_width() - 12.0, height.floor());
            let (rect, response) = ui.allocate_exact_size(size, Sense::click());
            let counts: Vec<String> = row.counts.iter().map(ToString::to_string).collect();
            response.widget_info(|| {
                let name = format!("{}: {} {}", row.name, counts.join(" and "), self.unit);
                WidgetInfo::labeled(Role::Button, true, name)
            });
            self.paint(ui, rect, row, bar, most, &response);
            if response.clicked() {
                clicked = Some(i);
            }
            response.on_hover_ui(|ui| {
                ui.add(egui::Label::new(in_visual_order(row.detail)).extend());
                for (series, count) in self.series.iter().zip(&row.counts) {
                    ui.label(format!("{series}: {count} {}", self.unit));
                }
                ui.label("Click to put the sentence into the editor.");
            });
        }
        clicked
    }

    fn paint(
        &self,
        ui: &Ui,
        rect: Rect,
        row: &CountBar<'_>,
        bar: f32,
        most: usize,
        response: &egui::Response,
    ) {
        let colors = theme::palette(ui.ctx());
        let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
        if response.hovered() || response.has_focus() {
            painter.rect_filled(rect, 4.0, colors.hover);
        }
        if response.has_focus() {
            let ring = Stroke::new(1.5, colors.accent);
            painter.rect_stroke(rect, 4.0, ring, StrokeKind::Inside);
        }
        let body = TextStyle::Body.resolve(ui.style());
        let small = TextStyle::Small.resolve(ui.style());
        let numbers = theme::style::small_mono().resolve(ui.style());
        let left = pos2(rect.left() + 4.0, rect.center().y);
        painter.text(left, Align2::LEFT_CENTER, row.name, body, colors.text);
        let track = rect.with_min_x(rect.left() + 84.0);
        let bars_width = (track.width() * 0.5).max(120.0);
        let n = row.counts.len() as f32;
        let mut y = rect.center().y - n * bar * 0.5;
        for (i, &count) in row.counts.iter().enumerate() {
            let width = bars_width * count as f32 / most as f32;
            let place = Rect::from_min_size(pos2(track.left(), y + 1.0), vec2(width, bar - 2.0));
            painter.rect_filled(place, 2.0, series_color(colors, i));
            let first = self.bars.first().and_then(|row| row.counts.get(i).copied());
            let times = count as f64 / first.unwrap_or(count).max(1) as f64;
            let words = format!("{count:>3}  ×{times:.1}");
            let at = pos2(place.right() + 6.0, place.center().y);
            painter.text(at, Align2::LEFT_CENTER, words, numbers.clone(), colors.text);
            y += bar;
        }
        let at = pos2(track.left() + bars_width + 92.0, rect.center().y);
        let detail = in_visual_order(row.detail);
        painter.text(at, Align2::LEFT_CENTER, detail, small, colors.text_weak);
    }
}
