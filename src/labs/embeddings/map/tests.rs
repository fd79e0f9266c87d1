//! Maps run to their end, and stop when told.

use super::*;

fn plain(method: Method, n_dims: usize) -> Settings {
    Settings {
        n_dims,
        unit_length: false,
        ..Settings::usual(method)
    }
}

#[test]
fn pca_in_three_dimensions_keeps_all_distances_of_points_in_a_volume() {
    // Eight corners of a box in five dimensions, turned so that every coordinate changes.
    let corner = |i: u8| {
        let [a, b, c] = [i & 1, i >> 1 & 1, i >> 2].map(f32::from);
        [a + b, a - b, 3.0 * c, 2.0 * c + a, 7.0]
    };
    let values: Vec<f32> = (0..8).flat_map(corner).collect();
    let mut n_points_events = 0;
    let map = run(&values, 5, &plain(Method::Pca, 3), &mut |event| {
        n_points_events += usize::from(matches!(event, MapEvent::Points { .. }));
        ControlFlow::Continue(())
    })
    .unwrap();
    let apart = |a: &[f32], b: &[f32]| {
        let squares = a.iter().zip(b).map(|(a, b)| (a - b).powi(2));
        squares.sum::<f32>().sqrt()
    };
    for i in 0..8 {
        for j in 0..8 {
            let before = apart(&values[i * 5..][..5], &values[j * 5..][..5]);
            assert!((apart(&map.positions[i], &map.positions[j]) - before).abs() < 1e-5);
        }
    }
    assert!((map.explained.iter().sum::<f64>() - 1.0).abs() < 1e-9);
    assert_eq!(n_points_events, 1);
}

#[test]
fn stop_ends_at_once_and_says_so() {
    let values: Vec<f32> = (0..90).map(|i| (i * i % 31) as f32).collect();
    let map = run(&values, 9, &plain(Method::Pca, 2), &mut |_| {
        ControlFlow::Break(())
    })
    .unwrap();
    assert!(map.stopped && map.positions.is_empty());
}

#[test]
fn what_cannot_be_laid_out_is_refused_with_its_place() {
    let refuse = |values: &[f32], width, settings: &Settings| {
        let refusal = run(values, width, settings, &mut |_| ControlFlow::Continue(()));
        refusal.unwrap_err()
    };
    let settings = plain(Method::Pca, 2);
    let with_nan = [0.0, 1.0, 2.0, f32::NAN, 4.0, 5.0];
    assert!(
        refuse(&with_nan, 2, &settings)
            .evidence
            .contains("Value 2 of point 2")
    );
    assert!(
        refuse(&[0.0; 4], 2, &settings)
            .evidence
            .contains("There are 2")
    );
    assert!(refuse(&[], 0, &settings).what.contains("no points"));
    assert!(
        refuse(&[0.0; 8], 2, &plain(Method::Pca, 4))
            .evidence
            .contains('4')
    );
}

/// Four clouds of 40 points in eight dimensions.
fn clouds() -> Vec<f32> {
    let mut rng = crate::rng::Rng::new(1, "test");
    let centre = |i: usize, c: usize| if c == i / 40 { 12.0 } else { 0.0 };
    let coordinates = (0..160).flat_map(|i| (0..8).map(move |c| centre(i, c)));
    coordinates.map(|x| (x + rng.normal()) as f32).collect()
}

#[test]
fn every_method_keeps_clouds_together_in_two_and_three_dimensions() {
    let values = clouds();
    for method in [Method::Tsne, Method::Umap] {
        for n_dims in [2, 3] {
            let settings = Settings {
                n_iterations: 400,
                ..plain(method, n_dims)
            };
            let mut last = 0;
            let map = run(&values, 8, &settings, &mut |event| {
                if let MapEvent::Points { iteration, .. } = event {
                    last = iteration;
                }
                ControlFlow::Continue(())
            })
            .unwrap();
            assert_eq!((last, map.n_iterations, map.stopped), (400, 400, false));
            assert_eq!(map.kl.is_some(), method == Method::Tsne);
            assert!(map.trust.unwrap() > 0.9, "{method:?} {:?}", map.trust);
            assert_eq!(map.positions.iter().any(|p| p[2] != 0.0), n_dims == 3);
            let again = run(&values, 8, &settings, &mut |_| ControlFlow::Continue(()));
            assert_eq!(again.unwrap().positions, map.positions);
        }
    }
}

#[test]
fn stopped_while_it_moves_a_map_is_as_it_was_shown_last() {
    let values = clouds();
    for method in [Method::Tsne, Method::Umap] {
        let mut shown = None;
        let map = run(&values, 8, &plain(method, 2), &mut |event| match event {
            MapEvent::Points {
                positions,
                iteration,
                ..
            } => {
                shown = Some(positions);
                if iteration > 0 {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            }
            _ => ControlFlow::Continue(()),
        })
        .unwrap();
        assert!(map.stopped && map.trust.is_none());
        assert_eq!(Some(map.positions), shown);
    }
}

#[test]
fn settings_that_do_not_fit_are_refused() {
    let refuse = |settings: Settings| {
        let refusal = run(&clouds(), 8, &settings, &mut |_| ControlFlow::Continue(()));
        refusal.unwrap_err().evidence
    };
    let tsne = plain(Method::Tsne, 2);
    assert!(
        refuse(Settings {
            perplexity: 200.0,
            ..tsne.clone()
        })
        .contains("200")
    );
    assert!(
        refuse(Settings {
            perplexity: f64::NAN,
            ..tsne
        })
        .contains("NaN")
    );
    let umap = plain(Method::Umap, 2);
    assert!(
        refuse(Settings {
            n_neighbors: 1,
            ..umap.clone()
        })
        .contains("1 were")
    );
    assert!(
        refuse(Settings {
            min_dist: -1.0,
            ..umap
        })
        .contains("-1")
    );
}

#[test]
fn points_that_are_all_alike_or_few_are_laid_out_with_finite_places() {
    let alike = [1.0; 12 * 4];
    let few = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
    for (values, width) in [(&alike[..], 4), (&few[..], 2)] {
        for method in [Method::Pca, Method::Tsne, Method::Umap] {
            for unit_length in [false, true] {
                let settings = Settings {
                    unit_length,
                    perplexity: 2.0,
                    n_neighbors: 3,
                    n_iterations: 60,
                    ..Settings::usual(method)
                };
                let map = run(values, width, &settings, &mut |_| ControlFlow::Continue(()));
                let positions = map.unwrap().positions;
                assert_eq!(positions.len(), values.len() / width);
                assert!(
                    positions.iter().flatten().all(|x| x.is_finite()),
                    "{method:?}"
                );
            }
        }
    }
}
