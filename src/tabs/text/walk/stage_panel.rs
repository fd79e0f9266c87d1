//! One stage: what it does in a sentence, its numbers as a picture, and the same as a table.

use super::WalkView;
use super::numbers::Shown;
use super::stages::Stage;
use crate::labs::inside::SiteName;
use crate::tabs::parts::caption;
use crate::tabs::text::text_at_hand::Piece;
use crate::tabs::text::views::Desk;
use crate::theme;
use crate::widgets::count::grouped;
use crate::widgets::number_table::{NumberTable, short};
use crate::widgets::tensor_map::TensorMap;
use eframe::egui::{Label, RichText, Ui};
use std::sync::Arc;

/// The share of the room that the picture takes, at most.
const MAP_SHARE: f32 = 0.5;
/// The height of the picture at least.
const LEAST_MAP: f32 = 72.0;

pub(super) fn show(view: &mut WalkView, stage: &Stage, ui: &mut Ui, desk: &mut Desk) {
    let Some(version) = desk.traced().map(|traced| traced.version) else {
        return;
    };
    let shown = match desk.table(stage.at) {
        Some(Ok(fetched)) => Some(view.numbers.of(version, stage, &fetched)),
        Some(Err(refusal)) => {
            ui.label(RichText::new(&refusal.what).text_style(theme::style::subheading()));
            ui.label(&refusal.evidence);
            ui.label(&refusal.next);
            return;
        }
        None => None,
    };
    head(ui, stage, shown.as_deref());
    let Some(shown) = shown else {
        caption(ui, "Fetching its numbers…");
        return;
    };
    numbers(stage, &shown, ui, desk);
}

fn head(ui: &mut Ui, stage: &Stage, shown: Option<&Shown>) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(stage.name).text_style(theme::style::subheading()));
        let weak = theme::palette(ui.ctx()).text_weak;
        let size = shown.map_or_else(String::new, |shown| {
            let [rows, columns] = shown.shape.map(grouped);
            format!(
                " · {rows} × {columns} · typical size {}",
                short(shown.size)
            )
        });
        let words = format!("{}{size}", stage.at);
        let label = Label::new(RichText::new(words).small().color(weak)).truncate();
        ui.add(label).on_hover_text(
            "Its name in the command line's trace, how many numbers it has, and the root of the mean of their squares.",
        );
    });
    ui.label(&stage.sentence);
    ui.add_space(theme::size::HALF);
}

fn numbers(stage: &Stage, shown: &Shown, ui: &mut Ui, desk: &mut Desk) {
    let pieces = desk.pieces();
    let loaded = desk.model.current().cloned();
    let position = |pieces: &Arc<[Piece]>, i: usize| {
        let name = pieces.get(i).map_or_else(String::new, Piece::shown);
        format!("{i} {name}")
    };
    let row_name = |row: usize| position(&pieces, shown.first_row + row);
    let is_by_pairs = stage.at.site.is_by_pairs();
    let is_vocabulary = matches!(stage.at.site, SiteName::Logits | SiteName::Probs);
    let column_name = |column: usize| match &loaded {
        _ if is_by_pairs => position(&pieces, column),
        Some(loaded) if is_vocabulary => {
            let bytes = loaded.token_bytes(column as u32);
            crate::widgets::token_text::visible(&bytes)
        }
        _ if stage.at.site == SiteName::Tokens => "id".into(),
        _ => column.to_string(),
    };
    let place = desk.explain.place().filter(|place| place.at == stage.at);
    let chosen = place.and_then(|place| {
        let row = place.row.checked_sub(shown.first_row)?;
        Some([row, place.column])
    });
    let marked = desk.explain.lit(stage.at);
    let mut clicked = None;
    if stage.at.site != SiteName::Tokens {
        let map = TensorMap {
            name: stage.name,
            shape: shown.shape,
            values: &shown.values,
            is_signed: stage.at.site.is_signed(),
            version: shown.version,
            row_name: &row_name,
            column_name: &column_name,
            chosen,
            marked: &marked,
        };
        let height = (ui.available_height() * MAP_SHARE).max(LEAST_MAP);
        clicked = map.show(ui, height).clicked;
        ui.add_space(theme::size::GRID);
    }
    if is_vocabulary {
        let n = shown.n_in_table();
        let words = format!("The {n} tokens that are best after the last one, best first:");
        caption(ui, words);
    }
    let is_marked = |[row, column]: [usize; 2]| {
        let column = shown.column(column);
        let mut marked = marked.iter();
        marked.any(|marked| marked.rows.contains(&row) && marked.columns.contains(&column))
    };
    let name_in_table = |column: usize| column_name(shown.column(column));
    let in_table = chosen.and_then(|[row, column]| Some([row, shown.in_table(column)?]));
    // What is explained comes into sight; of what comes next, the last row is what everybody wants to see.
    let last_brought = ui.scope_id().with("brought");
    let brought = ui.data(|data| data.get_temp(last_brought)).unwrap_or(None);
    let now = Some((stage.at, place));
    let bring = if brought == now {
        None
    } else if is_vocabulary && place.is_none() {
        Some([shown.shape[0].saturating_sub(1), 0])
    } else {
        in_table
    };
    let table = NumberTable {
        name: stage.name,
        shape: [shown.shape[0], shown.n_in_table()],
        values: &shown.in_table,
        largest: shown.largest,
        row_name: &row_name,
        column_name: &name_in_table,
        chosen: in_table,
        is_marked: &is_marked,
        bring,
    };
    if let Some([row, column]) = table.show(ui) {
        clicked = Some([row, shown.column(column)]);
    }
    ui.data_mut(|data| data.insert_temp(last_brought, now));
    if let Some([row, column]) = clicked {
        let place = stage.at.place(shown.first_row + row, column);
        // It is in sight already, and the table need not move, unless the drawer takes room from it now.
        if desk.explain.place().is_some() {
            ui.data_mut(|data| data.insert_temp(last_brought, Some((stage.at, Some(place)))));
        }
        desk.explain_cell(place);
    }
}
