//! From a judge's file to the judge.

use super::{Judge, Right};
use crate::files::metadata::MetaValue;
use crate::files::weights::WeightFile;
use crate::models::judge::{Config, Judge as Network};
use crate::refusal::{Refusal, Result};
use candle_core::{Device, Tensor};

/// The key under which a file says what it is, and what a judge's file says.
pub(super) const KIND: (&str, &str) = ("glassbox.kind", "judge");
/// The key of the shape and the questions.
pub(super) const CONFIG: &str = "glassbox.judge";
/// The key of [`Judge::held_out`]: a JSON object from question to share.
pub(super) const HELD_OUT: &str = "glassbox.held_out";

/// The judge in `file`.
pub(super) fn judge(file: &WeightFile) -> Result<Judge> {
    let wrong = |evidence: String| not_a_judge(file, evidence);
    let text = |key: &str| file.meta(key).and_then(MetaValue::as_str);
    if text(KIND.0) != Some(KIND.1) {
        return Err(wrong("It does not say that it is one.".to_owned()));
    }
    let config = text(CONFIG).ok_or_else(|| wrong("It says nothing of its shape.".to_owned()))?;
    let config: Config = serde_json::from_str(config)
        .map_err(|error| wrong(format!("Its account of its shape: {error}.")))?;
    let network = network(file, config)?;
    let held_out = text(HELD_OUT).map_or(Ok(Vec::new()), shares);
    let held_out = held_out.map_err(|error| wrong(format!("Its account of itself: {error}.")))?;
    Ok(Judge { network, held_out })
}

/// The network whose tensors are in `file`.
pub(super) fn network(file: &WeightFile, config: Config) -> Result<Network> {
    // What is wrong is kept in words: an arithmetic error may carry a trace of the stack.
    let mut refusal = None;
    let find = &mut |name: &str, shape: &[usize]| {
        let numbers = match file.get(name).filter(|entry| entry.shape == shape) {
            Some(entry) => file.f32s(entry),
            None => Err(not_a_judge(
                file,
                format!("`{name}` is not there with the shape {shape:?}."),
            )),
        };
        let finite = numbers.and_then(|numbers| {
            if numbers.iter().all(|x| x.is_finite()) {
                return Ok(numbers);
            }
            Err(not_a_judge(
                file,
                format!("`{name}` has weights that are no numbers."),
            ))
        });
        let numbers = finite.map_err(|why| {
            refusal = Some(why);
            candle_core::Error::Msg("a tensor cannot be used".to_owned())
        })?;
        Tensor::from_vec(numbers, shape, &Device::Cpu)
    };
    let network = Network::new(config, find);
    network.map_err(|error| match refusal {
        Some(refusal) => refusal,
        None => not_a_judge(file, format!("{error}.")),
    })
}

fn shares(json: &str) -> serde_json::Result<Vec<Right>> {
    let shares: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json)?;
    let shares = shares.into_iter().map(|(question, share)| {
        let share = serde_json::from_value(share)?;
        Ok(Right { question, share })
    });
    shares.collect()
}

fn not_a_judge(file: &WeightFile, evidence: String) -> Refusal {
    Refusal::unchanged(
        format!("`{}` is not a judge of pictures", file.name()),
        evidence,
        "Choose a file that `glassbox train judge` wrote.",
    )
}
