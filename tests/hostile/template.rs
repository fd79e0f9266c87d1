//! Chat templates are programs of strangers.

use super::{fit_for_a_person, memory};
use glassbox::labs::chat::{Message, render};

/// Runs the template; it must give the plain form, say why, and cost little.
#[track_caller]
fn falls_back(template: &str) {
    let turns = [Message {
        role: "user".into(),
        content: "Hi".into(),
    }];
    let (rendered, peak_bytes) = memory::peak(|| render(Some(template), &turns, "", ""));
    let rendered = rendered.unwrap();
    assert_eq!(rendered.text, "User: Hi\nAssistant:");
    let why = rendered.fell_back.unwrap();
    assert!(why.contains("does not work"), "{why}");
    assert!(why.len() < 600, "{why}");
    assert!(peak_bytes < super::MOST_EXTRA_BYTES, "{peak_bytes} bytes");
}

#[test]
fn fifty_thousand_nested_conditions_fall_back() {
    falls_back(&("{% if true %}".repeat(50_000) + &"{% endif %}".repeat(50_000)));
}

#[test]
fn a_range_of_a_billion_falls_back() {
    falls_back("{% for i in range(10**9) %}x{% endfor %}");
    falls_back("{{ range(10**9) | list | length }}");
    falls_back("{{ 'x' * 10**9 }}");
}

#[test]
fn a_macro_that_calls_itself_falls_back() {
    falls_back("{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}");
}

#[test]
fn a_template_that_is_not_finished_falls_back() {
    falls_back("{#");
    falls_back("{{ a[\"foo\"(");
}

#[test]
fn a_template_that_refuses_the_conversation_is_a_refusal_in_its_words() {
    let turns = [Message {
        role: "system".into(),
        content: "Hi".into(),
    }];
    let template = "{{ raise_exception('no system message, please') }}";
    let refusal = render(Some(template), &turns, "", "").unwrap_err();
    fit_for_a_person(&refusal);
    assert!(refusal.evidence.contains("no system message, please"));
}
