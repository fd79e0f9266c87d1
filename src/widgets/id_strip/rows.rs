//! Where the rows of chips begin. After an edit only the rows between what stayed at the start and
//! what stayed at the end are worked out again.

/// What decides where a token stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Footprint {
    pub(super) width: f32,
    /// Between it and the token before it on the row.
    pub(super) gap: f32,
    /// Whether the next token begins a row.
    pub(super) ends_row: bool,
}

/// The first token of each row, and `n_tokens` at the end. `old` is what this said before the first
/// `kept[0]` and the last `kept[1]` tokens were left as they were and those between were replaced.
pub(super) fn rows(
    old: &[usize],
    n_tokens: usize,
    kept: [usize; 2],
    width: f32,
    mut token: impl FnMut(usize) -> Footprint,
) -> Vec<usize> {
    if n_tokens == 0 {
        return Vec::new();
    }
    let n_old = old.last().copied().unwrap_or(0);
    let first = kept[0].min(n_tokens).min(n_old);
    let last = kept[1].min(n_tokens - first).min(n_old - first);
    // The row that the last token kept at the start is in may have room now.
    let restart = old
        .partition_point(|&begin| begin < first)
        .saturating_sub(1);
    let mut rows = old[..restart].to_vec();
    let mut x = 0.0;
    let mut begins_row = true;
    for i in old.get(restart).copied().unwrap_or(0)..n_tokens {
        let Footprint {
            width: own,
            gap,
            ends_row,
        } = token(i);
        if begins_row || x + gap + own > width {
            if i + last >= n_tokens
                && let Ok(met) = old.binary_search(&(i + n_old - n_tokens))
            {
                let rest = old[met..].iter();
                rows.extend(rest.map(|begin| begin + n_tokens - n_old));
                return rows;
            }
            rows.push(i);
            x = own;
        } else {
            x += gap + own;
        }
        begins_row = ends_row;
    }
    rows.push(n_tokens);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_any_edit_the_rows_are_those_of_all_tokens() {
        let mut state = 3_usize;
        let mut random = |below: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) % below.max(1)
        };
        let token = |random: &mut dyn FnMut(usize) -> usize| Footprint {
            width: 5.0 + random(20) as f32,
            gap: random(2) as f32 * 3.0,
            ends_row: random(9) == 0,
        };
        let mut tokens: Vec<Footprint> = (0..400).map(|_| token(&mut random)).collect();
        let mut known = rows(&[], tokens.len(), [0, 0], 100.0, |i| tokens[i]);
        for _ in 0..500 {
            let start = random(tokens.len() + 1);
            let n_removed = random(6).min(tokens.len() - start);
            let n_added = random(6);
            let added: Vec<Footprint> = (0..n_added).map(|_| token(&mut random)).collect();
            tokens.splice(start..start + n_removed, added);
            let kept = [start, tokens.len() - start - n_added];
            let mut n_looked_at = 0;
            known = rows(&known, tokens.len(), kept, 100.0, |i| {
                n_looked_at += 1;
                tokens[i]
            });
            let all = rows(&[], tokens.len(), [0, 0], 100.0, |i| tokens[i]);
            assert_eq!(known, all);
            assert!(n_looked_at < 200, "{n_looked_at} of {}", tokens.len());
        }
    }

    #[test]
    fn no_token_has_no_row_and_a_wide_one_a_row_for_itself() {
        let wide = Footprint {
            width: 500.0,
            gap: 1.0,
            ends_row: true,
        };
        assert!(rows(&[0, 3], 0, [0, 0], 100.0, |_| wide).is_empty());
        assert_eq!(rows(&[], 2, [0, 0], 100.0, |_| wide), [0, 1, 2]);
    }
}
