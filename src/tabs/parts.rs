//! What the chapters with several views share: the row of views, and the parts of a bench.

use crate::theme;
use eframe::egui::{self, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2};

/// A view in the row of views.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice<'a> {
    /// What its button says.
    pub(crate) label: &'a str,
    /// What there is to see.
    pub(crate) tooltip: &'a str,
    /// Whether it is the one on the stage.
    pub(crate) is_shown: bool,
}

/// The views as a row of words, the shown one underlined. Returns the place of the one chosen.
pub(crate) fn choose_view(ui: &mut Ui, views: &[Choice<'_>]) -> Option<usize> {
    let mut chosen = None;
    ui.horizontal_wrapped(|ui| {
        // Many stand closer, so that they fit into one row of a small window.
        let gap = theme::size::GRID * if views.len() > 5 { 1.0 } else { 2.0 };
        ui.spacing_mut().item_spacing = vec2(gap, theme::size::HALF);
        for (i, view) in views.iter().enumerate() {
            if word(ui, view) {
                chosen = Some(i);
            }
        }
    });
    ui.add_space(theme::size::GRID);
    chosen
}

fn word(ui: &mut Ui, view: &Choice<'_>) -> bool {
    let colors = theme::palette(ui.ctx());
    let style = if view.is_shown {
        theme::style::strong()
    } else {
        TextStyle::Body
    };
    let font = style.resolve(ui.style());
    let galley = ui
        .painter()
        .layout_no_wrap(view.label.into(), font, colors.text_weak);
    let size = vec2(galley.size().x + theme::size::GRID, theme::size::CONTROL);
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Tab, true, view.is_shown, view.label));
    let lit = response.hovered() || response.has_focus();
    let ink = if view.is_shown || lit {
        colors.text
    } else {
        colors.text_weak
    };
    let at = pos2(
        rect.center().x - galley.size().x * 0.5,
        rect.center().y - galley.size().y * 0.5,
    );
    ui.painter()
        .galley_with_override_text_color(at, galley, ink);
    let under = if view.is_shown {
        Stroke::new(3.0, colors.accent)
    } else if lit {
        Stroke::new(2.0, colors.outline)
    } else {
        Stroke::new(1.0, colors.line)
    };
    ui.painter().hline(rect.x_range(), rect.bottom(), under);
    response
        .on_hover_cursor(egui::CursorIcon::PointingHand)
        .on_hover_text(view.tooltip)
        .clicked()
}

/// Draws inside `area` and nowhere else.
pub(crate) fn part(ui: &mut Ui, area: egui::Rect, contents: impl FnOnce(&mut Ui)) {
    let builder = egui::UiBuilder::new()
        .max_rect(area)
        .layout(egui::Layout::top_down(egui::Align::LEFT));
    ui.scope_builder(builder, |ui| {
        ui.set_clip_rect(ui.clip_rect().intersect(area.expand(2.0)));
        contents(ui);
    });
}

/// A heading on the bench, with air above it.
pub(crate) fn group(ui: &mut Ui, title: &str) {
    ui.add_space(theme::size::GRID * 1.5);
    ui.label(egui::RichText::new(title).text_style(theme::style::strong()));
}

/// A sentence that can wait.
pub(crate) fn caption(ui: &mut Ui, words: impl Into<String>) -> egui::Response {
    let color = theme::palette(ui.ctx()).text_weak;
    ui.label(egui::RichText::new(words).small().color(color))
}

/// Small buttons that wrap.
pub(crate) fn wrapped(ui: &mut Ui, contents: impl FnOnce(&mut Ui)) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::Vec2::splat(theme::size::HALF);
        ui.spacing_mut().button_padding = vec2(8.0, 3.0);
        ui.spacing_mut().interact_size.y = 28.0;
        contents(ui);
    });
}

/// A button of several of which one is chosen. Whether it was clicked.
pub(crate) fn choice(ui: &mut Ui, chosen: bool, label: &str, hint: &str) -> bool {
    let button = egui::Button::selectable(chosen, label).frame_when_inactive(true);
    ui.add(button).on_hover_text(hint).clicked()
}

/// A slider under its name.
pub(crate) fn slider(ui: &mut Ui, name: &str, hint: &str, slider: egui::Slider<'_>) {
    let label = ui.label(name).on_hover_text(hint);
    ui.scope(|ui| {
        theme::dress_sliders(ui);
        ui.add(slider).labelled_by(label.id).on_hover_text(hint);
    });
}
