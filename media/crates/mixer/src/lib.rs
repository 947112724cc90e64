//! The hearing matrix of a room, and the mixing of what each ear hears.
//!
//! Every (ear, mouth) pair has a gain that is wanted and a gain that is in force; the second glides to
//! the first over one frame, so no change of the matrix clicks. All memory is taken at the start.

/// Legs in a room.
pub const MAX_LEGS: usize = 16;

/// Sets of legs, a bit each.
pub type Legs = u16;

/// Above this amplitude the limiter bends; below it the sum is untouched.
const KNEE: f32 = 24_000.0;
const CEILING: f32 = 32_767.0;

/// Bends what is above the knee towards the ceiling, without a corner at the knee.
pub fn soft_clip(value: f32) -> i16 {
    let magnitude = value.abs();
    if magnitude <= KNEE {
        return value as i16;
    }
    let room = CEILING - KNEE;
    let over = (magnitude - KNEE) / room;
    let bent = KNEE + room * (over / (1.0 + over));
    bent.copysign(value) as i16
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Gain {
    wanted: f32,
    now: f32,
}

#[derive(Clone, Debug)]
pub struct Matrix {
    gains: [[Gain; MAX_LEGS]; MAX_LEGS],
}

impl Default for Matrix {
    fn default() -> Self {
        Matrix { gains: [[Gain { wanted: 0.0, now: 0.0 }; MAX_LEGS]; MAX_LEGS] }
    }
}

impl Matrix {
    /// Sets with which factor `ear` hears `mouth`; 0 is not at all. Who hears himself tests his line.
    pub fn set(&mut self, ear: usize, mouth: usize, factor: f32) {
        self.gains[ear][mouth].wanted = factor;
    }

    pub fn wanted(&self, ear: usize, mouth: usize) -> f32 {
        self.gains[ear][mouth].wanted
    }

    /// Whom this ear is meant to hear.
    pub fn mouths(&self, ear: usize) -> Legs {
        self.row(ear, |gain| gain.wanted > 0.0)
    }

    /// Whom this ear hears now or is about to: the frames that mixing needs.
    pub fn audible(&self, ear: usize) -> Legs {
        self.row(ear, |gain| gain.wanted > 0.0 || gain.now > 0.0)
    }

    fn row(&self, ear: usize, test: impl Fn(&Gain) -> bool) -> Legs {
        let mut set = 0;
        for (mouth, gain) in self.gains[ear].iter().enumerate() {
            if test(gain) {
                set |= 1 << mouth;
            }
        }
        set
    }

    /// The only mouth that this ear hears, at full level and with nothing gliding.
    pub fn sole_mouth(&self, ear: usize) -> Option<usize> {
        let row = &self.gains[ear];
        let settled = row.iter().all(|gain| gain.wanted == gain.now);
        let audible = self.audible(ear);
        let mouth = audible.trailing_zeros() as usize;
        (settled && audible.count_ones() == 1 && row[mouth].wanted == 1.0).then_some(mouth)
    }

    /// Puts the wanted gains of an ear in force at once: nothing has been heard yet.
    pub fn settle(&mut self, ear: usize) {
        for gain in &mut self.gains[ear] {
            gain.now = gain.wanted;
        }
    }

    /// Takes a leg out: hears nobody, is heard by nobody, with no glide.
    pub fn clear(&mut self, leg: usize) {
        for other in 0..MAX_LEGS {
            self.gains[leg][other] = Gain { wanted: 0.0, now: 0.0 };
            self.gains[other][leg] = Gain { wanted: 0.0, now: 0.0 };
        }
    }

    /// Adds what `ear` hears to `sum`; `frame_of` gives a mouth's frame, or nothing when it is silent.
    /// `level` scales all voices, from its first value to its second over the frame (ducking).
    pub fn mix<'a>(
        &mut self,
        ear: usize,
        level: (f32, f32),
        sum: &mut [f32],
        frame_of: impl Fn(usize) -> Option<&'a [i16]>,
    ) {
        let audible = self.audible(ear);
        for mouth in (0..MAX_LEGS).filter(|mouth| audible & (1 << mouth) != 0) {
            let gain = &mut self.gains[ear][mouth];
            let (from, to) = (gain.now * level.0, gain.wanted * level.1);
            gain.now = gain.wanted;
            if let Some(frame) = frame_of(mouth) {
                add(sum, frame, from, to);
            }
        }
    }
}

/// Adds a frame with a gain that glides from one value to the other.
pub fn add(sum: &mut [f32], frame: &[i16], from: f32, to: f32) {
    if from == to {
        for (total, sample) in sum.iter_mut().zip(frame) {
            *total += f32::from(*sample) * to;
        }
        return;
    }
    let step = (to - from) / frame.len().max(1) as f32;
    let mut gain = from;
    for (total, sample) in sum.iter_mut().zip(frame) {
        gain += step;
        *total += f32::from(*sample) * gain;
    }
}

/// Ends a mix.
pub fn finish(sum: &[f32], out: &mut [i16]) {
    for (sample, total) in out.iter_mut().zip(sum) {
        *sample = soft_clip(*total);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed(matrix: &mut Matrix, ear: usize, frames: &[Option<Vec<i16>>]) -> Vec<i16> {
        let mut sum = [0f32; 160];
        matrix.mix(ear, (1.0, 1.0), &mut sum, |mouth| frames[mouth].as_deref());
        let mut out = vec![0; 160];
        finish(&sum, &mut out);
        out
    }

    fn voices() -> Vec<Option<Vec<i16>>> {
        vec![Some(vec![1000; 160]), Some(vec![200; 160]), Some(vec![30; 160]), None]
    }

    #[test]
    fn whisper_is_heard_by_the_operator_only() {
        let (customer, operator, supervisor) = (0, 1, 2);
        let mut matrix = Matrix::default();
        for (ear, mouth) in [(0, 1), (1, 0), (1, 2), (2, 0), (2, 1)] {
            matrix.set(ear, mouth, 1.0);
        }
        for ear in 0..3 {
            matrix.settle(ear);
        }
        let voices = voices();
        assert_eq!(mixed(&mut matrix, customer, &voices), vec![200; 160]);
        assert_eq!(mixed(&mut matrix, operator, &voices), vec![1030; 160]);
        assert_eq!(mixed(&mut matrix, supervisor, &voices), vec![1200; 160]);
    }

    #[test]
    fn a_change_glides_over_one_frame() {
        let mut matrix = Matrix::default();
        matrix.set(1, 0, 1.0);
        assert_eq!((matrix.sole_mouth(1), matrix.mouths(1)), (None, 1));
        let voices = voices();
        let rising = mixed(&mut matrix, 1, &voices);
        assert!(rising.windows(2).all(|pair| (0..=7).contains(&(pair[1] - pair[0]))));
        assert_eq!(mixed(&mut matrix, 1, &voices), vec![1000; 160]);
        assert_eq!(matrix.sole_mouth(1), Some(0));
        matrix.set(1, 0, 0.0);
        assert_eq!((matrix.mouths(1), matrix.audible(1)), (0, 1));
        let falling = mixed(&mut matrix, 1, &voices);
        assert!(falling.windows(2).all(|pair| (0..=7).contains(&(pair[0] - pair[1]))));
        assert_eq!(mixed(&mut matrix, 1, &voices), vec![0; 160]);
    }

    #[test]
    fn a_cleared_leg_is_neither_heard_nor_hears() {
        let mut matrix = Matrix::default();
        matrix.set(0, 1, 1.0);
        matrix.set(1, 0, 1.0);
        matrix.set(2, 0, 1.0);
        matrix.clear(0);
        assert!((0..3).all(|ear| matrix.audible(ear) == 0));
    }

    #[test]
    fn the_limiter_is_transparent_below_its_knee_smooth_and_never_wraps() {
        assert_eq!(soft_clip(20_000.4), 20_000);
        assert_eq!(soft_clip(-20_000.0), -20_000);
        let mut before = 0;
        for value in (0..200_000).step_by(10) {
            let clipped = soft_clip(value as f32);
            assert!(clipped >= before && clipped - before <= 10);
            assert_eq!(soft_clip(-(value as f32)), -clipped);
            before = clipped;
        }
        assert!(before > 32_000);
    }
}
