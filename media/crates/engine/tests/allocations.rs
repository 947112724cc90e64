//! In the steady state of a call no packet costs an allocation.

#[path = "../src/worker/tests/kit.rs"]
mod kit;

use std::time::{Duration, Instant};

use allocount::Counting;
use engine::worker::work::Work;
use kit::{Bench, Phone, id};
use serde_json::json;

#[global_allocator]
static COUNTING: Counting = Counting;

/// 150 packets a leg.
const TALK: Duration = Duration::from_secs(3);

fn worker_thread() -> i32 {
    for entry in std::fs::read_dir("/proc/self/task").unwrap().flatten() {
        let name = std::fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
        if name.trim() == "worker-0" {
            return entry.file_name().to_string_lossy().parse().unwrap();
        }
    }
    panic!("no worker");
}

/// Both talk for `time`, a packet each 20 ms; the number of packets.
fn talk(a: &mut Phone, b: &mut Phone, time: Duration) -> u64 {
    let started = Instant::now();
    let mut packets = 0;
    while started.elapsed() < time {
        a.say(0x20);
        b.say(0x21);
        packets += 2;
        let next = Duration::from_millis(20) * (packets / 2) as u32;
        std::thread::sleep(next.saturating_sub(started.elapsed()));
    }
    packets
}

/// Allocations of the worker while two legs talk, and their packets.
fn measure(codec_of_b: &str, record: bool) -> (u64, u64) {
    let mut bench = Bench::new();
    bench.room("r");
    let pt = if codec_of_b == "PCMU" { 0 } else { 8 };
    let codecs = json!({"codecs": [{"name": codec_of_b, "pt": pt}, {"name": "PCMU", "pt": 1}]});
    let mut a = bench.phone("a", "r", &json!({}));
    let mut b = bench.phone("b", "r", &codecs);
    b.payload_type = pt;
    bench.hear("r", &json!({"a": ["b"], "b": ["a"]}));
    let path = std::env::temp_dir().join(format!("cm-alloc-{}.wav", std::process::id()));
    if record {
        bench.record("rec", "r", path.to_str().unwrap(), &["a"], &["b"]);
    }
    // The first second fills buffers and finds its rhythm.
    talk(&mut a, &mut b, Duration::from_secs(1));
    allocount::watch(worker_thread());
    let packets = talk(&mut a, &mut b, TALK);
    let count = allocount::count();
    allocount::watch(0);
    let stats = bench.ask(Work::LegStats { leg: id("b") }).unwrap();
    assert!(stats["sent"]["packets"].as_u64().unwrap() * 2 >= packets, "{stats}");
    let _ = std::fs::remove_file(path);
    (count, packets)
}

#[test]
fn a_call_allocates_nothing_for_its_packets() {
    let (relayed, packets) = measure("PCMU", false);
    let (recorded, _) = measure("PCMU", true);
    let (mixed, _) = measure("PCMA", false);
    println!(
        "{packets} packets: relayed {relayed}, recorded {recorded}, mixed {mixed} allocations"
    );
    assert_eq!(relayed, 0);
    assert_eq!(mixed, 0);
    // Each half second of a recording is handed to the writer in a piece of its own, whatever the packets.
    assert!(recorded <= 2 * TALK.as_secs() + 2, "{recorded}");
}
