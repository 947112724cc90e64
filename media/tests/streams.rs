//! Taps and pushed streams through the process.

mod kit;

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use kit::audio::{found, level, voice};
use kit::peer::{Codec, Peer};
use kit::{Client, Engine};
use netem::Profile;
use serde_json::{Value, json};

fn call(client: &mut Client, a: Codec, b: Codec) -> (Peer, Peer) {
    let (mut a, mut b) = (Peer::new(a), Peer::new(b));
    client.subscribe();
    client.room("r");
    a.join(client, "a", "r", json!({}));
    b.join(client, "b", "r", json!({}));
    client.hear_all("r", &["a", "b"]);
    (a, b)
}

/// A connection that carries the audio of a tap or a play.
struct Stream(BufReader<UnixStream>);

impl Stream {
    fn attach(engine: &Engine, what: &Value) -> Stream {
        let mut socket = UnixStream::connect(engine.path("s")).unwrap();
        socket.set_read_timeout(Some(kit::PATIENCE)).unwrap();
        let mut request = what.clone();
        request["id"] = json!(1);
        request["cmd"] = json!("stream.attach");
        socket.write_all(format!("{request}\n").as_bytes()).unwrap();
        let mut stream = Stream(BufReader::new(socket));
        let mut line = String::new();
        stream.0.read_line(&mut line).unwrap();
        assert!(line.contains("\"ok\""), "{line}");
        stream
    }

    /// Kind, channel and payload of the next frame.
    fn frame(&mut self) -> (u8, u8, Vec<u8>) {
        let mut header = [0; 4];
        self.0.read_exact(&mut header).unwrap();
        let mut payload = vec![0; usize::from(u16::from_be_bytes([header[2], header[3]]))];
        self.0.read_exact(&mut payload).unwrap();
        (header[0], header[1], payload)
    }

    /// What both channels carry until the end.
    fn rest(&mut self) -> [Vec<i16>; 2] {
        let mut sides = [Vec::new(), Vec::new()];
        loop {
            match self.frame() {
                (1, channel, payload) => sides[usize::from(channel)].extend(
                    payload.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])),
                ),
                (3, _, _) => return sides,
                frame => panic!("{frame:?}"),
            }
        }
    }

    fn push(&mut self, samples: &[i16]) {
        for part in samples.chunks(800) {
            let payload: Vec<u8> = part.iter().flat_map(|sample| sample.to_le_bytes()).collect();
            let mut frame = vec![1, 0];
            frame.extend((payload.len() as u16).to_be_bytes());
            frame.extend(payload);
            self.0.get_mut().write_all(&frame).unwrap();
        }
    }
}

#[test]
fn a_tap_carries_what_a_leg_says_and_hears_and_the_call_stays_undecoded() {
    let engine = Engine::start(&[]);
    let mut client = engine.client();
    let (mut a, mut b) = call(&mut client, Codec::Pcmu, Codec::Pcmu);
    let tap = json!({"tap": "t", "leg": "a", "side": "both", "rate": 16000});
    assert_eq!(client.ok("tap.start", tap.clone())["rate"], 16000);
    assert_eq!(client.refused("tap.start", tap), "exists");
    assert_eq!(client.ok("list", json!({}))["taps"], json!([{"tap": "t", "leg": "a"}]));
    let mut stream = Stream::attach(&engine, &json!({"tap": "t"}));
    assert_eq!(client.refused("stream.attach", json!({"tap": "t"})), "exists");
    let samples = voice(1, 1.5, 8000);
    a.speak(samples.clone(), Profile::default());
    b.speak(voice(2, 1.5, 8000), Profile::default());
    b.wait_for_payloads(70);
    client.ok("tap.stop", json!({"tap": "t"}));
    let [says, hears] = stream.rest();
    for (seed, side) in [(1, &says), (2, &hears)] {
        let score = found(&voice(seed, 1.5, 16000), 0.3, side, 16000);
        assert!(score > 0.95, "{seed}: {score}");
    }
    let done = client.event_named("tap.done");
    assert_eq!((&done["reason"], &done["lost_ms"]), (&json!("stopped"), &json!(0)));
    assert_eq!(client.refused("tap.stop", json!({"tap": "t"})), "not_found");
    // The payloads went through as they were.
    let sent = Codec::Pcmu.encode(&samples);
    let first = &b.heard()[20].payload;
    assert!(sent.windows(160).any(|window| window == first));
}

#[test]
fn a_tap_of_a_mixed_ear_has_the_mix() {
    let engine = Engine::start(&[]);
    let mut client = engine.client();
    let (_a, mut b) = call(&mut client, Codec::Pcma, Codec::G722);
    client.ok("tap.start", json!({"tap": "t", "leg": "a", "side": "hears", "rate": 16000}));
    let mut stream = Stream::attach(&engine, &json!({"tap": "t"}));
    b.speak(voice(2, 1.2, 16000), Profile::default());
    std::thread::sleep(Duration::from_millis(1300));
    client.ok("leg.close", json!({"leg": "a"}));
    let [says, hears] = stream.rest();
    assert!(says.is_empty());
    let score = found(&voice(2, 1.2, 16000), 0.3, &hears, 16000);
    assert!(score > 0.9, "{score}");
    assert_eq!(client.event_named("tap.done")["reason"], "leg_closed");
}

#[test]
fn a_client_that_does_not_read_loses_audio_and_the_call_nothing() {
    let engine = Engine::start(&[]);
    let mut client = engine.client();
    let (mut a, b) = call(&mut client, Codec::Pcmu, Codec::Pcmu);
    client.ok("tap.start", json!({"tap": "t", "leg": "a", "side": "both", "rate": 16000}));
    let mut stream = Stream::attach(&engine, &json!({"tap": "t"}));
    a.speak(voice(1, 6.0, 8000), Profile::default());
    b.wait_for_payloads(290);
    let lost = client.ok("leg.stats", json!({"leg": "b"}))["sent"]["failed"].clone();
    assert_eq!(lost, 0);
    assert!(found(&voice(1, 6.0, 8000), 5.0, &b.audio(), 8000) > 0.98);
    // Now the client reads: it is told what it has missed, and goes on.
    let end = Instant::now() + kit::PATIENCE;
    let missed = loop {
        let (kind, _, payload) = stream.frame();
        if kind == 2 {
            break u32::from_be_bytes(payload.try_into().unwrap());
        }
        assert!(Instant::now() < end, "nothing was left out");
    };
    assert!((1000..5000).contains(&missed), "{missed} ms");
    drop(stream);
    assert_eq!(client.event_named("tap.done")["reason"], "detached");
}

#[test]
fn a_robot_pushes_faster_than_it_is_heard_and_the_call_is_ducked_meanwhile() {
    let engine = Engine::start(&[]);
    let mut client = engine.client();
    let (mut a, mut b) = call(&mut client, Codec::Pcmu, Codec::Pcmu);
    let play = |rate: u32| json!({"play": "p", "leg": "a", "what": {"stream": rate}, "over": true, "duck_db": -40});
    assert_eq!(client.refused("play.start", play(11025)), "invalid_argument");
    assert_eq!(client.ok("play.start", play(24000))["duration_ms"], Value::Null);
    let mut stream = Stream::attach(&engine, &json!({"play": "p"}));
    b.speak(voice(2, 4.0, 8000), Profile::default());
    let started = Instant::now();
    // Two seconds at once: one waits in the engine, the other in the connection.
    stream.push(&voice(1, 2.0, 24000));
    assert!(started.elapsed() < Duration::from_millis(1500));
    stream.0.get_mut().write_all(&[3, 0, 0, 0]).unwrap();
    let done = client.event_named("play.done");
    assert_eq!(done["reason"], "ended");
    let ms = done["at_ms"].as_u64().unwrap();
    assert!((1950..2300).contains(&ms), "{done}");
    let heard = a.audio();
    for seconds in [0.2, 1.4] {
        let score = found(&voice(1, 2.0, 8000), seconds, &heard, 8000);
        assert!(score > 0.9, "{seconds}: {score}");
    }
    assert_eq!(stream.frame().0, 3);
    a.speak(voice(1, 0.3, 8000), Profile::default());
    b.wait_for_payloads(5);
}

#[test]
fn a_stopped_play_ends_the_stream_and_a_broken_frame_ends_the_play() {
    let engine = Engine::start(&[]);
    let mut client = engine.client();
    let (a, _b) = call(&mut client, Codec::Pcma, Codec::Pcma);
    let play = |name: &str| json!({"play": name, "leg": "a", "what": {"stream": 8000}});
    client.ok("play.start", play("p"));
    let mut stream = Stream::attach(&engine, &json!({"play": "p"}));
    stream.push(&voice(1, 0.3, 8000));
    a.wait_for_payloads(10);
    client.ok("play.stop", json!({"play": "p"}));
    assert_eq!(stream.frame(), (3, 0, vec![]));
    client.ok("play.start", play("q"));
    let mut stream = Stream::attach(&engine, &json!({"play": "q"}));
    stream.0.get_mut().write_all(&[9, 9, 9, 9]).unwrap();
    let done = client.event(|e| e["event"] == "play.done" && e["play"] == "q");
    assert_eq!(done["reason"], "ended");
    assert_eq!(client.refused("stream.attach", json!({"play": "q"})), "not_found");
    assert!(level(&a.audio()) > 0.0);
}

#[test]
fn commands_of_a_room_that_waits_for_a_file_keep_their_order_and_other_rooms_do_not_wait() {
    let engine = Engine::start(&[]);
    let mut client = engine.client();
    let (_a, _b) = call(&mut client, Codec::Pcma, Codec::Pcma);
    client.room("other");
    // Long enough to be read for a while: three minutes at 48 kHz.
    let path = engine.path("long.wav");
    let mut file = wav::header(wav::Encoding::Pcm16, 1, 48_000, 2 * 180 * 48_000);
    file.resize(file.len() + 2 * 180 * 48_000, 1);
    std::fs::write(&path, file).unwrap();
    let play =
        |name: &str| json!({"play": name, "leg": "a", "what": {"files": [path.to_str().unwrap()]}});
    let start = client.post("play.start", play("p"));
    let stop = client.post("play.stop", json!({"play": "p"}));
    let again = client.post("play.start", play("q"));
    let nobody = client.post("leg.stats", json!({"leg": "a", "x": 1}));
    let elsewhere = client.post("room.close", json!({"room": "other"}));
    let replies: Vec<Value> = (0..5).map(|_| client.reply()).collect();
    let ids: Vec<u64> = replies.iter().map(|reply| reply["id"].as_u64().unwrap()).collect();
    assert_eq!(ids[0], elsewhere, "{replies:?}");
    // A refusal may overtake what a worker does; the worker's own work keeps its order.
    let mut done = ids.clone();
    done.retain(|id| [start, stop, again].contains(id));
    assert_eq!(done, [start, stop, again], "{replies:?}");
    for reply in &replies {
        let refused = reply["error"]["code"] == "invalid_argument";
        assert_eq!(refused, reply["id"] == nobody, "{reply}");
    }
}

#[test]
fn a_missing_file_changes_nothing() {
    let engine = Engine::start(&[]);
    let mut client = engine.client();
    let (_a, _b) = call(&mut client, Codec::Pcma, Codec::Pcma);
    let tone = json!({"play": "t", "leg": "a", "what": {"tone": "dial"}});
    client.ok("play.start", tone);
    let missing = json!({"play": "p", "leg": "a", "what": {"files": ["/missing.wav"]}});
    assert_eq!(client.refused("play.start", missing), "file_unreadable");
    assert_eq!(client.ok("list", json!({}))["plays"][0]["play"], "t");
    client.ok("play.stop", json!({"play": "t"}));
}
