//! GGUF, the file format of llama.cpp (ggml's `docs/gguf.md`), versions 2 and 3, little-endian.
//!
//! ```text
//! "GGUF"  version: u32  n_tensors: u64  n_keys: u64
//! n_keys ×    key: string  type: u32  value          a string is u64 length, then UTF-8
//! n_tensors × name: string  n_dims: u32  dims: [u64]  type: u32  offset: u64
//! padding up to a multiple of general.alignment (32 unless the key says otherwise)
//! the tensors' data; each offset counts from here and is a multiple of the alignment
//! ```
//!
//! Dimensions are written innermost first: a matrix of 49,152 rows of 576 is `[576, 49152]`. They
//! are turned round here. Version 1 had 32-bit lengths and is no longer written by anything.

use super::cursor::Cursor;
use super::metadata::{MetaArray, MetaValue};
use super::shown::{is_deceptive, shown, size};
use super::source::Source;
use super::weight_type::WeightType;
use super::weights::{Format, Header, TensorEntry};
use crate::refusal::{Refusal, Result};
use std::collections::HashSet;

/// Bytes of a header that are read at most; the largest vocabularies take 20 MB.
const MAX_HEADER_BYTES: u64 = 64 << 20;
/// Values in all arrays together; the largest vocabularies have 1.5 million.
const MAX_ARRAY_VALUES: u64 = 2 << 20;
/// Tensors in a file; the largest models have a few thousand.
const MAX_TENSORS: u64 = 1 << 16;
/// Keys in a file.
const MAX_KEYS: u64 = 1 << 14;
/// Bytes of a key or of a tensor's name (ggml keeps 64 of a name).
const MAX_NAME_BYTES: u64 = 1 << 10;
/// Arrays inside arrays; nobody uses even two.
const MAX_NESTING: usize = 8;
/// ggml's `GGML_MAX_DIMS`.
const MAX_DIMS: u32 = 4;
const DEFAULT_ALIGNMENT: u64 = 32;
const MAX_ALIGNMENT: u64 = 1 << 20;

/// Reads and checks the header: afterwards every tensor lies inside the file, on its alignment,
/// apart from all others, with a shape whose product fits.
///
/// # Errors
/// A refusal that says which field does not hold.
pub(super) fn read(source: &Source) -> Result<Header> {
    let mut cursor = Cursor::new(source, "GGUF", MAX_HEADER_BYTES);
    let version = read_version(&mut cursor)?;
    let n_tensors = cursor.u64("the number of tensors")?;
    let n_keys = cursor.u64("the number of keys")?;
    // The smallest key takes 8 + 1 + 4 + 1 bytes, the smallest tensor 8 + 1 + 4 + 8 + 4 + 8.
    cursor.check_count("keys", n_keys, 14, MAX_KEYS)?;
    cursor.check_count("tensors", n_tensors, 33, MAX_TENSORS)?;

    let mut metadata = Vec::with_capacity(n_keys as usize);
    let mut seen = HashSet::new();
    let mut array_values = MAX_ARRAY_VALUES;
    for _ in 0..n_keys {
        let key = read_name(&mut cursor, "a key")?;
        if !seen.insert(key.clone()) {
            return Err(cursor.damaged(format!("The key `{}` is there twice.", shown(&key))));
        }
        let value_type = cursor.u32(&key)?;
        let value = read_value(&mut cursor, &key, value_type, &mut array_values)?;
        metadata.push((key, value));
    }
    let alignment = alignment(&cursor, &metadata)?;

    let mut tensors = Vec::with_capacity(n_tensors as usize);
    let mut names = HashSet::new();
    for _ in 0..n_tensors {
        let tensor = read_tensor(&mut cursor, alignment)?;
        if !names.insert(tensor.name.clone()) {
            return Err(
                cursor.damaged(format!("Two tensors are called `{}`.", shown(&tensor.name)))
            );
        }
        tensors.push(tensor);
    }
    let data_start = cursor.position().next_multiple_of(alignment);
    place(source, &mut tensors, data_start)?;
    Ok(Header {
        format: Format::Gguf(version),
        metadata,
        tensors,
    })
}

fn read_version(cursor: &mut Cursor) -> Result<u32> {
    let magic = cursor.bytes("the first four bytes", 4)?;
    if magic == b"FUGG" {
        return Err(big_endian(cursor.source()));
    }
    if magic != b"GGUF" {
        return Err(cursor.damaged("It does not begin with the letters GGUF."));
    }
    let version = cursor.u32("the version")?;
    match version {
        2 | 3 => Ok(version),
        0x0200_0000 | 0x0300_0000 => Err(big_endian(cursor.source())),
        1 => Err(cursor.source().unsupported(
            "It is GGUF version 1 of August 2023; Glassbox reads versions 2 and 3.",
            "Download a newer copy of the same model.",
        )),
        _ => Err(cursor.source().unsupported(
            format!("It says it is GGUF version {version}; Glassbox reads versions 2 and 3."),
            "Download the file again, or look for a copy in GGUF 3.",
        )),
    }
}

fn big_endian(source: &Source) -> Refusal {
    source.unsupported(
        "It is a big-endian GGUF file: its numbers are written with the largest byte first.",
        "Download the usual (little-endian) file of the same model.",
    )
}

/// A key or a tensor's name: short, and free of what could deceive the eye.
fn read_name(cursor: &mut Cursor, field: &str) -> Result<String> {
    let name = cursor.string(field, MAX_NAME_BYTES)?;
    if name.is_empty() {
        return Err(cursor.damaged(format!("{field} is empty.")));
    }
    if name.chars().any(is_deceptive) {
        return Err(cursor.damaged(format!(
            "The name `{}` holds control characters or marks that hide its real spelling.",
            shown(&name)
        )));
    }
    Ok(name)
}

fn read_value(
    cursor: &mut Cursor,
    key: &str,
    value_type: u32,
    array_values: &mut u64,
) -> Result<MetaValue> {
    Ok(match value_type {
        0 => MetaValue::Unsigned(cursor.array::<1>(key)?[0].into()),
        1 => MetaValue::Signed((cursor.array::<1>(key)?[0] as i8).into()),
        2 => MetaValue::Unsigned(u16::from_le_bytes(cursor.array(key)?).into()),
        3 => MetaValue::Signed(i16::from_le_bytes(cursor.array(key)?).into()),
        4 => MetaValue::Unsigned(cursor.u32(key)?.into()),
        5 => MetaValue::Signed(i32::from_le_bytes(cursor.array(key)?).into()),
        6 => MetaValue::Float(f32::from_le_bytes(cursor.array(key)?).into()),
        7 => MetaValue::Bool(read_bool(cursor, key)?),
        8 => MetaValue::Text(cursor.string(key, MAX_HEADER_BYTES)?),
        9 => MetaValue::Array(read_array(cursor, key, array_values, MAX_NESTING)?),
        10 => MetaValue::Unsigned(cursor.u64(key)?),
        11 => MetaValue::Signed(i64::from_le_bytes(cursor.array(key)?)),
        12 => MetaValue::Float(f64::from_le_bytes(cursor.array(key)?)),
        _ => return Err(unknown_value_type(cursor, key, value_type)),
    })
}

fn read_bool(cursor: &mut Cursor, key: &str) -> Result<bool> {
    match cursor.array::<1>(key)?[0] {
        0 => Ok(false),
        1 => Ok(true),
        byte => Err(cursor.damaged(format!(
            "The key `{}` should be 0 or 1 (false or true) and is {byte}.",
            shown(key)
        ))),
    }
}

fn unknown_value_type(cursor: &Cursor, key: &str, value_type: u32) -> Refusal {
    cursor.damaged(format!(
        "The key `{}` has a value of type {value_type}; GGUF knows types 0 to 12.",
        shown(key)
    ))
}

fn read_array(
    cursor: &mut Cursor,
    key: &str,
    array_values: &mut u64,
    nesting: usize,
) -> Result<MetaArray> {
    let value_type = cursor.u32(key)?;
    let n = cursor.u64(key)?;
    let smallest = match value_type {
        0 | 1 | 7 => 1,
        2 | 3 => 2,
        4..=6 => 4,
        8 | 10..=12 => 8,
        9 => 12,
        _ => return Err(unknown_value_type(cursor, key, value_type)),
    };
    cursor.check_count(
        &format!("values in `{}`", shown(key)),
        n,
        smallest,
        *array_values,
    )?;
    *array_values -= n;
    let n = n as usize;
    Ok(match value_type {
        0 => MetaArray::Unsigned(each(cursor, key, n, |[b]: [u8; 1]| b.into())?),
        1 => MetaArray::Signed(each(cursor, key, n, |b| i8::from_le_bytes(b).into())?),
        2 => MetaArray::Unsigned(each(cursor, key, n, |b| u16::from_le_bytes(b).into())?),
        3 => MetaArray::Signed(each(cursor, key, n, |b| i16::from_le_bytes(b).into())?),
        4 => MetaArray::Unsigned(each(cursor, key, n, |b| u32::from_le_bytes(b).into())?),
        5 => MetaArray::Signed(each(cursor, key, n, |b| i32::from_le_bytes(b).into())?),
        6 => MetaArray::Float(each(cursor, key, n, f32::from_le_bytes)?),
        7 => {
            let mut values = Vec::with_capacity(n);
            for _ in 0..n {
                values.push(read_bool(cursor, key)?);
            }
            MetaArray::Bool(values)
        }
        8 => {
            let mut texts = Vec::with_capacity(n);
            for _ in 0..n {
                texts.push(cursor.string(key, MAX_HEADER_BYTES)?.into_boxed_str());
            }
            MetaArray::Text(texts)
        }
        9 => {
            if nesting == 0 {
                return Err(cursor.damaged(format!(
                    "The key `{}` holds lists in lists, more than {MAX_NESTING} deep.",
                    shown(key)
                )));
            }
            let mut lists = Vec::with_capacity(n.min(64));
            for _ in 0..n {
                lists.push(read_array(cursor, key, array_values, nesting - 1)?);
            }
            MetaArray::Nested(lists)
        }
        10 => MetaArray::Unsigned(each(cursor, key, n, u64::from_le_bytes)?),
        11 => MetaArray::Signed(each(cursor, key, n, i64::from_le_bytes)?),
        _ => MetaArray::Float(each(cursor, key, n, |b| f64::from_le_bytes(b) as f32)?),
    })
}

fn each<const WIDTH: usize, T>(
    cursor: &mut Cursor,
    key: &str,
    n: usize,
    convert: impl Fn([u8; WIDTH]) -> T,
) -> Result<Vec<T>> {
    let mut values = Vec::with_capacity(n);
    for _ in 0..n {
        values.push(convert(cursor.array(key)?));
    }
    Ok(values)
}

fn alignment(cursor: &Cursor, metadata: &[(String, MetaValue)]) -> Result<u64> {
    let Some((_, value)) = metadata.iter().find(|(key, _)| key == "general.alignment") else {
        return Ok(DEFAULT_ALIGNMENT);
    };
    match value {
        MetaValue::Unsigned(n) if n.is_power_of_two() && (8..=MAX_ALIGNMENT).contains(n) => Ok(*n),
        MetaValue::Unsigned(n) => Err(cursor.damaged(format!(
            "general.alignment is {n}; it has to be a power of two from 8 to {MAX_ALIGNMENT}."
        ))),
        other => Err(cursor.damaged(format!(
            "general.alignment is {}, not an unsigned whole number.",
            other.kind()
        ))),
    }
}

/// One tensor's entry; its offset still counts from the start of the data.
fn read_tensor(cursor: &mut Cursor, alignment: u64) -> Result<TensorEntry> {
    let name = read_name(cursor, "a tensor's name")?;
    let n_dims = cursor.u32(&name)?;
    if n_dims > MAX_DIMS {
        return Err(cursor.damaged(format!(
            "Tensor `{}` has {n_dims} dimensions; GGUF allows {MAX_DIMS}.",
            shown(&name)
        )));
    }
    let mut shape = Vec::with_capacity(n_dims as usize);
    for _ in 0..n_dims {
        let d = cursor.u64(&name)?;
        if d == 0 {
            return Err(cursor.damaged(format!(
                "Tensor `{}` has a dimension of zero.",
                shown(&name)
            )));
        }
        shape.push(usize::try_from(d).map_err(|_| too_large(cursor, &name))?);
    }
    shape.reverse();
    let type_id = cursor.u32(&name)?;
    let dtype = WeightType::of_gguf(type_id).map_err(|known| match known {
        Some(type_name) => cursor.source().unsupported(
            format!(
                "Tensor `{}` is stored as {type_name}, which Glassbox does not compute with.",
                shown(&name)
            ),
            "Choose the same model as Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K to Q6_K, F16, BF16 or F32.",
        ),
        None => cursor.damaged(format!(
            "Tensor `{}` has number format {type_id}, which does not exist.",
            shown(&name)
        )),
    })?;
    let offset = cursor.u64(&name)?;
    let n_bytes = match dtype.n_bytes(&shape) {
        Some(n_bytes) => n_bytes,
        None if shape
            .last()
            .is_none_or(|d| !d.is_multiple_of(dtype.block_len())) =>
        {
            return Err(cursor.damaged(format!(
                "Tensor `{}` has rows of {} numbers; {dtype} stores blocks of {}.",
                shown(&name),
                shape.last().copied().unwrap_or(1),
                dtype.block_len()
            )));
        }
        None => return Err(too_large(cursor, &name)),
    };
    if !offset.is_multiple_of(alignment) {
        return Err(cursor.damaged(format!(
            "Tensor `{}` begins at {offset}, which is not a multiple of the alignment {alignment}.",
            shown(&name)
        )));
    }
    Ok(TensorEntry {
        name,
        shape,
        dtype,
        shard: 0,
        offset,
        n_bytes,
    })
}

fn too_large(cursor: &Cursor, name: &str) -> Refusal {
    cursor.damaged(format!(
        "The dimensions of tensor `{}` multiply to more than any computer can address.",
        shown(name)
    ))
}

/// Turns offsets into positions in the file and checks that tensors lie inside it, apart.
fn place(source: &Source, tensors: &mut [TensorEntry], data_start: u64) -> Result<()> {
    for tensor in &mut *tensors {
        let start = data_start.checked_add(tensor.offset);
        match start.and_then(|s| s.checked_add(tensor.n_bytes)) {
            Some(end) if end <= source.len() => tensor.offset = start.unwrap_or(data_start),
            end => {
                return Err(source.incomplete(format!(
                    "Tensor `{}` ends at {}; the file has {}.",
                    shown(&tensor.name),
                    end.map_or("a place beyond any file".to_owned(), size),
                    size(source.len())
                )));
            }
        }
    }
    let mut order: Vec<&TensorEntry> = tensors.iter().collect();
    order.sort_by_key(|t| (t.offset, t.n_bytes));
    for pair in order.windows(2) {
        if pair[0].offset + pair[0].n_bytes > pair[1].offset {
            return Err(source.damaged(
                "GGUF",
                format!(
                    "Tensors `{}` and `{}` overlap.",
                    shown(&pair[0].name),
                    shown(&pair[1].name)
                ),
            ));
        }
    }
    Ok(())
}
