//! Which heads of attention share keys and values: the heads that ask above, the heads that are asked
//! below, a line from each to the one it asks.

use crate::theme;
use eframe::egui::{
    Align2, FontId, Pos2, Rect, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, Vec2, WidgetInfo,
    pos2, vec2,
};

/// Heads and what they ask.
#[derive(Debug, Clone, Copy)]
pub struct HeadGroups<'a> {
    /// What AccessKit calls it.
    pub name: &'a str,
    /// Heads that ask.
    pub n_heads: usize,
    /// Heads with keys and values.
    pub n_kv_heads: usize,
}

impl HeadGroups<'_> {
    /// Draws them in `size`.
    pub fn show(self, ui: &mut Ui, size: Vec2) {
        let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
        let (h, g) = (self.n_heads, self.n_kv_heads);
        response.widget_info(|| {
            let words = format!("{}: {h} heads ask {g}", self.name);
            WidgetInfo::labeled(Role::Image, true, words)
        });
        if h == 0 || g == 0 || !ui.is_rect_visible(rect) {
            return;
        }
        let font = TextStyle::Small.resolve(ui.style());
        let above = Row::of(rect, rect.top() + font.size * 1.5, h);
        let below = Row::of(rect, rect.bottom() - font.size * 1.5 - above.side, g);
        let colors = theme::palette(ui.ctx());
        let write = |at: Pos2, anchor: Align2, words: &str| {
            let ink = colors.text_weak;
            ui.painter().text(at, anchor, words, font.clone(), ink);
        };
        write(rect.left_top(), Align2::LEFT_TOP, "queries: heads that ask");
        let words = "keys and values: heads that are asked";
        write(rect.left_bottom(), Align2::LEFT_BOTTOM, words);
        let shared = h.div_ceil(g);
        let pointed = response.hover_pos().and_then(|at| above.head_at(at));
        let group = pointed.map(|head| head / shared);
        for head in 0..h {
            let asked = head / shared;
            let is_lit = group.is_none_or(|group| group == asked);
            let color = colors.hues[asked % colors.hues.len()];
            let color = if is_lit { color } else { colors.line };
            let (from, to) = (above.cell(head), below.cell(asked));
            let stroke = Stroke::new(2.0, color);
            let line = [from.center_bottom(), to.center_top()];
            ui.painter().line_segment(line, stroke);
        }
        for head in 0..h {
            paint(ui, above.cell(head), head, head / shared, group, &font);
        }
        for head in 0..g {
            paint(ui, below.cell(head), head, head, group, &font);
        }
        if let Some(head) = pointed {
            let asked = head / shared;
            let others = (asked * shared..((asked + 1) * shared).min(h)).filter(|&o| o != head);
            let others: Vec<String> = others.map(|other| other.to_string()).collect();
            response.on_hover_text(if others.is_empty() {
                format!("Head {head} has keys and values of its own.")
            } else {
                let others = others.join(", ");
                format!("Head {head} asks the keys and values {asked}, as do heads {others}.")
            });
        }
    }
}

/// Squares side by side.
struct Row {
    left: f32,
    top: f32,
    step: f32,
    side: f32,
    n: usize,
}

impl Row {
    fn of(rect: Rect, top: f32, n: usize) -> Self {
        let step = (rect.width() / n as f32).min(64.0);
        Self {
            left: rect.center().x - step * n as f32 * 0.5,
            top,
            step,
            side: (rect.height() * 0.25).min(32.0),
            n,
        }
    }

    fn cell(&self, i: usize) -> Rect {
        let width = (self.step - 4.0).clamp(3.0, self.side.max(3.0));
        let x = self.left + self.step * (i as f32 + 0.5);
        Rect::from_min_size(pos2(x - width * 0.5, self.top), vec2(width, self.side))
    }

    fn head_at(&self, at: Pos2) -> Option<usize> {
        (0..self.n).find(|&i| self.cell(i).expand(2.0).contains(at))
    }
}

fn paint(ui: &Ui, cell: Rect, head: usize, asked: usize, group: Option<usize>, font: &FontId) {
    let colors = theme::palette(ui.ctx());
    let is_lit = group.is_none_or(|group| group == asked);
    let fill = if is_lit {
        colors.token_fill(asked)
    } else {
        colors.hover
    };
    ui.painter().rect_filled(cell, 3.0, fill);
    let stroke = Stroke::new(1.0, colors.outline);
    ui.painter()
        .rect_stroke(cell, 3.0, stroke, StrokeKind::Inside);
    if cell.width() > font.size * 1.2 {
        let words = head.to_string();
        let center = Align2::CENTER_CENTER;
        ui.painter()
            .text(cell.center(), center, words, font.clone(), colors.text);
    }
}
