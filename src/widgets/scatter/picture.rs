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

/// A round dot's coverage of the pixels around it, for every place between pixels.
#[derive(Debug, Clone)]
struct Stamp {
    /// Pixels from the first covered one to the middle's, in both directions.
    reach: i32,
    /// Where each block of `spots` begins, and the end of the last.
    starts: [usize; SUBPIXELS * SUBPIXELS + 1],
    spots: Vec<Spot>,
}

/// A pixel that a dot covers.
#[derive(Debug, Clone, Copy)]
struct Spot {
    row: u16,
    column: u16,
    /// `row` × the picture's width + `column`.
    offset: u32,
    /// 1..=256.
    part: u32,
}

impl Stamp {
    fn new(radius: f32, width: usize) -> Self {
        let reach = (radius + 0.5).ceil() as usize;
        let side = 2 * reach + 1;
        let mut starts = [0; SUBPIXELS * SUBPIXELS + 1];
        let mut spots = Vec::new();
        for sub in 0..SUBPIXELS * SUBPIXELS {
            let middle = |sub: usize| reach as f32 + (sub as f32 + 0.5) / SUBPIXELS as f32;
            let (x0, y0) = (middle(sub % SUBPIXELS), middle(sub / SUBPIXELS));
            for (row, column) in (0..side).flat_map(|row| (0..side).map(move |c| (row, c))) {
                let (dx, dy) = (column as f32 + 0.5 - x0, row as f32 + 0.5 - y0);
                let covered = (radius + 0.5 - dx.hypot(dy)).clamp(0.0, 1.0);
                let part = (covered * 256.0).round() as u32;
                if part > 0 {
                    spots.push(Spot {
                        row: row as u16,
                        column: column as u16,
                        offset: (row * width + column) as u32,
                        part,
                    });
                }
            }
            starts[sub + 1] = spots.len();
        }
        Self {
            reach: reach as i32,
            starts,
            spots,
        }
    }
}

/// The stamps of the radii in use, in eighths of a pixel, for a picture of one width.
#[derive(Debug, Clone, Default)]
pub(super) struct Stamps {
    width: usize,
    by_eighth: Vec<Option<Stamp>>,
}

impl Stamps {
    fn get(&mut self, radius: f32) -> &Stamp {
        let eighth = ((radius * 8.0 + 0.5) as usize).clamp(4, 400);
        if self.by_eighth.len() <= eighth {
            self.by_eighth.resize(eighth + 1, None);
        }
        let width = self.width;
        self.by_eighth[eighth].get_or_insert_with(|| Stamp::new(eighth as f32 / 8.0, width))
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
    let size = image.size;
    if stamps.width != size[0] {
        *stamps = Stamps {
            width: size[0],
            by_eighth: Vec::new(),
        };
    }
    let pixels: &mut [u32] = bytemuck::cast_slice_mut(&mut image.pixels);
    for dot in dots {
        paint_one(pixels, size, stamps.get(dot.radius), &dot);
    }
}

fn paint_one(pixels: &mut [u32], [width, height]: [usize; 2], stamp: &Stamp, dot: &Dot) {
    /// Added before a place is cut to a whole number, so that it is cut downward.
    const BIAS: i32 = 1 << 12;
    let [x, y] = dot.at;
    let within = |at: f32| at > -1000.0 && at < 1e5;
    if !(within(x) && within(y)) {
        return;
    }
    let fixed = |at: f32| ((at + BIAS as f32) * SUBPIXELS as f32) as i32;
    let (x, y) = (fixed(x), fixed(y));
    let n = SUBPIXELS as i32;
    let (left, top) = (x / n - BIAS - stamp.reach, y / n - BIAS - stamp.reach);
    let block = ((y % n) * n + x % n) as usize;
    let spots = &stamp.spots[stamp.starts[block]..stamp.starts[block + 1]];
    let ink: u32 = bytemuck::cast(dot.color.to_array());
    let side = 2 * stamp.reach + 1;
    let is_whole =
        left >= 0 && top >= 0 && left + side <= width as i32 && top + side <= height as i32;
    if is_whole {
        let pixels = &mut pixels[top as usize * width + left as usize..];
        for spot in spots {
            let pixel = &mut pixels[spot.offset as usize];
            *pixel = blend(*pixel, ink, spot.part);
        }
        return;
    }
    for spot in spots {
        let (column, row) = (left + i32::from(spot.column), top + i32::from(spot.row));
        if column >= 0 && row >= 0 && column < width as i32 && row < height as i32 {
            let pixel = &mut pixels[row as usize * width + column as usize];
            *pixel = blend(*pixel, ink, spot.part);
        }
    }
}

/// `ink` over `below`, `part`/256 of it: two channels at a time.
fn blend(below: u32, ink: u32, part: u32) -> u32 {
    const EVEN: u32 = 0x00ff_00ff;
    let rest = 256_u32.wrapping_sub(part);
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
