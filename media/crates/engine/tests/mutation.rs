//! Every parser that reads what others send, under random changes of sound inputs for a bounded time.
//!
//! Not a coverage-guided fuzzer: it runs on every build, in about a second a parser, with another seed each day
//! (`MUTATION_SEED` repeats a run). What it must show: no panic, no endless loop, no input accepted that lies
//! about its own length.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use netem::Random;

const TIME: Duration = Duration::from_millis(800);

fn seed() -> u64 {
    let day = || {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        now.as_secs() / 86_400
    };
    std::env::var("MUTATION_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(day)
}

fn mutate(random: &mut Random, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut pick = |n: usize| (random.next_u64() % n.max(1) as u64) as usize;
    let mut bytes = seeds[pick(seeds.len())].clone();
    for _ in 0..=pick(6) {
        let at = pick(bytes.len());
        match pick(7) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << pick(8),
            1 if !bytes.is_empty() => bytes[at] = [0, 1, 0x7f, 0x80, 0xff][pick(5)],
            2 => bytes.truncate(at),
            3 => bytes.insert(at, pick(256) as u8),
            4 if !bytes.is_empty() => drop(bytes.remove(at)),
            5 => bytes.extend_from_within(at.min(bytes.len())..),
            _ => bytes.extend((0..pick(40)).map(|n| n as u8)),
        }
        bytes.truncate(4096);
    }
    bytes
}

/// Feeds changed seeds to `parser` until the time is up.
fn run(seeds: &[Vec<u8>], mut parser: impl FnMut(&[u8])) {
    let mut random = Random::new(seed());
    let end = Instant::now() + TIME;
    let mut count = 0u64;
    while Instant::now() < end {
        for _ in 0..100 {
            parser(&mutate(&mut random, seeds));
            count += 1;
        }
    }
    assert!(count >= 1000, "only {count} inputs");
}

fn rtp_packet() -> Vec<u8> {
    let header =
        rtp::packet::Header { marker: true, payload_type: 0, sequence: 9, timestamp: 160, ssrc: 7 };
    let mut bytes = header.to_bytes().to_vec();
    bytes.extend([0xff; 40]);
    bytes
}

fn rtcp_packet() -> Vec<u8> {
    let mut bytes = Vec::new();
    let block = rtp::rtcp::ReportBlock::default();
    let info = rtp::rtcp::SenderInfo { ssrc: 1, ntp: 2, timestamp: 3, packets: 4, bytes: 5 };
    rtp::rtcp::write_report(&mut bytes, 1, Some(&info), Some(&block), "name");
    rtp::rtcp::write_bye(&mut bytes, 1);
    bytes
}

#[test]
fn rtp() {
    let mut extended = rtp_packet();
    extended[0] = 0xb2;
    run(&[rtp_packet(), extended], |bytes| {
        if let Ok(packet) = rtp::packet::Packet::parse(bytes) {
            assert!(packet.header_len + packet.payload.len() <= bytes.len());
        }
        let _ = rtp::event::TelephoneEvent::parse(bytes);
    });
}

#[test]
fn rtcp() {
    run(&[rtcp_packet()], |bytes| {
        let mut parts = 0;
        let _ = rtp::rtcp::parse(bytes, |_| parts += 1);
        assert!(parts <= bytes.len() / 4 + 1);
    });
}

#[test]
fn srtp() {
    for suite in [srtp::Suite::AesCm128HmacSha1_80, srtp::Suite::AeadAes256Gcm] {
        let key = vec![7; suite.key_len() + suite.salt_len()];
        let mut context = srtp::Context::new(suite, &key).unwrap();
        run(&[rtp_packet(), rtcp_packet()], |bytes| {
            assert!(context.unprotect_rtp(&mut bytes.to_vec()).is_err());
            assert!(context.unprotect_rtcp(&mut bytes.to_vec()).is_err());
        });
    }
}

#[test]
fn stun() {
    let mut request = Vec::new();
    ice::stun::write_request(&[1; 12], "ours:them", "secret", true, &mut request);
    let original = request.clone();
    run(&[request], |bytes| {
        if let Some(request) = ice::stun::Request::parse(bytes) {
            assert!(!request.is_genuine("secret") || bytes == original);
        }
    });
}

#[test]
fn wav() {
    let mut file = wav::header(wav::Encoding::Ulaw, 2, 8000, 64);
    file.extend([0x55; 64]);
    let mut pcm = wav::header(wav::Encoding::Pcm16, 1, 16000, 64);
    pcm.extend([1; 64]);
    run(&[file, pcm], |bytes| {
        if let Ok(sound) = wav::read(bytes) {
            assert!(sound.samples.len() <= bytes.len());
        }
    });
}

#[test]
fn control_lines_and_commands() {
    let seeds: Vec<Vec<u8>> = [
        r#"{"room":"r","matrix":{"a":["b",{"mouth":"c","gain_db":-6}]}}"#,
        r#"{"leg":"a","room":"r","kind":"rtp","codecs":[{"name":"PCMU","pt":0}],"dtmf_pt":101,
            "remote":{"ip":"127.0.0.1","port":4000},"nat":"any","direction":"sendrecv"}"#,
        r#"{"play":"p","leg":"a","what":{"files":["/x.wav"],"repeat":2},"gain_db":3,"over":true}"#,
        r#"{"record":"x","room":"r","path":"/x","left":["a"],"right":[],"format":"mulaw"}"#,
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect();
    let mut cutter = engine::control::lines::LineCutter::default();
    run(&seeds, |bytes| {
        cutter.feed(bytes, |_| {});
        let Ok(value) = serde_json::from_slice::<serde_json::Value>(bytes) else { return };
        let _ = serde_json::from_value::<engine::api::RoomHear>(value.clone());
        let _ = serde_json::from_value::<engine::api::LegFields>(value.clone());
        let _ = serde_json::from_value::<engine::api::PlayStart>(value.clone());
        let _ = serde_json::from_value::<engine::api::RecordStart>(value);
    });
}

#[test]
fn frames_of_streams() {
    use engine::streams::frame;
    let mut bytes = Vec::new();
    frame::write_audio(&mut bytes, 0, &[1, 2, 3]);
    frame::write_end(&mut bytes);
    run(&[bytes], |bytes| {
        let mut rest = bytes;
        loop {
            let mut samples = 0;
            match frame::read(rest, |_| samples += 1) {
                Ok((frame::Read::Audio, used)) => {
                    assert_eq!(used, frame::HEADER + 2 * samples);
                    rest = &rest[used..];
                }
                Ok((frame::Read::End, used)) => rest = &rest[used..],
                Ok((frame::Read::Incomplete, used)) => {
                    assert_eq!((used, samples), (0, 0));
                    break;
                }
                Err(frame::Malformed(_)) => break,
            }
        }
    });
}

#[test]
fn fingerprints() {
    let text = format!("sha-256 {}", ["AB"; 32].join(":"));
    run(&[text.into_bytes()], |bytes| {
        if let Ok(text) = std::str::from_utf8(bytes) {
            let _ = engine::dtls::read_fingerprint(text);
        }
    });
}

#[test]
fn jitter_buffer_and_recording_axis_take_any_numbers() {
    let mut random = Random::new(seed());
    let mut playout = jitter::playout::Playout::new(8000, 8000, 20, 200);
    let mut axis = timeline::Axis::new(8000);
    let mut track = timeline::Track::default();
    let (mut now, mut out) = (0u64, Vec::new());
    let end = Instant::now() + TIME;
    while Instant::now() < end {
        let wild = random.next_u64();
        now += wild % 400;
        let near = (now as u32).wrapping_add(wild as u32 % 2000);
        let timestamp = if wild.is_multiple_of(50) { (wild >> 20) as u32 } else { near };
        let payload = vec![0x55; (wild >> 30) as usize % 500];
        playout.buffer.insert((wild >> 8) as u16 % 300, timestamp, &payload, now);
        let samples = vec![100; payload.len()];
        axis.write(
            0,
            &mut track,
            1 + u32::from(wild.is_multiple_of(500)),
            timestamp,
            &samples,
            now as i64,
        );
        let mut frame = [0; 160];
        playout.fill(now, &mut frame, |payload, _| payload.len());
        out.clear();
        axis.flush(now as i64 - 2400, &mut out);
    }
}
