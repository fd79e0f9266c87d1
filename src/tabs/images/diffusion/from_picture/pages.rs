//! What the stage can show.

use serde::{Deserialize, Serialize};

/// A way from a picture to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Page {
    /// Some of the picture becomes noise.
    #[default]
    Strength,
    /// A part of it does.
    Repaint,
    /// From one noise to another.
    Walk,
    /// To its own noise and back.
    Back,
}

impl Page {
    pub(super) const ALL: [(Self, &'static str, &'static str); 4] = [
        (
            Self::Strength,
            "Change it",
            "Put some noise on the picture and let the network take it off again with other words: the more noise, the more is new (image to image).",
        ),
        (
            Self::Repaint,
            "Repaint a part",
            "Paint over a part of the picture: that part is made anew, the rest stays (inpainting).",
        ),
        (
            Self::Walk,
            "A walk",
            "From the noise of one seed to that of another: every noise between is a picture too.",
        ),
        (
            Self::Back,
            "To its noise and back",
            "Lead the picture up to the noise that it would come from, and down again (inversion).",
        ),
    ];
}
