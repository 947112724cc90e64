//! A row of packets with any numbers in their headers through all that keeps state: counters, jitter buffer with loss
//! concealment, outgoing stream, digits, the recording's axis. Eight bytes of input are one packet.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rtp::event::{EventReceiver, TelephoneEvent};
use rtp::packet::Header;
use rtp::reception::Reception;
use rtp::rewriter::Rewriter;

struct Leg {
    reception: Reception,
    playout: jitter::playout::Playout,
    rewriter: Rewriter,
    events: EventReceiver,
    axis: timeline::Axis,
    track: timeline::Track,
    g722: codec::g722::Decoder,
    frame: [i16; 160],
    out: Vec<i16>,
}

impl Leg {
    fn new() -> Self {
        Leg {
            reception: Reception::default(),
            playout: jitter::playout::Playout::new(8000, 8000, 20, 200),
            rewriter: Rewriter::new(1, 65_530, u32::MAX - 500),
            events: EventReceiver::default(),
            axis: timeline::Axis::new(8000),
            track: timeline::Track::default(),
            g722: codec::g722::Decoder::default(),
            frame: [0; 160],
            out: Vec::new(),
        }
    }

    /// `now` in units of 8,000 Hz.
    fn packet(&mut self, header: &Header, size: usize, now: u64) {
        let payload = [header.sequence as u8; 256];
        let payload = &payload[..size];
        let _ = self.reception.on_packet(header, size, now);
        let _ = self.rewriter.pass(u64::from(header.ssrc & 1), header, 0, now);
        if let Some(event) = TelephoneEvent::parse(payload) {
            let _ = self.events.on_packet(header.timestamp, event);
        }
        self.playout.buffer.insert(header.sequence, header.timestamp, payload, now);
        let mut samples = [0i16; 512];
        self.g722.decode(payload, &mut samples[..2 * size]);
        let (ssrc, timestamp) = (header.ssrc, header.timestamp);
        self.axis.write(0, &mut self.track, ssrc, timestamp, &samples[..size], now as i64);
    }

    fn tick(&mut self, now: u64) {
        self.playout.fill(now, &mut self.frame, |payload, frame| {
            let count = payload.len().min(frame.len());
            codec::g711::decode_ulaw(&payload[..count], &mut frame[..count]);
            count
        });
        self.out.clear();
        self.axis.flush(now as i64 - 2400, &mut self.out);
        assert!(self.reception.lost() <= self.reception.expected());
        let _ = self.reception.report(0, 0);
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut leg = Leg::new();
    let (mut now, mut sequence, mut timestamp) = (0u64, 65_500u16, u32::MAX - 4000);
    for step in bytes.chunks_exact(8).take(400) {
        // Mostly near the last packet, as in life; sometimes anywhere.
        sequence = match step[0] {
            0..=200 => sequence.wrapping_add(1),
            201..=240 => sequence.wrapping_add_signed(i16::from(step[1] as i8)),
            _ => u16::from_be_bytes([step[1], step[2]]),
        };
        timestamp = match step[3] {
            0..=200 => timestamp.wrapping_add(160),
            201..=240 => timestamp.wrapping_add_signed(i32::from(step[4] as i8) * 40),
            _ => u32::from_be_bytes([step[4], step[5], step[6], step[0]]),
        };
        now += u64::from(step[5]) * 2;
        let ssrc = 1 + u32::from(step[6] > 250);
        let header =
            Header { marker: step[6] & 1 == 1, payload_type: 0, sequence, timestamp, ssrc };
        leg.packet(&header, usize::from(step[7]), now);
        leg.tick(now);
    }
});
