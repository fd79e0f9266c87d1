//! The command line: one verb, one file, a second face on the same labs.
