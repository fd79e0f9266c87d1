//! Painting the picture: a canvas, a few colours, and beside it what the network makes of it.

use super::NoiseView;
use crate::labs::diffusion::noising::numbers;
use crate::labs::diffusion::originals::Original;
use crate::tabs::images::diffusion::brush::Surface;
use crate::tabs::images::diffusion::cells::write_below;
use crate::tabs::parts::{caption, wrapped};
use crate::theme::{self, size};
use eframe::egui::{
    Button, Color32, CursorIcon, Pos2, Rect, Role, Sense, Slider, Stroke, StrokeKind, Ui, Vec2,
    WidgetInfo, vec2,
};
use std::sync::Arc;

/// Colours at hand: those that the drawn faces have most of.
const SWATCHES: [[u8; 3]; 14] = [
    [255, 255, 255],
    [190, 190, 190],
    [110, 110, 110],
    [20, 20, 24],
    [252, 221, 200],
    [226, 170, 130],
    [160, 104, 70],
    [92, 56, 38],
    [200, 50, 46],
    [240, 140, 40],
    [250, 210, 90],
    [70, 150, 80],
    [64, 120, 200],
    [200, 110, 180],
];
/// Strokes that can be taken back.
const MOST_UNDONE: usize = 40;

/// The brush, and what was there before each stroke.
#[derive(Debug)]
pub(super) struct Painting {
    color: [u8; 3],
    radius: f32,
    /// Where the pointer was last, in pixels, while it is down.
    last: Option<[f32; 2]>,
    before: Vec<Arc<Original>>,
}

impl NoiseView {
    /// Opens the canvas on the picture.
    pub(super) fn begin_painting(&mut self) {
        self.asked_pixel = None;
        self.painting = Some(Painting {
            color: SWATCHES[8],
            radius: 3.0,
            last: None,
            before: Vec::new(),
        });
    }

    /// Puts what was painted under the noise.
    fn put(&mut self, numbers: Vec<f32>) {
        self.original = Some(Arc::new(Original {
            name: "your painting".into(),
            caption: String::new(),
            numbers,
        }));
        self.renew();
    }

    /// Remembers the picture, to be taken back.
    fn remember(&mut self) {
        if let (Some(painting), Some(original)) = (&mut self.painting, &self.original) {
            painting.before.push(Arc::clone(original));
            let n = painting.before.len();
            painting.before.drain(..n.saturating_sub(MOST_UNDONE));
        }
    }

    /// The pointer is down at a place, in pixels.
    fn paint(&mut self, at: [f32; 2]) {
        let began = self.painting.as_ref().is_some_and(|p| p.last.is_none());
        if began {
            self.remember();
        }
        let (Some(painting), Some(original), Some(denoiser)) =
            (&mut self.painting, &self.original, &self.denoiser)
        else {
            return;
        };
        let from = painting.last.replace(at).unwrap_or(at);
        if !began && from == at {
            return;
        }
        let about = denoiser.about();
        let mut painted = original.numbers.clone();
        let mut surface = Surface {
            numbers: &mut painted,
            side: about.side,
            n_channels: about.n_channels,
        };
        let ink = ink(painting.color, about.n_channels);
        surface.stroke([from, at], painting.radius, &ink);
        self.put(painted);
    }

    fn undo(&mut self) {
        let before = self.painting.as_mut().and_then(|p| p.before.pop());
        if let Some(before) = before {
            self.original = Some(before);
            self.renew();
        }
    }

    /// The whole canvas in the colour of the brush.
    fn fill(&mut self) {
        self.remember();
        let (Some(painting), Some(denoiser)) = (&self.painting, &self.denoiser) else {
            return;
        };
        let about = denoiser.about();
        let ink = ink(painting.color, about.n_channels);
        self.put(ink.repeat(about.side * about.side));
    }
}

/// A colour as a model's numbers.
fn ink(color: [u8; 3], n_channels: usize) -> Vec<f32> {
    let color = numbers(&color);
    match n_channels {
        1 => vec![color.iter().sum::<f32>() / 3.0],
        _ => color,
    }
}

pub(super) fn show(view: &mut NoiseView, ui: &mut Ui) {
    let area = ui.available_size();
    let side = ((area.x - size::GROUP) * 0.5)
        .min(area.y - 168.0)
        .max(120.0)
        .floor();
    slider(view, ui);
    super::stage::update_for(view, ui, side);
    let (row, _) = ui.allocate_exact_size(vec2(area.x, side + 24.0), Sense::hover());
    let [canvas, answer] = [0.0, side + size::GROUP]
        .map(|x| Rect::from_min_size(row.min + vec2(x, 0.0), Vec2::splat(side)));
    on_canvas(view, ui, canvas);
    view.sheets[1].paint(ui.painter(), answer, 0);
    write_below(ui, canvas, "your picture x₀: paint here", false);
    let words = match &view.shown {
        Some(shown) => format!(
            "what the network sees under noise of t = {:.0}: x̂₀",
            shown.once.noised.level.t
        ),
        None => "the network looks at it".into(),
    };
    let response = ui.interact(answer, ui.scope_id().with("answer"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &words));
    write_below(ui, answer, &words, false);
    tools(view, ui);
}

fn slider(view: &mut NoiseView, ui: &mut Ui) {
    super::stage::slider(view, ui);
    ui.add_space(size::HALF);
}

/// The canvas, and the pointer that paints on it.
fn on_canvas(view: &mut NoiseView, ui: &mut Ui, rect: Rect) {
    let id = ui.scope_id().with("canvas");
    let response = ui.interact(rect, id, Sense::click_and_drag());
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, "The canvas"));
    view.sheets[0].paint(ui.painter(), rect, 0);
    let outline = theme::palette(ui.ctx()).outline;
    ui.painter()
        .rect_stroke(rect, 0.0, Stroke::new(1.0, outline), StrokeKind::Outside);
    let Some(side) = view.denoiser.as_ref().map(|d| d.about().side) else {
        return;
    };
    let pixel = rect.width() / side as f32;
    let place = |at: Pos2| {
        let at = (at - rect.min) / pixel;
        [at.x, at.y]
    };
    let is_down = response.is_pointer_button_down_on();
    if let Some(at) = response.interact_pointer_pos().filter(|_| is_down) {
        view.paint(place(at));
    } else if let Some(painting) = &mut view.painting {
        painting.last = None;
    }
    if let (Some(at), Some(painting)) = (response.hover_pos(), &view.painting) {
        let [r, g, b] = painting.color;
        let fill = Color32::from_rgba_premultiplied(r, g, b, 255);
        let radius = painting.radius * pixel;
        let ring = Stroke::new(1.5, theme::palette(ui.ctx()).text_on(fill));
        ui.painter().circle(at, radius, fill, ring);
    }
    response.on_hover_cursor(CursorIcon::Crosshair);
}

/// The brush, and what ends the painting.
fn tools(view: &mut NoiseView, ui: &mut Ui) {
    let Some(painting) = &mut view.painting else {
        return;
    };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = Vec2::splat(size::HALF);
        for (i, color) in SWATCHES.into_iter().enumerate() {
            if swatch(ui, i, color, painting.color == color) {
                painting.color = color;
            }
        }
        ui.add_space(size::GRID);
        ui.color_edit_button_srgb(&mut painting.color)
            .on_hover_text("Any other colour.");
        ui.add_space(size::GRID);
        theme::dress_sliders(ui);
        let label = ui.label("brush");
        ui.spacing_mut().slider_width = 96.0;
        let slider = Slider::new(&mut painting.radius, 0.5..=12.0).max_decimals(1);
        ui.add(slider)
            .labelled_by(label.id)
            .on_hover_text("The radius of the brush, in pixels of the picture.");
    });
    let can_undo = !painting.before.is_empty();
    wrapped(ui, |ui| {
        let done = ui.button("Done painting");
        if done
            .on_hover_text("Back to the noise, with this picture.")
            .clicked()
        {
            view.painting = None;
        }
        let undo = ui.add_enabled(can_undo, Button::new("Undo stroke"));
        if undo.on_hover_text("Take the last stroke away.").clicked() {
            view.undo();
        }
        let hint = "Fill the canvas with the colour of the brush.";
        if ui.button("Fill").on_hover_text(hint).clicked() {
            view.fill();
        }
    });
    caption(
        ui,
        "The more noise there is, the less of your painting is left, and the more the network sees what it has learned.",
    );
}

/// A colour to paint with. Whether it was clicked.
fn swatch(ui: &mut Ui, i: usize, [r, g, b]: [u8; 3], is_chosen: bool) -> bool {
    let colors = theme::palette(ui.ctx());
    let (rect, response) = ui.allocate_exact_size(Vec2::splat(24.0), Sense::click());
    response.widget_info(|| {
        WidgetInfo::selected(Role::Button, true, is_chosen, format!("Colour {}", i + 1))
    });
    let fill = Color32::from_rgba_premultiplied(r, g, b, 255);
    ui.painter().rect_filled(rect.shrink(2.0), 4.0, fill);
    let ring = if is_chosen || response.has_focus() {
        Stroke::new(2.5, colors.accent)
    } else {
        Stroke::new(1.0, colors.outline)
    };
    ui.painter()
        .rect_stroke(rect.shrink(2.0), 4.0, ring, StrokeKind::Outside);
    response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}
