//! The strips below the large pictures: the steps of a way, and small pictures to choose from.

use super::FromPictureView;
use super::pages::Page;
use super::worker::{Frame, MOST_FRAMES};
use crate::tabs::images::diffusion::cells::ring;
use crate::theme::{self, size};
use eframe::egui::{Align2, Rect, Role, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

/// The steps that were kept: with their noise above, what the network saw in them below. On the way to
/// the noise and back: up above, down below, each level under itself.
pub(super) fn film(view: &mut FromPictureView, ui: &mut Ui, step: f32) {
    let is_back = view.page == Page::Back;
    let names = if is_back {
        ["up", "down"]
    } else {
        ["xₜ", "x̂₀"]
    };
    let size = vec2(ui.available_width(), 2.0 * step + size::HALF + 18.0);
    let (area, response) = ui.allocate_exact_size(size, Sense::hover());
    let outcome = view.outcome();
    response.widget_info(|| {
        let words = format!("The steps: {} of them kept", outcome.frames.len());
        WidgetInfo::labeled(Role::Image, true, words)
    });
    let colors = theme::palette(ui.ctx());
    let font = theme::style::small_mono().resolve(ui.style());
    let painter = ui.painter();
    for (i, name) in names.into_iter().enumerate() {
        let at = pos2(
            area.left(),
            area.top() + step * 0.5 + i as f32 * (step + size::HALF),
        );
        painter.text(
            at,
            Align2::LEFT_CENTER,
            name,
            font.clone(),
            colors.text_weak,
        );
    }
    let (up, down) = (outcome.up.len(), outcome.frames.len());
    let columns = MOST_FRAMES;
    for i in 0..columns {
        let at = area.min + vec2(40.0 + i as f32 * (step + size::HALF), 0.0);
        let above = Rect::from_min_size(at, Vec2::splat(step));
        let below = above.translate(vec2(0.0, step + size::HALF));
        let places = if is_back {
            // The last step down ends where the first step up began.
            let n = up.max(down);
            [
                (i < up).then_some(i),
                n.checked_sub(i + 1).filter(|&j| j < down),
            ]
        } else {
            [(i < down).then_some(i), (i < down).then_some(down + i)]
        };
        let sheets = if is_back { [2, 1] } else { [1, 1] };
        for ((rect, place), sheet) in [above, below].into_iter().zip(places).zip(sheets) {
            match place {
                // The first picture of the third sheet is the noise.
                Some(place) => {
                    let place = if sheet == 2 { place + 1 } else { place };
                    outcome.sheets[sheet].paint(painter, rect, place);
                }
                None => _ = painter.rect_filled(rect, 1.0, colors.hover),
            }
        }
        let level = if is_back {
            outcome.up.get(i)
        } else {
            outcome.frames.get(i)
        };
        if let Some(t) = level.map(|frame: &Frame| frame.from.t) {
            let at = pos2(below.center().x, below.bottom() + 2.0);
            let words = if i == 0 {
                format!("t {t:.0}")
            } else {
                format!("{t:.0}")
            };
            painter.text(
                at,
                Align2::CENTER_TOP,
                words,
                font.clone(),
                colors.text_weak,
            );
        }
    }
}

/// Small pictures that can be chosen; returns the one that was.
pub(super) fn small_row(
    view: &FromPictureView,
    ui: &mut Ui,
    side: f32,
    words: &[String],
    name: &str,
    here: Option<usize>,
) -> Option<usize> {
    let size = vec2(ui.available_width(), side + 20.0);
    let (area, _) = ui.allocate_exact_size(size, Sense::hover());
    let colors = theme::palette(ui.ctx());
    let font = theme::style::small_mono().resolve(ui.style());
    let outcome = view.outcome();
    let is_there = |i: usize| outcome.row.get(i).is_some_and(Option::is_some);
    let mut clicked = None;
    for (i, words) in words.iter().enumerate() {
        let at = area.min + vec2(i as f32 * (side + size::GRID), 0.0);
        let rect = Rect::from_min_size(at, Vec2::splat(side));
        let response = ui.interact(rect, ui.scope_id().with((name, i)), Sense::click());
        response.widget_info(|| {
            let state = if is_there(i) { "" } else { ", not yet" };
            let words = format!("{name} {words}{state}");
            WidgetInfo::selected(Role::Button, true, here == Some(i), words)
        });
        if is_there(i) {
            outcome.sheets[2].paint(ui.painter(), rect, i);
        } else {
            ui.painter().rect_filled(rect, 2.0, colors.hover);
        }
        ring(
            ui,
            rect,
            here == Some(i) || response.has_focus(),
            response.hovered(),
        );
        let at = pos2(rect.center().x, rect.bottom() + 3.0);
        ui.painter()
            .text(at, Align2::CENTER_TOP, words, font.clone(), colors.text);
        if response.clicked() {
            clicked = Some(i);
        }
    }
    clicked
}
