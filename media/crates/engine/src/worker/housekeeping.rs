//! What is done every 100 ms: reports, time-outs, ends of digits, recordings.

use std::time::{SystemTime, UNIX_EPOCH};

use rtp::rtcp::{SenderInfo, ntp_of_unix, write_bye, write_report};
use serde_json::json;

use super::leg::Leg;
use super::{VISIT_US, Worker, trip};

/// A fifth of the legs is visited each time: every leg twice a second.
const SHARES: usize = 5;
const REPORT_US: u64 = 5_000_000;
/// An event without packets for this long has ended; its last packets were lost.
const EVENT_END_US: u64 = 200_000;

impl Worker {
    pub(super) fn visits(&mut self) {
        if self.now_us < self.next_visit_us {
            return;
        }
        self.next_visit_us = self.now_us + VISIT_US;
        self.visit = (self.visit + 1) % SHARES;
        for at in (self.visit..self.legs.len()).step_by(SHARES) {
            if self.legs[at].is_some() {
                self.guard_leg(at, |worker| worker.visit_leg(at));
            }
        }
        self.visit_records();
    }

    fn visit_leg(&mut self, at: usize) {
        let Some(mut leg) = self.legs[at].take() else { return };
        trip(&leg, "visit");
        let quiet_us = self.now_us - leg.rx.last_us;
        let timeout_us = u64::from(leg.settings.media_timeout_ms) * 1000;
        let expects = leg.settings.direction.receives();
        if leg.rx.first_us.is_none() {
            // Before the first packet time runs from the first visit.
            leg.rx.last_us = if leg.rx.last_us == 0 { self.now_us } else { leg.rx.last_us };
        }
        if timeout_us > 0
            && expects
            && leg.rx.last_us > 0
            && quiet_us >= timeout_us
            && !leg.rx.timed_out
        {
            leg.rx.timed_out = true;
            self.setup.outbox.event("media.timeout", json!({"leg": leg.id.as_str()}));
        }
        if leg.rx.events.is_open()
            && self.now_us - leg.rx.event_at_us >= EVENT_END_US
            && let Some(press) = leg.rx.events.finish()
        {
            self.report_press(&leg, press);
        }
        if self.now_us >= leg.tx.next_report_us {
            leg.tx.next_report_us = self.now_us + REPORT_US;
            self.report(&mut leg, false);
        }
        if leg.stats_every_us > 0 && self.now_us >= leg.next_stats_us {
            leg.next_stats_us = self.now_us + leg.stats_every_us;
            let mut fields = self.quality(&leg);
            fields["leg"] = json!(leg.id.as_str());
            self.setup.outbox.event("leg.quality", fields);
        }
        let lost = leg.web.is_some() && self.visit_web(&mut leg);
        self.legs[at] = Some(leg);
        self.replan_if_needed();
        if lost {
            self.end_leg(at, "failed");
        }
    }

    pub(super) fn ntp_now(&self) -> u64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        ntp_of_unix(now.as_secs(), now.subsec_nanos())
    }

    /// Sends SR when something was sent since the last report, else RR (RFC 3550 6.4).
    fn report(&mut self, leg: &mut Leg, bye: bool) {
        let tx = &mut leg.tx;
        let ssrc = tx.rewriter.ssrc;
        let sender = (tx.rewriter.packets > tx.reported_packets).then(|| SenderInfo {
            ssrc,
            ntp: self.ntp_now(),
            timestamp: tx.rewriter.timestamp_at(self.now_units()),
            packets: tx.rewriter.packets as u32,
            bytes: tx.rewriter.bytes as u32,
        });
        tx.reported_packets = tx.rewriter.packets;
        let rx = &mut leg.rx;
        let delay = (self.now_us - rx.last_sr_us.min(self.now_us)) * 65_536 / 1_000_000;
        let (last_sr, delay) = if rx.last_sr == 0 { (0, 0) } else { (rx.last_sr, delay as u32) };
        let block = rx.reception.started().then(|| rx.reception.report(last_sr, delay));
        let mut packet = std::mem::take(&mut self.report_packet);
        packet.clear();
        write_report(&mut packet, ssrc, sender.as_ref(), block.as_ref(), &leg.cname);
        if bye {
            write_bye(&mut packet, ssrc);
        }
        leg.transport.send_rtcp(&packet, &mut self.scratch[..]);
        self.report_packet = packet;
    }

    pub(super) fn say_bye(&mut self, leg: &mut Leg) {
        self.report(leg, true);
    }
}
