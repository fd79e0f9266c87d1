//! The views of the chapter: each has a stage and a bench of its own and shares the [`Desk`].

use super::sets::Sets;
use crate::command::Command;
use crate::files::card::Card;
use crate::tabs::parts::{Choice, choose_view};
use crate::tabs::{Progress, StatusItem, TabContext};
use eframe::egui::Ui;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::PathBuf;

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

/// One view, as the chapter's frame sees it. The methods mean what those of [`crate::tabs::Tab`] mean.
pub(super) trait View {
    /// Moves what jobs sent into the state. Called every frame, shown or not.
    fn poll(&mut self, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}

    /// What you are looking at.
    fn title(&self, desk: &Desk) -> String;

    /// The centre of the window.
    fn stage(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>);

    /// The controls on the right.
    fn bench(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>);

    /// Whether there are steps to go back and forth over.
    fn has_timeline(&self) -> bool {
        false
    }

    /// The steps.
    fn timeline(&mut self, _ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}

    /// Whether an equation is open.
    fn has_explain(&self) -> bool {
        false
    }

    /// The equation of what was clicked.
    fn explain(&mut self, _ui: &mut Ui, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}

    /// Facts for the status line.
    fn status(&self, _desk: &Desk) -> Vec<StatusItem> {
        Vec::new()
    }

    /// Work in progress, if any.
    fn progress(&self) -> Option<Progress> {
        None
    }

    /// What Run does, in a word and in a sentence.
    fn run_words(&self) -> Option<[&'static str; 2]> {
        None
    }

    /// Whether this command can be given now.
    fn can(&self, _command: Command, _desk: &Desk) -> bool {
        false
    }

    /// Answers a command.
    fn command(&mut self, _command: Command, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}

    /// What it would do with a file, shown or not: the chapter asks the shown view first.
    fn accepts(&self, _card: &Card) -> Option<String> {
        None
    }

    /// Opens a file that it accepted.
    fn open(&mut self, _path: PathBuf, _desk: &mut Desk, _cx: &mut TabContext<'_>) {}

    /// What survives a restart.
    fn save(&self) -> Value {
        Value::Null
    }

    /// Takes back what [`Self::save`] gave.
    fn restore(&mut self, _saved: &Value) {}
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
