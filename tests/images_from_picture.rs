//! “From a picture” of the chapter of images, driven as a person would: by label.

#[path = "support/bench.rs"]
mod support;

use eframe::egui;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use glassbox::command::Command;
use glassbox::tabs::Tab;
use glassbox::tabs::images::ImagesTab;
use glassbox::theme::Theme;
use serde_json::json;
use support::{click, labels, open, says, until, wait_for};

type Window = Harness<'static, support::Bench<ImagesTab>>;

/// A page of the view, drawn in a few steps.
fn view(page: &str, n_steps: usize) -> Window {
    let mut tab = ImagesTab::new();
    let settings = json!({
        "sampler": { "ddim": { "eta": 0.0 } },
        "spacing": "trailing",
        "n_steps": n_steps,
        "guidance": 2.0,
        "is_clamped": true,
    });
    let saved = json!({ "page": page, "settings": settings, "strength": 0.6 });
    tab.restore(&json!({ "shown": "from_picture", "from_picture": saved }));
    let mut window = support::Bench::new(tab).window(Theme::Light, [1280.0, 1400.0]);
    wait_for(&mut window, "The steps: ");
    rest(&mut window);
    window
}

/// Waits until nothing is being drawn.
fn rest(window: &mut Window) {
    until(window, |window| window.state().progress().is_none());
    window.run_steps(2);
}

#[test]
fn less_strength_stays_nearer_to_the_picture_and_none_changes_nothing() {
    let mut window = view("strength", 5);
    assert!(says(&window, "the new picture"));
    assert_eq!(labels(&window, "Strength ").len(), 6);
    assert!(!says(&window, "not yet"));
    let near = |window: &Window| -> f64 {
        let words = labels(window, "dB near the picture").pop().unwrap();
        let number = words.split(" dB near").next().unwrap().replace('−', "-");
        let number = number.rsplit(' ').next().unwrap().replace('∞', "inf");
        number.parse().unwrap()
    };
    click(&mut window, "Strength 100 %");
    rest(&mut window);
    let far = near(&window);
    click(&mut window, "Strength 40 %");
    rest(&mut window);
    assert!(near(&window) > far + 3.0, "{} {far}", near(&window));
}

#[test]
fn what_is_not_painted_over_is_the_picture_itself() {
    let mut window = view("repaint", 4);
    assert!(says(&window, "∞ dB outside the mask"));
    let before = labels(&window, "of it are painted anew").pop().unwrap();
    let canvas = window.get_by_label(&before).rect();
    window.drag_at(canvas.left_top() + egui::vec2(20.0, 20.0));
    window.run_steps(1);
    window.drop_at(canvas.left_top() + egui::vec2(60.0, 20.0));
    window.run_steps(2);
    assert_ne!(
        labels(&window, "of it are painted anew").pop().unwrap(),
        before
    );
    rest(&mut window);
    assert!(says(&window, "∞ dB outside the mask"));
    click(&mut window, "Clear");
    rest(&mut window);
    assert!(says(&window, "∞ dB near the picture"));
}

#[test]
fn a_walk_has_pictures_from_one_seed_to_the_other() {
    let mut tab = view("strength", 3);
    click(&mut tab, "A walk");
    rest(&mut tab);
    assert_eq!(labels(&tab, "Step of the walk ").len(), 7);
    assert_eq!(tab.state().title(), "A walk from seed 1 to seed 2");
    click(&mut tab, "Step of the walk 100 %");
    rest(&mut tab);
    assert!(says(&tab, "noise, 100 % of the way"));
}

#[test]
fn a_picture_comes_back_from_its_own_noise_with_the_same_words() {
    let mut window = view("back", 20);
    click(&mut window, "as it is");
    rest(&mut window);
    assert!(says(&window, "and back, with the same words"));
    let words = labels(&window, "dB between the picture and what came back")
        .pop()
        .unwrap();
    let near: f64 = words.split(' ').next().unwrap().parse().unwrap();
    let noise = labels(&window, "its noise: mean").pop().unwrap();
    assert!(near > 8.0, "{words} {noise}");
    // Noise that a picture comes from is as wide as noise is.
    let noise = labels(&window, "its noise: mean").pop().unwrap();
    let deviation: f64 = noise.rsplit(' ').next().unwrap().parse().unwrap();
    assert!((0.5..1.5).contains(&deviation), "{noise}");
}

#[test]
fn a_pixel_is_explained_step_by_step_and_the_numbers_agree() {
    let mut window = view("strength", 5);
    let picture = labels(&window, "the new picture").pop().unwrap();
    window.get_by_label(&picture).click_accesskit();
    window.run_steps(3);
    wait_for(&mut window, "Where this pixel comes from");
    assert!(says(&window, "The beginning"));
    let differences = labels(&window, ", difference ");
    assert_eq!(differences.len(), 3, "{differences:?}");
    for words in differences {
        let part = words.rsplit(' ').next().unwrap().replace('−', "-");
        assert!(part.parse::<f64>().unwrap() < 1e-4, "{words}");
    }
}

#[test]
fn stop_ends_the_drawing_and_other_noise_begins_it_again() {
    let mut window = view("strength", 3);
    let command = |window: &mut Window, command| {
        window
            .state_mut()
            .with_context(|tab, cx| tab.command(command, cx));
        window.run_steps(2);
    };
    command(&mut window, Command::Run);
    assert!(window.state().tab.can(Command::Stop));
    command(&mut window, Command::Stop);
    assert!(!window.state().tab.can(Command::Stop));
    command(&mut window, Command::Run);
    rest(&mut window);
    assert!(says(&window, "the new picture"));
}

#[test]
fn a_picture_of_ones_own_is_begun_with_and_the_new_one_is_saved_with_what_it_was_made_with() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.png");
    let picture =
        image::RgbImage::from_fn(80, 80, |x, y| image::Rgb([x as u8 * 3, y as u8 * 3, 90]));
    picture.save(&path).unwrap();
    let mut window = view("strength", 3);
    open(&mut window, &path);
    until(&mut window, |window| {
        window.state().title().contains("mine.png")
    });
    rest(&mut window);
    let saved = folder.path().join("new.png");
    click(&mut window, "Save as PNG…");
    window.state_mut().set_save_path(&saved.to_string_lossy());
    window.run_steps(2);
    click(&mut window, "Save");
    until(&mut window, |_| saved.is_file());
    let texts = std::fs::read(&saved).unwrap();
    let has = |words: &str| {
        texts
            .windows(words.len())
            .any(|part| part == words.as_bytes())
    };
    assert!(has("\"strength\":0.6") && has("Denoising strength: 0.6"));
    assert_eq!(image::open(&saved).unwrap().width() % 8, 0);
}
