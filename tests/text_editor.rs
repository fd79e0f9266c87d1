//! The editor of long texts, driven as a person would, and beside it egui's own, which must do the
//! same with the same keys.

use eframe::egui::{self, Event, Key, Modifiers, Pos2, TextEdit};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use glassbox::theme::{self, Theme};
use glassbox::widgets::text_editor::{EditorState, TextEditor};

/// As a keyboard without a command key sends it.
const COMMAND: Modifiers = Modifiers {
    ctrl: true,
    command: true,
    ..Modifiers::NONE
};

/// An editor and its text.
#[derive(Default)]
struct Sheet {
    text: String,
    state: EditorState,
    /// Whether egui's own editor is shown instead.
    eguis: bool,
    n_changes: usize,
}

fn sheet(text: &str, eguis: bool) -> Harness<'static, Sheet> {
    let sheet = Sheet {
        text: text.to_owned(),
        eguis,
        ..Sheet::default()
    };
    let mut harness = Harness::builder()
        .with_size(egui::vec2(400.0, 300.0))
        .with_context_setup(|ctx| {
            theme::fonts::install(ctx);
            theme::apply(ctx, Theme::Light, false);
        })
        .with_step_dt(0.05)
        .allow_missing_glyphs()
        .build_ui_state(
            |ui, sheet: &mut Sheet| {
                let response = if sheet.eguis {
                    let editor = TextEdit::multiline(&mut sheet.text).desired_width(f32::INFINITY);
                    ui.add(editor).accessible_name("Text")
                } else {
                    let editor = TextEditor::new("Text").max_height(200.0);
                    editor.show(ui, &mut sheet.text, &mut sheet.state)
                };
                sheet.n_changes += usize::from(response.changed());
            },
            sheet,
        );
    harness.run();
    harness
}

fn focused(text: &str) -> Harness<'static, Sheet> {
    let mut harness = sheet(text, false);
    harness.get_by_label("Text").focus();
    harness.run();
    harness
}

fn type_text(harness: &mut Harness<'_, Sheet>, text: &str) {
    harness.event(Event::Text(text.to_owned()));
    harness.run();
}

fn press(harness: &mut Harness<'_, Sheet>, modifiers: Modifiers, key: Key) {
    harness.key_press_modifiers(modifiers, key);
    harness.run();
}

fn text<'h>(harness: &'h Harness<'_, Sheet>) -> &'h str {
    &harness.state().text
}

/// What is copied of the selection.
fn copied(harness: &mut Harness<'_, Sheet>) -> Option<String> {
    harness.event(Event::Copy);
    harness.step();
    let commands = &harness.output().platform_output.commands;
    commands.iter().find_map(|command| match command {
        egui::OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    })
}

#[test]
fn what_is_typed_stands_in_the_text() {
    let mut harness = focused("");
    type_text(&mut harness, "Hello");
    press(&mut harness, Modifiers::NONE, Key::Enter);
    type_text(&mut harness, "world");
    assert_eq!(text(&harness), "Hello\nworld");
    assert_eq!(harness.state().n_changes, 3);
    let editor = harness.get_by_label("Text");
    assert_eq!(editor.accesskit_node().value().unwrap(), "Hello\nworld");
}

#[test]
fn every_key_does_what_it_does_in_eguis_own_editor() {
    const NONE: Modifiers = Modifiers::NONE;
    const SHIFT: Modifiers = Modifiers::SHIFT;
    let both = SHIFT | COMMAND;
    let long = "A paragraph that is wrapped, for it is longer than one row can be. ".repeat(6);
    let start = format!("Short.\n\nnaïve 🍓 x\n{long}\nwww.example.com, the last line");
    let keys = [
        (COMMAND, Key::Home),
        (NONE, Key::ArrowDown),
        (NONE, Key::ArrowDown),
        (NONE, Key::End),
        (NONE, Key::ArrowDown),
        (NONE, Key::ArrowDown),
        (NONE, Key::Home),
        (SHIFT, Key::End),
        (NONE, Key::Delete),
        (NONE, Key::ArrowUp),
        (NONE, Key::End),
        (NONE, Key::ArrowRight),
        (NONE, Key::Backspace),
        (COMMAND, Key::ArrowRight),
        (both, Key::ArrowRight),
        (NONE, Key::Backspace),
        (COMMAND, Key::Backspace),
        (COMMAND, Key::Delete),
        (SHIFT, Key::ArrowUp),
        (NONE, Key::Enter),
        (COMMAND, Key::End),
        (COMMAND, Key::ArrowLeft),
        (both, Key::ArrowLeft),
        (NONE, Key::Delete),
        (SHIFT, Key::ArrowLeft),
        (NONE, Key::ArrowLeft),
        (COMMAND, Key::ArrowUp),
        (NONE, Key::Delete),
        (COMMAND, Key::K),
        (COMMAND, Key::ArrowDown),
        (COMMAND, Key::W),
        (COMMAND, Key::U),
        (COMMAND, Key::A),
        (NONE, Key::ArrowRight),
        (NONE, Key::ArrowUp),
        (NONE, Key::ArrowUp),
        (both, Key::Home),
        (NONE, Key::ArrowLeft),
    ];
    let mut ours = sheet(&start, false);
    let mut theirs = sheet(&start, true);
    for harness in [&mut ours, &mut theirs] {
        harness.get_by_label("Text").focus();
        harness.run();
    }
    for (i, (modifiers, key)) in keys.into_iter().enumerate() {
        for harness in [&mut ours, &mut theirs] {
            press(harness, modifiers, key);
        }
        let selected = [&mut ours, &mut theirs].map(copied);
        assert_eq!(selected[0], selected[1], "after {i}: {key:?}");
        for harness in [&mut ours, &mut theirs] {
            type_text(harness, "·");
        }
        assert_eq!(text(&ours), text(&theirs), "after {i}: {key:?}");
    }
}

#[test]
fn two_hundred_kilobytes_are_pasted_edited_and_taken_back() {
    for line in [
        "It was a bright cold day in April.\n",
        "one line without end ",
    ] {
        let long = line.repeat(200_000 / line.len() + 1);
        let mut harness = focused("begin ");
        press(&mut harness, COMMAND, Key::End);
        harness.event(Event::Paste(long.clone()));
        harness.run();
        type_text(&mut harness, " end");
        assert_eq!(text(&harness), format!("begin {long} end"));
        press(&mut harness, COMMAND, Key::Home);
        type_text(&mut harness, "x");
        assert!(text(&harness).starts_with("xbegin "));
        for _ in 0..2 {
            press(&mut harness, COMMAND, Key::Z);
        }
        assert_eq!(text(&harness), format!("begin {long}"));
        press(&mut harness, COMMAND, Key::Z);
        assert_eq!(text(&harness), "begin ");
        press(&mut harness, COMMAND, Key::Y);
        assert_eq!(text(&harness).len(), 6 + long.len());
        press(&mut harness, COMMAND, Key::A);
        assert_eq!(copied(&mut harness).unwrap(), text(&harness));
        harness.event(Event::Cut);
        harness.run();
        assert_eq!(text(&harness), "");
    }
}

#[test]
fn page_keys_and_the_ends_reach_every_part_of_a_long_text() {
    let lines: Vec<String> = (0..5000).map(|i| format!("line {i}\n")).collect();
    let lines = lines.concat();
    let mut harness = focused(&lines);
    press(&mut harness, COMMAND, Key::Home);
    let mut n_pages = 0;
    let at = |harness: &mut Harness<'_, Sheet>| {
        type_text(harness, "|");
        let at = text(harness).find('|').unwrap();
        press(harness, Modifiers::NONE, Key::Backspace);
        at
    };
    while at(&mut harness) < lines.len() {
        press(&mut harness, Modifiers::NONE, Key::PageDown);
        n_pages += 1;
        assert!(n_pages < 1000);
    }
    for _ in 0..n_pages {
        press(&mut harness, Modifiers::NONE, Key::PageUp);
    }
    assert_eq!(at(&mut harness), 0);
    assert_eq!(text(&harness), lines);
}

fn click(harness: &mut Harness<'_, Sheet>, at: Pos2, times: usize) {
    harness.hover_at(at);
    for _ in 0..times {
        for pressed in [true, false] {
            harness.event(Event::PointerButton {
                pos: at,
                button: egui::PointerButton::Primary,
                pressed,
                modifiers: Modifiers::NONE,
            });
        }
        harness.step();
    }
    harness.run();
}

#[test]
fn a_click_puts_the_caret_two_take_the_word_three_the_line() {
    let words = "first second third\nanother line";
    for (n, expected) in [
        (1, None),
        (2, Some("second")),
        (3, Some("first second third")),
    ] {
        let mut harness = sheet(words, false);
        let corner = harness.get_by_label("Text").rect().left_top();
        click(&mut harness, corner + egui::vec2(70.0, 15.0), n);
        assert_eq!(copied(&mut harness).as_deref(), expected);
        type_text(&mut harness, "X");
        let now = text(&harness);
        assert_eq!(now.matches('X').count(), 1, "{now}");
        assert!(now.ends_with("\nanother line"));
    }
}

#[test]
fn what_others_write_into_the_text_can_be_undone_too() {
    let mut harness = focused("mine");
    harness.state_mut().text = "theirs".into();
    harness.run();
    press(&mut harness, COMMAND, Key::End);
    type_text(&mut harness, "!");
    assert_eq!(text(&harness), "theirs!");
    press(&mut harness, COMMAND, Key::Z);
    press(&mut harness, COMMAND, Key::Z);
    assert_eq!(text(&harness), "mine");
}

#[test]
fn an_input_method_composes_in_place() {
    let mut harness = focused("ab");
    press(&mut harness, COMMAND, Key::End);
    for composed in ["n", "に", "にほん"] {
        harness.event(Event::Ime(egui::ImeEvent::Preedit {
            text: composed.into(),
            active_range_chars: Some(0..1),
        }));
        harness.run();
        assert_eq!(text(&harness), format!("ab{composed}"));
    }
    harness.event(Event::Ime(egui::ImeEvent::Commit("日本".into())));
    harness.run();
    assert_eq!(text(&harness), "ab日本");
    press(&mut harness, COMMAND, Key::Z);
    assert_eq!(text(&harness), "ab");
}

#[test]
fn a_screen_reader_sets_the_text() {
    let mut harness = sheet("old", false);
    let editor = harness.get_by_label("Text");
    assert_eq!(
        editor.accesskit_node().role(),
        egui::Role::MultilineTextInput
    );
    let (target_node, target_tree) = editor.accesskit_node().locate();
    let request = egui::accesskit::ActionRequest {
        action: egui::accesskit::Action::SetValue,
        target_tree,
        target_node,
        data: Some(egui::accesskit::ActionData::Value("new".into())),
    };
    harness.event(Event::AccessKitActionRequest(request));
    harness.run();
    assert_eq!(text(&harness), "new");
}
