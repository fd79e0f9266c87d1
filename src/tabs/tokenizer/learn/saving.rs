//! Saving a learned vocabulary: a path the person types or chooses, written by a job.

use super::LearnView;
use crate::jobs::Job;
use crate::labs::bpe_learning::{self, Learned, Split};
use crate::refusal::Refusal;
use crate::tabs::{Notice, TabContext};
use crate::theme;
use eframe::egui;
use std::path::PathBuf;
use std::sync::Arc;

/// A learned vocabulary, and how text is cut for it.
pub(super) type Vocabulary = Arc<(Learned, Split)>;

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    TokenizerJson,
    TiktokenRanks,
}

impl Form {
    fn name(self) -> &'static str {
        match self {
            Self::TokenizerJson => "tokenizer.json",
            Self::TiktokenRanks => "tiktoken ranks",
        }
    }

    fn file_name(self) -> &'static str {
        match self {
            Self::TokenizerJson => "tokenizer.json",
            Self::TiktokenRanks => "vocabulary.tiktoken",
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::TokenizerJson => "json",
            Self::TiktokenRanks => "tiktoken",
        }
    }

    /// The path with the ending that says what is in the file.
    fn ending(self, path: PathBuf) -> PathBuf {
        match path.extension() {
            Some(end) if end == self.extension() => path,
            _ => {
                let mut path = path.into_os_string();
                path.push(".");
                path.push(self.extension());
                path.into()
            }
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

/// What is to be saved, in which form, and where so far.
#[derive(Debug, Clone)]
struct Asking {
    form: Form,
    what: Vocabulary,
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
    pub(super) fn ask(&mut self, form: Form, what: Vocabulary) {
        let folder = std::env::home_dir().unwrap_or_default();
        let path = folder.join(form.file_name());
        let path = path.to_string_lossy().into_owned();
        self.asking = Some(Asking { form, what, path });
    }

    /// Writes the path, while it is asked for.
    pub(super) fn set_path(&mut self, path: &str) {
        if let Some(asking) = &mut self.asking {
            asking.path = path.into();
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

    /// Opens the system's dialog on a thread of its own: it may take as long as it likes.
    fn choose(&mut self, form: Form, path: &str, cx: &mut TabContext<'_>) {
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
        self.job = job.ok();
    }

    fn save(&mut self, asking: Asking, cx: &mut TabContext<'_>) {
        let path = asking.form.ending(PathBuf::from(asking.path));
        let job = Job::spawn("save the vocabulary", cx.wake.clone(), move |emit| {
            let (learned, split) = &*asking.what;
            let saved = bpe_learning::save(learned, *split, &path);
            _ = emit(match saved {
                Ok(()) => Event::Saved(path),
                Err(refusal) => Event::Refused(refusal),
            });
        });
        self.job = job.ok();
    }
}

/// The question, over the window, while it is asked.
pub(super) fn show(view: &mut LearnView, ui: &mut egui::Ui, cx: &mut TabContext<'_>) {
    let Some(mut asking) = view.saving.asking.clone() else {
        return;
    };
    let form = asking.form;
    let busy = view.saving.job.is_some();
    let mut close = false;
    let id = egui::Id::unique("save the vocabulary");
    let response = egui::Modal::new(id).show(ui.ctx(), |ui| {
        ui.set_width(480.0);
        let heading = format!("Save the vocabulary as {}", form.name());
        ui.label(egui::RichText::new(heading).text_style(theme::style::subheading()));
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
                view.saving.choose(form, &asking.path, cx);
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let save = ui
                    .add_enabled(!busy, theme::primary_button(ui.ctx(), "Save"))
                    .on_hover_text("Write the file; a file of that name is replaced.");
                if save.clicked() {
                    view.saving.save(asking.clone(), cx);
                }
                if ui.button("Cancel").on_hover_text("Save nothing.").clicked() {
                    close = true;
                }
            });
        });
    });
    if close || response.should_close() {
        view.saving.asking = None;
    } else if view.saving.asking.is_some() {
        view.saving.asking = Some(asking);
    }
}

/// The buttons that ask where to save; returns what was asked for.
pub(super) fn buttons(can: bool, why_not: &str, ui: &mut egui::Ui) -> Option<Form> {
    let mut asked = None;
    ui.add_enabled_ui(can, |ui| {
        ui.horizontal_wrapped(|ui| {
            for (form, name, hint) in [
                (
                    Form::TokenizerJson,
                    "Save tokenizer.json…",
                    "For Hugging Face's tokenizers and everything built on it.",
                ),
                (
                    Form::TiktokenRanks,
                    "Save ranks…",
                    "For tiktoken: each token and its rank. How text is cut is not in such a file.",
                ),
            ] {
                let button = ui.button(name).on_hover_text(hint);
                if button.on_disabled_hover_text(why_not).clicked() {
                    asked = Some(form);
                }
            }
        });
    });
    asked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_ends_as_its_content_does() {
        let json = Form::TokenizerJson;
        let ranks = Form::TiktokenRanks;
        assert_eq!(json.ending("a/b.json".into()), PathBuf::from("a/b.json"));
        assert_eq!(
            ranks.ending("b.json".into()),
            PathBuf::from("b.json.tiktoken")
        );
        assert_eq!(ranks.ending("b".into()), PathBuf::from("b.tiktoken"));
    }
}
