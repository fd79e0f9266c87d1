//! Sixteen numbers at a time: one piece of Rust, compiled for AVX-512, AVX2 and any processor, and
//! picked at run time. All three compute the same bits.

#![expect(
    unsafe_code,
    clippy::inline_always,
    reason = "vector instructions are unsafe to call, and fast only when inlined into a function \
              compiled for them"
)]

/// How many numbers a vector holds.
pub const LANES: usize = 16;

/// A vector of sixteen numbers.
pub trait Lanes: Copy {
    /// How many vectors of running sums fit the processor's registers beside what is added to them.
    const SUMS: usize;
    /// The same number sixteen times.
    fn splat(x: f32) -> Self;
    /// Reads sixteen numbers.
    fn load(from: &[f32; LANES]) -> Self;
    /// Reads sixteen numbers from their bytes, little-endian.
    fn load_bytes(from: &[u8; 4 * LANES]) -> Self;
    /// Asks for the memory at `at`, which will be read soon.
    fn prefetch<T>(at: &T);
    /// Writes them.
    fn store(self, to: &mut [f32; LANES]);
    /// `self · b + c`, rounded once.
    fn mul_add(self, b: Self, c: Self) -> Self;
    /// `self · b`.
    fn mul(self, b: Self) -> Self;
    /// `self + b`.
    fn add(self, b: Self) -> Self;
    /// `self − b`.
    fn sub(self, b: Self) -> Self;
}

/// A piece of work on vectors. Mark `run` and what it calls `#[inline(always)]`: a function that is
/// not inlined is compiled for the baseline.
pub trait Work {
    /// Does it.
    fn run<V: Lanes>(self);
}

/// Runs `work` on the widest vectors this processor has.
#[inline]
pub fn widest(work: impl Work) {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512dq")
        {
            // SAFETY: the processor has just said that it has these features.
            return unsafe { x86::avx512(work) };
        }
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            // SAFETY: the processor has just said that it has these features.
            return unsafe { x86::avx2(work) };
        }
    }
    work.run::<Portable>();
}

/// Runs `loops` compiled for the widest vectors of this processor, which the compiler makes of plain
/// loops. What `loops` calls must be inlined into it.
#[inline]
pub fn vectorized(loops: impl FnOnce()) {
    struct Loops<F>(F);
    impl<F: FnOnce()> Work for Loops<F> {
        #[inline(always)]
        fn run<V: Lanes>(self) {
            (self.0)();
        }
    }
    widest(Loops(loops));
}

/// For any processor.
#[derive(Clone, Copy)]
struct Portable([f32; LANES]);

impl Lanes for Portable {
    const SUMS: usize = 6;

    #[inline(always)]
    fn splat(x: f32) -> Self {
        Self([x; LANES])
    }

    #[inline(always)]
    fn load(from: &[f32; LANES]) -> Self {
        Self(*from)
    }

    #[inline(always)]
    fn load_bytes(from: &[u8; 4 * LANES]) -> Self {
        let mut lanes = [0.0; LANES];
        for (lane, &bytes) in lanes.iter_mut().zip(from.as_chunks().0) {
            *lane = f32::from_le_bytes(bytes);
        }
        Self(lanes)
    }

    #[inline(always)]
    fn prefetch<T>(_: &T) {}

    #[inline(always)]
    fn store(self, to: &mut [f32; LANES]) {
        *to = self.0;
    }

    #[inline(always)]
    fn mul_add(self, b: Self, c: Self) -> Self {
        let mut y = c.0;
        for ((y, a), b) in y.iter_mut().zip(self.0).zip(b.0) {
            *y = a.mul_add(b, *y);
        }
        Self(y)
    }

    #[inline(always)]
    fn mul(self, b: Self) -> Self {
        let mut y = self.0;
        for (y, b) in y.iter_mut().zip(b.0) {
            *y *= b;
        }
        Self(y)
    }

    #[inline(always)]
    fn add(self, b: Self) -> Self {
        let mut y = self.0;
        for (y, b) in y.iter_mut().zip(b.0) {
            *y += b;
        }
        Self(y)
    }

    #[inline(always)]
    fn sub(self, b: Self) -> Self {
        let mut y = self.0;
        for (y, b) in y.iter_mut().zip(b.0) {
            *y -= b;
        }
        Self(y)
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{LANES, Lanes, Work};
    use std::arch::x86_64::{
        __m256, __m512, _MM_HINT_T0, _mm_prefetch, _mm256_add_ps, _mm256_fmadd_ps, _mm256_loadu_ps,
        _mm256_mul_ps, _mm256_set1_ps, _mm256_storeu_ps, _mm256_sub_ps, _mm512_add_ps,
        _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_mul_ps, _mm512_set1_ps, _mm512_storeu_ps,
        _mm512_sub_ps,
    };

    #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx2,fma")]
    pub fn avx512(work: impl Work) {
        work.run::<Avx512>();
    }

    #[target_feature(enable = "avx2,fma")]
    pub fn avx2(work: impl Work) {
        work.run::<Avx2>();
    }

    /// Exists only where [`avx512`] runs, so its instructions are there.
    #[derive(Clone, Copy)]
    struct Avx512(__m512);

    impl Lanes for Avx512 {
        const SUMS: usize = 24;

        #[inline(always)]
        fn splat(x: f32) -> Self {
            // SAFETY: AVX-512 is there.
            Self(unsafe { _mm512_set1_ps(x) })
        }

        #[inline(always)]
        fn load(from: &[f32; LANES]) -> Self {
            // SAFETY: AVX-512 is there; sixteen numbers are readable.
            Self(unsafe { _mm512_loadu_ps(from.as_ptr()) })
        }

        #[inline(always)]
        fn load_bytes(from: &[u8; 4 * LANES]) -> Self {
            // SAFETY: AVX-512 is there; sixteen numbers are readable, at any address; x86 is
            // little-endian.
            Self(unsafe { _mm512_loadu_ps(from.as_ptr().cast()) })
        }

        #[inline(always)]
        fn prefetch<T>(at: &T) {
            // SAFETY: a prefetch changes nothing, and never faults.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(at).cast()) }
        }

        #[inline(always)]
        fn store(self, to: &mut [f32; LANES]) {
            // SAFETY: AVX-512 is there; sixteen numbers are writable.
            unsafe { _mm512_storeu_ps(to.as_mut_ptr(), self.0) }
        }

        #[inline(always)]
        fn mul_add(self, b: Self, c: Self) -> Self {
            // SAFETY: AVX-512 is there.
            Self(unsafe { _mm512_fmadd_ps(self.0, b.0, c.0) })
        }

        #[inline(always)]
        fn mul(self, b: Self) -> Self {
            // SAFETY: AVX-512 is there.
            Self(unsafe { _mm512_mul_ps(self.0, b.0) })
        }

        #[inline(always)]
        fn add(self, b: Self) -> Self {
            // SAFETY: AVX-512 is there.
            Self(unsafe { _mm512_add_ps(self.0, b.0) })
        }

        #[inline(always)]
        fn sub(self, b: Self) -> Self {
            // SAFETY: AVX-512 is there.
            Self(unsafe { _mm512_sub_ps(self.0, b.0) })
        }
    }

    /// Exists only where [`avx2`] runs, so its instructions are there.
    #[derive(Clone, Copy)]
    struct Avx2(__m256, __m256);

    impl Lanes for Avx2 {
        const SUMS: usize = 6;

        #[inline(always)]
        fn splat(x: f32) -> Self {
            // SAFETY: AVX2 is there.
            let x = unsafe { _mm256_set1_ps(x) };
            Self(x, x)
        }

        #[inline(always)]
        fn load(from: &[f32; LANES]) -> Self {
            let (low, high) = from.split_at(LANES / 2);
            // SAFETY: AVX2 is there; eight numbers are readable in either half.
            unsafe {
                Self(
                    _mm256_loadu_ps(low.as_ptr()),
                    _mm256_loadu_ps(high.as_ptr()),
                )
            }
        }

        #[inline(always)]
        fn load_bytes(from: &[u8; 4 * LANES]) -> Self {
            let (low, high) = from.split_at(2 * LANES);
            // SAFETY: AVX2 is there; eight numbers are readable in either half, at any address; x86
            // is little-endian.
            unsafe {
                Self(
                    _mm256_loadu_ps(low.as_ptr().cast()),
                    _mm256_loadu_ps(high.as_ptr().cast()),
                )
            }
        }

        #[inline(always)]
        fn prefetch<T>(at: &T) {
            // SAFETY: a prefetch changes nothing, and never faults.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(at).cast()) }
        }

        #[inline(always)]
        fn store(self, to: &mut [f32; LANES]) {
            let (low, high) = to.split_at_mut(LANES / 2);
            // SAFETY: AVX2 is there; eight numbers are writable in either half.
            unsafe {
                _mm256_storeu_ps(low.as_mut_ptr(), self.0);
                _mm256_storeu_ps(high.as_mut_ptr(), self.1);
            }
        }

        #[inline(always)]
        fn mul_add(self, b: Self, c: Self) -> Self {
            // SAFETY: AVX2 and FMA are there.
            unsafe {
                let low = _mm256_fmadd_ps(self.0, b.0, c.0);
                Self(low, _mm256_fmadd_ps(self.1, b.1, c.1))
            }
        }

        #[inline(always)]
        fn mul(self, b: Self) -> Self {
            // SAFETY: AVX2 is there.
            unsafe { Self(_mm256_mul_ps(self.0, b.0), _mm256_mul_ps(self.1, b.1)) }
        }

        #[inline(always)]
        fn add(self, b: Self) -> Self {
            // SAFETY: AVX2 is there.
            unsafe { Self(_mm256_add_ps(self.0, b.0), _mm256_add_ps(self.1, b.1)) }
        }

        #[inline(always)]
        fn sub(self, b: Self) -> Self {
            // SAFETY: AVX2 is there.
            unsafe { Self(_mm256_sub_ps(self.0, b.0), _mm256_sub_ps(self.1, b.1)) }
        }
    }
}
