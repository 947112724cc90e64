//! The writer thread: samples into growing WAV files, hashes at the end.
//!
//! Theory of operation. Data comes about twice a second for each recording. It is appended, then the
//! sizes in the header are brought up to date: whatever the moment of a crash, the file opens, and
//! what the kernel has taken survives the death of the process. The hash is taken over the finished
//! file, because its header changes to the end; it is read back in slices, between the other files' data.
//! A disk error ends that recording, never a call: the file is cut to what its header says, the worker hears of
//! it at its next visit and sends its last word. Nobody waits for the disk but this thread.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::JoinHandle;

use codec::g711;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wav::Encoding;

use crate::outbox::Outbox;

/// Bytes of one recording that may wait for the disk: about four seconds.
pub const MAX_QUEUED: usize = 256 * 1024;
/// Bytes hashed before other files get their turn.
const HASH_SLICE: usize = 256 * 1024;

/// Shared by the worker that records and the writer.
#[derive(Debug, Default)]
pub struct Status {
    pub queued: AtomicUsize,
    /// The disk refused: more data is useless, the recording has to be finished.
    pub dead: AtomicBool,
}

#[derive(Debug)]
pub struct Opened {
    pub id: String,
    pub path: String,
    pub file: File,
    pub encoding: Encoding,
    pub rate: u32,
    pub status: Arc<Status>,
}

#[derive(Debug)]
pub enum Job {
    Open {
        key: u64,
        opened: Opened,
    },
    /// Both sides interleaved.
    Data {
        key: u64,
        samples: Vec<i16>,
    },
    Finish {
        key: u64,
        reason: &'static str,
        marks: Value,
    },
    /// A file that was made for a recording that was refused goes away.
    Discard {
        path: String,
    },
    Stop,
}

struct Growing {
    opened: Opened,
    data_len: u64,
    /// Why nothing more is written.
    failure: Option<&'static str>,
}

struct Hashing {
    growing: Growing,
    hasher: Sha256,
    at: u64,
    reason: &'static str,
    marks: Value,
}

/// Starts the thread.
pub fn start(outbox: Outbox) -> std::io::Result<(Sender<Job>, JoinHandle<()>)> {
    let (sender, receiver) = channel();
    let thread = std::thread::Builder::new()
        .name("writer".into())
        .spawn(move || Writer::new(outbox).run(&receiver))?;
    Ok((sender, thread))
}

struct Writer {
    outbox: Outbox,
    files: HashMap<u64, Growing>,
    hashing: VecDeque<Hashing>,
    bytes: Vec<u8>,
}

impl Writer {
    fn new(outbox: Outbox) -> Self {
        Writer { outbox, files: HashMap::new(), hashing: VecDeque::new(), bytes: Vec::new() }
    }

    fn run(&mut self, jobs: &Receiver<Job>) {
        loop {
            let job = if self.hashing.is_empty() {
                jobs.recv().ok()
            } else {
                match jobs.try_recv() {
                    Ok(job) => Some(job),
                    Err(TryRecvError::Empty) => {
                        self.hash_a_slice();
                        continue;
                    }
                    Err(TryRecvError::Disconnected) => None,
                }
            };
            match job {
                Some(Job::Open { key, opened }) => self.open(key, opened),
                Some(Job::Data { key, samples }) => self.append(key, &samples),
                Some(Job::Finish { key, reason, marks }) => self.finish(key, reason, marks),
                Some(Job::Discard { path }) => drop(std::fs::remove_file(path)),
                Some(Job::Stop) | None => break,
            }
        }
        while !self.hashing.is_empty() {
            self.hash_a_slice();
        }
    }

    fn open(&mut self, key: u64, opened: Opened) {
        let mut growing = Growing { opened, data_len: 0, failure: None };
        let written = growing.write_header();
        growing.note(written);
        self.files.insert(key, growing);
    }

    fn append(&mut self, key: u64, samples: &[i16]) {
        let Some(growing) = self.files.get_mut(&key) else { return };
        let queued = &growing.opened.status.queued;
        queued.fetch_sub(2 * samples.len(), Ordering::Relaxed);
        if growing.failure.is_none() {
            encode(growing.opened.encoding, samples, &mut self.bytes);
            let written = growing.append(&self.bytes);
            growing.note(written);
        }
    }

    fn finish(&mut self, key: u64, reason: &'static str, marks: Value) {
        let Some(growing) = self.files.remove(&key) else { return };
        let reason = growing.failure.unwrap_or(reason);
        let hasher = Sha256::new();
        self.hashing.push_back(Hashing { growing, hasher, at: 0, reason, marks });
    }

    fn hash_a_slice(&mut self) {
        let Some(mut hashing) = self.hashing.pop_front() else { return };
        let left = hashing.growing.len() - hashing.at;
        self.bytes.resize(left.min(HASH_SLICE as u64) as usize, 0);
        match hashing.growing.opened.file.read_at(&mut self.bytes, hashing.at) {
            Ok(0) => self.report(hashing),
            Ok(read) => {
                hashing.hasher.update(&self.bytes[..read]);
                hashing.at += read as u64;
                self.hashing.push_back(hashing);
            }
            Err(_) => {
                hashing.reason = "failed";
                self.report(hashing);
            }
        }
    }

    fn report(&self, hashing: Hashing) {
        let Hashing { growing, hasher, at, reason, marks } = hashing;
        let digest = hasher.finalize();
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let frame = 2 * growing.opened.encoding.bytes_per_sample() as u64;
        let duration_ms = growing.data_len / frame * 1000 / u64::from(growing.opened.rate);
        let id = growing.opened.id;
        self.outbox.gone("record", &id);
        self.outbox.event(
            "record.done",
            json!({
                "record": id, "path": growing.opened.path, "reason": reason,
                "duration_ms": duration_ms, "bytes": at, "sha256": hex, "marks": marks,
            }),
        );
    }
}

impl Growing {
    /// Length of the file in bytes.
    fn len(&self) -> u64 {
        wav::header_len(self.opened.encoding) as u64 + self.data_len
    }

    /// After an error what is there stays, without the part of a chunk that the header does not count.
    fn note(&mut self, written: std::io::Result<()>) {
        use std::io::ErrorKind::{FileTooLarge, QuotaExceeded, StorageFull};
        let Err(error) = written else { return };
        let full = matches!(error.kind(), StorageFull | QuotaExceeded | FileTooLarge);
        self.failure = Some(if full { "disk_full" } else { "failed" });
        let _ = self.opened.file.set_len(self.len());
        self.opened.status.dead.store(true, Ordering::Relaxed);
        crate::log::error(
            "A recording cannot be written.",
            &[("record", self.opened.id.clone().into()), ("error", error.to_string().into())],
        );
    }

    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.opened.file.write_all_at(bytes, self.len())?;
        self.data_len += bytes.len() as u64;
        self.write_header()
    }

    fn write_header(&self) -> std::io::Result<()> {
        let header = wav::header(self.opened.encoding, 2, self.opened.rate, self.data_len);
        self.opened.file.write_all_at(&header, 0)
    }
}

fn encode(encoding: Encoding, samples: &[i16], bytes: &mut Vec<u8>) {
    bytes.clear();
    match encoding {
        Encoding::Pcm16 => {
            bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
        }
        Encoding::Ulaw => bytes.extend(samples.iter().map(|s| g711::ulaw_encode(*s))),
        Encoding::Alaw => bytes.extend(samples.iter().map(|s| g711::alaw_encode(*s))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::{Bell, FromWorker};
    use std::fs::OpenOptions;

    const STEP: usize = 1600;

    fn opened(path: &str) -> Opened {
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path);
        Opened {
            id: "rec".into(),
            path: path.into(),
            file: file.unwrap(),
            encoding: Encoding::Pcm16,
            rate: 8000,
            status: Arc::default(),
        }
    }

    /// Runs a writer on one file until its last word.
    fn write_to(path: &str) -> (Arc<Status>, Value) {
        let (sender, inbox) = channel();
        let (jobs, thread) = start(Outbox::new(sender, Bell::new().unwrap())).unwrap();
        let opened = opened(path);
        let status = opened.status.clone();
        jobs.send(Job::Open { key: 1, opened }).unwrap();
        for _ in 0..3 {
            status.queued.fetch_add(2 * STEP, Ordering::Relaxed);
            jobs.send(Job::Data { key: 1, samples: vec![1; STEP] }).unwrap();
        }
        jobs.send(Job::Finish { key: 1, reason: "stopped", marks: json!([{"at_ms": 5}]) }).unwrap();
        jobs.send(Job::Stop).unwrap();
        thread.join().unwrap();
        let done = inbox.iter().find_map(|message| match message {
            FromWorker::Event { name: "record.done", fields } => Some(fields),
            _ => None,
        });
        (status, done.unwrap())
    }

    #[test]
    fn a_full_disk_ends_the_recording_with_its_reason_and_marks() {
        let (status, done) = write_to("/dev/full");
        assert_eq!(done["reason"], "disk_full");
        assert_eq!(done["duration_ms"], 0);
        assert_eq!(done["marks"], json!([{"at_ms": 5}]));
        assert!(status.dead.load(Ordering::Relaxed));
        assert_eq!(status.queued.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_good_disk_takes_all_and_a_refused_recording_leaves_no_file() {
        let path = std::env::temp_dir().join(format!("cm-writer-{}.wav", std::process::id()));
        let (status, done) = write_to(path.to_str().unwrap());
        assert_eq!((&done["reason"], &done["duration_ms"]), (&json!("stopped"), &json!(300)));
        assert_eq!(done["bytes"], std::fs::metadata(&path).unwrap().len());
        assert!(!status.dead.load(Ordering::Relaxed));
        let (sender, _inbox) = channel();
        let (jobs, thread) = start(Outbox::new(sender, Bell::new().unwrap())).unwrap();
        jobs.send(Job::Discard { path: path.to_str().unwrap().into() }).unwrap();
        jobs.send(Job::Stop).unwrap();
        thread.join().unwrap();
        assert!(!path.exists());
    }
}
