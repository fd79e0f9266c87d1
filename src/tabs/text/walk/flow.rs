//! The pass as one picture: the stream runs down, attention and MLP branch off and are added to it. Every
//! stage has its numbers beside it in small; blocks that are not open are squares.

use super::WalkView;
use super::stages::{Part, Stage};
use crate::tabs::text::views::Desk;
use crate::theme;
use crate::widgets::tensor_map::TensorMap;
use eframe::egui::{
    self, Align2, Color32, Painter, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, TextStyle,
    Ui, WidgetInfo, pos2, vec2,
};
use std::ops::Range;

const ROW: f32 = 21.0;
const SQUARE: f32 = 13.0;
/// From the left edge to the stream, to the branches, to the small pictures, and these.
const STREAM: f32 = 9.0;
const BRANCH: f32 = 26.0;
const THUMB: f32 = 40.0;
const THUMB_SIZE: [f32; 2] = [52.0, 14.0];

pub(super) fn show(view: &mut WalkView, ui: &mut Ui, desk: &mut Desk) {
    let n_blocks = desk
        .model
        .current()
        .map_or(0, |loaded| loaded.config.n_layers);
    let area = ScrollArea::vertical().id_salt("flow").auto_shrink(false);
    area.show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let stages = view.stages.clone();
        let mut gone = None;
        let mut opened = None;
        let mut part = Part::Entry;
        for (i, stage) in stages.iter().enumerate() {
            if part == Part::Entry && stage.part == Part::Attention {
                opened = opened.or(folded(ui, 0..view.block));
                open_block(ui, view.block, n_blocks);
            }
            if part == Part::Mlp && stage.part == Part::Exit {
                opened = opened.or(folded(ui, view.block + 1..n_blocks));
            }
            part = stage.part;
            let next = stages.get(i + 1);
            if one(view, i, [Some(stage), next], ui, desk) {
                gone = Some(i);
            }
        }
        if let Some(block) = opened {
            view.open_block(block);
        }
        if let Some(at) = gone {
            view.go(at);
        }
    });
}

/// One stage; whether it was clicked.
fn one(
    view: &mut WalkView,
    i: usize,
    [stage, next]: [Option<&Stage>; 2],
    ui: &mut Ui,
    desk: &mut Desk,
) -> bool {
    let Some(stage) = stage else {
        return false;
    };
    let colors = theme::palette(ui.ctx());
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    let is_here = i == view.at;
    response.widget_info(|| {
        let words = format!("Stage {}: {}", i + 1, stage.name);
        WidgetInfo::selected(Role::ListItem, true, is_here, words)
    });
    let remembered = ui.scope_id().with("at");
    if is_here && ui.data(|data| data.get_temp(remembered)) != Some(view.at) {
        ui.scroll_to_rect(rect.expand2(vec2(0.0, ROW)), None);
        ui.data_mut(|data| data.insert_temp(remembered, view.at));
    }
    let fill = match (is_here, response.hovered()) {
        (true, _) => Some(colors.accent_soft),
        (false, true) => Some(colors.hover),
        _ => None,
    };
    if let Some(fill) = fill {
        let row = rect.with_min_x(rect.left() + THUMB - 4.0);
        ui.painter().rect_filled(row, 4.0, fill);
    }
    line(ui.painter(), rect, stage, next, is_here, colors);
    let thumb = Rect::from_min_size(
        pos2(rect.left() + THUMB, rect.center().y - THUMB_SIZE[1] * 0.5),
        vec2(THUMB_SIZE[0], THUMB_SIZE[1]),
    );
    let lit = thumbnail(view, stage, thumb, ui, desk);
    let font = if is_here {
        theme::style::strong().resolve(ui.style())
    } else {
        TextStyle::Body.resolve(ui.style())
    };
    let font = egui::FontId::new(theme::size::SMALL, font.family);
    let at = pos2(thumb.right() + theme::size::GRID, rect.center().y);
    let ink = colors.text;
    let word = ui
        .painter()
        .text(at, Align2::LEFT_CENTER, stage.name, font, ink);
    if lit {
        let at = pos2(word.right() + theme::size::GRID, rect.center().y);
        ui.painter().circle_filled(at, 4.0, colors.warning);
    }
    response
        .on_hover_cursor(egui::CursorIcon::PointingHand)
        .clicked()
}

/// The stream, and the branch beside it.
fn line(
    painter: &Painter,
    rect: Rect,
    stage: &Stage,
    next: Option<&Stage>,
    is_here: bool,
    colors: &theme::Palette,
) {
    let (x, branch, y) = (rect.left() + STREAM, rect.left() + BRANCH, rect.center().y);
    let ink = if is_here {
        colors.accent
    } else {
        colors.outline
    };
    let stream = Stroke::new(3.0, colors.outline);
    let thin = Stroke::new(1.5, colors.outline);
    let is_inner = matches!(stage.part, Part::Attention | Part::Mlp) && !stage.is_stream();
    let begins = stage.at.site == crate::labs::inside::SiteName::Tokens;
    let top = if begins { y } else { rect.top() };
    let bottom = if next.is_some() { rect.bottom() } else { y };
    painter.vline(x, top..=bottom, stream);
    if is_inner {
        painter.vline(branch, rect.top()..=rect.bottom(), thin);
        painter.circle_filled(pos2(branch, y), 4.0, ink);
        return;
    }
    // Behind a node of the stream a branch begins; at a sum it comes back.
    let is_branching = next
        .is_some_and(|next| matches!(next.part, Part::Attention | Part::Mlp) && !next.is_stream());
    if is_branching {
        painter.line_segment([pos2(x, y), pos2(branch, rect.bottom())], thin);
    }
    let is_sum = stage.name == "Added";
    if is_sum {
        painter.line_segment([pos2(branch, rect.top()), pos2(x, y)], thin);
        painter.circle_filled(pos2(x, y), 7.0, ink);
        let plus = Stroke::new(1.5, colors.stage);
        painter.hline(x - 3.5..=x + 3.5, y, plus);
        painter.vline(x, y - 3.5..=y + 3.5, plus);
    } else {
        painter.circle_filled(pos2(x, y), 5.0, ink);
    }
}

/// The numbers of a stage in small; whether some of them are lit up.
fn thumbnail(view: &mut WalkView, stage: &Stage, rect: Rect, ui: &Ui, desk: &mut Desk) -> bool {
    let marked = desk.explain.lit(stage.at);
    let lit = !marked.is_empty();
    let Some(version) = desk.traced().map(|traced| traced.version) else {
        return lit;
    };
    let frame = Stroke::new(1.0, theme::palette(ui.ctx()).line);
    ui.painter()
        .rect_stroke(rect, 0.0, frame, StrokeKind::Outside);
    let Some(Ok(fetched)) = desk.table(stage.at) else {
        return lit;
    };
    let shown = view.numbers.of(version, stage, &fetched);
    let unnamed = |_: usize| String::new();
    let map = TensorMap {
        name: stage.name,
        shape: shown.shape,
        values: &shown.values,
        is_signed: stage.at.site.is_signed(),
        version: shown.version,
        row_name: &unnamed,
        column_name: &unnamed,
        chosen: None,
        marked: &marked,
    };
    let id = ui.scope_id().with(("thumbnail", stage.at, stage.is_masked));
    map.thumbnail(ui, id, rect);
    lit
}

fn open_block(ui: &mut Ui, block: usize, n_blocks: usize) {
    let colors = theme::palette(ui.ctx());
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let x = rect.left() + STREAM;
    let stream = Stroke::new(3.0, colors.outline);
    ui.painter().vline(x, rect.y_range(), stream);
    let font = TextStyle::Small.resolve(ui.style());
    let at = pos2(rect.left() + THUMB, rect.center().y);
    let words = format!("Block {block} of {n_blocks}");
    ui.painter()
        .text(at, Align2::LEFT_CENTER, words, font, colors.text_weak);
}

/// Blocks that are not open; the one that was clicked.
fn folded(ui: &mut Ui, blocks: Range<usize>) -> Option<usize> {
    if blocks.is_empty() {
        return None;
    }
    let colors = theme::palette(ui.ctx());
    let step = SQUARE + 3.0;
    let room = ui.available_width() - THUMB;
    let in_row = ((room / step) as usize).max(1);
    let n_rows = blocks.len().div_ceil(in_row);
    let height = n_rows as f32 * step + 6.0;
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let stream = Stroke::new(3.0, colors.outline);
    let x = rect.left() + STREAM;
    ui.painter().vline(x, rect.y_range(), stream);
    let mut clicked = None;
    for (i, block) in blocks.enumerate() {
        let at = vec2((i % in_row) as f32, (i / in_row) as f32) * step;
        let place = Rect::from_min_size(rect.min + vec2(THUMB, 3.0) + at, vec2(SQUARE, SQUARE));
        let response = ui.interact(place, ui.scope_id().with(("block", block)), Sense::click());
        let name = format!("Block {block}");
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        let fill: Color32 = if response.hovered() || response.has_focus() {
            colors.accent
        } else {
            colors.control
        };
        ui.painter().rect_filled(place, 2.0, fill);
        let outline = Stroke::new(1.0, colors.outline);
        ui.painter()
            .rect_stroke(place, 2.0, outline, StrokeKind::Inside);
        let hint = format!("{name}: click to open it.");
        if response.on_hover_text(hint).clicked() {
            clicked = Some(block);
        }
    }
    clicked
}
