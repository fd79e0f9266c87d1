//! Other spaces.

use crate::{click, labels, open, wait_for};

#[test]
fn a_word_is_one_vector_at_the_bottom_of_a_model_and_two_at_its_top() {
    let mut harness = open("Other spaces");
    let lines = wait_for(&mut harness, "Cosine by layer: ");
    assert!(lines.contains("bank and bank from 1.00 to "), "{lines}");
    assert!(!lines.contains("from 1.00 to 1.00"), "{lines}");
}

#[test]
fn the_lion_is_nearer_the_tiger_than_new_york() {
    let mut harness = open("Other spaces");
    click(&mut harness, "Sentences");
    wait_for(&mut harness, "Sentences A and B: cosine");
    let pairs = labels(&harness, "Sentences ");
    let pairs: Vec<&String> = pairs.iter().filter(|l| l.contains("cosine")).collect();
    assert_eq!(pairs.len(), 3, "{pairs:?}");
    let cosine = |of: &str| {
        let label = pairs.iter().find(|label| label.contains(of)).unwrap();
        label.rsplit(' ').next().unwrap().parse::<f64>().unwrap()
    };
    assert!(cosine("A and B") > cosine("A and C"), "{pairs:?}");
}

#[test]
fn a_models_own_table_becomes_a_set_of_vectors_and_a_map() {
    let mut harness = open("Other spaces");
    wait_for(&mut harness, "Cosine by layer: ");
    click(&mut harness, "A model's own table");
    click(&mut harness, "stories");
    click(&mut harness, "Take the table");
    wait_for(&mut harness, "1,024 tokens");
    click(&mut harness, "Show on the map");
    wait_for(&mut harness, "Map of the words, 1,0");
}
