//! Diffusion: pictures out of noise, step by step, steered by words.
//!
//! The views share one [`Model`]: the network that takes the noise out of pictures. [`noise`] puts noise
//! on a picture and takes it off once; [`steps`] goes the whole way; [`from_picture`] begins with a
//! picture; [`learning`] trains such a network; [`points`] does the same on a plane; [`yours`] teaches
//! the network a new word.

mod brush;
mod cells;
mod equations;
mod from_picture;
mod inks;
mod learning;
mod model;
mod noise;
mod points;
mod steps;
mod yours;

pub(super) use from_picture::FromPictureView;
pub(super) use learning::LearningView;
pub(super) use model::Model;
pub(super) use noise::NoiseView;
pub(super) use points::PointsView;
pub(super) use steps::StepsView;
pub(super) use yours::YoursView;
