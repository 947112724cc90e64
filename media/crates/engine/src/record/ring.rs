//! The worker's side of a recording: packets onto the axis, chunks to the writer.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Sender;

use mixer::MAX_LEGS;
use serde_json::{Value, json};
use timeline::{Axis, Track};

use super::writer::{Job, MAX_QUEUED, Status};
use crate::api::Id;

/// Speech this late still finds its place, ms.
const LATENESS_MS: i64 = 300;
/// Chunk handed to the writer, ms. With the lateness, at most 0.9 s are not with the kernel yet.
const CHUNK_MS: i64 = 500;
/// Marks kept for one recording.
const MAX_MARKS: usize = 1000;

#[derive(Debug)]
pub struct Recording {
    pub id: Id,
    pub path: String,
    key: u64,
    rate: u32,
    axis: Axis,
    tracks: [Track; MAX_LEGS],
    pub sides: [Option<u8>; MAX_LEGS],
    started_us: u64,
    pub paused: bool,
    marks: Vec<Value>,
    max_ms: Option<u64>,
    overflowed: bool,
    status: Arc<Status>,
    jobs: Sender<Job>,
}

pub struct Start {
    pub id: Id,
    pub path: String,
    pub key: u64,
    pub rate: u32,
    pub max_seconds: Option<u32>,
    pub status: Arc<Status>,
    pub jobs: Sender<Job>,
}

impl Recording {
    pub fn new(start: Start, now_us: u64) -> Self {
        Recording {
            id: start.id,
            path: start.path,
            key: start.key,
            rate: start.rate,
            axis: Axis::new(start.rate),
            tracks: Default::default(),
            sides: [None; MAX_LEGS],
            started_us: now_us,
            paused: false,
            marks: Vec::new(),
            max_ms: start.max_seconds.map(|seconds| u64::from(seconds) * 1000),
            overflowed: false,
            status: start.status,
            jobs: start.jobs,
        }
    }

    pub fn rate(&self) -> u32 {
        self.rate
    }

    fn position(&self, now_us: u64) -> i64 {
        (now_us.saturating_sub(self.started_us) * u64::from(self.rate) / 1_000_000) as i64
    }

    pub fn at_ms(&self, now_us: u64) -> u64 {
        now_us.saturating_sub(self.started_us) / 1000
    }

    /// Takes the decoded speech of the leg in `slot`, at the recording's rate.
    pub fn write(&mut self, slot: usize, ssrc: u32, timestamp: u32, samples: &[i16], now_us: u64) {
        if self.paused {
            return;
        }
        if let Some(side) = self.sides[slot] {
            let now = self.position(now_us);
            let track = &mut self.tracks[slot];
            self.axis.write(usize::from(side), track, ssrc, timestamp, samples, now);
        }
    }

    /// A leg left the slot; the next one in it is another stream.
    pub fn forget(&mut self, slot: usize) {
        self.tracks[slot] = Track::default();
        self.sides[slot] = None;
    }

    pub fn pause(&mut self, paused: bool, now_us: u64) -> u64 {
        let at_ms = self.at_ms(now_us);
        if self.paused != paused && self.marks.len() < MAX_MARKS {
            let kind = if paused { "pause" } else { "resume" };
            self.marks.push(json!({"at_ms": at_ms, "kind": kind}));
        }
        self.paused = paused;
        at_ms
    }

    /// To be called every 100 ms. Hands chunks on; tells why the recording has to end, if it has to.
    pub fn visit(&mut self, now_us: u64) -> Option<&'static str> {
        if self.status.dead.load(Ordering::Relaxed) {
            return Some("failed");
        }
        let per_ms = i64::from(self.rate / 1000);
        let until = self.position(now_us) - LATENESS_MS * per_ms;
        if until - self.axis.flushed() >= CHUNK_MS * per_ms {
            self.flush(until);
        }
        if self.overflowed {
            return Some("disk_slow");
        }
        self.max_ms.filter(|max| self.at_ms(now_us) >= *max).map(|_| "max_seconds")
    }

    fn flush(&mut self, until: i64) {
        let count = (until - self.axis.flushed()).max(0) as usize;
        let bytes = 4 * count;
        if self.status.dead.load(Ordering::Relaxed) {
            return;
        }
        if self.status.queued.load(Ordering::Relaxed) + bytes > MAX_QUEUED {
            // A gap would shift all that follows; better an honest end.
            self.overflowed = true;
            return;
        }
        let mut samples = Vec::with_capacity(2 * count);
        self.axis.flush(until, &mut samples);
        self.status.queued.fetch_add(bytes, Ordering::Relaxed);
        let _ = self.jobs.send(Job::Data { key: self.key, samples });
    }

    /// Hands over the rest and ends the file.
    pub fn finish(mut self, reason: &'static str, now_us: u64) {
        let mut until = self.position(now_us);
        if let Some(max) = self.max_ms {
            until = until.min((max * u64::from(self.rate) / 1000) as i64);
        }
        if !self.overflowed {
            self.flush(until);
        }
        let marks = Value::Array(std::mem::take(&mut self.marks));
        let _ = self.jobs.send(Job::Finish { key: self.key, reason, marks });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    fn recording(jobs: Sender<Job>) -> Recording {
        let id = serde_json::from_value(json!("rec")).unwrap();
        let mut recording = Recording::new(
            Start {
                id,
                path: "/nowhere".into(),
                key: 1,
                rate: 8000,
                max_seconds: None,
                status: Arc::default(),
                jobs,
            },
            0,
        );
        recording.sides[0] = Some(0);
        recording
    }

    #[test]
    fn a_disk_that_stands_still_ends_the_recording_within_bounds_and_nobody_waits() {
        let (jobs, waiting) = channel();
        let mut recording = recording(jobs);
        let mut ended = None;
        // Nothing is ever taken from the queue; had the worker to wait for it, this would not come to its end.
        for turn in 1..=200u64 {
            let now_us = turn * 100_000;
            recording.write(0, 7, turn as u32 * 800, &[100; 800], now_us);
            if let Some(reason) = recording.visit(now_us) {
                ended = Some((turn, reason));
                break;
            }
        }
        let (turn, reason) = ended.expect("the recording goes on for ever");
        assert_eq!(reason, "disk_slow");
        assert!((50..100).contains(&turn), "after {turn} tenths of a second");
        recording.finish(reason, turn * 100_000);
        let (mut bytes, mut finished) = (0, None);
        for job in waiting.try_iter() {
            match job {
                Job::Data { samples, .. } => bytes += 2 * samples.len(),
                Job::Finish { reason, .. } => finished = Some(reason),
                _ => {}
            }
        }
        assert!(bytes <= MAX_QUEUED && bytes > MAX_QUEUED / 2, "{bytes}");
        assert_eq!(finished, Some("disk_slow"));
    }

    #[test]
    fn a_disk_that_refused_ends_the_recording_at_the_next_visit() {
        let (jobs, _waiting) = channel();
        let mut recording = recording(jobs);
        assert_eq!(recording.visit(100_000), None);
        recording.status.dead.store(true, Ordering::Relaxed);
        assert_eq!(recording.visit(200_000), Some("failed"));
    }
}
