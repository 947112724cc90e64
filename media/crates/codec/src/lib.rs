//! Audio codecs and sample-rate conversion, 16-bit linear PCM inside.

pub mod g711;
pub mod g722;
pub mod level;
pub mod resample;
