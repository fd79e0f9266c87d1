//! Diffusion: pictures out of noise, steered by words.
//!
//! [`noising`] puts noise on a picture and takes it off once; [`sampling`] goes the whole way.

pub mod noising;
pub mod sampling;
