//! The browsers' socket: the first byte tells STUN, DTLS and RTP apart, and DTLS records reach the handshake. The input
//! is a row of datagrams, each behind its length in two bytes.
#![no_main]

use std::sync::LazyLock;
use std::time::Instant;

use dimpl::{Dtls, Output};
use engine::dtls::Identity;
use libfuzzer_sys::fuzz_target;

static IDENTITY: LazyLock<Identity> = LazyLock::new(|| Identity::new().expect("random bytes"));
/// Datagrams looked at in one input.
const MAX_DATAGRAMS: usize = 16;

/// What DTLS says is taken from it, as the engine does.
fn drain(dtls: &mut Dtls) {
    let mut buffer = [0u8; 2048];
    for _ in 0..64 {
        match dtls.poll_output(&mut buffer) {
            Output::KeyingMaterial(..) => panic!("keys for one who sent random bytes"),
            Output::Timeout(_) | Output::CloseNotify | Output::BufferTooSmall { .. } => return,
            _ => {}
        }
    }
    panic!("DTLS does not stop to speak");
}

fuzz_target!(|bytes: &[u8]| {
    let now = Instant::now();
    let (config, certificate) = (IDENTITY.config.clone(), IDENTITY.certificate.clone());
    let mut dtls = Dtls::new_auto(config, certificate, now);
    dtls.set_active(false);
    if dtls.handle_timeout(now).is_err() {
        return;
    }
    let mut rest = bytes;
    for _ in 0..MAX_DATAGRAMS {
        let Some((length, after)) = rest.split_at_checked(2) else { break };
        let length = usize::from(u16::from_be_bytes([length[0], length[1]])) % 1501;
        let (datagram, after) = after.split_at(length.min(after.len()));
        rest = after;
        match datagram.first() {
            Some(0..=3) => drop(ice::lite::addressee(datagram)),
            Some(20..=63) => {
                if dtls.handle_packet(datagram).is_err() {
                    return;
                }
                drain(&mut dtls);
            }
            Some(128..=191) => drop(rtp::packet::Packet::parse(datagram)),
            _ => {}
        }
    }
});
