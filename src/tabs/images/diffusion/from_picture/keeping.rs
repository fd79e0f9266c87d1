//! Saving: the picture, with what it was made with.

use super::FromPictureView;
use super::pages::Page;
use crate::labs::diffusion::noising::bytes;
use crate::labs::diffusion::parameters::Parameters;
use crate::labs::gan::faces::png;
use crate::labs::gan::pictures::Pictures;
use crate::labs::writing::write_whole;
use crate::tabs::parts::caption;
use crate::tabs::saving::Document;
use eframe::egui::{Button, Ui};
use std::sync::Arc;

/// Times that a picture is enlarged when it is saved, so that it can be put on a slide.
const ENLARGED: usize = 8;

impl FromPictureView {
    /// The button.
    pub(super) fn keep(&mut self, ui: &mut Ui) {
        let hint = "The new picture, eight times as large, with the words, the seed and the settings in it.";
        let is_there = self.outcome().picture.is_some();
        let button = ui.add_enabled(is_there, Button::new("Save as PNG…"));
        if button.on_hover_text(hint).clicked() {
            self.save_picture();
        }
        if self.page != Page::Walk {
            caption(
                ui,
                "The picture that it began with is not in it: keep that too.",
            );
        }
    }

    fn save_picture(&mut self) {
        let (Some(picture), Some(denoiser)) = (&self.outcome().picture, &self.denoiser) else {
            return;
        };
        let about = denoiser.about();
        let pictures = Pictures {
            side: about.side,
            n_channels: about.n_channels,
            pixels: bytes(picture),
        };
        let parameters = self.parameters(about.name.clone(), about.side);
        self.saving.ask(Document {
            heading: "Save the picture".into(),
            file_name: format!("glassbox-{}.png", self.seed),
            kind: Some(["PNG", "png"]),
            write: Arc::new(move |path| {
                let png = png(&pictures, ENLARGED)?;
                let png = match &parameters {
                    Some(parameters) => parameters.write_into(&png),
                    None => png,
                };
                write_whole(path, &png)
            }),
        });
    }

    /// What the picture on the stage was made with; none in the middle of a walk, where no one seed
    /// makes it.
    fn parameters(&self, model: String, side: usize) -> Option<Parameters> {
        let (seed, strength) = match self.page {
            Page::Walk if self.part <= 0.0 => (self.seed, None),
            Page::Walk if self.part >= 1.0 => (self.other, None),
            Page::Walk => return None,
            Page::Strength | Page::Repaint => (self.seed, Some(self.strength)),
            Page::Back => (self.seed, Some(1.0)),
        };
        Some(Parameters {
            model,
            caption: self.caption.clone(),
            mixed_with: None,
            seed,
            count: 1,
            side,
            settings: self.settings,
            strength,
        })
    }
}
