//! The drawer: what a pixel means.

use super::PicturesView;
use crate::labs::sound::pictures::Pixel;
use crate::tabs::parts::{caption, group};
use crate::theme::style;
use crate::widgets::icon::Icon;
use eframe::egui::{Align, Label, Layout, RichText, ScrollArea, Ui};

pub(super) fn show(view: &mut PicturesView, ui: &mut Ui) {
    let mut close = false;
    ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
        let button = Icon::Close.button(ui, "Close the equation", "Back to the whole stage.");
        close = button.clicked();
        ui.with_layout(Layout::top_down(Align::LEFT), |ui| {
            let title = RichText::new("What this pixel means");
            ui.label(title.text_style(style::subheading()));
        });
    });
    if close {
        view.pixel = None;
        return;
    }
    let (Some(taken), Some(reading), Some(at)) = (&view.taken, &view.reading, view.pixel) else {
        return;
    };
    let found = view.found.heard.as_ref().map(|heard| &heard.picture);
    let pixel = match Pixel::of(&taken.looked.picture, reading, found, at) {
        Ok(pixel) => pixel,
        Err(refusal) => {
            ui.label(refusal.to_string());
            return;
        }
    };
    ScrollArea::vertical()
        .id_salt("a pixel")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            group(ui, "When");
            let step = reading.params.step_size_millis;
            let (column, secs) = (pixel.column, pixel.secs);
            line(ui, &format!("column {column} · {step} ms = {secs:.3} s"));
            group(ui, "Which frequencies");
            let [low, centre, high] = pixel.hz;
            let m = taken.looked.picture.height - 1 - pixel.row;
            line(ui, &format!("row {} from the top", pixel.row));
            line(ui, &format!("mel filter {m}: {low:.1} to {high:.1} Hz,"));
            line(ui, &format!("most of all {centre:.1} Hz"));
            group(ui, "How loud");
            let level = pixel.level;
            if reading.white_is_loud {
                line(ui, &format!("{level} / 255 = {:.4}", pixel.share));
            } else {
                line(ui, &format!("(255 − {level}) / 255 = {:.4}", pixel.share));
            }
            caption(ui, "A picture of the magnitudes themselves would be nearly all white: they are drawn as their fourth root, which is undone here.");
            line(ui, &format!("{:.4}^{} · {:.3e}", pixel.share, pixel.power, pixel.largest));
            line(ui, &format!("= {:.4e}", pixel.magnitude));
            caption(ui, "in Riffusion's units, in which a sample of full scale is 32,768. The filter's frequencies share it: as much in each as fits best without a negative one.");
            if let Some(found) = pixel.found {
                group(ui, "What was found");
                line(ui, &format!("grey level {found}, asked for {level}"));
                caption(ui, "The sound's own picture at this place. Neighbouring windows overlap, so no sound can have any picture one likes.");
            }
        });
}

fn line(ui: &mut Ui, words: &str) {
    let text = RichText::new(words).text_style(style::small_mono());
    ui.add(Label::new(text).extend());
}
