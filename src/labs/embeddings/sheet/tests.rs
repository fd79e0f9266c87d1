//! Tables of one's own.

use super::*;

fn best(sheet: &Sheet) -> &str {
    let best = sheet.outcome().unwrap().best().unwrap();
    &sheet.rows[best.row].name
}

#[test]
fn king_minus_man_plus_woman_is_queen_in_every_table_that_has_them() {
    assert_eq!(best(&EXAMPLES[0].sheet()), "queen");
    let plane = EXAMPLES[1].sheet();
    assert_eq!(best(&plane), "queen");
    // (2, 1) − (1, 1) + (1, 2) = (2, 2): exactly queen's row.
    let outcome = plane.outcome().unwrap();
    assert_eq!(outcome.sum, [2.0, 2.0]);
    let queen = outcome.best().unwrap();
    assert!((queen.cosine.unwrap() - 1.0).abs() < 1e-15);
    assert_eq!((queen.dot, queen.distance), (8.0, 0.0));
}

#[test]
fn the_lectures_numbers_give_the_lectures_sum() {
    // By hand: .99 − .01 + .02, .99 − .95 + .01, .05 − .06 + .999.
    let sum = EXAMPLES[0].sheet().outcome().unwrap().sum;
    for (got, expected) in sum.iter().zip([1.0, 0.05, 0.989]) {
        assert!((got - expected).abs() < 1e-12, "{sum:?}");
    }
}

#[test]
fn an_arrow_without_length_points_nowhere() {
    let mut sheet = EXAMPLES[1].sheet();
    sheet.rows[0].weight = 1.0;
    sheet.rows[1].weight = 0.0;
    sheet.rows[2].weight = 0.0;
    let copy = sheet.rows[0].clone();
    sheet.rows.push(Row {
        weight: -1.0,
        ..copy
    });
    let outcome = sheet.outcome().unwrap();
    assert_eq!(outcome.sum, [0.0, 0.0]);
    assert_eq!((outcome.best(), outcome.nearest()), (None, None));
}

#[test]
fn whoever_likes_two_rock_songs_is_offered_a_rock_song_and_each_example_has_an_answer() {
    let songs = EXAMPLES[2].sheet();
    assert_eq!(best(&songs), "Stairway to Heaven");
    assert_eq!(best(&EXAMPLES[3].sheet()), "lynx");
    for example in EXAMPLES {
        let sheet = example.sheet();
        assert_eq!(Some(sheet.clone()), sheet.checked(), "{}", example.name);
    }
}

#[test]
fn without_striking_out_the_inputs_the_answer_may_be_one_of_them() {
    let mut sheet = EXAMPLES[2].sheet();
    sheet.rows[0].weight = 0.0;
    let outcome = sheet.outcome().unwrap();
    let nearest = outcome.nearest().unwrap();
    assert!(nearest.is_input && sheet.rows[nearest.row].name == "Bohemian Rhapsody");
    assert!(!outcome.best().unwrap().is_input);
    let none = Sheet {
        rows: Vec::new(),
        ..sheet
    };
    assert_eq!(none.outcome(), None);
}

#[test]
fn the_sum_is_written_as_people_write_it() {
    let mut sheet = EXAMPLES[0].sheet();
    assert_eq!(sheet.expression(), "king − man + woman");
    sheet.rows[0].weight = -0.5;
    sheet.rows[2].weight = 0.0;
    sheet.rows[3].weight = 2.0;
    assert_eq!(sheet.expression(), "−0.5 · king + 2 · woman");
}

#[test]
fn rows_and_axes_come_and_go_and_every_row_keeps_a_number_per_axis() {
    let mut sheet = EXAMPLES[1].sheet();
    assert_eq!((sheet.add_row(), sheet.add_row()), (Some(4), Some(5)));
    assert_eq!(sheet.rows[5].name, "new 2");
    while sheet.add_axis().is_some() {}
    assert_eq!(sheet.axes.len(), MAX_AXES);
    for _ in 0..20 {
        sheet.remove_axis(0);
    }
    assert_eq!(sheet.axes.len(), 1);
    assert!(sheet.rows.iter().all(|row| row.values.len() == 1));
    sheet.rows[0].values[0] = f64::NAN;
    assert_eq!(sheet.checked(), None);
}

#[test]
fn a_table_comes_back_from_a_spreadsheet_as_it_went() {
    for example in EXAMPLES {
        let sheet = example.sheet();
        assert_eq!(Sheet::from_table(&sheet.to_table()), Ok(sheet));
    }
    let german = Sheet::from_table("Lied;Rock;Klassik\nFür Elise;0,01;0,99\n").unwrap();
    assert_eq!(german.rows[0].values, [0.01, 0.99]);
    assert_eq!(german.rows[0].weight, 0.0);
}

#[test]
fn what_is_no_table_says_where() {
    for (text, evidence) in [
        ("", "It is empty."),
        (
            "hello",
            "Its first line names no axis after the first cell.",
        ),
        (
            "name\ta\nking\t1\t2",
            "Line 2 has 3 cells; the first line has 2.",
        ),
        (
            "name,a\n\nking,tall",
            "Line 3, column “a”: “tall” is no number.",
        ),
        (
            "name,a\nking,inf",
            "Line 2, column “a”: “inf” is no number.",
        ),
    ] {
        assert_eq!(Sheet::from_table(text).unwrap_err().evidence, evidence);
    }
}
