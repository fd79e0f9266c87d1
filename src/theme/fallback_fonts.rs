//! The bundled fonts behind Inter and `JetBrains` Mono: other scripts, and emoji in one colour.
//!
//! They lie in the program as they are and are read where a character asks for them, so a start
//! costs only their tables. Joined letters and conjuncts are these scripts' own: nothing is switched off.

use eframe::egui::{FontData, FontTweak};
use std::sync::Arc;

/// A font by the name it has among egui's fonts.
type Named = (&'static str, &'static [u8]);

macro_rules! fonts {
    ($($name:literal $file:literal),+ $(,)?) => {
        &[$(($name, include_bytes!(concat!("../../assets/fonts/fallback/", $file)))),+]
    };
}

/// Of two fonts that have a character the first draws it.
const FONTS: &[Named] = fonts![
    "Noto Sans Hebrew" "NotoSansHebrew.ttf",
    "Noto Sans Arabic" "NotoSansArabic.ttf",
    "Noto Sans Devanagari" "NotoSansDevanagari.ttf",
    "Noto Sans Bengali" "NotoSansBengali.ttf",
    "Noto Sans Gurmukhi" "NotoSansGurmukhi.ttf",
    "Noto Sans Gujarati" "NotoSansGujarati.ttf",
    "Noto Sans Oriya" "NotoSansOriya.ttf",
    "Noto Sans Tamil" "NotoSansTamil.ttf",
    "Noto Sans Telugu" "NotoSansTelugu.ttf",
    "Noto Sans Kannada" "NotoSansKannada.ttf",
    "Noto Sans Malayalam" "NotoSansMalayalam.ttf",
    "Noto Sans Sinhala" "NotoSansSinhala.ttf",
    "Noto Sans Thai" "NotoSansThai.ttf",
    "Noto Sans Lao" "NotoSansLao.ttf",
    "Noto Sans Myanmar" "NotoSansMyanmar.ttf",
    "Noto Sans Khmer" "NotoSansKhmer.ttf",
    "Noto Sans Georgian" "NotoSansGeorgian.ttf",
    "Noto Sans Armenian" "NotoSansArmenian.ttf",
    "Noto Sans CJK SC" "NotoSansCJKsc.otf",
    "Noto Emoji mono" "NotoEmoji.ttf",
];

/// Each font's name, in the order in which they are asked for a character.
pub(super) fn names() -> impl Iterator<Item = String> {
    FONTS.iter().map(|(name, _)| (*name).to_owned())
}

/// Each font with its name, as egui wants them.
pub(super) fn data() -> impl Iterator<Item = (String, Arc<FontData>)> {
    FONTS.iter().map(|&(name, bytes)| {
        // They carry no hints, and guessing some would read every glyph at the start.
        let tweak = FontTweak {
            hinting: Some(false),
            // Emoji fill less of their square than letters do.
            scale: if name == "Noto Emoji mono" { 1.2 } else { 1.0 },
            ..FontTweak::default()
        };
        let data = FontData::from_static(bytes).tweak(tweak);
        (name.to_owned(), Arc::new(data))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use eframe::egui::{Context, FontId, RawInput};

    #[test]
    fn letters_of_the_scripts_and_emoji_have_a_shape_without_a_font_of_the_system() {
        let ctx = Context::default();
        super::super::fonts::install(&ctx);
        let text = "اعבγдहবগਹગଅதతಕമසไຂမកქՀ人们後한國いア🍓🔬♀";
        let _ = ctx.run_ui(RawInput::default(), |ui| {
            for font in [FontId::proportional(15.0), FontId::monospace(15.0)] {
                for c in text.chars() {
                    let has = ui.fonts_mut(|fonts| fonts.has_glyph(&font, c));
                    assert!(has, "{c} U+{:04X}", c as u32);
                }
            }
        });
    }

    #[test]
    fn the_fonts_take_less_than_seven_megabytes() {
        assert!(FONTS.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() < 7 << 20);
    }
}
