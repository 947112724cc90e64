//! Makes digits.

use codec::level::sine_peak;

use crate::{COLUMNS, ROWS, position};

/// Rise and fall of a digit in ms, so that it starts without a click.
const EDGE_MS: u32 = 2;

/// Writes one digit into frames; phases run on from frame to frame.
#[derive(Clone, Debug)]
pub struct Tone {
    phases: [f32; 2],
    steps: [f32; 2],
    peak: f32,
    at: u32,
    length: u32,
    edge: u32,
}

impl Tone {
    /// `level` of each of the two tones in dBm0; `None` when it is no digit.
    pub fn new(digit: char, rate: u32, length_ms: u32, level: f32) -> Option<Self> {
        let (row, column) = position(digit)?;
        let step = |hz: f32| std::f32::consts::TAU * hz / rate as f32;
        Some(Tone {
            phases: [0.0; 2],
            steps: [step(ROWS[row]), step(COLUMNS[column])],
            peak: sine_peak(level),
            at: 0,
            length: length_ms * rate / 1000,
            edge: (EDGE_MS * rate / 1000).max(1),
        })
    }

    /// Fills `out`, with silence after the end; returns the samples of tone that were written.
    pub fn fill(&mut self, out: &mut [i16]) -> usize {
        let mut written = 0;
        for sample in out {
            *sample = 0;
            if self.at >= self.length {
                continue;
            }
            let from_edge = self.at.min(self.length - 1 - self.at) + 1;
            let shape = (from_edge as f32 / self.edge as f32).min(1.0);
            let sum = self.phases[0].sin() + self.phases[1].sin();
            *sample = (self.peak * shape * sum).clamp(-32768.0, 32767.0) as i16;
            for (phase, step) in self.phases.iter_mut().zip(self.steps) {
                *phase = (*phase + step) % std::f32::consts::TAU;
            }
            self.at += 1;
            written += 1;
        }
        written
    }

    pub fn is_done(&self) -> bool {
        self.at >= self.length
    }
}
