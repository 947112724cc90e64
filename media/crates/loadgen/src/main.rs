//! Load for the media engine: two-party calls of G.711, sent and received by one thread.
//!
//! Theory of operation. Each peer has a connected socket and sends 50 packets a second, in turns of 1 ms,
//! with the time of sending in the payload. What comes is counted; a few peers are listened to by a thread that
//! sleeps on their sockets and tells the delay. The engine's CPU time is read from /proc before and after.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, UdpSocket};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rtp::packet::{HEADER_LEN, Header, Packet};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde_json::{Value, json};

const PAYLOAD: usize = 160;
const FRAME: Duration = Duration::from_millis(20);
/// Calls are sent in this many turns of each 20 ms, so that load is even.
const TURNS: usize = 20;
/// Peers whose packets are timed.
const PROBES: usize = 8;

struct Arguments {
    control: String,
    calls: usize,
    seconds: u64,
    record: Option<String>,
    mix: bool,
    pid: u32,
}

fn arguments() -> Option<Arguments> {
    let mut found = Arguments {
        control: String::new(),
        calls: 100,
        seconds: 10,
        record: None,
        mix: false,
        pid: 0,
    };
    let mut rest = std::env::args().skip(1);
    while let Some(name) = rest.next() {
        let value = rest.next()?;
        match name.as_str() {
            "--control" => found.control = value,
            "--calls" => found.calls = value.parse().ok()?,
            "--seconds" => found.seconds = value.parse().ok()?,
            "--record" => found.record = (value != "no").then_some(value),
            "--mix" => found.mix = value == "yes",
            "--pid" => found.pid = value.parse().ok()?,
            _ => return None,
        }
    }
    (!found.control.is_empty()).then_some(found)
}

struct Control {
    stream: UnixStream,
    reader: BufReader<UnixStream>,
    next: u64,
}

impl Control {
    fn open(path: &str) -> std::io::Result<Self> {
        let stream = UnixStream::connect(path)?;
        let reader = BufReader::new(stream.try_clone()?);
        Ok(Control { stream, reader, next: 1 })
    }

    fn ask(&mut self, cmd: &str, mut fields: Value) -> std::io::Result<Value> {
        fields["id"] = json!(self.next);
        fields["cmd"] = json!(cmd);
        self.next += 1;
        self.stream.write_all(format!("{fields}\n").as_bytes())?;
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line)?;
            let reply: Value = serde_json::from_str(&line)?;
            if reply.get("event").is_some() {
                continue;
            }
            if let Some(error) = reply.get("error") {
                return Err(std::io::Error::other(format!("{cmd}: {error}")));
            }
            return Ok(reply["ok"].clone());
        }
    }
}

/// One side of a call.
struct Peer {
    socket: UdpSocket,
    engine: SocketAddr,
    sequence: u16,
    sent: u64,
    received: u64,
    /// Another thread listens.
    probe: bool,
}

/// Delays in steps of 0.1 ms, up to 100 ms.
struct Delays(Vec<u64>);

impl Delays {
    fn add(&mut self, delay: Duration) {
        let step = (delay.as_micros() / 100) as usize;
        let last = self.0.len() - 1;
        self.0[step.min(last)] += 1;
    }

    fn percentile(&self, share: f64) -> f64 {
        let total: u64 = self.0.iter().sum();
        let mut seen = 0;
        for (step, count) in self.0.iter().enumerate() {
            seen += count;
            if seen as f64 >= total as f64 * share {
                return step as f64 / 10.0;
            }
        }
        0.0
    }
}

fn main() -> std::io::Result<()> {
    let Some(arguments) = arguments() else {
        eprintln!(
            "usage: loadgen --control PATH --calls N --seconds N --pid ENGINE \
             [--record DIR|no] [--mix yes|no]"
        );
        std::process::exit(2);
    };
    let mut control = Control::open(&arguments.control)?;
    control.ask("events.subscribe", json!({}))?;
    let setup = Instant::now();
    let mut peers = set_up(&mut control, &arguments)?;
    let setup_ms = setup.elapsed().as_secs_f64() * 1000.0 / peers.len() as f64;
    let result = run(&mut peers, &arguments)?;
    let (sent, received): (u64, u64) =
        peers.iter().fold((0, 0), |(s, r), peer| (s + peer.sent, r + peer.received));
    let workers = control.ask("stats", json!({}))?;
    let skipped: u64 = workers["workers"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|worker| worker["skipped_phases"].as_u64())
        .sum();
    println!(
        "{}",
        json!({
            "calls": arguments.calls, "seconds": arguments.seconds,
            "recorded": arguments.record.is_some(), "mixed": arguments.mix,
            "engine_cpu_pct": round(result.cpu * 100.0, 2),
            "cpu_pct_a_call": round(result.cpu * 100.0 / arguments.calls as f64, 4),
            "memory_kb_a_call": round(result.memory_kb / arguments.calls as f64, 1),
            "sent": sent, "received": received,
            "lost_pct": round(100.0 * (1.0 - received as f64 / sent.max(1) as f64), 4),
            "delay_p50_ms": result.delays.percentile(0.5),
            "delay_p99_ms": result.delays.percentile(0.99),
            "generator_late_p99_ms": result.lateness.percentile(0.99),
            "leg_setup_ms": round(setup_ms, 3), "skipped_phases": skipped,
        })
    );
    for call in 0..arguments.calls {
        control.ask("room.close", json!({"room": format!("load-{call}")}))?;
    }
    Ok(())
}

fn round(value: f64, digits: i32) -> f64 {
    let scale = 10f64.powi(digits);
    (value * scale).round() / scale
}

fn set_up(control: &mut Control, arguments: &Arguments) -> std::io::Result<Vec<Peer>> {
    let mut peers = Vec::new();
    for call in 0..arguments.calls {
        let room = format!("load-{call}");
        control.ask("room.create", json!({"room": room}))?;
        for side in ["a", "b"] {
            let socket = UdpSocket::bind("127.0.0.1:0")?;
            socket.set_nonblocking(true)?;
            // Different laws on both sides make the engine decode, mix and encode.
            let codec = if arguments.mix && side == "b" {
                json!({"name": "PCMA", "pt": 8})
            } else {
                json!({"name": "PCMU", "pt": 0})
            };
            let local = control.ask(
                "leg.create",
                json!({
                    "leg": format!("{room}-{side}"), "room": room, "kind": "rtp",
                    "codecs": [codec],
                    "remote": {"ip": "127.0.0.1", "port": socket.local_addr()?.port()},
                }),
            )?;
            let port = local["port"].as_u64().unwrap_or(0) as u16;
            let engine = SocketAddr::from(([127, 0, 0, 1], port));
            socket.connect(engine)?;
            peers.push(Peer { socket, engine, sequence: 0, sent: 0, received: 0, probe: false });
        }
        let (a, b) = (format!("{room}-a"), format!("{room}-b"));
        control.ask("room.hear", json!({"room": room, "matrix": {&a: [&b], &b: [&a]}}))?;
        if let Some(directory) = &arguments.record {
            control.ask(
                "record.start",
                json!({
                    "record": format!("{room}-rec"), "room": room, "left": [a], "right": [b],
                    "path": format!("{directory}/{room}.wav"),
                }),
            )?;
        }
    }
    Ok(peers)
}

struct Outcome {
    cpu: f64,
    memory_kb: f64,
    delays: Delays,
    /// How late the generator itself was: its own jitter is in the delays too.
    lateness: Delays,
}

fn run(peers: &mut [Peer], arguments: &Arguments) -> std::io::Result<Outcome> {
    let mut lateness = Delays(vec![0; 1000]);
    let start = Instant::now();
    let probes = start_probes(peers, start)?;
    let turn_time = FRAME / TURNS as u32;
    // The first second is for settling; CPU is counted after it.
    let warm = Duration::from_secs(1);
    let whole = warm + Duration::from_secs(arguments.seconds);
    let mut before = None;
    let mut turn = 0u64;
    while start.elapsed() < whole {
        let due = turn_time * turn as u32;
        let now = start.elapsed();
        if now < due {
            std::thread::sleep(due - now);
        }
        lateness.add(start.elapsed().saturating_sub(due));
        if before.is_none() && start.elapsed() >= warm {
            before = Some((cpu_seconds(arguments.pid), start.elapsed()));
        }
        let offset = turn as usize % TURNS;
        for peer in peers.iter_mut().skip(offset).step_by(TURNS) {
            send(peer, start);
        }
        for peer in peers.iter_mut().skip((offset + TURNS / 4) % TURNS).step_by(TURNS) {
            if !peer.probe {
                receive(peer);
            }
        }
        turn += 1;
    }
    let (cpu_before, at) = before.unwrap_or((0.0, Duration::ZERO));
    let cpu = (cpu_seconds(arguments.pid) - cpu_before) / (start.elapsed() - at).as_secs_f64();
    std::thread::sleep(Duration::from_millis(100));
    probes.stop.store(true, Ordering::Relaxed);
    let (delays, probed) = probes.thread.join().unwrap_or_else(|_| (Delays(vec![0; 1]), 0));
    peers[0].received += probed;
    for peer in peers.iter_mut() {
        receive(peer);
    }
    Ok(Outcome { cpu, memory_kb: memory_kb(arguments.pid), delays, lateness })
}

fn send(peer: &mut Peer, start: Instant) {
    let header = Header {
        marker: false,
        payload_type: 0,
        sequence: peer.sequence,
        timestamp: u32::from(peer.sequence) * PAYLOAD as u32,
        ssrc: u32::from(peer.engine.port()),
    };
    let mut packet = [0x55u8; HEADER_LEN + PAYLOAD];
    packet[..HEADER_LEN].copy_from_slice(&header.to_bytes());
    let now = start.elapsed().as_micros() as u64;
    packet[HEADER_LEN..HEADER_LEN + 8].copy_from_slice(&now.to_be_bytes());
    peer.sequence = peer.sequence.wrapping_add(1);
    if peer.socket.send(&packet).is_ok() {
        peer.sent += 1;
    }
}

/// Counts what has come; its time is unknown.
fn receive(peer: &mut Peer) {
    let mut buffer = [0u8; 1500];
    while let Ok(len) = peer.socket.recv(&mut buffer) {
        peer.received += u64::from(!rtp::looks_like_rtcp(&buffer[..len]));
    }
}

struct Probes {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<(Delays, u64)>,
}

/// A few peers are listened to by a thread that sleeps on their sockets: it knows when packets came.
fn start_probes(peers: &mut [Peer], start: Instant) -> std::io::Result<Probes> {
    let mut sockets = Vec::new();
    let step = (peers.len() / PROBES).max(1);
    for peer in peers.iter_mut().step_by(step).take(PROBES) {
        peer.probe = true;
        sockets.push(peer.socket.try_clone()?);
    }
    let stop = Arc::new(AtomicBool::new(false));
    let ended = stop.clone();
    let thread = std::thread::spawn(move || {
        let (mut delays, mut count) = (Delays(vec![0; 1000]), 0);
        let mut buffer = [0u8; 1500];
        let timeout = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
        while !ended.load(Ordering::Relaxed) {
            let mut fds: Vec<_> =
                sockets.iter().map(|socket| PollFd::new(socket, PollFlags::IN)).collect();
            if poll(&mut fds, Some(&timeout)).is_err() {
                continue;
            }
            for socket in &sockets {
                while let Ok(len) = socket.recv(&mut buffer) {
                    if rtp::looks_like_rtcp(&buffer[..len]) {
                        continue;
                    }
                    count += 1;
                    let Ok(packet) = Packet::parse(&buffer[..len]) else { continue };
                    if let Some(Ok(stamp)) = packet.payload.get(..8).map(<[u8; 8]>::try_from) {
                        let sent = Duration::from_micros(u64::from_be_bytes(stamp));
                        // Mixed audio is no stamp.
                        if sent < Duration::from_secs(100_000) {
                            delays.add(start.elapsed().saturating_sub(sent));
                        }
                    }
                }
            }
        }
        (delays, count)
    });
    Ok(Probes { stop, thread })
}

/// User and system time of a process, all threads, in seconds.
fn cpu_seconds(pid: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name of the process may hold spaces; the fields follow its closing bracket.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|t| t.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / rustix::param::clock_ticks_per_second() as f64
}

fn memory_kb(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or("");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).unwrap_or(0.0)
}
