//! The phones of the probe: one thread, a packet each 20 ms from every phone.

use std::io::{ErrorKind, Result};
use std::net::{Ipv4Addr, UdpSocket};
use std::time::{Duration, Instant};

use rtp::packet::{HEADER_LEN, Header};
use serde_json::{Value, json};

const PAYLOAD: usize = 160;
/// Phones speak in this many turns of each 20 ms, so that the load is even.
const TURNS: usize = 20;
const TURN: Duration = Duration::from_millis(1);
/// Keys of the encrypted calls; they protect nothing.
const SUITE: &str = "AES_CM_128_HMAC_SHA1_80";
const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Relayed,
    Recorded,
    Mixed,
    Encrypted,
}

impl Kind {
    pub const ALL: [Kind; 4] = [Kind::Relayed, Kind::Recorded, Kind::Mixed, Kind::Encrypted];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Relayed => "relayed",
            Kind::Recorded => "relayed and recorded in stereo",
            Kind::Mixed => "another law on each side, mixed",
            Kind::Encrypted => "relayed, SRTP on both sides",
        }
    }
}

struct Phone {
    socket: UdpSocket,
    keys: Option<srtp::Context>,
    payload_type: u8,
    sequence: u16,
}

pub struct Load {
    phones: Vec<Phone>,
    sent: u64,
    received: u64,
    started: Instant,
    turns: u64,
}

impl Load {
    /// Makes the calls; `ask` sends a command to the engine.
    pub fn new(
        kind: Kind,
        calls: usize,
        mut ask: impl FnMut(&str, Value) -> Result<Value>,
    ) -> Result<Load> {
        let mut phones = Vec::new();
        for call in 0..calls {
            let room = format!("room-{call}");
            ask("room.create", json!({"room": room}))?;
            let legs = [format!("a-{call}"), format!("b-{call}")];
            for (side, leg) in legs.iter().enumerate() {
                let pcma = kind == Kind::Mixed && side == 1;
                phones.push(Phone::new(kind, pcma, leg, &room, &mut ask)?);
            }
            let [a, b] = &legs;
            ask("room.hear", json!({"room": room, "matrix": {a: [b], b: [a]}}))?;
            if kind == Kind::Recorded {
                let fields =
                    json!({"record": room, "room": room, "path": "", "left": [a], "right": [b]});
                ask("record.start", fields)?;
            }
        }
        Ok(Load { phones, sent: 0, received: 0, started: Instant::now(), turns: 0 })
    }

    /// Counts from now on.
    pub fn begin(&mut self) {
        (self.sent, self.received) = (0, 0);
    }

    /// All talk for `time`.
    pub fn run(&mut self, time: Duration) -> Result<()> {
        let last = self.turns + (time.as_millis() / TURN.as_millis()) as u64;
        let mut buffer = [0u8; rtp::MAX_PACKET];
        while self.turns < last {
            let turn = self.turns as usize % TURNS;
            for phone in self.phones.iter_mut().skip(turn).step_by(TURNS) {
                phone.say(&mut buffer)?;
                self.sent += 1;
                while phone.hears(&mut buffer) {
                    self.received += 1;
                }
            }
            self.turns += 1;
            let next = self.started + TURN * self.turns as u32;
            std::thread::sleep(next.saturating_duration_since(Instant::now()));
        }
        Ok(())
    }

    /// What every phone sent must have come to another one.
    pub fn lost_pct(&self) -> f64 {
        100.0 * (self.sent as f64 - self.received as f64).max(0.0) / self.sent.max(1) as f64
    }
}

impl Phone {
    fn new(
        kind: Kind,
        pcma: bool,
        leg: &str,
        room: &str,
        ask: &mut impl FnMut(&str, Value) -> Result<Value>,
    ) -> Result<Phone> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_nonblocking(true)?;
        let (name, payload_type) = if pcma { ("PCMA", 8) } else { ("PCMU", 0) };
        let mut fields = json!({
            "leg": leg, "room": room, "kind": "rtp",
            "codecs": [{"name": name, "pt": payload_type}],
            "remote": {"ip": "127.0.0.1", "port": socket.local_addr()?.port()},
        });
        let keys = (kind == Kind::Encrypted).then(|| {
            fields["srtp"] = json!({"suite": SUITE, "local": KEY, "remote": KEY});
            srtp::Context::from_base64(srtp::Suite::AesCm128HmacSha1_80, KEY)
        });
        let keys = keys.transpose().map_err(|_| std::io::Error::other("the keys do not fit"))?;
        let local = ask("leg.create", fields)?;
        let port = local["port"].as_u64().and_then(|port| u16::try_from(port).ok());
        let port = port.ok_or_else(|| std::io::Error::other("the engine told no port"))?;
        socket.connect((Ipv4Addr::LOCALHOST, port))?;
        Ok(Phone { socket, keys, payload_type, sequence: 0 })
    }

    fn say(&mut self, buffer: &mut [u8]) -> Result<()> {
        self.sequence = self.sequence.wrapping_add(1);
        let header = Header {
            marker: self.sequence == 1,
            payload_type: self.payload_type,
            sequence: self.sequence,
            timestamp: u32::from(self.sequence) * PAYLOAD as u32,
            ssrc: 77,
        };
        let mut len = HEADER_LEN + PAYLOAD;
        buffer[..HEADER_LEN].copy_from_slice(&header.to_bytes());
        buffer[HEADER_LEN..len].fill(0x35);
        if let Some(keys) = &mut self.keys {
            let protected = keys.protect_rtp(buffer, len);
            len = protected.map_err(|_| std::io::Error::other("a packet cannot be encrypted"))?;
        }
        match self.socket.send(&buffer[..len]) {
            // A full buffer of a loaded machine is a lost packet.
            Err(error) if error.kind() != ErrorKind::WouldBlock => Err(error),
            _ => Ok(()),
        }
    }

    /// Takes one packet that waits.
    fn hears(&mut self, buffer: &mut [u8]) -> bool {
        self.socket.recv(buffer).is_ok_and(|len| !rtp::looks_like_rtcp(&buffer[..len]))
    }
}
