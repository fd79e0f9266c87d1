//! Glassbox opens generative AI up: real models, run on your own words, with every number on screen
//! the model's own.
//!
//! # The map
//!
//! ```text
//! file → checked values → model → lab → event → Job → tab state → view → widget
//! ```
//!
//! Read in this order: [`refusal`], [`rng`], [`files`] (what is on disk, checked), [`algo`] (BPE,
//! sampling), [`dsp`] (sound to spectrum and back), [`nn`] and [`models`] (tensors in, tensors out), [`labs`] (one experiment each),
//! [`jobs`] (a lab on a thread), [`tabs`] and [`widgets`] (what is drawn), [`cli`] (the same labs
//! without a window).

pub mod algo;
pub mod app;
pub mod cli;
pub mod command;
pub mod device;
pub mod dsp;
pub mod files;
pub mod jobs;
pub mod labs;
pub mod models;
pub mod nn;
pub mod refusal;
pub mod rng;
pub mod settings;
pub mod tabs;
pub mod theme;
pub mod widgets;
