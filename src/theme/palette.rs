//! The colours by what they mean, one set per theme. Contrast is tested below: text at least 4.5:1
//! (7:1 for the projector), outlines of controls at least 3:1, after WCAG 2.2.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the one file where colours are named"
)]

use super::scales::{contrast, mix};
use eframe::egui::Color32;

/// Every colour of one theme, named by its meaning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Palette {
    /// Whether light stands on dark.
    pub dark: bool,
    /// Behind what happens: the stage.
    pub stage: Color32,
    /// Behind the rail, the bench and the status line.
    pub panel: Color32,
    /// A button, a field, a card: what can be picked up.
    pub control: Color32,
    /// The same under the pointer.
    pub hover: Color32,
    /// Hairlines between parts.
    pub line: Color32,
    /// The outline of what can be operated.
    pub outline: Color32,
    /// Words and numbers.
    pub text: Color32,
    /// Words that can wait: units, hints, captions.
    pub text_weak: Color32,
    /// What can be pressed, and what is chosen.
    pub accent: Color32,
    /// Words on [`Palette::accent`].
    pub on_accent: Color32,
    /// Behind what is chosen; [`Palette::text`] stands on it.
    pub accent_soft: Color32,
    /// Something worked.
    pub good: Color32,
    /// Something to look at.
    pub warning: Color32,
    /// Something was refused.
    pub error: Color32,
    /// Ten qualitative hues for marks and lines; neighbours differ for colour-blind eyes too.
    pub hues: [Color32; 10],
}

impl Palette {
    /// The fill of the `i`th chip in a row: one of ten soft hues on which [`Palette::text`] is read.
    #[must_use]
    pub fn token_fill(&self, i: usize) -> Color32 {
        let strength = if self.dark { 0.45 } else { 0.34 };
        mix(self.stage, self.hues[i % 10], strength)
    }

    /// The fill of a chip whose token had probability `p` (0..=1): surprising ones are warm and
    /// deep, expected ones pale. [`Palette::text`] is read on all of them. Never the only sign of
    /// `p`: a length or a number stands beside it.
    #[must_use]
    pub fn probability(&self, p: f32) -> Color32 {
        let p = p.clamp(0.0, 1.0);
        let [rare, even, sure] = if self.dark {
            [rgb(0x8f_3b_1b), rgb(0x5a_4a_2c), rgb(0x1d_3a_4c)]
        } else {
            [rgb(0xf7_a5_7c), rgb(0xfb_e3_ae), rgb(0xdc_ec_f7)]
        };
        if p < 0.5 {
            mix(rare, even, p * 2.0)
        } else {
            mix(even, sure, p * 2.0 - 1.0)
        }
    }

    /// Blue for −1, red for 1, and at 0 the stage itself: for signed numbers drawn on the stage. Every
    /// drawing with it has its legend.
    #[must_use]
    pub fn signed(&self, t: f32) -> Color32 {
        let ends = if self.dark {
            [rgb(0x4f_b0_f0), rgb(0xff_6f_61)]
        } else {
            [rgb(0x05_71_b0), rgb(0xca_00_20)]
        };
        let t = t.clamp(-1.0, 1.0);
        let end = ends[usize::from(t > 0.0)];
        mix(self.stage, end, t.abs())
    }

    /// Black or white, whichever is read better on `fill`: for numbers on a heat map.
    #[must_use]
    pub fn text_on(&self, fill: Color32) -> Color32 {
        let (black, white) = (Color32::BLACK, Color32::WHITE);
        if contrast(black, fill) >= contrast(white, fill) {
            black
        } else {
            white
        }
    }
}

/// Ten hues after Paul Tol's colour-blind-safe "muted" scheme (technical note SRON/EPS/TN/09-002)
/// and his orange, in the order that keeps neighbours
/// farthest apart for eyes that lack green or red cones too.
const HUES_ON_LIGHT: [Color32; 10] = [
    rgb(0x33_22_88),
    rgb(0x44_aa_99),
    rgb(0x99_99_33),
    rgb(0x88_cc_ee),
    rgb(0x11_77_33),
    rgb(0xaa_44_99),
    rgb(0xdd_cc_77),
    rgb(0x88_22_55),
    rgb(0xee_77_33),
    rgb(0xcc_66_77),
];

/// The same hues, the dark ones lifted so that they show on a dark stage.
const HUES_ON_DARK: [Color32; 10] = [
    rgb(0x7b_6f_e0),
    rgb(0x44_aa_99),
    rgb(0xb5_b5_4a),
    rgb(0x88_cc_ee),
    rgb(0x3f_a8_5f),
    rgb(0xc0_6f_c8),
    rgb(0xdd_cc_77),
    rgb(0xc4_58_8f),
    rgb(0xee_77_33),
    rgb(0xd9_7f_8d),
];

/// For daylight.
pub const LIGHT: Palette = Palette {
    dark: false,
    stage: rgb(0xff_ff_ff),
    panel: rgb(0xf6_f6_f4),
    control: rgb(0xff_ff_ff),
    hover: rgb(0xed_ee_eb),
    line: rgb(0xe3_e3_df),
    outline: rgb(0x86_88_85),
    text: rgb(0x1b_1d_1f),
    text_weak: rgb(0x5a_5e_62),
    accent: rgb(0x1f_5a_b8),
    on_accent: rgb(0xff_ff_ff),
    accent_soft: rgb(0xe2_eb_f8),
    good: rgb(0x1a_6f_42),
    warning: rgb(0x85_54_00),
    error: rgb(0xb0_24_1c),
    hues: HUES_ON_LIGHT,
};

/// For evenings.
pub const DARK: Palette = Palette {
    dark: true,
    stage: rgb(0x15_17_1a),
    panel: rgb(0x1c_1f_22),
    control: rgb(0x25_29_2d),
    hover: rgb(0x30_35_3a),
    line: rgb(0x2d_31_36),
    outline: rgb(0x77_7e_86),
    text: rgb(0xec_ee_f0),
    text_weak: rgb(0xa9_b0_b7),
    accent: rgb(0x82_b4_ff),
    on_accent: rgb(0x0a_1a_2e),
    accent_soft: rgb(0x22_35_4f),
    good: rgb(0x6f_d1_9a),
    warning: rgb(0xf0_be_5c),
    error: rgb(0xff_8a_80),
    hues: HUES_ON_DARK,
};

/// For the back row: black on white, every sign darker.
pub const PROJECTOR: Palette = Palette {
    dark: false,
    stage: rgb(0xff_ff_ff),
    panel: rgb(0xf4_f4_f2),
    control: rgb(0xff_ff_ff),
    hover: rgb(0xe6_e8_e6),
    line: rgb(0xc4_c6_c3),
    outline: rgb(0x5c_5e_5c),
    text: rgb(0x00_00_00),
    text_weak: rgb(0x36_39_3c),
    accent: rgb(0x0b_3d_91),
    on_accent: rgb(0xff_ff_ff),
    accent_soft: rgb(0xd9_e5_f7),
    good: rgb(0x0b_55_2a),
    warning: rgb(0x63_3d_00),
    error: rgb(0x8c_0f_0f),
    hues: HUES_ON_LIGHT,
};

/// A colour from its six hexadecimal digits.
const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_read_on_every_surface_it_stands_on() {
        for (name, palette, least) in [
            ("light", LIGHT, 4.5),
            ("dark", DARK, 4.5),
            ("projector", PROJECTOR, 7.0),
        ] {
            let p = palette;
            for surface in [p.stage, p.panel, p.control, p.hover, p.accent_soft] {
                for text in [p.text, p.text_weak, p.accent, p.good, p.warning, p.error] {
                    let ratio = contrast(text, surface);
                    assert!(
                        ratio >= least,
                        "{name}: {text:?} on {surface:?} is {ratio:.2}:1"
                    );
                }
            }
            assert!(contrast(p.on_accent, p.accent) >= least, "{name}");
            for surface in [p.stage, p.panel, p.control] {
                assert!(contrast(p.outline, surface) >= 3.0, "{name}: outline");
            }
        }
    }

    #[test]
    fn text_is_read_on_every_chip() {
        for (palette, least) in [(LIGHT, 4.5), (DARK, 4.5), (PROJECTOR, 7.0)] {
            for i in 0..10 {
                let ratio = contrast(palette.text, palette.token_fill(i));
                assert!(ratio >= least, "hue {i}: {ratio:.2}:1");
            }
            for i in 0..=100 {
                let ratio = contrast(palette.text, palette.probability(i as f32 / 100.0));
                assert!(ratio >= least, "p = {i} %: {ratio:.2}:1");
            }
        }
    }

    /// What a person without green or red cones sees (Viénot, Brettel and Mollon 1999), linear RGB.
    fn seen_without(cone: &str, [r, g, b]: [f32; 3]) -> [f32; 3] {
        let l = 17.8824 * r + 43.5161 * g + 4.11935 * b;
        let m = 3.45565 * r + 27.1554 * g + 3.86714 * b;
        let s = 0.029_956_6 * r + 0.184_309 * g + 1.46709 * b;
        let (l, m) = match cone {
            "green" => (l, 0.494_207 * l + 1.24827 * s),
            "red" => (2.02344 * m - 2.52581 * s, m),
            _ => (l, m),
        };
        [
            0.080_944_4 * l - 0.130_504 * m + 0.116_721 * s,
            -0.010_248_5 * l + 0.054_019_4 * m - 0.113_615 * s,
            -0.000_365_294 * l - 0.004_121_63 * m + 0.693_513 * s,
        ]
    }

    fn linear(color: Color32) -> [f32; 3] {
        let [r, g, b, _] = eframe::egui::Rgba::from(color).to_array();
        [r, g, b]
    }

    /// CIE 1976 L*a*b*, D65.
    fn lab([r, g, b]: [f32; 3]) -> [f32; 3] {
        let f = |t: f32| {
            if t > 0.008_856 {
                t.max(0.0).cbrt()
            } else {
                7.787 * t + 16.0 / 116.0
            }
        };
        let x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
        let y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
        let z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    #[test]
    fn adjacent_chips_differ_for_every_kind_of_eye() {
        for palette in [LIGHT, DARK, PROJECTOR] {
            for cone in ["none missing", "green", "red"] {
                for i in 0..10 {
                    let [a, b] =
                        [i, i + 1].map(|i| lab(seen_without(cone, linear(palette.token_fill(i)))));
                    let far = (0..3).map(|k| (a[k] - b[k]).powi(2)).sum::<f32>().sqrt();
                    assert!(far >= 15.0, "chips {i} and {} ({cone}): ΔE {far:.1}", i + 1);
                }
            }
        }
    }
}
