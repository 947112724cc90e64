//! What a peer may do wrong: counted, dropped, and neither the call nor the engine is harmed.

mod kit;

use std::net::UdpSocket;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use kit::audio::{found, voice};
use kit::peer::{Codec, Heard, Keys, Peer};
use kit::{Client, Engine};
use netem::Profile;
use rtp::packet::Header;
use rtp::rtcp::{Part, ReportBlock, SenderInfo, ntp_middle, ntp_of_unix, write_report};
use serde_json::{Value, json};

fn start() -> (Engine, Client) {
    let engine = Engine::start(&[]);
    let mut client = engine.client();
    client.subscribe();
    (engine, client)
}

fn call(client: &mut Client, room: &str) -> (Peer, Peer) {
    let (mut a, mut b) = (Peer::new(Codec::Pcmu), Peer::new(Codec::Pcmu));
    client.room(room);
    let legs = [format!("{room}-a"), format!("{room}-b")];
    a.join(client, &legs[0], room, json!({}));
    b.join(client, &legs[1], room, json!({}));
    client.hear_all(room, &[&legs[0], &legs[1]]);
    (a, b)
}

fn received(client: &mut Client, leg: &str) -> Value {
    client.ok("leg.stats", json!({"leg": leg}))["received"].clone()
}

fn header(sequence: u16, timestamp: u32, ssrc: u32) -> Header {
    Header { marker: false, payload_type: 0, sequence, timestamp, ssrc }
}

/// One stream whatever its source does.
fn assert_one_stream(heard: &[Heard]) {
    for pair in heard.windows(2) {
        assert_eq!(pair[0].header.ssrc, pair[1].header.ssrc);
        assert_eq!(pair[1].header.sequence.wrapping_sub(pair[0].header.sequence), 1);
    }
}

type Packets = Vec<(Duration, Header, Vec<u8>)>;

/// Speech in packets of 20 ms.
fn speech(samples: &[i16]) -> Packets {
    let payloads = Codec::Pcmu.encode(samples);
    let packet = |(n, payload): (usize, &[u8])| {
        let at = Duration::from_millis(20) * n as u32;
        (at, header(n as u16, 160 * n as u32, 7), payload.to_vec())
    };
    payloads.chunks_exact(160).enumerate().map(packet).collect()
}

#[test]
fn packets_of_a_wrong_ssrc_are_counted_and_not_heard() {
    let (_engine, mut client) = start();
    let (mut a, b) = call(&mut client, "r");
    let samples = voice(1, 1.0, 8000);
    let mut packets = speech(&samples);
    let forged: Packets = packets
        .iter()
        .map(|(at, header, _)| (*at, Header { ssrc: 666, ..*header }, vec![0x01; 160]))
        .collect();
    packets.extend(forged);
    packets.sort_by_key(|packet| packet.0);
    a.send(packets, Profile::default());
    assert_eq!(b.wait_for_payloads(50), Codec::Pcmu.encode(&samples));
    assert_one_stream(&b.heard());
    let figures = received(&mut client, "r-a");
    assert_eq!((&figures["malformed"], &figures["packets"]), (&json!(50), &json!(50)));
}

#[test]
fn jumps_of_sequence_and_timestamp_do_not_reach_the_other_side() {
    let (_engine, mut client) = start();
    let (mut a, b) = call(&mut client, "r");
    let samples = voice(1, 1.6, 8000);
    let mut packets = speech(&samples);
    for (n, (_, header, _)) in packets.iter_mut().enumerate() {
        let (jump, shift) = [(0, 0), (20_000, 7), (50_000, 3_000_000_000), (3, 90_000)][n / 20];
        header.sequence = header.sequence.wrapping_add(jump);
        header.timestamp = header.timestamp.wrapping_add(shift);
    }
    a.send(packets, Profile::default());
    // The first packet of each new numbering is not believed.
    b.wait_for_payloads(76);
    assert_one_stream(&b.heard());
    let heard = b.audio();
    for seconds in [0.0, 0.45, 0.85, 1.25] {
        let start = (seconds * 8000.0) as usize + 480;
        let part = &samples[start..start + 1600];
        let (score, _) = kit::audio::find(part, &heard);
        assert!(score > 0.98, "{seconds}: {score}");
    }
    let figures = received(&mut client, "r-a");
    assert!(figures["loss_pct"].as_f64().unwrap() < 10.0, "{figures}");
}

#[test]
fn repeated_packets_are_heard_once_plain_and_encrypted() {
    let (_engine, mut client) = start();
    let (mut a, b) = call(&mut client, "r");
    let samples = voice(1, 0.6, 8000);
    let twice = speech(&samples).into_iter().flat_map(|packet| [packet.clone(), packet]);
    a.send(twice.collect(), Profile::default());
    assert_eq!(b.wait_for_payloads(30), Codec::Pcmu.encode(&samples));
    assert_eq!(received(&mut client, "r-a")["duplicates"], 30);

    // Under SRTP a replay is not even read (RFC 3711 3.3.2).
    client.room("s");
    let key = |letter: &str| letter.repeat(40);
    let keys = Keys { suite: "AES_CM_128_HMAC_SHA1_80", ours: key("A"), theirs: key("B") };
    let mut c = Peer::with_keys(Codec::Pcmu, keys);
    c.join(&mut client, "c", "s", json!({}));
    let mut context = srtp::Context::from_base64(
        srtp::Suite::from_name("AES_CM_128_HMAC_SHA1_80").unwrap(),
        &key("A"),
    )
    .unwrap();
    for (_, header, payload) in speech(&samples).into_iter().take(10) {
        let mut bytes = header.to_bytes().to_vec();
        bytes.extend(payload);
        let len = bytes.len();
        bytes.resize(len + srtp::MAX_OVERHEAD, 0);
        let len = context.protect_rtp(&mut bytes, len).unwrap();
        for _ in 0..3 {
            c.socket.send_to(&bytes[..len], c.engine.unwrap()).unwrap();
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(50));
    let figures = received(&mut client, "c");
    assert_eq!((&figures["packets"], &figures["unauthenticated"]), (&json!(10), &json!(20)));
}

#[test]
fn garbage_of_every_length_and_giants_are_malformed_and_harm_nothing() {
    let (_engine, mut client) = start();
    let (mut a, b) = call(&mut client, "r");
    let to = a.engine.unwrap();
    let mut sent = 0;
    for n in (0..172).chain([1501, 4000, 9000]) {
        // A true packet cut short, and noise.
        let mut bytes = header(1, 160, 7).to_bytes().to_vec();
        bytes.resize(172.max(n), 0x55);
        bytes.truncate(n);
        if !(12..=1500).contains(&n) {
            sent += u64::from(a.socket.send_to(&bytes, to).is_ok());
        }
        let noise: Vec<u8> = (0..n).map(|i| (i * 31 + n) as u8).collect();
        let _ = a.socket.send_to(&noise, to);
        std::thread::sleep(Duration::from_millis(9));
    }
    let figures = received(&mut client, "r-a");
    assert!(figures["malformed"].as_u64().unwrap() >= sent, "{figures} of {sent}");
    let samples = voice(1, 0.6, 8000);
    a.speak(samples.clone(), Profile::default());
    std::thread::sleep(Duration::from_millis(800));
    assert!(found(&samples, 0.05, &b.audio(), 8000) > 0.98);
    assert_eq!(client.ok("stats", json!({}))["workers"][0]["panics"], 0);
}

#[test]
fn who_sends_ten_times_as_much_is_cut_and_the_next_call_does_not_notice() {
    let (_engine, mut client) = start();
    let (mut loud, _ear) = call(&mut client, "loud");
    let (mut a, b) = call(&mut client, "quiet");
    let flood: Packets = (0..1000u32)
        .map(|n| {
            let at = Duration::from_millis(2) * n;
            (at, header(n as u16, 160 * n, 7), vec![0x30; 160])
        })
        .collect();
    loud.send(flood, Profile::default());
    let samples = voice(1, 2.0, 8000);
    a.speak(samples.clone(), Profile::default());
    assert_eq!(b.wait_for_payloads(100), Codec::Pcmu.encode(&samples));
    assert_one_stream(&b.heard());
    let figures = received(&mut client, "loud-a");
    // 500 a second come, 250 are let in after a burst of 100.
    let flood = figures["flood"].as_u64().unwrap();
    assert!((250..600).contains(&flood), "{figures}");
    assert_eq!(received(&mut client, "quiet-a")["lost"], 0);
}

#[test]
fn the_flood_of_a_stranger_takes_nothing_away_from_the_peer() {
    let (_engine, mut client) = start();
    let (mut a, b) = call(&mut client, "r");
    let place = a.engine.unwrap();
    let flooding = std::thread::spawn(move || {
        let stranger = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        for n in 0..1000u32 {
            let mut packet = header(n as u16, 160 * n, 7).to_bytes().to_vec();
            packet.extend([0x30; 160]);
            stranger.send_to(&packet, place).unwrap();
            std::thread::sleep(Duration::from_millis(2));
        }
    });
    let samples = voice(1, 1.5, 8000);
    a.speak(samples.clone(), Profile::default());
    assert_eq!(b.wait_for_payloads(75), Codec::Pcmu.encode(&samples));
    flooding.join().unwrap();
    let figures = received(&mut client, "r-a");
    assert!(figures["flood"].as_u64().unwrap() > 100, "{figures}");
    assert!(figures["foreign"].as_u64().unwrap() > 100, "{figures}");
    assert_eq!(figures["lost"], 0);
}

#[test]
fn reports_go_both_ways_and_give_the_round_trip_and_the_peers_loss() {
    let (_engine, mut client) = start();
    client.room("r");
    let rtcp = UdpSocket::bind("127.0.0.1:0").unwrap();
    rtcp.set_read_timeout(Some(kit::PATIENCE)).unwrap();
    let port = rtcp.local_addr().unwrap().port();
    let (mut a, mut b) = (Peer::new(Codec::Pcmu), Peer::new(Codec::Pcmu));
    let remote = json!({"remote": {"ip": "127.0.0.1", "port": a.port(), "rtcp_port": port}});
    let local = a.join(&mut client, "a", "r", remote);
    b.join(&mut client, "b", "r", json!({}));
    client.hear_all("r", &["a", "b"]);
    let engine = ("127.0.0.1", local["rtcp_port"].as_u64().unwrap() as u16);
    a.speak(voice(1, 7.0, 8000), Profile::default());
    b.speak(voice(2, 7.0, 8000), Profile::default());

    // Our sender report, of which the engine's receiver report must tell.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let ntp = ntp_of_unix(now.as_secs(), now.subsec_nanos());
    let own = u32::from(a.port());
    let info = SenderInfo { ssrc: own, ntp, timestamp: 160, packets: 1, bytes: 160 };
    let mut bytes = Vec::new();
    write_report(&mut bytes, own, Some(&info), None, "phone");
    std::thread::sleep(Duration::from_millis(100));
    rtcp.send_to(&bytes, engine).unwrap();
    rtcp.send_to(&bytes[..7], engine).unwrap();

    let (sender, block) = report(&rtcp, |block| block.last_sr == ntp_middle(ntp));
    assert_eq!((block.ssrc, block.fraction_lost), (own, 0));
    assert!(block.delay_since_last_sr < 10 * 65_536);
    assert_eq!(u64::from(sender.ssrc), local["ssrc"].as_u64().unwrap());
    assert!(sender.packets > 0);

    // And our receiver report on its sender report, which a peer holds for 30 ms.
    std::thread::sleep(Duration::from_millis(30));
    let ours = ReportBlock {
        ssrc: sender.ssrc,
        cumulative_lost: 3,
        jitter: 80,
        last_sr: ntp_middle(sender.ntp),
        delay_since_last_sr: 0,
        ..ReportBlock::default()
    };
    let mut bytes = Vec::new();
    write_report(&mut bytes, own, None, Some(&ours), "phone");
    rtcp.send_to(&bytes, engine).unwrap();
    let end = Instant::now() + kit::PATIENCE;
    let stats = loop {
        let stats = client.ok("leg.stats", json!({"leg": "a"}));
        if !stats["rtt_ms"].is_null() {
            break stats;
        }
        assert!(Instant::now() < end, "{stats}");
    };
    let rtt = stats["rtt_ms"].as_f64().unwrap();
    assert!((29.0..500.0).contains(&rtt), "{rtt}");
    assert_eq!((&stats["sent"]["lost"], &stats["sent"]["jitter_ms"]), (&json!(3), &json!(10.0)));
    assert!(stats["received"]["malformed"].as_u64().unwrap() >= 1, "{stats}");
}

/// The next sender report with a block that fits.
fn report(socket: &UdpSocket, fits: impl Fn(&ReportBlock) -> bool) -> (SenderInfo, ReportBlock) {
    let mut buffer = [0; 2000];
    loop {
        let len = socket.recv(&mut buffer).unwrap();
        let (mut sender, mut found) = (None, None);
        rtp::rtcp::parse(&buffer[..len], |part| match part {
            Part::Sender(info) => sender = Some(info),
            Part::Report { block, .. } if fits(&block) => found = Some(block),
            _ => {}
        })
        .unwrap();
        if let (Some(sender), Some(found)) = (sender, found) {
            return (sender, found);
        }
    }
}
