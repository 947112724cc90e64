use super::*;

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        text.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| (pair[0] << 4) | pair[1]).collect()
}

const SUITES: [Suite; 4] = [
    Suite::AesCm128HmacSha1_80,
    Suite::AesCm128HmacSha1_32,
    Suite::AeadAes128Gcm,
    Suite::AeadAes256Gcm,
];

fn pair(suite: Suite) -> (Context, Context) {
    let key: Vec<u8> = (0..suite.key_len() + suite.salt_len()).map(|n| n as u8).collect();
    (Context::new(suite, &key).unwrap(), Context::new(suite, &key).unwrap())
}

fn rtp_packet(sequence: u16) -> Vec<u8> {
    let header = rtp::packet::Header {
        marker: false,
        payload_type: 0,
        sequence,
        timestamp: 1,
        ssrc: 0xcafe_babe,
    };
    let mut bytes = header.to_bytes().to_vec();
    bytes.extend_from_slice(&[0xab; 160]);
    bytes
}

fn protect(context: &mut Context, packet: &[u8]) -> Vec<u8> {
    let mut buffer = packet.to_vec();
    buffer.resize(packet.len() + MAX_OVERHEAD, 0);
    let len = context.protect_rtp(&mut buffer, packet.len()).unwrap();
    buffer.truncate(len);
    buffer
}

fn unprotect(context: &mut Context, packet: &[u8]) -> Result<Vec<u8>, Refused> {
    let mut buffer = packet.to_vec();
    let len = context.unprotect_rtp(&mut buffer)?;
    buffer.truncate(len);
    Ok(buffer)
}

#[test]
fn keys_are_derived_as_in_rfc_3711_b_3() {
    let master = hex("E1F97A0D3E018BE0D64FA32C06DE4139");
    let salt = hex("0EC675AD498AFEEBB6960B3AABE6");
    let (mut key, mut auth, mut session_salt) = ([0; 16], [0; 94], [0; 14]);
    derive::derive(&master, &salt, 0, &mut key);
    derive::derive(&master, &salt, 1, &mut auth);
    derive::derive(&master, &salt, 2, &mut session_salt);
    assert_eq!(key[..], hex("C61E7A93744F39EE10734AFE3FF7A087"));
    assert_eq!(session_salt[..], hex("30CBBC08863D8C85D49DB34A9AE1"));
    let expected = hex("CEBE321F6FF7716B6FD4AB49AF256A15 6D38BAA48F0A0ACF3C34E2359E6CDBCE
         E049646C43D9327AD175578EF7227098 6371C10C9A369AC2F94A8C5FBCDDDC25
         6D6E919A48B610EF17C2041E47403576 6B68642C59BBFC2F34DB60DBDFB2");
    assert_eq!(auth[..], expected);
}

/// RFC 7714 section 16 gives session keys, not master keys; they are put in by hand.
fn gcm_with_session_key(suite: Suite, key: &str) -> cipher::Keys {
    use aes::cipher::KeyInit;
    let salt = hex("517569642070726f2071756f").try_into().unwrap();
    let key = hex(key);
    match suite {
        Suite::AeadAes256Gcm => cipher::Keys::Gcm256 {
            cipher: Box::new(aes_gcm::Aes256Gcm::new_from_slice(&key).unwrap()),
            salt,
        },
        _ => cipher::Keys::Gcm128 {
            cipher: Box::new(aes_gcm::Aes128Gcm::new_from_slice(&key).unwrap()),
            salt,
        },
    }
}

const GALLIA: &str =
    "47616c6c696120657374206f6d6e69732064697669736120696e20706172746573207472657 3";

#[test]
fn aead_aes_128_gcm_packet_of_rfc_7714_16_1_1() {
    let keys = gcm_with_session_key(Suite::AeadAes128Gcm, "000102030405060708090a0b0c0d0e0f");
    let mut packet = hex("8040f17b8041f8d35501a0b2");
    packet.extend(hex(GALLIA));
    let len = packet.len();
    packet.resize(len + 16, 0);
    keys.seal_rtp(&mut packet, 12, len, 0x5501_a0b2, 0xf17b, 16);
    let expected = hex("8040f17b8041f8d35501a0b2 f24de3a3fb34de6cacba861c9d7e4bca
         be633bd50d294e6f42a5f47a51c7d19b 36de3adf8833899d7f27beb16a9152cf
         765ee4390cce");
    assert_eq!(packet, expected);
    keys.open_rtp(&mut packet, 12, len, 0x5501_a0b2, 0xf17b).unwrap();
    assert_eq!(packet[12..len], hex(GALLIA));
}

#[test]
fn aead_aes_256_gcm_packet_of_rfc_7714_16_2_1() {
    let key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    let keys = gcm_with_session_key(Suite::AeadAes256Gcm, key);
    let mut packet = hex("8040f17b8041f8d35501a0b2");
    packet.extend(hex(GALLIA));
    let len = packet.len();
    packet.resize(len + 16, 0);
    keys.seal_rtp(&mut packet, 12, len, 0x5501_a0b2, 0xf17b, 16);
    let expected = hex("8040f17b8041f8d35501a0b2 32b1de78a822fe12ef9f78fa332e33aa
         b180123 89a58e2f3b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb
         7878d7a76c13");
    assert_eq!(packet, expected);
}

#[test]
fn what_was_protected_is_read_by_every_suite() {
    for suite in SUITES {
        let (mut sender, mut receiver) = pair(suite);
        for sequence in [65_533u16, 65_534, 65_535, 0, 1, 2] {
            let packet = rtp_packet(sequence);
            let sent = protect(&mut sender, &packet);
            assert_eq!(sent.len(), packet.len() + suite.rtp_tag_len());
            assert_ne!(sent[12..172], packet[12..]);
            assert_eq!(unprotect(&mut receiver, &sent).unwrap(), packet, "{suite:?} {sequence}");
            assert_eq!(unprotect(&mut receiver, &sent), Err(Refused::Replayed));
        }
    }
}

#[test]
fn a_changed_bit_anywhere_is_refused_and_leaves_the_stream_alone() {
    for suite in SUITES {
        let (mut sender, mut receiver) = pair(suite);
        let sent = protect(&mut sender, &rtp_packet(5));
        for at in 0..sent.len() {
            let mut changed = sent.clone();
            changed[at] ^= 1;
            assert!(unprotect(&mut receiver, &changed).is_err(), "{suite:?} byte {at}");
        }
        assert!(receiver.streams.is_empty());
        assert!(unprotect(&mut receiver, &sent).is_ok());
        for end in 0..sent.len() {
            assert!(unprotect(&mut receiver, &sent[..end]).is_err());
        }
    }
}

#[test]
fn rtcp_is_protected_numbered_and_not_replayed() {
    let mut report = Vec::new();
    rtp::rtcp::write_report(&mut report, 0xcafe_babe, None, None, "someone");
    for suite in SUITES {
        let (mut sender, mut receiver) = pair(suite);
        for _ in 0..3 {
            let mut buffer = report.clone();
            buffer.resize(report.len() + MAX_OVERHEAD, 0);
            let len = sender.protect_rtcp(&mut buffer, report.len()).unwrap();
            buffer.truncate(len);
            let mut changed = buffer.clone();
            changed[9] ^= 1;
            assert_eq!(receiver.unprotect_rtcp(&mut changed), Err(Refused::Authentication));
            let mut copy = buffer.clone();
            let len = receiver.unprotect_rtcp(&mut copy).unwrap();
            assert_eq!(copy[..len], report[..]);
            assert_eq!(receiver.unprotect_rtcp(&mut buffer), Err(Refused::Replayed));
        }
    }
}

#[test]
fn keys_come_as_base64_with_or_without_padding() {
    let text = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"; // RFC 4568 6.1
    assert!(Context::from_base64(Suite::AesCm128HmacSha1_80, text).is_ok());
    assert!(Context::from_base64(Suite::AeadAes128Gcm, text).is_err());
    assert!(Context::from_base64(Suite::AesCm128HmacSha1_80, "???").is_err());
    let gcm = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw"; // 28 bytes
    assert!(Context::from_base64(Suite::AeadAes128Gcm, gcm).is_ok());
    assert!(Context::from_base64(Suite::AeadAes128Gcm, &format!("{gcm}==")).is_ok());
}

#[test]
fn a_flood_of_ssrcs_is_capped() {
    let (mut sender, _) = pair(Suite::AesCm128HmacSha1_80);
    let mut buffer = rtp_packet(1);
    buffer.resize(200, 0);
    for ssrc in 0..MAX_STREAMS as u32 {
        buffer[8..12].copy_from_slice(&ssrc.to_be_bytes());
        assert!(sender.protect_rtp(&mut buffer, 172).is_ok());
    }
    buffer[8..12].copy_from_slice(&999u32.to_be_bytes());
    assert_eq!(sender.protect_rtp(&mut buffer, 172), Err(Refused::TooManyStreams));
}

#[test]
fn packets_over_the_cap_are_refused() {
    for suite in SUITES {
        let (mut sender, mut receiver) = pair(suite);
        let mut long = vec![0x80; 4000];
        assert_eq!(receiver.unprotect_rtcp(&mut long), Err(Refused::Malformed));
        assert_eq!(receiver.unprotect_rtp(&mut long), Err(Refused::Malformed));
        assert_eq!(sender.protect_rtcp(&mut long, 3000), Err(Refused::Malformed));
        assert_eq!(sender.protect_rtp(&mut long, 3000), Err(Refused::Malformed));
    }
}
