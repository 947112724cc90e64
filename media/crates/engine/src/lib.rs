//! The media engine of Centrala.
//!
//! Theory of operation. One *control thread* owns the control socket, speaks JSON lines with its
//! clients (docs/media-protocol.md) and keeps the event journal. *Worker threads* own legs and rooms;
//! a room and its legs live on one worker, so nothing on the packet path is shared. A *writer thread*
//! owns the recording files, two *files threads* read sounds, a *streams thread* owns the connections that carry
//! audio of taps and pushed streams. Threads talk through queues only.

#[cfg(test)]
extern crate self as engine;

pub mod api;
pub mod cli;
pub mod control;
pub mod dtls;
pub mod log;
pub mod options;
pub mod outbox;
pub mod ports;
pub mod probe;
pub mod record;
pub mod sound;
pub mod streams;
pub mod worker;
