//! A diffusion model as something that is trained: what the lab is asked, and what it tells.

use super::setup::Setup;
use super::trace::Trace;
use crate::labs::diffusion::training::{
    Checkpoint, Controls, Event, Prepared, Recipe, Settings, Snapshot, State, TRAINING_KIND, Turn,
    run,
};
use crate::refusal::{Refusal, Result};
use crate::tabs::images::course::{Ended, Lesson, News, Told, Words};
use crate::tabs::images::learned_from::From;
use std::ops::ControlFlow;
use std::path::Path;

/// What starting is called, and what it does.
pub(super) const START: [&str; 2] = [
    "Start training",
    "A network that knows nothing begins to learn what is under noise.",
];

/// A diffusion model that learns in front of a person.
#[derive(Debug)]
pub(super) struct Noise;

impl Lesson for Noise {
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
        step: "step",
        job: "train a diffusion model",
        start: START,
        this: "this network",
        gone: "The network of this snapshot is",
        folder: "learn to draw such pictures out of noise",
        file_name: "glassbox-diffusion.checkpoint",
        beside: "the network for use",
        tomorrow: "To go on tomorrow, drop the .checkpoint on the window. Drop the .safetensors, and the other views draw with your network.",
    };

    fn recipe(setup: &Setup) -> Option<Recipe> {
        setup.recipe()
    }

    fn resumed(setup: &Setup, begun: Recipe) -> Recipe {
        Recipe {
            settings: setup.settings.clone(),
            minutes: setup.minutes(),
            snapshot_every_secs: setup.snapshot_every,
            ..begun
        }
    }

    fn chosen(recipe: &Recipe, before: &Setup) -> Setup {
        let pictures = recipe.source.pictures();
        let (from, folder) =
            pictures.map_or((before.from, before.folder.clone()), |from| From::of(&from));
        Setup {
            from,
            folder,
            side: recipe.side,
            seed: recipe.seed,
            settings: recipe.settings.clone(),
            ..before.clone()
        }
        .checked()
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
        !started.same_network(setup)
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
            Event::Working | Event::Judged { .. } | Event::Saved { .. } => News::Working,
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

    fn read(path: &Path) -> Result<(Recipe, State)> {
        let kept = Checkpoint::read(path)?;
        if kept.recipe.source.pictures().is_err() {
            return Err(not_of_pictures());
        }
        Ok((kept.recipe, kept.state))
    }

    fn write(recipe: &Recipe, state: &State, out: &Path) -> Result<()> {
        let (recipe, state) = (recipe.clone(), state.clone());
        Checkpoint { recipe, state }.write(out).map(drop)
    }
}

fn not_of_pictures() -> Refusal {
    Refusal::unchanged(
        "This training is one of sounds",
        "Its checkpoint says that it learns from spectrograms of phrases.",
        "Go on with it on the command line: `glassbox train sound --resume CHECKPOINT -o PATH`.",
    )
}
