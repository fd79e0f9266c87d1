//! One head large: its pattern or its scores, and the sum behind one pair.

use super::{AttentionView, pair};
use crate::labs::inside::{At, SiteName};
use crate::tabs::parts::{caption, choice};
use crate::tabs::text::text_at_hand::Piece;
use crate::tabs::text::views::Desk;
use crate::theme;
use crate::widgets::tensor_map::TensorMap;
use eframe::egui::Ui;

/// The height that the sum behind a pair takes.
const PAIR_HEIGHT: f32 = 172.0;
/// A map is at least this high, and the rest scrolls.
const LEAST_MAP: f32 = 160.0;

pub(super) fn show(view: &mut AttentionView, ui: &mut Ui, desk: &mut Desk) {
    let site = if view.shows_scores {
        SiteName::Scores
    } else {
        SiteName::Pattern
    };
    let at = At::head(site, view.block, view.head);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = theme::size::HALF;
        for (scores, label, hint) in [
            (
                false,
                "Pattern",
                "How each token’s attention is shared out: every row sums to 1. The future is not looked at.",
            ),
            (
                true,
                "Scores",
                "What the shares are made of: query · key / √width, before the mask and the softmax.",
            ),
        ] {
            if choice(ui, view.shows_scores == scores, label, hint) {
                view.shows_scores = scores;
            }
        }
        let words = if view.shows_scores {
            "rows look, columns are looked at; the future is still there"
        } else {
            "rows look, columns are looked at; each row sums to 1"
        };
        caption(ui, words);
    });
    let fetched = match desk.table(at) {
        Some(Ok(fetched)) => fetched,
        Some(Err(refusal)) => {
            ui.label(&refusal.what);
            caption(ui, &refusal.evidence);
            return;
        }
        None => {
            caption(ui, "Fetching its numbers…");
            return;
        }
    };
    let pieces = desk.pieces();
    let name = |i: usize| {
        let piece = pieces.get(i).map_or_else(String::new, Piece::shown);
        format!("{i} {piece}")
    };
    // The number is at the left already.
    let column_name = |i: usize| pieces.get(i).map_or_else(String::new, Piece::shown);
    let row_name = |row: usize| name(fetched.first_row + row);
    let query = view.query(pieces.len());
    let key = view.key.unwrap_or(query.saturating_sub(1)).min(query);
    let marked = desk.explain.lit(at);
    let [n_rows, n_columns] = fetched.table.shape;
    let map = TensorMap {
        name: if view.shows_scores {
            "Scores"
        } else {
            "Pattern"
        },
        shape: [n_rows, n_columns],
        values: &fetched.table.values,
        is_signed: site.is_signed(),
        version: desk.traced().map_or(0, |traced| {
            (traced.version << 20)
                ^ ((view.block as u64) << 10)
                ^ ((view.head as u64) << 1)
                ^ u64::from(view.shows_scores)
        }),
        row_name: &row_name,
        column_name: &column_name,
        chosen: query.checked_sub(fetched.first_row).map(|row| [row, key]),
        marked: &marked,
    };
    let height = (ui.available_height() - PAIR_HEIGHT - theme::size::GRID).max(LEAST_MAP);
    let pointed = map.show_named(ui, height);
    if let Some([row, column]) = pointed.clicked {
        view.query = Some(fetched.first_row + row);
        view.key = Some(column);
        desk.explain_cell(at.place(fetched.first_row + row, column));
    }
    ui.add_space(theme::size::HALF);
    pair::show(view, ui, desk, query, key);
}
