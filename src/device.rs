//! CPU, CUDA or Metal: chosen, tried with a small product, explained.

use crate::nn::math_refusal;
use crate::refusal::{Refusal, Result};
use candle_core::{Device, Tensor};

/// What the person asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DeviceChoice {
    /// The best that works.
    #[default]
    Auto,
    /// The processor.
    Cpu,
    /// An NVIDIA card; needs a build with the `cuda` feature.
    Cuda,
    /// An Apple GPU; needs a build with the `metal` feature.
    Metal,
}

impl std::str::FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda),
            "metal" => Ok(Self::Metal),
            _ => Err(format!("“{text}” is not one of auto, cpu, cuda, metal")),
        }
    }
}

/// The device that runs the models, and the sentence that says why it was chosen.
#[derive(Debug, Clone)]
pub struct ChosenDevice {
    /// Where tensors live.
    pub device: Device,
    /// "CPU", "CUDA" or "Metal".
    pub name: &'static str,
    /// Why this one, in a sentence.
    pub why: String,
}

/// Chooses a device and proves it with a small product.
///
/// # Errors
/// When a device was asked for by name and does not work here.
pub fn choose(choice: DeviceChoice) -> Result<ChosenDevice> {
    let cpu = |why: String| ChosenDevice {
        device: Device::Cpu,
        name: "CPU",
        why,
    };
    match choice {
        DeviceChoice::Cpu => Ok(cpu("You asked for the processor.".into())),
        DeviceChoice::Cuda => try_cuda().map_err(|why| unavailable("CUDA", &why)),
        DeviceChoice::Metal => try_metal().map_err(|why| unavailable("Metal", &why)),
        DeviceChoice::Auto => Ok(try_cuda()
            .or_else(|cuda| {
                try_metal().map_err(|metal| format!("No GPU is used: {cuda}; {metal}."))
            })
            .unwrap_or_else(cpu)),
    }
}

fn try_cuda() -> std::result::Result<ChosenDevice, String> {
    if !candle_core::utils::cuda_is_available() {
        return Err("this build has no CUDA".into());
    }
    let device = Device::new_cuda(0).map_err(|e| format!("CUDA did not start ({e})"))?;
    prove(device, "CUDA")
}

fn try_metal() -> std::result::Result<ChosenDevice, String> {
    if !candle_core::utils::metal_is_available() {
        return Err("this build has no Metal".into());
    }
    let device = Device::new_metal(0).map_err(|e| format!("Metal did not start ({e})"))?;
    prove(device, "Metal")
}

/// A device counts as working once it multiplied two small matrices right.
fn prove(device: Device, name: &'static str) -> std::result::Result<ChosenDevice, String> {
    let product = || -> candle_core::Result<f32> {
        let ones = Tensor::ones((4, 4), candle_core::DType::F32, &device)?;
        ones.matmul(&ones)?.sum_all()?.to_scalar::<f32>()
    };
    match product() {
        Ok(64.0) => Ok(ChosenDevice {
            why: format!("{name} multiplied a test matrix right."),
            device,
            name,
        }),
        Ok(sum) => Err(format!(
            "{name} multiplied a test matrix wrong ({sum} instead of 64)"
        )),
        Err(error) => Err(format!(
            "{name} failed a test product ({})",
            math_refusal(&error).evidence
        )),
    }
}

fn unavailable(name: &str, why: &str) -> Refusal {
    Refusal::unchanged(
        format!("{name} cannot be used here"),
        format!("{why}."),
        format!(
            "Use --device auto or cpu, or build with `cargo build --release --features {}`.",
            name.to_lowercase()
        ),
    )
}

/// How many threads a model computes with unless told: the physical cores less one for the window,
/// at least one.
#[must_use]
pub fn default_threads() -> usize {
    num_cpus::get_physical().saturating_sub(1).max(1)
}
