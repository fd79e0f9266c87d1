//! The thread that looks at pictures and searches for their sounds; what was asked for last counts.

use crate::labs::sound::Sound;
use crate::labs::sound::pictures::{
    Heard, Looked, Params, Reading, Search, Source, Step, hear, look, of_sound,
};
use crate::refusal::Result;
use crate::tabs::TabContext;
use crate::tabs::latest::Latest;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

/// The worker of this view: pictures are taken before sounds are searched for.
pub(super) type Worker = Latest<Place, Wish, Answer>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Take,
    Hear,
}

/// Where a picture comes from.
#[derive(Debug)]
pub(super) enum From {
    File(PathBuf),
    /// A stretch of a sound.
    Sound(Sound, [f64; 2]),
}

#[derive(Debug)]
pub(super) enum Wish {
    Take(From),
    Hear(Arc<Taken>, Asked),
}

/// A picture on the stage.
#[derive(Debug)]
pub(super) struct Taken {
    /// Another picture has another number.
    pub(super) number: u64,
    pub(super) name: String,
    pub(super) looked: Looked,
}

/// How its sound is searched for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    pub(super) number: u64,
    pub(super) reading: Reading,
    pub(super) search: Search,
}

#[derive(Debug)]
pub(super) enum Answer {
    Taken(Result<(String, Looked)>),
    Step(Asked, Step),
    Heard(Asked, Box<Result<Heard>>),
}

/// Starts it.
pub(super) fn start(cx: &TabContext<'_>) -> Result<Worker> {
    Latest::spawn(
        "pictures to sound",
        cx,
        |_, wish, is_stale, emit| match wish {
            Wish::Take(from) => emit(Answer::Taken(take(from))),
            Wish::Hear(taken, asked) => {
                let mut flow = ControlFlow::Continue(());
                let (picture, name) = (&taken.looked.picture, &taken.name);
                let heard = hear(picture, name, &asked.reading, &asked.search, &mut |step| {
                    flow = emit(Answer::Step(asked.clone(), step));
                    if is_stale() {
                        return ControlFlow::Break(());
                    }
                    flow
                });
                if flow.is_continue() && !is_stale() {
                    flow = emit(Answer::Heard(asked, Box::new(heard)));
                }
                flow
            }
        },
    )
}

fn take(from: From) -> Result<(String, Looked)> {
    match from {
        From::File(path) => {
            let name = path.file_name().unwrap_or_default();
            Ok((name.to_string_lossy().into_owned(), look(&path)?))
        }
        From::Sound(sound, [begin, end]) => {
            let of = of_sound(&sound, begin..end, &Params::default())?;
            let looked = Looked {
                picture: of.picture,
                reading: Reading {
                    params: of.params,
                    largest: Some(of.largest),
                    white_is_loud: false,
                },
                source: Source::Tags,
            };
            Ok((format!("{} as a picture", sound.name()), looked))
        }
    }
}
