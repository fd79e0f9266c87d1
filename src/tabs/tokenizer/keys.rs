//! Keys that go over merges while nothing else wants them: arrows step, space plays. So everything can
//! be reached with the bench folded away.

use eframe::egui::{Key, Modifiers, Ui};

/// Where to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Move {
    Forward,
    Back,
    /// Play, or pause.
    Play,
}

/// The move that was asked for by a key, if nothing has the keys and nothing lies over the window.
pub(super) fn pressed(ui: &Ui) -> Option<Move> {
    let ctx = ui.ctx();
    let is_taken =
        ctx.memory(|memory| memory.focused().is_some() || memory.top_modal_layer().is_some());
    if is_taken {
        return None;
    }
    ctx.input_mut(|input| {
        let mut took = |key| input.consume_key(Modifiers::NONE, key);
        [
            (Key::ArrowRight, Move::Forward),
            (Key::ArrowLeft, Move::Back),
            (Key::Space, Move::Play),
        ]
        .into_iter()
        .find_map(|(key, to)| took(key).then_some(to))
    })
}
