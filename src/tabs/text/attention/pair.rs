//! Why one token looks at another: the query times the key, number by number, added up.

use super::AttentionView;
use crate::labs::inside::{At, SiteName};
use crate::tabs::parts::caption;
use crate::tabs::text::text_at_hand::Piece;
use crate::tabs::text::views::Desk;
use crate::theme;
use crate::widgets::number_table::short;
use crate::widgets::tensor_map::TensorMap;
use eframe::egui::{RichText, Ui};

pub(super) fn show(view: &AttentionView, ui: &mut Ui, desk: &mut Desk, query: usize, key: usize) {
    let Some(config) = desk.model.current().map(|loaded| loaded.config.clone()) else {
        return;
    };
    let (block, head) = (view.block, view.head);
    let kv_head = head * config.n_kv_heads / config.n_heads.max(1);
    let at_q = At::head(SiteName::Q, block, head);
    let at_k = At::head(SiteName::K, block, kv_head);
    let (Some(Ok(q)), Some(Ok(k))) = (desk.table(at_q), desk.table(at_k)) else {
        return;
    };
    let row = |fetched: &crate::tabs::text::tables::Fetched, position: usize| {
        let row = position.checked_sub(fetched.first_row)?;
        let row = fetched.table.row(row);
        (!row.is_empty()).then(|| row.to_vec())
    };
    let (Some(q), Some(k)) = (row(&q, query), row(&k, key)) else {
        return;
    };
    let products: Vec<f32> = q.iter().zip(&k).map(|(q, k)| q * k).collect();
    let sum: f64 = products.iter().map(|&x| f64::from(x)).sum();
    let score = sum / (config.d_head as f64).sqrt();
    let pieces = desk.pieces();
    let name = |i: usize| pieces.get(i).map_or_else(String::new, Piece::shown);
    let (from, to) = (name(query), name(key));
    let share = match desk.table(At::head(SiteName::Pattern, block, head)) {
        Some(Ok(pattern)) => query
            .checked_sub(pattern.first_row)
            .and_then(|row| pattern.table.get(row, key)),
        _ => None,
    };
    let share = share.map_or_else(String::new, |share| {
        format!(
            "; after the softmax {:.1} % of its attention",
            share * 100.0
        )
    });
    ui.label(
        RichText::new(format!("Why “{from}” looks at “{to}”")).text_style(theme::style::strong()),
    );
    caption(
        ui,
        format!(
            "query · key = {} over {} numbers, divided by √{}: score {}{share}.",
            short(sum as f32),
            config.d_head,
            config.d_head,
            short(score as f32)
        ),
    );
    let width = q.len();
    let values: Vec<f32> = [&q[..], &k[..], &products[..]].concat();
    let rows = ["query", "key", "product"];
    let map = TensorMap {
        name: "Query, key and their product",
        shape: [3, width],
        values: &values,
        is_signed: true,
        version: desk.traced().map_or(0, |traced| {
            let at = [block, head, query, key].into_iter();
            at.fold(traced.version, |hash, i| {
                hash.wrapping_mul(1_000_003).wrapping_add(i as u64)
            })
        }),
        row_name: &|row| rows[row.min(2)].to_owned(),
        column_name: &|i| i.to_string(),
        chosen: None,
        marked: &[],
    };
    let clicked = map
        .show(ui, ui.available_height().clamp(64.0, 120.0))
        .clicked;
    if let Some([row, column]) = clicked {
        let place = match row {
            0 => at_q.place(query, column),
            1 => at_k.place(key, column),
            _ => At::head(SiteName::Scores, block, head).place(query, key),
        };
        desk.explain_cell(place);
    }
}
