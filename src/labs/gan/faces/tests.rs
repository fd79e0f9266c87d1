//! The generator that ships, held to what is said of it, and the arithmetic of z to geometry.

use super::*;
use crate::labs::judge::{Reading, coverage};
use crate::rng::Rng;
use std::ops::ControlFlow::{Break, Continue};

#[test]
fn numbers_drawn_in_64_dimensions_are_about_8_long() {
    // The mean of the chi distribution with 64 degrees of freedom is 7.97, its deviation 0.71.
    let lengths: Vec<f64> = (0..200).map(|seed| length(&new_z(64, seed))).collect();
    let mean = lengths.iter().sum::<f64>() / 200.0;
    assert!((mean - 7.969).abs() < 0.15, "{mean}");
    assert!(lengths.iter().all(|l| (5.5..10.5).contains(l)));
    assert_eq!(new_z(64, 7), new_z(64, 7));
    assert_ne!(new_z(64, 7), new_z(64, 8));
}

#[test]
fn a_walk_begins_and_ends_at_the_faces_and_stays_on_the_shell() {
    let (a, b) = (new_z(64, 1), new_z(64, 2));
    for (t, end) in [(0.0, &a), (1.0, &b)] {
        let z = walk(&a, &b, t);
        assert!(z.iter().zip(end).all(|(x, y)| (x - y).abs() < 1e-5));
    }
    let middle = walk(&a, &b, 0.5);
    let expected = 0.5 * (length(&a) + length(&b));
    assert!((length(&middle) - expected).abs() < 1e-5);
    // A straight line would dive to about 8 / √2.
    let line: Vec<f32> = a.iter().zip(&b).map(|(x, y)| 0.5 * (x + y)).collect();
    assert!(length(&line) < 0.85 * expected);
    // Equal steps are equal angles.
    let cosine = |x: &[f32], y: &[f32]| {
        let products = x.iter().zip(y).map(|(x, y)| f64::from(x * y));
        products.sum::<f64>() / (length(x) * length(y))
    };
    let quarter = walk(&a, &b, 0.25);
    assert!((cosine(&a, &quarter) - cosine(&quarter, &middle)).abs() < 1e-5);
}

#[test]
fn a_walk_to_the_same_or_the_opposite_face_gives_numbers() {
    let a = new_z(64, 1);
    let opposite: Vec<f32> = a.iter().map(|x| -x).collect();
    for end in [&a, &opposite, &vec![0.0; 64]] {
        assert!(walk(&a, end, 0.3).iter().all(|x| x.is_finite()));
    }
    assert_eq!(walk(&a, &a, 0.5).len(), 64);
}

#[test]
fn means_of_three_add_up_to_the_length_of_a_face() {
    let faces: Vec<Vec<f32>> = (0..9).map(|seed| new_z(64, seed)).collect();
    let three = |i: usize| -> Vec<&[f32]> { faces[i..i + 3].iter().map(|z| &z[..]).collect() };
    let plain: Vec<f32> = (0..64)
        .map(|i| {
            let mean = |from: usize| (from..from + 3).map(|face| faces[face][i]).sum::<f32>() / 3.0;
            mean(0) - mean(3) + mean(6)
        })
        .collect();
    assert!((length(&plain) - 8.0).abs() < 1.5, "{}", length(&plain));
    let sum = arithmetic(&three(0), &three(3), &three(6));
    assert!((length(&sum) - 8.0).abs() < 1e-4);
    let scale = 8.0 / length(&plain) as f32;
    assert!(
        sum.iter()
            .zip(&plain)
            .all(|(x, y)| (x - y * scale).abs() < 1e-4)
    );
    // a − a + c is c.
    let again = arithmetic(&three(0), &three(0), &[&faces[8]]);
    let c = length(&faces[8]) as f32;
    assert!(
        again
            .iter()
            .zip(&faces[8])
            .all(|(x, y)| (x - y * 8.0 / c).abs() < 1e-4)
    );
    assert!(arithmetic(&[], &[], &[]).is_empty());
}

#[test]
fn the_generator_that_ships_draws_the_same_face_for_the_same_numbers() {
    let faces = Faces::bundled().unwrap();
    let d_z = faces.about().d_z;
    let zs: Vec<Vec<f32>> = (0..40).map(|seed| new_z(d_z, seed)).collect();
    let together = faces.draw(&zs).unwrap();
    let alone = faces.draw(&zs[33..34]).unwrap();
    // Products are added up in another order for another number of pictures.
    let pairs = together.get(33).unwrap().iter().zip(&alone.pixels);
    assert!(pairs.clone().all(|(a, b)| a.abs_diff(*b) <= 1));
    assert!(together.get(0) != together.get(1));
    assert_eq!(faces.draw(&zs).unwrap(), together);
}

#[test]
fn a_z_that_is_none_is_refused() {
    let faces = Faces::bundled().unwrap();
    let d_z = faces.about().d_z;
    for z in [vec![0.0; d_z - 1], vec![f32::NAN; d_z], Vec::new()] {
        let refusal = faces.draw(&[z]).unwrap_err();
        assert!(refusal.what.contains('z'), "{refusal}");
    }
    let zs = vec![new_z(d_z, 0); 40];
    assert_eq!(faces.draw_while(&zs, &mut || Break(())), Ok(None));
}

#[test]
fn going_along_a_direction_makes_its_answer_likelier() {
    let faces = Faces::bundled().unwrap();
    let judge = Judge::faces().unwrap();
    let asked = survey(&faces, &judge, 768, &mut |_| Continue(())).unwrap();
    let asked = asked.unwrap();
    let found = asked.directions(judge.questions());
    assert_eq!(found.all.len(), 36);
    let sunglasses = found.of("eyewear", "sunglasses").unwrap();
    assert!((length(&sunglasses.unit) - 1.0).abs() < 1e-4);
    let d_z = faces.about().d_z;
    let mean_at = |amount: f32| {
        let zs: Vec<Vec<f32>> = (0..64)
            .map(|seed| moved(&new_z(d_z, seed), &sunglasses.unit, amount))
            .collect();
        let looked = judge.look(&faces.draw(&zs).unwrap(), &mut || Continue(()));
        let readings = looked.unwrap().unwrap().readings;
        let probs = readings
            .iter()
            .map(|r| r.probs[sunglasses.question][sunglasses.answer]);
        probs.sum::<f32>() / 64.0
    };
    let (less, more) = (mean_at(-4.0), mean_at(4.0));
    assert!(more > less + 0.3, "{less} {more}");
    let stopped = survey(&faces, &judge, 768, &mut |_| Break(()));
    assert_eq!(stopped, Ok(None));
    for i in 0..d_z {
        let meanings = found.meanings(i);
        assert!(meanings.is_sorted_by(|a, b| a.correlation.abs() >= b.correlation.abs()));
    }
}

#[test]
fn a_training_picture_is_found_to_be_a_copy_of_itself_and_a_made_face_is_not() {
    let judge = Judge::faces().unwrap();
    let album = Album::open(&judge, &mut |_| Continue(())).unwrap().unwrap();
    let mut picture = album.pictures.clone();
    let n = 64 * 64 * 3;
    picture.pixels = picture.pixels[1234 * n..1235 * n].to_vec();
    // A copy with a little noise is still a copy.
    let mut rng = Rng::new(0, "test");
    for p in &mut picture.pixels {
        *p = p.saturating_add((3.0 * rng.uniform()) as u8);
    }
    let looked = judge.look(&picture, &mut || Continue(())).unwrap().unwrap();
    let nearest = album.nearest(&picture, &looked.features).unwrap();
    assert_eq!(nearest.by_pixels.index, 1234);
    assert_eq!(nearest.kinship(), Kinship::Copy);
    assert!(nearest.by_pixels.usual > 5.0);
    let faces = Faces::bundled().unwrap();
    let copies = (0..30).filter(|&seed| {
        let z = new_z(faces.about().d_z, seed);
        let (picture, looked) = faces.draw_and_read(&z, &judge).unwrap();
        let nearest = album.nearest(&picture, &looked.features).unwrap();
        nearest.kinship() == Kinship::Copy
    });
    assert_eq!(copies.count(), 0);
}

#[test]
fn the_mean_of_an_answer_is_that_of_the_faces_that_have_it() {
    let reading = |probs: [f32; 2]| Reading {
        probs: vec![probs.to_vec()],
    };
    let survey = Survey {
        zs: vec![vec![1.0, 0.0], vec![3.0, 2.0], vec![9.0, 9.0]],
        readings: vec![
            reading([0.2, 0.8]),
            reading([0.4, 0.6]),
            reading([0.9, 0.1]),
        ],
    };
    assert_eq!(survey.mean(0, 1), Some((vec![2.0, 1.0], 2)));
    assert_eq!(survey.mean(0, 2), None);
    assert_eq!(survey.mean(1, 0), None);
}
#[test]
fn every_hair_colour_and_skin_tone_occurs_among_a_thousand_faces() {
    let faces = Faces::bundled().unwrap();
    let judge = Judge::faces().unwrap();
    let d_z = faces.about().d_z;
    let zs: Vec<Vec<f32>> = (0..1000).map(|seed| new_z(d_z, seed)).collect();
    let looked = judge.look(&faces.draw(&zs).unwrap(), &mut || Continue(()));
    let readings = looked.unwrap().unwrap().readings;
    for covered in coverage(judge.questions(), &readings) {
        let missing: Vec<&str> = covered.missing().collect();
        assert!(missing.is_empty(), "{}: no {missing:?}", covered.question);
    }
}
