//! What can be played: files, tones, silence.

pub mod cache;
pub mod tones;

use std::sync::Arc;

use crate::streams::push::Pushed;

/// Samples at both mixing rates, 8 and 16 kHz; shared by all who play them.
#[derive(Debug)]
pub struct Clip {
    pub at_8k: Box<[i16]>,
    pub at_16k: Box<[i16]>,
}

impl Clip {
    pub fn from_samples(samples: &[i16], rate: u32) -> Clip {
        Clip {
            at_8k: codec::resample::convert(samples, rate, 8000).into(),
            at_16k: codec::resample::convert(samples, rate, 16000).into(),
        }
    }

    pub fn at(&self, rate: u32) -> &[i16] {
        if rate == 8000 { &self.at_8k } else { &self.at_16k }
    }

    pub fn duration_ms(&self) -> u64 {
        self.at_8k.len() as u64 / 8
    }

    pub fn bytes(&self) -> usize {
        2 * (self.at_8k.len() + self.at_16k.len())
    }
}

/// What a play plays; positions count milliseconds.
#[derive(Debug)]
pub enum Source {
    /// One after the other, `repeat` times over (0: for ever).
    Clips {
        clips: Vec<Arc<Clip>>,
        repeat: u32,
    },
    /// For ever, at the place where everybody's copy is.
    SharedLoop(Arc<Clip>),
    Silence {
        ms: u64,
    },
    /// What a client pushes.
    Stream(Box<Pushed>),
}

impl Source {
    /// `None` when it does not end by itself.
    pub fn duration_ms(&self) -> Option<u64> {
        match self {
            Source::Clips { repeat: 0, .. } | Source::SharedLoop(_) | Source::Stream(_) => None,
            Source::Clips { clips, repeat } => {
                let once: u64 = clips.iter().map(|clip| clip.duration_ms()).sum();
                Some(once * u64::from(*repeat))
            }
            Source::Silence { ms } => Some(*ms),
        }
    }
}
