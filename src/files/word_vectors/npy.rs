//! NumPy's array file: a magic, and a line of Python that tells type, order and shape.
//! Source: <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>.

use super::arrays::Array;
use crate::files::shown::{count, shown, size};
use crate::files::source::Source;
use crate::files::weight_type::WeightType;
use crate::refusal::Result;

/// NumPy itself refuses a header longer than 10,000 bytes.
const MAX_HEADER_BYTES: u64 = 64 << 10;
const FORMAT: &str = "NumPy";

/// The array that `source` describes; it was checked to lie inside the file.
pub(super) fn read(source: &Source) -> Result<Array> {
    let head = source.read(0, source.len().min(12))?;
    let (n, start) = match *head {
        [_, _, _, _, _, _, 1, _, a, b, ..] => (u64::from(u16::from_le_bytes([a, b])), 10),
        [_, _, _, _, _, _, 2 | 3, _, a, b, c, d] => {
            (u64::from(u32::from_le_bytes([a, b, c, d])), 12)
        }
        [_, _, _, _, _, _, version, ..] if version != 1 => {
            return Err(source.damaged(
                FORMAT,
                format!("It has version {version}; there are 1, 2 and 3."),
            ));
        }
        _ => return Err(source.incomplete("It ends inside its header.")),
    };
    if n > MAX_HEADER_BYTES {
        return Err(source.damaged(
            FORMAT,
            format!(
                "Its header claims {}; {} is the most that makes sense.",
                size(n),
                size(MAX_HEADER_BYTES)
            ),
        ));
    }
    let header = source.read(start, n)?;
    let header = String::from_utf8_lossy(&header);
    let field = |key: &str| value_of(&header, key);
    let (Some(descr), Some(order), Some(shape)) =
        (field("descr"), field("fortran_order"), field("shape"))
    else {
        return Err(source.damaged(
            FORMAT,
            format!(
                "Its header lacks descr, fortran_order or shape: {}.",
                shown(&header)
            ),
        ));
    };
    let Some(dtype) = dtype(descr) else {
        return Err(source.unsupported(
            format!(
                "Its numbers are {}; what can be read is f2, f4, f8 and i1, little-endian.",
                shown(descr)
            ),
            "Save it again in Python: np.save(path, array.astype('<f4')).",
        ));
    };
    if order.starts_with("True") {
        return Err(source.unsupported(
            "It is stored column after column (fortran_order).",
            "Save it again in Python: np.save(path, np.ascontiguousarray(array)).",
        ));
    }
    let dims: Option<Vec<u64>> = shape
        .trim_start_matches('(')
        .split(',')
        .map(str::trim)
        .filter(|dim| !dim.is_empty())
        .map(|dim| dim.parse().ok())
        .collect();
    let Some([n_rows, width]) = dims.as_deref() else {
        return Err(source.unsupported(
            format!(
                "Its shape is {}; word vectors have two dimensions: words, and numbers of each.",
                shown(shape)
            ),
            "Choose another file.",
        ));
    };
    let offset = start + n;
    let n_bytes = n_rows
        .checked_mul(*width)
        .and_then(|n| n.checked_mul(dtype.block_bytes() as u64));
    if n_bytes.is_none_or(|n| n > source.len() - offset) {
        return Err(source.incomplete(format!(
            "It claims {} × {} numbers, and {} of the file remain.",
            count(*n_rows),
            count(*width),
            size(source.len() - offset)
        )));
    }
    Ok(Array {
        dtype,
        n_rows: *n_rows as usize,
        width: *width as usize,
        offset,
    })
}

/// What stands after `'key':`, up to the comma or bracket that ends it.
fn value_of<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    let after = ["'", "\""].iter().find_map(|quote| {
        let (_, after) = header.split_once(&format!("{quote}{key}{quote}"))?;
        after.trim_start().strip_prefix(':')
    })?;
    let value = after.trim_start();
    let end = if value.starts_with('(') {
        value.find(')')
    } else {
        value.find([',', '}'])
    };
    Some(value[..end?].trim_end())
}

fn dtype(descr: &str) -> Option<WeightType> {
    Some(match descr.trim_matches(['\'', '"']) {
        "<f4" => WeightType::F32,
        "<f2" => WeightType::F16,
        "<f8" => WeightType::F64,
        "|i1" => WeightType::I8,
        _ => return None,
    })
}
