//! safetensors, Hugging Face's weight format.
//!
//! ```text
//! header length: u64, little-endian
//! header: JSON {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …,
//!               "__metadata__": {"key": "text", …}}
//! data: every byte belongs to exactly one tensor; offsets count from here
//! ```

use super::limited;
use super::metadata::MetaValue;
use super::shown::{is_deceptive, shown, size};
use super::source::Source;
use super::weight_type::WeightType;
use super::weights::{Format, Header, TensorEntry};
use crate::refusal::{Refusal, Result};
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, de};
use std::collections::HashSet;
use std::fmt;

/// The specification allows 100 MB; the largest models need 1 or 2.
const MAX_HEADER_BYTES: u64 = 32 << 20;
const MAX_TENSORS: usize = 1 << 17;
const MAX_KEYS: usize = 1 << 16;
const MAX_NAME_BYTES: usize = 1 << 10;
const MAX_DIMS: usize = 8;
const MAX_CONFIG_BYTES: u64 = 1 << 20;

/// Reads and checks the header: afterwards every tensor lies inside the file, has the bytes its
/// shape needs, and the tensors fill the data without overlap or hole.
///
/// # Errors
/// A refusal that says which field does not hold.
pub(super) fn read(source: &Source) -> Result<Header> {
    if source.len() < 8 {
        return Err(source.incomplete(format!(
            "It has {}; the length of the header alone takes 8.",
            size(source.len())
        )));
    }
    let mut length = [0; 8];
    source.read_into(0, &mut length)?;
    let n_header = u64::from_le_bytes(length);
    if n_header > MAX_HEADER_BYTES {
        return Err(source.damaged(
            "safetensors",
            format!(
                "Its header claims to be {} long; {} is the most that makes sense.",
                size(n_header),
                size(MAX_HEADER_BYTES)
            ),
        ));
    }
    let data_start = 8 + n_header;
    if data_start > source.len() {
        return Err(source.incomplete(format!(
            "Its header ends at {}; the file has {}.",
            size(data_start),
            size(source.len())
        )));
    }
    let json = source.read(8, n_header)?;
    let raw: RawHeader = serde_json::from_slice(&json)
        .map_err(|e| source.damaged("safetensors", format!("Its header does not hold: {e}.")))?;

    let mut tensors = Vec::with_capacity(raw.tensors.len());
    for (name, raw) in raw.tensors {
        tensors.push(check(source, name, &raw, data_start)?);
    }
    check_layout(source, &tensors, data_start)?;
    Ok(Header {
        format: Format::Safetensors,
        metadata: raw
            .metadata
            .into_iter()
            .map(|(key, value)| (key, MetaValue::Text(value)))
            .collect(),
        tensors,
    })
}

/// The configuration of a model in safetensors: its metadata key `config`, or the `config.json`
/// beside the file. None where neither is there.
///
/// # Errors
/// It is there and is not a JSON object of a sensible size.
pub(super) fn config_of(source: &Source, header: &Header) -> Result<Option<serde_json::Value>> {
    if header.format != Format::Safetensors {
        return Ok(None);
    }
    let inside = header.metadata.iter().find(|(key, _)| key == "config");
    if let Some(text) = inside.and_then(|(_, value)| value.as_str()) {
        return parse_config(source, text.as_bytes()).map(Some);
    }
    let beside = source.path().with_file_name("config.json");
    if !source.is_file() || !beside.is_file() {
        return Ok(None);
    }
    let config = Source::open(&beside)?;
    if config.len() > MAX_CONFIG_BYTES {
        return Err(config.damaged(
            "config.json",
            format!(
                "It has {}; a configuration has a few kB.",
                size(config.len())
            ),
        ));
    }
    parse_config(&config, &config.read(0, config.len())?).map(Some)
}

fn parse_config(source: &Source, json: &[u8]) -> Result<serde_json::Value> {
    match serde_json::from_slice(json) {
        Ok(value @ serde_json::Value::Object(_)) => Ok(value),
        Ok(_) => Err(source.damaged("config.json", "Its configuration is not a JSON object.")),
        Err(e) => Err(source.damaged(
            "config.json",
            format!("Its configuration is not JSON: {e}."),
        )),
    }
}

fn check(source: &Source, name: String, raw: &RawTensor, data_start: u64) -> Result<TensorEntry> {
    let refuse = |evidence: String| Err(source.damaged("safetensors", evidence));
    if name.len() > MAX_NAME_BYTES || name.chars().any(is_deceptive) {
        return refuse(format!(
            "A tensor's name, `{}`, is too long, or holds characters that hide its real spelling.",
            shown(&name)
        ));
    }
    let Some(dtype) = WeightType::of_safetensors(&raw.dtype) else {
        return Err(unsupported_dtype(source, &name, &raw.dtype));
    };
    let shape: Option<Vec<usize>> = raw.shape.iter().map(|&d| d.try_into().ok()).collect();
    let sized = shape.and_then(|shape| dtype.n_bytes(&shape).map(|n_bytes| (shape, n_bytes)));
    let Some((shape, n_bytes)) = sized else {
        return refuse(format!(
            "The dimensions of tensor `{}` multiply to more than any computer can address.",
            shown(&name)
        ));
    };
    let [start, end] = raw.data_offsets;
    if start > end {
        return refuse(format!(
            "Tensor `{}` begins at byte {start} and ends before that, at {end}.",
            shown(&name)
        ));
    }
    if end - start != n_bytes {
        return refuse(format!(
            "Tensor `{}` has {} of data; its shape {shape:?} as {dtype} needs {}.",
            shown(&name),
            size(end - start),
            size(n_bytes)
        ));
    }
    match data_start.checked_add(end) {
        Some(end) if end <= source.len() => {}
        end => {
            return Err(source.incomplete(format!(
                "Tensor `{}` ends at {}; the file has {}.",
                shown(&name),
                end.map_or("a place beyond any file".to_owned(), size),
                size(source.len())
            )));
        }
    }
    Ok(TensorEntry {
        name,
        shape,
        dtype,
        shard: 0,
        offset: data_start + start,
        n_bytes,
    })
}

fn unsupported_dtype(source: &Source, name: &str, dtype: &str) -> Refusal {
    source.unsupported(
        format!(
            "Tensor `{}` is stored as {}, which Glassbox does not compute with.",
            shown(name),
            shown(dtype)
        ),
        "Choose the same model as F32, F16 or BF16, or as GGUF.",
    )
}

/// Every byte of the data belongs to exactly one tensor. Empty tensors may share a place.
fn check_layout(source: &Source, tensors: &[TensorEntry], data_start: u64) -> Result<()> {
    let mut order: Vec<&TensorEntry> = tensors.iter().collect();
    order.sort_by_key(|t| (t.offset, t.n_bytes));
    let mut end = data_start;
    let mut before = "the header";
    for tensor in order {
        if tensor.offset != end {
            let how = if tensor.offset < end {
                "overlap"
            } else {
                "have a hole between them"
            };
            return Err(source.damaged(
                "safetensors",
                format!("{} and `{}` {how}.", shown(before), shown(&tensor.name)),
            ));
        }
        end += tensor.n_bytes;
        before = &tensor.name;
    }
    if end != source.len() {
        return Err(source.damaged(
            "safetensors",
            format!(
                "Its tensors end at byte {end}; the file has {} bytes more.",
                source.len() - end
            ),
        ));
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTensor {
    dtype: String,
    #[serde(deserialize_with = "limited::list::<MAX_DIMS, _, _>")]
    shape: Vec<u64>,
    data_offsets: [u64; 2],
}

/// The header in file order. `serde_json`'s own map would let a second key silently win.
#[derive(Default)]
struct RawHeader {
    metadata: Vec<(String, String)>,
    tensors: Vec<(String, RawTensor)>,
}

impl<'de> Deserialize<'de> for RawHeader {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Tensors;
        impl<'de> Visitor<'de> for Tensors {
            type Value = RawHeader;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of tensors")
            }
            fn visit_map<M: MapAccess<'de>>(
                self,
                mut map: M,
            ) -> std::result::Result<RawHeader, M::Error> {
                let mut header = RawHeader::default();
                let mut seen = HashSet::new();
                while let Some(key) = map.next_key::<String>()? {
                    if !seen.insert(key.clone()) {
                        return Err(M::Error::custom(format_args!(
                            "the key `{}` is there twice",
                            shown(&key)
                        )));
                    }
                    if seen.len() > MAX_TENSORS {
                        return Err(M::Error::custom("more tensors than make sense"));
                    }
                    if key == "__metadata__" {
                        header.metadata = map.next_value::<Texts>()?.0;
                    } else {
                        header.tensors.push((key, map.next_value()?));
                    }
                }
                Ok(header)
            }
        }
        deserializer.deserialize_map(Tensors)
    }
}

/// An object of texts in file order, each key once.
struct Texts(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Texts;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of texts")
            }
            fn visit_map<M: MapAccess<'de>>(
                self,
                mut map: M,
            ) -> std::result::Result<Texts, M::Error> {
                let mut pairs: Vec<(String, String)> = Vec::new();
                let mut seen = HashSet::new();
                while let Some((key, value)) = map.next_entry::<String, String>()? {
                    if !seen.insert(key.clone()) {
                        return Err(de::Error::custom(format_args!(
                            "the metadata key `{}` is there twice",
                            shown(&key)
                        )));
                    }
                    if pairs.len() >= MAX_KEYS {
                        return Err(de::Error::custom("more metadata than makes sense"));
                    }
                    pairs.push((key, value));
                }
                Ok(Texts(pairs))
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}
