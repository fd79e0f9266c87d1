//! A text of any length whose tokens are coloured by how much they surprised a model.
//!
//! It reads as text does: no gaps, blanks blank. The colour of a token and the length of the line under
//! it both say how many bits it cost, so that neither has to be trusted alone. Only what is in sight is
//! drawn; where tokens stand is found once.

use super::token_strip::{keep_horizontal_arrows, neighbour, percent};
use super::token_text::{shown, visible};
use crate::theme;
use eframe::egui::{
    self, Color32, FontId, Rect, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, WidgetInfo, pos2,
    vec2,
};

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether it is a control token.
    pub special: bool,
}

/// A text to draw.
#[derive(Clone, Copy)]
pub struct SurpriseText<'a> {
    /// Whose surprise it is: a part of the names of tokens.
    pub name: &'a str,
    /// The tokens.
    pub pieces: &'a [Piece],
    /// The bits of a token; `None` while nobody knows, and for a first one that nobody guessed.
    pub bits: &'a dyn Fn(usize) -> Option<f64>,
    /// From how many bits on the colour is the deepest and the line full.
    pub most_bits: f32,
    /// The token that is looked at.
    pub selected: Option<usize>,
    /// A number that differs whenever the pieces do.
    pub version: u64,
}

/// Where tokens stand, kept between frames.
#[derive(Debug, Default)]
pub struct SurpriseTextState {
    /// What the places were found for: the text, the width, the size of the letters.
    key: Option<(u64, u32, u32)>,
    places: Vec<Rect>,
}

impl SurpriseText<'_> {
    /// Draws it over the width there is. Returns the token that was clicked, if one was.
    pub fn show(self, ui: &mut Ui, state: &mut SurpriseTextState) -> Option<usize> {
        let font = TextStyle::Body.resolve(ui.style());
        let row = font.size * 2.0;
        self.lay_out(ui, &font, row, state);
        let height = state.places.last().map_or(row, Rect::bottom);
        let (area, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
        let offset = area.min.to_vec2();
        let sight = ui.clip_rect().y_range();
        let first = state
            .places
            .partition_point(|r| r.bottom() + offset.y < sight.min);
        let end = state
            .places
            .partition_point(|r| r.top() + offset.y <= sight.max);
        let scope = ui.scope_id();
        let id_of = |i: usize| scope.with(("token", i));
        let mut clicked = None;
        for i in first..end.max(first) {
            let rect = state.places[i].translate(offset);
            let response = ui.interact(rect, id_of(i), Sense::click());
            let is_selected = self.selected == Some(i);
            response.widget_info(|| {
                WidgetInfo::selected(Role::Button, true, is_selected, self.words(i))
            });
            let is_lit = response.hovered() || response.has_focus();
            self.paint(ui, i, rect, is_lit, &font);
            if response.clicked() {
                response.request_focus();
                clicked = Some(i);
            }
            if response.has_focus() {
                keep_horizontal_arrows(ui, response.id);
                if let Some(next) = neighbour(ui, i, self.pieces.len()) {
                    ui.memory_mut(|memory| memory.request_focus(id_of(next)));
                    clicked = Some(next);
                }
            }
            response.on_hover_ui(|ui| self.hover(ui, i));
        }
        clicked
    }

    fn lay_out(&self, ui: &Ui, font: &FontId, row: f32, state: &mut SurpriseTextState) {
        let width = ui.available_width();
        let key = (self.version, width.to_bits(), font.size.to_bits());
        if state.key == Some(key) && state.places.len() == self.pieces.len() {
            return;
        }
        state.key = Some(key);
        state.places.clear();
        let mut at = pos2(0.0, 0.0);
        for piece in self.pieces {
            let galley =
                ui.painter()
                    .layout_no_wrap(words_of(piece), font.clone(), Color32::PLACEHOLDER);
            let size = vec2(galley.size().x.max(6.0), row);
            if at.x > 0.0 && at.x + size.x > width {
                at = pos2(0.0, at.y + row);
            }
            state.places.push(Rect::from_min_size(at, size));
            at.x += size.x;
            if piece.bytes.contains(&b'\n') {
                at = pos2(0.0, at.y + row);
            }
        }
    }

    fn paint(&self, ui: &Ui, i: usize, rect: Rect, is_lit: bool, font: &FontId) {
        let colors = theme::palette(ui.ctx());
        let painter = ui.painter();
        let piece = &self.pieces[i];
        let bits = (self.bits)(i);
        let cell = rect.shrink2(vec2(0.5, 2.0));
        let share = bits.map(|bits| (bits as f32 / self.most_bits.max(0.1)).clamp(0.0, 1.0));
        if let Some(share) = share {
            painter.rect_filled(cell, 2.0, colors.probability(1.0 - share));
        }
        let ink = match share {
            _ if piece.special => colors.accent,
            Some(_) => colors.text,
            None => colors.text_weak,
        };
        let galley = painter.layout_no_wrap(words_of(piece), font.clone(), ink);
        let at = pos2(rect.left(), rect.center().y - galley.size().y * 0.5 - 2.0);
        painter.galley(at, galley, ink);
        if let Some(share) = share {
            let line = Rect::from_min_max(
                pos2(cell.left(), cell.bottom() - 3.0),
                pos2(cell.left() + cell.width() * share, cell.bottom()),
            );
            painter.rect_filled(line, 0.0, colors.text_weak);
        }
        if is_lit || self.selected == Some(i) {
            let width = if self.selected == Some(i) { 2.5 } else { 1.5 };
            let stroke = Stroke::new(width, colors.accent);
            painter.rect_stroke(cell, 2.0, stroke, StrokeKind::Outside);
        }
    }

    /// What a screen reader says, and tests look for.
    fn words(&self, i: usize) -> String {
        let text = visible(&self.pieces[i].bytes);
        match (self.bits)(i) {
            Some(bits) => format!("{}: token {} {text}, {bits:.1} bits", self.name, i + 1),
            None => format!("{}: token {} {text}", self.name, i + 1),
        }
    }

    fn hover(&self, ui: &mut Ui, i: usize) {
        let piece = &self.pieces[i];
        ui.label(
            egui::RichText::new(visible(&piece.bytes))
                .monospace()
                .strong(),
        );
        match (self.bits)(i) {
            Some(bits) => ui.label(format!(
                "{bits:.2} bits of surprise: {} gave it {}. Click to see what it expected instead.",
                self.name,
                percent((-bits).exp2())
            )),
            None => ui.label("Nobody guessed it."),
        };
        if piece.special {
            ui.label("A control token: a sign for the model, not text.");
        }
    }
}

fn words_of(piece: &Piece) -> String {
    let blank = shown(&piece.bytes, false);
    if piece.bytes.contains(&b'\n') {
        return blank + "⏎";
    }
    blank
}

/// What the colours mean.
pub fn legend(ui: &mut Ui, most_bits: f32) {
    let colors = theme::palette(ui.ctx());
    let small = |text: String| egui::RichText::new(text).small().color(colors.text_weak);
    ui.label(small("0 bits: sure".into()));
    let (rect, response) = ui.allocate_exact_size(vec2(72.0, 10.0), Sense::hover());
    let step = rect.width() / 24.0;
    for i in 0..24 {
        let left = rect.left() + step * i as f32;
        let cell = Rect::from_min_max(
            pos2(left, rect.top()),
            pos2(left + step + 0.5, rect.bottom()),
        );
        let fill = colors.probability(1.0 - i as f32 / 23.0);
        ui.painter().rect_filled(cell, 0.0, fill);
    }
    response.on_hover_text(
        "How unexpected a token was: 0 bits when the model was sure, 1 bit for a coin toss, one more each time the probability halves.",
    );
    ui.label(small(format!("{most_bits:.0} bits or more")));
}
