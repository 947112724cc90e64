//! What the tests of the whole process share: the process, a client, peers that speak RTP.
#![allow(dead_code, reason = "each test file uses a part")]

pub mod audio;
pub mod peer;

use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

pub const BINARY: &str = env!("CARGO_BIN_EXE_centrala-media");
pub const PATIENCE: Duration = Duration::from_secs(10);

static NUMBER: AtomicU32 = AtomicU32::new(0);

pub struct Engine {
    pub child: Child,
    pub dir: PathBuf,
}

impl Engine {
    pub fn start(options: &[&str]) -> Engine {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("cm-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        // Tests run side by side: each process has its own range of ports.
        let slot = (std::process::id() % 40) * 10 + number % 10;
        let first = 20_000 + slot * 100;
        let mut child = Command::new(BINARY)
            .args(["serve", "--control", &format!("unix:{}", dir.join("s").display())])
            .args(["--port-min", &first.to_string(), "--port-max", &(first + 99).to_string()])
            .args(options)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stderr.as_mut().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("Engine listens."), "{line}");
        Engine { child, dir }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    pub fn client(&self) -> Client {
        let stream = UnixStream::connect(self.dir.join("s")).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let reader = BufReader::new(stream.try_clone().unwrap());
        Client { stream, reader, next_id: 1, events: Vec::new() }
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(self.child.id() as i32).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    pub fn wait(&mut self) -> Option<i32> {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < end, "the engine does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

pub struct Client {
    stream: UnixStream,
    reader: BufReader<UnixStream>,
    next_id: u64,
    pub events: Vec<Value>,
}

impl Client {
    fn line(&mut self) -> Value {
        let mut line = String::new();
        let read = self.reader.read_line(&mut line).unwrap();
        assert!(read > 0, "the engine closed the connection");
        serde_json::from_str(&line).unwrap()
    }

    /// Sends a request and does not wait; its id.
    pub fn post(&mut self, cmd: &str, mut fields: Value) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        fields["id"] = json!(id);
        fields["cmd"] = json!(cmd);
        self.stream.write_all(format!("{fields}\n").as_bytes()).unwrap();
        id
    }

    /// The next reply; events before it are kept.
    pub fn reply(&mut self) -> Value {
        loop {
            let line = self.line();
            if line.get("event").is_none() {
                return line;
            }
            self.events.push(line);
        }
    }

    pub fn request(&mut self, cmd: &str, fields: Value) -> Value {
        let id = self.post(cmd, fields);
        let line = self.reply();
        assert_eq!(line["id"], json!(id));
        line
    }

    pub fn ok(&mut self, cmd: &str, fields: Value) -> Value {
        let reply = self.request(cmd, fields);
        assert!(reply.get("ok").is_some(), "{cmd}: {reply}");
        reply["ok"].clone()
    }

    pub fn refused(&mut self, cmd: &str, fields: Value) -> String {
        let reply = self.request(cmd, fields);
        let code = reply["error"]["code"].as_str();
        code.unwrap_or_else(|| panic!("{cmd} was not refused: {reply}")).to_owned()
    }

    pub fn subscribe(&mut self) {
        self.ok("events.subscribe", json!({}));
    }

    /// The first event, kept or to come, that fits.
    pub fn event(&mut self, fits: impl Fn(&Value) -> bool) -> Value {
        if let Some(event) = self.events.iter().find(|event| fits(event)) {
            return event.clone();
        }
        loop {
            let line = self.line();
            self.events.push(line.clone());
            if fits(&line) {
                return line;
            }
        }
    }

    pub fn event_named(&mut self, name: &str) -> Value {
        self.event(|event| event["event"] == name)
    }

    /// A room with legs in it; each leg hears all others.
    pub fn room(&mut self, room: &str) {
        self.ok("room.create", json!({"room": room}));
    }

    pub fn hear_all(&mut self, room: &str, legs: &[&str]) {
        let mut matrix = serde_json::Map::new();
        for ear in legs {
            let mouths: Vec<_> = legs.iter().filter(|mouth| mouth != &ear).collect();
            matrix.insert((*ear).to_owned(), json!(mouths));
        }
        self.ok("room.hear", json!({"room": room, "matrix": matrix}));
    }
}

pub fn read_wav(path: &Path) -> (u32, Vec<i16>, Vec<i16>) {
    let bytes = std::fs::read(path).unwrap();
    assert_eq!(&bytes[..4], b"RIFF");
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    assert_eq!(u16::from_le_bytes([bytes[22], bytes[23]]), 2, "two channels");
    let data = bytes.windows(4).position(|name| name == b"data").unwrap();
    let length = word(data + 4) as usize;
    assert!(data + 8 + length <= bytes.len(), "the header claims more than there is");
    let body = &bytes[data + 8..data + 8 + length];
    let tag = u16::from_le_bytes([bytes[20], bytes[21]]);
    let samples: Vec<i16> = match tag {
        1 => body.chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect(),
        6 => body.iter().map(|b| codec::g711::alaw_decode(*b)).collect(),
        _ => body.iter().map(|b| codec::g711::ulaw_decode(*b)).collect(),
    };
    let side = |n: usize| samples.iter().skip(n).step_by(2).copied().collect();
    (word(24), side(0), side(1))
}
