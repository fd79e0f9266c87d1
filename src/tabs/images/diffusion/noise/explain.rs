//! The drawer: where the numbers of a pixel come from, with their real terms.

use super::NoiseView;
use super::shown::Shown;
use crate::labs::diffusion::Prediction;
use crate::tabs::images::diffusion::cells::{ratio_in_words, signed};
use crate::tabs::images::diffusion::equations::{
    choose_pixel, compared, heading, line, mono, number,
};
use crate::tabs::parts::caption;
use crate::theme::size;
use crate::widgets::count::grouped;
use eframe::egui::{Grid, ScrollArea, Ui};

pub(super) fn show(view: &mut NoiseView, ui: &mut Ui) {
    let (Some(pixel), Some(denoiser)) = (view.asked_pixel, view.denoiser.clone()) else {
        return;
    };
    let about = denoiser.about();
    let title = "Where this pixel comes from";
    let chosen = (pixel, view.channel);
    let (chosen, close) = choose_pixel(ui, title, chosen, about.side, about.n_channels);
    let (pixel, channel) = chosen;
    view.channel = channel;
    view.asked_pixel = (!close).then_some(pixel);
    let at = (pixel[0] * about.side + pixel[1]) * about.n_channels + channel;
    let Some(shown) = &view.shown else { return };
    let Some(terms) = Terms::of(shown, at) else {
        return;
    };
    ScrollArea::vertical()
        .id_salt("the equations of a pixel")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            adding(ui, &terms);
            network(ui, &terms, about.prediction, about.n_weights, shown);
            errors(ui, &terms, shown);
        });
}

/// The numbers of one channel of a pixel.
struct Terms {
    signal: f64,
    noise: f64,
    x0: f64,
    epsilon: f64,
    x_t: f64,
    x0_pred: f64,
    noise_pred: f64,
    n: usize,
}

impl Terms {
    fn of(shown: &Shown, at: usize) -> Option<Self> {
        let once = &shown.once;
        let get = |numbers: &[f32]| numbers.get(at).map(|&x| f64::from(x));
        Some(Self {
            signal: once.noised.level.signal(),
            noise: once.noised.level.noise(),
            x0: get(&shown.picture.numbers)?,
            epsilon: get(&once.noised.noise)?,
            x_t: get(&once.noised.x_t)?,
            x0_pred: get(&once.x0_pred)?,
            noise_pred: get(&once.noise_pred)?,
            n: once.x0_pred.len(),
        })
    }
}

/// How the noise came in.
fn adding(ui: &mut Ui, terms: &Terms) {
    let Terms {
        signal,
        noise,
        x0,
        epsilon,
        x_t,
        ..
    } = *terms;
    heading(ui, "Adding noise");
    let byte = ((x0 + 1.0) * 127.5).round();
    line(ui, &format!("x₀ = {byte:.0} / 127.5 − 1 = {}", number(x0)));
    line(
        ui,
        &format!("ε = {} (drawn from the seed)", number(epsilon)),
    );
    caption(ui, "xₜ = √ᾱ·x₀ + √(1−ᾱ)·ε");
    let [a, b] = [number(signal), number(noise)];
    line(
        ui,
        &format!("= {a}·({}) + {b}·({})", number(x0), number(epsilon)),
    );
    let again = signal * x0 + noise * epsilon;
    compared(ui, again, x_t);
    let byte = ((x_t + 1.0) * 127.5).round().clamp(0.0, 255.0);
    caption(
        ui,
        format!("Shown as (xₜ + 1)·127.5 = {byte:.0} of 255; beyond that as black or white."),
    );
}

/// What the network said.
fn network(ui: &mut Ui, terms: &Terms, prediction: Prediction, n_weights: u64, shown: &Shown) {
    let Terms {
        signal,
        noise,
        x_t,
        x0_pred,
        noise_pred,
        n,
        ..
    } = *terms;
    heading(ui, "Removing it once");
    let says = match prediction {
        Prediction::X0 => "the clean picture itself",
        Prediction::Epsilon => "the noise, from which the clean picture follows",
        Prediction::V => "v = √ᾱ·ε − √(1−ᾱ)·x₀, from which the clean picture follows",
    };
    caption(
        ui,
        format!(
            "The network's {} weights look at all {} numbers of xₜ and at t = {:.0}. It answers {says}, kept within −1 and 1:",
            grouped(n_weights),
            grouped(n as u64),
            shown.once.told.t,
        ),
    );
    line(ui, &format!("x̂₀ = {}", number(x0_pred)));
    caption(ui, "The noise that this implies: ε̂ = (xₜ − √ᾱ·x̂₀) / √(1−ᾱ)");
    line(
        ui,
        &format!(
            "= ({} − {}·({})) / {}",
            number(x_t),
            number(signal),
            number(x0_pred),
            number(noise)
        ),
    );
    compared(ui, (x_t - signal * x0_pred) / noise, noise_pred);
}

/// How far it is off.
fn errors(ui: &mut Ui, terms: &Terms, shown: &Shown) {
    heading(ui, "How far it is off");
    let picture = terms.x0_pred - terms.x0;
    let noise = terms.noise_pred - terms.epsilon;
    Grid::new("errors of a pixel")
        .num_columns(3)
        .spacing([14.0, 3.0])
        .show(ui, |ui| {
            for head in ["", "here", "mean square (MSE)"] {
                caption(ui, head);
            }
            ui.end_row();
            for (name, here, mse) in [
                ("x̂₀ − x₀", picture, shown.x0_mse),
                ("ε̂ − ε", noise, shown.once.noise_mse),
            ] {
                mono(ui, name);
                mono(ui, &number(here));
                mono(ui, &ratio_in_words(mse));
                ui.end_row();
            }
        });
    let n = grouped(terms.n as u64);
    caption(
        ui,
        format!("The mean is over all {n} numbers; this one gives its square / {n}."),
    );
    caption(
        ui,
        "PSNR = 10·log₁₀(2² / MSE): numbers reach from −1 to 1, so 2 is the largest difference.",
    );
    let psnr = signed(shown.once.x0_psnr_db, 2);
    line(
        ui,
        &format!(
            "= 10·log₁₀(4 / {}) = {psnr} dB",
            ratio_in_words(shown.x0_mse)
        ),
    );
    let sigma = terms.noise / terms.signal;
    caption(
        ui,
        "Both errors are the same mistake: x̂₀ − x₀ = −σ·(ε̂ − ε), with σ = √(1−ᾱ)/√ᾱ.",
    );
    line(
        ui,
        &format!(
            "−{}·({}) = {}",
            ratio_in_words(sigma),
            number(noise),
            number(-sigma * noise)
        ),
    );
    caption(
        ui,
        "Far up σ is large: noise that is guessed nearly right still means a picture that is far off.",
    );
    ui.add_space(size::GROUP);
}
