//! What the app takes from a peer's SDP and hands to the engine as it stands: fingerprints, key parameters, suites,
//! ICE names, addresses, payload types.
#![no_main]

use engine::api::LegFields;
use engine::dtls::read_fingerprint;
use libfuzzer_sys::fuzz_target;

const SUITES: [&str; 4] =
    ["AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32", "AEAD_AES_128_GCM", "AEAD_AES_256_GCM"];

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Some(fingerprint) = read_fingerprint(text) {
        let hex: Vec<String> = fingerprint.iter().map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(read_fingerprint(&format!("sha-256 {}", hex.join(":"))), Some(fingerprint));
    }
    let _ = srtp::Suite::from_name(text);
    for suite in SUITES.iter().filter_map(|name| srtp::Suite::from_name(name)) {
        if srtp::Context::from_base64(suite, text).is_ok() {
            assert!(text.len() >= (suite.key_len() + suite.salt_len()) * 4 / 3);
        }
    }
    let Ok(fields) = serde_json::from_str::<LegFields>(text) else { return };
    assert!(fields.codecs.iter().flatten().all(|codec| codec.pt < 128));
    assert!(fields.dtmf_pt.flatten().is_none_or(|pt| pt < 128));
    if let Some(sdes) = &fields.srtp
        && let Some(suite) = srtp::Suite::from_name(&sdes.suite)
    {
        let _ = srtp::Context::from_base64(suite, &sdes.local);
        let _ = srtp::Context::from_base64(suite, &sdes.remote);
    }
    if let Some(fingerprint) = fields.remote.flatten().and_then(|remote| remote.fingerprint) {
        let _ = read_fingerprint(&fingerprint);
    }
});
