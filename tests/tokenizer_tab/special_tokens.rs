//! Special tokens as text, and allowed.

use super::*;

#[test]
fn special_tokens_are_text_until_they_are_allowed() {
    let mut harness = bench(Theme::Light, "a<|endoftext|>");
    assert_eq!(harness.state().ids().unwrap().len(), 8);
    harness
        .get_by_label("Special tokens allowed")
        .click_accesskit();
    harness.run_steps(2);
    settle(&mut harness);
    assert_eq!(harness.state().ids().unwrap(), [64, 50256]);
    harness
        .get_by_label("GPT-2, token 2 <|endoftext|>, id 50256")
        .click();
    harness.run_steps(4);
    assert!(says(&harness, "it is never merged"));
    harness
        .get_by_label("Special tokens as text")
        .click_accesskit();
    harness.run_steps(2);
    settle(&mut harness);
    assert_eq!(harness.state().ids().unwrap().len(), 8);
}
