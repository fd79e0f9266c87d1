//! A vocabulary as a list, the newest token first: its id, its text, what it is made of, how often
//! the pair stood when it was merged. Only what is in sight is drawn.

use super::words::{grouped, times};
use crate::tabs::parts::caption;
use crate::theme;
use crate::widgets::token_tag::Tag;
use crate::widgets::token_text::visible;
use eframe::egui::{Align2, Rect, Role, ScrollArea, Sense, TextStyle, Ui, WidgetInfo, pos2, vec2};

/// One learned token.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub id: u32,
    pub bytes: &'a [u8],
    /// Id and bytes of the two it is made of.
    pub left: (u32, &'a [u8]),
    pub right: (u32, &'a [u8]),
    /// How often they stood side by side.
    pub count: u64,
}

/// The list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Vocabulary<'a> {
    pub n_learned: usize,
    /// What the ids before the learned ones are.
    pub singles: &'a str,
    /// Whether the newest token wears a ring.
    pub newest_ringed: bool,
}

impl Vocabulary<'_> {
    /// Draws it in the space there is; `entry` gives the `i`th learned token.
    pub(super) fn show<'a>(self, ui: &mut Ui, entry: impl Fn(usize) -> Entry<'a>) {
        if self.n_learned == 0 {
            caption(ui, self.singles);
            caption(ui, "Each merge adds one token here.");
            return;
        }
        let columns = Columns::of(ui, entry(self.n_learned - 1).id);
        columns.head(ui);
        let height = Tag::height(ui) + 4.0;
        ui.spacing_mut().item_spacing.y = 0.0;
        ScrollArea::vertical()
            .id_salt("vocabulary")
            .auto_shrink([false, false])
            .show_rows(ui, height, self.n_learned + 1, |ui, rows| {
                for row in rows {
                    if let Some(i) = (self.n_learned - 1).checked_sub(row) {
                        let newest = self.newest_ringed && row == 0;
                        columns.row(ui, entry(i), height, newest);
                    } else {
                        caption(ui, self.singles);
                    }
                }
            });
    }
}

/// Where the columns begin, from the left; the count ends at the right.
struct Columns {
    token: f32,
    made_of: f32,
    width: f32,
}

impl Columns {
    fn of(ui: &Ui, last_id: u32) -> Self {
        let digit = TextStyle::Monospace.resolve(ui.style()).size * 0.62;
        let width = ui.available_width();
        let token = digit * (last_id.max(1).ilog10() + 1) as f32 + 16.0;
        Self {
            token,
            made_of: token + (width - token) * 0.4,
            width,
        }
    }

    fn head(&self, ui: &mut Ui) {
        let font = TextStyle::Small.resolve(ui.style());
        let color = theme::palette(ui.ctx()).text_weak;
        let (rect, _) = ui.allocate_exact_size(vec2(self.width, font.size * 1.4), Sense::hover());
        let y = rect.center().y;
        for (x, anchor, words) in [
            (self.token - 10.0, Align2::RIGHT_CENTER, "id"),
            (self.token, Align2::LEFT_CENTER, "token"),
            (self.made_of, Align2::LEFT_CENTER, "made of"),
            (self.width - 6.0, Align2::RIGHT_CENTER, "count"),
        ] {
            let at = pos2(rect.left() + x, y);
            ui.painter().text(at, anchor, words, font.clone(), color);
        }
    }

    fn row(&self, ui: &mut Ui, entry: Entry<'_>, height: f32, newest: bool) {
        let (rect, response) = ui.allocate_exact_size(vec2(self.width, height), Sense::hover());
        let text = visible(entry.bytes);
        let (left, right) = (visible(entry.left.1), visible(entry.right.1));
        response.widget_info(|| {
            let words = format!(
                "Token {} {text}, made of {left} + {right}, {}",
                entry.id,
                times(entry.count)
            );
            WidgetInfo::labeled(Role::Label, true, words)
        });
        let colors = theme::palette(ui.ctx());
        if response.hovered() {
            ui.painter().rect_filled(rect, 4.0, colors.hover);
        }
        let font = TextStyle::Monospace.resolve(ui.style());
        let y = rect.center().y;
        let number = grouped(entry.count);
        let count_width = number.len() as f32 * font.size * 0.62 + 12.0;
        let at = pos2(rect.right() - 6.0, y);
        let painter = ui.painter();
        painter.text(at, Align2::RIGHT_CENTER, number, font.clone(), colors.text);
        let at = pos2(rect.left() + self.token - 10.0, y);
        painter.text(
            at,
            Align2::RIGHT_CENTER,
            entry.id.to_string(),
            font,
            colors.text_weak,
        );
        let part = |from: f32, to: f32| {
            Rect::from_min_max(
                pos2(rect.left() + from, rect.top()),
                pos2(rect.left() + to, rect.bottom()),
            )
        };
        let place = part(self.token, self.made_of - 6.0);
        let tag = Tag {
            newest,
            ..Tag::new(&text, entry.id)
        };
        _ = tag.paint(ui, place.left_center(), place);
        let place = part(self.made_of, self.width - count_width);
        let first = Tag::new(&left, entry.left.0).paint(ui, place.left_center(), place);
        let at = pos2(first.right() + 3.0, y);
        _ = Tag::new(&right, entry.right.0).paint(ui, at, place);
        response.on_hover_text(format!(
            "{text} = {left} + {right}; the pair stood {} when it was merged.",
            times(entry.count)
        ));
    }
}
