//! What does it cost to be read?

use super::*;

#[test]
fn what_it_costs_to_be_read_is_counted_in_eight_languages() {
    let mut harness = bench(Theme::Light, "a");
    harness
        .get_by_label("What does it cost to be read?")
        .click();
    harness.run_steps(4);
    let bars: Vec<String> = labels(&harness, ": ")
        .into_iter()
        .filter(|label| label.ends_with(" tokens"))
        .collect();
    assert_eq!(bars.len(), 8);
    // tiktoken: 13 tokens of GPT-2.
    assert!(bars.contains(&"English: 13 tokens".to_owned()), "{bars:?}");
    harness.get_by_label_contains("Chinese: ").click();
    harness.run_steps(2);
    settle(&mut harness);
    assert!(!labels(&harness, "GPT-2, token 1 ").is_empty());
}
