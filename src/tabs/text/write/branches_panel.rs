//! The other texts of the tree, kept beside the one shown; a click shows one of them.

use super::WriteView;
use crate::labs::text_tree::NodeId;
use crate::theme;
use crate::widgets::token_text::visible;
use eframe::egui::{self, RichText, ScrollArea, Ui};

/// One text that is not shown.
pub(super) struct Branch {
    leaf: NodeId,
    /// Where it leaves the text shown: "at token 3", or the prompt it belongs to.
    at: String,
    /// How it goes from there.
    text: String,
}

/// How much of a branch is shown.
const MOST_CHARS: usize = 90;

const ROW_HEIGHT: f32 = 26.0;

/// The texts that are not shown: those of this prompt first, then those of others.
pub(super) fn rows(tab: &WriteView) -> Vec<Branch> {
    let Some(cursor) = tab.tree.cursor() else {
        return Vec::new();
    };
    let path = tab.tree.current_path();
    let mut own = Vec::new();
    let mut others = Vec::new();
    for (prompt_idx, prompt) in tab.tree.prompts().iter().enumerate() {
        for leaf in tab.tree.leaves(prompt_idx) {
            if prompt_idx != cursor.prompt_idx {
                let beginning: String = prompt.text.chars().take(24).collect();
                let at = format!("“{}…”", visible_text(&beginning));
                let text = visible_text(&String::from_utf8_lossy(&tab.tree.text_bytes(leaf)));
                others.push(Branch { leaf, at, text });
                continue;
            }
            let Some(first) = tab.tree.departs_at(leaf, &path) else {
                continue;
            };
            let depth = tab.tree.node(first).depth;
            let from_there: Vec<u8> = tab
                .tree
                .path(leaf)
                .into_iter()
                .skip(depth)
                .flat_map(|n| tab.tree.node(n).choice.bytes.iter().copied())
                .collect();
            own.push(Branch {
                leaf,
                at: format!("at token {}", depth + 1),
                text: visible_text(&String::from_utf8_lossy(&from_there)),
            });
        }
    }
    own.reverse();
    others.reverse();
    own.extend(others);
    own
}

/// One line of text: what would break it is made visible, spaces stay spaces.
fn visible_text(text: &str) -> String {
    let short: String = text.chars().take(MOST_CHARS).collect();
    visible(short.as_bytes()).replace('·', " ")
}

/// The height the rows need, at most a third of the room.
pub(super) fn height(rows: &[Branch], room: f32) -> f32 {
    if rows.is_empty() {
        return 0.0;
    }
    (rows.len() as f32 * ROW_HEIGHT + 36.0).min(room / 3.0)
}

pub(super) fn show(tab: &mut WriteView, ui: &mut Ui, rows: &[Branch]) {
    if rows.is_empty() {
        return;
    }
    let title = format!(
        "Kept beside it: {} other text{}",
        rows.len(),
        plural(rows.len())
    );
    ui.label(RichText::new(title).text_style(theme::style::strong()));
    let weak = theme::palette(ui.ctx()).text_weak;
    let mut wanted = None;
    ScrollArea::vertical()
        .id_salt("branches")
        .auto_shrink([false, false])
        .show_rows(ui, ROW_HEIGHT - 4.0, rows.len(), |ui, range| {
            ui.spacing_mut().item_spacing.y = 4.0;
            for row in &rows[range] {
                let mut job = egui::text::LayoutJob::default();
                let font = egui::TextStyle::Small.resolve(ui.style());
                let part = |color| egui::TextFormat::simple(font.clone(), color);
                job.append(&format!("{}  ", row.at), 0.0, part(weak));
                let color = theme::palette(ui.ctx()).text;
                job.append(&row.text, 0.0, part(color));
                let button = egui::Button::new(job)
                    .frame_when_inactive(false)
                    .truncate()
                    .min_size(egui::vec2(ui.available_width(), ROW_HEIGHT - 4.0));
                let response = ui.add(button).on_hover_text("Show this text again.");
                if response.clicked() {
                    wanted = Some(row.leaf);
                }
            }
        });
    if let Some(leaf) = wanted {
        tab.show_text(leaf);
    }
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}
