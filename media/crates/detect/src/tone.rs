//! Steady tones: the beep after which a machine records, and the calls of faxes.
//!
//! Theory of operation. Each block of 20 ms is weighed with a Hann window and measured at 25 Hz steps (Goertzel); the
//! best step is refined by a parabola and measured again. The block is a tone when nearly all of its energy is at that
//! one frequency. A vowel spreads its energy over the harmonics of its pitch, a digit over two tones, and speech that is
//! nearly one tone for a moment glides: a beep has to stay where it is.

use std::f32::consts::TAU;

use crate::RATE;

/// Samples of a block: 20 ms.
const BLOCK: usize = 160;
const BLOCK_MS: u32 = 20;
/// Weaker blocks are silence: mean square of a sine of -36 dBm0 or so.
const LEAST_POWER: f32 = 90.0 * 90.0;
/// Share of the block's energy that is in a tone (noise of the line at -13 dB beside it).
const LEAST_SHARE: f32 = 0.95;
/// Blocks of one tone may differ by this much, Hz.
const STEADY_HZ: f32 = 10.0;
/// Frequencies that are looked at, Hz.
const LOWEST_HZ: f32 = 275.0;
const STEP_HZ: f32 = 25.0;
const STEPS: usize = 76;
/// Lowest and highest frequency of a beep, Hz.
const BEEP_HZ: std::ops::RangeInclusive<f32> = 300.0..=2000.0;
/// Length of a beep: shorter is a vowel, longer is a dial tone or a fax.
const BEEP_MS: std::ops::RangeInclusive<u32> = 120..=2000;
/// ITU-T T.30: CNG is 1100 Hz +-38 for 0.5 s, CED is 2100 Hz +-15 for at least 2.6 s.
const CNG_HZ: std::ops::RangeInclusive<f32> = 1060.0..=1140.0;
const CNG_MS: u32 = 400;
const CED_HZ: std::ops::RangeInclusive<f32> = 2075.0..=2125.0;
const CED_MS: u32 = 800;
/// Blocks in which a tone may be disturbed and still be the same.
const MOST_DISTURBED: u32 = 1;
/// Calling tones of telephone networks that are no beeps, Hz (dial, ring-back and busy tones of E.180).
const NETWORK_HZ: std::ops::RangeInclusive<f32> = 395.0..=455.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fax {
    /// The calling fax.
    Cng,
    /// The answering fax.
    Ced,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A beep ended.
    Beep { frequency: u32, duration_ms: u32 },
    /// Told while it sounds, once.
    Fax(Fax),
}

/// One steady frequency, as far as it got.
#[derive(Clone, Copy, Debug)]
struct Run {
    sum: f32,
    blocks: u32,
    disturbed: u32,
    told: bool,
}

impl Run {
    fn frequency(&self) -> f32 {
        self.sum / self.blocks as f32
    }

    fn ms(&self) -> u32 {
        self.blocks * BLOCK_MS
    }
}

#[derive(Clone, Debug)]
pub struct Detector {
    window: [f32; BLOCK],
    block: [f32; BLOCK],
    filled: usize,
    run: Option<Run>,
}

impl Default for Detector {
    fn default() -> Self {
        let hann = |n: usize| 0.5 - 0.5 * (TAU * (n as f32 + 0.5) / BLOCK as f32).cos();
        let window = std::array::from_fn(hann);
        Detector { window, block: [0.0; BLOCK], filled: 0, run: None }
    }
}

impl Detector {
    pub fn feed(&mut self, samples: &[i16], mut found: impl FnMut(Found)) {
        for sample in samples {
            self.block[self.filled] = f32::from(*sample);
            self.filled += 1;
            if self.filled == BLOCK {
                self.filled = 0;
                let frequency = self.frequency();
                if let Some(finding) = self.end_block(frequency) {
                    found(finding);
                }
            }
        }
    }

    /// True while something steady sounds that may become a beep.
    pub fn is_sounding(&self) -> bool {
        self.run.is_some_and(|run| run.blocks >= 3)
    }

    /// The frequency of a block that is one tone, in Hz.
    fn frequency(&self) -> Option<f32> {
        let power = self.block.iter().map(|x| x * x).sum::<f32>() / BLOCK as f32;
        if power < LEAST_POWER {
            return None;
        }
        let mut weighed = self.block;
        weighed.iter_mut().zip(&self.window).for_each(|(x, weight)| *x *= weight);
        let energy: f32 = weighed.iter().map(|x| x * x).sum();
        let mut steps = [0f32; STEPS];
        for (n, step) in steps.iter_mut().enumerate() {
            *step = energy_at(&weighed, LOWEST_HZ + STEP_HZ * n as f32);
        }
        let best = (1..STEPS - 1).max_by(|a, b| steps[*a].total_cmp(&steps[*b]))?;
        let [low, top, high] = [steps[best - 1], steps[best], steps[best + 1]].map(f32::sqrt);
        let bend = 0.5 * (low - high) / (low - 2.0 * top + high);
        let hz = LOWEST_HZ + STEP_HZ * (best as f32 + bend.clamp(-0.5, 0.5));
        // A sine under a Hann window has a third of (its energy times the length) at its frequency.
        let share = 3.0 * energy_at(&weighed, hz) / (energy * BLOCK as f32);
        (share >= LEAST_SHARE).then_some(hz)
    }

    fn end_block(&mut self, seen: Option<f32>) -> Option<Found> {
        let Some(run) = &mut self.run else {
            self.run = seen.map(|hz| Run { sum: hz, blocks: 1, disturbed: 0, told: false });
            return None;
        };
        match seen {
            Some(hz) if (hz - run.frequency()).abs() <= STEADY_HZ => {
                run.sum += hz;
                run.blocks += 1;
                run.disturbed = 0;
                fax(run)
            }
            // The edge of a tone falls into a block.
            _ if run.disturbed < MOST_DISTURBED && run.blocks > 1 => {
                run.disturbed += 1;
                None
            }
            _ => {
                let ended = beep(run);
                self.run = seen.map(|hz| Run { sum: hz, blocks: 1, disturbed: 0, told: false });
                ended
            }
        }
    }
}

fn fax(run: &mut Run) -> Option<Found> {
    if run.told {
        return None;
    }
    let hz = run.frequency();
    let kind = if CNG_HZ.contains(&hz) && run.ms() >= CNG_MS {
        Fax::Cng
    } else if CED_HZ.contains(&hz) && run.ms() >= CED_MS {
        Fax::Ced
    } else {
        return None;
    };
    run.told = true;
    Some(Found::Fax(kind))
}

fn beep(run: &Run) -> Option<Found> {
    let hz = run.frequency();
    let network = NETWORK_HZ.contains(&hz) && run.ms() >= 160;
    let fits = BEEP_HZ.contains(&hz) && BEEP_MS.contains(&run.ms()) && !run.told && !network;
    fits.then(|| Found::Beep { frequency: hz.round() as u32, duration_ms: run.ms() })
}

/// Energy of a block at a frequency (Goertzel).
fn energy_at(block: &[f32; BLOCK], hz: f32) -> f32 {
    let coefficient = 2.0 * (TAU * hz / RATE as f32).cos();
    let (mut last, mut before) = (0f32, 0f32);
    for x in block {
        (last, before) = (x + coefficient * last - before, last);
    }
    last * last + before * before - coefficient * last * before
}
