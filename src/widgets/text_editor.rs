//! An editor of long texts: it lays out and draws what is in sight.
//!
//! egui's own editor lays out all of its text, copies it for its undo and hands it to the screen reader
//! on every frame: 10 ms for 200 KB, and seconds for a single line of that length. This one behaves
//! like it and cuts the text into pieces ([`flow`]); a key costs what the pieces around it cost. Undo
//! keeps what changed ([`history`]). Where there are many pieces, those that were never in sight are
//! laid out a few per frame, so that the scroll bar soon tells the truth.

mod draw;
mod flow;
mod history;
mod keys;
mod page;
mod pointer;
mod selection;

use eframe::egui::{
    Response, ScrollArea, Sense, TextStyle, Ui, UiBuilder, text_edit::TextEditState, vec2,
};
use flow::Flow;
use history::History;
use keys::Composing;
use page::{Ink, Page};
use pointer::Pressed;
use selection::Selection;
use std::ops::Range;

/// An editor of several lines, as wide as there is room.
#[derive(Debug, Clone)]
pub struct TextEditor<'a> {
    label: &'a str,
    hint: &'a str,
    rows: usize,
    max_height: f32,
    style: TextStyle,
}

/// What an editor keeps between frames: caret, undo, and where rows are. One for each text.
#[derive(Debug, Clone, Default)]
pub struct EditorState {
    /// The text at the end of the last frame.
    seen: String,
    flow: Flow,
    /// What the flow was laid out for.
    laid_out_for: Option<page::Key>,
    selection: Selection,
    history: History,
    composing: Option<Composing>,
    /// The first byte of the row at the top, and how far below the row's upper edge the view begins.
    top: (usize, f32),
    offset: f32,
    rows_in_sight: usize,
    /// Whether the caret has moved and must come into sight.
    follow: bool,
    pressed: Pressed,
    last_interaction: f64,
    /// What was last reported as selected, for a paste with the middle button elsewhere.
    reported: Range<usize>,
}

impl<'a> TextEditor<'a> {
    /// An editor that AccessKit knows by `label`, which is not drawn.
    #[must_use]
    pub fn new(label: &'a str) -> Self {
        Self {
            label,
            hint: "",
            rows: 4,
            max_height: 240.0,
            style: TextStyle::Body,
        }
    }

    /// What is said where the text will be.
    #[must_use]
    pub fn hint(self, hint: &'a str) -> Self {
        Self { hint, ..self }
    }

    /// It is at least this many rows high.
    #[must_use]
    pub fn rows(self, rows: usize) -> Self {
        Self { rows, ..self }
    }

    /// It grows with its text up to this height, and scrolls then.
    #[must_use]
    pub fn max_height(self, max_height: f32) -> Self {
        Self { max_height, ..self }
    }

    /// The text's style.
    #[must_use]
    pub fn text_style(self, style: TextStyle) -> Self {
        Self { style, ..self }
    }

    /// Draws it. The response has changed when the person changed the text.
    pub fn show(self, ui: &mut Ui, text: &mut String, state: &mut EditorState) -> Response {
        let id = ui.make_persistent_id(("text editor", self.label));
        // By a state kept under the id, egui knows that keys are text here and not commands.
        if TextEditState::load(ui.ctx(), id).is_none() {
            TextEditState::default().store(ui.ctx(), id);
        }
        let width = ui.available_width();
        let ink = Ink::new(ui, &self.style, width);
        let mut page = Page {
            text,
            state,
            ink: &ink,
            time: ui.input(|input| input.time),
            changed: false,
        };
        page.fit();
        page.obey(ui, id);
        if ui.memory(|memory| memory.has_focus(id)) {
            ui.memory_mut(|memory| memory.set_focus_lock_filter(id, keys::FILTER));
            page.listen(ui);
        } else {
            page.state.composing = None;
        }
        let n_rows = page.state.flow.n_rows().max(self.rows);
        let height = ink.height(n_rows).min(self.max_height);
        let (rect, _) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
        draw::frame(ui, id, rect);
        let builder = UiBuilder::new().id_salt(id).max_rect(rect.shrink(1.0));
        let mut inside = ui.new_child(builder);
        let offset = page.come_into_sight(inside.available_height());
        let mut area = ScrollArea::vertical()
            .id_salt("rows")
            .auto_shrink([false, false]);
        if (offset - page.state.offset).abs() > 0.1 {
            area = area.vertical_scroll_offset(offset);
        }
        let shown = area.show_viewport(&mut inside, |ui, view| {
            ui.set_height(ink.height(page.state.flow.n_rows()));
            let origin = ui.max_rect().left_top();
            page.show(ui, id, origin, view, &self)
        });
        page.state.offset = shown.state.clamped_offset().y;
        page.keep_top();
        shown.inner
    }
}
