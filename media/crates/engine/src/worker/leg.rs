//! One peer's audio: its sockets, its incoming and its outgoing stream.

use std::net::SocketAddr;

use codec::resample::Resampler;
use jitter::order::Sorter;
use jitter::playout::{Heard, Playout};
use rtp::event::EventReceiver;
use rtp::reception::Reception;
use rtp::rewriter::Rewriter;

use super::codec::{Decoder, Encoder, FRAME_8K, FRAME_16K};
use super::detect::Detect;
use super::digits::DigitSender;
use super::transport::Transport;
use super::web::Web;
use crate::api::{Codec, CodecPt, Direction, Id};
use crate::streams::tap::Tap;

/// Delay of the jitter buffer in ms.
const MIN_DELAY_MS: u32 = 20;
const MAX_DELAY_MS: u32 = 200;
/// RFC 3551: the timestamp clock of all our codecs, Hz.
pub const CLOCK: u32 = 8000;
/// Packets a second that a leg takes from its peer, and as many from all others: five times a stream of 20 ms packets.
const MAX_RATE: u64 = 250;
/// Packets that may come at once after a hiccup of the network.
const MAX_BURST: u64 = 100;

/// What the client set.
#[derive(Clone, Debug)]
pub struct Settings {
    pub tag: Option<String>,
    pub codecs: Vec<CodecPt>,
    pub dtmf_pt: Option<u8>,
    pub ptime: u32,
    pub direction: Direction,
    pub media_timeout_ms: u32,
}

impl Settings {
    pub fn pt_of(&self, codec: Codec) -> Option<u8> {
        self.codecs.iter().find(|entry| entry.name == codec).map(|entry| entry.pt)
    }

    pub fn codec_of(&self, pt: u8) -> Option<Codec> {
        self.codecs.iter().find(|entry| entry.pt == pt).map(|entry| entry.name)
    }
}

/// How a leg's ear gets its audio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ear {
    /// Nothing is sent: no address yet, or the direction forbids it.
    Closed,
    /// Payloads of the leg in this slot go through as they are.
    Pass(usize),
    Mix,
}

/// A token bucket.
#[derive(Debug)]
struct Bucket {
    tokens: u64,
    at_us: u64,
}

impl Bucket {
    fn new() -> Self {
        Bucket { tokens: MAX_BURST, at_us: 0 }
    }

    /// True while packets come at a sane rate.
    fn admit(&mut self, now_us: u64) -> bool {
        let earned = (now_us - self.at_us) * MAX_RATE / 1_000_000;
        if earned > 0 {
            self.tokens = (self.tokens + earned).min(MAX_BURST);
            self.at_us = now_us;
        }
        let admitted = self.tokens > 0;
        self.tokens -= u64::from(admitted);
        admitted
    }
}

/// The incoming stream.
#[derive(Debug)]
pub struct Receiving {
    pub reception: Reception,
    pub codec: Codec,
    pub events: EventReceiver,
    pub event_at_us: u64,
    pub first_us: Option<u64>,
    pub last_us: u64,
    pub max_gap_us: u64,
    pub timed_out: bool,
    pub malformed: u64,
    pub flood: u64,
    pub unknown_pt: u64,
    pub last_sr: u32,
    pub last_sr_us: u64,
    peers: Bucket,
    others: Bucket,
    pub playout: Playout,
    pub decoder: Decoder,
    /// A second decoder, for recordings.
    pub record_decoder: Decoder,
    /// Its packets in order, when its codec has a memory.
    pub record_order: Option<Box<Sorter>>,
}

impl Receiving {
    fn new(codec: Codec) -> Self {
        Receiving {
            reception: Reception::default(),
            codec,
            events: EventReceiver::default(),
            event_at_us: 0,
            first_us: None,
            last_us: 0,
            max_gap_us: 0,
            timed_out: false,
            malformed: 0,
            flood: 0,
            unknown_pt: 0,
            last_sr: 0,
            last_sr_us: 0,
            peers: Bucket::new(),
            others: Bucket::new(),
            playout: Playout::new(CLOCK, codec.rate(), MIN_DELAY_MS, MAX_DELAY_MS),
            decoder: Decoder::default(),
            record_decoder: Decoder::default(),
            record_order: None,
        }
    }

    /// The peer speaks another codec now.
    pub fn change_codec(&mut self, codec: Codec) {
        if codec.rate() != self.codec.rate() {
            self.playout = Playout::new(CLOCK, codec.rate(), MIN_DELAY_MS, MAX_DELAY_MS);
        } else {
            self.playout.reset();
        }
        self.decoder = Decoder::default();
        self.record_decoder = Decoder::default();
        self.record_order = None;
        self.codec = codec;
    }

    /// True while the sender keeps to a sane rate. Strangers have a bucket of their own: they take nothing of the
    /// peer's.
    pub fn admit(&mut self, known: bool, now_us: u64) -> bool {
        let bucket = if known { &mut self.peers } else { &mut self.others };
        let admitted = bucket.admit(now_us);
        self.flood += u64::from(!admitted);
        admitted
    }
}

/// What the peer says about our stream in its receiver reports.
#[derive(Clone, Copy, Debug, Default)]
pub struct PeerReport {
    pub lost: i32,
    pub fraction: u8,
    pub jitter: u32,
    pub rtt_ms: Option<f64>,
    pub seen: bool,
}

/// The outgoing stream.
#[derive(Debug)]
pub struct Sending {
    pub rewriter: Rewriter,
    pub codec: Codec,
    encoder: Encoder,
    pending: [u8; 2 * jitter::buffer::MAX_PAYLOAD],
    pending_len: usize,
    pub peer: PeerReport,
    pub reported_packets: u64,
    pub next_report_us: u64,
    pub failed: u64,
}

/// The current 20 ms of a mouth, at both mixing rates as far as somebody needs them.
#[derive(Debug)]
pub struct Frame {
    pub at_8k: [i16; FRAME_8K],
    pub at_16k: [i16; FRAME_16K],
    pub heard: Heard,
    up: Option<Resampler>,
    down: Option<Resampler>,
    decoded_in: u64,
}

impl Frame {
    pub fn at(&self, rate: u32) -> &[i16] {
        if rate == 8000 { &self.at_8k } else { &self.at_16k }
    }
}

#[derive(Debug)]
pub struct Leg {
    pub id: Id,
    /// Never used twice in a process.
    pub serial: u64,
    pub room: usize,
    pub slot: usize,
    pub settings: Settings,
    pub transport: Transport,
    pub rx: Receiving,
    pub tx: Sending,
    pub frame: Frame,
    pub ear: Ear,
    /// Slots whose ears take this leg's payloads as they are.
    pub pass_to: mixer::Legs,
    pub detect: Detect,
    pub digits: DigitSender,
    pub taps: Vec<Tap>,
    pub stats_every_us: u64,
    pub next_stats_us: u64,
    pub cname: String,
    /// ICE and DTLS of a browser leg.
    pub web: Option<Box<Web>>,
}

pub struct NewLeg {
    pub id: Id,
    pub serial: u64,
    pub settings: Settings,
    pub transport: Transport,
    pub web: Option<Box<Web>>,
    pub random: [u32; 4],
}

impl Leg {
    pub fn new(new: NewLeg) -> Self {
        let codec = new.settings.codecs[0].name;
        let [ssrc, start, timestamp, name] = new.random;
        Leg {
            id: new.id,
            serial: new.serial,
            room: usize::MAX,
            slot: 0,
            settings: new.settings,
            transport: new.transport,
            rx: Receiving::new(codec),
            tx: Sending {
                rewriter: Rewriter::new(ssrc, start as u16, timestamp),
                codec,
                encoder: Encoder::default(),
                pending: [0; 2 * jitter::buffer::MAX_PAYLOAD],
                pending_len: 0,
                peer: PeerReport::default(),
                reported_packets: 0,
                next_report_us: 0,
                failed: 0,
            },
            frame: Frame {
                at_8k: [0; FRAME_8K],
                at_16k: [0; FRAME_16K],
                heard: Heard::Nothing,
                up: None,
                down: None,
                decoded_in: 0,
            },
            ear: Ear::Closed,
            pass_to: 0,
            detect: Detect::default(),
            digits: DigitSender::default(),
            taps: Vec::new(),
            stats_every_us: 0,
            next_stats_us: 0,
            // RFC 7022: a random name that says nothing about the person.
            cname: format!("{name:08x}{ssrc:08x}"),
            web: new.web,
        }
    }

    /// The stream may be sent: there is an address and the direction allows it.
    pub fn can_send(&self) -> bool {
        self.settings.direction.sends() && self.transport.remote().is_some()
    }

    /// The leg's audio has to be decoded, whoever hears it.
    pub fn is_watched(&self) -> bool {
        self.detect.is_on() || !self.taps.is_empty()
    }

    /// Decodes this tick's 20 ms, once, however many ears and detectors want it.
    pub fn decode_frame(&mut self, tick: u64, now_units: u64, need_8k: bool, need_16k: bool) {
        if self.frame.decoded_in == tick {
            return;
        }
        self.frame.decoded_in = tick;
        let (frame, rx) = (&mut self.frame, &mut self.rx);
        let (codec, decoder) = (rx.codec, &mut rx.decoder);
        let decode = |payload: &[u8], out: &mut [i16]| decoder.decode(codec, payload, out);
        if codec.rate() == 8000 {
            frame.heard = rx.playout.fill(now_units, &mut frame.at_8k, decode);
            if need_16k {
                let up = frame.up.get_or_insert_with(|| Resampler::new(8000, 16000));
                let mut out = frame.at_16k.iter_mut();
                up.process(&frame.at_8k, |sample| put(&mut out, sample));
            }
        } else {
            frame.heard = rx.playout.fill(now_units, &mut frame.at_16k, decode);
            if need_8k {
                let down = frame.down.get_or_insert_with(|| Resampler::new(16000, 8000));
                let mut out = frame.at_8k.iter_mut();
                down.process(&frame.at_16k, |sample| put(&mut out, sample));
            }
        }
    }

    /// Encodes 20 ms for this leg's peer and sends the packets that are full.
    pub fn send_frame(&mut self, frame: &[i16], now_units: u64, scratch: &mut [u8]) {
        let Some(pt) = self.settings.pt_of(self.tx.codec) else { return };
        let tx = &mut self.tx;
        let free = &mut tx.pending[tx.pending_len..];
        tx.pending_len += tx.encoder.encode(tx.codec, frame, free);
        let size = (self.settings.ptime * CLOCK / 1000) as usize;
        while tx.pending_len >= size {
            let header = tx.rewriter.make(pt, now_units, size as u32);
            if self.transport.send_rtp(&header, &tx.pending[..size], scratch) {
                tx.rewriter.count(size);
            } else {
                tx.failed += 1;
            }
            tx.pending.copy_within(size..tx.pending_len, 0);
            tx.pending_len -= size;
        }
    }

    /// Sends a payload of another leg as it is, under this leg's numbers.
    pub fn relay(
        &mut self,
        source: u64,
        incoming: &rtp::packet::Header,
        pt: u8,
        payload: &[u8],
        now_units: u64,
        scratch: &mut [u8],
    ) {
        let Some(header) = self.tx.rewriter.pass(source, incoming, pt, now_units) else { return };
        self.tx.pending_len = 0;
        if self.transport.send_rtp(&header, payload, scratch) {
            self.tx.rewriter.count(payload.len());
        } else {
            self.tx.failed += 1;
        }
    }

    /// New settings of an offer or answer.
    pub fn apply(&mut self, settings: Settings) {
        let sends = settings.codecs[0].name;
        if sends != self.tx.codec {
            self.tx.codec = sends;
            self.tx.encoder = Encoder::default();
            self.tx.pending_len = 0;
        }
        if settings.pt_of(self.rx.codec).is_none() {
            self.rx.change_codec(sends);
        }
        self.settings = settings;
    }

    pub fn remote(&self) -> Option<SocketAddr> {
        self.transport.remote()
    }
}

fn put(out: &mut std::slice::IterMut<'_, i16>, sample: i16) {
    if let Some(slot) = out.next() {
        *slot = sample;
    }
}
