//! An hour of two sides with clocks of their own, on one real-time axis, in virtual time.

use std::time::Duration;

use netem::{Link, Profile};
use timeline::{Axis, Track};

const FRAME: usize = 160;
const FLUSH_BEHIND: i64 = 2400;
const FRAMES: u32 = 180_000;
/// The goal, in samples of 8,000 Hz.
const APART: f64 = 20.0 * 8.0;

struct Side {
    link: Link,
    track: Track,
    /// Length of the sender's 20 ms by our clock.
    frame: f64,
    sent: u32,
}

impl Side {
    fn new(profile: Profile, drift_ppm: f64, seed: u64) -> Side {
        let frame = 0.02 * (1.0 + drift_ppm / 1e6);
        Side { link: Link::new(profile, seed), track: Track::default(), frame, sent: 0 }
    }

    /// What is spoken by `now` goes onto the link; what has arrived goes onto the axis.
    fn advance(&mut self, now: Duration, axis: &mut Axis, side: usize) {
        while self.sent < FRAMES && f64::from(self.sent + 1) * self.frame <= now.as_secs_f64() {
            self.link.push(now, &self.sent.to_be_bytes());
            self.sent += 1;
        }
        let position = (now.as_secs_f64() * 8000.0) as i64;
        while let Some(packet) = self.link.pop(now) {
            let n = u32::from_be_bytes(packet.try_into().unwrap());
            let mut samples = [0i16; FRAME];
            // A click in every second of the sender's clock, away from the seams.
            samples[FRAME / 2] = if n % 50 == 0 { 1000 } else { 0 };
            let timestamp = n.wrapping_mul(160).wrapping_add(u32::MAX - 1_000_000);
            axis.write(side, &mut self.track, 1, timestamp, &samples, position);
        }
    }

    /// When click number `k` was spoken, in samples of our clock.
    fn spoken(&self, k: f64) -> f64 {
        k * 50.0 * self.frame * 8000.0
    }
}

/// Worst distance of a click from where it was spoken, and how many there were, for each side.
fn hour(left: Side, right: Side, delay_ms: [f64; 2]) -> [(f64, usize); 2] {
    let mut axis = Axis::new(8000);
    let mut sides = [left, right];
    let mut result = [(0.0f64, 0usize); 2];
    let (mut out, mut position) = (Vec::new(), 0u64);
    for now_ms in 0..u64::from(FRAMES) * 20 + 2000 {
        let now = Duration::from_millis(now_ms);
        for (n, side) in sides.iter_mut().enumerate() {
            side.advance(now, &mut axis, n);
        }
        if now_ms % 100 != 0 {
            continue;
        }
        out.clear();
        axis.flush((now_ms * 8) as i64 - FLUSH_BEHIND, &mut out);
        for pair in out.chunks_exact(2) {
            for (n, sample) in pair.iter().enumerate() {
                if *sample > 0 {
                    let at = position as f64 - 8.0 * delay_ms[n] - (FRAME / 2) as f64;
                    let k = (at / sides[n].spoken(1.0)).round();
                    let apart = (at - sides[n].spoken(k)).abs();
                    // The first five seconds are for finding the least delay.
                    if k > 5.0 {
                        result[n] = (result[n].0.max(apart), result[n].1 + 1);
                    }
                }
            }
            position += 1;
        }
    }
    result
}

fn bad(loss: f64, burst: f64, jitter_ms: u64) -> Profile {
    Profile {
        delay: Duration::from_millis(20),
        jitter: Duration::from_millis(jitter_ms),
        loss,
        burst,
        reorder: 0.0,
        duplicate: 0.001,
    }
}

#[test]
fn after_an_hour_of_loss_jitter_and_drift_both_sides_stand_within_20_ms() {
    for (ppm, loss, burst, jitter_ms) in [(100.0, 0.05, 1.0, 80), (200.0, 0.05, 5.0, 40)] {
        let left = Side::new(bad(loss, burst, jitter_ms), ppm, 1);
        let right = Side::new(bad(loss, burst, jitter_ms), -ppm, 2);
        for (worst, clicks) in hour(left, right, [20.0, 20.0]) {
            assert!(clicks > 3300, "{clicks} clicks");
            assert!(worst <= APART, "drift {ppm}: {} ms", worst / 8.0);
        }
    }
}
