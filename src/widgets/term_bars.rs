//! The terms of a sum as rows: a name, a number, and a bar from zero, where some are negative blue to the
//! left and red to the right. A term that comes from somewhere can be clicked.

use crate::theme;
use eframe::egui::{
    Align2, CursorIcon, Rect, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo, pos2, vec2,
};

/// Left free at the right, where a scroll bar may lie over the rows.
const ROOM_FOR_SCROLLING: f32 = 14.0;

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct TermBar {
    /// What it is.
    pub name: String,
    /// Its number, as it is written.
    pub number: String,
    /// Its number.
    pub value: f64,
    /// Whether a click goes on from it.
    pub is_link: bool,
    /// Whether it is the one that all the others are held against.
    pub is_chosen: bool,
}

/// Draws the rows in the width there is; `most` is the size of the longest bar. Where no number is
/// negative, bars begin at the left. Returns the row that was clicked.
pub fn term_bars(ui: &mut Ui, bars: &[TermBar], most: f64) -> Option<usize> {
    let signed = bars.iter().any(|bar| bar.value < 0.0);
    let size = theme::style::small_mono().resolve(ui.style()).size;
    let height = size * 1.5 + theme::size::GRID * 1.5;
    let mut clicked = None;
    for (i, bar) in bars.iter().enumerate() {
        let size = vec2(ui.available_width(), height);
        let (rect, response) = ui.allocate_exact_size(size, Sense::click());
        let (role, verb) = if bar.is_link {
            (Role::Button, "Explain")
        } else {
            (Role::Label, "Term")
        };
        response.widget_info(|| {
            WidgetInfo::labeled(role, true, format!("{verb} {} = {}", bar.name, bar.number))
        });
        if ui.is_rect_visible(rect) {
            let is_over = bar.is_link && (response.hovered() || response.has_focus());
            paint(ui, rect, bar, is_over, Scale { most, signed });
        }
        let response = if bar.is_link {
            response.on_hover_cursor(CursorIcon::PointingHand)
        } else {
            response
        };
        if response.clicked() && bar.is_link {
            clicked = Some(i);
        }
        let hint = if bar.is_link {
            "\nA click shows where it comes from."
        } else {
            ""
        };
        response.on_hover_text(format!("{} = {}{hint}", bar.name, bar.number));
    }
    clicked
}

/// How long bars are, and where they begin.
#[derive(Clone, Copy)]
struct Scale {
    most: f64,
    signed: bool,
}

fn paint(ui: &Ui, rect: Rect, bar: &TermBar, is_over: bool, scale: Scale) {
    let names = theme::style::small_mono().resolve(ui.style());
    let colors = theme::palette(ui.ctx());
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    if is_over {
        painter.rect_filled(rect, 3.0, colors.hover);
    }
    let track = Rect::from_min_max(
        pos2(rect.left() + 2.0, rect.bottom() - theme::size::GRID),
        pos2(rect.right() - ROOM_FOR_SCROLLING, rect.bottom() - 2.0),
    );
    paint_bar(&painter, track, bar, scale);
    let middle = (rect.top() + track.top()) * 0.5;
    let name_color = if bar.is_link {
        colors.accent
    } else {
        colors.text
    };
    let number = painter.text(
        pos2(track.right(), middle),
        Align2::RIGHT_CENTER,
        &bar.number,
        names.clone(),
        colors.text,
    );
    let room = rect.with_max_x(number.left() - theme::size::GRID);
    let painter = painter.with_clip_rect(room.intersect(painter.clip_rect()));
    let font = if bar.is_chosen {
        TextStyle::Monospace.resolve(ui.style())
    } else {
        names.clone()
    };
    let left = pos2(track.left(), middle);
    painter.text(left, Align2::LEFT_CENTER, &bar.name, font, name_color);
}

fn paint_bar(painter: &eframe::egui::Painter, track: Rect, bar: &TermBar, scale: Scale) {
    let Scale { most, signed } = scale;
    let colors = theme::palette(painter.ctx());
    let share = if most > 0.0 {
        (bar.value / most).clamp(-1.0, 1.0) as f32
    } else {
        0.0
    };
    painter.rect_filled(track, 1.0, theme::mix(colors.stage, colors.hover, 0.6));
    let (zero, reach) = if signed {
        (track.center().x, track.width() * 0.5)
    } else {
        (track.left(), track.width())
    };
    let end = zero + share * reach;
    let filled = Rect::from_x_y_ranges(zero.min(end)..=zero.max(end), track.y_range());
    let color = match share {
        _ if !signed => colors.hues[1],
        share if share < 0.0 => colors.signed(-0.9),
        _ => colors.signed(0.9),
    };
    painter.rect_filled(filled, 1.0, color);
    if signed {
        painter.vline(zero, track.y_range(), Stroke::new(1.0, colors.outline));
    }
    if bar.is_chosen {
        let ring = Stroke::new(1.5, colors.accent);
        painter.rect_stroke(track, 1.0, ring, eframe::egui::StrokeKind::Outside);
    }
}
