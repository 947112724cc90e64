//! Jitter buffer and packet-loss concealment.
//!
//! Theory of operation. [`buffer::Buffer`] keeps encoded packets by sequence number and measures how
//! late packets come; it says, packet by packet, what to play next. [`playout::Playout`] turns that
//! into frames of any length: it decodes, conceals what is missing ([`plc`]), and gives back excess
//! delay in quiet moments. All memory is taken at the start.

pub mod buffer;
pub mod order;
pub mod playout;
pub mod plc;
