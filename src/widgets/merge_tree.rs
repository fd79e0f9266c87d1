//! How bytes grow together: a tree that stands on the bytes of one piece of text.
//!
//! Each merge is a box over the two it was made of, with the merge's rank or score where they touch.
//! Nothing moves from step to step. Pairs that could be merged next carry theirs where their box would
//! stand on them; the winner shows its box in outline.

use crate::theme;
use crate::widgets::count::signed;
use crate::widgets::token_text::visible;
use eframe::egui::{
    self, Color32, FontId, Painter, Rect, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};

/// Height of a box.
const BOX: f32 = 25.0;
/// The least and the most height of the gap under it, where the rank stands.
const GAP: std::ops::RangeInclusive<f32> = 17.0..=26.0;
/// The least and the most width of one byte.
const CELL: std::ops::RangeInclusive<f32> = 52.0..=104.0;

/// A byte, or two nodes merged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TreeNode<'a> {
    /// The bytes of its token.
    pub bytes: &'a [u8],
    /// Its first byte in the piece, and one past its last.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// The rank or the score of its merge; `None` for a byte.
    pub rank: Option<f64>,
    /// The nodes it was made of.
    pub parts: Option<(usize, usize)>,
    /// Merges on the longest way down to a byte.
    pub height: usize,
}

/// The tree at one moment.
#[derive(Debug)]
pub struct MergeTree<'a> {
    /// All nodes there will be; those of merges to come stand at the end.
    pub nodes: &'a [TreeNode<'a>],
    /// How many of them there are now.
    pub n_now: usize,
    /// The nodes the piece consists of now.
    pub pieces: &'a [usize],
    /// The rank or the score of each pair of neighbours among them.
    pub ranks: &'a [Option<f64>],
    /// The pair that is merged next.
    pub winner: Option<usize>,
    /// What a screen reader says of this moment.
    pub name: &'a str,
}

impl MergeTree<'_> {
    /// Draws it in the space there is, scrolled where that is too little.
    pub fn show(self, ui: &mut Ui) {
        let fonts = (
            egui::TextStyle::Monospace.resolve(ui.style()),
            theme::style::small_mono().resolve(ui.style()),
        );
        let n_bytes = self.nodes.iter().map(|node| node.end).max().unwrap_or(0);
        let levels = self.nodes.iter().map(|node| node.height).max().unwrap_or(0) + 1;
        let widest = (ui.available_width() - 12.0) / n_bytes.max(1) as f32;
        let cell = widest.clamp(*CELL.start(), *CELL.end());
        let room = ui.available_height() / levels as f32 - BOX;
        let gap = room.clamp(*GAP.start(), *GAP.end());
        let size = vec2(cell * n_bytes as f32, levels as f32 * (BOX + gap));
        ScrollArea::both()
            .id_salt("merge tree")
            .auto_shrink([false, false])
            .stick_to_bottom(true)
            .show(ui, |ui| {
                let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
                response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, self.name));
                let canvas = Canvas {
                    rect,
                    cell,
                    gap,
                    painter: ui.painter(),
                    fonts: &fonts,
                    colors: theme::palette(ui.ctx()),
                };
                self.paint(&canvas);
            });
    }

    fn paint(&self, canvas: &Canvas<'_>) {
        for node in &self.nodes[..self.n_now] {
            for part in node.parts.iter().flat_map(|&(l, r)| [l, r]) {
                let part = canvas.place(&self.nodes[part]);
                let bottom = canvas.place(node).bottom();
                let line = Stroke::new(1.5, canvas.colors.outline);
                let x = part.center().x;
                canvas.painter.vline(x, bottom..=part.top(), line);
            }
        }
        for (i, node) in self.nodes[..self.n_now].iter().enumerate() {
            let now = self.pieces.iter().position(|&piece| piece == i);
            canvas.node(node, now);
            if let (Some(rank), Some((_, right))) = (node.rank, node.parts) {
                let x = canvas.x(self.nodes[right].start);
                canvas.rank(
                    pos2(x, canvas.place(node).bottom() + canvas.gap * 0.5),
                    rank,
                    false,
                );
            }
        }
        for (i, pair) in self.pieces.windows(2).enumerate() {
            let [left, right] = [&self.nodes[pair[0]], &self.nodes[pair[1]]];
            let Some(rank) = self.ranks.get(i).copied().flatten() else {
                continue;
            };
            let over = TreeNode {
                start: left.start,
                end: right.end,
                height: left.height.max(right.height) + 1,
                ..*left
            };
            let place = canvas.place(&over);
            if self.winner == Some(i) {
                let stroke = Stroke::new(2.0, canvas.colors.accent);
                let inside = place.shrink2(vec2(1.0, 1.0));
                let corners = [
                    inside.left_top(),
                    inside.right_top(),
                    inside.right_bottom(),
                    inside.left_bottom(),
                    inside.left_top(),
                ];
                let dashes = egui::Shape::dashed_line(&corners, stroke, 6.0, 4.0);
                canvas.painter.extend(dashes);
            }
            let at = pos2(canvas.x(right.start), place.bottom() + canvas.gap * 0.5);
            canvas.rank(at, rank, self.winner == Some(i));
        }
    }
}

struct Canvas<'a> {
    rect: Rect,
    cell: f32,
    gap: f32,
    painter: &'a Painter,
    fonts: &'a (FontId, FontId),
    colors: &'a theme::Palette,
}

impl Canvas<'_> {
    fn x(&self, byte: usize) -> f32 {
        self.rect.left() + byte as f32 * self.cell
    }

    fn place(&self, node: &TreeNode<'_>) -> Rect {
        let bottom = self.rect.bottom() - node.height as f32 * (BOX + self.gap);
        Rect::from_min_max(
            pos2(self.x(node.start) + 2.0, bottom - BOX),
            pos2(self.x(node.end) - 2.0, bottom),
        )
    }

    /// A box; filled when it is one of the pieces there are now.
    fn node(&self, node: &TreeNode<'_>, now: Option<usize>) {
        let rect = self.place(node);
        let (fill, ink) = match now {
            Some(i) => (self.colors.token_fill(i), self.colors.text),
            None => (Color32::TRANSPARENT, self.colors.text_weak),
        };
        self.painter.rect(
            rect,
            5.0,
            fill,
            Stroke::new(1.0, self.colors.line),
            StrokeKind::Inside,
        );
        let text = visible(node.bytes);
        let font = self.fonts.0.clone();
        let mut galley = self.painter.layout_no_wrap(text.clone(), font, ink);
        if galley.size().x > rect.width() {
            galley = self.painter.layout_no_wrap(text, self.fonts.1.clone(), ink);
        }
        let at = rect.center() - galley.size() * 0.5;
        let clipped = self
            .painter
            .with_clip_rect(rect.intersect(self.painter.clip_rect()));
        clipped.galley(at, galley, ink);
    }

    /// A rank where two pieces touch; the winner wears the accent.
    fn rank(&self, middle: egui::Pos2, rank: f64, wins: bool) {
        let (fill, ink) = if wins {
            (self.colors.accent, self.colors.on_accent)
        } else {
            (Color32::TRANSPARENT, self.colors.text_weak)
        };
        let font = self.fonts.1.clone();
        let galley = self.painter.layout_no_wrap(signed(rank), font, ink);
        let pill = Rect::from_center_size(middle, galley.size() + vec2(8.0, 0.0));
        self.painter.rect_filled(pill, 8.0, fill);
        self.painter
            .galley(pill.center() - galley.size() * 0.5, galley, ink);
    }
}
