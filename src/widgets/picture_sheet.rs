//! Square pictures of one size as one texture: made once when they change, drawn one by one wherever
//! they are wanted. Pixels stay squares, however large they are drawn.

use eframe::egui::{
    Color32, ColorImage, Context, Painter, Rect, TextureHandle, TextureOptions, pos2,
};

/// Texels that a small picture gets along a side, about: enough for its pixels to keep their edges
/// when it is drawn at a size that is no multiple of its own.
const TEXELS: usize = 96;
/// A sheet is never wider or higher than every graphics card can take.
const MOST_TEXELS: usize = 2048;

/// Pictures as plain bytes.
#[derive(Debug, Clone, Copy)]
pub struct Pixels<'a> {
    /// Pixels along a side.
    pub side: usize,
    /// 3 for red, green and blue; 1 for grey.
    pub n_channels: usize,
    /// `(picture, row, column, channel)`, each 0–255.
    pub bytes: &'a [u8],
}

impl Pixels<'_> {
    /// How many whole pictures there are.
    #[must_use]
    pub fn len(&self) -> usize {
        let n_bytes = self.side * self.side * self.n_channels;
        self.bytes.len().checked_div(n_bytes).unwrap_or(0)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All pictures side by side, `columns` in a row, each pixel `scale` texels wide and high.
    fn sheet(&self, columns: usize, scale: usize) -> ColorImage {
        let (side, channels, n) = (self.side, self.n_channels, self.len());
        let rows = n.div_ceil(columns);
        let [width, height] = [columns * side * scale, rows * side * scale];
        let mut texels = vec![Color32::TRANSPARENT; width * height];
        let pixels = self.bytes.chunks_exact(channels);
        let pictures = pixels.map(color_of).collect::<Vec<_>>();
        for (i, picture) in pictures.chunks_exact(side * side).enumerate() {
            let (top, left) = (i / columns * side * scale, i % columns * side * scale);
            for y in 0..side * scale {
                let row = &picture[y / scale * side..][..side];
                let texels = &mut texels[(top + y) * width + left..][..side * scale];
                for (texel, x) in texels.iter_mut().zip(0..) {
                    *texel = row[x / scale];
                }
            }
        }
        ColorImage::new([width, height], texels)
    }
}

fn color_of(channels: &[u8]) -> Color32 {
    match *channels {
        [r, g, b, ..] => opaque(r, g, b),
        [grey, ..] => Color32::from_gray(grey),
        [] => Color32::TRANSPARENT,
    }
}

/// A pixel's own colour: data, not a colour of the window.
fn opaque(r: u8, g: u8, b: u8) -> Color32 {
    Color32::from_rgba_premultiplied(r, g, b, 255)
}

/// Pictures on the graphics card, kept between frames.
#[derive(Default)]
pub struct PictureSheet {
    texture: Option<TextureHandle>,
    /// What the texture was made of, as its owner counts.
    version: Option<u64>,
    n: usize,
    columns: usize,
    /// Half a texel of the sheet, in its own width and height: what is drawn stays inside by so much.
    inset: [f32; 2],
}

impl std::fmt::Debug for PictureSheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PictureSheet")
            .field("version", &self.version)
            .field("n", &self.n)
            .finish_non_exhaustive()
    }
}

impl PictureSheet {
    /// Makes the texture anew if `version` is not that of last time. `large` is for a picture that is
    /// drawn many times larger than it is.
    pub fn update(&mut self, ctx: &Context, version: u64, pixels: Pixels<'_>, large: bool) {
        if self.version == Some(version) {
            return;
        }
        self.version = Some(version);
        self.n = pixels.len();
        if self.n == 0 {
            self.texture = None;
            return;
        }
        self.columns = (self.n as f32).sqrt().ceil() as usize;
        let most = MOST_TEXELS / (self.columns * pixels.side);
        let (scale, options) = if large {
            (1, TextureOptions::NEAREST)
        } else {
            let wanted = TEXELS.div_ceil(pixels.side);
            (wanted.min(most).max(1), TextureOptions::LINEAR)
        };
        let image = pixels.sheet(self.columns, scale);
        self.inset = image.size.map(|texels| 0.5 / texels as f32);
        match &mut self.texture {
            Some(texture) => texture.set(image, options),
            None => self.texture = Some(ctx.load_texture("pictures", image, options)),
        }
    }

    /// The version that was last given to [`Self::update`].
    #[must_use]
    pub fn version(&self) -> Option<u64> {
        self.version
    }

    /// How many pictures there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.n
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// Paints picture `i` over `rect`; nothing past the last.
    pub fn paint(&self, painter: &Painter, rect: Rect, i: usize) {
        if let Some(texture) = self.texture.as_ref().filter(|_| i < self.n) {
            painter.image(texture.id(), rect, self.place(i), Color32::WHITE);
        }
    }

    /// Where picture `i` lies on the sheet, whose sides are 1.
    fn place(&self, i: usize) -> Rect {
        let rows = self.n.div_ceil(self.columns);
        let [width, height] = [self.columns, rows].map(|n| 1.0 / n as f32);
        let (row, column) = (i / self.columns, i % self.columns);
        let [x, y] = self.inset;
        Rect::from_min_max(
            pos2(column as f32 * width + x, row as f32 * height + y),
            pos2(
                (column + 1) as f32 * width - x,
                (row + 1) as f32 * height - y,
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_becomes_a_square_of_its_own_colour() {
        let pixels = Pixels {
            side: 2,
            n_channels: 1,
            bytes: &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
        };
        let sheet = pixels.sheet(2, 3);
        assert_eq!(sheet.size, [12, 12]);
        let at = |x: usize, y: usize| sheet.pixels[y * 12 + x].r();
        assert_eq!([at(0, 0), at(2, 2), at(3, 0), at(0, 3)], [1, 1, 2, 3]);
        // The second picture beside the first, the third below it.
        assert_eq!([at(6, 0), at(11, 5), at(0, 6), at(5, 11)], [5, 8, 9, 12]);
        assert_eq!(sheet.pixels[11 * 12 + 11], Color32::TRANSPARENT);
    }

    #[test]
    fn a_picture_is_found_where_it_was_put() {
        let sheet = PictureSheet {
            n: 5,
            columns: 3,
            ..PictureSheet::default()
        };
        let place = sheet.place(4);
        assert!((place.left() - 1.0 / 3.0).abs() < 1e-6 && (place.top() - 0.5).abs() < 1e-6);
        assert!((place.right() - 2.0 / 3.0).abs() < 1e-6 && (place.bottom() - 1.0).abs() < 1e-6);
    }

    #[test]
    fn a_texture_is_made_once_for_each_version() {
        let ctx = Context::default();
        let mut sheet = PictureSheet::default();
        let grey = |bytes| Pixels {
            side: 1,
            n_channels: 1,
            bytes,
        };
        sheet.update(&ctx, 7, grey(&[1, 2, 3]), false);
        assert_eq!((sheet.len(), sheet.version()), (3, Some(7)));
        sheet.update(&ctx, 7, grey(&[1]), false);
        assert_eq!(sheet.len(), 3);
        sheet.update(&ctx, 8, grey(&[]), false);
        assert!(sheet.is_empty());
    }
}
