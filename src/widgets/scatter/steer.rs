//! What dragging, the wheel and the keys do to the view.

use super::{Did, Scatter, ScatterState, pick};
use eframe::egui::{EventFilter, Key, Modifiers, PointerButton, Rect, Response, Ui, Vec2, vec2};

/// How far an arrow key goes, in screen points.
const KEY_STEP: f32 = 40.0;
/// How much a key zooms.
const KEY_ZOOM: f32 = 1.25;
/// How much of a wheel's way zooms e-fold.
const WHEEL: f32 = 0.004;

impl Scatter<'_> {
    /// Answers the pointer and the keys; what a lasso held is in the answer.
    pub(super) fn steer(
        &self,
        ui: &Ui,
        response: &Response,
        rect: Rect,
        state: &mut ScatterState,
    ) -> Did {
        let mut did = Did::default();
        self.drag(ui, response, rect, state, &mut did);
        if response.contains_pointer()
            && let Some(pointer) = ui.input(|input| input.pointer.hover_pos())
        {
            let (scroll, pinch) =
                ui.input(|input| (input.smooth_scroll_delta().y, input.zoom_delta()));
            let factor = (scroll * WHEEL).exp() * pinch;
            if factor != 1.0 {
                let at = pointer - rect.center();
                state.camera.zoom_by(factor, at, rect, self.solid);
            }
        }
        if response.double_clicked() {
            state.fit();
        }
        if response.has_focus() {
            self.keys(ui, response, rect, state);
        } else {
            state.at_key = None;
        }
        did
    }

    fn drag(
        &self,
        ui: &Ui,
        response: &Response,
        rect: Rect,
        state: &mut ScatterState,
        did: &mut Did,
    ) {
        let shift = ui.input(|input| input.modifiers.shift);
        let by_first = response.dragged_by(PointerButton::Primary);
        if response.drag_started_by(PointerButton::Primary) && (state.lasso || shift) {
            state.line = Some(Vec::new());
        }
        if let Some(line) = &mut state.line {
            if let Some(pointer) = response.interact_pointer_pos() {
                let at = (pointer - rect.min).to_pos2();
                if line.last().is_none_or(|last| last.distance(at) > 3.0) {
                    line.push(at);
                }
            }
            if !by_first {
                did.lassoed = Some(pick::inside(&state.places, line));
                state.line = None;
            }
            return;
        }
        let delta = response.drag_delta();
        if delta == Vec2::ZERO {
            return;
        }
        if self.solid && by_first {
            state.camera.turn_by(delta, rect);
        } else {
            state.camera.pan_by(delta, rect);
        }
    }

    fn keys(&self, ui: &Ui, response: &Response, rect: Rect, state: &mut ScatterState) {
        let keep = EventFilter {
            horizontal_arrows: true,
            vertical_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(response.id, keep));
        let pressed = |key: Key| {
            let plain = ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
            plain || ui.input_mut(|input| input.consume_key(Modifiers::SHIFT, key))
        };
        let shift = ui.input(|input| input.modifiers.shift);
        for (key, way) in [
            (Key::ArrowLeft, vec2(1.0, 0.0)),
            (Key::ArrowRight, vec2(-1.0, 0.0)),
            (Key::ArrowUp, vec2(0.0, 1.0)),
            (Key::ArrowDown, vec2(0.0, -1.0)),
        ] {
            if !pressed(key) {
                continue;
            }
            if self.solid && !shift {
                state.camera.turn_by(way * -KEY_STEP, rect);
            } else {
                state.camera.pan_by(way * KEY_STEP, rect);
            }
        }
        for (key, factor) in [
            (Key::Plus, KEY_ZOOM),
            (Key::Equals, KEY_ZOOM),
            (Key::Minus, 1.0 / KEY_ZOOM),
        ] {
            if pressed(key) {
                state.camera.zoom_by(factor, Vec2::ZERO, rect, self.solid);
            }
        }
        if pressed(Key::Home) {
            state.fit();
        }
        for (key, forward) in [(Key::PageDown, true), (Key::PageUp, false)] {
            if pressed(key) {
                state.at_key = next_named(state, forward);
            }
        }
    }
}

/// The named point after the one that the keys went to, or before it, in the order of importance.
fn next_named(state: &ScatterState, forward: bool) -> Option<usize> {
    let mut named: Vec<usize> = state.named().collect();
    named.sort_unstable();
    let Some(here) = state.at_key else {
        return if forward {
            named.first().copied()
        } else {
            named.last().copied()
        };
    };
    let next = if forward {
        named.iter().find(|&&i| i > here)
    } else {
        named.iter().rev().find(|&&i| i < here)
    };
    Some(next.copied().unwrap_or(here))
}
