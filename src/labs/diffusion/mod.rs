//! Diffusion: pictures out of noise, steered by words.
//!
//! [`originals`] are pictures to begin with; [`noising`] puts noise on one and takes it off once; [`sampling`] goes the whole way;
//! [`parameters`] keeps with a picture what it was made with; [`plane`] shows the same on points. A
//! [`Denoiser`] is a network that was trained ([`training`]) to see the picture under noise. Captions
//! become its conditions in [`captions`]; [`agreement`] has the judge look whether its pictures show
//! what was asked for; [`lora`] teaches it a new word from a few pictures.

pub mod agreement;
pub mod captions;
mod denoiser;
mod drawing;
mod loading;
pub mod lora;
pub mod noising;
pub mod originals;
pub mod parameters;
pub mod plane;
pub mod sampling;
pub mod training;

pub use crate::algo::diffusion::{Level, Levels, N_LEVELS, Prediction, Sampler, Schedule, Spacing};
pub use denoiser::{About, Denoiser};
pub use drawing::{Drawing, draw};
pub use loading::{KIND, KIND_KEY};
