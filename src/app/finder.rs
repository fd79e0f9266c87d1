//! The command palette: type a few letters of what you want to do. It offers commands, chapters,
//! themes and recent files, and shows each one's shortcut, so that it teaches itself away.

use super::files::file_name;
use super::{App, Wish};
use crate::command::Command;
use crate::theme::{self, Theme, size};
use eframe::egui::{
    Align2, Area, Button, Context, CornerRadius, Frame, Id, Key, Margin, Modifiers, Order,
    RichText, ScrollArea, Stroke, TextEdit, Ui, Vec2,
};

/// Whether it is open, what was typed, which line is marked.
#[derive(Default)]
pub(super) struct Finder {
    open: bool,
    typed: String,
    marked: usize,
}

impl Finder {
    pub(super) fn toggle(&mut self) {
        *self = Self {
            open: !self.open,
            ..Self::default()
        };
    }
}

/// One line of the palette.
struct Entry {
    label: String,
    keys: String,
    tooltip: String,
    wish: Wish,
}

impl App {
    /// Draws the palette while it is open.
    pub(super) fn show_finder(&mut self, ctx: &Context, wishes: &mut Vec<Wish>) {
        if !self.finder.open || self.dialogs.is_open() {
            return;
        }
        let mut entries = self.entries(ctx);
        entries.retain(|entry| matches(&entry.label, &self.finder.typed));
        let finder = &mut self.finder;
        let before = finder.marked;
        finder.marked = finder.marked.min(entries.len().saturating_sub(1));
        let pressed = |key| ctx.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if pressed(Key::ArrowDown) {
            finder.marked = (finder.marked + 1) % entries.len().max(1);
        }
        if pressed(Key::ArrowUp) {
            finder.marked = (finder.marked + entries.len().max(1) - 1) % entries.len().max(1);
        }
        let mut taken = pressed(Key::Enter).then_some(finder.marked);
        let mut close = pressed(Key::Escape);

        let width = (ctx.content_rect().width() - 96.0).min(560.0);
        let area = Area::new(Id::unique("finder"))
            .order(Order::Foreground)
            .anchor(Align2::CENTER_TOP, Vec2::new(0.0, 72.0))
            .show(ctx, |ui| {
                palette_frame(ui).show(ui, |ui| {
                    ui.set_width(width);
                    let edit = TextEdit::singleline(&mut finder.typed)
                        .hint_text("What do you want to do?")
                        .desired_width(f32::INFINITY)
                        .margin(Margin::symmetric(10, 8));
                    let edit = ui.add(edit);
                    edit.widget_info(|| {
                        eframe::egui::WidgetInfo::labeled(
                            eframe::egui::Role::TextInput,
                            true,
                            "Find a command",
                        )
                    });
                    edit.request_focus();
                    if edit.changed() {
                        finder.marked = 0;
                    }
                    let follow = finder.marked != before;
                    let clicked = show_entries(ui, &entries, finder.marked, follow);
                    taken = taken.or(clicked);
                });
            });
        close |= area.response.clicked_elsewhere();
        if let Some(index) = taken.filter(|index| *index < entries.len()) {
            wishes.push(entries.swap_remove(index).wish);
            close = true;
        }
        if close {
            self.finder = Finder::default();
        }
    }

    /// Everything that can be done now.
    fn entries(&self, ctx: &Context) -> Vec<Entry> {
        let commands = Command::ALL.into_iter().filter(|command| {
            self.can(*command) && !matches!(command, Command::Palette | Command::NextTheme)
        });
        let shown = self.tabs.get(self.shown);
        let mut entries: Vec<Entry> = commands
            .map(|command| {
                let [label, tooltip] = shown.map_or_else(
                    || [command.label(), command.tooltip()],
                    |tab| tab.words(command),
                );
                Entry {
                    label: label.into(),
                    keys: shortcut_text(ctx, command),
                    tooltip: tooltip.into(),
                    wish: Wish::Command(command),
                }
            })
            .collect();
        let themes = Theme::ALL.into_iter().map(|theme| Entry {
            label: format!("{} theme", theme.label()),
            keys: String::new(),
            tooltip: Command::NextTheme.tooltip().into(),
            wish: Wish::Theme(theme),
        });
        let chapters = self.tabs.iter().enumerate().map(|(index, tab)| Entry {
            label: format!("Go to {}", tab.name()),
            keys: String::new(),
            tooltip: String::new(),
            wish: Wish::Chapter(index),
        });
        let recent = self.settings.recent.iter().map(|path| Entry {
            label: format!("Open {}", file_name(path)),
            keys: String::new(),
            tooltip: path.display().to_string(),
            wish: Wish::Open(path.clone()),
        });
        entries.extend(themes.chain(chapters).chain(recent));
        entries
    }
}

/// "Ctrl+O", or "⌘O" where that is the custom.
pub(super) fn shortcut_text(ctx: &Context, command: Command) -> String {
    command
        .shortcut()
        .map_or_else(String::new, |keys| ctx.format_shortcut(&keys))
}

/// Every typed word must be found in the label, in any case and any order.
fn matches(label: &str, typed: &str) -> bool {
    let label = label.to_lowercase();
    typed
        .split_whitespace()
        .all(|word| label.contains(&word.to_lowercase()))
}

/// The lines; `follow` scrolls to the marked one.
fn show_entries(ui: &mut Ui, entries: &[Entry], marked: usize, follow: bool) -> Option<usize> {
    let colors = theme::palette(ui.ctx());
    let mut clicked = None;
    if entries.is_empty() {
        ui.weak("Nothing is called that.");
    }
    let room = (ui.ctx().content_rect().height() - 220.0).max(120.0);
    ScrollArea::vertical().max_height(room).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        for (i, entry) in entries.iter().enumerate() {
            let fill = if i == marked {
                colors.accent_soft
            } else {
                eframe::egui::Color32::TRANSPARENT
            };
            let keys = RichText::new(&entry.keys).small().color(colors.text_weak);
            let line = Button::new(&entry.label)
                .shortcut_text(keys)
                .fill(fill)
                .stroke(Stroke::NONE)
                .min_size(Vec2::new(ui.available_width(), size::CONTROL));
            let mut response = ui.add(line);
            if !entry.tooltip.is_empty() {
                response = response.on_hover_text(&entry.tooltip);
            }
            if i == marked && follow {
                response.scroll_to_me(None);
            }
            if response.clicked() {
                clicked = Some(i);
            }
        }
    });
    clicked
}

fn palette_frame(ui: &Ui) -> Frame {
    let colors = theme::palette(ui.ctx());
    Frame::new()
        .fill(colors.stage)
        .stroke(Stroke::new(1.0, colors.line))
        .corner_radius(CornerRadius::same(size::CARD_RADIUS))
        .shadow(ui.visuals().window_shadow)
        .inner_margin(Margin::same(12))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_in_any_order_and_case() {
        assert!(matches("Show or hide controls", "CONTROLS hide"));
        assert!(matches("Zoom in", ""));
        assert!(!matches("Zoom in", "zoom out"));
    }
}
