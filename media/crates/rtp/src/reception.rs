//! What a receiver counts: RFC 3550 appendix A.1 (sequence), A.3 (loss), A.8 (jitter).

use crate::packet::Header;
use crate::rtcp::ReportBlock;

/// A forward jump of up to this many packets is loss, more is a new stream (RFC 3550 A.1).
const MAX_DROPOUT: u16 = 3000;
/// Packets up to this far behind the newest are late, farther ones belong to a new stream.
const MAX_MISORDER: u16 = 100;

/// What a packet means for the order of its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// First packet of a stream, after a start, a confirmed change of SSRC or a confirmed jump.
    First,
    /// Newer than all before; `gap` packets between are missing so far.
    Newest {
        gap: u16,
    },
    Late,
    Duplicate,
    /// Far from what was expected; a second one in a row is taken as a new start.
    Strange,
}

#[derive(Clone, Debug, Default)]
pub struct Reception {
    started: bool,
    pub ssrc: u32,
    max_sequence: u16,
    cycles: u64,
    base: u64,
    /// The packet that would confirm a jump or a change of SSRC.
    awaited: Option<(u32, u16)>,
    /// Bit n: packet (newest - n) has come.
    window: u128,
    pub packets: u64,
    pub bytes: u64,
    pub reordered: u64,
    pub duplicates: u64,
    pub strange: u64,
    pub restarts: u64,
    received_since_base: u64,
    /// Lost packets of streams that ended by a restart.
    lost_before: u64,
    expected_before: u64,
    expected_prior: u64,
    received_prior: u64,
    transit: Option<i64>,
    /// RFC 3550 A.8, in timestamp units, times 16.
    jitter_q4: u64,
}

impl Reception {
    /// Counts one packet; `arrival` is a local clock in timestamp units.
    pub fn on_packet(&mut self, header: &Header, payload_len: usize, arrival: u64) -> Order {
        let order = self.order(header);
        match order {
            Order::Strange | Order::Duplicate => return order,
            Order::Late => self.reordered += 1,
            Order::First | Order::Newest { .. } => {}
        }
        self.packets += 1;
        self.bytes += payload_len as u64;
        self.received_since_base += 1;
        if order == Order::First {
            self.transit = None;
        }
        self.measure_jitter(header.timestamp, arrival);
        order
    }

    fn order(&mut self, header: &Header) -> Order {
        if !self.started {
            self.restart(header);
            return Order::First;
        }
        if header.ssrc != self.ssrc {
            // RFC 3550 A.1: one packet does not make a source; a single forged one changes nothing.
            return self.strange(header);
        }
        let ahead = header.sequence.wrapping_sub(self.max_sequence);
        if ahead == 0 {
            self.duplicates += 1;
            return Order::Duplicate;
        }
        if ahead < MAX_DROPOUT {
            if header.sequence < self.max_sequence {
                self.cycles += 1 << 16;
            }
            self.max_sequence = header.sequence;
            self.window = if ahead < 128 { (self.window << ahead) | 1 } else { 1 };
            self.awaited = None;
            return Order::Newest { gap: ahead - 1 };
        }
        let behind = self.max_sequence.wrapping_sub(header.sequence);
        if behind <= MAX_MISORDER {
            let bit = 1u128 << behind;
            if self.window & bit != 0 {
                self.duplicates += 1;
                return Order::Duplicate;
            }
            self.window |= bit;
            return Order::Late;
        }
        self.strange(header)
    }

    /// The second in a row starts the stream anew.
    fn strange(&mut self, header: &Header) -> Order {
        if self.awaited == Some((header.ssrc, header.sequence)) {
            self.restart(header);
            return Order::First;
        }
        self.strange += 1;
        self.awaited = Some((header.ssrc, header.sequence.wrapping_add(1)));
        Order::Strange
    }

    fn restart(&mut self, header: &Header) {
        if self.started {
            self.restarts += 1;
            self.lost_before += self.lost_in_stream();
            self.expected_before += self.expected_in_stream();
        }
        self.started = true;
        self.ssrc = header.ssrc;
        self.max_sequence = header.sequence;
        self.cycles = 0;
        self.base = u64::from(header.sequence);
        self.awaited = None;
        // Packets from before the start do not count as late ones.
        self.window = u128::MAX;
        self.received_since_base = 0;
        self.expected_prior = 0;
        self.received_prior = 0;
    }

    fn measure_jitter(&mut self, timestamp: u32, arrival: u64) {
        let transit = i64::from((arrival as u32).wrapping_sub(timestamp) as i32);
        if let Some(before) = self.transit.replace(transit) {
            // The 32-bit clocks may wrap between the two packets.
            let difference = i64::from(transit.wrapping_sub(before) as i32).unsigned_abs();
            let jitter = self.jitter_q4;
            self.jitter_q4 = jitter + difference - ((jitter + 8) >> 4);
        }
    }

    fn extended_max(&self) -> u64 {
        self.cycles + u64::from(self.max_sequence)
    }

    fn expected_in_stream(&self) -> u64 {
        if self.started { self.extended_max() - self.base + 1 } else { 0 }
    }

    fn lost_in_stream(&self) -> u64 {
        self.expected_in_stream().saturating_sub(self.received_since_base)
    }

    pub fn started(&self) -> bool {
        self.started
    }

    /// Packets that never came, restarts included.
    pub fn lost(&self) -> u64 {
        self.lost_before + self.lost_in_stream()
    }

    pub fn expected(&self) -> u64 {
        self.expected_before + self.expected_in_stream()
    }

    /// Interarrival jitter in timestamp units.
    pub fn jitter(&self) -> u32 {
        (self.jitter_q4 >> 4).min(u64::from(u32::MAX)) as u32
    }

    /// The report on this stream since the last one (RFC 3550 A.3).
    pub fn report(&mut self, last_sr: u32, delay_since_last_sr: u32) -> ReportBlock {
        let (expected, received) = (self.expected_in_stream(), self.received_since_base);
        let expected_now = expected.saturating_sub(self.expected_prior);
        let received_now = received.saturating_sub(self.received_prior);
        self.expected_prior = expected;
        self.received_prior = received;
        let lost_now = expected_now.saturating_sub(received_now);
        let fraction = (lost_now << 8).checked_div(expected_now).unwrap_or(0);
        ReportBlock {
            ssrc: self.ssrc,
            fraction_lost: fraction.min(255) as u8,
            cumulative_lost: self.lost_in_stream().min(0x7f_ffff) as i32,
            highest_sequence: self.extended_max() as u32,
            jitter: self.jitter(),
            last_sr,
            delay_since_last_sr,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(sequence: u16, timestamp: u32) -> Header {
        Header { marker: false, payload_type: 0, sequence, timestamp, ssrc: 7 }
    }

    fn feed(reception: &mut Reception, sequences: &[u16]) -> Vec<Order> {
        sequences
            .iter()
            .map(|s| reception.on_packet(&header(*s, u32::from(*s) * 160), 160, 0))
            .collect()
    }

    #[test]
    fn loss_reordering_and_duplicates_are_told_apart() {
        let mut reception = Reception::default();
        let orders = feed(&mut reception, &[10, 11, 13, 12, 12, 13, 15]);
        use Order::*;
        let gap = |gap| Newest { gap };
        assert_eq!(orders, [First, gap(0), gap(1), Late, Duplicate, Duplicate, gap(1)]);
        assert_eq!((reception.packets, reception.lost(), reception.expected()), (5, 1, 6));
        assert_eq!((reception.reordered, reception.duplicates), (1, 2));
    }

    #[test]
    fn sequence_numbers_wrap_without_loss() {
        let mut reception = Reception::default();
        feed(&mut reception, &[0xfffe, 0xffff, 0, 1]);
        assert_eq!((reception.lost(), reception.expected()), (0, 4));
        assert_eq!(reception.report(0, 0).highest_sequence, 0x1_0001);
    }

    #[test]
    fn one_strange_packet_is_dropped_and_two_in_a_row_start_anew() {
        let mut reception = Reception::default();
        let orders = feed(&mut reception, &[100, 101, 40_000, 102, 50_000, 50_001, 50_002]);
        use Order::*;
        let zero = Newest { gap: 0 };
        assert_eq!(orders, [First, zero, Strange, zero, Strange, First, zero]);
        assert_eq!((reception.restarts, reception.lost()), (1, 0));
    }

    #[test]
    fn a_new_ssrc_is_a_new_stream_and_old_loss_is_kept() {
        let mut reception = Reception::default();
        feed(&mut reception, &[1, 2, 4]);
        let other = |sequence| Header { ssrc: 8, ..header(sequence, 0) };
        assert_eq!(reception.on_packet(&other(60_000), 160, 0), Order::Strange);
        assert_eq!(reception.on_packet(&other(60_001), 160, 0), Order::First);
        assert_eq!((reception.lost(), reception.expected()), (1, 5));
    }

    #[test]
    fn forged_packets_of_another_ssrc_among_the_true_ones_change_nothing() {
        let mut reception = Reception::default();
        for sequence in 0..100 {
            let forged = Header { ssrc: 666, ..header(sequence + 7000, 0) };
            reception.on_packet(&header(sequence, 0), 160, 0);
            assert_eq!(reception.on_packet(&forged, 160, 0), Order::Strange);
        }
        assert_eq!((reception.packets, reception.strange, reception.restarts), (100, 100, 0));
    }

    #[test]
    fn fraction_lost_is_of_the_interval() {
        let mut reception = Reception::default();
        feed(&mut reception, &[0, 1, 2, 3]);
        assert_eq!(reception.report(0, 0).fraction_lost, 0);
        feed(&mut reception, &[5, 7]);
        let report = reception.report(1, 2);
        assert_eq!((report.fraction_lost, report.cumulative_lost), (128, 2));
        assert_eq!((report.last_sr, report.delay_since_last_sr), (1, 2));
    }

    #[test]
    fn jitter_follows_rfc_3550_a_8() {
        let mut reception = Reception::default();
        // Transit alternates by 80 units (10 ms at 8 kHz): J converges to 80.
        for n in 0..400u32 {
            let late = if n % 2 == 0 { 0 } else { 80 };
            reception.on_packet(&header(n as u16, n * 160), 160, u64::from(n * 160 + late));
        }
        assert!((79..=80).contains(&reception.jitter()), "{}", reception.jitter());
    }

    #[test]
    fn jitter_survives_the_wrap_of_the_timestamp() {
        let mut reception = Reception::default();
        for n in 0..100u32 {
            let timestamp = (n * 160).wrapping_sub(8000);
            reception.on_packet(&header(n as u16, timestamp), 160, u64::from(n) * 160);
        }
        assert_eq!(reception.jitter(), 0);
    }
}
