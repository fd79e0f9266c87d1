//! The tokens of a text as chips with their ids, and under them, if asked for, their bytes.
//!
//! Only the rows in sight are drawn. Where rows begin is worked out once per text, width and look,
//! and after an edit only around it ([`rows`]), from widths that are measured once per token. In the byte lane a bracket holds the bytes of one
//! character together, across chips where a character is several tokens.

mod rows;

use crate::theme;
use crate::widgets::token_text::shown;
use eframe::egui::{
    self, Align2, FontId, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2,
    vec2,
};
use std::fmt::Write as _;

/// Height of a chip without its id, of the id, of the bytes, and of the bracket with its character.
const TEXT_HEIGHT: f32 = 26.0;
const ID_HEIGHT: f32 = 17.0;
const BYTES_HEIGHT: f32 = 20.0;
const BRACKET_HEIGHT: f32 = 26.0;
/// Width of one byte in the lane.
const BYTE_WIDTH: f32 = 22.0;
/// Between rows, between words, and between tokens of one word.
const ROW_GAP: f32 = 8.0;
const WORD_GAP: f32 = 7.0;
const TOKEN_GAP: f32 = 1.0;

/// One token to draw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IdChip<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// Its id.
    pub id: u32,
    /// Where it stands in the text, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Whether it is a special token.
    pub special: bool,
    /// Whether a word, a piece of the split, begins with it.
    pub begins_word: bool,
    /// Whether it ends where the other vocabulary does not cut.
    pub lone_cut: bool,
    /// Whether it belongs to the word looked at.
    pub in_word: bool,
}

/// What of the tokens is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct StripLook {
    /// Ids under the chips.
    pub ids: bool,
    /// Marks for spaces, tabs and line ends.
    pub marks: bool,
    /// Bytes under the chips.
    pub bytes: bool,
}

impl Default for StripLook {
    fn default() -> Self {
        Self {
            ids: true,
            marks: true,
            bytes: false,
        }
    }
}

impl StripLook {
    /// The height of one row, the gap under it left out.
    #[must_use]
    pub fn row_height(self) -> f32 {
        let part = |shown: bool, height: f32| if shown { height } else { 0.0 };
        TEXT_HEIGHT + part(self.ids, ID_HEIGHT) + part(self.bytes, BYTES_HEIGHT + BRACKET_HEIGHT)
    }

    fn chip_height(self) -> f32 {
        TEXT_HEIGHT + if self.ids { ID_HEIGHT } else { 0.0 }
    }
}

/// Where rows begin, kept between frames; one for each vocabulary.
#[derive(Debug, Clone, Default)]
pub struct StripLayout {
    key: Option<(u64, u32, StripLook, u32)>,
    rows: Vec<usize>,
    /// By id; not a number where not measured yet.
    widths: Vec<f32>,
    widths_of: Option<(StripLook, u32)>,
}

/// A strip of all tokens of one text.
pub struct IdStrip<'a> {
    /// Its name for AccessKit and egui.
    pub name: &'a str,
    /// The text.
    pub text: &'a str,
    /// How many tokens it has.
    pub n_tokens: usize,
    /// The `i`th of them.
    pub chip: &'a dyn Fn(usize) -> IdChip<'a>,
    /// What is told of the `i`th under the pointer.
    pub hover: &'a dyn Fn(&mut Ui, usize),
    /// What is shown.
    pub look: StripLook,
    /// Grows by one whenever the tokens change.
    pub version: u64,
    /// How many tokens at the start and at the end are those of the version before.
    pub kept: [usize; 2],
}

impl IdStrip<'_> {
    /// Draws the strip in the space there is and returns the token that was clicked.
    pub fn show(self, ui: &mut Ui, layout: &mut StripLayout) -> Option<usize> {
        let fonts = Fonts::of(ui);
        let width = ui.available_width() - ui.spacing().scroll.bar_width;
        self.lay_out(ui, layout, width, &fonts);
        let mut clicked = None;
        ui.spacing_mut().item_spacing.y = ROW_GAP;
        let height = self.look.row_height();
        let rows = &layout.rows;
        let n_rows = rows.len().saturating_sub(1);
        let area = ScrollArea::vertical()
            .id_salt(self.name)
            .auto_shrink([false, false]);
        area.show_rows(ui, height, n_rows, |ui, visible| {
            for row in visible {
                let (rect, _) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
                let tokens = rows[row]..rows[row + 1];
                clicked = self
                    .row(ui, rect, tokens, &layout.widths, &fonts)
                    .or(clicked);
            }
        });
        clicked
    }

    /// Works out where rows begin, unless nothing changed.
    fn lay_out(&self, ui: &Ui, layout: &mut StripLayout, width: f32, fonts: &Fonts) {
        let scale = (ui.ctx().pixels_per_point() * 100.0) as u32;
        let key = (self.version, width as u32, self.look, scale);
        if layout.key == Some(key) {
            return;
        }
        let widths_of = (self.look, scale);
        if layout.widths_of != Some(widths_of) {
            layout.widths.clear();
            layout.widths_of = Some(widths_of);
        }
        let before = (self.version.wrapping_sub(1), key.1, key.2, key.3);
        let kept = if layout.key == Some(before) {
            self.kept
        } else {
            [0, 0]
        };
        layout.key = Some(key);
        let old = std::mem::take(&mut layout.rows);
        let widths = &mut layout.widths;
        layout.rows = rows::rows(&old, self.n_tokens, kept, width, |i| {
            let chip = (self.chip)(i);
            let slot = chip.id as usize;
            if widths.len() <= slot {
                widths.resize(slot + 1, f32::NAN);
            }
            if widths[slot].is_nan() {
                widths[slot] = self.measure(ui, &chip, fonts);
            }
            rows::Footprint {
                width: widths[slot],
                gap: if chip.begins_word {
                    WORD_GAP
                } else {
                    TOKEN_GAP
                },
                ends_row: chip.bytes.contains(&b'\n'),
            }
        });
    }

    fn measure(&self, ui: &Ui, chip: &IdChip<'_>, fonts: &Fonts) -> f32 {
        let width = |text: String, font: &FontId| {
            let color = egui::Color32::PLACEHOLDER;
            let galley = ui.painter().layout_no_wrap(text, font.clone(), color);
            galley.size().x + 10.0
        };
        let text = drawable(ui, chip.bytes, self.look.marks, &fonts.text);
        let mut widest = width(text, &fonts.text).max(18.0);
        if self.look.ids {
            widest = widest.max(width(chip.id.to_string(), &fonts.small));
        }
        if self.look.bytes {
            widest = widest.max(chip.bytes.len() as f32 * BYTE_WIDTH + 4.0);
        }
        widest.ceil()
    }

    fn row(
        &self,
        ui: &mut Ui,
        row: Rect,
        tokens: std::ops::Range<usize>,
        widths: &[f32],
        fonts: &Fonts,
    ) -> Option<usize> {
        let mut clicked = None;
        let mut x = row.left();
        let mut cells = Vec::new();
        for i in tokens {
            let chip = (self.chip)(i);
            if x > row.left() {
                x += if chip.begins_word {
                    WORD_GAP
                } else {
                    TOKEN_GAP
                };
            }
            let width = widths.get(chip.id as usize).copied().unwrap_or(18.0);
            let size = vec2(width, self.look.chip_height());
            let rect = Rect::from_min_size(pos2(x, row.top()), size);
            x += width;
            if self.chip(ui, i, &chip, rect, fonts) {
                clicked = Some(i);
            }
            if self.look.bytes {
                let n = chip.end - chip.start;
                let left = rect.center().x - n as f32 * BYTE_WIDTH * 0.5;
                cells.extend(
                    (chip.start..chip.end)
                        .zip(0..)
                        .map(|(at, k): (usize, usize)| (at, left + k as f32 * BYTE_WIDTH)),
                );
            }
        }
        if self.look.bytes {
            self.lane(ui, row, &cells, fonts);
        }
        clicked
    }

    /// One chip; true when it was clicked.
    fn chip(&self, ui: &Ui, i: usize, chip: &IdChip<'_>, rect: Rect, fonts: &Fonts) -> bool {
        let response = ui.interact(rect, ui.scope_id().with((self.name, i)), Sense::click());
        let text = shown(chip.bytes, true);
        response.widget_info(|| {
            let name = format!("{}, token {} {text}, id {}", self.name, i + 1, chip.id);
            WidgetInfo::selected(Role::Button, true, chip.in_word, name)
        });
        let colors = theme::palette(ui.ctx());
        let painter = ui.painter();
        let fill = if chip.special {
            colors.accent_soft
        } else {
            colors.token_fill(i)
        };
        painter.rect_filled(rect, 4.0, fill);
        let ring = if response.has_focus() || response.hovered() {
            Some(Stroke::new(2.0, colors.accent))
        } else if chip.in_word {
            Some(Stroke::new(2.0, colors.text))
        } else if chip.special {
            Some(Stroke::new(1.0, colors.accent))
        } else {
            None
        };
        if let Some(stroke) = ring {
            painter.rect_stroke(rect, 4.0, stroke, StrokeKind::Inside);
        }
        let ink = if chip.special {
            colors.accent
        } else {
            colors.text
        };
        let middle = pos2(rect.center().x, rect.top() + TEXT_HEIGHT * 0.5 + 1.0);
        let text = drawable(ui, chip.bytes, self.look.marks, &fonts.text);
        painter.text(middle, Align2::CENTER_CENTER, text, fonts.text.clone(), ink);
        if self.look.ids {
            let middle = pos2(
                rect.center().x,
                rect.top() + TEXT_HEIGHT + ID_HEIGHT * 0.5 - 3.0,
            );
            let id = chip.id.to_string();
            painter.text(middle, Align2::CENTER_CENTER, id, fonts.small.clone(), ink);
        }
        if chip.lone_cut {
            let mark = Rect::from_min_max(
                pos2(rect.right() - 1.5, rect.top() - 3.0),
                pos2(rect.right() + 2.5, rect.bottom() + 3.0),
            );
            painter.rect_filled(mark, 1.0, colors.text);
        }
        let clicked = response.clicked();
        response.on_hover_ui(|ui| (self.hover)(ui, i));
        clicked
    }

    /// The bytes under the chips of one row, those of one character in a bracket.
    fn lane(&self, ui: &Ui, row: Rect, cells: &[(usize, f32)], fonts: &Fonts) {
        let colors = theme::palette(ui.ctx());
        let painter = ui.painter();
        let top = row.top() + self.look.chip_height();
        let bytes = self.text.as_bytes();
        for &(at, x) in cells {
            let middle = pos2(x + BYTE_WIDTH * 0.5, top + BYTES_HEIGHT * 0.5 + 2.0);
            let hex = bytes
                .get(at)
                .map_or_else(String::new, |b| format!("{b:02X}"));
            let ink = colors.text_weak;
            painter.text(middle, Align2::CENTER_CENTER, hex, fonts.small.clone(), ink);
        }
        let begin = |at: usize| self.text.floor_char_boundary(at);
        for character in cells.chunk_by(|a, b| begin(a.0) == begin(b.0)) {
            let (Some(first), Some(last)) = (character.first(), character.last()) else {
                continue;
            };
            let start = begin(first.0);
            let Some(letter) = self.text[start..].chars().next() else {
                continue;
            };
            if letter.len_utf8() == 1 {
                continue;
            }
            let (left, right) = (first.1 + 3.0, last.1 + BYTE_WIDTH - 3.0);
            let y = top + BYTES_HEIGHT + 3.0;
            let stroke = Stroke::new(1.5, colors.text_weak);
            painter.hline(left..=right, y, stroke);
            // A bracket stays open where the character goes on in another row.
            if first.0 == start {
                painter.vline(left, y - 4.0..=y, stroke);
            }
            if last.0 + 1 == start + letter.len_utf8() {
                painter.vline(right, y - 4.0..=y, stroke);
            }
            let below = pos2((left + right) * 0.5, y + 2.0);
            let mut utf8 = [0; 4];
            let bytes = letter.encode_utf8(&mut utf8).as_bytes();
            let font = fonts.small.clone();
            let mut words = drawable(ui, bytes, true, &font);
            if !words.contains("U+") {
                words = format!("{words} U+{:04X}", letter as u32);
            }
            let mut galley = painter.layout_no_wrap(words, font.clone(), colors.text);
            if galley.size().x > right - left + 12.0 {
                let words = drawable(ui, bytes, true, &font);
                galley = painter.layout_no_wrap(words, font, colors.text);
            }
            let at = below - vec2(galley.size().x * 0.5, 0.0);
            painter.galley(at, galley, colors.text);
        }
    }
}

/// As [`shown`]; a character that no font here can draw is shown by its number.
fn drawable(ui: &Ui, bytes: &[u8], marks: bool, font: &FontId) -> String {
    let text = shown(bytes, marks);
    if text.is_ascii() {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    ui.fonts_mut(|fonts| {
        for c in text.chars() {
            if fonts.has_glyph(font, c) {
                out.push(c);
            } else {
                _ = write!(out, "⟨U+{:04X}⟩", c as u32);
            }
        }
    });
    out
}

struct Fonts {
    text: FontId,
    small: FontId,
}

impl Fonts {
    fn of(ui: &Ui) -> Self {
        Self {
            text: egui::TextStyle::Monospace.resolve(ui.style()),
            small: theme::style::small_mono().resolve(ui.style()),
        }
    }
}
