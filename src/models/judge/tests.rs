//! The judge and its learner held to each other.

use super::*;

fn config() -> Config {
    let question = |name: &str, answers: &[&str]| Question {
        name: name.to_owned(),
        answers: answers.iter().map(|a| (*a).to_owned()).collect(),
    };
    Config {
        side: 16,
        n_channels: 3,
        width: 4,
        questions: vec![
            question("mood", &["glad", "sad"]),
            question("hat", &["no", "a", "b"]),
        ],
    }
}

fn learner(config: &Config) -> (Parameters, Learner) {
    let mut rng = Rng::new(0, "test");
    let parameters = config.initial(&mut rng, &Device::Cpu).unwrap();
    let learner = Learner::new(config, &parameters).unwrap();
    (parameters, learner)
}

fn judge(config: &Config, tensors: &[(String, Tensor)]) -> Judge {
    let find = &mut |name: &str, _: &[usize]| match tensors.iter().find(|(n, _)| n == name) {
        Some((_, tensor)) => Ok(tensor.clone()),
        None => bail!("there is no {name}"),
    };
    Judge::new(config.clone(), find).unwrap()
}

fn pictures(n: usize) -> Tensor {
    let pixels = Rng::new(1, "test").normals(n * 16 * 16 * 3, 0.0, 0.5);
    Tensor::from_vec(pixels, (n, 16, 16, 3), &Device::Cpu).unwrap()
}

#[test]
fn maps_are_halved_down_to_four_and_each_question_has_its_logits() {
    let config = config();
    // 16 → 16 → 8 → 8 → 4.
    assert_eq!(config.norm_widths(), [2, 4, 4, 8]);
    assert_eq!(config.tensors()[0].1, [3, 3, 3, 2]);
    let (_, learner) = learner(&config);
    let (logits, moments) = learner.logits(&pictures(2)).unwrap();
    let judge = judge(&config, &learner.folded(&moments).unwrap());
    let features = judge.features(&pictures(2)).unwrap();
    assert_eq!(features.dims(), [2, N_FEATURES]);
    let parts = config.by_question(&logits).unwrap();
    assert_eq!(
        (parts[0].dims(), parts[1].dims()),
        (&[2, 2][..], &[2, 3][..])
    );
    assert!(learner.folded(&moments[1..]).is_err());
}

#[test]
fn norms_multiplied_into_the_kernels_change_no_answer() {
    let config = config();
    let (parameters, learner) = learner(&config);
    for (i, width) in config.norm_widths().into_iter().enumerate() {
        for (part, mean) in [("gain", 1.0), ("bias", 0.0)] {
            let values = Rng::new(i as u64, part).normals(width, mean, 0.3);
            let values = Tensor::from_vec(values, width, &Device::Cpu).unwrap();
            parameters
                .get(&format!("conv.{i}.{part}"))
                .unwrap()
                .set(&values)
                .unwrap();
        }
    }
    let (logits, moments) = learner.logits(&pictures(4)).unwrap();
    let judge = judge(&config, &learner.folded(&moments).unwrap());
    let folded = judge
        .answers(&judge.features(&pictures(4)).unwrap())
        .unwrap();
    let difference = (logits - folded).unwrap().abs().unwrap().max_all().unwrap();
    assert!(difference.to_scalar::<f32>().unwrap() < 1e-4);
}

#[test]
fn every_variable_has_a_finite_gradient() {
    let config = config();
    let (parameters, learner) = learner(&config);
    let (logits, _) = learner.logits(&pictures(4)).unwrap();
    let gradients = logits.sqr().unwrap().sum_all().unwrap().backward().unwrap();
    for (name, var) in parameters.iter() {
        let gradient = gradients.get(var).unwrap().flatten_all().unwrap();
        let gradient = gradient.to_vec1::<f32>().unwrap();
        assert!(gradient.iter().all(|g| g.is_finite()), "{name}");
        assert!(gradient.iter().any(|g| *g != 0.0), "{name}");
    }
}

#[test]
fn what_a_stranger_describes_is_looked_at_before_anything_is_made() {
    let mut config = config();
    for side in [0, 7, 12, 256, usize::MAX] {
        config.side = side;
        let find = &mut |_: &str, _: &[usize]| bail!("asked");
        let error = Judge::new(config.clone(), find).unwrap_err().to_string();
        assert!(error.contains("no judge"), "{error}");
    }
}
