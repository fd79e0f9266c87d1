//! The picture of the part in sight: a texture of one texel per cell, or per field of several cells.

use super::TensorMap;
use super::view::View;
use eframe::egui::{Color32, ColorImage, Id, Rect, TextureHandle, TextureOptions, Ui, pos2, vec2};
use std::ops::Range;

/// More cells than this are looked at in steps.
const MOST_CELLS: usize = 1 << 22;

/// The end of the scale is sought among about so many numbers.
const MOST_SAMPLED: usize = 1 << 17;
/// A small table is drawn as it is.
const FEWEST: usize = 400;
/// A number stands out when it is so many times as large as all but one in two hundred.
const FAR_OUT: f32 = 3.0;

/// What a texture was made for.
#[derive(Clone, PartialEq)]
struct Key {
    version: u64,
    shape: [usize; 2],
    rows: Range<usize>,
    columns: Range<usize>,
    texels: [usize; 2],
    is_signed: bool,
}

#[derive(Clone)]
struct Made {
    key: Key,
    texture: TextureHandle,
    largest: f32,
}

/// Draws the part in sight; the number at the end of the scale.
pub(super) fn paint(ui: &Ui, id: Id, map: &TensorMap<'_>, view: &View, plot: Rect) -> f32 {
    let id = id.with("texture");
    let (rows, columns) = (view.rows(), view.columns());
    let pixels = plot.size() * ui.ctx().pixels_per_point();
    let fit = |n: usize, size: f32| n.min(size.ceil().max(1.0) as usize);
    let key = Key {
        version: map.version,
        shape: map.shape,
        texels: [fit(rows.len(), pixels.y), fit(columns.len(), pixels.x)],
        rows: rows.clone(),
        columns: columns.clone(),
        is_signed: map.is_signed,
    };
    let made = ui.data(|data| data.get_temp::<Made>(id));
    let is_same = |made: &Made| made.key.version == key.version && made.key.shape == key.shape;
    let largest = match &made {
        Some(made) if is_same(made) => made.largest,
        _ if map.is_signed => scale_end(map.values),
        // Shares are shares of one, wherever they stand.
        _ => largest(map.values),
    };
    let made = made.filter(|made| made.key == key).unwrap_or_else(|| {
        let image = image(map, &key, largest);
        let name = format!("map of {}", map.name);
        let texture = ui.ctx().load_texture(name, image, TextureOptions::NEAREST);
        let made = Made {
            key,
            texture,
            largest,
        };
        ui.data_mut(|data| data.insert_temp(id, made.clone()));
        made
    });
    let place = view.place(plot, rows, columns);
    let uv = Rect::from_min_size(pos2(0.0, 0.0), vec2(1.0, 1.0));
    let painter = ui.painter().with_clip_rect(plot.intersect(ui.clip_rect()));
    painter.image(made.texture.id(), place, uv, Color32::WHITE);
    largest
}

/// The number farthest from zero; what is no number does not count.
fn largest(values: &[f32]) -> f32 {
    let finite = values.iter().filter(|x| x.is_finite());
    finite.fold(0.0, |largest: f32, x| largest.max(x.abs()))
}

/// The end of a signed scale: the number farthest from zero, unless a few numbers stand so far out that all the
/// others would look like zero; then all but a few of the rest.
fn scale_end(values: &[f32]) -> f32 {
    let step = values.len().div_ceil(MOST_SAMPLED).max(1);
    let largest = largest(values);
    let finite = values.iter().step_by(step).filter(|x| x.is_finite());
    let mut sizes: Vec<f32> = finite.map(|x| x.abs()).collect();
    if sizes.len() < FEWEST {
        return largest;
    }
    let at = sizes.len() - 1 - sizes.len() / 200;
    let (_, &mut usual, _) = sizes.select_nth_unstable_by(at, f32::total_cmp);
    if usual > 0.0 && largest > FAR_OUT * usual {
        usual
    } else {
        largest
    }
}

fn image(map: &TensorMap<'_>, key: &Key, largest: f32) -> ColorImage {
    let [height, width] = key.texels;
    let mut pixels = Vec::with_capacity(height * width);
    let cells = key.rows.len() * key.columns.len();
    let step = cells.div_ceil(MOST_CELLS).max(1);
    for y in 0..height {
        let rows = share(&key.rows, y, height);
        for x in 0..width {
            let columns = share(&key.columns, x, width);
            let value = farthest(map, rows.clone(), columns, step);
            pixels.push(map.color(value, largest));
        }
    }
    ColorImage::new([width, height], pixels)
}

/// The cells of one texel of `n`.
fn share(all: &Range<usize>, i: usize, n: usize) -> Range<usize> {
    let at = |i: usize| all.start + all.len() * i / n;
    at(i)..at(i + 1).max(at(i) + 1)
}

/// The number farthest from zero in a rectangle of cells; NaN where none is finite.
fn farthest(map: &TensorMap<'_>, rows: Range<usize>, columns: Range<usize>, step: usize) -> f32 {
    let mut farthest = f32::NAN;
    for row in rows {
        let row = &map.values[row * map.shape[1]..][..map.shape[1]];
        for &value in row[columns.clone()].iter().step_by(step) {
            if value.is_finite() && (farthest.is_nan() || value.abs() > farthest.abs()) {
                farthest = value;
            }
        }
    }
    farthest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_of_several_numbers_shows_the_one_farthest_from_zero() {
        let name = |i: usize| i.to_string();
        let values: Vec<f32> = (0..20).map(|i| if i == 13 { -7.0 } else { 0.5 }).collect();
        let map = TensorMap {
            name: "stream",
            shape: [2, 10],
            values: &values,
            is_signed: true,
            version: 1,
            row_name: &name,
            column_name: &name,
            chosen: None,
            marked: &[],
        };
        assert_eq!(farthest(&map, 0..2, 0..10, 1), -7.0);
        assert_eq!(farthest(&map, 1..2, 4..10, 1), 0.5);
        let parts: Vec<_> = (0..3).map(|i| share(&(0..10), i, 3)).collect();
        assert_eq!(parts, [0..3, 3..6, 6..10]);
        assert_eq!(scale_end(&[0.5, f32::NAN, -2.0, f32::NEG_INFINITY]), 2.0);
    }

    #[test]
    fn a_few_numbers_far_out_do_not_make_all_others_look_like_zero() {
        let mut values: Vec<f32> = (0..2000).map(|i| (i % 100) as f32 / 100.0).collect();
        assert_eq!(scale_end(&values), 0.99);
        values[7] = -500.0;
        assert_eq!(scale_end(&values), 0.99);
        values[7] = 2.0;
        assert_eq!(scale_end(&values), 2.0);
    }
}
