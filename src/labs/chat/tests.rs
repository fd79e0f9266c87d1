//! Templates as published, templates meant to hurt (HOSTILE 26–29), and limits.

use super::*;
use std::fmt::Write as _;

/// `SmolLM2`'s, as its file has it.
const SMOLLM2: &str = "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

fn say(turns: &[(&str, &str)]) -> Vec<Message> {
    let message = |(role, content): &(&str, &str)| Message {
        role: (*role).into(),
        content: (*content).into(),
    };
    turns.iter().map(message).collect()
}

fn with(template: &str) -> Rendered {
    render(Some(template), &say(&[("user", "Hi")]), "<s>", "</s>").unwrap()
}

#[test]
fn smollm2_reads_what_transformers_would_give_it() {
    let rendered = render(Some(SMOLLM2), &say(&[("user", "Hi <b> & 'you'")]), "", "").unwrap();
    assert_eq!(
        rendered.text,
        "<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging \
         Face<|im_end|>\n<|im_start|>user\nHi <b> & 'you'<|im_end|>\n<|im_start|>assistant\n"
    );
    assert_eq!(rendered.fell_back, None);
    let turns = say(&[
        ("system", "S"),
        ("user", "U"),
        ("assistant", "A"),
        ("user", ""),
    ]);
    assert_eq!(
        render(Some(SMOLLM2), &turns, "", "").unwrap().text,
        "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\nA\
         <|im_end|>\n<|im_start|>user\n<|im_end|>\n<|im_start|>assistant\n"
    );
}

#[test]
fn blocks_take_their_line_and_python_is_understood() {
    let source = "{{ bos_token }}\n{%- for m in messages %}\n    {% if m.role.startswith('u') %}\n[INST] {{ m['content'].strip() }} [/INST]\n    {% endif %}\n{% endfor %}\n{{ none }} {{ true }} {{ {'a': [1, 'é<']} | tojson }}{% set ns = namespace(n=1) %}{{ ns.n }}\n";
    // jinja2 3.1.6 set up as transformers does gives this.
    let expected = "<s>[INST] Hi [/INST]\nNone True {\"a\": [1, \"é<\"]}1";
    assert_eq!(with(source).text, expected);
}

#[test]
fn what_a_template_raises_is_a_refusal_in_its_own_words() {
    let source = "{% if messages[0].role != 'assistant' %}{{ raise_exception('Roles must alternate!') }}{% endif %}";
    let refusal = render(Some(source), &say(&[("user", "Hi")]), "", "").unwrap_err();
    assert_eq!(refusal.evidence, "It says: Roles must alternate!");
}

#[test]
fn without_a_template_the_form_is_plain_unless_the_model_knows_chatml() {
    let turns = say(&[("user", "Hi")]);
    let plain = render(None, &turns, "", "</s>").unwrap();
    assert_eq!(plain.text, "User: Hi\nAssistant:");
    assert!(
        plain
            .fell_back
            .unwrap()
            .starts_with("The model has no chat template;")
    );
    let chatml = render(None, &turns, "", "<|im_end|>").unwrap();
    assert_eq!(
        chatml.text,
        "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    );
}

#[test]
fn hostile_templates_fall_back_visibly() {
    let nested = "{% if true %}".repeat(50_000) + &"{% endif %}".repeat(50_000);
    let parentheses = "{{ ".to_owned() + &"(".repeat(100_000);
    let mut wide = String::new();
    for i in 0..50_000 {
        let _ = write!(wide, "{{{{ x{i} }}}}");
    }
    let hostile = [
        nested.as_str(),
        &parentheses,
        "{% for i in range(10**9) %}x{% endfor %}",
        "{% for i in range(99999) %}{% for j in range(99999) %}x{% endfor %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}",
        "{#",
        "{{ a[\"foo\"(",
        "{{ 'x' * 10**9 }}",
        "{% for i in range(50) %}{{ 'x' * 1000000 }}{% endfor %}",
        "{{ messages.nonsense() }}",
        "{% include '/etc/passwd' %}",
        "{% extends 'a' %}",
        "{{ 1 // 0 }}",
        "{{ missing.attribute.of.nothing }}",
        &wide.repeat(3),
    ];
    for source in hostile {
        let rendered = with(source);
        let start: String = source.chars().take(60).collect();
        assert_eq!(rendered.text, "User: Hi\nAssistant:", "{start}");
        let why = rendered.fell_back.unwrap();
        assert!(
            why.starts_with("The model's chat template does not work"),
            "{why}"
        );
        assert!(why.chars().count() < 300, "{why}");
    }
}

#[test]
fn a_long_conversation_is_within_the_limits() {
    let turn = ("user", "word ".repeat(2000));
    let turns: Vec<_> = (0..1000).map(|_| (turn.0, turn.1.as_str())).collect();
    let rendered = render(Some(SMOLLM2), &say(&turns), "", "").unwrap();
    assert_eq!(rendered.fell_back, None);
    assert!(rendered.text.len() > 10_000_000);
}

proptest::proptest! {
    #[test]
    fn any_template_gives_a_text_or_a_refusal(source in "(\\{[%{#]|[%}#]\\}|[a-z(\\['|~* ]{1,6}|if |for m in messages|end|\n){0,30}") {
        let _ = render(Some(&source), &say(&[("user", "Hi")]), "", "");
    }
}
