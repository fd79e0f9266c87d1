//! Pictures that are dropped, a word of another day, and saving what was learned.

use super::YoursView;
use super::running::asked_of;
use crate::files::card::Card;
use crate::jobs::Job;
use crate::labs::diffusion::lora::{ADAPTER_KIND, Adapter, Asked};
use crate::labs::diffusion::{Denoiser, KIND_KEY};
use crate::refusal::Result;
use crate::tabs::images::views::Desk;
use crate::tabs::parts::caption;
use crate::tabs::saving::{Document, Saving};
use crate::tabs::{Notice, TabContext};
use eframe::egui::{Button, Ui};
use std::path::PathBuf;
use std::sync::Arc;

/// What an adapter's file ends with.
const ENDING: &str = "safetensors";

/// A word of another day, and what is shown of it.
type Opened = (Adapter, Vec<Asked>);

/// What is being written, read or chosen.
#[derive(Debug, Default)]
pub(super) struct Keeping {
    pub saving: Saving,
    /// A file to be opened, once the model is there.
    waiting: Option<PathBuf>,
    opening: Option<Job<Result<Opened>>>,
    choosing: Option<Job<Vec<PathBuf>>>,
}

impl Keeping {
    pub fn is_choosing(&self) -> bool {
        self.choosing.is_some()
    }

    /// Asks for pictures, or for a folder, in the system's own dialog.
    pub fn choose(&mut self, is_folder: bool, cx: &mut TabContext<'_>) {
        let wake = Arc::clone(&cx.wake);
        let job = Job::spawn("choose pictures", wake, move |emit| {
            let dialog = rfd::FileDialog::new().set_title("Pictures of the new word");
            let chosen = if is_folder {
                dialog.pick_folder().map(|folder| vec![folder])
            } else {
                let dialog = dialog.add_filter("Pictures", &["png", "jpg", "jpeg"]);
                dialog.pick_files()
            };
            _ = chosen.map(emit);
        });
        match job {
            Ok(job) => self.choosing = Some(job),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }
}

/// What this view would do with a file or a folder.
pub(super) fn accepts(card: &Card) -> Option<String> {
    if is_adapter(card) {
        Some("use the word that was learned".into())
    } else if card.kind == "picture" && card.format != "GIF" || card.kind == "folder of pictures" {
        Some("learn a new word from it".into())
    } else {
        None
    }
}

fn is_adapter(card: &Card) -> bool {
    let says = |(key, value): &(String, String)| key == KIND_KEY && value == ADAPTER_KIND;
    card.metadata.iter().any(says)
}

/// Opens what was accepted.
pub(super) fn open(view: &mut YoursView, card: &Card, desk: &mut Desk, cx: &mut TabContext<'_>) {
    let path = card.path.clone();
    if is_adapter(card) {
        view.keeping.waiting = Some(path);
        _ = desk.model.need(cx);
        return;
    }
    view.setup.add(path);
    if view.is_running() {
        let words = "The pictures are chosen: “Start anew” learns from them.";
        cx.notices.push(Notice::Done(words.into()));
    }
}

fn begin_opening(view: &mut YoursView, base: &Arc<Denoiser>, cx: &mut TabContext<'_>) {
    let Some(path) = view.keeping.waiting.take() else {
        return;
    };
    let base = Arc::clone(base);
    let job = Job::spawn("open a word", Arc::clone(&cx.wake), move |emit| {
        let opened = Adapter::open(&path, &base).map(|adapter| {
            let asked = asked_of(&base, &adapter);
            (adapter, asked)
        });
        _ = emit(opened);
    });
    match job {
        Ok(job) => view.keeping.opening = Some(job),
        Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
    }
}

/// Takes what came back.
pub(super) fn poll(view: &mut YoursView, desk: &mut Desk, cx: &mut TabContext<'_>) {
    view.keeping.saving.poll(cx);
    if let Some(base) = desk.model.base().cloned() {
        begin_opening(view, &base, cx);
        if let Some(job) = &mut view.keeping.opening {
            let opened = job.poll().pop();
            if !job.is_running() {
                cx.notices.extend(job.take_failure().map(Notice::Refused));
                view.keeping.opening = None;
            }
            match opened {
                Some(Ok((adapter, asked))) => {
                    view.forget();
                    view.setup.word.clone_from(&adapter.word);
                    view.base = Some(base);
                    view.opened = Some((adapter, asked));
                }
                Some(Err(refusal)) => cx.notices.push(Notice::Refused(refusal)),
                None => {}
            }
        }
    }
    let Some(job) = &mut view.keeping.choosing else {
        return;
    };
    for path in job.poll().into_iter().flatten() {
        view.setup.add(path);
    }
    if !job.is_running() {
        cx.notices.extend(job.take_failure().map(Notice::Refused));
        view.keeping.choosing = None;
    }
}

/// The part of the bench that saves.
pub(super) fn bench(view: &mut YoursView, ui: &mut Ui) {
    let adapter = view.adapter().filter(|adapter| adapter.step > 0).cloned();
    let hint = "Write what was learned: the word's row, and A and B of every changed weight. The model itself is not in it.";
    let save = ui.add_enabled(adapter.is_some(), Button::new("Save the word…"));
    if save.on_hover_text(hint).clicked()
        && let Some(adapter) = adapter
    {
        view.keeping.saving.ask(Document {
            heading: format!("Save the word “{}”", adapter.word),
            file_name: format!("glassbox-{}.{ENDING}", adapter.word),
            kind: Some(["adapter", ENDING]),
            write: Arc::new(move |path| adapter.save(path)),
        });
    }
    caption(ui, "To use it tomorrow, drop the file on the window.");
}

impl YoursView {
    /// Writes the path, while it is asked where to save.
    pub(in crate::tabs::images) fn set_save_path(&mut self, path: &str) {
        self.keeping.saving.set_path(path);
    }
}
