//! What a lab may compute with: the person's choice of device and number of threads, as plain data
//! that the window, the tabs and the command line can all hand on.

use crate::device::{self, DeviceChoice};
use crate::nn::pool;

/// The device asked for and the threads to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compute {
    /// Which device to try; [`device::choose`] proves and explains it.
    pub device: DeviceChoice,
    /// Threads for the model's arithmetic, at least one.
    pub threads: usize,
}

impl Default for Compute {
    fn default() -> Self {
        Self {
            device: DeviceChoice::Auto,
            threads: device::default_threads(),
        }
    }
}

impl Compute {
    /// Gives the model's arithmetic this many threads from now on, in every lab.
    pub fn set_threads(self) {
        pool::set_threads(self.threads);
    }
}
