//! Figures: of a leg for the client, of the worker for the operator.

use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};

use super::Worker;
use super::commands::Outcome;
use super::leg::{CLOCK, Leg};
use crate::api::Id;
use crate::control::error::Refusal;

const MAX_STATS_SECONDS: u32 = 3600;

fn rounded(value: f64, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    (value * scale).round() / scale
}

impl Worker {
    /// Section 8 of the protocol.
    pub(super) fn quality(&self, leg: &Leg) -> Value {
        let rx = &leg.rx;
        let reception = &rx.reception;
        let share = |lost: u64, expected: u64| 100.0 * lost as f64 / expected.max(1) as f64;
        let loss_pct = share(reception.lost(), reception.expected());
        let jitter_ms = f64::from(reception.jitter()) * 1000.0 / f64::from(CLOCK);
        let peer = &leg.tx.peer;
        let rtt = peer.rtt_ms;
        // Mouth to ear: half the round trip, a packet, and the jitter buffer.
        let delay = rtt.unwrap_or(0.0) / 2.0 + 20.0;
        let buffer_ms = f64::from(rx.playout.buffer.target()) * 1000.0 / f64::from(CLOCK);
        let effective = share(reception.lost() + rx.playout.buffer.late, reception.expected());
        let received = mos::of_call(delay + buffer_ms, effective);
        let sent_loss = share(peer.lost.max(0) as u64, leg.tx.rewriter.packets);
        let sent = mos::of_call(delay + 40.0, sent_loss);
        json!({
            "received": {
                "packets": reception.packets, "bytes": reception.bytes,
                "lost": reception.lost(), "loss_pct": rounded(loss_pct, 2),
                "reordered": reception.reordered, "duplicates": reception.duplicates,
                "late": rx.playout.buffer.late, "jitter_ms": rounded(jitter_ms, 2),
                "max_gap_ms": rx.max_gap_us / 1000, "foreign": leg.transport.foreign,
                "malformed": rx.malformed + reception.strange, "flood": rx.flood,
                "unknown_pt": rx.unknown_pt, "unauthenticated": leg.transport.crypto_failed,
                "r": rounded(received.r, 1), "mos": rounded(received.mos, 2),
            },
            "sent": {
                "packets": leg.tx.rewriter.packets, "bytes": leg.tx.rewriter.bytes,
                "failed": leg.tx.failed,
                "lost": peer.seen.then_some(peer.lost), "loss_pct": rounded(sent_loss, 2),
                "jitter_ms": rounded(f64::from(peer.jitter) * 1000.0 / f64::from(CLOCK), 2),
                "r": rounded(sent.r, 1), "mos": rounded(sent.mos, 2),
            },
            "rtt_ms": rtt.map(|rtt| rounded(rtt, 1)),
        })
    }

    pub(super) fn leg_stats(&self, id: &Id) -> Outcome {
        Ok(self.quality(self.leg(id)?))
    }

    pub(super) fn stats_every(&mut self, id: &Id, seconds: u32) -> Outcome {
        if seconds > MAX_STATS_SECONDS {
            return Err(Refusal::invalid("seconds is at most an hour"));
        }
        let now_us = self.now_us;
        let leg = self.leg_mut(id)?;
        leg.stats_every_us = u64::from(seconds) * 1_000_000;
        leg.next_stats_us = now_us + leg.stats_every_us;
        Ok(json!({}))
    }

    pub(super) fn stats(&self) -> Value {
        let legs = self.legs.iter().flatten();
        let (mut foreign, mut malformed, mut flood, mut unauthenticated) = (0, 0, 0, 0);
        let mut count = 0;
        for leg in legs {
            count += 1;
            foreign += leg.transport.foreign;
            malformed += leg.rx.malformed + leg.rx.reception.strange;
            flood += leg.rx.flood;
            unauthenticated += leg.transport.crypto_failed;
        }
        let rooms = || self.rooms.iter().flatten();
        let cpu = clock_gettime(ClockId::ThreadCPUTime);
        json!({
            "worker": self.setup.index, "legs": count, "rooms": rooms().count(),
            "ticking_rooms": rooms().filter(|room| room.ticking).count(),
            "records": rooms().map(|room| room.records.len()).sum::<usize>(),
            "received": self.counters.received, "relayed": self.counters.relayed,
            "mixed_frames": self.counters.mixed_frames,
            "skipped_phases": self.counters.skipped_phases, "panics": self.counters.panics,
            "longest_pass_ms": rounded(self.counters.longest_pass_us as f64 / 1000.0, 1),
            "dropped": {
                "foreign": foreign, "malformed": malformed, "flood": flood,
                "unauthenticated": unauthenticated,
            },
            "cpu_ms": cpu.tv_sec as u64 * 1000 + cpu.tv_nsec as u64 / 1_000_000,
        })
    }
}
