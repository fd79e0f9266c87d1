//! What is kept: the keys and values of one head as they lie, and the formula of their size with its
//! numbers.

use crate::jobs::Job;
use crate::labs::inside::kv_cache::{Kept, Size, keep};
use crate::labs::inside::{At, Place, SiteName};
use crate::labs::text::LoadedText;
use crate::refusal::{Refusal, Result};
use crate::tabs::parts::{caption, group, slider};
use crate::tabs::text::explaining::Explaining;
use crate::tabs::text::text_at_hand::Piece;
use crate::tabs::{Notice, Progress, TabContext};
use crate::theme;
use crate::widgets::count::grouped;
use crate::widgets::tensor_map::TensorMap;
use eframe::egui::{RichText, Slider, Ui};
use std::ops::ControlFlow;
use std::sync::Arc;

/// What the job says.
#[derive(Debug)]
enum Event {
    Read(usize),
    Done(Result<Option<Kept>>),
}

/// What is kept of the text at hand, and the job that reads it.
#[derive(Debug, Default)]
pub(super) struct Keeping {
    /// The model and the text that were asked for last.
    asked: Option<(Arc<LoadedText>, Vec<u32>)>,
    job: Option<Job<Event>>,
    n_read: usize,
    kept: Option<Kept>,
    refused: Option<Refusal>,
    block: usize,
    head: usize,
    tables: Option<Tables>,
    version: u64,
}

/// The rows of one head.
#[derive(Debug)]
struct Tables {
    block: usize,
    head: usize,
    keys: Vec<f32>,
    values: Vec<f32>,
}

impl Keeping {
    /// Reads this text with this model, unless it was read already.
    pub(super) fn wish(&mut self, loaded: &Arc<LoadedText>, ids: &[u32], cx: &mut TabContext<'_>) {
        let asked = self.asked.as_ref();
        if ids.is_empty() || asked.is_some_and(|(l, i)| Arc::ptr_eq(l, loaded) && i == ids) {
            return;
        }
        self.asked = Some((Arc::clone(loaded), ids.to_vec()));
        let (compute, model, ids) = (cx.compute, Arc::clone(loaded), ids.to_vec());
        let job = Job::spawn("keep keys and values", cx.wake.clone(), move |emit| {
            compute.set_threads();
            let mut tell = |n_read| -> ControlFlow<()> { emit(Event::Read(n_read)) };
            let kept = keep(&model, &ids, &mut tell);
            _ = emit(Event::Done(kept));
        });
        match job {
            Ok(job) => self.job = Some(job),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    /// Takes what the job sent.
    pub(super) fn poll(&mut self, cx: &mut TabContext<'_>) {
        let Some(job) = &mut self.job else { return };
        let events = job.poll();
        let is_over = !job.is_running();
        cx.notices.extend(job.take_failure().map(Notice::Refused));
        for event in events {
            match event {
                Event::Read(n_read) => self.n_read = n_read,
                Event::Done(Ok(kept)) => {
                    self.kept = kept;
                    self.tables = None;
                    self.refused = None;
                }
                Event::Done(Err(refusal)) => {
                    self.kept = None;
                    self.refused = Some(refusal);
                }
            }
        }
        if is_over {
            self.job = None;
            self.n_read = 0;
        }
    }

    /// How far it is, while it reads.
    pub(super) fn progress(&self) -> Option<Progress> {
        self.job.as_ref()?;
        let n = self.asked.as_ref().map_or(0, |(_, ids)| ids.len()).max(1);
        Some(Progress {
            label: format!("Reading {} of {n} tokens", self.n_read),
            fraction: Some(self.n_read as f32 / n as f32),
        })
    }

    /// Which head is shown.
    pub(super) fn bench(&mut self, ui: &mut Ui, loaded: &LoadedText) {
        group(ui, "Keys and values of");
        let config = &loaded.config;
        slider(
            ui,
            "Block",
            "Each block keeps keys and values of its own.",
            Slider::new(&mut self.block, 0..=config.n_layers.saturating_sub(1)),
        );
        slider(
            ui,
            "Head with keys and values",
            "Each head that is asked keeps a key and a value of every token.",
            Slider::new(&mut self.head, 0..=config.n_kv_heads.saturating_sub(1)),
        );
    }

    /// The keys and the values of the head, one row for each token. Returns the number that was clicked;
    /// `explain` says which is explained and what it was made of.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        pieces: &[Piece],
        explain: &Explaining,
    ) -> Option<Place> {
        if let Some(refusal) = &self.refused {
            let warning = theme::palette(ui.ctx()).warning;
            ui.label(RichText::new(&refusal.what).color(warning));
            ui.label(&refusal.evidence);
            ui.label(&refusal.next);
        }
        let kept = self.kept.as_ref()?;
        let size = kept.size();
        let block = self.block.min(size.n_layers.saturating_sub(1));
        let head = self.head.min(size.n_kv_heads.saturating_sub(1));
        let is_same = |tables: &Tables| tables.block == block && tables.head == head;
        if !self.tables.as_ref().is_some_and(is_same) {
            let keys = kept.keys(block, head).ok()?;
            let values = kept.values(block, head).ok()?;
            self.version += 1;
            self.tables = Some(Tables {
                block,
                head,
                keys,
                values,
            });
        }
        let tables = self.tables.as_ref()?;
        let n = kept.n_tokens();
        let row_name = |i: usize| match pieces.get(i) {
            Some(piece) => format!("{} {}", i + 1, piece.shown()),
            None => (i + 1).to_string(),
        };
        let column_name = |i: usize| format!("number {i}");
        let mut clicked = None;
        ui.columns(2, |columns| {
            for (ui, (site, what, values, is)) in columns.iter_mut().zip([
                (
                    SiteName::K,
                    "Keys",
                    &tables.keys,
                    "later queries are compared with them",
                ),
                (
                    SiteName::V,
                    "Values",
                    &tables.values,
                    "later tokens take them",
                ),
            ]) {
                let name = format!("{what} of block {block}, head {head}");
                caption(ui, format!("{name}: {is}"));
                let at = At::head(site, block, head);
                let chosen = explain.place().filter(|place| place.at == at);
                let map = TensorMap {
                    name: &name,
                    shape: [n, size.d_head],
                    values,
                    is_signed: true,
                    version: self.version,
                    row_name: &row_name,
                    column_name: &column_name,
                    chosen: chosen.map(|place| [place.row, place.column]),
                    marked: &explain.lit(at),
                };
                let height = ui.available_height() - theme::size::GRID;
                if let Some([row, column]) = map.show(ui, height).clicked {
                    clicked = Some(Place { at, row, column });
                }
            }
        });
        clicked
    }
}

/// What the size of a model's cache is made of.
pub(super) fn size_of(loaded: &LoadedText) -> Size {
    Size::of(&loaded.config)
}

/// The formula with its numbers, and what comes out of it.
pub(super) fn formula(ui: &mut Ui, loaded: &LoadedText, n_tokens: usize) {
    let size = size_of(loaded);
    let n = n_tokens.min(loaded.n_ctx);
    let factors = [
        (
            2,
            "key and value",
            "Two rows are kept of each token: its key and its value.",
        ),
        (
            size.n_layers,
            "blocks",
            "Each block has attention of its own.",
        ),
        (
            size.n_kv_heads,
            "heads",
            "Heads that are asked; several that ask may share one (grouped queries).",
        ),
        (size.d_head, "numbers", "The width of a head."),
        (
            n,
            "tokens",
            "The text so far. Only this factor grows while the model writes.",
        ),
        (
            size.number_bytes,
            "bytes",
            "Numbers are kept as f32; others keep two bytes or fewer.",
        ),
    ];
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = theme::size::GRID;
        for (i, (value, what, hint)) in factors.into_iter().enumerate() {
            if i > 0 {
                ui.label("×");
            }
            factor(ui, &grouped(value), what, hint);
        }
        ui.label("=");
        let what = format!("{} bytes", grouped(size.bytes(n)));
        factor(
            ui,
            &memory(size.bytes(n)),
            &what,
            "The whole cache of this text.",
        );
    });
    let full = format!(
        "A full context of {} tokens takes {}.",
        grouped(loaded.n_ctx),
        memory(size.bytes(loaded.n_ctx))
    );
    let shared = if size.n_kv_heads < size.n_heads {
        format!(
            " If each of the {} heads that ask had keys and values of its own, it would be {}.",
            size.n_heads,
            memory(size.bytes_ungrouped(loaded.n_ctx))
        )
    } else {
        " Each head that asks has keys and values of its own here; Llama shares them between heads."
            .into()
    };
    caption(ui, full + &shared);
}

fn factor(ui: &mut Ui, value: &str, what: &str, hint: &str) {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.label(RichText::new(value).text_style(theme::style::strong()));
        caption(ui, what);
    })
    .response
    .on_hover_text(hint);
}

/// Bytes as people say them.
pub(super) fn memory(bytes: usize) -> String {
    let bytes = bytes as f64;
    match bytes {
        b if b >= 1e9 => format!("{:.2} GB", b / 1e9),
        b if b >= 1e6 => format!("{:.1} MB", b / 1e6),
        b => format!("{:.1} kB", b / 1e3),
    }
}
