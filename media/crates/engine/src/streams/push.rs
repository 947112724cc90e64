//! Audio that a client pushes into a play.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};

use codec::resample::Resampler;

use crate::outbox::{Bell, RingAtEnd};

/// Rates that a client may push, Hz.
pub const RATES: [u32; 4] = [8000, 16000, 24000, 48000];
/// Chunks of 20 ms that wait for their turn: one second; what comes earlier waits in the client's connection.
const RING: usize = 50;
/// Samples of a chunk at 48 kHz.
const CHUNK: usize = 960;
/// Chunks that must wait before a stream begins, so that a client which is late by less is not heard to be.
const HEAD_START: usize = 2;
const STEP_8K: usize = 160;
const STEP_16K: usize = 320;

#[derive(Debug)]
struct Chunk {
    len: usize,
    samples: [i16; CHUNK],
}

/// The client's end: cuts what comes into chunks.
#[derive(Debug)]
pub struct In {
    chunks: SyncSender<Chunk>,
    waiting: Arc<AtomicUsize>,
    size: usize,
    building: Chunk,
}

/// The worker's end.
#[derive(Debug)]
pub struct Pushed {
    chunks: Receiver<Chunk>,
    waiting: Arc<AtomicUsize>,
    size: usize,
    running: bool,
    ended: bool,
    at_8k: [i16; STEP_8K],
    at_16k: [i16; STEP_16K],
    to_8k: Resampler,
    to_16k: Resampler,
    _bell: RingAtEnd,
}

/// Both ends of a stream of `rate` samples a second; `bell` tells the streams thread when the play is over.
pub fn pair(rate: u32, bell: Bell) -> (In, Pushed) {
    let (sender, receiver) = sync_channel(RING);
    let waiting = Arc::new(AtomicUsize::new(0));
    let size = rate as usize / 50;
    let client = In {
        chunks: sender,
        waiting: waiting.clone(),
        size,
        building: Chunk { len: 0, samples: [0; CHUNK] },
    };
    let worker = Pushed {
        chunks: receiver,
        waiting,
        size,
        running: false,
        ended: false,
        at_8k: [0; STEP_8K],
        at_16k: [0; STEP_16K],
        to_8k: Resampler::new(rate, 8000),
        to_16k: Resampler::new(rate, 16000),
        _bell: RingAtEnd(bell),
    };
    (client, worker)
}

impl In {
    /// Takes samples; the number taken is less than asked when the ring is full. `None`: the play has ended.
    pub fn take(&mut self, samples: &[i16]) -> Option<usize> {
        let mut taken = 0;
        loop {
            let chunk = &mut self.building;
            let count = (self.size - chunk.len).min(samples.len() - taken);
            chunk.samples[chunk.len..chunk.len + count]
                .copy_from_slice(&samples[taken..taken + count]);
            chunk.len += count;
            taken += count;
            if chunk.len < self.size {
                return Some(taken);
            }
            if !self.hand_on()? {
                return Some(taken);
            }
        }
    }

    /// The play has ended.
    pub fn is_over(&self) -> bool {
        Arc::strong_count(&self.waiting) == 1
    }

    /// True when the last, unfinished chunk is on its way too; false: again later.
    pub fn finish(&mut self) -> bool {
        self.building.len == 0 || self.hand_on() != Some(false)
    }

    /// Whether `take` would take anything.
    pub fn has_room(&mut self) -> bool {
        self.building.len < self.size || self.hand_on() != Some(false)
    }

    fn hand_on(&mut self) -> Option<bool> {
        let full = std::mem::replace(&mut self.building, Chunk { len: 0, samples: [0; CHUNK] });
        match self.chunks.try_send(full) {
            Ok(()) => {
                self.waiting.fetch_add(1, Ordering::Relaxed);
                Some(true)
            }
            Err(TrySendError::Full(chunk)) => {
                self.building = chunk;
                Some(false)
            }
            Err(TrySendError::Disconnected(_)) => None,
        }
    }
}

impl Pushed {
    /// The next 20 ms; silence while the client is late.
    pub fn pull(&mut self) {
        (self.at_8k, self.at_16k) = ([0; STEP_8K], [0; STEP_16K]);
        if !self.running && self.waiting.load(Ordering::Relaxed) < HEAD_START && !self.is_closed() {
            return;
        }
        let chunk = match self.chunks.try_recv() {
            Ok(chunk) => chunk,
            Err(error) => {
                self.running = false;
                self.ended |= error == TryRecvError::Disconnected;
                return;
            }
        };
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        self.running = true;
        debug_assert!(chunk.len <= self.size);
        let samples = &chunk.samples[..self.size];
        put(&mut self.to_8k, samples, &mut self.at_8k);
        put(&mut self.to_16k, samples, &mut self.at_16k);
    }

    /// The client has said all; what waits is still to be played.
    fn is_closed(&self) -> bool {
        Arc::strong_count(&self.waiting) == 1
    }

    pub fn has_ended(&self) -> bool {
        self.ended
    }

    pub fn at(&self, rate: u32) -> &[i16] {
        if rate == 8000 { &self.at_8k } else { &self.at_16k }
    }
}

fn put(resampler: &mut Resampler, samples: &[i16], out: &mut [i16]) {
    let mut out = out.iter_mut();
    resampler.process(samples, |sample| {
        if let Some(slot) = out.next() {
            *slot = sample;
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(rate: u32) -> (In, Pushed) {
        super::pair(rate, Bell::new().unwrap())
    }

    #[test]
    fn every_rate_comes_out_at_both_mixing_rates() {
        for rate in RATES {
            let (mut client, mut worker) = pair(rate);
            assert_eq!(client.take(&vec![5000; rate as usize / 5]), Some(rate as usize / 5));
            drop(client);
            let mut heard = Vec::new();
            while !worker.has_ended() {
                worker.pull();
                heard.extend_from_slice(worker.at(8000));
                let twice = worker.at(16000).iter().filter(|s| **s > 4500).count();
                assert!(twice <= 320);
            }
            // 200 ms, and one step in which the end is noticed.
            assert_eq!(heard.len(), 11 * 160, "{rate}");
            assert!(heard[160..9 * 160].iter().all(|s| (4800..5200).contains(s)), "{rate}");
        }
    }

    #[test]
    fn a_full_ring_takes_nothing_more_until_there_is_room() {
        let (mut client, mut worker) = pair(8000);
        let taken = client.take(&vec![1; 16000]).unwrap();
        assert_eq!(taken, (RING + 1) * 160);
        assert!(!client.has_room());
        worker.pull();
        assert!(client.has_room());
        assert_eq!(client.take(&[1; 800]), Some(160));
    }

    #[test]
    fn a_stream_begins_with_a_head_start_and_is_silent_while_the_client_is_late() {
        let (mut client, mut worker) = pair(8000);
        client.take(&[9000; 160]);
        worker.pull();
        assert_eq!(worker.at(8000), [0; 160]);
        client.take(&[9000; 160]);
        worker.pull();
        assert_ne!(worker.at(8000)[159], 0);
        worker.pull();
        worker.pull();
        assert!(!worker.has_ended());
        assert_eq!(worker.at(8000), [0; 160]);
    }

    #[test]
    fn the_end_plays_what_waits_and_a_gone_play_takes_nothing() {
        let (mut client, mut worker) = pair(8000);
        client.take(&[9000; 100]);
        assert!(client.finish());
        drop(client);
        worker.pull();
        assert!(worker.at(8000).iter().any(|s| *s > 8000) && !worker.has_ended());
        worker.pull();
        assert!(worker.has_ended());
        let (mut client, worker) = pair(8000);
        drop(worker);
        assert_eq!(client.take(&[1; 200]), None);
    }
}
