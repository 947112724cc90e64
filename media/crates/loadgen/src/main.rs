//! Load for the media engine: calls of several kinds, sent and received by one thread.
//!
//! With `--peers N` the calls are somebody else's, who learns our ports and tells us the engine's (`calls::introduce`).
//!
//! Theory of operation. Each peer has a connected socket and sends 50 packets a second, in turns of 1 ms,
//! with the time of sending in the payload. What comes is counted; a few peers are listened to by a thread that
//! sleeps on their sockets and tells the delay. The engine's CPU time is read from /proc before and after.

mod browser;
mod calls;
mod control;
mod figures;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use calls::{Kind, Peer, introduce, is_from_a_peer, set_up};
use control::Control;
use figures::{Delays, cpu_seconds, memory_kb, round};
use rtp::packet::Packet;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use serde_json::{Value, json};

const FRAME: Duration = Duration::from_millis(20);
/// Calls are sent in this many turns of each 20 ms, so that load is even.
const TURNS: usize = 20;
/// Peers whose packets are timed.
const PROBES: usize = 8;

struct Arguments {
    control: String,
    calls: usize,
    /// Sides of calls that are set up by somebody else; 0: none.
    peers: usize,
    seconds: u64,
    record: Option<String>,
    kind: Kind,
    pid: u32,
}

fn arguments() -> Option<Arguments> {
    let mut found = Arguments {
        control: String::new(),
        calls: 100,
        peers: 0,
        seconds: 10,
        record: None,
        kind: Kind::Relayed,
        pid: 0,
    };
    let mut rest = std::env::args().skip(1);
    while let Some(name) = rest.next() {
        let value = rest.next()?;
        match name.as_str() {
            "--control" => found.control = value,
            "--peers" => found.peers = value.parse().ok()?,
            "--calls" => found.calls = value.parse().ok()?,
            "--seconds" => found.seconds = value.parse().ok()?,
            "--record" => found.record = (value != "no").then_some(value),
            "--kind" => found.kind = Kind::from_name(&value)?,
            "--pid" => found.pid = value.parse().ok()?,
            _ => return None,
        }
    }
    (found.peers > 0 || !found.control.is_empty()).then_some(found)
}

fn main() -> std::io::Result<()> {
    let Some(arguments) = arguments() else {
        eprintln!(
            "usage: loadgen --control PATH --calls N --seconds N --pid ENGINE [--record DIR|no] \
             [--kind relayed|translated|three-way|browser]\n   or: loadgen --peers N --seconds N --pid ENGINE"
        );
        std::process::exit(2);
    };
    if arguments.peers > 0 {
        let mut peers = introduce(arguments.peers)?;
        let outcome = run(&mut peers, &arguments)?;
        let mut told = figures(&peers, &outcome, arguments.peers / 2);
        told["relayed"] = json!(peers.iter().map(|peer| peer.relayed).sum::<u64>());
        println!("{told}");
        return Ok(());
    }
    let mut control = Control::open(&arguments.control)?;
    control.ask("events.subscribe", json!({}))?;
    let idle_kb = memory_kb(arguments.pid);
    let record = arguments.record.as_deref();
    let (mut peers, setup) = set_up(&mut control, arguments.kind, arguments.calls, record)?;
    let outcome = run(&mut peers, &arguments)?;
    let mut told = figures(&peers, &outcome, arguments.calls);
    told["seconds"] = json!(arguments.seconds);
    told["recorded"] = json!(arguments.record.is_some());
    told["grown_kb_a_call"] =
        json!(round((outcome.memory_kb - idle_kb) / arguments.calls as f64, 1));
    told["leg_setup_p50_ms"] = json!(setup.percentile(0.5));
    told["leg_setup_p99_ms"] = json!(setup.percentile(0.99));
    println!("{told}");
    for call in 0..arguments.calls {
        control.ask("room.close", json!({"room": format!("load-{call}")}))?;
    }
    Ok(())
}

fn figures(peers: &[Peer], outcome: &Outcome, calls: usize) -> Value {
    let (sent, received): (u64, u64) =
        peers.iter().fold((0, 0), |(s, r), peer| (s + peer.sent, r + peer.received));
    json!({
        "calls": calls,
        "engine_cpu_pct": round(outcome.cpu * 100.0, 2),
        "cpu_pct_a_call": round(outcome.cpu * 100.0 / calls as f64, 4),
        "memory_kb_a_call": round(outcome.memory_kb / calls as f64, 1),
        "sent": sent, "received": received,
        "lost_pct": round(100.0 * (1.0 - received as f64 / sent.max(1) as f64), 4),
        "delay_p50_ms": outcome.delays.percentile(0.5),
        "delay_p99_ms": outcome.delays.percentile(0.99),
        "generator_late_p99_ms": outcome.lateness.percentile(0.99),
    })
}

struct Outcome {
    cpu: f64,
    memory_kb: f64,
    delays: Delays,
    /// How late the generator itself was: its own jitter is in the delays too.
    lateness: Delays,
}

fn run(peers: &mut [Peer], arguments: &Arguments) -> std::io::Result<Outcome> {
    let mut lateness = Delays::default();
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
            peer.send(start);
        }
        for peer in peers.iter_mut().skip((offset + TURNS / 4) % TURNS).step_by(TURNS) {
            if !peer.probe {
                peer.receive();
            }
        }
        turn += 1;
    }
    let (cpu_before, at) = before.unwrap_or((0.0, Duration::ZERO));
    let cpu = (cpu_seconds(arguments.pid) - cpu_before) / (start.elapsed() - at).as_secs_f64();
    std::thread::sleep(Duration::from_millis(100));
    probes.stop.store(true, Ordering::Relaxed);
    let (delays, probed, relayed) =
        probes.thread.join().unwrap_or_else(|_| (Delays::default(), 0, 0));
    peers[0].received += probed;
    peers[0].relayed += relayed;
    for peer in peers.iter_mut() {
        peer.receive();
    }
    Ok(Outcome { cpu, memory_kb: memory_kb(arguments.pid), delays, lateness })
}

struct Probes {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<(Delays, u64, u64)>,
}

/// A few peers are listened to by a thread that sleeps on their sockets: it knows when packets came.
fn start_probes(peers: &mut [Peer], start: Instant) -> std::io::Result<Probes> {
    let mut sockets = Vec::new();
    let step = (peers.len() / PROBES).max(1);
    let plain = peers.iter_mut().filter(|peer| peer.is_plain());
    for peer in plain.step_by(step).take(PROBES) {
        peer.probe = true;
        sockets.push(peer.socket.try_clone()?);
    }
    let stop = Arc::new(AtomicBool::new(false));
    let ended = stop.clone();
    let thread = std::thread::spawn(move || {
        let (mut delays, mut count, mut relayed) = (Delays::default(), 0, 0);
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
                    relayed += u64::from(is_from_a_peer(&buffer[..len]));
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
        (delays, count, relayed)
    });
    Ok(Probes { stop, thread })
}
