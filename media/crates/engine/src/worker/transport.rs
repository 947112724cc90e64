//! The sockets of an RTP leg: who may send to us, where we send.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;

use rtp::packet::{HEADER_LEN, Header};

use crate::api::{Nat, Remote, Sdes};
use crate::control::error::Refusal;
use crate::ports::PortPair;

/// What a datagram's source address means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Peer,
    /// Just became the peer's address.
    Latched,
    Foreign,
}

pub struct Keys {
    pub local: srtp::Context,
    pub remote: srtp::Context,
    text: Sdes,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

impl Keys {
    pub fn new(sdes: &Sdes) -> Result<Self, Refusal> {
        let wrong = |what: &str| Refusal::new("crypto", format!("srtp.{what} does not fit"));
        let suite = srtp::Suite::from_name(&sdes.suite).ok_or_else(|| wrong("suite"))?;
        let context = |text: &str, what: &str| {
            srtp::Context::from_base64(suite, text).map_err(|_| wrong(what))
        };
        Ok(Keys {
            local: context(&sdes.local, "local")?,
            remote: context(&sdes.remote, "remote")?,
            text: sdes.clone(),
        })
    }

    fn is(&self, sdes: &Sdes) -> bool {
        let text = &self.text;
        text.suite == sdes.suite && text.local == sdes.local && text.remote == sdes.remote
    }
}

/// An RTP leg has its own pair of ports; browsers share the worker's one.
#[derive(Debug)]
pub enum Sockets {
    Own(PortPair),
    Shared(Arc<UdpSocket>),
}

impl Sockets {
    fn rtp(&self) -> &UdpSocket {
        match self {
            Sockets::Own(pair) => &pair.rtp,
            Sockets::Shared(socket) => socket,
        }
    }

    fn rtcp(&self) -> &UdpSocket {
        match self {
            Sockets::Own(pair) => &pair.rtcp,
            Sockets::Shared(socket) => socket,
        }
    }
}

#[derive(Debug)]
pub struct Transport {
    pub sockets: Sockets,
    signalled: Option<SocketAddr>,
    remote: Option<SocketAddr>,
    remote_rtcp: Option<SocketAddr>,
    nat: Nat,
    latched: bool,
    pub rtcp_mux: bool,
    pub keys: Option<Box<Keys>>,
    pub foreign: u64,
    pub crypto_failed: u64,
}

impl Transport {
    pub fn new(sockets: Sockets) -> Self {
        Transport {
            sockets,
            signalled: None,
            remote: None,
            remote_rtcp: None,
            nat: Nat::Strict,
            latched: false,
            rtcp_mux: false,
            keys: None,
            foreign: 0,
            crypto_failed: 0,
        }
    }

    pub fn remote(&self) -> Option<SocketAddr> {
        self.remote
    }

    /// Whether audio or its reports are sent there.
    pub fn knows(&self, address: SocketAddr) -> bool {
        self.remote == Some(address)
            || self.remote_rtcp == Some(address)
            || self.signalled == Some(address)
    }

    pub fn nat(&self) -> Nat {
        self.nat
    }

    pub fn set_nat(&mut self, nat: Nat) {
        if nat != self.nat {
            self.nat = nat;
            self.unlatch();
        }
    }

    fn unlatch(&mut self) {
        self.latched = false;
        self.remote = self.signalled;
    }

    /// The address of the peer's SDP. The same one again, as in a session refresh, changes nothing.
    pub fn set_remote(&mut self, remote: Option<&Remote>) {
        let address = |remote: &Remote| Some(SocketAddr::new(remote.ip?, remote.port?));
        let signalled = remote.and_then(address);
        self.remote_rtcp = signalled.map(|address| {
            let given = remote.and_then(|remote| remote.rtcp_port);
            SocketAddr::new(address.ip(), given.unwrap_or(address.port().saturating_add(1)))
        });
        if signalled != self.signalled {
            self.signalled = signalled;
            self.unlatch();
        }
    }

    /// The address that ICE selected, once DTLS has made the keys.
    pub fn set_selected(&mut self, address: SocketAddr, socket: Arc<UdpSocket>) {
        self.sockets = Sockets::Shared(socket);
        self.remote = Some(address);
    }

    /// The keys that DTLS made.
    pub fn set_dtls_keys(&mut self, local: srtp::Context, remote: srtp::Context) {
        let text = Sdes { suite: String::new(), local: String::new(), remote: String::new() };
        self.keys = Some(Box::new(Keys { local, remote, text }));
    }

    /// New keys start new contexts; the same keys again keep their counters (RFC 3711 9.1).
    pub fn set_keys(&mut self, sdes: &Sdes) -> Result<(), Refusal> {
        if self.keys.as_ref().is_some_and(|keys| keys.is(sdes)) {
            return Ok(());
        }
        self.keys = Some(Box::new(Keys::new(sdes)?));
        Ok(())
    }

    /// Judges the sender of an RTP packet that has been authenticated, as far as it can be.
    pub fn judge(&mut self, from: SocketAddr) -> Source {
        if self.remote == Some(from) && (self.latched || self.nat != Nat::Any) {
            return Source::Peer;
        }
        // Who sends from where the session description says takes the place of a stranger who was first, such as the
        // late packets of an earlier call to this port.
        let at_home = self.signalled == Some(from);
        let allowed = match self.nat {
            Nat::Strict => self.remote == Some(from),
            Nat::SameIp => at_home || (!self.latched && self.signalled_ip() == Some(from.ip())),
            Nat::Any => at_home || !self.latched,
        };
        if !allowed {
            self.foreign += 1;
            return Source::Foreign;
        }
        let changed = self.remote != Some(from);
        self.latched = true;
        self.remote = Some(from);
        if changed { Source::Latched } else { Source::Peer }
    }

    fn signalled_ip(&self) -> Option<IpAddr> {
        self.signalled.map(|address| address.ip())
    }

    /// RTCP comes from the peer's address; its port may differ behind a NAT.
    pub fn judge_rtcp(&mut self, from: SocketAddr) -> bool {
        let known = self.remote_rtcp == Some(from)
            || self.remote == Some(from)
            || (self.nat != Nat::Strict && self.remote.map(|r| r.ip()) == Some(from.ip()));
        if !known {
            self.foreign += 1;
        }
        known
    }

    /// Sends one RTP packet; false when the kernel or the cipher refused it.
    pub fn send_rtp(&mut self, header: &Header, payload: &[u8], scratch: &mut [u8]) -> bool {
        let Some(remote) = self.remote else { return false };
        let mut len = HEADER_LEN + payload.len();
        if len + srtp::MAX_OVERHEAD > scratch.len() {
            return false;
        }
        scratch[..HEADER_LEN].copy_from_slice(&header.to_bytes());
        scratch[HEADER_LEN..len].copy_from_slice(payload);
        if let Some(keys) = &mut self.keys {
            match keys.local.protect_rtp(scratch, len) {
                Ok(protected) => len = protected,
                Err(_) => return false,
            }
        }
        self.sockets.rtp().send_to(&scratch[..len], remote).is_ok()
    }

    /// Sends a compound RTCP packet.
    pub fn send_rtcp(&mut self, packet: &[u8], scratch: &mut [u8]) {
        let mut len = packet.len();
        if len + srtp::MAX_OVERHEAD > scratch.len() {
            return;
        }
        scratch[..len].copy_from_slice(packet);
        if let Some(keys) = &mut self.keys {
            match keys.local.protect_rtcp(scratch, len) {
                Ok(protected) => len = protected,
                Err(_) => return,
            }
        }
        let _ = match (self.rtcp_mux, self.remote, self.remote_rtcp) {
            (true, Some(remote), _) => self.sockets.rtp().send_to(&scratch[..len], remote),
            (false, _, Some(remote)) => self.sockets.rtcp().send_to(&scratch[..len], remote),
            _ => return,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::PortPool;

    fn transport(nat: Nat) -> Transport {
        let pool = PortPool::new("127.0.0.1".parse().unwrap(), 42_000, 42_998);
        let mut transport = Transport::new(Sockets::Own(pool.take().unwrap()));
        transport.set_nat(nat);
        transport.set_remote(Some(&remote(4000)));
        transport
    }

    fn remote(port: u16) -> Remote {
        Remote { ip: "192.0.2.1".parse().ok(), port: Some(port), ..Remote::default() }
    }

    fn judge(transport: &mut Transport, from: &str) -> Source {
        transport.judge(from.parse().unwrap())
    }

    #[test]
    fn strict_takes_the_signalled_address_only() {
        let mut transport = transport(Nat::Strict);
        assert_eq!(judge(&mut transport, "192.0.2.1:4000"), Source::Peer);
        assert_eq!(judge(&mut transport, "192.0.2.1:4002"), Source::Foreign);
        assert_eq!(judge(&mut transport, "198.51.100.9:4000"), Source::Foreign);
        assert_eq!(transport.foreign, 2);
    }

    #[test]
    fn same_ip_follows_another_port_once() {
        let mut transport = transport(Nat::SameIp);
        assert_eq!(judge(&mut transport, "198.51.100.9:4000"), Source::Foreign);
        assert_eq!(judge(&mut transport, "192.0.2.1:61000"), Source::Latched);
        assert_eq!(judge(&mut transport, "192.0.2.1:61000"), Source::Peer);
        assert_eq!(judge(&mut transport, "192.0.2.1:61002"), Source::Foreign);
        assert_eq!(transport.remote(), Some("192.0.2.1:61000".parse().unwrap()));
    }

    #[test]
    fn who_sends_from_the_signalled_address_takes_the_place_of_a_stranger_who_was_first() {
        for (nat, stranger) in [(Nat::Any, "198.51.100.9:7000"), (Nat::SameIp, "192.0.2.1:61000")] {
            let mut transport = transport(nat);
            assert_eq!(judge(&mut transport, stranger), Source::Latched);
            assert_eq!(judge(&mut transport, "192.0.2.1:4000"), Source::Latched);
            assert_eq!(transport.remote(), Some("192.0.2.1:4000".parse().unwrap()));
            assert_eq!(judge(&mut transport, stranger), Source::Foreign);
            assert_eq!(judge(&mut transport, "192.0.2.1:4000"), Source::Peer);
        }
    }

    #[test]
    fn any_takes_the_first_sender_and_then_no_other_stranger_until_a_new_offer() {
        let mut transport = transport(Nat::Any);
        assert_eq!(judge(&mut transport, "198.51.100.9:7000"), Source::Latched);
        assert_eq!(judge(&mut transport, "203.0.113.5:7000"), Source::Foreign);
        transport.set_remote(Some(&remote(4000)));
        assert_eq!(judge(&mut transport, "198.51.100.9:7000"), Source::Peer);
        transport.set_remote(Some(&remote(5000)));
        assert_eq!(transport.remote(), Some("192.0.2.1:5000".parse().unwrap()));
        assert_eq!(judge(&mut transport, "192.0.2.1:5000"), Source::Peer);
        assert_eq!(judge(&mut transport, "198.51.100.9:7000"), Source::Foreign);
    }
}
