//! The control channel: JSON lines over a Unix or TCP socket.

pub mod connection;
pub mod error;
pub mod journal;
pub mod lines;
pub mod listener;
pub mod server;
