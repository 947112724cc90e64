//! SRTP and SRTCP: the input as a packet from the wire, and the input as changes of a genuine packet. Neither is let
//! through, except a genuine packet without a change, once.
//!
//! The key follows from the whole input. With one key for all inputs the fuzzer watches the comparison of the tags and
//! learns in seconds to write the right one.
#![no_main]

use std::hash::{DefaultHasher, Hash, Hasher};

use libfuzzer_sys::fuzz_target;
use rtp::packet::Header;
use srtp::{Context, MAX_OVERHEAD, Suite};

const SUITES: [Suite; 4] = [
    Suite::AesCm128HmacSha1_80,
    Suite::AesCm128HmacSha1_32,
    Suite::AeadAes128Gcm,
    Suite::AeadAes256Gcm,
];

fn context(suite: Suite, input: &[u8]) -> Context {
    let word = |at: usize| {
        let mut hasher = DefaultHasher::new();
        (at, input).hash(&mut hasher);
        hasher.finish().to_be_bytes()
    };
    let mut key = [word(0), word(1), word(2), word(3), word(4), word(5)].concat();
    key.truncate(suite.key_len() + suite.salt_len());
    Context::new(suite, &key).expect("a key of the right length")
}

/// A protected packet with 40 bytes of speech.
fn genuine(suite: Suite, input: &[u8]) -> Vec<u8> {
    let header =
        Header { marker: false, payload_type: 0, sequence: 9, timestamp: 160, ssrc: 0x0102_0304 };
    let mut buffer = header.to_bytes().to_vec();
    buffer.extend([0x55; 40]);
    let len = buffer.len();
    buffer.resize(len + MAX_OVERHEAD, 0);
    let len = context(suite, input).protect_rtp(&mut buffer, len).expect("there is room");
    buffer.truncate(len);
    buffer
}

fuzz_target!(|bytes: &[u8]| {
    let Some((first, rest)) = bytes.split_first() else { return };
    let suite = SUITES[usize::from(*first) % SUITES.len()];
    let mut receiver = context(suite, bytes);
    assert!(receiver.unprotect_rtp(&mut rest.to_vec()).is_err());
    assert!(receiver.unprotect_rtcp(&mut rest.to_vec()).is_err());

    let original = genuine(suite, bytes);
    let mut changed = original.clone();
    for pair in rest.chunks_exact(2).take(8) {
        let at = usize::from(pair[0]) % changed.len();
        changed[at] ^= pair[1];
    }
    let same = changed == original;
    assert_eq!(receiver.unprotect_rtp(&mut changed).is_ok(), same);
    assert_eq!(
        receiver.unprotect_rtp(&mut original.clone()).is_ok(),
        !same,
        "a replay, or it hurt"
    );
});
