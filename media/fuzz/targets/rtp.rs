//! RTP packets and telephone-events: nothing is read outside the datagram, and a header that was read is written back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rtp::packet::Packet;

fuzz_target!(|bytes: &[u8]| {
    let _ = rtp::looks_like_rtcp(bytes);
    if let Some(event) = rtp::event::TelephoneEvent::parse(bytes) {
        assert_eq!(rtp::event::TelephoneEvent::parse(&event.to_bytes()).is_some(), true);
    }
    let Ok(packet) = Packet::parse(bytes) else { return };
    assert!(packet.header_len + packet.payload.len() <= bytes.len());
    let mut again = packet.header.to_bytes().to_vec();
    again.extend_from_slice(packet.payload);
    if again.len() <= rtp::MAX_PACKET {
        let second = Packet::parse(&again).expect("what we wrote can be read");
        assert_eq!(second.header.to_bytes(), packet.header.to_bytes());
        assert_eq!(second.payload, packet.payload);
    }
});
