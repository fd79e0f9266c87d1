//! The pieces against one layout of the whole text.

use super::*;

/// Rows of at most ten characters, broken after a space where there is one.
struct Tens;

impl Measure for Tens {
    fn row_ends(&mut self, text: &str) -> Vec<usize> {
        let mut ends = Vec::new();
        let mut at = 0;
        for line in text.split('\n') {
            let line_end = at + line.len();
            loop {
                let rest = &text[at..line_end];
                let Some((tenth, _)) = rest.char_indices().nth(10) else {
                    break;
                };
                let space = rest[..tenth].rfind(' ').map(|space| space + 1);
                at += space.unwrap_or(tenth);
                ends.push(at);
            }
            at = (line_end + 1).min(text.len());
            ends.push(at);
        }
        ends
    }
}

/// Where every row ends by the pieces, once all are laid out.
fn row_ends(flow: &Flow, text: &str) -> Vec<usize> {
    let mut ends = Vec::new();
    for place in flow.places() {
        let n = ends.len();
        let laid_out = place.laid_out(text);
        ends.extend(Tens.row_ends(laid_out).iter().map(|end| place.start + end));
        if let Some(last) = ends.last_mut() {
            *last = place.end;
        }
        assert_eq!(ends.len() - n, place.n_rows);
    }
    ends
}

fn lay_all(flow: &mut Flow, text: &str) {
    while flow.lay_some(text, 5000, &mut Tens) {}
    assert!(flow.pieces.iter().all(|piece| piece.is_measured));
    let n_bytes: usize = flow.pieces.iter().map(|piece| piece.n_bytes).sum();
    assert_eq!(n_bytes, text.len());
}

fn agrees(flow: &mut Flow, text: &str) {
    lay_all(flow, text);
    assert_eq!(row_ends(flow, text), Tens.row_ends(text));
}

fn texts() -> Vec<String> {
    vec![
        String::new(),
        "\n".into(),
        "one line".into(),
        "a\nb\n".repeat(3000),
        "words of several lengths stand here ".repeat(400),
        "x".repeat(9000),
        "ä€😀".repeat(2000),
        format!("short\n{}\nshort\n", "long words in a line ".repeat(500)),
        "\n".repeat(5000),
    ]
}

#[test]
fn the_rows_of_the_pieces_are_those_of_the_whole_text() {
    for text in texts() {
        let mut flow = Flow::new(&text, 10);
        agrees(&mut flow, &text);
    }
}

#[test]
fn after_any_edit_the_rows_are_those_of_the_whole_text() {
    let mut state = 7_u64;
    let long = "long ".repeat(700);
    for mut text in texts() {
        let mut flow = Flow::new(&text, 10);
        for turn in 0..60 {
            let mut at = |text: &str| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let at = (state >> 33) as usize % (text.len() + 1);
                text.floor_char_boundary(at)
            };
            let (a, b) = (at(&text), at(&text));
            let (start, mut end) = (a.min(b), a.max(b));
            if turn % 3 != 0 {
                end = text.floor_char_boundary(end.min(start + 3));
            }
            let inserted = ["", "y", " ", "\n", "a b\nc", long.as_str()][turn % 6];
            text.replace_range(start..end, inserted);
            flow.edit(&text, start, end - start, inserted.len());
            if turn % 4 == 0 {
                let rows = turn..turn + 8;
                flow.settle(&text, &rows, &mut Tens);
                assert!(flow.first_guess_in(&rows).is_none());
            }
            if turn % 5 == 0 {
                agrees(&mut flow, &text);
            }
        }
        agrees(&mut flow, &text);
    }
}

#[test]
fn an_edit_in_a_long_line_is_laid_out_only_as_far_as_is_seen() {
    struct Counting(usize);
    impl Measure for Counting {
        fn row_ends(&mut self, text: &str) -> Vec<usize> {
            self.0 += text.len();
            Tens.row_ends(text)
        }
    }
    let mut text = "x".repeat(200_000);
    let mut flow = Flow::new(&text, 10);
    lay_all(&mut flow, &text);
    text.insert(100_000, 'y');
    flow.edit(&text, 100_000, 0, 1);
    let mut counting = Counting(0);
    let place = flow.settle_at(&text, 100_000, &mut counting);
    flow.settle(
        &text,
        &(place.first_row..place.first_row + 30),
        &mut counting,
    );
    assert!(counting.0 < 8 * PIECE, "{} bytes were laid out", counting.0);
    agrees(&mut flow, &text);
}

#[test]
fn a_row_without_end_is_cut_somewhere() {
    struct OneRow;
    impl Measure for OneRow {
        fn row_ends(&mut self, text: &str) -> Vec<usize> {
            vec![text.len()]
        }
    }
    let text = "\u{301}".repeat(100_000);
    let mut flow = Flow::new(&text, 100);
    while flow.lay_some(&text, usize::MAX, &mut OneRow) {}
    assert!(flow.n_rows() <= 8);
}
