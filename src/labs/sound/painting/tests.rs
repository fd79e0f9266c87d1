//! What is painted is heard where it was painted, and nowhere else.

use super::*;

const RATE: u32 = 32_000;

fn noise(n: usize) -> Vec<f32> {
    Rng::new(0, "canvas").normals(n, 0.0, 0.1)
}

fn canvas() -> Canvas {
    Canvas::new(noise(4 * RATE as usize), RATE).unwrap()
}

fn path(from: (f64, f64), to: (f64, f64)) -> Vec<Dab> {
    let dab = |(secs, hz): (f64, f64)| Dab { secs, hz };
    vec![dab(from), dab(to)]
}

/// The amplitude of a frequency in some samples, by one term of the Fourier sum under a Hann window.
fn amplitude_of(samples: &[f32], hz: f64) -> f64 {
    let n = samples.len() as f64;
    let (mut re, mut im) = (0.0, 0.0);
    for (i, &x) in samples.iter().enumerate() {
        let window = 1.0 - (TAU * i as f64 / n).cos();
        let (sin, cos) = (TAU * hz * i as f64 / f64::from(RATE)).sin_cos();
        re += window * f64::from(x) * cos;
        im += window * f64::from(x) * sin;
    }
    2.0 * re.hypot(im) / n
}

/// What the inverse of the whole transform gives.
fn whole(canvas: &Canvas) -> Vec<f32> {
    canvas.stft.inverse(&canvas.spectrum, canvas.samples.len())
}

fn largest_difference(a: &[f32], b: &[f32]) -> f32 {
    let off = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    off.fold(0.0, f32::max)
}

#[test]
fn what_is_computed_again_under_a_stroke_is_what_all_of_it_would_give() {
    let radius = [0.1, 0.5];
    let all = |secs| path((secs, 500.0), (secs + 0.2, 2000.0));
    let strokes = [
        Stroke::Erase {
            path: all(0.0),
            radius,
        },
        Stroke::Brush {
            path: all(1.0),
            radius,
            db: -12.0,
        },
        Stroke::Noise {
            path: all(3.8),
            radius,
            db: -20.0,
        },
        Stroke::Notch {
            secs: [0.0, 4.0],
            hz: 3000.0,
            octaves: 0.2,
        },
        Stroke::Melody {
            path: all(2.0),
            db: -6.0,
        },
        Stroke::Move {
            secs: [2.5, 3.0],
            hz: [100.0, 5000.0],
            by: -0.7,
        },
    ];
    let mut canvas = canvas();
    let before = canvas.samples.clone();
    for stroke in &strokes {
        let was = canvas.samples.clone();
        let changed = canvas.paint(stroke);
        assert!(largest_difference(&canvas.samples, &whole(&canvas)) < 1e-5);
        assert_eq!(canvas.samples[..changed.start], was[..changed.start]);
        assert_eq!(canvas.samples[changed.end..], was[changed.end..]);
        assert!(largest_difference(&canvas.samples, &was) > 1e-3);
    }
    assert_eq!(canvas.n_undo(), [6, 0]);
    let painted = canvas.samples.clone();
    while canvas.undo().is_some() {}
    assert!(largest_difference(&canvas.samples, &before) < 1e-5);
    while canvas.redo().is_some() {}
    assert!(largest_difference(&canvas.samples, &painted) < 1e-5);
}

#[test]
fn a_melody_of_440_hz_is_a_tone_of_440_hz_as_loud_as_was_asked() {
    let mut canvas = Canvas::new(vec![0.0; 3 * RATE as usize], RATE).unwrap();
    canvas.paint(&Stroke::Melody {
        path: path((0.5, 440.0), (2.5, 440.0)),
        db: -20.0,
    });
    let middle = &canvas.samples()[RATE as usize..2 * RATE as usize];
    assert!((amplitude_of(middle, 440.0) - 0.1).abs() < 1e-3);
    assert!(amplitude_of(middle, 660.0) < 1e-4);
    let quiet = &canvas.samples()[..RATE as usize / 3];
    assert!(quiet.iter().all(|it| it.abs() < 1e-4));
}

#[test]
fn a_notch_takes_one_tone_of_two() {
    let tone = |hz: f64, i: usize| (TAU * hz * i as f64 / f64::from(RATE)).sin();
    let both = |i: usize| (0.3 * tone(500.0, i) + 0.3 * tone(2000.0, i)) as f32;
    let samples = (0..2 * RATE as usize).map(both).collect();
    let mut canvas = Canvas::new(samples, RATE).unwrap();
    canvas.paint(&Stroke::Notch {
        secs: [0.0, 2.0],
        hz: 2000.0,
        octaves: 0.25,
    });
    let middle = &canvas.samples()[RATE as usize / 2..RATE as usize * 3 / 2];
    assert!((amplitude_of(middle, 500.0) - 0.3).abs() < 1e-3);
    // The main lobe of a Hann window is gone; 31 dB down begin its side lobes.
    assert!(amplitude_of(middle, 2000.0) < 0.3 * 1e-3);
}

#[test]
fn a_brush_on_silence_sounds_at_its_frequency_and_never_lowers_what_is_louder() {
    let mut canvas = Canvas::new(vec![0.0; 2 * RATE as usize], RATE).unwrap();
    let brush = |db| Stroke::Brush {
        path: path((0.5, 1000.0), (1.5, 1000.0)),
        radius: [0.05, 0.02],
        db,
    };
    canvas.paint(&brush(-12.0));
    let middle = &canvas.samples()[RATE as usize * 3 / 4..RATE as usize * 5 / 4];
    let power: f32 = middle.iter().map(|it| it * it).sum::<f32>() / middle.len() as f32;
    assert!(power.sqrt() > 0.05, "{power}");
    assert!(amplitude_of(middle, 4000.0) < 1e-3);
    let loud = canvas.samples.clone();
    canvas.paint(&brush(-40.0));
    assert!(largest_difference(&canvas.samples, &loud) < 1e-3);
}

#[test]
fn what_is_moved_is_heard_later_as_it_was() {
    let mut canvas = Canvas::new(vec![0.0; 3 * RATE as usize], RATE).unwrap();
    canvas.paint(&Stroke::Melody {
        path: path((0.5, 700.0), (1.0, 900.0)),
        db: -10.0,
    });
    let before = canvas.samples.clone();
    canvas.paint(&Stroke::Move {
        secs: [0.2, 1.3],
        hz: [0.0, 16_000.0],
        by: 1.28,
    });
    // 1.28 s are 80 frames of 512 samples.
    let by = 80 * HOP_LENGTH;
    let there = RATE as usize * 2 / 5..RATE as usize * 11 / 10;
    let moved = &canvas.samples[there.start + by..there.end + by];
    assert!(largest_difference(moved, &before[there.clone()]) < 1e-4);
    assert!(canvas.samples[there].iter().all(|it| it.abs() < 1e-4));
}

#[test]
fn strokes_beside_the_sound_change_nothing_and_an_empty_sound_is_refused() {
    let mut canvas = canvas();
    let before = canvas.samples.clone();
    let beside = path((9.0, 100.0), (10.0, 100.0));
    let changed = canvas.paint(&Stroke::Melody {
        path: beside,
        db: 0.0,
    });
    assert!(changed.is_empty() && canvas.samples == before);
    canvas.paint(&Stroke::Erase {
        path: Vec::new(),
        radius: [0.1, 0.1],
    });
    assert_eq!(canvas.n_undo(), [0, 0]);
    assert!(Canvas::new(Vec::new(), RATE).is_err());
}
