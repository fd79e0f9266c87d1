//! The stage: the pictures, what is to be kept, the strip of snapshots, and the losses.

use super::given::{empty, given, head, take};
use super::{YoursView, charts};
use crate::labs::diffusion::lora::Asked;
use crate::tabs::TabContext;
use crate::tabs::images::views::Desk;
use crate::tabs::parts::part;
use crate::theme::{self, size};
use crate::widgets::count::grouped;
use crate::widgets::picture_sheet::PictureSheet;
use eframe::egui::{
    self, Align2, Rect, Role, Sense, Stroke, StrokeKind, TextStyle, Ui, Vec2, WidgetInfo, pos2,
    vec2,
};
use std::sync::Arc;

/// Between pictures.
pub(super) const GAP: f32 = 6.0;
/// Between the rows that ask with the word and those that do not: room for a line of words.
const BETWEEN: f32 = 22.0;
/// Side of a picture that is learned from, at most.
const MOST_THUMB: f32 = 60.0;
/// Width of what a row says.
const WORDS: f32 = 132.0;
/// Narrower than this, there is room for the strip only.
const ROOM_FOR_CHARTS: f32 = 620.0;
/// A picture of the strip is never larger.
const MOST_SIDE: f32 = 120.0;

pub(super) fn show(view: &mut YoursView, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
    view.keeping.saving.show(ui, cx);
    if view.prepared.is_none() && view.adapter().is_none() {
        empty(view, ui, desk, cx);
        return;
    }
    head(view, ui);
    let area = ui.available_rect_before_wrap();
    let thumbs = if view.prepared.is_some() {
        (area.height() * 0.13).clamp(36.0, MOST_THUMB) + 22.0
    } else {
        0.0
    };
    let below = area.with_min_y(area.top() + thumbs + if thumbs > 0.0 { size::GRID } else { 0.0 });
    part(ui, area.with_max_y(area.top() + thumbs), |ui| {
        given(view, ui);
    });
    let asked = view.asked().to_vec();
    let layout = Layout::of(view, &asked, below);
    part(ui, layout.strip, |ui| strip(view, ui, &asked, &layout));
    if let Some(area) = layout.charts {
        part(ui, area, |ui| charts::show(view, ui));
    }
    ui.advance_cursor_after_rect(area);
}

/// Where the parts stand.
struct Layout {
    strip: Rect,
    charts: Option<Rect>,
    side: f32,
    /// Height of the words above the columns.
    above: f32,
    /// Rows that ask with the word.
    n_with: usize,
}

impl Layout {
    fn of(view: &YoursView, asked: &[Asked], area: Rect) -> Self {
        let n_columns = view.n_columns() as f32 + 1.0;
        let n_rows = asked.len().max(1) as f32;
        let has_charts = area.width() >= ROOM_FOR_CHARTS;
        let least = if has_charts { 190.0 + size::GROUP } else { 0.0 };
        let above = 24.0;
        let down = (area.height() - above - BETWEEN) / n_rows - GAP;
        // The column of the scale stands apart.
        let across = (area.width() - least - WORDS - size::GROUP) / n_columns - GAP;
        let side = down.min(across).clamp(24.0, MOST_SIDE).floor();
        let width = WORDS + n_columns * (side + GAP) + size::GROUP;
        let strip = area.with_max_x((area.left() + width).min(area.right()));
        let charts = area.with_min_x(strip.right() + size::GROUP);
        Self {
            strip,
            charts: (has_charts && charts.width() > 120.0).then_some(charts),
            side,
            above,
            n_with: asked.iter().filter(|asked| asked.has_word).count(),
        }
    }

    /// Where the picture in `row` and `column` stands.
    fn cell(&self, row: usize, column: usize, is_live: bool) -> Rect {
        let apart = if is_live { size::GROUP - GAP } else { 0.0 };
        let below = if row >= self.n_with { BETWEEN } else { 0.0 };
        let x = WORDS + column as f32 * (self.side + GAP) + apart;
        let y = self.above + row as f32 * (self.side + GAP) + below;
        Rect::from_min_size(self.strip.min + vec2(x, y), Vec2::splat(self.side))
    }
}

impl YoursView {
    /// Columns of the strip: the snapshots there are, and those that are still to come.
    fn n_columns(&self) -> usize {
        let Some(recipe) = self.recipe.as_ref() else {
            return 0;
        };
        let planned = recipe.n_steps.div_ceil(recipe.every.max(1)) + 1;
        planned.max(self.snapshots.len()).min(12)
    }

    /// The step that a column shows, whether it is there yet or not.
    fn step_of(&self, column: usize) -> usize {
        let planned = self
            .recipe
            .as_ref()
            .map_or(0, |recipe| (column * recipe.every).min(recipe.n_steps));
        self.snapshots.get(column).map_or(planned, |s| s.step)
    }
}

/// The snapshots as columns, what was asked as rows, and the chosen scale on the right.
fn strip(view: &mut YoursView, ui: &mut Ui, asked: &[Asked], layout: &Layout) {
    let colors = theme::palette(ui.ctx());
    let small = TextStyle::Small.resolve(ui.style());
    for (row, asked) in asked.iter().enumerate() {
        let cell = layout.cell(row, 0, false);
        let room = Rect::from_min_max(
            pos2(layout.strip.left(), cell.top()),
            pos2(cell.left() - size::GRID, cell.bottom()),
        );
        let words = if asked.caption.is_empty() {
            "(nothing said)"
        } else {
            &asked.caption
        };
        let ink = if asked.has_word {
            colors.text
        } else {
            colors.text_weak
        };
        let galley = ui
            .painter()
            .layout(words.to_owned(), small.clone(), ink, room.width());
        let at = pos2(
            room.left(),
            room.center().y - galley.size().y.min(room.height()) * 0.5,
        );
        ui.painter().with_clip_rect(room).galley(at, galley, ink);
    }
    if layout.n_with < asked.len() {
        let cell = layout.cell(layout.n_with, 0, false);
        // Between the frames of both halves of a column.
        let at = pos2(layout.strip.left(), cell.top() - (BETWEEN + GAP) * 0.5);
        let words = "the same noise without the word: should stay as it was";
        let ink = colors.text_weak;
        ui.painter()
            .text(at, Align2::LEFT_CENTER, words, small.clone(), ink);
    }
    let n = view.n_columns();
    let here = view.selected.unwrap_or(view.snapshots.len().max(1) - 1);
    let mut chosen = None;
    view.sheets.resize_with(n, PictureSheet::default);
    for column in 0..n {
        let snapshot = view.snapshots.get(column);
        let is_here = snapshot.is_some() && column == here;
        let top = layout.cell(0, column, false);
        let heading = if column == 0 {
            "step 0".to_owned()
        } else {
            grouped(view.step_of(column))
        };
        let ink = if is_here {
            colors.text
        } else {
            colors.text_weak
        };
        let at = pos2(top.center().x, layout.strip.top() + 2.0);
        ui.painter()
            .text(at, Align2::CENTER_TOP, &heading, small.clone(), ink);
        if let Some(snapshot) = snapshot {
            let version = view.number << 20 | snapshot.step as u64;
            take(&mut view.sheets[column], ui, version, &snapshot.pictures);
        }
        column_of(
            ui,
            layout,
            (column, false),
            asked.len(),
            &view.sheets[column],
        );
        let bottom = layout.cell(asked.len().max(1) - 1, column, false);
        let whole = Rect::from_min_max(pos2(top.left(), layout.strip.top()), bottom.max);
        let id = ui.scope_id().with(("snapshot", column));
        let response = ui.interact(whole, id, Sense::click());
        let is_there = snapshot.is_some();
        let words = format!("Snapshot after step {}", view.step_of(column));
        response.widget_info(|| WidgetInfo::selected(Role::Button, is_there, is_here, &words));
        if is_here {
            frame(ui, layout, (column, whole), asked.len());
        }
        if is_there
            && response
                .on_hover_text("What it drew after this step. A click makes it the one at hand.")
                .clicked()
        {
            chosen = Some(column);
        }
    }
    if let Some(column) = chosen {
        let newest = column + 1 == view.snapshots.len();
        view.selected = (!newest).then_some(column);
    }
    live(view, ui, asked, layout, n);
}

/// Frames a column: what asks with the word, and apart from it what does not.
fn frame(ui: &Ui, layout: &Layout, (column, whole): (usize, Rect), n_rows: usize) {
    let stroke = Stroke::new(2.0, theme::palette(ui.ctx()).accent);
    let rows = |from: usize, to: usize| {
        let first = layout.cell(from, column, false);
        first.union(layout.cell(to - 1, column, false))
    };
    let with = layout.n_with.min(n_rows);
    let mut frames = Vec::new();
    if with > 0 {
        frames.push(rows(0, with).with_min_y(whole.top() + 4.0));
    }
    if with < n_rows {
        frames.push(rows(with, n_rows));
    }
    for rect in frames {
        let rect = rect.expand(2.0);
        ui.painter()
            .rect_stroke(rect, 3.0, stroke, StrokeKind::Outside);
    }
}

/// The pictures at the chosen scale.
fn live(view: &mut YoursView, ui: &mut Ui, asked: &[Asked], layout: &Layout, column: usize) {
    let colors = theme::palette(ui.ctx());
    if view.adapter().is_none() {
        return;
    }
    let from_snapshot = view.snapshot().filter(|_| view.scale == 1.0);
    let is_new = from_snapshot.is_some();
    let drawn = match from_snapshot {
        Some(snapshot) => {
            let version = view.number << 20 | snapshot.step as u64;
            Some((version, Arc::clone(&snapshot.pictures)))
        }
        None => {
            (view.live.pictures.clone()).map(|pictures| (view.live.version | 1 << 63, pictures))
        }
    };
    if let Some((version, pictures)) = drawn {
        take(&mut view.live_sheet, ui, version, &pictures);
    }
    let is_old = !is_new && view.live.is_behind();
    let top = layout.cell(0, column, true);
    let words = format!("s = {:.2}", view.scale);
    let at = pos2(top.center().x, layout.strip.top() + 2.0);
    let font = theme::style::small_mono().resolve(ui.style());
    ui.painter()
        .text(at, Align2::CENTER_TOP, &words, font, colors.accent);
    column_of(ui, layout, (column, true), asked.len(), &view.live_sheet);
    let bottom = layout.cell(asked.len().max(1) - 1, column, true);
    let whole = Rect::from_min_max(top.min, bottom.max);
    let response = ui.interact(whole, ui.scope_id().with("live"), Sense::hover());
    response.widget_info(|| {
        let words = format!("Pictures at scale {:.2}", view.scale);
        WidgetInfo::labeled(Role::Image, true, words)
    });
    if is_old {
        let veil = theme::palette(ui.ctx()).stage.gamma_multiply(0.55);
        ui.painter().rect_filled(whole, 0.0, veil);
        let spinner = Rect::from_center_size(whole.center(), Vec2::splat(28.0));
        egui::Spinner::new().paint_at(ui, spinner);
    }
    response.on_hover_text("Drawn with W + s·A·B at the scale on the right.");
}

/// The pictures of one column; empty places where there are none yet.
fn column_of(
    ui: &Ui,
    layout: &Layout,
    (column, is_live): (usize, bool),
    n_rows: usize,
    sheet: &PictureSheet,
) {
    let colors = theme::palette(ui.ctx());
    for row in 0..n_rows {
        let cell = layout.cell(row, column, is_live);
        if row < sheet.len() {
            sheet.paint(ui.painter(), cell, row);
        } else {
            ui.painter().rect_filled(cell, 2.0, colors.hover);
        }
    }
}
