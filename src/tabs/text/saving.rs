//! Saving the tree: a path the person types or chooses, written by a job.

use super::TextTab;
use crate::jobs::Job;
use crate::labs::text_export::{to_json, to_markdown};
use crate::refusal::{NOTHING_CHANGED, Refusal};
use crate::tabs::{Notice, TabContext};
use crate::theme;
use eframe::egui;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Markdown,
}

impl Form {
    fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Markdown => "Markdown",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Markdown => "md",
        }
    }
}

/// What the saving job says.
#[derive(Debug)]
enum Event {
    /// A path was chosen in the system's dialog.
    Chosen(PathBuf),
    Saved(PathBuf),
    Refused(Refusal),
}

/// The question where to save, while it is asked.
#[derive(Debug, Default)]
pub(super) struct Saving {
    asking: Option<(Form, String)>,
    job: Option<Job<Event>>,
}

impl Saving {
    /// Asks where to save.
    pub(super) fn ask(&mut self, form: Form) {
        let folder = std::env::home_dir().unwrap_or_default();
        let path = folder.join(format!("glassbox-text.{}", form.extension()));
        self.asking = Some((form, path.to_string_lossy().into_owned()));
    }

    /// Writes the path, while it is asked for.
    pub(super) fn set_path(&mut self, path: &str) {
        if let Some((_, typed)) = &mut self.asking {
            *typed = path.into();
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
                    if let Some((_, typed)) = &mut self.asking {
                        *typed = path.to_string_lossy().into_owned();
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
            self.job = None;
        }
    }
}

/// The question, over the window, while it is asked.
pub(super) fn show(tab: &mut TextTab, ui: &mut egui::Ui, cx: &mut TabContext<'_>) {
    let Some((form, mut path)) = tab.saving.asking.clone() else {
        return;
    };
    let busy = tab.saving.job.is_some();
    let mut close = false;
    let response = egui::Modal::new(egui::Id::unique("save the text tree")).show(ui.ctx(), |ui| {
        ui.set_width(480.0);
        let heading = format!("Export the text tree as {}", form.name());
        ui.label(egui::RichText::new(heading).text_style(theme::style::subheading()));
        ui.add_space(theme::size::GRID);
        let label = ui.label("Save it as");
        ui.add(egui::TextEdit::singleline(&mut path).desired_width(f32::INFINITY))
            .labelled_by(label.id);
        ui.add_space(theme::size::GRID);
        ui.horizontal(|ui| {
            let choose = ui
                .add_enabled(!busy, egui::Button::new("Choose…"))
                .on_hover_text("Choose the place in the system's own dialog.");
            if choose.clicked() {
                tab.choose_path(form, &path, cx);
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let save = ui
                    .add_enabled(!busy, theme::primary_button(ui.ctx(), "Save"))
                    .on_hover_text("Write the file; a file of that name is replaced.");
                if save.clicked() {
                    tab.save_to(form, PathBuf::from(&path), cx);
                }
                if ui.button("Cancel").on_hover_text("Save nothing.").clicked() {
                    close = true;
                }
            });
        });
    });
    if close || response.should_close() {
        tab.saving.asking = None;
    } else if let Some((_, typed)) = &mut tab.saving.asking {
        *typed = path;
    }
}

impl TextTab {
    /// Opens the system's dialog on a thread of its own: it may take as long as it likes.
    fn choose_path(&mut self, form: Form, path: &str, cx: &mut TabContext<'_>) {
        let path = PathBuf::from(path);
        let job = Job::spawn("choose where to save", cx.wake.clone(), move |emit| {
            let mut dialog = rfd::FileDialog::new().add_filter(form.name(), &[form.extension()]);
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
        self.saving.job = job.ok();
    }

    /// Writes the tree beside the target and moves it into place, so that a full disk costs nothing.
    fn save_to(&mut self, form: Form, path: PathBuf, cx: &mut TabContext<'_>) {
        let tree = self.tree.clone();
        let loaded = self.model.current().map(Arc::clone);
        let content = move || match form {
            Form::Markdown => to_markdown(&tree),
            Form::Json => {
                let text = |model: &str, id: u32| {
                    let loaded = loaded.as_ref().filter(|loaded| loaded.name == model)?;
                    let bytes = loaded.token_bytes(id);
                    Some(String::from_utf8_lossy(&bytes).into_owned())
                };
                format!("{:#}\n", to_json(&tree, text))
            }
        };
        let job = Job::spawn("save the text tree", cx.wake.clone(), move |emit| {
            _ = emit(match write_whole(&path, content().as_bytes()) {
                Ok(()) => Event::Saved(path),
                Err(error) => Event::Refused(Refusal::new(
                    format!("“{}” could not be saved", path.display()),
                    format!("The system says: {error}."),
                    NOTHING_CHANGED,
                    "Choose another place, or make room on the disk.",
                )),
            });
        });
        self.saving.job = job.ok();
    }
}

fn write_whole(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty());
    let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_saved_file_is_whole_and_a_folder_that_is_not_there_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("text ☕.md");
        write_whole(&path, b"one").unwrap();
        write_whole(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert!(write_whole(&folder.path().join("absent/text.md"), b"x").is_err());
    }
}
