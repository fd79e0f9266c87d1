//! Against the definition in f64, at odd sizes; the fixtures of PyTorch are in tests/.

use super::*;
use crate::nn::pool;
use crate::rng::Rng;
use candle_core::{Device, Var};

/// A convolution, its sizes and its numbers.
struct Case {
    conv: Conv,
    x: Var,
    weight: Var,
    bias: Var,
}

fn noise(shape: &[usize], seed: u64) -> Var {
    let values = Rng::new(seed, "conv test").normals(shape.iter().product(), 0.0, 1.0);
    Var::from_tensor(&Tensor::from_vec(values, shape, &Device::Cpu).unwrap()).unwrap()
}

/// `(b, h, w, ci, co, k, s, p)` both ways.
fn cases() -> Vec<Case> {
    let sizes = [
        (2, 5, 7, 3, 5, 3, 1, 1),
        (1, 8, 8, 1, 16, 4, 2, 1),
        (2, 9, 6, 17, 20, 4, 2, 1),
        (1, 1, 1, 9, 33, 4, 1, 0),
        (2, 4, 4, 48, 1, 4, 1, 0),
        (3, 6, 5, 24, 64, 1, 1, 0),
        (1, 7, 7, 8, 100, 3, 2, 1),
        (2, 6, 6, 13, 3, 3, 1, 1),
        (1, 5, 5, 2, 2, 2, 3, 1),
        // By tiles of 2 × 2 (Winograd).
        (2, 6, 8, 16, 48, 3, 1, 1),
        (3, 4, 4, 32, 16, 3, 1, 1),
    ];
    let mut cases = Vec::new();
    for (b, h, w, ci, co, k, s, p) in sizes {
        for transposed in [false, true] {
            let channels = if transposed { [co, ci] } else { [ci, co] };
            let case = Case {
                conv: Conv::new(transposed, s, p).then(Activation::LeakyRelu(0.2)),
                x: noise(&[b, h, w, ci], 1),
                weight: noise(&[k, k, channels[0], channels[1]], 2),
                bias: noise(&[co], 3),
            };
            if case
                .conv
                .geometry(case.x.dims(), case.weight.dims())
                .is_ok()
            {
                cases.push(case);
            }
        }
    }
    assert!(cases.len() >= 15);
    cases
}

fn values(tensor: &Tensor) -> Vec<f64> {
    let values = tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    values.into_iter().map(f64::from).collect()
}

/// For each term of the sum: which number of the output, of x and of the weight.
fn terms(case: &Case) -> Vec<[usize; 3]> {
    let g = case
        .conv
        .geometry(case.x.dims(), case.weight.dims())
        .unwrap();
    let mut terms = Vec::new();
    for pixel in 0..g.n_images * g.small.h * g.small.w {
        let (image, i, j) = (
            pixel / g.small.w / g.small.h,
            pixel / g.small.w % g.small.h,
            pixel % g.small.w,
        );
        for tap in 0..g.n_taps() {
            let (y, x) = (g.stride * i + tap / g.kernel, g.stride * j + tap % g.kernel);
            if y < g.padding || x < g.padding {
                continue;
            }
            let (y, x) = (y - g.padding, x - g.padding);
            if y >= g.big.h || x >= g.big.w {
                continue;
            }
            for c_big in 0..g.big.c {
                for c_small in 0..g.small.c {
                    let big = ((image * g.big.h + y) * g.big.w + x) * g.big.c + c_big;
                    let small = pixel * g.small.c + c_small;
                    let weight = (tap * g.big.c + c_big) * g.small.c + c_small;
                    terms.push(if case.conv.transposed {
                        [big, small, weight]
                    } else {
                        [small, big, weight]
                    });
                }
            }
        }
    }
    terms
}

fn close(ours: &Tensor, truth: &[f64], what: &str, conv: Conv) {
    let ours = values(ours);
    assert_eq!(ours.len(), truth.len());
    let size = truth.iter().fold(1.0, |size: f64, x| size.max(x.abs()));
    for (ours, truth) in ours.iter().zip(truth) {
        assert!(
            (ours - truth).abs() < 2e-6 * size,
            "{what}: {ours} {truth}, {conv:?}"
        );
    }
}

#[test]
fn values_and_gradients_are_those_of_the_definition() {
    for case in cases() {
        let Case {
            conv,
            x,
            weight,
            bias,
        } = &case;
        let y = conv.forward(x, weight, Some(bias)).unwrap();
        let pull = noise(y.dims(), 4).as_detached_tensor();
        let store = (&y * &pull).unwrap().sum_all().unwrap().backward().unwrap();
        let (xs, ws, bs) = (values(x), values(weight), values(bias));
        let n_channels = bs.len();
        let mut truth: Vec<f64> = (0..y.elem_count()).map(|i| bs[i % n_channels]).collect();
        let terms = terms(&case);
        for &[to, from, w] in &terms {
            truth[to] += xs[from] * ws[w];
        }
        let slope = |z: &f64| if *z > 0.0 { 1.0 } else { 0.2 };
        let slopes: Vec<f64> = truth.iter().map(slope).collect();
        truth.iter_mut().zip(&slopes).for_each(|(z, s)| *z *= s);
        close(&y, &truth, "y", *conv);
        let pulls: Vec<f64> = values(&pull)
            .iter()
            .zip(&slopes)
            .map(|(p, s)| p * s)
            .collect();
        let (mut dx, mut dw, mut db) = (
            vec![0.0; xs.len()],
            vec![0.0; ws.len()],
            vec![0.0; n_channels],
        );
        for &[to, from, w] in &terms {
            dx[from] += pulls[to] * ws[w];
            dw[w] += pulls[to] * xs[from];
        }
        for (i, pull) in pulls.iter().enumerate() {
            db[i % n_channels] += pull;
        }
        close(store.get(x).unwrap(), &dx, "dx", *conv);
        close(store.get(weight).unwrap(), &dw, "dweight", *conv);
        close(store.get(bias).unwrap(), &db, "dbias", *conv);
    }
}

#[test]
fn results_are_the_same_bits_at_any_number_of_threads() {
    for case in cases() {
        let run = |n_threads| {
            pool::set_threads(n_threads);
            let y = case
                .conv
                .forward(&case.x, &case.weight, Some(&case.bias))
                .unwrap();
            let store = y.sqr().unwrap().sum_all().unwrap().backward().unwrap();
            let gradients =
                [&case.x, &case.weight, &case.bias].map(|var| values(store.get(var).unwrap()));
            (values(&y), gradients)
        };
        let one = run(1);
        for n_threads in [2, 3] {
            assert!(
                run(n_threads) == one,
                "{n_threads} threads, {:?}",
                case.conv
            );
        }
    }
}

#[test]
fn they_equal_candles_own() {
    for case in cases() {
        let conv = case.conv.then(Activation::Identity);
        let ours = conv.forward(&case.x, &case.weight, None).unwrap();
        let theirs = conv.composed(&case.x, &case.weight).unwrap();
        assert_eq!(ours.dims(), theirs.dims());
        close(&ours, &values(&theirs), "candle", case.conv);
    }
}

#[test]
fn gradients_are_computed_for_variables_only() {
    let (x, weight) = (noise(&[1, 4, 4, 8], 1), noise(&[3, 3, 8, 8], 2));
    let frozen = weight.as_detached_tensor();
    let y = conv2d(&x, &frozen, 1, 1).unwrap();
    let store = y.sum_all().unwrap().backward().unwrap();
    assert!(store.get(&x).is_some() && store.get(&frozen).is_none());
}

#[test]
fn shapes_that_do_not_fit_are_refused() {
    let x = noise(&[1, 4, 4, 8], 1);
    for (kernel, stride, padding) in [
        ([3, 3, 7, 8], 1, 1),
        ([3, 4, 8, 8], 1, 1),
        ([5, 5, 8, 8], 1, 0),
        ([3, 3, 8, 8], 0, 1),
    ] {
        let weight = noise(&kernel, 2);
        assert!(conv2d(&x, &weight, stride, padding).is_err(), "{kernel:?}");
    }
    assert!(conv_transpose2d(&x, &noise(&[1, 1, 8, 8], 2), 1, 2).is_err());
}
