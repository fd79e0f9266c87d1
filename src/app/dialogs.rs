//! The dialogs: a refusal in its four parts, a file's card, and a field for a path. One stands at a
//! time; Escape or a click beside it closes it.

use super::files::file_name;
use super::{App, Wish};
use crate::files::card::Card;
use crate::refusal::Refusal;
use crate::tabs::Tab;
use crate::theme::{self, size, style};
use crate::widgets::count::grouped;
use crate::widgets::icon::Icon;
use eframe::egui::{
    Context, Frame, Grid, Id, Key, Modal, RichText, ScrollArea, Sense, TextEdit, Ui, Vec2,
};
use std::collections::VecDeque;
use std::path::PathBuf;

/// Wide enough for a sentence, narrow enough to read.
const DIALOG_WIDTH: f32 = 520.0;

/// What waits to be read, and the path being typed.
#[derive(Default)]
pub(super) struct Dialogs {
    refusals: VecDeque<Refusal>,
    card: Option<Card>,
    path: Option<PathField>,
}

struct PathField {
    text: String,
    /// Whether the system's own dialog gave nothing back, which may mean that it has none.
    after_dialog: bool,
    fresh: bool,
}

impl Dialogs {
    /// Shows a refusal, after those that already wait. The same one twice is told once.
    pub(super) fn refuse(&mut self, refusal: Refusal) {
        if !self.refusals.contains(&refusal) {
            self.refusals.push_back(refusal);
        }
    }

    pub(super) fn show_card(&mut self, card: Card) {
        self.card = Some(card);
    }

    /// Asks for a path to be typed or pasted.
    pub(super) fn ask_for_path(&mut self, after_dialog: bool) {
        self.path = Some(PathField {
            text: String::new(),
            after_dialog,
            fresh: true,
        });
    }

    pub(super) fn is_open(&self) -> bool {
        !self.refusals.is_empty() || self.card.is_some() || self.path.is_some()
    }
}

impl App {
    /// Draws the dialog whose turn it is: refusals before cards before the path.
    pub(super) fn show_dialogs(&mut self, ctx: &Context, wishes: &mut Vec<Wish>) {
        if let Some(refusal) = self.dialogs.refusals.front() {
            let waiting = self.dialogs.refusals.len() - 1;
            if dialog(ctx, "refusal", |ui| refusal_contents(ui, refusal, waiting)) {
                self.dialogs.refusals.pop_front();
            }
        } else if let Some(card) = &self.dialogs.card {
            let tabs = &self.tabs;
            if dialog(ctx, "card", |ui| card_contents(ui, card, tabs, wishes)) {
                self.dialogs.card = None;
            }
        } else if let Some(field) = &mut self.dialogs.path {
            let mut chosen = None;
            let closed = dialog(ctx, "path", |ui| path_contents(ui, field, &mut chosen));
            if closed || chosen.is_some() {
                self.dialogs.path = None;
            }
            wishes.extend(chosen.map(Wish::Open));
        }
    }
}

/// A dialog in the middle of the window. True when it is to be closed.
fn dialog(ctx: &Context, id: &str, contents: impl FnOnce(&mut Ui) -> bool) -> bool {
    let frame = Frame::window(&ctx.global_style());
    let veil = theme::palette(ctx).text.gamma_multiply(0.35);
    let shown = Modal::new(Id::unique(("dialog", id)))
        .frame(frame)
        .backdrop_color(if theme::palette(ctx).dark {
            eframe::egui::Color32::from_black_alpha(140)
        } else {
            veil
        })
        .show(ctx, |ui| {
            let room = ctx.content_rect().width() - 96.0;
            ui.set_width(DIALOG_WIDTH.min(room));
            ui.spacing_mut().item_spacing.y = size::GRID * 1.5;
            contents(ui)
        });
    shown.inner || shown.should_close()
}

fn refusal_contents(ui: &mut Ui, refusal: &Refusal, waiting: usize) -> bool {
    let colors = theme::palette(ui.ctx());
    ui.horizontal_top(|ui| {
        let (mark, _) = ui.allocate_exact_size(Vec2::splat(24.0), Sense::hover());
        Icon::Warning.paint(ui.painter(), mark, 24.0, colors.error);
        ui.label(RichText::new(&refusal.what).text_style(style::subheading()));
    });
    ui.add_space(size::HALF);
    let limit = ui.ctx().content_rect().height() - 260.0;
    ScrollArea::vertical()
        .max_height(limit.max(120.0))
        .show(ui, |ui| {
            for (heading, part) in [
                ("How we know", &refusal.evidence),
                ("What it means", &refusal.meaning),
                ("What to do", &refusal.next),
            ] {
                ui.scope(|ui| {
                    ui.spacing_mut().item_spacing.y = 2.0;
                    ui.label(RichText::new(heading).small().color(colors.text_weak));
                    ui.label(part);
                });
            }
        });
    ui.add_space(size::GRID);
    let mut close = false;
    ui.horizontal(|ui| {
        let button = ui.add(theme::primary_button(ui.ctx(), "Understood"));
        if nothing_focused(ui) {
            button.request_focus();
        }
        close = button.clicked();
        if ui
            .button("Copy")
            .on_hover_text("Copy all four parts as text.")
            .clicked()
        {
            ui.ctx().copy_text(refusal.to_string());
        }
        if waiting > 0 {
            ui.weak(format!("{waiting} more to read"));
        }
    });
    close
}

fn card_contents(ui: &mut Ui, card: &Card, tabs: &[Box<dyn Tab>], wishes: &mut Vec<Wish>) -> bool {
    ui.label(RichText::new(file_name(&card.path)).text_style(style::subheading()));
    ui.weak(format!("{} · {}", card.kind, card.format));
    for note in &card.notes {
        ui.label(note);
    }
    let dtypes = card.dtype_counts.iter();
    let dtypes: Vec<_> = dtypes
        .map(|(name, count)| format!("{count} × {name}"))
        .collect();
    let architecture = card
        .architecture
        .clone()
        .unwrap_or_else(|| "not said".into());
    if card.n_tensors > 0 {
        facts(
            ui,
            "facts",
            &[
                ("Architecture", architecture),
                ("Weights (parameters)", grouped(card.n_parameters)),
                ("Tensors", grouped(card.n_tensors as u64)),
                ("Number formats", dtypes.join(", ")),
                (
                    "Memory needed",
                    format!("{} MB", grouped(card.memory_bytes / 1_000_000)),
                ),
            ],
        );
    }
    if !card.metadata.is_empty() {
        ui.collapsing("What the file says of itself", |ui| {
            ScrollArea::vertical().max_height(200.0).show(ui, |ui| {
                let rows: Vec<_> = card
                    .metadata
                    .iter()
                    .map(|(k, v)| (k.as_str(), v.clone()))
                    .collect();
                facts(ui, "metadata", &rows);
            });
        });
    }
    ui.add_space(size::GRID);
    let mut close = false;
    ui.horizontal(|ui| {
        for (index, tab) in tabs.iter().enumerate() {
            if tab.accepts(card).is_some() {
                let label = format!("Open in {}", tab.name());
                if ui.add(theme::primary_button(ui.ctx(), &label)).clicked() {
                    wishes.push(Wish::OpenIn(index, card.path.clone()));
                    close = true;
                }
            }
        }
        let button = ui.button("Close");
        if nothing_focused(ui) {
            button.request_focus();
        }
        close |= button.clicked();
    });
    close
}

fn path_contents(ui: &mut Ui, field: &mut PathField, chosen: &mut Option<PathBuf>) -> bool {
    ui.label(RichText::new("Open a path").text_style(style::subheading()));
    if field.after_dialog {
        ui.weak(
            "No file was chosen. If no dialog appeared, this system has none to show: \
             type or paste where the file is.",
        );
    } else {
        ui.weak("Type or paste where the file is.");
    }
    let heading = ui.label(RichText::new("Path").small());
    let edit = TextEdit::singleline(&mut field.text)
        .hint_text("/home/you/model.gguf")
        .font(eframe::egui::TextStyle::Monospace)
        .desired_width(f32::INFINITY)
        .margin(eframe::egui::Margin::symmetric(10, 8));
    let edit = ui.add(edit).labelled_by(heading.id);
    if std::mem::take(&mut field.fresh) {
        edit.request_focus();
    }
    let entered = edit.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    let path = as_path(&field.text);
    let mut close = false;
    ui.horizontal(|ui| {
        let open = ui.add_enabled(path.is_some(), theme::primary_button(ui.ctx(), "Open"));
        if open.clicked() || entered {
            *chosen = path;
        }
        close = ui.button("Cancel").clicked();
    });
    close
}

/// What was typed as a path: without the quotes and the `file://` that copying often brings along.
fn as_path(text: &str) -> Option<PathBuf> {
    let text = text.trim();
    let text = text.strip_prefix("file://").unwrap_or(text);
    let quoted = |mark: char| text.strip_prefix(mark)?.strip_suffix(mark);
    let text = quoted('"').or_else(|| quoted('\'')).unwrap_or(text);
    if text.is_empty() {
        return None;
    }
    let home = std::env::home_dir();
    Some(match (text.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(text),
    })
}

/// Two columns: what, and how much.
fn facts(ui: &mut Ui, id: &str, rows: &[(&str, String)]) {
    Grid::new(id)
        .num_columns(2)
        .spacing(Vec2::new(size::GROUP, size::GRID))
        .show(ui, |ui| {
            for (name, value) in rows {
                ui.weak(*name);
                ui.add(eframe::egui::Label::new(RichText::new(value).monospace()).wrap());
                ui.end_row();
            }
        });
}

fn nothing_focused(ui: &Ui) -> bool {
    ui.memory(|memory| memory.focused().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_path_loses_its_quotes_and_scheme_but_not_its_spaces() {
        for (typed, path) in [
            ("  /a b/c.gguf \n", Some("/a b/c.gguf")),
            ("\"/a b/c.gguf\"", Some("/a b/c.gguf")),
            ("'/it's'", Some("/it's")),
            ("file:///tmp/x", Some("/tmp/x")),
            ("  ", None),
        ] {
            assert_eq!(as_path(typed), path.map(PathBuf::from), "{typed:?}");
        }
    }
}
