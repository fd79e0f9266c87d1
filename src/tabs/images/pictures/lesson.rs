//! A GAN as something that is trained: what the lab is asked, and what it tells.

use super::setup::Setup;
use super::trace::Trace;
use crate::labs::gan::pictures::{
    Checkpoint, Controls, Event, Prepared, Recipe, Settings, Snapshot, State, TRAINING_KIND, Turn,
    Variety, Watch, run,
};
use crate::refusal::Result;
use crate::tabs::images::course::{Ended, Lesson, News, Told, Words};
use crate::tabs::images::learned_from::From;
use std::ops::ControlFlow;
use std::path::Path;

/// What starting is called, and what it does.
pub(super) const START: [&str; 2] = [
    "Start training",
    "Two networks that know nothing begin to learn from the pictures chosen below.",
];

/// A GAN that learns in front of a person.
#[derive(Debug)]
pub(super) struct Fight;

impl Lesson for Fight {
    type Setup = Setup;
    type Recipe = Recipe;
    type Settings = Settings;
    type State = State;
    type Event = Event;
    type Prepared = Prepared;
    type Turn = Turn;
    type Snapshot = Snapshot;

    const KIND: &'static str = TRAINING_KIND;
    const WORDS: Words = Words {
        step: "turn",
        job: "train a GAN",
        start: START,
        this: "these networks",
        gone: "The networks of this snapshot are",
        folder: "learn to make pictures like these",
        file_name: "glassbox-gan.checkpoint",
        beside: "the generator alone",
        tomorrow: "To go on tomorrow, drop the .checkpoint on the window, or choose it with “Open…”.",
    };

    fn recipe(setup: &Setup) -> Option<Recipe> {
        setup.recipe()
    }

    fn resumed(setup: &Setup, begun: Recipe) -> Recipe {
        Recipe {
            settings: setup.settings.clone(),
            minutes: setup.minutes(),
            ..begun
        }
    }

    fn chosen(recipe: &Recipe, before: &Setup) -> Setup {
        let (from, folder) = From::of(&recipe.source);
        Setup {
            from,
            folder,
            side: recipe.side,
            seed: recipe.seed,
            settings: recipe.settings.clone(),
            ..before.clone()
        }
    }

    fn settings(setup: &Setup) -> &Settings {
        &setup.settings
    }

    fn first_settings(recipe: &Recipe) -> Settings {
        recipe.settings.clone()
    }

    fn minutes(recipe: &mut Recipe) -> &mut Option<f64> {
        &mut recipe.minutes
    }

    fn learned_from(setup: &mut Setup) -> (&mut From, &mut String) {
        (&mut setup.from, &mut setup.folder)
    }

    fn is_another(started: &Setup, setup: &Setup) -> bool {
        !started.same_networks(setup)
    }

    fn secs(state: &State) -> f64 {
        state.secs
    }

    fn run(
        recipe: &Recipe,
        from: Option<&State>,
        controls: &Controls,
        emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
    ) -> Result<Ended<State>> {
        let outcome = run(recipe, from, controls, emit)?;
        Ok(Ended {
            state: outcome.state,
            n_steps: outcome.n_steps,
            trouble: outcome.trouble,
        })
    }

    fn news(event: Event) -> News<Self> {
        match event {
            Event::Working | Event::Saved { .. } => News::Working,
            Event::Prepared(prepared) => News::Prepared(prepared),
            Event::Turn(turn) => News::Turn(turn),
            Event::Snapshot(snapshot) => News::Snapshot(snapshot),
            Event::Trouble(refusal) => News::Trouble(refusal),
        }
    }

    fn told(turn: &Turn) -> Told {
        Told {
            step: turn.step,
            secs: turn.secs,
            secs_left: turn.secs_left,
            progress: turn.progress,
            pictures_per_sec: turn.pictures_per_sec,
        }
    }

    fn trace(trace: &mut Trace, turn: &Turn) {
        trace.push(turn);
    }

    fn watch(recipe: &Recipe, prepared: &Prepared) -> Option<Watch> {
        Some(Watch::new(&recipe.source, &prepared.reals))
    }

    fn look(watch: &Watch, snapshot: &Snapshot) -> Option<Variety> {
        watch.look(&snapshot.fakes)
    }

    fn read(path: &Path) -> Result<(Recipe, State)> {
        Checkpoint::read(path).map(|kept| (kept.recipe, kept.state))
    }

    fn write(recipe: &Recipe, state: &State, out: &Path) -> Result<()> {
        let (recipe, state) = (recipe.clone(), state.clone());
        Checkpoint { recipe, state }.write(out).map(drop)
    }
}
