//! What the film keeps.

use super::over_turns::MOST_NUMBERS;
use super::*;
use crate::labs::gan::plane::{Session, State};

/// A turn that says it is the `n`th, with networks of its own.
fn turn(n: u64) -> Arc<Turn> {
    static FIRST: std::sync::OnceLock<Turn> = std::sync::OnceLock::new();
    let first = FIRST.get_or_init(|| {
        let session = Session::new(&Settings::default());
        session.look(&session.state()).unwrap()
    });
    let mut turn = first.clone();
    turn.turn = n;
    turn.state = Arc::new(State {
        turn: n,
        ..(*turn.state).clone()
    });
    Arc::new(turn)
}

fn film(turns: std::ops::RangeInclusive<u64>) -> Film {
    let mut film = Film::default();
    let settings = Arc::new(Settings::default());
    for n in turns {
        film.push(turn(n), Arc::clone(&settings));
    }
    film
}

fn turns(film: &Film) -> Vec<u64> {
    film.frames().iter().map(|frame| frame.turn.turn).collect()
}

#[test]
fn a_long_film_keeps_its_first_and_its_newest_turn_and_stays_short() {
    for n in [10, 241, 242, 700, 1001] {
        let film = film(0..=n);
        let turns = turns(&film);
        assert_eq!((turns[0], *turns.last().unwrap()), (0, n));
        assert!(turns.len() <= MOST_FRAMES && turns.is_sorted());
        let curves = &film.branch().unwrap().curves;
        assert_eq!(curves.turns.last(), Some(&(n as f32)));
        assert!(curves.turns.len() <= MOST_NUMBERS && curves.turns.is_sorted());
        assert_eq!(curves.get(Quantity::Js).len(), curves.turns.len());
    }
}

#[test]
fn a_branch_holds_what_was_before_it_and_leaves_the_old_one_whole() {
    let mut film = film(0..=5);
    film.go_to(2);
    let from = film.fork().unwrap();
    assert_eq!(from.turn.turn, 2);
    film.push(turn(3), Arc::new(Settings::default()));
    assert_eq!(turns(&film), [0, 1, 2, 3]);
    assert_eq!(film.branch().unwrap().from, Some((1, 2)));
    assert_eq!(film.branch().unwrap().curves.turns, [0.0, 1.0, 2.0, 3.0]);
    film.show_branch(0);
    assert_eq!(turns(&film), [0, 1, 2, 3, 4, 5]);
    assert!(film.frames()[2].is_fork);
}

#[test]
fn going_on_from_the_newest_turn_makes_no_branch() {
    let mut film = film(0..=5);
    film.go_to(5);
    assert_eq!(film.fork().unwrap().turn.turn, 5);
    assert_eq!((film.branches().len(), film.selected()), (1, None));
}

#[test]
fn the_same_networks_under_other_settings_take_the_place_of_the_last_turn() {
    let mut film = film(0..=1);
    let again = Arc::clone(&film.newest().unwrap().turn);
    let other = Settings {
        seed: 9,
        ..Settings::default()
    };
    film.push(again, Arc::new(other));
    assert_eq!(turns(&film), [0, 1]);
    assert_eq!(film.newest().unwrap().settings.seed, 9);
}

#[test]
fn what_is_looked_at_stays_on_the_stage_while_others_arrive() {
    let mut film = film(0..=4);
    film.go_to(3);
    for n in 5..=900 {
        film.push(turn(n), Arc::new(Settings::default()));
    }
    let here = film.here().unwrap().turn.turn;
    assert_eq!(here, 3);
}

#[test]
fn the_oldest_branch_goes_when_there_are_too_many() {
    let mut film = film(0..=3);
    for _ in 0..10 {
        film.go_to(1);
        film.fork();
        film.push(turn(2), Arc::new(Settings::default()));
        film.push(turn(3), Arc::new(Settings::default()));
    }
    assert_eq!(film.branches().len(), MOST_BRANCHES);
    assert_eq!(turns(&film), [0, 1, 2, 3]);
    film.start_anew();
    assert!(film.frames().is_empty());
}
