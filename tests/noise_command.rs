//! `glassbox noise`, as a person runs it.

#[path = "support/command.rs"]
mod support;

use image::{GrayImage, Luma, RgbImage};
use std::path::Path;
use std::process::Output;
use support::{document, glassbox, refused};

fn run(folder: &Path, arguments: &[&str]) -> Output {
    glassbox(folder, &[&["noise"], arguments].concat())
}

#[test]
fn noise_grows_with_the_level_as_the_schedule_says() {
    let folder = tempfile::tempdir().unwrap();
    // Grey in the middle: 127.5 in 0..255 is 0 in −1..1, so what is there afterwards is noise.
    let grey = GrayImage::from_fn(96, 64, |x, _| Luma([127 + (x % 2) as u8]));
    grey.save(folder.path().join("in.png")).unwrap();
    let noised = |arguments: &[&str]| {
        let arguments = [arguments, &["in.png", "-o", "out.png", "--json"]].concat();
        let document = document(&run(folder.path(), &arguments));
        (
            document,
            image::open(folder.path().join("out.png"))
                .unwrap()
                .into_luma8(),
        )
    };
    // Nichol & Dhariwal 2021, eq. 17.
    let alpha_bar = |t: f64| {
        ((t + 0.008) / 1.008 * std::f64::consts::FRAC_PI_2)
            .cos()
            .powi(2)
    };
    for t in [0_u32, 20, 60] {
        let (document, picture) = noised(&["--level", &t.to_string()]);
        let expected = alpha_bar(f64::from(t + 1) / 1000.0) / alpha_bar(0.0);
        let alpha = document["alpha_cumprod"].as_f64().unwrap();
        assert!((alpha - expected).abs() < 1e-9, "{t}: {alpha}");
        let snr = document["snr_db"].as_f64().unwrap();
        assert!((snr - 10.0 * (alpha / (1.0 - alpha)).log10()).abs() < 1e-9);
        assert_eq!(picture.dimensions(), (96, 64));
        let squares = picture
            .pixels()
            .map(|p| (f64::from(p.0[0]) / 127.5 - 1.0).powi(2));
        let deviation = (squares.sum::<f64>() / (96.0 * 64.0)).sqrt();
        // Three standard errors of a deviation at n = 6144 are 2.7 %; a grey level is 0.008.
        let gap = (deviation - (1.0 - alpha).sqrt()).abs();
        assert!(gap < 0.027 * deviation + 0.004, "{t}: {deviation}");
    }
    let (a, first) = noised(&["--level", "500"]);
    let (b, again) = noised(&["--level", "500"]);
    assert_eq!((&a, &first), (&b, &again));
    let (_, other) = noised(&["--level", "500", "--seed", "1"]);
    assert!(other != first);
    // Level 12 of 25 is level 519 of 1000.
    let [few, many] = [
        ["--level", "12", "--steps-total", "25"],
        ["--level", "519", "--steps-total", "1000"],
    ]
    .map(|arguments| noised(&arguments));
    assert_eq!(few.0["alpha_cumprod"], many.0["alpha_cumprod"]);
    assert!(few.1 == many.1);
    let (linear, _) = noised(&["--level", "999", "--schedule", "linear"]);
    // diffusers' DDPMScheduler(beta_start=1e-4, beta_end=0.02).alphas_cumprod[999].
    assert!((linear["alpha_cumprod"].as_f64().unwrap() - 4.035_8e-5).abs() < 1e-9);
}

#[test]
fn what_cannot_be_noised_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let colours = RgbImage::new(9, 9);
    colours.save(folder.path().join("in.png")).unwrap();
    std::fs::write(folder.path().join("words.png"), "no picture").unwrap();
    let whole = std::fs::read(folder.path().join("in.png")).unwrap();
    std::fs::write(folder.path().join("cut.png"), &whole[..whole.len() / 2]).unwrap();
    let cases: [&[&str]; 6] = [
        &["--level", "1000", "in.png"],
        &["--level", "25", "--steps-total", "25", "in.png"],
        &["--level", "5", "words.png"],
        &["--level", "5", "cut.png"],
        &["--level", "5", "absent.png"],
        &["--level", "5", "."],
    ];
    for case in cases {
        let output = run(
            folder.path(),
            &[case, &["-o", "out.png", "--json"]].concat(),
        );
        refused(&output);
        assert!(!folder.path().join("out.png").exists());
    }
    for total in ["0", "1001", "x"] {
        let arguments = [
            "--level",
            "0",
            "--steps-total",
            total,
            "in.png",
            "-o",
            "out.png",
        ];
        assert_eq!(
            run(folder.path(), &arguments).status.code(),
            Some(2),
            "{total}"
        );
    }
}
