//! Finds digits in audio of 8,000 samples a second.
//!
//! Theory of operation. Audio is cut into blocks of 102 samples (12.75 ms); for each, eight Goertzel
//! filters give the energy at the eight frequencies. A block shows a digit when one row and one
//! column stand out: over the threshold, over their neighbours, not too unlike each other (twist), and
//! together nearly all the energy of the block: speech has energy elsewhere, which is what keeps it
//! from being taken for digits. As a tone may be off by 1.5 %, a candidate's share is measured again at the
//! frequencies near by, which allows a strict limit. Two equal blocks in a row start a press, two others end it: a tone of
//! 40 ms always covers two whole blocks (Q.24: 40 ms must be read).

use codec::level::sine_peak;

use crate::{COLUMNS, KEYS, ROWS};

pub const RATE: u32 = 8000;
const BLOCK: usize = 102;
/// Weakest tone that counts, dBm0 for each frequency.
const WEAKEST_DBM0: f32 = -36.0;
/// A row or column must stand over the others of its group by this much (8 dB).
const OVER_OTHERS: f32 = 6.3;
/// The high tone may be stronger than the low one by 6 dB, weaker by 10 dB (Q.24 asks for 4 and 8).
const HIGH_OVER_LOW: f32 = 4.0;
const LOW_OVER_HIGH: f32 = 10.0;
/// Least share of the block's energy in the two tones: first at the exact frequencies, then at the
/// nearest ones within the tolerance.
const LEAST_SHARE: f32 = 0.60;
const LEAST_NEAR_SHARE: f32 = 0.89;
const NEAR: [f32; 5] = [0.982, 0.991, 1.0, 1.009, 1.018];

/// A press that ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Press {
    pub digit: char,
    pub duration_ms: u32,
}

#[derive(Clone, Debug)]
pub struct Detector {
    coefficients: [f32; 8],
    filters: [[f32; 2]; 8],
    block: [f32; BLOCK],
    energy: f32,
    filled: usize,
    threshold: f32,
    last: Option<char>,
    current: Option<char>,
    blocks: u32,
}

impl Default for Detector {
    fn default() -> Self {
        Detector::new()
    }
}

impl Detector {
    pub fn new() -> Self {
        let mut coefficients = [0f32; 8];
        for (slot, hz) in coefficients.iter_mut().zip(ROWS.iter().chain(&COLUMNS)) {
            *slot = 2.0 * (std::f32::consts::TAU * hz / RATE as f32).cos();
        }
        // A sine of peak p gives (p * N / 2)^2 in its own filter.
        let amplitude = sine_peak(WEAKEST_DBM0) * BLOCK as f32 / 2.0;
        Detector {
            coefficients,
            filters: [[0.0; 2]; 8],
            block: [0.0; BLOCK],
            energy: 0.0,
            filled: 0,
            // Half, because the tone may lie beside the filter by 1.5 % (Q.24).
            threshold: amplitude * amplitude * 0.5,
            last: None,
            current: None,
            blocks: 0,
        }
    }

    /// Takes audio; hands out each press when it ends.
    pub fn feed(&mut self, samples: &[i16], mut found: impl FnMut(Press)) {
        let mut rest = samples;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(BLOCK - self.filled));
            rest = later;
            self.filter(now);
            self.filled += now.len();
            if self.filled == BLOCK {
                if let Some(press) = self.end_block() {
                    found(press);
                }
                self.filters = [[0.0; 2]; 8];
                self.energy = 0.0;
                self.filled = 0;
            }
        }
    }

    /// The digit that sounds now.
    pub fn sounding(&self) -> Option<char> {
        self.current
    }

    fn filter(&mut self, samples: &[i16]) {
        for (n, sample) in samples.iter().enumerate() {
            let x = f32::from(*sample);
            self.block[self.filled + n] = x;
            self.energy += x * x;
            for (state, coefficient) in self.filters.iter_mut().zip(self.coefficients) {
                let next = x + coefficient * state[0] - state[1];
                *state = [next, state[0]];
            }
        }
    }

    fn end_block(&mut self) -> Option<Press> {
        let seen = self.classify();
        let mut ended = None;
        if self.current.is_some() {
            self.blocks += 1;
        }
        // Two equal blocks decide.
        if seen == self.last && seen != self.current {
            if let Some(digit) = self.current {
                // The two blocks that ended it do not belong to it.
                let blocks = self.blocks.saturating_sub(2);
                let duration_ms = blocks * BLOCK as u32 * 1000 / RATE;
                ended = Some(Press { digit, duration_ms });
            }
            self.current = seen;
            self.blocks = 2;
        }
        self.last = seen;
        ended
    }

    fn classify(&self) -> Option<char> {
        let mut energies = [0f32; 8];
        for ((energy, state), coefficient) in
            energies.iter_mut().zip(&self.filters).zip(self.coefficients)
        {
            *energy = state[0] * state[0] + state[1] * state[1] - coefficient * state[0] * state[1];
        }
        let (rows, columns) = energies.split_at(4);
        let row = standing_out(rows, self.threshold)?;
        let column = standing_out(columns, self.threshold)?;
        let (low, high) = (rows[row], columns[column]);
        if high > low * HIGH_OVER_LOW || low > high * LOW_OVER_HIGH {
            return None;
        }
        // Parseval: a sine's filter holds N/2 times its energy in the block.
        let whole = self.energy * BLOCK as f32 / 2.0;
        if low + high < LEAST_SHARE * whole {
            return None;
        }
        let near = self.near(ROWS[row]) + self.near(COLUMNS[column]);
        (near >= LEAST_NEAR_SHARE * whole).then_some(KEYS[row][column])
    }

    /// Energy of the block at the best frequency within the tolerance around `hz`.
    fn near(&self, hz: f32) -> f32 {
        NEAR.iter()
            .map(|factor| {
                let coefficient = 2.0 * (std::f32::consts::TAU * hz * factor / RATE as f32).cos();
                let mut state = [0f32; 2];
                for x in &self.block {
                    state = [x + coefficient * state[0] - state[1], state[0]];
                }
                state[0] * state[0] + state[1] * state[1] - coefficient * state[0] * state[1]
            })
            .fold(0.0, f32::max)
    }
}

fn standing_out(group: &[f32], threshold: f32) -> Option<usize> {
    let best = (0..group.len()).max_by(|a, b| group[*a].total_cmp(&group[*b]))?;
    let clear = group
        .iter()
        .enumerate()
        .all(|(at, energy)| at == best || energy * OVER_OTHERS < group[best]);
    (group[best] >= threshold && clear).then_some(best)
}

#[cfg(test)]
mod tests;
