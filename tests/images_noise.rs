//! “Noise” of the chapter of images, driven as a person would: by label.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests are not inside a #[test]"
)]

#[path = "support/bench.rs"]
mod support;

use eframe::egui::{self, Key};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use glassbox::command::Command;
use glassbox::labs::diffusion::captions::parse;
use glassbox::labs::diffusion::noising::{mean_squared, remove_once};
use glassbox::labs::diffusion::originals::of_number;
use glassbox::labs::diffusion::{Denoiser, Schedule};
use glassbox::tabs::Tab;
use glassbox::tabs::images::ImagesTab;
use glassbox::theme::Theme;
use support::{click, labels, open, refusal, says, until, wait_for};

type Window = Harness<'static, support::Bench<ImagesTab>>;

/// The view with everything on the stage.
fn view() -> Window {
    let mut window = support::Bench::new(ImagesTab::new()).window(Theme::Light, [1280.0, 1400.0]);
    window.run_steps(2);
    click(&mut window, "Diffusion");
    if !says(&window, "noise level (timestep) t") {
        click(&mut window, "Noise");
    }
    wait_for(&mut window, "From t = 999: ");
    whole(&mut window);
    window
}

/// Waits until the network has answered for every level of the strip.
fn whole(window: &mut Window) {
    until(window, |window| {
        labels(window, "From t = ").len() == 8 && !says(window, ": not yet dB")
    });
}

/// The number at the end of the one label that begins so.
fn number(window: &Window, begin: &str) -> f64 {
    let found = labels(window, begin).pop().unwrap();
    let words = found.replace('−', "-");
    let numbers = words.split(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | 'e')));
    numbers
        .filter_map(|part| part.parse().ok())
        .next_back()
        .unwrap()
}

fn psnr_from(window: &Window, t: u32) -> f64 {
    let found = labels(window, &format!("From t = {t}: ")).pop().unwrap();
    let part = found.rsplit(": ").next().unwrap().trim_end_matches(" dB");
    part.replace('−', "-").parse().unwrap()
}

/// Types a level.
fn go_to(window: &mut Window, t: u32) {
    click(
        window,
        &labels(window, &format!("From t = {t}: ")).pop().unwrap(),
    );
    wait_for(window, &format!("the picture under noise xₜ, t = {t}"));
    wait_for(window, &format!("is told t = {t} "));
}

#[test]
fn from_far_up_one_step_gives_mush_and_from_near_the_picture() {
    let window = view();
    let near = psnr_from(&window, 0);
    let far = psnr_from(&window, 999);
    assert!(near > 25.0, "{near} dB from t = 0");
    assert!(far < near - 10.0, "{far} dB from t = 999");
    let order = [0, 300, 700, 999].map(|t| psnr_from(&window, t));
    assert!(order.is_sorted_by(|a, b| a >= b), "{order:?}");
    assert!(says(&window, "mush"));
}

#[test]
fn the_mixture_is_that_of_the_schedule_and_its_squares_add_up_to_one() {
    let mut window = view();
    for t in [100, 999] {
        go_to(&mut window, t);
        let level = Schedule::Cosine.levels().at(t.into());
        let formula = format!("= {:.4}·x₀ + {:.4}·ε", level.signal(), level.noise());
        assert!(says(&window, &formula), "{formula}");
        assert!((level.signal().powi(2) + level.noise().powi(2) - 1.0).abs() < 1e-12);
    }
    click(&mut window, "Linear");
    wait_for(
        &mut window,
        "The grey curve is the one that the network learned with",
    );
    let level = Schedule::LINEAR.levels().at(999.0);
    assert!(says(&window, &format!("= {:.4}·x₀", level.signal())));
}

#[test]
fn a_pixel_is_explained_with_numbers_that_agree_with_the_stage() {
    let mut window = view();
    let picture = labels(&window, "the picture under noise xₜ").pop().unwrap();
    window.get_by_label(&picture).click_accesskit();
    window.run_steps(3);
    wait_for(&mut window, "Where this pixel comes from");
    assert!(says(&window, "xₜ = √ᾱ·x₀ + √(1−ᾱ)·ε"));
    let differences = labels(&window, ", difference ");
    assert_eq!(differences.len(), 2, "{differences:?}");
    for words in differences {
        let part = words.rsplit(' ').next().unwrap().replace('−', "-");
        assert!(part.parse::<f64>().unwrap() < 1e-5, "{words}");
    }
    // MSE and PSNR are one number said twice: PSNR = 10 log₁₀(4 / MSE).
    let psnr = number(&window, "the picture it sees x̂₀, PSNR");
    let mse = number(&window, "error x̂₀ − x₀, MSE");
    assert!(
        (psnr - 10.0 * (4.0 / mse).log10()).abs() < 0.1,
        "{psnr} {mse}"
    );
    click(&mut window, "Close the equation");
    assert!(!says(&window, "Where this pixel comes from"));
}

#[test]
fn other_noise_on_the_same_picture_is_another_question_with_another_answer() {
    let mut window = view();
    let before = psnr_from(&window, 500);
    window
        .state_mut()
        .with_context(|tab, cx| tab.command(Command::Run, cx));
    until(&mut window, |window| says(window, ": not yet dB"));
    whole(&mut window);
    assert_ne!(before.to_bits(), psnr_from(&window, 500).to_bits());
}

#[test]
fn words_change_what_is_seen_far_up() {
    let mut window = view();
    let without = psnr_from(&window, 999);
    click(&mut window, "Tell it what the picture shows");
    until(&mut window, |window| says(window, ": not yet dB"));
    whole(&mut window);
    assert!((psnr_from(&window, 999) - without).abs() > 0.05);
    assert!(says(&window, "and the words"));
}

#[test]
fn from_noise_alone_words_bring_the_answer_nearer_to_the_pictures_they_tell_of() {
    // The best answer is the mean of all pictures that are possible: with words there are fewer.
    let denoiser = Denoiser::bundled().unwrap();
    let [mut with, mut without] = [0.0; 2];
    for i in 0..16 {
        let picture = of_number(i, denoiser.about()).unwrap();
        let rows = parse(&picture.caption, &denoiser.about().attributes).rows;
        let words = denoiser.condition(&rows).unwrap();
        let far = |condition: &[f32], guidance: f64| {
            let once = remove_once(&denoiser, &picture.numbers, 999.0, 1, condition, guidance);
            mean_squared(&once.unwrap().x0_pred, &picture.numbers)
        };
        with += far(&words, 1.0);
        without += far(&words, 0.0);
    }
    assert!(with < without, "{with} {without}");
}

#[test]
fn a_point_of_the_schedule_is_moved_with_the_keys() {
    let mut window = view();
    click(&mut window, "Drawn");
    let before = labels(&window, "xₜ = √ᾱ·x₀").pop().unwrap();
    window.get_by_label("Point 3 of the schedule").focus();
    window.run_steps(2);
    for _ in 0..5 {
        window.key_press(Key::ArrowDown);
        window.run_steps(1);
    }
    until(&mut window, |window| {
        labels(window, "xₜ = √ᾱ·x₀").pop().unwrap() != before
    });
}

#[test]
fn a_picture_of_ones_own_is_noised_and_what_is_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.png");
    let picture =
        image::RgbImage::from_fn(90, 70, |x, y| image::Rgb([x as u8 * 2, y as u8 * 3, 9]));
    picture.save(&path).unwrap();
    let mut window = view();
    open(&mut window, &path);
    until(&mut window, |window| {
        window.state().title() == "Noise on mine.png"
    });
    whole(&mut window);
    let broken = folder.path().join("broken.png");
    std::fs::write(&broken, &std::fs::read(&path).unwrap()[..80]).unwrap();
    open(&mut window, &broken);
    let refusal = refusal(&mut window);
    assert!(refusal.what.contains("broken.png"), "{refusal}");
    assert_eq!(window.state().title(), "Noise on mine.png");
}

#[test]
fn what_is_painted_becomes_the_picture_and_a_stroke_can_be_taken_back() {
    let mut window = view();
    click(&mut window, "Paint");
    let canvas = window.get_by_label("The canvas").rect();
    window.drag_at(canvas.center());
    window.run_steps(1);
    window.hover_at(canvas.center() + egui::vec2(40.0, 10.0));
    window.run_steps(1);
    window.drop_at(canvas.center() + egui::vec2(60.0, 20.0));
    window.run_steps(2);
    assert_eq!(window.state().title(), "Noise on your painting");
    wait_for(&mut window, "what the network sees under noise of t = 400");
    click(&mut window, "Undo stroke");
    assert_eq!(window.state().title(), "Noise on face 1");
    click(&mut window, "Fill");
    click(&mut window, "Done painting");
    whole(&mut window);
}
