//! Where they come from.

use crate::{click, labels, open, settle, wait_for};
use eframe::egui::Role;
use egui_kittest::kittest::Queryable;

#[test]
fn a_text_is_counted_weighed_and_squeezed_to_vectors_that_can_be_asked() {
    let mut harness = open("Where they come from");
    wait_for(&mut harness, "Counts, 24 by 24 words");
    settle(&mut harness);
    assert!(!labels(&harness, "Moby-Dick: 2").is_empty());
    click(&mut harness, "2  Weigh (PPMI)");
    wait_for(&mut harness, "PPMI, 24 by 24 words");
    // A heading of the bench says the same.
    let button = harness.get_by_role_and_label(Role::Button, "Make vectors");
    button.click();
    harness.run_steps(2);
    wait_for(&mut harness, "Use these vectors");
    wait_for(&mut harness, "Singular values: from");
    click(&mut harness, "Use these vectors");
    wait_for(&mut harness, "Moby-Dick, PPMI + SVD to 50");
}

#[test]
fn the_popularity_trap_is_drawn_with_its_numbers() {
    let mut harness = open("Where they come from");
    click(&mut harness, "Popularity trap");
    wait_for(&mut harness, "cocoa – coffee");
    // The cosine of (10, 10) and (5, 20) is 5 / √34.
    assert!(!labels(&harness, "0.857").is_empty());
    assert!(!labels(&harness, "1.000").is_empty());
}
