//! Sound files, decoded and resampled once.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use super::Clip;
use crate::control::error::Refusal;

/// Decoded sounds together, in bytes; beyond it the least recently used go.
const MAX_BYTES: usize = 256 * 1024 * 1024;
/// Largest file that is opened, in bytes: ten minutes of 48 kHz stereo.
const MAX_FILE: u64 = 120 * 1024 * 1024;

#[derive(Debug)]
struct Entry {
    clip: Arc<Clip>,
    modified: Option<SystemTime>,
    size: u64,
    used: u64,
}

#[derive(Debug, Default)]
struct Kept {
    entries: HashMap<String, Entry>,
    bytes: usize,
    turn: u64,
}

/// Shared by the threads that read files; it is not held while one is read.
#[derive(Debug, Default)]
pub struct SoundCache {
    kept: Mutex<Kept>,
}

impl SoundCache {
    /// The clip of a file; a file that changed is read again.
    pub fn load(&self, path: &str) -> Result<Arc<Clip>, Refusal> {
        let unreadable = |reason: String| {
            Refusal::new("file_unreadable", format!("{path:?} cannot be played: {reason}"))
        };
        let metadata = std::fs::metadata(path).map_err(|error| unreadable(error.to_string()))?;
        if !metadata.is_file() || metadata.len() > MAX_FILE {
            return Err(unreadable("it is no file or too large".into()));
        }
        let (modified, size) = (metadata.modified().ok(), metadata.len());
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(clip) = kept().find(path, modified, size) {
            return Ok(clip);
        }
        let clip = Arc::new(read(Path::new(path)).map_err(unreadable)?);
        kept().put(path, Entry { clip: clip.clone(), modified, size, used: 0 });
        Ok(clip)
    }
}

impl Kept {
    fn find(&mut self, path: &str, modified: Option<SystemTime>, size: u64) -> Option<Arc<Clip>> {
        self.turn += 1;
        let entry = self.entries.get_mut(path)?;
        entry.used = self.turn;
        (entry.modified == modified && entry.size == size).then(|| entry.clip.clone())
    }

    fn put(&mut self, path: &str, mut entry: Entry) {
        entry.used = self.turn;
        self.bytes += entry.clip.bytes();
        if let Some(old) = self.entries.insert(path.to_owned(), entry) {
            self.bytes -= old.clip.bytes();
        }
        self.evict();
    }

    fn evict(&mut self) {
        while self.bytes > MAX_BYTES && self.entries.len() > 1 {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.used);
            let Some(path) = oldest.map(|(path, _)| path.clone()) else { break };
            if let Some(entry) = self.entries.remove(&path) {
                self.bytes -= entry.clip.bytes();
            }
        }
    }
}

fn read(path: &Path) -> Result<Clip, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let sound = wav::read(&bytes).map_err(|error| error.reason().to_owned())?;
    if sound.samples.is_empty() {
        return Err("it is empty".into());
    }
    Ok(Clip::from_samples(&sound.samples, sound.rate))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write_wav(path: &Path, samples: usize) {
        let mut bytes = wav::header(wav::Encoding::Pcm16, 1, 16000, 2 * samples as u64);
        bytes.resize(bytes.len() + 2 * samples, 1);
        std::fs::write(path, bytes).unwrap();
    }

    #[test]
    fn a_file_is_read_once_and_again_when_it_changed() {
        let path = std::env::temp_dir().join(format!("cm-cache-{}.wav", std::process::id()));
        let name = path.to_str().unwrap();
        write_wav(&path, 1600);
        let cache = SoundCache::default();
        let first = cache.load(name).unwrap();
        assert_eq!((first.at_8k.len(), first.at_16k.len(), first.duration_ms()), (800, 1600, 100));
        assert!(Arc::ptr_eq(&first, &cache.load(name).unwrap()));
        write_wav(&path, 3200);
        let second = cache.load(name).unwrap();
        assert_eq!(second.duration_ms(), 200);
        assert_eq!(cache.kept.lock().unwrap().bytes, second.bytes());
        std::fs::remove_file(&path).unwrap();
        assert_eq!(cache.load(name).unwrap_err().code, "file_unreadable");
    }

    #[test]
    fn what_is_not_a_sound_is_refused_with_its_reason() {
        let path = std::env::temp_dir().join(format!("cm-cache-{}.txt", std::process::id()));
        std::fs::write(&path, b"hello").unwrap();
        let refusal = SoundCache::default().load(path.to_str().unwrap()).unwrap_err();
        assert!(refusal.message.contains("RIFF"), "{}", refusal.message);
        std::fs::remove_file(&path).unwrap();
        assert!(SoundCache::default().load("/").is_err());
    }
}
