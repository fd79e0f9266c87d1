//! The bundled fonts: Inter for words, `JetBrains` Mono for numbers and tokens. Behind them stand the
//! [`fallback_fonts`], then egui's small symbol fonts, then the fonts of the system.
//!
//! Ligatures are switched off: `<|` must look like the two characters it is, in a token and in a text.

use super::fallback_fonts;
use eframe::egui::{Context, FontData, FontDefinitions, FontFamily};
use std::sync::Arc;

const REGULAR: &[u8] = include_bytes!("../../assets/fonts/Inter-Regular.otf");
const SEMIBOLD: &[u8] = include_bytes!("../../assets/fonts/Inter-SemiBold.otf");
const MONO: &[u8] = include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf");

/// The family of headings and of what must stand out.
#[must_use]
pub fn strong_family() -> FontFamily {
    FontFamily::Name("semibold".into())
}

/// Gives `ctx` the bundled fonts. Once is enough: it rebuilds the glyph texture.
pub fn install(ctx: &Context) {
    ctx.set_fonts(definitions());
}

fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    for (name, bytes) in [
        ("Inter", REGULAR),
        ("Inter SemiBold", SEMIBOLD),
        ("JetBrains Mono", MONO),
    ] {
        let data = Arc::new(FontData::from_owned(without_ligatures(bytes)));
        fonts.font_data.insert(name.into(), data);
    }
    fonts.font_data.extend(fallback_fonts::data());
    let words = fonts.families.entry(FontFamily::Proportional).or_default();
    words.insert(0, "Inter".into());
    words.insert(1, "JetBrains Mono".into());
    words.splice(2..2, fallback_fonts::names());
    let mut strong = words.clone();
    strong.insert(0, "Inter SemiBold".into());
    fonts.families.insert(strong_family(), strong);
    let numbers = fonts.families.entry(FontFamily::Monospace).or_default();
    numbers.insert(0, "JetBrains Mono".into());
    numbers.splice(2..2, fallback_fonts::names());
    numbers.push("Inter".into());
    fonts
}

/// The font with the features that join characters into one glyph under a name nobody asks for
/// (OpenType 1.9, `GSUB` and its list of features). A font it cannot follow is left as it is.
fn without_ligatures(font: &[u8]) -> Vec<u8> {
    let mut font = font.to_vec();
    let tags: Vec<usize> = ligature_tags(&font).unwrap_or_default();
    for at in tags {
        font[at..at + 4].copy_from_slice(b"none");
    }
    font
}

/// Where the tags of those features stand.
fn ligature_tags(font: &[u8]) -> Option<Vec<usize>> {
    const JOINING: [&[u8]; 4] = [b"calt", b"clig", b"dlig", b"liga"];
    let u16_at = |at: usize| Some(u16::from_be_bytes(font.get(at..at + 2)?.try_into().ok()?));
    let u32_at = |at: usize| Some(u32::from_be_bytes(font.get(at..at + 4)?.try_into().ok()?));
    let n_tables = usize::from(u16_at(4)?);
    let mut tables = (0..n_tables).map(|i| 12 + 16 * i);
    let gsub = tables.find(|&at| font.get(at..at + 4) == Some(b"GSUB"))?;
    let gsub = u32_at(gsub + 8)? as usize;
    let features = gsub + usize::from(u16_at(gsub + 6)?);
    let n_features = usize::from(u16_at(features)?);
    let tags = (0..n_features).map(|i| features + 2 + 6 * i);
    let joins = |at: &usize| {
        font.get(*at..at + 4)
            .is_some_and(|tag| JOINING.contains(&tag))
    };
    Some(tags.filter(joins).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_starts_with_a_bundled_font_and_has_fallbacks() {
        let fonts = definitions();
        for (family, first) in [
            (FontFamily::Proportional, "Inter"),
            (FontFamily::Monospace, "JetBrains Mono"),
            (strong_family(), "Inter SemiBold"),
        ] {
            assert_eq!(fonts.families[&family][0], first);
            assert!(fonts.families[&family].len() > 2);
        }
    }

    #[test]
    fn no_two_characters_are_drawn_as_one() {
        for font in [REGULAR, SEMIBOLD, MONO] {
            assert!(!ligature_tags(font).unwrap().is_empty());
            let patched = without_ligatures(font);
            assert_eq!(patched.len(), font.len());
            assert!(ligature_tags(&patched).unwrap().is_empty());
        }
        assert_eq!(without_ligatures(b"no font"), b"no font");
    }

    #[test]
    fn each_bundled_font_is_smaller_than_a_megabyte() {
        for bytes in [REGULAR, SEMIBOLD, MONO] {
            assert!(bytes.len() < 1 << 20);
        }
    }
}
