//! STUN binding requests and responses with short-term credentials (RFC 8489, RFC 8445 section 16).

use std::net::{IpAddr, SocketAddr};

use hmac::{Hmac, Mac};
use sha1::Sha1;

const MAGIC: u32 = 0x2112_a442;
const HEADER: usize = 20;
const BINDING_REQUEST: u16 = 0x0001;
const BINDING_SUCCESS: u16 = 0x0101;
const BINDING_ERROR: u16 = 0x0111;
const USERNAME: u16 = 0x0006;
const MESSAGE_INTEGRITY: u16 = 0x0008;
const ERROR_CODE: u16 = 0x0009;
const XOR_MAPPED_ADDRESS: u16 = 0x0020;
const USE_CANDIDATE: u16 = 0x0025;
const FINGERPRINT: u16 = 0x8028;
const ICE_CONTROLLED: u16 = 0x8029;
const FINGERPRINT_XOR: u32 = 0x5354_554e;
/// Longest message looked at, in bytes; a check has about 100.
const MAX_MESSAGE: usize = 1280;

/// RFC 7983: the first byte tells STUN from DTLS (20 to 63) and RTP (128 to 191).
pub fn looks_like_stun(datagram: &[u8]) -> bool {
    datagram.len() >= HEADER && datagram[0] < 4 && word(datagram, 4) == Some(MAGIC)
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

/// A binding request whose structure is sound; its integrity is still to be checked.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    message: &'a [u8],
    pub transaction: [u8; 12],
    pub username: &'a str,
    pub use_candidate: bool,
    /// The peer takes itself for the controlled side.
    pub controlled: bool,
    /// Where MESSAGE-INTEGRITY begins.
    integrity_at: usize,
}

impl<'a> Request<'a> {
    /// `None` for anything but a binding request with USERNAME, MESSAGE-INTEGRITY and a right FINGERPRINT.
    pub fn parse(message: &'a [u8]) -> Option<Self> {
        if message.len() > MAX_MESSAGE || !looks_like_stun(message) {
            return None;
        }
        let length = usize::from(half(message, 2)?);
        if half(message, 0)? != BINDING_REQUEST || HEADER + length != message.len() {
            return None;
        }
        let mut request = Request {
            message,
            transaction: message[8..20].try_into().ok()?,
            username: "",
            use_candidate: false,
            controlled: false,
            integrity_at: 0,
        };
        let mut at = HEADER;
        let mut checked = false;
        while at < message.len() {
            let (kind, size) = (half(message, at)?, usize::from(half(message, at + 2)?));
            let value = message.get(at + 4..at + 4 + size)?;
            if kind == FINGERPRINT {
                checked = at + 8 == message.len() && word(value, 0)? == fingerprint(&message[..at]);
            } else if request.integrity_at == 0 {
                // What follows MESSAGE-INTEGRITY is not protected by it (RFC 8489 14.5).
                request.attribute(kind, value, at)?;
            }
            at += 4 + size.next_multiple_of(4);
        }
        (checked && request.integrity_at > 0 && !request.username.is_empty()).then_some(request)
    }

    fn attribute(&mut self, kind: u16, value: &'a [u8], at: usize) -> Option<()> {
        match kind {
            USERNAME => self.username = std::str::from_utf8(value).ok()?,
            USE_CANDIDATE => self.use_candidate = true,
            ICE_CONTROLLED => self.controlled = true,
            MESSAGE_INTEGRITY if value.len() == 20 => self.integrity_at = at,
            MESSAGE_INTEGRITY => return None,
            _ => {}
        }
        Some(())
    }

    /// True when the sender knows `password`.
    pub fn is_genuine(&self, password: &str) -> bool {
        let expected = integrity(&self.message[..self.integrity_at], password);
        let given = &self.message[self.integrity_at + 4..self.integrity_at + 24];
        expected.iter().zip(given).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
    }
}

/// HMAC over the message, its length field counting up to the end of MESSAGE-INTEGRITY.
fn integrity(message: &[u8], password: &str) -> [u8; 20] {
    let mut mac = <Hmac<Sha1> as Mac>::new_from_slice(password.as_bytes())
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of every length"));
    let length = (message.len() - HEADER + 24) as u16;
    mac.update(&message[..2]);
    mac.update(&length.to_be_bytes());
    mac.update(&message[4..]);
    mac.finalize().into_bytes().into()
}

fn fingerprint(message: &[u8]) -> u32 {
    crc32(message) ^ FINGERPRINT_XOR
}

/// CRC-32 of ITU-T V.42, reflected polynomial.
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

fn begin(kind: u16, transaction: &[u8; 12], out: &mut Vec<u8>) {
    out.clear();
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(&MAGIC.to_be_bytes());
    out.extend_from_slice(transaction);
}

fn push(out: &mut Vec<u8>, kind: u16, value: &[u8]) {
    out.extend_from_slice(&kind.to_be_bytes());
    out.extend_from_slice(&(value.len() as u16).to_be_bytes());
    out.extend_from_slice(value);
    out.resize(out.len().next_multiple_of(4), 0);
}

/// Appends MESSAGE-INTEGRITY and FINGERPRINT and sets the length.
fn finish(out: &mut Vec<u8>, password: &str) {
    let tag = integrity(out, password);
    push(out, MESSAGE_INTEGRITY, &tag);
    let length = (out.len() - HEADER + 8) as u16;
    out[2..4].copy_from_slice(&length.to_be_bytes());
    let crc = fingerprint(out);
    push(out, FINGERPRINT, &crc.to_be_bytes());
}

/// The answer to a check that came from `source`.
pub fn write_success(
    transaction: &[u8; 12],
    source: SocketAddr,
    password: &str,
    out: &mut Vec<u8>,
) {
    begin(BINDING_SUCCESS, transaction, out);
    let port = source.port() ^ (MAGIC >> 16) as u16;
    let mut key = [0u8; 16];
    key[..4].copy_from_slice(&MAGIC.to_be_bytes());
    key[4..].copy_from_slice(transaction);
    let mut value = Vec::with_capacity(20);
    value.push(0);
    let address: Vec<u8> = match source.ip() {
        IpAddr::V4(ip) => {
            value.push(1);
            ip.octets().into()
        }
        IpAddr::V6(ip) => {
            value.push(2);
            ip.octets().into()
        }
    };
    value.extend_from_slice(&port.to_be_bytes());
    value.extend(address.iter().zip(key).map(|(byte, key)| byte ^ key));
    push(out, XOR_MAPPED_ADDRESS, &value);
    finish(out, password);
}

/// An error answer: 487 tells the peer to change its role (RFC 8445 7.3.1.1).
pub fn write_error(transaction: &[u8; 12], code: u16, password: &str, out: &mut Vec<u8>) {
    begin(BINDING_ERROR, transaction, out);
    push(out, ERROR_CODE, &[0, 0, (code / 100) as u8, (code % 100) as u8]);
    finish(out, password);
}

/// A check as a controlling peer sends it; for tests and load.
pub fn write_request(
    transaction: &[u8; 12],
    username: &str,
    password: &str,
    use_candidate: bool,
    out: &mut Vec<u8>,
) {
    begin(BINDING_REQUEST, transaction, out);
    push(out, USERNAME, username.as_bytes());
    if use_candidate {
        push(out, USE_CANDIDATE, &[]);
    }
    finish(out, password);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> =
            text.chars().filter_map(|c| c.to_digit(16)).map(|digit| digit as u8).collect();
        digits.chunks(2).map(|pair| (pair[0] << 4) | pair[1]).collect()
    }

    const PASSWORD: &str = "VOkJxbRl1RmTxUk/WvJxBt";

    /// RFC 5769 section 2.1.
    fn sample_request() -> Vec<u8> {
        hex("00010058 2112a442 b7e7a701bc34d686fa87dfae
             80220010 5354554e207465737420636c69656e74
             00240004 6e0001ff
             80290008 932ff9b151263b36
             00060009 6576746a3a68367659202020
             00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2
             80280004 e57a3bcf")
    }

    #[test]
    fn the_sample_request_of_rfc_5769_is_read_and_genuine() {
        let message = sample_request();
        let request = Request::parse(&message).unwrap();
        assert_eq!((request.username, request.use_candidate), ("evtj:h6vY", false));
        assert!(request.controlled);
        assert!(request.is_genuine(PASSWORD));
        assert!(!request.is_genuine("wrong"));
    }

    #[test]
    fn the_address_of_the_sample_response_of_rfc_5769_is_written() {
        let transaction = hex("b7e7a701bc34d686fa87dfae").try_into().unwrap();
        let mut out = Vec::new();
        write_success(&transaction, "192.0.2.1:32853".parse().unwrap(), PASSWORD, &mut out);
        assert_eq!(out[20..32], hex("00200008 0001a147 e112a643"));
        let source = "[2001:db8:1234:5678:11:2233:4455:6677]:32853".parse().unwrap();
        write_success(&transaction, source, PASSWORD, &mut out);
        let expected = hex("00200014 0002a147 0113a9faa5d3f179bc25f4b5bed2b9d9");
        assert_eq!(out[20..44], expected);
    }

    #[test]
    fn what_is_written_is_read() {
        let mut out = Vec::new();
        write_request(&[7; 12], "us:them", "secret", true, &mut out);
        let request = Request::parse(&out).unwrap();
        assert_eq!((request.username, request.transaction), ("us:them", [7; 12]));
        assert!(request.use_candidate && request.is_genuine("secret"));
    }

    #[test]
    fn every_truncation_and_changed_byte_is_refused() {
        let message = sample_request();
        for end in 0..message.len() {
            assert!(Request::parse(&message[..end]).is_none(), "{end}");
        }
        for at in 0..message.len() {
            for bit in 0..8 {
                let mut changed = message.clone();
                changed[at] ^= 1 << bit;
                let genuine = Request::parse(&changed).is_some_and(|r| r.is_genuine(PASSWORD));
                assert!(!genuine, "byte {at}");
            }
        }
    }

    #[test]
    fn lying_lengths_are_survived() {
        for first in 0..=255u8 {
            for second in [0, 1, 3, 4, 0x7f, 0xff] {
                let mut message = sample_request();
                message[20 + 2] = first;
                message[20 + 3] = second;
                let crc_at = message.len() - 8;
                let crc = fingerprint(&message[..crc_at]).to_be_bytes();
                message[crc_at + 4..].copy_from_slice(&crc);
                let _ = Request::parse(&message);
            }
        }
    }
}
