//! One head as lines over the text: at the left the tokens that look, at the right what they look at;
//! a line is as strong as the share of attention (after `BertViz`, Vig 2019).

use super::AttentionView;
use crate::labs::inside::{At, SiteName};
use crate::tabs::parts::caption;
use crate::tabs::text::text_at_hand::Piece;
use crate::tabs::text::views::Desk;
use crate::theme;
use eframe::egui::{
    Align2, Color32, FontId, Rect, Role, ScrollArea, Sense, Stroke, TextStyle, Ui, WidgetInfo,
    pos2, vec2,
};
use std::fmt::Write as _;

/// The height of a token.
const ROW: f32 = 22.0;
/// A weaker line is not drawn.
const LEAST: f32 = 0.02;
/// In a longer text, the lines of the chosen token alone are drawn.
const MOST_WITH_ALL: usize = 96;

pub(super) fn show(view: &mut AttentionView, ui: &mut Ui, desk: &mut Desk) {
    let at = At::head(SiteName::Pattern, view.block, view.head);
    let Some(Ok(fetched)) = desk.table(at) else {
        caption(ui, "Fetching its numbers…");
        return;
    };
    let pieces = desk.pieces();
    let n = pieces.len();
    let query = view.query(n);
    caption(
        ui,
        if n > MOST_WITH_ALL {
            "Left: the tokens that look. The lines are those of the chosen token; point at another, or click one."
        } else {
            "Left: the tokens that look. Right: what they look at. Point at a token to see its lines alone, click one to keep it."
        },
    );
    ScrollArea::vertical()
        .auto_shrink([false, false])
        .show(ui, |ui| {
            let size = vec2(ui.available_width().min(720.0), n as f32 * ROW);
            let (rect, response) = ui.allocate_exact_size(size, Sense::click());
            response.widget_info(|| {
                let words = format!("Attention of head {}.{} as lines", view.block, view.head);
                WidgetInfo::labeled(Role::Image, true, words)
            });
            let row_at = |y: f32| (((y - rect.top()) / ROW).max(0.0) as usize).min(n - 1);
            let pointed = response.hover_pos().map(|at| (row_at(at.y), at.x));
            let mid = rect.center().x;
            // A token at the left: what it looks at. At the right: who looks at it.
            let hovered = pointed.filter(|_| n > 0).map(|(i, x)| (i, x < mid));
            let only = match hovered {
                Some((i, true)) => Some((i, true)),
                Some((i, false)) => Some((i, false)),
                None if view.query.is_some() || n > MOST_WITH_ALL => Some((query, true)),
                None => None,
            };
            let font = TextStyle::Monospace.resolve(ui.style());
            let columns = Columns::of(rect, &pieces, ui, &font);
            let clip = ui.clip_rect();
            let seen =
                row_at(clip.top().max(rect.top()))..row_at(clip.bottom().min(rect.bottom())) + 1;
            draw_lines(ui, rect, &columns, only, seen.clone(), &|query, key| {
                let row = query.checked_sub(fetched.first_row)?;
                fetched.table.get(row, key)
            });
            for i in seen {
                let y = rect.top() + (i as f32 + 0.5) * ROW;
                word(
                    ui,
                    pos2(columns.left, y),
                    Align2::RIGHT_CENTER,
                    &pieces[i],
                    &font,
                    only == Some((i, true)),
                );
                word(
                    ui,
                    pos2(columns.right, y),
                    Align2::LEFT_CENTER,
                    &pieces[i],
                    &font,
                    only == Some((i, false)),
                );
            }
            let Some((i, looks)) = hovered else {
                return;
            };
            let share = |query: usize, key: usize| {
                let row = query.checked_sub(fetched.first_row)?;
                fetched.table.get(row, key)
            };
            let words = told(&pieces, i, looks, &share);
            if response.on_hover_text_at_pointer(words).clicked() && looks {
                view.query = if view.query == Some(i) { None } else { Some(i) };
            }
        });
}

/// Where the words end at the left and begin at the right.
struct Columns {
    left: f32,
    right: f32,
}

impl Columns {
    fn of(rect: Rect, pieces: &[Piece], ui: &Ui, font: &FontId) -> Self {
        let longest = pieces.iter().map(|piece| piece.shown().chars().count());
        let letters = longest.max().unwrap_or(1).clamp(3, 18) as f32;
        let width = ui
            .painter()
            .layout_no_wrap("m".into(), font.clone(), Color32::PLACEHOLDER)
            .size()
            .x
            * letters
            + theme::size::GRID;
        Self {
            left: rect.left() + width.min(rect.width() * 0.35),
            right: rect.right() - width.min(rect.width() * 0.35),
        }
    }
}

fn draw_lines(
    ui: &Ui,
    rect: Rect,
    columns: &Columns,
    only: Option<(usize, bool)>,
    seen: std::ops::Range<usize>,
    share: &dyn Fn(usize, usize) -> Option<f32>,
) {
    let colors = theme::palette(ui.ctx());
    let y = |i: usize| rect.top() + (i as f32 + 0.5) * ROW;
    let line = |query: usize, key: usize| {
        let Some(share) = share(query, key).filter(|&share| share >= LEAST) else {
            return;
        };
        let color = colors.accent.gamma_multiply(share.sqrt().clamp(0.15, 1.0));
        let ends = [
            pos2(columns.left + 6.0, y(query)),
            pos2(columns.right - 6.0, y(key)),
        ];
        let stroke = Stroke::new(1.0 + 3.0 * share, color);
        ui.painter().line_segment(ends, stroke);
    };
    let n = (rect.height() / ROW).round() as usize;
    match only {
        Some((query, true)) => (0..=query).for_each(|key| line(query, key)),
        Some((key, false)) => (key..n).for_each(|query| line(query, key)),
        None => {
            for query in seen {
                (0..=query).for_each(|key| line(query, key));
            }
        }
    }
}

fn word(
    ui: &Ui,
    at: eframe::egui::Pos2,
    align: Align2,
    piece: &Piece,
    font: &FontId,
    is_chosen: bool,
) {
    let colors = theme::palette(ui.ctx());
    let text = clipped(&piece.shown());
    let color = if piece.special {
        colors.text_weak
    } else {
        colors.text
    };
    let galley = ui.painter().layout_no_wrap(text, font.clone(), color);
    let rect = align.anchor_size(at, galley.size());
    if is_chosen {
        ui.painter()
            .rect_filled(rect.expand2(vec2(4.0, 1.0)), 4.0, colors.accent_soft);
    }
    ui.painter().galley(rect.min, galley, color);
}

fn clipped(text: &str) -> String {
    if text.chars().count() <= 18 {
        return text.to_owned();
    }
    text.chars().take(17).chain(['…']).collect()
}

/// The strongest lines of a token in words.
fn told(
    pieces: &[Piece],
    i: usize,
    looks: bool,
    share: &dyn Fn(usize, usize) -> Option<f32>,
) -> String {
    let others = if looks { 0..i + 1 } else { i..pieces.len() };
    let mut lines: Vec<(usize, f32)> = others
        .filter_map(|other| {
            let share = if looks {
                share(i, other)
            } else {
                share(other, i)
            };
            Some((other, share?))
        })
        .collect();
    lines.sort_by(|a, b| b.1.total_cmp(&a.1));
    let name = pieces[i].shown();
    let mut words = if looks {
        format!("{i} “{name}” looks at")
    } else {
        format!("{i} “{name}” is looked at by")
    };
    for (other, share) in lines.iter().take(5).filter(|(_, share)| *share >= 0.005) {
        let name = pieces[*other].shown();
        let _ = write!(words, "\n{:>5.1} %  {other} “{name}”", share * 100.0);
    }
    words
}
