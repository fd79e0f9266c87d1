//! The points as a picture of their own, painted here and handed to the window as one texture: tens of
//! thousands of round dots cost a few milliseconds when the view changes, and nothing while it does not.

use eframe::egui::{Color32, ColorImage};

/// Places between two pixels at which a dot is worked out, per axis.
const SUBPIXELS: usize = 4;

/// A dot to paint.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Dot {
    /// The middle, in pixels from the corner.
    pub at: [f32; 2],
    /// In pixels.
    pub radius: f32,
    /// Opaque.
    pub color: Color32,
}

/// A round dot's coverage of the pixels around it, 0..=256, for every place between pixels.
#[derive(Debug, Clone)]
struct Stamp {
    side: usize,
    /// `SUBPIXELS`² blocks of side² numbers.
    coverage: Vec<u16>,
}

impl Stamp {
    fn new(radius: f32) -> Self {
        let reach = (radius + 0.5).ceil() as usize + 1;
        let side = 2 * reach;
        let mut coverage = Vec::with_capacity(SUBPIXELS * SUBPIXELS * side * side);
        for sub in 0..SUBPIXELS * SUBPIXELS {
            let middle = |sub: usize| reach as f32 + (sub as f32 + 0.5) / SUBPIXELS as f32;
            let (x0, y0) = (middle(sub % SUBPIXELS), middle(sub / SUBPIXELS));
            for pixel in 0..side * side {
                let dx = (pixel % side) as f32 + 0.5 - x0;
                let dy = (pixel / side) as f32 + 0.5 - y0;
                let covered = (radius + 0.5 - dx.hypot(dy)).clamp(0.0, 1.0);
                coverage.push((covered * 256.0).round() as u16);
            }
        }
        Self { side, coverage }
    }
}

/// The stamps of the radii in use, in eighths of a pixel.
#[derive(Debug, Clone, Default)]
pub(super) struct Stamps {
    by_eighth: Vec<Option<Stamp>>,
}

impl Stamps {
    fn get(&mut self, radius: f32) -> &Stamp {
        let eighth = ((radius * 8.0).round() as usize).clamp(4, 400);
        if self.by_eighth.len() <= eighth {
            self.by_eighth.resize(eighth + 1, None);
        }
        self.by_eighth[eighth].get_or_insert_with(|| Stamp::new(eighth as f32 / 8.0))
    }
}

/// Empties `image` and gives it this size.
pub(super) fn clear(image: &mut ColorImage, size: [usize; 2]) {
    if image.size == size {
        image.pixels.fill(Color32::TRANSPARENT);
    } else {
        *image = ColorImage::filled(size, Color32::TRANSPARENT);
    }
}

/// Paints dots over what is there, in the order they come.
pub(super) fn paint(image: &mut ColorImage, stamps: &mut Stamps, dots: impl Iterator<Item = Dot>) {
    let [width, height] = image.size;
    let pixels: &mut [u32] = bytemuck::cast_slice_mut(&mut image.pixels);
    for dot in dots {
        let stamp = stamps.get(dot.radius);
        paint_one(pixels, [width, height], stamp, &dot);
    }
}

fn paint_one(pixels: &mut [u32], [width, height]: [usize; 2], stamp: &Stamp, dot: &Dot) {
    let side = stamp.side as i32;
    let [x, y] = dot.at;
    // Far outside, or no number at all.
    if !(x.abs() < 1e6 && y.abs() < 1e6) {
        return;
    }
    let (whole_x, whole_y) = (x.floor(), y.floor());
    let sub = |part: f32| ((part * SUBPIXELS as f32) as usize).min(SUBPIXELS - 1);
    let (left, top) = (whole_x as i32 - side / 2, whole_y as i32 - side / 2);
    let (from_x, to_x) = (left.max(0), (left + side).min(width as i32));
    let (from_y, to_y) = (top.max(0), (top + side).min(height as i32));
    if from_x >= to_x || from_y >= to_y {
        return;
    }
    let block = sub(y - whole_y) * SUBPIXELS + sub(x - whole_x);
    let coverage = &stamp.coverage[block * stamp.side * stamp.side..][..stamp.side * stamp.side];
    let ink: u32 = bytemuck::cast(dot.color.to_array());
    let n = (to_x - from_x) as usize;
    for row in from_y..to_y {
        let cover = &coverage[(row - top) as usize * stamp.side + (from_x - left) as usize..][..n];
        let line = &mut pixels[row as usize * width + from_x as usize..][..n];
        for (pixel, &cover) in line.iter_mut().zip(cover) {
            match cover {
                0 => {}
                256 => *pixel = ink,
                part => *pixel = blend(*pixel, ink, u32::from(part)),
            }
        }
    }
}

/// `ink` over `below`, `part`/256 of it: two channels at a time.
fn blend(below: u32, ink: u32, part: u32) -> u32 {
    const EVEN: u32 = 0x00ff_00ff;
    let rest = 256 - part;
    let lane = |below: u32, ink: u32| {
        let sum = (below & EVEN).wrapping_mul(rest);
        (sum.wrapping_add((ink & EVEN).wrapping_mul(part)) >> 8) & EVEN
    };
    lane(below, ink) | (lane(below >> 8, ink >> 8) << 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn painted(dots: &[Dot]) -> ColorImage {
        let mut image = ColorImage::default();
        clear(&mut image, [40, 30]);
        paint(&mut image, &mut Stamps::default(), dots.iter().copied());
        image
    }

    /// How many whole pixels are covered, by their opacity.
    fn area(image: &ColorImage) -> f64 {
        let opaque = image.pixels.iter().map(|pixel| f64::from(pixel.a()));
        opaque.sum::<f64>() / 255.0
    }

    #[test]
    fn a_dot_covers_the_area_of_a_circle_wherever_it_stands_between_pixels() {
        for (x, y, radius) in [(20.0, 15.0, 3.0), (20.4, 15.9, 3.0), (18.13, 12.7, 5.5)] {
            let at = [x, y];
            let color = Color32::WHITE;
            let area = area(&painted(&[Dot { at, radius, color }]));
            let circle = std::f64::consts::PI * f64::from(radius).powi(2);
            assert!((area - circle).abs() < 0.05 * circle, "{area} {circle}");
        }
    }

    #[test]
    fn a_later_dot_lies_over_an_earlier_one() {
        let at = [20.5, 15.5];
        let dot = |color| Dot {
            at,
            radius: 4.0,
            color,
        };
        let image = painted(&[dot(Color32::WHITE), dot(Color32::BLACK)]);
        assert_eq!(image.pixels[15 * 40 + 20], Color32::BLACK);
    }

    #[test]
    fn dots_at_and_beyond_the_edge_are_cut_off() {
        let color = Color32::WHITE;
        let place = |x, y| Dot {
            at: [x, y],
            radius: 3.0,
            color,
        };
        let whole = area(&painted(&[place(20.0, 15.0)]));
        let half = area(&painted(&[place(0.0, 15.0)]));
        assert!((half / whole - 0.5).abs() < 0.05, "{half} {whole}");
        let outside = [
            place(-90.0, 5.0),
            place(500.0, 500.0),
            place(f32::NAN, 1.0),
            place(f32::INFINITY, f32::NEG_INFINITY),
        ];
        assert_eq!(area(&painted(&outside)), 0.0);
    }
}
