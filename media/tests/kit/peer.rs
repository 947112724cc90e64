//! A phone: one socket, a stream out, everything that comes in kept.

use std::net::{SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use netem::{Link, Profile};
use rtp::packet::{Header, Packet};
use serde_json::{Value, json};

use super::Client;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    Pcmu,
    Pcma,
    G722,
}

impl Codec {
    pub fn name(self) -> &'static str {
        ["PCMU", "PCMA", "G722"][self as usize]
    }

    pub fn pt(self) -> u8 {
        [0, 8, 9][self as usize]
    }

    pub fn rate(self) -> u32 {
        if self == Codec::G722 { 16000 } else { 8000 }
    }

    pub fn encode(self, samples: &[i16]) -> Vec<u8> {
        match self {
            Codec::Pcmu => samples.iter().map(|s| codec::g711::ulaw_encode(*s)).collect(),
            Codec::Pcma => samples.iter().map(|s| codec::g711::alaw_encode(*s)).collect(),
            Codec::G722 => {
                let mut out = vec![0; samples.len() / 2];
                codec::g722::Encoder::default().encode(samples, &mut out);
                out
            }
        }
    }

    pub fn decode(self, payload: &[u8]) -> Vec<i16> {
        match self {
            Codec::Pcmu => payload.iter().map(|b| codec::g711::ulaw_decode(*b)).collect(),
            Codec::Pcma => payload.iter().map(|b| codec::g711::alaw_decode(*b)).collect(),
            Codec::G722 => {
                let mut out = vec![0; payload.len() * 2];
                codec::g722::Decoder::default().decode(payload, &mut out);
                out
            }
        }
    }
}

#[derive(Clone, Debug)]
pub struct Heard {
    pub at: Instant,
    pub header: Header,
    pub payload: Vec<u8>,
}

#[derive(Clone)]
pub struct Keys {
    pub suite: &'static str,
    pub ours: String,
    pub theirs: String,
}

pub struct Peer {
    pub socket: Arc<UdpSocket>,
    pub codec: Codec,
    pub engine: Option<SocketAddr>,
    heard: Arc<Mutex<Vec<Heard>>>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
    keys: Option<Keys>,
    spoken: u32,
}

impl Peer {
    pub fn new(codec: Codec) -> Peer {
        let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").unwrap());
        socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let heard = Arc::default();
        Peer {
            socket,
            codec,
            engine: None,
            heard,
            stop: Arc::default(),
            threads: Vec::new(),
            keys: None,
            spoken: 0,
        }
    }

    pub fn with_keys(codec: Codec, keys: Keys) -> Peer {
        let mut peer = Peer::new(codec);
        peer.keys = Some(keys);
        peer
    }

    pub fn port(&self) -> u16 {
        self.socket.local_addr().unwrap().port()
    }

    /// The leg for this peer, and listening begins.
    pub fn join(&mut self, client: &mut Client, leg: &str, room: &str, more: Value) -> Value {
        let mut fields = json!({
            "leg": leg, "room": room, "kind": "rtp", "dtmf_pt": 101,
            "codecs": [{"name": self.codec.name(), "pt": self.codec.pt()}],
            "remote": {"ip": "127.0.0.1", "port": self.port()},
        });
        if let Some(keys) = &self.keys {
            fields["srtp"] = json!({
                "suite": keys.suite, "local": keys.theirs, "remote": keys.ours,
            });
        }
        for (name, value) in more.as_object().into_iter().flatten() {
            fields[name] = value.clone();
        }
        let local = client.ok("leg.create", fields);
        self.engine = Some(format!("127.0.0.1:{}", local["port"]).parse().unwrap());
        self.listen();
        local
    }

    fn listen(&mut self) {
        let (socket, heard, stop) = (self.socket.clone(), self.heard.clone(), self.stop.clone());
        let mut context = self.keys.as_ref().map(|keys| context(keys.suite, &keys.theirs));
        self.threads.push(std::thread::spawn(move || {
            let mut buffer = [0u8; 2000];
            while !stop.load(Ordering::Relaxed) {
                let Ok((mut len, _)) = socket.recv_from(&mut buffer) else { continue };
                let at = Instant::now();
                if rtp::looks_like_rtcp(&buffer[..len]) {
                    continue;
                }
                if let Some(context) = &mut context {
                    len = context.unprotect_rtp(&mut buffer[..len]).expect("genuine SRTP");
                }
                let packet = Packet::parse(&buffer[..len]).unwrap();
                let payload = packet.payload.to_vec();
                heard.lock().unwrap().push(Heard { at, header: packet.header, payload });
            }
        }));
    }

    /// Speaks in 20 ms packets in a thread of its own, over a link.
    pub fn speak(&mut self, samples: Vec<i16>, profile: Profile) {
        let payloads = self.codec.encode(&samples);
        let payloads: Vec<Vec<u8>> = payloads.chunks_exact(160).map(<[u8]>::to_vec).collect();
        let (pt, ssrc) = (self.codec.pt(), u32::from(self.port()));
        let before = self.spoken;
        self.spoken += payloads.len() as u32;
        let packets = payloads.into_iter().enumerate().map(move |(n, payload)| {
            let number = before + n as u32;
            let header = Header {
                marker: n == 0,
                payload_type: pt,
                sequence: (number as u16).wrapping_add(65_000),
                timestamp: (number * 160).wrapping_sub(5000),
                ssrc,
            };
            (Duration::from_millis(20) * n as u32, header, payload)
        });
        self.send(packets.collect(), profile);
    }

    /// Sends packets at their times.
    pub fn send(&mut self, packets: Vec<(Duration, Header, Vec<u8>)>, profile: Profile) {
        let (socket, engine, stop) = (self.socket.clone(), self.engine.unwrap(), self.stop.clone());
        let mut context = self.keys.as_ref().map(|keys| context(keys.suite, &keys.ours));
        self.threads.push(std::thread::spawn(move || {
            let mut link = Link::new(profile, 7);
            let start = Instant::now();
            let mut packets = packets.into_iter().peekable();
            while packets.peek().is_some() || link.next_at().is_some() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let now = start.elapsed();
                while let Some((at, header, payload)) = packets.next_if(|packet| packet.0 <= now) {
                    let mut bytes = header.to_bytes().to_vec();
                    bytes.extend(payload);
                    if let Some(context) = &mut context {
                        let len = bytes.len();
                        bytes.resize(len + srtp::MAX_OVERHEAD, 0);
                        let len = context.protect_rtp(&mut bytes, len).unwrap();
                        bytes.truncate(len);
                    }
                    link.push(at, &bytes);
                }
                while let Some(packet) = link.pop(now) {
                    let _ = socket.send_to(&packet, engine);
                }
                std::thread::sleep(Duration::from_micros(500));
            }
        }));
    }

    pub fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// Waits until this many packets have come.
    pub fn wait_for(&self, packets: usize) -> Vec<Heard> {
        let end = Instant::now() + super::PATIENCE;
        loop {
            let heard = self.heard();
            if heard.len() >= packets {
                return heard;
            }
            assert!(Instant::now() < end, "{} of {packets} packets came", heard.len());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Waits for this many packets with something in them; their payloads, joined.
    pub fn wait_for_payloads(&self, packets: usize) -> Vec<u8> {
        let end = Instant::now() + super::PATIENCE;
        loop {
            let silence = self.codec.encode(&[0])[0];
            let mut heard = self.heard();
            heard.retain(|packet| packet.payload.iter().any(|byte| *byte != silence));
            if heard.len() >= packets {
                return heard.into_iter().flat_map(|packet| packet.payload).collect();
            }
            assert!(Instant::now() < end, "{} of {packets} packets came", heard.len());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// What this peer's ear got, in order, as samples of its codec's rate; events are left out.
    pub fn audio(&self) -> Vec<i16> {
        let mut packets = self.heard();
        packets.retain(|packet| packet.header.payload_type == self.codec.pt());
        if let Some(first) = packets.first().map(|packet| packet.header.sequence) {
            packets.sort_by_key(|p| p.header.sequence.wrapping_sub(first).wrapping_add(1000));
        }
        let payloads: Vec<u8> = packets.iter().flat_map(|p| p.payload.clone()).collect();
        self.codec.decode(&payloads)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn context(suite: &str, key: &str) -> srtp::Context {
    srtp::Context::from_base64(srtp::Suite::from_name(suite).unwrap(), key).unwrap()
}
