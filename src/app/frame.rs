//! The frame, the same for every chapter: rail on the left, the stage with its title line, the bench
//! on the right, the timeline below the stage, the explain drawer over its edge, the status line.

use super::finder::shortcut_text;
use super::{App, Wish, files};
use crate::command::Command;
use crate::tabs::{Tab, TabContext};
use crate::theme::{self, size, style};
use crate::widgets::icon::Icon;
use eframe::egui::{
    Align, Button, CentralPanel, Frame, Label, Layout, Margin, Panel, Popup, RichText, ScrollArea,
    Ui, Vec2,
};

/// Narrower than this, the bench leaves the stage too little room: it starts folded away.
const ROOM_FOR_BENCH: f32 = 960.0;

/// Lower than this, the timeline is but a strip.
const ROOM_FOR_TIMELINE: f32 = 560.0;

/// Narrower than this, the title line has room for pictures but not for words beside the title.
const ROOM_FOR_WORDS: f32 = 560.0;

impl App {
    /// Draws everything but what floats.
    pub(super) fn show_frame(&mut self, ui: &mut Ui, wishes: &mut Vec<Wish>) {
        let colors = theme::palette(ui.ctx());
        let quiet = Frame::new().fill(colors.panel);
        let edge = Margin::symmetric(size::MARGIN, 0);
        Panel::bottom("status line")
            .exact_size(size::STATUS)
            .frame(quiet.inner_margin(edge))
            .show(ui, |ui| self.show_status(ui));
        Panel::left("rail")
            .exact_size(size::RAIL)
            .resizable(false)
            .frame(quiet.inner_margin(Margin::same(8)))
            .show(ui, |ui| self.show_rail(ui, wishes));
        let is_low = ui.ctx().content_rect().height() < ROOM_FOR_TIMELINE;
        self.is_narrow = ui.ctx().content_rect().width() < ROOM_FOR_BENCH;
        if self.is_bench_open() && !self.tabs.is_empty() {
            Panel::right("bench")
                .exact_size(size::BENCH)
                .resizable(false)
                .frame(quiet.inner_margin(Margin::same(size::MARGIN)))
                .show(ui, |ui| {
                    self.with_shown(ui, |tab, ui, cx| tab.bench(ui, cx));
                });
        }
        if self
            .tabs
            .get(self.shown)
            .is_some_and(|tab| tab.has_timeline())
        {
            Panel::bottom("timeline")
                .exact_size(if is_low {
                    size::TIMELINE * 0.7
                } else {
                    size::TIMELINE
                })
                .frame(quiet.inner_margin(Margin::symmetric(size::MARGIN, 8)))
                .show(ui, |ui| {
                    self.with_shown(ui, |tab, ui, cx| tab.timeline(ui, cx));
                });
        }
        let stage = Frame::new()
            .fill(colors.stage)
            .inner_margin(Margin::symmetric(24, 12));
        CentralPanel::default().frame(stage).show(ui, |ui| {
            self.show_title_line(ui, wishes);
            ui.add_space(size::GRID);
            if self
                .tabs
                .get(self.shown)
                .is_some_and(|tab| tab.has_explain())
            {
                Panel::right("explain")
                    .default_size(360.0)
                    .frame(Frame::new().inner_margin(Margin {
                        left: 16,
                        ..Margin::ZERO
                    }))
                    .show(ui, |ui| {
                        self.with_shown(ui, |tab, ui, cx| tab.explain(ui, cx));
                    });
            }
            self.with_shown(ui, |tab, ui, cx| tab.stage(ui, cx));
        });
    }

    /// Whether the controls are shown. A narrow window has a choice of its own, folded at first.
    fn is_bench_open(&self) -> bool {
        if self.is_narrow {
            self.bench_when_narrow
        } else {
            self.settings.bench
        }
    }

    /// Folds the controls away, or brings them back.
    pub(super) fn toggle_bench(&mut self) {
        if self.is_narrow {
            self.bench_when_narrow = !self.bench_when_narrow;
        } else {
            self.settings.bench = !self.settings.bench;
        }
    }

    /// Run or Stop, in the title line while the bench that has the large one is folded away.
    fn show_run(&self, ui: &mut Ui, wishes: &mut Vec<Wish>) {
        let command = if self.can(Command::Stop) {
            Command::Stop
        } else {
            Command::Run
        };
        let own = self.tabs.get(self.shown).map(|tab| tab.run_words());
        let words = match (command, own) {
            (Command::Run, Some(own)) => own,
            _ => Some([command.label(), command.tooltip()]),
        };
        let Some([label, tooltip]) = words else {
            return;
        };
        let keys = shortcut_text(ui.ctx(), command);
        let tooltip = format!("{tooltip} ({keys})");
        let button = theme::primary_button(ui.ctx(), label);
        let run = ui.add_enabled(self.can(command), button);
        if run.on_hover_text(tooltip).clicked() {
            wishes.push(Wish::Command(command));
        }
    }

    /// The chapters, the open one marked.
    fn show_rail(&self, ui: &mut Ui, wishes: &mut Vec<Wish>) {
        ScrollArea::vertical().show(ui, |ui| {
            for (index, tab) in self.tabs.iter().enumerate() {
                let button = tab.icon().rail_button(ui, tab.name(), index == self.shown);
                if button.clicked() {
                    wishes.push(Wish::Chapter(index));
                }
            }
        });
    }

    /// What you are looking at, and what can be done from anywhere.
    fn show_title_line(&self, ui: &mut Ui, wishes: &mut Vec<Wish>) {
        let title = self
            .tabs
            .get(self.shown)
            .map_or_else(|| "Glassbox".to_owned(), |tab| tab.title());
        let roomy = ui.available_width() >= ROOM_FOR_WORDS;
        let row = Vec2::new(ui.available_width(), size::CONTROL + size::HALF);
        ui.allocate_ui_with_layout(row, Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = size::HALF;
            for (icon, command) in [
                (Icon::Bench, Command::ToggleBench),
                (Icon::Contrast, Command::NextTheme),
                (Icon::Find, Command::Palette),
            ] {
                let keys = shortcut_text(ui.ctx(), command);
                let tooltip = format!("{} ({keys})", command.tooltip());
                if icon.button(ui, command.label(), &tooltip).clicked() {
                    wishes.push(Wish::Command(command));
                }
            }
            if !self.is_bench_open() && !self.tabs.is_empty() {
                ui.add_space(size::GRID);
                self.show_run(ui, wishes);
                ui.add_space(size::GRID);
            }
            self.show_recent(ui, wishes);
            self.show_open(ui, roomy, wishes);
            ui.add_space(size::GRID);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let words = RichText::new(title);
                let words = if roomy && !self.is_narrow {
                    words.heading()
                } else {
                    words.text_style(style::subheading())
                };
                ui.add(Label::new(words).truncate());
            });
        });
    }

    /// The one button with a word in the title line.
    fn show_open(&self, ui: &mut Ui, roomy: bool, wishes: &mut Vec<Wish>) {
        let keys = shortcut_text(ui.ctx(), Command::Open);
        let tooltip = format!("{} ({keys}) {}", Command::Open.tooltip(), drop_hint());
        let can = self.can(Command::Open);
        let open = if roomy {
            ui.add_enabled(can, Button::new(Command::Open.label()))
                .on_hover_text(tooltip)
        } else {
            ui.add_enabled_ui(can, |ui| {
                Icon::Open.button(ui, Command::Open.label(), &tooltip)
            })
            .inner
        };
        if open.clicked() {
            wishes.push(Wish::Command(Command::Open));
        }
    }

    /// The files opened last, and a way to type a path.
    fn show_recent(&self, ui: &mut Ui, wishes: &mut Vec<Wish>) {
        let button = Icon::More.button(
            ui,
            "Recent files",
            "Files opened before, and a field for a path.",
        );
        Popup::menu(&button).show(|ui| {
            ui.set_min_width(280.0);
            if ui.button(Command::OpenPath.label()).clicked() {
                wishes.push(Wish::Command(Command::OpenPath));
            }
            ui.add_space(size::HALF);
            ui.label(
                RichText::new("Recent files")
                    .small()
                    .color(theme::palette(ui.ctx()).text_weak),
            );
            if self.settings.recent.is_empty() {
                ui.weak("Files you open appear here.");
            }
            for path in &self.settings.recent {
                let line = ui.button(files::file_name(path));
                if line.on_hover_text(path.display().to_string()).clicked() {
                    wishes.push(Wish::Open(path.clone()));
                }
            }
        });
    }

    /// Lets the open chapter draw one part of the frame.
    fn with_shown(
        &mut self,
        ui: &mut Ui,
        draw: impl FnOnce(&mut dyn Tab, &mut Ui, &mut TabContext<'_>),
    ) {
        let shown = self.shown;
        self.with_tabs(|tabs, cx| {
            if let Some(tab) = tabs.get_mut(shown) {
                draw(tab.as_mut(), ui, cx);
            }
        });
    }
}

/// Says how else a file gets in where the system lets none be dropped.
fn drop_hint() -> &'static str {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "linux") && set("WAYLAND_DISPLAY") && !set("DISPLAY") {
        "On Wayland nothing can be dropped here: use this button or paste a path."
    } else {
        ""
    }
}
