//! Vectors as one array of numbers: NumPy's `.npy`, or a tensor of a safetensors file. The words are
//! inside (safetensors: a tensor `words` of bytes, one word a line) or in a list beside it.

use super::word_list::WordList;
use super::{
    Collected, Emit, MAX_COPIED_BYTES, MAX_WIDTH, Store, WordVectors, norm, norm_of_bytes, npy,
    stopped,
};
use crate::files::dequantize;
use crate::files::mapped::Mapped;
use crate::files::metadata::MetaValue;
use crate::files::shown::{count, file_name, shortened, shown};
use crate::files::source::Source;
use crate::files::weight_type::WeightType;
use crate::files::weights::{TensorEntry, WeightFile};
use crate::refusal::{Refusal, Result};

/// Read at once.
const PART_BYTES: usize = 4 << 20;

/// Rows of numbers inside a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Array {
    pub dtype: WeightType,
    pub n_rows: usize,
    pub width: usize,
    /// Its first byte.
    pub offset: u64,
}

impl Array {
    /// The array that a tensor of two dimensions is.
    pub fn of(tensor: &TensorEntry) -> Self {
        Self {
            dtype: tensor.dtype,
            n_rows: tensor.shape[0],
            width: tensor.shape[1],
            offset: tensor.offset,
        }
    }
}

/// A `.npy` with its list of words.
pub(super) fn read_npy(source: Source, emit: Emit<'_>) -> Result<WordVectors> {
    let array = npy::read(&source)?;
    let (words, path) = WordList::of(&source, array.n_rows, array.width)?;
    let note = format!("Its words are those of `{}`.", file_name(&path));
    with_words(source, array, &words, "NumPy array", Some(note), emit)
}

/// A safetensors file with its words inside, or beside it.
pub(super) fn read_safetensors(file: &WeightFile, emit: Emit<'_>) -> Result<WordVectors> {
    let source = file.source_again()?;
    let refused = |evidence: String| {
        source.unsupported(
            evidence,
            "Save it with one tensor of rows, and a list of its words beside it.",
        )
    };
    let Some((rows, words)) = tensors(file) else {
        return Err(refused(format!(
            "Word vectors have one tensor of two dimensions; among its {} tensors there is not just one.",
            count(file.tensors.len() as u64)
        )));
    };
    let array = Array::of(rows);
    if let Some(words) = words {
        let words = WordList::from_lines_as_they_are(&file.bytes(words)?);
        let scales = file
            .get("scales")
            .filter(|t| t.dtype == WeightType::F32 && rows.dtype == WeightType::I8);
        let mut set = match scales {
            Some(scales) => with_scales(file, rows, scales, &words)?,
            None => with_words(source, array, &words, "safetensors", None, emit)?,
        };
        let text = |key: &str| match file.meta(key) {
            Some(MetaValue::Text(text)) => Some(text.as_str()),
            _ => None,
        };
        if let Some(name) = text("name") {
            set.name = shown(name);
        }
        if let Some(source) = text("source") {
            set.source = shortened(source, 400) + ".";
        }
        return Ok(set);
    }
    let (words, path) = WordList::of(&source, array.n_rows, array.width)?;
    let note = format!("Its words are those of `{}`.", file_name(&path));
    with_words(source, array, &words, "safetensors", Some(note), emit)
}

/// The tensor of rows, and the tensor of words where it is inside. `None` where this is no set of
/// word vectors: it has several matrices, or none.
pub(super) fn tensors(file: &WeightFile) -> Option<(&TensorEntry, Option<&TensorEntry>)> {
    let words = file
        .get("words")
        .filter(|t| t.dtype == WeightType::U8 && t.shape.len() == 1);
    let mut matrices = file.tensors.iter().filter(|t| t.shape.len() == 2);
    let rows = matrices.next().filter(|t| {
        matches!(
            t.dtype,
            WeightType::F32 | WeightType::F16 | WeightType::BF16 | WeightType::F64 | WeightType::I8
        )
    })?;
    (matrices.next().is_none() && file.n_shards() == 1).then_some((rows, words))
}

/// Whole numbers of 8 bits with one scale a row.
fn with_scales(
    file: &WeightFile,
    rows: &TensorEntry,
    scales: &TensorEntry,
    words: &WordList,
) -> Result<WordVectors> {
    let (n_rows, width) = (rows.shape[0], rows.shape[1]);
    let scales = file.f32s(scales)?;
    check(file.name(), n_rows, width, words)?;
    if scales.len() != n_rows {
        return Err(Refusal::unchanged(
            format!("`{}` is not a sound set of word vectors.", file.name()),
            format!(
                "It has {} rows and {} scales.",
                count(n_rows as u64),
                count(scales.len() as u64)
            ),
            "Choose another file.",
        ));
    }
    let bytes = file.bytes(rows)?;
    let values: &[i8] = bytemuck::cast_slice(&bytes);
    let mut set = Collected::new(n_rows);
    let mut kept = Vec::with_capacity(values.len());
    let mut kept_scales = Vec::with_capacity(n_rows);
    for (i, (row, scale)) in values.chunks_exact(width).zip(scales).enumerate() {
        let squares: i64 = row.iter().map(|&q| i64::from(q) * i64::from(q)).sum();
        let length = ((squares as f64).sqrt() * f64::from(scale).abs()) as f32;
        if set.add(words.get(i).as_bytes(), length)? {
            kept.extend_from_slice(row);
            kept_scales.push(scale);
        }
    }
    let store = Store::I8 {
        values: kept,
        scales: kept_scales,
    };
    set.finish(file.name(), "safetensors, 8 bits a number", width, store)
}

fn with_words(
    source: Source,
    array: Array,
    words: &WordList,
    format: &str,
    note: Option<String>,
    emit: Emit<'_>,
) -> Result<WordVectors> {
    let Array {
        dtype,
        n_rows,
        width,
        offset,
    } = array;
    check(source.name(), n_rows, width, words)?;
    let mut set = Collected::new(n_rows);
    set.notes.extend(note);
    let row_bytes = width * dtype.block_bytes();
    let name = source.name().to_owned();
    let per_part = (PART_BYTES / row_bytes).max(1);
    let progress = |emit: Emit<'_>, i: usize| match emit(i as f32 / n_rows as f32) {
        std::ops::ControlFlow::Break(()) => Err(stopped(&name)),
        std::ops::ControlFlow::Continue(()) => Ok(()),
    };
    if dtype == WeightType::F32
        && (n_rows * row_bytes) as u64 > MAX_COPIED_BYTES
        && source.is_file()
    {
        let map = Mapped::new(source)?;
        let mut offsets = Vec::with_capacity(n_rows);
        for i in 0..n_rows {
            if i % per_part == 0 {
                progress(emit, i)?;
            }
            let at = offset as usize + i * row_bytes;
            if set.add(
                words.get(i).as_bytes(),
                norm_of_bytes(&map.bytes()[at..at + row_bytes]),
            )? {
                offsets.push(at as u64);
            }
        }
        map.check()?;
        return set.finish(&name, format, width, Store::Mapped { map, offsets });
    }
    let mut values: Vec<f32> = Vec::new();
    let mut halves: Vec<u16> = Vec::new();
    for first in (0..n_rows).step_by(per_part) {
        progress(emit, first)?;
        let n = per_part.min(n_rows - first);
        let bytes = source.read(offset + (first * row_bytes) as u64, (n * row_bytes) as u64)?;
        let part = dequantize::to_f32s(dtype, &bytes).map_err(|e| source.damaged(format, e))?;
        for (i, row) in part.chunks_exact(width).enumerate() {
            if !set.add(words.get(first + i).as_bytes(), norm(row))? {
                continue;
            }
            if dtype == WeightType::F16 {
                let bits = bytes[i * row_bytes..(i + 1) * row_bytes].chunks_exact(2);
                halves.extend(bits.map(|b| u16::from_le_bytes([b[0], b[1]])));
            } else {
                values.extend_from_slice(row);
            }
        }
    }
    let store = if dtype == WeightType::F16 {
        Store::F16(halves)
    } else {
        Store::F32(values)
    };
    set.finish(&name, format, width, store)
}

fn check(name: &str, n_rows: usize, width: usize, words: &WordList) -> Result<()> {
    if width == 0 || width > MAX_WIDTH || n_rows == 0 {
        return Err(Refusal::unchanged(
            format!("`{name}` is not a set of word vectors."),
            format!(
                "It has {} rows of {} numbers.",
                count(n_rows as u64),
                count(width as u64)
            ),
            "Choose another file.",
        ));
    }
    if words.len() != n_rows {
        return Err(Refusal::unchanged(
            format!("The words of `{name}` are not as many as its rows."),
            format!(
                "It has {} rows, and there are {} words.",
                count(n_rows as u64),
                count(words.len() as u64)
            ),
            "Give it the list it was saved with: one word a line, in the order of the rows.",
        ));
    }
    Ok(())
}
