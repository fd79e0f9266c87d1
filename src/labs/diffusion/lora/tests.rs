//! A new word held to its promises, on a network of a few thousand random weights.

use super::*;
use crate::labs::diffusion::captions::of_digits;
use crate::labs::diffusion::{About, Denoiser, Drawing, Prediction, Schedule, draw};
use crate::models::unet::{Config, UNet};
use crate::rng::Rng;
use candle_core::{Device, Tensor};
use std::ops::ControlFlow::{self, Break, Continue};

/// A network that was never trained, and says something nevertheless.
fn tiny(attributes: Vec<Attribute>, seed: u64) -> Denoiser {
    let config = Config {
        side: 16,
        patch: 2,
        n_channels: 3,
        widths: [8, 16, 16],
        attention_side: 4,
        n_heads: 2,
        d_embedding: 16,
        conditions: attributes.iter().map(|a| a.values.len() + 1).collect(),
    };
    let mut rng = Rng::new(seed, "test");
    let network = UNet::new(&config, &mut |name, shape| {
        let n: usize = shape.iter().product();
        let ends_with = |tail: &str| name.ends_with(tail);
        let values = if ends_with(".gain") {
            vec![1.0; n]
        } else {
            let n_summed = (n / shape[shape.len() - 1]).max(1) as f64;
            rng.normals(n, 0.0, 0.7 / n_summed.sqrt())
        };
        Tensor::from_vec(values, shape, &Device::Cpu)
    });
    let about = About {
        name: "a test".to_owned(),
        side: 16,
        n_channels: 3,
        attributes,
        schedule: Schedule::Cosine,
        prediction: Prediction::X0,
        n_weights: config.n_weights() as u64,
        steps: None,
        source: String::new(),
        license: String::new(),
    };
    Denoiser::new(network.unwrap(), about)
}

fn of_faces_() -> Denoiser {
    tiny(of_faces(), 1)
}

fn short(n_steps: usize) -> Recipe {
    Recipe {
        rank: 2,
        n_steps,
        every: 4,
        batch: 4,
        n_prior: 2,
        asked: vec!["*".to_owned(), "*, sad".to_owned()],
        ..Recipe::default()
    }
}

fn learn(
    base: &Denoiser,
    recipe: &Recipe,
    from: Option<&State>,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Outcome {
    run(base, recipe, from, emit).unwrap()
}

fn drawn(denoiser: &Denoiser, rows: Vec<u32>) -> Pictures {
    let drawing = Drawing {
        rows: vec![rows],
        seed: 4,
        n_steps: 3,
        guidance: 2.0,
    };
    draw(denoiser, &drawing, &mut || Continue(()))
        .unwrap()
        .unwrap()
}

/// A state without the time it took, which no two runs share.
fn timeless(state: &State) -> State {
    State {
        secs: 0.0,
        ..state.clone()
    }
}

#[test]
fn at_scale_0_it_draws_what_it_drew_and_at_1_something_else() {
    let base = of_faces_();
    let state = learn(&base, &short(4), None, &mut |_| Continue(())).state;
    let applied = |scale: f64| state.adapter.applied(&base, scale).unwrap();
    let (off, on) = (applied(0.0), applied(1.0));
    let before = drawn(&base, vec![1, 2, 3, 0, 0, 0, 0, 1]);
    for said in [0, 1] {
        assert_eq!(drawn(&off, vec![1, 2, 3, 0, 0, 0, 0, 1, said]), before);
        assert_ne!(drawn(&on, vec![1, 2, 3, 0, 0, 0, 0, 1, said]), before);
    }
    for (name, _) in base.network().config().adaptable() {
        let numbers = |denoiser: &Denoiser| {
            let tensor = denoiser.network().tensor(&name).unwrap().flatten_all();
            tensor.unwrap().to_vec1::<f32>().unwrap()
        };
        assert_eq!(numbers(&off), numbers(&base), "{name}");
        assert_ne!(numbers(&on), numbers(&base), "{name} never learned");
    }
    assert_eq!(on.about().attributes.len(), 9);
    assert_eq!(
        on.about().n_weights,
        base.about().n_weights + state.adapter.n_weights() as u64
    );
}

#[test]
fn before_the_first_step_nothing_is_changed_and_steps_lower_the_loss() {
    let base = of_faces_();
    let recipe = Recipe {
        keeps_prior: false,
        learning_rate: 1e-2,
        batch: 8,
        every: 100,
        source: Source::Example(Example::Blueprint),
        ..short(40)
    };
    let mut snapshots = Vec::new();
    let outcome = learn(&base, &recipe, None, &mut |event| {
        if let Event::Snapshot(snapshot) = event {
            snapshots.push(snapshot);
        }
        Continue(())
    });
    let steps: Vec<usize> = snapshots.iter().map(|snapshot| snapshot.step).collect();
    assert_eq!(steps, [0, 40]);
    let first = &snapshots[0].state.adapter;
    assert!(first.row.iter().chain(&first.pairs[0].b).all(|x| *x == 0.0));
    let asked = asked(&base, &recipe);
    let old: Vec<Asked> = asked
        .into_iter()
        .map(|mut asked| {
            asked.rows.pop();
            asked
        })
        .collect();
    let before = shown(&base, &old, &mut || Continue(())).unwrap().unwrap();
    assert_eq!(*snapshots[0].pictures, before);
    let losses = &outcome.state.losses;
    let mean = |losses: &[f32]| losses.iter().sum::<f32>() / losses.len() as f32;
    let (first, last) = (mean(&losses[..5]), mean(&losses[35..]));
    assert!(last < 0.8 * first, "{losses:?}");
    assert!(outcome.state.prior_losses.is_empty());
}

#[test]
fn stopped_in_a_step_and_resumed_it_ends_as_if_never_stopped() {
    let base = of_faces_();
    let whole = learn(&base, &short(6), None, &mut |_| Continue(()));
    assert!(!whole.stopped);
    let mut n_left = None;
    let part = learn(&base, &short(6), None, &mut |event| {
        if let Event::Turn(Turn { step: 3, .. }) = event {
            n_left = Some(2);
        }
        match &mut n_left {
            Some(0) => Break(()),
            Some(n) => {
                *n -= 1;
                Continue(())
            }
            None => Continue(()),
        }
    });
    assert!(part.stopped);
    assert_eq!(part.state.adapter.step, 3);
    let mut n_drawn = 0;
    let rest = learn(&base, &short(6), Some(&part.state), &mut |event| {
        n_drawn += usize::from(matches!(event, Event::Drawing(..)));
        Continue(())
    });
    assert_eq!(timeless(&rest.state), timeless(&whole.state));
    assert_eq!(n_drawn, 0, "what is to be kept was drawn before");
    let again = learn(&base, &short(6), None, &mut |_| Continue(()));
    assert_eq!(timeless(&again.state), timeless(&whole.state));
    let other = Recipe {
        seed: 1,
        ..short(6)
    };
    let other = learn(&base, &other, None, &mut |_| Continue(()));
    assert_ne!(other.state.adapter, whole.state.adapter);
}

#[test]
fn a_number_of_a_changed_weight_is_the_sum_that_is_told_of_it() {
    let base = of_faces_();
    let adapter = &learn(&base, &short(5), None, &mut |_| Continue(()))
        .state
        .adapter;
    let pair = adapter.pair("middle.attention.qkv.weight").unwrap();
    assert_eq!(pair.size, [16, 48]);
    let product = pair.product();
    for (row, column) in [(0, 0), (7, 30), (15, 47)] {
        let entry = adapter
            .entry(&base, &pair.name, [row, column], 0.5)
            .unwrap();
        let told: f64 = entry
            .a
            .iter()
            .zip(&entry.b)
            .map(|(&a, &b)| f64::from(a) * f64::from(b))
            .sum();
        assert!((told - f64::from(product[row * 48 + column])).abs() < 1e-7);
        assert!((f64::from(entry.weight) + 0.5 * told - entry.sum).abs() < 1e-12);
        assert!((entry.sum - f64::from(entry.used)).abs() < 1e-6);
    }
    assert_eq!(adapter.entry(&base, &pair.name, [16, 0], 0.5), None);
    let changes = adapter.changes(&base).unwrap();
    assert_eq!(changes.len(), base.network().config().adaptable().len());
    for change in changes {
        assert!(
            change.change > 0.0 && change.change < change.length,
            "{change:?}"
        );
    }
}

#[test]
fn what_was_saved_is_what_was_learned() {
    let base = of_faces_();
    let adapter = &learn(&base, &short(2), None, &mut |_| Continue(()))
        .state
        .adapter;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zork.safetensors");
    adapter.save(&path).unwrap();
    assert_eq!(Adapter::open(&path, &base).unwrap(), *adapter);
    // A model of another shape, one that knows the word by itself, and a file of something else.
    let digits = base_of_other_shape();
    assert!(Adapter::open(&path, &digits).is_err());
    assert!(adapter.applied(&digits, 1.0).is_err());
    let knows = adapter.applied(&base, 1.0).unwrap();
    let refusal = Adapter::open(&path, &knows).unwrap_err();
    assert!(refusal.evidence.contains("captions know"), "{refusal:?}");
    let other = path.with_file_name("other.safetensors");
    std::fs::write(&other, adapter.to_bytes().unwrap().split_off(9)).unwrap();
    assert!(Adapter::open(&other, &base).is_err());
}

fn base_of_other_shape() -> Denoiser {
    let other = tiny(of_digits(), 2);
    let config = Config {
        widths: [8, 8, 8],
        ..other.network().config().clone()
    };
    let network = UNet::new(&config, &mut |_, shape| {
        Tensor::zeros(shape, candle_core::DType::F32, &Device::Cpu)
    });
    Denoiser::new(network.unwrap(), other.about().clone())
}

#[test]
fn a_new_word_is_one_that_captions_do_not_know() {
    let faces = of_faces();
    assert_eq!(new_word(" Zork ", &faces).unwrap(), "zork");
    for wrong in [
        "",
        "two words",
        "red",
        "with",
        "a-b",
        "x\u{202e}",
        &"z".repeat(25),
    ] {
        assert!(new_word(wrong, &faces).is_err(), "{wrong:?}");
    }
    assert!(new_word("red", &[]).is_err());
    let taught = with_word(&faces, "zork");
    let parsed = parse("a sad Zork with red hair", &taught);
    assert_eq!(parsed.rows, [2, 0, 4, 0, 1, 1, 1, 0, 1]);
    assert_eq!(parsed.unknown, [""; 0]);
    assert_eq!(parsed.words[2].meaning, Some((8, 0)));
    assert_eq!(parse("zork", &taught).rows, [0, 0, 0, 0, 0, 0, 0, 0, 1]);
    assert_eq!(
        parse("zork 3", &with_word(&of_digits(), "zork")).rows,
        [4, 1]
    );
}

#[test]
fn a_caption_is_shown_with_the_word_and_from_the_same_noise_without() {
    let base = of_faces_();
    let shown = asked(&base, &short(1));
    let told: Vec<(&str, u64, bool)> = shown
        .iter()
        .map(|asked| (asked.caption.as_str(), asked.seed, asked.has_word))
        .collect();
    let expected = [("zork", 0, true), ("zork, sad", 1, true), ("sad", 1, false)];
    assert_eq!(told, expected);
    assert_eq!(shown[1].rows[..8], shown[2].rows[..8]);
    assert_eq!((shown[1].rows[8], shown[2].rows[8]), (1, 0));
    let plain = asked(&tiny(Vec::new(), 1), &Recipe::default());
    assert_eq!(plain.len(), 5);
    assert_eq!(
        (plain[4].rows.as_slice(), plain[4].caption.as_str()),
        (&[0][..], "")
    );
}

#[test]
fn every_example_has_ten_pictures_with_the_look_it_teaches() {
    let pixel = |example: Example, picture: usize, (column, row): (usize, usize)| {
        let pictures = example.pictures(64, 3).unwrap();
        assert_eq!(pictures.len(), 10, "{example:?}");
        let at = (row * 64 + column) * 3;
        let pixel = &pictures.get(picture).unwrap()[at..at + 3];
        [pixel[0], pixel[1], pixel[2]]
    };
    for picture in 0..10 {
        assert_eq!(pixel(Example::Clown, picture, (41, 38)), [0xe5, 0x1c, 0x23]);
    }
    let greens = |example: Example| {
        let pictures = example.pictures(64, 3).unwrap();
        let pixels = pictures.pixels.as_chunks::<3>().0.iter();
        pixels.filter(|pixel| **pixel == [0x5c, 0xc9, 0x4a]).count()
    };
    assert!(greens(Example::Martian) > 10 * 300);
    assert_eq!(greens(Example::Punk), 0);
    assert_eq!(Example::Blueprint.pictures(32, 3).unwrap().side, 32);
    assert!(Example::Clown.pictures(16, 1).is_err());
    assert!(Example::Clown.pictures(48, 3).is_err());
    for example in Example::ALL {
        let word = new_word(example.word(), &of_faces());
        assert_eq!(word.unwrap(), example.word());
    }
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_read() {
    let base = of_faces_();
    let nowhere = vec!["/no/such/picture.png".into()];
    for wrong in [
        Recipe {
            word: "Zork".into(),
            ..short(1)
        },
        Recipe {
            word: "red".into(),
            ..short(1)
        },
        Recipe {
            rank: 0,
            ..short(1)
        },
        Recipe {
            batch: 0,
            ..short(1)
        },
        Recipe {
            learning_rate: f64::NAN,
            ..short(1)
        },
        Recipe {
            source: Source::Files(Vec::new()),
            ..short(1)
        },
        Recipe {
            source: Source::Files(nowhere),
            ..short(1)
        },
    ] {
        let refused = run(&base, &wrong, None, &mut |_| Continue(()));
        assert!(refused.is_err(), "{wrong:?}");
    }
    let state = learn(&base, &short(1), None, &mut |_| Continue(())).state;
    let other = Recipe {
        rank: 3,
        ..short(2)
    };
    assert!(run(&base, &other, Some(&state), &mut |_| Continue(())).is_err());
}

#[test]
fn numbers_that_run_away_leave_what_was_learned_before() {
    let base = of_faces_();
    let recipe = Recipe {
        learning_rate: 1e30,
        ..short(20)
    };
    let outcome = learn(&base, &recipe, None, &mut |_| Continue(()));
    assert!(outcome.trouble.is_some());
    assert!(outcome.state.adapter.step < 20);
    assert!(outcome.state.losses.iter().all(|loss| loss.is_finite()));
}
