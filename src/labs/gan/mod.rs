//! Generative adversarial networks (Goodfellow et al. 2014): a generator that makes, a discriminator
//! that judges, each trained against the other; on the plane, where everything can be seen, and on
//! pictures.
//!
//! Letters: x a real sample, z noise, G(z) a fake; `output` is the last number of the discriminator,
//! before any sigmoid (a logit for the first two losses, a score for the others).

pub mod faces;
pub mod pictures;
pub mod plane;

use crate::nn::softplus::{softplus, softplus_f64};
use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

/// What the two networks lower. Everything is computed on the discriminator's raw outputs, so that no
/// logarithm of 0 can occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// The game as first written (Goodfellow et al. 2014, eq. 1): D lowers −ln D(x) − ln(1 − D(G(z))),
    /// G lowers ln(1 − D(G(z))). Where D is sure, G's gradient vanishes.
    Log,
    /// The same D; G lowers −ln D(G(z)) (the same paper, section 3): the same aim, but the surer D is,
    /// the harder it pulls.
    #[default]
    NonSaturating,
    /// D's output is drawn to 1 for real and 0 for fake by ½(output − label)² (Mao et al. 2017, eq. 9).
    LeastSquares,
    /// D wants real above 1 and fake below −1, and no more (Lim & Ye 2017); G raises the output. For
    /// pictures.
    Hinge,
    /// D is a critic: mean output on fake − mean output on real, with its gradient held at length 1 by a
    /// penalty (Arjovsky et al. 2017; Gulrajani et al. 2017, eq. 3). G raises the output. For the plane.
    WassersteinPenalty,
}

/// How to read the discriminator's output under a loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// σ(output) is the probability that the sample is real.
    Probability,
    /// The output itself: near 1 real, near 0 fake.
    Label,
    /// The output itself, a score with 0 between real and fake.
    Margin,
    /// The output itself, a score of which only differences mean something.
    Score,
}

impl Loss {
    /// Those offered on the plane.
    pub const PLANE: [Self; 4] = [
        Self::Log,
        Self::NonSaturating,
        Self::LeastSquares,
        Self::WassersteinPenalty,
    ];

    /// Those offered on pictures.
    pub const PICTURES: [Self; 4] = [
        Self::Log,
        Self::NonSaturating,
        Self::LeastSquares,
        Self::Hinge,
    ];

    /// Its name in a list.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Log => "Log (minimax)",
            Self::NonSaturating => "Non-saturating",
            Self::LeastSquares => "Least squares",
            Self::Hinge => "Hinge",
            Self::WassersteinPenalty => "Wasserstein with penalty",
        }
    }

    /// What it asks of both networks, for a tooltip.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Log => {
                "D is paid for telling real from fake, G for D's mistakes: the game as first written. Where D is sure, G's gradient all but vanishes."
            }
            Self::NonSaturating => {
                "The same D, but G raises ln D(G(z)) instead of lowering ln(1 − D(G(z))): the surer D is, the harder G is pulled."
            }
            Self::LeastSquares => {
                "D's output is drawn to 1 for real and 0 for fake, and a sample far on the wrong side is pulled in proportion to how far."
            }
            Self::Hinge => {
                "D wants real above 1 and fake below −1 and then leaves them alone; G raises D's output."
            }
            Self::WassersteinPenalty => {
                "D becomes a critic whose slope is held near 1: the difference of its mean scores estimates how far the fakes must be moved to become the real ones."
            }
        }
    }

    /// What D lowers and what G lowers, written out.
    #[must_use]
    pub fn formulas(self) -> [&'static str; 2] {
        match self {
            Self::Log => [
                "mean −ln D(x) + mean −ln(1 − D(G(z)))",
                "mean ln(1 − D(G(z)))",
            ],
            Self::NonSaturating => ["mean −ln D(x) + mean −ln(1 − D(G(z)))", "mean −ln D(G(z))"],
            Self::LeastSquares => ["mean ½(D(x) − 1)² + mean ½D(G(z))²", "mean ½(D(G(z)) − 1)²"],
            Self::Hinge => [
                "mean max(0, 1 − D(x)) + mean max(0, 1 + D(G(z)))",
                "mean −D(G(z))",
            ],
            Self::WassersteinPenalty => [
                "mean D(G(z)) − mean D(x) + λ mean (|∇D(x̂)| − 1)²",
                "mean −D(G(z))",
            ],
        }
    }

    /// How D's output is read.
    #[must_use]
    pub fn reading(self) -> Reading {
        match self {
            Self::Log | Self::NonSaturating => Reading::Probability,
            Self::LeastSquares => Reading::Label,
            Self::Hinge => Reading::Margin,
            Self::WassersteinPenalty => Reading::Score,
        }
    }

    /// Whether label smoothing means something: the other losses have no labels.
    #[must_use]
    pub fn has_labels(self) -> bool {
        !matches!(self, Self::Hinge | Self::WassersteinPenalty)
    }

    /// What D lowers, a scalar, without the Wasserstein loss's penalty; `real` and `fake` (b) are its
    /// raw outputs. Real samples' label is 1 − `smoothing` (Salimans et al. 2016, section 3.4: on one
    /// side only), fakes' 0.
    ///
    /// # Errors
    /// When the device does.
    pub fn discriminator(self, real: &Tensor, fake: &Tensor, smoothing: f64) -> Result<Tensor> {
        match self {
            Self::Log | Self::NonSaturating => {
                // −t ln σ(y) − (1 − t) ln(1 − σ(y)) = softplus(y) − t y, with t = 1 − smoothing.
                let on_real = (softplus(real)? - (real * (1.0 - smoothing))?)?.mean_all()?;
                on_real + softplus(fake)?.mean_all()?
            }
            Self::LeastSquares => {
                let on_real = (real - (1.0 - smoothing))?.sqr()?.mean_all()?;
                (on_real + fake.sqr()?.mean_all()?)? * 0.5
            }
            Self::Hinge => {
                let on_real = real.affine(-1.0, 1.0)?.relu()?.mean_all()?;
                on_real + (fake + 1.0)?.relu()?.mean_all()?
            }
            Self::WassersteinPenalty => fake.mean_all()? - real.mean_all()?,
        }
    }

    /// What G lowers, a scalar; `fake` (b) are D's raw outputs on its samples.
    ///
    /// # Errors
    /// When the device does.
    pub fn generator(self, fake: &Tensor) -> Result<Tensor> {
        match self {
            Self::Log => softplus(fake)?.mean_all()?.neg(),
            Self::NonSaturating => softplus(&fake.neg()?)?.mean_all(),
            Self::LeastSquares => (fake - 1.0)?.sqr()?.mean_all()? * 0.5,
            Self::Hinge | Self::WassersteinPenalty => fake.mean_all()?.neg(),
        }
    }

    /// One real sample's part in D's loss, in f64.
    #[must_use]
    pub fn real_term(self, output: f64, smoothing: f64) -> f64 {
        match self {
            Self::Log | Self::NonSaturating => softplus_f64(output) - (1.0 - smoothing) * output,
            Self::LeastSquares => 0.5 * (output - (1.0 - smoothing)).powi(2),
            Self::Hinge => (1.0 - output).max(0.0),
            Self::WassersteinPenalty => -output,
        }
    }

    /// One fake's part in D's loss, in f64.
    #[must_use]
    pub fn fake_term(self, output: f64) -> f64 {
        match self {
            Self::Log | Self::NonSaturating => softplus_f64(output),
            Self::LeastSquares => 0.5 * output * output,
            Self::Hinge => (1.0 + output).max(0.0),
            Self::WassersteinPenalty => output,
        }
    }

    /// One fake's part in G's loss, in f64.
    #[must_use]
    pub fn generator_term(self, output: f64) -> f64 {
        match self {
            Self::Log => -softplus_f64(output),
            Self::NonSaturating => softplus_f64(-output),
            Self::LeastSquares => 0.5 * (output - 1.0).powi(2),
            Self::Hinge | Self::WassersteinPenalty => -output,
        }
    }

    /// The slope of [`Loss::real_term`] by the output.
    #[must_use]
    pub fn real_slope(self, output: f64, smoothing: f64) -> f64 {
        match self {
            Self::Log | Self::NonSaturating => sigmoid(output) - (1.0 - smoothing),
            Self::LeastSquares => output - (1.0 - smoothing),
            Self::Hinge => -f64::from(output < 1.0),
            Self::WassersteinPenalty => -1.0,
        }
    }

    /// The slope of [`Loss::fake_term`] by the output.
    #[must_use]
    pub fn fake_slope(self, output: f64) -> f64 {
        match self {
            Self::Log | Self::NonSaturating => sigmoid(output),
            Self::LeastSquares => output,
            Self::Hinge => f64::from(output > -1.0),
            Self::WassersteinPenalty => 1.0,
        }
    }

    /// The slope of [`Loss::generator_term`] by the output.
    #[must_use]
    pub fn generator_slope(self, output: f64) -> f64 {
        match self {
            Self::Log => -sigmoid(output),
            Self::NonSaturating => -sigmoid(-output),
            Self::LeastSquares => output - 1.0,
            Self::Hinge | Self::WassersteinPenalty => -1.0,
        }
    }
}

impl Reading {
    /// The number shown for a raw output: the probability, else the output itself.
    #[must_use]
    pub fn shown(self, output: f64) -> f64 {
        match self {
            Self::Probability => sigmoid(output),
            _ => output,
        }
    }

    /// The raw output above which a sample is called real; none where only differences mean something.
    #[must_use]
    pub fn boundary(self) -> Option<f64> {
        match self {
            Self::Probability | Self::Margin => Some(0.0),
            Self::Label => Some(0.5),
            Self::Score => None,
        }
    }

    /// What the number is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Probability => "probability of being real",
            Self::Label => "output (1 real, 0 fake)",
            Self::Margin => "output (above 0 real)",
            Self::Score => "critic's score",
        }
    }
}

/// 1 / (1 + e^−x), in the form that never overflows.
#[must_use]
pub fn sigmoid(x: f64) -> f64 {
    if x >= 0.0 {
        1.0 / (1.0 + (-x).exp())
    } else {
        let e = x.exp();
        e / (1.0 + e)
    }
}
