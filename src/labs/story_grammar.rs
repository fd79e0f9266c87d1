//! Little stories for children, told by a grammar: what the `stories` model learns to write.
//!
//! The grammar is a text anybody can read and change, `assets/stories/grammar.txt`, whose first lines
//! explain its notation (a relative of Tracery's). Choices are remembered within a story, so a hero
//! keeps the name, the pronoun and the red ball to the end. The same seed tells the same stories.

use crate::rng::Rng;
use std::collections::{BTreeMap, BTreeSet};

/// Our grammar.
const GRAMMAR: &str = include_str!("../../assets/stories/grammar.txt");
/// How deep rules may name rules: a grammar that names itself stops here.
const MAX_DEPTH: usize = 24;

/// The rules of a grammar, ready to tell stories.
#[derive(Debug, Clone)]
pub struct StoryGrammar {
    rules: BTreeMap<String, Rule>,
}

/// The ways to say one thing.
#[derive(Debug, Clone, Default)]
struct Rule {
    columns: Vec<String>,
    ways: Vec<String>,
    /// The rule whose ways these are: two like rules never choose the same.
    like: Option<String>,
}

/// What a story has chosen so far.
#[derive(Default)]
struct Memory {
    /// Slot ("hero", "place2") → its columns' texts; the first is the slot itself.
    chosen: BTreeMap<String, Vec<(String, String)>>,
    /// (rule, index) of every remembered choice.
    taken: BTreeSet<(String, usize)>,
}

impl Default for StoryGrammar {
    fn default() -> Self {
        Self::parse(GRAMMAR)
    }
}

impl StoryGrammar {
    /// Reads a grammar in the notation of `assets/stories/grammar.txt`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut rules: BTreeMap<String, Rule> = BTreeMap::new();
        let (mut current, mut by_paragraph, mut open) = (String::new(), false, false);
        for line in text.lines().map(str::trim) {
            if line.starts_with('#') {
                continue;
            }
            if let Some(header) = line.strip_prefix("::") {
                by_paragraph = header.starts_with(':');
                let (name, rule) = parse_header(header.trim_start_matches(':').trim());
                current.clone_from(&name);
                open = false;
                rules.insert(name, rule);
                continue;
            }
            let Some(rule) = rules.get_mut(&current) else {
                continue;
            };
            match rule.ways.last_mut() {
                Some(way) if by_paragraph && open && !line.is_empty() => {
                    way.push(' ');
                    way.push_str(line);
                }
                _ if !line.is_empty() => rule.ways.push(line.to_owned()),
                _ => {}
            }
            open = !line.is_empty();
        }
        Self { rules }
    }

    /// One story, in plain ASCII, paragraphs separated by a line break.
    pub fn story(&self, rng: &mut Rng) -> String {
        let mut raw = String::new();
        self.expand("{*story}", &mut Memory::default(), rng, 0, &mut raw);
        tidy(&raw)
    }

    /// Appends `template` with its choices made and its slots filled.
    fn expand(
        &self,
        template: &str,
        memory: &mut Memory,
        rng: &mut Rng,
        depth: usize,
        out: &mut String,
    ) {
        if depth > MAX_DEPTH {
            return;
        }
        let mut rest = template;
        while let Some(at) = rest.find(['{', '[']) {
            out.push_str(&rest[..at]);
            let (inside, after) = bracketed(&rest[at..]);
            if rest[at..].starts_with('[') {
                let options = split_options(inside);
                if let Some(option) = rng.pick(&options) {
                    self.expand(option, memory, rng, depth + 1, out);
                }
            } else if let Some(name) = inside.strip_prefix('*') {
                if let Some((_, way)) = self.choose(name, memory, rng) {
                    self.expand(&way, memory, rng, depth + 1, out);
                }
            } else {
                out.push_str(&self.recall(inside, memory, rng, depth));
            }
            rest = after;
        }
        out.push_str(rest);
    }

    /// The text of a remembered slot (`hero`, `hero.his`, `place2`), chosen now if this is its first use.
    fn recall(&self, slot: &str, memory: &mut Memory, rng: &mut Rng, depth: usize) -> String {
        let (slot, column) = slot.split_once('.').unwrap_or((slot, ""));
        if !memory.chosen.contains_key(slot) {
            let name = slot.trim_end_matches(|c: char| c.is_ascii_digit());
            let Some((index, way)) = self.choose(name, memory, rng) else {
                return format!("<{slot}>");
            };
            let columns = self.rules.get(name).map_or(&[][..], |rule| {
                self.rules
                    .get(rule.like.as_deref().unwrap_or(name))
                    .map_or(&[][..], |rule| &rule.columns)
            });
            memory.taken.insert((self.root(name), index));
            let texts: Vec<&str> = if columns.is_empty() {
                vec![&way]
            } else {
                way.split(',').map(str::trim).collect()
            };
            let mut fields = Vec::with_capacity(texts.len());
            for (i, text) in texts.into_iter().enumerate() {
                let mut filled = String::new();
                self.expand(text, memory, rng, depth + 1, &mut filled);
                fields.push((columns.get(i).cloned().unwrap_or_default(), filled));
            }
            memory.chosen.insert(slot.to_owned(), fields);
        }
        let fields = memory.chosen.get(slot).map_or(&[][..], Vec::as_slice);
        let found = if column.is_empty() {
            fields.first()
        } else {
            fields.iter().find(|(name, _)| name == column)
        };
        found.map_or_else(|| format!("<{slot}.{column}>"), |(_, text)| text.clone())
    }

    /// One way of a rule that no remembered slot of the same rule has taken.
    fn choose(&self, name: &str, memory: &Memory, rng: &mut Rng) -> Option<(usize, String)> {
        let root = self.root(name);
        let ways = &self.rules.get(&root)?.ways;
        let free: Vec<usize> = (0..ways.len())
            .filter(|&i| !memory.taken.contains(&(root.clone(), i)))
            .collect();
        let index = *rng.pick(&free)?;
        Some((index, ways[index].clone()))
    }

    /// The rule that owns the ways of `name`.
    fn root(&self, name: &str) -> String {
        let like = self.rules.get(name).and_then(|rule| rule.like.as_deref());
        like.unwrap_or(name).to_owned()
    }
}

/// `name (a, b)` or `name like other`.
fn parse_header(header: &str) -> (String, Rule) {
    let mut rule = Rule::default();
    if let Some((name, columns)) = header.split_once('(') {
        let columns = columns.trim_end_matches(')').split(',');
        rule.columns = columns.map(|column| column.trim().to_owned()).collect();
        return (name.trim().to_owned(), rule);
    }
    match header.split_once(" like ") {
        Some((name, other)) => {
            rule.like = Some(other.trim().to_owned());
            (name.trim().to_owned(), rule)
        }
        None => (header.to_owned(), rule),
    }
}

/// What is inside the bracket that `text` begins with, and what follows its partner.
fn bracketed(text: &str) -> (&str, &str) {
    let mut depth = 0usize;
    for (i, c) in text.char_indices() {
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return (&text[1..i], &text[i + 1..]);
        }
    }
    (&text[1..], "")
}

/// The options of `a|b|c`, leaving inner brackets whole.
fn split_options(text: &str) -> Vec<&str> {
    let (mut options, mut depth, mut start) = (Vec::new(), 0usize, 0);
    for (i, c) in text.char_indices() {
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => {
                options.push(&text[start..i]);
                start = i + 1;
            }
            _ => {}
        }
    }
    options.push(&text[start..]);
    options
}

/// Makes prose of raw text: single spaces, paragraphs, "an" before vowels, capitals at sentence starts.
fn tidy(raw: &str) -> String {
    let mut story = String::with_capacity(raw.len());
    let mut capital = true;
    let mut words = raw.split_whitespace().peekable();
    while let Some(word) = words.next() {
        if word == "//" {
            story.push('\n');
            capital = true;
            continue;
        }
        if !story.is_empty() && !story.ends_with('\n') {
            story.push(' ');
        }
        let speech_starts = word.starts_with('"');
        let next = words.peek().map_or("", |next| next.trim_start_matches('"'));
        let vowel = next.starts_with(['a', 'e', 'i', 'o', 'u']);
        let word = match word {
            "a" if vowel => "an",
            "A" if vowel => "An",
            word => word,
        };
        if capital || speech_starts {
            capitalise(word, &mut story);
        } else {
            story.push_str(word);
        }
        // After `"Hello!"` comes `she said`; after `"Hello."` comes a new sentence.
        capital = word.ends_with(['.', '!', '?']) || word.ends_with(".\"");
    }
    story
}

/// Appends `word` with its first letter large.
fn capitalise(word: &str, out: &mut String) {
    let first = word.find(|c: char| c.is_alphanumeric()).unwrap_or(0);
    out.push_str(&word[..first]);
    let mut rest = word[first..].chars();
    out.extend(rest.next().map(|c| c.to_ascii_uppercase()));
    out.push_str(rest.as_str());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stories(n: usize) -> Vec<String> {
        let (grammar, mut rng) = (StoryGrammar::default(), Rng::new(0, "stories"));
        (0..n).map(|_| grammar.story(&mut rng)).collect()
    }

    #[test]
    fn the_same_seed_tells_the_same_stories() {
        assert_eq!(stories(5), stories(5));
    }

    #[test]
    fn stories_are_clean_ascii_with_every_slot_filled() {
        for story in stories(3000) {
            assert!(story.is_ascii(), "{story}");
            assert!(
                !story.contains(['{', '}', '[', ']', '<', '|', '*', '/']),
                "{story}"
            );
            assert!(!story.contains("  ") && !story.contains(" \n"), "{story}");
            assert!(story.ends_with(['.', '!', '"']), "{story}");
            assert_eq!(story.matches('"').count() % 2, 0, "{story}");
            let words = story.split_whitespace().count();
            assert!((20..260).contains(&words), "{words} words: {story}");
        }
    }

    #[test]
    fn thousands_of_stories_are_nearly_all_different() {
        let all = stories(5000);
        let different: BTreeSet<&String> = all.iter().collect();
        assert!(different.len() > 4500, "{}", different.len());
    }

    #[test]
    fn sentences_begin_with_a_capital_and_articles_agree() {
        for story in stories(1000) {
            for (i, _) in story.match_indices(". ") {
                let next = story[i + 2..].trim_start_matches('"');
                assert!(
                    next.starts_with(|c: char| c.is_ascii_uppercase()),
                    "{story}"
                );
            }
            assert!(
                !story.contains(" a apple") && !story.contains(" a owl"),
                "{story}"
            );
            assert!(
                !story.contains(" an ball") && !story.contains(" an fox"),
                "{story}"
            );
        }
    }

    #[test]
    fn a_choice_is_kept_through_the_story_and_a_numbered_one_differs() {
        let grammar = StoryGrammar::parse(
            ":: story\n{x} {x} {x2} {y}\n:: x (name, his)\nTom, his\nAnn, her\nBen, his\n:: y like x\n",
        );
        let mut rng = Rng::new(3, "test");
        for _ in 0..50 {
            let story = grammar.story(&mut rng);
            let words: Vec<&str> = story.split(' ').collect();
            assert_eq!(words[0], words[1]);
            assert!(words[0] != words[2] && words[2] != words[3] && words[0] != words[3]);
        }
    }
}
