//! Colour scales for data: viridis for magnitudes, blue–white–red for signed values. Every picture
//! that uses one shows its legend.

#![expect(
    clippy::disallowed_methods,
    reason = "scales compute colours; no other file does"
)]

use eframe::egui::{Color32, Rgba};
use serde::{Deserialize, Serialize};

/// A scale for magnitudes, to choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ColorMap {
    /// Violet over green to yellow: [`viridis`].
    #[default]
    Viridis,
    /// Black over red to pale yellow.
    Magma,
    /// Black to white.
    Grey,
    /// White to black: for paper.
    Ink,
}

impl ColorMap {
    /// All of them, as they are offered.
    pub const ALL: [Self; 4] = [Self::Viridis, Self::Magma, Self::Grey, Self::Ink];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Viridis => "Viridis",
            Self::Magma => "Magma",
            Self::Grey => "Grey",
            Self::Ink => "Ink",
        }
    }

    /// The colour at `t` in 0..=1; all of them grow lighter evenly, or darker.
    #[must_use]
    pub fn at(self, t: f32) -> Color32 {
        /// matplotlib's magma at every eighth.
        const MAGMA: [[u8; 3]; 9] = [
            [0, 0, 4],
            [29, 17, 71],
            [81, 18, 124],
            [130, 38, 129],
            [182, 54, 121],
            [230, 81, 100],
            [251, 136, 97],
            [254, 194, 135],
            [252, 253, 191],
        ];
        let t = t.clamp(0.0, 1.0);
        match self {
            Self::Viridis => viridis(t),
            Self::Magma => between(&MAGMA, t),
            Self::Grey => Color32::from_gray((t * 255.0).round() as u8),
            Self::Ink => Color32::from_gray(255 - (t * 255.0).round() as u8),
        }
    }
}

/// Viridis (Smith and van der Walt 2015) at `t` in 0..=1: perceptually even, colour-blind-safe.
#[must_use]
pub fn viridis(t: f32) -> Color32 {
    /// matplotlib's table at every eighth.
    const STOPS: [[u8; 3]; 9] = [
        [68, 1, 84],
        [71, 45, 123],
        [59, 82, 139],
        [44, 114, 142],
        [33, 145, 140],
        [40, 174, 128],
        [94, 201, 98],
        [173, 220, 48],
        [253, 231, 37],
    ];
    between(&STOPS, t.clamp(0.0, 1.0))
}

/// Blue–white–red at `t` in -1..=1, white at zero (`ColorBrewer`'s `RdBu`, five classes).
#[must_use]
pub fn diverging(t: f32) -> Color32 {
    const STOPS: [[u8; 3]; 5] = [
        [0x05, 0x71, 0xb0],
        [0x92, 0xc5, 0xde],
        [0xf7, 0xf7, 0xf7],
        [0xf4, 0xa5, 0x82],
        [0xca, 0x00, 0x20],
    ];
    between(&STOPS, t.clamp(-1.0, 1.0) / 2.0 + 0.5)
}

/// The colour at `t` in 0..=1 along evenly spaced stops.
fn between(stops: &[[u8; 3]], t: f32) -> Color32 {
    let at = t * (stops.len() - 1) as f32;
    let below = (at as usize).min(stops.len() - 2);
    let [from, to] = [stops[below], stops[below + 1]].map(|[r, g, b]| Color32::from_rgb(r, g, b));
    mix(from, to, at - below as f32)
}

/// A colour between `from` (`t` = 0) and `to` (`t` = 1).
#[must_use]
pub fn mix(from: Color32, to: Color32, t: f32) -> Color32 {
    let channel = |a: u8, b: u8| (f32::from(a) + (f32::from(b) - f32::from(a)) * t).round() as u8;
    Color32::from_rgb(
        channel(from.r(), to.r()),
        channel(from.g(), to.g()),
        channel(from.b(), to.b()),
    )
}

/// The contrast ratio of two opaque colours, 1..=21, as WCAG 2.2 defines it.
#[must_use]
pub fn contrast(a: Color32, b: Color32) -> f32 {
    let luminance = |color: Color32| {
        let [r, g, b, _] = Rgba::from(color).to_array();
        0.2126 * r + 0.7152 * g + 0.0722 * b
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_of_magnitudes_grows_lighter_from_one_end_to_the_other() {
        for map in [ColorMap::Viridis, ColorMap::Magma, ColorMap::Grey] {
            let against_black = |i: i32| contrast(map.at(i as f32 / 100.0), Color32::BLACK);
            for i in 0..100 {
                assert!(against_black(i) < against_black(i + 1), "{map:?} at {i} %");
            }
        }
        assert_eq!(ColorMap::Ink.at(1.0), Color32::BLACK);
        assert_eq!(viridis(0.5), Color32::from_rgb(33, 145, 140));
    }

    #[test]
    fn the_diverging_scale_is_neutral_at_zero_and_clamped_at_its_ends() {
        let zero = diverging(0.0);
        assert!(zero.r() == zero.g() && zero.g() == zero.b());
        assert_eq!(diverging(-7.0), diverging(-1.0));
        assert!(diverging(-1.0).b() > 150 && diverging(1.0).r() > 150);
    }

    #[test]
    fn black_on_white_is_21_to_1_and_grey_767676_on_white_is_just_readable() {
        assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 0.01);
        let ratio = contrast(Color32::from_gray(0x76), Color32::WHITE);
        assert!((ratio - 4.54).abs() < 0.01, "{ratio}");
    }
}
