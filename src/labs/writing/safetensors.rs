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
    /// A matrix or a kernel in whole numbers of eight bits, with a scale for each of its last dimension
    /// (its outputs) beside it as `NAME.scale`; all else in f32. For use where room is short.
    I8,
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
        let shape = tensor.dims();
        if let (Precision::I8, [_, .., n_outputs]) = (precision, shape) {
            let (whole, scales) = in_eight_bits(&values, *n_outputs);
            let [start, middle] = [data.len(), data.len() + whole.len()];
            data.extend(whole.iter().flat_map(|x| x.to_le_bytes()));
            data.extend(scales.iter().flat_map(|x| x.to_le_bytes()));
            let entry = json!({"dtype": "I8", "shape": shape, "data_offsets": [start, middle]});
            header.insert(name.clone(), entry);
            let entry =
                json!({"dtype": "F32", "shape": [n_outputs], "data_offsets": [middle, data.len()]});
            header.insert(format!("{name}{SCALE}"), entry);
            continue;
        }
        let start = data.len();
        let dtype = match precision {
            Precision::F16 => {
                data.extend(values.iter().flat_map(|&x| f16::from_f32(x).to_le_bytes()));
                "F16"
            }
            Precision::F32 | Precision::I8 => {
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

/// What the scales of a tensor are called after it.
pub const SCALE: &str = ".scale";

/// The numbers as whole ones from −127 to 127, each times the scale of its output: the largest of the
/// output's numbers over 127.
fn in_eight_bits(values: &[f32], n_outputs: usize) -> (Vec<i8>, Vec<f32>) {
    let mut scales = vec![0.0f32; n_outputs];
    for row in values.chunks_exact(n_outputs) {
        for (scale, value) in scales.iter_mut().zip(row) {
            *scale = scale.max(value.abs() / 127.0);
        }
    }
    let outputs = scales.iter().cycle();
    let whole = values.iter().zip(outputs).map(|(value, &scale)| {
        let scale = if scale > 0.0 { scale } else { 1.0 };
        (value / scale).round() as i8
    });
    (whole.collect(), scales)
}

/// Brings such numbers back: `values` as they are in the file, times the scale of each output.
pub fn scaled(values: &mut [f32], scales: &[f32]) {
    for row in values.chunks_mut(scales.len().max(1)) {
        for (value, scale) in row.iter_mut().zip(scales) {
            *value *= scale;
        }
    }
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

    #[test]
    fn eight_bits_keep_every_number_to_half_a_scale() {
        let values: Vec<f32> = (0..60)
            .map(|i| ((i * 37 % 60) as f32 - 30.0) * 0.01)
            .collect();
        let tensor = Tensor::from_slice(&values, (20, 3), &Device::Cpu).unwrap();
        let bias = Tensor::new(&[0.1_f32, 0.2, 0.3], &Device::Cpu).unwrap();
        let tensors = [("a.weight".to_owned(), tensor), ("a.bias".to_owned(), bias)];
        let bytes = pack(&[], &tensors, Precision::I8).unwrap();
        let file = crate::files::weights::WeightFile::from_bytes("test", bytes).unwrap();
        let of = |name: &str| file.f32s(file.get(name).unwrap()).unwrap();
        let (mut weight, scales) = (of("a.weight"), of("a.weight.scale"));
        scaled(&mut weight, &scales);
        for (i, (was, is)) in values.iter().zip(&weight).enumerate() {
            assert!((was - is).abs() <= 0.5001 * scales[i % 3], "{was} {is}");
        }
        assert_eq!(of("a.bias"), [0.1, 0.2, 0.3]);
        let nothing = Tensor::zeros((2, 2), candle_core::DType::F32, &Device::Cpu).unwrap();
        assert!(pack(&[], &[("a".to_owned(), nothing)], Precision::I8).is_ok());
    }
}
