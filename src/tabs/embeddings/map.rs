//! The map: every word as a point, near the words that are used alike.
//!
//! [`setup`] is what a person chose, [`making`] the jobs, [`bench`] and [`stage`] what is drawn.

mod bench;
mod following;
mod making;
mod setup;
mod stage;

use super::views::{Desk, View};
use crate::command::Command;
use crate::files::card::Card;
use crate::jobs::Job;
use crate::labs::embeddings::{Neighbour, Space};
use crate::refusal::Result;
use crate::tabs::{Notice, Progress, StatusItem, TabContext};
use crate::widgets::count::grouped;
use crate::widgets::scatter::ScatterState;
use eframe::egui::Ui;
use making::Message;
use serde_json::Value;
use setup::{Layout, Pair, Setup};
use std::path::PathBuf;
use std::sync::Arc;

/// Most words that a search marks.
const MOST_FOUND: usize = 200;

/// A map that is there, perhaps still moving.
#[derive(Debug, Clone)]
struct Made {
    /// The set it is of.
    number: u64,
    /// What it was made with.
    setup: Setup,
    /// Each point's place in the set.
    words: Arc<[u32]>,
    positions: Arc<[[f32; 3]]>,
    explained: Vec<f64>,
    kl: Option<f64>,
    angle: Option<f32>,
    /// Steps made, and in all.
    steps: [usize; 2],
}

/// A map on its way.
#[derive(Debug)]
struct Making {
    job: Job<Message>,
    label: String,
    fraction: Option<f32>,
    made: Made,
    stopping: bool,
}

/// Where the words of the map stand along a direction.
#[derive(Debug)]
struct Shaded {
    pair: Pair,
    words: Arc<[u32]>,
    /// `None` where the pair has no direction.
    values: Option<Vec<f32>>,
    /// The value at either end of the scale of colours.
    most: f32,
}

/// A colouring on its way.
#[derive(Debug)]
struct Shading {
    job: Job<Result<Vec<f32>>>,
    pair: Pair,
    words: Arc<[u32]>,
}

/// The state of this view.
#[derive(Debug, Default)]
pub(super) struct MapView {
    setup: Setup,
    scatter: ScatterState,
    made: Option<Made>,
    making: Option<Making>,
    /// The set and the setup that failed last, so that they are not tried in every frame.
    refused: Option<(u64, Setup)>,
    /// Differs whenever what is drawn does.
    version: u64,
    shaded: Option<Shaded>,
    shading: Option<Shading>,
    /// The words around the last ones looked at: place in the set, neighbours.
    around: Vec<(usize, Vec<Neighbour>)>,
    looking: Option<Job<(usize, Vec<Neighbour>)>>,
    hovered: Option<usize>,
    /// The point that was clicked, and its neighbours on the map.
    chosen: Option<usize>,
    lit: Vec<u32>,
    /// What is searched for, and the points found.
    search: String,
    found: Vec<u32>,
    search_stale: bool,
    /// What the lasso holds.
    selected: Vec<u32>,
    /// Whether this view was ever shown: until then it makes nothing.
    shown: bool,
}

impl MapView {
    fn start(&mut self, desk: &Desk, cx: &mut TabContext<'_>) {
        let Some(space) = desk.sets.space() else {
            return;
        };
        let setup = self.setup.clone();
        let wake = Arc::clone(&cx.wake);
        match making::lay_out(space.clone(), setup.clone(), cx.compute, wake) {
            Ok(job) => {
                self.making = Some(Making {
                    job,
                    label: "Taking the vectors".into(),
                    fraction: None,
                    stopping: false,
                    made: Made {
                        number: desk.sets.number(),
                        setup,
                        words: Arc::new([]),
                        positions: Arc::new([]),
                        explained: Vec::new(),
                        kl: None,
                        angle: None,
                        steps: [0, 0],
                    },
                });
            }
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    /// Whether the map on the screen is the one that was asked for.
    fn is_up_to_date(&self, desk: &Desk) -> bool {
        let number = desk.sets.number();
        let is_same = |of: u64, setup: &Setup| of == number && same_map(setup, &self.setup);
        let made = self.made.as_ref();
        made.is_some_and(|made| is_same(made.number, &made.setup))
            || self.refused.as_ref().is_some_and(|(of, s)| is_same(*of, s))
    }

    /// What is quick is made at once when it is asked for; t-SNE and UMAP wait for Run.
    fn follow(&mut self, desk: &Desk, cx: &mut TabContext<'_>) {
        let quick = matches!(self.setup.layout, Layout::Pca | Layout::Own);
        let other_set = (self.made.as_ref()).is_none_or(|made| made.number != desk.sets.number());
        if self.making.is_none() && !self.is_up_to_date(desk) && (quick || other_set) {
            self.start(desk, cx);
        }
    }

    /// Draws this map from now on.
    fn show_made(&mut self, made: Made) {
        let before = self.made.as_ref();
        let same_words = before.is_some_and(|before| {
            before.number == made.number && Arc::ptr_eq(&before.words, &made.words)
        });
        let same_kind = before.is_some_and(|before| {
            before.setup.solid == made.setup.solid && before.setup.layout == made.setup.layout
        });
        if !same_kind {
            self.scatter.fit();
        }
        self.made = Some(made);
        self.version += 1;
        if !same_words {
            self.chosen = None;
            self.lit.clear();
            self.selected.clear();
            self.around.clear();
            self.hovered = None;
            self.found.clear();
            self.search_stale = true;
        }
    }

    /// Finds what is searched for among the words of the map: the word itself, then those that begin
    /// with it.
    fn find(&mut self, space: &Space) {
        let wanted = self.search.trim().to_lowercase();
        self.found.clear();
        let Some(made) = self.made.as_ref().filter(|_| !wanted.is_empty()) else {
            return;
        };
        let word = |i: &u32| space.vectors().word(*i as usize).to_lowercase();
        let matches = |test: &dyn Fn(&str) -> bool| {
            let points = made.words.iter().zip(0_u32..);
            let found = points.filter(|(i, _)| test(&word(i)));
            found.map(|(_, point)| point).take(MOST_FOUND).collect()
        };
        let mut found: Vec<u32> = matches(&|word| word == wanted);
        let begins: Vec<u32> = matches(&|word| word.starts_with(&wanted) && word != wanted);
        found.extend(begins);
        found.truncate(MOST_FOUND);
        self.found = found;
    }

    /// The place in the set of a point.
    fn place(&self, point: usize) -> Option<usize> {
        let made = self.made.as_ref()?;
        made.words.get(point).map(|&i| i as usize)
    }

    /// What is known around a place of the set.
    fn near(&self, place: usize) -> Option<&[Neighbour]> {
        let found = self.around.iter().find(|(of, _)| *of == place);
        found.map(|(_, near)| near.as_slice())
    }

    fn stop(&mut self) {
        if let Some(making) = &mut self.making {
            making.job.stop();
            making.stopping = true;
        }
    }
}

/// Whether two setups make the same map; colours are no part of it.
fn same_map(a: &Setup, b: &Setup) -> bool {
    let plain = |setup: &Setup| Setup {
        colored: false,
        color: Pair::default(),
        ..setup.clone()
    };
    plain(a) == plain(b)
}

impl View<Desk> for MapView {
    fn poll(&mut self, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.poll_making(cx);
        if !self.shown {
            return;
        }
        self.follow(desk, cx);
        self.follow_shade(desk, cx);
        self.follow_around(desk, cx);
        if self.search_stale
            && let Some(space) = desk.sets.space()
        {
            self.search_stale = false;
            self.find(space);
        }
    }

    fn title(&self, _desk: &Desk) -> String {
        let Some(made) = &self.made else {
            return "The map of the words".into();
        };
        let n = grouped(made.words.len());
        match made.setup.layout {
            Layout::Pca => {
                let share: f64 = made.explained.iter().sum::<f64>() * 100.0;
                format!("{n} words by PCA: {share:.1} % of the variance")
            }
            Layout::Own => format!("{n} words along axes of your own"),
            layout => {
                let [at, all] = made.steps.map(grouped);
                format!("{n} words by {}, step {at} of {all}", layout.label())
            }
        }
    }

    fn stage(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        self.shown = true;
        desk.sets.need(cx);
        stage::show(self, ui, desk, cx);
    }

    fn bench(&mut self, ui: &mut Ui, desk: &mut Desk, cx: &mut TabContext<'_>) {
        bench::show(self, ui, desk, cx);
    }

    fn status(&self, desk: &Desk) -> Vec<StatusItem> {
        let Some(space) = desk.sets.space() else {
            return Vec::new();
        };
        let vectors = space.vectors();
        vec![StatusItem {
            label: "vectors".into(),
            value: format!(
                "{}, {} × {}",
                vectors.name(),
                grouped(vectors.len()),
                vectors.width()
            ),
            tooltip: vectors.source().to_owned(),
        }]
    }

    fn progress(&self) -> Option<Progress> {
        let making = self.making.as_ref()?;
        Some(Progress {
            label: making.label.clone(),
            fraction: making.fraction,
        })
    }

    fn run_words(&self) -> Option<[&'static str; 2]> {
        Some([
            "Lay out",
            "Lay the words out anew with what the controls say.",
        ])
    }

    fn can(&self, command: Command, desk: &Desk) -> bool {
        match command {
            Command::Run => self.making.is_none() && desk.sets.space().is_some(),
            Command::Stop => self.making.is_some(),
            _ => false,
        }
    }

    fn command(&mut self, command: Command, desk: &mut Desk, cx: &mut TabContext<'_>) {
        match command {
            Command::Run => self.start(desk, cx),
            Command::Stop => self.stop(),
            _ => {}
        }
    }

    fn accepts(&self, card: &Card) -> Option<String> {
        let takes = card.kind == "word vectors";
        takes.then(|| "map its words".into())
    }

    fn open(&mut self, path: PathBuf, desk: &mut Desk, cx: &mut TabContext<'_>) {
        desk.sets.open(path, cx);
    }

    fn save(&self) -> Value {
        serde_json::to_value(&self.setup).unwrap_or_default()
    }

    fn restore(&mut self, saved: &Value) {
        if let Ok(setup) = serde_json::from_value(saved.clone()) {
            self.setup = setup;
        }
    }
}
