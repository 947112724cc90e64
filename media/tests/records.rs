//! Recordings, digits, detection and life without a client, through the process.

mod kit;

use kit::audio::{found, level, voice};
use kit::peer::{Codec, Peer};
use kit::{Client, Engine, read_wav};
use netem::Profile;
use rtp::event::TelephoneEvent;
use rtp::packet::Header;
use rustix::process::Signal;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::time::Duration;

fn start(options: &[&str]) -> (Engine, Client) {
    let engine = Engine::start(options);
    let mut client = engine.client();
    client.subscribe();
    (engine, client)
}

fn call(client: &mut Client, a: Codec, b: Codec) -> (Peer, Peer) {
    let (mut a, mut b) = (Peer::new(a), Peer::new(b));
    client.room("r");
    a.join(client, "a", "r", json!({}));
    b.join(client, "b", "r", json!({}));
    client.hear_all("r", &["a", "b"]);
    (a, b)
}

fn record(engine: &Engine, client: &mut Client, name: &str, format: &str) -> std::path::PathBuf {
    let path = engine.path(name);
    client.ok(
        "record.start",
        json!({
            "record": name, "room": "r", "path": path.to_str().unwrap(), "format": format,
            "left": ["a"], "right": ["b"],
        }),
    );
    path
}

fn sha256(path: &std::path::Path) -> String {
    let digest = Sha256::digest(std::fs::read(path).unwrap());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn each_side_is_in_its_channel_and_the_hash_is_that_of_the_file() {
    let (engine, mut client) = start(&[]);
    let (mut a, mut b) = call(&mut client, Codec::Pcmu, Codec::G722);
    let formats = ["pcm16", "mulaw", "alaw"];
    let paths: Vec<_> =
        formats.iter().map(|format| record(&engine, &mut client, format, format)).collect();
    a.speak(voice(1, 2.0, 8000), Profile::default());
    b.speak(voice(2, 2.0, 16000), Profile::default());
    std::thread::sleep(Duration::from_millis(2200));
    for format in formats {
        client.ok("record.stop", json!({"record": format}));
    }
    for (format, path) in formats.iter().zip(&paths) {
        let done = client.event(|e| e["event"] == "record.done" && e["record"] == *format);
        assert_eq!(done["reason"], "stopped");
        assert_eq!(done["sha256"], sha256(path));
        assert_eq!(done["bytes"], std::fs::metadata(path).unwrap().len());
        let (rate, left, right) = read_wav(path);
        assert_eq!(rate, 8000);
        let ms = done["duration_ms"].as_u64().unwrap();
        assert!((2100..4000).contains(&ms) && left.len() as u64 / 8 == ms, "{done}");
        for seconds in [0.2, 1.2] {
            let own = found(&voice(1, 2.0, 8000), seconds, &left, 8000);
            let other = found(&voice(2, 2.0, 8000), seconds, &right, 8000);
            assert!(own > 0.97 && other > 0.93, "{format}: {own} {other}");
        }
    }
}

#[test]
fn a_pause_for_card_data_is_silence_with_marks() {
    let (engine, mut client) = start(&[]);
    let (mut a, b) = call(&mut client, Codec::Pcmu, Codec::Pcmu);
    let path = record(&engine, &mut client, "rec", "pcm16");
    a.speak(voice(1, 3.0, 8000), Profile::default());
    b.wait_for_payloads(50);
    let paused = client.ok("record.pause", json!({"record": "rec"}))["at_ms"].as_u64().unwrap();
    b.wait_for_payloads(100);
    let resumed = client.ok("record.resume", json!({"record": "rec"}))["at_ms"].as_u64().unwrap();
    b.wait_for_payloads(150);
    client.ok("record.stop", json!({"record": "rec"}));
    let done = client.event_named("record.done");
    let marks = json!([
        {"at_ms": paused, "kind": "pause"}, {"at_ms": resumed, "kind": "resume"},
    ]);
    assert_eq!(done["marks"], marks);
    let (_, left, _) = read_wav(&path);
    let part = |from: u64, to: u64| &left[from as usize * 8..to as usize * 8];
    assert_eq!(level(part(paused + 30, resumed - 30)), 0.0);
    assert!(level(part(200, paused - 30)) > 500.0);
    assert!(level(part(resumed + 30, resumed + 800)) > 500.0);
}

#[test]
fn kill_9_loses_at_most_a_second_and_the_file_opens() {
    let (mut engine, mut client) = start(&[]);
    let (mut a, b) = call(&mut client, Codec::Pcmu, Codec::Pcmu);
    let path = record(&engine, &mut client, "rec", "pcm16");
    a.speak(voice(1, 4.0, 8000), Profile::default());
    b.wait_for_payloads(150);
    engine.child.kill().unwrap();
    engine.wait();
    let (_, left, _) = read_wav(&path);
    assert!(left.len() >= 2 * 8000, "{} ms of 3,000", left.len() / 8);
    assert!(found(&voice(1, 4.0, 8000), 1.0, &left, 8000) > 0.98);
}

#[test]
fn sigterm_finishes_recordings_and_tells_the_client() {
    let (mut engine, mut client) = start(&[]);
    let (mut a, b) = call(&mut client, Codec::Pcmu, Codec::Pcmu);
    let path = record(&engine, &mut client, "rec", "pcm16");
    a.speak(voice(1, 0.6, 8000), Profile::default());
    b.wait_for_payloads(25);
    engine.signal(Signal::TERM);
    let done = client.event_named("record.done");
    assert_eq!(client.event_named("leg.closed")["reason"], "shutdown");
    assert_eq!(engine.wait(), Some(0));
    assert_eq!(done["sha256"], sha256(&path));
}

#[test]
fn a_recording_outlives_a_transfer_to_another_room() {
    let (engine, mut client) = start(&[]);
    let (mut a, b) = call(&mut client, Codec::Pcmu, Codec::Pcmu);
    let path = record(&engine, &mut client, "rec", "pcm16");
    a.speak(voice(1, 2.0, 8000), Profile::default());
    b.wait_for_payloads(30);
    client.ok("room.create", json!({"room": "two", "near": "r"}));
    client.ok("leg.move", json!({"leg": "a", "room": "two"}));
    let update = json!({"record": "rec", "room": "two", "left": ["a"], "right": []});
    client.ok("record.update", update);
    client.ok("room.close", json!({"room": "r"}));
    std::thread::sleep(Duration::from_millis(1600));
    client.ok("room.close", json!({"room": "two"}));
    let done = client.event_named("record.done");
    assert_eq!(done["reason"], "room_closed");
    let (_, left, _) = read_wav(&path);
    // What was spoken before the record began is not in it.
    for seconds in [0.1, 1.2] {
        let score = found(&voice(1, 2.0, 8000), seconds, &left, 8000);
        assert!(score > 0.95, "{seconds}: {score}");
    }
}

#[test]
fn a_full_disk_ends_the_recording_and_the_call_goes_on() {
    let (engine, mut client) = start(&[]);
    let (mut a, b) = call(&mut client, Codec::Pcmu, Codec::Pcmu);
    // The process may write no file longer than this: 0.6 s of the recording.
    let pid = rustix::process::Pid::from_raw(engine.child.id() as i32);
    let limit = rustix::process::Rlimit { current: Some(20_000), maximum: Some(20_000) };
    rustix::process::prlimit(pid, rustix::process::Resource::Fsize, limit).unwrap();
    let path = record(&engine, &mut client, "rec", "pcm16");
    a.speak(voice(1, 3.0, 8000), Profile::default());
    b.wait_for_payloads(10);
    client.ok("record.pause", json!({"record": "rec"}));
    client.ok("record.resume", json!({"record": "rec"}));
    let done = client.event_named("record.done");
    assert_eq!(done["reason"], "disk_full");
    assert_eq!(done["marks"].as_array().unwrap().len(), 2);
    assert_eq!(done["bytes"], std::fs::metadata(&path).unwrap().len());
    assert_eq!(done["sha256"], sha256(&path));
    let (_, left, _) = read_wav(&path);
    assert!(left.len() <= 5000);
    let before = b.heard().len();
    b.wait_for_payloads(before + 40);
    assert_eq!(client.refused("record.stop", json!({"record": "rec"})), "not_found");
    let lost = client.ok("leg.close", json!({"leg": "a"}))["received"]["lost"].clone();
    assert_eq!(lost, 0);
}

#[test]
fn a_path_that_exists_or_cannot_be_made_is_refused() {
    let (engine, mut client) = start(&[]);
    client.room("r");
    let fields =
        |path: &str| json!({"record": "x", "room": "r", "path": path, "left": [], "right": []});
    let taken = engine.path("taken.wav");
    std::fs::write(&taken, b"mine").unwrap();
    assert_eq!(client.refused("record.start", fields(taken.to_str().unwrap())), "file_exists");
    assert_eq!(std::fs::read(&taken).unwrap(), b"mine");
    let nowhere = engine.path("no/such/dir.wav");
    let refused = client.refused("record.start", fields(nowhere.to_str().unwrap()));
    assert_eq!(refused, "file_unreadable");
    let free = engine.path("free.wav");
    let mut wrong_leg = fields(free.to_str().unwrap());
    wrong_leg["left"] = json!(["nobody"]);
    assert_eq!(client.refused("record.start", wrong_leg), "not_found");
    assert!(!free.exists());
    client.ok("record.start", fields(free.to_str().unwrap()));
}

/// Packets of presses of 100 ms, as a phone sends them (RFC 4733).
fn presses(events: &[u8]) -> Vec<(Duration, Header, Vec<u8>)> {
    let mut packets = Vec::new();
    for (press, event) in events.iter().enumerate() {
        for n in 0..6u16 {
            let end = n >= 4;
            let event =
                TelephoneEvent { event: *event, end, volume: 10, duration: 160 * (n + 1).min(5) };
            let number = press as u16 * 6 + n;
            let header = Header {
                marker: n == 0,
                payload_type: 101,
                sequence: number,
                timestamp: 8000 * press as u32,
                ssrc: 7,
            };
            let at = Duration::from_millis(u64::from(number) * 20);
            packets.push((at, header, event.to_bytes().to_vec()));
        }
    }
    packets
}

/// The digits in the event packets that a peer got.
fn digits_heard(peer: &Peer) -> String {
    let mut receiver = rtp::event::EventReceiver::default();
    let mut read = String::new();
    for packet in peer.heard().iter().filter(|p| p.header.payload_type == 101) {
        let event = TelephoneEvent::parse(&packet.payload).unwrap();
        let press = receiver.on_packet(packet.header.timestamp, event);
        read.extend(press.map(|press| press.digit));
    }
    read
}

#[test]
fn digits_reach_every_ear_while_mixing_as_events_or_as_tones() {
    let (_engine, mut client) = start(&[]);
    let (mut a, b) = call(&mut client, Codec::Pcmu, Codec::Pcma);
    let mut c = Peer::new(Codec::Pcmu);
    c.join(&mut client, "c", "r", json!({"dtmf_pt": null}));
    let mut deaf = Peer::new(Codec::Pcmu);
    deaf.join(&mut client, "d", "r", json!({}));
    let matrix = json!({"a": ["b", "c"], "b": ["a", "c"], "c": ["a", "b"], "d": ["b"]});
    client.ok("room.hear", json!({"room": "r", "matrix": matrix}));
    a.send(presses(&[4, 10, 2]), Profile::default());
    let end = std::time::Instant::now() + kit::PATIENCE;
    while digits_heard(&b) != "4*2" && std::time::Instant::now() < end {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(digits_heard(&b), "4*2");
    std::thread::sleep(Duration::from_millis(300));
    let mut detector = dtmf::detect::Detector::new();
    let mut inband = String::new();
    detector.feed(&c.audio(), |press| inband.push(press.digit));
    assert_eq!(inband, "4*2");
    assert!(digits_heard(&deaf).is_empty() && digits_heard(&a).is_empty());
    // Nobody asked for them: the client hears of the presses only.
    assert!(client.events.iter().all(|event| event["event"] != "dtmf.sent"));
}

#[test]
fn a_peer_without_events_gets_tones_for_a_moment_and_then_payloads_as_they_are() {
    let (_engine, mut client) = start(&[]);
    client.room("r");
    let (mut a, mut b) = (Peer::new(Codec::Pcmu), Peer::new(Codec::Pcmu));
    a.join(&mut client, "a", "r", json!({}));
    b.join(&mut client, "b", "r", json!({"dtmf_pt": null}));
    client.hear_all("r", &["a", "b"]);
    a.send(presses(&[7]), Profile::default());
    client.event_named("dtmf");
    std::thread::sleep(Duration::from_millis(400));
    let mut detector = dtmf::detect::Detector::new();
    let mut inband = String::new();
    detector.feed(&b.audio(), |press| inband.push(press.digit));
    assert_eq!(inband, "7");
    let samples = voice(1, 0.8, 8000);
    let sent = Codec::Pcmu.encode(&samples);
    a.speak(samples, Profile::default());
    std::thread::sleep(Duration::from_millis(900));
    let last = b.heard().pop().unwrap();
    assert!(sent.windows(160).any(|window| window == last.payload));
}

#[test]
fn digits_are_reported_and_passed_on() {
    let (_engine, mut client) = start(&[]);
    let (mut a, b) = call(&mut client, Codec::Pcmu, Codec::Pcmu);
    let packets = presses(&[5, 11]);
    a.send(packets, Profile::default());
    for digit in ["5", "#"] {
        let event = client.event(|e| e["event"] == "dtmf" && e["digit"] == digit);
        assert_eq!((&event["leg"], &event["method"]), (&json!("a"), &json!("rfc4733")));
        assert_eq!(event["duration_ms"], 100);
    }
    let events = || b.heard().into_iter().filter(|p| p.header.payload_type == 101).count();
    let end = std::time::Instant::now() + kit::PATIENCE;
    while events() < 12 && std::time::Instant::now() < end {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(events(), 12);
}

#[test]
fn sent_digits_are_read_by_the_peer_in_both_ways() {
    let (_engine, mut client) = start(&[]);
    let (a, mut b) = call(&mut client, Codec::Pcmu, Codec::Pcmu);
    b.speak(voice(1, 0.2, 8000), Profile::default());
    client.ok("dtmf.send", json!({"leg": "a", "digits": "12#"}));
    client.event_named("dtmf.sent");
    assert_eq!(digits_heard(&a), "12#");
    client.events.clear();
    client.ok("dtmf.send", json!({"leg": "a", "digits": "0*D", "method": "inband"}));
    client.event_named("dtmf.sent");
    std::thread::sleep(Duration::from_millis(50));
    let mut detector = dtmf::detect::Detector::new();
    let mut inband = String::new();
    detector.feed(&a.audio(), |press| inband.push(press.digit));
    assert_eq!(inband, "0*D");
}

#[test]
fn digits_in_the_audio_and_talking_are_found() {
    let (_engine, mut client) = start(&[]);
    let (mut a, _b) = call(&mut client, Codec::Pcmu, Codec::Pcmu);
    client.ok("detect.set", json!({"leg": "a", "dtmf_inband": true, "talk": true}));
    let mut samples = Vec::new();
    for digit in "42".chars() {
        let mut tone = dtmf::generate::Tone::new(digit, 8000, 100, -10.0).unwrap();
        let mut part = vec![0; 1600];
        tone.fill(&mut part);
        samples.extend(part);
    }
    samples.extend(vec![0; 8000]);
    a.speak(samples, Profile::default());
    for digit in ["4", "2"] {
        let event = client.event(|e| e["event"] == "dtmf" && e["digit"] == digit);
        assert_eq!(event["method"], "inband");
    }
    client.event_named("talk.start");
    client.event_named("talk.stop");
}

#[test]
fn an_announcement_with_a_beep_is_a_machine() {
    let (_engine, mut client) = start(&[]);
    let (mut a, _b) = call(&mut client, Codec::Pcma, Codec::Pcma);
    client.ok("detect.set", json!({"leg": "a", "machine": true, "beep": true}));
    let mut samples = voice(3, 2.8, 8000);
    let w = std::f32::consts::TAU * 1000.0 / 8000.0;
    samples.extend([0; 1600]);
    samples.extend((0..2400).map(|n| (9000.0 * (w * n as f32).sin()) as i16));
    samples.extend([0; 3200]);
    a.speak(samples, Profile::default());
    let machine = client.event_named("machine");
    assert_eq!((&machine["leg"], &machine["verdict"]), (&json!("a"), &json!("machine")));
    assert!(machine["confidence"].as_f64().unwrap() > 0.8, "{machine}");
    let beep = client.event(|e| e["event"] == "beep" && e["frequency"].as_u64() > Some(990));
    assert!((985..=1015).contains(&beep["frequency"].as_u64().unwrap()), "{beep}");
    assert!((240..=360).contains(&beep["duration_ms"].as_u64().unwrap()), "{beep}");
}

#[test]
fn a_client_that_comes_back_misses_no_event_and_finds_its_calls() {
    let (engine, mut client) = start(&["--grace-seconds", "20"]);
    let hello = client.ok("hello", json!({}));
    let (mut a, b) = call(&mut client, Codec::Pcmu, Codec::Pcmu);
    a.speak(voice(1, 1.5, 8000), Profile::default());
    let first = client.event_named("media.first");
    drop(client);
    let before = b.wait_for_payloads(20).len();
    let mut client = engine.client();
    assert_eq!(client.ok("hello", json!({}))["engine"], hello["engine"]);
    client.ok("events.subscribe", json!({"after": first["seq"].as_u64().unwrap() - 1}));
    assert_eq!(client.event_named("media.first"), first);
    let list = client.ok("list", json!({}));
    assert_eq!(list["rooms"][0]["legs"], json!(["a", "b"]));
    assert!(b.wait_for_payloads(60).len() > before);
    client.ok("leg.close", json!({"leg": "a"}));
    let closed = client.event_named("leg.closed");
    assert!(closed["stats"]["received"]["packets"].as_u64().unwrap() >= 60, "{closed}");
    let seqs: Vec<u64> = client.events.iter().map(|e| e["seq"].as_u64().unwrap()).collect();
    assert!(seqs.windows(2).all(|pair| pair[1] == pair[0] + 1), "{seqs:?}");
}

#[test]
fn calls_without_a_client_end_after_the_grace_time() {
    let (engine, mut client) = start(&["--grace-seconds", "1"]);
    let (_a, _b) = call(&mut client, Codec::Pcmu, Codec::Pcmu);
    let last = client.ok("hello", json!({}))["events"]["last"].as_u64().unwrap();
    drop(client);
    std::thread::sleep(Duration::from_millis(2600));
    let mut client = engine.client();
    client.ok("events.subscribe", json!({"after": last}));
    let closed = client.event_named("leg.closed");
    assert_eq!(closed["reason"], "abandoned");
    assert_eq!(client.ok("list", json!({}))["rooms"], json!([]));
}

#[test]
fn a_silent_peer_is_reported_once_and_again_when_it_is_back() {
    let (_engine, mut client) = start(&[]);
    client.room("r");
    let mut a = Peer::new(Codec::Pcma);
    a.join(&mut client, "a", "r", json!({"media_timeout_ms": 600}));
    a.speak(voice(1, 0.2, 8000), Profile::default());
    client.event_named("media.timeout");
    a.speak(voice(1, 0.2, 8000), Profile::default());
    client.event_named("media.resumed");
    let timeouts = client.events.iter().filter(|e| e["event"] == "media.timeout").count();
    assert_eq!(timeouts, 1);
}

#[test]
fn tones_end_or_go_on_and_a_second_play_replaces_the_first() {
    let (_engine, mut client) = start(&[]);
    client.room("r");
    let mut a = Peer::new(Codec::Pcma);
    a.join(&mut client, "a", "r", json!({}));
    let ring = json!({"tone": "ringback", "country": "RO"});
    client.ok("play.start", json!({"play": "ring", "leg": "a", "what": ring}));
    std::thread::sleep(Duration::from_millis(300));
    assert!(level(&a.audio()) > 1500.0);
    let beep =
        client.ok("play.start", json!({"play": "beep", "leg": "a", "what": {"tone": "beep"}}));
    assert_eq!(beep["duration_ms"], 300);
    let reason = |client: &mut Client, play: &str| {
        client.event(|e| e["event"] == "play.done" && e["play"] == play)["reason"].clone()
    };
    assert_eq!(reason(&mut client, "ring"), "replaced");
    assert_eq!(reason(&mut client, "beep"), "ended");
    assert_eq!(client.refused("play.stop", json!({"play": "beep"})), "not_found");
}
