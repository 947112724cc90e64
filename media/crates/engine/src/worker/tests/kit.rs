#![allow(dead_code, reason = "each test binary uses a part")]
//! A worker in a thread, commands to it, what it tells, and phones on loopback sockets.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rtp::packet::{HEADER_LEN, Header};
use serde_json::{Value, json};

use engine::api::Id;
use engine::control::error::Refusal;
use engine::dtls::Identity;
use engine::outbox::{Bell, FromWorker, Outbox};
use engine::ports::PortPool;
use engine::record::writer::{Opened, Status};
use engine::worker::work::RecordWork;
use engine::worker::work::Work;
use engine::worker::{Handle, Setup, start};

const LOCALHOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const PATIENCE: Duration = Duration::from_secs(5);
/// Ports of one test; tests run side by side.
const PORTS: u16 = 40;

static NEXT_PORT: AtomicU16 = AtomicU16::new(43_000);

pub fn id(name: &str) -> Id {
    serde_json::from_value(json!(name)).unwrap()
}

pub struct Bench {
    worker: Option<Handle>,
    inbox: Receiver<FromWorker>,
    pub events: Vec<(String, Value)>,
    next: u64,
}

impl Bench {
    pub fn new() -> Bench {
        let first = NEXT_PORT.fetch_add(PORTS, Ordering::Relaxed);
        let (sender, inbox) = channel();
        let (recordings, writer_jobs) = channel();
        std::thread::spawn(move || writer_jobs.iter().for_each(drop));
        let web_socket = UdpSocket::bind((LOCALHOST, 0)).unwrap();
        web_socket.set_nonblocking(true).unwrap();
        let worker = start(Setup {
            index: 0,
            ports: vec![PortPool::new(LOCALHOST, first, first + PORTS - 1)],
            web_sockets: vec![(web_socket, LOCALHOST)],
            identity: Arc::new(Identity::new().unwrap()),
            outbox: Outbox::new(sender, Bell::new().unwrap()),
            recordings,
            started: Instant::now(),
        });
        let worker = Some(worker.unwrap());
        Bench { worker, inbox, events: Vec::new(), next: 1 }
    }

    fn message(&mut self) -> Option<(u64, Result<Value, Refusal>)> {
        match self.inbox.recv_timeout(PATIENCE).expect("the worker says nothing") {
            FromWorker::Reply { token, outcome } => return Some((token, outcome)),
            FromWorker::Event { name, fields } => self.events.push((name.to_owned(), fields)),
            _ => {}
        }
        None
    }

    pub fn ask(&mut self, work: Work) -> Result<Value, Refusal> {
        self.next += 1;
        let token = self.next;
        assert!(self.worker.as_ref().unwrap().send(token, work));
        loop {
            if let Some((_, outcome)) = self.message().filter(|(answered, _)| *answered == token) {
                return outcome;
            }
        }
    }

    pub fn event(&mut self, name: &str) -> Value {
        loop {
            if let Some(at) = self.events.iter().position(|(told, _)| told == name) {
                return self.events.remove(at).1;
            }
            self.message();
        }
    }

    pub fn room(&mut self, room: &str) {
        self.ask(Work::RoomCreate(id(room))).unwrap();
    }

    /// A leg of G.711 with `more` fields, and its phone.
    pub fn phone(&mut self, leg: &str, room: &str, more: &Value) -> Phone {
        let socket = UdpSocket::bind((LOCALHOST, 0)).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        let mut fields = json!({
            "kind": "rtp", "codecs": [{"name": "PCMU", "pt": 0}], "dtmf_pt": 101,
            "remote": {"ip": "127.0.0.1", "port": socket.local_addr().unwrap().port()},
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            fields[name] = value.clone();
        }
        let fields = Box::new(serde_json::from_value(fields).unwrap());
        let local = self.ask(Work::LegCreate { leg: id(leg), room: id(room), fields }).unwrap();
        let port = local["port"].as_u64().unwrap() as u16;
        socket.connect((LOCALHOST, port)).unwrap();
        Phone { socket, payload_type: 0, sequence: 0 }
    }

    /// Starts a recording whose chunks nobody writes.
    pub fn record(&mut self, name: &str, room: &str, path: &str, left: &[&str], right: &[&str]) {
        let status = Arc::<Status>::default();
        let ids = |names: &[&str]| names.iter().map(|name| id(name)).collect();
        let opened = Opened {
            id: name.into(),
            path: path.into(),
            file: std::fs::File::create(path).unwrap(),
            encoding: wav::Encoding::Pcm16,
            rate: 8000,
            status: status.clone(),
        };
        let (record, room, key) = (id(name), id(room), 1);
        let (left, right, max_seconds) = (ids(left), ids(right), None);
        let work = RecordWork { record, room, left, right, max_seconds, key, status, opened };
        self.ask(Work::RecordStart(Box::new(work))).unwrap();
    }

    pub fn hear(&mut self, room: &str, matrix: &Value) {
        let request = json!({"room": room, "matrix": matrix});
        self.ask(Work::RoomHear(serde_json::from_value(request).unwrap())).unwrap();
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        if let Some(worker) = self.worker.take() {
            worker.send(0, Work::Stop);
            assert!(worker.thread.join().is_ok() || std::thread::panicking());
        }
    }
}

pub struct Phone {
    pub socket: UdpSocket,
    pub payload_type: u8,
    sequence: u16,
}

impl Phone {
    pub fn say(&mut self, sample: u8) {
        self.sequence += 1;
        let header = Header {
            marker: self.sequence == 1,
            payload_type: self.payload_type,
            sequence: self.sequence,
            timestamp: u32::from(self.sequence) * 160,
            ssrc: 77,
        };
        let mut bytes = header.to_bytes().to_vec();
        bytes.resize(HEADER_LEN + 160, sample);
        // What a closed port answers is not the sender's business.
        let _ = self.socket.send(&bytes);
    }

    /// True when a packet full of `sample` comes from a `speaker` who goes on saying it.
    pub fn hears(&self, speaker: &mut Phone, sample: u8) -> bool {
        let end = Instant::now() + PATIENCE;
        let mut buffer = [0u8; 2000];
        while Instant::now() < end {
            speaker.say(sample);
            while let Ok(len) = self.socket.recv(&mut buffer) {
                if buffer[HEADER_LEN..len].iter().all(|byte| *byte == sample) {
                    return true;
                }
            }
        }
        false
    }

    /// The same for somebody who hears themselves.
    pub fn hears_itself(&mut self, sample: u8) -> bool {
        let socket = self.socket.try_clone().unwrap();
        let ear = Phone { socket, payload_type: self.payload_type, sequence: 0 };
        ear.hears(self, sample)
    }
}
