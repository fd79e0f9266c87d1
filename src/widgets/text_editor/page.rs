//! The text as it lies on the page: which row and which x a byte has, and the other way round; and the
//! one way to change it.

use super::EditorState;
use super::flow::{Flow, Measure, Place};
use super::history::{Kind, Step};
use super::selection::{Selection, difference};
use eframe::egui::text::LayoutJob;
use eframe::egui::{Color32, Context, FontId, Galley, TextStyle, Ui, Vec2};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// Bytes that are laid out per frame though they are not in sight.
const AHEAD: usize = 32 << 10;

/// Width and pixels per point, in hundredths, and the font: what rows depend on beside the text.
pub(super) type Key = (u32, u32, FontId);

/// How text is laid out.
pub(super) struct Ink {
    ctx: Context,
    font: FontId,
    pub(super) color: Color32,
    /// The room for text on a row.
    width: f32,
    line_height: f32,
    /// The height of every row: the line's, in whole pixels.
    pub(super) row_height: f32,
    /// Between the frame and the text.
    pub(super) padding: Vec2,
}

impl Ink {
    /// Text in an editor that is `width` wide.
    pub(super) fn new(ui: &Ui, style: &TextStyle, width: f32) -> Self {
        let padding = ui.spacing().button_padding;
        let font = style.resolve(ui.style());
        let mut ink = Self {
            ctx: ui.ctx().clone(),
            line_height: ui.fonts_mut(|fonts| fonts.row_height(&font))
                + ui.spacing().extra_text_line_spacing,
            font,
            color: ui.visuals().widgets.inactive.text_color(),
            width: (width - 2.0 * padding.x).max(24.0),
            row_height: 1.0,
            padding,
        };
        ink.row_height = ink.galley("x").size().y.max(1.0);
        ink
    }

    /// The height of an editor with `n_rows` rows.
    pub(super) fn height(&self, n_rows: usize) -> f32 {
        n_rows as f32 * self.row_height + 2.0 * self.padding.y
    }

    /// egui keeps what was laid out in the last frame.
    pub(super) fn galley(&self, text: &str) -> Arc<Galley> {
        let (font, color) = (self.font.clone(), self.color);
        let mut job = LayoutJob::simple(text.to_owned(), font, color, self.width);
        job.keep_trailing_whitespace = true;
        for section in &mut job.sections {
            section.format.line_height = Some(self.line_height);
        }
        self.ctx.fonts_mut(|fonts| fonts.layout_job(job))
    }

    fn key(&self) -> Key {
        let scale = self.ctx.pixels_per_point() * 100.0;
        ((self.width * 100.0) as u32, scale as u32, self.font.clone())
    }

    /// About how many letters stand on a row.
    fn row_letters(&self) -> usize {
        let sample = "a sentence of letters";
        let width = self.ctx.fonts_mut(|fonts| {
            let widths = sample.chars().map(|c| fonts.glyph_width(&self.font, c));
            widths.sum::<f32>()
        });
        (self.width * sample.len() as f32 / width.max(1.0)).max(1.0) as usize
    }
}

impl Measure for &Ink {
    fn row_ends(&mut self, text: &str) -> Vec<usize> {
        let galley = self.galley(text);
        row_ranges(&galley, text)
            .into_iter()
            .map(|(bytes, ends_with_newline)| bytes.end + usize::from(ends_with_newline))
            .collect()
    }
}

/// The bytes of each row, without its line end, and whether there is one.
pub(super) fn row_ranges(galley: &Galley, text: &str) -> Vec<(Range<usize>, bool)> {
    let mut letters = text.char_indices().map(|(at, c)| at + c.len_utf8());
    let mut at = 0;
    let mut ranges = Vec::with_capacity(galley.rows.len().max(1));
    for row in &galley.rows {
        let start = at;
        if let Some(last) = row.glyphs.len().checked_sub(1) {
            at = letters.nth(last).unwrap_or(text.len());
        }
        ranges.push((start..at, row.ends_with_newline));
        if row.ends_with_newline {
            at = letters.next().unwrap_or(text.len());
        }
    }
    if ranges.is_empty() {
        ranges.push((0..text.len(), false));
    }
    ranges
}

/// Where a byte stands on the page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spot {
    pub(super) row: usize,
    pub(super) x: f32,
}

/// A text being edited.
pub(super) struct Page<'a> {
    pub(super) text: &'a mut String,
    pub(super) state: &'a mut EditorState,
    pub(super) ink: &'a Ink,
    pub(super) time: f64,
    pub(super) changed: bool,
}

impl Page<'_> {
    /// Makes sure that the rows are those of this text at this width.
    pub(super) fn fit(&mut self) {
        let key = self.ink.key();
        if self.state.laid_out_for.is_none() {
            self.state.seen.clone_from(self.text);
            self.state.selection = Selection::caret(self.text.len());
        }
        if self.state.laid_out_for.as_ref() != Some(&key) {
            self.state.flow = Flow::new(&self.state.seen, self.ink.row_letters());
            self.state.laid_out_for = Some(key);
        }
        self.catch_up();
    }

    /// Takes in what others did to the text since the last frame, as one change.
    fn catch_up(&mut self) {
        if self.state.seen == *self.text {
            return;
        }
        let (range, n_inserted) = difference(&self.state.seen, self.text);
        let removed = self.state.seen[range.clone()].to_owned();
        let inserted = self.text[range.start..range.start + n_inserted].to_owned();
        let before = self.state.selection;
        let change = (range.start, removed.as_str(), inserted.as_str());
        let history = &mut self.state.history;
        history.record(Kind::Other, change, before, self.time);
        self.state.seen.replace_range(range.clone(), &inserted);
        let (flow, text) = (&mut self.state.flow, self.text.as_str());
        flow.edit(text, range.start, range.len(), n_inserted);
        if range.contains(&self.state.top.0) {
            self.state.top = (0, 0.0);
        }
        self.moved(&range, n_inserted);
        self.state.selection = before.moved(&range, n_inserted);
        self.state.composing = None;
    }

    /// Puts `with` in the place of `range`, with the caret after it.
    pub(super) fn replace(&mut self, kind: Kind, range: Range<usize>, with: &str) {
        if range.is_empty() && with.is_empty() {
            return;
        }
        let change = (range.start, &self.text[range.clone()], with);
        let before = self.state.selection;
        self.state.history.record(kind, change, before, self.time);
        self.put(&range, with);
        self.select(Selection::caret(range.start + with.len()));
    }

    /// Undoes or repeats.
    pub(super) fn step(&mut self, step: Option<Step>) {
        if let Some(step) = step {
            self.put(&step.range, &step.with);
            self.select(step.selection);
        }
    }

    fn put(&mut self, range: &Range<usize>, with: &str) {
        self.text.replace_range(range.clone(), with);
        self.state.seen.replace_range(range.clone(), with);
        let (flow, text) = (&mut self.state.flow, self.text.as_str());
        flow.edit(text, range.start, range.len(), with.len());
        self.moved(range, with.len());
        self.changed = true;
    }

    fn moved(&mut self, range: &Range<usize>, n_inserted: usize) {
        let top = Selection::caret(self.state.top.0).moved(range, n_inserted);
        self.state.top.0 = top.caret;
    }

    /// Selects; the caret will be in sight.
    pub(super) fn select(&mut self, selection: Selection) {
        self.state.selection = selection;
        self.state.follow = true;
    }

    fn flow(&mut self) -> &mut Flow {
        &mut self.state.flow
    }

    /// The row and x of byte `at`. At the border of two rows `on_next_row` decides.
    pub(super) fn spot(&mut self, at: usize, on_next_row: bool) -> Spot {
        let mut ink = self.ink;
        let mut place = self.state.flow.settle_at(self.text, at, &mut ink);
        let is_border = at == place.start && at > 0 && self.text.as_bytes()[at - 1] != b'\n';
        if is_border && !on_next_row {
            place = self.state.flow.settle_at(self.text, at - 1, &mut ink);
        }
        let laid_out = place.laid_out(self.text);
        let galley = ink.galley(laid_out);
        let at = at - place.start;
        let rows = row_ranges(&galley, laid_out);
        let holds = |(bytes, ends): &(Range<usize>, bool)| {
            at < bytes.end || (at == bytes.end && (*ends || !on_next_row))
        };
        let row = rows.iter().position(holds).unwrap_or(rows.len() - 1);
        let start = rows[row].0.start;
        let column = laid_out[start..at.max(start)].chars().count();
        Spot {
            row: place.first_row + row,
            x: galley
                .rows
                .get(row)
                .map_or(0.0, |row| row.pos.x + row.x_offset(column.into())),
        }
    }

    /// The caret at `x` of row `row`, and whether it stands at the start of a row.
    pub(super) fn hit(&mut self, row: usize, x: f32) -> (usize, bool) {
        let place = self.settled_at_row(row);
        let laid_out = place.laid_out(self.text);
        let galley = self.ink.galley(laid_out);
        let rows = row_ranges(&galley, laid_out);
        let row = row.saturating_sub(place.first_row).min(rows.len() - 1);
        let (bytes, ends) = &rows[row];
        let Some(placed) = galley.rows.get(row) else {
            return (place.start, true);
        };
        let column = placed.char_at(x - placed.pos.x).0;
        let letters = laid_out[bytes.clone()].char_indices();
        match letters.map(|(at, _)| at).nth(column) {
            Some(at) => (place.start + bytes.start + at, true),
            None => (place.start + bytes.end, *ends || bytes.is_empty()),
        }
    }

    fn settled_at_row(&mut self, row: usize) -> Place {
        let mut place = self.flow().at_row(row);
        for _ in 0..4 {
            let mut ink = self.ink;
            self.state.flow.settle_at(self.text, place.start, &mut ink);
            let again = self.flow().at_row(row);
            if again == place {
                break;
            }
            place = again;
        }
        place
    }

    /// The first byte of row `row`.
    pub(super) fn row_start(&mut self, row: usize) -> usize {
        self.hit(row, f32::NEG_INFINITY).0
    }

    /// Lays out what will be in sight, and says where the view begins: where it was, unless the caret
    /// must come into sight. `height` is that of the view.
    pub(super) fn come_into_sight(&mut self, height: f32) -> f32 {
        let (row_height, padding) = (self.ink.row_height, self.ink.padding.y);
        self.state.rows_in_sight = ((height - 2.0 * padding) / row_height) as usize;
        let follow = std::mem::take(&mut self.state.follow);
        let mut offset = 0.0;
        // What is laid out may have other rows than were guessed: then the view is worked out again.
        for _ in 0..4 {
            offset = self.offset_of_top();
            if follow {
                let Selection {
                    caret, on_next_row, ..
                } = self.state.selection;
                let upper = self.spot(caret, on_next_row).row as f32 * row_height;
                let lower = upper + row_height + 2.0 * padding;
                offset = offset.min(upper).max(lower - height);
            }
            let most = self.ink.height(self.state.flow.n_rows()) - height;
            offset = offset.clamp(0.0, most.max(0.0));
            let first = ((offset - padding) / row_height).max(0.0) as usize;
            let rows = first..first + (height / row_height) as usize + 2;
            let mut ink = self.ink;
            if !self.state.flow.settle(self.text, &rows, &mut ink) {
                break;
            }
        }
        let mut ink = self.ink;
        self.set_top(offset);
        if self.state.flow.lay_some(self.text, AHEAD, &mut ink) {
            self.ink.ctx.request_repaint_after(Duration::from_millis(1));
            offset = self.offset_of_top();
        }
        offset
    }

    /// Remembers what stands at the top, so that it stays there whatever changes above it.
    pub(super) fn keep_top(&mut self) {
        self.set_top(self.state.offset);
    }

    fn set_top(&mut self, offset: f32) {
        let row = (offset / self.ink.row_height).max(0.0) as usize;
        let row = row.min(self.state.flow.n_rows().saturating_sub(1));
        let byte = self.row_start(row);
        let row = self.spot(byte, true).row;
        self.state.top = (byte, offset - row as f32 * self.ink.row_height);
    }

    fn offset_of_top(&mut self) -> f32 {
        let (byte, below) = self.state.top;
        self.spot(byte, true).row as f32 * self.ink.row_height + below
    }
}
