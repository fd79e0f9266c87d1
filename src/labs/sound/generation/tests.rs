//! Phrases made by a network that has learned nothing, and so are known beforehand.

use super::super::phrases::{HOP_LENGTH, attributes, row_hz};
use super::*;
use crate::dsp::one_by_one;
use crate::labs::diffusion::{About, Prediction, Schedule};
use crate::models::unet::{Config, UNet, initial};
use crate::rng::Rng;
use candle_core::Device;

/// A small network that has learned nothing: it takes every phrase for grey.
fn untrained() -> Denoiser {
    let config = Config {
        side: SIDE,
        patch: 8,
        n_channels: 1,
        widths: [8, 8, 8],
        attention_side: 4,
        n_heads: 1,
        d_embedding: 8,
        conditions: attributes().iter().map(|a| a.values.len() + 1).collect(),
    };
    let weights = initial(&config, &mut Rng::new(0, "test"), &Device::Cpu).unwrap();
    let network = UNet::new(&config, &mut |name, _| {
        Ok(weights.get(name).unwrap().as_detached_tensor())
    });
    let about = About {
        name: "untrained".to_owned(),
        side: SIDE,
        n_channels: 1,
        attributes: attributes(),
        schedule: Schedule::Cosine,
        prediction: Prediction::X0,
        n_weights: config.n_weights() as u64,
        steps: None,
        source: String::new(),
        license: String::new(),
    };
    Denoiser::new(network.unwrap(), about)
}

fn quick() -> Wish {
    let mut wish = Wish::default();
    wish.settings.n_steps = 3;
    wish
}

fn go_on(_: Event) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[test]
fn what_is_kept_of_a_phrase_is_there_to_the_last_bit_and_the_rest_is_new() {
    let levels: Vec<f32> = (0..SIDE * SIDE)
        .map(|i| (i % 97) as f32 / 48.0 - 1.0)
        .collect();
    let kept = Kept {
        levels: levels.clone(),
        anew: 40..70,
    };
    let made = make(&untrained(), &quick(), Some(&kept), &mut go_on)
        .unwrap()
        .unwrap();
    for (i, (made, was)) in made.iter().zip(&levels).enumerate() {
        match i % SIDE {
            0..38 | 72.. => assert_eq!(made, was),
            40..70 => assert_eq!(*made, 0.0),
            _ => assert!(made.abs() <= was.abs() + 1e-6),
        }
    }
    for anew in [40..40, 100..129] {
        let kept = Kept {
            anew,
            ..kept.clone()
        };
        assert!(make(&untrained(), &quick(), Some(&kept), &mut go_on).is_err());
    }
}

#[test]
fn a_walk_begins_at_the_first_caption_and_ends_at_the_second() {
    let denoiser = untrained();
    let first_step = |wish: &Wish| {
        let mut seen = None;
        make(&denoiser, wish, None, &mut |event| {
            if let Event::Step(step) = event {
                seen.get_or_insert(step.x_t);
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        seen
    };
    // The noise is the same all the way: only the words change.
    let mut wish = quick();
    let alone = first_step(&wish);
    for part in walk(3) {
        wish.toward = Some(("fast drums".to_owned(), part));
        assert_eq!(first_step(&wish), alone);
        assert_eq!(
            understand(&denoiser, &wish).toward.unwrap().rows,
            [13, 0, 3, 0]
        );
    }
    assert_eq!(walk(3).collect::<Vec<_>>(), [0.0, 0.5, 1.0]);
    assert_eq!(walk(1).collect::<Vec<_>>(), [0.0]);
}

#[test]
fn a_phrase_goes_on_after_whole_beats() {
    let levels: Vec<f32> = (0..SIDE * SIDE)
        .map(|i| (i % SIDE) as f32 / 200.0)
        .collect();
    // 1 beat of 3, 2 of 5, 3 of 8.
    for (tempo, n_kept) in [(Some(0), 43), (Some(1), 51), (Some(2), 48), (None, 64)] {
        let kept = continued(&levels, tempo);
        assert_eq!(kept.anew, n_kept..SIDE);
        assert_eq!(kept.levels[..n_kept], levels[SIDE - n_kept..SIDE]);
        let both = joined(&levels, &kept.levels, kept.anew.clone());
        let width = 2 * SIDE - n_kept;
        assert_eq!(both.len(), width * SIDE);
        assert_eq!(both[width..width + SIDE], levels[SIDE..2 * SIDE]);
    }
}

#[test]
fn a_sound_has_a_hop_of_samples_for_each_column_and_comes_again_bit_for_bit() {
    let width = 40;
    let levels: Vec<f32> = (0..SIDE * width)
        .map(|i| if i / width == 90 { 1.0 } else { -1.0 })
        .collect();
    let sound = || {
        let go_on = &mut || ControlFlow::Continue(());
        hear(&levels, 4, 7, &one_by_one, go_on).unwrap().unwrap()
    };
    let first = sound();
    assert_eq!(first.samples.len(), width * HOP_LENGTH);
    assert_eq!(first, sound());
    // One row is one pitch: count how often the wave rises through 0.
    let rises = first
        .samples
        .windows(2)
        .filter(|pair| pair[0] < 0.0 && pair[1] >= 0.0);
    let hz = rises.count() as f64 * 44_100.0 / first.samples.len() as f64;
    let wanted = row_hz(90);
    assert!((hz - wanted).abs() < 20.0, "{hz} Hz, {wanted} Hz");
    let nothing = &mut || ControlFlow::Continue(());
    assert!(hear(&[0.0; 5], 4, 7, &one_by_one, nothing).is_err());
    assert!(hear(&[f32::NAN; SIDE], 4, 7, &one_by_one, nothing).is_err());
}

#[test]
fn levels_are_decibels_below_the_loudest() {
    assert_eq!(decibels(1.0), 0.0);
    assert_eq!(decibels(0.0), -32.0);
    assert_eq!(decibels(-3.0), -64.0);
}

#[test]
fn a_model_of_faces_makes_no_sounds() {
    let mut about = untrained().about().clone();
    about.side = 64;
    let config = Config {
        side: 64,
        ..untrained().network().config().clone()
    };
    let weights = initial(&config, &mut Rng::new(0, "test"), &Device::Cpu).unwrap();
    let network = UNet::new(&config, &mut |name, _| {
        Ok(weights.get(name).unwrap().as_detached_tensor())
    });
    let faces = Denoiser::new(network.unwrap(), about);
    let refusal = make(&faces, &quick(), None, &mut go_on).unwrap_err();
    assert!(refusal.next.contains("train sound"), "{refusal}");
}

#[test]
fn a_picture_of_a_phrase_says_what_it_was_made_with() {
    use super::parameters::{Parameters, of_file, to_png};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("phrase.png");
    let mut wish = quick();
    wish.caption = "fast drums – très vite".to_owned();
    wish.toward = Some(("slow flute".to_owned(), 0.25));
    let parameters = Parameters {
        model: "diffusion-sounds".to_owned(),
        wish,
        is_pieced: false,
    };
    let bytes: Vec<u8> = (0..SIDE * 150).map(|i| (i % 256) as u8).collect();
    let levels: Vec<f32> = bytes.iter().map(|&b| f32::from(b) / 127.5 - 1.0).collect();
    std::fs::write(&path, to_png(&levels, &parameters).unwrap()).unwrap();
    let restored = of_file(&path).unwrap().unwrap();
    assert_eq!(
        (restored.parameters, restored.levels),
        (parameters.clone(), levels)
    );
    // Numbers that make no sense are brought within bounds.
    let mut wild = parameters;
    wild.wish.settings.guidance = 1e300;
    wild.wish.settings.n_steps = 1_000_000;
    wild.wish.n_iterations = usize::MAX;
    wild.wish.caption = "é".repeat(1 << 14);
    std::fs::write(&path, to_png(&[0.0; SIDE], &wild).unwrap()).unwrap();
    let wish = of_file(&path).unwrap().unwrap().parameters.wish;
    assert_eq!(
        (wish.settings.guidance, wish.settings.n_steps),
        (100.0, 1000)
    );
    assert!(wish.caption.len() <= 1 << 12 && wish.n_iterations <= 10_000);
    // Another picture says nothing.
    let plain = crate::files::png_text::with_texts(&[], &[]);
    std::fs::write(&path, plain).unwrap();
    assert_eq!(of_file(&path).unwrap(), None);
}

#[test]
fn a_part_of_a_long_phrase_is_made_anew_where_it_is() {
    let width = 300;
    let whole: Vec<f32> = (0..SIDE * width).map(|i| (i % width) as f32).collect();
    for (part, first) in [(0..20, 0), (140..160, 86), (290..300, 172), (100..226, 99)] {
        let (start, kept) = part_of(&whole, part.clone());
        assert_eq!(
            (start, kept.anew.clone()),
            (first, part.start - first..part.end - first)
        );
        assert_eq!(kept.levels[0], first as f32);
        let put = with_part(&whole, &vec![-1.0; SIDE * SIDE], start);
        assert_eq!(put.iter().filter(|x| **x == -1.0).count(), SIDE * SIDE);
        assert_eq!(with_part(&whole, &kept.levels, start), whole);
    }
}

#[test]
fn heights_and_rows_mean_the_same_frequencies() {
    for row in [0, 64, 127] {
        let middle = 1.0 - (row as f32 + 0.5) / SIDE as f32;
        assert!((super::super::phrases::height_of(row_hz(row)) - middle).abs() < 1e-5);
    }
}
