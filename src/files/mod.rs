//! Disk → checked values. Every file is looked at here first, and whatever does not hold is refused
//! in four parts; nothing below this layer trusts a number it has not seen checked.

pub mod card;
