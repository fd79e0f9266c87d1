//! How full something is: a bar, and the same in words.

use crate::theme;
use eframe::egui::{Role, Sense, TextStyle, Ui, WidgetInfo, vec2};

/// A meter of `value` out of `full`, with a second, lighter part for what is `planned` on top.
#[derive(Debug, Clone, Copy)]
pub struct Meter<'a> {
    /// What is measured, for AccessKit: "Context".
    pub name: &'a str,
    /// What is there.
    pub value: f64,
    /// What will be added.
    pub planned: f64,
    /// What fits.
    pub full: f64,
    /// The words beside the bar.
    pub words: &'a str,
}

impl Meter<'_> {
    /// Draws it over the width there is.
    pub fn show(self, ui: &mut Ui) {
        let colors = theme::palette(ui.ctx());
        let over = self.value + self.planned > self.full;
        ui.label(
            eframe::egui::RichText::new(self.words)
                .text_style(TextStyle::Small)
                .color(if over {
                    colors.warning
                } else {
                    colors.text_weak
                }),
        );
        let (rect, response) =
            ui.allocate_exact_size(vec2(ui.available_width(), 6.0), Sense::hover());
        response.widget_info(|| {
            WidgetInfo::labeled(Role::Meter, true, format!("{}: {}", self.name, self.words))
        });
        let painter = ui.painter();
        painter.rect_filled(rect, 3.0, colors.line);
        let to_x = |v: f64| {
            let share = (v / self.full.max(f64::MIN_POSITIVE)).clamp(0.0, 1.0) as f32;
            rect.left() + rect.width() * share
        };
        let planned = rect.with_max_x(to_x(self.value + self.planned));
        let color = if over { colors.warning } else { colors.accent };
        painter.rect_filled(planned, 3.0, color.gamma_multiply(0.35));
        painter.rect_filled(rect.with_max_x(to_x(self.value)), 3.0, color);
    }
}
