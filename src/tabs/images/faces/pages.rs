//! What the stage of the faces can show, and what it shows before there is a face.

use crate::tabs::parts::caption;
use crate::theme;
use eframe::egui::{RichText, Ui};

/// What the stage shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Page {
    /// One face, and its z.
    #[default]
    One,
    /// The same, pushed towards what somebody wants.
    Push,
    /// From one face to another.
    Walk,
    /// One face minus another plus a third.
    Sums,
}

impl Page {
    pub(super) const ALL: [(Self, &'static str, &'static str); 4] = [
        (
            Self::One,
            "One face",
            "A face, the 64 numbers it is made of, and what is nearest to it.",
        ),
        (
            Self::Push,
            "Push it",
            "More of a smile, less hair: sliders along the ways of z that the judge found.",
        ),
        (
            Self::Walk,
            "A walk",
            "From one face to another: every step between is a face too.",
        ),
        (
            Self::Sums,
            "Arithmetic",
            "Face with glasses − face without + another face: the other face, with glasses.",
        ),
    ];
}

/// The generator is being opened, or could not be.
pub(super) fn waiting(ui: &mut Ui, refused: Option<&str>) {
    ui.add_space(ui.available_height() * 0.3);
    ui.vertical_centered(|ui| {
        ui.set_max_width(520.0);
        let words = refused.unwrap_or("The generator is being opened");
        ui.label(RichText::new(words).text_style(theme::style::subheading()));
        ui.add_space(theme::size::GRID);
        let more = if refused.is_some() {
            "Train a generator of your own under “On pictures”, save it, and drop its .safetensors here."
        } else {
            "Sixty-four random numbers go in, a face comes out that nobody has."
        };
        caption(ui, more);
    });
}
