//! Every head of the model in one picture: blocks from left to right, the heads of a block below each
//! other. One texture, drawn anew only when the text changes.

use super::AttentionView;
use crate::labs::inside::heads::{Glance, Habit, Measured, ranked};
use crate::tabs::parts::caption;
use crate::tabs::text::views::Desk;
use crate::theme;
use eframe::egui::{
    self, Align2, Color32, ColorImage, Rect, RichText, Role, Sense, Stroke, StrokeKind, TextStyle,
    TextureFilter, TextureHandle, TextureOptions, Ui, WidgetInfo, pos2, vec2,
};
use std::fmt::Write as _;

/// Between two maps.
const GAP: f32 = 3.0;
/// A map is no larger.
const MOST_SIDE: f32 = 120.0;
/// The side of the map that is seen closer, at least and at most.
const LEAST_CLOSER: f32 = 110.0;
const MOST_CLOSER: f32 = 260.0;
/// Heads of a habit that are framed.
const N_FRAMED: usize = 6;
/// A share below which a head does not have a habit.
const LEAST_SHARE: f32 = 0.2;

/// The picture, kept between frames.
#[derive(Default)]
pub(super) struct Drawn {
    of: Option<(u64, bool)>,
    texture: Option<TextureHandle>,
}

impl std::fmt::Debug for Drawn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Drawn").finish_non_exhaustive()
    }
}

/// The heads that have a habit most, as far as they have it.
pub(super) fn framed(measured: &[Measured], habit: Habit) -> Vec<Measured> {
    let mut found = ranked(measured, habit);
    found.truncate(N_FRAMED);
    found.retain(|head| head.share(habit) >= LEAST_SHARE);
    found
}

pub(super) fn show(view: &mut AttentionView, ui: &mut Ui, desk: &mut Desk) {
    if let Some(refusal) = view.glance.refused() {
        ui.label(&refusal.what);
        ui.label(&refusal.evidence);
        return;
    }
    let Some(glance) = view.glance.answer().cloned() else {
        caption(ui, "Drawing every head…");
        return;
    };
    caption(
        ui,
        "A square is a head: a row for each token that looks, a column for each it may look at, bright where it looks. Click one to see it large.",
    );
    ui.add_space(theme::size::HALF);
    let colors = theme::palette(ui.ctx());
    let font = TextStyle::Small.resolve(ui.style());
    let (n_columns, n_rows) = (glance.n_layers, glance.n_heads);
    let room = ui.available_size() - vec2(font.size * 4.5, font.size * 4.5);
    let pitch = (room.x / n_columns as f32)
        .min(room.y / n_rows as f32)
        .clamp(8.0, MOST_SIDE);
    let side = pitch - GAP;
    let size = vec2(
        font.size * 4.5 + pitch * n_columns as f32,
        font.size * 2.5 + pitch * n_rows as f32,
    );
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| {
        let words = format!("Patterns of all heads: {n_columns} blocks of {n_rows} heads");
        WidgetInfo::labeled(Role::Image, true, words)
    });
    let plot = Rect::from_min_size(
        rect.min + vec2(font.size * 4.5, font.size * 2.5),
        vec2(pitch * n_columns as f32, pitch * n_rows as f32),
    );
    let texture = texture(
        &mut view.all_heads,
        view.glance.version(),
        &glance,
        ui,
        colors.dark,
    );
    let place = |block: usize, head: usize| {
        let at = plot.min + vec2(block as f32 * pitch, head as f32 * pitch);
        Rect::from_min_size(at, vec2(side, side))
    };
    let painter = ui.painter();
    let stroke = Stroke::new(1.0, colors.line);
    for i in 0..n_columns * n_rows {
        let (block, head) = (i / n_rows, i % n_rows);
        let spot = place(block, head);
        let cell = vec2(1.0 / n_columns as f32, 1.0 / n_rows as f32);
        let uv = Rect::from_min_size(pos2(block as f32 * cell.x, head as f32 * cell.y), cell);
        painter.image(texture, spot, uv, Color32::WHITE);
        painter.rect_stroke(spot, 0.0, stroke, StrokeKind::Outside);
    }
    names(ui, rect, plot, pitch, side, [n_columns, n_rows]);
    if let (Some(habit), Some(measured)) = (view.habit, view.measured.answer()) {
        let stroke = Stroke::new(2.5, colors.warning);
        for found in framed(measured, habit) {
            let spot = place(found.block, found.head).expand(1.0);
            painter.rect_stroke(spot, 1.0, stroke, StrokeKind::Outside);
        }
    }
    let chosen = Stroke::new(2.5, colors.accent);
    let spot = place(view.block, view.head).expand(1.0);
    painter.rect_stroke(spot, 1.0, chosen, StrokeKind::Outside);

    let pointed = response.hover_pos().and_then(|at| {
        let at = (at - plot.min) / pitch;
        let (block, head) = (at.x as usize, at.y as usize);
        (at.x >= 0.0 && at.y >= 0.0 && block < n_columns && head < n_rows).then_some((block, head))
    });
    if let Some((block, head)) = pointed {
        let spot = place(block, head).expand(1.0);
        let stroke = Stroke::new(2.0, colors.text);
        painter.rect_stroke(spot, 1.0, stroke, StrokeKind::Outside);
        let words = words(view, block, head);
        if response.on_hover_text_at_pointer(words).clicked() {
            view.open_head(block, head);
        }
    }
    let [block, head] = pointed.map_or([view.block, view.head], |(block, head)| [block, head]);
    let cell = vec2(1.0 / n_columns as f32, 1.0 / n_rows as f32);
    let at = pos2(block as f32 * cell.x, head as f32 * cell.y);
    closer(
        view,
        ui,
        texture,
        Rect::from_min_size(at, cell),
        [block, head],
    );
    if glance.side < desk.pieces().len() {
        caption(
            ui,
            "The text is long: a field stands for several pairs and shows the largest weight of them.",
        );
    }
}

/// The head under the pointer, or the chosen one, larger.
fn closer(
    view: &AttentionView,
    ui: &mut Ui,
    texture: egui::TextureId,
    uv: Rect,
    [block, head]: [usize; 2],
) {
    let room = ui.available_height() - theme::size::GROUP;
    if room < LEAST_CLOSER {
        return;
    }
    let side = room.min(MOST_CLOSER);
    let colors = theme::palette(ui.ctx());
    ui.add_space(theme::size::GRID);
    ui.horizontal_top(|ui| {
        let (rect, _) = ui.allocate_exact_size(vec2(side, side), Sense::hover());
        ui.painter().image(texture, rect, uv, Color32::WHITE);
        let stroke = Stroke::new(1.0, colors.line);
        ui.painter()
            .rect_stroke(rect, 0.0, stroke, StrokeKind::Outside);
        ui.add_space(theme::size::GRID);
        ui.vertical(|ui| {
            let title = format!("Head {block}.{head}");
            ui.label(RichText::new(title).text_style(theme::style::strong()));
            let Some(measured) = view.measured_of(block, head) else {
                caption(
                    ui,
                    "Choose at the right what heads may look for, and every head is measured.",
                );
                return;
            };
            caption(ui, "On random words said twice, it looks at");
            for habit in Habit::ALL {
                share(ui, habit.name(), measured.share(habit));
            }
        });
    });
}

/// A share as a bar, its name, and its number.
fn share(ui: &mut Ui, name: &str, share: f32) {
    let colors = theme::palette(ui.ctx());
    let width = ui.available_width().min(420.0);
    let (rect, _) = ui.allocate_exact_size(vec2(width, 20.0), Sense::hover());
    let font = TextStyle::Small.resolve(ui.style());
    let painter = ui.painter();
    let (left, right) = (rect.left() + 140.0, rect.right() - 52.0);
    painter.text(
        rect.left_center(),
        Align2::LEFT_CENTER,
        name,
        font,
        colors.text,
    );
    let bar = Rect::from_x_y_ranges(left..=left + (right - left) * share, rect.y_range());
    painter.rect_filled(bar.shrink2(vec2(0.0, 5.0)), 2.0, colors.accent);
    painter.text(
        rect.right_center(),
        Align2::RIGHT_CENTER,
        format!("{:.0} %", share * 100.0),
        theme::style::small_mono().resolve(ui.style()),
        colors.text,
    );
}

fn words(view: &AttentionView, block: usize, head: usize) -> String {
    let mut words = format!("Head {head} of block {block}");
    if let Some(measured) = view.measured_of(block, head) {
        words.push_str("\nOn random words said twice, it looks at");
        for habit in Habit::ALL {
            let share = measured.share(habit) * 100.0;
            let _ = write!(words, "\n{:>4.0} %  {}", share, habit.name().to_lowercase());
        }
    }
    words
}

/// Numbers of blocks above, of heads at the left.
fn names(ui: &Ui, rect: Rect, plot: Rect, pitch: f32, side: f32, [n_columns, n_rows]: [usize; 2]) {
    let colors = theme::palette(ui.ctx());
    let font = TextStyle::Small.resolve(ui.style());
    let painter = ui.painter();
    let word = |at, align, words: String| {
        painter.text(at, align, words, font.clone(), colors.text_weak);
    };
    word(rect.left_top(), Align2::LEFT_TOP, "block →".into());
    word(
        pos2(rect.left(), rect.top() + font.size * 1.2),
        Align2::LEFT_TOP,
        "head ↓".into(),
    );
    let every = |room: f32| (room / pitch).ceil().max(1.0) as usize;
    for block in (0..n_columns).step_by(every(font.size * 1.5)) {
        let x = plot.left() + block as f32 * pitch + side * 0.5;
        let at = pos2(x, plot.top() - 3.0);
        word(at, Align2::CENTER_BOTTOM, block.to_string());
    }
    for head in (0..n_rows).step_by(every(font.size)) {
        let y = plot.top() + head as f32 * pitch + side * 0.5;
        word(
            pos2(plot.left() - 6.0, y),
            Align2::RIGHT_CENTER,
            head.to_string(),
        );
    }
}

/// All maps side by side, a pixel per field; what lies in the future is clear.
fn texture(
    drawn: &mut Drawn,
    version: u64,
    glance: &Glance,
    ui: &Ui,
    dark: bool,
) -> egui::TextureId {
    if let (Some(of), Some(texture)) = (drawn.of, &drawn.texture)
        && of == (version, dark)
    {
        return texture.id();
    }
    let side = glance.side;
    let size = [glance.n_layers * side, glance.n_heads * side];
    let mut image = ColorImage::filled(size, Color32::TRANSPARENT);
    for (i, map) in glance.maps.iter().enumerate() {
        let (block, head) = (i / glance.n_heads, i % glance.n_heads);
        for (row, weights) in map.chunks_exact(side).enumerate() {
            let start = (head * side + row) * size[0] + block * side;
            let pixels = &mut image.pixels[start..=start + row];
            for (pixel, &weight) in pixels.iter_mut().zip(weights) {
                *pixel = theme::viridis(weight);
            }
        }
    }
    let options = TextureOptions {
        magnification: TextureFilter::Nearest,
        minification: TextureFilter::Linear,
        ..TextureOptions::NEAREST
    };
    let texture = ui
        .ctx()
        .load_texture("patterns of all heads", image, options);
    let id = texture.id();
    drawn.texture = Some(texture);
    drawn.of = Some((version, dark));
    id
}
