//! How a text is cut into pieces that are laid out one by one, and how many rows each has.
//!
//! A piece is some whole paragraphs, or a part of a long one that begins and ends where a row does.
//! Of a piece that was not laid out yet the number of rows is a guess. An edit makes guesses of the
//! pieces it touches; laying them out again goes on until it meets a row that begins where one began
//! before. Nothing here knows of fonts: a [`Measure`] says where rows end.

use std::ops::Range;

/// The size of a piece, in bytes. Larger ones cost more per key, smaller ones more per scroll.
const PIECE: usize = 1024;
/// A row is looked for in so many bytes at first, and in no more than that at last.
const CHUNK: [usize; 2] = [2 * PIECE, 64 << 10];
/// How many pieces before one in sight are laid out with it, so that its rows begin at the right place.
const LEAD: usize = 16;

/// Says where the rows of a text end.
pub(super) trait Measure {
    /// The byte after each row of `text`. A line end belongs to the row it ends.
    fn row_ends(&mut self, text: &str) -> Vec<usize>;
}

/// A stretch of the text that is laid out at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    n_bytes: usize,
    n_rows: usize,
    is_measured: bool,
}

/// A piece with where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) idx: usize,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) first_row: usize,
    pub(super) n_rows: usize,
}

impl Place {
    /// What of `text` is laid out: without the line end that the piece ends with.
    pub(super) fn laid_out<'t>(&self, text: &'t str) -> &'t str {
        let piece = &text[self.start..self.end];
        piece.strip_suffix('\n').unwrap_or(piece)
    }
}

/// The pieces of one text at one width. There is always one, and after a last line end an empty one.
#[derive(Debug, Clone, Default)]
pub(super) struct Flow {
    pieces: Vec<Piece>,
    /// About how many bytes stand on a full row, for guesses.
    row_bytes: usize,
}

impl Flow {
    /// The pieces of `text`, all guessed.
    pub(super) fn new(text: &str, row_bytes: usize) -> Self {
        let mut flow = Self {
            pieces: Vec::new(),
            row_bytes: row_bytes.max(1),
        };
        flow.pieces = flow.cut(text, 0..text.len(), true);
        flow
    }

    pub(super) fn n_rows(&self) -> usize {
        self.pieces.iter().map(|piece| piece.n_rows).sum()
    }

    /// Guessed pieces of a part of the text; if they are the last, with the empty one after a line end.
    fn cut(&self, text: &str, part: Range<usize>, are_last: bool) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut at = part.start;
        while at < part.end {
            let end = piece_end(text, at, part.end);
            pieces.push(self.guess(&text[at..end]));
            at = end;
        }
        if are_last && (text.is_empty() || text.ends_with('\n')) {
            pieces.push(self.guess(""));
        }
        pieces
    }

    fn guess(&self, text: &str) -> Piece {
        let lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
        let rows = lines.map(|line| line.len().div_ceil(self.row_bytes).max(1));
        Piece {
            n_bytes: text.len(),
            n_rows: rows.sum(),
            is_measured: false,
        }
    }

    fn places(&self) -> impl Iterator<Item = Place> {
        let (mut end, mut row) = (0, 0);
        self.pieces.iter().enumerate().map(move |(idx, piece)| {
            let (start, first_row) = (end, row);
            end += piece.n_bytes;
            row += piece.n_rows;
            Place {
                idx,
                start,
                end,
                first_row,
                n_rows: piece.n_rows,
            }
        })
    }

    /// The piece that byte `at` is in; at the border of two the later one, and the last at the end.
    pub(super) fn at_byte(&self, at: usize) -> Place {
        let mut last = Place::nowhere();
        for place in self.places() {
            if at < place.end {
                return place;
            }
            last = place;
        }
        last
    }

    /// The piece that row `row` is in, or the last one.
    pub(super) fn at_row(&self, row: usize) -> Place {
        let mut last = Place::nowhere();
        for place in self.places() {
            if row < place.first_row + place.n_rows {
                return place;
            }
            last = place;
        }
        last
    }

    /// The pieces that have rows in `rows`.
    pub(super) fn in_rows(&self, rows: &Range<usize>) -> Vec<Place> {
        let rows = rows.clone();
        let places = self.places();
        let skipped = places.skip_while(|place| place.first_row + place.n_rows <= rows.start);
        skipped
            .take_while(|place| place.first_row < rows.end)
            .collect()
    }

    /// Follows an edit: at byte `at` of the text, which is `text` by now, `n_removed` bytes gave way
    /// to `n_inserted`.
    pub(super) fn edit(&mut self, text: &str, at: usize, n_removed: usize, n_inserted: usize) {
        let mut first = self.at_byte(at);
        // The first word may find room in the row before it.
        if first.idx > 0 && !begins_paragraph(text, first.start) {
            let before = self.places().nth(first.idx - 1);
            first = before.unwrap_or(first);
        }
        let last = self.at_byte(at + n_removed);
        let end = last.end + n_inserted - n_removed;
        let are_last = last.idx + 1 == self.pieces.len();
        let new = self.cut(text, first.start..end, are_last);
        self.pieces.splice(first.idx..=last.idx, new);
    }

    /// Lays out the pieces in sight. True if there was anything to do.
    pub(super) fn settle(
        &mut self,
        text: &str,
        rows: &Range<usize>,
        measure: &mut dyn Measure,
    ) -> bool {
        let mut found = false;
        // Each turn measures one piece and at worst leaves a guessed rest of the next.
        while let Some(place) = self.first_guess_in(rows) {
            found = true;
            let lead = self.lead(text, &place);
            self.lay(text, lead, measure);
        }
        found
    }

    /// Lays out the piece at byte `at`, so that it is known in which row that is.
    pub(super) fn settle_at(&mut self, text: &str, at: usize, measure: &mut dyn Measure) -> Place {
        loop {
            let place = self.at_byte(at);
            if self.pieces[place.idx].is_measured {
                return place;
            }
            let lead = self.lead(text, &place);
            self.lay(text, lead, measure);
        }
    }

    /// Lays out guessed pieces from the top, about `n_bytes` of them. True if there were any.
    pub(super) fn lay_some(
        &mut self,
        text: &str,
        n_bytes: usize,
        measure: &mut dyn Measure,
    ) -> bool {
        let mut done = 0;
        let mut from = 0;
        while done < n_bytes {
            let guess = self.pieces[from..].iter().position(|p| !p.is_measured);
            let Some(idx) = guess else {
                break;
            };
            from += idx;
            self.lay(text, from, measure);
            done += self.pieces[from].n_bytes.max(PIECE / 8);
        }
        done > 0
    }

    fn first_guess_in(&self, rows: &Range<usize>) -> Option<Place> {
        let places = self.in_rows(rows);
        places
            .into_iter()
            .find(|place| !self.pieces[place.idx].is_measured)
    }

    /// The piece to begin with, so that the rows of `place` begin where they should.
    fn lead(&self, text: &str, place: &Place) -> usize {
        let mut idx = place.idx;
        let mut start = place.start;
        while idx > 0 && place.idx - idx < LEAD {
            if begins_paragraph(text, start) || self.pieces[idx - 1].is_measured {
                break;
            }
            idx -= 1;
            start -= self.pieces[idx].n_bytes;
        }
        idx
    }

    /// Lays out piece `idx` from where it starts. In the midst of a paragraph it then ends where a
    /// row does, and the piece after it begins there.
    fn lay(&mut self, text: &str, idx: usize, measure: &mut dyn Measure) {
        let start: usize = self.pieces[..idx].iter().map(|piece| piece.n_bytes).sum();
        let end = start + self.pieces[idx].n_bytes;
        let is_whole = end == text.len() || (end > start && text.as_bytes()[end - 1] == b'\n');
        let (n_bytes, n_rows) = if is_whole {
            let place = Place {
                idx,
                start,
                end,
                first_row: 0,
                n_rows: 0,
            };
            (end - start, measure.row_ends(place.laid_out(text)).len())
        } else {
            full_rows(&text[start..], measure)
        };
        self.replace(text, idx, start, n_bytes);
        self.pieces[idx] = Piece {
            n_bytes,
            n_rows: n_rows.max(1),
            is_measured: true,
        };
    }

    /// Makes piece `idx` `n_bytes` long, at the cost of those after it.
    fn replace(&mut self, text: &str, idx: usize, start: usize, n_bytes: usize) {
        let new_end = start + n_bytes;
        let mut end = start + self.pieces[idx].n_bytes;
        if new_end < end {
            let rest = self.guess(&text[new_end..end]);
            self.pieces.insert(idx + 1, rest);
            return;
        }
        let mut next = idx + 1;
        while end < new_end {
            let piece_end = end + self.pieces[next].n_bytes;
            if piece_end > new_end {
                self.pieces[next] = self.guess(&text[new_end..piece_end]);
                break;
            }
            end = piece_end;
            next += 1;
        }
        self.pieces.drain(idx + 1..next);
    }
}

impl Place {
    fn nowhere() -> Self {
        Self {
            idx: 0,
            start: 0,
            end: 0,
            first_row: 0,
            n_rows: 0,
        }
    }
}

fn begins_paragraph(text: &str, at: usize) -> bool {
    at == 0 || text.as_bytes()[at - 1] == b'\n'
}

/// Where a piece that starts at `at` ends: after a line end, if there is one not too far away.
fn piece_end(text: &str, at: usize, most: usize) -> usize {
    let bytes = text.as_bytes();
    if most - at <= PIECE {
        return most;
    }
    if let Some(line_end) = bytes[at..at + PIECE].iter().rposition(|&b| b == b'\n') {
        return at + line_end + 1;
    }
    let further = (at + 2 * PIECE).min(most);
    match bytes[at + PIECE..further].iter().position(|&b| b == b'\n') {
        Some(line_end) => at + PIECE + line_end + 1,
        None if further == most && most == text.len() => most,
        None => text.floor_char_boundary(at + PIECE),
    }
}

/// The bytes and the rows at the start of a long paragraph that are sure: all but the last row of as
/// much of it as holds two.
fn full_rows(text: &str, measure: &mut dyn Measure) -> (usize, usize) {
    let mut size = CHUNK[0];
    loop {
        let chunk = &text[..text.floor_char_boundary(size)];
        if let Some(line_end) = chunk.find('\n') {
            let n_rows = measure.row_ends(&chunk[..line_end]).len();
            return (line_end + 1, n_rows);
        }
        let ends = measure.row_ends(chunk);
        if chunk.len() == text.len() {
            return (chunk.len(), ends.len());
        }
        if let [.., end, _] = ends[..] {
            return (end, ends.len() - 1);
        }
        if size >= CHUNK[1] {
            return (chunk.len(), 1);
        }
        size *= 4;
    }
}

#[cfg(test)]
mod tests;
