//! Two networks that fight: a generator draws, a discriminator tells what is drawn from what is real
//! (Goodfellow et al. 2014).

pub mod pictures;

use serde::{Deserialize, Serialize};

/// What D and G are told about D's verdicts. With `x` the logit of a real picture and `y` that of a
/// made one, in nats:
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Loss {
    /// D: −ln σ(x) − ln(1 − σ(y)); G: ln(1 − σ(y)), the game as first written. G's gradient
    /// vanishes when D is sure.
    Log,
    /// D as in [`Loss::Log`]; G: −ln σ(y), which is steepest where D is sure.
    #[default]
    NonSaturating,
    /// D: (x − 1)² + y²; G: (y − 1)² (Mao et al. 2017).
    LeastSquares,
    /// D: max(0, 1 − x) + max(0, 1 + y); G: −y (Lim and Ye 2017).
    Hinge,
    /// D: y − x with a penalty on the slope; G: −y (Gulrajani et al. 2017). On the plane only.
    WassersteinPenalty,
}
