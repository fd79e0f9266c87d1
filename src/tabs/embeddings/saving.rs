//! Saving a text: a path the person types or chooses, written by a job.

use crate::jobs::Job;
use crate::refusal::{NOTHING_CHANGED, Refusal};
use crate::tabs::{Notice, TabContext};
use crate::theme;
use eframe::egui::{self, RichText};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Debug)]
enum Event {
    /// A path was chosen in the system's dialog.
    Chosen(PathBuf),
    Saved(PathBuf),
    Refused(Refusal),
}

#[derive(Debug)]
struct Asking {
    path: String,
    text: Arc<str>,
}

/// The question where to save, while it is asked.
#[derive(Debug, Default)]
pub(super) struct Saving {
    asking: Option<Asking>,
    job: Option<Job<Event>>,
}

impl Saving {
    /// Asks where to save `text`; a file called `name` is proposed.
    pub(super) fn ask(&mut self, name: &str, text: String) {
        let folder = std::env::home_dir().unwrap_or_default();
        self.asking = Some(Asking {
            path: folder.join(name).to_string_lossy().into_owned(),
            text: text.into(),
        });
    }

    /// Writes the path, while it is asked for.
    pub(super) fn set_path(&mut self, path: &str) {
        if let Some(asking) = &mut self.asking {
            path.clone_into(&mut asking.path);
        }
    }

    /// Takes what the job sent.
    pub(super) fn poll(&mut self, cx: &mut TabContext<'_>) {
        let Some(job) = &mut self.job else {
            return;
        };
        for event in job.poll() {
            match event {
                Event::Chosen(path) => {
                    if let Some(asking) = &mut self.asking {
                        asking.path = path.to_string_lossy().into_owned();
                    }
                }
                Event::Saved(path) => {
                    self.asking = None;
                    let saved = format!("Saved {}", path.display());
                    cx.notices.push(Notice::Done(saved));
                }
                Event::Refused(refusal) => cx.notices.push(Notice::Refused(refusal)),
            }
        }
        if !job.is_running() {
            cx.notices.extend(job.take_failure().map(Notice::Refused));
            self.job = None;
        }
    }

    /// The question, over the window, while it is asked.
    pub(super) fn show(&mut self, ui: &mut egui::Ui, cx: &mut TabContext<'_>) {
        let Some(mut asking) = self.asking.take() else {
            return;
        };
        let busy = self.job.is_some();
        let mut close = false;
        let id = egui::Id::unique("save an answer");
        let response = egui::Modal::new(id).show(ui.ctx(), |ui| {
            ui.set_width(480.0);
            ui.label(RichText::new("Save the answer").text_style(theme::style::subheading()));
            ui.add_space(theme::size::GRID);
            let label = ui.label("Save it as");
            ui.add(egui::TextEdit::singleline(&mut asking.path).desired_width(f32::INFINITY))
                .labelled_by(label.id);
            ui.add_space(theme::size::GRID);
            ui.horizontal(|ui| {
                let choose = ui
                    .add_enabled(!busy, egui::Button::new("Choose…"))
                    .on_hover_text("Choose the place in the system's own dialog.");
                if choose.clicked() {
                    self.choose(&asking.path, cx);
                }
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    let save = theme::primary_button(ui.ctx(), "Save");
                    let can = !busy && !asking.path.trim().is_empty();
                    if ui.add_enabled(can, save).clicked() {
                        self.save(PathBuf::from(asking.path.trim()), &asking.text, cx);
                    }
                    close = ui.button("Cancel").clicked();
                });
            });
        });
        if !(close || response.should_close()) {
            self.asking = Some(asking);
        }
    }

    /// Opens the system's dialog on a thread of its own: it may take as long as it likes.
    fn choose(&mut self, path: &str, cx: &mut TabContext<'_>) {
        let path = PathBuf::from(path);
        let job = Job::spawn("choose where to save", cx.wake.clone(), move |emit| {
            let mut dialog = rfd::FileDialog::new();
            if let Some(folder) = path.parent() {
                dialog = dialog.set_directory(folder);
            }
            if let Some(name) = path.file_name() {
                dialog = dialog.set_file_name(name.to_string_lossy());
            }
            if let Some(chosen) = dialog.save_file() {
                _ = emit(Event::Chosen(chosen));
            }
        });
        self.job = job.ok();
    }

    fn save(&mut self, path: PathBuf, text: &Arc<str>, cx: &mut TabContext<'_>) {
        let text = Arc::clone(text);
        let job = Job::spawn("save an answer", cx.wake.clone(), move |emit| {
            _ = emit(match write(&path, &text) {
                Ok(()) => Event::Saved(path),
                Err(refusal) => Event::Refused(refusal),
            });
        });
        self.job = job.ok();
    }
}

/// Writes a file whole or not at all.
fn write(path: &Path, text: &str) -> Result<(), Refusal> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let written =
        tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.persist(path).map_err(|error| error.error)
        });
    written.map(drop).map_err(|error| {
        Refusal::new(
            format!("`{}` was not saved", path.display()),
            format!("The system said: {error}."),
            NOTHING_CHANGED,
            "Choose another place, or make room on the disk.",
        )
    })
}
