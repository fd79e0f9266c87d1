//! Reads the arrays of an `.npz`: a zip of `.npy` files, whose deflate (RFC 1951) is undone here in
//! the simplest way, as no crate of the app does it.

use std::collections::HashMap;
use std::path::Path;

/// Every f32 array of the file by name, row-major.
pub fn read(path: &Path) -> HashMap<String, Vec<f32>> {
    let bytes = std::fs::read(path).unwrap();
    let u16_at = |at: usize| usize::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]));
    let u32_at = |at: usize| u16_at(at) + (u16_at(at + 2) << 16);
    let end = (0..bytes.len() - 3)
        .rev()
        .find(|&at| &bytes[at..at + 4] == b"PK\x05\x06");
    let end = end.expect("a zip's directory");
    let (n_files, mut entry) = (u16_at(end + 10), u32_at(end + 16));
    let mut arrays = HashMap::new();
    for _ in 0..n_files {
        let (method, packed) = (u16_at(entry + 10), u32_at(entry + 20));
        let [name_len, extra_len, comment_len] = [28, 30, 32].map(|i| u16_at(entry + i));
        let name = String::from_utf8(bytes[entry + 46..][..name_len].to_vec()).unwrap();
        let local = u32_at(entry + 42);
        let data = local + 30 + u16_at(local + 26) + u16_at(local + 28);
        let content = match method {
            0 => bytes[data..data + packed].to_vec(),
            8 => inflate(&bytes[data..data + packed]),
            other => panic!("compression {other}"),
        };
        arrays.insert(name.trim_end_matches(".npy").to_owned(), npy(&content));
        entry += 46 + name_len + extra_len + comment_len;
    }
    arrays
}

fn npy(content: &[u8]) -> Vec<f32> {
    let header_len = usize::from(u16::from_le_bytes([content[8], content[9]]));
    let header = String::from_utf8_lossy(&content[10..10 + header_len]);
    assert!(
        header.contains("'<f4'") && header.contains("'fortran_order': False"),
        "{header}"
    );
    let numbers = content[10 + header_len..].chunks_exact(4);
    numbers
        .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
        .collect()
}

/// Canonical Huffman codes: how many there are of each length, and their symbols in order.
struct Codes {
    counts: [u16; 16],
    symbols: Vec<u16>,
}

impl Codes {
    fn new(lengths: &[u8]) -> Self {
        let mut counts = [0; 16];
        lengths
            .iter()
            .for_each(|&len| counts[usize::from(len)] += 1);
        counts[0] = 0;
        let of_length = |len| (0..lengths.len()).filter(move |&i| lengths[i] == len);
        let symbols = (1..16).flat_map(of_length).map(|i| i as u16).collect();
        Self { counts, symbols }
    }
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, n: u16) -> usize {
        (0..n).fold(0, |value, i| {
            let bit = usize::from(self.bytes[self.at / 8] >> (self.at % 8) & 1);
            self.at += 1;
            value | bit << i
        })
    }

    fn symbol(&mut self, codes: &Codes) -> u16 {
        let (mut code, mut first, mut index) = (0usize, 0usize, 0usize);
        for &count in &codes.counts[1..] {
            code |= self.take(1);
            let count = usize::from(count);
            if code < first + count {
                return codes.symbols[index + code - first];
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        panic!("no such code");
    }
}

fn inflate(bytes: &[u8]) -> Vec<u8> {
    const ORDER: [usize; 19] = [
        16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
    ];
    let mut bits = Bits { bytes, at: 0 };
    let mut out = Vec::new();
    loop {
        let last = bits.take(1) == 1;
        match bits.take(2) {
            0 => {
                bits.at = bits.at.next_multiple_of(8);
                let n = bits.take(16);
                bits.take(16);
                (0..n).for_each(|_| out.push(bits.take(8) as u8));
            }
            1 => {
                let lengths = [(8, 144), (9, 112), (7, 24), (8, 8)];
                let lengths = lengths.iter().flat_map(|&(len, n)| vec![len; n]);
                let literals = Codes::new(&lengths.collect::<Vec<u8>>());
                block(&mut bits, &literals, &Codes::new(&[5; 30]), &mut out);
            }
            _ => {
                let (n_literals, n_distances) = (bits.take(5) + 257, bits.take(5) + 1);
                let n_lengths = bits.take(4) + 4;
                let mut lengths = [0u8; 19];
                ORDER[..n_lengths]
                    .iter()
                    .for_each(|&i| lengths[i] = bits.take(3) as u8);
                let codes = Codes::new(&lengths);
                let mut lengths: Vec<u8> = Vec::new();
                while lengths.len() < n_literals + n_distances {
                    let (value, n) = match bits.symbol(&codes) {
                        16 => (*lengths.last().unwrap(), 3 + bits.take(2)),
                        17 => (0, 3 + bits.take(3)),
                        18 => (0, 11 + bits.take(7)),
                        len => (len as u8, 1),
                    };
                    lengths.extend(vec![value; n]);
                }
                let (literals, distances) = lengths.split_at(n_literals);
                block(
                    &mut bits,
                    &Codes::new(literals),
                    &Codes::new(distances),
                    &mut out,
                );
            }
        }
        if last {
            return out;
        }
    }
}

fn block(bits: &mut Bits, literals: &Codes, distances: &Codes, out: &mut Vec<u8>) {
    loop {
        let symbol = bits.symbol(literals);
        match symbol {
            0..=255 => out.push(symbol as u8),
            256 => return,
            _ => {
                let len = match symbol - 257 {
                    28 => 258,
                    i @ 0..=7 => 3 + usize::from(i),
                    i => {
                        let extra = i / 4 - 1;
                        (usize::from(i % 4 + 4) << extra) + 3 + bits.take(extra)
                    }
                };
                let distance = match bits.symbol(distances) {
                    i @ 0..=3 => 1 + usize::from(i),
                    i => {
                        let extra = i / 2 - 1;
                        (usize::from(i % 2 + 2) << extra) + 1 + bits.take(extra)
                    }
                };
                (0..len).for_each(|_| out.push(out[out.len() - distance]));
            }
        }
    }
}
