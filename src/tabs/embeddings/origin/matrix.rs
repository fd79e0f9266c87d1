//! The table of words by words, as counted and as weighed, and the company of one word.

use super::{OriginView, Page};
use crate::labs::embeddings::origin::Counts;
use crate::tabs::parts::caption;
use crate::theme;
use crate::widgets::heat_map::HeatMap;
use eframe::egui::{self, RichText, Ui, vec2};

/// Words of the table on the screen.
const N_SHOWN: usize = 24;

/// The commonest words say little of any text: the usual table begins behind them.
const N_PASSED_OVER: usize = 60;

/// How long the list of a word's company is.
const N_COMPANY: usize = 14;

pub(super) fn show(view: &mut OriginView, ui: &mut Ui) {
    refresh(view);
    let Some(counted) = &view.counted else {
        ui.add_space(ui.available_height() * 0.3);
        ui.vertical_centered(|ui| {
            ui.set_max_width(520.0);
            ui.label(
                RichText::new("A word is known by the company it keeps")
                    .text_style(theme::style::subheading()),
            );
            caption(
                ui,
                "Here appears a table: how often each word of the text stands near each other one.",
            );
        });
        return;
    };
    let Some(corner) = view.shown.corner.clone() else {
        return;
    };
    let weighed = view.page == Page::Weights;
    caption(
        ui,
        if weighed {
            "How much more often two words stand together than chance would have it, in nats (PPMI). Nothing is drawn where it is not more."
        } else {
            "How often two words stand near each other in the whole text. Every row is the long vector of a word: one number for each word of the vocabulary."
        },
    );
    let area = ui.available_size();
    let list_width = if area.x > 640.0 { 220.0 } else { 0.0 };
    let version = view.shown.version;
    let mut clicked = None;
    ui.with_layout(egui::Layout::left_to_right(egui::Align::TOP), |ui| {
        let size = vec2(area.x - list_width - theme::size::GROUP, area.y - 4.0);
        let map = HeatMap {
            name: if weighed { "PPMI" } else { "Counts" },
            words: &corner.words,
            cells: &corner.cells,
            unit: if weighed { "nats" } else { "times together" },
            logarithmic: !weighed,
            digits: usize::from(weighed),
            version,
        };
        clicked = map.show(ui, size, &mut view.shown.heat);
        ui.add_space(theme::size::GROUP);
        if list_width > 0.0 {
            ui.vertical(|ui| company(&view.shown.word, &view.shown.company, weighed, ui));
        }
    });
    let _ = counted;
    if let Some([row, _]) = clicked {
        view.shown.word.clone_from(&corner.words[row]);
        view.shown.key = None;
    }
}

/// The words that a word stands near, the most often first.
fn company(word: &str, company: &[(String, f64)], weighed: bool, ui: &mut Ui) {
    let colors = theme::palette(ui.ctx());
    let title = format!("Company of {word}");
    ui.label(RichText::new(title).text_style(theme::style::strong()));
    caption(ui, "Click a row of the table for another word.");
    ui.add_space(theme::size::HALF);
    let most = company.first().map_or(1.0, |(_, value)| *value).max(1e-9);
    for (word, value) in company {
        let size = vec2(ui.available_width().min(220.0), 22.0);
        let (rect, response) = ui.allocate_exact_size(size, egui::Sense::hover());
        let number = if weighed {
            format!("{value:.2}")
        } else {
            format!("{value:.0}")
        };
        response.widget_info(|| {
            let words = format!("{word} {number}");
            egui::WidgetInfo::labeled(egui::Role::Label, true, words)
        });
        let share = (value / most) as f32;
        let bar = rect.shrink2(vec2(0.0, 3.0));
        let bar = bar.with_max_x(bar.left() + bar.width() * share);
        ui.painter().rect_filled(bar, 3.0, colors.token_fill(1));
        let font = egui::TextStyle::Body.resolve(ui.style());
        let left = rect.left_center() + vec2(6.0, 0.0);
        let anchor = egui::Align2::LEFT_CENTER;
        ui.painter().text(left, anchor, word, font, colors.text);
        let font = theme::style::small_mono().resolve(ui.style());
        let anchor = egui::Align2::RIGHT_CENTER;
        let right = rect.right_center();
        ui.painter()
            .text(right, anchor, number, font, colors.text_weak);
    }
}

/// Takes the part that is to be shown out of the whole table, when it is another than before.
fn refresh(view: &mut OriginView) {
    let Some(counted) = &view.counted else {
        return;
    };
    let shown = &mut view.shown;
    let key = (view.page, shown.typed.clone(), view.n_counted);
    if shown.key.as_ref() == Some(&key) {
        return;
    }
    let counts = &counted.counts;
    let matrix = match view.page {
        Page::Weights => &counted.weighed,
        _ => &counts.matrix,
    };
    let places = places(counts, &shown.typed);
    if counts.index(&shown.word).is_none() {
        shown.word = places
            .iter()
            .find_map(|&i| counts.words.get(i).cloned())
            .unwrap_or_default();
    }
    shown.company = counts.index(&shown.word).map_or_else(Vec::new, |i| {
        let mut row: Vec<(usize, f64)> = matrix.row(i).collect();
        row.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let best = row.iter().take(N_COMPANY);
        best.map(|&(j, value)| (counts.words[j].clone(), value))
            .collect()
    });
    shown.corner = Some(counts.corner(matrix, &places));
    shown.version += 1;
    shown.key = Some(key);
}

/// The words of the table: those that were typed and are known, or usual ones.
fn places(counts: &Counts, typed: &str) -> Vec<usize> {
    let typed = typed.split([',', ' ']).map(str::trim);
    let typed = typed.filter(|word| !word.is_empty());
    let mut places: Vec<usize> = typed
        .filter_map(|word| counts.index(&word.to_lowercase()))
        .collect();
    places.dedup();
    if places.len() >= 2 {
        places.truncate(60);
        return places;
    }
    let from = N_PASSED_OVER.min(counts.words.len().saturating_sub(N_SHOWN));
    (from..counts.words.len()).take(N_SHOWN).collect()
}
