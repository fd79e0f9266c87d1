//! A training, what it keeps, and what can be asked of the network that comes out.

use super::compressed::{Equal, compressed};
use super::*;
use std::ops::ControlFlow;

fn recipe(n_steps: usize) -> Recipe {
    Recipe {
        d_code: 6,
        width: 6,
        n_steps: Some(n_steps),
        cools: false,
        snapshot_every_secs: 1e9,
        ..Recipe::new(Source::Digits)
    }
}

fn train(recipe: &Recipe, from: Option<&State>) -> (Outcome, Vec<Event>) {
    let controls = Controls::new(recipe.settings.clone());
    let mut events = Vec::new();
    let outcome = run(recipe, from, &controls, &mut |event| {
        events.push(event);
        ControlFlow::Continue(())
    });
    (outcome.unwrap(), events)
}

fn prepared(events: &[Event]) -> &Prepared {
    let found = events.iter().find_map(|event| match event {
        Event::Prepared(prepared) => Some(prepared),
        _ => None,
    });
    found.unwrap()
}

fn snapshots(events: &[Event]) -> Vec<&Snapshot> {
    fn of(event: &Event) -> Option<&Snapshot> {
        match event {
            Event::Snapshot(snapshot) => Some(snapshot),
            _ => None,
        }
    }
    events.iter().filter_map(of).collect()
}

fn go_on() -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[test]
fn a_training_learns_repeats_exactly_and_goes_on_as_if_it_had_not_stopped() {
    let (whole, events) = train(&recipe(40), None);
    let all = snapshots(&events);
    let steps: Vec<usize> = all.iter().map(|snapshot| snapshot.step).collect();
    assert_eq!(steps, [0, 1, 2, 4, 8, 16, 32, 40]);
    let [first, last] = [all[0].fault, all[7].fault];
    assert!(last.psnr_db > first.psnr_db + 2.0, "{first:?} {last:?}");
    assert!(whole.fault.psnr_db > first.psnr_db + 2.0 && !whole.stopped);
    let (half, _) = train(&recipe(15), None);
    let (rest, _) = train(&recipe(40), Some(&half.state));
    assert_eq!(rest.losses, whole.losses);
    assert_eq!(rest.state.tensors, whole.state.tensors);
}

#[test]
fn one_picture_in_ten_is_never_learned_from_and_stopping_at_once_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let recipe = Recipe {
        checkpoint: Some(folder.path().join("digits")),
        ..recipe(40)
    };
    let controls = Controls::default();
    let mut seen = None;
    let outcome = run(&recipe, None, &controls, &mut |event| {
        if let Event::Prepared(prepared) = event {
            seen = Some(prepared);
        }
        ControlFlow::Break(())
    });
    let (outcome, prepared) = (outcome.unwrap(), seen.unwrap());
    assert!(outcome.stopped && outcome.files.is_empty());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    let n = prepared.pictures.len();
    assert_eq!(prepared.held_out.len(), n / HELD_OUT_EVERY);
    assert_eq!(prepared.values.len(), n);
    assert_eq!(prepared.attributes[0].values.len(), 10);
}

#[test]
fn what_was_written_is_read_again_and_what_is_none_of_ours_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let recipe = Recipe {
        checkpoint: Some(folder.path().join("digits")),
        ..recipe(3)
    };
    let (outcome, _) = train(&recipe, None);
    assert_eq!(outcome.files.len(), 2);
    let read = Checkpoint::read(&outcome.files[1]).unwrap();
    assert_eq!(read.state, *outcome.state);
    assert_eq!((read.recipe.d_code, read.recipe.side), (6, 16));
    let refusal = Checkpoint::read(&outcome.files[0]).unwrap_err();
    assert!(refusal.what.contains("not a checkpoint"), "{refusal}");
    let other = Recipe {
        d_code: 7,
        ..self::recipe(4)
    };
    let controls = Controls::default();
    let refusal = run(&other, Some(&read.state), &controls, &mut |_| go_on()).unwrap_err();
    assert!(refusal.what.contains("another shape"), "{refusal}");
    let nothing = Recipe { d_code: 0, ..other };
    assert!(run(&nothing, None, &controls, &mut |_| go_on()).is_err());
}

#[test]
fn every_number_of_a_code_has_the_mean_0_and_the_standard_deviation_1() {
    let (_, events) = train(&recipe(12), None);
    let prepared = prepared(&events);
    let squeezer = &snapshots(&events)[4].squeezer;
    let codes = squeezer.encode(&prepared.pictures).unwrap();
    let n = codes.len() as f64;
    for j in 0..6 {
        let numbers = codes.iter().map(|code| f64::from(code[j]));
        let mean = numbers.clone().sum::<f64>() / n;
        let spread = (numbers.map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
        // Measured on 480 of 7,200 pictures: within four standard errors.
        assert!(mean.abs() < 0.19, "{mean}");
        assert!((spread - 1.0).abs() < 0.2, "{spread}");
    }
}

#[test]
fn a_number_and_a_pixel_are_the_sums_that_explain_them() {
    let (_, events) = train(&recipe(8), None);
    let pictures = &prepared(&events).pictures;
    let squeezer = &snapshots(&events)[4].squeezer;
    let code = squeezer.encode(pictures).unwrap().swap_remove(3);
    let number = explain::number(squeezer, pictures, 3, 5).unwrap();
    assert!((number.value - f64::from(code[5])).abs() < 1e-4);
    assert_eq!(number.terms.len(), squeezer.about().config.d_features());
    let decoded = squeezer.decode(std::slice::from_ref(&code)).unwrap();
    for at in [[0, 0], [7, 8], [15, 15], [0, 9]] {
        let pixel = explain::pixel(squeezer, &code, [at[0], at[1], 0]).unwrap();
        assert!((pixel.value - pixel.shown).abs() < 1e-5, "{at:?}");
        let byte = ((pixel.value + 1.0) * 127.5).round().clamp(0.0, 255.0);
        let shown = f64::from(decoded.pixels[at[0] * 16 + at[1]]);
        assert!((byte - shown).abs() <= 1.0, "{at:?}");
        let sorted = pixel.terms.windows(2);
        let mut sizes = sorted.map(|t| [t[0].product().abs(), t[1].product().abs()]);
        assert!(sizes.all(|[a, b]| a >= b));
    }
    assert!(explain::pixel(squeezer, &code, [16, 0, 0]).is_err());
    assert!(explain::number(squeezer, pictures, 0, 6).is_err());
}

#[test]
fn the_map_leads_back_to_the_codes_it_was_made_of() {
    let (_, events) = train(&recipe(8), None);
    let pictures = &prepared(&events).pictures;
    let squeezer = &snapshots(&events)[4].squeezer;
    let chosen: Vec<usize> = (0..200).collect();
    let map = map::map(squeezer, pictures, &chosen, &mut go_on)
        .unwrap()
        .unwrap();
    assert_eq!(map.places.len(), 200);
    assert!(map.shown() > 0.3 && map.shown() <= 1.0 && !map.is_the_code_itself());
    let code = map.code_at([0.5, -1.5], &map.codes[7]);
    let [x, y] = map.place(&code);
    assert!((x - 0.5).abs() < 1e-4 && (y + 1.5).abs() < 1e-4);
    let same = map.code_at(map.places[7], &map.codes[7]);
    let mut gaps = same.iter().zip(&map.codes[7]).map(|(a, b)| (a - b).abs());
    assert!(gaps.all(|gap| gap < 1e-4));
    let mut stop = || ControlFlow::Break(());
    assert!(
        map::map(squeezer, pictures, &chosen, &mut stop)
            .unwrap()
            .is_none()
    );
}

#[test]
fn mixed_pixels_are_two_pictures_at_once_and_mixed_codes_begin_and_end_as_they_should() {
    let (_, events) = train(&recipe(8), None);
    let pictures = &prepared(&events).pictures;
    let squeezer = &snapshots(&events)[4].squeezer;
    let mixed = mixing::mixed(squeezer, pictures, 5).unwrap();
    assert_eq!(mixed.parts, [0.0, 0.25, 0.5, 0.75, 1.0]);
    let halfway = mixed.by_pixels.get(2).unwrap();
    let ends = [0, 1].map(|i| pictures.get(i).unwrap());
    let means = ends[0].iter().zip(ends[1]);
    let means = means.map(|(a, b)| f32::from(*a).midpoint(f32::from(*b)).round() as u8);
    assert!(halfway.iter().copied().eq(means));
    let ends = squeezer.squeeze(pictures).unwrap().pictures;
    assert_eq!(mixed.by_code.get(0), ends.get(0));
    assert_eq!(mixed.by_code.get(4), ends.get(1));
}

#[test]
fn a_code_is_a_byte_for_each_number_and_jpeg_pays_more_for_less_error() {
    let (_, events) = train(&recipe(30), None);
    let prepared = prepared(&events);
    let squeezer = &snapshots(&events)[5].squeezer;
    let chosen = &prepared.held_out[..40];
    let found = compressed(squeezer, &prepared.pictures, chosen, &mut go_on);
    let found = found.unwrap().unwrap();
    assert_eq!((found.code_bytes, found.raw_bytes), (6, 256));
    // Rounded by at most 1/64 of a standard deviation: next to nothing is lost.
    assert!((found.code.psnr_db - found.unrounded.psnr_db).abs() < 0.1);
    let mut pairs = found.jpeg.windows(2);
    assert!(pairs.all(|p| p[0].data_bytes <= p[1].data_bytes && p[0].fault.mse >= p[1].fault.mse));
    match found.equal {
        Equal::At { data_bytes, .. } => assert!(data_bytes > 6.0),
        Equal::Never(worst) => assert!(worst.fault.mse <= found.code.mse),
    }
    assert!(compressed(squeezer, &prepared.pictures, &[], &mut go_on).is_err());
}

#[test]
fn a_saved_network_squeezes_as_it_did_and_knows_pictures_to_try_it_on() {
    let folder = tempfile::tempdir().unwrap();
    let recipe = Recipe {
        checkpoint: Some(folder.path().join("digits")),
        ..recipe(8)
    };
    let (outcome, events) = train(&recipe, None);
    let opened = open(&outcome.files[0], 8).unwrap();
    assert_eq!(opened.source, Source::Digits);
    assert_eq!(opened.pictures.len(), 8);
    assert!(opened.learned_from.contains("8,000 digits"));
    let last = snapshots(&events).pop().unwrap();
    let about = opened.squeezer.about();
    assert_eq!(
        (about.config, about.step),
        (last.squeezer.about().config, 8)
    );
    let pictures = &opened.prepared.pictures;
    let code = |squeezer: &Squeezer| {
        let go_on = &mut go_on;
        squeezer
            .encode_some(pictures, &[0, 7], go_on)
            .unwrap()
            .unwrap()
    };
    let [now, before] = [&opened.squeezer, &last.squeezer].map(|squeezer| code(squeezer));
    for (a, b) in now.concat().iter().zip(before.concat()) {
        assert!((a - b).abs() < 2e-2, "{a} {b}"); // f16 in the file
    }
    // Neither a checkpoint nor a network that is cut out of its file.
    let refusal = open(&outcome.files[1], 8).unwrap_err();
    assert!(refusal.what.contains("not an autoencoder"), "{refusal}");
    let bytes = std::fs::read(&outcome.files[0]).unwrap();
    let at = bytes
        .windows(10)
        .position(|w| w == b"encoder.0.")
        .unwrap_or(0);
    if at > 0 {
        let mut other = bytes;
        other[at] = b'f';
        let path = folder.path().join("other.safetensors");
        std::fs::write(&path, other).unwrap();
        let refusal = open(&path, 8).unwrap_err();
        assert!(refusal.evidence.contains("is not there"), "{refusal}");
    }
}
