//! Runs with a model whose answers are known: numbers drawn from one Gaussian, moved by its condition.

use super::*;
use crate::algo::diffusion::{Levels, Schedule};
use crate::labs::diffusion::noising::psnr;

const N: usize = 4096;
const SD: f64 = 0.3;

/// Data with the mean `condition` (one number; 0 without words) and a standard deviation of [`SD`].
struct Gaussian(Levels);

impl Gaussian {
    fn new() -> Self {
        Self(Schedule::Cosine.levels())
    }
}

impl Denoise for Gaussian {
    fn levels(&self) -> &Levels {
        &self.0
    }

    fn n_numbers(&self) -> usize {
        N
    }

    fn predict(&self, x_t: &[f32], level: &Level, words: &[f32], guidance: f32) -> Result<Answer> {
        // E[x₀ | xₜ] of a Gaussian (Bishop 2006, eq. 2.116).
        let variance = SD * SD * level.alpha_cumprod + 1.0 - level.alpha_cumprod;
        let gain = SD * SD * level.signal() / variance;
        let clean = |mean: f64| {
            let each = x_t
                .iter()
                .map(|&x| mean + gain * (f64::from(x) - level.signal() * mean));
            each.map(|x| x as f32).collect::<Vec<_>>()
        };
        let (with, without) = (clean(words[0].into()), clean(0.0));
        let pairs = with.iter().zip(&without);
        let difference: Vec<f32> = pairs.map(|(with, without)| with - without).collect();
        let pairs = without.iter().zip(&difference);
        Ok(Answer {
            x0: pairs.map(|(x, d)| x + guidance * d).collect(),
            difference,
        })
    }
}

fn plain(sampler: Sampler, n_steps: usize) -> Run {
    Run {
        seed: 1,
        condition: vec![0.2],
        settings: Settings {
            n_steps,
            guidance: 1.0,
            is_clamped: false,
            ..Settings::of(sampler)
        },
        start: Start::Noise,
        repaint: None,
    }
}

fn all_steps(run_: &Run) -> (Vec<Step>, Vec<f32>) {
    let mut steps = Vec::new();
    let picture = run(&Gaussian::new(), run_, &mut |event| {
        if let Event::Step(step) = event {
            steps.push(step);
        }
        ControlFlow::Continue(())
    });
    (steps, picture.unwrap().unwrap())
}

fn picture(run: &Run) -> Vec<f32> {
    all_steps(run).1
}

/// Mean and standard deviation.
fn moments(x: &[f32]) -> [f64; 2] {
    let n = x.len() as f64;
    let mean = x.iter().map(|&x| f64::from(x)).sum::<f64>() / n;
    let variance = x
        .iter()
        .map(|&x| (f64::from(x) - mean).powi(2))
        .sum::<f64>()
        / n;
    [mean, variance.sqrt()]
}

/// How far the end of a run without noise is from where the flow leads: it shrinks what is left beside
/// the mean from √(sd² + σ²) to sd.
fn error_of_flow(run: &Run) -> f64 {
    let (steps, picture) = all_steps(run);
    let level = steps[0].from;
    let shrunk = SD / SD.hypot(level.sigma());
    let ends = steps[0].x_t.iter().zip(picture);
    ends.fold(0.0, |most: f64, (&x_t, x)| {
        let right = 0.2 + shrunk * (f64::from(x_t) / level.signal() - 0.2);
        most.max((f64::from(x) - right).abs())
    })
}

#[test]
fn the_flow_carries_noise_where_the_closed_form_says() {
    assert!(error_of_flow(&plain(Sampler::DDIM, 1000)) < 0.01);
    assert!(error_of_flow(&plain(Sampler::Euler, 1000)) < 0.01);
    assert!(error_of_flow(&plain(Sampler::Heun, 200)) < 0.001);
}

#[test]
fn heun_comes_nearer_than_euler_and_the_faster_the_more_steps_there_are() {
    // Twice the steps: half of Euler's error, a quarter of Heun's (Karras et al. 2022, §3).
    let ratio = |sampler, n_steps| {
        let error = |n_steps| error_of_flow(&plain(sampler, n_steps));
        error(n_steps) / error(2 * n_steps)
    };
    let [euler, heun] = [Sampler::Euler, Sampler::Heun].map(|sampler| ratio(sampler, 50));
    assert!(
        (1.7..2.3).contains(&euler) && (3.2..4.8).contains(&heun),
        "{euler} {heun}"
    );
    let [euler, heun] = [(Sampler::Euler, 40), (Sampler::Heun, 20)]
        .map(|(sampler, n_steps)| error_of_flow(&plain(sampler, n_steps)));
    assert!(heun < euler, "{heun} {euler}");
}

#[test]
fn samplers_that_add_noise_draw_from_the_data() {
    let eta = Sampler::Ddim { eta: 1.0 };
    for sampler in [Sampler::Ddpm, eta, Sampler::EulerAncestral] {
        let [mean, sd] = moments(&picture(&plain(sampler, 200)));
        // Three standard errors at n = 4096, and what 200 steps leave.
        assert!((mean - 0.2).abs() < 0.014, "{sampler:?}: {mean}");
        assert!((sd - SD).abs() < 0.015, "{sampler:?}: {sd}");
    }
}

#[test]
fn guidance_moves_a_gaussian_by_so_many_times_what_the_words_move_it() {
    for guidance in [0.0, 1.0, 3.0, 15.0] {
        let mut run = plain(Sampler::DDIM, 100);
        run.settings.guidance = guidance;
        let (steps, picture) = all_steps(&run);
        let [mean, _] = moments(&picture);
        assert!((mean - 0.2 * guidance).abs() < 0.02, "{guidance}: {mean}");
        // Far up there is only noise: the words say all that is known.
        assert!(steps[0].difference.iter().all(|d| (d - 0.2).abs() < 1e-4));
    }
}

#[test]
fn limits_keep_a_picture_within_bounds_and_say_how_much_was_beyond() {
    let mut run = plain(Sampler::DDIM, 25);
    run.settings.guidance = 15.0;
    let (steps, wild) = all_steps(&run);
    assert!(wild.iter().any(|x| x.abs() > 2.0));
    assert!(steps[0].beyond > 0.99 && (steps[0].largest - 3.0).abs() < 0.1);
    run.settings.is_clamped = true;
    let (steps, tame) = all_steps(&run);
    assert!(tame.iter().all(|x| x.abs() <= 1.0));
    assert!(steps[0].beyond > 0.99 && (steps[0].largest - 3.0).abs() < 0.1);
}

#[test]
fn a_run_repeats_and_another_seed_makes_another_picture() {
    for sampler in Sampler::ALL {
        let run = plain(sampler, 10);
        assert_eq!(all_steps(&run), all_steps(&run), "{sampler:?}");
        assert_ne!(
            picture(&run),
            picture(&Run {
                seed: 2,
                ..run.clone()
            })
        );
    }
}

#[test]
fn a_branch_with_nothing_changed_ends_in_the_same_picture() {
    for sampler in Sampler::ALL {
        let run = plain(sampler, 12);
        let (steps, whole) = all_steps(&run);
        let start = Start::At {
            x_t: steps[5].x_t.clone(),
            level: steps[5].from,
        };
        let (rest, branched) = all_steps(&Run {
            start: start.clone(),
            ..run.clone()
        });
        assert_eq!(branched, whole, "{sampler:?}");
        assert_eq!(rest.len(), 7);
        // With other words it ends elsewhere.
        let other = Run {
            condition: vec![-0.9],
            start,
            ..run
        };
        assert_ne!(picture(&other), whole, "{sampler:?}");
    }
}

#[test]
fn strength_0_gives_the_picture_back_and_half_of_it_goes_half_of_the_way() {
    let given = vec![0.7; N];
    let of = |strength| Run {
        start: Start::Picture {
            picture: given.clone(),
            strength,
        },
        ..plain(Sampler::DDIM, 20)
    };
    let (steps, unchanged) = all_steps(&of(0.0));
    assert_eq!((steps.len(), &unchanged), (0, &given));
    assert_eq!(all_steps(&of(0.5)).0.len(), 10);
    let means = [0.25, 0.5, 1.0].map(|strength| moments(&picture(&of(strength)))[0]);
    assert!(means[0] > means[1] && means[1] > means[2], "{means:?}");
}

#[test]
fn repainting_leaves_every_number_outside_the_mask_as_it_was() {
    let given: Vec<f32> = (0..N).map(|i| (i as f32 * 0.37).sin()).collect();
    // Four numbers a pixel; every other pixel is painted anew.
    let mask: Vec<f32> = (0..N / 4).map(|i| (i % 2) as f32).collect();
    for sampler in Sampler::ALL {
        let repainted = picture(&Run {
            repaint: Some(Repaint {
                picture: given.clone(),
                mask: mask.clone(),
            }),
            ..plain(sampler, 20)
        });
        for (i, (new, old)) in repainted.iter().zip(&given).enumerate() {
            assert_eq!(new == old, mask[i / 4] == 0.0, "{sampler:?} {i}");
        }
    }
}

#[test]
fn noise_between_two_seeds_is_as_long_as_noise() {
    let of = |part| Run {
        start: Start::Between { other: 2, part },
        ..plain(Sampler::DDIM, 1)
    };
    let first = |run: &Run| all_steps(run).0[0].x_t.clone();
    assert_eq!(first(&of(0.0)), start_noise(1, N));
    let gap = first(&of(1.0));
    assert!(
        gap.iter()
            .zip(start_noise(2, N))
            .all(|(a, b)| (a - b).abs() < 1e-5)
    );
    let [_, sd] = moments(&first(&of(0.5)));
    assert!((sd - 1.0).abs() < 0.03, "{sd}");
}

#[test]
fn a_picture_led_up_to_its_noise_comes_down_again() {
    let given = picture(&plain(Sampler::Ddpm, 50));
    let there_and_back = |n_refinements| {
        let inversion = Inversion {
            picture: given.clone(),
            condition: vec![0.2],
            n_steps: 25,
            guidance: 1.0,
            n_refinements,
            breath: None,
        };
        let go_on = &mut |_| ControlFlow::Continue(());
        let (x_t, level) = invert(&Gaussian::new(), &inversion, go_on)
            .unwrap()
            .unwrap();
        let [mean, sd] = moments(&x_t);
        // Noise, but for the little that level 960 keeps of the picture and for the error of the steps.
        assert!(mean.abs() < 0.1 && (sd - 1.0).abs() < 0.2, "{mean} {sd}");
        let back = picture(&Run {
            start: Start::At { x_t, level },
            settings: inversion.settings(),
            ..plain(Sampler::DDIM, 25)
        });
        psnr(&back, &given)
    };
    let [usual, refined] = [0, 8].map(there_and_back);
    assert!(usual > 25.0, "{usual}");
    assert!(refined > usual + 20.0, "{refined} {usual}");
}

#[test]
fn a_run_stops_when_it_is_told_to() {
    let mut n = 0;
    let stopped = run(&Gaussian::new(), &plain(Sampler::DDIM, 25), &mut |_| {
        n += 1;
        if n == 4 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    assert_eq!((stopped, n), (Ok(None), 4));
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_computed() {
    let good = plain(Sampler::DDIM, 25);
    let with = |change: &dyn Fn(&mut Run)| {
        let mut run_ = good.clone();
        change(&mut run_);
        run(&Gaussian::new(), &run_, &mut |_| ControlFlow::Continue(())).is_err()
    };
    assert!(!with(&|_| ()));
    assert!(with(&|run| run.settings.n_steps = 0));
    assert!(with(&|run| run.settings.n_steps = 100_000));
    assert!(with(&|run| run.settings.guidance = f64::NAN));
    assert!(with(&|run| run.settings.guidance = 1e9));
    assert!(with(
        &|run| run.settings.sampler = Sampler::Ddim { eta: 1.5 }
    ));
    for strength in [-0.1, 1.1, f64::NAN] {
        let picture = vec![0.0; N];
        assert!(with(&|run| run.start = Start::Picture {
            picture: picture.clone(),
            strength
        }));
    }
    for picture in [vec![0.0; 3], vec![f32::NAN; N]] {
        assert!(with(&|run| run.start = Start::Picture {
            picture: picture.clone(),
            strength: 0.5
        }));
    }
    for mask in [vec![], vec![0.0; 7], vec![2.0; N / 4]] {
        let picture = vec![0.0; N];
        assert!(with(&|run| run.repaint = Some(Repaint {
            picture: picture.clone(),
            mask: mask.clone()
        })));
    }
}
