//! The faces that ship, and more of them drawn by `assets/faces/draw_faces.mjs`: pictures of 64 × 64,
//! what each shows, and a caption.
//!
//! `faces-0.png` holds the pictures, `faces-0.tsv` a line for each: a word for every attribute, then
//! the caption, between tabs; the first line names them. A folder may go on with `faces-1`, …

use super::atlas::{self, Pictures};
use super::shown;
use crate::refusal::{NOTHING_CHANGED, Refusal, Result};
use std::fs;
use std::path::Path;

/// Pixels along a side.
pub const SIDE: usize = 64;
/// Atlases of a folder that are read, at most: 40,000 faces, half a gigabyte.
pub const MAX_FILES: usize = 10;
/// A TSV longer than this is not one of ours.
const MAX_TSV_BYTES: u64 = 8 << 20;
/// No PNG of 4,000 faces is longer.
const MAX_PNG_BYTES: u64 = 64 << 20;

const PNG: &[u8] = include_bytes!("../../assets/faces/faces-0.png");
const TSV: &str = include_str!("../../assets/faces/faces-0.tsv");

/// Something every face has one value of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute {
    /// As the file names it: "`hair_color`".
    pub name: &'static str,
    /// What it can be.
    pub values: &'static [&'static str],
}

/// What `grammar.mjs` draws, in its order.
pub const ATTRIBUTES: [Attribute; 8] = [
    attribute("mood", &["smiling", "sad", "surprised"]),
    attribute(
        "hair",
        &["short", "long", "bob", "curly", "bun", "bald", "mohawk"],
    ),
    attribute(
        "hair_color",
        &[
            "black", "brown", "blond", "red", "grey", "blue", "pink", "green",
        ],
    ),
    attribute("skin", &["pale", "peach", "tan", "brown", "dark"]),
    attribute("eyewear", &["none", "glasses", "sunglasses"]),
    attribute("beard", &["no", "yes"]),
    attribute("flowers", &["no", "yes"]),
    attribute(
        "background",
        &["white", "blue", "yellow", "green", "pink", "purple"],
    ),
];

const fn attribute(name: &'static str, values: &'static [&'static str]) -> Attribute {
    Attribute { name, values }
}

/// What one picture shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Face {
    /// For each of [`ATTRIBUTES`], which of its values.
    pub values: [u8; ATTRIBUTES.len()],
    /// "a smiling face with curly red hair and glasses, tan skin, blue background".
    pub caption: String,
}

impl Face {
    /// The value of an attribute as a word; `None` if there is no attribute of that name.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&'static str> {
        let at = ATTRIBUTES.iter().position(|a| a.name == name)?;
        let values = ATTRIBUTES[at].values;
        values.get(usize::from(self.values[at])).copied()
    }
}

/// Faces and their pictures: picture `i` shows face `i`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faces {
    /// 64 × 64, red, green and blue.
    pub pictures: Pictures,
    /// As many as there are pictures.
    pub faces: Vec<Face>,
}

/// The 4,000 faces inside the program.
///
/// # Errors
/// None in a program that passed its tests.
pub fn bundled() -> Result<Faces> {
    from_bytes("faces-0", PNG, TSV)
}

/// All faces that `draw_faces.mjs` left in a folder: `faces-0`, `faces-1`, … until a number is missing.
///
/// # Errors
/// A folder without `faces-0.tsv`, files that cannot be read, or that do not hold what they should.
pub fn open(folder: &Path) -> Result<Faces> {
    let mut all: Option<Faces> = None;
    for number in 0..MAX_FILES {
        let name = format!("faces-{number}");
        let tsv = folder.join(format!("{name}.tsv"));
        if number > 0 && !tsv.exists() {
            break;
        }
        let tsv = bytes_of(&tsv, MAX_TSV_BYTES)?;
        let tsv = String::from_utf8(tsv).map_err(|e| {
            let at = e.utf8_error().valid_up_to() as u64;
            damaged(&name, format!("Byte {} is not text.", shown::count(at)))
        })?;
        let png = bytes_of(&folder.join(format!("{name}.png")), MAX_PNG_BYTES)?;
        let more = from_bytes(&name, &png, &tsv)?;
        match &mut all {
            None => all = Some(more),
            Some(all) => {
                all.pictures.append(more.pictures);
                all.faces.extend(more.faces);
            }
        }
    }
    all.ok_or_else(|| damaged("faces-0", "There are no files.".to_owned()))
}

/// One atlas and its lines; `name` is both files' without the ending.
///
/// # Errors
/// Lines that are not as [`ATTRIBUTES`] says, or an atlas that is damaged or does not fit them.
pub fn from_bytes(name: &str, png: &[u8], tsv: &str) -> Result<Faces> {
    let faces = parse(tsv).map_err(|evidence| damaged(name, evidence))?;
    let png_name = format!("{name}.png");
    let pictures = atlas::read(&png_name, png, SIDE, faces.len())?;
    if pictures.n_channels != 3 {
        let evidence = "Its pictures are grey; faces have colours.";
        return Err(Refusal::unchanged(
            format!("`{png_name}` does not hold the pictures it should"),
            evidence,
            DRAW_AGAIN,
        ));
    }
    Ok(Faces { pictures, faces })
}

const DRAW_AGAIN: &str = "Draw the faces again: assets/faces/README.md has the command.";

fn damaged(name: &str, evidence: String) -> Refusal {
    Refusal::unchanged(
        format!("`{name}.tsv` does not describe faces"),
        evidence,
        DRAW_AGAIN,
    )
}

/// The faces of a TSV, or what is wrong with it, in a sentence.
fn parse(tsv: &str) -> std::result::Result<Vec<Face>, String> {
    let mut lines = tsv.lines();
    let names = ATTRIBUTES.iter().map(|a| a.name).chain(["caption"]);
    let expected: Vec<&str> = names.collect();
    let header = lines.next().unwrap_or_default();
    if header.split('\t').ne(expected.iter().copied()) {
        return Err(format!(
            "Its first line should name {}; it is “{}”.",
            expected.join(", "),
            shown::shown(header)
        ));
    }
    let faces = lines
        .enumerate()
        .map(|(i, line)| face_of(line).map_err(|evidence| format!("Line {}: {evidence}", i + 2)));
    faces.collect()
}

fn face_of(line: &str) -> std::result::Result<Face, String> {
    let mut words = line.split('\t');
    let mut values = [0; ATTRIBUTES.len()];
    for (value, attribute) in values.iter_mut().zip(ATTRIBUTES) {
        let word = words.next().unwrap_or_default();
        let known = attribute.values.iter().position(|v| *v == word);
        *value = known.ok_or_else(|| {
            format!(
                "{} is “{}”; it can be {}.",
                attribute.name,
                shown::shown(word),
                attribute.values.join(", ")
            )
        })? as u8;
    }
    match (words.next(), words.next()) {
        (Some(caption), None) if !caption.is_empty() => Ok(Face {
            values,
            caption: caption.to_owned(),
        }),
        (_, Some(_)) => Err("there is something after the caption.".to_owned()),
        _ => Err("there is no caption.".to_owned()),
    }
}

fn bytes_of(path: &Path, max_bytes: u64) -> Result<Vec<u8>> {
    let refuse = |evidence: String| {
        Refusal::new(
            format!("`{}` could not be read", shown::file_name(path)),
            evidence,
            NOTHING_CHANGED,
            "Choose the folder that draw_faces.mjs wrote, or draw the faces again.",
        )
    };
    let n_bytes = fs::metadata(path).map_err(|e| refuse(format!("The system says: {e}.")))?;
    if n_bytes.len() > max_bytes {
        return Err(refuse(format!(
            "It has {}; no file of faces is larger than {}.",
            shown::size(n_bytes.len()),
            shown::size(max_bytes)
        )));
    }
    fs::read(path).map_err(|e| refuse(format!("The system says: {e}.")))
}

#[cfg(test)]
mod tests;
