//! Opens the window, or runs one verb of the command line.

fn main() {}
