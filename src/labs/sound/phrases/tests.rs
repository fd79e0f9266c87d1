//! What is composed keeps to its label, and what is rendered to the score.

use super::spectrogram::MARGIN;
use super::*;
use crate::dsp::one_by_one;
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;

fn phrases(n: usize) -> impl Iterator<Item = (Label, Vec<Note>)> {
    (0..n).map(|i| {
        let mut rng = Rng::new(3, &format!("phrase {i}"));
        let label = Label::random(&mut rng);
        (label, compose(&label, &mut rng))
    })
}

#[test]
fn a_phrase_has_three_five_or_eight_beats() {
    let per_minute = TEMPOS.map(|tempo| tempo.beats_per_minute().round());
    assert_eq!(per_minute, [61.0, 101.0, 161.0]);
}

#[test]
fn no_note_begins_outside_its_phrase_and_none_is_out_of_hearing() {
    for (label, notes) in phrases(500) {
        let n_beats = TEMPOS[label.tempo].n_beats() as f64;
        assert!(!notes.is_empty(), "{}", label.caption());
        for note in &notes {
            assert!((0.0..n_beats).contains(&note.start), "{note:?}");
            assert!(note.length > 0.0 && note.start + note.length <= n_beats + 1e-9);
            assert!((24..=100).contains(&note.key), "{note:?}");
            assert!((1..=127).contains(&note.velocity), "{note:?}");
        }
    }
}

#[test]
fn the_same_seed_composes_the_same_phrase_and_another_another() {
    let a: Vec<_> = phrases(20).collect();
    assert_eq!(a, phrases(20).collect::<Vec<_>>());
    assert!(a.windows(2).any(|pair| pair[0].1 != pair[1].1));
}

/// Pitch classes of the scale that begins `key` semitones above C.
fn scale(key: u8, mood: Mood) -> BTreeSet<u8> {
    mood.scale().iter().map(|step| (key + step) % 12).collect()
}

#[test]
fn every_note_is_of_the_mood_that_the_label_says_and_of_no_other() {
    let keys = [0, 2, 4];
    for major in keys {
        for minor in keys {
            assert_ne!(scale(major, Mood::Major), scale(minor, Mood::Minor));
        }
    }
    for (label, notes) in phrases(500) {
        let Some(mood) = label.mood else { continue };
        let heard: BTreeSet<u8> = notes.iter().map(|note| note.key % 12).collect();
        let fits = |key: &u8| heard.is_subset(&scale(*key, MOODS[mood]));
        assert!(keys.iter().any(fits), "{}: {heard:?}", label.caption());
    }
}

#[test]
fn chords_strike_three_keys_on_every_beat() {
    let (label, notes) = phrases(500)
        .find(|(label, _)| PATTERNS[label.pattern] == Pattern::Chords)
        .unwrap();
    let n_beats = TEMPOS[label.tempo].n_beats();
    for beat in 0..n_beats {
        let at = |note: &&Note| note.start == beat as f64;
        assert_eq!(notes.iter().filter(at).count(), 3, "beat {beat}");
    }
    assert_eq!(notes.len(), 3 * n_beats);
}

#[test]
fn what_is_random_is_spread_over_all_that_there_is() {
    let n = 4000;
    let mut counts = [0; INSTRUMENTS.len()];
    for (label, _) in phrases(n) {
        counts[label.instrument] += 1;
        let instrument = &INSTRUMENTS[label.instrument];
        assert_eq!(label.mood.is_none(), instrument.is_kit());
        assert!(instrument.patterns().contains(&PATTERNS[label.pattern]));
    }
    // 4000 / 14 = 286, with a standard deviation of 16.
    assert!(counts.iter().all(|n| (220..350).contains(n)), "{counts:?}");
}

#[test]
fn what_is_asked_for_is_composed_and_the_rest_is_drawn() {
    let mut rng = Rng::new(0, "asked");
    for _ in 0..50 {
        let any = Label::asked(&[0; 4], &mut rng);
        let row = any.row().map(u32::from);
        assert_eq!(Label::asked(&row, &mut rng), any);
        let drums = Label::asked(&[13, 2, 3, 1], &mut rng);
        assert_eq!((drums.instrument, drums.mood, drums.tempo), (12, None, 2));
        assert!(drums.pattern >= 4);
    }
}

#[test]
fn a_sine_is_brightest_in_the_row_of_its_frequency() {
    let spectrograph = Spectrograph::new().unwrap();
    for hz in [110.0, 440.0, 3000.0] {
        let step = std::f64::consts::TAU * hz / f64::from(SAMPLE_RATE_HZ);
        let n = N_SAMPLES + 2 * MARGIN;
        let sine: Vec<f32> = (0..n).map(|i| (step * i as f64).sin() as f32).collect();
        let picture = spectrograph.picture(&sine);
        let level = |row: usize| picture[row * SIDE + 64];
        let brightest = (0..SIDE).max_by_key(|&row| level(row)).unwrap();
        let nearest = (0..SIDE)
            .min_by(|&a, &b| {
                let off = |row| (row_hz(row) - hz).abs();
                off(a).total_cmp(&off(b))
            })
            .unwrap();
        assert!(
            brightest.abs_diff(nearest) <= 1,
            "{hz} Hz: {brightest}, {nearest}"
        );
        assert_eq!(level(brightest), 255);
    }
    let silence = vec![0.0; N_SAMPLES + 2 * MARGIN];
    assert!(spectrograph.picture(&silence).iter().all(|&byte| byte == 0));
}

#[test]
fn the_sound_of_a_picture_has_that_picture() {
    let spectrograph = Spectrograph::new().unwrap();
    // Three tones, each a third of the time.
    let hz = |i: usize| [220.0, 330.0, 660.0][(i * 3 / N_SAMPLES).min(2)];
    let samples = (0..N_SAMPLES + 2 * MARGIN).map(|i| {
        let i = (i + N_SAMPLES - MARGIN) % N_SAMPLES;
        let step = std::f64::consts::TAU * hz(i) / f64::from(SAMPLE_RATE_HZ);
        (step * i as f64).sin() as f32
    });
    let picture = spectrograph.picture(&samples.collect::<Vec<_>>());
    let levels: Vec<f32> = picture
        .iter()
        .map(|&p| f32::from(p) / 127.5 - 1.0)
        .collect();
    let go_on = &mut || ControlFlow::Continue(());
    let sounding = spectrograph
        .sound(&levels, 16, 0, &one_by_one, go_on)
        .unwrap();
    assert_eq!(sounding.samples.len(), N_SAMPLES);
    let peak = sounding
        .samples
        .iter()
        .fold(0.0, |peak: f32, x| peak.max(x.abs()));
    assert!((peak - 0.9).abs() < 1e-5, "{peak}");
    let around = |i: usize| sounding.samples[(i + N_SAMPLES - MARGIN) % N_SAMPLES];
    let again: Vec<f32> = (0..N_SAMPLES + 2 * MARGIN).map(around).collect();
    let again = spectrograph.picture(&again);
    let off = picture
        .iter()
        .zip(&again)
        .map(|(&a, &b)| f64::from(a.abs_diff(b)));
    let mean = off.sum::<f64>() / picture.len() as f64;
    assert!(mean < 20.0, "{mean} of 255");
    let stop = &mut || ControlFlow::Break(());
    assert!(
        spectrograph
            .sound(&levels, 16, 0, &one_by_one, stop)
            .is_none()
    );
}

#[test]
fn a_collection_is_read_as_it_was_written_and_a_broken_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.phrases");
    let rows: Vec<[u8; 4]> = phrases(2).map(|(label, _)| label.row()).collect();
    let pixels = (0..2 * SIDE * SIDE).map(|i| (i % 251) as u8).collect();
    let collection = Collection {
        pictures: crate::files::atlas::Pictures {
            side: SIDE,
            n_channels: 1,
            pixels,
        },
        rows,
    };
    collection.write(&path).unwrap();
    assert_eq!(Collection::open(&path).unwrap(), collection);
    let mut wrong = collection.clone();
    wrong.rows[1][0] = 15;
    wrong.write(&path).unwrap();
    assert!(
        Collection::open(&path)
            .unwrap_err()
            .evidence
            .contains("no meaning")
    );
    wrong.rows.truncate(1);
    wrong.write(&path).unwrap();
    assert!(Collection::open(&path).is_err());
}

#[test]
fn a_soundfont_plays_what_was_composed() {
    let font = Path::new("/usr/share/sounds/sf2/FluidR3_GM.sf2");
    if !font.is_file() {
        eprintln!("skipped: no soundfont is installed");
        return;
    }
    let mut orchestra = Orchestra::open(font).unwrap();
    let flute = INSTRUMENTS.iter().position(|i| i.name == "flute").unwrap();
    let label = Label {
        instrument: flute,
        mood: Some(0),
        tempo: 0,
        pattern: 2,
    };
    // A for the whole phrase: 440 Hz.
    let note = Note {
        start: 0.0,
        length: 3.0,
        key: 69,
        velocity: 100,
    };
    let sound = orchestra.play(&label, &[note], MARGIN);
    assert_eq!(sound.len(), N_SAMPLES + 2 * MARGIN);
    let spectrograph = Spectrograph::new().unwrap();
    let picture = spectrograph.picture(&sound);
    let level = |row: &usize| picture[row * SIDE + 64];
    let brightest = (0..SIDE).max_by_key(level).unwrap();
    let nearest = (row_hz(brightest) - 440.0).abs() < 30.0;
    assert!(nearest, "{} Hz", row_hz(brightest));
}
