//! Pieces by what they begin with: which pieces does this text begin with?

/// Pieces in the order of their bytes.
#[derive(Debug, Clone, Default)]
pub(super) struct Prefixes {
    /// All pieces, one after the other.
    text: Vec<u8>,
    /// Where each ends in `text`.
    ends: Vec<u32>,
    ids: Vec<u32>,
    /// How many pieces begin with a byte below this one.
    below: Vec<u32>,
}

impl Prefixes {
    pub fn new(mut pieces: Vec<(u32, Vec<u8>)>) -> Self {
        pieces.sort_by(|a, b| (&a.1, a.0).cmp(&(&b.1, b.0)));
        pieces.dedup_by(|b, a| a.1 == b.1); // of two that are alike the first stays
        let mut prefixes = Self::default();
        for (id, piece) in &pieces {
            prefixes.text.extend_from_slice(piece);
            prefixes.ends.push(prefixes.text.len() as u32);
            prefixes.ids.push(*id);
        }
        let below = |byte: usize| pieces.partition_point(|(_, p)| usize::from(p[0]) < byte) as u32;
        prefixes.below = (0..=256).map(below).collect();
        prefixes
    }

    pub fn pieces(&self) -> impl Iterator<Item = (u32, &[u8])> {
        (0..self.ids.len()).map(|i| (self.ids[i], self.piece(i)))
    }

    /// Calls `each` with every piece that `text` begins with and its length, the shortest first.
    pub fn each(&self, text: &[u8], mut each: impl FnMut(u32, usize)) {
        let Some(&first) = text.first().filter(|_| !self.ids.is_empty()) else {
            return;
        };
        let first = usize::from(first);
        let (mut low, mut high) = (self.below[first] as usize, self.below[first + 1] as usize);
        for n in 1..=text.len() {
            if low == high {
                return;
            }
            // All from `low` to `high` share `n` bytes with the text.
            if self.piece(low).len() == n {
                each(self.ids[low], n);
            }
            let next = text.get(n);
            low = self.cut(low, high, |piece| piece.get(n) < next);
            high = self.cut(low, high, |piece| piece.get(n) == next);
        }
    }

    /// The longest piece that `text` begins with, and its length.
    pub fn longest(&self, text: &[u8]) -> Option<(u32, usize)> {
        let mut longest = None;
        self.each(text, |id, n| longest = Some((id, n)));
        longest
    }

    fn piece(&self, i: usize) -> &[u8] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.text[start as usize..self.ends[i] as usize]
    }

    /// The first of `low..high` for which `is_before` does not hold.
    fn cut(&self, mut low: usize, mut high: usize, is_before: impl Fn(&[u8]) -> bool) -> usize {
        while low < high {
            let middle = usize::midpoint(low, high);
            if is_before(self.piece(middle)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pieces_a_text_begins_with_come_shortest_first() {
        let pieces = ["b", "a", "abc", "ab", "abd", "é"].iter().zip(0..);
        let prefixes = Prefixes::new(pieces.map(|(p, id)| (id, p.as_bytes().to_vec())).collect());
        let found = |text: &str| {
            let mut found = Vec::new();
            prefixes.each(text.as_bytes(), |id, n| found.push((id, n)));
            found
        };
        assert_eq!(found("abdc"), [(1, 1), (3, 2), (4, 3)]);
        assert_eq!(found("éa"), [(5, 2)]);
        assert_eq!(found("c"), []);
        assert_eq!(found(""), []);
        assert_eq!(prefixes.longest(b"abca"), Some((2, 3)));
        assert_eq!(Prefixes::default().longest(b"a"), None);
    }
}
