//! How far a training is, and its snapshots as a strip of pictures.

use super::{Course, Lesson};
use crate::tabs::TabContext;
use crate::tabs::images::ways::{Film, Frame, Shot};
use crate::widgets::count::{duration, grouped};
use crate::widgets::film_strip::FilmStrip;
use eframe::egui::{ProgressBar, Rect, RichText, Ui, vec2};

impl<L: Lesson> Course<L> {
    /// The strip; what a person does on it is done.
    pub(in crate::tabs::images) fn timeline(
        &mut self,
        setup: &L::Setup,
        ui: &mut Ui,
        cx: &mut TabContext<'_>,
    ) {
        let frames = self.film.frames();
        let labels: Vec<String> = frames.iter().map(|frame| Self::when(frame)).collect();
        let forks: Vec<bool> = (0..labels.len()).map(|i| self.film.is_fork(i)).collect();
        let mut state = self.film.strip.clone();
        let go_on = format!(
            "Train on from {} with the settings on the right. What came after is kept as another way.",
            L::WORDS.this
        );
        let strip = FilmStrip {
            name: "Snapshots of the training",
            n_frames: labels.len(),
            selected: self.film.selected(),
            label: &|i| labels.get(i).cloned().unwrap_or_default(),
            is_branch: &|i| forks.get(i).copied().unwrap_or(false),
            aspect: 1.0,
            go_on: self.film.can_go_on_from_here().then_some(&go_on),
        };
        let ctx = ui.ctx().clone();
        let film = &mut self.film;
        let did = strip.show(ui, &mut state, &mut |painter, frame, rect| {
            let columns = Film::<L::Snapshot>::thumb_columns();
            let side = rect.size() / columns as f32;
            if let Some(sheet) = film.thumb(&ctx, frame) {
                for i in 0..columns * columns {
                    let at = vec2((i % columns) as f32, (i / columns) as f32) * side;
                    sheet.paint(painter, Rect::from_min_size(rect.min + at, side), i);
                }
            }
        });
        self.film.strip = state;
        if did.follow {
            self.film.select(None);
        } else if did.went_to.is_some() {
            self.film.select(did.went_to);
        }
        if did.go_on {
            self.go_on_from_here(setup, cx);
        }
    }

    /// How far it is, above the stage on which `frame` stands.
    pub(in crate::tabs::images) fn head(&self, ui: &mut Ui, frame: &Frame<L::Snapshot>) {
        let told = self.told();
        let mut facts = vec![match (self.film.selected(), told) {
            (Some(_), _) => format!("On the stage: {}", Self::when(frame)),
            (None, Some(told)) => format!("{} of work", duration(told.secs)),
            (None, None) => "Beginning".into(),
        }];
        let is_training = self.is_training();
        if let Some(told) = told {
            facts.push(format!("{:.0} pictures/s", told.pictures_per_sec));
            let left = told.secs_left.filter(|_| is_training);
            facts.extend(left.map(|left| format!("{} left", duration(left))));
        }
        if self.is_held() {
            facts.push("paused".into());
        }
        facts.extend(self.ended.clone());
        ui.horizontal(|ui| {
            ui.label(RichText::new(facts.join("  ·  ")).small());
            let progress = told.and_then(|told| told.progress);
            if let Some(progress) = progress.filter(|_| is_training) {
                let bar = ui.add(ProgressBar::new(progress as f32).desired_height(6.0));
                ui.ctx().accesskit_node_builder(bar.id, |node| {
                    node.set_label("Progress of the training");
                });
            }
        });
    }

    /// "step 128, 9 s".
    pub(in crate::tabs::images) fn when(frame: &Frame<L::Snapshot>) -> String {
        let snapshot = &frame.snapshot;
        let step = grouped(snapshot.step());
        format!("{} {step}, {}", L::WORDS.step, duration(snapshot.secs()))
    }
}
