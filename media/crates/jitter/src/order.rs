//! Puts packets back into their order for a decoder with a memory that need not hurry, as a recorder's.

use crate::buffer::MAX_PAYLOAD;

/// Packets held at most; with the longest wait a stream of 20 ms has five.
const MAX_HELD: usize = 8;
/// Longest wait for a missing packet, in microseconds.
const MAX_WAIT_US: u64 = 100_000;
/// A sequence number farther away than this is a new beginning.
const FAR: i16 = 1000;

/// A packet with the time of its arrival.
#[derive(Debug)]
pub struct Held {
    pub ssrc: u32,
    pub sequence: u16,
    pub timestamp: u32,
    pub arrival_us: u64,
    payload: [u8; MAX_PAYLOAD],
    len: usize,
}

impl Held {
    /// Of a payload longer than the cap the beginning is kept.
    pub fn new(ssrc: u32, sequence: u16, timestamp: u32, payload: &[u8], arrival_us: u64) -> Self {
        let len = payload.len().min(MAX_PAYLOAD);
        let mut kept = [0; MAX_PAYLOAD];
        kept[..len].copy_from_slice(&payload[..len]);
        Held { ssrc, sequence, timestamp, arrival_us, payload: kept, len }
    }

    pub fn payload(&self) -> &[u8] {
        &self.payload[..self.len]
    }
}

#[derive(Debug)]
pub struct Sorter {
    held: Vec<Held>,
    next: Option<(u32, u16)>,
    /// Packets that came after their turn.
    pub late: u64,
}

impl Default for Sorter {
    fn default() -> Self {
        Sorter { held: Vec::with_capacity(MAX_HELD + 1), next: None, late: 0 }
    }
}

impl Sorter {
    /// Takes a packet; hands out what is due, in order.
    pub fn push(&mut self, packet: Held, mut out: impl FnMut(&Held)) {
        let now_us = packet.arrival_us;
        let ahead = match self.next {
            Some((ssrc, next)) if ssrc == packet.ssrc => packet.sequence.wrapping_sub(next) as i16,
            _ => i16::MAX,
        };
        if ahead.unsigned_abs() > FAR as u16 {
            self.held.drain(..).for_each(|held| out(&held));
            self.next = Some((packet.ssrc, packet.sequence));
        } else if ahead < 0 {
            self.late += 1;
            return;
        }
        let (_, next) = self.next.unwrap_or((packet.ssrc, packet.sequence));
        let place = |held: &Held| held.sequence.wrapping_sub(next);
        let at = self.held.partition_point(|held| place(held) < place(&packet));
        self.held.insert(at, packet);
        while let Some(first) = self.held.first() {
            let is_next = self.next == Some((first.ssrc, first.sequence));
            let overdue = now_us.saturating_sub(first.arrival_us) > MAX_WAIT_US;
            if !is_next && !overdue && self.held.len() <= MAX_HELD {
                break;
            }
            let first = self.held.remove(0);
            self.next = Some((first.ssrc, first.sequence.wrapping_add(1)));
            out(&first);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// (sequence, arrival in ms) in; sequences out, one list a packet.
    fn sort(packets: &[(u16, u64)]) -> Vec<Vec<u16>> {
        let mut sorter = Sorter::default();
        let one = |(sequence, ms): &(u16, u64)| {
            let mut out = Vec::new();
            let held = Held::new(1, *sequence, 0, &[1, 2], ms * 1000);
            sorter.push(held, |held| out.push(held.sequence));
            out
        };
        packets.iter().map(one).collect()
    }

    #[test]
    fn packets_in_order_pass_at_once() {
        assert_eq!(sort(&[(65_535, 0), (0, 20), (1, 40)]), [vec![65_535], vec![0], vec![1]]);
    }

    #[test]
    fn disorder_is_put_right() {
        let sorted = sort(&[(5, 0), (7, 20), (8, 40), (6, 50), (9, 60)]);
        assert_eq!(sorted, [vec![5], vec![], vec![], vec![6, 7, 8], vec![9]]);
    }

    #[test]
    fn a_lost_packet_is_given_up_after_100_ms_and_ignored_when_it_comes() {
        let sorted = sort(&[(5, 0), (7, 40), (8, 60), (9, 141), (6, 142)]);
        assert_eq!(sorted, [vec![5], vec![], vec![], vec![7, 8, 9], vec![]]);
    }

    #[test]
    fn no_more_than_the_cap_is_held() {
        let burst: Vec<(u16, u64)> = (0..10).map(|n| (100 + 2 * n, 0)).collect();
        let sorted = sort(&burst);
        assert_eq!(sorted.concat().len(), 2, "{sorted:?}");
    }

    #[test]
    fn a_jump_or_a_new_stream_begins_anew_and_loses_nothing() {
        let sorted = sort(&[(5, 0), (7, 20), (40_000, 40), (40_001, 60)]);
        assert_eq!(sorted, [vec![5], vec![], vec![7, 40_000], vec![40_001]]);
        let mut sorter = Sorter::default();
        let mut out = Vec::new();
        for (ssrc, sequence) in [(1, 5), (1, 7), (2, 6), (2, 7)] {
            let held = Held::new(ssrc, sequence, 0, &[], 0);
            sorter.push(held, |held| out.push((held.ssrc, held.sequence)));
        }
        assert_eq!(out, [(1, 5), (1, 7), (2, 6), (2, 7)]);
    }
}
