//! Browser legs: ICE-lite and DTLS on the worker's shared socket; then they are SRTP legs as others.
//!
//! A datagram finds its leg by its source address, once a genuine check has come from there, or, when it
//! is a check, by the name in it. Media flows when both ICE has selected an address and DTLS has made keys.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use dimpl::{Dtls, Output, SrtpProfile};
use ice::lite::{Checked, Credentials, Lite, addressee};
use ice::stun::looks_like_stun;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use udp::Batch;

use super::Worker;
use super::leg::Leg;
use super::transport::{Sockets, Transport};
use crate::api::{DtlsSetup, Id, LegFields, Remote};
use crate::control::error::Refusal;
use crate::dtls::{Fingerprint, read_fingerprint};

/// Calls to the shared socket in one turn.
const MAX_CALLS: usize = 16;
/// Addresses from which one peer may check.
const MAX_ADDRESSES: usize = 8;
/// Checks and handshakes must lead to a connection in this time.
const MAX_SETUP_US: u64 = 60_000_000;
const MAX_UFRAG: usize = 256;
const DTLS_BUFFER: usize = 2048;

/// The worker's door for browsers.
#[derive(Debug)]
pub struct Browsers {
    /// With the address that browsers are told, one for each family.
    sockets: Vec<(Arc<UdpSocket>, IpAddr)>,
    by_ufrag: HashMap<String, usize>,
    by_address: HashMap<SocketAddr, usize>,
    answer: Vec<u8>,
    pub strays: u64,
}

impl Browsers {
    pub fn new(sockets: &[(UdpSocket, IpAddr)]) -> std::io::Result<Self> {
        let shared = |(socket, ip): &(UdpSocket, IpAddr)| Ok((Arc::new(socket.try_clone()?), *ip));
        Ok(Browsers {
            sockets: sockets.iter().map(shared).collect::<std::io::Result<_>>()?,
            by_ufrag: HashMap::new(),
            by_address: HashMap::new(),
            answer: Vec::with_capacity(256),
            strays: 0,
        })
    }

    /// The socket that reaches an address.
    fn socket_for(&self, address: SocketAddr) -> &Arc<UdpSocket> {
        let same = |(_, ip): &&(Arc<UdpSocket>, IpAddr)| ip.is_ipv6() == address.is_ipv6();
        &self.sockets.iter().find(same).unwrap_or(&self.sockets[0]).0
    }
}

/// ICE and DTLS of one leg.
#[derive(Debug)]
pub struct Web {
    ice: Lite,
    dtls: Option<Box<Dtls>>,
    /// The peer's certificate must have this hash.
    expected: Option<Fingerprint>,
    verified: bool,
    active: bool,
    connected: bool,
    broken: bool,
    addresses: Vec<SocketAddr>,
    dtls_timeout: Option<Instant>,
    created_us: u64,
    mid: String,
}

impl Web {
    /// The leg ends at its next visit.
    fn give_up(&mut self, reason: &str) {
        if !std::mem::replace(&mut self.broken, true) {
            crate::log::warning("A DTLS connection failed.", &[("reason", reason.into())]);
        }
    }
}

impl Worker {
    pub(super) fn new_web(
        &mut self,
        fields: &LegFields,
    ) -> Result<(Transport, Option<Box<Web>>), Refusal> {
        if fields.srtp.is_some() || fields.nat.is_some() {
            return Err(Refusal::invalid("srtp and nat are for rtp legs"));
        }
        let mut web = Web {
            ice: Lite::new(self.credentials()),
            dtls: None,
            expected: None,
            verified: false,
            active: false,
            connected: false,
            broken: false,
            addresses: Vec::new(),
            dtls_timeout: None,
            created_us: self.now_us,
            mid: "0".into(),
        };
        if let Some(Some(remote)) = &fields.remote {
            self.apply_remote(&mut web, remote)?;
        }
        let mut transport = Transport::new(Sockets::Shared(self.browsers.sockets[0].0.clone()));
        transport.rtcp_mux = true;
        Ok((transport, Some(Box::new(web))))
    }

    /// RFC 8445 5.3: at least 24 bits for the fragment, 128 for the password.
    fn credentials(&mut self) -> Credentials {
        let [a, b, ..] = self.random.words();
        let password: Vec<String> =
            self.random.words().iter().map(|word| format!("{word:08x}")).collect();
        Credentials { ufrag: format!("{a:08x}{b:08x}"), password: password.concat() }
    }

    fn apply_remote(&mut self, web: &mut Web, remote: &Remote) -> Result<(), Refusal> {
        let ufrag = remote.ice_ufrag.as_ref().filter(|ufrag| ufrag.len() <= MAX_UFRAG);
        let ufrag = ufrag.ok_or_else(|| Refusal::invalid("remote needs ice_ufrag"))?;
        let expected = remote.fingerprint.as_deref().and_then(read_fingerprint);
        let expected =
            expected.ok_or_else(|| Refusal::invalid("remote needs a sha-256 fingerprint"))?;
        if let Some(before) = web.expected
            && before != expected
        {
            let message = "another certificate needs another leg";
            return Err(Refusal::new("not_supported", message));
        }
        if web.ice.is_restart(ufrag) {
            // RFC 8839 4.4.1.1.1: the answer to a restart has new credentials too.
            web.ice.restart(self.credentials(), ufrag);
            let selected = web.ice.selected();
            web.addresses.retain(|address| Some(*address) == selected);
        } else {
            web.ice.set_remote(ufrag);
        }
        web.expected = Some(expected);
        web.mid = remote.mid.clone().unwrap_or_else(|| web.mid.clone());
        if web.dtls.is_none() {
            web.active = remote.setup == Some(DtlsSetup::Passive);
            let identity = &self.setup.identity;
            let (config, certificate) = (identity.config.clone(), identity.certificate.clone());
            // The version follows the peer; as the active side 1.2 is what all browsers have.
            let mut dtls = if web.active {
                Dtls::new_12(config, certificate, Instant::now())
            } else {
                Dtls::new_auto(config, certificate, Instant::now())
            };
            dtls.set_active(web.active);
            if dtls.handle_timeout(Instant::now()).is_err() {
                return Err(Refusal::new("crypto", "DTLS cannot start"));
            }
            web.dtls = Some(Box::new(dtls));
        }
        Ok(())
    }

    pub(super) fn update_web(&mut self, id: &Id, fields: &LegFields) -> Result<(), Refusal> {
        let Some(Some(remote)) = &fields.remote else { return Ok(()) };
        let Some(mut web) = self.leg_mut(id)?.web.take() else { return Ok(()) };
        let applied = self.apply_remote(&mut web, remote);
        let at = self.leg_ids.get(id).copied();
        self.leg_mut(id)?.web = Some(web);
        if let Some(at) = at
            && let Some(leg) = self.legs[at].take()
        {
            self.unseat_web(at);
            self.seat_web(&leg, at);
            self.legs[at] = Some(leg);
        }
        applied
    }

    pub(super) fn local_web(&self, leg: &Leg, web: &Web) -> Value {
        let candidates: Vec<Value> = self
            .browsers
            .sockets
            .iter()
            .map(|(socket, ip)| {
                let port = socket.local_addr().map_or(0, |address| address.port());
                json!({"ip": ip, "port": port})
            })
            .collect();
        let setup = match (web.expected.is_some(), web.active) {
            (false, _) => "actpass",
            (true, true) => "active",
            (true, false) => "passive",
        };
        json!({
            "leg": leg.id.as_str(), "ice_ufrag": web.ice.local.ufrag,
            "ice_pwd": web.ice.local.password,
            "fingerprint": self.setup.identity.fingerprint_text(), "setup": setup,
            "candidates": candidates,
            "ssrc": leg.tx.rewriter.ssrc, "cname": leg.cname, "mid": web.mid,
        })
    }

    pub(super) fn seat_web(&mut self, leg: &Leg, at: usize) {
        if let Some(web) = &leg.web {
            for name in web.ice.names() {
                self.browsers.by_ufrag.insert(name.to_owned(), at);
            }
            for address in &web.addresses {
                self.browsers.by_address.insert(*address, at);
            }
        }
    }

    pub(super) fn unseat_web(&mut self, at: usize) {
        self.browsers.by_ufrag.retain(|_, leg| *leg != at);
        self.browsers.by_address.retain(|_, leg| *leg != at);
    }

    pub(super) fn browsers_readable(&mut self, number: usize) {
        let Some((socket, _)) = self.browsers.sockets.get(number).cloned() else { return };
        for _ in 0..MAX_CALLS {
            let mut batch = self.batch.take().unwrap_or_else(Batch::new);
            let received = batch.receive(&socket);
            // Another error than an empty socket is an ICMP error of an earlier packet.
            let count = received.as_ref().copied().unwrap_or(0);
            for number in 0..count {
                let (datagram, from) = batch.datagram(number);
                self.counters.received += 1;
                if let Some(from) = from {
                    self.browser_sent(datagram, from);
                }
            }
            self.batch = Some(batch);
            let failed = received.is_err_and(|e| e.kind() != std::io::ErrorKind::WouldBlock);
            if count < udp::AT_ONCE && !failed {
                break;
            }
        }
    }

    fn browser_sent(&mut self, datagram: &mut [u8], from: SocketAddr) {
        let known = self.browsers.by_address.get(&from).copied();
        let at = if looks_like_stun(datagram) {
            addressee(datagram).and_then(|ufrag| self.browsers.by_ufrag.get(ufrag).copied())
        } else {
            known
        };
        let Some(at) = at else {
            self.browsers.strays += 1;
            return;
        };
        self.guard_leg(at, |worker| worker.browser_datagram(at, datagram, from));
    }

    fn browser_datagram(&mut self, at: usize, datagram: &mut [u8], from: SocketAddr) {
        let Some(mut leg) = self.legs[at].take() else { return };
        match datagram.first() {
            Some(0..=3) => self.check(&mut leg, at, datagram, from),
            Some(20..=63) => self.handshake(&mut leg, datagram),
            Some(128..=191) => self.datagram(&mut leg, datagram, from, false),
            _ => leg.rx.malformed += 1,
        }
        self.legs[at] = Some(leg);
        self.replan_if_needed();
        self.end_failed();
    }

    fn check(&mut self, leg: &mut Leg, at: usize, datagram: &[u8], from: SocketAddr) {
        let Some(web) = leg.web.as_mut() else { return };
        let now = Duration::from_micros(self.now_us);
        let checked = web.ice.check(datagram, from, now, &mut self.browsers.answer);
        if checked == Checked::Refused {
            leg.transport.foreign += 1;
            return;
        }
        let _ = self.browsers.socket_for(from).send_to(&self.browsers.answer, from);
        if !web.addresses.contains(&from) && web.addresses.len() < MAX_ADDRESSES {
            web.addresses.push(from);
            self.browsers.by_address.insert(from, at);
        }
        if let Checked::Selected(address) = checked {
            if web.connected {
                leg.transport.set_selected(address, self.browsers.socket_for(address).clone());
            }
            // What DTLS wanted to send before there was an address.
            self.drive(leg);
        }
    }

    fn handshake(&mut self, leg: &mut Leg, datagram: &[u8]) {
        let Some(web) = leg.web.as_mut() else { return };
        // DTLS learns the time from its timer alone; before a packet it must know it.
        if let Some(dtls) = &mut web.dtls
            && let Err(error) =
                dtls.handle_timeout(Instant::now()).and_then(|()| dtls.handle_packet(datagram))
        {
            web.give_up(&format!("{error:?}"));
        }
        self.drive(leg);
    }

    /// Sends what DTLS has to send, takes what it has found.
    fn drive(&mut self, leg: &mut Leg) {
        let Some(web) = leg.web.as_mut() else { return };
        let Some(target) = web.ice.selected().or(web.addresses.first().copied()) else { return };
        let (active, expected) = (web.active, web.expected);
        let Some(dtls) = &mut web.dtls else { return };
        let mut buffer = [0u8; DTLS_BUFFER];
        let (mut keys, mut refused) = (None, None);
        loop {
            match dtls.poll_output(&mut buffer) {
                Output::Packet(packet) => {
                    let _ = self.browsers.socket_for(target).send_to(packet, target);
                }
                Output::Timeout(at) => {
                    web.dtls_timeout = Some(at);
                    break;
                }
                Output::PeerCert(certificate) => {
                    let hash: Fingerprint = Sha256::digest(certificate).into();
                    web.verified = expected == Some(hash);
                    refused = (!web.verified).then_some("the certificate is another one");
                }
                Output::KeyingMaterial(material, profile) => {
                    keys = contexts(&material, profile, active);
                    refused = refused.or(keys.is_none().then_some("no common SRTP suite"));
                }
                Output::CloseNotify => {
                    refused = Some("the peer closed");
                    break;
                }
                Output::BufferTooSmall { .. } => {
                    refused = Some("a record is too long");
                    break;
                }
                _ => {}
            }
        }
        if let Some(reason) = refused {
            web.give_up(reason);
        }
        if let Some((local, remote)) = keys.filter(|_| web.verified && !web.broken) {
            web.connected = true;
            leg.transport.set_dtls_keys(local, remote);
            leg.transport.set_selected(target, self.browsers.socket_for(target).clone());
            self.setup.outbox.event("leg.connected", json!({"leg": leg.id.as_str()}));
            self.replan = Some(leg.room);
        }
    }

    /// Twice a second: retransmissions; true when the connection is lost for good.
    pub(super) fn visit_web(&mut self, leg: &mut Leg) -> bool {
        let now = Instant::now();
        let due = leg.web.as_ref().and_then(|web| web.dtls_timeout).is_some_and(|at| at <= now);
        if due {
            if let Some(web) = leg.web.as_mut()
                && let Some(dtls) = &mut web.dtls
                && let Err(error) = dtls.handle_timeout(now)
            {
                web.give_up(&format!("{error:?}"));
            }
            self.drive(leg);
        }
        let Some(web) = &leg.web else { return false };
        let slow =
            !web.connected && self.now_us - web.created_us > MAX_SETUP_US && web.expected.is_some();
        web.broken || slow || web.ice.has_lost_consent(Duration::from_micros(self.now_us))
    }
}

/// RFC 5764 4.2: client key, server key, client salt, server salt.
fn contexts(
    material: &[u8],
    profile: SrtpProfile,
    client: bool,
) -> Option<(srtp::Context, srtp::Context)> {
    let suite = match profile {
        SrtpProfile::AES128_CM_SHA1_80 => srtp::Suite::AesCm128HmacSha1_80,
        SrtpProfile::AEAD_AES_128_GCM => srtp::Suite::AeadAes128Gcm,
        SrtpProfile::AEAD_AES_256_GCM => srtp::Suite::AeadAes256Gcm,
        _ => return None,
    };
    let (key, salt) = (suite.key_len(), suite.salt_len());
    let part = |key_at: usize, salt_at: usize| {
        let key = material.get(key_at..key_at + key)?;
        let salt = material.get(salt_at..salt_at + salt)?;
        srtp::Context::new(suite, &[key, salt].concat()).ok()
    };
    let of_client = part(0, 2 * key)?;
    let of_server = part(key, 2 * key + salt)?;
    Some(if client { (of_client, of_server) } else { (of_server, of_client) })
}
