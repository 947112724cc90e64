//! A worker with real sockets and nothing else of the engine.

mod echo;
mod faults;
mod kit;
