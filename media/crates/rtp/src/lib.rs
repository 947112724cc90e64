//! RTP and RTCP (RFC 3550), telephone events (RFC 4733): parse, write, count, rewrite.
//!
//! No sockets, no clock: arrival times come in as numbers. Nothing here panics on peer input.

pub mod event;
pub mod packet;
pub mod reception;
pub mod rewriter;
pub mod rtcp;

/// Largest datagram that is looked at, in bytes: an Ethernet payload.
pub const MAX_PACKET: usize = 1500;

/// Why bytes are not a packet of this protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    TooShort,
    TooLong,
    Version,
    Extension,
    Padding,
    Length,
}

/// RFC 5761 section 4: on a shared port the second byte tells RTCP (192 to 223) from RTP.
pub fn looks_like_rtcp(datagram: &[u8]) -> bool {
    datagram.len() >= 2 && (192..=223).contains(&datagram[1])
}
