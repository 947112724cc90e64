//! A leg's audio on its way to a client.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use codec::resample::Resampler;

use crate::api::{Id, TapSide};
use crate::outbox::{Bell, RingAtEnd};

/// Taps of a leg at once.
pub const MAX_TAPS: usize = 4;
/// Steps of 20 ms that wait for a slow client: two seconds.
const RING: usize = 100;
const STEP_MS: u32 = 20;
/// Samples of a step at 16 kHz.
pub const STEP_16K: usize = 320;

/// 20 ms of one or both sides.
#[derive(Debug)]
pub struct Step {
    /// Left out before this step, ms.
    pub missed_ms: u32,
    pub len: usize,
    pub says: Option<[i16; STEP_16K]>,
    pub hears: Option<[i16; STEP_16K]>,
}

/// The client's end.
#[derive(Debug)]
pub struct Out {
    pub steps: Receiver<Step>,
}

/// The worker's end.
#[derive(Debug)]
pub struct Tap {
    pub id: Id,
    pub side: TapSide,
    pub rate: u32,
    /// What the ear gets in this step, when it is mixed.
    pub mixed: [i16; STEP_16K],
    up: Option<Resampler>,
    down: Option<Resampler>,
    missed_ms: u32,
    pub told_ms: u64,
    pub lost_ms: u64,
    /// The client is gone.
    pub detached: bool,
    steps: SyncSender<Step>,
    bell: RingAtEnd,
}

/// A tap and its client's end; `bell` wakes the streams thread.
pub fn pair(id: Id, side: TapSide, rate: u32, bell: Bell) -> (Tap, Out) {
    let (sender, receiver) = sync_channel(RING);
    let tap = Tap {
        id,
        side,
        rate,
        mixed: [0; STEP_16K],
        up: None,
        down: None,
        missed_ms: 0,
        told_ms: 0,
        lost_ms: 0,
        detached: false,
        steps: sender,
        bell: RingAtEnd(bell),
    };
    (tap, Out { steps: receiver })
}

impl Tap {
    /// Samples of a step.
    fn len(&self) -> usize {
        self.rate as usize / 50
    }

    /// Keeps what was mixed for the ear, at the tap's rate.
    pub fn keep_mixed(&mut self, frame: &[i16]) {
        let len = self.len();
        let mut out = self.mixed[..len].iter_mut();
        let put = |sample| {
            if let Some(slot) = out.next() {
                *slot = sample;
            }
        };
        match frame.len().cmp(&len) {
            std::cmp::Ordering::Equal => self.mixed[..len].copy_from_slice(frame),
            std::cmp::Ordering::Less => {
                self.up.get_or_insert_with(|| Resampler::new(8000, 16000)).process(frame, put);
            }
            std::cmp::Ordering::Greater => {
                self.down.get_or_insert_with(|| Resampler::new(16000, 8000)).process(frame, put);
            }
        }
    }

    /// Hands on a step. A full ring leaves it out and counts it.
    pub fn hand_on(&mut self, says: Option<&[i16]>, hears: Option<&[i16]>) {
        let len = self.len();
        let whole = |frame: &[i16]| {
            let mut samples = [0; STEP_16K];
            let count = frame.len().min(len);
            samples[..count].copy_from_slice(&frame[..count]);
            samples
        };
        let step = Step {
            missed_ms: self.missed_ms,
            len,
            says: self.side.says().then(|| says.map_or([0; STEP_16K], whole)),
            hears: self.side.hears().then(|| hears.map_or([0; STEP_16K], whole)),
        };
        match self.steps.try_send(step) {
            Ok(()) => {
                self.missed_ms = 0;
                self.told_ms += u64::from(STEP_MS);
                self.bell.0.ring();
            }
            Err(TrySendError::Full(_)) => {
                self.missed_ms = self.missed_ms.saturating_add(STEP_MS);
                self.lost_ms += u64::from(STEP_MS);
            }
            Err(TrySendError::Disconnected(_)) => self.detached = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tap(side: TapSide, rate: u32) -> (Tap, Out) {
        let id = serde_json::from_str("\"t\"").unwrap();
        pair(id, side, rate, Bell::new().unwrap())
    }

    #[test]
    fn a_slow_client_loses_audio_and_is_told_how_much() {
        let (mut tap, out) = tap(TapSide::Says, 8000);
        for n in 0..RING as i16 + 7 {
            tap.hand_on(Some(&[n; 160]), None);
        }
        assert_eq!((tap.lost_ms, tap.told_ms), (7 * 20, 100 * 20));
        let first = out.steps.recv().unwrap();
        assert_eq!((first.missed_ms, first.says.unwrap()[0], first.hears), (0, 0, None));
        tap.hand_on(Some(&[999; 160]), None);
        let last = out.steps.try_iter().last().unwrap();
        assert_eq!((last.missed_ms, last.says.unwrap()[0]), (140, 999));
    }

    #[test]
    fn what_is_mixed_at_another_rate_is_converted() {
        for (rate, mixed) in [(16000, 160), (8000, 320), (8000, 160)] {
            let (mut tap, _out) = tap(TapSide::Hears, rate);
            for _ in 0..5 {
                tap.keep_mixed(&vec![1000; mixed]);
            }
            let len = tap.len();
            assert!(tap.mixed[..len].iter().all(|s| (900..1100).contains(s)), "{rate} {mixed}");
        }
    }

    #[test]
    fn a_client_that_has_gone_is_noticed() {
        let (mut tap, out) = tap(TapSide::Both, 8000);
        drop(out);
        tap.hand_on(None, None);
        assert!(tap.detached);
    }
}
