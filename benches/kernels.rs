//! How fast the products of a decoder run: `cargo bench --bench kernels`.
//!
//! Decoding reads every weight once per token, so it is given in bytes per second: compare with what
//! the memory can deliver. A prompt multiplies each weight with every token, so it is given in
//! multiply-adds per second: compare with what the vector units can do. Shapes are those of
//! SmolLM2-135M as shipped (`Q4_1`, with a `Q8_0` head) and of GPT-2 124M in f32; attention, norms and
//! sampling are not in these figures.

#![expect(
    clippy::expect_used,
    reason = "a benchmark that cannot start should say so and end"
)]

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use glassbox::nn::arena::Arena;
use glassbox::nn::dense::DenseMatrix;
use glassbox::nn::pool;
use glassbox::nn::quantized::{Activations, BLOCK, Format, PackedMatrix, Weights};
use std::hint::black_box;
use std::time::Duration;

/// Tokens of the prompt.
const PROMPT: usize = 512;

/// The matrices one token meets, and the head, which only the last token of a prompt meets.
struct Decoder {
    blocks: Vec<Product>,
    head: Product,
}

enum Product {
    Packed(PackedMatrix),
    Dense(DenseMatrix),
}

impl Product {
    fn shape(&self) -> (usize, usize, usize) {
        match self {
            Self::Packed(w) => (w.n_out(), w.k(), w.n_bytes()),
            Self::Dense(w) => (w.n_out(), w.k(), w.n_bytes()),
        }
    }

    fn matmul(&self, x: &[f32], t: usize, out: &mut [f32]) {
        let (n_out, k, _) = self.shape();
        let (x, out) = (&x[..t * k], &mut out[..t * n_out]);
        match self {
            Self::Packed(w) => w.matmul(x, t, out),
            Self::Dense(w) => w.matmul(x, t, out),
        }
    }
}

impl Decoder {
    fn smollm2(activations: Activations) -> Self {
        let arena = Arena::new();
        let packed = |format: Format, n_out: usize, k: usize| {
            let mut block = vec![0x5a; format.block_bytes()];
            // Scales that are ordinary numbers: 2⁻⁷ and, for Q4_1, a minimum of −2⁻⁴.
            block[..4].copy_from_slice(&[0x00, 0x20, 0x00, 0xac]);
            let bytes = block.repeat(n_out * k / BLOCK);
            let matrix = PackedMatrix::pack(&arena, k, &[Weights::Blocks(format, &bytes)]);
            let matrix = matrix.expect("whole rows, and memory for 100 MB");
            Product::Packed(matrix.with_activations(activations))
        };
        // qkv; attention out; gate and up; MLP out.
        let shapes = [(960, 576), (576, 576), (3072, 576), (576, 1536)].repeat(30);
        Self {
            blocks: shapes
                .iter()
                .map(|&(n_out, k)| packed(Format::Q4_1, n_out, k))
                .collect(),
            head: packed(Format::Q8_0, 49_152, 576),
        }
    }

    fn gpt2() -> Self {
        let arena = Arena::new();
        let dense = |n_out: usize, k: usize| {
            let matrix = DenseMatrix::pack(&arena, k, &[&vec![0.01; n_out * k]]);
            Product::Dense(matrix.expect("whole rows, and memory for 500 MB"))
        };
        let shapes = [(2304, 768), (768, 768), (3072, 768), (768, 3072)].repeat(12);
        Self {
            blocks: shapes.iter().map(|&(n_out, k)| dense(n_out, k)).collect(),
            head: dense(50_257, 768),
        }
    }

    /// All products of one step over `t` tokens.
    fn step(&self, x: &[f32], t: usize, out: &mut [f32]) {
        for product in &self.blocks {
            product.matmul(x, t, out);
        }
        self.head.matmul(x, 1, out);
    }

    fn bytes(&self) -> u64 {
        let all = self.blocks.iter().chain([&self.head]);
        all.map(|product| product.shape().2 as u64).sum()
    }

    fn multiply_adds(&self, t: usize) -> u64 {
        let one = |product: &Product| (product.shape().0 * product.shape().1) as u64;
        self.blocks.iter().map(one).sum::<u64>() * t as u64 + one(&self.head)
    }
}

/// Builds a decoder, once its turn comes.
type Make = fn() -> Decoder;

fn products(criterion: &mut Criterion) {
    let x: Vec<f32> = (0..PROMPT * 3072)
        .map(|i| (i as f32 * 0.37).sin())
        .collect();
    let mut out = vec![0.0; PROMPT * 3072];
    let decoders: [(&str, Make); 3] = [
        ("SmolLM2 Q4_1, activations I16", || {
            Decoder::smollm2(Activations::I16)
        }),
        ("SmolLM2 Q4_1, activations I8", || {
            Decoder::smollm2(Activations::I8)
        }),
        ("GPT-2 f32", Decoder::gpt2),
    ];
    for (name, decoder) in decoders {
        let decoder = decoder();
        let mut group = criterion.benchmark_group(name);
        group.sampling_mode(SamplingMode::Flat).sample_size(10);
        group.warm_up_time(Duration::from_millis(300));
        for n_threads in 1..=num_cpus::get_physical() {
            pool::set_threads(n_threads);
            group.throughput(Throughput::Bytes(decoder.bytes()));
            group.bench_function(format!("1 token, {n_threads} threads"), |bencher| {
                bencher.iter(|| decoder.step(black_box(&x), 1, &mut out));
            });
            group.throughput(Throughput::Elements(decoder.multiply_adds(PROMPT)));
            group.bench_function(format!("{PROMPT} tokens, {n_threads} threads"), |bencher| {
                bencher.iter(|| decoder.step(black_box(&x), PROMPT, &mut out));
            });
        }
    }
}

fn pool_call(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("an empty call of the pool");
    for n_threads in 1..=num_cpus::get_physical() {
        pool::set_threads(n_threads);
        group.bench_function(format!("{n_threads} threads"), |bencher| {
            bencher.iter(|| pool::run(|worker, _| _ = black_box(worker)));
        });
    }
}

criterion_group!(benches, products, pool_call);
criterion_main!(benches);
