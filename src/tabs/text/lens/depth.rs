//! One token through the depth: its rank at every layer, best on top, and its probability.

use crate::labs::inside::lens::Depth;
use crate::labs::text::LoadedText;
use crate::theme;
use crate::widgets::count::grouped;
use crate::widgets::token_text::visible;
use eframe::egui::{
    Align2, Pos2, Rect, RichText, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

/// The height of the chart.
const HEIGHT: f32 = 172.0;
/// Room for the words at its left and below it.
const LEFT: f32 = 60.0;
const BELOW: f32 = 46.0;

pub(super) fn show(depths: &[Depth], token: u32, ui: &mut Ui, loaded: &LoadedText) {
    let Some(last) = depths.last() else {
        return;
    };
    let name = visible(&loaded.token_bytes(token));
    ui.label(
        RichText::new(format!(
            "“{name}” through the depth: rank {} of {} at the end, with {:.1} %",
            grouped(last.rank + 1),
            grouped(loaded.config.vocab_size),
            last.log_p.exp() * 100.0
        ))
        .text_style(theme::style::strong()),
    );
    let size = vec2(ui.available_width(), HEIGHT);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| {
        let ranks: Vec<String> = depths.iter().map(|d| (d.rank + 1).to_string()).collect();
        let words = format!("Rank of {name} after each layer: {}", ranks.join(", "));
        WidgetInfo::labeled(Role::Image, true, words)
    });
    let plot = Rect::from_min_max(rect.min + vec2(LEFT, 8.0), rect.max - vec2(12.0, BELOW));
    let worst = (loaded.config.vocab_size.max(2) as f32).log10();
    let x = |layer: usize| {
        let share = layer as f32 / (depths.len() - 1).max(1) as f32;
        plot.left() + share * plot.width()
    };
    let y = |rank: usize| plot.top() + ((rank + 1) as f32).log10() / worst * plot.height();
    axes(ui, rect, plot, depths.len(), worst);
    let colors = theme::palette(ui.ctx());
    let points: Vec<Pos2> = depths
        .iter()
        .enumerate()
        .map(|(layer, depth)| pos2(x(layer), y(depth.rank)))
        .collect();
    let painter = ui.painter();
    for pair in points.windows(2) {
        let stroke = Stroke::new(2.0, colors.accent);
        painter.line_segment([pair[0], pair[1]], stroke);
    }
    for (point, depth) in points.iter().zip(depths) {
        let radius = 3.0 + 5.0 * (depth.log_p.exp() as f32).sqrt();
        painter.circle_filled(*point, radius, colors.accent);
    }
    let Some(at) = response.hover_pos() else {
        return;
    };
    let step = plot.width() / (depths.len() - 1).max(1) as f32;
    let layer = (((at.x - plot.left()) / step).round().max(0.0) as usize).min(depths.len() - 1);
    let depth = &depths[layer];
    painter.circle_stroke(points[layer], 9.0, Stroke::new(1.5, colors.text));
    let where_ = match layer {
        0 => "In the embedding".to_owned(),
        layer => format!("After block {}", layer - 1),
    };
    let best = visible(&loaded.token_bytes(depth.best.id));
    response.on_hover_text_at_pointer(format!(
        "{where_}: rank {}, {:.2} %, score {:.3}\nBest there: “{best}” with {:.1} %",
        grouped(depth.rank + 1),
        depth.log_p.exp() * 100.0,
        depth.logit,
        depth.best.p * 100.0
    ));
}

fn axes(ui: &Ui, rect: Rect, plot: Rect, n_layers: usize, worst: f32) {
    let colors = theme::palette(ui.ctx());
    let font = TextStyle::Small.resolve(ui.style());
    let painter = ui.painter();
    let stroke = Stroke::new(1.0, colors.line);
    for power in 0..=worst as u32 {
        let y = plot.top() + power as f32 / worst * plot.height();
        painter.hline(plot.x_range(), y, stroke);
        let words = grouped(10usize.pow(power));
        painter.text(
            pos2(plot.left() - 10.0, y),
            Align2::RIGHT_CENTER,
            words,
            font.clone(),
            colors.text_weak,
        );
    }
    let every = (font.size * 2.2 / (plot.width() / n_layers.max(2) as f32)).ceil();
    for layer in (0..n_layers).step_by(every.max(1.0) as usize) {
        let share = layer as f32 / (n_layers - 1).max(1) as f32;
        let x = plot.left() + share * plot.width();
        let words = match layer {
            0 => "tokens".to_owned(),
            layer => (layer - 1).to_string(),
        };
        painter.text(
            pos2(x, plot.bottom() + 10.0),
            Align2::CENTER_TOP,
            words,
            font.clone(),
            colors.text_weak,
        );
    }
    painter.text(
        pos2(plot.center().x, rect.bottom()),
        Align2::CENTER_BOTTOM,
        "after block · a larger dot is a larger probability · rank 1 on top",
        font,
        colors.text_weak,
    );
}
