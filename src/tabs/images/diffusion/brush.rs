//! Painting on a picture of few pixels: a round brush along the way of the pointer.

/// Numbers of a square picture that can be painted on.
#[derive(Debug)]
pub(super) struct Surface<'a> {
    /// `(row, column, channel)`.
    pub(super) numbers: &'a mut [f32],
    /// Pixels along a side.
    pub(super) side: usize,
    /// Numbers of a pixel.
    pub(super) n_channels: usize,
}

impl Surface<'_> {
    /// Paints from one place to another, both in pixels from the left upper corner, with a brush of this
    /// radius in pixels. A pixel that the brush only touches becomes a mixture.
    pub(super) fn stroke(&mut self, [from, to]: [[f32; 2]; 2], radius: f32, ink: &[f32]) {
        let channels = self.n_channels;
        for (i, pixel) in self.numbers.chunks_exact_mut(channels).enumerate() {
            let centre = [(i % self.side) as f32 + 0.5, (i / self.side) as f32 + 0.5];
            let cover = (radius + 0.5 - distance(centre, from, to)).clamp(0.0, 1.0);
            for (number, ink) in pixel.iter_mut().zip(ink) {
                *number += cover * (ink - *number);
            }
        }
    }
}

/// How far a point is from a line between two others.
fn distance([x, y]: [f32; 2], [x0, y0]: [f32; 2], [x1, y1]: [f32; 2]) -> f32 {
    let (dx, dy) = (x1 - x0, y1 - y0);
    let along = ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy).max(1e-9);
    let along = along.clamp(0.0, 1.0);
    (x - x0 - along * dx).hypot(y - y0 - along * dy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_brush_paints_a_disc_and_along_its_way() {
        let mut numbers = vec![0.0; 16 * 16];
        let mut surface = Surface {
            numbers: &mut numbers,
            side: 16,
            n_channels: 1,
        };
        surface.stroke([[8.0, 8.0]; 2], 4.0, &[1.0]);
        // The area of a disc of radius 4: soft edges keep it within a pixel's width.
        let area: f32 = numbers.iter().sum();
        assert!((area - std::f32::consts::PI * 16.0).abs() < 2.0, "{area}");
        let mut surface = Surface {
            numbers: &mut numbers,
            side: 16,
            n_channels: 1,
        };
        surface.stroke([[1.0, 15.5], [15.0, 15.5]], 1.0, &[1.0]);
        assert!((2..14).all(|x| numbers[15 * 16 + x] == 1.0));
        assert_eq!(numbers[0], 0.0);
    }
}
