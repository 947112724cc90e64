//! A worker with real sockets and nothing else of the engine.

mod faults;
mod kit;
