//! Saving: a path the person types or chooses, written by a job.
//!
//! A tab keeps a [`Saving`]. It asks with what is to be written, polls it with its other jobs and
//! shows it over its stage:
//!
//! ```ignore
//! self.saving.ask(Document {
//!     heading: "Save the picture".into(),
//!     file_name: "glassbox-faces.png".into(),
//!     kind: Some(["PNG", "png"]),
//!     write: Arc::new(move |path| write_whole(path, &png)),
//! });
//! ```

use crate::jobs::{Emit, Job};
use crate::refusal::{Refusal, Result};
use crate::tabs::{Notice, TabContext};
use crate::theme;
use eframe::egui::{self, RichText, Ui};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Writes a file whole, or says why not and leaves what was there.
type Write = dyn Fn(&Path) -> Result<()> + Send + Sync;

/// What is to be saved.
#[derive(Clone)]
pub(super) struct Document {
    /// What is asked: "Save the answer".
    pub(super) heading: String,
    /// The name that is proposed, in the person's own folder.
    pub(super) file_name: String,
    /// What such a file is called, and its ending without the dot. The ending is added to a name
    /// that lacks it.
    pub(super) kind: Option<[&'static str; 2]>,
    /// Writes it, on a thread of its own: see [`crate::labs::writing`].
    pub(super) write: Arc<Write>,
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Document");
        out.field("heading", &self.heading);
        out.finish_non_exhaustive()
    }
}

/// What the job says.
#[derive(Debug)]
enum Event {
    /// A path was chosen in the system's dialog.
    Chosen(PathBuf),
    Saved(PathBuf),
    Refused(Refusal),
}

/// What is to be saved, and where so far.
#[derive(Debug)]
struct Asking {
    document: Document,
    path: String,
}

/// The question where to save, while it is asked.
#[derive(Debug, Default)]
pub(super) struct Saving {
    asking: Option<Asking>,
    job: Option<Job<Event>>,
}

impl Saving {
    /// Asks where to save.
    pub(super) fn ask(&mut self, document: Document) {
        let folder = std::env::home_dir().unwrap_or_default();
        let path = folder.join(&document.file_name);
        let path = path.to_string_lossy().into_owned();
        self.asking = Some(Asking { document, path });
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
    pub(super) fn show(&mut self, ui: &mut Ui, cx: &mut TabContext<'_>) {
        let Some(mut asking) = self.asking.take() else {
            return;
        };
        let busy = self.job.is_some();
        let mut close = false;
        let id = egui::Id::unique("where to save");
        let response = egui::Modal::new(id).show(ui.ctx(), |ui| {
            ui.set_width(480.0);
            let heading = RichText::new(&asking.document.heading);
            ui.label(heading.text_style(theme::style::subheading()));
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
                    self.choose(&asking, cx);
                }
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    let can = !busy && !asking.path.trim().is_empty();
                    let save = ui
                        .add_enabled(can, theme::primary_button(ui.ctx(), "Save"))
                        .on_hover_text("Write the file; a file of that name is replaced.");
                    if save.clicked() {
                        self.save(&asking, cx);
                    }
                    let cancel = ui.button("Cancel").on_hover_text("Save nothing.");
                    close = cancel.clicked();
                });
            });
        });
        if !(close || response.should_close()) {
            self.asking = Some(asking);
        }
    }

    /// Opens the system's dialog on a thread of its own: it may take as long as it likes.
    fn choose(&mut self, asking: &Asking, cx: &mut TabContext<'_>) {
        let (path, kind) = (PathBuf::from(asking.path.trim()), asking.document.kind);
        self.start("choose where to save", cx, move |emit| {
            let mut dialog = rfd::FileDialog::new();
            if let Some([name, ending]) = kind {
                dialog = dialog.add_filter(name, &[ending]);
            }
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
    }

    fn save(&mut self, asking: &Asking, cx: &mut TabContext<'_>) {
        let document = asking.document.clone();
        let path = ended(PathBuf::from(asking.path.trim()), document.kind);
        self.start("save a file", cx, move |emit| {
            _ = emit(match (document.write)(&path) {
                Ok(()) => Event::Saved(path),
                Err(refusal) => Event::Refused(refusal),
            });
        });
    }

    fn start(
        &mut self,
        name: &str,
        cx: &mut TabContext<'_>,
        work: impl FnOnce(Emit<'_, Event>) + Send + 'static,
    ) {
        match Job::spawn(name, cx.wake.clone(), work) {
            Ok(job) => self.job = Some(job),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }
}

/// The path with the ending that says what is in the file.
fn ended(path: PathBuf, kind: Option<[&'static str; 2]>) -> PathBuf {
    let Some([_, ending]) = kind else {
        return path;
    };
    match path.extension() {
        Some(there) if there.eq_ignore_ascii_case(ending) => path,
        _ => {
            let mut path = path.into_os_string();
            path.push(".");
            path.push(ending);
            path.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_ends_as_its_content_does() {
        let with = |path: &str, kind| ended(path.into(), kind);
        let json = Some(["tokenizer.json", "json"]);
        let ranks = Some(["tiktoken ranks", "tiktoken"]);
        assert_eq!(with("a/b.json", json), PathBuf::from("a/b.json"));
        assert_eq!(with("a/b.JSON", json), PathBuf::from("a/b.JSON"));
        assert_eq!(with("b.json", ranks), PathBuf::from("b.json.tiktoken"));
        assert_eq!(with("b", ranks), PathBuf::from("b.tiktoken"));
        assert_eq!(with("b", None), PathBuf::from("b"));
    }
}
