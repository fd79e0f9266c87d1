//! The speaker's thread: takes orders, keeps the ring full, opens the output and finds another one when
//! it is gone.

use super::device::{Outputs, Shared};
use super::feed::{Feed, Manner};
use super::open::Open;
use super::source::Source;
use super::{Phase, Start, Status};
use crate::jobs::Wake;
use std::ops::Range;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What the window wants.
pub(super) enum Order {
    Play(Arc<dyn Source>, Start),
    Replace(Arc<dyn Source>),
    Pause,
    Resume,
    Stop,
    Seek(f64),
    Loop(Option<Range<usize>>),
    Speed(f64),
    Choose(Option<String>),
    Look,
}

/// Frames brought to the device's rate at a time.
const FEED_FRAMES: usize = 1024;

/// How often the ring is filled up.
const FEED_EVERY: Duration = Duration::from_millis(5);

/// How often an output that is missing is looked for while a sound waits for it, and otherwise.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const LOOK_IDLE_EVERY: Duration = Duration::from_secs(10);

/// Silence that goes out before an output is let go of: what the device still holds is heard.
const LET_GO_AFTER: Duration = Duration::from_millis(250);

/// What plays, and how.
struct Playing {
    source: Arc<dyn Source>,
    manner: Manner,
}

/// The thread's own state.
pub(super) struct Feeding {
    outputs: Box<dyn Outputs>,
    shared: Arc<Shared>,
    status: Arc<Mutex<Status>>,
    wake: Wake,
    playing: Option<Playing>,
    /// Whether it is to be heard: as the last order said.
    phase: Phase,
    speed: f64,
    chosen: Option<String>,
    open: Option<Open>,
    last_looked: Instant,
    samples: Vec<f32>,
    places: Vec<f64>,
}

impl Feeding {
    pub(super) fn new(
        outputs: Box<dyn Outputs>,
        shared: Arc<Shared>,
        status: Arc<Mutex<Status>>,
        wake: Wake,
    ) -> Self {
        Self {
            outputs,
            shared,
            status,
            wake,
            playing: None,
            phase: Phase::Idle,
            speed: 1.0,
            chosen: None,
            open: None,
            last_looked: Instant::now(),
            samples: Vec::new(),
            places: Vec::new(),
        }
    }

    /// Until the speaker is dropped.
    pub(super) fn run(mut self, orders: &Receiver<Order>) {
        self.look();
        loop {
            let wait = if self.open.is_some() {
                FEED_EVERY
            } else {
                LOOK_EVERY
            };
            match orders.recv_timeout(wait) {
                Ok(order) => {
                    self.follow(order);
                    while let Ok(order) = orders.try_recv() {
                        self.follow(order);
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.look_if_missing(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
            self.mind_the_device();
            self.fill();
            self.let_go_if_quiet();
        }
    }

    fn follow(&mut self, order: Order) {
        match order {
            Order::Play(source, start) => {
                let looped = valid(start.looped, source.as_ref());
                let speed = self.speed;
                let manner = Manner { speed, looped };
                self.playing = Some(Playing { source, manner });
                self.set_place(start.from);
                self.begin(Phase::Playing);
            }
            Order::Replace(source) => {
                if let Some(playing) = &mut self.playing {
                    playing.manner.looped = valid(playing.manner.looped.take(), source.as_ref());
                    playing.source = source;
                    self.begin(self.phase);
                }
            }
            Order::Pause => {
                if matches!(self.phase, Phase::Playing | Phase::Waiting) {
                    self.set_phase(Phase::Paused);
                }
            }
            Order::Resume => {
                if self.phase == Phase::Ended {
                    self.set_place(0.0);
                }
                if self.playing.is_some() {
                    self.begin(Phase::Playing);
                }
            }
            Order::Stop => {
                self.playing = None;
                self.open = None;
                self.set_phase(Phase::Idle);
            }
            Order::Seek(frame) => {
                self.set_place(frame);
                let phase = match self.phase {
                    Phase::Ended => Phase::Paused,
                    phase => phase,
                };
                self.begin(phase);
            }
            Order::Loop(looped) => {
                if let Some(playing) = &mut self.playing {
                    playing.manner.looped = valid(looped, playing.source.as_ref());
                    self.begin(self.phase);
                }
            }
            Order::Speed(speed) => {
                self.speed = speed;
                if let Some(playing) = &mut self.playing {
                    playing.manner.speed = speed;
                    self.begin(self.phase);
                }
            }
            Order::Choose(id) => {
                self.chosen = id;
                self.open = None;
                self.look();
                self.begin(self.phase);
            }
            Order::Look => {
                self.look();
                let choices = self.outputs.list();
                self.tell(|status| status.choices = choices);
            }
        }
    }

    /// Plays what there is to play from where it is, in the manner of now. What was on its way to the
    /// device is thrown away.
    fn begin(&mut self, phase: Phase) {
        let Some(playing) = &self.playing else {
            self.set_phase(Phase::Idle);
            return;
        };
        if let Some(open) = &mut self.open {
            open.ring.skip_all();
            open.feed = None;
        }
        if !matches!(phase, Phase::Playing | Phase::Waiting) {
            self.set_phase(phase);
            return;
        }
        // An output is asked for the sound's own rate: another sound may mean another stream.
        let rate = playing.source.sample_rate_hz();
        if self.open.as_ref().is_none_or(|it| it.sound_rate_hz != rate) {
            self.open = None;
            match Open::ask(self.outputs.as_ref(), self.chosen.as_deref(), rate) {
                Ok(open) => self.open = Some(open),
                Err(why) => return self.wait_for_an_output(why),
            }
        }
        self.feed_from_here();
        // The ring is full before the device asks for the first frame.
        self.fill();
        self.shared.is_running.store(true, Ordering::Release);
        let Some(open) = &mut self.open else { return };
        if open.stream.is_none() {
            match open.card.start(&open.ring, &self.shared) {
                Ok(stream) => open.stream = Some(stream),
                Err(why) => return self.wait_for_an_output(why),
            }
        }
        let output = open.card.output().clone();
        self.tell(|status| {
            status.is_resampled = output.sample_rate_hz != rate;
            status.output = Some(output);
            status.trouble = None;
            status.has_looked = true;
        });
        self.set_phase(Phase::Playing);
    }

    /// Makes the feed from the place up to which the sound was heard.
    fn feed_from_here(&mut self) {
        let (Some(playing), Some(open)) = (&self.playing, &mut self.open) else {
            return;
        };
        let mut from = f64::from_bits(self.shared.went.load(Ordering::Acquire));
        if let Some(looped) = &playing.manner.looped
            && from >= looped.end as f64
        {
            from = looped.start as f64;
        }
        let rate_hz = open.card.output().sample_rate_hz;
        let step = playing.manner.speed * f64::from(open.sound_rate_hz) / f64::from(rate_hz);
        self.shared.step.store(step.to_bits(), Ordering::Relaxed);
        open.feed = Some(Feed::new(
            Arc::clone(&playing.source),
            playing.manner.clone(),
            from,
            rate_hz,
            open.ring.n_channels(),
        ));
        open.quiet_since = None;
        self.shared.is_last.store(false, Ordering::Release);
    }

    /// Fills the ring; ends the sound when all of it was heard.
    fn fill(&mut self) {
        let Some(open) = &mut self.open else { return };
        let Some(feed) = &mut open.feed else { return };
        while !feed.is_over() {
            let n = open.ring.room().min(FEED_FRAMES);
            feed.fill(n, &mut self.samples, &mut self.places);
            if feed.is_over() {
                self.shared.is_last.store(true, Ordering::Release);
            }
            open.ring.write(&self.samples, &self.places);
            if self.places.is_empty() {
                break;
            }
        }
        let is_heard = feed.is_over() && open.ring.is_drained();
        if is_heard && self.phase == Phase::Playing {
            open.feed = None;
            let n_frames = self.playing.as_ref().map_or(0, |it| it.source.n_frames());
            self.set_place(n_frames as f64);
            self.set_phase(Phase::Ended);
        }
    }

    /// Keeps the place and tries again until there is an output. Why it began to wait stays to be read:
    /// that an output is gone tells more than that, still, none was found.
    fn wait_for_an_output(&mut self, why: String) {
        self.open = None;
        let waits_already = self.phase == Phase::Waiting;
        self.tell(|status| {
            status.output = None;
            if !waits_already || status.trouble.is_none() {
                status.trouble = Some(why);
            }
            status.has_looked = true;
        });
        self.set_phase(Phase::Waiting);
    }

    /// Hears whether the device is gone.
    fn mind_the_device(&mut self) {
        let lost = self.shared.lost.lock();
        let lost = lost.unwrap_or_else(PoisonError::into_inner).take();
        let (Some(why), Some(open)) = (lost, &self.open) else {
            return;
        };
        let why = format!("“{}” is gone: {why}", open.card.output().name);
        if self.phase == Phase::Playing {
            self.wait_for_an_output(why);
        } else {
            self.open = None;
            self.look();
        }
    }

    /// Lets go of a device that has been quiet for a while: others may want it.
    fn let_go_if_quiet(&mut self) {
        let is_quiet = self.phase != Phase::Playing;
        let Some(open) = &mut self.open else { return };
        if !is_quiet {
            open.quiet_since = None;
        } else if open.quiet_since.get_or_insert_with(Instant::now).elapsed() > LET_GO_AFTER {
            self.open = None;
        }
    }

    /// Goes on where an output is there again, or finds out whether there is one at all.
    fn look_if_missing(&mut self) {
        if self.phase == Phase::Waiting {
            self.begin(Phase::Playing);
        } else if self.open.is_none() && self.last_looked.elapsed() > LOOK_IDLE_EVERY {
            self.look();
        }
    }

    /// Asks the chosen output whether it is there.
    fn look(&mut self) {
        if self.open.is_some() {
            return;
        }
        self.last_looked = Instant::now();
        let found = self.outputs.describe(self.chosen.as_deref());
        let chosen = self.chosen.clone();
        self.tell(|status| {
            status.chosen = chosen;
            status.has_looked = true;
            (status.output, status.trouble) = match found {
                Ok(output) => (Some(output), None),
                Err(why) => (None, Some(why)),
            };
        });
    }

    fn set_place(&self, frame: f64) {
        let frame = frame.max(0.0).to_bits();
        self.shared.place.store(frame, Ordering::Release);
        self.shared.went.store(frame, Ordering::Release);
    }

    fn set_phase(&mut self, phase: Phase) {
        self.phase = phase;
        let is_running = phase == Phase::Playing;
        self.shared.is_running.store(is_running, Ordering::Release);
        self.tell(|status| status.phase = phase);
    }

    /// Changes what the window reads, and wakes it where something is new.
    fn tell(&self, change: impl FnOnce(&mut Status)) {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner);
        let before = status.clone();
        change(&mut status);
        let is_new = *status != before;
        drop(status);
        if is_new {
            (self.wake)();
        }
    }
}

/// The loop as far as the sound goes; none where nothing of it is left.
fn valid(looped: Option<Range<usize>>, source: &dyn Source) -> Option<Range<usize>> {
    let looped = looped?;
    let looped = looped.start..looped.end.min(source.n_frames());
    (!looped.is_empty()).then_some(looped)
}
