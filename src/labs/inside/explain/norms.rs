//! Norms: layer norm in GPT-2, RMS norm in Llama.

use super::equation::Equation;
use super::{Factor, computed, row_of};
use crate::labs::inside::{At, SiteName, Trace};
use crate::models::inside::Norm;
use crate::refusal::Result;

/// One number of a normed stream.
pub(super) fn normed(eq: &mut Equation, trace: &Trace, norm: Norm) -> Result<()> {
    let place = eq.place;
    let from = match norm {
        Norm::Ln1(block) => At::block(SiteName::ResidPre, block),
        Norm::Ln2(block) => At::block(SiteName::ResidMid, block),
        Norm::Final => At::block(
            SiteName::ResidPost,
            trace.config().n_layers.saturating_sub(1),
        ),
    };
    let weights = computed(trace.model().norm(norm))?;
    let stream: Vec<f64> = row_of(trace, from, place.row)?
        .iter()
        .map(|&x| x.into())
        .collect();
    let (row, j, n) = (place.row, place.column, stream.len() as f64);
    let x = stream.get(j).copied().unwrap_or(f64::NAN);
    let gain = weights.gain.get(j).copied().unwrap_or(f32::NAN);
    let epsilon = f64::from(weights.epsilon);
    let source = from.place(row, j);
    let x_factor = Factor::of(x, source);
    eq.input(from, row..row + 1, 0..stream.len());
    eq.rounds_a_sum_of(stream.len());
    if !weights.centred {
        let mean_square = stream.iter().map(|x| x * x).sum::<f64>() / n;
        let scale = 1.0 / (mean_square + epsilon).sqrt();
        eq.sentence =
            "The stream brought to one size before it is read: each number over the root \
                       mean square of its position's numbers, times a learned gain (RMS norm)."
                .into();
        eq.formula = format!("{place} = {source} / √(mean square + ε) · gain[{j}]");
        eq.quantity(
            "mean square",
            format!("mean of {}[{row}, i]²", from.site),
            mean_square,
        );
        eq.quantity("ε", "", epsilon);
        eq.quantity("1/√(mean square + ε)", "", scale);
        let factors = vec![x_factor, Factor::weight(scale), Factor::weight(gain.into())];
        eq.term(
            format!("{source} / √(mean square + ε) · gain[{j}]"),
            factors,
            Some(source),
        );
        return Ok(());
    }
    let mean = stream.iter().sum::<f64>() / n;
    let mean_size = stream.iter().map(|x| x.abs()).sum::<f64>() / n;
    let variance = stream.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    let scale = 1.0 / (variance + epsilon).sqrt();
    let bias = weights
        .bias
        .as_ref()
        .and_then(|bias| bias.get(j))
        .copied()
        .unwrap_or(0.0);
    eq.sentence = "The stream brought to one size before it is read: each number less the mean of \
                   its position's numbers, over their standard deviation, times a learned gain, \
                   plus a learned bias (layer norm)."
        .into();
    eq.formula = format!("{place} = ({source} − mean) / √(variance + ε) · gain[{j}] + bias[{j}]");
    eq.quantity("mean", format!("mean of {}[{row}, i]", from.site), mean);
    eq.quantity(
        "variance",
        format!("mean of ({}[{row}, i] − mean)²", from.site),
        variance,
    );
    eq.quantity("ε", "", epsilon);
    eq.quantity("1/√(variance + ε)", "", scale);
    let (by, gain) = (Factor::weight(scale), Factor::weight(gain.into()));
    eq.term(
        format!("{source} / √(variance + ε) · gain[{j}]"),
        vec![x_factor, by, gain],
        Some(source),
    );
    let mean = vec![Factor::weight(-mean), by, gain];
    eq.term(format!("−mean / √(variance + ε) · gain[{j}]"), mean, None);
    eq.term(
        format!("bias[{j}]"),
        vec![Factor::weight(bias.into())],
        None,
    );
    // What was rounded: the number and the mean before they cancel, and the deviation.
    let before = (x.abs() + mean_size) * scale * gain.value.abs();
    let deviation = ((x - mean_size).abs() * scale * gain.value.abs()) * mean_size * scale;
    eq.magnitude = before + deviation + f64::from(bias).abs();
    Ok(())
}
