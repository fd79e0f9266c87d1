//! The stages of a process as dots on a line, in groups: click, drag or use the arrow keys to go to one.

use crate::theme;
use crate::widgets::token_strip::keep_horizontal_arrows;
use eframe::egui::{Align2, Key, Rect, Sense, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2};

/// One stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageDot<'a> {
    /// What is written under it where there is room.
    pub label: &'a str,
    /// What it belongs to; neighbours of one group stand on one bar.
    pub group: &'a str,
    /// Whether something in it is lit up.
    pub is_lit: bool,
}

/// Draws the stages in the space there is; the one gone to, if the person went to one.
pub fn stage_strip(
    ui: &mut Ui,
    name: &str,
    stages: &[StageDot<'_>],
    selected: usize,
) -> Option<usize> {
    let (rect, response) = ui.allocate_exact_size(ui.available_size(), Sense::click_and_drag());
    let n = stages.len();
    response.widget_info(|| {
        let words = format!("{name}, {n} stages");
        WidgetInfo::slider(true, selected as f64 + 1.0, words)
    });
    if n == 0 {
        return None;
    }
    let colors = theme::palette(ui.ctx());
    let font = TextStyle::Small.resolve(ui.style());
    let width = rect.width() / n as f32;
    let x = |i: usize| rect.left() + width * (i as f32 + 0.5);
    let middle = rect.center().y + font.size * 0.2;
    let painter = ui.painter().with_clip_rect(rect);
    for group in groups(stages) {
        let bar = Rect::from_min_max(
            pos2(x(group.start) - width * 0.4, middle - 9.0),
            pos2(x(group.end - 1) + width * 0.4, middle + 9.0),
        );
        painter.rect_filled(bar, 9.0, colors.hover);
        let at = pos2(bar.left() + 2.0, bar.top() - 2.0);
        let words = stages[group.start].group;
        let clip = rect.with_max_x(bar.right() + width * 0.2);
        let painter = painter.with_clip_rect(clip);
        painter.text(
            at,
            Align2::LEFT_BOTTOM,
            words,
            font.clone(),
            colors.text_weak,
        );
    }
    let mut free_from = rect.left();
    let here = label_place(ui, rect, stages[selected.min(n - 1)].label, x(selected));
    for (i, stage) in stages.iter().enumerate() {
        let at = pos2(x(i), middle);
        let is_here = i == selected;
        if is_here {
            painter.circle_filled(at, 7.0, colors.accent);
        } else {
            let ink = if i < selected {
                colors.accent
            } else {
                colors.outline
            };
            painter.circle_filled(at, 3.5, ink);
        }
        if stage.is_lit {
            painter.circle_stroke(at, 6.5, Stroke::new(2.0, colors.warning));
        }
        let place = label_place(ui, rect, stage.label, x(i));
        let is_free = place.left() >= free_from + 6.0 && !place.expand(6.0).intersects(here);
        if is_here || is_free {
            let ink = if is_here {
                colors.text
            } else {
                colors.text_weak
            };
            let at = pos2(place.left(), rect.bottom());
            painter.text(at, Align2::LEFT_BOTTOM, stage.label, font.clone(), ink);
            free_from = free_from.max(place.right());
        }
    }
    if response.has_focus() {
        let stroke = Stroke::new(1.0, colors.accent);
        let inside = eframe::egui::StrokeKind::Inside;
        ui.painter().rect_stroke(rect, 4.0, stroke, inside);
        keep_horizontal_arrows(ui, response.id);
        if let Some(step) = by_key(ui, selected, n) {
            return Some(step);
        }
    }
    if response.clicked() {
        response.request_focus();
    }
    let pointer = response.interact_pointer_pos()?;
    let at = ((pointer.x - rect.left()) / width).max(0.0) as usize;
    let at = at.min(n - 1);
    (at != selected).then_some(at)
}

/// Where a stage's label goes: under it, inside the strip.
fn label_place(ui: &Ui, rect: Rect, label: &str, x: f32) -> Rect {
    let font = TextStyle::Small.resolve(ui.style());
    let ink = theme::palette(ui.ctx()).text;
    let size = ui
        .painter()
        .layout_no_wrap(label.to_owned(), font, ink)
        .size();
    let left = (x - size.x * 0.5).clamp(rect.left(), (rect.right() - size.x).max(rect.left()));
    Rect::from_min_size(pos2(left, rect.bottom() - size.y), vec2(size.x, size.y))
}

/// Neighbours of one group.
fn groups(stages: &[StageDot<'_>]) -> Vec<std::ops::Range<usize>> {
    let mut groups: Vec<std::ops::Range<usize>> = Vec::new();
    for (i, stage) in stages.iter().enumerate() {
        match groups.last_mut() {
            Some(last) if stages[last.start].group == stage.group => last.end = i + 1,
            _ => groups.push(i..i + 1),
        }
    }
    groups
}

fn by_key(ui: &Ui, at: usize, n: usize) -> Option<usize> {
    let gone = ui.input(|input| {
        if input.key_pressed(Key::ArrowLeft) {
            Some(at.saturating_sub(1))
        } else if input.key_pressed(Key::ArrowRight) || input.key_pressed(Key::Space) {
            Some((at + 1).min(n - 1))
        } else if input.key_pressed(Key::Home) {
            Some(0)
        } else if input.key_pressed(Key::End) {
            Some(n - 1)
        } else {
            None
        }
    });
    gone.filter(|&step| step != at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_of_one_group_stand_together() {
        let of = |group| StageDot {
            label: "a",
            group,
            is_lit: false,
        };
        let stages = ["in", "in", "block", "in"].map(of);
        assert_eq!(groups(&stages), [0..2, 2..3, 3..4]);
    }
}
