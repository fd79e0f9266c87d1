//! Which tokens a text begins with: a tree of all the beginnings of tokens.
//!
//! The places of the tree are numbered from the root down, level by level, so that the children of one
//! place, and then of the next, lie side by side. That makes it small, and what is read often stays
//! in a core's own cache.

use super::NONE;

/// The beginnings of some tokens.
#[derive(Debug, Clone)]
pub(super) struct Prefixes {
    /// The children of place `i` are the places from `children[i]` to before `children[i + 1]`.
    children: Vec<u32>,
    /// The byte that leads to each place, rising among siblings.
    bytes: Vec<u8>,
    /// The longest token on the way to each place.
    longest: Vec<u32>,
    /// The place that each two bytes lead to from the root; 0 where there is none.
    after_two: Vec<u32>,
}

impl Prefixes {
    /// Of tokens with their ids; no two have the same bytes. Tells of each token which other is the
    /// longest that it begins with, if one is.
    pub(super) fn new(mut tokens: Vec<(&[u8], u32)>, mut shorter: impl FnMut(u32, u32)) -> Self {
        let mut tree = Self {
            children: Vec::new(),
            bytes: vec![0],
            longest: vec![NONE],
            after_two: Vec::new(),
        };
        // By place: the tokens that go through it, and how many bytes lead to it.
        let mut through = vec![(0..tokens.len(), 0)];
        let mut place = 0;
        while place < through.len() {
            let (range, depth) = through[place].clone();
            let mut first = range.start;
            let tokens = &mut tokens[range];
            tokens.sort_unstable_by_key(|(bytes, _)| bytes.get(depth).copied());
            let mut longest = tree.longest[place];
            tree.children.push(through.len() as u32);
            for tokens in tokens.chunk_by(|a, b| a.0.get(depth) == b.0.get(depth)) {
                let (bytes, id) = tokens[0];
                match bytes.get(depth) {
                    None => {
                        shorter(id, longest);
                        longest = id;
                    }
                    Some(&byte) => {
                        tree.bytes.push(byte);
                        tree.longest.push(longest);
                        through.push((first..first + tokens.len(), depth + 1));
                    }
                }
                first += tokens.len();
            }
            tree.longest[place] = longest;
            place += 1;
        }
        tree.children.push(through.len() as u32);
        let both = (0..=u16::MAX).map(|two| {
            let [first, second] = two.to_le_bytes();
            let child = |place, byte| match tree.walk(place, &[byte]) {
                same if same == place => None,
                child => Some(child),
            };
            let place = child(0, first).and_then(|place| child(place, second));
            place.map_or(0, |place| place as u32)
        });
        tree.after_two = both.collect();
        tree
    }

    /// The longest token that `text` begins with, or `NONE`.
    #[inline]
    pub(super) fn longest(&self, text: &[u8]) -> u32 {
        let place = match text {
            [first, second, rest @ ..] => {
                match self.after_two[usize::from(u16::from_le_bytes([*first, *second]))] {
                    0 => self.walk(0, &text[..1]),
                    place => self.walk(place as usize, rest),
                }
            }
            _ => self.walk(0, text),
        };
        self.longest[place]
    }

    /// How far down the tree `text` leads from a place.
    #[inline]
    fn walk(&self, mut place: usize, text: &[u8]) -> usize {
        for byte in text {
            let children = self.children[place] as usize..self.children[place + 1] as usize;
            let bytes = &self.bytes[children.clone()];
            let found = if bytes.len() < 8 {
                bytes.iter().position(|known| known == byte)
            } else {
                bytes.binary_search(byte).ok()
            };
            let Some(found) = found else { break };
            place = children.start + found;
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_beginning_is_found_and_of_it_the_next_shorter() {
        let tokens: Vec<&[u8]> = vec![b"b", b"a", b"ab", b"abcde", b"abd", b"\xff\xff"];
        let mut shorter = vec![NONE; tokens.len()];
        let with_ids = tokens.iter().copied().zip(0..).collect();
        let tree = Prefixes::new(with_ids, |id, other| shorter[id as usize] = other);
        assert_eq!(shorter, [NONE, NONE, 1, 2, 2, NONE]);
        let texts = ["abcdef", "abcd", "abdx", "ba", "c", ""].map(str::as_bytes);
        assert_eq!(
            texts.map(|text| tree.longest(text)),
            [3, 2, 4, 0, NONE, NONE]
        );
        assert_eq!(tree.longest(b"\xff\xff\xff"), 5);
        assert_eq!(tree.longest(b"\xff"), NONE);
    }
}
