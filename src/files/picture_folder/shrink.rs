//! The largest square in the middle of a picture, at another size: each new pixel is the mean of the
//! area it covers, weighed by how much of each old pixel lies in it. So nothing shimmers, as it does
//! where pixels are skipped, and a smaller picture becomes a larger one without new colours.

use image::{DynamicImage, GenericImageView as _, RgbImage};
use std::ops::Range;

/// The middle square of `picture` as `side` × `side` red, green and blue; what is see-through lies
/// on white. Values are averaged as they are stored, as picture programs do.
pub(super) fn shrink(picture: &DynamicImage, side: usize) -> DynamicImage {
    let (width, height) = picture.dimensions();
    let square = width.min(height);
    let (left, top) = ((width - square) / 2, (height - square) / 2);
    let spans: Vec<Vec<(usize, f32)>> = (0..square)
        .map(|i| shares(i as usize, square as usize, side))
        .collect();
    let mut sums = vec![0.0_f32; side * side * 3];
    let mut row = vec![0.0_f32; side * 3];
    for (y, rows) in spans.iter().enumerate() {
        row.fill(0.0);
        for (x, columns) in spans.iter().enumerate() {
            let [red, green, blue, alpha] = picture.get_pixel(left + x as u32, top + y as u32).0;
            let alpha = f32::from(alpha) / 255.0;
            let color = [red, green, blue].map(|c| f32::from(c) * alpha + 255.0 * (1.0 - alpha));
            for &(column, share) in columns {
                for (sum, c) in row[3 * column..3 * column + 3].iter_mut().zip(color) {
                    *sum += share * c;
                }
            }
        }
        for &(at, share) in rows {
            let Range { start, end } = 3 * side * at..3 * side * (at + 1);
            for (sum, value) in sums[start..end].iter_mut().zip(&row) {
                *sum += share * value;
            }
        }
    }
    let pixels = sums.iter().map(|sum| (sum + 0.5) as u8).collect();
    let side = side as u32;
    RgbImage::from_raw(side, side, pixels).map_or_else(
        || DynamicImage::new_rgb8(side, side),
        DynamicImage::ImageRgb8,
    )
}

/// The new pixels that old pixel `i` of `from` lies in when there are `to` of them, with its share
/// in the mean of each. For every new pixel the shares of all old ones add up to 1.
fn shares(i: usize, from: usize, to: usize) -> Vec<(usize, f32)> {
    // In units of 1 / (from · to) of the side everything is a whole number.
    let (start, end) = (i * to, (i + 1) * to);
    (start / from..end.div_ceil(from))
        .map(|new| {
            let overlap = end.min((new + 1) * from) - start.max(new * from);
            (new, overlap as f32 / from as f32)
        })
        .collect()
}
