//! The window. [`App::poll`] moves every tab and every file on; [`App::show`] draws the frame around
//! one tab. What a person did in a frame is collected as [`Wish`]es and answered after drawing.

mod dialogs;
mod drop;
mod files;
mod finder;
mod frame;
mod launch;
mod status;
mod toasts;

pub use files::{Chooser, Inspect};
pub use launch::{Launch, launch};

use crate::command::Command;
use crate::jobs::{Job, Wake};
use crate::labs::compute::Compute;
use crate::refusal::Refusal;
use crate::settings::{self, Settings};
use crate::tabs::{Notice, Tab, TabContext};
use crate::theme::{self, Theme};
use eframe::egui::{Context, Key, Modifiers, Ui, ViewportCommand};
use std::path::PathBuf;
use std::sync::Arc;

/// How much one step of zoom changes.
const ZOOM_STEP: f32 = 0.1;

/// What the window is started with. Tests hand in their own files, chooser and settings.
pub struct Start {
    /// What was kept from last time.
    pub settings: Settings,
    /// Where settings are kept; `None` keeps none.
    pub settings_path: Option<PathBuf>,
    /// Files to open at once.
    pub files: Vec<PathBuf>,
    /// The device and threads for the models.
    pub compute: Compute,
    /// Where model files are looked for, best first.
    pub model_folders: Vec<PathBuf>,
    /// Looks at a file's headers, on a thread.
    pub inspect: Inspect,
    /// Asks the person for a file, on a thread.
    pub chooser: Arc<dyn Chooser>,
    /// What went wrong before there was a window to say it in.
    pub refusals: Vec<Refusal>,
}

/// What a person asked for while a frame was drawn; answered after it.
enum Wish {
    /// Any command, as a key or the finder would give it.
    Command(Command),
    /// Show this chapter.
    Chapter(usize),
    /// Wear this theme.
    Theme(Theme),
    /// Open this file.
    Open(PathBuf),
    /// Open this file in this chapter, without asking who takes it.
    OpenIn(usize, PathBuf),
}

/// The whole window's state.
pub struct App {
    tabs: Vec<Box<dyn Tab>>,
    shown: usize,
    is_narrow: bool,
    bench_when_narrow: bool,
    settings: Settings,
    saved: Settings,
    settings_path: Option<PathBuf>,
    saving: Option<Job<Refusal>>,
    compute: Compute,
    model_folders: Vec<PathBuf>,
    files: files::Files,
    drop: drop::Drop,
    dialogs: dialogs::Dialogs,
    finder: finder::Finder,
    toasts: toasts::Toasts,
    status: status::Status,
    notices: Vec<Notice>,
    wake: Wake,
}

impl App {
    /// A window around `tabs`; wears its theme at once.
    pub fn new(ctx: &Context, mut tabs: Vec<Box<dyn Tab>>, start: Start) -> Self {
        let repaint = ctx.clone();
        let wake: Wake = Arc::new(move || repaint.request_repaint());
        theme::fonts::install(ctx);
        ctx.options_mut(|options| options.zoom_with_keyboard = false);
        let settings = start.settings;
        for tab in &mut tabs {
            if let Some(kept) = settings.tabs.get(tab.name()) {
                tab.restore(kept);
            }
        }
        let shown = tabs.iter().position(|tab| tab.name() == settings.chapter);
        let mut app = Self {
            shown: shown.unwrap_or(0),
            is_narrow: false,
            bench_when_narrow: false,
            tabs,
            saved: settings.clone(),
            settings,
            settings_path: start.settings_path,
            saving: None,
            status: status::Status::new(start.compute, &wake),
            compute: start.compute,
            model_folders: start.model_folders,
            files: files::Files::new(start.inspect, start.chooser, Arc::clone(&wake)),
            drop: drop::Drop::default(),
            dialogs: dialogs::Dialogs::default(),
            finder: finder::Finder::default(),
            toasts: toasts::Toasts::default(),
            notices: start.refusals.into_iter().map(Notice::Refused).collect(),
            wake,
        };
        for path in start.files {
            app.files.open(path);
        }
        app.wear_theme(ctx);
        app
    }

    /// Moves everything on that does not need drawing. Never waits.
    pub fn poll(&mut self, ctx: &Context) {
        self.with_tabs(|tabs, cx| {
            let loaded = tabs.iter().find_map(|tab| tab.loaded_model());
            for tab in tabs {
                tab.hear_model(loaded.as_ref());
                tab.poll(cx);
            }
        });
        self.status.poll();
        for arrival in self.files.poll() {
            self.answer_arrival(arrival);
        }
        self.poll_saving();
        for notice in std::mem::take(&mut self.notices) {
            match notice {
                Notice::Done(text) => self.toasts.add(ctx, text),
                Notice::Refused(refusal) => self.dialogs.refuse(refusal),
            }
        }
    }

    /// Draws the window and answers what was asked for in it.
    pub fn show(&mut self, ui: &mut Ui) {
        let ctx = ui.ctx().clone();
        let mut wishes = Vec::new();
        if ctx.current_pass_index() == 0 {
            self.drop.poll(&ctx, &mut self.files);
        }
        if !self.dialogs.is_open() {
            self.take_keys(&ctx, &mut wishes);
        }
        self.show_frame(ui, &mut wishes);
        self.show_finder(&ctx, &mut wishes);
        self.show_dialogs(&ctx, &mut wishes);
        self.toasts.show(&ctx);
        self.show_drop_overlay(&ctx);
        for wish in wishes {
            self.answer(wish, &ctx);
        }
        self.save_if_changed();
    }

    /// Whether nothing is on its way: no file being looked at, no tab at work.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.files.is_idle()
            && self.drop.is_idle()
            && self.status.is_idle()
            && self.tabs.iter().all(|tab| tab.progress().is_none())
    }

    /// Whether this command would do something now.
    fn can(&self, command: Command) -> bool {
        match command {
            Command::Run
            | Command::Stop
            | Command::Undo
            | Command::Redo
            | Command::ExportJson
            | Command::ExportMarkdown => self
                .tabs
                .get(self.shown)
                .is_some_and(|tab| tab.can(command)),
            Command::Open => !self.files.is_choosing(),
            Command::ZoomReset => self.settings.zoom != 1.0,
            _ => true,
        }
    }

    /// Turns shortcuts into wishes. The more keys a shortcut has, the earlier it is asked for:
    /// Ctrl+Z would otherwise swallow Ctrl+Shift+Z.
    fn take_keys(&self, ctx: &Context, wishes: &mut Vec<Wish>) {
        let typing = ctx.text_edit_focused();
        let mut commands = Command::ALL;
        commands
            .sort_by_key(|command| !command.shortcut().is_some_and(|keys| keys.modifiers.shift));
        for command in commands {
            let edits_text = matches!(command, Command::Undo | Command::Redo);
            let Some(keys) = command.shortcut() else {
                continue;
            };
            if (typing && edits_text) || !self.can(command) {
                continue;
            }
            let pressed = ctx.input_mut(|input| {
                input.consume_shortcut(&keys)
                    || (command == Command::ZoomIn
                        && input.consume_key(Modifiers::COMMAND, Key::Equals))
            });
            if pressed {
                wishes.push(Wish::Command(command));
            }
        }
    }

    fn answer(&mut self, wish: Wish, ctx: &Context) {
        match wish {
            Wish::Command(command) => self.obey(command, ctx),
            Wish::Chapter(index) => {
                self.shown = index;
                if let Some(tab) = self.tabs.get(index) {
                    self.settings.chapter = tab.name().to_owned();
                }
            }
            Wish::Theme(theme) => {
                self.settings.theme = theme;
                self.wear_theme(ctx);
            }
            Wish::Open(path) => self.files.open(path),
            Wish::OpenIn(index, path) => self.open_in(index, path),
        }
        ctx.request_repaint();
    }

    fn obey(&mut self, command: Command, ctx: &Context) {
        let step = |zoom: f32| {
            let (least, most) = (*settings::ZOOM_RANGE.start(), *settings::ZOOM_RANGE.end());
            ((zoom * 10.0).round() / 10.0).clamp(least, most)
        };
        match command {
            Command::Open => {
                if let Err(refusal) = self.files.choose() {
                    self.notices.push(Notice::Refused(refusal));
                }
            }
            Command::OpenPath => self.dialogs.ask_for_path(false),
            Command::ZoomIn => self.set_zoom(step(self.settings.zoom + ZOOM_STEP), ctx),
            Command::ZoomOut => self.set_zoom(step(self.settings.zoom - ZOOM_STEP), ctx),
            Command::ZoomReset => self.set_zoom(1.0, ctx),
            Command::NextTheme => {
                let next = self.settings.theme.next();
                self.answer(Wish::Theme(next), ctx);
                self.toasts.add(ctx, format!("{} theme", next.label()));
            }
            Command::ToggleBench => self.toggle_bench(),
            Command::Palette => self.finder.toggle(),
            Command::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
            _ => {
                let shown = self.shown;
                self.with_tabs(|tabs, cx| {
                    if let Some(tab) = tabs.get_mut(shown).filter(|tab| tab.can(command)) {
                        tab.command(command, cx);
                    }
                });
            }
        }
    }

    fn set_zoom(&mut self, zoom: f32, ctx: &Context) {
        self.settings.zoom = zoom;
        self.wear_theme(ctx);
        let percent = (zoom * 100.0).round();
        self.toasts.add(ctx, format!("Zoom {percent} %"));
    }

    fn wear_theme(&self, ctx: &Context) {
        theme::apply(ctx, self.settings.theme, self.settings.motion);
        ctx.set_zoom_factor(self.settings.zoom * self.settings.theme.scale());
    }

    /// Lends the tabs what they may use of the app.
    fn with_tabs<R>(
        &mut self,
        act: impl FnOnce(&mut [Box<dyn Tab>], &mut TabContext<'_>) -> R,
    ) -> R {
        let mut cx = TabContext {
            wake: Arc::clone(&self.wake),
            notices: &mut self.notices,
            model_folders: &self.model_folders,
            compute: self.compute,
            motion: self.settings.motion,
        };
        act(&mut self.tabs, &mut cx)
    }

    /// Saves on a thread when something changed since the last time.
    fn save_if_changed(&mut self) {
        if self.saving.is_some() || self.settings == self.saved {
            return;
        }
        let Some(path) = self.settings_path.clone() else {
            return;
        };
        let settings = self.settings.clone();
        self.saved = settings.clone();
        let write = move |emit: crate::jobs::Emit<'_, Refusal>| {
            if let Err(refusal) = settings::save(&settings, &path) {
                let _ = emit(refusal);
            }
        };
        self.saving = Job::spawn("settings", Arc::clone(&self.wake), write).ok();
    }

    /// A place that takes no settings is said once and then left alone.
    fn poll_saving(&mut self) {
        let Some(job) = &mut self.saving else {
            return;
        };
        if let Some(refusal) = job.poll().into_iter().next() {
            self.settings_path = None;
            self.notices.push(Notice::Refused(refusal));
        }
        if !job.is_running() {
            self.saving = None;
        }
    }

    /// Saves everything, the tabs' parts too, before the window goes. Waits for the disk.
    fn save_for_good(&mut self) {
        for tab in &self.tabs {
            self.settings.tabs.insert(tab.name().to_owned(), tab.save());
        }
        if let Some(path) = &self.settings_path
            && self.settings != self.saved
            && let Err(refusal) = settings::save(&self.settings, path)
        {
            eprintln!("{refusal}");
        }
    }
}

impl eframe::App for App {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        self.poll(ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        self.show(ui);
    }

    fn on_exit(&mut self, _gl: Option<&eframe::glow::Context>) {
        self.save_for_good();
    }
}
