//! Threads that touch the disk for the control thread: sounds are read and decoded, recordings' files made.
//!
//! A disk that stands still holds up the commands of the rooms that wait for it, and no others.

use std::os::unix::fs::OpenOptionsExt;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};

use super::error::Refusal;
use crate::outbox::{FromWorker, Outbox};
use crate::sound::Clip;
use crate::sound::cache::SoundCache;

/// Threads; one long file does not hold up the others.
const THREADS: usize = 2;

#[derive(Debug)]
pub enum Wanted {
    Sounds(Vec<String>),
    /// A new file, which must not exist.
    Recording(String),
}

/// What a thread made ready.
#[derive(Debug)]
pub enum Prepared {
    Sounds(Result<Vec<Arc<Clip>>, Refusal>),
    Recording(Result<std::fs::File, Refusal>),
}

/// Where the control thread leaves its wishes.
#[derive(Debug)]
pub struct Files {
    jobs: Sender<(u64, Wanted)>,
}

impl Files {
    pub fn start(outbox: &Outbox) -> std::io::Result<Files> {
        let (jobs, receiver) = channel();
        let receiver = Arc::new(Mutex::new(receiver));
        let sounds = Arc::new(SoundCache::default());
        for number in 0..THREADS {
            let (receiver, sounds, outbox) = (receiver.clone(), sounds.clone(), outbox.clone());
            std::thread::Builder::new()
                .name(format!("files-{number}"))
                .spawn(move || serve(&receiver, &sounds, &outbox))?;
        }
        Ok(Files { jobs })
    }

    /// The answer comes as `FromWorker::Prepared` with the same token.
    pub fn want(&self, token: u64, wanted: Wanted) -> Result<(), Refusal> {
        let gone = |_| Refusal::new("worker_failed", "the threads for files are gone");
        self.jobs.send((token, wanted)).map_err(gone)
    }
}

fn serve(jobs: &Mutex<Receiver<(u64, Wanted)>>, sounds: &SoundCache, outbox: &Outbox) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((token, wanted)) = job else { break };
        let prepared = match wanted {
            Wanted::Sounds(paths) => {
                Prepared::Sounds(paths.iter().map(|path| sounds.load(path)).collect())
            }
            Wanted::Recording(path) => Prepared::Recording(create(&path)),
        };
        outbox.send(FromWorker::Prepared { token, prepared });
    }
}

/// A new file for a recording; nobody else may read it.
fn create(path: &str) -> Result<std::fs::File, Refusal> {
    let opened =
        std::fs::OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path);
    opened.map_err(|error| {
        use std::io::ErrorKind::{AlreadyExists, QuotaExceeded, StorageFull};
        let code = match error.kind() {
            AlreadyExists => "file_exists",
            StorageFull | QuotaExceeded => "disk_full",
            _ => "file_unreadable",
        };
        Refusal::new(code, format!("{path:?} cannot be made: {error}"))
    })
}
