//! Diffusion: pictures out of noise, steered by words.
//!
//! [`noising`] puts noise on a picture and takes it off once; [`sampling`] goes the whole way;
//! [`parameters`] keeps with a picture what it was made with; [`plane`] shows the same on points.

pub mod noising;
pub mod parameters;
pub mod plane;
pub mod sampling;

pub use crate::algo::diffusion::{Level, Levels, N_LEVELS, Prediction, Sampler, Schedule, Spacing};
