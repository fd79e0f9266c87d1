//! The views of the chapter: each has a stage and a bench of its own and shares the [`Desk`].

use crate::tabs::parts::{Choice, choose_view};
pub(super) use crate::tabs::view::View;
use eframe::egui::Ui;
use serde::{Deserialize, Serialize};

/// What a person can look at here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ViewName {
    /// Two networks fight over points on a plane.
    #[default]
    Plane,
    /// Two networks learn to make pictures.
    Pictures,
    /// What the generator that ships draws.
    Faces,
}

impl ViewName {
    /// The views, in the order they are shown.
    pub(super) const ALL: [Self; 3] = [Self::Plane, Self::Pictures, Self::Faces];

    /// What its button says.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Plane => "On the plane",
            Self::Pictures => "On pictures",
            Self::Faces => "Faces that do not exist",
        }
    }

    /// What there is to see.
    fn tooltip(self) -> &'static str {
        match self {
            Self::Plane => {
                "Two small networks fight over points: one makes them, the other tells them from real ones (GAN)."
            }
            Self::Pictures => {
                "The same fight over pictures: watch faces, digits or pictures of your own come out of noise."
            }
            Self::Faces => {
                "The generator that ships: new faces, walks between them, arithmetic, and whether they are copies."
            }
        }
    }
}

/// What the views share.
#[derive(Debug, Default)]
pub(super) struct Desk {
    /// The view that another one asks to be shown.
    pub(super) wanted: Option<ViewName>,
}

/// The views as a row of words, the shown one underlined. Returns the one that was chosen.
pub(super) fn choose(ui: &mut Ui, shown: ViewName) -> Option<ViewName> {
    let views = ViewName::ALL.map(|name| Choice {
        label: name.label(),
        tooltip: name.tooltip(),
        is_shown: name == shown,
    });
    choose_view(ui, &views).map(|i| ViewName::ALL[i])
}
