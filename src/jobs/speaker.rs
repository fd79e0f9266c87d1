//! The loudspeaker: which one the system would use, and whether it answers.

use cpal::traits::{DeviceTrait, HostTrait};
use serde::Serialize;

/// The output the system plays sound on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Output {
    /// The name the system gives it.
    pub name: String,
    /// Samples a second it prefers.
    pub sample_rate_hz: u32,
    /// Loudspeakers it has.
    pub n_channels: u16,
}

/// Asks the system for its usual output. A machine without a sound card often still names one, so
/// the name alone proves nothing: it counts once it says which format it plays.
///
/// # Errors
/// A phrase that says why there is no sound.
pub fn describe_output() -> Result<Output, String> {
    let device = cpal::default_host()
        .default_output_device()
        .ok_or("no sound output was found")?;
    let format = device
        .default_output_config()
        .map_err(|error| format!("the sound output does not answer: {error}"))?;
    let name = device.description().map_or_else(
        |_| "unnamed".into(),
        |description| description.name().to_owned(),
    );
    Ok(Output {
        name,
        sample_rate_hz: format.sample_rate(),
        n_channels: format.channels(),
    })
}
