//! Playing, running, other corpora.

use super::*;

/// Plays and runs as frames 1/60 s apart would, until it stands still.
fn until_still(small: &mut Small) -> usize {
    let mut n_frames = 0;
    while small.is_moving() {
        small.tick(f64::from(n_frames) / 60.0);
        small.poll();
        n_frames += 1;
    }
    n_frames as usize
}

#[test]
fn playing_makes_as_many_merges_a_second_as_were_asked_for() {
    let mut small = Small::default();
    small.setup.speed = 2.0;
    small.play();
    for frame in 0..=120 {
        small.tick(f64::from(frame) / 60.0);
        small.poll();
    }
    // At 0, 0.5, 1, 1.5 and 2 seconds.
    assert_eq!(small.n_merges(), 5);
    assert_eq!(small.text(261), "low");
    assert!(until_still(&mut small) > 0 && !small.can_step());
}

#[test]
fn running_ends_at_the_number_asked_for_or_where_learning_ends() {
    let mut small = Small::default();
    small.run();
    until_still(&mut small);
    assert_eq!(small.n_merges(), 10);
    assert!(!small.can_run() && small.can_step());
    let more = Setup {
        n_merges: 1000,
        ..small.setup.clone()
    };
    small.set_up(more);
    assert_eq!(small.n_merges(), 10, "only the goal changed");
    small.run();
    until_still(&mut small);
    assert!(small.n_merges() < 30 && !small.can_step());
    small.back();
    assert!(small.can_step());
}

#[test]
fn another_corpus_begins_anew_and_a_bad_line_says_so() {
    let mut small = Small::default();
    small.step();
    let setup = Setup {
        lines: "low five".into(),
        ..small.setup.clone()
    };
    small.set_up(setup);
    assert_eq!(small.n_merges(), 0);
    assert!(small.stepwise().as_ref().is_err());
    assert!(!small.can_step() && small.text(97).is_empty());
    for preset in PRESETS {
        small.set_up(preset.on(&small.setup));
        assert!(small.can_step(), "{}", preset.name);
        small.run();
        until_still(&mut small);
        assert_eq!(small.n_merges(), small.setup.n_merges, "{}", preset.name);
    }
}

#[test]
fn the_presets_show_what_they_say() {
    let learned = |i: usize| {
        let mut small = Small::default();
        small.set_up(PRESETS[i].on(&small.setup));
        small.run();
        until_still(&mut small);
        let n = small
            .stepwise()
            .as_ref()
            .map_or(0, |s| s.learner().tokens().len());
        (256..n as u32).map(|id| small.text(id)).collect::<Vec<_>>()
    };
    assert!(learned(0).contains(&"est</w>".into()));
    assert!(learned(2).contains(&"rein".into()));
    assert!(learned(3).contains(&"2024</w>".into()) || learned(3).contains(&"2024".into()));
    let spaces = learned(4);
    assert!(spaces.contains(&"⏎···".into()), "{spaces:?}");
    let bytes = learned(5);
    // 後 is E5 BE 8C, 后 is E5 90 8E.
    assert!(bytes.contains(&"後".into()), "{bytes:?}");
}
