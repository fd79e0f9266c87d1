//! The bundled fonts: Inter for words, `JetBrains` Mono for numbers and tokens. egui's small symbol
//! fonts stand behind them, and the fonts of the system behind those.

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
        let data = Arc::new(FontData::from_static(bytes));
        fonts.font_data.insert(name.into(), data);
    }
    let words = fonts.families.entry(FontFamily::Proportional).or_default();
    words.insert(0, "Inter".into());
    words.insert(1, "JetBrains Mono".into());
    let mut strong = words.clone();
    strong.insert(0, "Inter SemiBold".into());
    fonts.families.insert(strong_family(), strong);
    let numbers = fonts.families.entry(FontFamily::Monospace).or_default();
    numbers.insert(0, "JetBrains Mono".into());
    numbers.push("Inter".into());
    fonts
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
    fn each_bundled_font_is_smaller_than_a_megabyte() {
        for bytes in [REGULAR, SEMIBOLD, MONO] {
            assert!(bytes.len() < 1 << 20);
        }
    }
}
