//! What is said when numbers run away: which network, which layer, and what to do.

use super::session::Slope;
use super::settings::Player;
use super::state::Network;
use crate::refusal::Refusal;

/// Of a step's loss and gradients, before it is taken.
pub(super) fn in_gradients(player: Player, network: &Network, slope: &Slope) -> Option<Refusal> {
    // Gradients are computed from the last layer to the first: the last one that is wrong was first.
    let wrong = wrong_layers(network, &slope.gradients).pop();
    if wrong.is_none() && slope.loss.is_finite() {
        return None;
    }
    let evidence = match wrong {
        Some((layer, n_wrong, n)) => format!(
            "The loss is {}, and in {} {n_wrong} of {n} gradients are not finite numbers.",
            slope.loss,
            layer_name(network, layer)
        ),
        None => format!(
            "The loss is {}; every gradient is still a number.",
            slope.loss
        ),
    };
    Some(ran_away(player, evidence))
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
