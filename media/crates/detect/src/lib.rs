//! What the first seconds of an answered call tell: a human or a machine, a beep, a fax.
//!
//! All detectors take audio of 8,000 samples a second, any number of samples at a time, and know no clock but the
//! samples they got.

pub mod machine;
pub mod tone;

/// Samples a second.
pub const RATE: u32 = 8000;
