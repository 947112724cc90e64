//! The packet path: from a readable socket to the ears, the jitter buffer and the recordings.
//!
//! No lock, no allocation here.

use std::io::ErrorKind;
use std::net::SocketAddr;

use jitter::order::Held;
use rtp::event::TelephoneEvent;
use rtp::packet::Packet;
use rtp::reception::Order;
use serde_json::json;
use udp::Batch;

use super::Worker;
use super::digits;
use super::leg::Leg;
use super::transport::{Sockets, Source};
use super::trip;
use crate::api::{Codec, Nat};

/// Longest packet decoded for a recording, in samples: 60 ms of 16 kHz.
const MAX_SAMPLES: usize = 2 * jitter::buffer::MAX_PAYLOAD;

/// Calls to one socket in one turn; a flood waits for the next turn.
const MAX_CALLS: usize = 4;

/// Length of a digit that is relayed, ms; Q.24 asks readers for 40.
const MIN_TONE_MS: u32 = 40;
const MAX_TONE_MS: u32 = 8000;
/// Quiet after a digit that is relayed, ms: no longer than a quick finger leaves.
const RELAY_GAP_MS: u32 = 60;
/// dBm0
const RELAY_LEVEL: f32 = -10.0;

impl Worker {
    /// What waits in the socket behind an epoll key. The kernel tells of each arrival once, so the socket is emptied;
    /// what is left of a flood is looked at in the next turn.
    pub(super) fn readable(&mut self, key: u64) {
        let at = (key >> 1) as usize;
        let Some(mut leg) = self.legs.get_mut(at).and_then(Option::take) else { return };
        let mut batch = self.batch.take().unwrap_or_else(Batch::new);
        let is_rtcp = key & 1 == 1;
        let mut emptied = false;
        for _ in 0..MAX_CALLS {
            let received = match &leg.transport.sockets {
                Sockets::Own(pair) if is_rtcp => batch.receive(&pair.rtcp),
                Sockets::Own(pair) => batch.receive(&pair.rtp),
                Sockets::Shared(_) => Err(ErrorKind::WouldBlock.into()),
            };
            // Another error than an empty socket is an ICMP error of an earlier packet; the socket stays good.
            let count = received.unwrap_or_else(|error| {
                leg.tx.failed += u64::from(error.kind() != ErrorKind::WouldBlock);
                0
            });
            for number in 0..count {
                let (datagram, from) = batch.datagram(number);
                self.counters.received += 1;
                if let Some(from) = from {
                    self.datagram(&mut leg, datagram, from, is_rtcp);
                }
            }
            emptied = count < udp::AT_ONCE;
            if emptied {
                break;
            }
        }
        if !emptied {
            self.unfinished.push(key);
        }
        self.batch = Some(batch);
        self.legs[at] = Some(leg);
        self.replan_if_needed();
        self.end_failed();
    }

    pub(super) fn replan_if_needed(&mut self) {
        if let Some(room) = self.replan.take()
            && let Some(room) = self.rooms.get_mut(room).and_then(Option::as_mut)
        {
            room.plan(&mut self.legs);
            self.ticking_changed = true;
        }
    }

    pub(super) fn datagram(
        &mut self,
        leg: &mut Leg,
        datagram: &mut [u8],
        from: SocketAddr,
        rtcp_port: bool,
    ) {
        if !leg.rx.admit(leg.transport.knows(from), self.now_us) {
            return;
        }
        trip(leg, "packet");
        if rtcp_port || rtp::looks_like_rtcp(datagram) {
            self.rtcp(leg, datagram, from);
            return;
        }
        // Behind no NAT a stranger is turned away before any decryption.
        if leg.transport.nat() == Nat::Strict && leg.transport.remote() != Some(from) {
            leg.transport.foreign += 1;
            return;
        }
        let Some(len) = unprotect(leg, datagram, false) else { return };
        let Ok(packet) = Packet::parse(&datagram[..len]) else {
            leg.rx.malformed += 1;
            return;
        };
        match leg.transport.judge(from) {
            Source::Foreign => return,
            Source::Latched => {
                let fields = json!({
                    "leg": leg.id.as_str(), "ip": from.ip(), "port": from.port(),
                });
                self.setup.outbox.event("leg.latched", fields);
                self.replan = Some(leg.room);
            }
            Source::Peer => {}
        }
        if leg.settings.direction.receives() {
            self.rtp(leg, &packet, from);
        }
    }

    fn rtp(&mut self, leg: &mut Leg, packet: &Packet<'_>, from: SocketAddr) {
        let is_event = leg.settings.dtmf_pt == Some(packet.header.payload_type);
        let codec = leg.settings.codec_of(packet.header.payload_type);
        if !is_event && codec.is_none() {
            leg.rx.unknown_pt += 1;
            return;
        }
        let arrival = self.now_units();
        let order = leg.rx.reception.on_packet(&packet.header, packet.payload.len(), arrival);
        match order {
            Order::Duplicate | Order::Strange => return,
            Order::First => leg.rx.playout.reset(),
            Order::Newest { .. } | Order::Late => {}
        }
        self.note_arrival(leg, from);
        if is_event {
            self.event(leg, packet);
            return;
        }
        let Some(codec) = codec else { return };
        if codec != leg.rx.codec {
            leg.rx.change_codec(codec);
            self.replan = Some(leg.room);
        }
        self.relay(leg, packet, codec);
        self.record(leg, packet, codec);
        let header = &packet.header;
        leg.rx.playout.buffer.insert(header.sequence, header.timestamp, packet.payload, arrival);
    }

    fn note_arrival(&mut self, leg: &mut Leg, from: SocketAddr) {
        let rx = &mut leg.rx;
        if rx.first_us.is_none() {
            rx.first_us = Some(self.now_us);
            let fields = json!({"leg": leg.id.as_str(), "ip": from.ip(), "port": from.port()});
            self.setup.outbox.event("media.first", fields);
        } else {
            rx.max_gap_us = rx.max_gap_us.max(self.now_us - rx.last_us);
        }
        rx.last_us = self.now_us;
        if std::mem::take(&mut rx.timed_out) {
            self.setup.outbox.event("media.resumed", json!({"leg": leg.id.as_str()}));
        }
    }

    /// Passes the payload to the ears that can take it undecoded.
    fn relay(&mut self, leg: &Leg, packet: &Packet<'_>, codec: Codec) {
        self.each_passed_ear(leg, |worker, ear| {
            let pt = worker.legs[ear].as_ref().and_then(|ear| ear.settings.pt_of(codec));
            worker.counters.relayed += u64::from(worker.relay_to(ear, leg.serial, packet, pt));
        });
    }

    /// Does something for each ear that hears this leg directly. What fails there ends the ear's leg, not this one.
    fn each_passed_ear(&mut self, leg: &Leg, work: impl Fn(&mut Self, usize)) {
        let mut ears = leg.pass_to;
        while ears != 0 {
            let slot = ears.trailing_zeros() as usize;
            ears &= ears - 1;
            if let Some(ear) = self.ear(leg.room, slot) {
                self.attempt(ear, |worker| work(worker, ear));
            }
        }
    }

    fn relay_to(&mut self, ear: usize, source: u64, packet: &Packet<'_>, pt: Option<u8>) -> bool {
        let now_units = self.now_units();
        let (Some(ear), Some(pt)) = (self.legs[ear].as_mut(), pt) else { return false };
        trip(ear, "relay");
        ear.relay(source, &packet.header, pt, packet.payload, now_units, &mut self.scratch[..]);
        true
    }

    fn ear(&self, room: usize, slot: usize) -> Option<usize> {
        self.rooms.get(room)?.as_ref()?.slots[slot]
    }

    /// Digits are reported, and passed on to ears that hear this leg directly.
    fn event(&mut self, leg: &mut Leg, packet: &Packet<'_>) {
        let Some(event) = TelephoneEvent::parse(packet.payload) else {
            leg.rx.malformed += 1;
            return;
        };
        leg.rx.event_at_us = self.now_us;
        self.each_passed_ear(leg, |worker, ear| {
            let pt = worker.legs[ear].as_ref().and_then(|ear| ear.settings.dtmf_pt);
            worker.relay_to(ear, leg.serial, packet, pt);
        });
        if let Some(press) = leg.rx.events.on_packet(packet.header.timestamp, event) {
            self.report_press(leg, press);
        }
    }

    /// A press has ended: the client is told, and the ears that hear this leg by mixing or as tones get it.
    pub(super) fn report_press(&mut self, leg: &Leg, press: rtp::event::Press) {
        let fields = json!({
            "leg": leg.id.as_str(), "digit": press.digit.to_string(),
            "duration_ms": press.duration / 8, "method": "rfc4733",
        });
        self.setup.outbox.event("dtmf", fields);
        self.relay_press(leg, press);
    }

    /// An ear that gets payloads as they are has had the event's packets already, if its peer can read them. To
    /// all others the press is sent anew with its own length: among mixed audio two streams of packets would
    /// overtake each other.
    fn relay_press(&mut self, leg: &Leg, press: rtp::event::Press) {
        let Some(room) = self.rooms.get(leg.room).and_then(Option::as_ref) else { return };
        for (slot, at) in room.legs() {
            let hears = room.matrix.audible(slot) & (1 << leg.slot) != 0;
            if !hears || room.voice_level(slot) == 0.0 {
                continue;
            }
            let Some(ear) = self.legs[at].as_mut() else { continue };
            let passed = leg.pass_to & (1 << slot) != 0;
            let inband = ear.settings.dtmf_pt.is_none();
            if !ear.can_send() || (passed && !inband) {
                continue;
            }
            ear.digits.push(digits::Order {
                digit: press.digit,
                inband,
                tone_ms: (press.duration / 8).clamp(MIN_TONE_MS, MAX_TONE_MS),
                gap_ms: RELAY_GAP_MS,
                level: RELAY_LEVEL,
                relayed: true,
            });
            self.replan = Some(leg.room);
        }
    }

    fn record(&mut self, leg: &mut Leg, packet: &Packet<'_>, codec: Codec) {
        let Some(room) = &self.rooms[leg.room] else { return };
        if room.records.iter().all(|record| record.sides[leg.slot].is_none()) {
            return;
        }
        let (header, now) = (&packet.header, self.now_us);
        if codec != Codec::G722 {
            self.record_one(leg, header.ssrc, header.timestamp, packet.payload, codec, now);
            return;
        }
        // G.722 has a memory: its packets must be decoded in the order in which they were spoken.
        let mut order = leg.rx.record_order.take().unwrap_or_default();
        let packet = Held::new(header.ssrc, header.sequence, header.timestamp, packet.payload, now);
        order.push(packet, |held| {
            let (ssrc, timestamp) = (held.ssrc, held.timestamp);
            self.record_one(leg, ssrc, timestamp, held.payload(), codec, held.arrival_us);
        });
        leg.rx.record_order = Some(order);
    }

    /// Puts a payload that arrived at `now` into every recording of its leg.
    fn record_one(
        &mut self,
        leg: &mut Leg,
        ssrc: u32,
        timestamp: u32,
        payload: &[u8],
        codec: Codec,
        now: u64,
    ) {
        let Some(room) = self.rooms[leg.room].as_mut() else { return };
        let mut samples = [0i16; MAX_SAMPLES];
        let count = leg.rx.record_decoder.decode(codec, payload, &mut samples);
        for record in &mut room.records {
            let (slot, samples) = (leg.slot, &samples[..count]);
            match (codec.rate(), record.rate()) {
                (16000, 8000) => {
                    let mut half = [0i16; MAX_SAMPLES / 2];
                    halve(samples, &mut half);
                    let half = &half[..count / 2];
                    record.write(slot, ssrc, timestamp, half, now);
                }
                (8000, 16000) => {
                    let mut twice = [0i16; 2 * MAX_SAMPLES];
                    double(samples, &mut twice);
                    let twice = &twice[..2 * count];
                    record.write(slot, ssrc, timestamp, twice, now);
                }
                _ => record.write(slot, ssrc, timestamp, samples, now),
            }
        }
    }

    fn rtcp(&mut self, leg: &mut Leg, datagram: &mut [u8], from: SocketAddr) {
        if !leg.transport.judge_rtcp(from) {
            return;
        }
        let Some(len) = unprotect(leg, datagram, true) else { return };
        let now = self.ntp_now();
        let own = leg.tx.rewriter.ssrc;
        let (now_us, rx, peer) = (self.now_us, &mut leg.rx, &mut leg.tx.peer);
        let parsed = rtp::rtcp::parse(&datagram[..len], |part| match part {
            rtp::rtcp::Part::Sender(info) => {
                rx.last_sr = rtp::rtcp::ntp_middle(info.ntp);
                rx.last_sr_us = now_us;
            }
            rtp::rtcp::Part::Report { block, .. } if block.ssrc == own => {
                peer.seen = true;
                peer.lost = block.cumulative_lost;
                peer.fraction = block.fraction_lost;
                peer.jitter = block.jitter;
                let trip = rtp::rtcp::round_trip(rtp::rtcp::ntp_middle(now), &block);
                if let Some(trip) = trip {
                    peer.rtt_ms = Some(f64::from(trip) * 1000.0 / 65536.0);
                }
            }
            _ => {}
        });
        if parsed.is_err() {
            leg.rx.malformed += 1;
        }
    }
}

/// Decrypts in place; the length of the plain packet.
fn unprotect(leg: &mut Leg, datagram: &mut [u8], rtcp: bool) -> Option<usize> {
    let Some(keys) = &mut leg.transport.keys else { return Some(datagram.len()) };
    let outcome = if rtcp {
        keys.remote.unprotect_rtcp(datagram)
    } else {
        keys.remote.unprotect_rtp(datagram)
    };
    outcome.map_err(|_| leg.transport.crypto_failed += 1).ok()
}

/// Halves the rate with a short filter; good enough for a recording made at the narrow rate.
fn halve(samples: &[i16], out: &mut [i16]) {
    for (n, slot) in out.iter_mut().enumerate().take(samples.len() / 2) {
        let at = |i: usize| i32::from(samples[i.min(samples.len() - 1)]);
        let centre = 2 * n;
        let sum = at(centre.saturating_sub(1)) + 2 * at(centre) + at(centre + 1);
        *slot = (sum / 4) as i16;
    }
}

/// Doubles the rate by linear interpolation.
fn double(samples: &[i16], out: &mut [i16]) {
    for (n, sample) in samples.iter().enumerate() {
        let next = samples.get(n + 1).unwrap_or(sample);
        out[2 * n] = *sample;
        out[2 * n + 1] = ((i32::from(*sample) + i32::from(*next)) / 2) as i16;
    }
}
