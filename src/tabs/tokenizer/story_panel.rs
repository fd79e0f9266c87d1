//! How a word got there: the pieces that the split made around it, then its merges, one by one.

use super::encode::{Below, Encode};
use super::shelf::label;
use super::side::Side;
use super::story::{STEP, Story};
use super::view::{grouped, shortened};
use crate::labs::tokenizer::{MAX_TREE_BYTES, MergeTree};
use crate::theme;
use crate::widgets::count::signed;
use crate::widgets::icon::Icon;
use crate::widgets::merge_tree;
use crate::widgets::timeline::{Step, Timeline};
use crate::widgets::token_text::visible;
use eframe::egui::{self, RichText, Ui};

/// Width of what steps and plays, left of the film strip.
const CONTROLS_WIDTH: f32 = 136.0;
/// With less height than this, explanations move under the pointer.
const ROOM_FOR_WORDS: f32 = 330.0;
/// Pieces shown on either side of the word.
const AROUND: usize = 4;

pub(super) fn show(encode: &mut Encode, ui: &mut Ui) {
    let Some(story) = encode.story() else {
        return;
    };
    let Some(side) = encode.side(story.side) else {
        return;
    };
    let pressed = split(story, side, ui);
    merges(story, side, ui);
    match pressed {
        Some(Pressed::Close) => encode.close_story(),
        Some(Pressed::Neighbours) => encode.below = Below::Neighbours,
        None => {}
    }
}

/// What was asked for beside the word.
enum Pressed {
    Close,
    Neighbours,
}

/// The stage of the split, and what was pressed beside it.
fn split(story: &Story, side: &Side, ui: &mut Ui) -> Option<Pressed> {
    let colors = theme::palette(ui.ctx());
    let mut pressed = None;
    let roomy = ui.available_height() > ROOM_FOR_WORDS;
    ui.horizontal(|ui| {
        let name = label(&side.key);
        let (words, hover) = if side.tokenizer.vocabulary().sentence_piece.is_some() {
            let words =
                format!("{name} has no pattern: a space is a letter. No token reaches across these pieces.");
            (words.clone(), words)
        } else {
            let pattern = side.tokenizer.split_pattern();
            let words =
                format!("{name} cuts text with a pattern first; nothing is merged across these pieces.");
            let hover = format!("{words}\nThe pattern, a regular expression:\n{pattern}");
            (words, hover)
        };
        ui.label(RichText::new("1  Split").text_style(theme::style::strong()))
            .on_hover_text(&hover);
        if roomy {
            ui.label(RichText::new(words).color(colors.text_weak))
                .on_hover_text(&hover);
        } else {
            pieces(story, side, ui);
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let close = Icon::Close.button(ui, "Close", "Give the room back to the tokens.");
            if close.clicked() {
                pressed = Some(Pressed::Close);
            }
            if side.model.is_some() {
                let neighbours = ui.button("Neighbours").on_hover_text(
                    "The row that the model has for the token you clicked in its embedding table, and the tokens with the nearest rows.",
                );
                if neighbours.clicked() {
                    pressed = Some(Pressed::Neighbours);
                }
            }
        });
    });
    if roomy {
        ui.horizontal(|ui| pieces(story, side, ui));
    }
    pressed
}

/// The pieces around the word, which is marked, as far as there is room.
fn pieces(story: &Story, side: &Side, ui: &mut Ui) {
    let colors = theme::palette(ui.ctx());
    let Some(encoded) = side.encoded() else {
        return;
    };
    let beside = if side.model.is_some() { 190.0 } else { 72.0 };
    let room = ui.available_width() - beside;
    let text = |i: usize| {
        let text = &encoded.text()[encoded.word(i)];
        shortened(&visible(text.as_bytes()), 20)
    };
    // Monospace: nine points a character, twelve around it and four between.
    let width = |i: usize| text(i).chars().count() as f32 * 9.0 + 18.0;
    let (mut first, mut end) = (story.word_idx, story.word_idx + 1);
    let mut used = width(story.word_idx);
    for _ in 0..AROUND {
        if first > 0 && used + width(first - 1) < room {
            first -= 1;
            used += width(first);
        }
        if end < encoded.n_words() && used + width(end) < room {
            used += width(end);
            end += 1;
        }
    }
    let gap = std::mem::replace(&mut ui.spacing_mut().item_spacing.x, theme::size::HALF);
    if first > 0 {
        ui.label("…");
    }
    for i in first..end {
        let [fill, line] = if i == story.word_idx {
            [colors.accent_soft, colors.accent]
        } else {
            [colors.hover, colors.line]
        };
        egui::Frame::new()
            .fill(fill)
            .stroke(egui::Stroke::new(1.0, line))
            .corner_radius(4)
            .inner_margin(egui::Margin::symmetric(6, 2))
            .show(ui, |ui| {
                ui.label(RichText::new(text(i)).text_style(egui::TextStyle::Monospace));
            });
    }
    if end < encoded.n_words() {
        ui.label("…");
    }
    ui.spacing_mut().item_spacing.x = gap;
}

fn merges(story: &Story, side: &Side, ui: &mut Ui) {
    let colors = theme::palette(ui.ctx());
    let Some((tree, moment)) = story.tree.as_ref().zip(story.moment()) else {
        ui.add_space(theme::size::GRID);
        ui.label(if story.is_special {
            "A special token is found before the text is split: it is never merged.".to_owned()
        } else if !side.tokenizer.merges() {
            "Nothing is merged: of all ways to cut the text into pieces of the vocabulary, this model \
             takes the one whose scores add up to the most."
                .to_owned()
        } else {
            format!(
                "A piece of {} bytes; merges are drawn up to {MAX_TREE_BYTES}.",
                grouped(story.word.len())
            )
        });
        return;
    };
    let sentence = sentence(story, tree, side);
    ui.horizontal_wrapped(|ui| {
        ui.label(RichText::new("2  Merge").text_style(theme::style::strong()))
            .on_hover_text(order(side).rule);
        ui.label(RichText::new(&sentence).color(colors.text));
    });
    for note in notes(tree) {
        ui.label(RichText::new(note).color(colors.text_weak));
    }
    let nodes: Vec<merge_tree::TreeNode<'_>> = tree
        .nodes
        .iter()
        .map(|node| merge_tree::TreeNode {
            bytes: side.tokenizer.token_bytes(node.id),
            start: node.start,
            end: node.end,
            rank: node.rank.map(|rank| value(side, node.id, rank)),
            parts: node.parts,
            height: node.height,
        })
        .collect();
    let pairs = moment.pieces.windows(2).zip(&moment.ranks);
    let ranks: Vec<Option<f64>> = pairs
        .map(|(pair, rank)| {
            let [left, right] = [pair[0], pair[1]].map(|node| tree.nodes[node].id);
            let new = side.tokenizer.joined(left, right);
            Some(value(side, new?, (*rank)?))
        })
        .collect();
    merge_tree::MergeTree {
        nodes: &nodes,
        n_now: tree.n_leaves + story.step,
        pieces: &moment.pieces,
        ranks: &ranks,
        winner: moment.lowest,
        name: &sentence,
    }
    .show(ui);
}

/// What decides which pair is merged next, in words.
struct Order {
    rule: &'static str,
    /// What the winner has.
    best: &'static str,
    forward: &'static str,
    strip: &'static str,
    /// What there is before any merge.
    start: &'static str,
    height: &'static str,
}

fn order(side: &Side) -> Order {
    if side.tokenizer.vocabulary().sentence_piece.is_none() {
        return Order {
            rule: "Single bytes first. Then, again and again, the pair whose merge was learned first (the lowest rank) becomes one token, until no pair is in the list of merges.",
            best: "the lowest rank",
            forward: "Merge the pair with the lowest rank (→).",
            strip: "Merges, by rank",
            start: "bytes",
            height: "The height of a bar is the rank of its merge: when it was learned, 0 first. Frequent pairs were learned early.",
        };
    }
    Order {
        rule: "Single characters first. Then, again and again, the two neighbours that together are the piece with the highest score become one, until no two are a piece.",
        best: "the highest score",
        forward: "Merge the pair with the highest score (→).",
        strip: "Merges, by place of their score",
        start: "letters",
        height: "The height of a bar is the place of its piece among all scores, 0 for the highest. Frequent pieces have high scores.",
    }
}

/// The score of the token that a merge makes, where scores decide; else the merge's rank.
fn value(side: &Side, new: u32, rank: u32) -> f64 {
    side.tokenizer.score(new).unwrap_or_else(|| rank.into())
}

/// What happens at this moment, in words.
fn sentence(story: &Story, tree: &MergeTree, side: &Side) -> String {
    let Some(moment) = story.moment() else {
        return String::new();
    };
    let shown = |node: usize| {
        let id = tree.nodes.get(node).map_or(0, |node| node.id);
        visible(side.tokenizer.token_bytes(id))
    };
    let n = story.n_merges();
    let step = story.step;
    let Some(at) = moment.lowest else {
        let n_pieces = moment.pieces.len();
        let tokens = if n_pieces == 1 { "token" } else { "tokens" };
        return match n {
            0 if n_pieces < 2 => "A single piece: there is nothing to merge.".into(),
            0 => format!("No pair of these was ever merged: {n_pieces} tokens."),
            1 if n_pieces == 1 => "After 1 merge: one token.".into(),
            _ if n_pieces == 1 => format!("After {n} merges: one token."),
            _ => format!(
                "After {n} {}: no pair left is in the list of merges, so it stays {n_pieces} {tokens}.",
                if n == 1 { "merge" } else { "merges" }
            ),
        };
    };
    let n_ranked = moment.ranks.iter().flatten().count();
    let rank = moment.ranks[at].unwrap_or_default();
    let new = tree.nodes.get(tree.n_leaves + step);
    let score = new.and_then(|node| side.tokenizer.score(node.id));
    format!(
        "Step {} of {n}: {} {} can be merged; “{}” + “{}” has {}, {}, and is next.",
        step + 1,
        n_ranked,
        if n_ranked == 1 { "pair" } else { "pairs" },
        shown(moment.pieces[at]),
        shown(moment.pieces[at + 1]),
        order(side).best,
        score.map_or_else(|| grouped(rank), signed),
    )
}

fn notes(tree: &MergeTree) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(id) = tree.found_whole {
        notes.push(format!(
            "The whole piece is token {id} of the vocabulary and is taken at once; these merges alone would not lead there."
        ));
    }
    if !tree.left_out.is_empty() {
        let hex: Vec<String> = tree.left_out.iter().map(|b| format!("{b:02X}")).collect();
        notes.push(format!(
            "Left out, as this vocabulary has no token for them: bytes {}.",
            hex.join(" ")
        ));
    }
    notes
}

/// The film strip of merges: back, play, forward, and a bar for each.
pub(super) fn timeline(encode: &mut Encode, ui: &mut Ui) {
    let labels = labels(encode);
    let side = encode.story().and_then(|story| encode.side(story.side));
    let Some(order) = side.map(order) else {
        return;
    };
    let Some(story) = encode.story_mut() else {
        return;
    };
    if story.play_on() {
        ui.ctx().request_repaint_after(STEP / 8);
    }
    let steps: Vec<Step<'_>> = labels
        .iter()
        .map(|(label, rank)| Step {
            label,
            value: f64::from(*rank),
            branches: false,
        })
        .collect();
    ui.horizontal(|ui| {
        ui.vertical(|ui| {
            ui.set_width(CONTROLS_WIDTH);
            ui.horizontal(|ui| controls(story, &order, ui));
            let (step, n) = (story.step, story.n_merges());
            let words = format!("merge {step} of {n}");
            ui.small(words).on_hover_text(order.height);
        });
        let strip = Timeline::new(order.strip, "", &steps, Some(story.step));
        if let Some(step) = strip.show(ui) {
            story.go_to(step);
        }
    });
}

/// The token each merge makes, with its rank; the bytes first.
fn labels(encode: &Encode) -> Vec<(String, u32)> {
    let story = encode.story();
    let Some((side, tree)) = story.and_then(|story| {
        let tree = story.tree.as_ref()?;
        Some((encode.side(story.side)?, tree))
    }) else {
        return Vec::new();
    };
    let made = tree.nodes[tree.n_leaves..].iter().map(|node| {
        let bytes = side.tokenizer.token_bytes(node.id);
        (visible(bytes), node.rank.unwrap_or_default())
    });
    std::iter::once((order(side).start.to_owned(), 0))
        .chain(made)
        .collect()
}

fn controls(story: &mut Story, order: &Order, ui: &mut Ui) {
    let (step, n) = (story.step, story.n_merges());
    let button = |ui: &mut Ui, can: bool, icon: Icon, name: &str, hint: &str| {
        ui.add_enabled_ui(can, |ui| icon.button(ui, name, hint))
            .inner
            .clicked()
    };
    if button(
        ui,
        step > 0,
        Icon::Back,
        "Step back",
        "Take the last merge back (←).",
    ) {
        story.step_back();
    }
    let (icon, name, hint) = if story.is_playing() {
        (Icon::Stop, "Pause", "Stop at this merge (space).")
    } else {
        (
            Icon::Run,
            "Play",
            "One merge after the other, from the beginning (space).",
        )
    };
    if button(ui, true, icon, name, hint) {
        story.toggle_play();
    }
    if button(ui, step < n, Icon::Forward, "Step forward", order.forward) {
        story.step_on();
    }
}
