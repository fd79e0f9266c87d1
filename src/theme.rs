//! Every colour, size and font, in light, dark and projector.
