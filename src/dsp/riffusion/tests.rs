//! The numbers of the published format.

use super::*;

#[test]
fn the_numbers_are_those_of_the_published_format() {
    let shape = Params::default().shape();
    assert_eq!(
        (shape.n_fft, shape.win_length, shape.hop_length),
        (17_640, 4410, 441)
    );
    // 512 columns of 10 ms: the 5.11 s of a 512 × 512 picture.
    assert_eq!(shape.n_samples(512), 511 * 441);
}

#[test]
fn a_picture_holds_the_fourth_root_upside_down() {
    let params = Params {
        num_frequencies: 2,
        ..Params::default()
    };
    let (picture, largest) = to_picture(&[16.0, 1.0, 0.0, 16.0], &params);
    assert_eq!(largest, 16.0);
    // The top row is filter 1; (1/16)^¼ = ½ is 127.5, of which 127 stays.
    assert_eq!(picture.pixels, [127, 0, 0, 255]);
    let back = from_picture(&picture, &params, 16.0);
    assert!((back[1] - 1.0).abs() < 0.02, "{back:?}");
    assert_eq!((back[0], back[2], back[3]), (16.0, 0.0, 16.0));
}

#[test]
fn silence_is_white() {
    let (picture, largest) = to_picture(&[0.0; 512], &Params::default());
    assert_eq!(largest, 0.0);
    assert!(picture.pixels.iter().all(|&pixel| pixel == 255));
}
