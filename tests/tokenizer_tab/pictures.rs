//! How the tab looks.

use super::*;

fn a_picture(theme: Theme, name: &str) {
    let mut harness = bench(theme, "Who'd use naïve strawberries?\n    x = 12345 €");
    harness.get_by_label("Show bytes").click();
    harness.run_steps(4);
    harness.get_by_label_contains("GPT-2, token 5 ").click();
    harness.run_steps(4);
    harness.snapshot(name);
}

#[test]
fn the_tab_looks_as_it_did_in_daylight() {
    a_picture(Theme::Light, "tokenizer_light");
}

#[test]
fn the_tab_looks_as_it_did_in_the_evening() {
    a_picture(Theme::Dark, "tokenizer_dark");
}
