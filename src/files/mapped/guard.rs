//! Keeps the program alive when a mapped file is cut short: what is then missing is replaced by
//! zeros, as libwayland does with the shared memory of its clients. Only addresses that were given
//! to [`watch`] are treated so; any other bus error goes the way it went before.

/// How many files may be mapped at once.
pub(super) const MOST: usize = 16;

pub(super) use platform::{Guarded, watch};

#[cfg(unix)]
#[expect(unsafe_code, reason = "a signal can be caught in no other way")]
mod platform {
    use super::MOST;
    use std::mem;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// First address and length of each mapping; 0 where there is none. Atomics, because a signal's
    /// handler may use no lock.
    static STARTS: [AtomicUsize; MOST] = [const { AtomicUsize::new(0) }; MOST];
    static LENGTHS: [AtomicUsize; MOST] = [const { AtomicUsize::new(0) }; MOST];
    /// What happened on a bus error before.
    static BEFORE: OnceLock<libc::sigaction> = OnceLock::new();

    /// A mapping that is being watched; dropped, it is forgotten.
    #[derive(Debug)]
    pub struct Guarded(usize);

    impl Drop for Guarded {
        fn drop(&mut self) {
            LENGTHS[self.0].store(0, Ordering::SeqCst);
            STARTS[self.0].store(0, Ordering::SeqCst);
        }
    }

    /// Watches the mapping of `len` bytes at `start`. `None` where no more can be.
    pub fn watch(start: usize, len: usize) -> Option<Guarded> {
        BEFORE.get_or_init(|| {
            // SAFETY: both structures are plain numbers, for which all zeros are valid, and are filled
            // before they are used; the handler does only what a handler may.
            unsafe {
                let mut before: libc::sigaction = mem::zeroed();
                libc::sigaction(libc::SIGBUS, std::ptr::null(), &raw mut before);
                before
            }
        });
        // SAFETY: as above. Done each time: it is the same handler, and others may have come between.
        unsafe {
            let mut action: libc::sigaction = mem::zeroed();
            let handler: extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void) =
                on_bus_error;
            action.sa_sigaction = handler as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            libc::sigemptyset(&raw mut action.sa_mask);
            if libc::sigaction(libc::SIGBUS, &raw const action, std::ptr::null_mut()) != 0 {
                return None;
            }
        }
        for slot in 0..MOST {
            if STARTS[slot]
                .compare_exchange(0, start, Ordering::SeqCst, Ordering::SeqCst)
                .is_ok()
            {
                LENGTHS[slot].store(len, Ordering::SeqCst);
                return Some(Guarded(slot));
            }
        }
        None
    }

    extern "C" fn on_bus_error(_: libc::c_int, info: *mut libc::siginfo_t, _: *mut libc::c_void) {
        // SAFETY: the system hands over a valid `info`, whose address is set for this signal.
        let address = unsafe { (*info).si_addr() } as usize;
        for (start, len) in STARTS.iter().zip(&LENGTHS) {
            let (start, len) = (start.load(Ordering::SeqCst), len.load(Ordering::SeqCst));
            if start != 0 && address.wrapping_sub(start) < len && replace_by_zeros(start, len) {
                return; // the reading is tried again, and succeeds
            }
        }
        // Not ours: as it was before, and the error comes again at once.
        if let Some(before) = BEFORE.get() {
            // SAFETY: the action the system itself handed out.
            unsafe { libc::sigaction(libc::SIGBUS, before, std::ptr::null_mut()) };
        }
    }

    /// Puts empty memory where the mapping was; its owner unmaps it as it would the file's.
    fn replace_by_zeros(start: usize, len: usize) -> bool {
        // SAFETY: the range is a live mapping of this program that nobody writes to: it is forgotten
        // here before it is unmapped. A plain system call, and so may be made inside a handler.
        let at = unsafe {
            libc::mmap(
                start as *mut libc::c_void,
                len,
                libc::PROT_READ,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED,
                -1,
                0,
            )
        };
        at != libc::MAP_FAILED
    }
}

#[cfg(not(unix))]
mod platform {
    /// Nothing to watch: there, a mapped file cannot be cut short.
    #[derive(Debug)]
    pub struct Guarded;

    /// Always succeeds.
    pub fn watch(_: usize, _: usize) -> Option<Guarded> {
        Some(Guarded)
    }
}
