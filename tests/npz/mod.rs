//! NumPy archives of f32 arrays, as far as the reference data needs them: candle's reader does not
//! know compressed ones. A zip whose entries are stored or deflated (RFC 1951), each a `.npy`.

use std::collections::BTreeMap;

/// Shape and values of every array, by name.
pub fn read(path: &str) -> BTreeMap<String, (Vec<usize>, Vec<f32>)> {
    let zip = std::fs::read(path).unwrap();
    let u16_at = |at: usize| usize::from(u16::from_le_bytes([zip[at], zip[at + 1]]));
    let u32_at = |at: usize| u16_at(at) | u16_at(at + 2) << 16;
    let end = zip.windows(4).rposition(|w| w == b"PK\x05\x06").unwrap();
    let mut entry = u32_at(end + 16);
    let mut arrays = BTreeMap::new();
    for _ in 0..u16_at(end + 10) {
        let name = String::from_utf8(zip[entry + 46..][..u16_at(entry + 28)].to_vec()).unwrap();
        let local = u32_at(entry + 42);
        let data = local + 30 + u16_at(local + 26) + u16_at(local + 28);
        let data = &zip[data..data + u32_at(entry + 20)];
        let npy = if u16_at(entry + 10) == 8 {
            inflate(data)
        } else {
            data.to_vec()
        };
        arrays.insert(name.trim_end_matches(".npy").to_owned(), array(&npy));
        entry += 46 + u16_at(entry + 28) + u16_at(entry + 30) + u16_at(entry + 32);
    }
    arrays
}

fn array(npy: &[u8]) -> (Vec<usize>, Vec<f32>) {
    assert_eq!(npy[..8], *b"\x93NUMPY\x01\x00");
    let start = 10 + usize::from(u16::from_le_bytes([npy[8], npy[9]]));
    let header = std::str::from_utf8(&npy[10..start]).unwrap();
    assert!(header.contains("'<f4'") && header.contains("'fortran_order': False"));
    let shape = header.split(['(', ')']).nth(1).unwrap();
    let shape = shape.split(',').filter_map(|n| n.trim().parse().ok());
    let values = npy[start..].as_chunks::<4>().0;
    let values = values.iter().map(|bytes| f32::from_le_bytes(*bytes));
    (shape.collect(), values.collect())
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, n: usize) -> usize {
        (0..n).fold(0, |value, i| {
            let bit = self.bytes[self.at / 8] >> (self.at % 8) & 1;
            self.at += 1;
            value | usize::from(bit) << i
        })
    }
}

/// A canonical Huffman code: how many codes of each length, and the symbols in order.
struct Code {
    counts: [usize; 16],
    symbols: Vec<usize>,
}

impl Code {
    fn new(lengths: &[usize]) -> Self {
        let mut counts = [0; 16];
        for &n in lengths {
            counts[n] += usize::from(n > 0);
        }
        let mut symbols: Vec<usize> = (0..lengths.len()).filter(|&s| lengths[s] > 0).collect();
        symbols.sort_by_key(|&s| lengths[s]);
        Self { counts, symbols }
    }

    fn read(&self, bits: &mut Bits) -> usize {
        let (mut code, mut first, mut index) = (0, 0, 0);
        for count in &self.counts[1..] {
            code |= bits.take(1);
            if code < first + count {
                return self.symbols[index + code - first];
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        panic!("no such code");
    }
}

/// RFC 1951, after the reference decoder `puff`.
fn inflate(bytes: &[u8]) -> Vec<u8> {
    let mut bits = Bits { bytes, at: 0 };
    let mut out = Vec::new();
    loop {
        let is_last = bits.take(1) == 1;
        let (literals, distances) = match bits.take(2) {
            0 => {
                let start = bits.at.div_ceil(8);
                let n = usize::from(u16::from_le_bytes([bytes[start], bytes[start + 1]]));
                out.extend_from_slice(&bytes[start + 4..start + 4 + n]);
                bits.at = (start + 4 + n) * 8;
                if is_last {
                    return out;
                }
                continue;
            }
            1 => {
                let lengths: Vec<usize> = (0..288)
                    .map(|s| match s {
                        144..256 => 9,
                        256..280 => 7,
                        _ => 8,
                    })
                    .collect();
                (Code::new(&lengths), Code::new(&[5; 30]))
            }
            _ => dynamic_codes(&mut bits),
        };
        loop {
            let symbol = literals.read(&mut bits);
            if symbol == 256 {
                break;
            }
            if symbol < 256 {
                out.push(symbol as u8);
                continue;
            }
            let n = match symbol - 257 {
                s @ 0..8 => s + 3,
                28 => 258,
                s => ((4 + s % 4) << (s / 4 - 1)) + 3 + bits.take(s / 4 - 1),
            };
            let distance = match distances.read(&mut bits) {
                s @ 0..4 => s + 1,
                s => ((2 + s % 2) << (s / 2 - 1)) + 1 + bits.take(s / 2 - 1),
            };
            (0..n).for_each(|_| out.push(out[out.len() - distance]));
        }
        if is_last {
            return out;
        }
    }
}

fn dynamic_codes(bits: &mut Bits) -> (Code, Code) {
    const ORDER: [usize; 19] = [
        16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
    ];
    let (n_literals, n_distances) = (bits.take(5) + 257, bits.take(5) + 1);
    let n_lengths = bits.take(4) + 4;
    let mut of_lengths = [0; 19];
    ORDER[..n_lengths]
        .iter()
        .for_each(|&i| of_lengths[i] = bits.take(3));
    let code = Code::new(&of_lengths);
    let mut lengths = Vec::new();
    while lengths.len() < n_literals + n_distances {
        let (value, n) = match code.read(bits) {
            16 => (lengths[lengths.len() - 1], 3 + bits.take(2)),
            17 => (0, 3 + bits.take(3)),
            18 => (0, 11 + bits.take(7)),
            n => (n, 1),
        };
        lengths.extend(std::iter::repeat_n(value, n));
    }
    let (literals, distances) = lengths.split_at(n_literals);
    (Code::new(literals), Code::new(distances))
}
