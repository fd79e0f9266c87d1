//! `--vectors NAME|PATH`: a set of the manifest by its name, the built-in one without any file, or a
//! path.

use super::{Emit, WordVectors};
use crate::files::{embedded, manifest};
use crate::refusal::{Refusal, Result};
use std::path::PathBuf;

/// The word vectors that `name_or_path` stands for, opened.
///
/// # Errors
/// As [`WordVectors::open`]; or it is the name of something that is not word vectors, or is not here.
pub fn named(name_or_path: &str, folders: &[PathBuf], emit: Emit<'_>) -> Result<WordVectors> {
    if name_or_path == embedded::VECTORS_NAME {
        return WordVectors::builtin();
    }
    let entries = manifest::entries()?;
    if let Some(entry) = entries.iter().find(|entry| entry.name == name_or_path)
        && entry.kind != manifest::WORD_VECTORS
    {
        let sets = entries
            .iter()
            .filter(|entry| entry.kind == manifest::WORD_VECTORS);
        let sets: Vec<&str> = sets.map(|entry| entry.name.as_str()).collect();
        return Err(Refusal::unchanged(
            format!("`{}` is not a set of word vectors.", entry.name),
            format!(
                "It is a {}. Word vectors known by name: {}.",
                entry.kind,
                sets.join(", ")
            ),
            "Use one of these names, or the path of a file of word vectors.",
        ));
    }
    WordVectors::open(&manifest::resolve(name_or_path, folders)?, emit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::ControlFlow;

    #[test]
    fn glove_is_a_name_stories_is_no_set_and_anything_else_is_a_path() {
        let open = |name: &str| named(name, &[], &mut |_| ControlFlow::Continue(()));
        let set = open("glove").unwrap();
        assert_eq!((set.len(), set.width()), (50_036, 100));
        assert!(set.source().contains("Pennington"), "{}", set.source());
        assert!(set.notes().is_empty(), "{:?}", set.notes());
        assert!(set.norms().iter().all(|&n| n > 0.5));
        let refusal = open("stories").unwrap_err();
        assert!(
            refusal.evidence.contains("known by name: glove"),
            "{refusal}"
        );
        let refusal = open("there/is/none.txt").unwrap_err();
        assert!(refusal.what.contains("is not there"), "{refusal}");
    }

    #[test]
    fn the_built_in_rows_are_those_of_glove_6b() {
        // The first numbers of "the" in Stanford's glove.6B.100d.txt.
        let published = [-0.038_194, -0.244_87, 0.728_12, -0.399_61, 0.083_172];
        let set = WordVectors::builtin().unwrap();
        let mut row = vec![0.0; 100];
        assert_eq!(set.index("the"), Some(0));
        set.row(0, &mut row);
        for (x, published) in row.iter().zip(published) {
            assert!(
                (x - published).abs() <= 3.0243 / 127.0 / 2.0,
                "{x} {published}"
            );
        }
        for word in ["a", "i", "'s", "1998", "kitten", "bratwurst", "reindeer"] {
            assert!(set.index(word).is_some(), "{word}");
        }
    }
}
