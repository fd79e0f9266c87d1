//! The views of the chapter: each has a stage and a bench of its own and shares the [`Desk`].

use super::model_slot::ModelSlot;
use super::text_at_hand::TextAtHand;
use crate::tabs::parts::{Choice, choose_view};
pub(super) use crate::tabs::view::View;
use crate::tabs::{Progress, TabContext};
use eframe::egui::Ui;
use serde::{Deserialize, Serialize};

/// What a person can look at here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ViewName {
    /// The model writes on.
    #[default]
    Write,
}

impl ViewName {
    /// The views, in the order they are shown.
    pub(super) const ALL: [Self; 1] = [Self::Write];

    /// What its button says.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Write => "Write",
        }
    }

    /// What there is to see.
    fn tooltip(self) -> &'static str {
        match self {
            Self::Write => "The model continues your text, and shows what else it weighed.",
        }
    }

    /// Its name in the settings.
    pub(super) fn key(self) -> String {
        let key = serde_json::to_value(self).unwrap_or_default();
        key.as_str().unwrap_or_default().to_owned()
    }
}

/// What the views share.
#[derive(Debug, Default)]
pub(super) struct Desk {
    /// The view that another one asks to be shown.
    pub(super) wanted: Option<ViewName>,
    /// The model in use.
    pub(super) model: ModelSlot,
    /// The text that the views which look inside look at.
    pub(super) text: TextAtHand,
}

impl Desk {
    /// Moves what jobs sent into the state, before the views do the same.
    pub(super) fn poll(&mut self, cx: &mut TabContext<'_>) {
        self.model.begin(cx);
        self.model.poll(cx);
        if let Some(loaded) = self.model.current() {
            self.text.poll(loaded, cx);
        }
    }

    /// Work in progress that no single view began.
    pub(super) fn progress(&self) -> Option<Progress> {
        self.model.progress()
    }
}

/// The views as a row of words, the shown one underlined. Returns the view that was chosen.
pub(super) fn choose(ui: &mut Ui, shown: ViewName) -> Option<ViewName> {
    let views = ViewName::ALL.map(|name| Choice {
        label: name.label(),
        tooltip: name.tooltip(),
        is_shown: name == shown,
    });
    choose_view(ui, &views).map(|i| ViewName::ALL[i])
}
