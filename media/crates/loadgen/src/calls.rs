//! The calls: their rooms, legs and sockets.

use std::io::{Error, Result};
use std::net::{SocketAddr, UdpSocket};
use std::time::Instant;

use engine::dtls::Identity;
use rtp::packet::{HEADER_LEN, Header};
use serde_json::{Value, json};

use crate::browser::{self, Secured};
use crate::control::Control;
use crate::figures::Delays;

const PAYLOAD: usize = 160;
/// What a payload holds after the time of sending.
const FILL: u8 = 0x55;

/// Whether a packet is one of a peer's, as it was sent: not silence, music or a mix.
pub fn is_from_a_peer(packet: &[u8]) -> bool {
    packet.len() == HEADER_LEN + PAYLOAD
        && packet[HEADER_LEN + 8..].iter().all(|&byte| byte == FILL)
}

/// What a call is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Two phones of one codec: payloads pass undecoded.
    Relayed,
    /// Two phones, PCMU and PCMA: every packet is decoded and encoded.
    Translated,
    /// Three phones that hear each other.
    ThreeWay,
    /// A browser (DTLS-SRTP) and a phone of one codec.
    Browser,
}

impl Kind {
    pub fn from_name(name: &str) -> Option<Kind> {
        Some(match name {
            "relayed" => Kind::Relayed,
            "translated" => Kind::Translated,
            "three-way" => Kind::ThreeWay,
            "browser" => Kind::Browser,
            _ => return None,
        })
    }

    fn legs(self) -> &'static [&'static str] {
        if self == Kind::ThreeWay { &["a", "b", "c"] } else { &["a", "b"] }
    }
}

/// One side of a call.
pub struct Peer {
    pub socket: UdpSocket,
    engine: SocketAddr,
    ssrc: u32,
    sequence: u16,
    pub sent: u64,
    pub received: u64,
    /// Of these, what the other side sent.
    pub relayed: u64,
    /// Another thread listens.
    pub probe: bool,
    secured: Option<Box<Secured>>,
}

impl Peer {
    /// A packet whose payload begins with the time of sending.
    pub fn send(&mut self, start: Instant) {
        let header = Header {
            marker: false,
            payload_type: 0,
            sequence: self.sequence,
            timestamp: u32::from(self.sequence) * PAYLOAD as u32,
            ssrc: self.ssrc,
        };
        let mut packet = [FILL; HEADER_LEN + PAYLOAD + srtp::MAX_OVERHEAD];
        let mut len = HEADER_LEN + PAYLOAD;
        packet[..HEADER_LEN].copy_from_slice(&header.to_bytes());
        let now = start.elapsed().as_micros() as u64;
        packet[HEADER_LEN..HEADER_LEN + 8].copy_from_slice(&now.to_be_bytes());
        if let Some(secured) = &mut self.secured {
            len = secured.ours.protect_rtp(&mut packet, len).unwrap_or(len);
            if self.sequence.is_multiple_of(250) {
                secured.consent(&self.socket);
            }
        }
        self.sequence = self.sequence.wrapping_add(1);
        if self.socket.send(&packet[..len]).is_ok() {
            self.sent += 1;
        }
    }

    /// Counts what has come; its time is unknown.
    pub fn receive(&mut self) {
        let mut buffer = [0u8; 1500];
        while let Ok(len) = self.socket.recv(&mut buffer) {
            let packet = &mut buffer[..len];
            let is_media = packet.first().is_some_and(|first| first >> 6 == 2)
                && !rtp::looks_like_rtcp(packet);
            if !is_media {
                continue;
            }
            let len = match &mut self.secured {
                None => len,
                Some(secured) => match secured.theirs.unprotect_rtp(packet) {
                    Ok(len) => len,
                    Err(_) => continue,
                },
            };
            self.received += 1;
            self.relayed += u64::from(is_from_a_peer(&buffer[..len]));
        }
    }

    /// Its packets carry the stamp where a listener without keys can read it.
    pub fn is_plain(&self) -> bool {
        self.secured.is_none()
    }
}

/// All peers of all calls, and how long `leg.create` took.
pub fn set_up(
    control: &mut Control,
    kind: Kind,
    calls: usize,
    record: Option<&str>,
) -> Result<(Vec<Peer>, Delays)> {
    let identity = Identity::new()?;
    let (mut peers, mut times) = (Vec::new(), Delays::default());
    for call in 0..calls {
        let room = format!("load-{call}");
        control.ask("room.create", json!({"room": room}))?;
        let names: Vec<String> = kind.legs().iter().map(|side| format!("{room}-{side}")).collect();
        for (side, leg) in names.iter().enumerate() {
            let begun = Instant::now();
            let peer = if kind == Kind::Browser && side == 0 {
                browser_leg(control, &room, leg, &identity, &mut times)?
            } else {
                let peer = phone_leg(control, &room, leg, kind, side)?;
                times.add(begun.elapsed());
                peer
            };
            peers.push(peer);
        }
        hear_each_other(control, &room, &names)?;
        if let Some(directory) = record {
            control.ask(
                "record.start",
                json!({
                    "record": format!("{room}-rec"), "room": room,
                    "left": names[..1], "right": names[1..],
                    "path": format!("{directory}/{room}.wav"),
                }),
            )?;
        }
    }
    if kind == Kind::Browser {
        browser::settle(control)?;
    }
    Ok((peers, times))
}

fn hear_each_other(control: &mut Control, room: &str, names: &[String]) -> Result<()> {
    let mut matrix = serde_json::Map::new();
    for ear in names {
        let mouths: Vec<&String> = names.iter().filter(|mouth| *mouth != ear).collect();
        matrix.insert(ear.clone(), json!(mouths));
    }
    control.ask("room.hear", json!({"room": room, "matrix": matrix})).map(drop)
}

fn new_peer(socket: UdpSocket, engine: SocketAddr, secured: Option<Box<Secured>>) -> Result<Peer> {
    let ssrc = u32::from(socket.local_addr()?.port());
    let (sequence, sent, received, relayed) = (0, 0, 0, 0);
    Ok(Peer { socket, engine, ssrc, sequence, sent, received, relayed, probe: false, secured })
}

fn phone_leg(
    control: &mut Control,
    room: &str,
    leg: &str,
    kind: Kind,
    side: usize,
) -> Result<Peer> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.set_nonblocking(true)?;
    let codec = if kind == Kind::Translated && side == 1 {
        json!({"name": "PCMA", "pt": 8})
    } else {
        json!({"name": "PCMU", "pt": 0})
    };
    let local = control.ask(
        "leg.create",
        json!({
            "leg": leg, "room": room, "kind": "rtp", "codecs": [codec],
            "remote": {"ip": "127.0.0.1", "port": socket.local_addr()?.port()},
        }),
    )?;
    let engine = SocketAddr::from(([127, 0, 0, 1], port_of(&local)));
    socket.connect(engine)?;
    new_peer(socket, engine, None)
}

/// Peers of calls that somebody else sets up: says the ports of `count` sockets in a line of JSON, and is told in
/// another the engine's port for each.
pub fn introduce(count: usize) -> Result<Vec<Peer>> {
    let sockets =
        (0..count).map(|_| UdpSocket::bind("127.0.0.1:0")).collect::<Result<Vec<UdpSocket>>>()?;
    let ports = sockets
        .iter()
        .map(|socket| Ok(socket.local_addr()?.port()))
        .collect::<Result<Vec<u16>>>()?;
    println!("{}", json!(ports));
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    let engine: Vec<u16> = serde_json::from_str(&line)?;
    if engine.len() != count {
        return Err(Error::other(format!("{} ports for {count} peers", engine.len())));
    }
    let connect = |(socket, port): (UdpSocket, u16)| {
        socket.set_nonblocking(true)?;
        let engine = SocketAddr::from(([127, 0, 0, 1], port));
        socket.connect(engine)?;
        new_peer(socket, engine, None)
    };
    sockets.into_iter().zip(engine).map(connect).collect()
}

fn port_of(local: &Value) -> u16 {
    local["port"].as_u64().unwrap_or(0) as u16
}

fn browser_leg(
    control: &mut Control,
    room: &str,
    leg: &str,
    identity: &Identity,
    times: &mut Delays,
) -> Result<Peer> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    let begun = Instant::now();
    let local = control.ask(
        "leg.create",
        json!({
            "leg": leg, "room": room, "kind": "webrtc", "codecs": [{"name": "PCMU", "pt": 0}],
            "remote": browser::description(identity),
        }),
    )?;
    times.add(begun.elapsed());
    let engine = browser::address(&local)?;
    socket.connect(engine)?;
    let secured = browser::connect(&socket, &local, identity)?;
    new_peer(socket, engine, Some(Box::new(secured)))
}

impl std::fmt::Debug for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Peer").field("engine", &self.engine).finish_non_exhaustive()
    }
}
