//! A safetensors file in memory: the header's length, the header, the numbers.
//!
//! Source: the format's own page, <https://huggingface.co/docs/safetensors>.

use crate::nn::math_refusal;
use crate::refusal::Result;
use candle_core::Tensor;
use half::f16;
use serde_json::{Map, Value, json};

/// How many bits a number keeps in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// Half precision: for use.
    F16,
    /// As they are in training: for going on.
    F32,
}

/// The bytes of a file with these tensors, in this order, and these words about them.
///
/// # Errors
/// A tensor that is not in f32.
pub fn pack(
    metadata: &[(&str, String)],
    tensors: &[(String, Tensor)],
    precision: Precision,
) -> Result<Vec<u8>> {
    let mut header = Map::new();
    let about = metadata
        .iter()
        .map(|(key, words)| ((*key).to_owned(), json!(words)));
    header.insert("__metadata__".to_owned(), Value::Object(about.collect()));
    let mut data: Vec<u8> = Vec::new();
    for (name, tensor) in tensors {
        let values = tensor
            .flatten_all()
            .and_then(|flat| flat.to_vec1::<f32>())
            .map_err(|error| math_refusal(&error))?;
        let start = data.len();
        let dtype = match precision {
            Precision::F16 => {
                data.extend(values.iter().flat_map(|&x| f16::from_f32(x).to_le_bytes()));
                "F16"
            }
            Precision::F32 => {
                data.extend(values.iter().flat_map(|x| x.to_le_bytes()));
                "F32"
            }
        };
        header.insert(
            name.clone(),
            json!({
                "dtype": dtype,
                "shape": tensor.dims(),
                "data_offsets": [start, data.len()],
            }),
        );
    }
    let mut header = Value::Object(header).to_string();
    // The numbers begin at a multiple of eight bytes, for those who map the file into memory.
    while !header.len().is_multiple_of(8) {
        header.push(' ');
    }
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    #[test]
    fn candle_reads_what_is_packed() {
        let tensor = Tensor::new(&[[1.0_f32, -2.5], [0.25, 4.0]], &Device::Cpu).unwrap();
        let tensors = [("a.weight".to_owned(), tensor)];
        for precision in [Precision::F16, Precision::F32] {
            let bytes = pack(&[("kind", "a test".to_owned())], &tensors, precision).unwrap();
            let read = candle_core::safetensors::load_buffer(&bytes, &Device::Cpu).unwrap();
            let read = read["a.weight"].to_dtype(candle_core::DType::F32).unwrap();
            let numbers = read.to_vec2::<f32>().unwrap();
            assert_eq!(numbers, [[1.0, -2.5], [0.25, 4.0]]);
        }
    }
}
