//! The one button that starts and stops: always in the same place, always the same size.

use crate::theme;
use eframe::egui::{Atom, Button, Response, RichText, Stroke, Ui, vec2};

/// Draws the button over the width there is: `start` while idle, `stop` while `running`.
pub fn run_button(
    ui: &mut Ui,
    running: bool,
    enabled: bool,
    [start, stop]: [&str; 2],
    [start_hint, stop_hint]: [&str; 2],
) -> Response {
    let colors = theme::palette(ui.ctx());
    let (label, hint) = if running {
        (stop, stop_hint)
    } else {
        (start, start_hint)
    };
    let height = ui.spacing().interact_size.y * 1.25;
    let size = vec2(ui.available_width(), height);
    let button = if running {
        let text = RichText::new(label).text_style(theme::style::strong());
        Button::new((Atom::grow(), text, Atom::grow())).stroke(Stroke::new(2.0, colors.accent))
    } else {
        theme::primary_button(ui.ctx(), label)
    };
    ui.add_enabled(enabled, button.min_size(size))
        .on_hover_text(hint)
        .on_disabled_hover_text(start_hint)
}
