//! How one piece of text became its tokens: every merge, and at every moment the pairs there were.

use super::{Before, Tokenizer};

/// A longer piece has no tree: it could not be read.
pub const MAX_TREE_BYTES: usize = 256;

/// The merges of one piece as a tree over its bytes, and the moments between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeTree {
    /// First one leaf for each byte (in SentencePiece for each character), then one node for each merge, in the order of the merges.
    pub nodes: Vec<Node>,
    /// How many leaves there are.
    pub n_leaves: usize,
    /// The piece after 0, 1, 2, … merges.
    pub moments: Vec<Moment>,
    /// The piece is one token by itself, which these merges do not lead to: tiktoken looks pieces up
    /// whole before it merges.
    pub found_whole: Option<u32>,
    /// Bytes that the vocabulary has no token for; they are left out.
    pub left_out: Vec<u8>,
}

/// A byte, or two nodes merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its token.
    pub id: u32,
    /// Its first leaf.
    pub start: usize,
    /// One past its last leaf.
    pub end: usize,
    /// When the merge that makes it was learned; `None` for a byte.
    pub rank: Option<u32>,
    /// The two nodes it was made of.
    pub parts: Option<(usize, usize)>,
    /// Merges on the longest way down to a byte.
    pub height: usize,
}

/// The piece between two merges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// The nodes it consists of, in order.
    pub pieces: Vec<usize>,
    /// The rank of each pair of neighbours; `None` for a pair that is never merged.
    pub ranks: Vec<Option<u32>>,
    /// The pair that is merged next: the lowest rank, leftmost where it occurs twice. `None` at the
    /// end.
    pub lowest: Option<usize>,
}

impl Tokenizer {
    /// How `word` (one of [`Tokenizer::words`]) becomes tokens; `None` beyond [`MAX_TREE_BYTES`], and
    /// in a vocabulary that merges nothing. SentencePiece may put a space first: what comes `before` the
    /// word decides.
    #[must_use]
    pub fn merge_tree(&self, word: &str, before: Before) -> Option<MergeTree> {
        if word.len() > MAX_TREE_BYTES || !self.merges() {
            return None;
        }
        let (ids, left_out) = self.engine.leaves(word, before);
        let leaf = |(i, id)| Node {
            id,
            start: i,
            end: i + 1,
            rank: None,
            parts: None,
            height: 0,
        };
        let mut nodes: Vec<Node> = ids.into_iter().enumerate().map(leaf).collect();
        let n_leaves = nodes.len();
        let mut moments = vec![self.moment(&nodes, (0..n_leaves).collect())];
        while let Some(Moment {
            pieces,
            ranks,
            lowest: Some(at),
        }) = moments.last()
        {
            let (left, right) = (pieces[*at], pieces[at + 1]);
            let pair = self.engine.pair(nodes[left].id, nodes[right].id);
            let (Some(rank), Some((_, id))) = (ranks[*at], pair) else {
                break;
            };
            let mut pieces = pieces.clone();
            pieces[*at] = nodes.len();
            pieces.remove(at + 1);
            nodes.push(Node {
                id,
                start: nodes[left].start,
                end: nodes[right].end,
                rank: Some(rank),
                parts: Some((left, right)),
                height: nodes[left].height.max(nodes[right].height) + 1,
            });
            moments.push(self.moment(&nodes, pieces));
        }
        let mut ids = Vec::new();
        self.engine.encode_word(word, before, &mut ids);
        let last = moments.last().map_or(0, |moment| moment.pieces.len());
        let found_whole = match ids[..] {
            [id] if last > 1 => Some(id),
            _ => None,
        };
        Some(MergeTree {
            nodes,
            n_leaves,
            moments,
            found_whole,
            left_out,
        })
    }

    /// The token that two others become, if they are ever merged.
    #[must_use]
    pub fn joined(&self, left: u32, right: u32) -> Option<u32> {
        Some(self.engine.pair(left, right)?.1)
    }

    fn moment(&self, nodes: &[Node], pieces: Vec<usize>) -> Moment {
        let pairs = pieces.windows(2);
        let ranks: Vec<Option<u32>> = pairs
            .map(|pair| self.engine.pair(nodes[pair[0]].id, nodes[pair[1]].id))
            .map(|pair| pair.map(|(rank, _)| rank))
            .collect();
        let ranked = ranks.iter().enumerate();
        let lowest = ranked.filter_map(|(i, rank)| Some(((*rank)?, i))).min();
        Moment {
            pieces,
            lowest: lowest.map(|(_, i)| i),
            ranks,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Encoded, Specials};
    use super::*;
    use std::sync::LazyLock;

    static GPT2: LazyLock<Tokenizer> = LazyLock::new(|| Tokenizer::open("gpt2").unwrap());

    #[test]
    fn the_tree_of_a_word_has_the_merges_of_vocab_bpe_in_their_order() {
        // In GPT-2's vocab.bpe "i s" is the merge of rank 15, counted from 0, and "Ġ is" of rank 62.
        let tree = GPT2.merge_tree(" is", Before::Nothing).unwrap();
        assert_eq!((tree.n_leaves, tree.nodes.len()), (3, 5));
        let first = &tree.moments[0];
        assert_eq!(first.ranks[1], Some(15));
        assert_eq!(first.lowest, Some(1));
        assert_eq!(
            (tree.nodes[3].rank, tree.nodes[3].parts),
            (Some(15), Some((1, 2)))
        );
        assert_eq!(
            (tree.nodes[4].rank, tree.nodes[4].parts),
            (Some(62), Some((0, 3)))
        );
        assert_eq!(
            (tree.nodes[4].start, tree.nodes[4].end, tree.nodes[4].height),
            (0, 3, 2)
        );
        assert_eq!(tree.moments[2].pieces, [4]);
        assert_eq!(tree.moments[2].lowest, None);
    }

    #[test]
    fn its_end_is_what_encoding_gives_for_words_of_any_script() {
        for word in [
            " strawberry",
            " reindeer",
            "🍓",
            "后",
            "'ll",
            " naïveté",
            "\n\n\t",
            "aaaaaaaaaaa",
        ] {
            let tree = GPT2.merge_tree(word, Before::Text).unwrap();
            let last = tree.moments.last().unwrap();
            let ids: Vec<u32> = last
                .pieces
                .iter()
                .map(|&node| tree.nodes[node].id)
                .collect();
            let mut expected = Vec::new();
            GPT2.engine.encode_word(word, Before::Text, &mut expected);
            assert_eq!(ids, expected, "{word}");
            assert_eq!(tree.found_whole, None);
            let steps = GPT2.steps(word, Before::Text);
            let steps: Vec<u32> = steps.iter().map(|step| step.rank).collect();
            let ranks: Vec<u32> = tree.nodes.iter().filter_map(|node| node.rank).collect();
            assert_eq!(ranks, steps, "{word}");
        }
        assert_eq!(GPT2.merge_tree(&"a".repeat(257), Before::Text), None);
    }

    #[test]
    fn in_sentence_piece_the_tree_has_the_space_that_is_put_before_a_text_and_no_other() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/data/sentence_piece_bpe.model"
        );
        let llama = Tokenizer::open(path).unwrap();
        for text in [" the whale", "the whale", "  the", " ", "後 the"] {
            let encoded = Encoded::new(&llama, text.into(), Specials::AsText);
            for i in 0..encoded.n_words() {
                let word = &encoded.text()[encoded.word(i)];
                let tree = llama.merge_tree(word, encoded.before(i)).unwrap();
                let last = tree.moments.last().unwrap();
                let made = last.pieces.iter().map(|&node| tree.nodes[node].id);
                let tokens = &encoded.tokens()[encoded.tokens_of_word(i)];
                assert!(made.eq(tokens.iter().map(|token| token.id)), "{text:?}");
                let n_steps = llama.steps(word, encoded.before(i)).len();
                assert_eq!(tree.moments.len() - 1, n_steps);
            }
        }
        let id = llama.encode("the", Specials::AsText)[0];
        assert!(llama.score(id).unwrap() <= 0.0);
        assert_eq!(GPT2.score(318), None);
    }
}
