//! The control channel: JSON lines over a Unix or TCP socket.

pub mod connection;
pub mod dispatch;
pub mod error;
pub mod files;
mod holding;
pub mod journal;
pub mod lines;
pub mod listener;
pub mod metrics;
pub mod registry;
pub mod server;
mod sources;
