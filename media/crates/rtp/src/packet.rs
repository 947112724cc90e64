//! The RTP packet of RFC 3550 section 5.1.

use crate::{MAX_PACKET, Malformed};

/// Bytes of a header without CSRC list and extension.
pub const HEADER_LEN: usize = 12;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    pub marker: bool,
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
}

impl Header {
    /// The twelve bytes of a header without CSRC list, extension or padding.
    pub fn to_bytes(&self) -> [u8; HEADER_LEN] {
        let mut bytes = [0; HEADER_LEN];
        bytes[0] = 0x80;
        bytes[1] = (u8::from(self.marker) << 7) | (self.payload_type & 0x7f);
        bytes[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        bytes[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
        bytes
    }
}

/// A received packet; CSRC list, extension and padding are checked and left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    pub header: Header,
    pub payload: &'a [u8],
    /// Bytes before the payload: what SRTP leaves unencrypted.
    pub header_len: usize,
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// Length of the header with CSRC list and extension (RFC 3550 5.1 and 5.3.1).
pub fn header_len(datagram: &[u8]) -> Result<usize, Malformed> {
    if datagram.len() > MAX_PACKET {
        return Err(Malformed::TooLong);
    }
    if datagram.len() < HEADER_LEN {
        return Err(Malformed::TooShort);
    }
    if datagram[0] >> 6 != 2 {
        return Err(Malformed::Version);
    }
    let mut length = HEADER_LEN + 4 * usize::from(datagram[0] & 0x0f);
    if datagram[0] & 0x10 != 0 {
        let words = datagram.get(length + 2..length + 4).ok_or(Malformed::Extension)?;
        length += 4 + 4 * usize::from(u16::from_be_bytes([words[0], words[1]]));
    }
    if length > datagram.len() { Err(Malformed::Extension) } else { Ok(length) }
}

impl<'a> Packet<'a> {
    pub fn parse(datagram: &'a [u8]) -> Result<Self, Malformed> {
        let header_len = header_len(datagram)?;
        let mut end = datagram.len();
        if datagram[0] & 0x20 != 0 {
            // The last byte counts the padding, itself included.
            let padding = usize::from(datagram[end - 1]);
            if padding == 0 || padding > end - header_len {
                return Err(Malformed::Padding);
            }
            end -= padding;
        }
        let header = Header {
            marker: datagram[1] & 0x80 != 0,
            payload_type: datagram[1] & 0x7f,
            sequence: u16::from_be_bytes([datagram[2], datagram[3]]),
            timestamp: word(datagram, 4),
            ssrc: word(datagram, 8),
        };
        Ok(Packet { header, payload: &datagram[header_len..end], header_len })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: Header = Header {
        marker: true,
        payload_type: 101,
        sequence: 0xfffe,
        timestamp: 0xdead_beef,
        ssrc: 0x0102_0304,
    };

    fn packet(first: u8, rest: &[u8]) -> Vec<u8> {
        let mut bytes = HEADER.to_bytes().to_vec();
        bytes[0] = first;
        bytes.extend_from_slice(rest);
        bytes
    }

    #[test]
    fn what_was_written_is_read() {
        let bytes = packet(0x80, b"audio");
        let read = Packet::parse(&bytes).unwrap();
        assert_eq!((read.header, read.payload, read.header_len), (HEADER, &b"audio"[..], 12));
    }

    #[test]
    fn csrc_list_extension_and_padding_are_left_out() {
        let mut rest = vec![9; 8]; // two CSRCs
        rest.extend_from_slice(&[0xbe, 0xde, 0, 1, 1, 2, 3, 4]); // RFC 8285 one-byte form
        rest.extend_from_slice(b"xy\0\0\x03");
        let bytes = packet(0xb2, &rest);
        let read = Packet::parse(&bytes).unwrap();
        assert_eq!((read.payload, read.header_len), (&b"xy"[..], 28));
    }

    #[test]
    fn lies_about_lengths_are_refused() {
        assert_eq!(Packet::parse(&[0x80; 11]), Err(Malformed::TooShort));
        assert_eq!(Packet::parse(&packet(0x40, b"")), Err(Malformed::Version));
        assert_eq!(Packet::parse(&packet(0x8f, b"1234")), Err(Malformed::Extension));
        assert_eq!(Packet::parse(&packet(0x90, b"12")), Err(Malformed::Extension));
        assert_eq!(Packet::parse(&packet(0x90, &[0, 0, 0xff, 0xff])), Err(Malformed::Extension));
        assert_eq!(Packet::parse(&packet(0xa0, &[0])), Err(Malformed::Padding));
        assert_eq!(Packet::parse(&packet(0xa0, &[1, 2, 4])), Err(Malformed::Padding));
        assert_eq!(Packet::parse(&packet(0x80, &[0; 1489])), Err(Malformed::TooLong));
    }

    #[test]
    fn every_truncation_and_single_byte_change_is_survived() {
        let bytes = packet(0xb2, &[7; 40]);
        for end in 0..bytes.len() {
            let _ = Packet::parse(&bytes[..end]);
        }
        for at in 0..bytes.len() {
            for value in 0..=255 {
                let mut changed = bytes.clone();
                changed[at] = value;
                let _ = Packet::parse(&changed);
            }
        }
    }
}
