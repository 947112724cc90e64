//! An emulated network link for tests and benches: loss in bursts, delay, jitter, reordering, copies.
//!
//! No clock and no sockets: packets go in with a time, and come out when their time has come. The
//! same seed gives the same link.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// Packets in flight; more are dropped, as a full router would.
pub const MAX_IN_FLIGHT: usize = 10_000;

/// What the link does; shares are from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Profile {
    pub delay: Duration,
    /// Added delay is uniform between 0 and this; packets may overtake each other.
    pub jitter: Duration,
    pub loss: f64,
    /// Mean length of a burst of losses, in packets; below 1 counts as 1 (independent losses).
    pub burst: f64,
    /// Share of packets that jump the queue, without any delay.
    pub reorder: f64,
    pub duplicate: f64,
}

/// xorshift64*: enough for a link, and the same everywhere.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next_u64(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// From 0 up to, without, 1.
    pub fn share(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// One direction of a link.
#[derive(Debug)]
pub struct Link {
    profile: Profile,
    random: Random,
    losing: bool,
    flight: BinaryHeap<Reverse<(Duration, u64, Vec<u8>)>>,
    number: u64,
    pub sent: u64,
    pub lost: u64,
    pub duplicated: u64,
}

impl Link {
    pub fn new(profile: Profile, seed: u64) -> Self {
        Link {
            profile,
            random: Random::new(seed),
            losing: false,
            flight: BinaryHeap::new(),
            number: 0,
            sent: 0,
            lost: 0,
            duplicated: 0,
        }
    }

    /// Puts a packet onto the link at `now`.
    pub fn push(&mut self, now: Duration, packet: &[u8]) {
        self.sent += 1;
        if self.loses() || self.flight.len() >= MAX_IN_FLIGHT {
            self.lost += 1;
            return;
        }
        self.enqueue(now, packet);
        if self.random.share() < self.profile.duplicate {
            self.duplicated += 1;
            self.enqueue(now, packet);
        }
    }

    /// Two states (Gilbert): the mean stay in the bad one is the burst, the share of it is the loss.
    fn loses(&mut self) -> bool {
        let loss = self.profile.loss.clamp(0.0, 1.0);
        let burst = self.profile.burst.max(1.0);
        if burst <= 1.0 {
            return self.random.share() < loss;
        }
        let change =
            if self.losing { 1.0 / burst } else { loss / ((1.0 - loss).max(1e-9) * burst) };
        if self.random.share() < change {
            self.losing = !self.losing;
        }
        self.losing
    }

    fn enqueue(&mut self, now: Duration, packet: &[u8]) {
        let at = if self.random.share() < self.profile.reorder {
            now
        } else {
            now + self.profile.delay + self.profile.jitter.mul_f64(self.random.share())
        };
        self.number += 1;
        self.flight.push(Reverse((at, self.number, packet.to_vec())));
    }

    /// The next packet that has arrived by `now`.
    pub fn pop(&mut self, now: Duration) -> Option<Vec<u8>> {
        if self.next_at()? > now {
            return None;
        }
        self.flight.pop().map(|Reverse((_, _, packet))| packet)
    }

    /// When the next packet arrives.
    pub fn next_at(&self) -> Option<Duration> {
        self.flight.peek().map(|Reverse((at, _, _))| *at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(profile: Profile, packets: u32) -> (Link, Vec<u32>) {
        let mut link = Link::new(profile, 42);
        let mut arrived = Vec::new();
        let mut take = |link: &mut Link, now| {
            while let Some(packet) = link.pop(now) {
                arrived.push(u32::from_be_bytes(packet.try_into().unwrap()));
            }
        };
        for n in 0..packets {
            let now = Duration::from_millis(20) * n;
            link.push(now, &n.to_be_bytes());
            take(&mut link, now);
        }
        take(&mut link, Duration::MAX);
        (link, arrived)
    }

    #[test]
    fn a_perfect_link_delivers_in_order_after_its_delay() {
        let mut link =
            Link::new(Profile { delay: Duration::from_millis(30), ..Profile::default() }, 1);
        link.push(Duration::ZERO, b"a");
        link.push(Duration::from_millis(1), b"b");
        assert_eq!(link.pop(Duration::from_millis(29)), None);
        assert_eq!(link.next_at(), Some(Duration::from_millis(30)));
        assert_eq!(link.pop(Duration::from_millis(30)).unwrap(), b"a");
        assert_eq!(link.pop(Duration::from_millis(30)), None);
        assert_eq!(link.pop(Duration::from_millis(31)).unwrap(), b"b");
    }

    #[test]
    fn loss_has_its_share_and_bursts_their_length() {
        let (single, _) = run(Profile { loss: 0.05, ..Profile::default() }, 50_000);
        assert!((2300..2700).contains(&single.lost), "{}", single.lost);
        let bursty = Profile { loss: 0.05, burst: 4.0, ..Profile::default() };
        let (link, arrived) = run(bursty, 50_000);
        assert!((2000..3000).contains(&link.lost), "{}", link.lost);
        let gaps = arrived.windows(2).filter(|pair| pair[1] - pair[0] > 1).count() as f64;
        let mean = link.lost as f64 / gaps;
        assert!((3.3..4.7).contains(&mean), "{mean}");
    }

    #[test]
    fn jitter_and_reordering_change_the_order_but_lose_nothing() {
        let profile = Profile {
            jitter: Duration::from_millis(80),
            reorder: 0.01,
            duplicate: 0.01,
            ..Profile::default()
        };
        let (link, mut arrived) = run(profile, 5000);
        assert!(arrived.windows(2).any(|pair| pair[1] < pair[0]));
        assert_eq!(arrived.len() as u64, 5000 + link.duplicated);
        arrived.sort_unstable();
        arrived.dedup();
        assert_eq!(arrived.len(), 5000);
    }

    #[test]
    fn the_same_seed_is_the_same_link() {
        let profile =
            Profile { loss: 0.1, jitter: Duration::from_millis(50), ..Profile::default() };
        assert_eq!(run(profile, 1000).1, run(profile, 1000).1);
    }
}
