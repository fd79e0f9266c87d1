//! What is said when numbers run away: which network, which layer, and what to do.

use super::batch::Batch;
use super::network::Mlp;
use super::session::Slope;
use super::settings::Player;
use super::state::{Network, State};
use crate::refusal::Refusal;
use candle_core::Result as MathResult;

/// Of a step's loss and gradients, before it is taken.
pub(super) fn in_slope(
    player: Player,
    state: &State,
    batch: &Batch,
    slope: &Slope,
) -> Option<Refusal> {
    // Gradients are computed from the last layer to the first: the last one that is wrong was first.
    let network = state.of(player);
    let wrong = wrong_layers(network, &slope.gradients).pop();
    if wrong.is_none() && slope.loss.is_finite() {
        return None;
    }
    if let Ok(Some((whose, layer))) = in_sums(state, batch) {
        let name = layer_name(state.of(whose), layer);
        let evidence = format!(
            "In {name} sums for this batch are beyond what a number can hold; the loss of {} is {}.",
            player.letter(),
            slope.loss
        );
        return Some(ran_away(whose, evidence));
    }
    // All sums are numbers, so it is D's outputs that are too large for the loss or for its gradient.
    let d = Player::Discriminator;
    let evidence = match wrong {
        Some((layer, n_wrong, n)) if player == d => format!(
            "The loss is {}, and in {} {n_wrong} of {n} gradients are not finite numbers.",
            slope.loss,
            layer_name(network, layer)
        ),
        _ => format!(
            "What its output layer gives is too large to go on with: the loss of {} is {}.",
            player.letter(),
            slope.loss
        ),
    };
    Some(ran_away(d, evidence))
}

/// The first layer on the way of the batch, through G and then D, whose sums are not all finite.
fn in_sums(state: &State, batch: &Batch) -> MathResult<Option<(Player, usize)>> {
    let (d, g) = (Mlp::held(&state.d)?, Mlp::held(&state.g)?);
    let z = batch.z()?;
    if let Some(layer) = g.first_wrong(&z)? {
        return Ok(Some((Player::Generator, layer)));
    }
    let mut wrong = d.first_wrong(&g.forward(&z)?)?;
    if wrong.is_none() && !batch.real.is_empty() {
        wrong = d.first_wrong(&batch.real()?)?;
    }
    Ok(wrong.map(|layer| (Player::Discriminator, layer)))
}

/// Of the weights that a step would give.
pub(super) fn in_weights(player: Player, network: &Network) -> Option<Refusal> {
    let weights: Vec<f32> = network.weights().collect();
    let (layer, n_wrong, n) = wrong_layers(network, &weights).first().copied()?;
    let name = layer_name(network, layer);
    let evidence = format!("In {name} {n_wrong} of {n} weights would no longer be finite numbers.");
    Some(ran_away(player, evidence))
}

/// Layers with values that are not finite: which, how many, of how many; from the first on.
fn wrong_layers(network: &Network, values: &[f32]) -> Vec<(usize, usize, usize)> {
    let mut rest = values;
    let mut wrong = Vec::new();
    for (i, layer) in network.layers.iter().enumerate() {
        let n = (layer.weight.len() + layer.bias.len()).min(rest.len());
        let (own, behind) = rest.split_at(n);
        rest = behind;
        let n_wrong = own.iter().filter(|value| !value.is_finite()).count();
        if n_wrong > 0 {
            wrong.push((i, n_wrong, n));
        }
    }
    wrong
}

/// "its output layer", "its hidden layer 2".
fn layer_name(network: &Network, layer: usize) -> String {
    if layer + 1 == network.layers.len() {
        "its output layer".to_owned()
    } else {
        format!("its hidden layer {}", layer + 1)
    }
}

fn ran_away(player: Player, evidence: String) -> Refusal {
    Refusal::new(
        format!("The numbers of {} ran away", player.name()),
        evidence,
        "This step was not taken; the networks are as they were before it, and playing has stopped.",
        "Lower the learning rate, or go back on the film strip and branch with other settings.",
    )
}
