//! A second model beside the chapter's, for the views that compare two: another one that comes with
//! Glassbox, or any file.

use super::model_slot::ModelSlot;
use crate::labs::text::{EMBEDDED, LARGE, LoadedText, Source, is_present};
use crate::tabs::parts::{caption, choice, group, wrapped};
use crate::tabs::{Progress, TabContext};
use crate::theme;
use eframe::egui::{RichText, Ui};
use std::path::PathBuf;
use std::sync::Arc;

/// The second model; it is loaded when a view first wants it.
#[derive(Debug, Default)]
pub(super) struct SecondModel {
    slot: ModelSlot,
    /// What was asked for, if anything was.
    asked: Option<Source>,
    /// Whether a view that shows it was drawn since the last poll.
    is_wanted: bool,
    has_large: bool,
}

impl SecondModel {
    /// The model, once it is there.
    pub(super) fn current(&self) -> Option<&Arc<LoadedText>> {
        self.slot.current()
    }

    /// A view that is shown wants it.
    pub(super) fn want(&mut self) {
        self.is_wanted = true;
    }

    /// How far loading is, while it is.
    pub(super) fn progress(&self) -> Option<Progress> {
        self.slot.progress()
    }

    /// Opens a file as the second model.
    pub(super) fn open(&mut self, path: PathBuf, cx: &mut TabContext<'_>) {
        self.load(Source::Path(path), cx);
    }

    fn load(&mut self, source: Source, cx: &mut TabContext<'_>) {
        self.asked = Some(source.clone());
        self.slot.load(source, cx);
    }

    /// Takes what its job sent, and loads one other than `first` where none was chosen.
    pub(super) fn poll(&mut self, first: Option<&Arc<LoadedText>>, cx: &mut TabContext<'_>) {
        self.slot.poll(cx);
        let is_wanted = std::mem::take(&mut self.is_wanted);
        let Some(first) = first.filter(|_| is_wanted && self.asked.is_none()) else {
            return;
        };
        self.has_large = is_present(LARGE, cx.model_folders);
        let other = if first.name == EMBEDDED && self.has_large {
            LARGE
        } else {
            EMBEDDED
        };
        self.load(Source::Named(other.into()), cx);
    }

    /// Which one it is, on a bench; `first` is the name of the chapter's own.
    pub(super) fn show(&mut self, ui: &mut Ui, first: Option<&str>, cx: &mut TabContext<'_>) {
        group(ui, "Second model");
        let name = self.current().map(|loaded| loaded.name.clone());
        let is = |other: &str| name.as_deref() == Some(other);
        let mut wanted = None;
        wrapped(ui, |ui| {
            for (other, hint) in [
                (
                    EMBEDDED,
                    "GPT-2's architecture, 4 blocks: learned from little stories, built into the program.",
                ),
                (
                    LARGE,
                    "Llama's architecture, 30 blocks: learned from the web, taught to chat.",
                ),
            ] {
                let is_there = other == EMBEDDED || self.has_large;
                if is_there && choice(ui, is(other), other, hint) && !is(other) {
                    wanted = Some(other);
                }
            }
            if let Some(file) = name
                .as_deref()
                .filter(|name| ![EMBEDDED, LARGE].contains(name))
            {
                _ = choice(ui, true, file, "The file that was opened last.");
            }
        });
        if let Some(other) = wanted {
            self.load(Source::Named(other.into()), cx);
        }
        if let Some(refusal) = self.slot.refused() {
            let warning = theme::palette(ui.ctx()).warning;
            ui.label(RichText::new(&refusal.what).color(warning));
            ui.label(&refusal.next);
        }
        let is_same = first.is_some() && first == name.as_deref();
        caption(
            ui,
            if is_same {
                "It is the same model twice. Drop another model's file onto the window."
            } else {
                "Drop a model's file onto the window to compare it."
            },
        );
    }
}
