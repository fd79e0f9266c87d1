//! What the transformer expects after the same text, asked by a worker that does the newest wish.

use crate::labs::ngrams::{Expected, expects};
use crate::labs::text::LoadedText;
use crate::refusal::{Refusal, Result};
use crate::tabs::latest::Latest;
use crate::tabs::text::views::Desk;
use crate::tabs::{Notice, TabContext};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Where an answer is wanted: there is one place.
type Place = ();

/// A model and a text.
type Wish = (Arc<LoadedText>, String);

type Answer = (Wish, Result<Option<Expected>>);

/// What was asked and what was answered.
#[derive(Debug, Default)]
pub(super) struct Beside {
    worker: Option<Latest<Place, Wish, Answer>>,
    asked: Option<Wish>,
    answer: Option<(Wish, Result<Expected>)>,
}

fn is_same(a: &Wish, b: &Wish) -> bool {
    Arc::ptr_eq(&a.0, &b.0) && a.1 == b.1
}

impl Beside {
    /// The answer for this text of this model.
    pub(super) fn answer(
        &self,
        desk: &Desk,
        text: &str,
    ) -> Option<&std::result::Result<Expected, Refusal>> {
        let loaded = desk.model.current()?;
        let (wish, answer) = self.answer.as_ref()?;
        (Arc::ptr_eq(&wish.0, loaded) && wish.1 == text).then_some(answer)
    }

    /// Takes what was answered and asks for `text`, if one is wanted.
    pub(super) fn poll(&mut self, text: Option<&str>, desk: &Desk, cx: &mut TabContext<'_>) {
        if let Some(worker) = &mut self.worker {
            for (wish, answer) in worker.job.poll() {
                match answer.transpose() {
                    Some(answer) => self.answer = Some((wish, answer)),
                    // It was overtaken; if it is wanted still, it is asked for again.
                    None if self
                        .asked
                        .as_ref()
                        .is_some_and(|asked| is_same(asked, &wish)) =>
                    {
                        self.asked = None;
                    }
                    None => {}
                }
            }
            if let Some(refusal) = worker.job.take_failure() {
                cx.notices.push(Notice::Refused(refusal));
            }
        }
        let (Some(text), Some(loaded)) = (text, desk.model.current()) else {
            return;
        };
        let wish = (Arc::clone(loaded), text.to_owned());
        if self
            .asked
            .as_ref()
            .is_some_and(|asked| is_same(asked, &wish))
        {
            return;
        }
        if self.worker.is_none() {
            let worker = Latest::spawn(
                "ask the transformer",
                cx,
                |(), wish: Wish, is_stale, emit| {
                    let mut go_on = || {
                        if is_stale() {
                            ControlFlow::Break(())
                        } else {
                            ControlFlow::Continue(())
                        }
                    };
                    let answer = expects(&wish.0, &wish.1, &mut go_on);
                    emit((wish, answer))
                },
            );
            match worker {
                Ok(worker) => self.worker = Some(worker),
                Err(refusal) => self.answer = Some((wish.clone(), Err(refusal))),
            }
        }
        if let Some(worker) = &self.worker {
            worker.wish((), wish.clone());
        }
        self.asked = Some(wish);
    }
}
