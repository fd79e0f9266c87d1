//! Any stored number format → f32. Blocks go through candle, whose results are ggml's bit for bit;
//! what reaches it was checked here to be whole blocks.

use super::weight_type::WeightType;
use candle_core::Device;
use candle_core::quantized::{GgmlDType, QStorage, QTensor};
use half::{bf16, f16};
use std::borrow::Cow;

/// The numbers stored in `bytes`, in order.
///
/// # Errors
/// A sentence, where `bytes` is not whole blocks of `dtype`.
pub(super) fn to_f32s(dtype: WeightType, bytes: &[u8]) -> Result<Vec<f32>, String> {
    if !bytes.len().is_multiple_of(dtype.block_bytes()) {
        return Err(format!(
            "{} bytes are not whole blocks of {dtype}, which take {} each.",
            bytes.len(),
            dtype.block_bytes()
        ));
    }
    let quantized = match dtype {
        WeightType::F64 => return Ok(each(bytes, |b| f64::from_le_bytes(b) as f32)),
        WeightType::F32 => return Ok(each(bytes, f32::from_le_bytes)),
        WeightType::F16 => return Ok(each(bytes, |b| f16::from_le_bytes(b).to_f32())),
        WeightType::BF16 => return Ok(each(bytes, |b| bf16::from_le_bytes(b).to_f32())),
        WeightType::I64 => return Ok(each(bytes, |b| i64::from_le_bytes(b) as f32)),
        WeightType::I32 => return Ok(each(bytes, |b| i32::from_le_bytes(b) as f32)),
        WeightType::I16 => return Ok(each(bytes, |b| i16::from_le_bytes(b).into())),
        WeightType::I8 => return Ok(each(bytes, |b| i8::from_le_bytes(b).into())),
        WeightType::U8 => return Ok(each(bytes, |[b]: [u8; 1]| b.into())),
        WeightType::Bool => return Ok(each(bytes, |[b]: [u8; 1]| f32::from(b != 0))),
        WeightType::Q4_0 => GgmlDType::Q4_0,
        WeightType::Q4_1 => GgmlDType::Q4_1,
        WeightType::Q5_0 => GgmlDType::Q5_0,
        WeightType::Q5_1 => GgmlDType::Q5_1,
        WeightType::Q8_0 => GgmlDType::Q8_0,
        WeightType::Q8_1 => return Ok(q8_1(bytes)),
        WeightType::Q2K => GgmlDType::Q2K,
        WeightType::Q3K => GgmlDType::Q3K,
        WeightType::Q4K => GgmlDType::Q4K,
        WeightType::Q5K => GgmlDType::Q5K,
        WeightType::Q6K => GgmlDType::Q6K,
        WeightType::Q8K => GgmlDType::Q8K,
    };
    blocks(quantized, dtype, bytes).map_err(|e| format!("candle refuses it: {e}."))
}

fn blocks(quantized: GgmlDType, dtype: WeightType, bytes: &[u8]) -> candle_core::Result<Vec<f32>> {
    let n = bytes.len() / dtype.block_bytes() * dtype.block_len();
    // candle asserts that blocks lie at addresses their scales can be read from; a model built
    // into the program may lie anywhere.
    let mut aligned = Vec::new();
    let bytes = if bytes.as_ptr().addr().is_multiple_of(align_of::<f32>()) {
        bytes
    } else {
        aligned.resize(bytes.len().div_ceil(size_of::<f32>()), 0_f32);
        let copy: &mut [u8] = bytemuck::cast_slice_mut(&mut aligned);
        copy[..bytes.len()].copy_from_slice(bytes);
        &bytemuck::cast_slice::<f32, u8>(&aligned)[..bytes.len()]
    };
    let storage = QStorage::from_data(Cow::Borrowed(bytes), &Device::Cpu, quantized)?;
    QTensor::new(storage, n)?
        .dequantize(&Device::Cpu)?
        .to_vec1()
}

/// `Q8_1` is an activation format (f16 scale, f16 sum, 32 × i8); candle has no reading of it.
fn q8_1(bytes: &[u8]) -> Vec<f32> {
    bytes
        .chunks_exact(WeightType::Q8_1.block_bytes())
        .flat_map(|block| {
            let d = f16::from_le_bytes([block[0], block[1]]).to_f32();
            block[4..].iter().map(move |&q| d * f32::from(q as i8))
        })
        .collect()
}

fn each<const WIDTH: usize>(bytes: &[u8], convert: impl Fn([u8; WIDTH]) -> f32) -> Vec<f32> {
    let (whole, _) = bytes.as_chunks::<WIDTH>();
    whole.iter().map(|&b| convert(b)).collect()
}
