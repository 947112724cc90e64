//! Packet-loss concealment: the last pitch period is repeated and fades away.
//!
//! The method is that of ITU-T G.711 appendix I in outline: find the pitch by correlation, repeat
//! the last period with an overlap at its seam, hold the level for 10 ms, fade to silence by 60 ms,
//! and blend into the first good frame.

/// History in ms; it must hold two of the longest pitch periods.
const HISTORY_MS: usize = 40;
/// Pitch is searched between 66 and 200 Hz.
const SHORTEST_PERIOD_MS: usize = 5;
const LONGEST_PERIOD_MS: usize = 15;
const FULL_LEVEL_MS: usize = 10;
const FADE_MS: usize = 50;
/// Length of seams, in ms.
const BLEND_MS: usize = 4;

#[derive(Clone, Debug)]
pub struct Concealer {
    /// Samples in a millisecond.
    per_ms: usize,
    history: Vec<f32>,
    /// One period, ready to repeat.
    period: Vec<f32>,
    at: usize,
    /// Samples concealed so far in this gap.
    concealed: usize,
}

impl Concealer {
    pub fn new(rate: u32) -> Self {
        let per_ms = rate as usize / 1000;
        Concealer {
            per_ms,
            history: vec![0.0; HISTORY_MS * per_ms],
            period: Vec::with_capacity(LONGEST_PERIOD_MS * per_ms),
            at: 0,
            concealed: 0,
        }
    }

    /// Takes a good frame; after a gap its start is blended with the concealment.
    pub fn good(&mut self, frame: &mut [i16]) {
        if self.concealed > 0 {
            let blend = (BLEND_MS * self.per_ms).min(frame.len());
            for (n, sample) in frame.iter_mut().take(blend).enumerate() {
                let share = (n + 1) as f32 / (blend + 1) as f32;
                let mixed = f32::from(*sample) * share + self.synthesize() * (1.0 - share);
                *sample = mixed as i16;
            }
            self.concealed = 0;
        }
        self.remember(frame);
    }

    /// Fills a frame that has no packet.
    pub fn conceal(&mut self, frame: &mut [i16]) {
        if self.concealed == 0 {
            self.prepare();
        }
        for sample in frame.iter_mut() {
            *sample = self.synthesize() as i16;
        }
    }

    fn remember(&mut self, frame: &[i16]) {
        let keep = self.history.len();
        let new = &frame[frame.len().saturating_sub(keep)..];
        self.history.copy_within(new.len().., 0);
        for (slot, sample) in self.history[keep - new.len()..].iter_mut().zip(new) {
            *slot = f32::from(*sample);
        }
    }

    fn synthesize(&mut self) -> f32 {
        let full = FULL_LEVEL_MS * self.per_ms;
        let fade = FADE_MS * self.per_ms;
        let faded = self.concealed.saturating_sub(full);
        self.concealed += 1;
        if faded >= fade || self.period.is_empty() {
            return 0.0;
        }
        let value = self.period[self.at];
        self.at = (self.at + 1) % self.period.len();
        value * (1.0 - faded as f32 / fade as f32)
    }

    fn prepare(&mut self) {
        let length = self.best_period();
        let end = self.history.len();
        self.period.clear();
        self.period.extend_from_slice(&self.history[end - length..]);
        self.at = 0;
        // The seam: the end of the period glides into what stood before its start.
        let blend = (length / 4).max(1);
        for n in 0..blend {
            let share = (n + 1) as f32 / (blend + 1) as f32;
            let before = self.history[end - length - blend + n];
            let at = length - blend + n;
            self.period[at] = self.period[at] * (1.0 - share) + before * share;
        }
    }

    /// The lag at which the history resembles itself most.
    fn best_period(&self) -> usize {
        let (shortest, longest) =
            (SHORTEST_PERIOD_MS * self.per_ms, LONGEST_PERIOD_MS * self.per_ms);
        let window = longest;
        let recent = &self.history[self.history.len() - window..];
        let mut best = (f32::MIN, shortest);
        for lag in shortest..=longest {
            let start = self.history.len() - window - lag;
            let earlier = &self.history[start..start + window];
            let (mut product, mut energy) = (0f32, 1f32);
            for (a, b) in recent.iter().zip(earlier) {
                product += a * b;
                energy += b * b;
            }
            let score = product / energy.sqrt();
            if score > best.0 {
                best = (score, lag);
            }
        }
        best.1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(from: usize, count: usize) -> Vec<i16> {
        (from..from + count)
            .map(|n| (8000.0 * (n as f32 * std::f32::consts::TAU * 125.0 / 8000.0).sin()) as i16)
            .collect()
    }

    fn level(frame: &[i16]) -> f64 {
        (frame.iter().map(|s| f64::from(*s).powi(2)).sum::<f64>() / frame.len() as f64).sqrt()
    }

    #[test]
    fn a_lost_frame_of_a_steady_voice_is_hardly_missed() {
        let mut plc = Concealer::new(8000);
        for n in 0..10 {
            plc.good(&mut sine(n * 160, 160));
        }
        let mut frame = vec![0; 160];
        plc.conceal(&mut frame);
        let wanted = sine(1600, 160);
        let error: Vec<i16> = frame.iter().zip(&wanted).map(|(a, b)| a - b).collect();
        assert!(level(&error) < level(&wanted) * 0.25, "{}", level(&error));
    }

    #[test]
    fn a_long_gap_fades_to_silence() {
        let mut plc = Concealer::new(8000);
        for n in 0..10 {
            plc.good(&mut sine(n * 160, 160));
        }
        let mut levels = Vec::new();
        for _ in 0..6 {
            let mut frame = vec![0; 160];
            plc.conceal(&mut frame);
            levels.push(level(&frame));
        }
        assert!(levels[0] > 4000.0 && levels[1] < levels[0] && levels[2] < levels[1]);
        assert_eq!(levels[4], 0.0);
    }

    #[test]
    fn the_way_back_has_no_click() {
        let mut plc = Concealer::new(8000);
        for n in 0..10 {
            plc.good(&mut sine(n * 160, 160));
        }
        let mut all = sine(1440, 160);
        let mut frame = vec![0; 160];
        plc.conceal(&mut frame);
        all.extend(&frame);
        let mut good = sine(1760, 160);
        plc.good(&mut good);
        all.extend(&good);
        let jump = all.windows(2).map(|pair| (i32::from(pair[1]) - i32::from(pair[0])).abs()).max();
        assert!(jump.unwrap() < 1700, "{jump:?}");
    }

    #[test]
    fn a_gap_before_any_speech_is_silent() {
        let mut frame = vec![7; 160];
        Concealer::new(8000).conceal(&mut frame);
        assert_eq!(frame, [0; 160]);
    }
}
