//! The map.

use crate::{click, labels, open, settle, wait_for};
use eframe::egui::pos2;
use egui_kittest::kittest::Queryable;

#[test]
fn the_words_that_ship_are_laid_out_by_pca_and_the_commonest_are_named() {
    let mut harness = open("Map");
    wait_for(&mut harness, "Map of the words, 5,000 points");
    settle(&mut harness);
    let named = labels(&harness, ", a point");
    assert!(named.len() > 20, "{named:?}");
    assert!(!labels(&harness, "% of the variance").is_empty());
}

#[test]
fn a_word_that_is_found_can_be_chosen_and_its_neighbours_light_up() {
    let mut harness = open("Map");
    wait_for(&mut harness, "Map of the words, 5,000 points");
    harness.get_by_label("Find a word").focus();
    harness.run_steps(2);
    harness.get_by_label("Find a word").type_text("queen");
    wait_for(&mut harness, "is marked");
    click(&mut harness, "queen, a point");
    wait_for(&mut harness, "Nearest to queen");
    wait_for(&mut harness, "neighbours lit");
    // The commonest word of GloVe's near queen.
    assert!(!labels(&harness, "princess").is_empty());
}

#[test]
fn two_pairs_of_words_make_axes_of_ones_own() {
    let mut harness = open("Map");
    wait_for(&mut harness, "Map of the words, 5,000 points");
    settle(&mut harness);
    click(&mut harness, "Own axes");
    wait_for(&mut harness, "The two axes stand at");
    settle(&mut harness);
    assert!(!labels(&harness, "along axes of your own").is_empty());
    // By the direction from man to woman, woman herself is at 1.
    click(&mut harness, "Colour by a direction");
    harness.run_steps(4);
    assert!(!labels(&harness, "Map of the words").is_empty());
}

#[test]
fn a_lasso_lists_the_words_it_is_drawn_around() {
    let mut harness = open("Map");
    wait_for(&mut harness, "Map of the words, 5,000 points");
    settle(&mut harness);
    click(&mut harness, "Lasso");
    harness.drag_at(pos2(300.0, 300.0));
    harness.run_steps(2);
    for at in [pos2(600.0, 310.0), pos2(620.0, 640.0), pos2(310.0, 620.0)] {
        harness.hover_at(at);
        harness.run_steps(2);
    }
    harness.drop_at(pos2(305.0, 320.0));
    harness.run_steps(3);
    assert!(!labels(&harness, "words in the lasso").is_empty());
    click(&mut harness, "Clear lasso");
    assert!(labels(&harness, "words in the lasso").is_empty());
}
