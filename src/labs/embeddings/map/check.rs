//! What can be laid out.

use super::{Method, Settings};
use crate::refusal::{Refusal, Result};

/// The least points a map is made of.
const MIN_POINTS: usize = 3;

pub(super) fn check(values: &[f32], width: usize, settings: &Settings) -> Result<()> {
    let refuse =
        |what: &str, evidence: String, next: &str| Err(Refusal::unchanged(what, evidence, next));
    if width == 0 || !values.len().is_multiple_of(width) {
        return refuse(
            "There are no points to lay out",
            format!(
                "{} numbers are not whole points of {width} numbers.",
                values.len()
            ),
            "Choose other vectors.",
        );
    }
    let n_points = values.len() / width;
    if n_points < MIN_POINTS {
        return refuse(
            "Too few points for a map",
            format!("There are {n_points}; {MIN_POINTS} are the least."),
            "Choose more words.",
        );
    }
    if let Some(at) = values.iter().position(|x| !x.is_finite()) {
        return refuse(
            "One of the points has a value that is no number",
            format!(
                "Value {} of point {} is {}.",
                at % width + 1,
                at / width + 1,
                values[at]
            ),
            "Leave that word out, or choose other vectors.",
        );
    }
    if !(2..=3).contains(&settings.n_dims) {
        return refuse(
            "A map has two dimensions or three",
            format!("{} were asked for.", settings.n_dims),
            "Choose 2 or 3.",
        );
    }
    if settings.method == Method::Tsne {
        let most = (n_points - 1) as f64;
        if !(1.0..=most).contains(&settings.perplexity) {
            return refuse(
                "This perplexity does not fit the points",
                format!(
                    "It is {} and means about so many neighbours; each of {n_points} points has {most} others.",
                    settings.perplexity
                ),
                "Choose a perplexity between 5 and a third of the number of points.",
            );
        }
    }
    if settings.method == Method::Umap {
        if !(2..=n_points).contains(&settings.n_neighbors) {
            return refuse(
                "So many neighbours do not fit the points",
                format!(
                    "{} were asked for; there are {n_points} points.",
                    settings.n_neighbors
                ),
                "Choose at least 2 neighbours, and fewer than there are points.",
            );
        }
        if !(0.0..3.0).contains(&settings.min_dist) {
            return refuse(
                "The least distance on the map is out of range",
                format!("It is {}; it may be from 0 to below 3.", settings.min_dist),
                "Choose a distance from 0 to 1; 0.1 is usual.",
            );
        }
    }
    Ok(())
}
