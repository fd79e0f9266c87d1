//! A row of numbers as a strip of colours: blue below zero, red above, white at zero.

use crate::theme;
use eframe::egui::{
    Mesh, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

/// The least width of one number, and its height where there are few lines and where there are many.
const CELL_WIDTH: f32 = 4.0;
const CELL_HEIGHT: std::ops::RangeInclusive<f32> = 4.0..=12.0;
/// As high as all lines together should be.
const HEIGHT: f32 = 44.0;

/// The largest distance from zero, which has the full colour.
#[must_use]
pub fn reach(values: &[f32]) -> f32 {
    let finite = values.iter().filter(|value| value.is_finite());
    finite.fold(0.0, |most, value| most.max(value.abs()))
}

/// Draws `values` in the width there is, in as many lines as they need.
pub fn row_strip(ui: &mut Ui, name: &str, values: &[f32]) {
    let width = ui.available_width();
    let most_per_line = (width / CELL_WIDTH).max(1.0) as usize;
    let n_lines = values.len().div_ceil(most_per_line).max(1);
    let per_line = values.len().div_ceil(n_lines).max(1);
    let cell_height = HEIGHT / n_lines as f32;
    let cell = vec2(
        width / per_line as f32,
        cell_height.clamp(*CELL_HEIGHT.start(), *CELL_HEIGHT.end()),
    );
    let size = vec2(width, cell.y * n_lines as f32);
    let (area, response) = ui.allocate_exact_size(size, Sense::hover());
    let reach = reach(values);
    response.widget_info(|| {
        let n = values.len();
        let name = format!("{name}: {n} numbers, at most {reach:.3} from zero");
        WidgetInfo::labeled(Role::Image, true, name)
    });
    let place = |i: usize| {
        let corner = vec2(
            (i % per_line) as f32 * cell.x,
            (i / per_line) as f32 * cell.y,
        );
        Rect::from_min_size(area.min + corner, cell)
    };
    let mut mesh = Mesh::default();
    for (i, &value) in values.iter().enumerate() {
        mesh.add_colored_rect(
            place(i),
            theme::diverging(value / reach.max(f32::MIN_POSITIVE)),
        );
    }
    ui.painter().add(Shape::mesh(mesh));
    let Some(pointer) = response.hover_pos() else {
        return;
    };
    let at = pointer - area.min;
    let i = (at.y / cell.y) as usize * per_line + (at.x / cell.x) as usize;
    if let Some(value) = values.get(i) {
        let ring = Stroke::new(1.5, theme::palette(ui.ctx()).text);
        let marked = place(i).expand(1.0);
        ui.painter()
            .rect_stroke(marked, 1.0, ring, StrokeKind::Outside);
        response.on_hover_text_at_pointer(format!(
            "number {} of {}: {value:.6}",
            i + 1,
            values.len()
        ));
    }
}

/// What the colours stand for: a bar from -reach to +reach.
pub fn legend(ui: &mut Ui, reach: f32) {
    const N: usize = 48;
    ui.small(format!("−{reach:.2}"));
    let height = ui.text_style_height(&eframe::egui::TextStyle::Small) * 0.6;
    let (area, _) = ui.allocate_exact_size(vec2(96.0, height), Sense::hover());
    let mut mesh = Mesh::default();
    let width = area.width() / N as f32;
    for i in 0..N {
        let corner = pos2(area.left() + i as f32 * width, area.top());
        let t = i as f32 / (N - 1) as f32 * 2.0 - 1.0;
        let place = Rect::from_min_size(corner, vec2(width, height));
        mesh.add_colored_rect(place, theme::diverging(t));
    }
    ui.painter().add(Shape::mesh(mesh));
    ui.small(format!("+{reach:.2}"));
}
