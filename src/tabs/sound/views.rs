//! The views of the chapter: each has a stage and a bench of its own and shares the [`Desk`].

use super::in_use::InUse;
use super::player::Player;
use crate::labs::sound::opening::Opened;
use crate::tabs::parts::{Choice, choose_view};
pub(super) use crate::tabs::view::View;
use eframe::egui::Ui;
use serde::{Deserialize, Serialize};

/// What a person can look at here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ViewName {
    /// A sound as a wave and as a spectrogram.
    #[default]
    See,
    /// A hand on the spectrogram.
    Paint,
    /// A spectrogram's lost phase, found again.
    Phase,
    /// Pictures, heard.
    Pictures,
    /// Phrases of music out of noise.
    FromNoise,
}

impl ViewName {
    /// The views, in the order they are shown.
    pub(super) const ALL: [Self; 5] = [
        Self::See,
        Self::Paint,
        Self::Phase,
        Self::Pictures,
        Self::FromNoise,
    ];

    /// What its button says.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::See => "See and hear",
            Self::Paint => "Paint",
            Self::Phase => "The missing half",
            Self::Pictures => "Pictures to sound",
            Self::FromNoise => "From noise",
        }
    }

    /// What there is to see.
    fn tooltip(self) -> &'static str {
        match self {
            Self::See => {
                "A sound as a wave and as a spectrogram: when it is how loud at which frequency."
            }
            Self::Paint => {
                "Paint on the spectrogram, erase, draw a melody, and hear at once what you painted."
            }
            Self::Phase => {
                "A spectrogram has no phase: hear a sound without it, and how Griffin-Lim finds one."
            }
            Self::Pictures => "Any picture taken for a spectrogram, and heard.",
            Self::FromNoise => {
                "Words become music: a network takes the noise out of a spectrogram, step by step."
            }
        }
    }
}

/// What the views share.
#[derive(Debug, Default)]
pub(super) struct Desk {
    /// The view that another one asks to be shown.
    pub(super) wanted: Option<ViewName>,
    /// The sound that is looked at, once there is one.
    pub(super) sound: Option<InUse>,
    /// How many sounds there were: each has its own number.
    n_sounds: u64,
    /// What plays.
    pub(super) player: Player,
}

impl Desk {
    /// Puts a sound on the desk: every view works on it from now on.
    pub(super) fn take(&mut self, opened: Opened) {
        self.n_sounds += 1;
        self.sound = Some(InUse::new(self.n_sounds, opened));
    }

    /// The sound on the desk has grown: more of its file was read.
    pub(super) fn grow(&mut self, opened: Opened) {
        self.sound = Some(InUse::new(self.n_sounds, opened));
    }

    /// The sound on the desk has other samples now: it was painted on.
    pub(super) fn change(&mut self, opened: Opened) {
        if let Some(sound) = &mut self.sound {
            sound.sound = opened.sound;
            sound.peaks = opened.peaks;
            sound.version += 1;
        }
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
