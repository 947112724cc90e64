//! STUN checks. A check sum guards the parser's depths, so each input is also tried with its magic, length and
//! fingerprint set right; and none of them may pass for a request of somebody who knows the password.
#![no_main]

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use ice::lite::{Checked, Credentials, Lite, addressee};
use ice::stun::Request;
use libfuzzer_sys::fuzz_target;

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

/// The same message with what RFC 8489 sections 5 and 14.7 ask of every check.
fn repaired(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() < 20 || bytes.len() > 1200 {
        return None;
    }
    let mut message = bytes.to_vec();
    message.truncate(20 + (bytes.len() - 20) / 4 * 4);
    let length = (message.len() - 20 + 8) as u16;
    message[..2].copy_from_slice(&[0, 1]);
    message[2..4].copy_from_slice(&length.to_be_bytes());
    message[4..8].copy_from_slice(&0x2112_a442u32.to_be_bytes());
    let crc = crc32(&message) ^ 0x5354_554e;
    message.extend([0x80, 0x28, 0, 4]);
    message.extend(crc.to_be_bytes());
    Some(message)
}

/// Follows from the whole input, so that it cannot be learnt from one try to the next.
fn password(bytes: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    format!("{:032x}", hasher.finish())
}

fn look(bytes: &[u8]) {
    let _ = addressee(bytes);
    if let Some(request) = Request::parse(bytes) {
        assert!(!request.username.is_empty());
        let _ = request.is_genuine("wrong");
    }
    let local = Credentials { ufrag: "ours".into(), password: password(bytes) };
    let mut lite = Lite::new(local);
    lite.set_remote("them");
    let mut out = Vec::new();
    let from = "192.0.2.7:5000".parse().expect("an address");
    let checked = lite.check(bytes, from, Duration::from_secs(1), &mut out);
    assert_eq!(checked, Checked::Refused, "a check without the password was taken");
    assert!(out.is_empty());
}

fuzz_target!(|bytes: &[u8]| {
    look(bytes);
    if let Some(message) = repaired(bytes) {
        look(&message);
    }
});
