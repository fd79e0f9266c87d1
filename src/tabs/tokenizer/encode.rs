//! The text, its tokens in one vocabulary or two, and the word looked at.

use super::learn::LEARNED_FROM;
use super::neighbours::{Model, Neighbours};
use super::shelf::{Shelf, label};
use super::side::Side;
use super::story::Story;
use super::view;
use crate::labs::text::LoadedText;
use crate::labs::tokenizer::{Dropped, Specials, Tokenizer, lone_cuts};
use crate::tabs::{Notice, Progress, TabContext};
use crate::widgets::id_strip::StripLook;
use crate::widgets::text_editor::EditorState;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::PathBuf;
use std::sync::Arc;

/// What stands below the strips.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Below {
    /// How the word looked at became its tokens, if one is.
    #[default]
    Story,
    /// The tokens that the model uses like the one looked at.
    Neighbours,
    /// One sentence in eight languages.
    Languages,
}

/// What survives a restart.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Choices {
    pub(super) text: String,
    pub(super) vocabulary: String,
    pub(super) beside: Option<String>,
    pub(super) parse_specials: bool,
    pub(super) look: StripLook,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            text: view::PRESETS[0].text.to_owned(),
            vocabulary: "gpt2".into(),
            beside: None,
            parse_specials: false,
            look: StripLook::default(),
        }
    }
}

/// Texts of which more is not kept for the next start.
const MOST_SAVED: usize = 64 << 10;

#[derive(Debug, Default)]
pub(super) struct Encode {
    pub(super) choices: Choices,
    pub(super) editor: EditorState,
    pub(super) shelf: Shelf,
    sides: [Option<Side>; 2],
    /// The vocabulary that each strip is waiting for.
    awaited: [Option<String>; 2],
    /// A file on its way: which is not known to be a vocabulary until it arrives.
    awaited_file: Option<String>,
    story: Option<Story>,
    pub(super) neighbours: Neighbours,
    pub(super) below: Below,
    /// The model that is loaded in Text.
    loaded: Option<Arc<LoadedText>>,
    was_shown: bool,
}

impl Encode {
    pub(super) fn main(&self) -> Option<&Side> {
        self.sides[0].as_ref()
    }

    pub(super) fn side(&self, i: usize) -> Option<&Side> {
        self.sides.get(i)?.as_ref()
    }

    pub(super) fn side_mut(&mut self, i: usize) -> Option<&mut Side> {
        self.sides.get_mut(i)?.as_mut()
    }

    pub(super) fn story(&self) -> Option<&Story> {
        let story = self.story.as_ref();
        story.filter(|_| self.below != Below::Languages)
    }

    pub(super) fn story_mut(&mut self) -> Option<&mut Story> {
        let story = self.story.as_mut();
        story.filter(|_| self.below != Below::Languages)
    }

    pub(super) fn is_awaiting(&self, i: usize, key: &str) -> bool {
        self.awaited[i].as_deref() == Some(key)
    }

    pub(super) fn ids(&self) -> Option<Vec<u32>> {
        let side = self.main().filter(|side| !side.is_encoding())?;
        let encoded = side.encoded()?;
        let is_current = encoded.text() == self.choices.text;
        is_current.then(|| encoded.tokens().iter().map(|token| token.id).collect())
    }

    pub(super) fn n_bytes_encoded_last(&self) -> usize {
        self.main().map_or(0, |side| side.n_bytes_last)
    }

    pub(super) fn set_text(&mut self, text: String) {
        self.choices.text = text;
    }

    pub(super) fn specials(&self) -> Specials {
        if self.choices.parse_specials {
            Specials::Parse
        } else {
            Specials::AsText
        }
    }

    /// The first frame that is shown opens the vocabularies.
    pub(super) fn is_shown(&mut self, cx: &mut TabContext<'_>) {
        if self.was_shown {
            return;
        }
        self.was_shown = true;
        self.choose(0, &self.choices.vocabulary.clone(), cx);
        if let Some(beside) = self.choices.beside.clone() {
            self.choose(1, &beside, cx);
        }
    }

    /// Asks for a vocabulary for strip `i`. The one there stays until the new one has arrived.
    pub(super) fn choose(&mut self, i: usize, key: &str, cx: &mut TabContext<'_>) {
        if self.shelf.get(key).is_some() {
            self.take(i, key);
            return;
        }
        let is_name = super::shelf::KNOWN.iter().any(|(name, ..)| *name == key);
        let asked = if is_name {
            self.shelf.open_name(key, cx)
        } else {
            self.shelf.open_file(PathBuf::from(key), cx)
        };
        match asked {
            Ok(()) => self.awaited[i] = Some(key.to_owned()),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    /// Ends the comparison.
    pub(super) fn stand_alone(&mut self) {
        self.sides[1] = None;
        self.awaited[1] = None;
        self.choices.beside = None;
        if let Some(side) = &mut self.sides[0] {
            side.lone_cuts.clear();
        }
        if self.story.as_ref().is_some_and(|story| story.side == 1) {
            self.story = None;
        }
    }

    /// Opens a file: a vocabulary takes the first strip, a text the editor.
    pub(super) fn open(&mut self, path: PathBuf, cx: &mut TabContext<'_>) {
        self.was_shown = true;
        if self.sides[0].is_none() && self.awaited[0].is_none() {
            self.choose(0, &self.choices.vocabulary.clone(), cx);
        }
        let key = path.display().to_string();
        match self.shelf.open_file(path, cx) {
            Ok(()) => self.awaited_file = Some(key),
            Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
        }
    }

    /// Reads with a vocabulary that was just learned. It is in no file, so the next start has it
    /// no more.
    pub(super) fn read_with(&mut self, learned: Arc<Tokenizer>) {
        self.was_shown = true;
        let key = learned.vocabulary().name.clone();
        self.shelf.keep(&key, learned);
        self.take(0, &key);
    }

    /// Puts a vocabulary of the shelf to work on strip `i`.
    fn take(&mut self, i: usize, key: &str) {
        let Some(tokenizer) = self.shelf.get(key) else {
            return;
        };
        self.awaited[i] = None;
        self.sides[i] = Some(Side::new(key, tokenizer, self.loaded.as_ref()));
        if i == 0 {
            key.clone_into(&mut self.choices.vocabulary);
        } else {
            self.choices.beside = Some(key.to_owned());
        }
        if self.story.as_ref().is_some_and(|story| story.side == i) {
            self.story = None;
        }
    }

    /// Hears which model is loaded in Text.
    pub(super) fn hear_model(&mut self, loaded: Option<&Arc<LoadedText>>) {
        if self.loaded.as_ref().map(Arc::as_ptr) == loaded.map(Arc::as_ptr) {
            return;
        }
        self.loaded = loaded.map(Arc::clone);
        for side in self.sides.iter_mut().flatten() {
            side.model = Model::of(&side.key, &side.tokenizer, loaded);
        }
    }

    pub(super) fn poll(&mut self, cx: &mut TabContext<'_>) {
        for (key, result) in self.shelf.poll() {
            let was_dropped = self.awaited_file.as_ref() == Some(&key);
            if was_dropped {
                self.awaited_file = None;
            }
            match result {
                Ok(Dropped::Vocabulary(tokenizer)) => {
                    for assumed in &tokenizer.vocabulary().assumed {
                        cx.notices.push(Notice::Done(assumed.clone()));
                    }
                    self.shelf.keep(&key, Arc::new(*tokenizer));
                    if was_dropped {
                        self.take(0, &key);
                    }
                    for i in 0..2 {
                        if self.is_awaiting(i, &key) {
                            self.take(i, &key);
                        }
                    }
                }
                Ok(Dropped::Text(text)) => self.choices.text = text,
                Err(refusal) => self.refused(&key, refusal, cx),
            }
        }
        self.follow(cx);
        self.find_neighbours(cx);
    }

    fn refused(&mut self, key: &str, refusal: crate::refusal::Refusal, cx: &mut TabContext<'_>) {
        cx.notices.push(Notice::Refused(refusal));
        for awaited in &mut self.awaited {
            awaited.take_if(|awaited| awaited == key);
        }
        // A file of last time that is gone: GPT-2's vocabulary is always there.
        if self.sides[0].is_none() && self.awaited[0].is_none() && key != "gpt2" {
            self.choose(0, "gpt2", cx);
        }
    }

    /// Brings the tokens up to the text.
    pub(super) fn follow(&mut self, cx: &mut TabContext<'_>) {
        let specials = self.specials();
        let mut changed = false;
        for side in self.sides.iter_mut().flatten() {
            match side.follow(&self.choices.text, specials, cx) {
                Ok(news) => changed |= news,
                Err(refusal) => cx.notices.push(Notice::Refused(refusal)),
            }
        }
        if changed {
            self.compare();
        }
        if let Some(story) = &self.story
            && !self.side(story.side).is_some_and(|side| story.holds(side))
        {
            self.story = None;
            if self.below == Below::Neighbours {
                self.below = Below::Story;
            }
        }
    }

    fn compare(&mut self) {
        let [Some(main), Some(beside)] = &mut self.sides else {
            return;
        };
        let (Some(a), Some(b)) = (main.encoded(), beside.encoded()) else {
            return;
        };
        let (own, other) = if a.text() == b.text() {
            let (a, b) = (a.tokens(), b.tokens());
            (lone_cuts(a, b), lone_cuts(b, a))
        } else {
            (Vec::new(), Vec::new())
        };
        main.lone_cuts = own;
        beside.lone_cuts = other;
    }

    /// Looks at the word that a token belongs to.
    pub(super) fn look_at(&mut self, side: usize, token: usize) {
        let may_ask = self.side(side).is_some_and(|side| side.model.is_some());
        if self.below == Below::Languages || !may_ask {
            self.below = Below::Story;
        }
        self.story = self.side(side).and_then(|s| Story::of(side, s, token));
    }

    /// The token that was clicked, with its vocabulary.
    pub(super) fn token_looked_at(&self) -> Option<(&Side, u32)> {
        let story = self.story()?;
        Some((self.side(story.side)?, story.id))
    }

    /// Asks the model for neighbours while they are shown.
    fn find_neighbours(&mut self, cx: &mut TabContext<'_>) {
        let looked_at = match self.below {
            Below::Neighbours => self.token_looked_at(),
            _ => None,
        };
        let wanted = looked_at.and_then(|(side, id)| Some((side.model.clone()?, id)));
        let wanted = wanted.as_ref().map(|(model, id)| (model, *id));
        self.neighbours.follow(wanted, cx);
    }

    pub(super) fn close_story(&mut self) {
        self.story = None;
    }

    pub(super) fn title(&self) -> String {
        view::title(
            self.side(self.story().map_or(0, |story| story.side))
                .map(|side| label(&side.key))
                .as_deref(),
            self.story().map(|story| story.word.as_str()),
            self.below == Below::Languages,
        )
    }

    pub(super) fn progress(&self) -> Option<Progress> {
        if let Some(key) = self.shelf.is_opening() {
            return Some(Progress {
                label: format!("Opening {}", label(key)),
                fraction: None,
            });
        }
        let encoding = self.sides.iter().flatten().any(Side::is_encoding);
        encoding.then(|| Progress {
            label: "Encoding the text".into(),
            fraction: None,
        })
    }

    pub(super) fn save(&self) -> Value {
        let mut choices = self.choices.clone();
        let in_a_file = |key: &String| !key.starts_with(LEARNED_FROM);
        if !in_a_file(&choices.vocabulary) {
            choices.vocabulary = Choices::default().vocabulary;
        }
        choices.beside = choices.beside.filter(in_a_file);
        if choices.text.len() > MOST_SAVED {
            choices.text = Choices::default().text;
        }
        serde_json::to_value(choices).unwrap_or_default()
    }

    pub(super) fn restore(&mut self, saved: &Value) {
        if let Ok(choices) = serde_json::from_value(saved.clone()) {
            self.choices = choices;
        }
    }
}
