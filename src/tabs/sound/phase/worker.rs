//! The thread that tries the phases of the stretch that was asked for last.

use crate::labs::sound::Sound;
use crate::labs::sound::phase::{Event, Settings, run};
use crate::refusal::Result;
use crate::tabs::TabContext;
use crate::tabs::latest::Latest;
use std::ops::ControlFlow;

/// The worker of this view.
pub(super) type Worker = Latest<(), (Sound, Asked), Answer>;

/// What is tried.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    /// The sound's number on the desk.
    pub(super) number: u64,
    /// From where to where.
    pub(super) secs: [f64; 2],
    pub(super) settings: Settings,
}

/// What came of it so far.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) asked: Asked,
    /// The sound's name.
    pub(super) name: String,
    pub(super) what: What,
}

#[derive(Debug)]
pub(super) enum What {
    Event(Event),
    Ended(Result<()>),
}

/// Starts the worker. What has been overtaken by another wish ends at its next step.
pub(super) fn start(cx: &TabContext<'_>) -> Result<Worker> {
    Latest::spawn(
        "phases",
        cx,
        |(), (sound, asked): (Sound, Asked), is_stale, emit| {
            let answer = |what| Answer {
                asked: asked.clone(),
                name: sound.name().to_owned(),
                what,
            };
            let mut flow = ControlFlow::Continue(());
            let [from, to] = asked.secs;
            let ended = run(&sound, from..to, &asked.settings, &mut |event| {
                flow = emit(answer(What::Event(event)));
                if is_stale() {
                    return ControlFlow::Break(());
                }
                flow
            });
            if flow.is_continue() && !is_stale() {
                flow = emit(answer(What::Ended(ended)));
            }
            flow
        },
    )
}
