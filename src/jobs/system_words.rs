//! What the system's sound library prints by itself.
//!
//! ALSA writes lines of its own source to the terminal whenever it looks for a sound card that is not
//! there. Such a machine is nothing unusual, and what is missing is told in our own words.

/// Keeps the sound library quiet on this thread.
pub(super) fn hush() {
    // What it would print goes into a buffer; each call begins a new one and drops the last.
    #[cfg(target_os = "linux")]
    drop(alsa::Output::local_error_handler());
}
