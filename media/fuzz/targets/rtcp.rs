//! RTCP compound packets: no more parts than fit, and figures from any of them can be used.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rtp::rtcp::{Part, ntp_middle, parse, round_trip};

fuzz_target!(|bytes: &[u8]| {
    let mut parts = 0;
    let _ = parse(bytes, |part| {
        parts += 1;
        match part {
            Part::Report { block, .. } => drop(round_trip(0x1234_5678, &block)),
            Part::Sender(info) => drop(ntp_middle(info.ntp)),
            _ => {}
        }
    });
    assert!(parts <= bytes.len() / 4 + 1);
});
