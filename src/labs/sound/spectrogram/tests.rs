//! Sines, whose spectrograms physics knows.

use super::*;
use std::f64::consts::TAU;

fn sine(hz: f64, secs: f64) -> Sound {
    let n = (secs * 8000.0) as usize;
    let sample = |i: usize| (TAU * hz * i as f64 / 8000.0).sin() as f32;
    Sound::from_samples("sine", 8000, 1, (0..n).map(sample).collect())
}

fn settings(rows: Rows) -> Settings {
    Settings {
        n_fft: 800,
        win_length: 800,
        hop_length: 200,
        rows,
        min_hz: 0.0,
        max_hz: 4000.0,
        ..Settings::default()
    }
}

#[test]
fn a_full_scale_sine_is_at_0_db_in_the_row_of_its_frequency() {
    for rows in [Rows::Linear, Rows::Log] {
        let picture = picture(&sine(1000.0, 2.0), 0.5..1.5, &settings(rows), 500, 400).unwrap();
        let column = picture.n_columns / 2;
        let loudest = (0..picture.n_rows)
            .max_by(|&a, &b| {
                picture
                    .level(a, column)
                    .total_cmp(&picture.level(b, column))
            })
            .unwrap();
        let [low, high] = picture.hz[loudest];
        assert!(low <= 1005.0 && high >= 995.0, "{rows:?} {low} {high}");
        // A row of several bins shows their mean: 6 dB less for one of four.
        let n_bins = picture.bins[loudest].len() as f32;
        let level = picture.level(loudest, column) + 10.0 * n_bins.log10();
        assert!(level > -0.01 && level < 2.0, "{rows:?} {level}");
        assert!(n_bins > 1.0 || level < 0.01);
        assert!(picture.level(0, column) < -60.0);
    }
}

#[test]
fn columns_lie_where_their_frames_are() {
    let picture = picture(
        &sine(1000.0, 2.0),
        0.5..1.0,
        &settings(Rows::Linear),
        500,
        400,
    )
    .unwrap();
    // 25 ms a frame: frames 20 to 40 have their centres there.
    assert_eq!((picture.frames[0].clone(), picture.n_columns), (20..21, 21));
    assert!((picture.secs[0] - 0.4875).abs() < 1e-9 && (picture.secs[1] - 1.0125).abs() < 1e-9);
    assert_eq!(picture.n_rows, 400);
    assert_eq!(picture.bins[399], 0..1);
}

#[test]
fn too_many_frames_share_columns_that_scrolling_does_not_change() {
    let sound = sine(1000.0, 30.0);
    let rows = settings(Rows::Linear);
    let from_start = picture(&sound, 0.0..20.0, &rows, 100, 40).unwrap();
    let scrolled = picture(&sound, 4.0..24.0, &rows, 100, 40).unwrap();
    assert!(from_start.n_columns <= 101);
    let same = scrolled.frames[0].clone();
    let at = from_start.frames.iter().position(|f| *f == same).unwrap();
    for row in 0..40 {
        assert_eq!(scrolled.level(row, 0), from_start.level(row, at));
    }
}

#[test]
fn mel_rows_are_highest_first_and_as_many_as_asked() {
    let rows = Rows::Mel {
        scale: MelScale::Slaney,
        n_mels: 64,
    };
    let picture = picture(&sine(1000.0, 1.0), 0.0..1.0, &settings(rows), 500, 400).unwrap();
    assert_eq!(picture.n_rows, 64);
    assert!(picture.hz[0][1] > picture.hz[63][1]);
    let column = picture.n_columns / 2;
    let loudest = (0..64)
        .max_by(|&a, &b| {
            picture
                .level(a, column)
                .total_cmp(&picture.level(b, column))
        })
        .unwrap();
    let [low, high] = picture.hz[loudest];
    assert!(low < 1000.0 && high > 1000.0);
}

#[test]
fn silence_one_sample_and_an_empty_stretch_have_pictures() {
    let all = settings(Rows::Log);
    let silent = Sound::from_samples("silence", 8000, 1, vec![0.0; 4000]);
    let found = picture(&silent, 0.0..0.5, &all, 100, 100).unwrap();
    assert!(
        found
            .levels
            .iter()
            .all(|&level| level <= -190.0 && level.is_finite())
    );
    let one = Sound::from_samples("one", 8000, 1, vec![1.0]);
    assert_eq!(
        picture(&one, 0.0..1.0, &all, 100, 100).unwrap().n_columns,
        1
    );
    assert_eq!(
        picture(&one, 5.0..6.0, &all, 100, 100).unwrap().n_columns,
        0
    );
}

#[test]
fn a_range_beyond_the_sound_is_cut_and_an_empty_one_is_refused() {
    let mut wide = settings(Rows::Linear);
    wide.max_hz = 20_000.0;
    assert!(picture(&sine(1000.0, 1.0), 0.0..1.0, &wide, 10, 10).is_ok());
    wide.min_hz = 5000.0;
    let refusal = picture(&sine(1000.0, 1.0), 0.0..1.0, &wide, 10, 10).unwrap_err();
    assert!(refusal.next.contains("4000"), "{refusal}");
}
