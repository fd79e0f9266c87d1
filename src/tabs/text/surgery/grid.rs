//! The model as parts to be cut: a column per block; its heads, its MLP, the whole block, the stream.

use super::SurgeryView;
use crate::labs::inside::surgery::{Part, Way};
use crate::labs::text::LoadedText;
use crate::tabs::parts::caption;
use crate::theme;
use eframe::egui::{
    Align2, Color32, Rect, Response, Role, ScrollArea, Sense, Stroke, StrokeKind, TextStyle, Ui,
    WidgetInfo, pos2, vec2,
};
use std::fmt::Write as _;

/// A part is no smaller, and no larger.
const SIDES: [f32; 2] = [15.0, 34.0];
/// Where the names of the rows stand.
const NAMES: f32 = 62.0;
/// Rows beside the heads: MLP, block, stream.
const N_OTHERS: usize = 3;

pub(super) fn show(view: &mut SurgeryView, ui: &mut Ui, loaded: &LoadedText) {
    let config = &loaded.config;
    let (n_columns, n_rows) = (config.n_layers, config.n_heads + N_OTHERS);
    caption(
        ui,
        "A column is a block, from the first to the last. Click a part to operate on it, again to undo it.",
    );
    let font = TextStyle::Small.resolve(ui.style());
    let room = vec2(
        ui.available_width() - NAMES - 8.0,
        ui.available_height() * 0.56 - font.size * 2.0,
    );
    let [least, most] = SIDES;
    let side = (room.x / n_columns as f32)
        .min(room.y / (n_rows as f32 + 0.5))
        .clamp(least, most);
    let size = vec2(
        NAMES + side * n_columns as f32,
        font.size * 1.6 + side * (n_rows as f32 + 0.5),
    );
    let height = (room.y + font.size * 2.0).min(size.y + 4.0);
    ScrollArea::both()
        .id_salt("parts")
        .max_height(height)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            let (rect, response) = ui.allocate_exact_size(size, Sense::click());
            response.widget_info(|| {
                let (n, heads) = (n_columns, config.n_heads);
                let words = format!("Parts of the model: {n} blocks of {heads} heads and an MLP");
                WidgetInfo::labeled(Role::Image, true, words)
            });
            let top = rect.top() + font.size * 1.6;
            let place = |row: usize, block: usize| {
                // What is no head stands a little apart.
                let apart = if row >= config.n_heads {
                    side * 0.5
                } else {
                    0.0
                };
                let at = pos2(
                    rect.left() + NAMES + block as f32 * side,
                    top + row as f32 * side + apart,
                );
                Rect::from_min_size(at, vec2(side, side)).shrink(1.0)
            };
            let worst = worst(view);
            for block in 0..n_columns {
                for row in 0..n_rows {
                    let part = part(row, block, config.n_heads);
                    paint(view, ui, place(row, block), part, worst);
                }
            }
            names(ui, rect, config.n_heads, n_columns, side, &place);
            let Some(at) = response.hover_pos() else {
                return;
            };
            let under = (0..n_columns)
                .flat_map(|block| (0..n_rows).map(move |row| (row, block)))
                .find(|&(row, block)| place(row, block).expand(1.0).contains(at));
            if let Some((row, block)) = under {
                let part = part(row, block, config.n_heads);
                let colors = theme::palette(ui.ctx());
                let stroke = Stroke::new(2.0, colors.text);
                ui.painter()
                    .rect_stroke(place(row, block), 3.0, stroke, StrokeKind::Outside);
                point(view, response, part);
            }
        });
    legend(view, ui, loaded);
}

fn part(row: usize, block: usize, n_heads: usize) -> Part {
    match row.checked_sub(n_heads) {
        None => Part::Head { block, head: row },
        Some(0) => Part::Mlp(block),
        Some(1) => Part::Block(block),
        Some(_) => Part::Stream(block),
    }
}

/// The largest change of the sweep: the end of its scale.
fn worst(view: &SurgeryView) -> Option<f32> {
    let swept = view.swept.answer().filter(|_| view.sweeps)?;
    let sizes = swept.changes.iter().map(|(_, change)| change.abs());
    Some(sizes.fold(f32::MIN_POSITIVE, f32::max))
}

fn paint(view: &SurgeryView, ui: &Ui, place: Rect, part: Part, worst: Option<f32>) {
    let colors = theme::palette(ui.ctx());
    let painter = ui.painter();
    let swept = view.swept.answer().filter(|_| view.sweeps);
    let change = swept.and_then(|swept| swept.change(part));
    let fill = match (change, worst) {
        // What is needed is red: without it the token loses. By the root, for one part may be needed
        // a hundred times as much as all the others.
        (Some(change), Some(worst)) => {
            colors.signed(-change.signum() * (change.abs() / worst).sqrt())
        }
        _ => colors.control,
    };
    painter.rect_filled(place, 3.0, fill);
    let stroke = Stroke::new(1.0, colors.outline);
    painter.rect_stroke(place, 3.0, stroke, StrokeKind::Inside);
    let Some(operation) = view.done_to(part) else {
        return;
    };
    painter.rect_filled(place, 3.0, colors.accent);
    let sign = match operation.way {
        Way::Off => "×",
        Way::Scale(_) => "~",
        Way::Patch => "P",
    };
    let font = theme::style::small_mono().resolve(ui.style());
    painter.text(
        place.center(),
        Align2::CENTER_CENTER,
        sign,
        font,
        colors.on_accent,
    );
}

fn point(view: &mut SurgeryView, response: Response, part: Part) {
    let what = match part {
        Part::Head { .. } => "what one head adds to the stream",
        Part::Mlp(_) => "what the MLP adds to the stream",
        Part::Block(_) => "all the block adds; off, the stream passes it untouched",
        Part::Stream(_) => "the residual stream that enters the block: all that is known so far",
        Part::Attention(_) | Part::Neuron { .. } | Part::Sight => "",
    };
    let name = part.name();
    let mut words = format!("{name}: {what}");
    if let Some(swept) = view.swept.answer().filter(|_| view.sweeps)
        && let Some(change) = swept.change(part)
    {
        let times = f64::from(change).exp();
        let _ = write!(
            words,
            "\nOff by itself, the token is {times:.2} times as probable ({change:+.3})."
        );
    }
    if response.on_hover_text_at_pointer(words).clicked() {
        view.toggle(part);
    }
}

fn names(
    ui: &Ui,
    rect: Rect,
    n_heads: usize,
    n_columns: usize,
    side: f32,
    place: &dyn Fn(usize, usize) -> Rect,
) {
    let colors = theme::palette(ui.ctx());
    let font = TextStyle::Small.resolve(ui.style());
    let painter = ui.painter();
    let word = |at, align, words: String, ink: Color32| {
        painter.text(at, align, words, font.clone(), ink);
    };
    let every = (font.size * 1.6 / side).ceil().max(1.0) as usize;
    for block in (0..n_columns).step_by(every) {
        let at = pos2(place(0, block).center().x, rect.top());
        word(at, Align2::CENTER_TOP, block.to_string(), colors.text_weak);
    }
    let every = (font.size / side).ceil().max(1.0) as usize;
    for head in (0..n_heads).step_by(every) {
        let at = place(head, 0).left_center() - vec2(6.0, 0.0);
        let words = if head == 0 {
            "head 0".to_owned()
        } else {
            head.to_string()
        };
        word(at, Align2::RIGHT_CENTER, words, colors.text_weak);
    }
    for (i, name) in ["MLP", "block", "stream"].into_iter().enumerate() {
        let at = place(n_heads + i, 0).left_center() - vec2(6.0, 0.0);
        word(at, Align2::RIGHT_CENTER, name.into(), colors.text_weak);
    }
}

/// What the colours of the sweep mean.
fn legend(view: &SurgeryView, ui: &mut Ui, loaded: &LoadedText) {
    let Some(swept) = view.swept.answer().filter(|_| view.sweeps) else {
        return;
    };
    let worst = worst(view).unwrap_or_default();
    let token = crate::widgets::token_text::visible(&loaded.token_bytes(swept.token));
    caption(
        ui,
        format!(
            "Red: without this part alone, “{token}” is less probable; blue: more. The deepest colour is {worst:.2} of log-probability, {:.1} times; half as deep is a quarter of it.",
            worst.exp()
        ),
    );
}
