//! The lite side of ICE (RFC 8445 section 2.5): it answers the browser's checks and sends none.
//!
//! A server with a public address needs no more: the browser is controlling, checks the path, and says
//! with USE-CANDIDATE which address to use. No sockets, no clock: datagrams and `now` in, answers out.

pub mod lite;
pub mod stun;
