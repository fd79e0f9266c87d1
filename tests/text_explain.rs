//! The drawer of a number, driven as a person would: from the softmax back to the token it began as.

#[path = "support/bench.rs"]
mod support;

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use glassbox::tabs::Tab;
use glassbox::tabs::text::TextTab;
use glassbox::theme::Theme;
use support::{click, labels, says, until, wait_for};

type Bench = support::Bench<TextTab>;

/// The equation of a number of the softmax, in the walk over the model that is built in.
fn explained() -> Harness<'static, Bench> {
    let mut harness = Bench::new(TextTab::new()).window(Theme::Light, [1280.0, 720.0]);
    until(&mut harness, |harness| harness.state().progress().is_none());
    click(&mut harness, "Walk");
    wait_for(&mut harness, "Stage 1: Tokens");
    let stage = labels(&harness, ": Softmax").pop().unwrap();
    click(&mut harness, &stage);
    wait_for(&mut harness, "Softmax, 3 ");
    let cell = labels(&harness, "Softmax, 3 ").remove(0);
    click(&mut harness, &cell);
    wait_for(&mut harness, "pattern of block 0, head 0");
    harness
}

/// Goes on to where the first term that can be clicked comes from.
fn follow(harness: &mut Harness<'static, Bench>, title: &str) {
    let term = labels(harness, "Explain ").remove(0);
    click(harness, &term);
    wait_for(harness, title);
    assert!(says(harness, "They agree: rounding"), "{title}");
}

#[test]
fn a_click_on_a_term_leads_on_until_the_text_and_back_the_same_way() {
    let mut harness = explained();
    assert!(says(&harness, "A share of"));
    assert!(says(&harness, "recomputed"));
    for title in [
        "scores of block 0, head 0",
        "q of block 0, head 0",
        "ln1 of block 0",
        "resid_pre of block 0",
    ] {
        follow(&mut harness, title);
    }
    // The stream is what the token is and where it stands, the larger of the two first.
    let embed = labels(&harness, "Explain embed").remove(0);
    click(&mut harness, &embed);
    wait_for(&mut harness, "A learned number: row");
    follow(&mut harness, "The number is only a name");
    for words in [
        "A learned number: row",
        "resid_pre of block 0",
        "ln1 of block 0",
    ] {
        click(&mut harness, "Back");
        wait_for(&mut harness, words);
    }
}

#[test]
fn a_long_sum_shows_its_largest_terms_and_more_when_asked() {
    let mut harness = explained();
    for title in ["scores of block 0, head 0", "q of block 0, head 0"] {
        follow(&mut harness, title);
    }
    assert!(says(&harness, "The largest of 161 terms"));
    assert!(says(&harness, "149 smaller terms add up to"));
    click(&mut harness, "More terms");
    wait_for(&mut harness, "61 smaller terms add up to");
    assert!(harness.query_by_label("Fewer terms").is_some());
}
