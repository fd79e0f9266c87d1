//! Where each token of the tree stands: a column for its place in the text, a row of its own for every
//! text; a token before a fork stands in the middle of what follows it.

use crate::labs::choosing::{Branch, Choices};

/// A token's place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Placed {
    /// Which token of the tree.
    pub(super) token: usize,
    /// From 0, right behind the prompt.
    pub(super) column: usize,
    /// From 0; between two rows where it stands before a fork.
    pub(super) row: f32,
}

/// Every token that is shown, each after the one before it, and how many rows there are.
pub(super) fn place(choices: &Choices, show_dropped: bool) -> (Vec<Placed>, usize) {
    let n = choices.tokens.len();
    let mut on_path = vec![false; n];
    for path in &choices.paths {
        for token in choices.tokens_to(path.last) {
            on_path[token] = true;
        }
    }
    let is_shown =
        |i: usize| on_path[i] || show_dropped && choices.tokens[i].branch != Branch::Unseen;
    let mut children = vec![Vec::new(); n];
    let mut roots = Vec::new();
    for (i, token) in choices
        .tokens
        .iter()
        .enumerate()
        .filter(|(i, _)| is_shown(*i))
    {
        match token.parent {
            Some(parent) => children[parent].push(i),
            None => roots.push(i),
        }
    }
    let likeliest_first = |tokens: &mut Vec<usize>| {
        tokens.sort_by(|a, b| {
            choices.tokens[*b]
                .log_p
                .total_cmp(&choices.tokens[*a].log_p)
        });
    };
    likeliest_first(&mut roots);
    children.iter_mut().for_each(likeliest_first);
    let mut rows = vec![None; n];
    let mut n_rows = 0;
    for root in roots {
        settle(root, &children, &mut rows, &mut n_rows);
    }
    let tokens = choices.tokens.iter().enumerate();
    let placed = tokens.filter_map(|(i, token)| {
        Some(Placed {
            token: i,
            column: token.length - 1,
            row: rows[i]?,
        })
    });
    (placed.collect(), n_rows)
}

/// Gives `token` and all that follows it rows; returns its own. No deeper than a path is long.
fn settle(
    token: usize,
    children: &[Vec<usize>],
    rows: &mut [Option<f32>],
    n_rows: &mut usize,
) -> f32 {
    let of_children: Vec<f32> = children[token]
        .iter()
        .map(|&child| settle(child, children, rows, n_rows))
        .collect();
    let row = if let (Some(first), Some(last)) = (of_children.first(), of_children.last()) {
        (first + last) * 0.5
    } else {
        *n_rows += 1;
        (*n_rows - 1) as f32
    };
    rows[token] = Some(row);
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::labs::choosing::{How, Path, Token};

    /// 0 – 1, 0 – 2, 3 and a dropped 4.
    fn tree() -> Choices {
        let token = |parent: Option<usize>, length, log_p, branch| Token {
            parent,
            id: 0,
            bytes: b"x".to_vec(),
            special: false,
            log_p,
            sum: log_p,
            length,
            branch,
        };
        let path = |how, last| Path {
            how,
            last,
            sum: -1.0,
            n_tokens: 2,
            has_ended: false,
            score: -1.0,
        };
        Choices {
            tokens: vec![
                token(None, 1, -0.5, Branch::Kept),
                token(Some(0), 2, -2.0, Branch::Finished),
                token(Some(0), 2, -1.0, Branch::Finished),
                token(None, 1, -1.5, Branch::Unseen),
                token(None, 1, -3.0, Branch::Dropped),
            ],
            paths: vec![
                path(How::Greedy, 2),
                path(How::Beam(0), 1),
                path(How::Drawn(0), 3),
            ],
        }
    }

    #[test]
    fn every_text_has_a_row_and_a_fork_stands_in_the_middle() {
        let (placed, n_rows) = place(&tree(), false);
        let rows: Vec<(usize, usize, f32)> =
            placed.iter().map(|p| (p.token, p.column, p.row)).collect();
        assert_eq!(n_rows, 3);
        assert_eq!(rows, [(0, 0, 0.5), (1, 1, 1.0), (2, 1, 0.0), (3, 0, 2.0)]);
        let (placed, n_rows) = place(&tree(), true);
        assert_eq!((placed.len(), n_rows), (5, 4));
        assert_eq!(place(&Choices::default(), true), (Vec::new(), 0));
    }
}
