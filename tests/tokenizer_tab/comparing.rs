//! Two vocabularies beside each other.

use super::*;

#[test]
fn two_vocabularies_stand_beside_each_other_and_count_the_cuts_of_their_own() {
    let mut harness = bench(Theme::Light, "strawberry");
    harness.get_by_label("Compare with cl100k").click();
    harness.run_steps(2);
    settle(&mut harness);
    // st|raw|berry and str|aw|berry: one cut each that the other does not make.
    harness.get_by_label("GPT-2, token 1 st, id 301");
    harness.get_by_label("cl100k, token 1 str, id 496");
    let lone = harness.query_all_by_label_contains("1 cut of its own");
    assert_eq!(lone.count(), 2);
    harness.get_by_label("cl100k, token 2 aw, id 675").click();
    harness.run_steps(4);
    let title = harness.state().title();
    assert_eq!(title, "How cl100k made tokens of “strawberry”");
    harness.get_by_label("Compare with none").click();
    harness.run_steps(4);
    assert!(labels(&harness, "cl100k, token").is_empty());
}
