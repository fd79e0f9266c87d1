//! What follows from what a person does, and from what the maker tells.

use super::maker::{Event, Wish};
use super::pages::{Page, PageEvent};
use super::recipe::Recipe;
use super::ways::Way;
use super::{StepsView, grid, words};
use crate::labs::diffusion::Denoiser;
use crate::labs::diffusion::captions::Attribute;
use crate::tabs::images::views::Desk;
use crate::tabs::{Notice, TabContext};
use eframe::egui::Ui;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Longer ways do not wait for their end before they are shown.
const MOST_HELD: usize = 60;

impl StepsView {
    /// Goes the way on the stage anew; `hold` keeps what is there until the new one is complete.
    pub(super) fn draw(&mut self, is_draft: bool, hold: bool) {
        self.owes = is_draft;
        self.is_stopped = false;
        let hold = hold
            && self.way().take.end.is_some()
            && (is_draft || self.way().recipe.settings.n_steps <= MOST_HELD);
        let wish = Wish::way(self.shown, self.way(), is_draft, hold);
        self.maker.wish(wish);
    }

    /// The recipe was changed on the bench. While the pointer is down, a draft of few steps follows it.
    pub(super) fn changed(&mut self, before: &Recipe, is_dragged: bool) {
        let Some(denoiser) = &self.denoiser else {
            return;
        };
        let attributes = &denoiser.about().attributes;
        let now = &self.way().recipe;
        if now.makes_the_same(before, attributes) {
            return;
        }
        let is_slid =
            now.settings.guidance != before.settings.guidance || now.share != before.share;
        // Another seed or other steps are another film: it is shown from its first step.
        let same_film = now.seed == before.seed
            && now.settings.n_steps == before.settings.n_steps
            && now.settings.sampler == before.settings.sampler;
        self.draw(is_dragged && is_slid, same_film);
    }

    /// The pointer was let go: what followed it in few steps is now done in all.
    pub(super) fn pay(&mut self, ui: &Ui) {
        if self.owes && !ui.input(|input| input.pointer.any_down()) {
            self.draw(false, true);
        }
    }

    /// Run: on with what is missing, or a new picture; Stop while something runs.
    pub(super) fn press_run(&mut self) {
        if self.maker.is_busy() {
            self.maker.stop();
            self.owes = false;
            self.is_stopped = true;
            self.way_mut().give_up();
        } else if self.page == Page::Grid {
            self.is_stopped = false;
            self.draw_grid();
        } else {
            if self.way().take.end.is_some() {
                let seed = &mut self.way_mut().recipe.seed;
                *seed = seed.wrapping_add(1);
            }
            self.draw(false, false);
        }
    }

    /// Another way leaves this one at the step on the stage.
    pub(super) fn branch(&mut self) {
        let frame = self.way().frame();
        if let Some(branch) = self.way().branch_at(frame) {
            self.ways.push(branch);
            self.shown = self.ways.len() - 1;
            self.page = Page::Film;
        }
    }

    /// Throws everything away and begins with a recipe.
    pub(super) fn begin(&mut self, recipe: Recipe) {
        self.maker.stop();
        self.ways = vec![Way::new(recipe)];
        self.shown = 0;
        self.explaining.close();
        self.is_stopped = false;
        self.owes = false;
    }

    /// The model, once it is there; with another one everything begins anew.
    pub(super) fn need(
        &mut self,
        desk: &mut Desk,
        cx: &mut TabContext<'_>,
    ) -> Option<Arc<Denoiser>> {
        let denoiser = desk.model.need(cx)?;
        if self.model != desk.model.number() {
            self.model = desk.model.number();
            self.side = denoiser.about().side;
            let mut recipe = self.way().recipe.clone();
            if !fits(&recipe, &denoiser.about().attributes) {
                recipe.caption = words::some_caption(&denoiser.about().attributes);
                recipe.second.clear();
            }
            self.begin(recipe);
            self.samplers.forget();
            self.grid = grid::Grid::default();
            self.denoiser = Some(Arc::clone(&denoiser));
        }
        let has_none = self.way().take.n_frames() == 0;
        if has_none && !self.maker.is_busy() && !self.is_stopped {
            self.draw(false, false);
        }
        Some(denoiser)
    }

    pub(super) fn hear(&mut self, event: Event, cx: &mut TabContext<'_>) {
        let mut id = || {
            self.n_ids += 1;
            self.n_ids
        };
        match event {
            Event::Begun {
                at,
                n_steps,
                recipe,
                hold,
            } => {
                self.ways[at].begin(n_steps, recipe, hold);
                let ways = &self.ways;
                let all = ways.iter().flat_map(|way| {
                    let n = way.take.n_frames();
                    (0..n).filter_map(|frame| way.take.id(frame))
                });
                let all: BTreeSet<u64> = all.collect();
                self.sheets.keep(|id| all.contains(&id));
            }
            Event::Step(at, step) => {
                let id = id();
                self.ways[at].push(id, step);
            }
            Event::Tick(_) => {}
            Event::Finished { at, picture, secs } => {
                let id = id();
                self.ways[at].finish(id, picture, secs);
                self.ask_again(at);
            }
            Event::Read(at, readings) => self.ways[at].take.readings = readings,
            Event::Page(PageEvent::Sampled(i, sampled)) => self.samplers.take(i, sampled),
            Event::Page(PageEvent::Row(i, sheet)) => self.grid.take(i, sheet),
            Event::Trouble(refusal) => {
                self.is_stopped = true;
                cx.notices.push(Notice::Refused(refusal));
            }
        }
    }
}

/// Whether a caption says anything to a model.
fn fits(recipe: &Recipe, attributes: &[Attribute]) -> bool {
    let parsed = recipe.parsed(attributes);
    parsed.words.is_empty() || parsed.words.iter().any(|word| word.meaning.is_some())
}
