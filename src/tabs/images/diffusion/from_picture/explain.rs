//! The drawer: where a number of a pixel comes from, step by step, with its real terms.

use super::FromPictureView;
use super::pages::Page;
use super::worker::Frame;
use crate::labs::diffusion::sampling::start_noise;
use crate::tabs::images::diffusion::equations::{choose_pixel, compared, heading, line, number};
use crate::tabs::parts::caption;
use crate::theme::size;
use eframe::egui::{ScrollArea, Slider, Ui};

pub(super) fn show(view: &mut FromPictureView, ui: &mut Ui) {
    let (side, channels) = (view.side(), view.n_channels());
    let Some(pixel) = view.asked_pixel else {
        return;
    };
    let title = "Where this pixel comes from";
    let chosen = (pixel, view.channel);
    let (chosen, close) = choose_pixel(ui, title, chosen, side, channels);
    let (pixel, channel) = chosen;
    view.channel = channel;
    view.asked_pixel = (!close).then_some(pixel);
    let at = (pixel[0] * side + pixel[1]) * channels + channel;
    let n = view.outcome().frames.len();
    if n == 0 {
        return;
    }
    view.explained = view.explained.min(n - 1);
    if n > 1 {
        let mut shown = view.explained + 1;
        let hint = "Which of the kept steps is explained.";
        let label = ui.label("step of those kept").on_hover_text(hint);
        ui.add(Slider::new(&mut shown, 1..=n)).labelled_by(label.id);
        view.explained = shown - 1;
    }
    ScrollArea::vertical()
        .id_salt("the equations of a pixel")
        .auto_shrink([false, false])
        .show(ui, |ui| {
            if view.explained == 0 {
                beginning(view, ui, at);
            }
            step(view, ui, at);
            ui.add_space(size::GROUP);
        });
}

fn get(numbers: &[f32], at: usize) -> f64 {
    numbers.get(at).copied().unwrap_or_default().into()
}

/// What the way began with.
fn beginning(view: &FromPictureView, ui: &mut Ui, at: usize) {
    let (Some(first), Some(original)) = (view.outcome().frames.first(), &view.original) else {
        return;
    };
    heading(ui, "The beginning");
    let noise = |seed| get(&start_noise(seed, original.numbers.len()), at);
    let x_t = get(&first.x_t, at);
    match view.page {
        Page::Strength | Page::Repaint => {
            let (signal, strength) = (first.from.signal(), first.from.noise());
            let (x0, epsilon) = (get(&original.numbers, at), noise(view.seed));
            caption(
                ui,
                format!(
                    "The picture with noise of t = {:.0}: xₜ = √ᾱ·x₀ + √(1−ᾱ)·ε",
                    first.from.t
                ),
            );
            line(
                ui,
                &format!(
                    "= {}·({}) + {}·({})",
                    number(signal),
                    number(x0),
                    number(strength),
                    number(epsilon)
                ),
            );
            compared(ui, signal * x0 + strength * epsilon, x_t);
        }
        Page::Walk => {
            caption(
                ui,
                format!(
                    "Noise between those of two seeds, {} and {}:",
                    number(noise(view.seed)),
                    number(noise(view.other))
                ),
            );
            line(ui, &format!("x = {}", number(x_t)));
            caption(
                ui,
                "x = sin((1−p)·θ)/sin θ · a + sin(p·θ)/sin θ · b, where θ is the angle between both and p how far the walk has gone.",
            );
        }
        Page::Back => {
            caption(
                ui,
                "The noise that the picture was led up to, step by step: x' = √ᾱ'/√ᾱ · x + √ᾱ'·(σ' − σ)·ε̂, with σ = √(1−ᾱ)/√ᾱ.",
            );
            line(ui, &format!("x = {}", number(x_t)));
        }
    }
}

/// One step of DDIM.
fn step(view: &FromPictureView, ui: &mut Ui, at: usize) {
    let outcome = view.outcome();
    let Some(frame) = outcome.frames.get(view.explained) else {
        return;
    };
    let Frame { i, from, to, .. } = frame;
    heading(
        ui,
        &format!("Step {}: from t = {:.0} to {:.0}", i + 1, from.t, to.t),
    );
    let [x_t, x0, noise] = [&frame.x_t, &frame.x0_pred, &frame.noise_pred].map(|x| get(x, at));
    line(ui, &format!("xₜ = {}", number(x_t)));
    caption(
        ui,
        "The network looks at all of xₜ and at the words, and sees in this pixel:",
    );
    line(ui, &format!("x̂₀ = {}", number(x0)));
    caption(ui, "So the noise in it is ε̂ = (xₜ − √ᾱ·x̂₀) / √(1−ᾱ)");
    let [signal, strength] = [from.signal(), from.noise()];
    line(
        ui,
        &format!(
            "= ({} − {}·({})) / {}",
            number(x_t),
            number(signal),
            number(x0),
            number(strength)
        ),
    );
    compared(ui, (x_t - signal * x0) / strength, noise);
    caption(
        ui,
        "Both are mixed again, at the next level: x' = √ᾱ'·x̂₀ + √(1−ᾱ')·ε̂ (DDIM, Song et al. 2021, eq. 12)",
    );
    let [signal, strength] = [to.signal(), to.noise()];
    line(
        ui,
        &format!(
            "= {}·({}) + {}·({})",
            number(signal),
            number(x0),
            number(strength),
            number(noise)
        ),
    );
    let mut after = signal * x0 + strength * noise;
    if view.page == Page::Repaint {
        after = put_back(view, ui, frame, at, after);
    }
    let next = outcome
        .frames
        .get(view.explained + 1)
        .filter(|next| next.i == i + 1);
    let next = next.map(|next| &next.x_t);
    let end = outcome.picture.as_ref().filter(|_| to.is_clean());
    match next.or(end) {
        Some(next) => compared(ui, after, get(next, at)),
        None => line(ui, &format!("= {}", number(after))),
    }
}

/// Outside the mask the picture itself comes back.
fn put_back(view: &FromPictureView, ui: &mut Ui, frame: &Frame, at: usize, after: f64) -> f64 {
    let Some(original) = &view.original else {
        return after;
    };
    let mask = get(view.mask.numbers(), at / view.n_channels().max(1));
    let epsilon = get(&start_noise(view.seed, original.numbers.len()), at);
    let known = frame.to.signal() * get(&original.numbers, at) + frame.to.noise() * epsilon;
    line(ui, &format!("= {}", number(after)));
    caption(
        ui,
        "What stays is put back, at the same level: m·x' + (1−m)·(√ᾱ'·x₀ + √(1−ᾱ')·ε), m the mask",
    );
    line(
        ui,
        &format!(
            "= {mask:.2}·({}) + {:.2}·({})",
            number(after),
            1.0 - mask,
            number(known)
        ),
    );
    mask * after + (1.0 - mask) * known
}
