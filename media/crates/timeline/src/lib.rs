//! Puts the packets of two sides onto one real-time axis, for a stereo recording.
//!
//! Theory of operation. The axis counts samples of local time since the start of the recording. It is
//! a ring that always covers the last second; a packet is added at the place where its speech belongs,
//! whenever it arrives, so disorder needs no buffer and loss is silence. What is older than the flush
//! point leaves for the file.
//!
//! A [`Track`] maps one stream's timestamps onto the axis. Speech cannot arrive before it was spoken,
//! so the packet that came with the least delay shows where the stream belongs; the others are late by
//! jitter. When the mapping is off by more than 5 ms it glides there, a sample a packet, which
//! follows clock drift; below that it stays, so that the speech is not bent without need. When it is off by
//! more than 10 ms, or the stream is young, it goes there at once: one seam, where a glide would bend a second of speech.

/// Sides of a recording.
pub const SIDES: usize = 2;
/// Packets over which the least delay is taken: 5 s of 20 ms packets.
const WINDOW: u32 = 250;
/// A mapping that is wrong by less than this many ms is left alone.
const TOLERANCE_MS: i64 = 5;
/// A mapping that is wrong by more than this many ms is put right in one step.
const SEAM_MS: i64 = 10;
/// A packet that is off by more than this many ms belongs to another time: the mapping is made anew.
const JUMP_MS: i64 = 400;

/// One stream's place on the axis.
#[derive(Clone, Debug, Default)]
pub struct Track {
    mapping: Option<Mapping>,
}

#[derive(Clone, Debug)]
struct Mapping {
    ssrc: u32,
    /// Timestamp and axis position that belong together.
    timestamp: u32,
    position: i64,
    least_late: i64,
    counted: u32,
    /// Enough packets were seen to know the least delay.
    settled: bool,
    /// Samples still to be moved.
    pending: i64,
    /// End of the newest speech written.
    end: i64,
}

/// A stereo recording in the making.
#[derive(Debug)]
pub struct Axis {
    rate: u32,
    ring: [Box<[i16]>; SIDES],
    flushed: i64,
    pub late_samples: u64,
}

impl Axis {
    /// `rate` in Hz: 8,000 or a multiple of it.
    pub fn new(rate: u32) -> Self {
        let empty = || vec![0i16; rate as usize].into_boxed_slice();
        Axis { rate, ring: [empty(), empty()], flushed: 0, late_samples: 0 }
    }

    /// Position up to which samples have left.
    pub fn flushed(&self) -> i64 {
        self.flushed
    }

    /// Adds speech that arrived at `now` (axis position). `timestamp` in units of 8,000 Hz.
    pub fn write(
        &mut self,
        side: usize,
        track: &mut Track,
        ssrc: u32,
        timestamp: u32,
        samples: &[i16],
        now: i64,
    ) {
        let len = samples.len() as i64;
        let Place { position, free_from } = track.place(ssrc, timestamp, len, now, self.rate);
        let capacity = i64::from(self.rate);
        let first = position.max(self.flushed);
        let last = (position + len).min(self.flushed + capacity);
        self.late_samples += (len - (last - first).max(0)) as u64;
        let first = first.max(free_from);
        if last <= first {
            return;
        }
        let samples = &samples[(first - position) as usize..(last - position) as usize];
        let start = (first % capacity) as usize;
        let ring = &mut self.ring[side];
        let before_end = samples.len().min(ring.len() - start);
        add(&mut ring[start..start + before_end], &samples[..before_end]);
        add(&mut ring[..samples.len() - before_end], &samples[before_end..]);
    }

    /// Moves everything before `until` to `out`, both sides interleaved.
    pub fn flush(&mut self, until: i64, out: &mut Vec<i16>) {
        let capacity = i64::from(self.rate);
        while self.flushed < until {
            let start = (self.flushed % capacity) as usize;
            let count = (until - self.flushed).min(capacity - start as i64) as usize;
            let [left, right] = &mut self.ring;
            let (left, right) = (&mut left[start..start + count], &mut right[start..start + count]);
            out.extend(left.iter().zip(right.iter()).flat_map(|(left, right)| [*left, *right]));
            left.fill(0);
            right.fill(0);
            self.flushed += count as i64;
        }
    }
}

fn add(ring: &mut [i16], samples: &[i16]) {
    for (slot, sample) in ring.iter_mut().zip(samples) {
        *slot = slot.saturating_add(*sample);
    }
}

/// Where a packet belongs, and from where on its stream has not spoken yet.
struct Place {
    position: i64,
    free_from: i64,
}

impl Track {
    fn place(&mut self, ssrc: u32, timestamp: u32, len: i64, now: i64, rate: u32) -> Place {
        let per_unit = i64::from(rate / 8000);
        // Spoken until now at the latest.
        let latest = now - len;
        let mapping = match &mut self.mapping {
            Some(mapping) if mapping.ssrc == ssrc => mapping,
            other => other.insert(Mapping::new(ssrc, timestamp, latest)),
        };
        let units = i64::from(timestamp.wrapping_sub(mapping.timestamp) as i32);
        let mut position = mapping.position + units * per_unit;
        let late = latest - position;
        let ms = i64::from(rate) / 1000;
        if late.abs() > JUMP_MS * ms {
            *mapping = Mapping::new(ssrc, timestamp, latest);
            return Place { position: latest, free_from: latest };
        }
        let mut free_from = i64::MIN;
        // Steps are added to the reference, which also keeps the difference of timestamps small.
        if units > 0 {
            mapping.timestamp = timestamp;
            mapping.position = position;
            mapping.observe(late, TOLERANCE_MS * ms);
            mapping.position += mapping.step(SEAM_MS * ms);
            position = mapping.position;
            // A step back must not lay two samples onto one place: the seam cuts some off.
            free_from = mapping.end;
            mapping.end = position + len;
        }
        Place { position, free_from }
    }
}

impl Mapping {
    fn new(ssrc: u32, timestamp: u32, position: i64) -> Self {
        let end = position;
        let (least_late, settled) = (i64::MAX, false);
        Mapping { ssrc, timestamp, position, least_late, counted: 0, settled, pending: 0, end }
    }

    fn observe(&mut self, late: i64, tolerance: i64) {
        self.least_late = self.least_late.min(late);
        self.counted += 1;
        if late < -tolerance {
            // It came before it was spoken: the mapping is too late by this much.
            self.pending = late;
        } else if self.counted >= WINDOW {
            if self.least_late.abs() > tolerance {
                self.pending = self.least_late;
            }
            self.least_late = i64::MAX;
            self.counted = 0;
            self.settled = true;
        }
    }

    fn step(&mut self, seam: i64) -> i64 {
        let at_once = !self.settled || self.pending.abs() > seam;
        let step = if at_once { self.pending } else { self.pending.signum() };
        self.pending -= step;
        // It was measured against the mapping before the step.
        self.least_late = self.least_late.saturating_sub(step);
        step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One hour of a sender that marks every second of *its* speech with a click.
    fn hour(drift_ppm: f64, jitter_ms: f64, loss: u64) -> Vec<f64> {
        let mut axis = Axis::new(8000);
        let mut track = Track::default();
        let mut offsets = Vec::new();
        let mut random = 1u64;
        let mut arrivals: Vec<(i64, u32)> = Vec::new();
        for n in 0..180_000u32 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let share = (random >> 40) as f64 / f64::from(1 << 24);
            // The sender's 20 ms are a little longer or shorter than ours.
            let spoken = f64::from(n + 1) * 160.0 * (1.0 + drift_ppm / 1e6);
            if loss == 0 || (random >> 33) % 100 >= loss {
                arrivals.push(((spoken + jitter_ms * 8.0 * share) as i64, n));
            }
        }
        arrivals.sort_unstable();
        let mut position = 0i64;
        let mut take = |axis: &mut Axis, until: i64| {
            let mut out = Vec::new();
            axis.flush(until, &mut out);
            for left in out.iter().step_by(2) {
                if *left > 0 {
                    // The click of second k belongs where the sender spoke it, in our time.
                    let k = (position as f64 / 8000.0).round();
                    offsets.push(position as f64 - k * 8000.0 * (1.0 + drift_ppm / 1e6));
                }
                position += 1;
            }
        };
        for (at, n) in arrivals {
            let mut samples = [0i16; 160];
            if n % 50 == 0 {
                samples[0] = 1000;
            }
            axis.write(0, &mut track, 1, n.wrapping_mul(160).wrapping_sub(9000), &samples, at);
            take(&mut axis, at - 2400);
        }
        offsets
    }

    fn worst_ms(offsets: &[f64]) -> f64 {
        // The first five seconds are for finding the least delay.
        offsets[5..].iter().map(|offset| offset.abs() / 8.0).fold(0.0, f64::max)
    }

    #[test]
    fn an_hour_with_drift_jitter_and_loss_is_aligned_within_20_ms() {
        for drift in [-100.0, 0.0, 100.0] {
            let offsets = hour(drift, 80.0, 5);
            assert!(offsets.len() > 3300, "{} clicks", offsets.len());
            let worst = worst_ms(&offsets);
            assert!(worst <= 20.0, "drift {drift}: {worst} ms");
        }
    }

    #[test]
    fn without_jitter_alignment_stays_within_the_tolerance() {
        let offsets = hour(50.0, 0.0, 0);
        assert_eq!(offsets.len(), 3600);
        assert!(worst_ms(&offsets) < 6.0, "{}", worst_ms(&offsets));
    }

    fn flushed(axis: &mut Axis, until: i64) -> Vec<(i16, i16)> {
        let mut out = Vec::new();
        axis.flush(until, &mut out);
        out.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect()
    }

    #[test]
    fn each_side_has_its_channel_and_legs_of_a_side_are_added() {
        let mut axis = Axis::new(8000);
        let mut tracks = [Track::default(), Track::default(), Track::default()];
        axis.write(0, &mut tracks[0], 1, 0, &[1, 2], 2);
        axis.write(1, &mut tracks[1], 2, 700, &[10, 10], 2);
        axis.write(1, &mut tracks[2], 3, 900, &[5, 30_000], 3);
        assert_eq!(flushed(&mut axis, 4), [(1, 10), (2, 15), (0, 30_000), (0, 0)]);
    }

    #[test]
    fn disorder_is_put_right_and_what_comes_after_the_flush_is_counted() {
        let mut axis = Axis::new(8000);
        let mut track = Track::default();
        axis.write(0, &mut track, 1, 0, &[1; 160], 160);
        axis.write(0, &mut track, 1, 320, &[3; 160], 480);
        axis.write(0, &mut track, 1, 160, &[2; 160], 490);
        let out = flushed(&mut axis, 480);
        assert!(out.iter().enumerate().all(|(n, (left, _))| *left == 1 + n as i16 / 160));
        axis.write(0, &mut track, 1, 160, &[9; 160], 700);
        assert_eq!(axis.late_samples, 160);
    }

    #[test]
    fn a_jump_of_the_timestamp_or_a_new_ssrc_starts_at_now() {
        let mut axis = Axis::new(8000);
        let mut track = Track::default();
        axis.write(0, &mut track, 1, 0, &[1; 160], 160);
        axis.write(0, &mut track, 1, 4_000_000_000, &[2; 160], 1000);
        axis.write(0, &mut track, 9, 77, &[3; 160], 2000);
        let out = flushed(&mut axis, 2400);
        assert_eq!((out[0].0, out[840].0, out[1840].0, out[2000].0), (1, 2, 3, 0));
    }

    #[test]
    fn at_16_khz_a_timestamp_unit_is_two_samples() {
        let mut axis = Axis::new(16000);
        let mut track = Track::default();
        axis.write(0, &mut track, 1, 0, &[1; 320], 320);
        axis.write(0, &mut track, 1, 160, &[2; 320], 640);
        let out = flushed(&mut axis, 640);
        assert!(out.iter().enumerate().all(|(n, (left, _))| *left == 1 + n as i16 / 320));
    }
}
