//! Pictures that need no file: each shows what a shape sounds like.

use super::{Grey, Looked, Params, Reading, Source};

/// Columns and rows: 4 s, and Riffusion's rows.
const SIZE: [usize; 2] = [400, 512];

/// A picture that is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawn {
    /// Level strokes, each higher than the one before.
    Stairs,
    /// Upright strokes.
    Fence,
    /// Rings.
    Rings,
    /// Strokes that rise and fall.
    Waves,
}

impl Drawn {
    /// All of them, as they are offered.
    pub const ALL: [Self; 4] = [Self::Stairs, Self::Fence, Self::Rings, Self::Waves];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stairs => "Stairs",
            Self::Fence => "Fence",
            Self::Rings => "Rings",
            Self::Waves => "Waves",
        }
    }

    /// What it shows.
    #[must_use]
    pub const fn teaches(self) -> &'static str {
        match self {
            Self::Stairs => "A level stroke is a tone, and the next step a higher one.",
            Self::Fence => "An upright stroke is every frequency at once: a click.",
            Self::Rings => {
                "A ring begins as one tone, parts into a rising and a falling one, and closes again."
            }
            Self::Waves => "A stroke that rises and falls is a siren; two are two.",
        }
    }

    /// How loud the pixel is, 0 to 1.
    fn at(self, x: f64, y: f64) -> f64 {
        let stroke = |distance: f64, width: f64| (-(distance / width).powi(2)).exp();
        match self {
            Self::Stairs => {
                let step = (x * 8.0).floor();
                let inside = x * 8.0 - step;
                let fade = (inside * 12.0).min(1.0) * ((1.0 - inside) * 12.0).min(1.0);
                fade * stroke(y - (0.2 + 0.07 * step), 0.006)
            }
            Self::Fence => stroke((x * 8.0).fract() - 0.5, 0.06) * (1.0 - 0.5 * y),
            Self::Rings => {
                let middle = (x * 2.0).floor() * 0.5 + 0.25;
                let distance = ((x - middle) * 2.0).hypot(y - 0.45);
                stroke(distance - 0.3, 0.008).max(stroke(distance - 0.16, 0.008))
            }
            Self::Waves => {
                let sway = |middle: f64, turns: f64| {
                    let y_of = middle + 0.1 * (x * turns * std::f64::consts::TAU).sin();
                    stroke(y - y_of, 0.007)
                };
                sway(0.35, 2.0).max(sway(0.65, 5.0))
            }
        }
    }

    /// The picture, white on black.
    #[must_use]
    pub fn picture(self) -> Looked {
        let [width, height] = SIZE;
        let pixel = |i: usize| {
            let x = ((i % width) as f64 + 0.5) / width as f64;
            let y = 1.0 - ((i / width) as f64 + 0.5) / height as f64;
            (self.at(x, y).clamp(0.0, 1.0) * 255.0).round() as u8
        };
        Looked {
            picture: Grey {
                width,
                height,
                pixels: (0..width * height).map(pixel).collect(),
            },
            reading: Reading {
                params: Params::default(),
                largest: None,
                white_is_loud: true,
            },
            source: Source::Any,
        }
    }
}
