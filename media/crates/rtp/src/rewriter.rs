//! One continuous outgoing stream out of changing sources.
//!
//! The receiver sees one SSRC; sequence numbers without holes that we made; timestamps that go on
//! with real time across a change of source. Holes and disorder *inside* a source are passed on,
//! so that the receiver's jitter buffer and statistics see the truth.

use crate::packet::Header;

#[derive(Clone, Debug)]
pub struct Rewriter {
    pub ssrc: u32,
    /// Sequence number and timestamp that follow the newest packet sent.
    next_sequence: u16,
    newest_timestamp: u32,
    /// Local time, in timestamp units, at which `newest_timestamp` was sent.
    newest_at: u64,
    sent_any: bool,
    /// The newest packet was one of an even series of made ones.
    on_grid: bool,
    source: Option<Source>,
    pub packets: u64,
    pub bytes: u64,
}

#[derive(Clone, Copy, Debug)]
struct Source {
    id: u64,
    ssrc: u32,
    sequence_offset: u16,
    timestamp_offset: u32,
    newest_in: u16,
}

/// A jump of an incoming sequence beyond this is a restart of the source.
const MAX_JUMP: u16 = 3000;
const MAX_BEHIND: u16 = 100;

impl Rewriter {
    /// Starts at random values chosen by the caller (RFC 3550 5.1).
    pub fn new(ssrc: u32, first_sequence: u16, first_timestamp: u32) -> Self {
        Rewriter {
            ssrc,
            next_sequence: first_sequence,
            newest_timestamp: first_timestamp,
            newest_at: 0,
            sent_any: false,
            on_grid: false,
            source: None,
            packets: 0,
            bytes: 0,
        }
    }

    /// Timestamp for a packet that is made now, `at` in timestamp units of the local clock.
    pub fn timestamp_at(&self, at: u64) -> u32 {
        if !self.sent_any {
            return self.newest_timestamp;
        }
        let passed = at.saturating_sub(self.newest_at).max(1);
        self.newest_timestamp.wrapping_add(passed as u32)
    }

    /// The header of a packet that the engine makes itself, `step` units after its last one.
    ///
    /// `step` keeps mixed audio on an even grid; `at` is used after a change of source.
    pub fn make(&mut self, payload_type: u8, at: u64, step: u32) -> Header {
        let continues = std::mem::replace(&mut self.on_grid, true);
        let timestamp = if continues {
            self.newest_timestamp.wrapping_add(step)
        } else {
            self.timestamp_at(at)
        };
        let marker = !continues;
        self.source = None;
        self.emit(payload_type, marker, timestamp, at)
    }

    /// The next made packet takes its timestamp from the clock, not from the grid.
    pub fn leave_grid(&mut self) {
        self.on_grid = false;
    }

    /// A packet with a timestamp of its own choice: events of RFC 4733 repeat one timestamp.
    /// `at` is the local time of that timestamp.
    pub fn make_at(&mut self, payload_type: u8, marker: bool, timestamp: u32, at: u64) -> Header {
        self.source = None;
        self.on_grid = false;
        self.emit(payload_type, marker, timestamp, at)
    }

    fn emit(&mut self, payload_type: u8, marker: bool, timestamp: u32, at: u64) -> Header {
        let sequence = self.next_sequence;
        self.next_sequence = sequence.wrapping_add(1);
        self.newest_timestamp = timestamp;
        self.newest_at = at;
        self.sent_any = true;
        Header { marker, payload_type, sequence, timestamp, ssrc: self.ssrc }
    }

    /// The header under which an incoming packet of `source` leaves; `None` drops it.
    pub fn pass(&mut self, source: u64, incoming: &Header, pt: u8, at: u64) -> Option<Header> {
        self.on_grid = false;
        let known = self.source.filter(|s| s.id == source && s.ssrc == incoming.ssrc);
        let ahead = known.map(|s| incoming.sequence.wrapping_sub(s.newest_in));
        match (known, ahead) {
            (Some(mut current), Some(ahead)) if ahead < MAX_JUMP => {
                let sequence = incoming.sequence.wrapping_add(current.sequence_offset);
                let timestamp = incoming.timestamp.wrapping_add(current.timestamp_offset);
                current.newest_in = incoming.sequence;
                self.source = Some(current);
                self.next_sequence = sequence.wrapping_add(1);
                self.newest_timestamp = timestamp;
                self.newest_at = at;
                Some(self.header(incoming.marker, pt, sequence, timestamp))
            }
            (Some(current), Some(ahead)) if ahead > u16::MAX - MAX_BEHIND => {
                let sequence = incoming.sequence.wrapping_add(current.sequence_offset);
                let timestamp = incoming.timestamp.wrapping_add(current.timestamp_offset);
                Some(self.header(incoming.marker, pt, sequence, timestamp))
            }
            _ => {
                let timestamp = self.timestamp_at(at);
                self.source = Some(Source {
                    id: source,
                    ssrc: incoming.ssrc,
                    sequence_offset: self.next_sequence.wrapping_sub(incoming.sequence),
                    timestamp_offset: timestamp.wrapping_sub(incoming.timestamp),
                    newest_in: incoming.sequence,
                });
                let header = self.emit(pt, true, timestamp, at);
                Some(header)
            }
        }
    }

    fn header(&self, marker: bool, payload_type: u8, sequence: u16, timestamp: u32) -> Header {
        Header { marker, payload_type, sequence, timestamp, ssrc: self.ssrc }
    }

    /// Counts a packet that was sent.
    pub fn count(&mut self, payload_len: usize) {
        self.packets += 1;
        self.bytes += payload_len as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn incoming(ssrc: u32, sequence: u16, timestamp: u32) -> Header {
        Header { marker: false, payload_type: 0, sequence, timestamp, ssrc }
    }

    fn pair(header: Header) -> (u16, u32) {
        (header.sequence, header.timestamp)
    }

    #[test]
    fn a_change_of_source_continues_sequence_and_time() {
        let mut out = Rewriter::new(1, 100, 5000);
        let a = out.pass(1, &incoming(77, 9000, 1_000_000), 0, 160).unwrap();
        let b = out.pass(1, &incoming(77, 9001, 1_000_160), 0, 320).unwrap();
        // Another peer takes over 30 ms later.
        let c = out.pass(2, &incoming(88, 5, 42), 0, 560).unwrap();
        let d = out.pass(2, &incoming(88, 6, 202), 0, 720).unwrap();
        assert_eq!([a, b, c, d].map(pair), [(100, 5000), (101, 5160), (102, 5400), (103, 5560)]);
        assert_eq!([a, b, c, d].map(|h| h.marker), [true, false, true, false]);
        assert!([a, b, c, d].iter().all(|h| h.ssrc == 1));
    }

    #[test]
    fn loss_and_disorder_inside_a_source_are_passed_on() {
        let mut out = Rewriter::new(1, 100, 0);
        let order = [10u16, 13, 12, 14];
        let sent: Vec<u16> = order
            .iter()
            .map(|s| out.pass(1, &incoming(7, *s, u32::from(*s) * 160), 0, 0).unwrap().sequence)
            .collect();
        assert_eq!(sent, [100, 103, 102, 104]);
    }

    #[test]
    fn mixed_packets_follow_relayed_ones_and_stay_on_their_grid() {
        let mut out = Rewriter::new(1, 65_535, 0);
        out.pass(1, &incoming(7, 1, 0), 0, 1000);
        let first = out.make(0, 1165, 160);
        let second = out.make(0, 1333, 160);
        assert_eq!((pair(first), pair(second)), ((0, 165), (1, 325)));
        assert!(first.marker && !second.marker);
    }

    #[test]
    fn audio_after_an_event_is_in_real_time_again() {
        let mut out = Rewriter::new(1, 0, 1000);
        out.make(0, 160, 160);
        let start = out.timestamp_at(320);
        for n in 0..5 {
            let event = out.make_at(101, n == 0, start, 320);
            assert_eq!((event.timestamp, event.marker), (1160, n == 0));
        }
        assert_eq!(pair(out.make(0, 320 + 960, 160)), (6, 1160 + 960));
    }

    #[test]
    fn a_restarted_source_is_rebased() {
        let mut out = Rewriter::new(1, 0, 0);
        out.pass(1, &incoming(7, 100, 0), 0, 0);
        let jump = out.pass(1, &incoming(7, 40_000, 999_999), 0, 160).unwrap();
        assert_eq!(pair(jump), (1, 160));
        let other_ssrc = out.pass(1, &incoming(9, 3, 3), 0, 320).unwrap();
        assert_eq!(pair(other_ssrc), (2, 320));
    }
}
