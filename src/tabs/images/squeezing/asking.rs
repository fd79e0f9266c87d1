//! What is asked of the network on the stage, and what came back.

use super::SqueezingView;
use super::studio::{Answer, Bytes, One, Place, Studio};
use crate::labs::autoencoder::compressed::{Equal, as_jpeg, compressed, rounded};
use crate::labs::autoencoder::map::{Map, map};
use crate::labs::autoencoder::mixing::{Mixed, mixed};
use crate::labs::autoencoder::{Pictures, Squeezer, fault};
use crate::refusal::Result;
use crate::tabs::{Notice, TabContext};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Pictures on the map.
const N_MAPPED: usize = 2000;
/// Steps of the way between two pictures, both ends included.
pub(super) const N_BETWEEN: usize = 33;
/// Held-out pictures that are compressed.
const N_COMPRESSED: usize = 100;

/// An answer, with what it answers.
#[derive(Debug)]
struct Known<T> {
    /// What was asked last: what it depends on.
    wished: Option<Key>,
    number: u64,
    /// What came back, with the number of its wish and what it was asked for.
    found: Option<(u64, Key, T)>,
}

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self {
            wished: None,
            number: 0,
            found: None,
        }
    }
}

/// What an answer depends on: the moment of a training, pictures, changes by hand.
type Key = [u64; 4];

/// All that was asked.
#[derive(Debug, Default)]
pub(super) struct Asked {
    one: Known<One>,
    between: Known<Mixed>,
    bytes: Known<Box<Bytes>>,
    map: Known<Arc<Map>>,
    n_wishes: u64,
}

impl<T> Known<T> {
    /// Takes an answer, if it is the one that was asked for last, or newer than what is there.
    fn take(&mut self, number: u64, answer: T) {
        let newest = self.found.as_ref().map_or(0, |(number, _, _)| *number);
        if let Some(key) = self
            .wished
            .filter(|_| number > newest && number == self.number)
        {
            self.found = Some((number, key, answer));
        }
    }

    fn get(&self) -> Option<&T> {
        self.found.as_ref().map(|(_, _, answer)| answer)
    }

    fn number(&self) -> u64 {
        self.found.as_ref().map_or(0, |(number, _, _)| *number)
    }

    fn is_of(&self, frame: u64) -> bool {
        self.found
            .as_ref()
            .is_some_and(|(_, key, _)| key[0] == frame)
    }
}

impl Asked {
    /// The picture, its code, and what comes back.
    pub(super) fn one(&self) -> Option<(u64, &One)> {
        Some((self.one.number(), self.one.get()?))
    }

    /// The way between two pictures.
    pub(super) fn between(&self) -> Option<(u64, &Mixed)> {
        Some((self.between.number(), self.between.get()?))
    }

    /// Bytes against JPEG's.
    pub(super) fn bytes(&self) -> Option<(u64, &Bytes)> {
        Some((self.bytes.number(), self.bytes.get()?))
    }

    /// All codes on a plane, and whether they are those of this moment of the training.
    pub(super) fn map(&self, frame: u64) -> Option<(&Arc<Map>, bool)> {
        Some((self.map.get()?, self.map.is_of(frame)))
    }

    /// Forgets what belongs to another network.
    fn forget_others(&mut self, d_code: usize, side: usize) {
        let is_other = |one: &One| one.code.len() != d_code || one.pictures.side != side;
        if self.one.get().is_some_and(is_other) {
            *self = Self {
                n_wishes: self.n_wishes,
                ..Self::default()
            };
        }
    }
}

/// What the network is asked with.
struct Ask {
    squeezer: Arc<Squeezer>,
    pictures: Arc<Pictures>,
    held_out: Arc<Vec<usize>>,
    frame: u64,
}

impl SqueezingView {
    fn ask(&self) -> Option<Ask> {
        let made = self.here()?;
        let (frame, prepared) = (made.here()?, made.prepared.as_ref()?);
        Some(Ask {
            squeezer: Arc::clone(&frame.squeezer),
            pictures: Arc::clone(&prepared.pictures),
            held_out: Arc::clone(&prepared.held_out),
            frame: frame.id,
        })
    }

    /// The next number of a wish.
    fn wish_number(&mut self) -> u64 {
        self.asked.n_wishes += 1;
        self.asked.n_wishes
    }

    /// Starts the worker where there is none.
    fn need_studio(&mut self, cx: &mut TabContext<'_>) {
        if self.studio.is_none() {
            match Studio::open(cx.compute, Arc::clone(&cx.wake)) {
                Ok(studio) => self.studio = Some(studio),
                Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
            }
        }
    }

    /// Wishes for what the stage shows, if it is not what was wished for last.
    pub(super) fn want(&mut self, place: Place, cx: &mut TabContext<'_>) {
        let Some(ask) = self.ask() else { return };
        self.need_studio(cx);
        let config = ask.squeezer.about().config;
        self.asked.forget_others(config.d_code, config.side);
        let (a, b) = (self.chosen(), self.other());
        let [a64, b64] = [a, b].map(|i| i as u64);
        let changes = self.by_hand.as_ref().map_or(0, |_| self.n_changes);
        let key = match place {
            Place::One | Place::Explain => [ask.frame, a64, changes, 0],
            Place::Between => [ask.frame, a64, b64, 0],
            Place::Bytes => [ask.frame, a64, 0, 0],
            Place::Map => [ask.frame, 0, 0, 0],
        };
        let number = self.asked.n_wishes + 1;
        let asked = &mut self.asked;
        let is_new = match place {
            Place::One | Place::Explain => asked.one.wish(key, number),
            Place::Between => asked.between.wish(key, number),
            Place::Bytes => asked.bytes.wish(key, number),
            Place::Map => asked.map.wish(key, number),
        };
        let Some(studio) = self.studio.as_ref().filter(|_| is_new) else {
            return;
        };
        asked.n_wishes = number;
        match place {
            Place::One | Place::Explain => {
                let by_hand = self.by_hand.clone().filter(|c| c.len() == config.d_code);
                studio.wish(Place::One, number, move |_| {
                    let one = squeezed(&ask, a, by_hand.clone())?;
                    Ok(Some(Answer::One(one)))
                });
            }
            Place::Between => studio.wish(place, number, move |_| {
                let ends = pair(&ask.pictures, a, b);
                let way = mixed(&ask.squeezer, &ends, N_BETWEEN)?;
                Ok(Some(Answer::Between(way)))
            }),
            Place::Bytes => studio.wish(place, number, move |go_on| {
                let bytes = in_bytes(&ask, a, go_on)?;
                Ok(bytes.map(Box::new).map(Answer::Bytes))
            }),
            Place::Map => studio.wish(place, number, move |go_on| {
                let every = (ask.pictures.len() / N_MAPPED).max(1);
                let chosen: Vec<usize> = (0..ask.pictures.len()).step_by(every).collect();
                let map = map(&ask.squeezer, &ask.pictures, &chosen, go_on)?;
                Ok(map.map(Arc::new).map(Answer::Map))
            }),
        }
    }

    /// Wishes to know where a number of the code comes from, or a colour of a pixel.
    pub(super) fn want_explained(
        &mut self,
        work: impl Fn(&Squeezer, &Pictures) -> Result<crate::labs::autoencoder::explain::Explained>
        + Send
        + Sync
        + 'static,
    ) -> u64 {
        let number = self.wish_number();
        if let (Some(ask), Some(studio)) = (self.ask(), &self.studio) {
            studio.wish(Place::Explain, number, move |_| {
                let found = work(&ask.squeezer, &ask.pictures)?;
                Ok(Some(Answer::Explain(found)))
            });
        }
        number
    }

    /// Takes what the worker found.
    pub(super) fn poll_studio(&mut self, cx: &mut TabContext<'_>) {
        let Some(studio) = &mut self.studio else {
            return;
        };
        let arrived = studio.job.poll();
        let failure = studio.job.take_failure();
        let is_over = !studio.job.is_running();
        for message in arrived {
            match message {
                Ok((number, Answer::One(one))) => self.asked.one.take(number, one),
                Ok((number, Answer::Between(way))) => self.asked.between.take(number, way),
                Ok((number, Answer::Bytes(bytes))) => self.asked.bytes.take(number, bytes),
                Ok((number, Answer::Map(map))) => self.asked.map.take(number, map),
                Ok((number, Answer::Explain(found))) => self.explaining.take(number, found),
                Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
            }
        }
        if is_over {
            self.studio = None;
            cx.notices.extend(failure.map(Notice::Refused));
        }
    }

    /// The code on the stage: made by hand, or what the encoder makes of the picture.
    pub(super) fn code(&self) -> Option<Vec<f32>> {
        let d_code = self.setup.d_code;
        let by_hand = self.by_hand.clone().filter(|code| code.len() == d_code);
        by_hand.or_else(|| self.asked.one().map(|(_, one)| one.code.clone()))
    }

    /// The attributes of a picture in words: "smiling, short black hair …" as value after value.
    pub(super) fn words_of(&self, picture: usize) -> String {
        let Some(made) = self.here() else {
            return String::new();
        };
        if made.own == Some(picture) {
            return self.keeping.own_name().unwrap_or_default();
        }
        let Some(prepared) = made.prepared.as_ref() else {
            return String::new();
        };
        let values = prepared.values.get(picture);
        let named = prepared.attributes.iter().zip(values.into_iter().flatten());
        let words = named.filter_map(|(attribute, &value)| {
            let word = attribute.values.get(value)?;
            let name = attribute.name.replace('_', " ");
            Some(match word.as_str() {
                "no" | "none" => return None,
                "yes" => name,
                _ if ["mood", "eyewear", "digit"].contains(&name.as_str()) => word.clone(),
                _ => format!("{word} {}", name.replace(" color", "")),
            })
        });
        words.collect::<Vec<_>>().join(", ")
    }
}

impl<T> Known<T> {
    /// Whether this was not wished for last; then it is now.
    fn wish(&mut self, key: Key, number: u64) -> bool {
        if self.wished == Some(key) {
            return false;
        }
        self.wished = Some(key);
        self.number = number;
        true
    }
}

/// A picture alone.
fn alone(pictures: &Pictures, i: usize) -> Pictures {
    Pictures {
        pixels: pictures.get(i).unwrap_or_default().to_vec(),
        ..*pictures
    }
}

fn pair(pictures: &Pictures, a: usize, b: usize) -> Pictures {
    let both = [a, b].map(|i| pictures.get(i).unwrap_or_default());
    Pictures {
        pixels: both.concat(),
        ..*pictures
    }
}

fn squeezed(ask: &Ask, i: usize, by_hand: Option<Vec<f32>>) -> Result<One> {
    let mut pictures = alone(&ask.pictures, i);
    let own = ask.squeezer.encode(&pictures)?.pop().unwrap_or_default();
    let code = by_hand.unwrap_or_else(|| own.clone());
    let back = ask.squeezer.decode(std::slice::from_ref(&code))?;
    let pixels = pictures.pixels.chunks_exact(pictures.n_channels);
    let pixels = pixels.zip(back.pixels.chunks_exact(pictures.n_channels));
    let errors = pixels.map(|(truth, made)| fault(truth, made).mse.sqrt() as f32);
    let errors = errors.collect();
    let fault = fault(&pictures.pixels, &back.pixels);
    pictures.pixels.extend(back.pixels);
    Ok(One {
        own,
        code,
        pictures,
        errors,
        fault,
    })
}

fn in_bytes(
    ask: &Ask,
    i: usize,
    go_on: &mut dyn FnMut() -> ControlFlow<()>,
) -> Result<Option<Bytes>> {
    let n = ask.held_out.len().min(N_COMPRESSED);
    let chosen = &ask.held_out[..n];
    let Some(found) = compressed(&ask.squeezer, &ask.pictures, chosen, go_on)? else {
        return Ok(None);
    };
    let quality = match found.equal {
        Equal::At { quality, .. } => quality,
        Equal::Never(worst) => worst.quality,
    };
    let mut pictures = alone(&ask.pictures, i);
    let code = ask.squeezer.encode(&pictures)?.pop().unwrap_or_default();
    let back = ask.squeezer.decode(&[rounded(&code)])?;
    let (jpeg, n_bytes) = as_jpeg(&pictures, 0, quality)?;
    let faults = [&back, &jpeg].map(|made| fault(&pictures.pixels, &made.pixels));
    pictures.pixels.extend(back.pixels);
    pictures.pixels.extend(jpeg.pixels);
    Ok(Some(Bytes {
        compressed: found,
        pictures,
        quality,
        size: n_bytes,
        faults,
    }))
}
