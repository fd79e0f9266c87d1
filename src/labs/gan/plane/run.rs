//! Playing: turns at a speed, with what a person presses and sets meanwhile.

use super::session::{Anew, Session};
use super::settings::{Player, Settings};
use super::state::{State, WeightAt};
use super::{Event, Turn};
use crate::refusal::Refusal;
use std::ops::ControlFlow;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// At most so many turns a second are shown.
const SHOWN_PER_SEC: f64 = 60.0;
/// So long at most between two events.
const PATIENCE: Duration = Duration::from_millis(100);

/// How fast turns follow each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Speed {
    /// So many turns a second.
    PerSecond(f32),
    /// One after the other, without waiting.
    AsFastAsItCan,
}

/// What a person asks for once.
#[derive(Debug, Clone, PartialEq)]
pub enum Press {
    /// One step of one network.
    Step(Player),
    /// One turn: the steps of both.
    Turn,
    /// A weight is typed.
    Edit(WeightAt, f32),
    /// Go back to a state, or on from it. With other settings this is a branch.
    GoTo(Arc<State>),
    /// Both networks start anew, from the settings' seed.
    Restart,
}

#[derive(Debug)]
struct Inside {
    settings: Settings,
    /// Settings changed since they were last taken.
    changed: bool,
    presses: Vec<Press>,
    speed: Speed,
    playing: bool,
}

/// What the window sets and presses, and playing reads. Everything here returns at once.
#[derive(Debug)]
pub struct Controls {
    inside: Mutex<Inside>,
    news: Condvar,
}

impl Controls {
    /// Paused, at 60 turns a second; the first run shows the state it starts from.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            inside: Mutex::new(Inside {
                settings,
                changed: true,
                presses: Vec::new(),
                speed: Speed::PerSecond(60.0),
                playing: false,
            }),
            news: Condvar::new(),
        }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        // Nothing between lock and unlock can fail half-way, so a poisoned lock is still sound.
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The settings as they were last set.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.inside().settings.clone()
    }

    /// Sets everything; it holds from the next turn on.
    pub fn set(&self, settings: Settings) {
        let mut inside = self.inside();
        if inside.settings != settings {
            inside.settings = settings;
            inside.changed = true;
            self.news.notify_all();
        }
    }

    /// Asks for something once.
    pub fn press(&self, press: Press) {
        self.inside().presses.push(press);
        self.news.notify_all();
    }

    /// The speed while playing.
    #[must_use]
    pub fn speed(&self) -> Speed {
        self.inside().speed
    }

    /// Sets the speed.
    pub fn set_speed(&self, speed: Speed) {
        self.inside().speed = speed;
        self.news.notify_all();
    }

    /// Whether it plays, or will when it runs.
    #[must_use]
    pub fn is_playing(&self) -> bool {
        self.inside().playing
    }

    /// Play, or pause.
    pub fn play(&self, playing: bool) {
        self.inside().playing = playing;
        self.news.notify_all();
    }

    /// Whether [`run`] has something to do: where it is and nothing runs, the window starts it.
    #[must_use]
    pub fn has_work(&self) -> bool {
        let inside = self.inside();
        inside.playing || inside.changed || !inside.presses.is_empty()
    }
}

/// Plays from `state`, or from the start where there is none, until it is paused and everything pressed
/// is done, or until `emit` says stop. Each turn shown is emitted, the last one always; a turn that
/// follows within a sixtieth of a second is done but not shown. Returns what it ended with.
pub fn run(
    state: Option<Arc<State>>,
    controls: &Controls,
    emit: &mut dyn FnMut(Event) -> ControlFlow<()>,
) -> Arc<State> {
    let settings = controls.settings();
    let (session, anew) = match state {
        Some(state) => Session::from_state(&settings, state),
        None => (Session::new(&settings), Vec::new()),
    };
    let mut playing = Playing {
        session,
        shown_at: None,
        due: Instant::now(),
        speed: None,
        pace: Pace::default(),
    };
    // Stop arrives as a break out of emit; the state is what it is then.
    let _ = Playing::tell(anew, emit);
    while playing.next(controls, emit).is_continue() {}
    playing.session.state()
}

struct Playing {
    session: Session,
    /// When a turn was last shown; none where what is shown is not what is.
    shown_at: Option<Instant>,
    /// When the next turn is due, at the speed of the last one.
    due: Instant,
    speed: Option<Speed>,
    pace: Pace,
}

type Emit<'a> = &'a mut dyn FnMut(Event) -> ControlFlow<()>;

impl Playing {
    /// Does what is due next; breaks where there is nothing left.
    fn next(&mut self, controls: &Controls, emit: Emit<'_>) -> ControlFlow<()> {
        let mut inside = controls.inside();
        let settings = std::mem::take(&mut inside.changed).then(|| inside.settings.clone());
        let presses = std::mem::take(&mut inside.presses);
        let (is_playing, speed) = (inside.playing, inside.speed);
        drop(inside);

        if let Some(settings) = settings {
            let anew = self.session.set(&settings);
            Self::tell(anew, emit)?;
            self.shown_at = None;
        }
        for press in presses {
            if let Err(refusal) = self.press(press, controls, emit)? {
                controls.play(false);
                self.show(emit)?;
                emit(Event::Trouble(refusal))?;
            }
            self.shown_at = None;
        }
        if !is_playing {
            self.pace = Pace::default();
            self.due = Instant::now();
            if self.shown_at.is_none() {
                return self.show(emit);
            }
            return if controls.has_work() {
                ControlFlow::Continue(())
            } else {
                ControlFlow::Break(())
            };
        }
        let now = Instant::now();
        if self.speed.replace(speed) != Some(speed) {
            self.due = now;
            self.pace = Pace::default();
        }
        if let Speed::PerSecond(per_sec) = speed {
            if now < self.due {
                return self.wait(controls, now, emit);
            }
            let secs = 1.0 / f64::from(per_sec).clamp(0.01, 10_000.0);
            // Being late is made up for, but not more than a tenth of a second of it.
            let earliest = now.checked_sub(PATIENCE).unwrap_or(now);
            self.due = self.due.max(earliest) + Duration::from_secs_f64(secs);
        }
        if let Err(refusal) = self.session.turn() {
            controls.play(false);
            self.show(emit)?;
            return emit(Event::Trouble(refusal));
        }
        self.pace.turn(now);
        let rested = self
            .shown_at
            .is_none_or(|at| at.elapsed().as_secs_f64() >= 1.0 / SHOWN_PER_SEC);
        if rested {
            self.show(emit)
        } else {
            self.unshown(controls, emit)
        }
    }

    /// A turn that comes too soon after the last one shown is shown only when no other follows.
    fn unshown(&mut self, controls: &Controls, emit: Emit<'_>) -> ControlFlow<()> {
        if controls.is_playing() {
            return ControlFlow::Continue(());
        }
        self.show(emit)
    }

    fn press(
        &mut self,
        press: Press,
        controls: &Controls,
        emit: Emit<'_>,
    ) -> ControlFlow<(), Result<(), Refusal>> {
        let done = match press {
            Press::Step(player) => self.session.step(player),
            Press::Turn => self.session.turn(),
            Press::Edit(at, value) => self.session.edit(at, value),
            Press::GoTo(state) => {
                let anew = self.session.go_to(state);
                Self::tell(anew, emit)?;
                Ok(())
            }
            Press::Restart => {
                self.session = Session::new(&controls.settings());
                Ok(())
            }
        };
        ControlFlow::Continue(done)
    }

    fn wait(&self, controls: &Controls, now: Instant, emit: Emit<'_>) -> ControlFlow<()> {
        let inside = controls.inside();
        let other_speed = self.speed != Some(inside.speed);
        let news = inside.changed || !inside.presses.is_empty() || !inside.playing || other_speed;
        if !news {
            let time = self.due.saturating_duration_since(now).min(PATIENCE);
            // Woken by news or by time: the next round looks at both.
            drop(controls.news.wait_timeout(inside, time));
        }
        if now.elapsed() >= PATIENCE / 2 {
            emit(Event::Working)
        } else {
            ControlFlow::Continue(())
        }
    }

    fn tell(anew: Vec<Anew>, emit: Emit<'_>) -> ControlFlow<()> {
        for (player, why) in anew {
            emit(Event::Anew { player, why })?;
        }
        ControlFlow::Continue(())
    }

    fn show(&mut self, emit: Emit<'_>) -> ControlFlow<()> {
        self.shown_at = Some(Instant::now());
        match self.session.look(&self.session.state()) {
            Ok(turn) => emit(Event::Turn {
                turn: Box::<Turn>::new(turn),
                turns_per_sec: self.pace.per_sec(),
                last: self.session.last_steps(),
            }),
            Err(refusal) => emit(Event::Trouble(refusal)),
        }
    }
}

/// Turns a second, over the last second.
#[derive(Debug, Default)]
struct Pace {
    since: Option<Instant>,
    n: u32,
    per_sec: f32,
}

impl Pace {
    fn turn(&mut self, now: Instant) {
        let since = *self.since.get_or_insert(now);
        self.n += 1;
        let secs = now.duration_since(since).as_secs_f32();
        if secs >= 1.0 {
            self.per_sec = (self.n - 1) as f32 / secs;
            (self.since, self.n) = (Some(now), 1);
        }
    }

    fn per_sec(&self) -> f32 {
        self.per_sec
    }
}
