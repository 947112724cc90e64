//! Packets in, in the order of arrival; packets out, in the order of speech.

/// Packets held: 640 ms of 20 ms packets.
pub const SLOTS: usize = 32;
/// Largest payload held, in bytes: 60 ms of G.711.
pub const MAX_PAYLOAD: usize = 480;
/// Pulls without a packet before the stream counts as stopped.
const MAX_HOLDS: u32 = 12;
/// Lateness is remembered for one to two of these windows, in seconds.
const WINDOW_SECONDS: u64 = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Insert {
    Kept,
    /// Its turn is over.
    Late,
    Duplicate,
    TooLarge,
}

/// What the listener gets next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next<'a> {
    Play(&'a [u8]),
    /// Lost: conceal this many timestamp units.
    Lost(u32),
    /// Nothing has come in time; conceal, the stream will go on from here.
    Hold,
    /// No stream: silence.
    Idle,
}

#[derive(Clone)]
struct Slot {
    used: bool,
    sequence: u16,
    timestamp: u32,
    len: u16,
    payload: [u8; MAX_PAYLOAD],
}

pub struct Buffer {
    slots: Box<[Slot]>,
    /// Timestamp units a second.
    clock: u32,
    min_delay: u32,
    max_delay: u32,
    playing: bool,
    /// When, on the local clock, a stopped stream may start to play.
    start_at: Option<u64>,
    next_sequence: u16,
    next_timestamp: u32,
    newest: Option<(u16, u32)>,
    last_units: u32,
    holds: u32,
    lateness: Lateness,
    pub late: u64,
    pub concealed: u64,
}

impl std::fmt::Debug for Buffer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Buffer").field("playing", &self.playing).finish_non_exhaustive()
    }
}

/// Least transit and greatest lateness over the last seconds.
#[derive(Clone, Copy, Debug)]
struct Lateness {
    window_end: u64,
    least: [i32; 2],
    greatest: [u32; 2],
}

impl Lateness {
    fn new() -> Self {
        Lateness { window_end: 0, least: [i32::MAX; 2], greatest: [0; 2] }
    }

    fn observe(&mut self, transit: i32, now: u64, clock: u32) {
        if now >= self.window_end {
            self.window_end = now + WINDOW_SECONDS * u64::from(clock);
            self.least = [i32::MAX, self.least[0]];
            self.greatest = [0, self.greatest[0]];
        }
        self.least[0] = self.least[0].min(transit);
        let late = transit.saturating_sub(self.least()).max(0) as u32;
        self.greatest[0] = self.greatest[0].max(late);
    }

    fn least(&self) -> i32 {
        self.least[0].min(self.least[1])
    }

    fn greatest(&self) -> u32 {
        self.greatest[0].max(self.greatest[1])
    }
}

impl Buffer {
    /// `clock` in timestamp units a second, delays in ms.
    pub fn new(clock: u32, min_delay_ms: u32, max_delay_ms: u32) -> Self {
        let empty =
            Slot { used: false, sequence: 0, timestamp: 0, len: 0, payload: [0; MAX_PAYLOAD] };
        Buffer {
            slots: vec![empty; SLOTS].into_boxed_slice(),
            clock,
            min_delay: min_delay_ms * clock / 1000,
            max_delay: max_delay_ms * clock / 1000,
            playing: false,
            start_at: None,
            next_sequence: 0,
            next_timestamp: 0,
            newest: None,
            last_units: clock / 50,
            holds: 0,
            lateness: Lateness::new(),
            late: 0,
            concealed: 0,
        }
    }

    /// Forgets the stream: another SSRC, a restart.
    pub fn reset(&mut self) {
        for slot in &mut self.slots {
            slot.used = false;
        }
        self.playing = false;
        self.start_at = None;
        self.newest = None;
        self.holds = 0;
        self.lateness = Lateness::new();
    }

    /// How long a packet should wait, in timestamp units: as long as the latest of the last seconds came late.
    pub fn target(&self) -> u32 {
        (self.lateness.greatest() + self.last_units / 2).clamp(self.min_delay, self.max_delay)
    }

    /// How long after the earliest possible moment the next packet is played, in timestamp units.
    pub fn delay(&self, now: u64) -> u32 {
        let transit = (now as u32).wrapping_sub(self.next_timestamp) as i32;
        transit.saturating_sub(self.lateness.least()).max(0) as u32
    }

    /// Takes a packet; `now` on the local clock in timestamp units.
    pub fn insert(&mut self, sequence: u16, timestamp: u32, payload: &[u8], now: u64) -> Insert {
        if payload.len() > MAX_PAYLOAD {
            return Insert::TooLarge;
        }
        self.lateness.observe((now as u32).wrapping_sub(timestamp) as i32, now, self.clock);
        if self.playing {
            let ahead = sequence.wrapping_sub(self.next_sequence) as i16;
            if ahead < 0 {
                self.late += 1;
                return Insert::Late;
            }
            if ahead as usize >= SLOTS {
                // The listener is far behind (it was not pulling): start over at the newest.
                self.playing = false;
                self.clear_before(sequence);
            }
        }
        let slot = &mut self.slots[usize::from(sequence) % SLOTS];
        if slot.used && slot.sequence == sequence {
            return Insert::Duplicate;
        }
        slot.used = true;
        slot.sequence = sequence;
        slot.timestamp = timestamp;
        slot.len = payload.len() as u16;
        slot.payload[..payload.len()].copy_from_slice(payload);
        if self.newest.is_none_or(|(newest, _)| sequence.wrapping_sub(newest) as i16 > 0) {
            self.newest = Some((sequence, timestamp));
        }
        if !self.playing && self.start_at.is_none() {
            self.start_at = Some(now + u64::from(self.target()));
        }
        Insert::Kept
    }

    fn clear_before(&mut self, sequence: u16) {
        let keep = SLOTS as u16 / 2;
        for slot in &mut self.slots {
            if slot.used && sequence.wrapping_sub(slot.sequence) >= keep {
                slot.used = false;
            }
        }
    }

    /// What to play now. `units_of` tells the length of a payload in timestamp units.
    pub fn next(&mut self, now: u64, units_of: impl Fn(&[u8]) -> u32) -> Next<'_> {
        if !self.playing && !self.try_start(now) {
            return Next::Idle;
        }
        let at = usize::from(self.next_sequence) % SLOTS;
        let present = self.slots[at].used && self.slots[at].sequence == self.next_sequence;
        if !present {
            return self.missing(now);
        }
        let slot = &mut self.slots[at];
        let gap = slot.timestamp.wrapping_sub(self.next_timestamp);
        if gap != 0 && gap < u32::MAX / 2 && gap >= self.last_units {
            // The sender was silent (no packets lost, time passed): wait for its time again.
            let wait = u64::from(gap.min(self.max_delay));
            self.playing = false;
            self.start_at = Some(now + wait);
            return Next::Idle;
        }
        slot.used = false;
        let payload = &slot.payload[..usize::from(slot.len)];
        let units = units_of(payload).max(1);
        self.next_sequence = self.next_sequence.wrapping_add(1);
        self.next_timestamp = slot.timestamp.wrapping_add(units);
        self.last_units = units;
        self.holds = 0;
        Next::Play(payload)
    }

    fn try_start(&mut self, now: u64) -> bool {
        if self.start_at.is_none_or(|at| now < at) {
            return false;
        }
        let Some((newest, _)) = self.newest else { return false };
        let oldest = self
            .slots
            .iter()
            .filter(|slot| slot.used && newest.wrapping_sub(slot.sequence) < SLOTS as u16)
            .max_by_key(|slot| newest.wrapping_sub(slot.sequence));
        let Some(oldest) = oldest else {
            self.start_at = None;
            return false;
        };
        self.next_sequence = oldest.sequence;
        self.next_timestamp = oldest.timestamp;
        self.start_at = None;
        self.playing = true;
        self.holds = 0;
        self.skip_excess(now);
        true
    }

    /// A buffer that nobody read for a while holds more than it should: start nearer to the newest.
    fn skip_excess(&mut self, now: u64) {
        let Some((newest, _)) = self.newest else { return };
        while self.has_excess(now) && self.next_sequence != newest {
            self.discard();
        }
    }

    fn discard(&mut self) {
        let slot = &mut self.slots[usize::from(self.next_sequence) % SLOTS];
        if slot.sequence == self.next_sequence {
            slot.used = false;
        }
        self.next_sequence = self.next_sequence.wrapping_add(1);
        self.next_timestamp = self.next_timestamp.wrapping_add(self.last_units);
    }

    fn missing(&mut self, now: u64) -> Next<'_> {
        self.concealed += 1;
        let newer_waits = self
            .newest
            .is_some_and(|(newest, _)| newest.wrapping_sub(self.next_sequence) as i16 > 0);
        // With less delay than the link needs, the packet is rather late than lost: wait for it.
        if newer_waits && self.delay(now) + self.last_units > self.target() {
            self.next_sequence = self.next_sequence.wrapping_add(1);
            self.next_timestamp = self.next_timestamp.wrapping_add(self.last_units);
            return Next::Lost(self.last_units);
        }
        self.holds += 1;
        if self.holds > MAX_HOLDS {
            self.playing = false;
            self.start_at = None;
            self.newest = None;
        }
        Next::Hold
    }

    /// True while speech waits longer than the target asks for, by over two packets.
    pub fn has_excess(&self, now: u64) -> bool {
        self.delay(now) > self.target() + 2 * self.last_units
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNITS: u32 = 160;

    fn buffer() -> Buffer {
        Buffer::new(8000, 20, 200)
    }

    fn put(buffer: &mut Buffer, n: u16, at: u64) -> Insert {
        buffer.insert(n, u32::from(n) * UNITS, &[n as u8; 160], at)
    }

    fn pull(buffer: &mut Buffer, now: u64) -> Option<u8> {
        match buffer.next(now, |payload| payload.len() as u32) {
            Next::Play(payload) => Some(payload[0]),
            _ => None,
        }
    }

    #[test]
    fn disorder_is_put_in_order() {
        let mut buffer = buffer();
        for (n, at) in [(10, 1600), (12, 1930), (11, 1930), (13, 2080)] {
            assert_eq!(put(&mut buffer, n, at), Insert::Kept);
        }
        assert_eq!(pull(&mut buffer, 1700), None);
        let heard: Vec<_> = (0..4).map(|n| pull(&mut buffer, 2080 + n * 160)).collect();
        assert_eq!(heard, [Some(10), Some(11), Some(12), Some(13)]);
    }

    #[test]
    fn a_hole_is_lost_and_an_empty_buffer_holds() {
        let mut buffer = buffer();
        for n in [1, 3] {
            put(&mut buffer, n, u64::from(n) * 160);
        }
        assert_eq!(pull(&mut buffer, 500), Some(1));
        assert_eq!(buffer.next(660, |p| p.len() as u32), Next::Lost(160));
        assert_eq!(put(&mut buffer, 2, 700), Insert::Late);
        assert_eq!(pull(&mut buffer, 820), Some(3));
        assert_eq!(buffer.next(980, |p| p.len() as u32), Next::Hold);
        assert_eq!(put(&mut buffer, 4, 1000), Insert::Kept);
        assert_eq!(pull(&mut buffer, 1140), Some(4));
        assert_eq!((buffer.late, buffer.concealed), (1, 2));
    }

    #[test]
    fn a_stopped_stream_becomes_idle_and_starts_again() {
        let mut buffer = buffer();
        put(&mut buffer, 1, 0);
        assert_eq!(pull(&mut buffer, 1600), Some(1));
        for n in 0..=MAX_HOLDS {
            assert_eq!(buffer.next(2000 + u64::from(n), |_| 160), Next::Hold);
        }
        assert_eq!(buffer.next(5000, |_| 160), Next::Idle);
        assert_eq!(buffer.insert(900, 7_000_000, &[9; 160], 6000), Insert::Kept);
        assert_eq!(pull(&mut buffer, 6000), None);
        assert_eq!(pull(&mut buffer, 6000 + 1600), Some(9));
    }

    #[test]
    fn eighty_ms_of_jitter_grow_the_target_and_then_nothing_is_lost() {
        let mut buffer = buffer();
        let mut arrivals: Vec<(u64, u16)> =
            (0..1000u16).map(|n| (u64::from(n) * 160 + u64::from(n) * 7919 % 640, n)).collect();
        arrivals.sort_unstable();
        let (mut next, mut missed) = (0, 0);
        for tick in 0..1000u64 {
            let now = tick * 160;
            while next < arrivals.len() && arrivals[next].0 <= now {
                put(&mut buffer, arrivals[next].1, arrivals[next].0);
                next += 1;
            }
            if pull(&mut buffer, now).is_none() && tick > 100 {
                missed += 1;
            }
        }
        assert!((600..=1000).contains(&buffer.target()), "{}", buffer.target());
        assert!(missed <= 3, "{missed} frames missed after the first two seconds");
    }

    #[test]
    fn a_buffer_that_nobody_reads_keeps_the_newest() {
        let mut buffer = buffer();
        for n in 0..500u16 {
            put(&mut buffer, n, u64::from(n) * 160);
        }
        let now = 500 * 160;
        let first = pull(&mut buffer, now).unwrap();
        assert!(first >= (495u16 % 256) as u8, "{first}");
    }

    #[test]
    fn silence_suppression_is_not_loss() {
        let mut buffer = buffer();
        put(&mut buffer, 1, 160);
        assert_eq!(pull(&mut buffer, 1000), Some(1));
        // Next in sequence, two seconds later in time.
        buffer.insert(2, 160 * 100, &[2; 160], 160 * 100);
        assert_eq!(pull(&mut buffer, 160 * 100), None);
        assert_eq!(pull(&mut buffer, 160 * 100 + 1600), Some(2));
    }

    #[test]
    fn the_sequence_may_wrap() {
        let mut buffer = buffer();
        for n in 0..6u16 {
            let sequence = n.wrapping_add(65_533);
            buffer.insert(sequence, u32::from(n) * 160, &[n as u8; 160], u64::from(n) * 160);
            if n > 0 {
                assert_eq!(pull(&mut buffer, u64::from(n) * 160), Some(n as u8 - 1));
            }
        }
    }

    #[test]
    fn oversized_and_repeated_packets_are_told() {
        let mut buffer = buffer();
        assert_eq!(buffer.insert(1, 0, &[0; 481], 0), Insert::TooLarge);
        assert_eq!(put(&mut buffer, 1, 0), Insert::Kept);
        assert_eq!(put(&mut buffer, 1, 0), Insert::Duplicate);
    }
}
