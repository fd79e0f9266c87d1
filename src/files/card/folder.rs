//! The card of a folder: one with pictures in it is something to learn from.

use super::Card;
use crate::files::faces;
use crate::files::picture_folder::{self, MIN_PICTURES};
use crate::files::shown::count;
use crate::refusal::Result;
use std::path::Path;

impl Card {
    /// The card of a folder that holds pictures; `None` where there is none in it.
    pub(super) fn of_folder(path: &Path) -> Result<Option<Self>> {
        if path.join("faces-0.tsv").is_file() && path.join("faces-0.png").is_file() {
            let mut card = Self::empty(path, "folder of faces", "folder".to_owned());
            card.usable_as.push("images".to_owned());
            card.notes.push(format!(
                "It holds faces that draw_faces.mjs drew, {0} × {0} pixels each.",
                faces::SIDE
            ));
            return Ok(Some(card));
        }
        let look = picture_folder::look(path)?;
        if look.n_pictures == 0 {
            return Ok(None);
        }
        let mut card = Self::empty(path, "folder of pictures", "folder".to_owned());
        card.usable_as.push("images".to_owned());
        let n_others = look.n_files - look.n_pictures;
        card.metadata = vec![
            ("pictures".to_owned(), look.n_pictures.to_string()),
            ("other files".to_owned(), n_others.to_string()),
        ];
        let least = if look.is_part { "at least " } else { "" };
        card.notes.push(match look.n_pictures {
            1 => "It holds one PNG or JPEG picture.".to_owned(),
            n => format!("It holds {least}{} PNG or JPEG pictures.", count(n as u64)),
        });
        card.notes.push(if look.n_pictures < MIN_PICTURES {
            format!("The Images tab learns from {MIN_PICTURES} at least.")
        } else {
            "The Images tab learns to make pictures like them.".to_owned()
        });
        Ok(Some(card))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_of_pictures_has_a_card_and_a_folder_of_none_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let empty = Card::of(folder.path()).unwrap_err();
        assert!(empty.what.contains("is a folder"), "{empty}");
        let picture = image::RgbImage::new(9, 9);
        for name in ["a.png", "b.png"] {
            picture.save(folder.path().join(name)).unwrap();
        }
        std::fs::write(folder.path().join("c.txt"), "words").unwrap();
        let card = Card::of(folder.path()).unwrap();
        assert_eq!(
            (card.kind.as_str(), card.usable_as.len()),
            ("folder of pictures", 1)
        );
        assert_eq!(card.metadata[0].1, "2");
        assert!(card.notes[1].contains("64"), "{:?}", card.notes);
    }

    #[test]
    fn a_folder_of_our_faces_is_known_by_its_files() {
        let card = Card::of(Path::new("assets/faces")).unwrap();
        assert_eq!(card.kind, "folder of faces");
    }
}
