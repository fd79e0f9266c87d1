//! Pictures heard, and sounds drawn, in small.

use super::reading::looked;
use super::*;
use crate::files::picture_folder::Picture;
use crate::files::sound::exif;
use crate::labs::sound::made::Made;

fn small() -> Params {
    Params {
        sample_rate_hz: 8000,
        num_frequencies: 64,
        max_frequency_hz: 4000.0,
        ..Params::default()
    }
}

fn heard(picture: &Grey, reading: &Reading, n_steps: usize) -> Heard {
    let search = Search {
        n_steps,
        ..Search::default()
    };
    let mut n = 0;
    let found = hear(picture, "test", reading, &search, &mut |step| {
        assert_eq!(step.n_steps, n);
        n += 1;
        ControlFlow::Continue(())
    });
    assert_eq!(n, n_steps + 1);
    found.unwrap()
}

#[test]
fn a_picture_of_a_sound_sounds_like_it() {
    let sound = Made::TwoTones.sound(0);
    let of = of_sound(&sound, 0.0..1.0, &small()).unwrap();
    assert_eq!((of.picture.width, of.picture.height), (101, 64));
    let reading = Reading {
        params: small(),
        largest: Some(of.largest),
        white_is_loud: false,
    };
    let back = heard(&of.picture, &reading, 16).sound;
    assert_eq!(back.sample_rate_hz(), 8000);
    let again = of_sound(&back, 0.0..1.0, &small()).unwrap();
    // The loudest row is the same in nearly every column.
    let darkest = |picture: &Grey, t: usize| {
        (0..64)
            .min_by_key(|row| picture.pixels[row * picture.width + t])
            .unwrap()
    };
    let near =
        (5..95).filter(|&t| darkest(&of.picture, t).abs_diff(darkest(&again.picture, t)) < 2);
    assert!(near.count() > 80);
    assert!(
        (again.largest / of.largest - 1.0).abs() < 0.3,
        "{} {}",
        again.largest,
        of.largest
    );
}

#[test]
fn a_png_says_how_it_was_made_and_is_read_so() {
    let of = of_sound(&Made::Bell.sound(0), 0.0..0.5, &small()).unwrap();
    let png = to_png(&of, &[("glassbox", "{}")]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bell.png");
    std::fs::write(&path, png).unwrap();
    let found = look(&path).unwrap();
    assert_eq!(found.source, Source::Tags);
    assert_eq!(found.picture, of.picture);
    assert_eq!(found.reading.params, of.params);
    assert_eq!(found.reading.largest, Some(of.largest));
}

#[test]
fn a_photograph_is_read_with_white_as_loud_and_shrunk() {
    let photograph = Picture {
        width: 1200,
        height: 1024,
        n_channels: 3,
        pixels: [200, 40, 90].repeat(1200 * 1024),
    };
    let found = looked(&photograph, &[]);
    assert_eq!(found.source, Source::Any);
    assert_eq!((found.picture.width, found.picture.height), (600, 512));
    assert!(found.reading.white_is_loud);
    // 0.299·200 + 0.587·40 + 0.114·90, ITU-R BT.601.
    assert!(found.picture.pixels.iter().all(|&level| level == 94));
    let grey = Picture {
        width: 10,
        height: 512,
        n_channels: 1,
        pixels: vec![7; 5120],
    };
    assert_eq!(looked(&grey, &[]).source, Source::Size);
}

#[test]
fn tags_that_cannot_be_are_not_believed() {
    let pixel = Picture {
        width: 1,
        height: 1,
        n_channels: 1,
        pixels: vec![0],
    };
    let tag = |tag, value| (tag, exif::Number::Real(value));
    let sound = [
        tag(11_000, 44_100.0),
        tag(11_010, 10.0),
        tag(11_020, 100.0),
        tag(11_030, 400.0),
        tag(11_040, 512.0),
    ];
    assert_eq!(looked(&pixel, &sound).source, Source::Tags);
    for (i, wrong) in [(0, -1.0), (1, 0.0), (2, 1e9), (3, 50.0), (4, 1e12)] {
        let mut tags = sound;
        tags[i].1 = exif::Number::Real(wrong);
        assert_ne!(looked(&pixel, &tags).source, Source::Tags, "{i}");
    }
}

#[test]
fn a_picture_without_columns_is_refused_and_a_white_one_is_silence() {
    let reading = Reading {
        params: small(),
        largest: None,
        white_is_loud: false,
    };
    let go_on = &mut |_| ControlFlow::Continue(());
    let nothing = Grey::default();
    assert!(hear(&nothing, "nothing", &reading, &Search::default(), go_on).is_err());
    let white = Grey {
        width: 20,
        height: 64,
        pixels: vec![255; 20 * 64],
    };
    let silence = heard(&white, &reading, 2);
    assert!(
        silence
            .sound
            .mono(0..usize::MAX)
            .unwrap()
            .iter()
            .all(|&x| x == 0.0)
    );
    assert_eq!(silence.convergences, [0.0; 3]);
}

#[test]
fn it_stops_with_what_was_found() {
    let of = of_sound(&Made::Bell.sound(0), 0.0..0.5, &small()).unwrap();
    let reading = Reading {
        params: small(),
        largest: None,
        white_is_loud: false,
    };
    let search = Search::default();
    let stop = &mut |step: Step| match step.n_steps {
        3 => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    let found = hear(&of.picture, "bell", &reading, &search, stop).unwrap();
    assert_eq!(found.convergences.len(), 4);
    let peak = found.sound.mono(0..usize::MAX).unwrap();
    assert!((peak.iter().fold(0.0f32, |m, x| m.max(x.abs())) - 0.9).abs() < 1e-5);
}
