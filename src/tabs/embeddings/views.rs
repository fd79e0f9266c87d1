//! The views of the chapter: each has a stage and a bench of its own and shares the [`Desk`].

use super::sets::Sets;
use crate::tabs::parts::{Choice, choose_view};
pub(super) use crate::tabs::view::View;
use eframe::egui::Ui;
use serde::{Deserialize, Serialize};

/// What a person can look at here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ViewName {
    /// king − man + woman.
    #[default]
    Arithmetic,
    /// Every word as a point.
    Map,
    /// A table of numbers that a person made.
    OwnDimensions,
    /// From counts of words to arrows.
    Origin,
    /// Arrows from elsewhere.
    Spaces,
}

impl ViewName {
    /// The views, in the order they are shown.
    pub(super) const ALL: [Self; 5] = [
        Self::Arithmetic,
        Self::Map,
        Self::OwnDimensions,
        Self::Origin,
        Self::Spaces,
    ];

    /// What its button says.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Arithmetic => "Arithmetic",
            Self::Map => "Map",
            Self::OwnDimensions => "Your own dimensions",
            Self::Origin => "Where they come from",
            Self::Spaces => "Other spaces",
        }
    }

    /// What there is to see.
    fn tooltip(self) -> &'static str {
        match self {
            Self::Arithmetic => "Add and subtract words: king − man + woman.",
            Self::Map => "Every word as a point, near the words that are used alike.",
            Self::OwnDimensions => {
                "Invent the axes and the numbers yourself, and do the same arithmetic by hand."
            }
            Self::Origin => {
                "Count which words stand near each other, and make arrows of the counts."
            }
            Self::Spaces => {
                "The arrows inside a language model, and the same word in two sentences."
            }
        }
    }
}

/// What the views share.
#[derive(Debug, Default)]
pub(super) struct Desk {
    /// The vectors that all views work with.
    pub(super) sets: Sets,
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
