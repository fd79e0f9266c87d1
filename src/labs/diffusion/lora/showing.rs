//! What a snapshot shows: captions with the word and without it, from the same noise.

use super::{Asked, Recipe, usual_captions, with_word};
use crate::files::atlas::Pictures;
use crate::labs::diffusion::captions::parse;
use crate::labs::diffusion::{Denoiser, Drawing, draw};
use crate::refusal::Result;
use std::ops::ControlFlow;

/// Steps of DDIM that a snapshot is drawn in, and how strongly its words count.
const SHOWN_STEPS: usize = 12;
const SHOWN_GUIDANCE: f64 = 3.0;

/// A picture for each of `asked`, drawn by a model that knows the word. `go_on` is asked after every step;
/// `None` when it says no.
///
/// # Errors
/// A model that does not know the word.
pub fn shown(
    denoiser: &Denoiser,
    asked: &[Asked],
    go_on: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Option<Pictures>> {
    let about = denoiser.about();
    let mut pictures = Pictures {
        side: about.side,
        n_channels: about.n_channels,
        pixels: Vec::new(),
    };
    // Those that lie side by side with seeds that follow each other are drawn together.
    for together in asked.chunk_by(|a, b| b.seed == a.seed.wrapping_add(1)) {
        let drawing = Drawing {
            rows: together.iter().map(|asked| asked.rows.clone()).collect(),
            seed: together[0].seed,
            n_steps: SHOWN_STEPS,
            guidance: SHOWN_GUIDANCE,
        };
        match draw(denoiser, &drawing, go_on)? {
            Some(drawn) => pictures.pixels.extend(drawn.pixels),
            None => return Ok(None),
        }
    }
    Ok(Some(pictures))
}

/// What each snapshot shows: each caption with the word in it, then those that say more without it.
#[must_use]
pub fn asked(base: &Denoiser, recipe: &Recipe) -> Vec<Asked> {
    let attributes = &base.about().attributes;
    let taught = with_word(attributes, &recipe.word);
    let usual = usual_captions(attributes);
    let captions = if recipe.asked.is_empty() {
        &usual
    } else {
        &recipe.asked
    };
    let one = |caption: String, seed: u64| {
        let mut rows = parse(&caption, &taught).rows;
        let has_word = caption.split_whitespace().any(|word| {
            let word = word.trim_matches(|c: char| !c.is_alphanumeric());
            word.eq_ignore_ascii_case(&recipe.word)
        });
        if let Some(last) = rows.last_mut() {
            *last = u32::from(has_word);
        }
        Asked {
            caption,
            rows,
            seed,
            has_word,
        }
    };
    let seed_of = |i: usize| recipe.seed.wrapping_add(i as u64);
    let with = captions.iter().enumerate();
    let with = with.map(|(i, caption)| one(caption.replace('*', &recipe.word), seed_of(i)));
    let says_more = |caption: &str| caption.contains('*') && caption.trim() != "*";
    let mut without: Vec<Asked> = captions
        .iter()
        .enumerate()
        .filter(|(_, caption)| says_more(caption))
        .map(|(i, caption)| {
            let rest = caption.replace('*', "");
            let rest = rest.trim_matches(|c: char| c == ',' || c.is_whitespace());
            one(rest.to_owned(), seed_of(i))
        })
        .collect();
    if without.is_empty() {
        without.push(one(String::new(), seed_of(0)));
    }
    with.chain(without).collect()
}
