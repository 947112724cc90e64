//! Audio between a client and a worker: taps outward, pushed streams inward.
//!
//! Theory of operation. A tap or a pushed stream is a bounded ring between its worker and the *streams thread*,
//! which owns the clients' connections. The worker never waits: a full ring makes a tap leave audio out
//! and count it, an empty one makes a pushed stream silent. The client of a pushed stream waits instead: while its
//! ring is full nobody reads from its connection.

pub mod frame;
pub mod push;
pub mod serve;
pub mod tap;

/// What a client that attaches gets.
#[derive(Debug)]
pub enum Half {
    Tap(tap::Out),
    Push(Box<push::In>),
}
