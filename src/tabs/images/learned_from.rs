//! What a training on pictures learns from: what a person chose, and how they choose it.

use crate::jobs::Job;
use crate::labs::training::Source;
use crate::tabs::parts::choice;
use crate::tabs::{Notice, TabContext};
use eframe::egui::{Button, TextEdit, Ui};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::sync::Arc;

/// What is learned from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::tabs::images) enum From {
    /// The faces that ship.
    Faces,
    /// The digits that ship: quick to learn.
    Digits,
    /// A folder of one's own pictures.
    Folder,
}

/// One of them on a bench: what it is called, and what is to be known of it.
pub(in crate::tabs::images) type Offer = (From, &'static str, &'static str);

impl From {
    /// What the lab is given; `None` while no folder is named.
    pub(in crate::tabs::images) fn source(self, folder: &str) -> Option<Source> {
        let folder = folder.trim();
        match self {
            Self::Faces => Some(Source::Faces),
            Self::Digits => Some(Source::Digits),
            Self::Folder if folder.is_empty() => None,
            Self::Folder => Some(Source::Folder(PathBuf::from(folder))),
        }
    }

    /// What a person would have chosen for it, and the folder.
    pub(in crate::tabs::images) fn of(source: &Source) -> (Self, String) {
        match source {
            Source::Faces | Source::FacesFolder(_) => (Self::Faces, String::new()),
            Source::Digits => (Self::Digits, String::new()),
            Source::Folder(path) => (Self::Folder, path.to_string_lossy().into_owned()),
        }
    }

    /// What people call it.
    pub(in crate::tabs::images) fn name(self, folder: &str) -> String {
        match self {
            Self::Faces => "faces".into(),
            Self::Digits => "digits".into(),
            Self::Folder => {
                let folder = PathBuf::from(folder.trim());
                let name = folder.file_name().unwrap_or(folder.as_os_str());
                format!("the pictures of {}", name.to_string_lossy())
            }
        }
    }
}

/// The choice among `offers`; returns what was pressed.
pub(in crate::tabs::images) fn choices(ui: &mut Ui, now: From, offers: &[Offer]) -> Option<From> {
    let mut pressed = None;
    crate::tabs::parts::wrapped(ui, |ui| {
        for &(from, label, hint) in offers {
            if choice(ui, now == from, label, hint) {
                pressed = Some(from);
            }
        }
    });
    pressed
}

/// Choosing a folder in the system's own dialog, which has a thread of its own.
#[derive(Debug, Default)]
pub(in crate::tabs::images) struct FolderChoice {
    job: Option<Job<PathBuf>>,
}

impl FolderChoice {
    /// The field that holds a folder's path, and the button that asks the system for one. Returns
    /// whether a person wrote in it.
    pub(in crate::tabs::images) fn show(
        &mut self,
        ui: &mut Ui,
        folder: &mut String,
        cx: &mut TabContext<'_>,
    ) -> bool {
        let shown = ui.horizontal(|ui| {
            let field = TextEdit::singleline(folder)
                .desired_width(ui.available_width() - 92.0)
                .hint_text("path of a folder");
            let field = ui.add(field).on_hover_text(
                "A folder of PNG or JPEG pictures; dropping it on the window does the same.",
            );
            ui.ctx()
                .accesskit_node_builder(field.id, |node| node.set_label("Folder of pictures"));
            let hint = "Choose a folder in the system's own dialog.";
            let button = ui.add_enabled(self.job.is_none(), Button::new("Choose…"));
            if button.on_hover_text(hint).clicked() {
                self.ask(cx);
            }
            field.changed()
        });
        shown.inner
    }

    fn ask(&mut self, cx: &mut TabContext<'_>) {
        let job = Job::spawn("choose a folder", Arc::clone(&cx.wake), |emit| {
            let dialog = rfd::FileDialog::new().set_title("A folder of pictures");
            _ = dialog.pick_folder().map(emit);
        });
        match job {
            Ok(job) => self.job = Some(job),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    /// The folder that was chosen, once.
    pub(in crate::tabs::images) fn poll(&mut self, cx: &mut TabContext<'_>) -> Option<String> {
        let job = self.job.as_mut()?;
        let chosen = job.poll().pop();
        if !job.is_running() {
            cx.notices.extend(job.take_failure().map(Notice::Refused));
            self.job = None;
        }
        chosen.map(|folder| folder.to_string_lossy().into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_must_be_named_before_it_is_learned_from() {
        assert_eq!(From::Folder.source("  "), None);
        let source = Source::Folder(PathBuf::from("/tmp/holiday"));
        assert_eq!(From::Folder.source(" /tmp/holiday "), Some(source.clone()));
        assert_eq!(From::of(&source), (From::Folder, "/tmp/holiday".into()));
        let name = From::Folder.name(" /tmp/holiday ");
        assert_eq!(name, "the pictures of holiday");
    }
}
