//! An output is pulled out while a sound plays, and another one is plugged in.

use super::device::{Card, Output, OutputChoice, Outputs, Shared, Stream, hear};
use super::reader::Reader;
use super::{Clip, Phase, Speaker, Start};
use crate::jobs::ring::Ring;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

const RATE_HZ: u32 = 1000;

/// The socket for loudspeakers that a test plugs and unplugs; the test itself is the card's clock.
#[derive(Clone, Default)]
struct Socket(Arc<Mutex<Plugged>>);

#[derive(Default)]
struct Plugged {
    /// The name of what is plugged in.
    card: Option<&'static str>,
    /// What the card that plays calls for the next frames.
    reader: Option<Reader>,
    shared: Option<Arc<Shared>>,
    /// How often a card was looked for.
    n_asked: usize,
}

struct FakeCard(Socket, Output);

struct FakeStream(Socket);

impl Stream for FakeStream {}

impl Drop for FakeStream {
    fn drop(&mut self) {
        self.0.0.lock().unwrap().reader = None;
    }
}

impl Outputs for Socket {
    fn describe(&self, _: Option<&str>) -> Result<Output, String> {
        let name = self.0.lock().unwrap().card.ok_or("nothing is plugged in")?;
        Ok(Output {
            name: name.into(),
            sample_rate_hz: RATE_HZ,
            n_channels: 1,
        })
    }

    fn list(&self) -> Vec<OutputChoice> {
        Vec::new()
    }

    fn ask(&self, id: Option<&str>, _: u32) -> Result<Box<dyn Card>, String> {
        self.0.lock().unwrap().n_asked += 1;
        Ok(Box::new(FakeCard(self.clone(), self.describe(id)?)))
    }
}

impl Card for FakeCard {
    fn output(&self) -> &Output {
        &self.1
    }

    fn start(&self, ring: &Arc<Ring>, shared: &Arc<Shared>) -> Result<Box<dyn Stream>, String> {
        let mut plugged = self.0.0.lock().unwrap();
        plugged.reader = Some(Reader::new(ring, shared));
        plugged.shared = Some(Arc::clone(shared));
        drop(plugged);
        Ok(Box::new(FakeStream(self.0.clone())))
    }
}

impl Socket {
    fn plug(&self, name: &'static str) {
        self.0.lock().unwrap().card = Some(name);
    }

    /// What the system tells when a cable is pulled.
    fn unplug(&self) {
        let mut plugged = self.0.lock().unwrap();
        plugged.card = None;
        let error = cpal::Error::new(cpal::ErrorKind::DeviceNotAvailable);
        hear(plugged.shared.as_ref().unwrap(), &error);
    }

    /// The card takes `n` frames.
    fn take(&self, n: usize) -> Vec<f32> {
        let mut out = vec![9.0; n];
        self.0
            .lock()
            .unwrap()
            .reader
            .as_mut()
            .unwrap()
            .fill(&mut out);
        out
    }
}

/// Waits for what another thread will do soon.
fn until(what: &str, is_so: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_mins(1), "{what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn pulled_out_it_keeps_its_place_and_goes_on_with_the_next_frame_in_another_output() {
    let socket = Socket::default();
    socket.plug("Headphones");
    let speaker = Speaker::on(Box::new(socket.clone()), Arc::new(|| {})).unwrap();
    let samples: Vec<f32> = (1..=600).map(|i| i as f32 / 600.0).collect();
    let clip = Arc::new(Clip::mono(samples.clone(), RATE_HZ));
    speaker.play(clip, Start::default());
    until("it plays", || speaker.status().phase == Phase::Playing);
    let mut heard = socket.take(200);

    socket.unplug();
    until("it waits", || speaker.status().phase == Phase::Waiting);
    // It looks again in vain, and still says which output is gone.
    let n_asked = socket.0.lock().unwrap().n_asked;
    until("it looks again", || {
        socket.0.lock().unwrap().n_asked > n_asked + 1
    });
    let status = speaker.status();
    let trouble = status.trouble.unwrap();
    assert!(trouble.contains("“Headphones” is gone"), "{trouble}");
    assert!(status.output.is_none());

    socket.plug("Loudspeakers");
    until("it goes on", || speaker.status().phase == Phase::Playing);
    let status = speaker.status();
    assert_eq!(status.output.unwrap().name, "Loudspeakers");
    assert_eq!(status.trouble, None);
    heard.extend(socket.take(400));
    assert_eq!(heard, samples);
    until("it ends", || speaker.status().phase == Phase::Ended);
}

#[test]
fn pulled_out_while_paused_it_waits_for_the_person() {
    let socket = Socket::default();
    socket.plug("Headphones");
    let speaker = Speaker::on(Box::new(socket.clone()), Arc::new(|| {})).unwrap();
    speaker.play(
        Arc::new(Clip::mono(vec![0.5; 600], RATE_HZ)),
        Start::default(),
    );
    until("it plays", || speaker.status().phase == Phase::Playing);
    socket.take(100);
    speaker.pause();
    until("it is paused", || speaker.status().phase == Phase::Paused);
    socket.unplug();
    socket.plug("Loudspeakers");
    speaker.resume();
    let plays_on = || {
        let status = speaker.status();
        let is_other = status.output.is_some_and(|it| it.name == "Loudspeakers");
        status.phase == Phase::Playing && is_other
    };
    until("it plays on the other one", plays_on);
    let rest = socket.take(600);
    assert_eq!(rest.iter().filter(|it| **it == 0.5).count(), 500);
}
