//! The mask: which part of the picture is painted anew.

use super::FromPictureView;
use crate::tabs::images::diffusion::brush::Surface;
use crate::tabs::images::diffusion::cells::write_below;
use crate::theme::{self, size};
use eframe::egui::{
    Button, CursorIcon, Pos2, Rect, Role, Sense, Slider, Stroke, StrokeKind, Ui, WidgetInfo, vec2,
};

/// What the pointer paints, and what it has painted.
#[derive(Debug)]
pub(super) struct Mask {
    side: usize,
    /// For each pixel 1 where it is painted anew.
    numbers: Vec<f32>,
    radius: f32,
    erases: bool,
    last: Option<[f32; 2]>,
    is_changed: bool,
}

impl Default for Mask {
    fn default() -> Self {
        Self {
            side: 0,
            numbers: Vec::new(),
            radius: 5.0,
            erases: false,
            last: None,
            is_changed: false,
        }
    }
}

impl Mask {
    /// For pictures of this side; a mask of another side is one across the eyes of a face.
    pub(super) fn fit(&mut self, side: usize) {
        if self.side == side && !self.numbers.is_empty() {
            return;
        }
        self.side = side;
        self.numbers = vec![0.0; side * side];
        let at = |share: f32| share * side as f32;
        let ends = [[at(0.26), at(0.53)], [at(0.74), at(0.53)]];
        self.stroke(ends, at(0.11), 1.0);
    }

    /// Forgets it.
    pub(super) fn clear(&mut self) {
        self.numbers.clear();
    }

    pub(super) fn numbers(&self) -> &[f32] {
        &self.numbers
    }

    fn stroke(&mut self, ends: [[f32; 2]; 2], radius: f32, ink: f32) {
        let mut surface = Surface {
            numbers: &mut self.numbers,
            side: self.side,
            n_channels: 1,
        };
        surface.stroke(ends, radius, &[ink]);
    }

    /// The share of the picture that is painted anew, 0..=1.
    pub(super) fn share(&self) -> f32 {
        self.numbers.iter().sum::<f32>() / self.numbers.len().max(1) as f32
    }
}

/// The picture with the mask over it, and the pointer that paints it.
pub(super) fn canvas(view: &mut FromPictureView, ui: &mut Ui, rect: Rect) {
    let id = ui.scope_id().with("mask");
    let response = ui.interact(rect, id, Sense::click_and_drag());
    let percent = (view.mask.share() * 100.0).round();
    response.widget_info(|| {
        let words = format!("The picture: {percent} % of it are painted anew");
        WidgetInfo::labeled(Role::Image, true, words)
    });
    view.original_sheet.paint(ui.painter(), rect, 0);
    paint_mask(ui, rect, &view.mask);
    let side = view.side();
    let pixel = rect.width() / side as f32;
    let place = |at: Pos2| {
        let at = (at - rect.min) / pixel;
        [at.x, at.y]
    };
    let is_down = response.is_pointer_button_down_on();
    let mask = &mut view.mask;
    if let Some(at) = response.interact_pointer_pos().filter(|_| is_down) {
        let at = place(at);
        let from = mask.last.replace(at).unwrap_or(at);
        let ink = if mask.erases { 0.0 } else { 1.0 };
        mask.stroke([from, at], mask.radius, ink);
        mask.is_changed = true;
    } else {
        mask.last = None;
    }
    if let Some(at) = response.hover_pos() {
        let text = theme::palette(ui.ctx()).text;
        let radius = mask.radius * pixel;
        ui.painter()
            .circle_stroke(at, radius, Stroke::new(2.0, text));
    }
    if mask.last.is_none() && std::mem::take(&mut mask.is_changed) {
        view.draw_main();
    }
    write_below(ui, rect, "paint over what is to be painted anew", false);
    response.on_hover_cursor(CursorIcon::Crosshair);
}

/// The mask in the accent, see-through, pixel row by pixel row.
fn paint_mask(ui: &Ui, rect: Rect, mask: &Mask) {
    let colors = theme::palette(ui.ctx());
    let accent = colors.accent.gamma_multiply(0.62);
    let pixel = rect.size() / mask.side.max(1) as f32;
    let painter = ui.painter();
    for (y, row) in mask.numbers.chunks_exact(mask.side.max(1)).enumerate() {
        let mut x = 0;
        while x < row.len() {
            let end = x + row[x..].iter().take_while(|&&m| m >= 0.5).count();
            if end == x {
                x += 1;
                continue;
            }
            let min = rect.min + vec2(x as f32, y as f32) * pixel;
            let size = vec2((end - x) as f32 * pixel.x, pixel.y);
            painter.rect_filled(Rect::from_min_size(min, size), 0.0, accent);
            x = end;
        }
    }
    let outline = Stroke::new(1.0, colors.outline);
    painter.rect_stroke(rect, 0.0, outline, StrokeKind::Outside);
}

/// The brush, and what else can be done with the mask.
pub(super) fn tools(view: &mut FromPictureView, ui: &mut Ui) {
    let mask = &mut view.mask;
    let mut is_changed = false;
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = size::GRID;
        for (erases, label, hint) in [
            (false, "Paint", "Paint over what is to be painted anew."),
            (true, "Erase", "Take a part of the mask away."),
        ] {
            let button = Button::selectable(mask.erases == erases, label);
            let button = ui.add(button.frame_when_inactive(true));
            if button.on_hover_text(hint).clicked() {
                mask.erases = erases;
            }
        }
        let hint = "What was to stay is painted anew, and the other way round.";
        if ui.button("Swap").on_hover_text(hint).clicked() {
            mask.numbers.iter_mut().for_each(|m| *m = 1.0 - *m);
            is_changed = true;
        }
        let hint = "Nothing is painted anew until you paint.";
        if ui.button("Clear").on_hover_text(hint).clicked() {
            mask.numbers.fill(0.0);
            is_changed = true;
        }
        theme::dress_sliders(ui);
        ui.spacing_mut().slider_width = 96.0;
        let label = ui.label("brush");
        let slider = Slider::new(&mut mask.radius, 0.5..=16.0).max_decimals(1);
        ui.add(slider)
            .labelled_by(label.id)
            .on_hover_text("The radius of the brush, in pixels of the picture.");
    });
    if is_changed {
        view.draw_main();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_mask_lies_across_the_eyes_and_one_that_was_painted_stays() {
        let mut mask = Mask::default();
        mask.fit(64);
        let at = |mask: &Mask, x: usize, y: usize| mask.numbers[y * 64 + x];
        assert_eq!((at(&mask, 32, 34), at(&mask, 32, 5)), (1.0, 0.0));
        assert!((0.1..0.2).contains(&mask.share()), "{}", mask.share());
        mask.stroke([[32.0, 5.0]; 2], 3.0, 1.0);
        mask.fit(64);
        assert_eq!(at(&mask, 32, 5), 1.0);
        mask.fit(16);
        assert_eq!(mask.numbers().len(), 256);
    }
}
