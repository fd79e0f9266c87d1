//! One word in two sentences: both sentences with the word marked, and how alike its two vectors are,
//! layer by layer.

use super::SpacesView;
use crate::labs::embeddings::spaces::{Contextual, Question, Read};
use crate::tabs::TabContext;
use crate::tabs::parts::caption;
use crate::theme;
use crate::widgets::layer_lines::{LayerLines, Line};
use eframe::egui::{self, TextEdit, Ui, text::LayoutJob};

/// Examples: a word and two sentences.
pub(super) const EXAMPLES: [[&str; 3]; 5] = [
    [
        "bank",
        "We sat down on the river bank.",
        "He works for the central bank.",
    ],
    [
        "bank",
        "The bank lent us the money.",
        "He works for the central bank.",
    ],
    [
        "bat",
        "A bat flew out of the dark cave.",
        "He hit the ball with his bat.",
    ],
    [
        "light",
        "The box was very light.",
        "She switched on the light.",
    ],
    [
        "king",
        "The king sat on his throne.",
        "The lion is the king of the jungle.",
    ],
];

/// Example `i`.
pub(super) fn example(i: usize) -> Question {
    let [word, first, second] = EXAMPLES[i % EXAMPLES.len()];
    Question {
        word: word.into(),
        sentences: [first, second].map(String::from),
    }
}

pub(super) fn show(view: &mut SpacesView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    fields(view, ui, cx);
    let Some((question, found)) = &view.compared else {
        caption(
            ui,
            "Here you will see how a sentence shapes the meaning of a word.",
        );
        return;
    };
    ui.add_space(theme::size::GRID);
    for read in &found.read {
        marked(ui, read);
    }
    ui.add_space(theme::size::GRID);
    let same = format!("{} and {}", question.word, question.word);
    let lines = LayerLines {
        name: "Cosine by layer",
        places: &found.places,
        y: "cosine of the two vectors, from the bottom of the model to its top",
        lines: &[
            Line {
                name: &format!("{} and the other sentence's other words", question.word),
                values: &found.others,
                strong: false,
            },
            Line {
                name: &same,
                values: &found.cosine,
                strong: true,
            },
        ],
    };
    let height = (ui.available_height() - 84.0).clamp(140.0, 460.0);
    lines.show(ui, height);
    verdict(ui, question, found);
}

/// The word and its two sentences, to be written over.
fn fields(view: &mut SpacesView, ui: &mut Ui, cx: &mut TabContext<'_>) {
    let mut entered = false;
    let mut field = |ui: &mut Ui, text: &mut String, name: &str, width: f32| {
        let field = ui.add(TextEdit::singleline(text).desired_width(width));
        ui.ctx()
            .accesskit_node_builder(field.id, |node| node.set_label(name.to_owned()));
        entered |= field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    };
    ui.horizontal(|ui| {
        ui.label("Word");
        field(ui, &mut view.question.word, "Word", 140.0);
    });
    let [first, second] = &mut view.question.sentences;
    for (text, name) in [(first, "First sentence"), (second, "Second sentence")] {
        let width = ui.available_width().min(620.0);
        field(ui, text, name, width);
    }
    if entered && view.working.is_none() {
        view.compare(cx);
    }
}

/// A sentence as its tokens, those of the word marked.
fn marked(ui: &mut Ui, read: &Read) {
    let colors = theme::palette(ui.ctx());
    let font = egui::TextStyle::Body.resolve(ui.style());
    let mut job = LayoutJob::default();
    for (i, token) in read.tokens.iter().enumerate() {
        let is_word = read.word.contains(&i);
        let is_start = i == 0 && token == "start";
        let format = egui::TextFormat {
            font_id: font.clone(),
            color: if is_start {
                colors.text_weak
            } else {
                colors.text
            },
            background: if is_word {
                colors.accent_soft
            } else if is_start {
                colors.hover
            } else {
                egui::Color32::TRANSPARENT
            },
            ..egui::TextFormat::default()
        };
        job.append(token, if i == 1 { 6.0 } else { 0.0 }, format);
    }
    ui.label(job);
}

fn verdict(ui: &mut Ui, question: &Question, found: &Contextual) {
    let (Some(bottom), Some(top)) = (found.cosine.first(), found.cosine.last()) else {
        return;
    };
    let word = &question.word;
    let lowest = found.cosine.iter().zip(&found.places);
    let lowest = lowest.min_by(|a, b| a.0.total_cmp(b.0));
    let lowest = lowest.map_or(String::new(), |(cosine, place)| {
        format!("They are farthest apart {place}: {cosine:.2}. ")
    });
    let static_words = if *bottom > 0.9999 {
        "At the bottom the vector is static: the same row of the table in both sentences"
    } else {
        "At the bottom they differ already: the word is written with other tokens in each sentence"
    };
    ui.label(format!(
        "{static_words} ({bottom:.2}). Block by block attention mixes the sentence in. {lowest}At the top it is {top:.2}."
    ));
    let n = found.lengths.last().copied().unwrap_or_default();
    let first = found.lengths.first().copied().unwrap_or_default();
    caption(
        ui,
        format!(
            "The thin line is what any two words have in common there: judge “{word}” against it. The vectors grow on the way, from length {:.1} to {:.0} and {:.0}.",
            first[0], n[0], n[1]
        ),
    );
}
