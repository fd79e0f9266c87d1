//! Sentences by averaged vectors: how alike each two are, as numbers and as bars.

use crate::jobs::Job;
use crate::labs::embeddings::spaces::{Sentence, cosines, sentence};
use crate::tabs::TabContext;
use crate::tabs::embeddings::views::Desk;
use crate::tabs::parts::caption;
use crate::theme;
use eframe::egui::{self, RichText, TextEdit, Ui, vec2};
use std::sync::Arc;

/// The lecture's sentences.
const EXAMPLE: [&str; 3] = [
    "Lion is the king of the jungle",
    "The tiger hunts in this forest",
    "Everybody loves New York",
];

/// Words so common that they say nothing of a sentence.
const COMMON: [&str; 24] = [
    "the", "a", "an", "of", "in", "on", "at", "to", "is", "are", "was", "and", "or", "this",
    "that", "it", "for", "with", "by", "be", "as", "from", "his", "her",
];

/// The sentences and what they came to.
#[derive(Debug)]
pub(super) struct SentencesState {
    texts: Vec<String>,
    without_common: bool,
    /// For which set and which texts there is an answer, or will be.
    asked: Option<(u64, Vec<String>, bool)>,
    found: Option<(Vec<Sentence>, Vec<f64>)>,
    job: Option<Job<(Vec<Sentence>, Vec<f64>)>>,
}

impl Default for SentencesState {
    fn default() -> Self {
        Self {
            texts: EXAMPLE.map(String::from).to_vec(),
            without_common: false,
            asked: None,
            found: None,
            job: None,
        }
    }
}

impl SentencesState {
    /// Asks anew when the set or a sentence is another, and takes the answer.
    pub(super) fn poll(&mut self, desk: &Desk, cx: &mut TabContext<'_>) {
        if let Some(job) = &mut self.job {
            let arrived = job.poll().pop();
            if arrived.is_none() && job.is_running() {
                return;
            }
            self.job = None;
            self.found = arrived.or(self.found.take());
        }
        let Some(space) = desk.sets.space() else {
            return;
        };
        let key = (desk.sets.number(), self.texts.clone(), self.without_common);
        if self.asked.as_ref() == Some(&key) {
            return;
        }
        let (space, texts, without) = (space.clone(), self.texts.clone(), self.without_common);
        self.asked = Some(key);
        let work = move |emit: crate::jobs::Emit<'_, _>| {
            let passed_over = if without {
                COMMON.map(String::from).to_vec()
            } else {
                Vec::new()
            };
            let each = texts
                .iter()
                .map(|text| sentence(&space, text, &passed_over));
            let all: Vec<Sentence> = each.collect();
            let cosines = cosines(&all);
            _ = emit((all, cosines));
        };
        self.job = Job::spawn("average sentences", Arc::clone(&cx.wake), work).ok();
    }
}

pub(super) fn show(state: &mut SentencesState, ui: &mut Ui, desk: &Desk) {
    caption(
        ui,
        "Each word is a vector; the mean of them stands for the sentence. The order of the words is lost, and still it works surprisingly often.",
    );
    let mut remove = None;
    let n = state.texts.len();
    for (i, text) in state.texts.iter_mut().enumerate() {
        ui.horizontal(|ui| {
            let name = letter(i);
            ui.label(RichText::new(&name).text_style(theme::style::strong()));
            let width = (ui.available_width() - 96.0).min(620.0);
            let field = ui.add(TextEdit::singleline(text).desired_width(width));
            ui.ctx().accesskit_node_builder(field.id, |node| {
                node.set_label(format!("Sentence {name}"));
            });
            let hint = "Leave this sentence out.";
            if n > 2 && ui.small_button("Remove").on_hover_text(hint).clicked() {
                remove = Some(i);
            }
        });
    }
    if let Some(i) = remove {
        state.texts.remove(i);
    }
    ui.horizontal(|ui| {
        let add = ui.add_enabled(n < 6, egui::Button::new("Add sentence"));
        if add
            .on_hover_text("One more sentence to hold against the others.")
            .clicked()
        {
            state.texts.push(String::new());
        }
        ui.checkbox(&mut state.without_common, "Leave out the, of, is …")
            .on_hover_text(
                "The commonest words stand in every sentence and make all of them alike.",
            );
    });
    ui.add_space(theme::size::GRID);
    let Some((sentences, cosines)) = &state.found else {
        let words = if desk.sets.space().is_some() {
            "Adding up…"
        } else {
            "The vectors are being opened…"
        };
        caption(ui, words);
        return;
    };
    if sentences.len() * sentences.len() == cosines.len() {
        egui::ScrollArea::vertical()
            .id_salt("pairs")
            .show(ui, |ui| pairs(ui, sentences, cosines));
    }
}

fn letter(i: usize) -> String {
    char::from(b'A' + (i % 26) as u8).to_string()
}

/// Every pair, the most alike first.
fn pairs(ui: &mut Ui, sentences: &[Sentence], cosines: &[f64]) {
    let colors = theme::palette(ui.ctx());
    let n = sentences.len();
    let mut pairs: Vec<(usize, usize, f64)> = (0..n)
        .flat_map(|i| (i + 1..n).map(move |j| (i, j)))
        .map(|(i, j)| (i, j, cosines[i * n + j]))
        .collect();
    pairs.sort_by(|a, b| b.2.total_cmp(&a.2));
    for (i, j, cosine) in pairs {
        let (rect, response) = ui.allocate_exact_size(
            vec2(ui.available_width().min(620.0), 34.0),
            egui::Sense::hover(),
        );
        let name = format!("{} and {}", letter(i), letter(j));
        response.widget_info(|| {
            let words = format!("Sentences {name}: cosine {cosine:.3}");
            egui::WidgetInfo::labeled(egui::Role::Label, true, words)
        });
        let painter = ui.painter();
        let font = theme::style::strong().resolve(ui.style());
        let middle = rect.left_center();
        painter.text(middle, egui::Align2::LEFT_CENTER, name, font, colors.text);
        let track = rect
            .with_min_x(rect.left() + 84.0)
            .with_max_x(rect.right() - 64.0);
        let track = track.shrink2(vec2(0.0, 10.0));
        painter.rect_filled(track, 3.0, colors.hover);
        let share = cosine.clamp(0.0, 1.0) as f32;
        let bar = track.with_max_x(track.left() + track.width() * share);
        painter.rect_filled(bar, 3.0, colors.hues[1]);
        let font = egui::TextStyle::Monospace.resolve(ui.style());
        let right = rect.right_center();
        let number = format!("{cosine:.3}");
        painter.text(right, egui::Align2::RIGHT_CENTER, number, font, colors.text);
    }
    for (i, sentence) in sentences.iter().enumerate() {
        let unknown: Vec<&str> = (sentence.words.iter())
            .filter(|(_, known)| !known)
            .map(|(word, _)| word.as_str())
            .collect();
        if !unknown.is_empty() {
            let words = format!(
                "{}: not in this set, left out: {}",
                letter(i),
                unknown.join(", ")
            );
            ui.label(RichText::new(words).small().color(colors.warning));
        }
    }
}
